"""Areas by six-digit local government code (全国地方公共団体コード): prefectures, municipalities, wards of designated cities.

The table holds facts (code, name, reading, Latin letters, what it lies in) of January 2024 and later. Codes outside it,
of municipalities that were merged away, are accepted when their check digit is right; they are named by their prefecture.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from tdpf.kit.codes import is_municipality_code, municipality_check_digit
from tdpf.kit.text import Text

TOKYO = "130001"


@dataclass(frozen=True, slots=True)
class Area:
    """A prefecture (`parent` empty), a municipality, or a ward of a designated city (`parent` is the city)."""

    code: str
    parent: str
    label: Text
    kana: str = ""


@cache
def areas() -> dict[str, Area]:
    """Return the table by code, in the order of codes."""
    text = (resources.files("tdpf.controlplane.catalog.vocabularies") / "areas.csv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:])
    return {code: Area(code, parent, Text(ja, en), kana) for code, parent, ja, kana, en in rows}


@cache
def prefecture_of(code: str) -> str:
    """Return the six-digit code of the prefecture a code lies in."""
    five = code[:2] + "000"
    return five + municipality_check_digit(five)


@cache
def municipality_of(code: str) -> str:
    """Return the code of the designated city a ward lies in; any other code is returned as it is."""
    area = areas().get(code)
    return area.parent if area is not None and area.parent and areas()[area.parent].parent else code


def is_ward(code: str) -> bool:
    """Say whether a code names a ward of a designated city."""
    return municipality_of(code) != code


def is_area_code(code: str) -> bool:
    """Say whether a code has the right check digit and lies in a prefecture that exists."""
    return is_municipality_code(code) and prefecture_of(code) in areas()


def area_label(code: str) -> Text:
    """Return what people call an area; a ward of a designated city with its city; one outside the table by prefecture."""
    known = areas().get(code)
    if known is not None:
        if is_ward(code):
            city = areas()[known.parent].label
            return Text(city.ja + known.label.ja, f"{known.label.en}, {city.en}")
        return known.label
    prefecture = areas().get(prefecture_of(code)) if is_municipality_code(code) else None
    if prefecture is None:
        return Text(code, code)
    return Text(f"{prefecture.label.ja}（{code}）", f"{prefecture.label.en} ({code})")


def with_ancestors(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes, the cities of wards and the prefectures they lie in, each once."""
    return _with_ancestors(tuple(codes))


@lru_cache(maxsize=5_000)
def _with_ancestors(codes: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for code in codes:
        found[code] = None
        if is_municipality_code(code):
            found[municipality_of(code)] = None
            found[prefecture_of(code)] = None
    return tuple(found)


@cache
def areas_by_name() -> dict[str, tuple[str, ...]]:
    """Return codes by Japanese name; a name that several areas share gives Tokyo's first, then municipalities, then wards.

    Wards of designated cities are also known with their city (横浜市西区). Prefectures are also known without their
    suffix (東京), except where that is a city's or a common name.
    """
    found: dict[str, list[str]] = {}
    for area in areas().values():
        found.setdefault(area.label.ja, []).append(area.code)
        if is_ward(area.code):
            found.setdefault(area_label(area.code).ja, []).append(area.code)
        if not area.parent and area.code == TOKYO:
            found.setdefault(area.label.ja[:-1], []).append(area.code)
    return {name: tuple(sorted(codes, key=_nearest)) for name, codes in found.items()}


def _nearest(code: str) -> tuple[bool, bool, str]:
    return not code.startswith("13"), is_ward(code), code
