"""Which columns of some rows hold numbers, days, or whatever else is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tdpf.controlplane.preparation.engine.cells import is_missing, is_number
from tdpf.controlplane.preparation.engine.grid import filled
from tdpf.controlplane.preparation.engine.types import Row


def numeric_columns(rows: Sequence[Row], width: int) -> frozenset[int]:
    """Return the columns in which at least four of five values are numbers."""
    return columns_of(rows, width, is_number)


def columns_of(rows: Sequence[Row], width: int, fits: Callable[[str], bool]) -> frozenset[int]:
    """Return the columns in which at least four of five values fit."""
    seen = [0] * width
    fitting = [0] * width
    for row in rows:
        for column in filled(row):
            cell = row[column] or ""
            if column < width and not is_missing(cell):
                seen[column] += 1
                fitting[column] += fits(cell)
    return frozenset(column for column in range(width) if seen[column] and fitting[column] * 5 >= seen[column] * 4)
