"""What is asked of a table's rows: the query string, checked against what the caller may see."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches

from tdpf.dataplane.delivery.filters import Scope, box_of, parse_filter
from tdpf.dataplane.delivery.requests import NOT_PART_OF_THE_QUESTION
from tdpf.tables.conditions import Column, Condition
from tdpf.wire.delivery_problems import BadParameter, UnknownParameter

MOST_ROWS_PER_PAGE = 10_000
DEFAULT_ROWS_PER_PAGE = 100
FILTER_LANGUAGES = ("cql2-text", "cql2-json")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
RESERVED = frozenset(
    {
        *NOT_PART_OF_THE_QUESTION,
        "bbox",
        "bbox-crs",
        "crs",
        "datetime",
        "filter",
        "filter-crs",
        "filter-lang",
        "limit",
        "offset",
        "properties",
        "sortby",
        "version",
    }
)
"""Parameters with a meaning of their own; a column of the same name is reached through `filter`."""


_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NEVER_ENDS, _ALWAYS_WAS = "9999", "0001"


@dataclass(frozen=True, slots=True)
class Question:
    """A checked question. `names` are the wished columns in order, None for all visible; `limit` None when not given."""

    condition: Condition
    order: tuple[tuple[Column, bool], ...]
    names: tuple[str, ...] | None
    limit: int | None
    offset: int
    parameters: Mapping[str, str]

    @property
    def is_everything(self) -> bool:
        """Whether every row is wanted, in the published order."""
        return not self.condition.sql and not self.order and self.limit is None and self.offset == 0


def read_question(parameters: Mapping[str, str], scope: Scope) -> Question:
    """Return the question the parameters ask; raises the problems of `wire.delivery_problems` and `tables.errors`."""
    kept = {name: value for name, value in parameters.items() if name not in NOT_PART_OF_THE_QUESTION}
    get = kept.get
    language = get("filter-lang") or FILTER_LANGUAGES[0]
    if language not in FILTER_LANGUAGES:
        raise _bad(kept, "filter-lang", ", ".join(FILTER_LANGUAGES))
    for name in ("crs", "bbox-crs", "filter-crs"):
        if get(name) not in (None, CRS84):
            raise _bad(kept, name, CRS84)
    conditions = []
    try:
        if "filter" in kept:
            conditions.append(parse_filter(kept["filter"], scope, language))
        if "bbox" in kept:
            conditions.append(scope.inside(box_of(_numbers(kept["bbox"]), "bbox")))
        if "datetime" in kept:
            conditions.append(_in_time(kept, scope))
        for name, value in kept.items():
            if name not in RESERVED:
                conditions.append(_equality(name, value, scope))
    except OverflowError:
        raise BadParameter(parameter="filter", value="…", expected="0002-01-01 … 9998-12-31") from None
    return Question(
        condition=scope.words.all_of(conditions),
        order=_order(kept["sortby"], scope) if "sortby" in kept else (),
        names=_names(kept["properties"], scope) if "properties" in kept else None,
        limit=_whole(kept, "limit", 1),
        offset=_whole(kept, "offset", 0) or 0,
        parameters=kept,
    )


def _bad(parameters: Mapping[str, str], name: str, expected: str) -> BadParameter:
    return BadParameter(parameter=name, value=parameters[name][:80], expected=expected)


def _whole(parameters: Mapping[str, str], name: str, least: int) -> int | None:
    text = parameters.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 12) or int(text) < least:
        raise _bad(parameters, name, f"{least}, {least + 1}, {least + 2} …")
    return int(text)


def _numbers(text: str) -> list[float]:
    parts = [part.strip() for part in text.split(",")]
    if not all(_NUMBER.fullmatch(part) for part in parts):
        raise BadParameter(parameter="bbox", value=text[:80], expected="west,south,east,north (139.5,35.5,139.9,35.8)")
    return [float(part) for part in parts]


def _list(text: str, parameter: str) -> list[str]:
    """Names separated by commas; a name with a comma or a line end stands in double quotes."""
    try:
        return [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]
    except csv.Error:
        raise BadParameter(parameter=parameter, value=text[:80], expected='a,b,"c,d"') from None


def _names(text: str, scope: Scope) -> tuple[str, ...]:
    names = tuple(
        dict.fromkeys(scope.column(name, "properties").field.name for name in _list(text, "properties") if name)
    )
    if not names:
        raise BadParameter(parameter="properties", value=text[:80], expected=",".join(scope.sight.names[:3]))
    return names


def _order(text: str, scope: Scope) -> tuple[tuple[Column, bool], ...]:
    keys = []
    for part in _list(text, "sortby")[:10]:
        known = part in scope.sight.columns
        name = part if known else part.removeprefix("+").removeprefix("-").strip()
        keys.append((scope.column(name, "sortby"), not known and part.startswith("-")))
    return tuple(keys)


def _equality(name: str, value: str, scope: Scope) -> Condition:
    column = scope.sight.columns.get(name)
    if column is None:
        near = get_close_matches(name[:80], [*scope.sight.names, *sorted(RESERVED)], n=3, cutoff=0.5)
        raise UnknownParameter(parameter=name[:80], near=", ".join(near) or "—")
    return scope.words.compare(column, "=", value) if value else scope.words.is_empty(column)


def _in_time(parameters: Mapping[str, str], scope: Scope) -> Condition:
    """OGC API Features `datetime`: the first visible column of dates; a table without one has no time to differ in."""
    text = parameters["datetime"]
    parts = text.split("/")
    try:
        moments = [None if _is_open(part, place, len(parts)) else _moment(part) for place, part in enumerate(parts)]
    except ValueError:
        moments = []
    if not 1 <= len(moments) <= 2 or (len(moments) == 1 and moments[0] is None) or _is_backwards(moments):
        raise _bad(parameters, "datetime", "2024-01-31, 2024-01-31T00:00:00Z, 2024-01-01/2024-01-31, ../2024-01-31")
    for column in scope.sight.columns.values():
        if column.field.type in ("date", "datetime"):
            return scope.words.in_time(column, "intersects", moments[0], moments[-1])
    return scope.words.all_of([])


def _is_open(text: str, place: int, parts: int) -> bool:
    """Whether an interval is without end there; the last year there is stands for no end in many tables."""
    return text in ("", "..") or (parts == 2 and text.startswith((_ALWAYS_WAS, _NEVER_ENDS)[place]))


def _is_backwards(moments: Sequence[date | None]) -> bool:
    days = [moment.date() if isinstance(moment, datetime) else moment for moment in moments if moment is not None]
    # A day either way may lie in the times' zones.
    return len(days) == 2 and days[0] - days[1] > timedelta(days=1)


def _moment(text: str) -> date:
    text = text.upper()
    moment = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    if not 2 <= moment.year <= 9998:
        raise ValueError(text)
    return moment
