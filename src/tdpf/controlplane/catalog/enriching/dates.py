"""Dates as people and programs write them: 令和6年4月1日, 2024年度, R6.4.1, 2024-04-01T09:00:00Z, 1 Apr 2024, 1711929600."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

JST = timezone(timedelta(hours=9))
FIRST_YEAR, LAST_YEAR = 1600, 2200
_ERAS = {"令和": (2019, 99), "平成": (1989, 31), "昭和": (1926, 64), "大正": (1912, 15), "明治": (1868, 45)}
_LETTERS = {"R": "令和", "H": "平成", "S": "昭和", "T": "大正", "M": "明治"}
_ERA_NAMES = "令和|平成|昭和|大正|明治"
_BOTH = re.compile(rf"({_ERA_NAMES})\s*(元|\d{{1,2}})\s*(年度?)?\s*\(\s*(?:西暦)?\d{{4}}\s*年?(度?)\s*\)\s*(年度?|度)?")
_BOTH_WEST = re.compile(
    rf"(\d{{4}})\s*(年度?)?\s*\(\s*(?:{_ERA_NAMES}|[RHS])\.?\s*(?:元|\d{{1,2}})\s*年?(度?)\s*\)\s*(年度?|度)?"
)
_SEP = r"\s*[-/.]\s*"
_EXPRESSION = re.compile(
    rf"(?P<era>{_ERA_NAMES})\s*(?P<n>元|\d{{1,2}})(?:\s*(?P<fy>年度)|\s*年\s*(?:(?P<m>1[0-2]|0?[1-9])\s*月\s*(?:(?P<d>[12]\d|3[01]|0?[1-9])\s*日?|(?P<em>末))?)?"
    rf"|{_SEP}(?P<m2>1[0-2]|0?[1-9]){_SEP}(?P<d2>[12]\d|3[01]|0?[1-9])(?!\d)|{_SEP}(?P<m7>1[0-2]|0[1-9])(?!\d))?"
    rf"|(?<![A-Za-z0-9])(?P<letter>[RHSTMrhstm])\.?\s?(?P<ln>元|\d{{1,2}})(?:\s*(?P<lfy>年度|FY)|\s*年\s*(?:(?P<m3>1[0-2]|0?[1-9])\s*月\s*(?:(?P<d3>[12]\d|3[01]|0?[1-9])\s*日?)?)?"
    rf"|[-/.](?P<m4>1[0-2]|0?[1-9])[-/.](?P<d4>[12]\d|3[01]|0?[1-9])(?!\d)|\.(?P<m8>1[0-2]|0[1-9])(?!\d)|(?<=\d\d)(?![\d.A-Za-z]))"
    rf"|(?<!\d)(?:FY\s?(?P<fyear>(?:19|20)\d\d)|(?P<y>1[6-9]\d\d|2[01]\d\d)(?:\s*(?P<yfy>年度|FY)|\s*年\s*(?:(?P<m5>1[0-2]|0?[1-9])\s*月\s*(?:(?P<d5>[12]\d|3[01]|0?[1-9])\s*日?|(?P<em5>末))?)?"
    rf"|[-/.](?P<m6>1[0-2]|0?[1-9])(?:[-/.](?P<d6>[12]\d|3[01]|0?[1-9]))?(?![\d])|(?P<packed>(?:1[0-2]|0[1-9])(?:[12]\d|3[01]|0[1-9]))(?!\d)|(?P<bare>)(?!\d)))"
)  # fmt: skip
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|UTC|GMT|JST|[+-]\d\d:?\d\d|[+-]\d\d)?"
)
_SLASHED = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?\s*(\d{1,2})[:時](\d{1,2})(?:[:分](\d{1,2}))?秒?分?")
_TURNED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_MONTHS = {
    name: at
    for at, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_NAMED = re.compile(
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?\s+)?(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+"
    r"(?:(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<y>\d{4})",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"\s*(?:人|件|円|番|号|m|km|個|棟|世帯|台|dpi|x|px)")


@dataclass(frozen=True, slots=True)
class Span:
    """The days an expression names: a day, a month, a year or a fiscal year; `is_bare` for a number that only looks like a year."""

    start: date
    end: date
    is_bare: bool = False

    @property
    def is_day(self) -> bool:
        """Say whether it is one single day."""
        return self.start == self.end


def narrowed(text: str) -> str:
    """Return the text with narrow digits and one year where both calendars stand side by side (令和5年（2023年）→ 令和5年)."""
    words = unicodedata.normalize("NFKC", text)
    if "(" in words and "年" in words:
        words = _BOTH.sub(_first_calendar, words)
        words = _BOTH_WEST.sub(_first_calendar_west, words)
    return words


def spans_in(text: str) -> list[tuple[int, int, Span]]:
    """Return every date expression of a narrowed text as (begin, end, days)."""
    found: list[tuple[int, int, Span]] = []
    for match in _EXPRESSION.finditer(text):
        span = _span(match, text)
        if span is not None:
            found.append((match.start(), match.end(), span))
    return found


@lru_cache(maxsize=20_000)
def span_of(text: str) -> Span | None:
    """Return the days that a text which is nothing but a date names, or None."""
    words = narrowed(text[:200]).strip().strip("()[]\"'")
    moment = _moment(words)
    if moment is not None:
        day = moment.astimezone(JST).date()
        return Span(day, day)
    turned = _other_orders(words)
    if turned is not None:
        return turned
    found = spans_in(words)
    if len(found) == 1:
        begin, end, span = found[0]
        rest = words[:begin] + words[end:]
        if not re.search(r"\d", rest) and len(rest.strip()) <= 12:
            return span
    return None


@lru_cache(maxsize=20_000)
def moment_of(text: str) -> datetime | None:
    """Return the aware moment a text names, or None; a day begins at midnight.

    What has no zone is Japanese time; with six digits of a second it is UTC, as CKAN writes its own instants.
    """
    words = narrowed(text[:200]).strip().strip("()[]\"'")
    moment = _moment(words)
    if moment is not None:
        return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None
    span = span_of(text)
    return None if span is None else datetime(span.start.year, span.start.month, span.start.day, tzinfo=JST)


def names_a_moment(text: str) -> bool:
    """Say whether a text is read as the moment or day at which something was published or changed."""
    return bool(text) and moment_of(text) is not None


def fiscal_year(year: int) -> Span | None:
    """Return 年度: 1 April to 31 March."""
    return Span(date(year, 4, 1), date(year + 1, 3, 31)) if FIRST_YEAR <= year < LAST_YEAR else None


def era_year(era: str, number: str) -> int | None:
    """Return the western year of a Japanese one (令和, "6" → 2024; 元 is the first), or None outside the era."""
    first, last = _ERAS[era]
    count = 1 if number == "元" else int(number)
    return first + count - 1 if 1 <= count <= last else None


def _first_calendar(match: re.Match[str]) -> str:
    fiscal = "度" in (match[3] or "") + (match[4] or "") + (match[5] or "")
    return f"{match[1]}{match[2]}年{'度' if fiscal else ''}"


def _first_calendar_west(match: re.Match[str]) -> str:
    fiscal = "度" in (match[2] or "") + (match[3] or "") + (match[4] or "")
    return f"{match[1]}年{'度' if fiscal else ''}"


def _span(match: re.Match[str], text: str) -> Span | None:
    part = match.groupdict()
    era = part["era"] or (_LETTERS[part["letter"].upper()] if part["letter"] else "")
    year = era_year(era, part["n"] or part["ln"]) if era else int(part["fyear"] or part["y"])
    if year is None:
        return None
    if part["fy"] or part["lfy"] or part["fyear"] or part["yfy"]:
        return fiscal_year(year)
    if part["packed"]:
        return _days(year, int(part["packed"][:2]), int(part["packed"][2:]))
    month = part["m"] or part["m2"] or part["m3"] or part["m4"] or part["m5"] or part["m6"] or part["m7"] or part["m8"]
    day = part["d"] or part["d2"] or part["d3"] or part["d4"] or part["d5"] or part["d6"]
    if part["em"] or part["em5"]:
        whole = _days(year, int(month or 1), None)
        return None if whole is None else Span(whole.end, whole.end)
    found = _days(year, int(month) if month else None, int(day) if day else None)
    if found is not None and part["bare"] is not None:
        before = text[match.start() - 1 : match.start()]
        if (
            _MEASURED.match(text, match.end())
            or before in {"-", ".", "/", "_", "#"}
            or (before.isalpha() and before.isascii())
        ):
            return None
        return Span(found.start, found.end, is_bare=True)
    return found


def _days(year: int, month: int | None, day: int | None) -> Span | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if month is None:
        return Span(date(year, 1, 1), date(year, 12, 31))
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    if day is None:
        return Span(date(year, month, 1), date(year, month, last))
    return Span(date(year, month, day), date(year, month, day)) if 1 <= day <= last else None


def _moment(words: str) -> datetime | None:
    found = _ISO.fullmatch(words)
    if found:
        ckan = "Z" if found[8] is None and len(found[7] or "") == 6 else found[8]
        return _made(found[1], found[2], found[3], found[4], found[5], found[6], found[7], ckan)
    found = _SLASHED.fullmatch(words)
    if found:
        return _made(found[1], found[2], found[3], found[4], found[5], found[6], None, None)
    if words.isascii() and words.isdigit() and len(words) in (10, 13):
        seconds = int(words) / (1000 if len(words) == 13 else 1)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        return moment if 1990 <= moment.year <= 2100 else None
    if ":" in words and words[:1].isalpha() and words.isascii():
        try:
            named = parsedate_to_datetime(words)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return named if named.tzinfo is not None else named.replace(tzinfo=UTC)
    return None


def _made(
    y: str, mo: str, d: str, h: str, mi: str, s: str | None, fraction: str | None, zone: str | None
) -> datetime | None:
    try:
        moment = datetime(int(y), int(mo), int(d), tzinfo=_zone(zone))
        if int(h) > 24 or int(mi) > 59 or int(s or 0) > 60:
            return None
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        return moment + timedelta(hours=int(h), minutes=int(mi), seconds=int(s or 0), microseconds=micro)
    except (ValueError, OverflowError):
        return None


def _zone(zone: str | None) -> timezone:
    if zone is None or zone == "JST":
        return JST
    if zone in ("Z", "z", "UTC", "GMT"):
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if zone[0] == "-" else shift)


def _other_orders(words: str) -> Span | None:
    named = _NAMED.search(words)
    if named is not None:
        day = named["d1"] or named["d2"]
        return _days(int(named["y"]), _MONTHS[named["m"].lower()[:3]], int(day) if day else None)
    turned = _TURNED.fullmatch(words)
    if turned is not None:
        first, second, year = int(turned[1]), int(turned[3]), int(turned[4])
        if first > 12 >= second or turned[2] == ".":
            return _days(year, second, first)
        if second > 12 >= first:
            return _days(year, first, second)
    return None
