"""The grid of places: finds the rows inside a box without reading the others.

Points are grouped by grid cell; a row of cells is one range of the primary key, so a box is a handful of short ranges.
The grid spans the middle 98 % of the points; the outer ones lie in its border cells. (SQLite's R*Tree answers as
fast, but takes eight times as long to build.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

_POINTS_PER_CELL = 48
_MOST_CELLS_PER_SIDE = 2048


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells lie: `cell = row * columns + column`, rows upwards from `south`, columns eastwards from `west`."""

    west: float
    south: float
    step_x: float
    step_y: float
    columns: int
    rows: int
    points: int
    min_x: float
    min_y: float
    max_x: float
    max_y: float

    def column(self, x: float) -> int:
        """Return the column of a longitude, border columns for what lies outside."""
        return _clamp((x - self.west) / self.step_x, self.columns)

    def row(self, y: float) -> int:
        """Return the row of a latitude, border rows for what lies outside."""
        return _clamp((y - self.south) / self.step_y, self.rows)


def _clamp(position: float, count: int) -> int:
    return 0 if position < 0 else count - 1 if position >= count else int(position)


def grid_for(x: pl.Series, y: pl.Series) -> Grid | None:
    """Return a grid that suits the points, or None when there are none."""
    points = len(x)
    if points == 0:
        return None
    west, east = float(x.quantile(0.01) or 0.0), float(x.quantile(0.99) or 0.0)
    south, north = float(y.quantile(0.01) or 0.0), float(y.quantile(0.99) or 0.0)
    width, height = max(east - west, 1e-6), max(north - south, 1e-6)
    cells = max(1.0, points / _POINTS_PER_CELL)
    columns = _side(math.sqrt(cells * width / height))
    rows = _side(math.sqrt(cells * height / width))
    return Grid(
        west, south, width / columns, height / rows, columns, rows, points,
        float(x.min()), float(y.min()), float(x.max()), float(y.max()),  # type: ignore[arg-type]  # numbers, not empty
    )  # fmt: skip


def _side(wanted: float) -> int:
    return min(_MOST_CELLS_PER_SIDE, max(1, round(wanted)))


def placed_points(
    grid: Grid, numbers: pl.Series, x: pl.Series, y: pl.Series
) -> Iterator[tuple[int, int, float, float]]:
    """Yield (cell, row number, latitude, longitude) ordered by cell, then row number."""
    frame = pl.DataFrame({"n": numbers, "x": x, "y": y})
    del numbers, x, y
    column = ((pl.col("x") - grid.west) / grid.step_x).floor().clip(0, grid.columns - 1).cast(pl.Int64)
    row = ((pl.col("y") - grid.south) / grid.step_y).floor().clip(0, grid.rows - 1).cast(pl.Int64)
    ordered = frame.select((row * grid.columns + column).cast(pl.UInt32).alias("c"), "n", "y", "x").sort("c", "n")
    del frame
    yield from ordered.iter_rows()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in degrees; `west > east` means that it crosses the 180th meridian."""

    west: float
    south: float
    east: float
    north: float

    def parts(self) -> tuple[Box, ...]:
        """Return the box as one or two boxes that do not cross the 180th meridian."""
        if self.west <= self.east:
            return (self,)
        return Box(self.west, self.south, 180.0, self.north), Box(-180.0, self.south, self.east, self.north)


Cells = tuple[int, int, int, int]
"""The first and last column, the first and last row."""


def cells_of(grid: Grid, box: Box) -> Cells:
    """Return the cells that a box touches which does not cross the 180th meridian."""
    return grid.column(box.west), grid.column(box.east), grid.row(box.south), grid.row(box.north)


def share_of_points(grid: Grid, touched: Sequence[Cells]) -> float:
    """Return roughly which share of the points these cells hold (0 to 1)."""
    count = sum((right - left + 1) * (high - low + 1) for left, right, low, high in touched)
    return min(1.0, count / (grid.columns * grid.rows))
