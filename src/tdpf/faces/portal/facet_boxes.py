"""The boxes of a facet's values as markup: some four hundred stand on a page of results, so they are written directly."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from tdpf.controlplane.catalog.types import FacetValue


def boxes(letter: str, name: str, values: Iterable[FacetValue], *, language: str) -> SafeString:
    """Return a check box for each value, in their order; `letter` keeps the ids of two lists of one facet apart."""
    made = []
    for at, value in enumerate(values, 1):
        head, middle = _written(letter, name, value.code, value.label.in_(language), at)
        checked = " checked" if value.chosen else ""
        made.append(f'{head}{checked}{middle}<span class="soft">{value.count}</span></label></div>')
    return mark_safe("".join(made))  # noqa: S308 - every part is escaped below or a number


@lru_cache(maxsize=20_000)
def _written(letter: str, name: str, code: str, label: str, at: int) -> tuple[str, str]:
    box = f"{letter}-{name}-{at}"
    return (
        f'<div class="dads-check"><input type="checkbox" name="{name}" value="{escape(code)}" id="{box}"',
        f'><label for="{box}">{escape(label)} ',
    )
