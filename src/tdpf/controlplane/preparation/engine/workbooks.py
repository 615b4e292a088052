"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) as grids, each value exactly as shown."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine

from tdpf.controlplane.preparation.engine.errors import Damaged, Encrypted, TooManyCells
from tdpf.controlplane.preparation.engine.far_cells import open_bytes
from tdpf.controlplane.preparation.engine.faults import met
from tdpf.controlplane.preparation.engine.grid import MemoryGrid, bounded_merges, column_letters
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.types import Limits, Note, Row
from tdpf.controlplane.preparation.engine.workbook_marks import Marks, read_marks


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a workbook that were read, and notes about those that were passed over."""

    grids: tuple[MemoryGrid, ...]
    notes: tuple[Note, ...]


def open_workbook(path: Path, kind: str, *, name: str, limits: Limits, hidden: bool = False) -> Workbook:
    """Read every visible sheet; hidden sheets are only noted, unless they are asked for, and charts are passed over."""
    try:
        # By content: the name's ending is the stranger's.
        opened = open_bytes(path, kind)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(opened.content))
    except calamine.PasswordError as fault:
        raise Encrypted(file=name) from fault
    except calamine.CalamineError as fault:
        raise _broken(fault, kind, name) from fault
    notes: list[Note] = []
    for part, places in opened.far.items():
        notes.append(note("far-cells", where=part, level="warning", count=len(places), places="、".join(places[:5])))
    visible: list[str] = []
    for sheet in book.sheets_metadata:
        if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        if hidden or sheet.visible is calamine.SheetVisibleEnum.Visible:
            visible.append(sheet.name)
        else:
            notes.append(note("hidden-sheet", where=sheet.name, sheet=sheet.name, level="warning"))
    marks = read_marks(path, visible, name=name, limit=limits.max_unzipped_bytes) if kind in ("xlsx", "xlsm") else {}
    grids = []
    cells = 0
    for title in visible:
        try:
            grid = _grid(book.get_sheet_by_name(title), title, marks.get(title))
        except calamine.CalamineError as fault:
            raise _broken(fault, kind, name) from fault
        cells += sum(map(len, grid.cells))
        if cells > limits.max_cells:
            raise TooManyCells(file=name, limit=limits.max_cells)
        if any(any(row) for row in grid.cells):
            grids.append(grid)
        else:
            notes.append(note("empty-sheet", where=title, sheet=title))
    return Workbook(tuple(grids), tuple(notes))


def shown(value: Any) -> str | None:
    """Return a cell's value as text: whole numbers without a fraction, dates and times in ISO 8601, empty as None."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    if isinstance(value, dt.timedelta):
        return _duration(value)
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return repr(value)


def _duration(value: dt.timedelta) -> str:
    total = round(value.total_seconds())
    sign = "-" if total < 0 else ""
    hours, rest = divmod(abs(total), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def _grid(sheet: calamine.CalamineSheet, title: str, marks: Marks | None) -> MemoryGrid:
    cells: list[Row] = [[shown(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    merges = bounded_merges(sheet.merged_cell_ranges or [], cells)
    notes: list[Note] = []
    if marks is not None:
        notes.extend(_apply(cells, marks, title))
    return MemoryGrid(title, cells, merges, tuple(notes))


def _apply(cells: list[Row], marks: Marks, title: str) -> list[Note]:
    notes = []
    for (row, column), shown_error in marks.errors.items():
        if row < len(cells) and column < len(cells[row]):
            cells[row][column] = shown_error
    if marks.errors:
        notes.append(note("error-cells", where=_first(title, marks.errors), level="warning", count=len(marks.errors)))
    if marks.formulas_without_value:
        places = dict.fromkeys(marks.formulas_without_value, "")
        notes.append(note("formula-without-value", where=_first(title, places), level="warning", count=len(places)))
    hidden = [row for row in marks.hidden_rows if row < len(cells) and any(cells[row])]
    if hidden:
        span = f"{hidden[0] + 1}" if len(hidden) == 1 else f"{hidden[0] + 1}…{hidden[-1] + 1}"
        notes.append(
            note("hidden-rows", where=f"{title}!{hidden[0] + 1}", level="warning", count=len(hidden), places=span)
        )
    padded = 0
    for (row, column), width in marks.padded.items():
        value = cells[row][column] if row < len(cells) and column < len(cells[row]) else None
        if value and value.isdigit() and len(value) < width:
            cells[row][column] = value.zfill(width)
            padded += 1
    if padded:
        places = dict.fromkeys(marks.padded, "")
        notes.append(note("zero-padded", where=_first(title, places), count=padded))
    return notes


def _first(title: str, places: dict[tuple[int, int], str]) -> str:
    row, column = min(places)
    return f"{title}!{column_letters(column)}{row + 1}"


def repeat_merged_text(grid: MemoryGrid, first_row: int, last_row: int) -> list[Note]:
    """Repeat merged words down the body rows they cover; numbers and sideways merges stay in their first cell."""
    cells = grid.cells
    repeated = kept = 0
    for merge in grid.merges:
        if merge.top < first_row or merge.top > last_row or merge.top >= len(cells):
            continue
        row = cells[merge.top]
        value = row[merge.left] if merge.left < len(row) else None
        if not value:
            continue
        if merge.right > merge.left or _is_plain_number(value):
            kept += 1
            continue
        for below in range(merge.top + 1, min(merge.bottom, last_row, len(cells) - 1) + 1):
            if merge.left < len(cells[below]) and not cells[below][merge.left]:
                cells[below][merge.left] = value
        repeated += 1
    notes = []
    if repeated:
        notes.append(note("merged-body", where=grid.name, count=repeated))
    if kept:
        notes.append(note("merged-kept", where=grid.name, count=kept))
    return notes


def _is_plain_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _broken(fault: Exception, kind: str, name: str) -> Damaged | Encrypted:
    words = str(fault)
    if "password" in words.lower() or "encrypt" in words.lower():
        return Encrypted(file=name)
    return met(name, kind.upper(), fault)
