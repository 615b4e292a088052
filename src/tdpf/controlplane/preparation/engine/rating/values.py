"""What the values of a column are: numbers with or without trimmings, days, codes, choices, prose."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Literal

from tdpf.controlplane.preparation.engine.cells import header_text, is_missing
from tdpf.controlplane.preparation.engine.profile import CODE_NAME, TEXT_NAME
from tdpf.controlplane.preparation.engine.rating.folding import folded
from tdpf.controlplane.preparation.engine.rating.labels import names_labels
from tdpf.controlplane.preparation.engine.rating.subject import Column

Sort = Literal["empty", "number", "coordinate", "code", "day", "time", "contact", "prose", "choice", "text", "nested"]

PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_UNITS = (
    "人|名|世帯|戸|件|個|基|台|箇所|か所|ヶ所|ケ所|カ所|ヵ所|校|園|床|室|席|団体|事業所|施設|棟|回|日間|日|ヶ月|か月|カ月|ケ月|年|時間|分|秒|歳|才|円|千円|万円|百万円|億円|"
    "万人|千人|千件|億|hPa|m/s|ppm|ppb|dB|m[lL]|cc|k[lL]|アール|%|‰|m|km|cm|mm|m2|m²|平方メートル|平米|メートル|ha|ヘクタール|km2|km²|m3|m³|t|トン|kg|g|L|l|ℓ|リットル|kW|kWh|W|V|A|℃|°C|度|株|頭|羽|匹|本|冊|点|倍|位|枚|階|Fl?|坪|畳|両|便|系統|路線|式|組|区画|票|ポイント|pt|杯|食|袋|隻|艇"
)
TRIMMED_NUMBER = re.compile(
    r"(?:約|およそ|計|合計|総額|税込|月額|日額|年額|時給|日給|最大|上限|先着|¥|\\|￥|@|延べ?)?\s*[△▲+−-]?\s*(?:\d{1,3}(?: \d{3})+|\d[\d,]*)(?:\.\d+)?\s*(?:(?:"
    + _UNITS
    + r")s?)?\s*(?:余り?|程度|以上|以下|未満|超|強|弱|前後|ほど)?"
    r"\s*(?:/(?:" + _UNITS + r"))?\s*(?:注\d*|※\d*|\*+\d*|\(注\d*\)|\([^()]{1,12}\)|\[\d+\]|r|p)?"
)
RANGE_OF_NUMBERS = re.compile(
    r"\d[\d,]*(?:\.\d+)?\s*(?:" + _UNITS + r")?\s*[~〜～]\s*\d[\d,]*(?:\.\d+)?\s*(?:" + _UNITS + r")?"
)
_CODE_LIKE = re.compile(
    r"^#|^(?:no|№|number|#|連番|通番|整理番号|管理番号|番号|項番|id)\.?$|(?:^|[_ ]|項目|整理|管理|受付|通し)(?:no|ｎｏ)\.?$|番号$|コード$|ＩＤ$|ID$|_id$|code$"
    r"|マイナンバー|シリアル|^IS[BS]N|^JAN|型番|品番|製番|号室|部屋番|^(?:掲載)?(?:ページ|頁)$|^ポート$|バージョン|^版$|^ver",
    re.IGNORECASE,
)
_CODED_NAME = re.compile(r"(?:分類(?:記号)?|区分|種別|種類|階級|等級)$|^NDC")
_COORDINATE = re.compile(
    r"緯度|経度|latitude|longitude|(?:^|[_ ])(?:lat|lng|lon|long)(?:$|[_ ])|[XYxyＸＹ]座標|座標[XYxyＸＹ]",
    re.IGNORECASE,
)
_TIME_NAME = re.compile(
    r"年月日|日付|日時|年度|年月|年次|(?:^|[^\d０-９])年$|月日|^月$|時点|基準日|調査日|期日|時刻|時間帯|西暦|和暦|(?:^|[_ ])(?:date|year|month|day|datetime)|(?:Date|Year|Month|Time|_at)$|開始日|終了日|時間軸",
    re.IGNORECASE,
)
DAY_ENDING = re.compile(r"(?<![曜平休祝終毎全半本当連])日$|(?:期限|締切り?|満了)$")
_EVERY_DAY = re.compile(r"定休日|休[館業診園校]日|診[療察]日|開[館園校]日|営業日|収集日|回収日|例祭|縁日")
_PROSE_NAME = re.compile(
    r"備考|説明|概要|内容|紹介|コメント|特記|メモ|詳細|理由|由来|注意|案内|アクセス|交通|本文|解説|description|note|remark|comment|summary|キャッチ|コピー|PR|ＰＲ|方法|条件",
    re.IGNORECASE,
)
_CONTACT_NAME = re.compile(
    r"電話|TEL|ＴＥＬ|FAX|ＦＡＸ|ファックス|内線|郵便番号|〒|zip|postal|phone|メール|mail|URL|ＵＲＬ|ホームページ|HP|リンク|画像|link|url",
    re.IGNORECASE,
)
TOTAL_LETTER = re.compile(r"[計数lL]")
_TOTAL = re.compile(
    r"(?:総|合|小)?計|総数|合計数|総合計|全?[市区町村都県]計|計\d+[件人名所]|(?:sub|grand)?total", re.IGNORECASE
)
_SERIAL = re.compile(r"[1-6]\d{4}(?:\.\d+)?")
_MEASURE_NAME = re.compile(
    r"増減|歳入|歳出|予算|決算|収入|支出|費$|費[（(]|税|得票|資産|負債|残高|長さ|延長|距離|幅|高さ|標高|海抜|深さ|水深|厚|重|温|湿度|気圧|水圧|速|容積|濃度|出力|電力|熱|排出|降水|雨|時間$"
    r"|quantity|amount|price|cost|weight|length|width|height|volume|calorie|energy",
    re.IGNORECASE,
)
_COUNT_NAME = re.compile(r"数(?:$|[（(_])|(?:人数|定員|面積|人口)(?!の|に|は|を)")
_WITH_UNIT = re.compile(
    r"[約計]?[△▲-]?\d[\d,]*(?:\.\d+)?\s?(?:[^\d\s,.~〜～/、・()割-]{0,4}|[A-Za-zμ%°][A-Za-zμ/·.²³\-\d]{1,9})"
)
_LATIN_UNIT = re.compile(r"[△▲-]?\d[\d,]*(?:\.\d+)?\s?([A-Za-zμ%°][A-Za-zμ/·.²³\-\d]{1,9})")
_AMOUNTS = ("円", "人", "名", "件", "世帯", "戸", "%", "％")
_FLOOR = re.compile(r"(?:[BＢ]|地下|地上)?\d{1,3}\s*(?:階|Fl?|F[~〜-]\d{1,3}F)", re.IGNORECASE)
_FLOOR_NAME = re.compile(r"^階$|所在階|設置階|フロア|(?:^|[_ ])floor$", re.IGNORECASE)
NAME_NAME = re.compile(
    r"名称|氏名|名前|施設名|代表者|営業者|管理者|開設者|設置者|薬剤師|事業者|法人名|団体名|(?:^|[^字])名$|name|title|題|タイトル|件名|見出し|住所|所在地|番地|地番|方書|address|カナ|かな|フリガナ|ふりがな|屋号|町名|町丁|地域|地区|場所|位置|ビル|建物",
    re.IGNORECASE,
)
_NAMES = re.compile(r"[^字]名称?$|系統$")
_KANJI_NUMBER = re.compile(r"[〇一二三四五六七八九十百千万]{1,12}")
_LONGEST_NUMBER = 40
# A rule looks at so many signs of a value: cells come with thousands of blanks, and patterns take the square of their length.
_JUDGED = 600
_BLANKS = re.compile(r"\s{3,}")
_LIST_SIGN = re.compile(r"[\u2460-\u24ff\u2776-\u2793\u2160-\u217f]")
_ISO_DAY = re.compile(r"(?:1[5-9]|2[01])\d\d(?:[-/]\d{1,2}|([-/.])\d{1,2}\1\d{1,2}(?:[T ]\d{1,2}:\d{2}.*)?)")
_CLOCK = re.compile(r"(?:午前|午後|AM|PM)?\s*\d{1,2}(?:[::]\d{2}(?:[::]\d{2})?|時(?:\d{1,2}分|半)?)(?:頃)?")
_LETTER_DIGITS = re.compile(r"[A-Za-z]{0,4}[-_]?\d[\dA-Za-z_-]*")


@lru_cache(maxsize=65_536)
def narrow(value: str) -> str:
    """Return the value in NFKC without outer spaces, for judging only: long runs of blanks are one blank, and very long values are cut."""
    text = value.strip() if value.isascii() else unicodedata.normalize("NFKC", value).strip()
    return _BLANKS.sub(lambda run: "\n" if "\n" in run.group() else " ", text)[:_JUDGED]


def is_plain_number(value: str) -> bool:
    """Say whether a program reads the value as a number as it stands."""
    return PLAIN_NUMBER.fullmatch(value) is not None


def is_trimmed_number(value: str) -> bool:
    """Say whether the value is a number to the eye: plain, or with unit, separators, signs, remarks, full-width digits."""
    if len(value) > _LONGEST_NUMBER or _LIST_SIGN.search(value):
        return False
    text = narrow(value)
    return (
        PLAIN_NUMBER.fullmatch(text) is not None
        or TRIMMED_NUMBER.fullmatch(text) is not None
        or (RANGE_OF_NUMBERS.fullmatch(text) is not None)
    )


def bare_name(column: Column) -> str:
    """Return the name without the spaces that spread it out: 人　口 is 人口."""
    name = header_text(column.name)
    return name if name.isascii() else re.sub(r"\s+", "", name)


def numeric_share(column: Column) -> float:
    """Return which part of a column's different values, missing marks left out, are numbers to the eye."""
    values = [value for value in column.sample if not is_missing(value)]
    return sum(map(is_trimmed_number, values)) / len(values) if values else 0.0


def sort_of(column: Column) -> Sort:
    """Return what kind of column this is, by its name and its values; remembered on the column."""
    found: Sort | None = column.__dict__.get("_sort")
    if found is None:
        found = _sort(column)
        column.__dict__["_sort"] = found
    return found


def _sort(column: Column) -> Sort:
    if not column.filled:
        return "empty"
    if column.share_of(lambda value: value[0] in "[{" and value[-1] in "]}" and len(value) > 1) >= 0.8:
        return "nested"
    name = bare_name(column)
    numeric = numeric_share(column)
    if _COORDINATE.search(name) and numeric >= 0.5:
        return "coordinate"
    if _CONTACT_NAME.search(name) and not (numeric >= 0.9 and "数" in name):
        return "contact"
    if column.share_of(_is_day) >= 0.8:
        return "day"
    if column.share_of(_is_clock) >= 0.7:
        return "time"
    if _FLOOR_NAME.search(name):
        return "text"
    if _TIME_NAME.search(name) and not _is_count(name) and (numeric < 0.6 or column.share_of(_is_date_number) >= 0.9):
        return "day"
    if names_day(name) and serial_share(column) >= 0.8:
        return "day"
    if (CODE_NAME.search(name) or _CODE_LIKE.search(name)) and not _is_count(name) and not _is_long(column):
        return "code"
    if _CODED_NAME.search(name) and column.share_of(is_plain_number) >= 0.9:
        return "code"
    if not _is_count(name) and column.share_of(lambda value: _FLOOR.fullmatch(narrow(value))) >= 0.5:
        return "text"
    if numeric >= 0.6 and _holds_labels(column, name):
        return "choice" if _is_choice(column) else "text"
    if (
        numeric >= 0.6
        and (is_quantity(name) or _numeric_cells(column) >= 0.5)
        and not ((TEXT_NAME.search(name) or _NAMES.search(name)) and not _is_count(name))
    ):
        return "number" if not _zero_led(column) and not _are_identifiers(column, name) else "code"
    if (_COUNT_NAME.search(name) and _counts_in_words(column)) or (
        _has_units(column, name) and not _holds_labels(column, name)
    ):
        return "number"
    if _is_long(column) or (_PROSE_NAME.search(name) and column.share_of(lambda value: len(value) > 12) > 0.2):
        return "prose"
    if column.share_of(lambda value: value.startswith(("http://", "https://")) or "@" in value) >= 0.6:
        return "contact"
    if _is_choice(column):
        return "choice"
    return "text"


def _is_count(name: str) -> bool:
    return bool(
        re.search(
            r"数(?:$|[（(_])|件数|人数|回数|日数|年数|定員|金額|料金?$|料金?[（(]|額|率|割合|量|面積|人口|価格|単価",
            name,
        )
    )


def is_quantity(name: str) -> bool:
    """Say whether a name speaks of a count, an amount or a measure."""
    return _is_count(name) or _MEASURE_NAME.search(name) is not None


def names_day(name: str) -> bool:
    """Say whether a name speaks of one day of the calendar, not of days that come again: 許可日, but no 定休日."""
    return DAY_ENDING.search(name) is not None and not _EVERY_DAY.search(name)


def serial_share(column: Column) -> float:
    """Return which part of a column's values may be days as a spreadsheet counts them, from 1949 to 2069."""
    return column.share_of(lambda value: _SERIAL.fullmatch(value) and 18_000 <= float(value) <= 62_000)


def _are_identifiers(column: Column, name: str) -> bool:
    """Say whether numbers only tell things apart: six digits or more, as many in each, none twice, and no quantity by name."""
    if column.filled < 5 or column.different < column.filled or is_quantity(name):
        return False
    lengths = {len(value) for value in column.sample}
    return len(lengths) == 1 and lengths.pop() >= 6 and all(map(str.isdigit, column.sample))


def _holds_labels(column: Column, name: str) -> bool:
    if column.share_of(is_plain_number) >= 0.5:
        return False
    few = not is_quantity(name) and column.different <= 5 and column.different * 4 <= column.filled
    if (few or not name) and column.share_of(_may_be_label) >= 0.5:
        return True
    return names_labels(name, column.sample, different=column.different, filled=column.filled, counted=_is_count(name))


def _may_be_label(value: str) -> bool:
    """Say whether a number ends in a word that is no amount of money, people or things: 101便, 45L, 2年."""
    return value[-1:].isalpha() and not value.endswith(_AMOUNTS)


def _counts_in_words(column: Column) -> bool:
    """Say whether a column named for a count gives it with words around: 16組（32人）, 屋内480人／屋外3,350人."""
    return column.share_of(_holds_a_number) >= 0.6


def _has_units(column: Column, name: str) -> bool:
    """Say whether nearly all cells are a number and a word that may be a unit: any short one under a quantity, the same Latin one elsewhere."""
    if is_quantity(name) and column.share_of(lambda value: _WITH_UNIT.fullmatch(narrow(value))) >= 0.8:
        return True
    found = [_LATIN_UNIT.fullmatch(narrow(value)) for value in column.sample]
    units = Counter(match.group(1) for match in found if match)
    return column.different > 5 and bool(units) and units.most_common(1)[0][1] * 10 >= len(found) * 9


def _numeric_cells(column: Column) -> float:
    """Return which part of the cells, not of the different values, are numbers to the eye; 1 when there are too many to count."""
    if not column.counts:
        return 1.0
    cells = [(is_trimmed_number(value), count) for value, count in column.counts.items() if not is_missing(value)]
    return sum(count for fits, count in cells if fits) / max(1, sum(count for _, count in cells))


def _holds_a_number(value: str) -> bool:
    return len(value) <= 40 and (
        any(letter.isdigit() for letter in value) or _KANJI_NUMBER.fullmatch(value.strip()) is not None
    )


def _is_date_number(value: str) -> bool:
    """Say whether a number may be a year, a month, a day of a month, 202404, 20240401 or a spreadsheet's serial day."""
    text = narrow(value).split(".")[0].removesuffix("年度").removesuffix("年")
    if not text.isdigit():
        return False
    number = int(text)
    return number <= 31 or 1868 <= number <= 2150 or (len(text) in (5, 6, 8, 10) and number >= 18_000)


def _is_day(value: str) -> bool:
    return _ISO_DAY.fullmatch(value.strip()) is not None


def _is_clock(value: str) -> bool:
    return len(value) < 16 and _CLOCK.fullmatch(narrow(value)) is not None


def _is_long(column: Column) -> bool:
    sample = column.sample
    lengths = [len(value) for value in sample]
    return sum(lengths) > 32 * len(sample) or sum(1 for value in sample if "。" in value) * 4 > len(sample)


def _zero_led(column: Column) -> bool:
    led = sum(1 for value in column.sample if len(value) > 1 and value[0] == "0" and value.isdigit())
    return led * 10 > len(column.sample)


def _is_choice(column: Column) -> bool:
    """Say whether few values repeat often, as answers chosen from a list do."""
    most = min(40, max(2, column.filled // 4))
    if column.filled < 8 or column.different > 2 * most:
        return False
    return column.different <= most or len({folded(value) for value in column.words}) <= most


def measures(columns: list[Column]) -> list[Column]:
    """Return the columns that hold measured or counted numbers."""
    return [column for column in columns if sort_of(column) == "number"]


def is_total(value: str) -> bool:
    """Say whether a word labels a row of totals: 合計, 小計, 計12件."""
    if len(value) > 24 or not TOTAL_LETTER.search(value):
        return False
    return _TOTAL.fullmatch(re.sub(r"[\s（）()]", "", narrow(value))) is not None


def is_flag(column: Column) -> bool:
    """Say whether the column holds marks like 1 for yes, not numbers."""
    if column.different > 3 or (column.filled < 5 and _is_count(header_text(column.name))):
        return False
    return {value.strip().removesuffix(".0") for value in column.counts} <= {"0", "1", "2", "9"}
