"""Where a table ends and the next begins below it: segments between blank rows, judged by their first rows."""

from __future__ import annotations

from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.cells import has_digit, header_text, is_number, is_remark
from tdpf.controlplane.preparation.engine.column_kinds import columns_of, numeric_columns
from tdpf.controlplane.preparation.engine.grid import Grid, Merge, filled
from tdpf.controlplane.preparation.engine.headers import Header, find_header
from tdpf.controlplane.preparation.engine.sketch import HEAD, Sketch
from tdpf.controlplane.preparation.engine.types import Row


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
    if any(is_remark(cell) for cell in cells[:1]):
        return False
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


def _own_shape(rows: list[Row], columns: list[int], first: Head, width: int) -> bool:
    """Say whether words head rows that fill just their columns, with numbers below words and words where numbers stood above."""
    body = rows[1:]
    if len(body) < 2 or len(columns) >= len(first.labels) or any(filled(row) != columns for row in body):
        return False
    own = numeric_columns(body, width) & set(columns)
    alien = [
        column for column in set(columns) & first.numeric - own if not any(is_number(row[column] or "") for row in body)
    ]
    return bool(own) and bool(alien)


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
