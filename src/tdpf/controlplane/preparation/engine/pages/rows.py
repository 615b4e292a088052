"""Rows of text while a table is put together: cells, their places on paper, and the merges that hold them together."""

from __future__ import annotations

from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.grid import Merge
from tdpf.controlplane.preparation.engine.types import CellPlace, Row


@dataclass(slots=True)
class Rows:
    """Rows with as many places as cells; `mended` counts letters that were given under another name."""

    cells: list[Row] = field(default_factory=list)
    places: list[list[CellPlace | None]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    mended: int = 0

    def keys(self, first: int, count: int) -> list[tuple[str, ...]]:
        """Return rows as labels to compare: one line each, without spaces."""
        return [tuple(header_text(cell).replace(" ", "") for cell in row) for row in self.cells[first : first + count]]

    def without(self, first: int, count: int) -> Rows:
        """Return the rows with `count` rows from `first` on taken out."""
        end = first + count
        merges = [
            Merge(merge.top - count, merge.left, merge.bottom - count, merge.right)
            for merge in self.merges
            if merge.top >= end
        ]
        merges.extend(merge for merge in self.merges if merge.bottom < first)
        return Rows(self.cells[:first] + self.cells[end:], self.places[:first] + self.places[end:], merges, self.mended)

    def extend(self, other: Rows) -> None:
        """Put the rows of another below these."""
        down = len(self.cells)
        self.cells.extend(other.cells)
        self.places.extend(other.places)
        self.merges.extend(
            Merge(merge.top + down, merge.left, merge.bottom + down, merge.right) for merge in other.merges
        )
        self.mended += other.mended
