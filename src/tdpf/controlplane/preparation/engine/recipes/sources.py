"""From tables that were read to frames that steps work on; rows that are totals are set apart with their words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.recipes.types import Frame, RowApart, SourceTable, Values

_COUNTED = re.compile(r"[\d,０-９，]+(?:施設|件|か所|箇所|カ所|ヶ所|ケ所|人|名|団体|事業所|園|校|床|台|基|店|世帯)")
_TOTAL = re.compile(r"(?:総|合|小)?計|総数|合計数|全体|総合計|全市計|市計|町計|村計|区計|全市|total", re.IGNORECASE)


def frame_of(source: SourceTable, *, totals: str) -> tuple[Frame, list[RowApart]]:
    """Return the rows of a table as a frame. `totals` is "apart" or "keep".

    A total is a row whose only words are 計, 合計 or the like, or a row of numbers without any word below rows that have names; in a
    table of numbers it must also be the sum of other rows.
    """
    names = source.table.column_names
    rows = list(source.table.iter_rows())
    places = list(source.table.iter_places()) or list(range(1, len(rows) + 1))
    apart: list[RowApart] = []
    kept: list[int] = []
    labels = _label_columns(rows, len(names)) if totals == "apart" else []
    for index, row in enumerate(rows):
        why = _total(row, rows, index, labels) if labels else ""
        if why:
            apart.append(RowApart(input=source.id, row=places[index], cells=tuple(row), why=why))
        else:
            kept.append(index)
    columns: dict[str, Values] = {
        name: [_shown(rows[index][place]) for index in kept] for place, name in enumerate(names)
    }
    letters = source.table.column_places
    sources: dict[str, dict[str, tuple[str, ...]]] = {
        name: {source.id: (letters[place] if letters else name,)} for place, name in enumerate(names)
    }
    frame = Frame(
        columns, [(source.id, places[index]) for index in kept], sources, header={name: name for name in names}
    )
    return frame, apart


def _shown(cell: str | None) -> str | None:
    return cell if cell and not cell.isspace() else None


def _label_columns(rows: Sequence[Sequence[str | None]], width: int) -> list[int]:
    """Return the columns that hold words in most rows."""
    found = []
    for column in range(width):
        cells = [row[column] for row in rows if row[column] and not str(row[column]).isspace()]
        words = sum(1 for cell in cells if cell and number(cell).value is None)
        if cells and words * 5 >= len(cells) * 4 and len(cells) * 2 >= len(rows):
            found.append(column)
    return found


def _total(row: Sequence[str | None], rows: Sequence[Sequence[str | None]], index: int, labels: Sequence[int]) -> str:
    words = [str(row[column]).strip() for column in labels if row[column] and str(row[column]).strip()]
    words += [
        cell.strip()
        for place, cell in enumerate(row)
        if place not in labels and cell and _TOTAL.fullmatch(cell.strip())
    ]
    numbers = {
        place: found for place, cell in enumerate(row) if place not in labels and cell and (found := number(cell).value)
    }
    bare = [re.sub(r"[\s　（）()]", "", word) for word in words]
    named = [word for word in bare if not _TOTAL.fullmatch(word)]
    if len(named) < len(bare):
        named = [word for word in named if not _COUNTED.fullmatch(word)]
    if words and named:
        return ""
    if words:
        last = index == len(rows) - 1 and index >= 2 and sum(1 for cell in row if cell and not cell.isspace()) <= 3
        return "total-label" if not numbers or last or _is_sum(numbers, rows, index, labels) else ""
    if index and numbers and _is_sum(numbers, rows, index, labels):
        return "total-sum"
    filled = [cell for cell in row if cell and not cell.isspace()]
    if index == len(rows) - 1 and index >= 5 and len(filled) <= 2 and len(numbers) == len(filled):
        return "total-unnamed"
    return ""


def _is_sum(numbers: dict[int, str], rows: Sequence[Sequence[str | None]], index: int, labels: Sequence[int]) -> bool:
    """Say whether most numbers of a row are the sums of their columns over the rows with a name of their own."""
    right = judged = 0
    for place, written in list(numbers.items())[:12]:
        total = 0.0
        seen = 0
        for other, row in enumerate(rows):
            cell = row[place]
            if other == index or not cell or _is_total_row(row, labels):
                continue
            found = number(cell).value
            if found is not None:
                total += float(found)
                seen += 1
        if seen >= 2:
            judged += 1
            right += abs(total - float(written)) < 0.5
    return judged > 0 and right * 2 > judged


def _is_total_row(row: Sequence[str | None], labels: Sequence[int]) -> bool:
    words = [str(row[column]).strip() for column in labels if row[column] and str(row[column]).strip()]
    return bool(words) and all(_TOTAL.fullmatch(re.sub(r"[\s　（）()]", "", word)) for word in words)
