"""What the rules look at: a file's sheets with their cells, the tables in them, and their columns value by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from tdpf.controlplane.preparation.engine.blocks import Block
from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.grid import Merge, column_letters
from tdpf.controlplane.preparation.engine.rating.marks import SheetMarks
from tdpf.controlplane.preparation.engine.types import Row

Kind = Literal["workbook", "delimited", "records"]
_NAMED_PLACES = 12


@dataclass(eq=False)
class Column:
    """One column of a table: `values` are those of its body rows in order, None where nothing is shown.

    `typed` are the values as the workbook holds them (numbers, dates), or None in text files.
    """

    table: Table
    index: int
    parts: tuple[str, ...]
    unit: str
    values: list[str | None]
    typed: list[Any] | None = None

    @cached_property
    def name(self) -> str:
        """The name, parts of a header of several rows joined."""
        return "_".join(self.parts)

    @cached_property
    def label(self) -> str:
        """How a finding calls the column."""
        name = self.name if len(self.name) <= 40 else f"{self.name[:40]}…"
        return name or f"{column_letters(self.index)}列"

    @cached_property
    def counts(self) -> Counter[str]:
        """Every different value that shows something, with how often it stands there."""
        counts: Counter[str] = Counter(value for value in self.values if value is not None)
        for blank in [value for value in counts if not value or value.isspace()]:
            del counts[blank]
        return counts

    @cached_property
    def filled(self) -> int:
        """How many cells show something."""
        return self.counts.total()

    @cached_property
    def joined(self) -> str:
        """All different values in one text, for looking whether a character occurs at all."""
        return "\x00".join(self.counts)

    @cached_property
    def sample(self) -> list[str]:
        """Up to 200 different values from the whole length of the column."""
        values = list(self.counts)
        step = max(1, len(values) // 200)
        return values[::step][:200]

    def share_of(self, fits: Callable[[str], object]) -> float:
        """Return which part of the sampled values fits."""
        sample = self.sample
        return sum(1 for value in sample if fits(value)) / len(sample) if sample else 0.0

    def cells_with(self, values: Collection[str]) -> list[int]:
        """Return the positions (in `values`) of all cells that hold one of these values."""
        return [position for position, value in enumerate(self.values) if value in values]


@dataclass(eq=False)
class Table:
    """One table: its block, the grid rows of its body that show something, and its columns."""

    sheet: Sheet
    block: Block
    rows: list[int] = field(default_factory=list)
    blank_rows: list[int] = field(default_factory=list)
    repeated_headers: list[int] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)

    @property
    def cells(self) -> int:
        """How many cells the body has."""
        return len(self.rows) * len(self.columns)


@dataclass(eq=False)
class Sheet:
    """One sheet, or the whole of a text file. `aside` says why its tables are not judged as data (an example, notes)."""

    name: str
    cells: Sequence[Row]
    typed: Sequence[Sequence[Any]] | None = None
    merges: Sequence[Merge] = ()
    marks: SheetMarks = field(default_factory=SheetMarks)
    tables: list[Table] = field(default_factory=list)
    aside: str = ""

    @property
    def words(self) -> str:
        """All that stands around the tables: titles, notes, remarks."""
        lines: list[str] = []
        for table in self.tables:
            lines.extend(table.block.title_lines)
            lines.extend(note.text for note in table.block.notes)
        return "\n".join(lines)


@dataclass(eq=False)
class Subject:
    """A file opened for judging. `lines` maps rows of a text file to line numbers where values hold line breaks."""

    name: str
    kind: Kind
    format: str
    encoding: str
    sheets: list[Sheet]
    hidden_sheets: tuple[str, ...] = ()
    delimiter: str = ""
    quotes_broken: bool = False
    misfits: int = 0
    lines: Sequence[int] | None = None

    @property
    def tables(self) -> list[Table]:
        """The tables that are judged."""
        return [table for sheet in self.sheets if not sheet.aside for table in sheet.tables]

    @property
    def data_sheets(self) -> list[Sheet]:
        """The sheets that are judged."""
        return [sheet for sheet in self.sheets if not sheet.aside]

    def place(self, sheet: Sheet, rows: Iterable[int], columns: Iterable[int] | int | None = None) -> str:
        """Name cells, rows or columns (indexes from 0): A1 notation in a workbook, lines and columns in a text."""
        spans = _spans(sorted(set(rows)))
        across = _spans([columns] if isinstance(columns, int) else sorted(set(columns))) if columns is not None else []
        if self.kind == "workbook":
            return _in_workbook(sheet.name, spans, across)
        if self.kind == "records":
            return _in_records(sheet, spans, across)
        return self._in_lines(spans, across)

    def _in_lines(self, spans: list[tuple[int, int]], across: list[tuple[int, int]]) -> str:
        shown = [
            f"{self._line(first)}" if first == last else f"{self._line(first)}-{self._line(last)}"
            for first, last in spans
        ]
        columns = ",".join(str(left + 1) if left == right else f"{left + 1}-{right + 1}" for left, right in across)
        text = ""
        if shown:
            single = len(spans) == 1 and spans[0][0] == spans[0][1]
            text = f"line{'' if single else 's'} {_shortened(shown)}"
        if columns:
            text = f"{text} column {columns}".strip()
        return text

    def _line(self, row: int) -> int:
        if self.lines is not None and row < len(self.lines):
            return self.lines[row]
        return row + 1


def _in_workbook(name: str, spans: list[tuple[int, int]], across: list[tuple[int, int]]) -> str:
    areas = []
    for first, last in spans or [(-1, -1)]:
        for left, right in across or [(-1, -1)]:
            start = (column_letters(left) if left >= 0 else "") + (str(first + 1) if first >= 0 else "")
            end = (column_letters(right) if right >= 0 else "") + (str(last + 1) if last >= 0 else "")
            whole = left < 0 or first < 0
            areas.append(f"{start}:{end}" if whole or start != end else start)
    return f"{name}!{_shortened(areas)}"


def _in_records(sheet: Sheet, spans: list[tuple[int, int]], across: list[tuple[int, int]]) -> str:
    head = sheet.cells[0] if sheet.cells else []
    names = [str(head[column]) for left, right in across for column in range(left, right + 1) if column < len(head)]
    root = sheet.name or "$"
    places = []
    for first, last in spans:
        if first >= 1:
            places.append(f"{root}[{first - 1}]" if first == last else f"{root}[{first - 1}:{last}]")
    ending = f".{'|'.join(names[:_NAMED_PLACES])}" if names else ""
    return f"{_shortened(places) if places else root}{ending}"


def _shortened(places: list[str]) -> str:
    return ",".join(places[:_NAMED_PLACES]) + (",…" if len(places) > _NAMED_PLACES else "")


def _spans(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def take_table(sheet: Sheet, block: Block) -> Table:
    """Cut a block out of its sheet: body rows without blank ones and repeated headers, column by column."""
    table = Table(sheet, block)
    labels = ["_".join(parts) for parts in block.parts] if len(block.columns) >= 3 and all(block.parts) else []
    first = block.columns[0]
    cells = sheet.cells
    for row in range(block.first_row, min(block.last_row, len(cells) - 1) + 1):
        line = cells[row]
        if not any(line) or not "".join(filter(None, line)).strip():
            table.blank_rows.append(row)
            continue
        opening = line[first] if first < len(line) else None
        if labels and opening and header_text(opening) == labels[0]:
            shown = [header_text(line[column]) if column < len(line) else "" for column in block.columns]
            if shown == labels:
                table.repeated_headers.append(row)
                continue
        table.rows.append(row)
    for column, parts, unit in zip(block.columns, block.parts, block.units, strict=True):
        values = [cells[row][column] if column < len(cells[row]) else None for row in table.rows]
        typed = None
        if sheet.typed is not None:
            typed = [
                sheet.typed[row][column] if row < len(sheet.typed) and column < len(sheet.typed[row]) else None
                for row in table.rows
            ]
        table.columns.append(Column(table, column, parts, unit, values, typed))
    return table
