"""Habits of towns all over the country: signs for remarks in cells, lines between rows, days in parts or side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.grid import Merge
from tdpf.controlplane.preparation.engine.headers import find_header
from tdpf.controlplane.preparation.engine.normalising.registry import outcomes
from tdpf.controlplane.preparation.engine.recipes.hour_columns import piece_of
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.recipes.stated_years import with_year, year_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema


@pytest.fixture
def preparing(tmp_path: Path) -> Callable[[str, str], Prepared]:
    def run(text: str, schema: str) -> Prepared:
        path = tmp_path / "given.csv"
        path.write_text(text, encoding="utf-8")
        return prepare([path], load_schema(schema), folder=tmp_path / "rows")

    return run


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + "施設名,所在地\n中央公民館,千代田区\n北図書館,北区\n".encode("cp932"),
        "施設名,所在地\n中央公民館,千代田区\n".encode("cp932") + "北図書館,北区\n".encode(),
        "施設名,所在地\r\n中央公民館,千代田区\r\n".encode("utf-8-sig") + "北図書館,北区\r\n".encode("cp932"),
    ],
)
def test_lines_in_two_encodings_are_read_each_by_itself(read: Any, raw: bytes) -> None:
    table = read(raw).table
    assert list(table.iter_rows()) == [["中央公民館", "千代田区"], ["北図書館", "北区"]]
    assert not any(note.code == "unreadable-characters" for note in table.notes)


@pytest.mark.parametrize(
    ("kind", "value", "expected", "reason"),
    [
        ("integer", "1,200※2", "1200", "marked"),
        ("integer", "300人（注1）", "300", "marked"),
        ("integer", "※1", None, "not-a-number"),
        ("integer", "120*2", None, "not-a-number"),
        ("flag_mark", "○※1", "1", "marked"),
        ("flag_presence", "×＊", "無", "marked"),
        ("name", "飾磨図書館（注1）", "飾磨図書館（注1）", ""),
        ("number", "海抜50m", "50", ""),
        ("latitude", "41-46-07", "41.7686111", ""),
        ("latitude", "33,1131", "33.1131", ""),
        ("latitude", "33,113", None, "not-a-coordinate"),
        ("phone", "022-222-2222\nFAX 022-222-2223", "022-222-2222", ""),
        ("period", "R6.8.1～当面の間", "2024-08-01/..", "open-end"),
        ("date", "6年4月1日", None, "short-year"),
    ],
)
def test_values_with_signs_and_other_notations(kind: str, value: str, expected: str | None, reason: str) -> None:
    found = outcomes(kind, [value])[value]
    assert (found.value, found.reason) == (expected, reason)


def test_words_below_a_merged_label_are_header_and_a_label_higher_up_ends_a_group() -> None:
    rows = [
        ["番号", "件名", "決定", None, "課"],
        [None, None, "区分", "年月日", None],
        ["1", "設計書", "開示", "2024-04-15", "道路課"],
        ["2", "議事録", "不開示", None, "総務課"],
    ]
    header = find_header(rows, 5, [Merge(0, 2, 0, 3)])
    assert header.rows == (0, 1)
    assert header.parts[2:4] == (("決定", "区分"), ("決定", "年月日"))
    rows = [["名称", "男性用", None, "女性用"], [None, "大", "小", None], [None, "(基)", "(基)", "(基)"]]
    body = [[f"便所{row}", "1", "2", "3"] for row in range(5)]
    told = [["公衆便所一覧"], ["所管：環境部 道路公園課", None, None, "（単位：基）"]]
    assert find_header([*told, *rows, *body], 4, [Merge(0, 0, 0, 3), Merge(2, 1, 2, 2)]).rows == (2, 3, 4)
    header = find_header([*rows, *body], 4, [Merge(0, 1, 0, 2)])
    assert header.unit_row
    assert header.parts == (("名称",), ("男性用", "大"), ("男性用", "小"), ("女性用",))


def test_signs_that_are_explained_below_go_into_the_remarks(preparing: Callable[[str, str], Prepared]) -> None:
    rows = "施設名,所在地,電話,備考\n中央公民館※1,姫路市本町68,079-222-0001,\n南館＊,姫路市本町70,,※1\n"
    frame = preparing(f"{rows}東館,姫路市本町71,,\n※1　改修中\n", "public_facility").run.frame
    assert frame.columns["名称"] == ["中央公民館", "南館＊", "東館"]
    assert frame.columns["備考"] == ["※1 改修中", "※1 改修中", None]


def test_lines_that_head_or_add_up_rows_are_set_apart(preparing: Callable[[str, str], Prepared]) -> None:
    clinics = "青葉区,,,\n1,中山病院,青葉区中山1-1,100\n2,広瀬病院,青葉区広瀬町2,120\n宮城野区,,,\n3,榴岡病院,宮城野区榴岡3,60\n"
    run = preparing(f"番号,名称,所在地,病床数\n{clinics}", "hospital").run
    assert run.frame.columns["名称"] == ["中山病院", "広瀬病院", "榴岡病院"]
    assert [(row.row, row.why) for row in run.apart] == [(2, "heading"), (5, "heading")]
    towns = "中央一丁目,8,4,4\n中央二丁目,2,1,1\n中央計,10,5,5\n（うち外国人）,2,1,1\n会計町,6,3,3\n全　市,16,8,8\n"
    run = preparing(f"町名,総数,男,女\n{towns}", "population").run
    assert run.frame.columns["地域名"] == ["中央一丁目", "中央二丁目", "会計町"]
    assert [row.why for row in run.apart] == ["total-label", "of-which", "total-label"]


def test_days_side_by_side_and_days_in_parts(preparing: Callable[[str, str], Prepared]) -> None:
    head = "町名,令和5年4月1日,,,令和6年4月1日,,\n,男,女,計,男,女,計\n"
    frame = preparing(f"{head}鍛冶町,1,2,3,4,5,9\n肴町,6,7,13,8,9,17\n", "population").run.frame
    assert frame.columns["地域名"] == ["鍛冶町", "肴町"] * 2
    assert frame.columns["調査年月日"] == ["2023-04-01"] * 2 + ["2024-04-01"] * 2
    assert frame.columns["総人口"] == ["3", "13", "9", "17"]
    assert [cell.column for cell in frame.trace(2, "総人口")] == ["G"]
    head = "営業所名称,営業所所在地,業種,許可元号,許可年,許可月,許可日,満了年,満了月,満了日\n"
    rows = "一番,福岡市博多区中洲1,飲食店営業,令和,元,5,1,R7,4,30\n二番,福岡市中央区天神2,喫茶店営業,平成,31,4,30,2025,12,1\n"
    frame = preparing(head + rows, "food_business").run.frame
    assert frame.columns["許可年月日"] == ["2019-05-01", "2019-04-30"]
    assert frame.columns["許可満了日"] == ["2025-04-30", "2025-12-01"]


def test_degrees_and_addresses_in_several_columns_and_words_of_no_field(
    preparing: Callable[[str, str], Prepared],
) -> None:
    head = "施設名,住所1,住所2,住所3,緯度,,,経度,,\n,,,,度,分,秒,度,分,秒\n"
    rows = "市役所,釧路市,黒金町7-5,本館,42,59,6.0,144,22,54\n動物園,釧路市,阿寒町11,,43,3,55.2,144,10,13\n"
    frame = preparing(head + rows, "public_facility").run.frame
    assert frame.columns["緯度"] == ["42.985", "43.0653333"]
    assert frame.columns["経度"] == ["144.3816667", "144.1702778"]
    assert frame.columns["所在地_連結表記"] == ["北海道釧路市黒金町7-5　本館", "北海道釧路市阿寒町11"]
    head = "施設名,住所1,住所2,市外局番,市内局番,加入者番号,設置階・場所\n"
    rows = (
        "一館,国立市富士見台,1-47-1,42,576,2001,ロビー\n二館,国立市富士見台,2-47-1 富士見ビル2F,042,576,0002,ロビー\n"
    )
    frame = preparing(head + rows, "aed").run.frame
    assert ["-47-1" in (text or "") for text in frame.columns["所在地_連結表記"]] == [True, True]
    assert frame.columns["設置位置"] == ["ロビー", "ロビー"]
    assert frame.columns["電話番号"] == ["042-576-2001", "042-576-0002"]
    rows = "公園,徳島市徳島町1,地震、津波\n広場,徳島市新町橋2,洪水、高潮\n学校,徳島市南庄町5,全て\n"
    run = preparing(f"名称,所在地,対象災害\n{rows}", "evacuation_space").run
    assert run.frame.columns["災害種別_津波"] == ["1", None, None]
    assert [(event.row, event.before) for event in run.events if event.reason == "not-in-list"] == [(3, "全て")]


def test_disasters_in_one_column_capacities_with_remarks_and_hours_by_start_and_end(
    preparing: Callable[[str, str], Prepared],
) -> None:
    run = preparing(
        "名称,所在地,対応災害,収容人数\n一中,葛飾区立石1-1-1,洪水・地震,1000人（車両50台）\n二中,葛飾区立石2-2-2,地震のみ,500～600\n"
        "三中,葛飾区立石3-3-3,洪水は不可,300\n",
        "evacuation_space",
    ).run
    assert [run.frame.columns[name] for name in ("災害種別_洪水", "災害種別_地震", "想定収容人数")] == [
        ["1", None, None],
        ["1", "1", None],
        ["1000", None, "300"],
    ]
    told = [(event.row, event.reason) for event in run.events if event.column == "想定収容人数" and event.reason]
    assert told == [(1, "other-number"), (2, "a-range")]
    run = preparing("名称,所在地,使用開始,使用終了\n市役所,立川市泉町1,8:30,17:15\n", "aed").run
    assert (run.frame.columns["開始時間"], run.frame.columns["終了時間"]) == (["08:30"], ["17:15"])
    run = preparing(
        "名称,所在地,診療時間_午前,診療時間_午後\n赤医院,国立市東1-1,9:00-12:00,2:00-6:00\n青医院,国立市東1-2,9時～12時,－\n",
        "hospital",
    ).run
    assert (run.frame.columns["診療開始時間"], run.frame.columns["診療終了時間"]) == (
        ["09:00", "09:00"],
        ["18:00", "12:00"],
    )
    assert run.frame.columns["診療日時特記事項"][0] == "午前9:00-12:00、午後2:00-6:00"


@pytest.mark.parametrize(
    ("schema", "head", "row", "wanted"),
    [
        ("aed", "平日開始,平日終了", "8:30,17:15", ("08:30", "17:15", "月火水木金")),
        (
            "aed",
            "平日開始,平日終了,土日祝開始,土日祝終了",
            "9:00,21:00,10:00,17:00",
            ("09:00", "21:00", "月火水木金土日"),
        ),
        ("aed", "開門時刻,閉門時刻", "6時,21時", ("06:00", "21:00", None)),
        (
            "hospital",
            "午前診療_開始,午前診療_終了,午後診療_開始,午後診療_終了",
            "9:30,12:30,15時,18時",
            ("09:30", "18:00", None),
        ),
        ("hospital", "午前診療時間,午後診療時間", "9:00～12:00,3:00～6:00", ("09:00", "18:00", None)),
    ],
)
def test_hours_in_pieces(
    preparing: Callable[[str, str], Prepared], schema: str, head: str, row: str, wanted: tuple[str | None, ...]
) -> None:
    prepared = preparing(f"名称,所在地,{head}\n市役所,国立市東1-1,{row}\n", schema)
    fields = [load_schema(schema).of(concept) for concept in ("time.start", "time.end", "weekdays")]
    assert tuple(prepared.run.frame.columns[field.name][0] for field in fields if field) == wanted
    assert not [entry.column for entry in prepared.proposal.mappings["t1"].unmapped if not entry.method]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["診療時間", "日時", "開催日", "土地", "受付", "終了日", "曜日"])
def test_no_piece_of_hours(name: str) -> None:
    assert piece_of(name) is None


@pytest.mark.parametrize(
    ("title", "text", "wanted"),
    [
        ("令和6年度 行事", "8/3（土）", "2024年8月3日(土)"),
        ("令和6年度 行事", "1月13日（月）～14日", "2025年1月13日(月)~14日"),
        ("2024年のイベント", "1/13", "2024年1月13日"),
        ("令和6年度 行事", "12/1（月）", None),
        ("令和6年度 行事", "2/30", None),
        ("令和6年度 行事", "令和5年8月3日", None),
        ("令和6年度 行事", "毎月第2土曜日", None),
    ],
)
def test_a_day_takes_the_year_that_the_title_states(title: str, text: str, wanted: str | None) -> None:
    year = year_of(title)
    assert year is not None
    assert with_year(text, year[0], fiscal=year[1]) == wanted
    assert year_of("令和5年度から令和6年度まで") is None


def test_days_take_the_year_of_a_title_or_a_column_and_are_told(preparing: Callable[[str, str], Prepared]) -> None:
    rows = "8/3（土）,花火大会,河川敷,正午～午後3時30分\n12/1（月）,芋煮会,河川敷,\n"
    run = preparing(f"令和6年度 イベントカレンダー,,,\n開催日,イベント名,会場,時間\n{rows}", "event").run
    assert run.frame.columns["開始日"] == ["2024-08-03", None]
    assert (run.frame.columns["開始時間"][0], run.frame.columns["終了時間"][0]) == ("12:00", "15:30")
    reasons = [(event.row, event.reason) for event in run.events if event.column == "開始日" and event.reason]
    assert reasons[:2] == [(1, "year-stated-elsewhere"), (2, "no-year")]
    rows = "令和6年度,10/12,秋まつり,広場\n令和5年度,3/3,ひなまつり,会館\n"
    prepared = preparing(f"年度,日にち,催し物名,場所\n{rows}", "event")
    assert prepared.run.frame.columns["開始日"] == ["2024-10-12", "2024-03-03"]
