"""Where a table's header is, how many rows it has, and the names it gives."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tdpf.controlplane.preparation.engine.cells import (
    DATE,
    UNIT_STATED,
    has_digit,
    header_text,
    is_day,
    is_number,
    is_number_or_missing,
    is_remark,
    unit_of,
)
from tdpf.controlplane.preparation.engine.column_kinds import columns_of, numeric_columns
from tdpf.controlplane.preparation.engine.grid import Merge, filled
from tdpf.controlplane.preparation.engine.header_groups import spread
from tdpf.controlplane.preparation.engine.header_languages import in_two_languages, latin_row, says_in_english
from tdpf.controlplane.preparation.engine.header_rows import CORNER, groups_later_ones, names_all, says_again
from tdpf.controlplane.preparation.engine.outline import Outline, again_below, formed_like_body, valued_like_body
from tdpf.controlplane.preparation.engine.types import Row

_SEARCHED = 60
_DEEPEST = 8
# 所管：環境部 道路公園課, 作成日 : 4月1日: a statement with its label, which names no column.
_LABELLED = re.compile(r"[【〔［（(]?[^：:\d]{1,10}\s*[：:]\s*\S")


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a block: its rows (indexes into the block's rows), per column the cells that name it, and units.

    `rows` is empty when the block begins with data. `titles` are the rows above that say something. `english` are the names in
    Latin letters of columns that have Japanese ones as well, `latin_row` says that they have a row of their own.
    """

    rows: tuple[int, ...]
    titles: tuple[int, ...]
    parts: tuple[tuple[str, ...], ...]
    units: tuple[str, ...]
    unit_row: bool = False
    merged: bool = False
    english: tuple[str, ...] = ()
    latin_row: bool = False


def find_header(rows: Sequence[Row], width: int, merges: Sequence[Merge] = ()) -> Header:
    """Return the header of a block of rows. `merges` are relative to the block."""
    outline = _outline(rows, width, merges)
    first = _first_header_row(outline)
    if first is not None and outline.body_from <= first < len(rows) - 1:
        outline = _outline(rows, width, merges, body_from=first + 1)
    if first is None:
        return Header((), (), tuple(() for _ in range(width)), ("",) * width)
    if _is_data(outline, first):
        titles = tuple(index for index in range(first) if outline.full[index])
        return Header((), titles, tuple(() for _ in range(width)), ("",) * width)
    first = _upwards(outline, first, merges)
    header, unit_row = _downwards(outline, first, merges)
    named = _names(outline, header, unit_row, merges)
    titles = tuple(index for index in range(header[0]) if outline.full[index])
    return replace(named, rows=tuple(header), titles=titles)


def _says_when_and_what(outline: Outline, row: int) -> bool:
    cells = [outline.cell(row, column) for column in outline.full[row]]
    return all(
        DATE.fullmatch(cell.strip("（）() 　"))
        or UNIT_STATED.search(cell)
        or is_remark(cell)
        or _LABELLED.match(cell.strip())
        for cell in cells
    )


def _titles_and_dates(outline: Outline, row: int) -> bool:
    """Say whether a row is a title with a day or a unit far right, over a fuller row that begins where it does."""
    first, *others = outline.full[row]
    below = next((full for full in outline.full[row + 1 :] if full), [])
    if not others or first not in below or len(below) <= len(others) + 1 or others[0] - first < 2:
        return False
    cells = [outline.cell(row, column).strip("（）() 　") for column in others]
    return all(DATE.fullmatch(cell) or UNIT_STATED.search(cell) for cell in cells)


def _outline(rows: Sequence[Row], width: int, merges: Sequence[Merge], body_from: int = 0) -> Outline:
    covered = {
        (row, column)
        for merge in merges
        for row in range(merge.top, min(merge.bottom, len(rows) - 1) + 1)
        for column in range(merge.left, merge.right + 1)
        if (row, column) != (merge.top, merge.left)
    }
    full = [[column for column in filled(row) if (index, column) not in covered] for index, row in enumerate(rows)]
    body_from = body_from or min(12, max(1, len(rows) // 2))
    body = rows[body_from:400]
    used = frozenset(column for columns in full for column in columns)
    counts = [0] * width
    lines = [index for index in range(body_from, min(len(rows), 400)) if full[index]]
    for index in lines:
        for column in full[index]:
            counts[column] += 1
    wide = frozenset(column for column in range(width) if lines and counts[column] * 5 >= len(lines) * 4)
    dated = columns_of(body, width, is_day)
    digits = columns_of(body, width, has_digit)
    return Outline(rows, width, full, numeric_columns(body, width), used, wide, dated, digits, body_from)


def _first_header_row(outline: Outline) -> int | None:
    counts = [len(columns) for columns in outline.full[: _first_table_end(outline)]]
    if not any(counts):
        return None
    most = sorted(counts)[-2] if len(counts) > 2 else max(counts)
    most = most or max(counts)
    if most <= 1:
        return next(index for index, count in enumerate(counts) if count)
    needed = max(2, most * 0.5)
    wide = [index for index, count in enumerate(counts) if count >= needed]
    first = wide[0]
    while len(wide) > 1 and _is_title(outline, first, counts):
        first = wide[wide.index(first) + 1]
        if first == wide[-1]:
            break
    return first


def _first_table_end(outline: Outline) -> int:
    """Return where to end the search: at the first gap when a table of three columns or more already stands above it."""
    top = next((row for row, columns in enumerate(outline.full) if len(columns) > 2), 0)
    gap = next((row for row in range(top, min(len(outline.full), _SEARCHED)) if not outline.full[row]), 0)
    head, body = outline.full[top], range(top + 1, gap)
    if (
        len(body) < 3
        or len(head) == len(outline.used)
        or sum(outline.full[row] == head for row in body) * 5 < len(body) * 4
    ):
        return _SEARCHED
    words = not any(has_digit(outline.cell(top, column)) for column in head)
    numbers = any(is_number(outline.cell(row, column)) for row in body for column in head)
    return gap if words and numbers else _SEARCHED


def _is_title(outline: Outline, row: int, counts: list[int]) -> bool:
    """Say whether a row only says when, of whom and in which unit: a day and 単位：人, or words above a gap and a fuller row."""
    if counts[row] > 3 or counts[row] >= max(counts):
        return False
    if _says_when_and_what(outline, row) or _titles_and_dates(outline, row):
        return True
    gap = row + 1 < len(counts) and not counts[row + 1]
    return gap and max(counts[row + 1 : row + 4], default=0) > counts[row]


def _is_data(outline: Outline, row: int) -> bool:
    """Say whether the row that should be the header already is data: numbers where the body has numbers."""
    cells = [outline.cell(row, column) for column in outline.full[row] if column in outline.numeric]
    numbers = [cell for cell in cells if is_number(cell)]
    if any(is_day(outline.cell(row, column)) for column in outline.dated if column in outline.full[row]):
        return len(outline.rows) >= 3
    if formed_like_body(outline, row) or again_below(outline, row) or valued_like_body(outline, row):
        return True
    if not numbers or len(numbers) * 10 < len(cells) * 7 or len(outline.rows) < 2:
        return False
    if any(outline.full[index] for index in range(row)) and len(outline.full[row]) < len(outline.used):
        return False
    return not _is_series(numbers)


def _is_series(numbers: Sequence[str]) -> bool:
    """Say whether numbers are labels: years, or steps of equal size."""
    try:
        values = [float(number.replace(",", "")) for number in numbers]
    except ValueError:
        return False
    if all(value.is_integer() and 1868 <= value <= 2150 for value in values):
        return True
    steps = {round(after - before, 6) for before, after in itertools.pairwise(values)}
    return len(values) >= 3 and len(steps) == 1 and next(iter(steps)) > 0


def _upwards(outline: Outline, first: int, merges: Sequence[Merge]) -> int:
    """Include the rows just above that group the columns: 人口 over 男, 女, 計."""
    while first > 0:
        above = outline.full[first - 1]
        if _says_when_and_what(outline, first - 1):
            return first
        if len(above) == 1 and _groups_some(outline, first, above[0]):
            return first - 1
        if len(above) < 2 or len(above) * 5 < len(outline.full[first]):
            return first
        if any(is_number(outline.cell(first - 1, column)) for column in above):
            return first
        labels = [header_text(outline.cell(first, column)) for column in outline.full[first]]
        grouped = len(set(labels)) < len(labels) or set(outline.full[first]) < outline.used
        spanned = any(merge.top == first - 1 and merge.right > merge.left for merge in merges)
        if not grouped and not spanned and not groups_later_ones(outline, first, above):
            return first
        first -= 1
    return first


def _groups_some(outline: Outline, first: int, column: int) -> bool:
    """Say whether a lone word above the labels groups those from its column on: 人口 over 総数, 男, 女, but none of 番号, 町名."""
    word = outline.cell(first - 1, column).strip()
    labels = outline.full[first]
    right = [label for label in labels if label >= column]
    if column not in labels or len(right) < 2 or len(right) == len(labels) or len(right) > 12:
        return False
    alone = not any(outline.full[row] for row in range(first - 1))
    return alone and len(word) <= 6 and not has_digit(word) and not CORNER.search(word)


def _downwards(outline: Outline, first: int, merges: Sequence[Merge]) -> tuple[list[int], int | None]:
    header = [first]
    unit_row: int | None = None
    covered = set(outline.full[first])
    tall = max((merge.bottom for merge in merges if merge.top == first), default=first)
    row = first + 1
    while row < len(outline.rows) and len(header) < _DEEPEST:
        columns = outline.full[row]
        if not columns:
            break
        missing = outline.used - covered
        if row <= tall and not _numbers_in_numeric(outline, row):
            header.append(row)
        elif unit_row is None and outline.numeric and all(unit_of(outline.cell(row, column)) for column in columns):
            unit_row = row
            header.append(row)
        elif _continues(outline, row, missing, first, merges):
            header.append(row)
        elif (label_row := _label_row(outline, row, missing)) is not None:
            header.extend(range(row, label_row + 1))
            for index in range(row, label_row + 1):
                covered.update(outline.full[index])
            row = label_row + 1
            continue
        else:
            break
        covered.update(columns)
        row += 1
    units = next((index for index in header[1:] if _all_units(outline, index)), None)
    return header, units if units is not None else unit_row


def _all_units(outline: Outline, row: int) -> bool:
    return all(unit_of(outline.cell(row, column)) for column in outline.full[row])


def _numbers_in_numeric(outline: Outline, row: int) -> bool:
    return any(column in outline.numeric and is_number(outline.cell(row, column)) for column in outline.full[row])


def _continues(outline: Outline, row: int, missing: frozenset[int], first: int, merges: Sequence[Merge]) -> bool:
    """Say whether a row below the first header row still is header: words where the body has numbers."""
    columns = outline.full[row]
    if _under_blanks(outline, columns, row, missing) or _under_groups(outline, columns, row, first, merges):
        return True
    if (
        names_all(outline, row, first, missing)
        or says_again(outline, row, first)
        or says_in_english(outline, row, first)
    ):
        return True
    in_numeric = [column for column in columns if column in outline.numeric]
    if any(is_number_or_missing(outline.cell(row, column)) for column in in_numeric):
        return False
    grouped = any(merge.top == first and merge.right > merge.left for merge in merges)
    labels = [header_text(outline.cell(first, column)) for column in outline.full[first]]
    incomplete = bool(missing & outline.wide) or bool(missing) or len(set(labels)) < len(labels)
    if len(in_numeric) >= 2:
        named = all(any(letter.isalnum() for letter in outline.cell(row, column)) for column in in_numeric)
        keyed = any(has_digit(outline.cell(row, column)) for column in columns if column not in outline.numeric)
        most = len(in_numeric) * 10 >= len(outline.numeric) * 6 and not keyed
        return named and (incomplete or grouped or most)
    if len(in_numeric) == 1 and len(outline.numeric) == 1:
        return (incomplete or grouped) and bool(set(columns) & missing)
    wordless = [column for column in columns if column in outline.digits]
    if missing and missing <= set(columns) and len(wordless) >= 2:
        return not any(has_digit(outline.cell(row, column)) for column in columns)
    if outline.numeric:
        return False
    blank_where_full = outline.wide - set(columns)
    return (grouped or bool(missing)) and missing <= set(columns) and bool(blank_where_full - missing) and bool(missing)


def _under_blanks(outline: Outline, columns: Sequence[int], row: int, missing: frozenset[int]) -> bool:
    """Say whether a row holds nothing but words under a group label and the blanks that follow it: 月, 火 … under 診療日."""
    groups = {column for column in range(outline.width) if column + 1 in missing and column not in missing}
    under = set(columns) & missing
    if len(under) < 2 or not set(columns) <= missing | groups or not outline.used - set(columns):
        return False
    cells = [outline.cell(row, column) for column in columns]
    if any(has_digit(cell) or is_number_or_missing(cell) for cell in cells):
        return False
    heads = [max((group for group in groups if group <= column), default=-1) for column in columns]
    return len(set(zip(heads, cells, strict=True))) == len(cells)


def _under_groups(outline: Outline, columns: Sequence[int], row: int, first: int, merges: Sequence[Merge]) -> bool:
    """Say whether a row holds nothing but words of their own under labels merged over several columns: 区分, 年月日 under 決定."""
    groups = [merge for merge in merges if merge.top == merge.bottom == row - 1 and merge.right > merge.left]
    under = {column for merge in groups for column in range(merge.left, merge.right + 1)}
    if row != first + 1 or not under or set(columns) != under or not outline.used - under:
        return False
    cells = [outline.cell(row, column) for column in columns]
    alone = all(
        len({outline.cell(row, column) for column in range(merge.left, merge.right + 1)})
        == merge.right - merge.left + 1
        for merge in groups
    )
    return alone and not any(has_digit(cell) or is_number_or_missing(cell) or len(cell) > 20 for cell in cells)


def _label_row(outline: Outline, row: int, missing: frozenset[int]) -> int | None:
    """Look ahead for a row that names just the columns still without a name, the leftmost among them."""
    if not missing or min(outline.used) not in missing:
        return None
    for index in range(row, min(row + 6, len(outline.rows))):
        columns = set(outline.full[index])
        if not columns & missing:
            continue
        words = not any(is_number(outline.cell(index, column)) for column in columns)
        if columns <= missing and len(columns) * 5 >= len(missing & outline.wide) * 4 and words:
            return index
        return None
    return None


def _names(outline: Outline, header: list[int], unit_row: int | None, merges: Sequence[Merge]) -> Header:
    raw = {row: [outline.cell(row, column) for column in range(outline.width)] for row in header}
    both = in_two_languages([cell for row in header if row != unit_row for cell in raw[row]])
    labels = {row: [both[cell][0] if cell in both else header_text(cell) for cell in raw[row]] for row in header}
    latin = {row: [both[cell][1] if cell in both else "" for cell in raw[row]] for row in header}
    merged = False
    for merge in merges:
        if merge.top in labels and merge.left < outline.width:
            value, second = labels[merge.top][merge.left], latin[merge.top][merge.left]
            for row in range(merge.top, merge.bottom + 1):
                for column in range(merge.left, min(merge.right, outline.width - 1) + 1):
                    if row in labels:
                        merged = merged or not labels[row][column]
                        labels[row][column], latin[row][column] = value, second
    naming = [row for row in header if row != unit_row]
    own_row = latin_row(labels, naming)
    if own_row is not None:
        naming.remove(own_row)
        latin = {own_row: labels[own_row]}
    begun: set[int] = set()
    for above, below in itertools.pairwise(naming):
        own = {column for column, label in enumerate(labels[above]) if label}
        spread(labels[above], labels[below], begun)
        begun |= own
    parts = tuple(_words(labels[row][column] for row in naming) for column in range(outline.width))
    english = tuple(" ".join(_words(cells[column] for cells in latin.values())) for column in range(outline.width))
    units = tuple(unit_of(labels[unit_row][column]) if unit_row is not None else "" for column in range(outline.width))
    return Header(
        (), (), parts, units, unit_row is not None, merged, english if any(english) else (), own_row is not None
    )


def _words(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels of a column that say something, none twice in a row."""
    return tuple(label for label, _ in itertools.groupby(filter(None, labels)))
