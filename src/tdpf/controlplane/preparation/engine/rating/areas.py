"""The rule about areas: official codes, or full official names."""

from __future__ import annotations

import re
from functools import cache

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.places import prefectures, tokyo
from tdpf.controlplane.preparation.engine.rating.subject import Column, Found, Subject, Table, either
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import narrow
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, normalise
from tdpf.kit.codes import is_municipality_code

_CODE_NAME = re.compile(
    r"(?:都道府県|市区町村|市町村|区市町村|団体|自治体|公共団体|地域|行政区|町字|町丁|大字|標準地域|地域識別|全国地方公共|JIS|行政).{0,8}(?:コード|ＣＤ|CD|ID|番号)|コード.{0,4}(?:市区町村|都道府県)|prefCode|cityCode|areaCode|(?:pref|city|muni|municipality|area|region|lg|jis|town)[_ ]?(?:code|id|cd)|^code$|^コード$",
    re.IGNORECASE,
)
_BARE_CODE = re.compile("code|コード", re.IGNORECASE)
_PREFECTURE_NAME = re.compile(
    r"都道府県(?!.*コード)|^県名?$|^府県|prefecture(?!.*code)|^pref(?:_?name)?$", re.IGNORECASE
)
_CITY_NAME = re.compile(
    r"市区町村(?!.*コード)|市町村(?!.*コード)|区市町村(?!.*コード)|^市町名?$|^市名$|^区名$|自治体名?(?!.*コード)|地方公共団体名|団体名$|^市町$|^区市町|municipality(?!.*code)|^city(?:_?name)?$|^自治体$",
    re.IGNORECASE,
)
_TOWN_NAME = re.compile(
    r"町丁|町名|大字|丁目|^地区名?$|地域名|^地域$|町字名|(?<!通)学区(?!域)名?|^町$|行政区名?$|投票区|area_?name|^area$|^region$|^地域区分",
    re.IGNORECASE,
)
_ADDRESS_NAME = re.compile(
    r"住所|所在地|(?<![a-z])address|^add(?:r)?_?\d?$|設置場所$|開催場所$|^場所$|^所在$|番地", re.IGNORECASE
)
_SPOT_NAME = re.compile(r"場所$|番地|^add(?:r)?_?\d?$", re.IGNORECASE)
_LOT = re.compile(
    r"\d+(?:丁目|番地?|号(?!室|館|棟|車))|[一二三四五六七八九十]丁目|\d+-\d+|[\u4e00-\u9fff](?<![旧現本当全新])(?:市|区|町|村)(?![民役立営内街場道長議制庁外域画])[\u4e00-\u9fff]"
)
_ABROAD = re.compile(r"アジア|ヨーロッパ|欧州|[北南中]米|アメリカ|アフリカ|オセアニア|中東|海外|国内")
_NOT_ADDRESS = re.compile(
    r"コード|カナ|番地以下|方書|町字|緯度|経度|都道府県|市区町村|URL|メール|mail|ID", re.IGNORECASE
)
_PREFECTURE_HEAD = re.compile(r"(?:北海道|東京都|京都府|大阪府|.{2,3}県)")
_MUNICIPAL_HEAD = re.compile(r"(?:北海道|東京都|京都府|大阪府|.{2,3}県)?\s*[^\s\d\-]{1,7}?(?:市|区|町|村|郡)")
_MUNICIPAL_CODE = re.compile(r"市区町村|市町村|団体|公共|都道府県コード又は|(?:city|muni|lg).*code", re.IGNORECASE)
_MUNICIPALITY = re.compile(r"市区町村|市町村|区市町村|^市町名?$|^市名$|^区名$|自治体")
_POWER = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
_BARE_AREA = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff々]{1,6}(?<![都道府県市区町村郡島計])")
_TOTALS = re.compile(r"計|全国|総数|合計|その他|不詳|県外|国外|管内|市部|郡部|平均")


def areas_official(subject: Subject) -> RuleVerdict:
    """L3-06."""
    case = Case("L3-06")
    for table in subject.tables:
        _judge(subject, table, case)
    return case.verdict("地域を示す列がありません。", "No column names areas.")


def _judge(subject: Subject, table: Table, case: Case) -> None:
    codes = [column for column in table.columns if _is_code_column(column)]
    prefectures_named = [column for column in table.columns if _named(column, _PREFECTURE_NAME)]
    cities = [column for column in table.columns if _named(column, _CITY_NAME) and column not in prefectures_named]
    towns = [
        column
        for column in table.columns
        if _named(column, _TOWN_NAME) and column not in cities and column.share_of(_is_abroad) < 0.3
    ]
    addresses = [
        column
        for column in table.columns
        if _named(column, _ADDRESS_NAME) and not _NOT_ADDRESS.search(header_text(column.name)) and _places(column)
    ]
    if not (codes or prefectures_named or cities or towns or addresses):
        return
    case.weigh(table.sheet, max(1, len(table.rows)))
    damaged = False
    for column in codes:
        wrong = _damaged(column)
        if wrong:
            damaged = damaged or len(column.cells_with(wrong)) * 2 > column.filled
            _tell_damaged(subject, table, column, wrong, case)
    for column in prefectures_named + cities:
        known = column.which(lambda value: narrow(value) in _shortened())
        unknown = not known and _MUNICIPALITY.search(header_text(column.name)) is not None
        if unknown and column in cities and column.share_of(_lacks_its_kind) >= 0.8:
            known = column.which(_lacks_its_kind)
        if known:
            short = known if column in prefectures_named else either(column, known, column.which(_lacks_its_kind))
            positions = column.cells_with(short)
            case.find(
                table.sheet,
                len(positions),
                subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                f"列「{column.label}」の {len(positions)} セルの地域名（例「{min(known)}」）が略されているため、{_in_full(min(known))}正式に書いてください。",
                f"{len(positions)} area names of “{column.label}” (as in “{min(known)}”) are shortened; write them in full.",
                normalise([column.name], "prefecture") if column in prefectures_named else None,
            )
    if codes and not damaged:
        return
    if prefectures_named or cities:
        return
    if addresses:
        _addresses(subject, table, addresses, case)
    elif towns and not _title_names_area(table):
        where = subject.place(table.sheet, table.block.header_rows[-1:], [column.index for column in towns])
        case.find(
            table.sheet,
            len(table.rows),
            where,
            f"「{towns[0].label}」がどの市区町村のものか書かれていないため、全国地方公共団体コードか市区町村名の列を足してください。",
            f"Nothing says which municipality “{towns[0].label}” belongs to; add a column of municipality codes or names.",
        )


def _in_full(value: str) -> str:
    full = _shortened().get(narrow(value))
    return f"「{full}」のように" if full else "「市」「区」「町」「村」まで"


def _lacks_its_kind(value: str) -> bool:
    """Say whether a name in a column of municipalities does not say what it is: 横浜 beside 品川."""
    text = narrow(value)
    return _BARE_AREA.fullmatch(text) is not None and not _TOTALS.search(text)


def _named(column: Column, pattern: re.Pattern[str]) -> bool:
    if not column.filled or not pattern.search(header_text(column.name)):
        return False
    return column.share_of(lambda value: not value.isascii()) >= 0.5


def _places(column: Column) -> bool:
    """Say whether a column holds addresses: one called 場所 or 設置場所 does when its values look like that, not for 1階ロビー."""
    return not _SPOT_NAME.search(header_text(column.name)) or column.share_of(_is_address) >= 0.5


def _is_address(value: str) -> bool:
    text = narrow(value)
    return _LOT.search(text) is not None or _PREFECTURE_HEAD.match(text) is not None


def _is_abroad(value: str) -> bool:
    return _ABROAD.search(value) is not None


def _is_code_column(column: Column) -> bool:
    if not column.filled:
        return False
    name = header_text(column.name)
    if _CODE_NAME.search(name):
        if (
            _BARE_CODE.fullmatch(name)
            and column.different == column.filled > 1
            and not column.share_of(_is_region_code)
        ):
            return False  # A number that no two rows share is the record's own.
        return column.share_of(lambda value: re.fullmatch(r"[\dA-Za-z.+\-]+", narrow(value))) >= 0.8
    if not re.search(r"コード|code|ID", name, re.IGNORECASE) and column.different < 3:
        return False
    return column.share_of(_is_region_code) >= 0.9


def _is_region_code(value: str) -> bool:
    return is_municipality_code(value) and 1 <= int(value[:2]) <= 47


def _damaged(column: Column) -> Found:
    """Return the codes damaged on their way: written as powers of ten, or without their leading zero.

    A column of six digits has them with five, a column of five digits (without the check digit) with four.
    """
    found = column.which(lambda value: _POWER.fullmatch(narrow(value)))
    if not _MUNICIPAL_CODE.search(header_text(column.name)):
        return found
    by_length: dict[int, set[str]] = {4: set(), 5: set(), 6: set()}
    for value in column.words:
        text = narrow(value)
        if text.isdigit() and len(text) in by_length:
            by_length[len(text)].add(value)
    cut = {value for value in by_length[5] if is_municipality_code("0" + narrow(value))}
    if by_length[6] or len(cut) * 10 >= len(by_length[5]) * 9:
        return either(column, found, cut)
    return either(column, found, by_length[4]) if by_length[5] else found


def _tell_damaged(subject: Subject, table: Table, column: Column, wrong: Found, case: Case) -> None:
    positions = column.cells_with(wrong)
    case.find(
        table.sheet,
        len(positions),
        subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
        f"列「{column.label}」の {len(positions)} セルの地域コード（例「{min(wrong)}」）が壊れているため、文字列として6桁で入れ直してください。",
        f"{len(positions)} area codes of “{column.label}” (as in “{min(wrong)}”) are damaged; enter six digits as text.",
        normalise([column.name], "municipality_code"),
    )


def _addresses(subject: Subject, table: Table, addresses: list[Column], case: Case) -> None:
    column = min(addresses, key=lambda entry: not re.search("住所|所在地|address", entry.name, re.IGNORECASE))
    if column.share_of(lambda value: _PREFECTURE_HEAD.match(narrow(value))) >= 0.6:
        return
    short = column.which(lambda value: not _PREFECTURE_HEAD.match(narrow(value)))
    positions = column.cells_with(short)
    named = column.share_of(lambda value: _MUNICIPAL_HEAD.match(narrow(value))) >= 0.6
    ja = "都道府県名がなく" if named else "市区町村名がなく"
    en = "lack the prefecture" if named else "lack the municipality"
    case.find(
        table.sheet,
        len(positions),
        subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
        f"列「{column.label}」の {len(positions)} セルは{ja}、地域コードの列もないため、全国地方公共団体コードの列を足すか「東京都港区…」と書いてください。",
        f"{len(positions)} addresses of “{column.label}” {en} and there is no area code; add municipality codes or write addresses in full.",
        {"step": "address.parse", "params": {"address": column.name}},
    )


def _title_names_area(table: Table) -> bool:
    words = " ".join(table.block.title_lines)
    return any(name in words for name in (*prefectures(), *tokyo()))


@cache
def _shortened() -> dict[str, str]:
    """Return the full name by the shortened one: 東京 for 東京都, 千代田 for 千代田区; a word of one letter is left alone."""
    names = {name[:-1]: name for name in prefectures() if name != "北海道"}
    names.update({name[:-1]: name for name in tokyo() if len(name) > 2 and name[:-1] not in names})
    return names
