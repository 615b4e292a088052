"""Personal data where no column is called after them: in objects, forms, logs, comments, names of columns, and two columns without a header."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine_files import Read
from openpyxl.comments import Comment

from tdpf.controlplane.preparation.engine.personal.around import COMMENTS, NAMES
from tdpf.controlplane.preparation.engine.personal.files import screen_path
from tdpf.controlplane.preparation.engine.personal.screened import Screened, screened_from_dict
from tdpf.controlplane.preparation.engine.personal.screening import screen

PEOPLE = ["山田　太郎", "佐藤 花子", "鈴木　一郎", "髙橋 美咲", "田中　健", "伊藤 さくら", "渡辺　翔太", "中村 葵"]
MOBILES = [f"090-1234-560{n}" for n in range(8)]


@pytest.fixture
def screened(tmp_path: Path) -> Callable[..., Screened]:
    """Screen text or JSON as a file of the given name."""

    def screening(content: object, name: str) -> Screened:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), "utf-8")
        found = screen_path(path)
        plain = found.as_dict()
        assert screened_from_dict(json.loads(json.dumps(plain))) == found
        return found

    return screening


def _kinds(found: Screened) -> set[tuple[str, str]]:
    return {(one.where.column, one.kind) for one in found.findings}


def test_objects_in_the_records_of_a_file_are_looked_into(screened: Callable[..., Screened]) -> None:
    records = [
        {
            "受付": n,
            "世帯員": [{"氏名": name, "生年月日": f"1970-02-1{n}"}],
            "区域": {"type": "Point", "coordinates": [1, 2]},
        }
        for n, name in enumerate(PEOPLE)
    ]
    found = screened({"申請": records}, "a.json")
    assert {("世帯員", "person_name"), ("世帯員", "birth_date")} == _kinds(found)
    assert found.verdict == "confirmed"


def test_records_under_their_numbers_and_lone_objects_are_looked_at(screened: Callable[..., Screened]) -> None:
    under = {str(1000 + n): {"氏名": name, "携帯": MOBILES[n]} for n, name in enumerate(PEOPLE)}
    assert {("氏名", "person_name"), ("携帯", "mobile_phone")} <= _kinds(screened(under, "a.json"))
    lone = {
        "申請者": {"氏名": PEOPLE[0], "携帯": MOBILES[0]},
        "品目": [{"名称": "机", "数": 1}, {"名称": "棚", "数": 2}],
    }
    found = screened(lone, "b.json")
    assert {("氏名", "person_name"), ("携帯", "mobile_phone")} <= _kinds(found)
    assert [table.sheet for table in found.tables] == ["品目", "申請者"]
    lists = [[name, MOBILES[n]] for n, name in enumerate(PEOPLE)]
    assert {("列1", "person_name"), ("列2", "mobile_phone")} <= _kinds(screened({"表": lists}, "d.json"))
    named = {
        "回答": {name: {"点": n, "級": n} for n, name in enumerate(PEOPLE[:1])},
        "年": 2026,
        "表": [{"a": 1}, {"a": 2}],
    }
    assert PEOPLE[0] not in json.dumps(screened(named, "c.json").as_dict(), ensure_ascii=False)


def test_a_form_is_read_by_its_labels(read: Read) -> None:
    form = "利用申込書,,,\n申込日,令和8年11月2日,,\n氏名,佐々木　陽子,電話番号,0263-55-1234\n住所,霧沢市若葉町2-3-4,,\n生年月日,昭和30年4月1日,,\n品目,自転車,,\n"
    found = {(one.column, one.kind): one.certainty for one in screen(read(form).table)}
    assert found[("氏名", "person_name")] == "confirmed"
    assert {("住所", "home_address"), ("生年月日", "birth_date"), ("電話番号", "phone")} <= found.keys()
    blank = (
        form.replace("佐々木　陽子", "")
        .replace("霧沢市若葉町2-3-4", "")
        .replace("昭和30年4月1日", "")
        .replace("0263-55-1234", "")
    )
    assert not [one for one in screen(read(blank).table) if one.certainty != "clear"]
    explained = "項目,必須,説明\n氏名,必須,全角\n住所,必須,全角\n電話番号,任意,半角\n生年月日,任意,西暦\n"
    assert screen(read(explained).table) == []


def test_surnames_beside_given_names_are_names_without_a_header(read: Read) -> None:
    rows = "".join(f"{n},{','.join(name.split())},{n * 7}\n" for n, name in enumerate(PEOPLE * 2, 1))
    found = {one.column for one in screen(read("番,甲,乙,点\n" + rows).table) if one.kind == "person_name"}
    assert found == {"甲", "乙"}
    places = "".join(
        f"{n},{place},{thing},{n}\n"
        for n, (place, thing) in enumerate([("上野", "桜"), ("石川", "松"), ("福島", "梅"), ("山口", "楓")] * 4, 1)
    )
    assert screen(read("番,甲,乙,点\n" + places).table) == []


def test_logs_tell_senders_and_those_who_are_named(screened: Callable[..., Screened]) -> None:
    web = "".join(
        f'126.3.{n}.9 - - [27/Nov/2026:10:{n:02}:00 +0900] "GET /form HTTP/1.1" 200 5\n' for n in range(10, 30)
    )
    assert {kind for _, kind in _kinds(screened(web, "access.log"))} == {"network"}
    inside = web.replace("126.3.", "192.168.")
    assert not screened(inside, "inside.log").findings
    told = "".join(f"2026-11-27 10:{n}:11 INFO 受付 {PEOPLE[n % 8].replace('　', '')} を登録\n" for n in range(10, 30))
    found = screened(told, "app.log")
    assert "free_text" in {kind for _, kind in _kinds(found)}
    assert "山田太郎" not in json.dumps(found.as_dict(), ensure_ascii=False)


def test_names_of_columns_may_be_persons(read: Read) -> None:
    duty = "日," + ",".join(PEOPLE[:4]) + "\n" + "".join(f"{n},○,,○,\n" for n in range(1, 9))
    found = screen(read(duty).table)
    assert [(one.column, one.kind, one.count) for one in found] == [(NAMES, "person_name", 4)]
    assert screen(read(duty.replace(",".join(PEOPLE[:4]), "上野,石川,中央公園,緑町")).table) == []


def test_comments_on_cells_are_published_too(workbook: Callable[..., Path]) -> None:
    def comment(book: Any) -> None:
        book["施設"]["A2"].comment = Comment("鍵の担当：佐藤 花子 090-1234-5678", "総務課")

    path = workbook({"施設": [["名称", "所在地"], ["中央館", "中央町1-2"], ["北館", "北町3-4"]]}, change=comment)
    found = screen_path(path)
    assert {("person_name", COMMENTS), ("mobile_phone", COMMENTS)} == {
        (one.kind, one.where.column) for one in found.findings
    }
    assert found.verdict == "doubtful"


def test_homes_told_by_municipality_only_are_no_addresses(read: Read) -> None:
    rows = "".join(
        f"{n},2020/3/{n},{place},{n}0代,女性\n" for n, place in enumerate(["中野市", "県外", "上田市", "調査中"] * 4, 1)
    )
    assert "home_address" not in {
        one.kind for one in screen(read("No,公表日,患者_居住地,患者_年代,患者_性別\n" + rows).table)
    }


def test_whom_a_town_honours_is_known(read: Read) -> None:
    rows = "".join(f"{name},作曲,2019年4月1日\n" for name in PEOPLE)
    found = screen(read("名誉市民,,\n氏名,功績,顕彰日\n" + rows).table)
    assert {one.certainty for one in found} == {"clear"}
    committee = screen(
        read("氏名,所属,任期\n" + "".join(f"{name},大学教授,2年\n" for name in PEOPLE)).table, "審議会委員.csv"
    )
    assert {(one.kind, one.certainty) for one in committee} == {("office", "clear")}
