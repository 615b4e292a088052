"""Parts a span of days, and the times beside it, into the first and last day and the times that a table asks for."""

from __future__ import annotations

import re
from datetime import date, timedelta

from tdpf.controlplane.preparation.engine.normalising.dates import period
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.normalising.moments import Moments, moments
from tdpf.controlplane.preparation.engine.normalising.times import Hours, hours, time_of_day
from tdpf.controlplane.preparation.engine.recipes.filling import fill
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame

_TO_DAY = re.compile(
    r"\d{1,2}\s*月\s*\d{1,2}\s*日\s*(?:[(（][^)）]*[)）])?\s*(?P<sign>[~〜～・、,と]|から|及び)\s*(?:(?P<month>\d{1,2})\s*月)?\s*(?P<day>\d{1,2})\s*日"
)
_TIMES = re.compile(
    r"^.*?\d{1,2}\s*[日/.-]\s*\d{0,2}(?:日)?\s*(?:[(（][^)）]*[)）]\s*(?=[午前後AP翌]|\d{1,2}\s*[時:])|(?:[(（][^)）]*[)）])?\s+(?=[午前後AP翌\d])|(?<=日)\s*(?=午前|午後|正午|\d{1,2}\s*[時:]))"
)


def part_periods(state: State, key: str, frame: Frame) -> None:
    """Part a span of days (first/last, as the normaliser `period` leaves it) into the table's first and last day."""
    spans = [field for field in state.schema.inputs if field.normaliser == "period" and field.name in frame.columns]
    dates = [field.name for field in state.schema.fields if field.normaliser == "date"]
    first = next((name for name in dates if "開始" in name), "")
    last = next((name for name in dates if re.search("終了|満了", name)), "")
    for span in spans:
        for name in (first, last):
            if name:
                for source, letters in frame.sources.get(span.name, {}).items():
                    frame.sources.setdefault(name, {}).setdefault(source, letters)
        rests = state.rests.get(key, {}).get(span.name, {})
        for row, value in enumerate(frame.columns[span.name]):
            begins, slash, ends = (value or "").partition("/")
            if slash and first and last:
                fill(state, frame, row, first, begins, "date.period", 0.98)
                if ends != "..":
                    fill(state, frame, row, last, ends, "date.period", 0.98)
                if row in rests and (both := moments(rests[row])) is not None:
                    _times(state, frame, row, span.name, both)
                    if not both.more and state.schema.of("time.start") is not None:
                        del rests[row]


def part_spans(state: State, key: str, frame: Frame) -> None:
    """Take the last day of a span written where the first day was asked: 8月5日～16日."""
    for name, rests in state.rests.get(key, {}).items():
        field = state.schema.field(name)
        if field is None or field.normaliser != "date":
            continue
        _clock(state, frame, name, rests)
        if "開始" not in name:
            continue
        last = name.replace("開始", "終了")
        if state.schema.field(last) is None:
            continue
        for source, letters in frame.sources.get(name, {}).items():
            frame.sources.setdefault(last, {}).setdefault(source, letters)
        for row, words in list(rests.items()):
            found = period(words)
            first = frame.columns[name][row]
            both = moments(words) if first else None
            if both is not None and first == both.first.isoformat():
                fill(state, frame, row, last, both.last.isoformat(), "date.period", 0.95)
                _times(state, frame, row, name, both)
                if (
                    not both.more
                    and state.schema.of("time.start") is not None
                    and frame.columns[last][row] == both.last.isoformat()
                ):
                    del rests[row]
            elif found is not None and first == found[0].isoformat() and found[0] < found[1]:
                fill(state, frame, row, last, found[1].isoformat(), "date.period", 0.95)
            elif first and (ends := _last_of(first, words)) is not None:
                fill(state, frame, row, last, ends[0], "date.period", 0.9)
                if (span := hours(ends[1])) is not None:
                    _times(state, frame, row, name, span)
            elif first and (span := hours(_TIMES.sub("", words))) and _TIMES.search(words):
                fill(state, frame, row, last, first, "date.same-day", 0.8)
                _times(state, frame, row, name, span)


def _times(state: State, frame: Frame, row: int, source: str, found: Moments | Hours) -> None:
    """Write the times of day that stand beside days into the columns that are asked for."""
    for concept, time in (("time.start", found.opens), ("time.end", found.closes)):
        target = state.schema.of(concept)
        if target is not None:
            for key, letters in frame.sources.get(source, {}).items():
                frame.sources.setdefault(target.name, {}).setdefault(key, letters)
            fill(state, frame, row, target.name, time, "hours.span", 0.9)


def _last_of(first: str, words: str) -> tuple[str, str] | None:
    """Return the last day of a span that leaves its year to the first one, and what is said behind: 11月23日～24日 10時～16時."""
    found = _TO_DAY.search(plain(words))
    begun = date.fromisoformat(first)
    if found is None:
        return None
    try:
        last = date(begun.year, int(found.group("month") or begun.month), int(found.group("day")))
    except ValueError:
        return None
    if last < begun or (found.group("sign") in "・、,と及び" and last != begun + timedelta(days=1)):
        return None
    behind = re.sub(
        r"^\s*(?:[(（][^)）]*[)）])?\s*(?:の?(?:各日|両日|毎日|連日|いずれも))?[、,\s]*",
        "",
        plain(words)[found.end() :],
    )
    return last.isoformat(), behind


def _clock(state: State, frame: Frame, name: str, rests: dict[int, str]) -> None:
    """Take the time of day that stands behind a day in the same cell: 2024-06-01 09:00."""
    target = state.schema.field(name.replace("日", "時間"))
    if target is None or target.name == name or target.normaliser != "time":
        return
    for row, words in list(rests.items()):
        spaced = re.sub(r"(?<=\d)T(?=\d)", " ", words)
        behind = _TIMES.sub("", spaced) if _TIMES.search(spaced) else ""
        if behind and frame.columns[name][row] and hours(behind) is None:
            for source, letters in frame.sources.get(name, {}).items():
                frame.sources.setdefault(target.name, {}).setdefault(source, letters)
            found = time_of_day(behind)
            if fill(state, frame, row, target.name, found.value, "time.of-day", 0.95) and not found.rest:
                del rests[row]


def same_day(state: State, frame: Frame) -> None:
    dates = [field for field in state.schema.fields if field.name in ("開始日", "終了日")]
    if len(dates) == 2 and dates[0].name in frame.columns:
        for row, value in enumerate(list(frame.columns[dates[0].name])):
            if value and row not in state.rests.get(frame.origins[row][0], {}).get(dates[0].name, {}):
                fill(state, frame, row, dates[1].name, value, "date.same-day", 0.8)
