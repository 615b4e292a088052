"""Where a table ends and the next begins below it: segments between blank rows, judged by their first rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.cells import has_digit, header_text, is_missing, is_number, is_remark
from tdpf.controlplane.preparation.engine.column_kinds import columns_of, numeric_columns
from tdpf.controlplane.preparation.engine.grid import Grid, Merge, filled
from tdpf.controlplane.preparation.engine.headers import Header, find_header
from tdpf.controlplane.preparation.engine.sketch import HEAD, Sketch
from tdpf.controlplane.preparation.engine.types import Row

LEADS = re.compile(
    r"番号|^(?:No|№|ID|コード|順位|連番)\.?$|コード$|^.{0,6}(?:年度|年次|年月|年月日|日付|年|月)(?:[（(]西暦[)）])?$|名称?$|区分$|種別$|種類$",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\s*[【〔［\[<＜（(]?\s*(?P<number>第?\s*[0-9０-９]+\s*表|(?:付?表|別表)\s*[0-9０-９一二三]+)|\s*(?:【.+】|[■◆●▼◎]\s*\S)"
)
_CANDIDATES = 20
NUMBERS = re.compile(r"番号$|^(?:No|№|順位|連番)\.?$", re.IGNORECASE)
DATED = re.compile(r"^(?:会計|対象|調査|集計)?(?:年度|年次|年月|年|月)(?:[（(]西暦[)）])?$")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table: its header, which columns hold numbers below it, the labels, and how wide the sketch is."""

    header: Header
    numeric: frozenset[int]
    labels: frozenset[str]
    width: int


def head_at(grid: Grid, sketch: Sketch, start: int, left: int) -> Head:
    """Return the head of the table that begins in row `start`."""
    rows = [sketch.kept.get(row, []) for row in range(start, min(start + HEAD, sketch.height))]
    header = find_header(rows, sketch.width, merges_from(grid, start, left))
    after = (max(header.rows) if header.rows else -1) + 1
    labels = frozenset(part for parts in header.parts for part in parts)
    gap = next((place for place in range(after + 2, len(rows)) if not rows[place]), len(rows))
    return Head(header, numeric_columns(rows[after:gap], sketch.width), labels, sketch.width)


def starts_table(rows: list[Row], first: Head, sketch: Sketch, start: int, end: int) -> bool:
    """Say whether a segment after a blank row opens a new table instead of carrying on the one above."""
    if end - start < 1 or not first.header.rows:
        return False
    if not _below_header(first, sketch, start):
        return False
    opening = 0
    while opening < min(3, len(rows) - 1) and len(filled(rows[opening])) == 1:
        opening += 1
    columns = filled(rows[opening])
    if len(columns) < 2:
        return False
    cells = [rows[opening][column] or "" for column in columns]
    if {header_text(cell) for cell in cells} <= first.labels and len(cells) * 5 >= len(first.labels) * 4:
        return opening > 0
    if len(cells) < 3 and is_remark(cells[0]):
        return False
    if opening and _titled(
        next(filter(None, rows[opening - 1])), rows[opening], rows[opening + 1 :], len(first.labels)
    ):
        return True
    if not any(has_digit(cell) for cell in cells) and _names_alike(
        cells, first, rows[opening + 1 :], opening, sketch.width
    ):
        return True
    if not any(has_digit(cell) for cell in cells) and _own_shape(rows[opening:], columns, first, sketch.width):
        return True
    words_in_numeric = [
        column for column in columns if column in first.numeric and not is_number(rows[opening][column] or "")
    ]
    numbers = [cell for cell in cells if is_number(cell)]
    if numbers or not words_in_numeric:
        return False
    own = numeric_columns(rows[opening + 1 :], sketch.width)
    return len(words_in_numeric) >= 2 or bool(own & set(words_in_numeric))


def _titled(title: str, names: Row, body: list[Row], width: int) -> bool:
    """Say whether a title stands over names of columns, not a group's name over more rows: those fill as many columns as all others."""
    match = _TITLE.match(title)
    words = [header_text(cell) for cell in names if cell]
    if match is None or any(map(is_number, words)) or sum(map(has_digit, words)) * 3 > len(words):
        return False
    again = any(cell and column < len(row) and row[column] == cell for row in body for column, cell in enumerate(names))
    return not again and (match.group("number") is not None or len(words) != width)


def starts_within(sketch: Sketch, start: int, end: int, first: Head) -> list[int]:
    """Return the rows of a segment in which another table begins though no blank row parts it from the one above."""
    if not first.header.rows or not first.numeric:
        return []
    found: list[int] = []
    top = start + max(first.header.rows) + 1
    looked_at = 0
    for row in range(top + 2, end - 1):
        cells = sketch.kept.get(row)
        if cells is None or looked_at == _CANDIDATES or not _may_name(cells, first.labels):
            continue
        looked_at += 1
        above = [sketch.kept[place] for place in range(max(top, row - 50), row) if place in sketch.kept]
        below = kept_from(sketch, row + 1, end)
        if _parts(cells, above, below, sketch.width):
            titled = sketch.fill[row - 1] == 1 and not any(map(is_number, filter(None, sketch.kept.get(row - 1, []))))
            found.append(row - 1 if titled else row)
            top = row + 1
    return found


def _may_name(cells: Row, labels: frozenset[str]) -> bool:
    """Say whether a row may hold the names of columns: three words or more, all different, none of them a digit or a name above."""
    words = [header_text(cell) for cell in cells if cell and not cell.isspace()]
    if len(words) < 3 or len(set(words)) < len(words) or labels & set(words):
        return False
    return not any(has_digit(word) or is_missing(word) or len(word) > 24 for word in words)


def _parts(cells: Row, above: list[Row], below: list[Row], width: int) -> bool:
    """Say whether words stand among numbers and the rows below have another shape than those above, or other kinds of columns."""
    columns = filled(cells)
    if len(above) < 2 or len(below) < 2:
        return False
    numeric, own = numeric_columns(above, width), numeric_columns(below, width)
    among = numeric & set(columns)
    if len(among) < 2 or not own & set(columns):
        return False
    changed = all(filled(row) == columns for row in below[:20]) and all(filled(row) != columns for row in above[-20:])
    return changed or (len(among) >= 3 and bool((numeric ^ own) & set(columns)) and len(below) >= 3)


def _own_shape(rows: list[Row], columns: list[int], first: Head, width: int) -> bool:
    """Say whether words head rows that fill just their columns, with numbers below words and words where numbers stood above."""
    body = rows[1:]
    if len(body) < 2 or len(columns) > len(first.labels) or any(filled(row) != columns for row in body):
        return False
    own = numeric_columns(body, width) & set(columns)
    if len(columns) == len(first.labels):
        return len(own - first.numeric) >= 2 and not first.numeric
    alien = [
        column for column in set(columns) & first.numeric - own if not any(is_number(row[column] or "") for row in body)
    ]
    return bool(own) and (bool(alien) or len(own - first.numeric) >= 2)


def _names_alike(cells: list[str], first: Head, body: list[Row], opening: int, width: int) -> bool:
    """Say whether words look like another header: some are labels of the table above, or all stand over digits."""
    labels = {header_text(cell) for cell in cells}
    shared = len(labels & first.labels)
    if shared and shared < len(labels) and len(labels) > 2 - bool(opening):
        return opening > 0 or shared >= 2
    over_digits = columns_of(body, width, has_digit)
    return opening > 0 and len(body) >= 2 and len(over_digits) >= 2


def _below_header(first: Head, sketch: Sketch, start: int) -> bool:
    """Say whether data already stood above: a blank row right below a title or header parts nothing."""
    return any(sketch.fill[row] for row in range(max(first.header.rows) + 1, start)) if start else False


def kept_from(sketch: Sketch, start: int, end: int) -> list[Row]:
    """Return the rows of a segment that the sketch kept, up to fifty."""
    return [sketch.kept[row] for row in range(start, min(end, start + 50) + 1) if row in sketch.kept]


def merges_from(grid: Grid, start: int, left: int) -> list[Merge]:
    """Return the merges right of and below a place, counted from there."""
    return [
        Merge(merge.top - start, merge.left - left, merge.bottom - start, merge.right - left)
        for merge in grid.merges
        if merge.top >= start and merge.left >= left
    ]


def counts_up(cells: Sequence[str | None], *, years: bool = False) -> bool:
    """Say whether cells count row by row: 1, 2, 3, or with `years` 2021, 2022, 2023."""
    digits = [cell.strip().removesuffix("年度").removesuffix("年") if cell else "" for cell in cells]
    if len(digits) < 4 or not all(digit.isdigit() and len(digit) <= 6 for digit in digits):
        return False
    numbers = [int(digit) for digit in digits]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return False
    return numbers[0] in (0, 1) or (years and 1868 <= numbers[0] <= 2150)
