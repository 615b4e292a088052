"""Remarks between records and legends of numbers; a chome that leads the numbers; a day in the header; coarse degrees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.recipes.document import from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema


def prepared(folder: Path, text: str, schema: str) -> Prepared:
    path = folder / "given.csv"
    path.write_text(text, encoding="utf-8")
    return prepare([path], load_schema(schema), folder=folder / "rows")


def test_a_remark_between_records_is_none_and_a_legend_says_what_numbers_mean(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "名称,所在地,洪水,地震,備考\n凡例：1=指定 2=指定なし 9=不明,,,,\n甲小,板橋区板橋1-1,1,2,\n"
        "※以下は民間施設です,,,,\n★星の館,板橋区板橋1-2,2,1,\n乙館,板橋区板橋1-3,9,1,※要予約です\n",
        "evacuation_space",
    )
    columns = made.run.frame.columns
    assert columns["名称"] == ["甲小", "★星の館", "乙館"]
    assert columns["災害種別_洪水"] == ["1", None, None]
    assert columns["災害種別_地震"] == [None, "1", "1"]
    assert {event.source_row for event in made.run.events if event.rule == "code.legend"} == {3, 5, 6}
    (told,) = [note for source in made.sources for note in source.table.notes if note.code == "remarks-within"]
    assert told.text == "凡例：1=指定 2=指定なし 9=不明\n※以下は民間施設です"


def test_numbers_that_a_legend_leaves_out_are_not_read_by_it(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "凡例：1=有 2=無,,,\n名称,所在地,洪水,地震\n甲小,板橋区板橋1-1,1,2\n乙小,板橋区板橋1-2,3,1\n",
        "evacuation_space",
    )
    assert made.run.frame.columns["災害種別_洪水"] == ["1", None]
    assert [event.reason for event in made.run.events if event.column == "災害種別_洪水"] == ["not-a-flag"]
    assert made.run.frame.columns["災害種別_地震"] == [None, "1"]


def test_a_chome_that_leads_the_numbers_belongs_to_its_town(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "トイレ名,市区町村,町名,丁目番地,設置位置\n甲公園,足立区,千住,1-2-3,北\n乙公園,足立区,〃,二丁目4番,南\n",
        "public_toilet",
    )
    columns = made.run.frame.columns
    assert (columns["所在地_町字"], columns["所在地_番地以下"]) == (["千住", "千住二丁目"], ["1-2-3", "4番"])
    assert columns["所在地_連結表記"][1] == "東京都足立区千住二丁目4番"


def test_the_day_of_counting_in_a_label_is_the_tables(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "令和6年1月1日現在,世帯数,人口,,\n,,総数,男,女\n本町,120,250,120,130\n緑町,30,61,31,30\n原町,30,61,31,30\n",
        "population",
    )
    assert made.run.frame.columns["調査年月日"] == ["2024-01-01"] * 3


def test_the_day_above_one_of_two_blocks_is_that_of_both(tmp_path: Path) -> None:
    label = "町名,世帯数,男,女,,町名,世帯数,男,女"
    made = prepared(
        tmp_path,
        f"甲市の人口,,,,,令和6年3月31日,,,\n{label}\n本町,10,12,13,,緑町,11,14,15\n原町,20,22,23,,東町,21,24,25\n",
        "population",
    )
    assert made.run.frame.columns["調査年月日"] == ["2024-03-31"] * 4


@pytest.mark.parametrize(
    ("written", "expected", "reasons"),
    [
        ("北緯35度39分 東経139度19分", ("35.65", "139.3166667"), ["minutes-only"] * 2),
        ("35度39.5分、139度19.25分", ("35.6583333", "139.3208333"), []),
    ],
)
def test_degrees_and_minutes_in_one_cell_are_read_and_whole_minutes_doubted(
    tmp_path: Path, written: str, expected: tuple[str, str], reasons: list[str]
) -> None:
    made = prepared(tmp_path, f"名称,住所,設置場所,緯度経度\n甲,八王子市八木町1-1,1階,{written}\n", "aed")
    assert (made.run.frame.columns["緯度"][0], made.run.frame.columns["経度"][0]) == expected
    assert [event.reason for event in made.run.events if event.reason == "minutes-only"] == reasons


@pytest.mark.parametrize(
    ("sheet", "title"), [("様式", ["記入例"]), ("別紙", ["公衆トイレ台帳"], ), ("様式2", ["公衆トイレ台帳"])]
)  # fmt: skip
def test_a_sheet_titled_as_an_example_is_not_ingested(
    workbook: Callable[..., Path], tmp_path: Path, sheet: str, title: list[str]
) -> None:
    head, example = ["施設名", "設置位置", "所在地"], ["○○公園", "入口", "福生市○○1-1"]
    path = workbook({"一覧": [head, ["西口トイレ", "広場", "福生市本町78"]], sheet: [title, head, example]})
    made = prepare([path], load_schema("public_toilet"), folder=tmp_path / "rows")
    expected = ["西口トイレ"] if sheet.startswith("様式") else ["西口トイレ", "○○公園"]
    assert made.run.frame.columns["名称"] == expected


def test_counts_of_several_areas_side_by_side_are_a_row_for_each(tmp_path: Path) -> None:
    bands = [f"{low}～{low + 4}歳" for low in range(0, 85, 5)] + ["85歳以上"]
    lines = ["年齢,市全体,,,青葉町,,,緑町,,", ",計,男,女,計,男,女,計,男,女", "総数,540,252,288,360,162,198,180,90,90"]
    lines += [f"{band},30,14,16,20,9,11,10,5,5" for band in bands]
    made = prepared(tmp_path, "\n".join(lines) + "\n", "population")
    columns = made.run.frame.columns
    assert columns["地域名"] == ["青葉町", "緑町"]
    assert (columns["総人口"], columns["5-9歳の男性"]) == (["360", "180"], ["9", "5"])
    assert from_yaml(to_yaml(made.recipe)) == made.recipe


def test_a_chome_below_a_sign_for_the_town_above_is_written_out(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "町丁名,世帯数,総数,男,女\n本町一丁目,10,20,9,11\n〃　二丁目,10,20,9,11\n〃 3丁目,5,8,4,4\n〃南,5,8,4,4\n",
        "population",
    )
    assert made.run.frame.columns["地域名"] == ["本町一丁目", "本町二丁目", "本町3丁目", "〃南"]
    doubted = [event.row for event in made.run.events if event.column == "地域名" and event.severity == "warning"]
    assert doubted == [4]


def test_an_example_below_the_header_and_the_subtotal_of_one_row_are_no_records(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "地区,トイレ名,所在地,男性トイレ数（小便器）,車椅子\n（例）中部,○○公園,○○市○○町1-1,1,○\n北部,甲公園,小平市天神町1-1,1,○\n"
        ",乙公園,小平市天神町2-2,2,×\n北部小計,2か所,,3,1\n南部,丙公園,小平市花小金井1-1,1,○\n南部　小計,1か所,,1,1\n総合計,3か所,,4,2\n",
        "public_toilet",
    )
    assert made.run.frame.columns["名称"] == ["甲公園", "乙公園", "丙公園"]
    assert [note.code for note in made.sources[0].table.notes if note.code == "example-row"] == ["example-row"]


@pytest.mark.parametrize("line", ["計 2か所", "施設数　2", "総数2施設"])
def test_a_line_that_counts_the_records_is_none(tmp_path: Path, line: str) -> None:
    made = prepared(
        tmp_path,
        f"名称,所在地,男性トイレ数（小便器）,車椅子\n甲公園,小平市天神町1-1,1,○\n乙公園,小平市天神町2-2,2,×\n{line},,,\n",
        "public_toilet",
    )
    assert made.run.frame.columns["名称"] == ["甲公園", "乙公園"]


def test_short_departments_and_hours_in_two_columns_of_a_clinic_are_read(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "名称,所在地,電話,科目,午前,午後\n東医院,羽村市緑ヶ丘5-2-3,042-555-0001,内・外・整,9:00～12:00,15:00～18:30\n"
        "西病院,羽村市羽4207,042-570-1130,皮膚科、小,9時～12時,13時30分～17時\n",
        "hospital",
    )
    columns = made.run.frame.columns
    assert columns["診療科目"] == ["内科;外科;整形外科", "皮膚科;小児科"]
    assert (columns["診療開始時間"], columns["診療終了時間"]) == (["09:00"] * 2, ["18:30", "17:00"])


def test_a_time_right_behind_the_day_of_the_week_is_read(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "行事名,日時,会場,会場住所\n春の会,2026年4月12日（日）9時30分～正午,甲館,稲城市百村1\n夏の会,2026年8月1日（土）,甲館,稲城市百村1\n",
        "event",
    )
    columns = made.run.frame.columns
    assert (columns["開始日"][0], columns["終了日"][0]) == ("2026-04-12", "2026-04-12")
    assert (columns["開始時間"], columns["終了時間"]) == (["09:30", None], ["12:00", None])


def test_the_extension_behind_a_number_without_area_code_is_kept(tmp_path: Path) -> None:
    made = prepared(tmp_path, "名称,所在地,電話番号\n甲館,北区赤羽南1-13-1,3901-8121（内線 25）\n", "public_facility")
    assert (made.run.frame.columns["電話番号"], made.run.frame.columns["内線番号"]) == (["3901-8121"], ["25"])
