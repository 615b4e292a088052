"""Days and times of day in one text: 1月6日～2月28日 8:30～17:00, 6月1日 9時から6月3日 17時まで."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from tdpf.controlplane.preparation.engine.normalising.dates import WEEKDAY, interval, period, spelled, with_year
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome
from tdpf.controlplane.preparation.engine.normalising.times import time_of_day

_CLOCK = r"(?:(?<!\d)(?:午前|午後|AM|PM|夜)?\s*\d{1,2}\s*(?::\s*[0-5]\d(?!\d)|時(?!間)(?:\s*\d{1,2}\s*分|半)?)|正午)"
_TO = r"\s*(?:~|から|より|-|→)\s*"
_BEFORE = r"(?:[\s、,の(（]|各日|毎日|連日|両日|いずれも|とも|夜間|昼間|日中)*"
_ENDING = r"\s*(?:まで|の?間)?\s*[)）]?\s*"
_DAILY = re.compile(
    rf"(?P<days>.*?\d\s*日?){_BEFORE}(?P<opens>{_CLOCK}){_TO}(?P<closes>(?:翌日?の?\s*)?{_CLOCK}){_ENDING}(?P<left>.*)",
    re.DOTALL,
)
_THROUGH = re.compile(
    rf"(?P<first>[^~]*?\d\s*日?)\s*(?P<opens>{_CLOCK}){_TO}(?P<last>[^~]*?\d\s*(?:日|(?=\s)))\s*(?:翌日?の?)?\s*(?P<closes>{_CLOCK}){_ENDING}(?P<left>.*)",
    re.DOTALL,
)
_FROM = re.compile(rf"(?P<days>.*?\d\s*日?){_BEFORE}(?P<opens>{_CLOCK})\s*(?:から|より|~|開始)?\s*(?P<left>)")
_NEW_DAY = re.compile(r"\d\s*[月/]\s*\d|\d\s*日")


@dataclass(frozen=True, slots=True)
class Moments:
    """First and last day with the times of day beside them ("" where none is said), and whether more is said than these."""

    first: date
    last: date
    opens: str
    closes: str
    more: bool


def moments(value: str) -> Moments | None:
    """Read days with times of day; None when the text is not of that shape or names further days."""
    clean = spelled(WEEKDAY.sub(" ", plain(value)))
    found = _THROUGH.fullmatch(clean)
    if found is not None:
        first, last = found.group("first"), with_year(found.group("first"), found.group("last").strip())
        days = (period(first), period(last))
        begins = days[0][0] if days[0] and days[0][0] == days[0][1] else None
        ends = days[1][1] if days[1] and days[1][0] == days[1][1] else None
        if begins and ends and begins <= ends:
            return _of(begins, ends, found)
    found = _DAILY.fullmatch(clean) or _FROM.fullmatch(clean)
    span = period(found.group("days").strip(" 　、,")) if found is not None else None
    return _of(*span, found) if found is not None and span is not None else None


def days_and_times(value: str) -> Outcome:
    """Return a period as an ISO 8601 interval of days; times of day beside them are handed on with the whole text."""
    both = moments(value)
    if both is None or not both.closes:
        return interval(value)
    return Outcome(f"{both.first.isoformat()}/{both.last.isoformat()}", "date.period", 0.9, rest=spelled(value))


def _of(first: date, last: date, found: re.Match[str]) -> Moments | None:
    left = found.group("left").strip(" 　、,。")
    opens = time_of_day(found.group("opens")).value or ""
    closes = found.groupdict().get("closes") or ""
    if _NEW_DAY.search(re.sub(r"[(（][^)）]*[)）]", "", left)) or not opens:
        return None
    if (
        re.match("午後|PM", found.group("opens"))
        and re.match(r"\d", closes)
        and (time_of_day(closes).value or "") < opens
    ):
        closes = f"午後{closes}"
    return Moments(first, last, opens, time_of_day(closes).value or "" if closes else "", bool(left))
