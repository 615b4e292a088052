"""Numbers for the facet values of datasets, so that thousands of results are counted by reading three numbers each.

What a dataset has of one facet (its areas with what they lie in, its formats …) is one number; the numbers of all facets
stand in three columns of the index. What a number means is kept beside the index in a file that only grows: a rebuild
begins a new one. Number 0 is a dataset that has nothing of the facet, and one too many to be numbered.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from tdpf.controlplane.catalog.search.spreading import Spread

FILE = "facets.jsonl"
FACET_FIELDS = (
    "theme", "area", "format", "access", "purpose", "provider", "licence", "frequency", "located", "origin", "site",
    "stars", "mqa", "rate_band", "link_state",
)  # fmt: skip
_WIDTHS: dict[str, tuple[tuple[str, int], ...]] = {
    "facts_1": (("area", 21), ("provider", 21), ("site", 21)),
    "facts_2": (("format", 21), ("licence", 21), ("theme", 16)),
    "facts_3": (
        ("purpose", 12), ("frequency", 10), ("access", 5), ("located", 3), ("origin", 3), ("stars", 4), ("mqa", 4),
        ("rate_band", 4), ("link_state", 4),
    ),
}  # fmt: skip
FACT_COLUMNS = tuple(_WIDTHS)
Values = tuple[str, ...]


def _places() -> dict[str, tuple[str, int, int]]:
    found: dict[str, tuple[str, int, int]] = {}
    for column, parts in _WIDTHS.items():
        shift = 0
        for field, bits in parts:
            found[field] = (column, shift, (1 << bits) - 1)
            shift += bits
    return found


PLACES = _places()
"""Column, shift and mask of each facet's number."""


class Numbering:
    """What the numbers mean; one writer at a time adds, readers read on when the index has changed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._read_to = 0
        self.values: dict[str, list[Values]] = {field: [()] for field in FACET_FIELDS}
        self._numbers: dict[str, dict[Values, int]] = {field: {(): 0} for field in FACET_FIELDS}
        self._fresh: list[bytes] = []
        self._spreads: dict[str, Spread] = {}
        self.read()

    def read(self) -> None:
        """Read what was added since; a line that is not whole yet is left for the next time."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._read_to)
                added = stream.read()
        except FileNotFoundError:
            return
        whole = added.rfind(b"\n") + 1
        for line in added[:whole].splitlines():
            field, values = orjson.loads(line)
            self._add(field, tuple(values))
        self._read_to += whole

    def spread(self, field: str) -> Spread:
        """Return the values of each number of a facet, for counting; made anew when there are more."""
        known = self._spreads.get(field)
        if known is None or known.size < len(self.values[field]):
            known = self._spreads[field] = Spread(tuple(self.values[field]))
        return known

    def packed(self, facets: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """Return the columns of a dataset with such values; new values get numbers, to be kept by `save`."""
        columns = dict.fromkeys(FACT_COLUMNS, 0)
        for field, (column, shift, mask) in PLACES.items():
            values = tuple(facets.get(field, ()))
            number = self._numbers[field].get(values)
            if number is None:
                number = self._add(field, values)
                self._fresh.append(orjson.dumps((field, values)) + b"\n")
            if number <= mask:
                columns[column] |= number << shift
        return columns

    def save(self) -> None:
        """Write the new numbers; to be done before the index that uses them is committed."""
        if not self._fresh:
            return
        with self._path.open("ab") as stream:
            # What a crash left of a line goes; nothing in the index can mean it.
            stream.truncate(self._read_to)
            stream.write(b"".join(self._fresh))
            stream.flush()
            os.fsync(stream.fileno())
            self._read_to = stream.tell()
        self._fresh.clear()

    def _add(self, field: str, values: Sequence[str]) -> int:
        known, number = tuple(values), len(self.values[field])
        self.values[field].append(known)
        self._numbers[field][known] = number
        return number
