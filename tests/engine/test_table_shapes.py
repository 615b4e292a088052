"""Where the header is and where tables end, in the shapes that municipal sheets have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.rating.rate import rate_path

TOWNS = [f"{name}丁目,{n * 21},{n * 10},{n * 11},{n * 9}" for n, name in enumerate("一二三四五六七八九", 1)]
HALLS = [f"第{n}会館,桜{n}丁目,{n * 20}" for n in range(1, 9)]
SHAPES: list[tuple[str, list[str], list[tuple[str, tuple[int, ...]]]]] = [
    (
        "a day and a unit in two corners above",
        ["町丁別人口,,,,", "令和6年4月1日現在,,,,単位：人", "町丁,人口,,,世帯数", ",総数,男,女,", *TOWNS],
        [("A3:E13", (3, 4))],
    ),
    (
        "the same, a blank row below",
        ["一覧,,", "（令和6年4月1日現在）,,単位：人", ",,", "名称,所在地,定員", *HALLS],
        [("A4:C12", (4,))],
    ),
    (
        "one word above some labels",
        [",,人口,,", "番号,町名,総数,男,女", *(f"{n},東{n}町,21,10,11" for n in range(1, 7))],
        [("A1:E8", (1, 2))],
    ),
    (
        "no header, only words",
        [f"第{n}会館,東京都世田谷区桜{n}丁目1番,03-1234-567{n}" for n in range(1, 8)],
        [("A1:C7", ())],
    ),
    (
        "a narrower table below, without a title",
        ["団体コード,名称,定員", *(f"131121,会館{n},{n}" for n in range(1, 6)), "", "種別,件数", "集会所,3", "図書館,4"],
        [("A1:C6", (1,)), ("A8:B10", (8,))],
    ),
    (
        "a table beside, with an end of its own",
        ["名称,所在地,定員,,,区分,件数,備考", *(f"{hall},,,{f'区分{n},{n},備考{n}' if n < 6 else ',,'}" for n, hall in enumerate(HALLS))],
        [("A1:C9", (1,)), ("F1:H7", (1,))],
    ),
    (
        "the same labels beside, with one row only",
        ["施設一覧,,,,,,", "名称,所在地,定員,,名称,所在地,定員", f"{HALLS[0]},,{HALLS[4]}", *(f"{hall},,,," for hall in HALLS[1:4])],
        [("A2:C6", (2,)), ("E2:G3", (2,))],
    ),
    (
        "years for labels",
        ["区分,2019,2020,2021", *(f"{name}地区,{n},{n + 1},{n + 2}" for n, name in enumerate("東西南北", 5))],
        [("A1:D5", (1,))],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "tables"), [shape[1:] for shape in SHAPES], ids=[shape[0] for shape in SHAPES])
def test_tables_are_found_as_a_person_sees_them(
    tmp_path: Path, lines: list[str], tables: list[tuple[str, tuple[int, ...]]]
) -> None:
    path = tmp_path / "made.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [(found.range, found.header_rows) for found in rate_path(path).tables] == tables


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("団体コード,名称,定員\n" + "".join(f"131121,会館{n},１{n}\n" for n in range(1, 8)), "L2-01"),
        ('団体コード,名称,説明\n131121,"北会館,広い\n131121,南会館,"狭い"\n131121,東会館,並\n', "L1-15"),
    ],
    ids=["full-width digits", "a quotation mark that closes in mid-air"],
)
def test_what_programs_cannot_read_is_a_failure(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "made.csv"
    path.write_text(text, encoding="utf-8")
    assert next(found for found in rate_path(path).rules if found.id == rule).verdict == "fail"
