"""Rows of a table that are no records: lines about the table, its header said again, numbers without a record, headings of sections."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.types import Row

_FIRST_ROWS = 3
_LEAST_COLUMNS = 3
_SHORT = 30
_LOOKED_AT = 2_000
_COUNTED_IN = 5
_END = re.compile(
    r"[（(【〔<＜*＊ー―\-\s　]*(?:以下|以降)?(?:、|,)?(?:余白|空白)[）)】〕>＞*＊ー―\-\s　]*|[（(]?\s*以\s*上\s*[）)]?|[（(【]?\s*以下(?:省略|略)\s*[）)】]?"
)
_PAGE = re.compile(
    r"[-ー―－–]\s*\d{1,3}\s*[-ー―－–]|\d{1,3}\s*[/／]\s*\d{1,3}\s*(?:ページ|頁)?|(?:p|page|ページ|頁|no\.?)\s*[.．]?\s*\d{1,3}(?:\s*[/／]\s*\d{1,3})?|\d{1,3}\s*(?:ページ|頁)(?:目)?",
    re.IGNORECASE,
)
_SAYS = (
    r"出典|出所|典拠|資料(?:出所|提供)?|引用元?|最終更新日?|更新(?:年月日|日時?)?|作成(?:年月日|日|者|部署|課)?|改訂日?|調査(?:時点|日)|基準日"
    r"|担当(?:者|課|部署|部局)?|所管(?:課|部署)?|お?問い?合わ?せ先?|ご?連絡先|照会先|データ(?:提供|作成)(?:元|者)?|提供元?|発行|編集|備考|注記?|凡例|注意(?:事項)?|留意事項|※"
)
_ABOUT = re.compile(
    rf"[※＊*【〔［(（\[<＜■◆●・\s　]*(?:{_SAYS})\s*(?:\d{{1,2}})?\s*(?:[】〕］)）\]>＞]|[:：／/]|\s|　|$)"
)
_LABEL = re.compile(rf"[※＊*【〔［(（\[<＜■◆●・\s　]*(?:{_SAYS})[】〕］)）\]>＞:：\s　]*")
_LEGEND = re.compile(r"[「『（(]?[○◯〇◎△×✕✖●▲■□☆★－ー\-–][」』）)]?\s*(?:[:：＝=…]|は|・・)\s*\S.*")
_SENTENCE = re.compile(
    r".{9,}(?:。|です|ます|ください|下さい|こと|ません)[)）」』]?\s*。?|(?:[※＊]|[（(]注).{3,}", re.DOTALL
)
_MARKED = re.compile(r"(?:[■□◆◇▼▽▶►]|【.+】|〔.+〕|《.+》|＜.+＞|<.+>).*")
_STARRED = re.compile(r"[●★☆◎○]")
_AREA = re.compile(
    r"(?:[(（]?[0-9０-９一二三四五六七八九十]{1,2}[)）.．、]?\s*)?.{1,20}(?:区|地区|地域|[市町村郡]|校区|学区|圏域?|管内|支部|方面|ブロック|部門)(?:\s*[（(]?(?:計|全)?\s*\d+\s*(?:件|施設|か所|箇所|カ所|ヶ所|園|校|館|台|基)?[)）]?)?"
)
_KIND_OF_VALUE = re.compile(
    r"必須|任意|◎?必須項目|推奨|文字列?(?:型)?|数値(?:型)?|整数(?:型)?|小数|日付(?:型)?|時刻(?:型)?|日時|半角(?:英?数字?|文字)?|全角(?:文字|カナ|カタカナ)?|カナ|コード|テキスト|フラグ|真偽値|string|text|integer|number|date|time|datetime|boolean|float|varchar",
    re.IGNORECASE,
)
_CIRCLED = {sign: str(place) for place, sign in enumerate("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", start=1)}


class Rows:
    """The rows of a table below their header; says of each why it is no record, or nothing."""

    def __init__(self, rows: Sequence[Row], names: Sequence[Sequence[str]]) -> None:
        self._rows, self._names = rows, [{*map(header_text, parts), "_".join(parts)} - {""} for parts in names]
        self._places = [[place for place, cell in enumerate(row) if cell and not cell.isspace()] for row in rows]
        fills = sorted(map(len, filter(None, self._places)))
        full = [fill for fill in fills if fill * 2 >= fills[len(fills) * 9 // 10]]
        self._usual = full[len(full) // 2] if full else 0
        self._width = len(names)
        self._last_full = max(
            (index for index, places in enumerate(self._places) if len(places) * 2 > self._usual), default=-1
        )
        self._counting = self._counting_column()
        self._areas: dict[int, bool] = {}
        self._constant = self._constant_columns()
        own = sorted(len(places) for places in self._places if set(places) - {self._counting, *self._constant})
        self._usual_of_records = own[len(own) // 2] if own else 0
        self._first = min((places[0] for places in self._places if places), default=0)
        firsts = [row[self._first] for row in rows if row and row[self._first]]
        numbers = sum(number(cell).value is not None for cell in firsts if cell)
        self._first_is_numbers = bool(firsts) and numbers * 10 >= len(firsts) * 6

    def why(self, index: int) -> str:
        """Return why a row is no record of its own, or nothing."""
        places = self._places[index]
        if not places or self._width < _LEAST_COLUMNS:
            return ""
        row = self._rows[index]
        if index < _FIRST_ROWS and (why := self._below_header([str(row[place]).strip() for place in places])):
            return why
        if self._may_say_names(row, places) and self._says_names(row, places):
            return "header-again"
        if self._is_labelled(row, places):
            return "about-table"
        if self._usual < _LEAST_COLUMNS or len(places) * 2 > max(self._usual, 4):
            return "numbered-empty" if self._is_prefilled(index, places) else ""
        return self._why_sparse(index, places, [str(row[place]).strip() for place in places])

    def _why_sparse(self, index: int, places: Sequence[int], cells: Sequence[str]) -> str:
        words = list(dict.fromkeys(cells))
        alone = words[0] if len(words) == 1 else ""
        if self._is_prefilled(index, places):
            return "numbered-empty"
        if alone and (_END.fullmatch(alone) or _PAGE.fullmatch(_even(alone))):
            return "end-or-page"
        if alone and (
            _ABOUT.match(alone)
            or _LEGEND.fullmatch(alone)
            or (_SENTENCE.fullmatch(alone) and self._is_outer(index, places))
        ):
            return "about-table"
        if len(places) == 1 and places[0] != self._counting and number(alone).value is not None:
            return "number-alone"
        return "heading" if alone and self._heads(index, places, alone) else ""

    def _below_header(self, cells: Sequence[str]) -> str:
        """Say whether a row right below the header counts its columns or says what kind of value each takes."""
        counted = [_CIRCLED.get(cell, re.sub(r"[()（）\s]", "", _even(cell))) for cell in cells]
        if len(cells) >= max(4, self._width * 4 // 5) and (
            counted == [str(place) for place in range(1, len(cells) + 1)]
            or (
                len(cells) <= 26
                and [cell.upper() for cell in counted] == [chr(65 + place) for place in range(len(cells))]
            )
        ):
            return "columns-counted"
        kinds = sum(bool(_KIND_OF_VALUE.match(_even(cell))) for cell in cells)
        return "kinds-of-values" if kinds >= 3 and kinds * 5 >= len(cells) * 4 else ""

    def _is_labelled(self, row: Row, places: Sequence[int]) -> bool:
        """Say whether a row of two or three cells begins with a label as lines below tables do: 問い合わせ先, 環境課, 03-…"""
        if not 1 < len(places) <= 3 or len(places) >= self._usual or self._counting in places:
            return False
        first = str(row[places[0]])
        return bool(_LABEL.fullmatch(first)) and places[0] not in self._worded[first.strip()]

    def _may_say_names(self, row: Row, places: Sequence[int]) -> bool:
        """Say whether one of the first two cells of a row says the name of its column: what costs nothing is asked first."""
        return any(header_text(row[place]) in self._names[place] for place in places[:2] if place < self._width)

    def _says_names(self, row: Row, places: Sequence[int]) -> bool:
        """Say whether nearly all cells of a row say the names of their columns again."""
        same = sum(header_text(row[place]) in self._names[place] for place in places if place < self._width)
        return same >= 2 and same * 5 >= len(places) * 4 and len(places) * 2 >= min(self._width, 6)

    def _is_prefilled(self, index: int, places: Sequence[int]) -> bool:
        """Say whether a row bears its number, and what is the same in every row, and nothing of its own."""
        return (
            self._counting is not None
            and self._counting in places
            and _count(self._rows[index][self._counting]) is not None
            and set(places) <= {self._counting, *self._constant}
            and len(places) < self._usual_of_records
        )

    def _is_outer(self, index: int, places: Sequence[int]) -> bool:
        """Say whether a sentence stands at the left end, or below the last record."""
        return index > self._last_full or places[0] <= (0 if self._counting is None else self._counting + 1)

    @cached_property
    def _worded(self) -> dict[str, set[int]]:
        """The columns in which a label stands in more than two rows, of every label that begins a short row."""
        begun = (
            str(row[places[0]]) for row, places in zip(self._rows, self._places, strict=True) if 1 < len(places) <= 3
        )
        labels = {first.strip() for first in begun if _LABEL.fullmatch(first)}
        found = Counter(
            (word, place)
            for row in self._rows
            for place, cell in enumerate(row)
            if cell and (word := cell.strip()) in labels
        )
        columns: dict[str, set[int]] = {label: set() for label in labels}
        for (word, place), count in found.items():
            if count > 2:
                columns[word].add(place)
        return columns

    @cached_property
    def _next_fuller(self) -> list[int | None]:
        """The next row with more than one cell, below each row."""
        below: list[int | None] = [None] * len(self._rows)
        for index in range(len(self._rows) - 1, 0, -1):
            below[index - 1] = index if len(self._places[index]) > 1 else below[index]
        return below

    @cached_property
    def _last_count(self) -> list[int]:
        """The last number in the counting column above each row, 0 where none stands."""
        above, last, at = [], 0, self._counting
        for row in self._rows:
            above.append(last)
            last = (_count(row[at]) if at is not None and at < len(row) else 0) or last
        return above

    def _heads(self, index: int, places: Sequence[int], word: str) -> bool:
        """Say whether a lone word heads the rows below it: it is marked, names an area, or stands without a number among numbered rows."""
        below = self._next_fuller[index]
        if below is None or len(self._places[below]) * 2 < self._usual or len(word) > _SHORT:
            return False
        if number(word).value is not None:
            return False
        if len(places) >= _LEAST_COLUMNS or _MARKED.fullmatch(word) or self._unnumbered(index, below, places):
            return True
        if places[0] == self._first and (self._first_is_numbers or _STARRED.match(word)):
            return True
        return places[0] <= 1 and bool(_AREA.fullmatch(word)) and not self._area_is_usual(places[0])

    def _unnumbered(self, index: int, below: int, places: Sequence[int]) -> bool:
        """Say whether a row lacks the number that the rows around it bear without a gap, so that no record is missing there."""
        at = self._counting
        if at is None or at in places:
            return False
        after = _count(self._rows[below][at])
        return after is not None and after in (self._last_count[index] + 1, 1)

    def _area_is_usual(self, column: int) -> bool:
        """Say whether the names of records look like those of areas, so that such a word alone says nothing."""
        if column not in self._areas:
            full = [
                str(row[column])
                for row, places in zip(self._rows, self._places, strict=True)
                if len(places) > 1 and column < len(row) and row[column]
            ]
            self._areas[column] = sum(bool(_AREA.fullmatch(cell.strip())) for cell in full) * 5 >= len(full) > 0
        return self._areas[column]

    def _counting_column(self) -> int | None:
        """Return the column among the first that counts the rows, 1, 2, 3, anew in every section or not."""
        for column in range(min(_COUNTED_IN, self._width)):
            cells = [row[column] if column < len(row) else None for row in self._rows[:_LOOKED_AT]]
            counts = [count for cell in cells if (count := _count(cell)) is not None]
            steps = sum(after in (before + 1, 1) for before, after in pairwise(counts))
            if len(counts) >= 3 and len(counts) * 2 >= len(cells) and steps * 10 >= (len(counts) - 1) * 6:
                return column
        return None

    def _constant_columns(self) -> set[int]:
        """Return the columns that say the same in every row that says anything there, and in nearly all."""
        return {column for column in range(self._width) if self._is_constant(column)}

    def _is_constant(self, column: int) -> bool:
        said, there = "", 0
        for row in self._rows:
            cell = row[column] if column < len(row) else None
            if cell and said and cell != said:
                return False
            said, there = cell or said, there + bool(cell)
        return there >= 3 and there * 10 >= len(self._rows) * 9


def _count(cell: str | None) -> int | None:
    text = _CIRCLED.get(cell.strip(), _even(cell)) if cell else ""
    found = re.fullmatch(r"(?:no\.?\s*)?(\d{1,6})[.)]?", text, re.IGNORECASE)
    return int(found.group(1)) if found else None


def _even(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()
