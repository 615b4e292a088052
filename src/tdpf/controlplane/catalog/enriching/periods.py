"""The days that data speak of: stated dates and words, else what the title says (令和5年度, 2020年国勢調査, 4月1日時点)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date

from tdpf.controlplane.catalog.enriching.dates import Span, narrowed, span_of, spans_in
from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.controlplane.catalog.enriching.types import Note
from tdpf.kit.text import Text

Period = tuple[date | None, date | None]
_LINK = re.compile(
    r"\s*(?:日|末|分|時点|現在|実績|\([月火水木金土日]\))?\s*(?:から|より|[~〜～－–—―/]|--|to|-|・|及び|と)\s*",
    re.IGNORECASE,
)
_OPEN_END = re.compile(r"\s*(?:日|年|分)?\s*(?:から|以降|[~〜～])\s*(?:$|[)）】]|現在)")
_PLAN = re.compile(r"計画|ビジョン|予測|推計|将来|構想")
_ABOUT = re.compile(
    r"(?:対象期間|対象年度?|データの期間|調査(?:年度?|時点|期間|基準日)|基準日|時点|集計期間)\s*[:：は]?\s*"
)
_AS_OF = re.compile(r"(?:現在|時点|末)")
_TO_MONTH = re.compile(r"\s*(?:から|より|[~〜～－–—―-])\s*(?P<month>1[0-2]|0?[1-9])月(?!\s*\d)")
_CLAUSE = re.compile(r"[。\n;；!！、,]|(?<=[A-Za-z\d])\.(?=\s|$)")
# A description's day that is when something was made, not what it speaks of.
_MADE = re.compile(
    r"作成|掲載|更新|登録|開設|設置|開始|制定|施行|策定|改[正訂]|告示|承認|[発刊]行|公[開表]|完成|竣工|開館|開園|運用|指定|条例|法律?に|規則"
)
_SPEAKS_OF = 0.4
_MAX_TITLE, _MAX_DESCRIPTION, _MAX_PARTS = 400, 1500, 40
_NOT_A_DATE = Text(
    "日付として読めません。そのままの言葉で残しました。", "This is not a date we can read; the words are kept."
)


def read_period(
    start: str, end: str, text: str, *, title: str, description: str, parts: Sequence[str]
) -> Reading[Period]:
    """Return the first and the last day. `parts` are the titles of distributions; a stated period is never replaced."""
    notes: list[Note] = []
    first, last = _bound("period_start", start, notes), _bound("period_end", end, notes)
    if first is not None or last is not None:
        return Reading(
            _ordered(first.start if first else None, last.end if last else None, start, end, notes), notes=tuple(notes)
        )
    if text.strip():
        stated = _range(text[:_MAX_TITLE])
        if stated is not None:
            return Reading(stated, notes=tuple(notes))
        notes.append(Note(field="period", stated=text, reason=_NOT_A_DATE))
    found = _range(title[:_MAX_TITLE])
    if found is not None:
        reason = Text(
            f"題名「{_short(title)}」に時期が書かれているため", f"The title “{_short(title)}” names the time."
        )
        return Reading(found, reason, "title", tuple(notes))
    found = _from_description(description)
    if found is not None:
        reason = Text("説明に対象の時期が書かれているため", "The description names the time the data speak of.")
        return Reading(found, reason, "description", tuple(notes))
    found = _whole(parts)
    if found is not None:
        reason = Text("ファイルの題名に時期が書かれているため", "The titles of the files name the time.")
        return Reading(found, reason, "distributions", tuple(notes))
    return Reading((None, None), notes=tuple(notes))


def names_days(text: str) -> bool:
    """Say whether a text is read as the beginning or the end of a period."""
    return bool(text.strip()) and _bound("", text, []) is not None


def _bound(field: str, words: str, notes: list[Note]) -> Span | None:
    if not words.strip():
        return None
    found = span_of(words)
    if found is None:
        ranged = _range(words)
        if ranged is not None and ranged[0] is not None and ranged[1] is not None:
            return Span(ranged[0], ranged[1])
        notes.append(Note(field=field, stated=words, reason=_NOT_A_DATE))
    return found


def _ordered(first: date | None, last: date | None, start: str, end: str, notes: list[Note]) -> Period:
    if first is not None and last is not None and first > last:
        reason = Text(
            "始まりが終わりより後です。入れ替えて読みました。", "It begins after it ends; read the other way round."
        )
        notes.append(Note(field="period", stated=f"{start} / {end}", reason=reason))
        return last, first
    return first, last


def _range(text: str) -> Period | None:
    words = narrowed(text)
    found = [entry for entry in spans_in(words) if not (entry[2].is_bare and _PLAN.search(words))]
    if not found:
        return None
    groups: list[tuple[date, date | None]] = []
    at = 0
    while at < len(found):
        _begin, end, span = found[at]
        upcoming = found[at + 1] if at + 1 < len(found) else None
        if upcoming is not None and _LINK.fullmatch(words, end, upcoming[0]) and upcoming[2].end >= span.start:
            groups.append((span.start, upcoming[2].end))
            at += 2
            continue
        month = _TO_MONTH.match(words, end)
        if month is not None and not span.is_day and (span.end - span.start).days < 32:
            groups.append((span.start, _month_end(span.start, int(month["month"]))))
            at += 1
            continue
        open_end = _OPEN_END.match(words, end)
        groups.append((span.start, None if open_end else span.end))
        at += 1
    first = min(group[0] for group in groups)
    ends = [group[1] for group in groups]
    if any(end is None for end in ends):
        return first, None
    return first, max(end for end in ends if end is not None)


def _month_end(start: date, month: int) -> date:
    """Return the last day of the first such month from a day on."""
    year = start.year + (month < start.month)
    return date(year, month, monthrange(year, month)[1])


def _from_description(description: str) -> Period | None:
    words = narrowed(description[:_MAX_DESCRIPTION])
    about = _ABOUT.search(words)
    while about is not None:
        line = words[about.end() : about.end() + 60].split("\n", 1)[0].split("。", 1)[0]
        found = spans_in(line)
        if found and found[0][0] <= 2:
            return _range(line)
        about = _ABOUT.search(words, about.end())
    for _, end, span in spans_in(words):
        if not span.is_bare and _AS_OF.match(words, end):
            return span.start, span.end
    for clause in _CLAUSE.split(words):
        spans = spans_in(clause)
        if not spans or _MADE.search(clause) or all(span.is_bare for _, _, span in spans):
            continue
        told = spans[-1][1] - spans[0][0]
        if told >= _SPEAKS_OF * len(clause.strip()):
            return _range(clause)
    return None


def _whole(parts: Iterable[str]) -> Period | None:
    firsts: list[date] = []
    lasts: list[date] = []
    for part in list(parts)[:_MAX_PARTS]:
        found = _range(part[:_MAX_TITLE])
        if found is not None and found[0] is not None:
            firsts.append(found[0])
            lasts.append(found[1] or found[0])
    return (min(firsts), max(lasts)) if firsts else None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
