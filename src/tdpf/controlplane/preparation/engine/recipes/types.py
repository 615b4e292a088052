"""What a run works on and what it leaves: frames of columns, events of cells, the origin of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.merging.types import Conflict, DuplicateGroup
from tdpf.controlplane.preparation.engine.rating.types import Rating
from tdpf.controlplane.preparation.engine.recipes.event_store import Event, Events, Severity
from tdpf.controlplane.preparation.engine.types import Finding, ReadResult, TableFound

Values = list[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """One table that goes in: `id` is short and unique in a run, `sha256` is of the file's bytes.

    `places` are (row, letters of the column) of every cell of every row, of a table that was set upright.
    """

    id: str
    file: str
    sha256: str
    result: ReadResult
    table: TableFound
    findings: tuple[Finding, ...] = ()
    rating: Rating | None = None
    places: tuple[tuple[tuple[int, str], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CellRef:
    """One cell of an input: the row counts from 1 in the sheet, the column is its letters."""

    input: str
    row: int
    column: str


@dataclass(slots=True)
class Frame:
    """A table on its way: columns of equal length, where each row came from, and which columns each column came from.

    `cells` holds the origins of cells that came from other cells than their row and column say (after reshaping).
    """

    columns: dict[str, Values]
    origins: list[tuple[str, int]]
    sources: dict[str, dict[str, tuple[str, ...]]]
    cells: dict[tuple[int, str], tuple[CellRef, ...]] = field(default_factory=dict)
    header: dict[str, str] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.origins)

    def trace(self, row: int, column: str) -> tuple[CellRef, ...]:
        """Return the cells of the inputs that a cell was made from; empty when it was filled from elsewhere."""
        exact = self.cells.get((row, column))
        if exact is not None:
            return exact
        source, number = self.origins[row]
        return tuple(CellRef(source, number, letters) for letters in self.sources.get(column, {}).get(source, ()))

    def column(self, name: str) -> Values:
        """Return a column, made empty when it is not there yet."""
        if name not in self.columns:
            self.columns[name] = [None] * self.height
        return self.columns[name]


@dataclass(slots=True)
class Log:
    """Gathers events; frames know where their cells came from."""

    events: Events = field(default_factory=Events)

    def add(
        self,
        frame: Frame,
        row: int,
        column: str,
        *,
        step: str,
        before: str | None,
        after: str | None,
        rule: str = "",
        reason: str = "",
        confidence: float = 1.0,
        severity: Severity = "info",
    ) -> None:
        """Note what happened to the cell of a row counted from 0."""
        found = frame.trace(row, column)
        source, number = frame.origins[row]
        self.events.append(
            Event(
                row + 1,
                column,
                step,
                severity,
                rule,
                reason,
                before,
                after,
                confidence,
                found[0].input if found else source,
                found[0].row if found else number,
                found[0].column if found else "",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowApart:
    """A row of an input that is no record of its own (a total, a duplicate), set apart with its words."""

    input: str
    row: int
    cells: tuple[str | None, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """An output row, counted from 1, that may not be published as it is, with the columns and reasons."""

    row: int
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The result of a recipe on its inputs: `key` names everything it depends on; same key, same result.

    `gazetteer` is the identity of the gazetteer that was there for it, "" when there was none.
    """

    key: str
    columns: tuple[str, ...]
    frame: Frame
    events: Events
    apart: tuple[RowApart, ...]
    quarantined: tuple[Quarantined, ...]
    steps: tuple[tuple[str, int, int], ...]
    findings: tuple[Finding, ...] = ()
    duplicates: tuple[DuplicateGroup, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    gazetteer: str = ""
    ratings: tuple[Rating, ...] = ()

    def rows(self) -> Sequence[tuple[str | None, ...]]:
        """Return the rows in order, as wide as `columns`."""
        return list(zip(*(self.frame.columns[name] for name in self.columns), strict=True))
