"""Numbers for the facet values of datasets, so that thousands of results are counted by reading one number each.

What a dataset has of one facet (its areas with what they lie in, its formats …) is one number; the numbers of all facets
stand packed in a row of three, in a file beside the index that is read as one array. The index knows the row's number
alone; a dataset that changes keeps its row. What a number means is kept in a second file that only grows: a rebuild begins
new ones. Number 0 is a dataset that has nothing of the facet, and one too many to be numbered.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from operator import is_not
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from tdpf.controlplane.catalog.search.spreading import Column, Facet, Spread

FILE, ROWS = "facets.jsonl", "facets.rows"
FACET_FIELDS = (
    "theme", "area", "format", "access", "purpose", "provider", "licence", "frequency", "located", "origin", "site",
    "stars", "mqa", "rate_band", "link_state",
)  # fmt: skip
_WIDTHS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("area", 21), ("provider", 21), ("site", 21)),
    (("format", 21), ("licence", 21), ("theme", 16)),
    (
        ("purpose", 12), ("frequency", 10), ("access", 5), ("located", 3), ("origin", 3), ("stars", 4), ("mqa", 4),
        ("rate_band", 4), ("link_state", 4),
    ),
)  # fmt: skip
_COLUMNS = len(_WIDTHS)
_ROW_BYTES = 8 * _COLUMNS
Values = tuple[str, ...]
Rows = NDArray[np.int64]


def _places() -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for column, parts in enumerate(_WIDTHS):
        shift = 0
        for field, bits in parts:
            found[field] = (column, shift, (1 << bits) - 1)
            shift += bits
    return found


PLACES = _places()
"""Column, shift and mask of each facet's number."""


class Numbering:
    """Rows and what their numbers mean; one writer at a time adds, readers read on when the index has changed."""

    def __init__(self, folder: Path) -> None:
        self._path, self._rows_path = folder / FILE, folder / ROWS
        self._read_to = 0
        self._values: dict[str, list[Values]] = {field: [()] for field in FACET_FIELDS}
        self._numbers: dict[str, dict[Values, int]] = {field: {(): 0} for field in FACET_FIELDS}
        self._fresh: list[bytes] = []
        self._rows: Rows = np.empty((0, _COLUMNS), dtype=np.int64)
        self._fresh_rows, self._changed_rows = array("q"), dict[int, list[int]]()
        self._facets: dict[str, Facet] = {}
        self._spreads: dict[tuple[str, ...], Spread] = {}
        self.read()

    def read(self) -> None:
        """Read what was added since; a line that is not whole yet is left for the next time."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._read_to)
                added = stream.read()
            count = self._rows_path.stat().st_size // _ROW_BYTES
        except FileNotFoundError:
            return
        whole = added.rfind(b"\n") + 1
        for line in added[:whole].splitlines():
            field, values = orjson.loads(line)
            self._add(field, tuple(values))
        self._read_to += whole
        self._map(count)

    def most(self, rows: Sequence[int], fields: Iterable[str], limit: int) -> dict[str, list[tuple[str, int]]]:
        """Return, for each facet, its most frequent values in datasets with such rows, and in how many."""
        if not rows or not len(self._rows):
            return {field: [] for field in fields}
        chosen = np.fromiter(rows, dtype=np.intp, count=len(rows))
        return self._spread(tuple(fields)).most(np.take(self._rows, chosen, axis=0, mode="clip"), limit)

    def codes(self, field: str) -> tuple[str, ...]:
        """Return every value of a facet that a number stands for."""
        return tuple(dict.fromkeys(code for values in list(self._values[field]) for code in values))

    def row(self, facets: Mapping[str, Values], *, known: int | None = None) -> int:
        """Return the row of a dataset with such values, `known` where it has one; to be kept by `save`."""
        columns = [0] * _COLUMNS
        for field, (column, shift, mask) in PLACES.items():
            values = facets.get(field)
            if values is None:
                continue
            number = self._numbers[field].get(values)
            if number is None:
                number = self._add(field, values)
                self._fresh.append(orjson.dumps((field, values)) + b"\n")
            if number <= mask:
                columns[column] |= number << shift
        if known is not None and known < len(self._rows):
            self._changed_rows[known] = columns
            return known
        self._fresh_rows.extend(columns)
        return len(self._rows) + len(self._fresh_rows) // _COLUMNS - 1

    def save(self) -> None:
        """Write rows and new numbers; to be done before the index that uses them is committed."""
        # What a crash left of a line or row goes; nothing in the index can mean it.
        self._read_to = _added(self._path, self._read_to, b"".join(self._fresh))
        whole = _added(self._rows_path, len(self._rows) * _ROW_BYTES, self._fresh_rows.tobytes(), self._changed_rows)
        self._map(whole // _ROW_BYTES)
        self._fresh.clear()
        self._fresh_rows, self._changed_rows = array("q"), {}

    def _map(self, count: int) -> None:
        if count > len(self._rows):
            self._rows = np.memmap(self._rows_path, dtype="<i8", mode="r", shape=(count, _COLUMNS))

    def _spread(self, fields: tuple[str, ...]) -> Spread:
        facets = []
        for field in fields:
            known = self._facets.get(field)
            if known is None or known.size < len(self._values[field]):
                known = self._facets[field] = Facet(field, Column(*PLACES[field]), tuple(self._values[field]))
            facets.append(known)
        spread = self._spreads.get(fields)
        if spread is None or any(map(is_not, spread.facets, facets)):
            spread = self._spreads[fields] = Spread(facets)
        return spread

    def _add(self, field: str, values: Sequence[str]) -> int:
        known, number = tuple(values), len(self._values[field])
        self._values[field].append(known)
        self._numbers[field][known] = number
        return number


def _added(path: Path, end: int, added: bytes, changed: Mapping[int, list[int]] | None = None) -> int:
    """Write behind the end of a file, and into the rows that changed; return where it ends then."""
    if not added and not changed and path.exists():
        return end
    with path.open("r+b" if path.exists() else "w+b") as stream:
        stream.truncate(end)
        for number, columns in (changed or {}).items():
            stream.seek(number * _ROW_BYTES)
            stream.write(array("q", columns).tobytes())
        stream.seek(end)
        stream.write(added)
        stream.flush()
        os.fsync(stream.fileno())
        return stream.tell()
