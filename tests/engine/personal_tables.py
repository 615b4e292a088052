"""Made-up tables with and without personal data, each column labelled with what it holds; nobody in them exists.

Two halves: `tuning` was looked at while the screen was written, `measuring` has other headers, other names, other kinds of
table, and was only ever counted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.numbers import is_card_number, is_my_number

Maker = Callable[[random.Random], str]
HALVES = ("tuning", "measuring")
_SURNAMES = {
    "tuning": [
        "佐藤",
        "鈴木",
        "高橋",
        "田中",
        "伊藤",
        "渡辺",
        "山本",
        "中村",
        "小林",
        "加藤",
        "吉田",
        "山田",
        "佐々木",
        "山口",
        "松本",
        "井上",
        "木村",
        "林",
        "斎藤",
        "清水",
    ],
    "measuring": [
        "長谷川",
        "近藤",
        "石川",
        "前田",
        "岡田",
        "藤田",
        "後藤",
        "髙島",
        "村上",
        "遠藤",
        "青木",
        "坂本",
        "斉藤",
        "福田",
        "太田",
        "西村",
        "藤井",
        "金子",
        "三浦",
        "大塚",
        "﨑田",
        "東海林",
        "小野寺",
    ],
}
_GIVEN = {
    "tuning": [
        "太郎",
        "花子",
        "一郎",
        "美咲",
        "健太",
        "さくら",
        "翔太",
        "葵",
        "大輔",
        "陽子",
        "直樹",
        "由美子",
        "拓也",
        "恵子",
        "浩二",
        "真由美",
    ],
    "measuring": [
        "正人",
        "和子",
        "悠斗",
        "結衣",
        "誠",
        "幸子",
        "蓮",
        "愛",
        "修平",
        "千尋",
        "秀樹",
        "智子",
        "亮介",
        "奈々",
        "ひかり",
        "隆",
    ],
}
_TOWNS = [
    "神田",
    "麹町",
    "赤坂",
    "白金",
    "日本橋",
    "築地",
    "本郷",
    "浅草",
    "深川",
    "大井",
    "目黒",
    "蒲田",
    "代々木",
    "中野",
    "池袋",
    "王子",
    "赤羽",
    "板橋",
    "練馬",
    "千住",
]
_WORDS = ["ひまわり", "さくら", "あおぞら", "みどり", "中央", "北部", "南町", "希望", "若葉", "すみれ"]


@dataclass(frozen=True, slots=True)
class MadeTable:
    """A table and, by column, the kind of personal data in it ("" for none)."""

    name: str
    title: str
    header: list[str]
    rows: list[list[str]]
    truth: dict[str, str]

    def as_csv(self) -> str:
        """Return the table as a file."""
        lines = [",".join(self.header), *(",".join(f'"{cell}"' for cell in row) for row in self.rows)]
        return "\n".join(([f'"{self.title}"'] if self.title else []) + lines) + "\n"


def made_tables(half: str, *, seed: int = 7, rounds: int = 6) -> Iterator[MadeTable]:
    """Yield the tables of a half, each kind several times with other rows."""
    for number in range(rounds):
        rng = random.Random(f"{half}-{seed}-{number}")
        for name, title, columns in _KINDS[half]:
            count = rng.choice([8, 20, 45, 120])
            makers = [(header, kind, made(half)) for header, kind, made in columns]
            rows = [[make(rng) for _, _, make in makers] for _ in range(count)]
            yield MadeTable(
                f"{half}-{name}-{number}", title, [h for h, _, _ in makers], rows, {h: k for h, k, _ in makers}
            )


def _name(half: str, gap: str = "　") -> Maker:
    return lambda rng: rng.choice(_SURNAMES[half]) + gap + rng.choice(_GIVEN[half])


def _kana(half: str) -> Maker:
    del half
    return lambda rng: (
        rng.choice(["サトウ", "ハセガワ", "タナカ", "ムラカミ"]) + " " + rng.choice(["タロウ", "カズコ", "ユウト"])
    )


def _digits(pattern: str) -> Maker:
    return lambda rng: "".join(str(rng.randrange(10)) if letter == "9" else letter for letter in pattern)


def _my_number(rng: random.Random) -> str:
    while True:
        eleven = f"{rng.randrange(10**11):011}"
        for digit in range(10):
            if is_my_number(eleven + str(digit)):
                return eleven + str(digit)


def _not_my_number(rng: random.Random) -> str:
    while True:
        number = f"{rng.randrange(10**12):012}"
        if not is_my_number(number) or rng.random() < 0.1:
            return number


def _card(rng: random.Random) -> str:
    while True:
        number = "4" + f"{rng.randrange(10**15):015}"
        if is_card_number(number):
            return " ".join(number[place : place + 4] for place in range(0, 16, 4))


def _day(first: int, last: int, form: str = "{y}-{m:02}-{d:02}") -> Maker:
    return lambda rng: form.format(y=rng.randrange(first, last), m=rng.randrange(1, 13), d=rng.randrange(1, 29))


def _wareki(rng: random.Random) -> str:
    return f"{rng.choice(['昭和', '平成'])}{rng.randrange(2, 31)}年{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日"


def _address(rng: random.Random) -> str:
    return f"東京都千代田区{rng.choice(_TOWNS)}{rng.randrange(1, 6)}-{rng.randrange(1, 30)}-{rng.randrange(1, 20)}"


def _facility(rng: random.Random) -> str:
    return rng.choice(_WORDS) + rng.choice(["保育園", "公園", "図書館", "診療所", "商店", "食堂", "体育館", "集会所"])


def _family_business(half: str) -> Maker:
    ends = ["医院", "商店", "歯科クリニック", "工務店", "薬局", "製作所", "旅館"]
    return lambda rng: rng.choice(_SURNAMES[half]) + rng.choice(ends)


def _company(rng: random.Random) -> str:
    return rng.choice(["株式会社", "有限会社", "社会福祉法人", "医療法人社団"]) + rng.choice(_WORDS)


def _either(first: Maker, second: Maker, share: float) -> Maker:
    return lambda rng: first(rng) if rng.random() < share else second(rng)


def _choice(*values: str) -> Maker:
    return lambda rng: rng.choice(values)


def _plain(make: Maker) -> Callable[[str], Maker]:
    return lambda _: make


def _remark(half: str) -> Maker:
    name = _name(half, "")
    plain = _choice(
        "特になし", "段差あり", "要予約", "改修工事中", "第2月曜休館", "スロープがあります", "備品の貸出あり"
    )
    return _either(lambda rng: f"担当は{name(rng)}さん。連絡は午後に", plain, 0.3)


def _mobile_remark(half: str) -> Maker:
    del half
    number = _digits("090-9999-9999")
    return _either(lambda rng: f"緊急時は {number(rng)} へ", _choice("特になし", "要予約", "段差あり"), 0.5)


_PHONE = _plain(_digits("03-9999-9999"))
_PUBLIC_MAIL = _plain(lambda rng: f"info@{rng.choice(['city', 'library', 'park'])}.example.lg.jp")
_COUNT = _plain(lambda rng: str(rng.randrange(3, 900)))
# fmt: off
_KINDS: dict[str, list[tuple[str, str, list[tuple[str, str, Callable[[str], Maker]]]]]] = {
    "tuning": [
        ("applicants", "", [
            ("受付番号", "", _plain(_digits("R6-99999"))), ("氏名", "person_name", _name), ("フリガナ", "", _plain(_choice(""))),
            ("生年月日", "birth_date", _plain(_day(1930, 2005))), ("住所", "home_address", _plain(_address)),
            ("携帯番号", "mobile_phone", _plain(_digits("090-9999-9999"))),
            ("メール", "mail", _plain(lambda rng: f"u{rng.randrange(999)}@gmail.com")), ("区分", "", _plain(_choice("新規", "更新"))),
        ]),
        ("numbers", "", [
            ("整理番号", "", _plain(_digits("99999"))), ("個人番号", "my_number", _plain(_my_number)),
            ("カード", "card_number", _plain(_card)), ("口座番号", "bank_account", _plain(_digits("9999999"))),
        ]),
        ("facilities", "", [
            ("施設名", "", _plain(_facility)), ("所在地", "", _plain(_address)), ("電話番号", "", _PHONE), ("メールアドレス", "", _PUBLIC_MAIL),
            ("管理コード", "", _plain(_not_my_number)), ("開設年月日", "", _plain(_day(1960, 2024))), ("備考", "mobile_phone", _mobile_remark),
        ]),
        ("clinics", "", [
            ("医療機関名", "", _family_business), ("住所", "", _plain(_address)), ("診療科目", "", _plain(_choice("内科", "小児科", "歯科"))),
            ("TEL", "", _PHONE), ("URL", "", _plain(_choice("https://www.example.or.jp/"))),
        ]),
        ("register", "食品営業許可施設一覧", [
            ("許可番号", "", _plain(_digits("第9999号"))), ("営業者名", "", lambda half: _either(_name(half), _company, 0.5)),
            ("屋号", "", _plain(_facility)), ("営業所所在地", "", _plain(_address)), ("業種", "", _plain(_choice("飲食店営業", "菓子製造業"))),
            ("許可年月日", "", _plain(_day(2018, 2025))), ("許可満了日", "", _plain(_day(2025, 2031))),
        ]),
        ("hidden", "", [("番", "", _plain(_digits("99"))), ("項目1", "person_name", _name), ("項目2", "", _COUNT)]),
        ("notes", "", [("会場", "", _plain(_facility)), ("回数", "", _COUNT), ("メモ", "free_text", _remark)]),
        ("welfare", "町丁別生活保護受給者数", [
            ("町丁名", "", _plain(_choice(*[f"{town}一丁目" for town in _TOWNS]))), ("世帯数", "", _COUNT),
            ("受給者数", "small_cells", _plain(lambda rng: str(rng.choice([1, 2, 4, 8, 15, 22])))),
        ]),
        ("population", "町丁別人口", [
            ("町丁名", "", _plain(_choice(*[f"{town}二丁目" for town in _TOWNS]))), ("男", "", _plain(lambda rng: str(rng.randrange(1, 400)))),
            ("女", "", _plain(lambda rng: str(rng.randrange(1, 400)))),
        ]),
    ],
    "measuring": [
        ("pupils", "", [
            ("学年", "", _plain(_choice("1", "2", "3"))), ("児童名", "person_name", lambda half: _name(half, " ")), ("保護者氏名", "person_name", _name),
            ("誕生日", "birth_date", _plain(_wareki)), ("自宅住所", "home_address", _plain(_address)),
            ("緊急連絡先", "mobile_phone", _plain(_digits("080-9999-9999"))),
        ]),
        ("benefits", "", [
            ("被保険者番号", "personal_number", _plain(_digits("9999999999"))), ("世帯主", "person_name", _name), ("マイナンバー", "my_number", _plain(_my_number)),
            ("振込先", "bank_account", _plain(lambda rng: f"みらい銀行 本店 普通 {rng.randrange(10**6, 10**7)}")), ("支給額", "", _plain(_digits("19000"))),
        ]),
        ("volunteers", "", [
            ("No", "", _plain(_digits("99"))), ("お名前", "person_name", lambda half: _name(half, "")), ("カナ氏名", "person_name", _kana),
            ("E-mail", "mail", _plain(lambda rng: f"{rng.choice('abcdef')}{rng.randrange(99)}@{rng.choice(['yahoo.co.jp', 'docomo.ne.jp'])}")),
            ("参加日", "", _plain(_day(2023, 2025))), ("地区", "", _plain(_choice(*_TOWNS))),
        ]),
        ("toilets", "", [
            ("名称", "", _plain(_facility)), ("設置位置", "", _plain(_choice("入口横", "1階", "東側"))), ("緯度", "", _plain(_digits("35.699999"))),
            ("経度", "", _plain(_digits("139.799999"))), ("利用開始時間", "", _plain(_choice("9:00", "8:30"))), ("ID", "", _plain(_digits("139999999999"))),
            ("所管課電話", "", _PHONE), ("備考", "", _plain(_choice("車椅子可", "冬期閉鎖", "", "清掃 毎日2回"))),
        ]),
        ("care", "指定介護サービス事業所一覧", [
            ("事業所番号", "", _plain(_digits("1379999999"))), ("事業所名", "", _plain(_facility)), ("法人名", "", _plain(_company)),
            ("代表者名", "", _name), ("管理者", "", _name), ("指定年月日", "", _plain(_day(2000, 2024))), ("電話", "", _PHONE),
        ]),
        ("inns", "", [
            ("施設の名称", "", _family_business), ("営業者", "", lambda half: _either(_name(half), _company, 0.4)), ("許可年月日", "", _plain(_day(1980, 2024))),
            ("許可番号", "", _plain(_digits("R9-999"))), ("施設所在地", "", _plain(_address)), ("部屋数", "", _COUNT),
        ]),
        ("unlabelled", "", [("A", "person_name", lambda half: _name(half, " ")), ("B", "card_number", _plain(_card)), ("C", "", _plain(_choice(*_TOWNS)))]),
        ("inquiries", "", [
            ("受付日", "", _plain(_day(2024, 2026))), ("分類", "", _plain(_choice("道路", "ごみ", "公園"))), ("内容", "free_text", lambda half: _either(
                lambda rng: f"{_name(half, '')(rng)}様より電話。自宅前の街灯が切れている", _choice("公園の遊具が壊れている", "収集日を知りたい"), 0.5)),
        ]),
        ("disability", "学校別障害児数", [
            ("学校名", "", _plain(lambda rng: rng.choice(_TOWNS) + "小学校")), ("児童数", "", _COUNT),
            ("障害児数", "small_cells", _plain(lambda rng: str(rng.choice([1, 1, 2, 3, 7])))),
        ]),
        ("events", "", [
            ("イベント名", "", _plain(lambda rng: rng.choice(_WORDS) + rng.choice(["まつり", "講座", "コンサート"]))), ("開始日", "", _plain(_day(2024, 2026))),
            ("主催", "", _plain(_company)), ("連絡先", "", _PHONE), ("発生年月日", "", _plain(_day(2020, 2025))), ("定員", "", _COUNT),
        ]),
    ],
}
# fmt: on
