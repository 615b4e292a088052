"""From a refused service call back to the form: what was typed stays, the reason stands at its field."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

from django import forms

from tdpf.faces.portal.context import page_language
from tdpf.kit.errors import Problem


def add_problem(form: forms.BaseForm, problem: Problem, names: Mapping[str, str] | None = None) -> None:
    """Show a Problem on a form; `names` maps the room's field names to the form's where they differ."""
    language = page_language()
    listed = problem.data.get("errors")
    shown = False
    for entry in listed if isinstance(listed, list | tuple) else ():
        name = str(entry.get("field", ""))
        name = (names or {}).get(name, name)
        message = str(entry.get("message_en" if language == "en" else "message_ja", "")) or problem.detail_in(language)
        form.add_error(name if name in form.fields else None, message)
        shown = True
    if not shown:
        cure = problem.cure.filled(problem.data).in_(language)
        form.add_error(None, f"{problem.detail_in(language)} {cure}")


class refusals_on:  # noqa: N801 - reads as the statement it is: with refusals_on(form)
    """Shows a Problem of the verb called inside on a form, and goes on behind it; see `add_problem` for `names`."""

    def __init__(self, form: forms.BaseForm, names: Mapping[str, str] | None = None) -> None:
        self._form = form
        self._names = names

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(fault, Problem):
            return False
        add_problem(self._form, fault, self._names)
        return True
