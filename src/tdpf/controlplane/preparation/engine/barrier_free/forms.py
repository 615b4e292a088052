"""The flat form (one row a booth) and the nested form (facility → areas → booths) of the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.schemas.types import Schema

Flat = dict[str, str | None]
FORMAT = "tdpf/barrier_free_toilet@1.0"


def schema() -> Schema:
    """Return the standard table of the flat form."""
    return load_schema("barrier_free_toilet")


def _names(*levels: str) -> tuple[str, ...]:
    return tuple(field.name for field in schema().fields if field.level in levels)


def nest(rows: Iterable[Mapping[str, str | None]]) -> dict[str, Any]:
    """Return the nested form; rows that agree in every fact of a facility or an area are put together, in order.

    Empty facts are left out. The facts of a level carry the names of the flat form's columns.
    """
    facility_names, area_names, booth_names = _names("", "facility"), _names("area"), _names("booth")
    facilities: dict[tuple[str | None, ...], dict[tuple[str | None, ...], list[dict[str, str]]]] = {}
    for row in rows:
        facility = tuple(row.get(name) for name in facility_names)
        area = tuple(row.get(name) for name in area_names)
        booth = _stated(booth_names, tuple(row.get(name) for name in booth_names))
        facilities.setdefault(facility, {}).setdefault(area, []).append(booth)
    return {
        "format": FORMAT,
        "facilities": [
            {
                **_stated(facility_names, facility),
                "areas": [{**_stated(area_names, area), "booths": booths} for area, booths in areas.items()],
            }
            for facility, areas in facilities.items()
        ],
    }


def flatten(document: Mapping[str, Any]) -> list[Flat]:
    """Return one row for each booth, every column of the flat form in order; the reverse of `nest` but for the order of rows."""
    names = schema().names
    rows: list[Flat] = []
    for facility in document["facilities"]:
        for area in facility["areas"]:
            for booth in area["booths"]:
                facts = {**facility, **area, **booth}
                rows.append({name: facts.get(name) for name in names})
    return rows


def _stated(names: tuple[str, ...], values: tuple[str | None, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}
