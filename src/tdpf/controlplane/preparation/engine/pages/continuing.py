"""What goes on: lists set over several lines, and cells that a page break cuts in two."""

from __future__ import annotations

from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.cells import is_number
from tdpf.controlplane.preparation.engine.grid import Merge
from tdpf.controlplane.preparation.engine.pages.rows import Rows
from tdpf.controlplane.preparation.engine.types import CellPlace, Row

_GOES_ON = ("、", "，", "､")
_FEWEST_ROWS = 4
_LOOKED_AT = 60


def lists_joined(rows: Rows) -> Rows:
    """Join rows that carry on a list: the cell above ends in a comma, and the row holds nothing but that column."""
    index = 1
    while index < len(rows.cells):
        filled = [column for column, cell in enumerate(rows.cells[index]) if cell]
        above = rows.cells[index - 1]
        opens = any(merge.top == index for merge in rows.merges)
        if len(filled) == 1 and not opens and (above[filled[0]] or "").endswith(_GOES_ON):
            _append(rows, index - 1, filled[0], index)
            rows = _shrunk(rows, index)
        else:
            index += 1
    return rows


def _append(rows: Rows, row: int, column: int, following: int) -> None:
    rows.cells[row][column] = f"{rows.cells[row][column]}{rows.cells[following][column]}"
    first, second = rows.places[row][column], rows.places[following][column]
    if first and second and first.page == second.page:
        box = (
            min(first.box[0], second.box[0]),
            min(first.box[1], second.box[1]),
            max(first.box[2], second.box[2]),
            max(first.box[3], second.box[3]),
        )
        rows.places[row][column] = CellPlace(first.page, box, first.confidence)


def _shrunk(rows: Rows, index: int) -> Rows:
    """Take a row out; merges that pass through it are one row shorter."""
    merges = []
    for merge in rows.merges:
        top = merge.top - (merge.top > index)
        bottom = merge.bottom - (merge.bottom >= index)
        if bottom > top or merge.right > merge.left:
            merges.append(Merge(top, merge.left, bottom, merge.right))
    return Rows(
        rows.cells[:index] + rows.cells[index + 1 :],
        rows.places[:index] + rows.places[index + 1 :],
        merges,
        rows.mended,
    )


def carried_on(rows: Rows, own: Rows, *, open_before: bool) -> Rows:
    """Join the first row of a page to the last of the page before when its list goes on there."""
    if not (open_before and rows.cells and own.cells):
        return own
    last, first = rows.cells[-1], own.cells[0]
    filled_above = _with_merged(rows, len(rows.cells) - 1)
    _fill_open(own, filled_above)
    going = [column for column, cell in enumerate(last) if cell and cell.endswith(_GOES_ON) and first[column]]
    if len(going) != 1:
        return own
    same = all(
        column == going[0] or not cell or not filled_above[column] or cell == filled_above[column]
        for column, cell in enumerate(first)
    )
    if not same:
        return own
    last[going[0]] = f"{last[going[0]]}{first[going[0]]}"
    if len(own.cells) > 1:
        for column, cell in enumerate(first):
            if cell and column != going[0] and not own.cells[1][column]:
                own.cells[1][column] = cell
    return _first_shrunk(own)


def fill_labels(rows: Rows, own: Rows, columns: Sequence[int]) -> None:
    """Give blank cells over several rows beside a page break, in `columns`, the value their other part has across it."""
    if not (rows.cells and own.cells):
        return
    above = _with_merged(rows, len(rows.cells) - 1)
    _fill_open(own, [cell if column in columns else None for column, cell in enumerate(above)])
    for column in columns:
        place = rows.places[-1][column]
        value = own.cells[0][column]
        if place is None or not value or is_number(value):
            continue
        at = len(rows.cells) - 1
        while at >= 0 and rows.places[at][column] is place and not rows.cells[at][column]:
            rows.cells[at][column] = value
            at -= 1


def rest_of_row(rows: Rows, own: Rows) -> Rows:
    """Join the first row of a page to the last of the page before when a page break cuts it: all rows but it have a name.

    It has few cells filled and no number among them, each the rest of a cell above or the whole of one that is blank there.
    """
    if len(rows.cells) < _FEWEST_ROWS or not own.cells or any(merge.top == 0 for merge in own.merges):
        return own
    last, first = rows.cells[-1], own.cells[0]
    filled = [column for column, cell in enumerate(first) if cell]
    body = [row for row in rows.cells[-_LOOKED_AT:-1] if any(row)]
    if not filled or filled[0] == 0 or not last[0] or sum(bool(row[0]) for row in body) * 20 < len(body) * 19:
        return own
    if any(not row[0] for row in own.cells[1:]) or any(is_number(str(first[column])) for column in filled):
        return own
    whole = [column for column in filled if not last[column]]
    if whole and (
        len(whole) < len(filled) or any(sum(bool(row[column]) for row in body) * 10 < len(body) * 9 for column in whole)
    ):
        return own
    if not whole and len(filled) * 2 > len(first):
        return own
    for column in filled:
        last[column] = f"{last[column] or ''}{first[column]}"
        if column in whole:
            rows.places[-1][column] = own.places[0][column]
    return _first_shrunk(own)


def _fill_open(own: Rows, above: Row) -> None:
    """Give a blank cell over several rows at the top of a page the value of the cell it is the rest of."""
    for column, value in enumerate(above):
        place = own.places[0][column]
        if not value or own.cells[0][column] or place is None:
            continue
        count = 0
        while count < len(own.cells) and own.places[count][column] is place and not own.cells[count][column]:
            count += 1
        if count > 1:
            for row in range(count):
                own.cells[row][column] = value


def _first_shrunk(rows: Rows) -> Rows:
    merges = []
    for merge in rows.merges:
        if merge.top:
            merges.append(Merge(merge.top - 1, merge.left, merge.bottom - 1, merge.right))
        elif merge.bottom > 1 or (merge.bottom == 1 and merge.right > merge.left):
            merges.append(Merge(0, merge.left, merge.bottom - 1, merge.right))
    return Rows(rows.cells[1:], rows.places[1:], merges, rows.mended)


def _with_merged(rows: Rows, index: int) -> Row:
    """Return a row as read with what is merged into it from above."""
    row = list(rows.cells[index])
    for merge in rows.merges:
        if merge.top <= index <= merge.bottom and not row[merge.left]:
            row[merge.left] = rows.cells[merge.top][merge.left]
    return row
