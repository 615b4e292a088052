"""Grids that came from pages, and the places on paper that their tables hand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from tdpf.controlplane.preparation.engine.cells import is_number_or_missing
from tdpf.controlplane.preparation.engine.grid import MemoryGrid
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.pages.checks import Places, mark_conflicts
from tdpf.controlplane.preparation.engine.types import CellPlace, Note, Row, TableFound

SURE = 0.9
"""Cells that were recognised with less confidence wait for a person's eye."""
_ODD = 0.5


@dataclass(frozen=True, slots=True)
class PageGrid(MemoryGrid):
    """A grid that came from pages; `places` says for each cell where on which page it stands."""

    places: Sequence[Sequence[CellPlace | None]] = ()


def with_places(table: TableFound, grid: PageGrid, spill: Path | None) -> TableFound:
    """Return the table with the places of its cells, kept in memory or written to the file `spill`."""
    columns = [_index_of(letters) for letters in table.column_places]
    rows: Places = [
        [grid.places[number - 1][column] if column < len(grid.places[number - 1]) else None for column in columns]
        for number in table.iter_places()
    ]
    table = replace(table, notes=(*table.notes, *_judged(table, rows)))
    if spill is None:
        return replace(table, cells=tuple(map(tuple, rows)))
    with spill.open("wb") as file:
        for row in rows:
            plain = [
                None if place is None else [place.page, place.box, place.confidence, place.conflict] for place in row
            ]
            file.write(orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE))
    return replace(table, cells_path=spill)


def _judged(table: TableFound, places: Places) -> list[Note]:
    """Mark what a person should look at: values that a picture gave with little confidence, and sums that do not fit."""
    rows = list(table.iter_rows())
    notes = []
    count, checks = mark_conflicts(table.column_names, rows, places)
    if count:
        shown = "、".join(checks[:4]) + ("…" if len(checks) > 4 else "")
        notes.append(note("sums-in-conflict", level="warning", count=count, checks=shown))
    if any(place is not None and place.confidence is not None for row in places for place in row):
        _doubt_words_among_numbers(rows, places)
        unsure = sum(
            1
            for row, line in zip(rows, places, strict=True)
            for cell, place in zip(row, line, strict=True)
            if cell and place is not None and place.confidence is not None and place.confidence < SURE
        )
        notes.append(note("recognised", level="warning" if unsure else "info", count=unsure, threshold=SURE))
    return notes


def _doubt_words_among_numbers(rows: Sequence[Row], places: Places) -> None:
    """Lower the confidence of what is no number in a recognised column of numbers."""
    for column in range(len(rows[0]) if rows else 0):
        cells = [(index, row[column]) for index, row in enumerate(rows) if row[column]]
        odd = [index for index, cell in cells if not is_number_or_missing(str(cell).replace(" ", ""))]
        if len(cells) < 5 or not odd or len(odd) * 5 > len(cells):
            continue
        for index in odd:
            place = places[index][column]
            if place is not None and place.confidence is not None:
                places[index][column] = replace(place, confidence=min(place.confidence, _ODD))


def _index_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
