"""Population tables that set several days side by side (令和5年4月1日 over 男, 女, 計, then 令和6年4月1日 …), put below each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.recipes.crossed import DAY, MEANT, bare, day_of
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame, SourceTable

DATED = "dated"
_EVERY_YEAR = re.compile(r"各年\s*(\d{1,2})\s*月\s*(\d{1,2}|末)\s*日?")


def plan_dated(source: SourceTable) -> dict[str, Any] | None:
    """Return how columns of several days are put below each other, or None when fewer than two days have columns.

    The plan is {"layout": "dated", "area": [columns], "days": {day: {field: column}}}.
    """
    yearly = _yearly(source)
    days: dict[str, dict[str, str]] = {}
    others: list[str] = []
    rows = list(source.table.iter_rows())
    for place, column in enumerate(source.table.columns):
        parts = column.header
        day = (day_of(parts[0]) or (day_of(parts[0] + yearly) if yearly else "")) if len(parts) == 2 else ""
        field = next((name for name, words in MEANT.items() if words.fullmatch(bare(parts[-1]))), "") if day else ""
        if field and field not in days.get(day, {}):
            days.setdefault(day, {})[field] = column.name
        elif any(row[place] and number(row[place] or "").value is None for row in rows):
            others.append(column.name)
    counted = [fields for fields in days.values() if "総人口" in fields or {"男性", "女性"} <= set(fields)]
    if len(days) < 2 or len(counted) < len(days) or not others:
        return None
    return {"layout": DATED, "area": others, "days": days, "values": {}, "age": "", "sex": "", "households": ""}


def _yearly(source: SourceTable) -> str:
    """Return the day of the year that a title gives to columns of years (各年4月1日現在), "" when it does not."""
    for line in (*source.table.title_lines, *(note.text for note in source.table.notes)):
        if found := _EVERY_YEAR.search(line):
            return f"{found.group(1)}月{found.group(2)}" + ("" if found.group(2) == "末" else "日")
    return ""


def in_days(frame: Frame, plan: Mapping[str, Any]) -> Frame:
    """Return the frame with a row for every area and day."""
    area_columns: Sequence[str] = [name for name in plan.get("area", []) if name in frame.columns]
    made = Frame({name: [] for name in (*area_columns, DAY, *MEANT)}, [], {})
    for day, fields in dict(plan["days"]).items():
        for row in range(frame.height):
            at = len(made.origins)
            made.origins.append(frame.origins[row])
            for name in area_columns:
                made.columns[name].append(frame.columns[name][row])
                made.cells[(at, name)] = frame.trace(row, name)
            made.columns[DAY].append(str(day))
            source, number_ = frame.origins[row]
            for field in MEANT:
                column = str(fields.get(field, ""))
                made.columns[field].append(frame.columns[column][row] if column in frame.columns else None)
                letters = frame.sources.get(column, {}).get(source, ())
                made.cells[(at, field)] = tuple(CellRef(source, number_, letter) for letter in letters)
    made.header = {name: name for name in made.columns}
    return made
