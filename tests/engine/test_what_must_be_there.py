"""What has to be there is found first: names that an optional field would take, ids beside an empty column, sheets that count everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.recipes.intake import take
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.types import ReadResult
from tdpf.controlplane.preparation.engine.workpieces.offers import offers_for

NAMES = ["本庁舎1階", "東庁舎2階", "塩原公民館", "道の駅湯の香"]


@pytest.fixture
def preparing(tmp_path: Path) -> Callable[[str, str], Prepared]:
    def run(text: str, schema: str) -> Prepared:
        path = tmp_path / "given.csv"
        path.write_text(text, encoding="utf-8")
        return prepare([path], load_schema(schema), folder=tmp_path / "rows")

    return run


def test_the_only_column_that_names_a_thing_is_its_name(preparing: Callable[[str, str], Prepared]) -> None:
    rows = "".join(f"{name},那須塩原市本町{n}-1,36.9{n},139.9{n}\n" for n, name in enumerate(NAMES, 1))
    frame = preparing(f"設置場所,住所,緯度,経度\n{rows}", "public_wireless_lan").run.frame
    assert frame.columns["名称"] == NAMES
    rows = "".join(f"{name},1階,那須塩原市本町{n}-1\n" for n, name in enumerate(NAMES, 1))
    frame = preparing(f"施設名,設置場所,住所\n{rows}", "public_wireless_lan").run.frame
    assert (frame.columns["名称"], frame.columns["提供エリア"]) == (NAMES, ["1階"] * 4)


def test_a_name_by_an_unknown_word_is_taken_and_a_persons_is_not(preparing: Callable[[str, str], Prepared]) -> None:
    rows = "".join(f"{name},宇部市本町{n}-1,名物のラーメンです\n" for n, name in enumerate(NAMES, 1))
    assert preparing(f"酒蔵名,住所,紹介\n{rows}", "tourism").run.frame.columns["名称"] == NAMES
    persons = ["山田太郎", "佐藤花子", "鈴木一郎", "高橋美咲"]
    rows = "".join(f"{name},宇部市本町{n}-1,紹介\n" for n, name in enumerate(persons, 1))
    assert not any(preparing(f"作者氏名,住所,紹介\n{rows}", "tourism").run.frame.columns["名称"])


def test_an_empty_column_leaves_its_field_to_one_with_values(preparing: Callable[[str, str], Prepared]) -> None:
    rows = "".join(f",point{n:03},{name},宇部市本町{n}-1,よいところ\n" for n, name in enumerate(NAMES, 1))
    frame = preparing(f"地物_ID,地点_ID,名称,住所,説明\n{rows}", "tourism").run.frame
    assert frame.columns["ID"] == ["point001", "point002", "point003", "point004"]


def test_one_odd_value_of_a_few_costs_itself_only(preparing: Callable[[str, str], Prepared]) -> None:
    kana = ["ホンチョウシャ", "ヒガシチョウシャ", "塩原"]
    rows = "".join(f"{name},{sound},宇部市本町1-1,よい\n" for name, sound in zip(NAMES, kana, strict=False))
    frame = preparing(f"観光_名称,観光_名称（カナ）,住所,説明\n{rows}", "tourism").run.frame
    assert frame.columns["名称_カナ"][:2] == kana[:2]


def test_a_day_in_the_sheets_name_fills_an_empty_column(workbook: Callable[..., Path], tmp_path: Path) -> None:
    head = ["調査年月日", "地域名", "総人口", "男性", "女性"]
    rows = [head, *([None, f"{name}町", n * 10 + 20, n * 5 + 10, n * 5 + 10] for n, name in enumerate("本南東", 1))]
    path = workbook({"令和5年6月30日時点": rows})
    made = prepare([path], load_schema("population"), folder=tmp_path / "rows")
    assert made.run.frame.columns["調査年月日"] == ["2023-06-30"] * 3


def test_a_sheet_that_counts_everybody_is_taken_alone(workbook: Callable[..., Path], tmp_path: Path) -> None:
    def sheet(more: int) -> list[list[Any]]:
        rows = [[f"{name}区", 10 + n, 20 + n + more, 20 + n, 40 + 2 * n + more] for n, name in enumerate("本南東西", 1)]
        return [["行政区", "世帯数", "男", "女", "計"], *rows]

    schema = load_schema("population")
    path = workbook({"集計表（日本人＋外国人）": sheet(1), "集計表（日本人）": sheet(0)})
    (taken,) = take(path, schema, folder=tmp_path, first_id=1).tables
    assert taken.table.sheet == "集計表（日本人＋外国人）"


def test_a_list_of_words_in_json_says_yes_to_each(tmp_path: Path) -> None:
    path = tmp_path / "shelters.json"
    words = [["洪水", "津波"], ["津波"], [], ["洪水", "土砂災害"]]
    rows = [{"name": f"第{n}集会所", "address": f"鳴門市撫養町{n}-1", "kinds": said} for n, said in enumerate(words, 1)]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    frame = prepare([path], load_schema("evacuation_space"), folder=tmp_path / "rows").run.frame
    assert frame.columns["災害種別_洪水"] == ["1", None, None, "1"]
    assert frame.columns["災害種別_津波"] == ["1", "1", None, None]


def test_japanese_words_in_latin_letters_name_their_fields(preparing: Callable[[str, str], Prepared]) -> None:
    rows = "".join(f"{name},静岡市葵区{n},34.97{n},138.38{n}\n" for n, name in enumerate(NAMES, 1))
    frame = preparing(f"namae,jusho,ido,keido\n{rows}", "public_toilet").run.frame
    assert (frame.columns["名称"][0], frame.columns["緯度"][0], frame.columns["経度"][0]) == (
        NAMES[0],
        "34.971",
        "138.381",
    )


def test_places_for_children_by_age_are_no_residents(workbook: Callable[..., Path], tmp_path: Path) -> None:
    head = ["施設名", "住所", "電話番号", *(f"募集人数（{age}歳）" for age in range(6))]
    rows = [[f"{name}保育園", f"浜松市{name}町1-1", "053-000-0000", *range(6)] for name in "本南東西北"]
    table = read_file(workbook({"一覧": [head, *rows]}), "made.xlsx").table
    result = ReadResult(name="made.xlsx", format="xlsx", tables=(table,))
    offers = offers_for([SourceTable(id="t1", file="made.xlsx", sha256="", result=result, table=table)])
    assert offers[0].name == "preschool"
    assert "population" not in [offer.name for offer in offers]
