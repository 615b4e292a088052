"""Text files with separated fields as a grid, read as a stream."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from tdpf.controlplane.preparation.engine.dialect import LABELS, NO_SEPARATOR, Dialect, find_dialect
from tdpf.controlplane.preparation.engine.encoding import Encoding, find_encoding
from tdpf.controlplane.preparation.engine.errors import CellTooLong, EmptyFile, TooManyCells, TooManyColumns
from tdpf.controlplane.preparation.engine.grid import Merge
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.types import Limits, Note, Row

_SAMPLE_CHARS = 256 * 1024
_END = "\x01"


@dataclass(slots=True)
class DelimitedGrid:
    """The records of a CSV, TSV or similar file; each pass decodes the file again, so memory stays small."""

    path: Path
    file_name: str
    encoding: Encoding
    dialect: Dialect
    limits: Limits
    name: str = ""
    merges: tuple[Merge, ...] = ()
    notes: list[Note] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Yield the records; an empty field is None."""
        csv.field_size_limit(_field_limit(self.limits))
        options: dict[str, Any] = self.dialect.csv_options
        widest = self.limits.max_columns
        cells = 0
        number = 0
        with self.open() as text:
            try:
                for number, record in enumerate(csv.reader(self._lines(text), **options), start=1):
                    width = len(record)
                    if width > widest:
                        if not self.limits.cuts:
                            raise self._too_wide(number, width)
                        del record[widest:]
                    cells += min(width, widest)
                    if cells > self.limits.max_cells:
                        raise TooManyCells(file=self.file_name, limit=self.limits.max_cells)
                    yield [cell or None for cell in record]
            except csv.Error as fault:
                raise CellTooLong(
                    file=self.file_name, where=_place(number + 1), limit=self.limits.max_cell_chars
                ) from fault

    def open(self) -> TextIO:
        """Open the file as text with the codec found; what does not fit becomes U+FFFD."""
        return self.path.open("r", encoding=self.encoding.codec, errors="replace", newline="")

    def _lines(self, text: TextIO) -> Iterator[str]:
        longest = self.limits.max_bytes if self.limits.cuts else self.limits.max_line_chars
        for _ in range(self.dialect.skip_lines):
            text.readline(longest)
        number = 0
        while line := text.readline(longest + 1):
            number += 1
            if len(line) > longest:
                columns = line.count(self.dialect.delimiter) + 1
                if columns > self.limits.max_columns:
                    raise self._too_wide(number, columns)
                raise CellTooLong(file=self.file_name, where=_place(number), limit=self.limits.max_cell_chars)
            if "\x1a" in line and line.strip("\x1a\r\n") == "":
                continue
            yield line

    def _too_wide(self, row: int, columns: int) -> TooManyColumns:
        return TooManyColumns(file=self.file_name, where=_place(row), columns=columns, limit=self.limits.max_columns)


def _field_limit(limits: Limits) -> int:
    return limits.max_bytes if limits.cuts else limits.max_cell_chars


def open_delimited(path: Path, *, name: str, limits: Limits) -> DelimitedGrid:
    """Find out encoding and separator of a text file and return it as a grid with notes on both."""
    encoding = find_encoding(path, name=name)
    grid = DelimitedGrid(path, name, encoding, Dialect(","), limits)
    sample = _sample(grid)
    if not sample.strip("\ufeff \t\r\n\x1a　"):
        if not _anything(grid):
            raise EmptyFile(file=name)
        sample = ""
    grid.dialect = find_dialect(sample, hint=Path(name).suffix.lower())
    if grid.dialect.quoting and _has_quotes(path) and _quotes_broken(grid):
        grid.dialect = Dialect(grid.dialect.delimiter, quoting=False, skip_lines=grid.dialect.skip_lines)
        grid.notes.append(note("quoting", level="warning"))
    grid.notes[:0] = _notes(grid)
    return grid


def _sample(grid: DelimitedGrid) -> str:
    with grid.open() as text:
        sample = text.read(_SAMPLE_CHARS)
        if len(sample) == _SAMPLE_CHARS:
            end = max(sample.rfind("\n"), sample.rfind("\r"))
            sample = sample[: end + 1] if end > 0 else sample
    return sample


def _anything(grid: DelimitedGrid) -> bool:
    with grid.open() as text:
        return any(line.strip("\ufeff \t\r\n\x1a　") for line in iter(lambda: text.readline(1 << 20), ""))


def _has_quotes(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b'"' in block for block in iter(lambda: file.read(1 << 20), b""))


def _quotes_broken(grid: DelimitedGrid) -> bool:
    """Say whether an opening quotation mark swallows rows: the file ends inside it, or one cell holds many records."""
    delimiter = grid.dialect.delimiter
    if _closes_in_midair(grid):
        return True
    columns = 0
    record: list[str] = []
    csv.field_size_limit(_field_limit(grid.limits))
    with grid.open() as text:
        try:
            for record in csv.reader(_with_end(text, grid.limits), delimiter=delimiter):
                columns = max(columns, len(record)) if columns < 3 else columns
                for cell in record:
                    if len(cell) > 400 and cell.count(delimiter) > 20 and _holds_records(cell, delimiter, columns):
                        return True
        except csv.Error:
            return True
    return record != [_END]


def _closes_in_midair(grid: DelimitedGrid) -> bool:
    """Say whether letters follow a closing quotation mark, and what stood in quotes there holds a whole record."""
    delimiter = grid.dialect.delimiter
    csv.field_size_limit(_field_limit(grid.limits))
    with grid.open() as text:
        records = csv.reader(_with_end(text, grid.limits), delimiter=delimiter, strict=True)
        first: list[str] = []
        at = 0
        try:
            for record in records:
                first = first or record
                at = records.line_num
        except csv.Error:
            return len(first) > 1 and records.line_num - at > 1
    return False


def _holds_records(cell: str, delimiter: str, columns: int) -> bool:
    lines = cell.split("\n")
    alike = sum(1 for line in lines if line.count(delimiter) >= max(2, columns - 1))
    return len(lines) > 5 and alike * 10 >= len(lines) * 7


def _with_end(text: TextIO, limits: Limits) -> Iterator[str]:
    while line := text.readline(limits.max_line_chars):
        yield line
    yield _END


def _notes(grid: DelimitedGrid) -> list[Note]:
    encoding = grid.encoding
    found = [note("encoding", encoding=encoding.label, why_ja=encoding.why_ja, why_en=encoding.why_en)]
    if encoding.misfits:
        found.append(note("unreadable-characters", level="warning", count=encoding.misfits))
    if grid.dialect.skip_lines:
        found.append(note("separator-line"))
    ja, en = LABELS.get(grid.dialect.delimiter, (f"「{grid.dialect.delimiter}」", f"“{grid.dialect.delimiter}”"))
    if grid.dialect.delimiter != NO_SEPARATOR:
        found.append(note("delimiter", delimiter_ja=ja, delimiter_en=en))
    return found


def _place(row: int) -> str:
    return f"{row}行目 / row {row}"
