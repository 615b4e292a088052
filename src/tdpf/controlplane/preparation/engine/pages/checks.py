"""Arithmetic that a table of counts must obey: both sexes make the total, rows make the row of totals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tdpf.controlplane.preparation.engine.cells import plain
from tdpf.controlplane.preparation.engine.types import CellPlace, Row

_MEN = re.compile(r"男性?(?![女])")
_WOMEN = re.compile(r"(?<!男)女性?")
_ALL = re.compile(r"総数|総人口|人口計|合計|総計|計|男女計")
_TOTAL_ROW = re.compile(r"(?:総|合|小)?計|総数|合計数|総合計|全体|(?:全)?[市区町村]計|全[市区町村]", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+")
_FEWEST = 3
Places = list[list[CellPlace | None]]


def mark_conflicts(names: Sequence[str], rows: Sequence[Row], places: Places) -> tuple[int, list[str]]:
    """Mark cells in place whose values disagree with a sum; return how many, and the checks that found any.

    A check counts only when it holds for most of what it is tried on: a column called 計 may be a total of something else.
    """
    values = [[_number(cell) for cell in row] for row in rows]
    found: dict[tuple[int, int], str] = {}
    checks: list[str] = []
    for men, women, whole in _triples(names):
        tried = [
            index
            for index, row in enumerate(values)
            if row[men] is not None and row[women] is not None and row[whole] is not None
        ]
        wrong = [index for index in tried if _sum(values[index], (men, women)) != values[index][whole]]
        if len(tried) < _FEWEST or len(wrong) * 2 > len(tried) or not wrong:
            continue
        checks.append(f"{names[men]}+{names[women]}={names[whole]}")
        for index in wrong:
            said = f"{names[men]}+{names[women]}={_sum(values[index], (men, women))} ≠ {names[whole]} {values[index][whole]}"
            found.update({(index, column): said for column in (men, women, whole)})
    total = _total_row(rows)
    if total is not None:
        found.update(_down(names, values, total, checks))
    for (index, column), said in found.items():
        place = places[index][column]
        if place is not None:
            places[index][column] = replace(place, conflict=said)
    return len(found), checks


def _number(cell: str | None) -> int | None:
    text = plain(cell or "").replace(",", "").replace(" ", "")
    return int(text) if len(text) < 16 and _NUMBER.fullmatch(text) else None


def _sum(row: Sequence[int | None], columns: Sequence[int]) -> int:
    return sum(row[column] or 0 for column in columns)


def _triples(names: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return (men, women, all) by column: names that are the same but for the words of sex."""
    men = {
        _MEN.sub("", name, count=1): index for index, name in enumerate(names) if _MEN.search(name) and "女" not in name
    }
    women = {
        _WOMEN.sub("", name, count=1): index
        for index, name in enumerate(names)
        if _WOMEN.search(name) and "男" not in name
    }
    whole: dict[str, int] = {}
    for index, name in enumerate(names):
        if "男" not in name.replace("男女", "") and not _WOMEN.search(name.replace("男女", "")) and _ALL.search(name):
            whole.setdefault(_ALL.sub("", name, count=1), index)
    return [(men[base], women[base], whole[base]) for base in men if base in women and base in whole]


def _total_row(rows: Sequence[Row]) -> int | None:
    """Return the one row of totals at the top or the bottom; tables with several (subtotals) are left alone."""
    found = [
        index
        for index, row in enumerate(rows)
        if any(cell and _TOTAL_ROW.fullmatch(plain(cell).replace(" ", "")) for cell in row[:3])
    ]
    return found[0] if len(found) == 1 and found[0] in (0, len(rows) - 1) and len(rows) > _FEWEST else None


def _down(
    names: Sequence[str], values: Sequence[Sequence[int | None]], total: int, checks: list[str]
) -> dict[tuple[int, int], str]:
    right: list[int] = []
    wrong: list[tuple[int, int]] = []
    for column in range(len(names)):
        stated = values[total][column]
        others = [row[column] for index, row in enumerate(values) if index != total]
        known = [value for value in others if value is not None]
        if stated is None or len(known) * 5 < len(others) * 4:
            continue
        if sum(known) == stated:
            right.append(column)
        else:
            wrong.append((column, sum(known)))
    if not wrong or len(right) < len(wrong):
        return {}
    checks.extend(f"{names[column]}の合計" for column, _ in wrong)
    return {(total, column): f"{names[column]}: 合計 {summed} ≠ {values[total][column]}" for column, summed in wrong}
