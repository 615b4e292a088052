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


class _Way(NamedTuple):
    """How the numbers of all facets of one column are read, and where each facet's begin."""

    column: int
    shifts: NDArray[np.int64]
    masks: NDArray[np.int64]
    lasts: NDArray[np.int64]
    firsts: NDArray[np.int64]


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
        sizes = [facet.size + 1 for facet in facets]
        first_numbers = np.cumsum([0, *sizes])
        self._first_codes = np.cumsum([0, *(len(facet.codes) for facet in facets)])
        self._codes = [code for facet in facets for code in facet.codes]
        self._facet_of = np.repeat(np.arange(len(facets)), np.diff(self._first_codes))
        self._lengths = np.concatenate([facet.lengths for facet in facets])
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._parts = np.concatenate(
            [facet.parts + first for facet, first in zip(facets, self._first_codes, strict=False)]
        )
        self._ways: list[_Way] = []
        for column in sorted({facet.column.at for facet in facets}):
            own = [at for at, facet in enumerate(facets) if facet.column.at == column]
            told = [(*facets[at].column[1:], facets[at].size, first_numbers[at]) for at in own]
            self._ways.append(_Way(column, *np.array(told, dtype=np.int64).T))

    def most(self, rows: NDArray[np.int64], limit: int) -> dict[str, list[tuple[str, int]]]:
        """Return the most frequent values of each facet with their counts in such rows; equals stand by their code."""
        numbers = [
            (np.minimum((rows[:, way.column, None] >> way.shifts) & way.masks, way.lasts) + way.firsts).ravel()
            for way in self._ways
        ]
        often = np.bincount(np.concatenate(numbers), minlength=len(self._lengths))
        there = np.flatnonzero(often)
        lengths = self._lengths[there]
        ends = np.cumsum(lengths)
        at = np.repeat(self._starts[there] - ends + lengths, lengths) + np.arange(ends[-1])
        counts = np.bincount(self._parts[at], np.repeat(often[there], lengths), len(self._codes)).astype(np.int64)
        found = np.flatnonzero(counts)
        counted = counts[found]
        found = found[np.lexsort((-counted, self._facet_of[found]))]
        bounds = np.searchsorted(self._facet_of[found], np.arange(len(self.facets) + 1)).tolist()
        made: dict[str, list[tuple[str, int]]] = {}
        for facet, (begin, end) in zip(self.facets, itertools.pairwise(bounds), strict=True):
            first = found[begin : min(end, begin + limit)]
            codes = map(self._codes.__getitem__, first.tolist())
            made[facet.name] = list(zip(codes, counts[first].tolist(), strict=True))
        return made
