"""What a form or an address asks for, as filters: what cannot be read is left out, since a page has no better answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from tdpf.controlplane.catalog.search.narrowing import FILTER_FIELDS
from tdpf.controlplane.catalog.search.types import FILTER_ALIASES, SearchFilters
from tdpf.kit.clock import jst_midnight

_MOST = 50
_LONGEST = 100
_LOCATED = {"yes": True, "no": False, "true": True, "false": False}


def search_filters(asked: Mapping[str, Sequence[str]], *, now: datetime) -> SearchFilters:
    """Return the filters that parameters ask for, by the names of `SearchFilters` or those of the API.

    Beside them, `fresh` is a number of days since the last change. Days are read as 2026-11-01.
    """
    given = {name: list(asked.get(name, ())) for name in FILTER_FIELDS}
    for alias, name in FILTER_ALIASES.items():
        given[name] += asked.get(alias, ())
    codes = {
        name: tuple(dict.fromkeys(code for code in values[:_MOST] if 0 < len(code) <= _LONGEST))
        for name, values in given.items()
    }
    modified_from, modified_to = changed_between(
        _day(_one(asked, "modified_from")),
        _day(_one(asked, "modified_to")),
        fresh=_number(_one(asked, "fresh"), most=36_500),
        now=now,
    )
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
        modified_to=modified_to,
        period_from=_day(_one(asked, "period_from")),
        period_to=_day(_one(asked, "period_to")),
        mqa_at_least=_number(_one(asked, "mqa_at_least"), most=405),
    )


def changed_between(
    first: date | None, last: date | None, *, fresh: int = 0, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return the first and last moment of days in Japan, as which the catalogue dates what has no zone.

    `fresh` is a number of days before now, 0 for any; the later beginning counts.
    """
    since = jst_midnight(first) if first else None
    if fresh:
        since = max(filter(None, (since, now - timedelta(days=fresh))))
    return since, jst_midnight(last) + timedelta(days=1, seconds=-1) if last and last < date.max else None


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
