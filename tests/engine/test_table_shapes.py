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
        "the same words under two groups",
        ["No.,対象児,,保護者,", ",氏名,ふりがな,氏名,携帯", *(f"{n},山田花{n},やまだはな,山田太郎,090-1234-567{n}" for n in range(1, 8))],
        [("A1:E9", (1, 2))],
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
        "a table beside that counts its own years, one blank column between",
        ["施設番号,名称,定員,,年度,待機児童数,入所率", *(f"{n:03},{n}園,{n * 20},,{2015 + n},{90 - n},{80 + n}" for n in range(1, 9))],
        [("A1:C9", (1,)), ("E1:G9", (1,))],
    ),
    (
        "a shorter table beside, one blank column between",
        ["施設番号,名称,定員,,年度,款名,予算額", *(f"{n:03},{n}園,{n * 20},,{f'2024,{n}費,{n}00' if n < 5 else ',,'}" for n in range(1, 9))],
        [("A1:C9", (1,)), ("E1:G5", (1,))],
    ),
    (
        "one table with a blank column in it",
        ["施設番号,名称,所在地,,開園年,定員,面積", *(f"{n:03},{n}園,港区芝{n},,{1990 + n * 3},{n * 20},{n * 31}" for n in range(1, 9))],
        [("A1:G9", (1,))],
    ),
    (
        "one table with a blank column before numbers that go up",
        ["施設番号,名称,所在地,,管理番号,課名,内線", *(f"{n:03},{n}園,港区芝{n},,{n * 3},課{n % 3},{2000 + n}" for n in range(1, 9))],
        [("A1:G9", (1,))],
    ),
    (
        "another table right below, no blank row between",
        ["施設番号,名称,緯度,経度,定員", *(f"{n:03},{n}園,35.6{n},139.7{n},{n * 20}" for n in range(1, 6)), "年度,会計,款名,予算額,", *(f"2024,一般会計,{n}費,{n}00," for n in range(1, 7))],
        [("A1:E6", (1,)), ("A7:D13", (7,))],
    ),
    (
        "words for what is not known in a row of numbers",
        ["施設番号,名称,児童数,職員数,面積", *(f"{n:03},{n}園,{n * 20},{n},{n * 9}" for n in range(1, 5)), "休園,五園,未定,調査中,非公表", *(f"{n:03},{n}園,{n * 20},{n},{n * 9}" for n in range(6, 10))],
        [("A1:E10", (1,))],
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
