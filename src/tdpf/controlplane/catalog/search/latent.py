"""What a collection's own words tell of each other: words that stand in the same texts come to lie near each other.

Latent semantic indexing after Deerwester et al. (JASIS 1990): the first singular vectors of the weighted matrix of texts
and words, found by random projection (Halko, Martinsson and Tropp, SIAM Review 2011). Nothing is learnt elsewhere, so it
serves every language and subject. Needs numpy.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 200
_SPARE = 20
_ROUNDS = 1
_LEARNT_FROM = 20_000
"""From so many texts at most, taken evenly, the dimensions are learnt; the others are put in their places."""
_BLOCK = 3_000
"""So many words are multiplied at once, which fits the processor's cache."""
_ROWS = 8_192
_SEED = 20

Floats = NDArray[np.float32]


class Occurrences:
    """How often which word stands in which text, in the order in which the texts were added."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._words = array("i")
        self._counts = array("i")
        self._ends = array("q")

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, words: Iterable[str]) -> None:
        """Add one text."""
        numbers = self.numbers
        for word, count in Counter(words).items():
            self._words.append(numbers.setdefault(word, len(numbers)))
            self._counts.append(count)
        self._ends.append(len(self._words))

    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """Return the words' numbers, their counts, and where each text begins (with the end of the last)."""
        starts = np.concatenate(([0], np.frombuffer(self._ends, dtype=np.int64)))
        return np.frombuffer(self._words, dtype=np.int32), np.frombuffer(self._counts, dtype=np.int32), starts


@dataclass(frozen=True, slots=True)
class _Sparse:
    """A sparse matrix by rows."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: Floats
    width: int

    def times(self, other: Floats) -> Floats:
        """Return the product with a dense matrix."""
        made = np.zeros((len(self.starts) - 1, other.shape[1]), dtype=np.float32)
        first = 0
        while first < len(made):
            last = int(np.searchsorted(self.starts, self.starts[first] + _BLOCK, side="right")) - 1
            last = min(max(last, first + 1), len(made))
            begin, end = self.starts[first], self.starts[last]
            filled = np.flatnonzero(np.diff(self.starts[first : last + 1]))
            if len(filled):
                parts = other[self.columns[begin:end]] * self.values[begin:end, None]
                made[first + filled] = np.add.reduceat(parts, self.starts[first + filled] - begin)
            first = last
        return made

    def turned(self) -> _Sparse:
        """Return the matrix with rows and columns exchanged."""
        order = np.argsort(self.columns, kind="stable")
        rows = np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))
        starts = np.concatenate(([0], np.cumsum(np.bincount(self.columns, minlength=self.width))))
        return _Sparse(starts, rows[order], self.values[order], len(self.starts) - 1)

    def some(self, rows: NDArray[np.int64]) -> _Sparse:
        """Return a matrix of some rows."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        places = np.repeat(self.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1])
        return _Sparse(starts, self.columns[places], self.values[places], self.width)


class LatentSpace:
    """The texts of a collection in a few dimensions."""

    def __init__(self, found: Occurrences, dimensions: int = DIMENSIONS) -> None:
        words, counts, starts = found.arrays()
        number = len(found)
        self._numbers = found.numbers
        often = np.bincount(words, minlength=len(found.numbers))
        self._rarity = np.log((number + 1) / (often + 0.5)).astype(np.float32)
        values = (1 + np.log(counts, dtype=np.float32)) * self._rarity[words]
        lengths = np.sqrt(np.bincount(_rows(starts), weights=values**2, minlength=number)).astype(np.float32)
        values /= np.maximum(np.repeat(lengths, np.diff(starts)), 1e-9)
        matrix = _Sparse(starts, words, values, len(found.numbers))
        sample = np.unique(np.linspace(0, number - 1, min(number, _LEARNT_FROM)).astype(np.int64))
        self._axes = _axes(matrix if len(sample) == number else matrix.some(sample), dimensions)
        self._texts = np.empty((number, self._axes.shape[1]), dtype=np.float16)
        for at in range(0, number, _ROWS):
            rows = np.arange(at, min(at + _ROWS, number))
            self._texts[at : at + _ROWS] = _of_length_one(matrix.some(rows).times(self._axes))

    def likeness(self, words: Iterable[str]) -> Floats | None:
        """Return the cosine of each text with a text of these words; None when no word is known."""
        asked = [(self._numbers[word], count) for word, count in Counter(words).items() if word in self._numbers]
        if not asked:
            return None
        numbers = np.array([number for number, _ in asked])
        counts = np.array([count for _, count in asked], dtype=np.float32)
        place = ((1 + np.log(counts)) * self._rarity[numbers]) @ self._axes[numbers]
        place /= max(float(np.linalg.norm(place)), 1e-9)
        blocks = range(0, len(self._texts), _ROWS)
        found: Floats = np.concatenate([self._texts[at : at + _ROWS].astype(np.float32) @ place for at in blocks])
        return found


def _axes(matrix: _Sparse, dimensions: int) -> Floats:
    """Return the first right singular vectors, one a column."""
    turned = matrix.turned()
    number = len(matrix.starts) - 1
    wanted = min(dimensions, number // 2, matrix.width // 2)
    drawn = (
        np.random.default_rng(_SEED).standard_normal((matrix.width, min(wanted + _SPARE, number))).astype(np.float32)
    )
    basis: Floats = np.linalg.qr(matrix.times(drawn))[0]
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(turned.times(basis))[0]
        basis = np.linalg.qr(matrix.times(basis))[0]
    small = turned.times(basis)
    strength, sides = np.linalg.eigh(small.T @ small)
    chosen = np.argsort(-strength)[:wanted]
    found: Floats = small @ sides[:, chosen] / np.sqrt(np.maximum(strength[chosen], 1e-9))
    return found


def _of_length_one(rows: Floats) -> Floats:
    found: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return found


def _rows(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))
