"""Columns about persons in the spellings towns use, and columns that only look like them, each kind in one small table."""

from __future__ import annotations

import random

import pytest
from engine_files import Read

from tdpf.controlplane.preparation.engine.numbers import is_card_number, is_my_number
from tdpf.controlplane.preparation.engine.personal.screening import screen

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
    "papers with a number of their own": ({"受診券整理番号": [f"20{n * 7919 + 10000000}" for n in range(40)], "受診者": PEOPLE, "保健指導レベル": ["積極的支援", "情報提供"]}, {"受診券整理番号": "confirmed", "受診者": "confirmed", "保健指導レベル": "doubtful"}),
    "where damage was seen": ({"受付": ["2024-04-01"], "通報者": PEOPLE, "通報者電話": OFFICES, "場所": HOMES, "内容": ["陥没", "倒木"]}, {"通報者": "confirmed", "通報者電話": "confirmed"}),
    "keepers of weighed animals": ({"申請者": PEOPLE, "申請者住所": HOMES, "動物種": ["犬", "猫"], "体重": ["3", "12"]}, {"申請者": "confirmed", "申請者住所": "confirmed"}),
    "who runs a stall": ({"直売所名": [f"直売所{n}" for n in range(40)], "代表": PEOPLE, "携帯": MOBILES}, {"代表": "doubtful", "携帯": "doubtful"}),
    "notes on health": ({"Child": PEOPLE, "Medical Notes": ["asthma", "none"], "精密結果": ["異常認めず", "要治療"]}, {"Child": "confirmed", "Medical Notes": "doubtful", "精密結果": "doubtful"}),
    "heads of neighbourhoods": ({"町会名": [f"{n}町会" for n in range(40)], "会長名": PEOPLE, "住所": HOMES, "電話": OFFICES}, {"会長名": "doubtful", "住所": "doubtful", "電話": "doubtful"}),
    "what is owed": ({"納税義務者": PEOPLE, "送付先": HOMES, "滞納額（円）": ["4000", "29000"]}, {"納税義務者": "confirmed", "送付先": "confirmed", "滞納額（円）": "doubtful"}),
    "one of several owners": ({"物件": IDS, "所有者(代表)": PEOPLE, "納付書送付先": HOMES}, {"所有者(代表)": "doubtful", "納付書送付先": "doubtful"}),
    "readers of a library": ({"利用者番号": [f"{30146471 + n * 7919}" for n in range(40)], "書名": ["俳句歳時記", "会社四季報"], "生年": ["1940", "1967"], "性別": ["男", "女"]}, {"利用者番号": "doubtful", "生年": "doubtful"}),
    "those whom residents may ask": ({"区分": ["民生委員", "主任児童委員"], "氏名": PEOPLE, "住所": HOMES, "電話": OFFICES, "担当区域": ["栄町1～3丁目", "本町2丁目"]}, {"氏名": "doubtful", "住所": "doubtful", "電話": "doubtful"}),
    "whom to call": ({"Student": PEOPLE, "Emergency Contact Name": PEOPLE[::-1], "Emergency Contact Phone": MOBILES}, {"Student": "confirmed", "Emergency Contact Name": "confirmed", "Emergency Contact Phone": "confirmed"}),
    "neighbours": ({"受付日": ["2024-04-01"], "内容": ["隣家の佐藤さん宅の犬", *["街灯の球切れ"] * 6]}, {"内容": "doubtful"}),
    "mobile from abroad": ({"店名": ["店1", "店2"], "連絡先": [f"+81-{number[1:]}" for number in MOBILES]}, {"連絡先": "doubtful"}),
    "mobile without its zero": ({"店名": ["店1", "店2"], "電話": [number.replace("-", "")[1:] for number in MOBILES]}, {"電話": "doubtful"}),
    "suicides by town": ({"市区町村名": ["品川区", "青ヶ島村"], "性別": ["男", "女"], "自殺者数(人)": ["2", "14", "1"]}, {"自殺者数(人)": "doubtful"}),
    "nationality by street": ({"町丁": [f"神田{n}丁目" for n in range(1, 9)], "国籍": ["ペルー", "ネパール"], "人数": ["1", "2", "3"]}, {"人数": "doubtful"}),
    "readings of names": ({"氏名": PEOPLE, "フリガナ": ["サトウ タロウ", "イガラシ ケンタ"]}, {"氏名": "doubtful", "フリガナ": "doubtful"}),
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
HELD |= {
    "parties in words of their own": ({"納税義務者": PEOPLE, "送付先": HOMES, "税目": ["市民税"]}, {"納税義務者": "confirmed", "送付先": "confirmed"}),
    "parties in kana": ({"被接種者": ["オノデラ ナオキ", "ハセガワ クミ"], "接種券番号": [f"00004{n:05}" for n in range(40)]}, {"被接種者": "confirmed", "接種券番号": "confirmed"}),
    "health beside persons": ({"被保険者": PEOPLE, "要介護度": ["要介護1", "要支援2"], "事業所": ["ケアセンター緑"]}, {"被保険者": "confirmed", "要介護度": "doubtful"}),
    "whole days under a year": ({"利用者名": PEOPLE, "生年": ["1950/2/3", "1967/4/5"], "利用者カード番号": [f"2{n:08}" for n in range(40)]}, {"利用者名": "confirmed", "生年": "confirmed", "利用者カード番号": "confirmed"}),
    "addresses in parts": ({"姓": SURNAMES, "名": GIVEN, "町名番地": ["神田1-2-3"], "方書": ["メゾン緑101号室", "コーポ緑202"]}, {"姓": "confirmed", "名": "confirmed", "町名番地": "confirmed", "方書": "confirmed"}),
    "half-width account holders": ({"銀行コード": ["0001", "0005"], "口座名義": ["ｵﾉﾃﾞﾗ ﾅｵｷ", "ﾊｾｶﾞﾜ ｸﾐ"]}, {"口座名義": "doubtful"}),
    "names from abroad": ({"Full name": ["NGUYEN VAN AN", "ZHANG WEI", "MARIA SANTOS"], "在留カード番号": ["AB12345678CD"]}, {"Full name": "confirmed", "在留カード番号": "confirmed"}),
    "Japanese names in letters": ({"NAME": ["ONODERA NAOKI", "HASEGAWA KUMI", "CHIBA MAKOTO"], "TEL": MOBILES}, {"NAME": "doubtful", "TEL": "doubtful"}),
    "senders on the net": ({"path": ["/form", "/index.html"], "remote_addr": ["126.15.3.9", "60.71.2.14"]}, {"remote_addr": "doubtful"}),
    "speakers with a word behind": ({"発言者": ["長谷川（住民）", "森田（保護者）", "今井（相談者）", "千葉（住民）"], "時刻": ["10:00"]}, {"発言者": "doubtful"}),
    "a trade before the name": ({"ご職業・お名前": [f"会社員・{name}" for name in PEOPLE], "満足度": ["1", "5"]}, {"ご職業・お名前": "doubtful"}),
    "visits": ({"訪問日": ["2024-04-01"], "様子": ["留守。隣の佐藤さんに伝言。", *["お元気そうでした。"] * 6]}, {"様子": "doubtful"}),
}  # fmt: skip
READINGS = ["ｲﾁﾉｾ ｷﾖ", "ﾓﾛｽﾞﾐ ﾐﾅﾄ", "ｺﾋﾞﾅﾀ ﾅｵｷ", "ﾊｾｶﾞﾜ ｸﾐ"]
HELD |= {
    "headings that say nothing": ({"項目1": IDS, "項目2": PEOPLE, "項目3": [f"{year}-05-1{n}" for n, year in enumerate((1950, 1967, 1988, 2009))], "項目4": HOMES}, {"項目2": "doubtful", "項目3": "doubtful", "項目4": "doubtful"}),
    "headings in kana": ({"被保番": [f"00{n:08}" for n in range(40)], "ﾋﾎｹﾝｼｬﾒｲ": READINGS, "生年月日（和暦）": ["S02.03.28", "T15.04.08"], "認定結果": ["要介護1", "要支援2"], "居宅支援事業所": ["緑ケア", "花ケア"]}, {"被保番": "confirmed", "ﾋﾎｹﾝｼｬﾒｲ": "doubtful", "生年月日（和暦）": "doubtful", "認定結果": "doubtful"}),
    "states told by values": ({"申請者": PEOPLE, "区分": ["知的障害", "けが人", "内部障害"], "世帯の状況": ["生活保護", "ひとり親"]}, {"申請者": "confirmed", "区分": "doubtful", "世帯の状況": "doubtful"}),
    "relatives": ({"名義人": PEOPLE, "同居者": ["陽葵", "浩司、美咲", "大輔"], "お迎えの方": ["父（颯太）", "祖母（舞）", "母（愛）"]}, {"名義人": "doubtful", "同居者": "doubtful", "お迎えの方": "doubtful"}),
    "own words of those asked": ({"回答ID": IDS, "困っていること": ["区長の白石さんから移住者は口を出すなと言われた", *["駐輪場が足りないと思います", "窓口の説明が分かりにくい"] * 5]}, {"困っていること": "doubtful"}),
    "papers": ({"Name": ["NGUYEN VAN MINH", "TRAN THI HOA", "SANTOS MARIA"], "DOB": ["23-Mar-1987", "11-Feb-1990"], "旅券番号": [f"TK{7000000 + n * 7919}" for n in range(40)]}, {"Name": "doubtful", "DOB": "doubtful", "旅券番号": "confirmed"}),
    "telephones in parts": ({"使用者名": READINGS, "市外局番": ["263"], "局番": ["32", "61"], "加入者番号": ["8680", "9555"], "設置場所": ["霧沢市和田三丁目十二番八号"]}, dict.fromkeys(("市外局番", "局番", "加入者番号", "設置場所", "使用者名"), "confirmed")),
    "pupils, whose schools stand beside": ({"在籍校": ["北原小学校", "南郷小学校"], "児童": PEOPLE, "住所": HOMES, "緊急連絡先①": OFFICES}, {"児童": "confirmed", "住所": "confirmed", "緊急連絡先①": "confirmed"}),
}  # fmt: skip
HELD |= {
    "accounts of the post office": ({"通知書番号": IDS, "ｺｳｻﾞﾒｲｷﾞ": READINGS, "記号": ["18490", "10170", "14320"], "番号": [f"{n * 7919 + 1000000}1" for n in range(40)]}, {"ｺｳｻﾞﾒｲｷﾞ": "doubtful", "記号": "doubtful", "番号": "doubtful"}),
    "results in signs": ({"しめい": ["おのでらなおき", "はせがわくみ", "ちばまこと"], "年月日(生)": ["S07-11-17", "S34-08-19"], "ピロリ抗体": ["(+)", "(-)"], "結果通知": ["済", "未"]}, {"しめい": "doubtful", "年月日(生)": "doubtful", "ピロリ抗体": "doubtful"}),
    "senders of messages": ({"表示名": ["まこと🍎", "くみママ"], "userId": [f"U{n:032x}" for n in range(40)], "通報文": ["街灯が切れています"]}, {"表示名": "doubtful", "userId": "doubtful"}),
    "last and first": ({"Bib": IDS, "Last": ["Chiba", "Hasegawa", "Imai"], "First": ["Makoto", "Kumi", "Naoki"]}, {"Last": "doubtful", "First": "doubtful"}),
    "a home and a telephone in one cell": ({"応募者": PEOPLE, "住所・電話": [f"{home} {mobile}" for home, mobile in zip(HOMES, MOBILES, strict=False)]}, {"応募者": "confirmed", "住所・電話": "confirmed"}),
    "ages taken in": ({"Name": [f"ひかり{n}保育園" for n in range(8)], "Owner": ["㈱たんぽぽ 代表取締役 伊藤 啓子", "霧沢市"], "AgeS": ["0", "1"], "AgeE": ["5", "6"], "Phone": OFFICES}, {"Owner": "doubtful"}),
}  # fmt: skip
FREE = {
    "readings of places": {
        "prefecture_kana": ["ホッカイドウ", "アオモリケン", "イワテケン"],
        "city_kana": ["サッポロシ", "ハコダテシ", "オタルシ", "アオモリシ"],
    },
    "beds and opening days of clinics": {
        "名称": [f"内科{n}医院" for n in range(8)],
        "所在地": HOMES,
        "電話番号": OFFICES,
        "診療科目": ["精神科", "内科"],
        "月曜休診": ["0", "1"],
        "病床": ["2", "19", "1"],
        "地区名": ["本町", "東町"],
    },
    "a building of a firm": {
        **PERMIT,
        "開設者": ["㈱みどり 代表取締役 山田 太郎"],
        "開設者住所2": ["カワノビル"],
        "施設名": [f"理容{n}" for n in range(8)],
    },
    "mayors through history": {
        "歴代": ["初代", "二代"],
        "市長": PEOPLE,
        "氏名": PEOPLE,
        "就任": ["昭和36年8月7日", "平成15年4月18日"],
        "退任": ["昭和41年2月9日", "令和3年1月16日"],
    },
    "offices of the state": {
        "氏名": PEOPLE,
        "氏名かな": ["ヤマダ タロウ", "サトウ ハナコ", "スズキ イチロウ"],
        "肩書": ["環境大臣", "環境副大臣", "環境審議官", "次長", "広報統括"],
    },
    "a council in English": {
        "order": IDS,
        "elected": ["true", "false"],
        "name": PEOPLE,
        "party": ["みどり", "無所属"],
        "votes": ["8411", "7226"],
    },
    "who opened and who runs a hospital": {
        "hospital_name": [f"第{n}病院" for n in range(40)],
        "address": HOMES,
        "開　設　者": PEOPLE,
        "管　理　者": PEOPLE,
        "病床数": ["310", "120"],
    },
    "clans in names of places": {
        "回答者の性別": ["男", "女"],
        "年齢": ["21", "35"],
        "回答エリア": ["朝倉氏遺跡", "駅前", "北条氏館跡"],
    },
    "terms without a title": {
        "代": IDS,
        "氏名": PEOPLE,
        "就任年月日": ["昭和36年8月7日"],
        "退任年月日": ["昭和41年2月9日"],
    },
    "permits of trades": {
        "免許証番号": [f"長野県知事({n % 5 + 1})第{n + 1000}号" for n in range(40)],
        "許可証番号": [f"4812{n * 7919 + 10000000}" for n in range(40)],
        "商号又は名称": [f"緑{n}不動産" for n in range(40)],
        "電話番号": OFFICES,
    },
    "poets of another century": {
        "氏名": ["石川啄木", "宮沢賢治", "高村光太郎"],
        "ヨミ": ["イシカワタクボク", "ミヤザワケンジ", "タカムラコウタロウ"],
        "生年月日": ["1886年2月20日", "1896年8月27日", "1883年3月13日"],
    },
    "designated managers": {"施設": ["会館1", "会館2"], "指定管理者": ["緑文化財団"], "代表者名": PEOPLE},
    "offices": {"新職": ["建設課長", "議会事務局長"], "氏名": PEOPLE, "旧職": ["産業課長", "町民課長"]},
    "works called after places": {
        "契約番号": IDS,
        "工事名": ["町道河野川護岸工事", "町道川崎川護岸工事"],
        "受注者": ["河野建設㈱", "志村電気商会"],
    },
    "books on illness": {
        "資料名": ["発達障害の子どもたち", "料理の四季"],
        "著者名": ["夏目漱石", "山田太郎"],
        "貸出": ["3", "5"],
    },
    "schools and their heads": {
        "学校名": [f"第{n}小学校" for n in range(40)],
        "電話": OFFICES,
        "児童数": ["120", "80"],
    },
    "versions": {"機器名": ["端末1", "端末2"], "バージョン": ["8.3.10.4", "7.1.2.9"]},
    "persons of long ago": {
        "人物名": ["渋沢栄一", "中里介山", "川合玉堂"],
        "生年": ["1840", "1885", "1873"],
        "没年": ["1931", "1944", "1957"],
    },
    "stops like surnames": {
        "停留所名": [*["小泉橋", "内藤橋", "服部病院前"] * 6, "古川公園", "石川町子"],
        "緯度": ["35.71", "35.72"],
    },
    "care in numbers": {
        "年齢区分": ["65～69歳", "70～74歳"],
        "要介護度": ["要支援1", "要介護2"],
        "認定者数": ["50", "90"],
    },
    "machines of the house": {"機器名": ["端末1", "端末2"], "IPアドレス": ["192.168.1.2", "10.0.0.3"]},
    "romaji of places": {"name": ["UENO KOEN", "MINATO MACHI"], "席数": ["3", "4"]},
    "organisers": {"催し": ["まつり", "講座"], "主催者": ["緑町自治会", "文化課"], "受注者": ["森田建設", "今井組"]},
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
