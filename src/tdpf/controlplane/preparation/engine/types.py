"""What the engine hands back: tables found in a file, their columns, and a note for everything it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

Row = list[str | None]
ValueType = Literal["string", "integer", "number", "boolean", "date", "datetime", "time", "code"]
Level = Literal["info", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one reading may cost; counts are of characters, cells and bytes, times are seconds.

    A file or sheet larger than `held_bytes` or `held_cells` is rated from pieces on disk. With `cuts` a cell that is too
    long and a row that is too wide are cut and noted; without it they are refused, and the file with them.
    """

    max_bytes: int = 512 * 1024 * 1024
    max_unzipped_bytes: int = 1024 * 1024 * 1024
    max_columns: int = 16_384
    max_line_chars: int = 16_000_000
    max_cell_chars: int = 1_000_000
    max_cells: int = 200_000_000
    cuts: bool = False
    memory_bytes: int = 3 * 1024 * 1024 * 1024
    cpu_seconds: int = 240
    wall_seconds: int = 300
    max_output_bytes: int = 4 * 1024 * 1024 * 1024
    max_pages: int = 1_000
    max_picture_pages: int = 40
    max_pixels: int = 60_000_000
    held_bytes: int = 16 * 1024 * 1024
    held_cells: int = 1_000_000


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where on paper a cell stands: the page from 1, its box in points from the top left (left, top, right, bottom).

    `confidence` is how sure its least sure letter was recognised in a picture, from 0 to 1; None where nothing had to be
    recognised. `conflict` says which sum the value disagrees with.
    """

    page: int
    box: tuple[float, float, float, float]
    confidence: float | None = None
    conflict: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing the reader did or saw. `where` is a place in the file; `text` holds words taken out of the table."""

    code: str
    ja: str
    en: str
    where: str = ""
    text: str = ""
    level: Level = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFound:
    """One column: `header` are the cells its name was joined from, `type` is a proposal, values stay text. `title_en` is what the
    header says in English beside the Japanese.

    `distinct` counts different values; when `distinct_exact` is false there are at least that many.
    `values` are all values with their counts when there are few of them; `examples` the first different ones.
    """

    name: str
    header: tuple[str, ...]
    type: ValueType
    unit: str = ""
    nulls: int = 0
    distinct: int = 0
    distinct_exact: bool = True
    unique: bool = False
    examples: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    notes: tuple[Note, ...] = ()
    title_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoice:
    """One of several tables of a file, as offered for choosing; `id` is what the `choice` argument takes."""

    id: str
    sheet: str
    range: str
    title: str
    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFound:
    """One table: where it stood, its columns, its notes. Rows are in memory or spilled to `rows_path`.

    `range` is in A1 notation, `header_rows` count from 1. The spilled file has one JSON array of text or null a line.
    `row_runs` say where the rows stood: (first row of the sheet counted from 1, how many follow without a gap);
    `column_places` are the letters of the columns. A table from pages also has a `CellPlace` for each cell of each row, in
    memory or spilled to `cells_path`.
    """

    id: str
    sheet: str
    range: str
    header_rows: tuple[int, ...]
    title_lines: tuple[str, ...]
    columns: tuple[ColumnFound, ...]
    row_count: int
    rows: tuple[tuple[str | None, ...], ...] | None = None
    rows_path: Path | None = None
    notes: tuple[Note, ...] = ()
    row_runs: tuple[tuple[int, int], ...] = ()
    column_places: tuple[str, ...] = ()
    cells: tuple[tuple[CellPlace | None, ...], ...] | None = None
    cells_path: Path | None = None

    @property
    def is_from_pages(self) -> bool:
        """Whether its cells know their page and box."""
        return self.cells is not None or self.cells_path is not None

    def iter_cells(self) -> Iterator[list[CellPlace | None]]:
        """Yield for every row where on paper its cells stand; nothing for a table that is not from pages."""
        if self.cells is not None:
            for row in self.cells:
                yield list(row)
        elif self.cells_path is not None:
            with self.cells_path.open("rb") as spilled:
                for line in spilled:
                    yield [_cell_place(entry) for entry in orjson.loads(line)]

    def iter_places(self) -> Iterator[int]:
        """Yield for every row the number of the row of the sheet it stood in, counted from 1."""
        for first, count in self.row_runs:
            yield from range(first, first + count)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def iter_rows(self) -> Iterator[Row]:
        """Yield every row in order, as wide as there are columns."""
        if self.rows is not None:
            for row in self.rows:
                yield list(row)
        elif self.rows_path is not None:
            with self.rows_path.open("rb") as spilled:
                for line in spilled:
                    yield orjson.loads(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """A file that was read: what it is, the tables taken from it, and notes about the file as a whole."""

    name: str
    format: str
    encoding: str = ""
    delimiter: str = ""
    tables: tuple[TableFound, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def table(self) -> TableFound:
        """The table that was taken."""
        return self.tables[0]

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain JSON values; rows stay in their own file."""
        return {
            "name": self.name,
            "format": self.format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "tables": [table_as_dict(table) for table in self.tables],
            "notes": [asdict(note) for note in self.notes],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the first screen for personal data found in one column; never a value, only a masked form of one."""

    column: str
    kind: str
    certainty: Literal["confirmed", "doubtful", "clear"]
    count: int
    share: float
    masked_sample: str
    message_ja: str
    message_en: str
    places: tuple[str, ...] = field(default=())


def table_as_dict(table: TableFound) -> dict[str, Any]:
    """Return a table without its rows as plain JSON values."""
    return {
        "id": table.id,
        "sheet": table.sheet,
        "range": table.range,
        "header_rows": list(table.header_rows),
        "title_lines": list(table.title_lines),
        "columns": [asdict(column) for column in table.columns],
        "row_count": table.row_count,
        "rows_file": table.rows_path.name if table.rows_path else "",
        "notes": [asdict(note) for note in table.notes],
        "row_runs": [list(run) for run in table.row_runs],
        "column_places": list(table.column_places),
        "cells_file": table.cells_path.name if table.cells_path else "",
    }


def result_from_dict(plain: dict[str, Any], folder: Path) -> ReadResult:
    """Rebuild a result from `as_dict`; rows are looked for in `folder` by file name only."""
    return ReadResult(
        name=plain["name"],
        format=plain["format"],
        encoding=plain["encoding"],
        delimiter=plain["delimiter"],
        tables=tuple(_table(entry, folder) for entry in plain["tables"]),
        notes=tuple(Note(**entry) for entry in plain["notes"]),
    )


def _table(plain: dict[str, Any], folder: Path) -> TableFound:
    return TableFound(
        id=plain["id"],
        sheet=plain["sheet"],
        range=plain["range"],
        header_rows=tuple(plain["header_rows"]),
        title_lines=tuple(plain["title_lines"]),
        columns=tuple(_column(entry) for entry in plain["columns"]),
        row_count=plain["row_count"],
        rows_path=folder / Path(plain["rows_file"]).name if plain["rows_file"] else None,
        notes=tuple(Note(**entry) for entry in plain["notes"]),
        row_runs=tuple((first, count) for first, count in plain.get("row_runs", ())),
        column_places=tuple(plain.get("column_places", ())),
        cells_path=folder / Path(plain["cells_file"]).name if plain.get("cells_file") else None,
    )


def _cell_place(entry: list[Any] | None) -> CellPlace | None:
    if entry is None:
        return None
    page, box, confidence, conflict = entry
    return CellPlace(page, (box[0], box[1], box[2], box[3]), confidence, conflict)


def _column(plain: dict[str, Any]) -> ColumnFound:
    fields = dict(plain)
    fields["header"] = tuple(fields["header"])
    fields["examples"] = tuple(fields["examples"])
    fields["values"] = tuple((value, count) for value, count in fields["values"])
    fields["notes"] = tuple(Note(**entry) for entry in fields["notes"])
    return ColumnFound(**fields)
