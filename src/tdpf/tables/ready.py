"""Ready rows: every row of a table as a whole GeoJSON feature, one after the other, and where each begins.

A page is cut out of the mapped file without looking at any value: what stands between two marks is a feature, what stands inside
its `properties` is the row. Columns of numbers and times stand beside them, so that a few rows are put in order without fetching
their cells. The file is made from a rows file on demand (`python -m tdpf.tables.ready`, the order as JSON on standard input, in a
process of its own so that no answer waits), belongs to one form of rows and may be thrown away at any time.

Layout, numbers as this machine writes them: features, each with a comma behind it; then with a slot for row 0, so that rows count
from 1: where each begins (uint64, one more at the end), how far into it its row begins (uint32), each ordered column (float64);
last the rows (uint64), the columns (JSON: pairs of position and whether it never falls from row to row), its length (uint32),
the mark.
"""

from __future__ import annotations

import mmap
import os
import resource
import sys
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf
from operator import le
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from tdpf.kit.lineage import die_with_parent
from tdpf.tables.conditions import Column
from tdpf.tables.read import Form, RowsFile, Selection

_MARK = b"TDPFRDY2"
_PROPERTIES = b',"properties":'
_EXACT = 2**53
_MOST_SORTED = 4_000
_MOST_MEMORY = 2 << 30
_MOST_COLUMN_BYTES = 256 << 20


class ReadyRows:
    """A file of ready rows, mapped into memory. Raises ValueError when it is none, OSError when it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as stream:
            self._bytes = data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        size = len(data)
        if size < 20 or data[size - 8 :] != _MARK:
            raise ValueError(path)
        told = size - 12 - _number(data[size - 12 : size - 8])
        columns_told: list[tuple[int, bool]] = orjson.loads(data[max(0, told) : size - 12])
        if told < 8 or not isinstance(columns_told, list):
            raise ValueError(path)
        slots = _number(data[told - 8 : told]) + 1
        columns = told - 8 - 8 * slots * len(columns_told)
        heads = columns - 4 * slots
        starts = heads - 8 * (slots + 1)
        if starts < 0:
            raise ValueError(path)
        view = memoryview(data)
        self._starts = view[starts:heads].cast("Q")
        self._heads = view[heads:columns].cast("I")
        self._columns = {
            position: view[columns + 8 * slots * place : columns + 8 * slots * (place + 1)].cast("d")
            for place, (position, _) in enumerate(columns_told)
        }
        self._rising = frozenset(position for position, rises in columns_told if rises)
        if self._starts[slots] != starts:
            raise ValueError(path)

    def features(self, numbers: Sequence[int], before: bytes = b"", after: bytes = b"") -> bytes:
        """Return the features of these rows joined by commas, between two texts: put together in one go."""
        data, starts = self._bytes, self._starts
        if isinstance(numbers, range) and numbers:
            return b"".join((before, data[starts[numbers[0]] : starts[numbers[-1] + 1] - 1], after))
        return _between(before, [data[starts[number] : starts[number + 1] - 1] for number in numbers], after)

    def rows(self, numbers: Sequence[int], before: bytes = b"", after: bytes = b"") -> bytes:
        """Return the plain rows of these numbers in the same way."""
        data, starts, heads = self._bytes, self._starts, self._heads
        pieces = [data[starts[number] + heads[number] : starts[number + 1] - 2] for number in numbers]
        return _between(before, pieces, after)

    def chosen(self, rows: RowsFile, selection: Selection) -> tuple[int | None, Sequence[int]]:
        """Return what `RowsFile.chosen` does; few rows are put in order here."""
        keys = list(selection.order)
        if not keys or not selection.condition.sql or any(column.position not in self._columns for column, _ in keys):
            return rows.chosen(selection)
        some = rows.some(selection.condition, _MOST_SORTED + 1)
        if len(some) > _MOST_SORTED:
            return rows.chosen(selection)
        falls = keys[-1][1]
        some.sort(reverse=falls)
        # Where a column never falls, as the times of a series do not, the numbers say its order and its far cells are left alone.
        while keys and keys[-1][1] == falls and keys[-1][0].position in self._rising:
            keys.pop()
        for column, descending in reversed(keys):
            some.sort(key=self._columns[column.position].__getitem__, reverse=descending)
        last = None if selection.limit is None else selection.offset + selection.limit
        return len(some), some[selection.offset : last]


def _between(before: bytes, pieces: list[bytes], after: bytes) -> bytes:
    if not pieces:
        return before + after
    pieces[0] = before + pieces[0]
    pieces[-1] += after
    return b",".join(pieces)


def _number(data: bytes) -> int:
    return int.from_bytes(data, sys.byteorder)


def write_ready(folder: Path, form: Form, out: Path) -> Path:
    """Write the rows of the table at `folder` in this form of features to `out`, whole or not at all, and return `out`."""
    rows = RowsFile(folder)
    rows.allow()
    work = out.with_name(f".{out.name}.{uuid4().hex}")
    try:
        with work.open("wb") as stream:
            starts, heads = array("Q", [0, 0]), array("I", [0])
            for feature in _features(rows, form):
                stream.write(feature)
                stream.write(b",")
                starts.append(starts[-1] + len(feature) + 1)
                # In a JSON text a quotation mark stands bare only around a name or a text, so the first is the member's.
                heads.append(feature.index(_PROPERTIES) + len(_PROPERTIES))
            for numbers in (starts, heads):
                numbers.tofile(stream)
            slots = len(heads)
            del starts, heads, numbers
            columns = []
            for position, values in _ordered(rows, form, slots):
                values.tofile(stream)
                columns.append((position, all(map(le, islice(values, 1, None), islice(values, 2, None)))))
            told = orjson.dumps(columns)
            stream.write((slots - 1).to_bytes(8, sys.byteorder) + told)
            stream.write(len(told).to_bytes(4, sys.byteorder) + _MARK)
            stream.flush()
            os.fsync(stream.fileno())
        work.rename(out)
    finally:
        work.unlink(missing_ok=True)
        rows.close()
    return out


def _features(rows: RowsFile, form: Form) -> Iterator[bytes]:
    # A raw line feed stands in no JSON text.
    for _, joined in rows.stream(Selection(), form, between=b"\n"):
        yield from joined.split(b"\n")


def _ordered(rows: RowsFile, form: Form, slots: int) -> Iterator[tuple[int, array[float]]]:
    """The columns whose order is that of numbers, empty cells first as in the rows file; few at a time when there are many rows."""
    shown = range(len(rows.columns)) if form.positions is None else form.positions
    ordered = [column.position for column in rows.columns.values() if column.position in shown and _is_ordered(column)]
    together = max(1, _MOST_COLUMN_BYTES // (8 * slots))
    for place in range(0, len(ordered), together):
        positions = ordered[place : place + together]
        found = {position: array("d", [0.0]) for position in positions}
        inexact = set()
        for cells in rows.cells(positions):
            for (position, values), cell in zip(found.items(), cells, strict=True):
                if cell is not None and not -_EXACT <= cell <= _EXACT:
                    inexact.add(position)
                values.append(-inf if cell is None else cell)
        yield from ((position, values) for position, values in found.items() if position not in inexact)


def _is_ordered(column: Column) -> bool:
    return column.is_ordered and not column.facts.as_text


def main() -> None:
    """Carry out the order: `folder`, `out`, `positions` (null: all), `with_place`, `with_key`, `most_bytes`, `parent`."""
    order: dict[str, Any] = orjson.loads(sys.stdin.buffer.read())
    die_with_parent(order["parent"])
    # Not of the address space: the mapped rows file counts there.
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (order["most_bytes"], order["most_bytes"]))
    positions = None if order["positions"] is None else tuple(order["positions"])
    os.nice(10)
    form = Form("feature", positions, order["with_place"], order["with_key"])
    write_ready(Path(order["folder"]), form, Path(order["out"]))


if __name__ == "__main__":
    main()
