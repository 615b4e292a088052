"""The one column that must be the name of a list's rows, filled columns before empty ones, days and sheets that say what they count."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

from tdpf.controlplane.preparation.engine.recipes.intake import take
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema


def _accepted(text: str, schema: str, folder: Path) -> dict[str, str]:
    path = folder / "一覧.csv"
    path.write_text(text, encoding="utf-8")
    made = prepare([path], load_schema(schema), folder=folder / "rows")
    assert made.proposal is not None
    return dict(made.proposal.mappings["t1"].accepted)


def test_a_name_that_no_table_of_words_knows_is_the_name_where_none_else_can_be(tmp_path: Path) -> None:
    text = (
        "窯元名,代表者名,住所,電話番号\n青山窯,山田太郎,東京都中野区中央2-1-1,03-0000-1111\n"
        "白川窯,佐藤花子,東京都中野区本町3-2-1,03-0000-1112\n赤土窯,鈴木一郎,東京都中野区江古田4-3-1,03-0000-1113\n"
    )
    found = _accepted(text, "tourism", tmp_path)
    assert found["窯元名"] == "名称"
    assert found.get("代表者名") != "名称"


def test_a_place_of_setting_up_is_the_name_only_where_there_is_none(tmp_path: Path) -> None:
    rows = (("本庁舎1階", "中央2-1-1"), ("東図書館", "本町3-2-1"), ("南公民館2階", "江古田4-3-1"))
    alone = "設置場所,住所\n" + "".join(f"{place},東京都中野区{block}\n" for place, block in rows)
    assert _accepted(alone, "public_wireless_lan", tmp_path)["設置場所"] == "名称"
    beside = "名称,設置場所,住所\n" + "".join(
        f"CITY_{at},{row[0]},東京都中野区{row[1]}\n" for at, row in enumerate(rows)
    )
    found = _accepted(beside, "public_wireless_lan", tmp_path / ".")
    assert found["名称"] == "名称"
    assert found.get("設置場所") != "名称"


def test_of_two_columns_of_one_name_the_filled_one_is_taken(tmp_path: Path) -> None:
    text = (
        "地物_ID,観光ポイント_ID,観光ポイント_名称,観光ポイント_住所\n,view001,展望台,東京都中野区中央2-1-1\n"
        ",view002,大けやき,東京都中野区本町3-2-1\n,view003,水車小屋,東京都中野区江古田4-3-1\n"
    )
    found = _accepted(text, "tourism", tmp_path)
    assert found["観光ポイント_ID"] == "ID"
    assert "地物_ID" not in found


def _counted(path: Path, sheets: dict[str, str], day: str = "") -> None:
    book = Workbook()
    del book["Sheet"]
    for name, factor in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(["調査年月日", "行政区", "世帯数", "男", "女", "計"])
        for at, area in enumerate(("東町", "西町", "南町", "北町"), 1):
            men, women = 10 * at * int(factor), 11 * at * int(factor)
            sheet.append([day or None, area, 9 * at, men, women, men + women])
    book.save(path)


def test_who_counts_some_of_those_that_another_sheet_counts_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "人口.xlsx"
    _counted(path, {"人口（日本人＋外国人）": "2", "人口（日本人）": "1"})
    taken = take(path, load_schema("population"), folder=tmp_path / "rows", first_id=1)
    assert [table.table.sheet for table in taken.tables] == ["人口（日本人＋外国人）"]
    _counted(path, {"東地区": "2", "西地区": "1"})
    taken = take(path, load_schema("population"), folder=tmp_path / "again", first_id=1)
    assert [table.table.sheet for table in taken.tables] == ["東地区", "西地区"]


def test_an_empty_column_of_the_day_takes_it_from_the_sheets_name(tmp_path: Path) -> None:
    path = tmp_path / "人口.xlsx"
    _counted(path, {"令和5年6月30日時点": "1"})
    made = prepare([path], load_schema("population"), folder=tmp_path / "rows")
    at = made.run.columns.index("調査年月日")
    assert {row[at] for row in made.run.rows()} == {"2023-06-30"}
