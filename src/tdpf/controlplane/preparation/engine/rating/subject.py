"""What the rules look at: a file's sheets with their cells, the tables in them, and their columns value by value."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Literal

from tdpf.controlplane.preparation.engine.blocks import Block
from tdpf.controlplane.preparation.engine.cells import header_text, spoken_name
from tdpf.controlplane.preparation.engine.grid import Merge, column_letters
from tdpf.controlplane.preparation.engine.personal.quoting import private_columns
from tdpf.controlplane.preparation.engine.rating.marks import SheetMarks
from tdpf.controlplane.preparation.engine.rating.pieces import Store, StoredValues
from tdpf.controlplane.preparation.engine.types import Row

Kind = Literal["workbook", "delimited", "records"]
NOTHING, TEXT, NUMBER, DAY = range(4)
_NAMED_PLACES = 12
_HELD = 50_000


@dataclass(eq=False, slots=True)
class Many:
    """Different values too many to hold: those of `values` that fit, found anew whenever they are asked for."""

    values: StoredValues
    fits: Callable[[str], object]
    some: bool = True

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and bool(self.fits(value))

    def __iter__(self) -> Iterator[str]:
        return (word for word in self.values.words() if self.fits(word))

    def __bool__(self) -> bool:
        return self.some


Found = set[str] | Many


def either(column: Column, one: Found, other: Found) -> Found:
    """Return the values of a column that are in one or the other."""
    if isinstance(one, set) and isinstance(other, set):
        return one | other
    return column.which(lambda value: value in one or value in other)


@dataclass(eq=False)
class Column:
    """One column of a table: `values` are those of its body rows in order, None where nothing is shown.

    `kinds` says of each value how the workbook holds it (NOTHING, TEXT, NUMBER, DAY), or is None in text files.
    """

    table: Table
    index: int
    parts: tuple[str, ...]
    unit: str
    values: Sequence[str | None]
    kinds: Sequence[int] | None = None

    @cached_property
    def name(self) -> str:
        """The name, parts of a header of several rows joined."""
        return "_".join(map(spoken_name, self.parts))

    @cached_property
    def label(self) -> str:
        """How a finding calls the column."""
        name = self.name if len(self.name) <= 40 else f"{self.name[:40]}…"
        return name or f"{column_letters(self.index)}列"

    @property
    def is_private(self) -> bool:
        """Whether its name, among those beside it, says that it is about persons."""
        return self.name in self.table.private

    @cached_property
    def counts(self) -> Counter[str]:
        """Every different value that shows something, with how often it stands there. Empty when there are too many to hold."""
        if isinstance(self.values, StoredValues):
            return self.values.counts or Counter()
        counts: Counter[str] = Counter(value for value in self.values if value is not None)
        for blank in [value for value in counts if not value or value.isspace()]:
            del counts[blank]
        return counts

    @cached_property
    def different(self) -> int:
        """How many different values there are."""
        return self.values.different if isinstance(self.values, StoredValues) else len(self.counts)

    @cached_property
    def filled(self) -> int:
        """How many cells show something."""
        return self.values.filled if isinstance(self.values, StoredValues) else self.counts.total()

    @property
    def words(self) -> Iterable[str]:
        """Every different value that shows something; of very many, some may come more than once."""
        stored = self._stored
        return self.counts if stored is None else stored.words()

    def times(self) -> Iterable[tuple[str, int]]:
        """Yield every different value with how often it stands there; of very many, some may come more than once."""
        stored = self._stored
        return self.counts.items() if stored is None else stored.times()

    @property
    def _stored(self) -> StoredValues | None:
        """The values when they are too many to be counted."""
        return self.values if isinstance(self.values, StoredValues) and self.values.counts is None else None

    @cached_property
    def letters(self) -> str:
        """Every character that occurs, once: where to look for one that should not."""
        stored = self._stored
        return "".join(sorted(set().union(*self.counts))) if stored is None else stored.letters

    @cached_property
    def sample(self) -> list[str]:
        """Up to 200 different values from the whole length of the column."""
        stored = self._stored
        if stored is not None:
            return stored.sample
        values = list(self.counts)
        step = max(1, len(values) // 200)
        return values[::step][:200]

    def share_of(self, fits: Callable[[str], object]) -> float:
        """Return which part of the sampled values fits."""
        sample = self.sample
        return sum(1 for value in sample if fits(value)) / len(sample) if sample else 0.0

    def which(self, fits: Callable[[str], object]) -> Found:
        """Return the different values that fit."""
        stored = self._stored
        if stored is None:
            return {value for value in self.counts if fits(value)}
        found: set[str] = set()
        for value in stored.words():
            if fits(value):
                found.add(value)
                if len(found) > _HELD:
                    return Many(stored, fits)
        return found

    def cells_with(self, values: Found) -> Sequence[int]:
        """Return the positions (in `values`) of all cells that hold one of these values."""
        if isinstance(self.values, StoredValues):
            return self.values.positions(values.__contains__)
        return [position for position, value in enumerate(self.values) if value in values]

    def blanks(self) -> Sequence[int]:
        """Return the positions of the cells that show nothing."""
        if isinstance(self.values, StoredValues):
            return self.values.blanks()
        return [position for position, value in enumerate(self.values) if value is None or not value.strip()]


@dataclass(eq=False)
class Table:
    """One table: its block, the grid rows of its body that show something, and its columns."""

    sheet: Sheet
    block: Block
    rows: Sequence[int] = field(default_factory=list)
    blank_rows: list[int] = field(default_factory=list)
    repeated_headers: list[int] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)

    @cached_property
    def private(self) -> frozenset[str]:
        """The names of the columns that are about persons: what stands there is never quoted."""
        return private_columns(column.name for column in self.columns)

    @property
    def cells(self) -> int:
        """How many cells the body has."""
        return len(self.rows) * len(self.columns)


@dataclass(eq=False)
class Sheet:
    """One sheet, or the whole of a text file. `aside` says why its tables are not judged as data (an example, notes)."""

    name: str
    cells: Sequence[Row]
    kinds: Sequence[Sequence[int]] | None = None
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


class LineNumbers:
    """The line of a text file on which each record begins: lines skipped first, and lines further that records take."""

    def __init__(self, skipped: int, further: Mapping[int, int]) -> None:
        self._skipped = skipped
        self._rows = sorted(further)
        self._sums = list(accumulate(further[row] for row in self._rows))

    def line(self, row: int) -> int:
        """Return the line of a record; both count from 1 and 0."""
        before = bisect_left(self._rows, row)
        return 1 + self._skipped + row + (self._sums[before - 1] if before else 0)


@dataclass(eq=False)
class Subject:
    """A file opened for judging. `lines` is there where records and lines of a text file differ, `mixed` says which
    lines are in another encoding than the rest (ja, en).
    """

    name: str
    kind: Kind
    format: str
    encoding: str
    sheets: list[Sheet]
    hidden_sheets: tuple[str, ...] = ()
    delimiter: str = ""
    quotes_broken: bool = False
    misfits: int = 0
    mixed: tuple[str, str] = ("", "")
    lines: LineNumbers | None = None

    @property
    def tables(self) -> list[Table]:
        """The tables that are judged."""
        return [table for sheet in self.sheets if not sheet.aside for table in sheet.tables]

    @property
    def data_sheets(self) -> list[Sheet]:
        """The sheets that are judged."""
        return [sheet for sheet in self.sheets if not sheet.aside]

    def place(self, sheet: Sheet, rows: Iterable[int], columns: Iterable[int] | int | None = None) -> str:
        """Name cells, rows in order or columns (indexes from 0): A1 notation in a workbook, lines and columns in a text."""
        if isinstance(rows, list | set):
            rows = sorted(set(rows))
        spans = _spans(rows, _NAMED_PLACES + 1)
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
        return row + 1 if self.lines is None else self.lines.line(row)


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


def _spans(numbers: Iterable[int], most: int = 20_000) -> list[tuple[int, int]]:
    """Return the runs of ascending numbers; what follows after so many runs is left out."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(number, runs[-1][1]))
        elif len(runs) == most:
            break
        else:
            runs.append((number, number))
    return runs


def take_table(sheet: Sheet, block: Block) -> Table:
    """Cut a block out of its sheet: body rows without blank ones and repeated headers, column by column."""
    table = Table(sheet, block)
    labels = [_label("_".join(parts)) for parts in block.parts] if len(block.columns) >= 3 and all(block.parts) else []
    if isinstance(sheet.cells, Store):
        _take_stored(sheet.cells, table, labels)
        return table
    first = block.columns[0]
    cells = sheet.cells
    rows: list[int] = []
    for row in range(block.first_row, min(block.last_row, len(cells) - 1) + 1):
        line = cells[row]
        if not any(line) or not "".join(filter(None, line)).strip():
            table.blank_rows.append(row)
            continue
        opening = line[first] if first < len(line) else None
        if labels and opening and _label(opening) == labels[0]:
            shown = [_label(line[column]) if column < len(line) else "" for column in block.columns]
            if shown == labels:
                table.repeated_headers.append(row)
                continue
        rows.append(row)
    table.rows = rows
    for column, parts, unit in zip(block.columns, block.parts, block.units, strict=True):
        values = [cells[row][column] if column < len(cells[row]) else None for row in rows]
        kinds = None
        if sheet.kinds is not None:
            kinds = bytes(
                sheet.kinds[row][column] if row < len(sheet.kinds) and column < len(sheet.kinds[row]) else NOTHING
                for row in rows
            )
        table.columns.append(Column(table, column, parts, unit, values, kinds))
    return table


def _label(cell: str | None) -> str:
    """Return a name of a column as it is compared: without the spaces that spread it out."""
    return "".join(header_text(cell).split())


def _take_stored(store: Store, table: Table, labels: list[str]) -> None:
    block = table.block
    last = min(block.last_row, len(store) - 1)
    out = {row for row in store.blank if block.first_row <= row <= last}
    table.blank_rows = sorted(out)
    if labels:
        table.repeated_headers = [row for row in _named_rows(store, block, labels) if row not in out]
        out.update(table.repeated_headers)
    rows = array("q", (row for row in range(block.first_row, last + 1) if row not in out))
    table.rows = rows
    whole = []
    for part in range(len(store.starts)):
        start, after = store.bounds(part)
        whole.append(bisect_left(rows, after) - bisect_left(rows, start) == after - start)
    for column, parts, unit in zip(block.columns, block.parts, block.units, strict=True):
        values = StoredValues(store, column, rows, whole)
        kinds = None
        if table.sheet.kinds is not None:
            kinds = bytes(
                table.sheet.kinds[row][column] if column < len(table.sheet.kinds[row]) else NOTHING for row in rows
            )
        table.columns.append(Column(table, column, parts, unit, values, kinds))


def _named_rows(store: Store, block: Block, labels: list[str]) -> Iterator[int]:
    """Yield the rows that repeat the header."""
    for part in range(len(store.starts)):
        start, _ = store.bounds(part)
        piece = store.piece(part, block.columns[0])
        naming = {code for code, word in enumerate(piece.words, start=1) if _label(word) == labels[0]}
        for row, code in enumerate(piece.codes, start=start) if naming else ():
            if code in naming and block.first_row <= row <= block.last_row:
                line = store[row]
                if [_label(line[c]) if c < len(line) else "" for c in block.columns] == labels:
                    yield row
