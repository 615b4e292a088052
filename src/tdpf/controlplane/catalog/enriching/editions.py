"""What a dataset's title and period become when the file of another year comes: 令和7年度 → 令和8年度, in the title's own way of writing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from tdpf.controlplane.catalog.enriching.dates import Span, narrowed, spans_in
from tdpf.controlplane.catalog.version_types import Edition

_MONTH_DAYS, _YEAR_DAYS = 31, 366
_BEGUN = {"令和": 2019, "平成": 1989, "R": 2019, "r": 2019, "H": 1989, "h": 1989}
_NEXT_ERA = {"平成": "令和", "H": "R", "h": "r"}
_REIWA = date(2019, 5, 1)
_YEAR = re.compile(r"(?P<era>令和|平成|[RrHh])?(?P<dot>\.?\s?)(?P<number>元|\d{1,4})")
_JOINT = r"\s*(?:[〜~\-‐–—―−・,、/&と]|から|及び|および)\s*"
_GOES_ON = re.compile(rf"(?:{_JOINT}|\s*)(?P<number>元|\d{{1,4}})(?:{_JOINT}\d{{1,4}})?\s*[年月日]")
_CAME_BEFORE = re.compile(rf"(?<!\d)(?P<number>元|\d{{1,4}})\s*(?:年度?|月|日)?{_JOINT}\Z")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def next_edition(
    *,
    title_ja: str,
    title_en: str,
    period: tuple[date | None, date | None],
    named: Sequence[str],
    found: tuple[date | None, date | None],
) -> Edition:
    """Return title and period as a new file lets expect them; what it says nothing of stays as it is.

    `named` are the words of the new file (its heading, its name), `found` the period that was read from it.
    """
    spans = [span for words in named for _begin, _end, span in _told(narrowed(words))]
    start, end = found
    if start is not None and end is not None:
        spans.append(Span(start, end))
    elif start is None and end is None:
        start, end = _period_of(title_ja, spans, period) or period
    else:
        start, end = start or period[0], end or period[1]
        if start is not None and end is not None and end < start:
            start, end = _period_of(title_ja, spans, period) or period
    return Edition(
        title_ja=renewed(title_ja, spans), title_en=renewed(title_en, spans), period_start=start, period_end=end
    )


def renewed(title: str, spans: Sequence[Span]) -> str:
    """Return a title in which the days, months and years that these spans have taken the place of are written anew, all or none."""
    words = narrowed(title)
    places = _replaced(words, spans)
    # Letter by letter the same length: what is not replaced stays as it was written, wide brackets and all.
    made = kept = title if len(title) == len(words) else words
    changed = False
    for begin, end, span in reversed(_told(words)):
        if span not in places:
            continue
        written = _written(words[begin:end], places[span])
        if not written:
            return title
        made, changed = made[:begin] + _as_wide(written, kept[begin:end]) + made[end:], True
    return made if changed else title


def _told(words: str) -> list[tuple[int, int, Span]]:
    """Return the days, months and years that a text names, or none where one of them is read by half: 令和5〜8年度, 4月〜6月."""
    found = [place for place in spans_in(words) if not place[2].is_bare]
    covered = {at for begin, end, _span in found for at in range(begin, end)}
    for begin, end, _span in found:
        after, before = _GOES_ON.match(words, end), _CAME_BEFORE.search(words, 0, begin)
        if (after and after.start("number") not in covered) or (before and before.start("number") not in covered):
            return []
    return found


def _replaced(words: str, spans: Sequence[Span]) -> dict[Span, Span]:
    """Return what takes the place of each day, month or year of a title, length by length.

    One is replaced by the latest that the new file names; several by as many, in their order; else nothing can be told,
    nor where a title writes the same one in two ways (平成31年度から令和元年度).
    """
    found: dict[Span, Span] = {}
    told = _told(words)
    if len({(words[begin:end], span) for begin, end, span in told}) > len({span for _b, _e, span in told}):
        return found
    for length in range(4):
        old = sorted({span for _b, _e, span in told if _length(span) == length}, key=_start)
        new = sorted({span for span in spans if _length(span) == length}, key=_start)
        if len(old) == 1 and new and old[0] not in new:
            found[old[0]] = new[-1]
        elif len(old) > 1 and len(old) == len(new):
            found.update(zip(old, new, strict=True))
    return {before: after for before, after in found.items() if before != after}


def _start(span: Span) -> date:
    return span.start


def _period_of(
    title: str, spans: Sequence[Span], period: tuple[date | None, date | None]
) -> tuple[date | None, date | None] | None:
    """Return what takes the place of the period, if it is one that the title names, or all that it names."""
    places = _replaced(narrowed(title), spans)
    for before, after in places.items():
        if (before.start, before.end) == period:
            return after.start, after.end
    return _around(places.values()) if places and _around(places) == period else None


def _around(spans: Iterable[Span]) -> tuple[date, date]:
    every = list(spans)
    return min(span.start for span in every), max(span.end for span in every)


def _length(span: Span) -> int:
    """Return 0 for a day, 1 for a month, 2 for a calendar year, 3 for a fiscal year, 4 for anything else."""
    days = (span.end - span.start).days
    if days < 1:
        return 0
    if days <= _MONTH_DAYS and span.start.day == 1:
        return 1
    if days <= _YEAR_DAYS and (span.start.day, span.end.day) == (1, 31) and days > _YEAR_DAYS - 3:
        return {1: 2, 4: 3}.get(span.start.month, 4)
    return 4


def _written(old: str, span: Span) -> str:
    """Return the span's days written as the old ones were, or nothing where they cannot be."""
    if old.startswith("FY"):
        return f"FY{old[2:-4]}{span.start.year}"
    match = _YEAR.match(old)
    if match is None:
        return ""
    era = match["era"]
    if era in _NEXT_ERA and span.end >= _REIWA:
        era = _NEXT_ERA[era]
    elif era and era not in _NEXT_ERA and span.end < _REIWA:
        return ""
    number = span.start.year - _BEGUN[era] + 1 if era else span.start.year
    if number < 1:
        return ""
    year = "元" if era in ("令和", "平成") and number == 1 else str(number)
    rest = iter((str(span.start.month), str(span.start.day)))
    tail = re.sub(r"\d{1,2}", lambda part: next(rest).zfill(_width(part.group())), old[match.end() :], count=2)
    return f"{era or ''}{match['dot']}{year}{tail}"


def _as_wide(written: str, old: str) -> str:
    """Return new words with wide digits and letters where the old ones had no others."""
    narrow = any(letter.isascii() and letter.isalnum() for letter in old)
    has_wide = any(0xFF01 <= ord(letter) <= 0xFF5E for letter in old)
    if narrow or not has_wide:
        return written
    return "".join(letter if letter in old else letter.translate(_WIDE) for letter in written)


def _width(number: str) -> int:
    return 2 if number.startswith("0") else 1
