"""From a refused service call back to the form: what was typed stays, the reason stands at its field."""

from __future__ import annotations

from collections.abc import Mapping

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
