"""What people call areas (全国地方公共団体コード), and the areas that a name may mean.

Codes outside the table, of municipalities that were merged away, are accepted when their check digit is right; they are
named by their prefecture.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from tdpf.kit.areas import Area, areas, is_area_code, is_ward, municipality_of, prefecture_of
from tdpf.kit.codes import is_municipality_code
from tdpf.kit.text import Text

__all__ = [
    "TOKYO", "Area", "area_label", "areas", "areas_by_name", "is_area_code", "is_ward", "municipality_of", "prefecture_of",
    "with_ancestors",
]  # fmt: skip
TOKYO = "130001"


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
