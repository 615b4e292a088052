"""How a block of rows is filled, and what in it tells a row of data from a row of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.cells import plain
from tdpf.controlplane.preparation.engine.municipalities import head_of
from tdpf.controlplane.preparation.engine.types import Row

_VALUES = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("link", r"https?://\S+"),
        ("mail", r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
        ("postal", r"〒?\d{3}-\d{4}"),
        ("phone", r"\(?0\d{1,4}\)?-?\d{1,4}-\d{3,4}"),
        ("degrees", r"(?:[2-4]\d|1[2-5]\d)\.\d{3,}"),
        ("hours", r"\d{1,2}:\d{2}(?:\s*[~-]\s*\d{1,2}:\d{2})?"),
        ("address", r"\D{1,12}[市区町村郡]\D{0,20}\d+(?:-\d|番|丁目|号).{0,30}"),
    )
)
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class Outline:
    """Rows with the columns that each fills, and which columns hold numbers, days or digits below the header."""

    rows: Sequence[Row]
    width: int
    full: list[list[int]]
    numeric: frozenset[int]
    used: frozenset[int]
    wide: frozenset[int] = field(default_factory=frozenset)
    dated: frozenset[int] = field(default_factory=frozenset)
    digits: frozenset[int] = field(default_factory=frozenset)
    body_from: int = 0

    def cell(self, row: int, column: int) -> str:
        cells = self.rows[row]
        return (cells[column] or "") if column < len(cells) else ""


def formed_like_body(outline: Outline, row: int) -> bool:
    """Say whether two cells or more, half of the row, are built just like the cells below them: 第1会館, 03-1234-5671."""
    body = [index for index in range(row + 1, min(len(outline.rows), row + 40)) if outline.full[index]]
    if len(body) < 3:
        return False
    alike = 0
    for column in outline.full[row]:
        form = _DIGITS.sub("0", outline.cell(row, column))
        if "0" in form and form != "0" and _digit_rich(outline.cell(row, column)):
            same = sum(_DIGITS.sub("0", outline.cell(index, column)) == form for index in body)
            alike += same * 10 >= len(body) * 8
    return alike >= 2 and alike * 2 >= len(outline.full[row])


def valued_like_body(outline: Outline, row: int) -> bool:
    """Say whether a row holds what no name of a column is (a telephone number, an address with its number), each over more of its kind.

    Pages alone are none: vocabularies name columns by addresses of pages.
    """
    body = [index for index in range(row + 1, min(len(outline.rows), row + 40)) if outline.full[index]]
    found = 0
    for column in outline.full[row]:
        kind = _value_kind(outline.cell(row, column))
        if not kind:
            continue
        below = [cell for index in body if (cell := outline.cell(index, column)).strip()]
        if len(below) < 2 or sum(_value_kind(cell) == kind for cell in below) * 10 < len(below) * 8:
            return False
        found += kind != "link"
    return found > 0


def _value_kind(cell: str) -> str:
    text = plain(cell)
    kind = next((kind for kind, pattern in _VALUES if pattern.fullmatch(text)), "")
    if not kind and 6 < len(text) < 60 and any(map(str.isdigit, text)) and head_of(text) is not None:
        return "address"
    return kind


def again_below(outline: Outline, row: int) -> bool:
    """Say whether most cells of a row stand again below, each in its own column, and not as a header that is repeated whole."""
    line, columns = outline.rows[row], outline.full[row]
    body = []
    for cells in outline.rows[row + 1 : row + 60]:
        alike = sum(column < len(cells) and cells[column] == line[column] for column in columns)
        if any(cells) and alike * 2 <= len(columns):
            body.append(cells)
    if len(columns) < 2 or len(body) < 5:
        return False
    again = sum(any(column < len(cells) and cells[column] == line[column] for cells in body) for column in columns)
    return again >= 2 and again * 2 > len(columns)


def _digit_rich(cell: str) -> bool:
    return len(cell) >= 3 and not cell.endswith(("年", "月", "年度", "回", "歳", "期"))
