"""Rules about numbers: nothing but digits in them, zeros told from blanks, marks explained, units stated."""

from __future__ import annotations

import re
from itertools import pairwise

from tdpf.controlplane.preparation.engine.cells import UNIT_IN_HEADER, UNIT_STATED, header_text, is_missing
from tdpf.controlplane.preparation.engine.rating.lines import shifted_rows
from tdpf.controlplane.preparation.engine.rating.subject import NUMBER, TEXT, Column, Found, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import CatalogueFacts, Fix, RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import (
    bare_name,
    is_flag,
    is_plain_number,
    is_quantity,
    is_total,
    is_trimmed_number,
    measures,
    narrow,
    sort_of,
)
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, example, normalise

_NO_NUMBERS = ("数値の列がありません。", "There is no column of numbers.")
_TOTAL_NAME = re.compile(r"総数|合計|総計|計$|total", re.IGNORECASE)
_MARK_WORDS = frozenset(("秘", "c", "C", "ｘ", "Ｘ"))
_SELF_EXPLAINING_MARKS = frozenset(
    ("なし", "無し", "不明", "不詳", "該当なし", "欠測", "N/A", "NA", "null", "NULL", "#N/A")
)
_WITHHELD = frozenset(("秘匿", "非公表", "非公開", "非開示"))
_MARK_EXPLAINED = r"[「『“\"'（(]?{mark}[」』”\"'）)]?\s*(?:は|：|:|＝|=|…|→|印|とは|については)"
_COUNTED = re.compile(
    r"数(?:$|[（(_])|件数|人数|回数|世帯|人口|男|女|総数|合計|総計|小計|計$|者$|歳(?![入出])|才|得票|年齢|年代|定員|欠員|収容|出生|死亡|転入|転出|増減|標高|高度|海抜|階$|台数|順位|順$|No|ランク|指数|点$|得点|緯度|経度"
    r"|total|count|number|num|population|male|female|(?:wo)?m[ae]n\d*$|birth|death|capacity|age|persons?|people|households?|rank|order|lat|lon|lng|alt|elevation|restroom|toilet|便器|便所|トイレ|beds?$",
    re.IGNORECASE,
)
_UNIT_IN_NAME = re.compile(
    r"[（(\[［〔【／/_・:： ](?:単位[:：]?)?\s*(?:(?:平方|立方|キロ|センチ|ミリ)?メートル|(?:キロ|ミリ)?(?:グラム|リットル|ワット(?:時)?)|ヘクタール|アール|坪|畳|人|名|世帯|戸|件|個|基|台|箇?所|か所|校|園|床|室|席|棟|回|日|年|月|時間|分|秒|歳|円|千円|百万円|億円|[%％‰]|[kcmｋｃｍ]?[mｍ][2²23㎡３２]?|㎡|㎢|㎞|㎝|㎜|ha|ｈａ|km|t|ｔ|トン|[kmμµn]?g|[mdk]?[Llℓ]|[kMG]?Wh?|k?V|k?VA|A|k?cal|[kM]?J|[hkM]?Pa|dB|pp[mb]|Bq|[mμµ]?Sv|lx|[kMG]?Hz|rpm|N|t-CO2|℃|度|株|頭|羽|本|冊|点|位|枚|階|千人|万人|人/[^）)]+|[^（）()]{1,6}/[^（）()]{1,6})\s*[）)\]］〕】]?(?:$|_)"
)
_UNIT_WORD = re.compile(
    r"合計特殊出生率|性比|倍率|確率|パーセント|百分率|percent|[%％‰㎡㎢℃]|_(?:m2?|km2?|kg|g|yen|jpy|pct|cm|mm|ha|l|min|sec|hours?)$",
    re.IGNORECASE,
)
# A short word in brackets behind the name is a unit, whatever it counts, unless it says which part or kind: 数量（箱）, 幅（px）.
_LAST_BRACKET = re.compile(
    r"[(\[]([A-Za-z/%‰°0-9·.-]{1,9}|[^\d()\[\]]|学級|団体|区画|路線|系統|車両|ケース|セット|ロール|パック|束|人日|品目|単位|教室|議席|投票|号室|階建|公演|科目|講座|試合|施設|事業|組合|会場)[)\]]$"
)
_QUALIFIER = re.compile(
    r"^(?:[男女計内外再延別他新旧左右上下前後東西南北春夏秋冬朝昼夜公私常注昨今]|推計|実測|登記|公簿|税[込抜]|当初|補正|累計|合計|総[数計額]|見込|予定|計画|実績|目標|[男女]性|全[体国]|平均|最[大小高低]|参考|概算|延べ|区分|暫定|速報|確[定報]|令和|平成|昭和|小計|その他|他|児童|成人|大人|小人|子供|一般|団体|個人|法人|平日|休日|[B-FIO-RUX-Z]|[B-F]+|\d+|NO?|ID|[HRS]\d+.*|[-./]+)$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r".{8,}(?:[るいただ]|です|ます|か|[?？。])\W*$")
_SHARE_NAME = re.compile(
    r"(?<!倍)(?<!確)(?<!特殊出生)(?:率|割合|構成比|比率)(?:$|[（(_])|(?:^|[_ ])(?:rate|ratio|share)$", re.IGNORECASE
)
_LIKELY = (
    (_SHARE_NAME, "%"),
    (re.compile(r"金|額|費|価格|単価|料|円|予算|決算|収入|支出|税|yen|price|cost|fee", re.IGNORECASE), "円"),
    (re.compile(r"面積|床面|area", re.IGNORECASE), "㎡"),
    (re.compile(r"病床|床数|一般病床|療養|精神|感染症|結核"), "床"),
    (re.compile(r"距離|延長|高さ|幅|長さ|深さ|標高|水位"), "m"),
    (re.compile(r"人|者|員|人口"), "人"),
    (re.compile(r"^[XYＸＹ](?:座標)?$|座標|経度|緯度", re.IGNORECASE), "度"),
    (re.compile(r"量$|重量|排出"), "t"),
)
_SELF_EXPLAINED = re.compile(
    r"満足度|重要度|評価|段階|レベル|等級|階級|[危難]易?[険度]度?|優先度|緊急度|ゴール|^Is値|[（(_]pH|版|バージョン|投票所|投票区|フラグ|有無|区分|級$|号給|号俸|段$|^pH$|マグニチュード|震度|偏差値|^[月年日時]$|学年|学級$|丁目|号$|番$|班|組$|回目|第\d"
)


def numbers_alone(subject: Subject) -> RuleVerdict:
    """L2-01."""
    case = Case("L2-01")
    for table in subject.tables:
        shifted = shifted_rows(subject, table)
        for column in table.columns:
            sort = sort_of(column)
            if sort not in ("number", "coordinate"):
                continue
            case.weigh(table.sheet, max(1, column.filled))
            wrong = column.which(_is_trimmed_coordinate if sort == "coordinate" else _is_no_number)
            positions = column.cells_with(wrong) if wrong else []
            if shifted and positions:
                positions = [position for position in positions if table.rows[position] not in shifted]
                wrong = {value for position in positions if (value := column.values[position])}
            if positions:
                seen = example(wrong, column, 20)
                case.find(
                    table.sheet,
                    len(positions),
                    subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                    f"数値の列「{column.label}」の {len(positions)} セルに数値以外の文字（例「{seen}」）があるため、数値だけにしてください。",
                    f"{len(positions)} cells of the numeric column “{column.label}” are not plain numbers (as in “{seen}”).",
                    _as_number(column),
                )
            typed = _numbers_as_text(column, wrong)
            if typed:
                case.find(
                    table.sheet,
                    len(typed),
                    subject.place(table.sheet, (table.rows[position] for position in typed), column.index),
                    f"数値の列「{column.label}」の {len(typed)} セルが文字列として入力されているため、数値に変えてください。",
                    f"{len(typed)} cells of the numeric column “{column.label}” are stored as text; make them numbers.",
                    _as_number(column),
                )
    return case.verdict(*_NO_NUMBERS)


def _is_no_number(value: str) -> bool:
    return not (is_plain_number(value.strip()) or _is_mark(value) or is_total(value))


def _is_trimmed_coordinate(value: str) -> bool:
    return _is_no_number(value) and is_trimmed_number(value)


def _as_number(column: Column) -> Fix | None:
    return normalise([column.name], "number")


def _numbers_as_text(column: Column, wrong: Found) -> list[int]:
    """Return the positions of numbers that the workbook holds as text; digits that may be codes or ranks are none."""
    if column.kinds is None or TEXT not in column.kinds:
        return []
    name = bare_name(column)
    mixed = column.kinds.count(NUMBER) * 2 > len(column.kinds)
    if not (mixed or is_quantity(name) or _COUNTED.search(name) or column.share_of(lambda value: "." in value) >= 0.5):
        return []
    if is_flag(column) or _may_rank(column, name):
        return []
    padded = column.table.sheet.marks.padded
    return [
        position
        for position, (kind, value) in enumerate(zip(column.kinds, column.values, strict=True))
        if kind == TEXT
        and value
        and value not in wrong
        and is_plain_number(value.strip())
        and (column.table.rows[position], column.index) not in padded
    ]


def zeros_told_apart(subject: Subject) -> RuleVerdict:
    """L1-09: a column of counts in which blanks and zeros stand side by side without a word on either."""
    case = Case("L1-09")
    for table in subject.tables:
        stand_for_zero = _blanks_as_zeros(table)
        for column in measures(table.columns):
            height = len(column.values)
            blank = column.blanks()
            case.weigh(table.sheet, max(1, height))
            zeros = sum(count for value, count in column.times() if value in ("0", "0.0", "０"))
            if blank and len(blank) < height and (zeros or column.index in stand_for_zero):
                case.find(
                    table.sheet,
                    len(blank),
                    subject.place(table.sheet, (table.rows[position] for position in blank), column.index),
                    f"数値の列「{column.label}」の空白 {len(blank)} セルが「値なし」か「0」か分からないため、0 は 0 と書いてください。",
                    f"{len(blank)} blanks of the numeric column “{column.label}” may be zero or missing; write zeros as 0.",
                )
    return case.verdict(*_NO_NUMBERS)


def _blanks_as_zeros(table: Table) -> set[int]:
    """Return the columns whose blanks must be zeros: the total beside them adds up only so."""
    found: set[int] = set()
    columns = table.columns
    for place, total in enumerate(columns):
        if sort_of(total) != "number" or not _TOTAL_NAME.search(header_text(total.name)):
            continue
        parts = []
        for column in columns[place + 1 : place + 6]:
            if sort_of(column) != "number" or _TOTAL_NAME.search(header_text(column.name)):
                break
            parts.append(column)
        if len(parts) >= 2 and _adds_up(total, parts):
            found.update(column.index for column in parts)
    return found


def _adds_up(total: Column, parts: list[Column]) -> bool:
    with_blanks = right = 0
    for value, *cells in zip(total.values, *(part.values for part in parts), strict=True):
        if value is None or not is_plain_number(value.strip()) or all(cells) or not any(cells):
            continue
        numbers = [cell.strip() for cell in cells if cell and cell.strip()]
        if all(map(is_plain_number, numbers)):
            with_blanks += 1
            right += abs(sum(map(float, numbers)) - float(value)) < 1e-6
    return with_blanks >= 2 and right * 10 >= with_blanks * 8


def marks_explained(subject: Subject, facts: CatalogueFacts) -> RuleVerdict:
    """L3-03."""
    case = Case("L3-03")
    words = "\n".join(sheet.words for sheet in subject.sheets) + "\n" + _words_aside(subject)
    for table in subject.tables:
        for column in (*measures(table.columns), *(one for one in table.columns if sort_of(one) == "coordinate")):
            case.weigh(table.sheet, max(1, column.filled))
            marks = sorted(column.which(lambda value: _is_mark(value) and value.strip() not in _SELF_EXPLAINING_MARKS))
            unexplained = [mark for mark in marks if not _explained(mark, words, facts)]
            if unexplained:
                positions = column.cells_with(set(unexplained))
                shown = "」「".join(example([mark], column) for mark in unexplained[:5])
                case.find(
                    table.sheet,
                    len(positions),
                    subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                    f"数値の列「{column.label}」の記号「{shown}」の意味がどこにも書かれていないため、データ項目の説明に書いてください。",
                    f"Nothing says what “{shown}” means in the numeric column “{column.label}”; explain it in the data dictionary.",
                )
    return case.verdict(*_NO_NUMBERS)


def _is_mark(value: str) -> bool:
    """Say whether a value in a column of numbers is a mark: -, …, X, *, 秘."""
    text = value.strip()
    if is_missing(text) or text in _MARK_WORDS or text in _SELF_EXPLAINING_MARKS or text in _WITHHELD:
        return True
    return 0 < len(text) <= 3 and not any(letter.isalnum() for letter in text)


def _explained(mark: str, words: str, facts: CatalogueFacts) -> bool:
    text = mark.strip()
    if facts.symbols is not None and (text in facts.symbols or narrow(text) in facts.symbols):
        return True
    return re.search(_MARK_EXPLAINED.format(mark=re.escape(text)), words) is not None


def _units_aside(subject: Subject) -> frozenset[str]:
    """Return the names for which a sheet of definitions states a unit, in a column called 単位."""
    found: set[str] = set()
    for sheet in subject.sheets:
        if sheet.aside not in ("supplement", "words"):
            continue
        units = -1
        for row in sheet.cells[:400]:
            named = [column for column, cell in enumerate(row) if cell and narrow(cell) in ("単位", "unit", "Unit")]
            if named and units < 0:
                units = named[0]
            elif 0 <= units < len(row) and row[units] and not is_missing(row[units] or ""):
                found.update(header_text(cell) for cell in row[:units] if cell)
    return frozenset(found)


def _words_aside(subject: Subject) -> str:
    """Return the words of sheets with definitions and notes."""
    lines: list[str] = []
    for sheet in subject.sheets:
        if sheet.aside in ("supplement", "words"):
            lines.extend(_as_line([cell for cell in row if cell]) for row in sheet.cells[:400])
    return "\n".join(lines)


def _as_line(cells: list[str]) -> str:
    """Return a row of a legend as a line: what stands in its first cell means what stands in the next."""
    return "：".join(cells[:2]) + " ".join(cells[2:])


def units_stated(subject: Subject, facts: CatalogueFacts) -> RuleVerdict:
    """L3-04."""
    case = Case("L3-04")
    defined = _units_aside(subject)
    for table in subject.tables:
        if not table.block.header_rows:
            continue
        around = "\n".join(table.block.title_lines) + table.sheet.words
        stated_for_all = UNIT_STATED.search(around) is not None or "単位" in around
        units = [column for column in table.columns if "単位" in column.name or column.name.lower() == "unit"]
        for column in measures(table.columns):
            if not column.parts:
                continue
            case.weigh(table.sheet, 1)
            beside = any(other is not column for other in units)
            if stated_for_all or beside or column.name in defined or _has_unit(column, facts):
                continue
            case.find(
                table.sheet,
                1,
                subject.place(table.sheet, table.block.header_rows[-1:], column.index),
                f"数値の列「{column.label}」に単位がないため、「{column.label}（{_unit_for(column)}）」のように項目名か説明に書いてください。",
                f"No unit is stated for the numeric column “{column.label}”; put it into the name or the data dictionary.",
            )
    return case.verdict(*_NO_NUMBERS)


def _unit_for(column: Column) -> str:
    """Return a unit that may be the one left out, for the example in the advice."""
    name = header_text(column.name)
    return next((unit for pattern, unit in _LIKELY if pattern.search(name)), "単位")


def _may_rank(column: Column, name: str) -> bool:
    """Say whether numbers may be codes or ranks: few small whole ones that come again and again, and no quantity by name."""
    if column.different > 10 or column.different * 2 > column.filled or is_quantity(name) or _COUNTED.search(name):
        return False
    if any(pattern.search(name) for pattern, _ in _LIKELY):
        return False
    return all(value.strip().isdigit() and int(value) <= 20 for value in column.words)


def _is_scale(column: Column, name: str) -> bool:
    """Say whether a column holds answers to a sentence on a scale of ten steps at most: 適度な費用で住居を確保できる = 1 to 5."""
    return _SENTENCE.search(narrow(name)) is not None and all(
        value.strip().isdigit() and int(value) <= 10 for value in column.words
    )


def _are_years(column: Column) -> bool:
    """Say whether whole numbers are Western years, one in each row or the same few again and again, in even steps."""
    values = sorted({value.strip() for value in column.words})
    if len(values) < 3 or not all(value.isdigit() and 1850 <= int(value) <= 2150 for value in values):
        return False
    return len({int(later) - int(earlier) for earlier, later in pairwise(values)}) == 1


def _has_unit(column: Column, facts: CatalogueFacts) -> bool:
    name = bare_name(column)
    if column.unit or (facts.dictionary and facts.dictionary.get(column.name, {}).get("unit")):
        return True
    last = _LAST_BRACKET.search(narrow(name))
    if last and not _QUALIFIER.search(last.group(1)):
        return True
    if UNIT_IN_HEADER.search(name) or any(map(_UNIT_IN_NAME.search, (name, narrow(name)))) or _UNIT_WORD.search(name):
        return True
    # A share is a hundredth or a part of one: nothing but the unit says which.
    if not _SHARE_NAME.search(name) and (_COUNTED.search(name) or _SELF_EXPLAINED.search(name)):
        return True
    if is_flag(column) or _may_rank(column, name) or _is_scale(column, name) or _are_years(column):
        return True
    trimmed = [value for value in column.sample if not is_plain_number(narrow(value)) and is_trimmed_number(value)]
    return len(trimmed) * 2 > len(column.sample) and any(not value.replace(",", "").isdigit() for value in trimmed)
