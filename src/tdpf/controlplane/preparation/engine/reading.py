"""Reads one file: what it is, which table is in it, and the rows of that table, with a note for everything done."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import ParseError  # what strangers' workbooks may hold; nothing is parsed here

from tdpf.controlplane.preparation.engine.blocks import Block, find_blocks
from tdpf.controlplane.preparation.engine.delimited import open_delimited
from tdpf.controlplane.preparation.engine.errors import (
    ChoiceUnknown,
    EmptyFile,
    NoTable,
    NotATable,
    NotReadable,
    SeveralTables,
)
from tdpf.controlplane.preparation.engine.extraction import column_names, extract
from tdpf.controlplane.preparation.engine.faults import met
from tdpf.controlplane.preparation.engine.grid import Grid, MemoryGrid
from tdpf.controlplane.preparation.engine.json_tables import open_json
from tdpf.controlplane.preparation.engine.kinds import Kind, find_kind, is_xml
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.pages.grids import PageGrid, with_places
from tdpf.controlplane.preparation.engine.samples import is_sample, is_supplement
from tdpf.controlplane.preparation.engine.types import Limits, Note, ReadResult, TableChoice
from tdpf.controlplane.preparation.engine.upright import UprightGrid, upright
from tdpf.controlplane.preparation.engine.workbooks import open_workbook, repeat_merged_text
from tdpf.controlplane.preparation.engine.xml_tables import open_xml

_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, UnicodeError, EOFError, NotImplementedError, ParseError)


@dataclass(frozen=True, slots=True)
class _Candidate:
    grid: Grid
    block: Block
    extra: tuple[Note, ...] = ()

    @property
    def range(self) -> str:
        return self.grid.range if isinstance(self.grid, UprightGrid) else self.block.range

    @property
    def id(self) -> str:
        return f"{self.grid.name}!{self.range}" if self.grid.name else self.range

    def choice(self) -> TableChoice:
        names, _ = column_names(self.block)
        return TableChoice(
            id=self.id,
            sheet=self.grid.name,
            range=self.range,
            title=" ".join(self.block.title_lines)[:200],
            rows=self.block.filled_rows,
            columns=tuple(names[:12]),
        )


@dataclass(frozen=True, slots=True)
class _Opened:
    format: str
    encoding: str
    delimiter: str
    candidates: list[_Candidate]
    notes: list[Note]
    aside: list[_Candidate] = field(default_factory=list)


def read_file(
    path: Path, name: str, *, limits: Limits | None = None, choice: str | None = None, spill: Path | None = None
) -> ReadResult:
    """Read the table of a file. Parsers run in this process: use `sandbox.read_in_sandbox` for what strangers hand in.

    `choice` is the id of one table of several, or the name of a sheet with one table. `spill` is a folder for the rows;
    without it they stay in memory. Raises a `NotReadable` (SeveralTables lists the choices in its data).
    """
    limits = limits or Limits()
    opened = _open(path, name, limits)
    if not opened.candidates:
        if any(found.code == "empty-sheet" for found in opened.notes):
            raise EmptyFile(file=name)
        raise NoTable(file=name, seen_ja="", seen_en="")
    taken = _choose(opened.candidates, choice, name)
    result = _read(opened, taken, name, limits, spill)
    others = [candidate.id for candidate in opened.candidates if candidate is not taken]
    if not others:
        return result
    shown = "、".join(others[:6]) + ("…" if len(others) > 6 else "")
    return replace(result, notes=(*result.notes, note("other-tables", count=len(others), ids=shown)))


def read_tables(
    path: Path, name: str, *, limits: Limits | None = None, spill: Path | None = None
) -> Iterator[ReadResult]:
    """Yield every table of a file as a result of its own, whatever is published with it: also hidden sheets, examples and supplements.

    Rows spilled to the folder `spill` are those of the latest result only. Raises a `NotReadable`.
    """
    limits = limits or Limits()
    opened = _open(path, name, limits, hidden=True)
    if not opened.candidates and not opened.aside:
        raise NoTable(file=name, seen_ja="", seen_en="")
    for candidate in (*opened.candidates, *opened.aside):
        yield _read(opened, candidate, name, limits, spill)


def _read(opened: _Opened, taken: _Candidate, name: str, limits: Limits, spill: Path | None) -> ReadResult:
    extra = list(taken.extra)
    if isinstance(taken.grid, MemoryGrid):
        extra.extend(repeat_merged_text(taken.grid, taken.block.first_row, taken.block.last_row))
    table = extract(
        taken.grid,
        taken.block,
        table_id=taken.id,
        file_name=name,
        limits=limits,
        spill=spill / "rows.ndjson" if spill else None,
    )
    table = replace(table, notes=(*table.notes, *extra))
    if isinstance(taken.grid, UprightGrid):
        runs = tuple((place, 1) for place in taken.grid.places)
        table = replace(
            table,
            range=taken.range,
            header_rows=(taken.grid.head,),
            row_runs=runs,
            column_places=taken.grid.letters,
        )
    if isinstance(taken.grid, PageGrid):
        table = with_places(table, taken.grid, spill / "cells.ndjson" if spill else None)
    return ReadResult(
        name=name,
        format=opened.format,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        tables=(table,),
        notes=tuple(opened.notes),
    )


def _open(path: Path, name: str, limits: Limits, *, hidden: bool = False) -> _Opened:
    """Open a file; what a library met in broken bytes is a Damaged, whatever it called it."""
    try:
        return _open_sound(path, name, limits, hidden=hidden)
    except NotReadable:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as fault:
        # A parser written in Rust panics with no Exception; a seek before the file's start is the archive's fault.
        own = type(fault).__name__ == "PanicException" or getattr(fault, "errno", 0) == errno.EINVAL
        if not (own or isinstance(fault, _BROKEN)):
            raise
        form = Path(name).suffix.removeprefix(".").upper() or "?"
        raise met(name, form, fault) from fault


def _open_sound(path: Path, name: str, limits: Limits, *, hidden: bool) -> _Opened:
    try:
        kind = find_kind(path, name=name, limits=limits)
    except NotATable:
        if not is_xml(path) or (opened := _open_xml(path, name)) is None:
            raise
        return opened
    if kind == "json":
        return _open_json(path, name)
    if kind == "text":
        grid = open_delimited(path, name=name, limits=limits)
        suffix = Path(name).suffix.lower().removeprefix(".")
        form = "tsv" if grid.dialect.delimiter == "\t" else suffix if suffix in ("csv", "txt") else "csv"
        candidates = [candidate for candidate in _tables(grid) if _says_something(candidate.block)]
        return _Opened(form, grid.encoding.label, grid.dialect.delimiter, candidates, [])
    if kind in ("pdf", "picture"):
        return _open_paper(path, kind, name, limits)
    book = open_workbook(path, kind, name=name, limits=limits, hidden=hidden)
    candidates, aside, notes = _data_sheets(book.grids)
    return _Opened(kind, "", "", candidates, [*book.notes, *notes], aside)


def _open_paper(path: Path, kind: Kind, name: str, limits: Limits) -> _Opened:
    """Open a PDF or picture; tables of fewer than two rows or columns stay words where there are real tables."""
    from tdpf.controlplane.preparation.engine.pages.opening import open_pages

    form, grids, notes = open_pages(path, kind, name=name, limits=limits)
    candidates, aside, more = _data_sheets(grids)
    return _Opened(form, "", "", candidates, [*notes, *more], aside)


def _open_json(path: Path, name: str) -> _Opened:
    encoding, tables = open_json(path, name=name)
    return _records("json", encoding, [(table.grid, table.remarks) for table in tables])


def _open_xml(path: Path, name: str) -> _Opened | None:
    """Open records written as XML; None for XML without records, and for a workbook of 2003, which is saved anew."""
    with path.open("rb") as file:
        if b"urn:schemas-microsoft-com:office:spreadsheet" in file.read(4096):
            return None
    try:
        encoding, tables = open_xml(path, name=name)
    except NoTable:
        return None
    return _records("xml", encoding, [(table.grid, ()) for table in tables])


def _records(form: str, encoding: str, tables: Sequence[tuple[MemoryGrid, tuple[Note, ...]]]) -> _Opened:
    candidates = []
    for grid, remarks in tables:
        width = len(grid.cells[0])
        names = [str(cell) for cell in grid.cells[0]]
        if not width:
            continue
        block = Block(
            header_rows=(0,),
            first_row=1,
            last_row=len(grid.cells) - 1,
            columns=tuple(range(width)),
            parts=tuple((column,) if column else () for column in names),
            units=("",) * width,
            filled_rows=len(grid.cells) - 1,
        )
        candidates.append(_Candidate(grid, block, remarks))
    return _Opened(form, encoding, "", candidates, [])


def _tables(grid: Grid) -> list[_Candidate]:
    """Return the tables of a grid; one that lies on its side or is made of cards is set upright."""
    blocks = find_blocks(grid)
    standing = None if isinstance(grid, PageGrid) else upright(grid, blocks)
    if standing is not None:
        return [_Candidate(standing.grid, standing.block, (standing.note,))]
    return [_Candidate(grid, block) for block in blocks]


def _data_sheets(grids: Sequence[MemoryGrid]) -> tuple[list[_Candidate], list[_Candidate], list[Note]]:
    """Return the tables of the data sheets, and those of examples and supplements, which are noted when a real table is there."""
    data: list[_Candidate] = []
    aside: list[tuple[list[_Candidate], Note]] = []
    notes: list[Note] = []
    for grid in grids:
        found = _tables(grid)
        if is_sample(grid.name, grid.cells[:60]):
            aside.append((found, note("sample-sheet", where=grid.name, sheet=grid.name)))
        elif is_supplement(grid.name) or not any(_tabular(candidate) for candidate in found):
            aside.append((found, note("other-sheet", where=grid.name, sheet=grid.name)))
        else:
            data.extend(candidate for candidate in found if _tabular(candidate))
    with_rows = [candidate for candidate in data if candidate.block.filled_rows]
    if with_rows:
        notes.extend(
            note("empty-sheet", where=candidate.grid.name, sheet=candidate.grid.name)
            for candidate in data
            if not candidate.block.filled_rows
        )
        data = with_rows
    others = [candidate for found, _ in aside for candidate in found]
    if data:
        return data, others, notes + [passed for _, passed in aside]
    return others, [], notes


def _tabular(candidate: _Candidate) -> bool:
    """Say whether a block looks like a table at all: named columns; a lone line of words is none."""
    return len(candidate.block.columns) >= 2 or candidate.block.filled_rows >= 2


def _says_something(block: Block) -> bool:
    """Say whether there is a row, or at least a name with a letter or digit in it."""
    return block.filled_rows > 0 or any(letter.isalnum() for parts in block.parts for part in parts for letter in part)


def _choose(candidates: list[_Candidate], choice: str | None, name: str) -> _Candidate:
    if choice is None:
        if len(candidates) == 1:
            return candidates[0]
        listed = [candidate.choice() for candidate in candidates]
        raise SeveralTables(
            file=name,
            count=len(listed),
            choices=[
                {
                    "id": entry.id,
                    "sheet": entry.sheet,
                    "range": entry.range,
                    "title": entry.title,
                    "rows": entry.rows,
                    "columns": list(entry.columns),
                }
                for entry in listed
            ],
        )
    matching = [candidate for candidate in candidates if choice in (candidate.id, candidate.range)]
    matching = matching or [candidate for candidate in candidates if candidate.grid.name == choice]
    if len(matching) != 1:
        raise ChoiceUnknown(file=name, choice=choice, choices=[candidate.id for candidate in candidates])
    return matching[0]
