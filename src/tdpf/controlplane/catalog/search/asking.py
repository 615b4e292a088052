"""What a form or an address asks for, as filters: what cannot be read is left out, since a page has no better answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from tdpf.controlplane.catalog.search.building import FILTER_FIELDS
from tdpf.controlplane.catalog.search.types import SearchFilters

_MOST = 50
_LONGEST = 100
_LOCATED = {"yes": True, "no": False, "true": True, "false": False}


def search_filters(asked: Mapping[str, Sequence[str]], *, now: datetime) -> SearchFilters:
    """Return the filters that parameters ask for, by the names of `SearchFilters`.

    Beside them, `fresh` is a number of days since the last change. Days are read as 2026-11-01 (UTC).
    """
    codes = {
        name: tuple(dict.fromkeys(code for code in asked.get(name, ())[:_MOST] if 0 < len(code) <= _LONGEST))
        for name in FILTER_FIELDS
    }
    fresh = _number(_one(asked, "fresh"), most=36_500)
    since = _day(_one(asked, "modified_from"))
    until = _day(_one(asked, "modified_to"))
    modified_from = _start(since) if since else None
    if fresh:
        modified_from = max(filter(None, (modified_from, now - timedelta(days=fresh))))
    return SearchFilters(
        themes=codes["themes"],
        areas=codes["areas"],
        formats=codes["formats"],
        access=codes["access"],
        purposes=codes["purposes"],
        providers=codes["providers"],
        licences=codes["licences"],
        frequencies=codes["frequencies"],
        origins=codes["origins"],
        sites=codes["sites"],
        stars=codes["stars"],
        mqa_bands=codes["mqa_bands"],
        rate_bands=codes["rate_bands"],
        link_states=codes["link_states"],
        located=_LOCATED.get(_one(asked, "located")),
        modified_from=modified_from,
        modified_to=_start(until) + timedelta(days=1, seconds=-1) if until and until < date.max else None,
        period_from=_day(_one(asked, "period_from")),
        period_to=_day(_one(asked, "period_to")),
        mqa_at_least=_number(_one(asked, "mqa_at_least"), most=405),
    )


def _one(asked: Mapping[str, Sequence[str]], name: str) -> str:
    values = asked.get(name, ())
    return values[-1].strip() if values else ""


def _number(text: str, *, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
