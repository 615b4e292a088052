"""Counts of several areas side by side: 計, 男, 女 below 青葉町 and again below 緑町."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tdpf.controlplane.preparation.engine.normalising import ages
from tdpf.controlplane.preparation.engine.recipes.age_rows import EVERYWHERE, PLACE
from tdpf.controlplane.preparation.engine.types import ColumnFound


def across(
    columns: Sequence[ColumnFound], values: Mapping[str, dict[str, Any]], *, by_age: bool
) -> dict[str, dict[str, Any]]:
    """Return the columns of counts with the area that the header names above each, where the same count stands below several.

    Of columns that count the same and are of no areas the first is kept; the others are no counts of the table.
    """
    places = {column.name: _place(column) for column in columns if column.name in values}
    named = {
        name: place for name, place in places.items() if PLACE.fullmatch(place) and not EVERYWHERE.fullmatch(place)
    }
    told = {(place, *_meaning(values[name])) for name, place in named.items()}
    whole = {name for name, place in places.items() if name not in named and (not place or EVERYWHERE.fullmatch(place))}
    if by_age and len(set(named.values())) > 1 and len(told) == len(named) and len(named) + len(whole) == len(values):
        return {name: {**values[name], "area": place} for name, place in named.items()}
    kept: dict[str, dict[str, Any]] = {}
    for name, entry in values.items():
        if _meaning(entry) not in {_meaning(other) for other in kept.values()}:
            kept[name] = entry
    return kept


def _meaning(entry: Mapping[str, Any]) -> tuple[str, tuple[int | None, ...]]:
    return str(entry["sex"]), tuple(entry["ages"] or ())


def _place(column: ColumnFound) -> str:
    """Return what the header says above the label of the count; an empty text where it says nothing more."""
    *above, last = column.header or ("",)
    counted = ages.sex(last) or EVERYWHERE.fullmatch(last) or "人口" in last
    return above[0] if len(above) == 1 and counted else ""
