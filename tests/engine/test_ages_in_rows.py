"""Population with an age in every row: the area from a column, a line above, the sheet or its title; totals from their own row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

HEAD = ["年齢", "総数", "男", "女"]
DAY = "令和6年4月1日現在"


def ages(times: int) -> list[list[Any]]:
    """Rows that leave out some ages, so that only the row of totals says how many there are."""
    rows = [["総数", 10, 4, 6], ["0～4歳", 1, 0, 1], ["5～9歳", 2, 1, 1], ["10～14歳", 3, 1, 2]]
    return [[age, *(count * times for count in counts)] for age, *counts in rows]


def sheets() -> dict[str, list[list[Any]]]:
    return {
        "全市": [[f"八王子市 年齢別人口 {DAY}"], HEAD, *ages(30)],
        "東": [[f"八王子市 年齢別人口（東地区）{DAY}"], HEAD, *ages(10)],
        "西": [[f"八王子市 年齢別人口（西地区）{DAY}"], HEAD, *ages(20)],
    }


def column_of_areas() -> dict[str, list[list[Any]]]:
    rows = [
        [name if not place else None, *row]
        for name, times in (("東地区", 10), ("西地区", 20))
        for place, row in enumerate(ages(times))
    ]
    return {"R6": [[f"地区別 {DAY}"], ["地区", *HEAD], *rows, ["合計", *ages(30)[0]]]}


def lines_between() -> dict[str, list[list[Any]]]:
    return {
        "R6": [[f"地区別 {DAY}"], HEAD, ["東地区"], *ages(10), ["年齢不詳", 0, 0, 0], ["西地区"], *ages(20)],
    }


def halves_beside() -> dict[str, list[list[Any]]]:
    def beside(times: int) -> list[list[Any]]:
        total, *rows = ages(times)
        return [[*HEAD, *HEAD], [*rows[0], *rows[2]], [*rows[1], "15～19歳", 0, 0, 0], [*total, None, None, None, None]]

    return {"東": [[f"東地区　{DAY}"], *beside(10)], "西": [[f"西地区　{DAY}"], *beside(20)]}


def one_above_the_other() -> dict[str, list[list[Any]]]:
    """A table for each area, on one sheet, with the area's name as its title."""
    blank: list[Any] = [None, None, None, None]
    return {"R6": [[f"地区別 {DAY}"], blank, ["【東地区】"], HEAD, *ages(10), blank, ["【西地区】"], HEAD, *ages(20)]}


@pytest.mark.parametrize("made", [sheets, column_of_areas, lines_between, halves_beside, one_above_the_other])
def test_areas_and_totals_of_ages_in_rows(
    workbook: Callable[..., Path], tmp_path: Path, made: Callable[[], dict[str, list[list[Any]]]]
) -> None:
    found: Prepared = prepare([workbook(made())], load_schema("population"), folder=tmp_path / "rows")
    rows = [dict(zip(found.run.columns, row, strict=True)) for row in found.run.rows()]
    if made is sheets:
        assert (rows[0]["地域名"], rows[0]["総人口"]) == ("八王子市", "300")
        rows = rows[1:]
    wanted = ("地域名", "総人口", "男性", "女性", "5-9歳の男性", "10-14歳の女性", "調査年月日")
    assert [tuple(row[name] for name in wanted) for row in rows] == [
        ("東地区", "100", "40", "60", "10", "20", "2024-04-01"),
        ("西地区", "200", "80", "120", "20", "40", "2024-04-01"),
    ]
    apart = {column_of_areas: ["total-label"], lines_between: ["heading", "no-age", "heading"]}.get(made, [])
    assert [row.why for row in found.run.apart] == apart
