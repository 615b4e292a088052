"""One pass over a grid that remembers its outline: how full rows and columns are, and the rows where things change."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.grid import Grid, filled
from tdpf.controlplane.preparation.engine.types import Row

HEAD = 400
_AFTER_GAP = 60
_TAIL = 60
_GAPS_FOLLOWED = 400


@dataclass(slots=True)
class Sketch:
    """The outline of a grid, or of some of its columns. Row and column numbers count from 0 in the whole grid.

    `fill` is the number of cells that show something per row; `kept` holds the rows near the start, the end and the
    gaps; `column_fill`, `column_first` and `column_last` say how often, from where and to where a column is used.
    """

    left: int = 0
    fill: array[int] = field(default_factory=lambda: array("l"))
    kept: dict[int, Row] = field(default_factory=dict)
    width: int = 0
    column_fill: list[int] = field(default_factory=list)
    column_first: list[int] = field(default_factory=list)
    column_last: list[int] = field(default_factory=list)
    widths: dict[int, int] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """How many rows the grid has, blank ones included."""
        return len(self.fill)

    @property
    def used_columns(self) -> list[int]:
        """The columns that show something anywhere."""
        return [index for index, count in enumerate(self.column_fill) if count]

    def segments(self) -> list[tuple[int, int]]:
        """Return the runs of rows without a blank row in between, as (first, last)."""
        runs: list[tuple[int, int]] = []
        start = -1
        for index, count in enumerate(self.fill):
            if count and start < 0:
                start = index
            elif not count and start >= 0:
                runs.append((start, index - 1))
                start = -1
        if start >= 0:
            runs.append((start, len(self.fill) - 1))
        return runs


def draw(grid: Grid, left: int = 0, right: int | None = None) -> Sketch:
    """Go through the grid once and return its outline; `left` and `right` cut a strip of columns out of it."""
    sketch = Sketch(left=left)
    tail: deque[tuple[int, Row]] = deque(maxlen=_TAIL)
    since_gap = _AFTER_GAP
    gaps = 0
    cut = left > 0 or right is not None
    alike: list[int] = []
    times = before = 0
    for index, whole in enumerate(grid.rows()):
        row = whole[left : None if right is None else right + 1] if cut else whole
        columns = filled(row)
        sketch.fill.append(len(columns))
        width = len(row)
        sketch.widths[width] = sketch.widths.get(width, 0) + 1
        if not columns:
            if since_gap:
                gaps += 1
            since_gap = 0
            continue
        since_gap += 1
        if columns == alike:
            times += 1
        else:
            _count(sketch, alike, times, before)
            alike, times = columns, 1
            _open(sketch, columns, index)
        before = index
        if index < HEAD or (since_gap <= _AFTER_GAP and gaps <= _GAPS_FOLLOWED):
            sketch.kept[index] = row
        tail.append((index, row))
    _count(sketch, alike, times, before)
    sketch.kept.update(tail)
    return sketch


def _open(sketch: Sketch, columns: list[int], index: int) -> None:
    """Make room for the columns a row uses, and note those used for the first time."""
    if columns[-1] >= sketch.width:
        _widen(sketch, columns[-1] + 1)
    for column in columns:
        if sketch.column_first[column] < 0:
            sketch.column_first[column] = index


def _count(sketch: Sketch, columns: list[int], times: int, last: int) -> None:
    """Count a run of rows that use the same columns, the last of them in row `last`."""
    for column in columns:
        sketch.column_fill[column] += times
        sketch.column_last[column] = last


def _widen(sketch: Sketch, width: int) -> None:
    more = width - sketch.width
    sketch.column_fill.extend([0] * more)
    sketch.column_first.extend([-1] * more)
    sketch.column_last.extend([-1] * more)
    sketch.width = width
