"""The rule about time: Western years or both calendars, and one form within a column."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from tdpf.controlplane.preparation.engine.cells import header_text, is_missing
from tdpf.controlplane.preparation.engine.normalising.dates import day
from tdpf.controlplane.preparation.engine.rating.subject import DAY, Column, Found, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import names_day, narrow, serial_share, sort_of
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, example, normalise

_ERA = r"(?:明治|大正|昭和|平成|令和|明|大|昭|平|令|(?<![A-Za-z\d])[MTSHR](?=[\s.]?(?:元|\d)))"
_ERA_DAY = re.compile(
    rf"{_ERA}\s?\.?(?:元|\d{{1,2}})\s?(?:年度?|[./\-－・、])\s?(?:\d{{1,2}}\s?(?:月|[./\-－・、]|$)?\s?(?:\d{{1,2}}\s?日?)?)?(?:\s?[（(].[)）])?(?:\s?(?:現在|時点|頃|以降|以前|[~〜～\-].*))?"
)
_OLD_ERA = re.compile(r"[\u4e00-\u9fff]{2}(?:元|\d{1,2})年(?:\d{1,2}月(?:\d{1,2}日)?)?")
_ERA_NUMBER = re.compile(
    r"[MTSHR]\d{1,2}(?:[./\-]\d{1,2}){1,2}|[MTSHR]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|[MTSHR]\d{2}年度?|[SHR]\d{1,2}年(?:度|\d.*)?"
)
_BARE_ERA = re.compile(r"(?:(?:明治|大正|昭和|平成|令和)\s?(?:元|\d{1,2})|[MTSHR]\s?(?P<years>\d{1,2}))(?:年?度)?")
_MOST_ERA_YEARS = {"M": 45, "T": 15, "S": 64, "H": 31, "R": 40}
_ERA_ALONE = re.compile(r"明治|大正|昭和|平成|令和|[MTSHR]")
_BARE_FISCAL = re.compile(r"(?:第)?\d{1,2}年度")
_BOTH = re.compile(rf"{_ERA}.*(?:18|19|20)\d\d|(?:18|19|20)\d\d.*{_ERA}\s?(?:元|\d{{1,2}})")
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("iso", re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")),
    ("iso-loose", re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?")),
    ("slash", re.compile(r"\d{4}/\d{1,2}/\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)?(?:\s?[（(].[)）])?")),
    ("dot", re.compile(r"\d{4}\.\d{1,2}\.\d{1,2}\.?")),
    ("kanji", re.compile(r"\d{4}年\s?\d{1,2}月\s?\d{1,2}日(?:\s?[（(].[)）])?(?:\s?\d{1,2}[時:].*)?")),
    ("month", re.compile(r"\d{4}年\s?\d{1,2}月")),
    ("month-slash", re.compile(r"\d{4}/\d{1,2}")),
    ("month-iso", re.compile(r"\d{4}-\d{1,2}")),
    ("year", re.compile(r"(?:18|19|20|21)\d{2}")),
    ("year-kanji", re.compile(r"(?:18|19|20|21)\d{2}年")),
    ("fiscal", re.compile(r"(?:18|19|20|21)\d{2}年度")),
    ("axis-code", re.compile(r"(?:18|19|20)\d{2}(?:\d{6})")),
    ("compact", re.compile(r"(?:18|19|20|21)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")),
    ("month-compact", re.compile(r"(?:18|19|20|21)\d{2}(?:0[1-9]|1[0-2])")),
)
_MIXING = {
    "iso": 1,
    "iso-loose": 1,
    "slash": 2,
    "dot": 3,
    "kanji": 4,
    "compact": 5,
    "month": 6,
    "month-slash": 7,
    "month-iso": 8,
    "month-compact": 9,
}
_WHOLE = ("iso", "iso-loose", "slash", "dot", "kanji", "compact", "era")
_NO_YEAR = re.compile(r"(?:1[0-2]|0?[1-9])(?:月\s?(?:[12]\d|3[01]|0?[1-9])日|/(?:[12]\d|3[01]|0?[1-9]))")
_WEEKDAY = re.compile(r"\s?[（(][日月火水木金土](?:曜日?)?(?:[・･/、,]?\s?(?:祝日?|休日?|振休))?[)）]")
_DATED = rf"(?:\d{{4}}年\s?\d{{1,2}}月\s?\d{{1,2}}日|\d{{4}}[/.-]\d{{1,2}}[/.-]\d{{1,2}}|{_ERA}\s?(?:元|\d{{1,2}})年\s?\d{{1,2}}月\s?\d{{1,2}}日|\d{{1,2}}月\s?\d{{1,2}}日|\d{{1,2}}/\d{{1,2}})"
_CLOCK = r"(?:午前|午後|正午|am|pm|\d{1,2}[:時])"
# A day, and behind it a time, the end of a span, or a word on it.
_LED_BY_DAY = re.compile(
    rf"(?P<day>{_DATED})\s?(?:{_CLOCK}.*|(?:[~〜～\-‐−、,・]|から|より)\s?(?:\d|{_ERA}|翌|同|未定|当面|完成).*|[~〜～]|から|より|まで|頃|以降|以前|現在|時点|予定|付け?)",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"'?\d{2}[/.\-]\d{1,2}[/.\-]\d{1,2}|'\d{2}年?")
_AMERICAN = re.compile(
    r"\d{1,2}[/.\-]\d{1,2}[/.\-][MTSHR]\d{1,2}|\d{1,2}[/\-]\d{1,2}[/\-]\d{4}|[A-Za-z]{3,9}[- ]\d{2,4}|\d{1,2}[- ][A-Za-z]{3}(?:[- ]\d{2,4})?"
)
_DAY_NAME = re.compile(
    r"年月日|日付|日時|年度|年月|年次|調査年|(?:^|[^\d０-９周])年$|時点|基準日|調査日|期日|西暦|和暦|(?:^|[_ ])(?:date|year)|(?:Date|Year)$|開始日|終了日|[認許定始終了録設置工更新求付請公交満期行出効]日$|時間軸|日程|会期|工期|期日|期限|(?:開催|実施|受付|募集|申込み?|調査|施工|工事|規制|公演|公募|縦覧|選挙|投票)(?:期間|日|時期)",
    re.IGNORECASE,
)
_WHOLE_DATE_NAME = re.compile(r"年月日|日付|日時|調査日|基準日|更新日|登録日|許可日|認定日|開始日|終了日")
_YEARLY = re.compile(r"例祭|例大祭|祭礼|縁日|見頃|花期|開花|休[館園業診]|誕生|記念日|毎年|行事日")
_WEST_COLUMN = re.compile(r"西暦|時間軸コード|year|[（(]西暦", re.IGNORECASE)
_ERA_IN_NAME = re.compile(r"(?:明治|大正|昭和|平成|令和)\s?(?:元|\d{1,2})年")
_WEST_IN_NAME = re.compile(r"(?:18|19|20)\d\d")
_BEGINS_WITH_YEAR = re.compile(r"(?:18|19|20)\d\d\D")
_LONGEST_DAY = 60
_LETTER_ERA = re.compile(r"([MTSHR])\s?\.?(元|\d{1,2})(?!\d)(?:\D+(\d{1,2})(?!\d)(?:\D+(\d{1,2})(?!\d))?)?")


def dates_standard(subject: Subject) -> RuleVerdict:
    """L3-05."""
    case = Case("L3-05")
    for table in subject.tables:
        western = any(_is_western_axis(column) for column in table.columns)
        for column in table.columns:
            if not _is_time(column):
                continue
            case.weigh(table.sheet, column.filled)
            _judge(subject, table, column, western, case)
        _headers(subject, table, case)
        if not western:
            _parted_eras(subject, table, case)
    return case.verdict("年月日や年の列がありません。", "There is no column of days or years.")


def _is_time(column: Column) -> bool:
    if not column.filled:
        return False
    if column.kinds is not None and DAY in column.kinds:
        return True
    name = header_text(column.name)
    if sort_of(column) == "code" and not _DAY_NAME.search(name):
        return False
    shares = [_form(value) for value in column.sample if not is_missing(value)]
    if not shares:
        return False
    known = sum(1 for form in shares if form)
    sure = sum(
        1 for form in shares if form in ("era", "both", "iso", "slash", "kanji", "fiscal", "dot", "year-kanji", "month")
    )
    if sure * 10 >= len(shares) * 8:
        return True
    if sort_of(column) == "prose" or not (_DAY_NAME.search(name) or names_day(name)):
        return False
    return known * 2 >= len(shares) or serial_share(column) >= 0.8


def _is_western_axis(column: Column) -> bool:
    if not _WEST_COLUMN.search(column.name) or not column.filled:
        return False
    return (
        column.share_of(
            lambda value: _form(value) not in ("", "era", "bare-era", "bare-fiscal", "no-year", "short", "american")
        )
        >= 0.8
    )


@lru_cache(maxsize=65_536)
def _form(value: str) -> str:
    """Return the form of a day, month or year, or nothing when it is none."""
    if len(value) > _LONGEST_DAY:
        return ""
    text = narrow(value)
    if _BOTH.search(text):
        return "both"
    form = _form_of(text)
    if form or not text[0].isalnum():
        return form
    led = _LED_BY_DAY.fullmatch(_WEEKDAY.sub("", text))
    return _form_of(led.group("day")) if led else _form_of(_WEEKDAY.sub("", text))


def _form_of(text: str) -> str:
    if (_ERA_DAY.fullmatch(text) or _ERA_NUMBER.fullmatch(text)) and _may_be_era(text):
        return "era"
    if _OLD_ERA.fullmatch(text):
        return "era"
    for form, pattern in _FORMS:
        if pattern.fullmatch(text):
            return form
    bare = _BARE_ERA.fullmatch(text)
    if bare and int(bare.group("years") or 1) <= _MOST_ERA_YEARS.get(text[0], 99):
        return "bare-era"
    if _BARE_FISCAL.fullmatch(text):
        return "bare-fiscal"
    if _NO_YEAR.fullmatch(text):
        return "no-year"
    if _SHORT_YEAR.fullmatch(text):
        return "short"
    if _AMERICAN.fullmatch(text):
        return "american"
    return ""


def _may_be_era(text: str) -> bool:
    """Say whether what a letter for an era begins is a year, month and day that there may be: R6.4.1, but no R6-001 and H50."""
    match = _LETTER_ERA.match(text)
    if match is None:
        return True
    letter, year, month, of_month = match.groups()
    if year != "元" and not 1 <= int(year) <= _MOST_ERA_YEARS[letter]:
        return False
    return (month is None or 1 <= int(month) <= 12) and (of_month is None or 1 <= int(of_month) <= 31)


def _judge(subject: Subject, table: Table, column: Column, western: bool, case: Case) -> None:
    name = header_text(column.name)
    if serial_share(column) >= 0.8 and (_WHOLE_DATE_NAME.search(name) or names_day(name)):
        _tell(
            subject, table, column, column.which(bool), "がExcelの連番のままな", "are bare Excel serial numbers", case
        )
        return
    forms: Counter[str] = Counter()
    for value in column.words:
        forms[_form(value)] += 1
    if (forms["era"] or forms["bare-era"]) and not western:
        _tell(subject, table, column, _of(column, "era", "bare-era"), "が和暦だけな", "are given by era alone", case)
    if forms["bare-fiscal"] and not western:
        _tell(
            subject, table, column, _of(column, "bare-fiscal"), "に元号も西暦もない", "name neither era nor year", case
        )
    impossible = column.which(lambda value: _form(value) in _WHOLE and day(value).reason == "no-such-day")
    if impossible:
        _tell(subject, table, column, impossible, "が暦にない日な", "are no days of the calendar", case)
    if forms["short"]:
        _tell(subject, table, column, _of(column, "short"), "の年が2桁な", "have a year of two digits", case)
    if forms["american"]:
        _tell(subject, table, column, _of(column, "american"), "が年から始まらない", "do not begin with the year", case)
    dated = {_MIXING[form] for form in forms if form in _MIXING}
    if forms["no-year"] and (dated or _DAY_NAME.search(name) or names_day(name)) and not _YEARLY.search(name):
        _tell(subject, table, column, _of(column, "no-year"), "に年がない", "lack the year", case)
    _mixed(subject, table, column, forms, case)


def _of(column: Column, *forms: str) -> Found:
    return column.which(lambda value: _form(value) in forms)


def _cells_of(column: Column) -> dict[int, int]:
    """Return how many cells are written in each group of forms."""
    cells: Counter[int] = Counter()
    for value, count in column.times():
        group = _MIXING.get(_form(value))
        if group:
            cells[group] += count
    return cells


def _mixed(subject: Subject, table: Table, column: Column, forms: Counter[str], case: Case) -> None:
    groups = sorted({_MIXING[form] for form in forms if form in _MIXING})
    cells = dict.fromkeys(groups, column.filled) if len(groups) < 2 else _cells_of(column)
    vague = column.which(lambda value: len(value) <= 24 and not _form(value) and _BEGINS_WITH_YEAR.match(narrow(value)))
    if cells and vague:
        _tell(subject, table, column, vague, "の書き方がほかと異なる", "are written differently from the rest", case)
    if len(cells) < 2:
        return
    main = max(cells, key=lambda group: cells[group])
    others = column.which(lambda value: _MIXING.get(_form(value), main) != main)
    _tell(subject, table, column, others, "の書き方がほかと異なる", "are written differently from the rest", case)


def _tell(subject: Subject, table: Table, column: Column, values: Found, ja: str, en: str, case: Case) -> None:
    positions = column.cells_with(values)
    case.find(
        table.sheet,
        len(positions),
        subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
        f"列「{column.label}」の {len(positions)} セルの日付（例「{example(values, column, 24)}」）{ja}ので、「2024-04-01」の形にそろえてください。",
        f"{len(positions)} dates of “{column.label}” (as in “{example(values, column, 24)}”) {en}; write them as 2024-04-01.",
        normalise([column.name], "date"),
    )


def _parted_eras(subject: Subject, table: Table, case: Case) -> None:
    """Years whose era stands in one column and whose number in the next: 昭和 | 1."""
    for era, year in pairwise(table.columns):
        if not era.filled or not re.search("年|year", year.name, re.IGNORECASE):
            continue
        if era.share_of(lambda value: _ERA_ALONE.fullmatch(narrow(value))) < 1 or year.share_of(_is_era_year) < 1:
            continue
        case.weigh(table.sheet, year.filled)
        case.find(
            table.sheet,
            year.filled,
            subject.place(table.sheet, table.rows, year.index),
            f"列「{era.label}」と「{year.label}」の年が和暦だけなので、西暦の列を足してください。",
            f"“{era.label}” and “{year.label}” give the year by era alone; add a column with the Western year.",
        )


def _is_era_year(value: str) -> bool:
    text = narrow(value)
    return text == "元" or (text.isdigit() and 1 <= int(text) <= _MOST_ERA_YEARS["S"])


def _headers(subject: Subject, table: Table, case: Case) -> None:
    """Names of columns that are years or months by era alone."""
    named = [column for column in table.columns if any(_is_era_name(part) for part in column.parts)]
    western = [
        column
        for column in table.columns
        if any(_form(part) in ("year", "year-kanji", "fiscal", "month", "both") for part in column.parts)
    ]
    if named or western:
        case.weigh(table.sheet, (len(named) + len(western)) * max(1, len(table.rows)))
    if named:
        example = next(part for part in named[0].parts if _is_era_name(part))
        case.find(
            table.sheet,
            len(named) * max(1, len(table.rows)),
            subject.place(table.sheet, table.block.header_rows[-1:], [column.index for column in named]),
            f"項目名 {len(named)} 個の年（例「{example}」）が和暦だけなので、西暦にするか併記してください。",
            f"{len(named)} names give the year by era alone (as in “{example}”); write the Western year or both.",
        )


def _is_era_name(part: str) -> bool:
    """Say whether a name is a year by era alone, or holds one: 令和2年, 人数_令和6年1月9日時点."""
    text = narrow(part)
    if _form(part) == "era":
        return True
    if len(text) > 24:
        return False
    return _ERA_IN_NAME.search(text) is not None and _WEST_IN_NAME.search(text) is None
