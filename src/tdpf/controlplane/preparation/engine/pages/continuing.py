"""What goes on: lists set over several lines, and cells that a page break cuts in two."""

from __future__ import annotations

from tdpf.controlplane.preparation.engine.grid import Merge
from tdpf.controlplane.preparation.engine.pages.rows import Rows
from tdpf.controlplane.preparation.engine.types import CellPlace, Row

_GOES_ON = ("、", "，", "､")


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
