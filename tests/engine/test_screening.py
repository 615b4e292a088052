"""The first screen for personal data: right about columns, silent about values."""

from __future__ import annotations

import random
from dataclasses import asdict

import pytest
from engine_files import Read
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.numbers import is_my_number
from tdpf.controlplane.preparation.engine.personal.around import ABOVE, BESIDE, FILE
from tdpf.controlplane.preparation.engine.personal.masking import mask
from tdpf.controlplane.preparation.engine.personal.screening import outcome, screen
from tdpf.controlplane.preparation.engine.types import Finding

PEOPLE = ["山田　太郎", "佐藤 花子", "鈴木　一郎", "髙橋 美咲", "田中　健", "伊藤 さくら", "渡辺　翔太", "中村 葵"]


def _my_number(seed: int) -> str:
    eleven = f"{random.Random(seed).randrange(10**11):011}"
    return next(eleven + str(digit) for digit in range(10) if is_my_number(eleven + str(digit)))


def _screen(read: Read, header: str, rows: list[str]) -> dict[str, Finding]:
    findings = screen(read(header + "\n" + "\n".join(rows) + "\n").table)
    return {f"{finding.column}:{finding.kind}": finding for finding in findings}


def test_my_numbers_are_confirmed_by_their_check_digit(read: Read) -> None:
    found = _screen(read, "整理,番号", [f"{n},{_my_number(n)}" for n in range(20)])
    assert found["番号:my_number"].certainty == "confirmed"
    assert found["番号:my_number"].count == 20


def test_twelve_digits_that_fail_the_check_are_no_my_numbers(read: Read) -> None:
    rows = [f"{n},{int(_my_number(n)) // 10 * 10 + (int(_my_number(n)) % 10 + 1) % 10:012}" for n in range(20)]
    assert _screen(read, "名称,管理", rows) == {}


def test_a_column_named_my_number_is_confirmed_whatever_the_check_says(read: Read) -> None:
    found = _screen(read, "名称,マイナンバー", ["A,123456789012", "B,123456789012"])
    assert found["マイナンバー:my_number"].certainty == "confirmed"


def test_a_list_of_persons_is_confirmed(read: Read) -> None:
    rows = [f"{name},{1950 + n}-0{n % 9 + 1}-11,090-1234-56{n}0,p{n}@gmail.com" for n, name in enumerate(PEOPLE)]
    found = _screen(read, "氏名,生年月日,連絡先,メール", rows)
    assert found["氏名:person_name"].certainty == "confirmed"
    assert found["生年月日:birth_date"].certainty == "confirmed"
    assert found["連絡先:mobile_phone"].certainty == "confirmed"
    assert found["メール:mail"].certainty == "confirmed"
    assert outcome(list(found.values())) == "confirmed"


def test_contacts_of_facilities_are_clear_or_doubtful(read: Read) -> None:
    rows = [f"施設{n},東京都千代田区{n},03-1234-567{n},info@city.example.lg.jp" for n in range(9)]
    found = _screen(read, "名称,住所,電話番号,連絡先メールアドレス", rows)
    assert {finding.certainty for finding in found.values()} == {"clear"}
    rows = [f"施設{n},090-1234-567{n}" for n in range(9)]
    found = _screen(read, "名称,電話番号", rows)
    assert found["電話番号:mobile_phone"].certainty == "doubtful"


def test_a_day_of_occurrence_is_no_birthday(read: Read) -> None:
    found = _screen(read, "発生年月日,件数", [f"2024-01-{day:02},1" for day in range(1, 20)])
    assert found == {}


def test_representatives_of_registers_are_doubtful(read: Read) -> None:
    rows = [f"食堂{n},{name},飲食店営業" for n, name in enumerate(PEOPLE)] + ["株式会社A,株式会社A,飲食店営業"]
    found = _screen(read, "施設名称,営業者名,業種", rows)
    assert found["営業者名:representative"].certainty == "doubtful"
    assert found["営業者名:representative"].count == len(PEOPLE)


def test_names_under_an_innocent_header_are_doubtful(read: Read) -> None:
    found = _screen(read, "番,項目", [f"{n},{name}" for n, name in enumerate(PEOPLE)])
    assert found["項目:person_name"].certainty == "doubtful"


def test_a_lone_name_among_categories_is_doubtful(read: Read) -> None:
    kinds = ["集会所", "図書館", "公民館"]
    rows = [f"会館{n},{kinds[n % 3] if n != 7 else '山田太郎'}" for n in range(1, 30)]
    found = _screen(read, "施設,種別", rows)["種別:person_name"]
    assert (found.certainty, found.count, found.places) == ("doubtful", 1, ("7",))
    stations = [f"会館{n},{['下北沢', '経堂', '千歳船橋'][n % 3] if n != 7 else '上野毛'}" for n in range(1, 30)]
    assert _screen(read, "施設,最寄り", stations) == {}


def test_a_hidden_count_that_the_total_gives_away_is_doubtful(read: Read) -> None:
    rows = [f"{n}丁目,{10 + n},{n},{'x' if n % 3 == 0 else 6},{8 if n % 3 == 0 else 4}" for n in range(3, 12)]
    found = _screen(read, "町丁,要介護認定者総数,65歳未満,65～74歳,75歳以上", rows)["65～74歳:small_cells"]
    assert (found.certainty, found.count) == ("doubtful", 3)


def test_a_mobile_number_in_remarks_is_found(read: Read) -> None:
    rows = [f"施設{n},特になし" for n in range(40)] + ["施設X,担当 ０９０－１２３４－５６７８ まで"]
    found = _screen(read, "名称,備考", rows)
    assert found["備考:mobile_phone"].count == 1
    assert found["備考:mobile_phone"].places == ("41",)


def test_codes_and_corporate_numbers_are_not_personal(read: Read) -> None:
    rows = [f"131016,7000020131016,0110000{n:03},35.{n:06}" for n in range(1, 40)]
    assert _screen(read, "団体コード,法人番号,ID,緯度", rows) == {}


def test_codes_and_coordinates_that_look_like_telephones_by_chance(read: Read) -> None:
    rows = [f"{8012340000 + n * 90000007:011},35.0901234567{n},34.1;139.08012345678" for n in range(30)]
    assert _screen(read, "管理番号,緯度,位置", rows) == {}
    found = _screen(read, "連絡番号,名称", [f"090-1234-56{n:02},施設{n}" for n in range(30)])
    assert found["連絡番号:mobile_phone"].certainty == "doubtful"


def test_findings_never_hold_a_value(read: Read) -> None:
    rows = [f"{name},090-1234-56{n}0,{_my_number(n)}" for n, name in enumerate(PEOPLE)]
    findings = screen(read("氏名,電話,個人番号\n" + "\n".join(rows) + "\n").table)
    said = repr([asdict(finding) for finding in findings])
    for row in rows:
        for value in row.split(","):
            assert value not in said


@given(st.text(min_size=2, max_size=60))
def test_a_mask_hides_all_but_the_first_letter(value: str) -> None:
    masked = mask(value)
    letters = [character for character in masked if character.isalnum() and character not in "年月日"]
    assert len(letters) <= 1 + masked.count("ー")
    assert not any(character.isdigit() for character in masked)


@pytest.mark.parametrize(
    ("number", "right"),
    [("123456789018", True), ("1234 5678 9018", True), ("123456789012", False), ("111111111111", False)],
)
def test_check_digit_of_my_number(number: str, right: bool) -> None:
    assert is_my_number(number) is right


def test_what_stands_around_a_table_is_screened_too(read: Read) -> None:
    text = "公園一覧,,\n作成者：山田　太郎（090-1234-5678）,,\n名称,住所,面積\n"
    text += "".join(f"公園{n},本町{n}-1,{n * 7}\n" for n in range(1, 9))
    text += "※連絡は佐藤 花子様まで hanako@gmail.com,,\n"
    around = {(entry.column, entry.kind) for entry in screen(read(text).table, "高橋健一_回答.csv")}
    assert {(ABOVE, "person_name"), (ABOVE, "mobile_phone"), (FILE, "person_name")} <= around
    assert {(BESIDE, "person_name"), (BESIDE, "mail")} <= around
    quiet = text.replace("作成者：山田　太郎（090-1234-5678）", "総務課 電話03-1234-5678").rsplit("※", 1)[0]
    for name in ("長島町_公園.csv", "上野公園一覧.csv", "石川県 山口市.csv", "r7_koen.csv"):
        assert screen(read(quiet).table, name) == [], name
