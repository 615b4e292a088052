"""Proposes a dataset's metadata from what was read, each proposal with the reason, for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import PurePath
from typing import Any

from tdpf.controlplane.preparation.engine.cells import is_number
from tdpf.controlplane.preparation.engine.eras import find_dates, find_year
from tdpf.controlplane.preparation.engine.places import areas_in
from tdpf.controlplane.preparation.engine.types import ColumnFound, ReadResult, TableFound
from tdpf.kit.codes import is_municipality_code, municipality_check_digit

_LATITUDE = re.compile(r"緯度|^latitude$|^lat$|^y座標$", re.IGNORECASE)
_LONGITUDE = re.compile(r"経度|^longitude$|^lng$|^lon$|^long$|^x座標$", re.IGNORECASE)
_AREA_CODE = re.compile(
    r"地方公共団体コード|市区町村コード|団体コード|都道府県コード|prefCode|自治体コード|district_code"
)
_AREA_NAME = re.compile(
    r"市区町村名?$|地方公共団体名|自治体名|都道府県名?$|^pref$|^city$|cityName|prefName|所在地|住所|address"
)
_KEY_NAME = re.compile(
    r"^ID$|(?<![a-z])id$|^NO$|^No\.?$|番号$|コード$|^#property$|identif|識別子|^№$|共通ID", re.IGNORECASE
)
_NOT_KEY = re.compile(
    r"緯度|経度|電話|FAX|URL|説明|備考|概要|住所|所在地|郵便|lat|lng|lon|phone|address|note|text|座標", re.IGNORECASE
)
_DATE_NAME = re.compile(
    r"調査年月日|調査日|基準日|時点|年月日$|更新日|surveyDate|開始日|終了日|^日付$|^date$", re.IGNORECASE
)
_GENERIC_SHEET = re.compile(r"^(?:sheet|シート)\s?\d*$|^data$|^データ$|^オープンデータ$", re.IGNORECASE)
_THEMES: tuple[tuple[str, str], ...] = (
    ("population", r"人口|世帯|年齢別|国勢調査|人口動態|population"),
    ("safety", r"避難|防災|災害|津波|洪水|ハザード|AED|防犯|交通安全|環境|ごみ|evacuation|shelter"),
    ("welfare", r"医療|病院|診療|介護|福祉|保育|健康|食品|営業許可|薬局|AED|バリアフリー|高齢|障害|hospital|care"),
    ("transport", r"観光|駐車|駐輪|バス|鉄道|交通量|イベント|宿泊|ホテル|tourism|event"),
    ("education", r"学校|図書館|文化財|文化|スポーツ|公民館|コミュニティ|幼稚園|教育|イベント|library"),
    ("land", r"気象|公園|緑地|トイレ|地図|標高|park|toilet"),
    ("technology", r"無線LAN|Wi-?Fi|公衆無線|wireless"),
    ("commerce", r"商店|商業|営業許可|食品|店舗"),
    ("government", r"公共施設|庁舎|予算|決算|選挙|行政|補助金|入札|facility"),
    ("housing", r"住宅|建築|土地|空き家"),
    ("energy", r"電力|水道|下水|エネルギー|給水"),
    ("labour", r"労働|就業|雇用|賃金|産業"),
    ("agriculture", r"農業|林業|漁業|農地|直売"),
)
_ENGLISH_TITLES = (
    (r"公衆トイレ|トイレ|public_toilet", "Public toilets"),
    (r"避難所開設|open_shelter|避難所.*人数", "Open evacuation shelters"),
    (r"避難場所|evacuation_space", "Evacuation sites"),
    (r"医療機関|病院|hospital", "Medical institutions"),
    (r"介護サービス|care_service", "Care service providers"),
    (r"AED|aed", "AED locations"),
    (r"イベント|event", "Events"),
    (r"人口|population", "Population"),
    (r"公共施設|public_facility", "Public facilities"),
    (r"食品|food_(?:licence|business)", "Food business licences"),
    (r"観光|tourism", "Tourist facilities"),
    (r"文化財|cultural_property", "Cultural properties"),
    (r"公園|(?<![a-z])park(?![a-z])", "Parks"),
    (r"無線LAN|wireless_lan|wifi", "Public wireless LAN"),
)


def propose_metadata(result: ReadResult, file_name: str) -> dict[str, Any]:
    """Return proposals in the catalog's terms, plus `located`, `key_columns` and `reasons` (field → ja, en)."""
    table = result.table
    reasons: dict[str, dict[str, str]] = {}
    title = _title(table, file_name, reasons)
    words = " ".join((title, *table.title_lines, file_name, table.sheet, *table.column_names))
    areas = _areas(table, title, reasons)
    start, end = _period(table, file_name, reasons)
    themes = _themes(title, file_name, words)
    located, swapped = find_located(table)
    keys = propose_keys(table)
    if keys:
        reasons["key_columns"] = _reason(
            "値がすべて異なり、空がありません", "its values are all different and never empty"
        )
    if swapped:
        reasons["located"] = _reason(
            "緯度と経度の列が入れ替わっています。値を確かめてください",
            "latitude and longitude look exchanged; check the values",
        )
    return {
        "title_ja": title,
        "title_en": _english_title(title, file_name),
        "description_ja": _description(table),
        "themes": themes,
        "keywords": _keywords(table, title),
        "area_codes": areas,
        "period_start": start.isoformat() if start else None,
        "period_end": end.isoformat() if end else None,
        "languages": _languages(table),
        "located": located,
        "key_columns": keys,
        "reasons": reasons,
    }


def find_located(table: TableFound) -> tuple[dict[str, str] | None, bool]:
    """Return the columns of latitude and longitude, and whether their values look exchanged (Japan: 20-46, 122-154)."""
    latitude = next((column for column in table.columns if _LATITUDE.search(column.name) and _numbers(column)), None)
    longitude = next((column for column in table.columns if _LONGITUDE.search(column.name) and _numbers(column)), None)
    if latitude is None or longitude is None:
        return None, False
    if _mostly(latitude, 20, 46) and _mostly(longitude, 122, 154):
        return {"latitude": latitude.name, "longitude": longitude.name}, False
    swapped = _mostly(latitude, 122, 154) and _mostly(longitude, 20, 46)
    return None, swapped


def propose_keys(table: TableFound) -> list[str]:
    """Return the columns that name a row: one that is unique and never empty, else a pair that is; empty if none is.

    A column of running numbers is taken only when nothing better is there.
    """
    if not table.row_count:
        return []
    unique = [
        column for column in table.columns if column.unique and not column.nulls and not _NOT_KEY.search(column.name)
    ]
    named = [column for column in unique if _KEY_NAME.search(column.name)]
    if named:
        return [min(named, key=_key_rank).name]
    short = [column for column in unique if column.examples and max(map(len, column.examples)) <= 40]
    pair = _unique_pair(table)
    if pair:
        return pair
    return [short[0].name] if short else []


def _key_rank(column: ColumnFound) -> int:
    name = column.name
    if re.search(r"ID|識別|identif", name, re.IGNORECASE):
        return 0
    if re.search(r"番号|コード", name):
        return 1
    return 2


def _unique_pair(table: TableFound) -> list[str]:
    """Try pairs of code columns; every row is looked at, so that what is proposed is really unique."""
    names = table.column_names
    candidates = [
        index
        for index, column in enumerate(table.columns)
        if _KEY_NAME.search(column.name) and not column.nulls and column.distinct > 1
    ][:4]
    area = [i for i, c in enumerate(table.columns) if _AREA_CODE.search(c.name) and not c.nulls][:1]
    pairs = [(a, b) for a in dict.fromkeys([*area, *candidates]) for b in candidates if a < b][:6]
    if not pairs or table.row_count > 500_000:
        return []
    seen: dict[tuple[int, int], set[tuple[str | None, str | None]]] = {pair: set() for pair in pairs}
    for row in table.iter_rows():
        for pair in list(seen):
            value = (row[pair[0]], row[pair[1]])
            if value in seen[pair]:
                del seen[pair]
            else:
                seen[pair].add(value)
        if not seen:
            return []
    first = next(iter(seen))
    return [names[first[0]], names[first[1]]]


def _title(table: TableFound, file_name: str, reasons: dict[str, dict[str, str]]) -> str:
    for line in table.title_lines:
        plain = line.strip(" 　#＃〇○■●・")
        if (
            3 <= len(plain) <= 80
            and not re.fullmatch(r".*(?:現在|時点|単位.*)", plain)
            and re.search(r"[一-龥ァ-ヶ]", plain)
        ):
            reasons["title_ja"] = _reason("表の上にある表題です", "it stands above the table")
            return plain
    stem = PurePath(file_name).stem
    if table.sheet and not _GENERIC_SHEET.match(table.sheet) and re.search(r"[一-龥ァ-ヶぁ-ん]", table.sheet):
        reasons["title_ja"] = _reason("シートの名前です", "it is the sheet's name")
        return table.sheet
    reasons["title_ja"] = _reason("ファイルの名前です", "it is the file's name")
    return re.sub(r"[_\-\s]+", " ", stem).strip() or stem


def _english_title(title: str, file_name: str) -> str:
    return next((english for pattern, english in _ENGLISH_TITLES if re.search(pattern, f"{title} {file_name}")), "")


def _description(table: TableFound) -> str:
    return "\n".join(line for line in table.title_lines[1:6] if len(line) <= 300)


def _areas(table: TableFound, title: str, reasons: dict[str, dict[str, str]]) -> list[str]:
    for column in table.columns:
        if _AREA_CODE.search(column.name) and column.values and len(column.values) <= 60:
            codes = [_six_digits(value) for value, _ in column.values]
            right = [code for code in codes if code]
            if right and len(right) * 5 >= len(codes) * 4:
                reasons["area_codes"] = _reason(f"「{column.name}」の値です", f"they are the values of {column.name}")
                return right
    for text, ja, en in _area_texts(table, title):
        found = areas_in(text)
        if found and len(found) <= 62:
            reasons["area_codes"] = _reason(ja, en)
            return found
    return []


def _area_texts(table: TableFound, title: str) -> Iterable[tuple[str, str, str]]:
    yield title, "表題にある地名です", "the title names them"
    for column in table.columns:
        if _AREA_NAME.search(column.name):
            shown = [value for value, _ in column.values[:80]] or list(column.examples)
            yield " ".join(shown), f"「{column.name}」にある地名です", f"{column.name} names them"


def _six_digits(value: str) -> str:
    if is_municipality_code(value):
        return value
    if len(value) == 5 and value.isdigit() and 1 <= int(value[:2]) <= 47:
        return value + municipality_check_digit(value)
    return ""


def _period(table: TableFound, file_name: str, reasons: dict[str, dict[str, str]]) -> tuple[date | None, date | None]:
    days: list[date] = []
    for column in table.columns:
        if _DATE_NAME.search(column.name) and not re.search(r"許可|廃業|設置|指定|開設|申込|締切", column.name):
            texts = [value for value, _ in column.values] or list(column.examples)
            days.extend(day for value in texts for day in find_dates(value))
    if days:
        reasons["period_start"] = _reason("日付の列の値です", "the date columns say so")
        return min(days), max(days)
    for text, ja, en in (
        (" ".join(table.title_lines), "表の上にある日付です", "a date stands above the table"),
        (
            f"{table.sheet} {PurePath(file_name).stem}",
            "ファイルやシートの名前にある日付です",
            "the file or sheet name has a date",
        ),
    ):
        named = find_dates(text)
        if named:
            reasons["period_start"] = _reason(ja, en)
            return min(named), max(named)
        year = find_year(text)
        if year:
            reasons["period_start"] = _reason(ja, en)
            return year
    return None, None


def _themes(title: str, file_name: str, words: str) -> list[str]:
    """Return up to two themes: words in the title count more than words in column names."""
    scores: dict[str, int] = {}
    for code, pattern in _THEMES:
        strong = len(re.findall(pattern, f"{title} {file_name}", re.IGNORECASE))
        weak = len(re.findall(pattern, words, re.IGNORECASE))
        if strong or weak:
            scores[code] = strong * 10 + min(weak, 8)
    return sorted(scores, key=lambda code: -scores[code])[:2]


def _keywords(table: TableFound, title: str) -> list[str]:
    found = re.findall(r"[ァ-ヶー]{3,}|[一-龥]{2,8}", title)
    located = ["位置情報"] if find_located(table)[0] else []
    return list(dict.fromkeys([*found, *located]))[:8]


def _languages(table: TableFound) -> list[str]:
    shown = "".join([*table.column_names, *(value for column in table.columns for value in column.examples)])
    return ["ja"] if re.search(r"[ぁ-んァ-ヶ一-龥]", shown) else ["en"]


def _numbers(column: ColumnFound) -> bool:
    return bool(column.examples) and (column.type in ("number", "integer") or any(map(is_number, column.examples)))


def _mostly(column: ColumnFound, low: float, high: float) -> bool:
    values = [float(value) for value in column.examples if re.fullmatch(r"\s*-?\d+(?:\.\d+)?\s*", value)]
    return bool(values) and sum(low <= value <= high for value in values) * 5 >= len(values) * 4


def _reason(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}
