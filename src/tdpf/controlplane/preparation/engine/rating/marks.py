"""What a workbook shows beside its values: hidden rows and columns, formulas, objects, and how cells look."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DrawnObject:
    """A picture, shape, chart, control or comment: its kind, and the cell it hangs on (from 0), or None."""

    kind: str
    row: int | None = None
    column: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell is set apart: fill and letter colours as written in the file, bold, italic, underline, strike."""

    fill: str = ""
    colour: str = ""
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False


PLAIN = Look()


@dataclass(slots=True)
class SheetMarks:
    """Rows and columns count from 0. `looks` has the cells that do not look plain; `known` says whether it was read."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    formulas_without_value: list[tuple[int, int]] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    padded: dict[tuple[int, int], int] = field(default_factory=dict)
    objects: list[DrawnObject] = field(default_factory=list)
    looks: dict[tuple[int, int], Look] = field(default_factory=dict)
    far: list[str] = field(default_factory=list)
    known: bool = True
