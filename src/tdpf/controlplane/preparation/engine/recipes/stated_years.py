"""Days without a year (8/3（土）) whose year a title, a sheet's name, or a column 年度 of the row states."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tdpf.controlplane.preparation.engine.mapping.names import fold
from tdpf.controlplane.preparation.engine.normalising.dates import day
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, SourceTable, Values
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
_YEAR = re.compile(
    r"(?:(?P<era>令和|平成|(?<![A-Za-z])[RH])\s*(?P<short>元|\d{1,2})|(?<!\d)(?P<year>20\d\d))\s*(?:(?P<kind>年度|年)|$)"
)
_DAY = re.compile(r"\s*(?P<month>1[0-2]|0?[1-9])\s*[月/]\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*日?(?![\d/.])")
_WEEKDAY = re.compile(r"\s*[(（]\s*([月火水木金土日])")
_WEEK = "月火水木金土日"


def year_of(text: str) -> tuple[int, bool] | None:
    """Return the one year that a text states, and whether it is a fiscal one (April to March); None when it states none or several."""
    found = set()
    for match in _YEAR.finditer(plain(text)):
        era, short = match.group("era"), match.group("short")
        year = _ERAS[era] + (1 if short == "元" else int(short)) if era else int(match.group("year"))
        found.add((year, match.group("kind") != "年"))
    return found.pop() if len(found) == 1 else None


def with_year(text: str, year: int, *, fiscal: bool) -> str | None:
    """Return a day without a year with it; None when it is no such day, or when its day of the week is another one's."""
    clean = plain(text)
    found = _DAY.match(clean)
    if found is None or day(text).reason not in ("no-year", "not-a-date"):
        return None
    month = int(found.group("month"))
    own = year + (fiscal and month < 4)
    try:
        meant = date(own, month, int(found.group("day")))
    except ValueError:
        return None
    weekday = _WEEKDAY.match(clean, found.end())
    if weekday and _WEEK[meant.weekday()] != weekday.group(1):
        return None
    return f"{own}年{month}月{meant.day}日{clean[found.end() :]}"


def years_for(
    source: SourceTable, columns: Mapping[str, Values], accepted: Mapping[str, str], schema: Schema
) -> dict[str, Any]:
    """Return how the days of a table get their year: {"columns": […], "year", "fiscal"} or {"columns": […], "from": column}; {} when not."""
    days = [
        name
        for name, target in accepted.items()
        if (field := schema.field(target)) is not None
        and field.normaliser in ("date", "period")
        and any(value and _DAY.match(plain(value)) for value in columns[name])
    ]
    if not days:
        return {}
    to = {name: accepted[name] for name in days}
    for name, values in columns.items():
        present = [value for value in values if value]
        if fold(name) in ("年度", "年", "開催年度", "開催年", "実施年度") and present and all(map(_stated, present)):
            return {"columns": days, "to": to, "from": name}
    texts = [*source.table.title_lines, source.table.sheet, re.sub(r"\.\w+$", "", source.file)]
    stated = next((found for text in texts if (found := year_of(text))), None)
    if stated is None:
        return {}
    year, fiscal = stated
    cells = [value for name in days for value in columns[name] if value and _DAY.match(plain(value))]
    fitting = {
        way: sum(with_year(cell, year, fiscal=way) is not None for cell in cells) for way in (fiscal, not fiscal)
    }
    # The days of the week know better than a sheet called R6 whether a year ends in December or in March.
    best = fiscal if fitting[fiscal] >= fitting[not fiscal] else not fiscal
    return {"columns": days, "to": to, "year": year, "fiscal": best} if fitting[best] else {}


def _stated(value: str) -> tuple[int, bool] | None:
    return year_of(value) or (year_of(f"{value}年度") if len(plain(value)) <= 4 else None)


def put_years(state: State, frame: Frame, plan: Mapping[str, Any]) -> None:
    """Write the stated year into days that lack one; every such cell is told."""
    source: Sequence[str | None] = frame.columns.get(str(plan.get("from", "")), [None] * frame.height)
    for name in [str(name) for name in plan["columns"] if name in frame.columns]:
        values = frame.columns[name]
        for row, value in enumerate(values):
            said = _stated(source[row] or "") if plan.get("from") else (int(plan["year"]), bool(plan["fiscal"]))
            made = with_year(value, said[0], fiscal=said[1]) if value and said else None
            if made is None:
                continue
            values[row] = made
            state.log.add(
                frame, row, name, step="reshape", before=value, after=made, rule="date.year-stated",
                reason="year-stated-elsewhere", confidence=0.8, severity="warning",
            )  # fmt: skip
            state.log.events.append(
                replace(state.log.events.pop(), column=str(dict(plan.get("to", {})).get(name, name)))
            )
