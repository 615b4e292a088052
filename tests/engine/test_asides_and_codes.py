"""Remarks between records and legends of numbers; a chome that leads the numbers; a day in the header; coarse degrees."""

from __future__ import annotations

from pathlib import Path

import pytest

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
