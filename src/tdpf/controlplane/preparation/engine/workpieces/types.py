"""Shapes of a workpiece: which standard tables fit, a row before and after, what waits for a person's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CellState = Literal["empty", "same", "changed", "filled", "removed", "rejected", "missing"]
WaitingKind = Literal["cell", "ocr", "address", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaOffer:
    """A standard table that files may become: `mapped` of their `columns` fit it, `required` of its required ones are there."""

    name: str
    title: str
    mapped: int
    columns: int
    required: int
    required_of: int
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShown:
    """One cell before and after; `rule` names what changed it, or the reason why it is empty."""

    before: str | None
    after: str | None
    state: CellState
    rule: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """One row of the standard table, counted from 1, beside the row of the input it came from."""

    row: int
    input: str
    source_row: int
    cells: tuple[CellShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Cells that wait for one answer of a person: the same value, in the same column, for the same reason.

    `proposed` is what stands there now, None when the cell was left empty; `places` are (input, row of the sheet), the first few.
    `cell` is (input, row, column letters) of a cell read from a page, empty for any other. `known` is what the row of a lone cell is
    known by in another edition of its file: its name and its address.
    """

    key: str
    kind: WaitingKind
    column: str
    before: str | None
    proposed: str | None
    reason: str
    count: int
    confidence: float
    places: tuple[tuple[str, int], ...]
    cell: tuple[()] | tuple[str, int, str] = ()
    known: tuple[()] | tuple[str, str] = ()
