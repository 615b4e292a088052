"""Population tables whose rows are 世帯数・総数・男・女 and whose columns are areas or months, turned so that an area is a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tdpf.controlplane.preparation.engine.eras import find_dates
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.recipes.errors import RecipeForOther
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame, RowApart, SourceTable, Values

CROSSED = "crossed"
MEANT = {
    "総人口": re.compile(r"(?:総|合)?計|総数|総人口|人口(?:総?数|計|総計)?|男女計"),
    "男性": re.compile(r"(?:うち)?男性?(?:人口)?"),
    "女性": re.compile(r"(?:うち)?女性?(?:人口)?"),
    "世帯数": re.compile(r"(?:総)?世帯数?"),
}
_WHOLE = re.compile(r"(?:総|合)?計|総数|全[市区町村域体]")
_AREA, DAY = "地域名", "調査年月日"


def plan_crossed(source: SourceTable) -> dict[str, Any] | None:
    """Return how a crossed table is turned, or None when none of its columns says what its rows count.

    The plan is {"layout": "crossed", "measure": column, "area": [columns], "columns": {column: day or ""}}.
    """
    names = source.table.column_names
    rows = list(source.table.iter_rows())
    measure = next((name for place, name in enumerate(names) if _is_measure([row[place] for row in rows])), "")
    if not measure:
        return None
    counted = [name for place, name in enumerate(names) if name != measure and _is_counts([row[place] for row in rows])]
    area = [
        name
        for place, name in enumerate(names)
        if name != measure and name not in counted and any(row[place] for row in rows)
    ]
    days = {name: (day_of(name) if area else "") for name in counted}
    wanted = {name: day for name, day in days.items() if (day if area else not _WHOLE.fullmatch(bare(name)))}
    if not wanted or (area and len(wanted) < len(counted)):
        return None
    return {
        "layout": CROSSED,
        "measure": measure,
        "area": area,
        "columns": wanted,
        "values": {},
        "age": "",
        "sex": "",
        "households": "",
    }


def made_names(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns besides the counts that turning makes: the area's name, or the day."""
    return (DAY,) if plan.get("area") else (_AREA,)


def turned(frame: Frame, plan: Mapping[str, Any]) -> tuple[Frame, list[RowApart]]:
    """Return the frame with a row for every area (and month), its counts in the standard's columns, and the rows of a whole town."""
    name = str(plan["measure"])
    if name not in frame.columns:
        raise RecipeForOther(
            why_ja=f"レシピにある項目「{name}」が表にありません。",
            why_en=f"The table lacks the column “{name}” of the recipe.",
        )
    measure = frame.columns[name]
    area_columns = [str(name) for name in plan.get("area", []) if name in frame.columns]
    made = Frame({name: [] for name in (*area_columns, *made_names(plan), *MEANT)}, [], {})
    apart: list[RowApart] = []
    for rows in _stretches(frame, measure, area_columns):
        if any(_WHOLE.fullmatch(bare(frame.columns[area][row] or "")) for area in area_columns for row in rows):
            for row in rows:
                cells = tuple(column[row] for column in frame.columns.values())
                apart.append(
                    RowApart(input=frame.origins[row][0], row=frame.origins[row][1], cells=cells, why="total-label")
                )
            continue
        for name, day in dict(plan["columns"]).items():
            if name not in frame.columns:
                continue
            at = len(made.origins)
            made.origins.append(frame.origins[rows[0]])
            for area in area_columns:
                made.columns[area].append(
                    next((frame.columns[area][row] for row in rows if frame.columns[area][row]), None)
                )
                made.cells[(at, area)] = frame.trace(rows[0], area)
            made.columns[made_names(plan)[0]].append(str(day) if area_columns else name)
            for field in MEANT:
                place = next((row for row in rows if MEANT[field].fullmatch(bare(measure[row] or ""))), None)
                made.columns[field].append(None if place is None else frame.columns[name][place])
                if place is not None:
                    source, number_ = frame.origins[place]
                    letters = frame.sources.get(name, {}).get(source, ())
                    made.cells[(at, field)] = tuple(CellRef(source, number_, letter) for letter in letters)
    made.header = {name: name for name in made.columns}
    return made, apart


def _stretches(frame: Frame, measure: Values, area_columns: Sequence[str]) -> list[list[int]]:
    """Return the rows that belong together: a new stretch begins where a count would come a second time."""
    found: list[list[int]] = []
    seen: set[str] = set()
    for row in range(frame.height):
        label = bare(measure[row] or "")
        named = any(frame.columns[area][row] for area in area_columns)
        before = found[-1][-1] if found else 0
        changed = named and any(
            frame.columns[area][row]
            and frame.columns[area][row] != frame.columns[area][before]
            and frame.columns[area][before]
            for area in area_columns
        )
        if not found or label in seen or changed:
            found.append([])
            seen = set()
        seen.add(label)
        found[-1].append(row)
    return found


def bare(text: str) -> str:
    """Return a label without spaces and brackets, widths evened out."""
    return re.sub(r"[\s　（）()]", "", plain(text))


def _is_measure(values: Sequence[str | None]) -> bool:
    labels = {bare(value) for value in values if value}
    meant = {field for field, words in MEANT.items() for label in labels if words.fullmatch(label)}
    known = [label for label in labels if any(words.fullmatch(label) for words in MEANT.values())]
    return {"男性", "女性"} <= meant and "世帯数" in meant and len(known) == len(labels)


def _is_counts(values: Sequence[str | None]) -> bool:
    present = [value for value in values if value]
    return bool(present) and sum(1 for value in present if number(value).value is not None) * 10 >= len(present) * 8


def day_of(name: str) -> str:
    """Return the day that a column's name says; a month stands for its first day, on which such tables are counted."""
    text = plain(name)
    dates = find_dates(text) or (
        find_dates(f"{text.removesuffix('現在')}1日") if text.endswith(("月", "月現在")) else []
    )
    return dates[0].isoformat() if dates else ""
