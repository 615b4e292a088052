"""Times of day, opening hours and days of the week."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.normalising.marks import DASHES, changed, missing, plain, says_none
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome
from tdpf.controlplane.preparation.engine.normalising.quantities import kanji_number

_WEEK = "月火水木金土日"
_CLOCK = r"(?P<half>午前|午後|AM|PM|am|pm|夜|深夜)?\s*(?P<hour>\d{1,2})\s*(?:[:;：時]\s*(?P<minute>\d{1,2}|半)?\s*分?|\.(?P<point>[0-5]\d)|時)(?::\d\d)?\s*(?P<tail>AM|PM|am|pm)?"
_TIME = re.compile(_CLOCK)
_COMPACT = re.compile(r"(?P<hour>[01]?\d|2[0-9])(?P<minute>[0-5]\d)")
_FRACTION = re.compile(r"0?\.\d+|1(?:\.0+)?")
_NOON = {"正午": "12:00", "零時": "00:00", "深夜0時": "24:00", "終日": "00:00"}
_ALL_DAY = re.compile(
    r"24\s*[hHｈ]|24\s*時間(?:対応|営業|利用可|利用可能|使用可|使用可能|開放)?|24時間\s*[・、]?\s*(?:365日|年中無休)|365日\s*24時間|終日(?:利用可能?|開放|使用可能?)?|常時(?:利用可能?|開放)?|0?0:00~24:00"
)
_ALL_DAY_BUT = re.compile(rf"(?:{_ALL_DAY.pattern})\s*[(（][^)）]*[)）]")
_SEASON = re.compile(r"\d{1,2}\s*月|[春夏秋冬](?:[季期場]|\s*[:：]|$)|[春夏秋冬](?=\s*\d)")
_SPAN = re.compile(r"\s*(?:~|〜|-|から|→|至|ー)\s*(?P<next>翌(?:日|朝)?の?\s*)?")
_NEXT_DAY = re.compile(r"翌(?:日|朝)?の?\s*")
_DATED = re.compile(r"18(?:99-12-3[01]|90-01-0[01])T(?=\d\d:\d\d)|1900-01-0[01]T(?=\d\d:\d\d)")
_KANJI_HOUR = re.compile(r"[〇一二三四五六七八九十]+(?=[時分])")
_SHARED_HOUR = re.compile(r"(?<![\d:])(\d{1,2})(?=\s*[~-]\s*\d{1,2}\s*時)")
_EVERY_DAY = re.compile(r"毎日|年中無休|無休|全日|365日|通年|全曜日|曜日問わず")
_WORKDAYS = re.compile(r"平日")
_DAY_NAME = re.compile(r"(?P<day>[月火水木金土日])(?:曜日?|曜)?")
_DAY_RANGE = re.compile(
    r"(?P<first>[月火水木金土日])(?:曜日?)?\s*(?:~|〜|-|から|ー)\s*(?P<last>[月火水木金土日])(?:曜日?)?"
)
_ONLY_DAYS = re.compile(r"(?:[月火水木金土日](?:曜日?)?[\s、,・/／;；.]*)+")
_EXCEPT = re.compile(r"(?<![曜祝休])(?P<days>(?:[月火水木金土日](?:曜日?)?[、,・/]*)+)(?:[・、]?祝日?)?(?:を除く|以外)")


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours read out of a text: times as HH:MM, days in the order of the week, and what else was said."""

    opens: str
    closes: str
    days: str
    rest: str


def time_of_day(value: str) -> Outcome:
    """Return a time as HH:MM; an hour past midnight is the next day's, one stated as 25:00 stays and is told."""
    clean = _spelled(value)
    if says_none(clean):
        return missing()
    following = _NEXT_DAY.match(clean)
    if following and (found := time_of_day(clean[following.end() :])).value and found.value < "12:00":
        return Outcome(found.value, "time.next-day", 0.9, rest=clean)
    if clean in _NOON:
        return Outcome(_NOON[clean], "time.word", 0.95)
    if _FRACTION.fullmatch(clean):
        minutes = round(float(clean) * 1440)
        return Outcome(f"{minutes // 60:02}:{minutes % 60:02}", "time.fraction", 0.9)
    compact = _COMPACT.fullmatch(clean)
    if compact:
        return Outcome(f"{int(compact.group('hour')):02}:{compact.group('minute')}", "time.compact", 0.9)
    if re.fullmatch(r"\d{1,2}", clean) and int(clean) <= 24:
        return Outcome(f"{int(clean):02}:00", "time.hour", 0.8)
    match = _TIME.match(clean)
    written = _clock(match) if match else None
    if match is None or written is None:
        return Outcome(None, "", 0.0, "not-a-time", rest=clean)
    late = "past-midnight" if written > "24:00" and match.group("half") != "深夜" else ""
    if written > "24:00" and not late:
        return Outcome(_later(written, -24), "time.next-day", 0.9, rest=clean)
    tail = clean[match.end() :].strip()
    if not tail or re.fullmatch(r":?00|(?:から|より|まで|頃|ごろ)", tail):
        return changed(value, written, "time.notation", reason=late)
    return Outcome(written, "time.remark", 0.8, late, rest=clean)


def hours(value: str) -> Hours | None:
    """Read regular opening hours: one span of time, perhaps with days; None when there is none.

    With several spans the earliest opening and the latest closing stand, and the whole text is handed on as `rest`.
    A closing past midnight is a time of the next day; hours that differ by season are no one span of the year: None.
    """
    clean = _SHARED_HOUR.sub(r"\1時", _spelled(value))
    if _ALL_DAY.fullmatch(clean):
        return Hours("00:00", "24:00", "", "")
    if _ALL_DAY_BUT.fullmatch(clean) and not _TIME.search(_ALL_DAY.sub("", clean)):
        return Hours("00:00", "24:00", "", clean)
    spans = _spans_in(clean)
    if not spans or _differ_by_season(clean, spans):
        return None
    around = clean[: spans[0][2]] + clean[spans[-1][3] :]
    days = weekdays(around).value or ""
    closes = max(span[1] for span in spans)
    bare = _ONLY_DAYS.sub("", _DAY_RANGE.sub("", _WORKDAYS.sub("", around)))
    leftover = re.sub(r"[\s()（）、,・:：]|まで", "", bare)
    alone = len(spans) == 1 and not leftover and not ("翌" in clean and spans[0][1] < spans[0][0])
    if len(spans) > 1 and len({(opens, closes) for opens, closes, *_ in spans}) > 1:
        alone = False
    return Hours(
        min(span[0] for span in spans),
        _later(closes, -24) if closes > "24:00" else closes,
        days if alone else _days_of_spans(clean, spans),
        "" if alone else clean,
    )


def _days_of_spans(clean: str, spans: list[tuple[str, str, int, int]]) -> str:
    """Return the days of spans that each say theirs before them (平日9:00~20:00 土日祝9:00~17:00), "" where the first says none."""
    found: set[str] = set()
    end = 0
    for place, (_, _, start, after) in enumerate(spans):
        before = re.sub(r"[(（][^)）]*[)）]|[:：、,・/／;\s]+$", "", clean[end:start]).strip(" 　、,・/／;；。:：")
        said = weekdays(before).value if before and not re.search(r"休|除|第|回|隔週|まで|以外|不定", before) else None
        if before and said is None and not re.fullmatch(r"及び|と|午前|午後|診療|受付", before):
            return ""
        if place == 0 and said is None:
            return ""
        found.update(said or "")
        end = after
    return "".join(day for day in _WEEK if day in found)


def by_season(value: str) -> bool:
    """Say whether opening hours differ by season, so that no one span is the year's."""
    clean = _SHARED_HOUR.sub(r"\1時", _spelled(value))
    return _differ_by_season(clean, _spans_in(clean))


def _differ_by_season(clean: str, spans: list[tuple[str, str, int, int]]) -> bool:
    if len({span[:2] for span in spans}) < 2:
        return False
    ends = [0, *(span[3] for span in spans)]
    starts = [*(span[2] for span in spans), len(clean)]
    beside = [clean[end:start] for end, start in zip(ends, starts, strict=True)]
    return sum(1 for words in beside if _SEASON.search(words) and not re.search(r"除く|休|年末", words)) > 1


def _spans_in(clean: str) -> list[tuple[str, str, int, int]]:
    """Return the spans of time of a text: opens, closes (past midnight up to 29:59), and where they stand."""
    spans = []
    place = 0
    while match := _TIME.search(clean, place):
        between = _SPAN.match(clean, match.end())
        closing = _TIME.match(clean, between.end()) if between else None
        opens, closes = _clock(match), _clock(closing) if closing else None
        if between and between.group("next") and closes:
            closes = _later(closes, 24) if int(closes[:2]) <= 5 else closes
        if opens and closes and closing:
            if closes < opens and match.group("half") in ("午後", "PM", "pm") and not closing.group("half"):
                closes = _later(closes, 12)
            spans.append((opens, closes, match.start(), closing.end()))
            place = closing.end()
        else:
            place = match.end()
    return spans


def hours_text(value: str) -> Outcome:
    """Return opening hours as HH:MM-HH:MM with the words beyond them."""
    if says_none(value):
        return missing()
    found = hours(value)
    if found is None:
        reason = "hours-by-season" if by_season(value) else "not-a-time"
        return Outcome(None, "", 0.0, reason, rest=plain(value))
    return Outcome(f"{found.opens}-{found.closes}", "hours.span", 0.9 if found.rest else 1.0, rest=found.rest)


def weekdays(value: str) -> Outcome:
    """Return days of the week as 月火水木金土日 in order; holidays and exceptions are handed on."""
    clean = _spelled(value).removeprefix("毎週").strip()
    if says_none(clean):
        return missing()
    if _EVERY_DAY.fullmatch(clean):
        return changed(value, _WEEK, "weekdays.every-day", rest="")
    found: set[str] = set()
    left = clean
    without = _EXCEPT.search(clean)
    if without:
        excepted = set(re.findall(r"[月火水木金土日]", re.sub("曜日|祝日", "", without.group("days"))))
        kept = "".join(day for day in _WEEK if day not in excepted)
        return Outcome(kept, "weekdays.except", 0.8, rest=clean)
    if _EVERY_DAY.search(clean):
        return Outcome(_WEEK, "weekdays.every-day", 0.85, rest=clean)
    for match in _DAY_RANGE.finditer(clean):
        first, last = _WEEK.index(match.group("first")), _WEEK.index(match.group("last"))
        found.update(_WEEK[first : last + 1] if first <= last else _WEEK[first:] + _WEEK[: last + 1])
    left = _DAY_RANGE.sub("", left)
    if _WORKDAYS.search(left):
        found.update(_WEEK[:5])
        left = _WORKDAYS.sub("", left)
    names = re.sub(r"祝日?|休日|毎日|\d+日", "", left)
    if _ONLY_DAYS.fullmatch(names.strip(" 、,・/／;()（）")) or found:
        listed = {match.group("day") for match in _DAY_NAME.finditer(re.sub(r"曜日?", "", names))}
        if _ONLY_DAYS.fullmatch(re.sub(r"[^月火水木金土日]", "", names) or "月"):
            found.update(listed if _ONLY_DAYS.fullmatch(names.strip(" 、,・/／;()（）")) else set())
    if not found:
        return Outcome(None, "", 0.0, "not-weekdays", rest=clean)
    written = "".join(day for day in _WEEK if day in found)
    rest = re.sub(r"[月火水木金土日曜\s、,・/／;()（）~〜から-]", "", left)
    return changed(value, written, "weekdays.order", confidence=0.85 if rest else 1.0, rest=clean if rest else "")


def _later(time: str, hours: int) -> str:
    return f"{int(time[:2]) + hours:02}{time[2:]}"


def _spelled(value: str) -> str:
    clean = _DATED.sub("", DASHES.sub("-", plain(value)).replace("〜", "~"))
    clean = re.sub(r"(?:お昼の?)?正午(?=\s*[~から-])|(?<=[~から-])\s*正午", "12:00", clean)
    return _KANJI_HOUR.sub(lambda match: str(kanji_number(match.group()) or match.group()), clean)


def _clock(match: re.Match[str]) -> str | None:
    hour = int(match.group("hour"))
    minute = 30 if match.group("minute") == "半" else int(match.group("minute") or match.group("point") or 0)
    half = (match.group("half") or match.group("tail") or "").casefold()
    if half in ("午後", "pm", "夜") and hour < 12:
        hour += 12
    if half == "深夜" and hour <= 5:
        hour += 24
    if half in ("午前", "am") and hour == 12:
        hour = 0
    return f"{hour:02}:{minute:02}" if hour <= 29 and minute <= 59 else None
