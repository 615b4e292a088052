"""Population tables with an age in every row: whose ages they are, told by a column, a line above them, or the sheet and its title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tdpf.controlplane.preparation.engine.normalising import ages
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.recipes.sources import is_total_word
from tdpf.controlplane.preparation.engine.recipes.types import Frame, RowApart, SourceTable, Values

AREA_LINE = "地域（見出しの行）"
AREA_ABOVE = "地域（見出し）"
ALL_AGES = re.compile(r"総数|合計|計|総計|総人口|全年齢|年齢計|total", re.IGNORECASE)
_PART = re.compile(r"[\s　、，・（）()【】「」『』〔〕〈〉：:｜|/／_]+|の(?=年齢|人口|男女|住民|[1-9])")
_AREA = re.compile(
    r"(?!各|全|町丁|行政|小地域)[一-龥ぁ-んァ-ヶー々0-9０-９]{1,15}?(?:地区|地域|丁目|[小中]学校区|校区|学区|圏域|管内|支所|出張所|町|村|区|市|大字|字)"
)
EVERYWHERE = re.compile(r"総数|合計|総計|計|全体|全[市区町村域県]|[市区町村]全[体域]|[市区町村]計")
# A sheet's name may be an area's: 東, 中央, 本町一丁目; nothing that speaks of counting, of whom, or of when.
PLACE = re.compile(
    r"(?!.*(?:表|集計|人|年|数|率|総|男|女|データ|外国|日本|世帯|一覧|原稿|シート|月|統計|住民|全[市区町村]))[一-龥ぁ-んァ-ヶー々０-９0-9ノヶ]{1,12}(?<!\d)"
)


def districts(sources: Sequence[SourceTable], plans: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return {input: area} of the tables with an age in every row that name no area themselves: what their title or sheet says.

    Of several tables, what all titles say alike is their town and no area. The sheet of a whole town keeps no name of its own.
    Tables of one sheet are of one area, unless each counts the same ages anew.
    """
    lone = [source for source in sources if source.id in plans and _is_lone(plans[source.id])]
    anew = repeats_ages(lone, plans)
    titled = {source.id: list(_areas_in(source.table.title_lines)) for source in lone}
    found: dict[str, str] = {}
    for source in lone:
        here = (source.file, source.table.sheet)
        others = [
            titled[other.id]
            for other in lone
            if (other.file, other.table.sheet) != here or (anew and other is not source)
        ]
        own = [area for area in titled[source.id] if not any(area in areas for areas in others)]
        sheet = source.table.sheet.strip()
        if others and not own and PLACE.fullmatch(sheet):
            own = [sheet]
        own = [area for area in own if others or not re.search(r"[市区町村]$", area)]
        if own and not EVERYWHERE.fullmatch(own[-1]):
            found[source.id] = own[-1]
    return found


def repeats_ages(tables: Sequence[SourceTable], plans: Mapping[str, Mapping[str, Any]]) -> bool:
    """Say whether tables of one sheet, none of them of one sex, each count the ages of the first anew: each is of another area."""
    if len(tables) < 2 or len({(table.file, table.table.sheet) for table in tables}) > 1:
        return False
    seen: list[set[str]] = []
    for table in tables:
        plan = plans[table.id]
        if not plan.get("age") or plan.get("context_sex"):
            return False
        place = table.table.column_names.index(str(plan["age"]))
        words = {_bare(row[place] or "") for row in table.table.iter_rows()}
        seen.append({word for word in words if word and not ALL_AGES.fullmatch(word)})
    return all(words and len(words & seen[0]) * 2 > len(words) for words in seen)


def _is_lone(plan: Mapping[str, Any]) -> bool:
    return bool(plan.get("age")) and not plan["area"]


def _areas_in(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        for word in _PART.split(line):
            if _AREA.fullmatch(word):
                yield word


def is_headed(source: SourceTable, plan: Mapping[str, Any]) -> bool:
    """Say whether lines between the rows name the area of the ages below them, and no column does."""
    if not plan.get("age") or plan["area"]:
        return False
    names = source.table.column_names
    columns = dict(zip(names, map(list, zip(*source.table.iter_rows(), strict=True)), strict=False))
    frame = Frame(columns, [(source.id, row) for row in range(source.table.row_count)], {})
    lines = list(_lines(frame, plan))
    return len(lines) >= 2 and lines[0] == 0


def _lines(frame: Frame, plan: Mapping[str, Any]) -> Iterator[int]:
    """Yield the rows that hold a word where an age is asked and no count, above a row with an age."""
    cells = frame.columns[str(plan["age"])]
    for row in range(frame.height - 1):
        word, below = cells[row], cells[row + 1]
        alone = word and not any(frame.columns[name][row] for name in plan["values"] if name in frame.columns)
        if alone and word and below and not _age(word) and _age(below):
            yield row


def _age(cell: str) -> bool:
    return ages.band(cell, bare=True) is not None or bool(ALL_AGES.fullmatch(plain(cell).replace(" ", "")))


def set_right(frame: Frame, plan: Mapping[str, Any]) -> tuple[Frame, list[RowApart]]:
    """Return the frame with the areas that lines name in a column, without these lines and without the counts of the whole town.

    A row without any age (年齢不詳, 平均年齢) is set apart too.
    """
    age, apart = str(plan["age"]), list[RowApart]()
    cells = frame.columns[age]
    named = [str(name) for name in plan["area"] if name in frame.columns]
    lines = set(_lines(frame, plan)) if AREA_LINE in plan["area"] else set()
    totals = [row for row in range(frame.height) if cells[row] and ALL_AGES.fullmatch(_bare(cells[row] or ""))]
    unnamed = {row for row in totals if named and not any(frame.columns[name][row] for name in named)}
    areas = {tuple(frame.columns[name][row] for name in named) for row in range(frame.height)} - {(None,) * len(named)}
    strays = unnamed if len(totals) < len(areas) else set()
    line: Values = []
    kept: list[int] = []
    above: str | None = None
    for row in range(frame.height):
        why = ""
        if row in lines:
            above, why = cells[row], "heading"
        elif row in strays or any(is_total_word(frame.columns[name][row] or "") for name in named):
            why = "total-label"
        elif cells[row] and not _age(cells[row] or "") and not _wordless(cells[row] or ""):
            why = "no-age"
        if why:
            source, place = frame.origins[row]
            words = tuple(column[row] for column in frame.columns.values())
            apart.append(RowApart(input=source, row=place, cells=words, why=why))
        else:
            kept.append(row)
            line.append(above)
    places = {row: place for place, row in enumerate(kept)}
    made = Frame(
        {name: [column[row] for row in kept] for name, column in frame.columns.items()},
        [frame.origins[row] for row in kept],
        dict(frame.sources),
        {(places[row], name): refs for (row, name), refs in frame.cells.items() if row in places},
        dict(frame.header),
    )
    if AREA_LINE in plan["area"]:
        made.columns[AREA_LINE] = line
        made.sources[AREA_LINE] = dict(frame.sources.get(age, {}))
        made.header[AREA_LINE] = age
    return made, apart


def _bare(word: str) -> str:
    return plain(word).replace(" ", "")


def _wordless(cell: str) -> bool:
    return number(cell).value is not None
