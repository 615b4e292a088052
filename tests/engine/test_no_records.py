"""Rows that are no records, each beside its twin: a record that looks like one and has to stay."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.recipes.no_records import Rows
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

HEAD = ["番号", "名称", "所在地", "電話番号", "定員", "備考"]
RECORDS = [
    [str(n), f"{name}公民館", f"姫路市{name}町{n}-1", f"079-222-00{n:02}", str(n * 10), ""]
    for n, name in enumerate(["本", "南", "東", "西", "北", "城"], start=1)
]


def whys(rows: list[list[str]], head: list[str] = HEAD) -> list[str]:
    """Return what is said of each row."""
    lines = Rows([[cell or None for cell in row] for row in rows], [(name,) for name in head])
    return [lines.why(index) for index in range(len(rows))]


def line(word: str, place: int = 0) -> list[str]:
    return ["" if at != place else word for at in range(len(HEAD))]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (line("以下余白"), "end-or-page"),
        (line("（以下余白）", 1), "end-or-page"),
        (line("- 3 -", 2), "end-or-page"),
        (line("1／12ページ", 5), "end-or-page"),
        (line("P.3", 4), "end-or-page"),
        (line("出典：姫路市統計書"), "about-table"),
        (line("更新日：令和7年4月1日", 1), "about-table"),
        (line("【問い合わせ先】環境課 079-221-0000"), "about-table"),
        (["", "お問い合わせ", "環境部環境課", "079-221-0000", "", ""], "about-table"),
        (line("○：利用できる　×：利用できない"), "about-table"),
        (line("定員は、消防法に定める人数の上限を示しています。"), "about-table"),
        (line("12", 4), "number-alone"),
        (["7", "", "", "", "", ""], "numbered-empty"),
        (line("■中央地区"), "heading"),
        (line("【東部】", 1), "heading"),
        (line("中央地区（12か所）", 1), "heading"),
        (HEAD, "header-again"),
        (["番号", "名称", "所在地", "電話番号", "定員", ""], "header-again"),
    ],
)
def test_a_row_of_this_kind_is_no_record(row: list[str], why: str) -> None:
    assert whys([*RECORDS[:3], row, *RECORDS[3:]]) == ["", "", "", why, "", "", ""]


@pytest.mark.parametrize(
    "row",
    [
        ["7", "資料館", "", "", "", ""],
        ["7", "以上の森公園", "", "", "", ""],
        ["7", "出典の里", "姫路市本町9", "", "", ""],
        ["7", "合計特産品館", "姫路市本町9", "079-222-0099", "5", ""],
        ["7", "中央地区センター", "", "", "", ""],
        ["7", "注連寺", "", "", "", ""],
        ["7", "○△園", "姫路市本町9", "", "", ""],
        ["7", "", "姫路市本町9", "", "", ""],
        ["7", "備考館", "", "", "", "※工事中"],
        ["7", "第3会館", "", "", "", ""],
        ["", "連絡先不明会館", "", "", "", ""],
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_its_twin_is_a_record_and_stays(row: list[str], last: bool) -> None:
    rows = [*RECORDS, row] if last else [*RECORDS, row, ["8", *RECORDS[0][1:]]]
    assert set(whys(rows)) == {""}


def test_what_counts_columns_or_says_their_kinds_stands_right_below_the_header() -> None:
    assert whys([["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], *RECORDS])[0] == "columns-counted"
    assert whys([["数値", "文字列", "文字列", "半角数字", "整数", "任意"], *RECORDS])[0] == "kinds-of-values"
    assert whys([["必須", "必須", "必須", "任意", "", ""], *RECORDS])[0] == "kinds-of-values"
    assert set(whys([*RECORDS, ["1", "2", "3", "4", "5", "6"]])) == {""}


def test_a_form_with_its_constants_filled_in_has_only_its_records() -> None:
    head = ["都道府県名", "市区町村名", "NO", "名称", "住所", "電話番号"]
    filled = [["兵庫県", "姫路市", str(n), f"{n}号館", f"姫路市本町{n}", "079-222-0001"] for n in range(1, 4)]
    empty = [["兵庫県", "姫路市", str(n), "", "", ""] for n in range(4, 9)]
    only_named = [["兵庫県", "姫路市", "9", "別館", "", ""]]
    # The number is not among the first two columns here; what is the same in every row still says nothing of a record.
    assert whys([*filled, *empty, *only_named], head) == ["", "", "", *["numbered-empty"] * 5, ""]


def test_a_line_without_a_number_heads_only_where_no_number_is_missing() -> None:
    section = ["", "城下", "", "", "", ""]
    assert whys([*RECORDS[:3], section, *RECORDS[3:]])[3] == "heading"
    assert set(whys([*RECORDS[:3], section, *RECORDS[4:]])) == {""}


def test_names_of_areas_are_records_where_records_are_areas() -> None:
    head = ["町名", "世帯数", "男", "女"]
    rows = [[f"{name}町", "10", "20", "30"] for name in "本南東西北城"]
    assert set(whys([*rows[:3], ["新町", "", "", ""], *rows[3:]], head)) == {""}


def test_the_rows_are_set_apart_with_their_words(tmp_path: Path) -> None:
    path = tmp_path / "halls.csv"
    rows = [HEAD, line("■中心部"), *RECORDS[:3], ["7", *[""] * 5], line("（以下余白）"), line("12", 3)]
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    made: Prepared = prepare([path], load_schema("public_facility"), folder=tmp_path / "rows")
    assert made.run.frame.columns["名称"] == ["本公民館", "南公民館", "東公民館"]
    assert made.run.frame.height + len(made.run.apart) == made.sources[0].table.row_count


def test_records_with_few_cells_below_a_gap_are_not_taken_for_remarks(read: Callable[..., Any]) -> None:
    wide = ",".join(f"項目{n}" for n in range(12))
    full = "".join(f"{n},第{n}会館,姫路市本町{n},x,x,x,x,x,x,x,x,x,x,x\n" for n in range(1, 6))
    table = read(f"番号,名称,{wide}\n{full}\n6,資料館\n7,注連寺会館\n").table
    assert [row[1] for row in table.iter_rows()][-2:] == ["資料館", "注連寺会館"]
    told = read(f"番号,名称,{wide}\n{full}\n担当,文化課\n").table
    assert told.row_count == 5


def steps(rows: list[list[str]]) -> int:
    """Count the lines that run, also anew in a loop, while every row is told apart."""
    counted = 0

    def count(frame: FrameType, event: str, told: object) -> Any:
        nonlocal counted
        counted += event == "line"
        return count if frame.f_globals["__name__"] == Rows.__module__ else None

    before = sys.gettrace()
    sys.settrace(count)
    try:
        whys(rows)
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.parametrize(
    "sparse",
    [
        lambda n: ["", "お問い合わせ", f"環境部{n}課", "", "", ""],
        lambda n: ["", f"{'※' * n}お問い合わせ", "環境課", "", "", ""],
        lambda n: line(f"第{n}地区", 1),
        lambda n: line(f"館の名{n}", 1),
    ],
    ids=["label", "many-labels", "area", "word"],
)
@pytest.mark.parametrize("mixed", [True, False], ids=["mixed", "below"])
def test_four_times_the_rows_take_four_times_the_steps(sparse: Callable[[int], list[str]], mixed: bool) -> None:
    def table(count: int) -> list[list[str]]:
        records = [[str(n), f"館{n}", f"東町{n}-1", f"079-222-{n:04}", str(n * 10), ""] for n in range(1, count + 1)]
        lines = [sparse(n) for n in range(1, count + 1)]
        return [row for pair in zip(records, lines, strict=True) for row in pair] if mixed else [*records, *lines]

    assert steps(table(200)) < 5 * steps(table(50))
