"""What steps share while a recipe runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.addresses.gazetteer import GazetteerFile
from tdpf.controlplane.preparation.engine.merging.types import Conflict, DuplicateGroup, Mark
from tdpf.controlplane.preparation.engine.rating.types import Rating
from tdpf.controlplane.preparation.engine.recipes.types import Frame, Log, Quarantined, RowApart, SourceTable
from tdpf.controlplane.preparation.engine.schemas.types import Schema


@dataclass(slots=True)
class State:
    """The frames by input id until `union` leaves one; words beside values wait in `rests` until a column takes them.

    `pairs` is what persons said of pairs of rows: the same thing or not; `unmended` is what names and addresses that a person
    corrected said before, by origin and column.
    """

    schema: Schema
    sources: Mapping[str, SourceTable]
    frames: dict[str, Frame]
    log: Log = field(default_factory=Log)
    apart: list[RowApart] = field(default_factory=list)
    rests: dict[str, dict[str, dict[int, str]]] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    duplicates: list[DuplicateGroup] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    gazetteer: GazetteerFile | None = None
    pairs: Mapping[frozenset[Mark], bool] = field(default_factory=dict)
    ratings: list[Rating] = field(default_factory=list)
    unmended: dict[tuple[tuple[str, int], str], str | None] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """How many rows there are in all frames."""
        return sum(frame.height for frame in self.frames.values())
