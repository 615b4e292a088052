"""What columns without any name may be: their values alone speak, so a person is offered fields and none is taken by itself."""

from __future__ import annotations

import re

from tdpf.controlplane.preparation.engine.mapping.samples import Sampled
from tdpf.controlplane.preparation.engine.mapping.types import Suggestion
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField
from tdpf.controlplane.preparation.engine.types import ColumnFound

OFFERED = 0.85
_MADE = re.compile(r"列\d+(?:_\d+)?")
_FIRST = (
    "latitude", "longitude", "coordinates", "publisher.code", "address", "postal", "phone", "email", "url", "name.kana",
    "corporate.number", "weekdays", "time.range", "publisher.prefecture", "publisher.city",
)  # fmt: skip
_FORMS = {
    "latitude": re.compile(r"[2-4]\d(?:\.\d+)?"),
    "longitude": re.compile(r"1[2-5]\d(?:\.\d+)?"),
    "name.kana": re.compile(r"[ぁ-んァ-ヶー・\s]+"),
    "url": re.compile(r"https?://\S+"),
}
"""How the values of a kind must look where no name says which of two it is, or that it is one at all."""
_LATER = 0.05
_NAMES = 0.7
_LONGEST_NAME = 40


def is_nameless(column: ColumnFound) -> bool:
    """Say whether nothing in the file names a column: its name was made from its place."""
    return not any(part.strip() for part in column.header) and is_made_name(column.name)


def is_made_name(name: str) -> bool:
    """Say whether a column's name was made from its place: 列3."""
    return bool(_MADE.fullmatch(name))


def by_values(field: SchemaField, cells: Sampled) -> Suggestion:
    """Return how much values alone speak for a field, never enough to take it without a person."""
    found = cells.against(field)
    score = 0.0
    if cells.sample and not found.veto and _formed(field, cells):
        if found.specific and found.share >= 0.9 and field.concept in _FIRST:
            score = OFFERED
        elif found.specific and found.share >= 0.9 and field.normaliser in ("phone", "date", "time", "url"):
            score = OFFERED - _LATER
        elif field.concept == "name" and _are_names(cells):
            score = _NAMES + (_LATER if field.required else 0.0)
    return Suggestion(field.name, score, 0.0, round(found.share, 4))


def _formed(field: SchemaField, cells: Sampled) -> bool:
    form = _FORMS.get(field.concept)
    return (
        form is None or sum(1 for value in cells.sample if form.fullmatch(plain(value))) * 10 >= len(cells.sample) * 9
    )


def _are_names(cells: Sampled) -> bool:
    """Say whether values are short, nearly all different and of letters: what places and things are called by."""
    sample = cells.sample
    letters = sum(
        1 for value in sample if len(value) <= _LONGEST_NAME and not re.match(r"[\d\s.,:/~-]+$|https?:", value)
    )
    return letters * 10 >= len(sample) * 9 and cells.distinct_share >= 0.8
