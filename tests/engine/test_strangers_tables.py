"""Kinds of tables that strangers found unread: one column of two facts, items down one side under terms, names said twice, coded lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema


def rows_of(folder: Path, name: str, text: str, schema: str) -> list[Mapping[str, str | None]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    standard = load_schema(schema)
    return [
        dict(zip(standard.names, row, strict=True))
        for row in prepare([path], standard, folder=folder / "rows").run.rows()
    ]


def test_a_column_of_marks_fills_every_field_that_its_name_lists(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "避難所.csv",
        "名称,住所,開設する災害（地震・津波）,開設する災害（土砂災害）,開設する災害（雪害）\n東小学校,東京都中野区中央1-1,○,,○\n西小学校,東京都中野区本町2-2,,○,\n",
        "evacuation_space",
    )
    hazards = ("災害種別_地震", "災害種別_津波", "災害種別_崖崩れ、土石流及び地滑り", "災害種別_洪水")
    assert [tuple(row[hazard] for hazard in hazards) for row in rows] == [
        ("1", "1", None, None),
        (None, None, "1", None),
    ]


def test_items_down_one_side_under_terms_of_a_vocabulary_are_one_record(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "行事.csv",
        "https://schema.org/category,https://schema.org/description\nイベント名称,川のいきもの観察会\n内容,川で魚を探します。\n開催日開始,2020/8/9\n"
        "開催日終了,2020/8/9\n問い合わせ先,みどり図書館\n電話番号,0778－00－2019\n開催地,みどり図書館\n住所,越前市高瀬一丁目14-7\n",
        "event",
    )
    assert len(rows) == 1
    assert [rows[0][name] for name in ("イベント名", "開始日", "終了日", "連絡先名称")] == [
        "川のいきもの観察会", "2020-08-09", "2020-08-09", "みどり図書館",
    ]  # fmt: skip


def test_a_second_row_of_names_under_latin_ones_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "園.csv"
    path.write_text(
        "Name,Owner,Add1,Y,X,TEL,Full\n保育施設名称,保育施設設置者,保育施設住所１,緯度,経度,電話番号,定員\n"
        "東保育園,浜松市,浜松市中区浅田町73-39,34.695824,137.735759,452-1413,120\n西保育園,浜松市,浜松市中区鴨江二丁目8-1,34.704819,137.715496,453-1206,140\n"
        "南保育園,浜松市,浜松市中区海老塚町1-2,34.701111,137.721111,453-1207,90\n",
        encoding="utf-8",
    )
    table = read_file(path, path.name).table
    assert (table.header_rows, table.row_count) == ((1, 2), 3)


def test_an_address_goes_on_in_the_next_numbered_column(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "園.csv",
        "Name,Add1,Add2,TEL\n月岡幼稚園,富山市,上千俵508,076-000-4959\n呉羽幼稚園,富山市,呉羽町1877-4,076-000-6711\n",
        "public_facility",
    )
    said = [row["所在地_連結表記"] or "" for row in rows]
    assert [address.endswith(("富山市上千俵508", "富山市呉羽町1877-4")) for address in said] == [True, True]


def test_a_name_that_all_but_is_the_fields_goes_before_other_words_for_it(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "温泉.csv",
        "名称,住所,利用可能日時特記事項,休業日\nみどりの湯,東京都青梅市本町1-1,最終受付は20時30分,月曜\n花の湯,東京都青梅市新町2-2,雨天は休み,火曜\n",
        "public_facility",
    )
    assert ["最終受付" in (row["利用可能時間特記事項"] or "") for row in rows] == [True, False]
    assert "雨天は休み" in (rows[1]["利用可能時間特記事項"] or "")


def test_lists_of_short_words_are_known_under_a_vague_name(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "医療.csv",
        "https://schema.org/name,https://schema.org/address,https://schema.org/telephone,https://schema.org/category\n"
        "みどり病院,越前市府中1-3-5,0778-00-0336,内、呼 内、消 内、整\n花医院,越前市府中1-4-2,0778-00-0311,消内、内、外\n東歯科,越前市府中2-1-1,0778-00-0400,歯\n",
        "hospital",
    )
    assert [row["診療科目"] is not None for row in rows] == [True, True, True]


def test_services_are_known_by_their_words_under_any_name(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "介護.csv",
        "事業所名,住所,電話番号,https://example.jp/rdf/#category3\nみどり,越前市府中1-3-5,0778-00-0336,居宅介護支援事業\n花,越前市府中1-4-2,0778-00-0311,居宅介護支援事業\n",
        "care_service",
    )
    assert [row["実施サービス"] for row in rows] == ["居宅介護支援事業", "居宅介護支援事業"]


def test_hours_under_an_english_name_are_hours(tmp_path: Path) -> None:
    data = [
        {"name": "東図書館", "address": "湯沢市字内舘町27番地", "opening_time": "９：３０～１7：３０"},
        {"name": "西図書館", "address": "湯沢市字材木町12番地", "opening_time": "９：００～１７：００"},
    ]
    rows = rows_of(tmp_path, "館.json", json.dumps({"data": data}, ensure_ascii=False), "public_facility")
    assert [(row["開始時間"], row["終了時間"]) for row in rows] == [("09:30", "17:30"), ("09:00", "17:00")]


def test_members_are_called_what_the_file_itself_says(tmp_path: Path) -> None:
    path = tmp_path / "館.json"
    document = {
        "source": "市の一覧",
        "header": {"n": "施設名", "a": "住所", "h": "休館日"},
        "data": [
            {"n": "東図書館", "a": "湯沢市字内舘町27番地", "h": "月曜"},
            {"n": "西図書館", "a": "湯沢市字材木町12番地", "h": "火曜"},
        ],
    }
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    result = read_file(path, path.name)
    assert result.table.column_names == ("施設名", "住所", "休館日")
    assert "members-labelled" in {note.code for note in (*result.notes, *result.table.notes)}
    document["header"] = {"n": "施設名", "a": "住所", "h": "住所"}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    assert read_file(path, path.name).table.column_names == ("n", "a", "h")


def test_codes_of_the_national_land_information_are_names(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "避難.csv",
        "P20_001,P20_002,P20_003,P20_005,P20_007,P20_008,X,Y\n13114,東小学校,中野区中央1-1,500,1,0,139.6825,35.6971\n13114,西小学校,中野区本町2-2,300,1,1,139.6801,35.6951\n",
        "evacuation_space",
    )
    assert [(row["名称"], row["想定収容人数"], row["災害種別_津波"]) for row in rows] == [
        ("東小学校", "500", None), ("西小学校", "300", "1"),
    ]  # fmt: skip


def test_the_names_of_nursery_maps_are_known(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "園.csv",
        "HID,Type,Name,AgeS,AgeE,Full,Open,Close,Temp,Add1,Add2,TEL,Owner,Y,X\n"
        "1,認可保育所,東保育園,産休明,就学前,120,7:00,19:00,Y,富山市,上千俵508,076-000-4959,富山市,36.622761,137.253375\n"
        "2,認可外保育所,西保育園,産休明,就学前,30,7:30,19:00,,富山市,呉羽町1877-4,076-000-6711,みどり会,36.711719,137.166155\n",
        "preschool",
    )
    assert [(row["種別"], row["収容定員"], row["開始時間"], row["終了時間"]) for row in rows] == [
        ("認可保育所", "120", "07:00", "19:00"), ("認可外保育所", "30", "07:30", "19:00"),
    ]  # fmt: skip


def test_a_nursery_asked_for_as_a_facility_is_prepared_as_one(tmp_path: Path) -> None:
    path = tmp_path / "園.csv"
    path.write_text(
        "Name,Owner,Add1,Y,X,TEL,Full,Open,Close,Temp,Type\n保育施設名称,,保育施設住所１,緯度,経度,電話番号,定員,保育施設開園時間,保育施設終園時間（延長保育を含む）,一時保育あり：Y,保育施設種別\n"
        "東保育園,浜松市,浜松市中区浅田町73-39,34.695824,137.735759,053-000-1413,120,7:00,19:00,Y,認可保育所\n西保育園,浜松市,浜松市中区鴨江二丁目8-1,34.704819,137.715496,053-000-1206,140,7:30,19:00,N,認可保育所\n"
        "南保育園,浜松市,浜松市中区海老塚町1-2,34.701111,137.721111,053-000-1207,90,7:00,18:00,N,認可外保育所\n",
        encoding="utf-8",
    )
    made = prepare([path], load_schema("public_facility"), folder=tmp_path / "rows")
    assert made.other is None or not made.other.surely
    rows = [dict(zip(made.schema.names, row, strict=True)) for row in made.run.rows()]
    assert len(rows) == 3
    assert (rows[0]["所在地_連結表記"] or "").endswith("浜松市中区浅田町73-39")
    assert [(row["開始時間"], row["終了時間"]) for row in rows] == [
        ("07:00", "19:00"),
        ("07:30", "19:00"),
        ("07:00", "18:00"),
    ]
