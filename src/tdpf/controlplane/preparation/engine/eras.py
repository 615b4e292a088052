"""Dates as Japanese documents write them, Western and by era, turned into ISO 8601."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date

from tdpf.controlplane.preparation.engine.normalising.quantities import kanji_number

_ERAS = {
    "明治": 1867,
    "M": 1867,
    "大正": 1911,
    "T": 1911,
    "昭和": 1925,
    "S": 1925,
    "平成": 1988,
    "H": 1988,
    "令和": 2018,
    "R": 2018,
}
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|(?<![A-Za-z])[MTSHR])\s*(元|\d{1,2})\s*(?:年\s*(?:\((?:西暦)?\d{4}年?\)\s*)?|\((?:西暦)?\d{4}年?\)\s*年\s*|\.|/|-)\s*(\d{1,2})\s*(?:月|\.|/|-)(?:\s*(\d{1,2}|末)\s*日?)?"
)
_WESTERN = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*(?:年\s*(?:\(\D{1,2}(?:元|\d{1,2})年?\)\s*)?|\(\D{1,2}(?:元|\d{1,2})年?\)\s*年\s*|[./\-_])\s*(\d{1,2})\s*(?:月|[./\-_])\s*(?:(\d{1,2}(?!\d)|末))?\s*日?"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)_?(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?(?!\d)")
_ERA_YEAR = re.compile(r"(明治|大正|昭和|平成|令和)\s*(元|\d{1,2})\s*年(度)?")
_WESTERN_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年(度)?")
_KANJI = re.compile(r"[〇一二三四五六七八九十]+(?=[年月日])")


def find_dates(text: str) -> list[date]:
    """Return every day (or the first of a month) named in a text, in order."""
    plain = _KANJI.sub(
        lambda match: str(kanji_number(match.group()) or match.group()), unicodedata.normalize("NFKC", text)
    )
    found: list[tuple[int, date]] = []
    for match in _ERA.finditer(plain):
        year = _ERAS[match.group(1)] + (1 if match.group(2) == "元" else int(match.group(2)))
        _add(found, match.start(), year, match.group(3), match.group(4))
    for pattern in (_WESTERN, _COMPACT):
        for match in pattern.finditer(plain):
            _add(found, match.start(), int(match.group(1)), match.group(2), match.group(3))
    return [day for _, day in sorted(set(found))]


def find_year(text: str) -> tuple[date, date] | None:
    """Return the first and last day of the year or fiscal year (年度, April to March) named in a text."""
    plain = unicodedata.normalize("NFKC", text)
    match = _ERA_YEAR.search(plain)
    if match:
        year = _ERAS[match.group(1)] + (1 if match.group(2) == "元" else int(match.group(2)))
        fiscal = match.group(3)
    else:
        western = _WESTERN_YEAR.search(plain)
        if western is None:
            return None
        year, fiscal = int(western.group(1)), western.group(2)
    return (date(year, 4, 1), date(year + 1, 3, 31)) if fiscal else (date(year, 1, 1), date(year, 12, 31))


def _add(found: list[tuple[int, date]], place: int, year: int, month: str, day: str | None) -> None:
    try:
        last = monthrange(year, int(month))[1] if day == "末" and 1 <= int(month) <= 12 else 1
        found.append((place, date(year, int(month), int(day) if day and day != "末" else last)))
    except ValueError:
        return
