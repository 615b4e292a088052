"""What the numbers of facets mean, as arrays, so that all facets of thousands of results are added up at once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Column(NamedTuple):
    """Where a facet's number stands in a row: the column, the bits before it, and the mask of its own."""

    at: int
    shift: int
    mask: int


class Facet:
    """The values of each number of one facet: number `n` has `lengths[n]` of them, one after the other in `parts`."""

    def __init__(self, name: str, column: Column, values: Sequence[Sequence[str]]) -> None:
        self.name, self.column, self.size = name, column, len(values)
        self.codes = sorted({code for has in values for code in has})
        place = {code: at for at, code in enumerate(self.codes)}
        # Behind the last number stands one without values, for what a reader does not know yet.
        self.lengths = np.fromiter((*map(len, values), 0), dtype=np.intp, count=self.size + 1)
        self.parts = np.array([place[code] for has in values for code in has], dtype=np.intp)


class Spread:
    """Several facets side by side: their numbers, and the codes of their values, are counted through."""

    def __init__(self, facets: Sequence[Facet]) -> None:
        self.facets = tuple(facets)
        self._numbers = [(facet.column.at, facet.column.shift, facet.column.mask, facet.size) for facet in facets]
        self._columns = sorted({facet.column.at for facet in facets})
        self._first_codes = np.cumsum([0, *(len(facet.codes) for facet in facets)])
        self._codes = [code for facet in facets for code in facet.codes]
        self._facet_of = np.repeat(np.arange(len(facets)), np.diff(self._first_codes))
        self._lengths = np.concatenate([facet.lengths for facet in facets])
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._parts = np.concatenate(
            [facet.parts + first for facet, first in zip(facets, self._first_codes, strict=False)]
        )
        self._names = [facet.name for facet in facets]

    def most(self, rows: NDArray[np.int64], limit: int) -> dict[str, list[tuple[str, int]]]:
        """Return the most frequent values of each facet with their counts in such rows; equals stand by their code."""
        # One facet after the other: what is reckoned with then stays in the processor's nearest memory.
        columns = {at: np.ascontiguousarray(rows[:, at]) for at in self._columns}
        often = np.concatenate([_often((columns[at] >> shift) & mask, size) for at, shift, mask, size in self._numbers])
        there = np.flatnonzero(often)
        lengths = self._lengths[there]
        ends = np.cumsum(lengths)
        at = np.repeat(self._starts[there] - ends + lengths, lengths) + np.arange(ends[-1])
        counts = np.bincount(self._parts[at], np.repeat(often[there], lengths), len(self._codes)).astype(np.int64)
        found = np.flatnonzero(counts)
        counted = counts[found]
        found = found[np.lexsort((-counted, self._facet_of[found]))]
        bounds = np.searchsorted(self._facet_of[found], np.arange(len(self._names) + 1)).tolist()
        places, numbers, codes = found.tolist(), counts[found].tolist(), self._codes
        made: dict[str, list[tuple[str, int]]] = {}
        for name, (begin, end) in zip(self._names, itertools.pairwise(bounds), strict=True):
            last = min(end, begin + limit)
            made[name] = [
                (codes[place], number) for place, number in zip(places[begin:last], numbers[begin:last], strict=True)
            ]
        return made


def _often(numbers: NDArray[np.int64], size: int) -> NDArray[np.intp]:
    """How often each number stands there; those that are not known yet are counted as the one behind the last."""
    counted = np.bincount(numbers, minlength=size + 1)
    if len(counted) > size + 1:
        counted[size] = counted[size:].sum()
    return counted[: size + 1]
