"""From tables that were read to frames that steps work on; rows that are totals are set apart with their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.recipes.no_records import Rows
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame, RowApart, SourceTable, Values
from tdpf.controlplane.preparation.engine.types import Row

_SAMPLE = 500
_COUNTED = re.compile(r"[\d,０-９，]+(?:施設|件|か所|箇所|カ所|ヶ所|ケ所|人|名|団体|事業所|園|校|床|台|基|店|世帯)")
_OF_PAGE = r"(?:この|当|本|前)?(?:ページ|頁)の?(?:小|合|累)?計|(?:前(?:ページ|頁)より)?繰越|累計"
_COUNTED_TOTAL = r"(?:計|総数|施設数|箇所数)\d+(?:[件人名所棟基台]|[かヶケカ箇ｹ]所|施設)?"
_TOTAL = re.compile(
    r"(?:総|合|小)?計|総数|合計数|[市区町村]?全体|総合計|全[市区町村]計?|(?:市|町|郡|区)?[市区町村都県郡部]計|(?:sub)?total"
    rf"|{_COUNTED_TOTAL}|{_OF_PAGE}",
    re.IGNORECASE,
)
_SURELY = re.compile(
    rf"(?:総|合|小)計|計|合計数|総合計|(?:全|市|町)?[市区町村都県郡部]計|{_COUNTED_TOTAL}|{_OF_PAGE}", re.IGNORECASE
)
_SUBTOTAL = re.compile(r"[市郡区]部計|(?:町|村|町村)計|小計")
_PART_TOTAL = re.compile(r"(?P<of>.{2,12}?)(?<![統会時設生家合余推集])(?:計|小計|合計|総数)")
_OF_WHICH = re.compile(r"(?:うち|内)(?:外国人|日本人|市内|町内|男|女|世帯|人口).{0,8}|再掲")
_COMPARED = re.compile(
    r"(?:対)?前(?:月|年|回|年度|年同月|年同期)(?:比|差|比較)?(?:増減)?数?|増減[数率]?|(?:構成)?比率?|割合|平均"
)


def frame_of(source: SourceTable, *, totals: str) -> tuple[Frame, list[RowApart]]:
    """Return the rows of a table as a frame. `totals` is "apart" or "keep".

    A total is a row whose only words are 計, 合計 or the like, or a row of numbers without any word below rows that have names; in a
    table of numbers it must also be the sum of other rows. What is no record for another reason (`Rows`) is set apart too.
    """
    names = source.table.column_names
    rows = list(source.table.iter_rows())
    places = list(source.table.iter_places()) or list(range(1, len(rows) + 1))
    apart: list[RowApart] = []
    kept: list[int] = []
    labels = _label_columns(rows, len(names)) if totals == "apart" else []
    table = _Table(rows, labels)
    lines = Rows(rows, [column.header or (column.name,) for column in source.table.columns])
    for index, row in enumerate(rows):
        why = table.why_total(index) if labels else ""
        why = why or (lines.why(index) if totals == "apart" else "")
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
    if source.places:
        frame.cells = {
            (place, name): (CellRef(source.id, *at),)
            for place, index in enumerate(kept)
            for name, at in zip(names, source.places[index], strict=True)
            if at[0]
        }
    return frame, apart


def is_total_word(word: str) -> bool:
    """Say whether a cell says that its row is a total: 計, 合計, 全市."""
    return bool(_TOTAL.fullmatch(_bare(word)))


def _bare(word: str) -> str:
    return re.sub(r"[\s　（）()]", "", word)


def _shown(cell: str | None) -> str | None:
    return cell if cell and not cell.isspace() else None


def _label_columns(rows: Sequence[Row], width: int) -> list[int]:
    """Return the columns that hold words in most rows, judged on a sample from all over the table."""
    step = max(1, len(rows) // _SAMPLE)
    sample = rows[::step]
    found = []
    for column in range(width):
        cells = [row[column] for row in sample if row[column] and not str(row[column]).isspace()]
        words = sum(1 for cell in cells if cell and number(cell).value is None)
        if cells and words * 5 >= len(cells) * 4 and len(cells) * 2 >= len(sample):
            found.append(column)
    return found


@dataclass(slots=True)
class _Table:
    """Rows with their columns of words; sums of columns are made when a row asks for them, once."""

    rows: Sequence[Row]
    labels: Sequence[int]
    sums: dict[int, tuple[float, int]] | None = None

    def why_total(self, index: int) -> str:
        """Return why a row is a total, or nothing."""
        row = self.rows[index]
        words = [str(row[column]).strip() for column in self.labels if row[column] and str(row[column]).strip()]
        words += [
            cell.strip()
            for place, cell in enumerate(row)
            if cell and place not in self.labels and len(cell) < 12 and _TOTAL.fullmatch(cell.strip())
        ]
        bare = [_bare(word) for word in words]
        named = [word for word in bare if not _TOTAL.fullmatch(word)]
        if len(named) < len(bare):
            bare = [word for word in bare if not _COUNTED.fullmatch(word) and number(word).value is None]
            named = [word for word in named if word in bare]
        if len(named) == 1 and (why := self._why_part(index, named[0])):
            return why
        near_end = index >= len(self.rows) - 3
        if named or not (words or near_end):
            return ""
        numbers = {
            place: found
            for place, cell in enumerate(row)
            if place not in self.labels and cell and (found := number(cell).value) is not None
        }
        filled = sum(1 for cell in row if cell and not cell.isspace())
        last = index == len(self.rows) - 1
        if words:
            short = last and index >= 2 and filled <= 3
            surely = index >= 2 and (last or all(_SURELY.fullmatch(word) for word in bare))
            surely = surely or all(_SUBTOTAL.fullmatch(word) for word in bare)
            return "total-label" if not numbers or short or surely or self._is_sum(numbers, counted=False) else ""
        if index and numbers and self._is_sum(numbers, counted=True):
            return "total-sum"
        return "total-unnamed" if last and index >= 5 and filled <= 2 and len(numbers) == filled else ""

    def _why_part(self, index: int, word: str) -> str:
        """Return why a row repeats other rows: it is the total of those above it that bear its name, or a part of one of them."""
        if _OF_WHICH.fullmatch(word):
            return "of-which" if index else ""
        if _COMPARED.fullmatch(word):
            return "compared" if index >= 2 else ""
        found = _PART_TOTAL.fullmatch(word)
        if found is None or not any(number(cell).value is not None for cell in self.rows[index] if cell):
            return ""
        above: list[str] = []
        for row in reversed(self.rows[max(0, index - 200) : index]):
            label = next((_bare(str(row[column])) for column in self.labels if row[column]), "")
            if not label or _PART_TOTAL.fullmatch(label) or _TOTAL.fullmatch(label):
                break
            above.append(label)
        if len(above) >= 2 and self._sums_above(index, len(above)):
            return "total-label"
        alike = sum(label.startswith(found.group("of")) for label in above)
        enough = len(above) >= 2 or above == [found.group("of")]
        return "total-label" if enough and alike * 2 >= len(above) else ""

    def _sums_above(self, index: int, count: int) -> bool:
        """Say whether most numbers of a row are the sums of some of the rows right above it, two at least."""
        wanted = {
            place: float(found)
            for place, cell in enumerate(self.rows[index])
            if cell and place not in self.labels and (found := number(cell).value) is not None
        }
        made = dict.fromkeys(wanted, 0.0)
        for taken in range(1, count + 1):
            for place in wanted:
                cell = self.rows[index - taken][place]
                made[place] += float((number(cell).value if cell else None) or 0)
            right = sum(1 for place, total in wanted.items() if abs(made[place] - total) < 0.5)
            if taken >= 2 and len(wanted) >= 2 and right * 2 > len(wanted):
                return True
        return False

    def _is_sum(self, numbers: dict[int, str], *, counted: bool) -> bool:
        """Say whether most numbers of a row are the sums of their columns. `counted`: the row itself is in those sums."""
        sums = self._sums()
        right = judged = 0
        for place, written in list(numbers.items())[:12]:
            total, seen = sums.get(place, (0.0, 0))
            if counted:
                total, seen = total - float(written), seen - 1
            if seen >= 2:
                judged += 1
                right += abs(total - float(written)) < 0.5
        return judged > 0 and right * 2 > judged

    def _sums(self) -> dict[int, tuple[float, int]]:
        if self.sums is None:
            self.sums = {}
            for row in self.rows:
                if any(cell and len(cell) < 12 and _TOTAL.fullmatch(_bare(cell)) for cell in row):
                    continue
                for place, cell in enumerate(row):
                    if cell and place not in self.labels and (found := number(cell).value) is not None:
                        total, seen = self.sums.get(place, (0.0, 0))
                        self.sums[place] = (total + float(found), seen + 1)
        return self.sums
