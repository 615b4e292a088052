"""Small files in the style of real towns, made up, through the whole of preparing: what comes out, cell by cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.recipes.errors import NothingMapped
from tdpf.controlplane.preparation.engine.recipes.outputs import as_csv
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

Rows = list[dict[str, str]]
Preparing = Callable[..., tuple[Rows, Prepared]]


@pytest.fixture
def preparing(tmp_path: Path) -> Preparing:
    """Prepare files given as {name: bytes or text}; return the CSV's rows and everything else."""

    def run(files: dict[str, bytes | str], schema: str) -> tuple[Rows, Prepared]:
        paths = []
        for name, content in files.items():
            path = tmp_path / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
            paths.append(path)
        standard = load_schema(schema)
        prepared = prepare(paths, standard, folder=tmp_path / "rows")
        text = as_csv(prepared.run, standard).decode("utf-8")
        return list(csv.DictReader(io.StringIO(text))), prepared

    return run


def test_a_ward_s_toilets_with_titles_circles_and_wide_digits(preparing: Preparing) -> None:
    rows, prepared = preparing(
        {
            "toilet.csv": (
                "港区公衆トイレ一覧,,,,,,\n令和6年4月1日現在,,,,,,\n"
                "番号,施設名,所在地,設置場所,車いす対応,オストメイト,利用時間\n"
                "１,芝公園前トイレ,東京都港区芝公園４－１０－１７,公園入口,○,×,24時間\n"
                "２,赤坂トイレ,東京都港区赤坂１－２－３,駅前広場,〇,－,9:00～17:00\n"
                "３,高輪トイレ,東京都港区高輪１－１－１,広場,△,○,午前8時～午後8時（12月は休止）\n"
            ).encode("cp932")
        },
        "public_toilet",
    )
    assert list(rows[0]) == list(load_schema("public_toilet").names)
    assert [row["ID"] for row in rows] == ["1", "2", "3"]
    first = rows[0]
    assert first["全国地方公共団体コード"] == first["所在地_全国地方公共団体コード"] == "131032"
    assert first["地方公共団体名"] == "東京都港区"
    assert first["所在地_連結表記"] == "東京都港区芝公園4-10-17"
    assert (first["所在地_都道府県"], first["所在地_市区町村"]) == ("東京都", "港区")
    assert [row["車椅子使用者用トイレ有無"] for row in rows] == ["有", "有", ""]
    assert [row["オストメイト設置トイレ有無"] for row in rows] == ["無", "", "有"]
    assert [(row["利用開始時間"], row["利用終了時間"]) for row in rows] == [
        ("00:00", "24:00"),
        ("09:00", "17:00"),
        ("08:00", "20:00"),
    ]
    assert rows[2]["利用可能時間特記事項"] == "午前8時～午後8時（12月は休止）"
    lost = [event for event in prepared.run.events if event.severity == "error"]
    assert [(event.row, event.column, event.before, event.reason) for event in lost] == [
        (3, "車椅子使用者用トイレ有無", "△", "partly")
    ]
    assert (lost[0].source_row, lost[0].source_column) == (6, "E")


def test_every_cell_is_traced_and_the_same_run_gives_the_same_bytes(preparing: Preparing) -> None:
    files: dict[str, bytes | str] = {
        "aed.csv": "名称,住所,設置場所,緯度,経度\n本庁舎,東京都板橋区板橋2-66-1,1階,35.75,139.70\n"
    }
    rows, once = preparing(files, "aed")
    _, again = preparing(files, "aed")
    schema = load_schema("aed")
    assert once.run.key == again.run.key
    assert as_csv(once.run, schema) == as_csv(again.run, schema)
    assert [(ref.input, ref.row, ref.column) for ref in once.run.frame.trace(0, "設置位置")] == [("t1", 2, "C")]
    assert rows[0]["全国地方公共団体コード"] == "131199"


def test_a_file_of_another_kind_is_refused(preparing: Preparing) -> None:
    with pytest.raises(NothingMapped):
        preparing({"menu.csv": "献立,カロリー\nカレー,800\nうどん,500\n"}, "public_toilet")


def test_days_in_columns_of_their_own_under_a_header_of_two_rows(preparing: Preparing) -> None:
    rows, prepared = preparing(
        {
            "clinics.csv": (
                "港区内医療機関一覧,,,,,,,,,,,,,\n"
                "№,医療機関名,郵便番号,所在地,電話番号,診療科目,診療日,,,,,,,診療時間\n"
                ",,,,,,月,火,水,木,金,土,日,\n"
                "1,芝医院,1050014,芝１－２－３　芝ビル２階,03(1234)5678,内科・小児科,○,○,×,○,○,○,×,午前9時～12時　午後3時～6時\n"
                "2,赤坂クリニック,107-0052,東京都港区赤坂４－５－６,３４５６－７８９０,皮膚科,○,○,○,○,○,,,9:00～17:00\n"
            )
        },
        "hospital",
    )
    assert [row["診療曜日"] for row in rows] == ["月火木金土", "月火水木金"]
    assert [(row["診療開始時間"], row["診療終了時間"]) for row in rows] == [("09:00", "18:00"), ("09:00", "17:00")]
    assert rows[0]["診療日時特記事項"] == "午前9時～12時　午後3時～6時"
    assert [row["住所"] for row in rows] == ["東京都港区芝1-2-3　芝ビル2階", "東京都港区赤坂4-5-6"]
    assert [row["市区町村名"] for row in rows] == ["港区", "港区"]
    assert [row["電話番号"] for row in rows] == ["03-1234-5678", "3456-7890"]
    assert [
        event.reason for event in prepared.run.events if event.severity == "warning" and event.column == "電話番号"
    ] == ["phone-local"]


def test_codes_that_a_spreadsheet_damaged_are_found_again_by_names(preparing: Preparing) -> None:
    rows, _ = preparing(
        {
            "event.csv": "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,イベント名,開始日,終了日,住所\n"
            "3.00002E+12,1,山口県,宇部市,春祭り,2025/4/5,2025/4/6,宇部市琴芝町1-1\n"
            "3.00002E+12,1,山口県,宇部市,秋祭り,R7.10.4,R7.10.4,宇部市琴芝町1-1\n"
        },
        "event",
    )
    assert [row["全国地方公共団体コード"] for row in rows] == ["352021", "352021"]
    assert [row["ID"] for row in rows] == ["1", "1"]
    assert [row["開始日"] for row in rows] == ["2025-04-05", "2025-10-04"]
    assert rows[0]["所在地_連結表記"] == "山口県宇部市琴芝町1-1"


def test_wards_alone_tell_their_city_and_split_addresses_are_joined(preparing: Preparing) -> None:
    rows, _ = preparing(
        {
            "aed.csv": "施設名,区,町名,番地,建物名,設置場所\n"
            "西部会館,西区,指扇,10-3,,1階\n"
            "大宮会館,大宮区,大門町,1-1,中央ビル,2階\n"
            "浦和会館,浦和区,常盤,6-4-4,,玄関\n"
        },
        "aed",
    )
    assert [row["所在地_連結表記"] for row in rows] == [
        "埼玉県さいたま市西区指扇10-3",
        "埼玉県さいたま市大宮区大門町1-1 中央ビル",
        "埼玉県さいたま市浦和区常盤6-4-4",
    ]
    assert {row["全国地方公共団体コード"] for row in rows} == {"111007"}
    assert [row["所在地_全国地方公共団体コード"] for row in rows] == ["111015", "111031", "111074"]


def test_street_numbers_that_became_dates_come_back_from_the_address(preparing: Preparing) -> None:
    rows, _ = preparing(
        {
            "132098_toilet.csv": "名称,所在地_連結表記,所在地_町字,所在地_番地以下,建物名等(方書),設置位置\n"
            "駅前トイレ,東京都町田市原町田6-1-11駅ビル,原町田,2006/1/11,駅ビル,\n"
            "緑道トイレ,東京都町田市小山が丘1-11,小山が丘,1月11日,,\n"
        },
        "public_toilet",
    )
    assert [row["所在地_番地以下"] for row in rows] == ["6-1-11", "1-11"]


def test_the_sample_sheet_is_never_taken_in(preparing: Preparing, workbook: Callable[..., Path]) -> None:
    head = ["全国地方公共団体コード", "ID", "名称", "所在地_連結表記", "設置位置"]
    book = workbook(
        {
            "作成例": [head, ["011002", "1", "○○駅", "北海道札幌市厚別区青葉町一丁目○-○", "改札階"]],
            "公衆トイレ一覧": [head, ["131199", "7", "板橋公園", "東京都板橋区板橋3-50-1", "園内"]],
        },
        "list.xlsx",
    )
    rows, _ = preparing({"list.xlsx": book.read_bytes()}, "public_toilet")
    assert [row["名称"] for row in rows] == ["板橋公園"]


def test_columns_of_circles_become_one_list(preparing: Preparing) -> None:
    rows, prepared = preparing(
        {
            "病院.csv": "医療機関名,所在地,電話,内科,小児科,外科,院内処方,病床数\n"
            "見本病院,武蔵野市吉祥寺本町1-1,0422-20-0000,●,●,,○,200床\n"
            "見本医院,武蔵野市境2-2,0422-40-0000,,,×,,0\n"
        },
        "hospital",
    )
    assert [row["診療科目"] for row in rows] == ["内科;小児科", ""]
    assert [ref.column for ref in prepared.run.frame.trace(0, "診療科目")] == ["D", "E"]
    assert rows[0]["病床数"] == "200"
    rows, _ = preparing(
        {
            "介護.csv": "事業所名,住所,訪問介護,通所介護,居宅介護支援\nさくら,世田谷区池尻1-1,○,,○\nうめ,世田谷区下馬2-2,,〇,\n"
        },
        "care_service",
    )
    assert [row["実施サービス"] for row in rows] == ["訪問介護;居宅介護支援", "通所介護"]
    # A column of the list itself goes before columns of circles.
    rows, _ = preparing(
        {
            "介護2.csv": "事業所名,住所,サービス種類,訪問介護,通所介護,居宅介護支援\nさくら,世田谷区池尻1-1,訪問介護,○,,○\n"
        },
        "care_service",
    )
    assert rows[0]["実施サービス"] == "訪問介護"


def test_bands_of_ages_without_the_word_and_ends_of_a_road(preparing: Preparing) -> None:
    bands = [f"{first}-{first + 4}" for first in range(0, 85, 5)] + ["85以上"]
    files = {
        f"人口（{sex}）.csv": f"町丁別人口 令和7年1月1日現在\n町丁,総数,{','.join(bands)}\n"
        f"中央一丁目,18,{','.join('1' * 18)}\n中央二丁目,36,{','.join('2' * 18)}\n"
        for sex in ("男", "女")
    }
    rows, _ = preparing(files, "population")
    assert [(row["地域名"], row["0-4歳の男性"] or row["0-4歳の女性"]) for row in rows][:2] == [
        ("中央一丁目", "1"),
        ("中央二丁目", "2"),
    ]
    rows, _ = preparing(
        {
            "規制.csv": "工事名,規制区間（自）,規制区間（至）,規制内容,規制期間\n水道工事,神田1丁目,神田2丁目,片側交互通行,R8.4.1～R8.4.30\n"
        },
        "traffic_restriction",
    )
    assert (rows[0]["区間_起点"], rows[0]["区間_終点"], rows[0]["規制終了日"]) == (
        "神田1丁目",
        "神田2丁目",
        "2026-04-30",
    )


def test_one_word_in_several_spellings_and_phones_where_names_are_asked(preparing: Preparing) -> None:
    rows, _ = preparing(
        {
            "催し.csv": "イベント名,開催日,会場,お問い合わせ\n春まつり,2026年4月5日,中央公園,03-3389-0000\n古本市,R8.5.3,図書館,042-389-0001\n"
        },
        "event",
    )
    assert [row["連絡先電話番号"] for row in rows] == ["03-3389-0000", "042-389-0001"]
    rows, _ = preparing(
        {
            "便所.csv": "便所名称,住所,車イス対応,オムツ交換台,よみ\n駅前,目黒区中央町1-2-3,○,×,えきまえ\n公園,目黒区本町1,×,○,こうえん\n"
        },
        "public_toilet",
    )
    assert [row["車椅子使用者用トイレ有無"] for row in rows] == ["有", "無"]
    assert [row["乳幼児用設備設置トイレ有無"] for row in rows] == ["無", "有"]
    assert [row["名称_カナ"] for row in rows] == ["エキマエ", "コウエン"]


def test_what_must_be_there_because_something_else_is(preparing: Preparing) -> None:
    text = "名称,住所,画像,画像_ライセンス,高度の種別\n"
    text += (
        "駅前,目黒区中央町1-2-3,https://example.jp/1.jpg,,階数\n公園,目黒区本町1,https://example.jp/2.jpg,CC BY 4.0,\n"
    )
    _, prepared = preparing({"便所.csv": text}, "public_toilet")
    told = [
        (event.row, event.column, event.severity)
        for event in prepared.run.events
        if event.reason == "required-with-missing"
    ]
    assert sorted(told) == [(0, "高度の値", "warning"), (1, "画像_ライセンス", "warning")]
    assert any(entry["column"] == "画像_ライセンス" for entry in report_of(prepared)["problems"])
