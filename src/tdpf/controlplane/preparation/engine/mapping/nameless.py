"""What columns without any name may be: their values alone speak, so only what is beyond doubt and alone of its kind is taken."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from tdpf.controlplane.preparation.engine.mapping.samples import Sampled
from tdpf.controlplane.preparation.engine.mapping.types import Suggestion
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField
from tdpf.controlplane.preparation.engine.types import ColumnFound

TAKEN, OFFERED = 0.92, 0.85
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
    "phone": re.compile(r"[(]?0\d{1,4}[)-]?\s?\d{1,4}[)-]?\s?\d{3,4}(?:\s.*|[(].*)?"),
    "postal": re.compile(r"〒?\s?\d{3}-?\d{4}"),
    "publisher.code": re.compile(r"0?[1-9]\d{4,5}|\d\.\d+E\+?0?[45]", re.IGNORECASE),
}
"""How the values of a kind must look where no name says which of two it is, or that it is one at all."""
_LATER = 0.05
_NAMES = 0.7
_LONGEST_NAME = 40
_PLACES = re.compile(
    r"病院|医院|医療|クリニック|診療所|歯科|薬局|センター|会館|公園|学校|図書館|[学幼保]園|こども園|保育[園所]|施設|トイレ|便所|公民館|体育館"
    r"|ホール|庁舎|役所|役場|集会所|広場|神社|寺$|店|事業所|ホーム|支所|交番|消防|駅|館$|園$"
)
"""What names of places end in or hold, and those of persons do not."""


def is_nameless(column: ColumnFound) -> bool:
    """Say whether nothing in the file names a column: its name was made from its place."""
    return not any(part.strip() for part in column.header) and is_made_name(column.name)


def is_made_name(name: str) -> bool:
    """Say whether a column's name was made from its place: 列3."""
    return bool(_MADE.fullmatch(name))


def by_values(field: SchemaField, cells: Sampled) -> Suggestion:
    """Return how much values alone speak for a field."""
    found = cells.against(field)
    score = 0.0
    if cells.sample and not found.veto and _formed(field, cells):
        if (found.specific and found.share >= 0.9 and field.concept in _FIRST) or (
            field.listed and cells.are_listed(field.listed)
        ):
            score = TAKEN
        elif found.specific and found.share >= 0.9 and field.normaliser in ("phone", "date", "time", "url"):
            score = OFFERED - _LATER
        elif field.concept == "name" and are_names(cells):
            score = TAKEN if _are_places(cells) else _NAMES
    return Suggestion(field.name, score, 0.0, round(found.share, 4))


def _formed(field: SchemaField, cells: Sampled) -> bool:
    form = _FORMS.get(field.concept)
    return (
        form is None or sum(1 for value in cells.sample if form.fullmatch(plain(value))) * 10 >= len(cells.sample) * 9
    )


def are_names(cells: Sampled) -> bool:
    """Say whether values are short, nearly all different and of letters: what places and things are called by."""
    sample = cells.sample
    letters = sum(
        1 for value in sample if len(value) <= _LONGEST_NAME and not re.match(r"[\d\s.,:/~-]+$|https?:", value)
    )
    return letters * 10 >= len(sample) * 9 and cells.distinct_share >= 0.8


def _are_places(cells: Sampled) -> bool:
    """Say whether half of the names are those of places, as names of persons are not."""
    return sum(1 for value in cells.sample if _PLACES.search(value)) * 2 >= len(cells.sample)


def only_alone(table: Sequence[list[Suggestion]], places: Collection[int]) -> None:
    """Offer what several nameless columns may be as well, instead of taking one of them; of several fields a column takes the first."""
    for place in places:
        row = table[place]
        sure = [at for at, entry in enumerate(row) if entry.score >= TAKEN]
        for at in sure[1:]:
            row[at] = replace(row[at], score=OFFERED)
    width = len(table[0]) if table else 0
    for at in range(width):
        claims = [place for place in places if table[place][at].score >= TAKEN]
        for place in claims if len(claims) > 1 else ():
            table[place][at] = replace(table[place][at], score=OFFERED)
