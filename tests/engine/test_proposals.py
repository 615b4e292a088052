"""What is proposed about a table: dictionary, titles, areas, period, themes, place columns, keys."""

from __future__ import annotations

from datetime import date

import pytest
from engine_files import Read

from tdpf.controlplane.preparation.engine.dictionary import propose_dictionary
from tdpf.controlplane.preparation.engine.eras import find_dates, find_year
from tdpf.controlplane.preparation.engine.places import areas_in, tokyo
from tdpf.controlplane.preparation.engine.proposals import find_located, propose_keys, propose_metadata
from tdpf.kit.codes import is_municipality_code

TOILETS = (
    "全国地方公共団体コード,ID,名称,緯度,経度,バリアフリートイレ数,オストメイト設置トイレ有無,面積（㎡）\n"
    + "".join(
        f"131041,{n:04},公衆トイレ{n},35.69{n:02},139.70{n:02},{n % 3},{'有' if n % 2 else '無'},{n}.5\n"
        for n in range(30)
    )
)


def test_a_dictionary_is_proposed(read: Read) -> None:
    entries = {entry["name"]: entry for entry in propose_dictionary(read(TOILETS).table)}
    assert entries["全国地方公共団体コード"]["title_en"] == "Local government code"
    assert entries["緯度"]["unit"] == "度"
    assert entries["面積（㎡）"]["unit"] == "㎡"
    assert entries["オストメイト設置トイレ有無"]["codes"] == {"有": "ある", "無": "ない"}
    assert entries["オストメイト設置トイレ有無"]["type"] == "code"
    assert entries["名称"]["codes"] == {}
    assert all(entry["description"] == "" for entry in entries.values())


def test_a_stated_unit_goes_to_the_numbers(read: Read) -> None:
    table = read(
        "予算,,\n,,（単位：千円）\n科目,令和5年度,令和6年度\n総務費,100,200\n民生費,300,400\n教育費,50,60\n"
    ).table
    assert [entry["unit"] for entry in propose_dictionary(table)] == ["", "千円", "千円"]


def test_metadata_is_proposed_with_reasons(read: Read) -> None:
    proposed = propose_metadata(read(TOILETS, "131041_public_toilet_20240401.csv"), "131041_public_toilet_20240401.csv")
    assert proposed["area_codes"] == ["131041"]
    assert proposed["located"] == {"latitude": "緯度", "longitude": "経度"}
    assert proposed["key_columns"] == ["ID"]
    assert proposed["period_start"] == "2024-04-01"
    assert proposed["languages"] == ["ja"]
    assert proposed["title_en"] == "Public toilets"
    assert "land" in proposed["themes"]
    assert proposed["reasons"]["area_codes"]["ja"]


def test_title_and_period_come_from_above_the_table(read: Read) -> None:
    text = "新宿区の世帯と人口,,\n令和6年4月1日現在,,\n町丁名,世帯数,人口\n四谷１丁目,244,480\n四谷２丁目,274,460\n四谷３丁目,283,443\n"
    proposed = propose_metadata(read(text), "data.csv")
    assert proposed["title_ja"] == "新宿区の世帯と人口"
    assert proposed["period_start"] == "2024-04-01"
    assert proposed["area_codes"] == ["131041"]
    assert proposed["themes"][0] == "population"


def test_exchanged_coordinates_are_seen(read: Read) -> None:
    table = read("名称,緯度,経度\nA,139.70,35.6\nB,139.71,35.7\n").table
    assert find_located(table) == (None, True)


def test_a_key_is_proposed_only_when_it_is_unique(read: Read) -> None:
    assert propose_keys(read("ID,名称\n1,A\n1,A\n2,B\n").table) == []
    assert propose_keys(read("ID,名称\n1,A\n2,A\n3,B\n").table) == ["ID"]
    pairs = "団体コード,NO,名称\n131016,1,A\n131016,2,A\n131024,1,A\n131024,2,A\n"
    assert propose_keys(read(pairs).table) == ["団体コード", "NO"]
    assert propose_keys(read("団体コード,NO,名称\n131016,1,A\n131016,1,B\n131016,2,A\n").table) == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("令和4年1月1日現在", [date(2022, 1, 1)]),
        ("令和元年5月1日", [date(2019, 5, 1)]),
        ("R02.07.21", [date(2020, 7, 21)]),
        ("平成３１年４月３０日", [date(2019, 4, 30)]),
        ("population_20190930", [date(2019, 9, 30)]),
        ("2024年2月", [date(2024, 2, 1)]),
        ("人口（男）　令和6年（2024年）4月1日現在", [date(2024, 4, 1)]),
        ("2024(令和6)年3月末現在", [date(2024, 3, 31)]),
        ("令和六年四月一日", [date(2024, 4, 1)]),
        ("令和6年2月30日", []),
        ("第10101-20204", []),
    ],
)
def test_dates_are_read_in_both_calendars(text: str, days: list[date]) -> None:
    assert find_dates(text) == days


def test_a_fiscal_year_is_an_interval() -> None:
    assert find_year("令和6年度予算") == (date(2024, 4, 1), date(2025, 3, 31))
    assert find_year("2023年の統計") == (date(2023, 1, 1), date(2023, 12, 31))


def test_areas_by_name_are_right_codes() -> None:
    assert len(tokyo()) == 62
    assert all(is_municipality_code(code) for code in tokyo().values())
    assert tokyo()["八王子市"] == "132012"
    assert areas_in("東京都港区") == ["131032"]
    assert areas_in("名古屋市港区") == []
    assert areas_in("広島県の人口") == ["340006"]
