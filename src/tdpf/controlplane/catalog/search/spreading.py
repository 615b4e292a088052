"""What the numbers of one facet mean, as arrays, so that the values of thousands of results are added up at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Spread:
    """The values of each number: those of number `n` are `parts` from `starts[n]` on, `lengths[n]` of them."""

    def __init__(self, values: Sequence[Sequence[str]]) -> None:
        self.size = len(values)
        self._codes = sorted({code for has in values for code in has})
        place = {code: at for at, code in enumerate(self._codes)}
        self._lengths = np.fromiter(map(len, values), dtype=np.intp, count=self.size)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._parts = np.array([place[code] for has in values for code in has], dtype=np.intp)

    def most(self, often: NDArray[np.intp], limit: int) -> list[tuple[str, int]]:
        """Return the most frequent values with their counts, `often` the counts of numbers; equals stand by their code."""
        there = np.flatnonzero(often)
        lengths = self._lengths[there]
        ends = np.cumsum(lengths)
        if not len(ends) or not ends[-1]:
            return []
        at = np.repeat(self._starts[there] - ends + lengths, lengths) + np.arange(ends[-1])
        counts = np.bincount(self._parts[at], np.repeat(often[there], lengths)).astype(np.intp)
        found = np.flatnonzero(counts)
        first = found[np.argsort(-counts[found], kind="stable")[:limit]]
        return [(self._codes[code], count) for code, count in zip(first.tolist(), counts[first].tolist(), strict=True)]
