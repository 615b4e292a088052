"""Areas from codes, addresses of vocabularies and names; names that several places share are never guessed."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from tdpf.controlplane.catalog.enriching.areas import area_code, names_in, read_areas
from tdpf.controlplane.catalog.vocabularies.areas import area_label, areas, is_ward, prefecture_of


def found(
    *spatial: str, title: str = "", description: str = "", publisher: str = "", area: str = ""
) -> tuple[str, ...]:
    return read_areas(spatial, title=title, description=description, publisher=publisher, publisher_area=area).value


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("13104", "131041"), ("131041", "131041"), ("１３１０４", "131041"), ("13104.0", "131041"), ("1100", "011002"),
        ("011002", "011002"), ("13", "130001"), ("130001", "130001"), ("131042", ""), ("13999", ""), ("999999", ""), ("", ""),
        ("abc", ""), ("1234567", ""), ("22131", ""), ("221317", "221317"),
    ],
)  # fmt: skip
def test_codes_are_repaired_only_where_it_is_certain(stated: str, code: str) -> None:
    assert area_code(stated) == code


def test_a_lost_zero_is_told_from_a_missing_check_digit_by_the_prefecture() -> None:
    assert area_code("12025") == "012025"
    both = [
        code for code in areas() if code.startswith("0") and code[1:6] + "x" and code[1:] in {c[:5] for c in areas()}
    ]
    for code in both[:50]:
        other = next(c for c in areas() if c[:5] == code[1:])
        if prefecture_of(other) != prefecture_of(code):
            assert area_code(code[1:]) == ""
            assert area_code(code[1:], prefecture_of(code)) == code
            assert area_code(code[1:], prefecture_of(other)) == other


@pytest.mark.parametrize(
    ("spatial", "codes"),
    [
        ("http://data.e-stat.go.jp/lod/sac/C13104-19700401", ("131041",)),
        ("https://www.geonames.org/1850144", ("130001",)),
        ("http://publications.europa.eu/resource/authority/country/JPN", ()),
        ("東京都", ("130001",)), ("東京", ("130001",)), ("神奈川", ("140007",)), ("新宿", ("131041",)),
        ("東京都新宿区西新宿2-8-1", ("131041",)), ("13101, 13102", ("131016", "131024")), ("全国", ()), ("日本", ()), ("どこか", ()),
        ('{"type":"Polygon","coordinates":[]}', ()),
    ],
)  # fmt: skip
def test_what_is_stated_of_space(spatial: str, codes: tuple[str, ...]) -> None:
    assert found(spatial) == codes


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("東京都港区の避難所", ("131032",)), ("名古屋市港区の避難所", ("231118",)), ("港区の避難所", ()), ("府中市 公園一覧", ()),
        ("大阪市北区・西区", ("271276", "271063")), ("北区（東京都）の人口", ("131172",)), ("岡山市北区", ("331015",)),
        ("【長門市】観光施設・観光ポイント一覧", ("352110",)), ("青森市場統計", ()), ("府中市場外車券場", ()), ("国際空港区域図", ()),
        ("高松市松島町の地価", ("372013",)), ("多摩市町村一覧", ()), ("都区市町村別人口", ()), ("関西区間の路線", ()), ("四日市市の議会", ("242021",)),
        ("東村山市の公園", ("132136",)), ("千代田区長の日程", ("131016",)), ("上福岡市の資料", ()), ("龍ヶ崎市・竜ケ崎市", ("082082",)),
        ("北海道松前郡福島町", ("013323",)), ("令和6年度札幌市決算", ("011002",)), ("東京都の人口と新宿区の人口", ("131041",)),
    ],
)  # fmt: skip
def test_names_in_titles(title: str, codes: tuple[str, ...]) -> None:
    assert found(title=title) == codes


def test_the_publisher_or_the_site_tells_which_place_is_meant() -> None:
    assert found(title="府中市の公園", area="130001") == ("132063",)
    assert found(title="府中市の公園", publisher="広島県") == ("342084",)
    assert found(title="中央区の人口", publisher="札幌市") == ("011011",)
    assert found(title="港区の学校", publisher="港区", area="131032") == ("131032",)
    assert found(title="公園一覧", publisher="府中市") == ()
    assert found(title="公園一覧", publisher="港区") == ("131032",)
    assert found(title="公園一覧", publisher="北区役所 公園課") == ("131172",)
    assert found(title="公園一覧", publisher="港区", area="271004") == ("271071",)
    assert found(title="港区の公園", publisher="名古屋市緑政土木局") == ("231118",)
    assert found(title="交番一覧", publisher="警視庁") == ("130001",)
    assert found(title="公園一覧", publisher="府中市", area="340006") == ("342084",)


def test_a_municipality_speaking_of_other_places_stays_where_it_is() -> None:
    assert found(title="姉妹都市 長野県高山村との交流", publisher="新宿区") == ("131041",)
    assert found(title="東京都知事選挙 投票結果", publisher="新宿区") == ("131041",)
    assert found(title="新宿区の保育所", publisher="東京都福祉局") == ("131041",)
    assert found(title="保育所一覧", publisher="東京都福祉局") == ("130001",)
    assert found(title="全国の空港", publisher="国土交通省") == ()


@pytest.mark.parametrize(
    ("publisher", "codes"),
    [
        ("Shinjuku City", ("131041",)), ("Chiyoda-ku", ("131016",)), ("City of Yokohama", ("141003",)),
        ("Tokyo Metropolitan Government", ("130001",)), ("Kanagawa Prefecture", ("140007",)), ("Fuchu City", ()),
        ("Ministry of the Environment", ()), ("Sapporo-shi", ("011002",)),
    ],
)  # fmt: skip
def test_latin_names(publisher: str, codes: tuple[str, ...]) -> None:
    assert found(publisher=publisher) == codes


def test_the_only_prefecture_of_the_text_tells_which_namesake_publishes() -> None:
    """Two cities are called Date."""
    told = read_areas((), title="避難所一覧", description="北海道の市です", publisher="伊達市", publisher_area="")
    assert (told.value, told.method) == (("012335",), "publisher")
    assert read_areas((), title="避難所一覧", description="", publisher="伊達市", publisher_area="").value == ()


def test_a_name_left_open_is_noted_with_the_choices() -> None:
    notes = read_areas((), title="府中市の公園", description="", publisher="", publisher_area="").notes
    assert [(note.field, note.stated) for note in notes] == [("area_codes", "府中市")]
    assert "東京都" in notes[0].reason.ja
    assert "広島県" in notes[0].reason.ja


def test_every_area_is_found_with_what_it_lies_in_and_never_wrongly_without() -> None:
    for code, area in areas().items():
        if (code.startswith("0169") and code >= "016951") or code == "017001":
            continue
        parent = areas().get(area.parent)
        name = (parent.label.ja if parent else "") + area.label.ja
        if parent and is_ward(code):
            name = areas()[parent.parent].label.ja + name
        assert found(publisher=name) == (code,), name
        assert found(title=f"{name}の施設一覧") == (code,), name
        alone = found(title=f"{area.label.ja} 施設一覧")
        assert alone in ((), (code,)), area


def test_names_come_in_order() -> None:
    assert [entry.name for entry in names_in("東京都西多摩郡瑞穂町と埼玉県入間市")] == [
        "東京都",
        "瑞穂町",
        "埼玉県",
        "入間市",
    ]


def test_bodies_of_the_national_questionnaire(corpus: Path) -> None:
    file = corpus / "catalog" / "digital_agency_20250210_resources_data_questionnaire_outline_04.csv"
    with file.open(encoding="utf-8-sig") as stream:
        rows = [(row["地方公共団体コード6桁"].zfill(6), row["地方公共団体名"]) for row in csv.DictReader(stream)]
    assert len(rows) == 1788
    assert [row for row in rows if found(publisher=row[1]) != (row[0],)] == []


def test_titles_of_a_prefectures_catalogue(corpus: Path) -> None:
    text = (corpus / "catalog" / "yamaguchi_ckan_summary_20250611.json").read_text(encoding="utf-8")
    titles = [entry.get("title", "") for part in json.loads(text).values() if isinstance(part, list) for entry in part]
    named = [(title, match[1]) for title in titles if (match := re.match(r"【(.+?)】", title))]
    assert len(named) >= 80
    for title, name in named:
        codes = found(title=title, area="350001")
        assert [area_label(code).ja for code in codes] == [name], title
