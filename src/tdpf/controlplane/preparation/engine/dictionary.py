"""Proposes the column dictionary: type, unit, titles in both languages, and codes where values are few."""

from __future__ import annotations

import re
from typing import Any

from tdpf.controlplane.preparation.engine.cells import UNIT_IN_HEADER, UNIT_STATED
from tdpf.controlplane.preparation.engine.types import ColumnFound, TableFound
from tdpf.controlplane.preparation.engine.words import ENGLISH, JAPANESE, MEANINGS, UNITS

_FEW = 12
_ENOUGH = 20
_NEVER_CODES = re.compile(
    r"名$|名称|都道府県|市区町村|住所|所在地|備考|説明|電話|URL|カナ|かな|時間|name|address|note", re.IGNORECASE
)
# What reads as a title, and not as a name that programs gave: Facility name, not facility_name or P20_001.
_IN_WORDS = re.compile(r"[A-Z][A-Za-z'’]*(?:[ ,/&().'’-]+[A-Za-z'’]+)*[).]?")
_FLAGS = frozenset(("有", "無", "○", "◯", "〇", "◎", "△", "×", "✕", "-", "－"))


def propose_dictionary(table: TableFound) -> list[dict[str, Any]]:
    """Return one entry per column: name, type, title, title_en, unit, description (empty), codes (value → meaning)."""
    stated = _stated_unit(table)
    return [_entry(column, stated) for column in table.columns]


def _entry(column: ColumnFound, stated: str) -> dict[str, Any]:
    title, title_en = titles(column.name)
    if column.title_en and (not title_en or _IN_WORDS.fullmatch(column.title_en)):
        title_en = column.title_en
    codes = _codes(column)
    kind = "code" if codes and column.type == "string" else column.type
    return {
        "name": column.name,
        "type": kind,
        "title": title,
        "title_en": title_en,
        "unit": _unit(column, stated) if kind in ("integer", "number", "string") else "",
        "description": "",
        "codes": codes,
    }


def titles(name: str) -> tuple[str, str]:
    """Return a Japanese and an English title of a column; the name itself where no title is known."""
    base = re.sub(r"_\d+$", "", name)
    plain = base.replace("(", "（").replace(")", "）")
    english = ENGLISH.get(base) or ENGLISH.get(plain)
    if english:
        return name, english
    if base in JAPANESE:
        japanese = JAPANESE[base]
        return japanese, ENGLISH.get(japanese, name)
    ages = re.fullmatch(r"(\d+)-(\d+)歳の(男性|女性)", base) or re.fullmatch(r"(\d+)歳(以上)の(男性|女性)", base)
    if ages:
        sex = "males" if ages.group(3) == "男性" else "females"
        span = f"{ages.group(1)} and over" if ages.group(2) == "以上" else f"{ages.group(1)}–{ages.group(2)}"
        return name, f"{sex.capitalize()} aged {span}"
    return name, name if name.isascii() else ""


def _unit(column: ColumnFound, stated: str) -> str:
    if column.unit:
        return column.unit
    in_header = UNIT_IN_HEADER.search(column.name)
    if in_header:
        return in_header.group("unit")
    if column.type in ("integer", "number"):
        for pattern, unit in UNITS:
            if pattern.search(column.name):
                return unit
        return stated if not re.search(r"^年度?$|^西暦|^NO$|^No|順位|#", column.name) else ""
    return ""


def _stated_unit(table: TableFound) -> str:
    """Return the unit that the title lines state for the whole table, if they state exactly one."""
    found = {match.group("unit") for line in table.title_lines for match in UNIT_STATED.finditer(_unspaced(line))}
    return found.pop() if len(found) == 1 else ""


def _unspaced(line: str) -> str:
    return re.sub(r"[\s（）()]+", "", line)


def _codes(column: ColumnFound) -> dict[str, str]:
    """Return the values with their meanings when they look like a code list: few, short, and often repeated."""
    values = [value for value, _ in column.values]
    total = sum(count for _, count in column.values)
    if not values or column.type not in ("string", "code", "integer"):
        return {}
    flags = all(value.strip() in _FLAGS for value in values) and len(values) <= 6
    if not flags:
        if column.type == "integer" or _NEVER_CODES.search(column.name):
            return {}
        if len(values) < 2 or len(values) > _FEW or total < _ENOUGH or len(values) * 8 > total:
            return {}
        if max(map(len, values)) > 16:
            return {}
    return {value: MEANINGS.get(value.strip(), ("", ""))[0] for value in sorted(values)}
