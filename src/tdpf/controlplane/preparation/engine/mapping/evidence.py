"""What the values of a column say about a field: they may confirm it, say nothing, or forbid it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.municipalities import head_of
from tdpf.controlplane.preparation.engine.normalising.coordinates import LATITUDES, LONGITUDES
from tdpf.controlplane.preparation.engine.normalising.flags import is_flag, reads_as_flag
from tdpf.controlplane.preparation.engine.normalising.marks import is_ditto, is_error, is_missing, plain, says_none
from tdpf.controlplane.preparation.engine.normalising.registry import outcomes
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField

SAMPLE = 400
_SPECIFIC = frozenset(
    [
        "municipality_code",
        "phone",
        "email",
        "url",
        "postal_code",
        "corporate_number",
        "date",
        "time",
        "weekdays",
        "latitude",
        "longitude",
        "coordinates",
        "prefecture",
        "kana",
        "hours",
        "flag_presence",
        "flag_allowed",
        "flag_mark",
    ]
)
_TYPED = _SPECIFIC | {"integer", "number", "period"}
_NUMBER = re.compile(r"[-+]?[\d,]+(?:\.\d+)?")
_KANJI = re.compile(r"[一-龥ぁ-んァ-ヶ]")
_PHONE = re.compile(r"[(]?0?\d{1,4}[)-]?\d{1,4}-\d{4}")
# Parts of a building are no names of one: 3階通路, 3~10階階段及びエレベーターホール.
_ROOM = re.compile(r"(?:地[上下]|B)?\d{1,2}(?:\s*[~・、,-]\s*\d{1,2})*\s*(?:階|F)(?!\s*建).*|屋上.{0,8}")
_NOWHERE = re.compile(r"-?0(?:\.0+)?|-1(?:\.0+)?|9{2,6}(?:\.[09]+)?")
_ADDRESS = re.compile(r"[市区町村郡]|丁目|番|\d")


@dataclass(frozen=True, slots=True)
class Evidence:
    """`share` of the sampled values that fit, among `seen` that say anything; `veto` when the type forbids the field."""

    seen: int
    share: float
    veto: bool = False
    specific: bool = False


def sample_of(values: Sequence[str | None]) -> list[str]:
    """Return the values of rows all over a column, at most a few hundred, without signs for "no value" and "as above".

    What stands in many rows weighs as much: a few odd notations do not outvote the rows that are right.
    """
    said = {value: not (is_missing(value) or is_ditto(value) or is_error(value)) for value in set(values) if value}
    present = [value for value in values if value and said[value]]
    if len(present) <= SAMPLE:
        return present
    step = len(present) / SAMPLE
    return [present[int(place * step)] for place in range(SAMPLE)]


def evidence(field: SchemaField, sample: Sequence[str], *, distinct_share: float = 1.0) -> Evidence:
    """Judge a column's sample against a field. `distinct_share` is different values per row."""
    if not sample:
        return Evidence(0, 1.0)
    kind = field.normaliser
    if kind in ("latitude", "longitude"):
        return _coordinate(kind, sample)
    if kind in ("flag_presence", "flag_allowed", "flag_mark"):
        fitting = sum(1 for value in sample if reads_as_flag(value))
        counts = sum(1 for value in sample if _is_small_count(value) and plain(value) not in ("0", "1"))
        share = fitting / len(sample)
        return Evidence(len(sample), share, veto=share < 0.5 or counts * 2 > len(sample) + 2, specific=share >= 0.8)
    if kind in _TYPED:
        judged = outcomes(kind, sample)
        fitting = sum(
            1 for value in sample if _fits(kind, judged[value].value, judged[value].reason) or says_none(value)
        )
        share = fitting / len(sample)
        need = 0.2 if field.rest_to else 0.5
        if kind in ("integer", "number"):
            flags = sum(1 for value in sample if is_flag(value) and plain(value) not in ("0", "1"))
            if any(judged[value].value not in (None, "0", "1") and is_flag(value) for value in sample):
                flags = 0  # 有（19床）, 無: the yes bears the number.
            return Evidence(len(sample), share, veto=share < need or flags * 2 > len(sample), specific=share >= 0.9)
        return Evidence(len(sample), share, veto=share < need, specific=kind in _SPECIFIC and share >= 0.8)
    return _text(field, sample, distinct_share)


def _fits(kind: str, value: str | None, reason: str) -> bool:
    if kind == "municipality_code":
        return value is not None or reason in ("excel-damaged", "code-ambiguous")
    if kind == "date":
        return value is not None or reason in ("no-such-day", "short-year", "month-only", "year-only", "no-year")
    if kind == "period":
        return value is not None or reason == "no-year"
    return value is not None and reason not in ("not-kana", "not-a-prefecture")


def _coordinate(kind: str, sample: Sequence[str]) -> Evidence:
    other = LONGITUDES if kind == "latitude" else LATITUDES
    judged = outcomes(kind, sample)
    inside = sum(1 for value in sample if judged[value].value is not None or says_none(value))
    if any(judged[value].value is not None for value in sample):
        # 0, 999 and -1 are written where the place is not known; each is told by itself.
        inside += sum(1 for value in sample if judged[value].value is None and _NOWHERE.fullmatch(plain(value)))
    swapped = metres = 0
    for value in sample:
        number = _NUMBER.fullmatch(plain(value))
        if number:
            size = abs(float(number.group().replace(",", "")))
            swapped += other[0] <= size <= other[1]
            metres += 1000 <= size <= 10_000_000
    share = (inside + swapped + metres) / len(sample)
    return Evidence(len(sample), share, veto=share < 0.5, specific=max(inside, swapped) >= 0.8 * len(sample))


def _is_small_count(value: str) -> bool:
    clean = plain(value)
    return clean.isdigit() and int(clean) <= 50


def _text(field: SchemaField, sample: Sequence[str], distinct_share: float) -> Evidence:
    numbers = sum(1 for value in sample if _NUMBER.fullmatch(plain(value)))
    flags = sum(1 for value in sample if is_flag(value) and not _NUMBER.fullmatch(plain(value)))
    links = sum(1 for value in sample if "http" in value)
    words = sum(1 for value in sample if _KANJI.search(value))
    phones = sum(1 for value in sample if _PHONE.fullmatch(plain(value)))
    count = len(sample)
    if field.normaliser == "identifier":
        repeated = field.concept == "record.id" and distinct_share < 0.5
        prose = sum(1 for value in sample if len(value) > 60 or re.search(r"[。、\n]", value))
        return Evidence(count, 0.6 if repeated else 1.0, veto=prose * 2 > count or flags * 2 > count)
    if field.normaliser == "address":
        fitting = sum(1 for value in sample if _KANJI.search(value) and _ADDRESS.search(plain(value)))
        named = sum(1 for value in sample if head_of(value) is not None)
        share = fitting / count
        return Evidence(count, share, veto=share < 0.5 or links * 2 > count, specific=named >= 0.8 * count)
    if field.normaliser == "city":
        fitting = sum(1 for value in sample if re.search(r"[市区町村都道府県郡島]$", plain(value)))
        return Evidence(count, fitting / count, veto=fitting * 2 < count, specific=fitting >= 0.9 * count)
    if field.normaliser in ("town", "block"):
        return Evidence(count, 1.0, veto=links * 2 > count or flags * 2 > count)
    if field.normaliser == "name" and field.concept != "name.extra":
        share = 1 - (numbers + flags + links) / count
        rooms = sum(1 for value in sample if _ROOM.fullmatch(plain(value)))
        if field.concept == "name" and rooms * 2 > count:
            return Evidence(count, 0.0, veto=True)
        alone = distinct_share < 0.05 and len(set(sample)) <= 2 and field.concept == "name"
        return Evidence(
            count, share, veto=share < 0.5 or phones * 2 > count, specific=words >= 0.9 * count and not alone
        )
    if field.normaliser in ("text", "list", "name"):
        share = 1 - (links if field.concept != "url" else 0) / count
        return Evidence(
            count,
            share,
            veto=share < 0.4
            or (field.concept == "time.remarks" and all(plain(value) in ("0", "1", "2", "9") for value in sample))
            or (phones * 2 > count and field.concept in ("name.extra", "position", "list", "text"))
            or (field.concept in ("position", "list") and numbers * 5 > count * 4)
            or (field.normaliser == "list" and flags == count),
        )
    return Evidence(count, 1.0)
