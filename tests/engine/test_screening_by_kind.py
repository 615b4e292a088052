"""Columns about persons in the spellings towns use, and columns that only look like them, each kind in one small table."""

from __future__ import annotations

import random

import pytest
from engine_files import Read

from tdpf.controlplane.preparation.engine.numbers import is_card_number, is_my_number
from tdpf.controlplane.preparation.engine.screening import screen

PEOPLE = ["山田　太郎", "佐藤 花子", "鈴木　一郎", "髙橋 美咲", "田中　健", "伊藤 さくら", "渡辺　翔太", "中村 葵"]
SURNAMES = [name.replace("　", " ").split(" ")[0] for name in PEOPLE]
GIVEN = [name.replace("　", " ").split(" ")[1] for name in PEOPLE]
RNG = random.Random(4)


def _found(read: Read, columns: dict[str, list[str]]) -> dict[str, str]:
    """Return what was found beyond doubtful: certainty by column; every column is filled up to forty rows."""
    lines = [",".join(f'"{values[row % len(values)]}"' for values in columns.values()) for row in range(40)]
    table = read(",".join(columns) + "\n" + "\n".join(lines) + "\n").table
    return {entry.column: entry.certainty for entry in screen(table) if entry.certainty != "clear"}


def _valid(first: str, digits: int, passes) -> str:  # type: ignore[no-untyped-def]
    while True:
        number = first + "".join(str(RNG.randrange(10)) for _ in range(digits - len(first)))
        if passes(number):
            return number


MINE = [_valid("", 12, is_my_number) for _ in range(8)]
CARDS = [
    "-".join(card[place : place + 4] for place in (0, 4, 8, 12))
    for card in (_valid("4", 16, is_card_number) for _ in range(8))
]
IDS = [f"{n:04}" for n in range(1, 41)]
HOMES = [f"東京都千代田区神田{n}-{n + 2}-1" for n in range(1, 9)]
OFFICES = [f"03-1234-56{n}" for n in range(10, 18)]
MOBILES = [f"090-1234-56{n}" for n in range(10, 18)]
DAYS = [f"{1950 + n}12{n + 10}" for n in range(8)]
PERMIT = {"許可番号": IDS, "許可年月日": ["2021-04-01", "2022-05-01"], "屋号": [f"食堂{n}" for n in range(40)]}

HELD = {
    "spaced headers": ({"氏　名": PEOPLE, "生 年 月 日": ["1950-02-03", "昭和55年4月1日"], "住　所": HOMES}, {"氏　名": "confirmed", "生 年 月 日": "confirmed", "住　所": "confirmed"}),
    "name in two columns": ({"姓": SURNAMES, "名": GIVEN, "住所": HOMES}, {"姓": "confirmed", "名": "confirmed", "住所": "confirmed"}),
    "homes in registers": ({**PERMIT, "営業者氏名": PEOPLE, "営業者住所": HOMES, "営業所電話番号": OFFICES}, {"営業者住所": "doubtful"}),
    "eight digits": ({"番号": IDS, "生年月日": DAYS}, {"生年月日": "doubtful"}),
    "era digits": ({"番号": IDS, "生年月日": ["S550401", "H020315"]}, {"生年月日": "doubtful"}),
    "parts of a birthday": ({"氏名": PEOPLE, "生年": ["1950", "1967"], "生月": ["3", "5"]}, {"氏名": "confirmed", "生年": "doubtful", "生月": "doubtful"}),
    "my numbers in few remarks": ({"番号": IDS, "摘要": [f"個人番号 {MINE[0]} を確認", *["確認済"] * 9]}, {"摘要": "confirmed"}),
    "cards in few remarks": ({"番号": IDS, "備考": [f"カード {CARDS[0]} で支払", *["現金"] * 4]}, {"備考": "confirmed"}),
    "situations": ({"受付日": ["2024-04-01"], "相談内容": ["佐藤太郎より、長女花子（8歳）の不登校について相談。", *["手続の案内"] * 6]}, {"相談内容": "doubtful"}),
    "neighbours": ({"受付日": ["2024-04-01"], "内容": ["隣家の佐藤さん宅の犬", *["街灯の球切れ"] * 6]}, {"内容": "doubtful"}),
    "mobile from abroad": ({"店名": ["店1", "店2"], "連絡先": [f"+81-{number[1:]}" for number in MOBILES]}, {"連絡先": "doubtful"}),
    "mobile without its zero": ({"店名": ["店1", "店2"], "電話": [number.replace("-", "")[1:] for number in MOBILES]}, {"電話": "doubtful"}),
    "suicides by town": ({"市区町村名": ["品川区", "青ヶ島村"], "性別": ["男", "女"], "自殺者数(人)": ["2", "14", "1"]}, {"自殺者数(人)": "doubtful"}),
    "nationality by street": ({"町丁": [f"神田{n}丁目" for n in range(1, 9)], "国籍": ["ペルー", "ネパール"], "人数": ["1", "2", "3"]}, {"人数": "doubtful"}),
    "readings of names": ({"氏名": PEOPLE, "フリガナ": ["サトウ タロウ", "イガラシ ケンタ"]}, {"氏名": "confirmed", "フリガナ": "confirmed"}),
    "owners among temples": ({"名称": ["木造阿弥陀如来像"], "所有者": [*PEOPLE, "常行寺", "秦福寺", "法華経寺"]}, {"所有者": "doubtful"}),
}  # fmt: skip
HELD |= {
    "keepers of dogs": ({"犬の名前": ["ポチ", "モモ"], "飼い主": PEOPLE, "飼い主住所": HOMES, "飼い主電話": OFFICES}, {"飼い主": "confirmed", "飼い主住所": "confirmed", "飼い主電話": "confirmed"}),
    "labels for letters": ({"宛名": [f"{name} 様" for name in PEOPLE], "送付先": HOMES}, {"宛名": "confirmed", "送付先": "confirmed"}),
    "a number right behind its word": ({"番号": IDS, "メモ": [f"マイナンバー{MINE[0]} 確認済", *["確認済"] * 8]}, {"メモ": "confirmed"}),
    "days first": ({"番号": IDS, "DOB": ["3/14/1985", "12/1/1950"]}, {"DOB": "doubtful"}),
    "telephones at home": ({"自治会名": ["上町自治会", "錦自治会"], "会長": PEOPLE, "会長宅電話": OFFICES}, {"会長": "doubtful", "会長宅電話": "doubtful"}),
    "council at home": ({"議席番号": IDS, "氏名": PEOPLE, "会派": ["みどり", "あおぞら"], "住所": HOMES, "電話番号": OFFICES, "生年月日": DAYS, "メール": ["a@example.com"]}, {"住所": "doubtful", "電話番号": "doubtful", "生年月日": "doubtful", "メール": "doubtful"}),
}  # fmt: skip
PRIVATE = {"氏名": PEOPLE, "住所": HOMES, "電話番号": OFFICES, "生年月日": ["1950-02-03"], "メール": ["taro@gmail.com"]}
HELD |= {
    f"{word} of private persons": ({**PRIVATE, word: ["第12期", "第13期"]}, dict.fromkeys(PRIVATE, "confirmed"))
    for word in ("期数", "開催期数", "得票", "政党")
}
FREE = {
    "telephones of sites in registers": {**PERMIT, "営業者氏名": PEOPLE, "施設電話番号": OFFICES},
    "telephones beside a manager": {"施設名": [f"会館{n}" for n in range(40)], "TEL": OFFICES},
    "council": {"議席番号": IDS, "議員氏名": PEOPLE, "会派": ["みどり", "あおぞら"], "当選回数": ["1", "2"]},
    "authors": {"書名": ["本1", "本2"], "著者": ["夏目漱石", "山田太郎"]},
    "addresses of companies": {**PERMIT, "営業者氏名": ["株式会社みどり", "有限会社あおぞら"], "営業者住所": HOMES},
    "temples": {"名称": ["木造阿弥陀如来像"], "所有者等": ["常行寺", "秦福寺", "市川市", "個人蔵"]},
    "birthdays of animals": {
        "動物名": ["ハナ", "タロ"],
        "品種": ["柴", "雑種"],
        "生年月日": ["2020-02-03", "2019-04-05"],
    },
    "the desk in charge": {"催し": ["まつり", "講座"], "問い合わせ先（市の担当課）": ["菊花展実行委員会", "文化課"]},
    "desks with words for people": {
        "施設名": ["会館1", "会館2"],
        "児童館電話番号": OFFICES,
        "指定管理者電話番号": OFFICES,
        "選挙管理委員会電話": OFFICES,
    },
    "long codes": {"管理番号": [f"{n:012}" for n in range(40)], "資産番号": [f"4{n:015}" for n in range(40)]},
}


@pytest.mark.parametrize("kind", HELD)
def test_what_belongs_to_persons_is_found(read: Read, kind: str) -> None:
    columns, expected = HELD[kind]
    assert _found(read, columns) == expected


@pytest.mark.parametrize("kind", FREE)
def test_what_only_looks_like_it_is_left_alone(read: Read, kind: str) -> None:
    assert _found(read, FREE[kind]) == {}
