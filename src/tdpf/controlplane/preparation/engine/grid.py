"""A grid: rows of cells as they stand in a sheet or a text file, before anyone says what is a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tdpf.controlplane.preparation.engine.types import Note, Row

_FAR = 1000


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; all four are inclusive and count from 0."""

    top: int
    left: int
    bottom: int
    right: int


class Grid(Protocol):
    """Rows that can be gone through more than once. Row 0 is the first row of the sheet or the first record."""

    @property
    def name(self) -> str:
        """The sheet's name; empty for a text file."""

    @property
    def merges(self) -> Sequence[Merge]:
        """The merged ranges of the sheet."""

    @property
    def notes(self) -> Sequence[Note]:
        """What reading the cells itself showed."""

    def rows(self) -> Iterator[Row]:
        """Yield every row, as long as it is; an empty cell is None."""


@dataclass(frozen=True, slots=True)
class MemoryGrid:
    """A grid whose rows are all in memory."""

    name: str
    cells: Sequence[Row]
    merges: Sequence[Merge] = ()
    notes: Sequence[Note] = ()

    def rows(self) -> Iterator[Row]:
        """Yield every row."""
        return iter(self.cells)


def bounded_merges(
    ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]], cells: Sequence[Row]
) -> tuple[Merge, ...]:
    """Return merged ranges of (top, left), (bottom, right); one that reaches far past the cells ends with them, and counts once."""
    height, width = len(cells), max(map(len, cells), default=0)
    found: dict[Merge, None] = {}
    for (top, left), (bottom, right) in ranges:
        if bottom > height + _FAR or right > width + _FAR:
            bottom, right = min(bottom, max(top, height - 1)), min(right, max(left, width - 1))
        found[Merge(int(top), int(left), int(bottom), int(right))] = None
    return tuple(found)


def filled(row: Row) -> list[int]:
    """Return the indexes of the cells that show something."""
    return [index for index, cell in enumerate(row) if cell and not cell.isspace()]


def column_letters(index: int) -> str:
    """Return the letters of a column counted from 0: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def a1(top: int, left: int, bottom: int, right: int) -> str:
    """Return a range in A1 notation from indexes counted from 0."""
    return f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
