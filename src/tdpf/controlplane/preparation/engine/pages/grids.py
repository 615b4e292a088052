"""Grids that came from pages, and the places on paper that their tables hand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from tdpf.controlplane.preparation.engine.grid import MemoryGrid
from tdpf.controlplane.preparation.engine.types import CellPlace, TableFound


@dataclass(frozen=True, slots=True)
class PageGrid(MemoryGrid):
    """A grid that came from pages; `places` says for each cell where on which page it stands."""

    places: Sequence[Sequence[CellPlace | None]] = ()


def with_places(table: TableFound, grid: PageGrid, spill: Path | None) -> TableFound:
    """Return the table with the places of its cells, kept in memory or written to the file `spill`."""
    columns = [_index_of(letters) for letters in table.column_places]
    rows = [
        tuple(grid.places[number - 1][column] if column < len(grid.places[number - 1]) else None for column in columns)
        for number in table.iter_places()
    ]
    if spill is None:
        return replace(table, cells=tuple(rows))
    with spill.open("wb") as file:
        for row in rows:
            plain = [
                None if place is None else [place.page, place.box, place.confidence, place.conflict] for place in row
            ]
            file.write(orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE))
    return replace(table, cells_path=spill)


def _index_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
