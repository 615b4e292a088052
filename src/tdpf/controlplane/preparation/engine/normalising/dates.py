"""Days, months, years and fiscal years in every notation Japanese offices use, as ISO 8601."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

from tdpf.controlplane.preparation.engine.normalising.marks import DASHES, changed, missing, plain, says_none
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome
from tdpf.controlplane.preparation.engine.normalising.quantities import kanji_number

_ERAS: tuple[tuple[str, date, date], ...] = (
    ("明治|明|M", date(1868, 1, 25), date(1912, 7, 30)),
    ("大正|大|T", date(1912, 7, 30), date(1926, 12, 25)),
    ("昭和|昭|S", date(1926, 12, 25), date(1989, 1, 7)),
    ("平成|平|H", date(1989, 1, 8), date(2019, 4, 30)),
    ("令和|令|R", date(2019, 5, 1), date(2099, 12, 31)),
)
_ERA_NAMES = {name: (start, end) for names, start, end in _ERAS for name in names.split("|")}
_SEPARATOR = r"\s*[年./\-・,、]\s*"
_ERA_DAY = re.compile(
    rf"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|(?<![A-Za-z])[MTSHRmtshr])\.?\s*(?P<year>元|\d{{1,2}}){_SEPARATOR}(?P<month>\d{{1,2}})\s*[月./\-・,、]\s*(?P<day>\d{{1,2}})\s*日?"
)
_DAY = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}}){_SEPARATOR}(?P<month>\d{{1,2}})\s*[月./\-・,、]\s*(?P<day>\d{{1,2}})(?!\d)\s*日?"
)
_COMPACT = re.compile(r"(?P<year>(?:18|19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])")
_COMPACT_ERA = re.compile(r"(?P<era>[MTSHR])(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)")
_AMERICAN = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})")
_BRACKET_YEAR = re.compile(r"[(（](?:明治|大正|昭和|平成|令和|[MTSHR])?\s*(?:元|\d{1,4})\s*年?度?[)）]")
_TWO_YEARS = re.compile(
    r"(?:\d{4}|[^\d(（]{1,3}(?:元|\d{1,2}))\s*年?度?\s*[(（](?:\d{4}|\D{1,3}(?:元|\d{1,2}))\s*年?度?[)）]"
)
_SHORT_SPAN = re.compile(r"(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\s*(?:元|\d{1,2})")
_MONTH = re.compile(
    rf"(?:(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\s*(?P<short>元|\d{{1,2}})|(?P<year>\d{{4}})){_SEPARATOR}(?P<month>\d{{1,2}})\s*月?"
)
_MONTH_END = re.compile(
    r"(?P<before>(?:(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\s*(?P<short>元|\d{1,2})|(?P<year>\d{4}))\s*[年./]\s*(?P<month>\d{1,2}))\s*月\s*末日?"
)
_YEAR = re.compile(
    r"(?:(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\s*(?P<short>元|\d{1,2})|(?P<year>(?:18|19|20)\d\d))\s*年?\s*(?P<fiscal>度)?"
)
_NO_YEAR = re.compile(r"\d{1,2}\s*[月/]\s*\d{1,2}\s*日?.*", re.DOTALL)
_SHORT_YEAR = re.compile(r"\d{1,2}\s*[年./\-]\s*\d{1,2}\s*[月./\-]\s*\d{1,2}\s*日?")
_OPEN_END = re.compile(
    r"|当面(?:の間)?|当分(?:の間)?|未定|継続中?|現在|終了未定|無期限|期限なし|(?:工事|復旧|完了|完成|終了|解除)\S{0,8}(?:まで)?"
)
_TAIL = re.compile(
    r"\s*(?:[(（]?[日月火水木金土](?:曜日?)?(?:[・･]祝)?[)）]?)?\s*(?:T?\s*0?0:00(?::00(?:\.0+)?)?)?\s*(?:現在|時点|付け?|まで|から|より)?\s*"
)
_SPAN_TAIL = re.compile(r"\s*(?:[~〜～-]|から|より|、|・|及び|と)\s*(?:翌|同)?[\d元明大昭平令MTSHR]")
_KANJI_DATE = re.compile(r"[〇一二三四五六七八九十百千壱弐参拾]+(?=[年月日])")
WEEKDAY = re.compile(r"\s*[(（][日月火水木金土](?:曜日?)?(?:[・･/]\s*祝日?)?[)）]\s*")
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.0)?")
_FIRST_SERIAL = date(1899, 12, 30)


def day(value: str) -> Outcome:
    """Return one day as YYYY-MM-DD; periods, months and years without a day are refused with the words kept."""
    clean = spelled(value)
    if says_none(clean):
        return missing()
    for pattern in (_ERA_DAY, _DAY, _COMPACT_ERA, _COMPACT):
        match = pattern.match(clean)
        if match:
            return _whole(value, clean, match)
    if _SERIAL.fullmatch(clean):
        serial = _FIRST_SERIAL + timedelta(days=int(float(clean)))
        return Outcome(serial.isoformat(), "date.serial", 0.8, "serial-day")
    american = _AMERICAN.match(clean)
    if american:
        found = _calendar(int(american.group("year")), american.group("month"), american.group("day"))
        if found is None:
            found = _calendar(int(american.group("year")), american.group("day"), american.group("month"))
        if found is None:
            return Outcome(None, "", 0.0, "no-such-day", rest=clean)
        return Outcome(found.isoformat(), "date.american", 0.85, "american-order")
    if _SHORT_YEAR.fullmatch(clean):
        return Outcome(None, "", 0.0, "short-year", rest=clean)
    if _NO_YEAR.fullmatch(clean):
        return Outcome(None, "", 0.0, "no-year", rest=clean)
    if _MONTH.fullmatch(clean):
        return Outcome(None, "", 0.0, "month-only", rest=clean)
    if _YEAR.fullmatch(clean):
        return Outcome(None, "", 0.0, "year-only", rest=clean)
    return Outcome(None, "", 0.0, "not-a-date", rest=clean)


def period(value: str) -> tuple[date, date] | None:
    """Return first and last day of what a text names: a day, a month, a year, a fiscal year (April to March), a span."""
    clean = spelled(value)
    halves = re.split(r"\s*(?:~|〜|から|より)\s*", clean.removesuffix("まで"), maxsplit=1)
    if len(halves) == 2:
        halves = _same_kind(*halves)
        first, last = period(halves[0]), period(with_year(halves[0], halves[1]))
        return (first[0], last[1]) if first and last and first[0] <= last[1] else None
    found = day(clean)
    if found.value and found.reason == "more-than-a-day":
        return _listed(clean)
    if found.value:
        one = date.fromisoformat(found.value)
        return one, one
    month = _MONTH.fullmatch(clean)
    if month:
        year = _year_of(month.group("era"), month.group("short"), month.group("year"))
        first_day = _calendar(year, month.group("month"), "1")
        if first_day is None:
            return None
        after = date(year + first_day.month // 12, first_day.month % 12 + 1, 1)
        return first_day, after - timedelta(days=1)
    match = _YEAR.fullmatch(clean)
    if match:
        year = _year_of(match.group("era"), match.group("short"), match.group("year"))
        if match.group("fiscal"):
            return date(year, 4, 1), date(year + 1, 3, 31)
        return date(year, 1, 1), date(year, 12, 31)
    return None


def _listed(clean: str) -> tuple[date, date] | None:
    """Return first and last of listed days that follow each other (12日・13日); None when they do not."""
    first, *others = re.split(r"(?<=日)\s*(?:、|・|,|及び|と)\s*|、|及び", clean)
    days: list[date] = []
    for text in (first, *others):
        said = text if not days else with_year(first, text)
        found = day(said)
        if found.value is None or found.reason or found.rest:
            return None
        days.append(date.fromisoformat(found.value))
    follow = all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
    return (days[0], days[-1]) if follow and len(days) > 1 else None


def _same_kind(first: str, last: str) -> list[str]:
    """Write out a span of years that shares its era and its 年度: 令和5～6年度."""
    era = _SHORT_SPAN.fullmatch(first)
    ending = re.fullmatch(r"(?:元|\d{1,2})\s*(年度?)", last)
    return [f"{first}{ending.group(1)}", f"{era.group('era')}{last}"] if era and ending else [first, last]


def interval(value: str) -> Outcome:
    """Return a period as an ISO 8601 interval: 令和6年度 is 2024-04-01/2025-03-31."""
    clean = spelled(value)
    if says_none(clean):
        return missing()
    found = period(value)
    if found is None:
        halves = re.split(r"\s*(?:~|から|より)\s*", clean.removesuffix("まで"), maxsplit=1)
        first = period(halves[0]) if len(halves) == 2 and _OPEN_END.fullmatch(halves[1]) else None
        if first:
            return Outcome(f"{first[0].isoformat()}/..", "date.period", 0.85, "open-end", rest=clean)
        return Outcome(None, "", 0.0, "no-year" if _NO_YEAR.match(clean) else "not-a-date", rest=clean)
    written = f"{found[0].isoformat()}/{found[1].isoformat()}"
    return changed(value, written, "date.period")


def spelled(value: str) -> str:
    """Return a text of days in plain signs: dashes and waves as one, without days of the week, kanji numbers as digits."""
    clean = DASHES.sub("-", plain(value)).replace("〜", "~")
    clean = WEEKDAY.sub("", clean)
    clean = _KANJI_DATE.sub(lambda match: str(kanji_number(match.group()) or match.group()), clean)
    clean = _MONTH_END.sub(_last_day, clean)
    return _BRACKET_YEAR.sub("", clean, count=1) if _TWO_YEARS.match(clean) else clean


def _last_day(match: re.Match[str]) -> str:
    """Return the last day of a month that is named by its end: 令和12年3月末 is 令和12年3月31日."""
    first = _calendar(
        _year_of(match.group("era"), match.group("short"), match.group("year")), match.group("month"), "1"
    )
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1) if first else None
    return f"{match.group('before')}月{after.day}日" if after else match.group()


def _whole(value: str, clean: str, match: re.Match[str]) -> Outcome:
    parts = match.groupdict()
    era = (parts.get("era") or "").upper() if (parts.get("era") or "").isascii() else parts.get("era")
    year = _year_of(era, parts["year"], None) if era else int(parts["year"])
    found = _calendar(year, parts["month"], parts["day"])
    if found is None:
        return Outcome(None, "", 0.0, "no-such-day", rest=clean)
    tail = clean[match.end() :]
    rest = "" if _TAIL.fullmatch(tail) else clean
    confidence, reason = 1.0, ""
    if _SPAN_TAIL.match(tail):
        reason = "more-than-a-day"
    if era:
        start, end = _ERA_NAMES[era]
        if not start <= found <= end:
            confidence, reason = 0.8, "era-bounds"
    if rest:
        confidence = min(confidence, 0.85)
    rule = "date.era" if era else "date.notation"
    return changed(value, found.isoformat(), rule, confidence=confidence, reason=reason, rest=rest)


def _year_of(era: str | None, short: str | None, western: str | None) -> int:
    if era and short:
        return _ERA_NAMES[era][0].year - 1 + (1 if short == "元" else int(short))
    return int(western or 0)


def _calendar(year: int, month: str, day_of: str) -> date | None:
    try:
        return date(year, int(month), int(day_of))
    except ValueError:
        return None


def with_year(first: str, last: str) -> str:
    """Return the second half of a span with the year (and month) of the first when it is left out."""
    if re.match(r"\d{1,2}\s*(?:月|/\s*\d{1,2})", last):
        year = re.match(r"\D*(?:元|\d{1,4})\s*[年./\-]", first)
        return f"{year.group()}{last}" if year else last
    if re.match(r"\d{1,2}\s*日", last):
        head = re.match(r"\D*(?:元|\d{1,4})\s*[年./\-]\s*\d{1,2}\s*[月./\-]", first)
        return f"{head.group()}{last}" if head else last
    return last
