"""Areas by six-digit local government code (全国地方公共団体コード): every prefecture, Tokyo's 62 municipalities, large cities.

Codes outside the table are accepted when their check digit is right; they are named by their prefecture.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tdpf.kit.codes import is_municipality_code, municipality_check_digit
from tdpf.kit.text import Text

TOKYO = "130001"


@dataclass(frozen=True, slots=True)
class Area:
    """A prefecture (`parent` empty) or a municipality."""

    code: str
    parent: str
    label: Text


@cache
def areas() -> dict[str, Area]:
    """Return the table by code, in the order of codes."""
    text = (resources.files("tdpf.controlplane.catalog.vocabularies") / "areas.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: Area(row["code"], row["parent"], Text(row["ja"], row["en"])) for row in rows}


def prefecture_of(code: str) -> str:
    """Return the six-digit code of the prefecture a code lies in."""
    five = code[:2] + "000"
    return five + municipality_check_digit(five)


def is_area_code(code: str) -> bool:
    """Say whether a code has the right check digit and lies in a prefecture that exists."""
    return is_municipality_code(code) and prefecture_of(code) in areas()


def area_label(code: str) -> Text:
    """Return what people call an area; one outside the table is named by prefecture and code."""
    known = areas().get(code)
    if known is not None:
        return known.label
    prefecture = areas().get(prefecture_of(code)) if is_municipality_code(code) else None
    if prefecture is None:
        return Text(code, code)
    return Text(f"{prefecture.label.ja}（{code}）", f"{prefecture.label.en} ({code})")


def with_ancestors(codes: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the codes and the prefectures they lie in, each once."""
    found: dict[str, None] = {}
    for code in codes:
        found[code] = None
        if is_municipality_code(code):
            found[prefecture_of(code)] = None
    return tuple(found)


@cache
def areas_by_name() -> dict[str, tuple[str, ...]]:
    """Return codes by Japanese name; a name that several areas share gives Tokyo's first.

    Prefectures are also known without their suffix (東京, 神奈川), except where that is a city's or a common name.
    """
    found: dict[str, list[str]] = {}
    for area in areas().values():
        found.setdefault(area.label.ja, []).append(area.code)
        if not area.parent and area.code == TOKYO:
            found.setdefault(area.label.ja[:-1], []).append(area.code)
    return {name: tuple(sorted(codes, key=lambda code: not code.startswith("13"))) for name, codes in found.items()}
