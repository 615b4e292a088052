"""Kinds of files a stranger made: what looks like a fault and is none beside what looks sound and is not, rule by rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.rating.rate import rate_path


def column(name: str, *values: str, times: int = 24) -> str:
    """A CSV of numbered places and one column in which these values come again and again."""
    rows = (f"{n + 1:03},{values[n % len(values)]}\n" for n in range(times))
    return f"施設番号,{name}\n{''.join(rows)}"


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def _beyond(header: str, memo_at: int, *, tail: str = "") -> str:
    rows = (f"{n},館{n},{n * 10}{',要確認' if n == memo_at else tail}" for n in range(1, 13))
    return lines(header, *rows)


HOMES = [f"{n},館{n},東京都中央区佃{{}}1-{n},{n}0" for n in range(1, 13)]

CASES: list[tuple[str, str, str]] = [
    # Classes and ordinals are labels, amounts with units are not.
    ("L2-01", column("年齢区分", "0～4歳", "5～9歳", "10～14歳", "75歳以上"), "keeps"),
    ("L2-01", column("従業者規模", "1～4人", "5～9人", "30人以上"), "keeps"),
    ("L2-01", column("世帯の年間収入", "200万円未満", "200～300万円", "300～400万円"), "keeps"),
    ("L2-01", column("建築の時期", "1970年以前", "1971～1980年", "1981～1990年"), "keeps"),
    ("L2-01", column("学年", "1年", "2年", "3年"), "keeps"),
    ("L2-01", column("学年", "1年", "2年", "3年", "特別支援"), "keeps"),
    ("L2-01", column("講座区分", "1日", "半日", "2日間"), "keeps"),
    ("L2-01", column("組", "1組", "2組"), "keeps"),
    ("L2-01", column("便", "1便", "2便", "3便"), "keeps"),
    ("L2-01", column("年", "2021年", "2022年", "2023年"), "keeps"),
    ("L2-01", column("面積の根拠", "延べ面積の1/2", "敷地面積の1/3"), "keeps"),
    ("L2-01", column("築年数", "10年", "20年", "30年"), "breaks"),
    ("L2-01", column("使用料", "100円", "200円", "300円"), "breaks"),
    ("L2-01", column("使用料（円）", "100～200円", "200～300円", "300"), "breaks"),
    ("L2-01", column("死者数", "150余", "130～140", "12", "9"), "breaks"),
    # Names that are terms of a vocabulary say what their last part says.
    ("L2-01", column("https://code4fukui.github.io/rdf/#electorate", "32235", "34592", "無投票", "41"), "breaks"),
    ("L3-05", column("https://schema.org/Date", "11.6.H17", "8.7.H21", "7.7.H25"), "breaks"),
    ("L3-05", lines("元号,年,回数（回）", *(f"昭和,{n},{n % 4}" for n in range(1, 20))), "breaks"),
    ("L3-05", lines("元号,年,西暦,回数（回）", *(f"昭和,{n},{1925 + n},{n % 4}" for n in range(1, 20))), "keeps"),
    # Years, answers on a scale and numbers of records want no unit and are no region.
    ("L3-04", lines("era,人口（人）", *(f"{year},{year * 9}" for year in range(2015, 2065, 5))), "keeps"),
    ("L3-04", column("適度な費用で住居を確保できる\u200b", "1", "2", "3", "4", "5"), "keeps"),
    ("L3-06", lines("code,address", *(f"37201{n:04},屋島東町明神{n}" for n in range(1, 30))), "breaks"),
    # A body's name is one name, however many fields it lists.
    ("L1-07", column("委員会", *(f"{a}・{b}対策特別委員会" for a, b in permutations(("医療", "防災", "交通"), 2))), "keeps"),
    # A value beyond the names is a remark where the header leaves a place for it, else a comma outside quotes.
    ("L1-15", _beyond("番号,館名,定員（人）,", 5, tail=","), "keeps"),
    ("L1-04", _beyond("番号,館名,定員（人）,", 5, tail=","), "breaks"),
    ("L1-05", _beyond("番号,館名,定員（人）,", 5, tail=","), "keeps"),
    ("L1-15", _beyond("番号,館名,定員（人）", 5), "breaks"),
    ("L1-15", lines("番号,館名,所在地,定員（人）", *(home.format(",") for home in HOMES)), "breaks"),
    ("L1-05", lines("番号,館名,所在地,定員（人）", *(home.format(",") for home in HOMES)), "keeps"),
    ("L1-15", lines("番号,館名,所在地,定員（人）", *(home.format("") for home in HOMES)), "keeps"),
    ("L1-15", lines("番号,館名,所在地", *(home.format("") for home in HOMES)), "keeps"),
    ("L1-05", lines("番号,館名,所在地", *(home.format("") for home in HOMES)), "breaks"),
    # Several values in one cell.
    ("L1-07", column("収容人数", "屋内191人／屋外0人(面積の1/2)", "屋内80人／屋外20人(面積の1/2)"), "breaks"),
    ("L1-07", column("男女別", "男10 女12", "男8 女9"), "breaks"),
    ("L1-07", column("男女別人数", "男10 女12", "男8 女9"), "breaks"),
    ("L1-07", column("築年・構造", "1975年/RC造", "1988年/木造", "2003年/S造"), "breaks"),
    ("L1-07", column("収容の根拠", "床面積の1/2", "床面積の1/3(概算)"), "keeps"),
    ("L1-07", column("場所", "本館1階 2番窓口", "別館2階 1番窓口"), "keeps"),
    ("L1-07", column("入館料", "大人300円 小人150円", "大人400円 小人200円"), "breaks"),
    ("L1-07", column("規制速度", "30km/h", "40km/h", "50km/h"), "keeps"),
    # A row shifted by a comma is no number with words, a number in kanji is one.
    ("L2-01", _beyond("番号,館名,定員（人）", 5).replace("館5,50", "館5,北,50"), "keeps"),
    ("L2-01", column("座席数（席）", "十二", "二十", "三十五"), "breaks"),
    # Years without their century or their era.
    ("L3-05", column("年", "S55", "H3", "R2"), "breaks"),
    ("L3-05", column("年度", "令和5", "令和6"), "breaks"),
    ("L3-05", column("年度", "５年度", "６年度"), "breaks"),
    ("L3-05", column("棟番号", "T01", "S12", "R02"), "keeps"),
    ("L3-05", column("年度", "2023年度", "2024年度"), "keeps"),
    # Signs for what is withheld, and shares whose scale nobody knows.
    ("L3-03", column("出荷額（万円）", "秘匿", "120", "340"), "breaks"),
    ("L3-03", column("出荷額（万円）", "不明", "120", "340"), "keeps"),
    ("L3-04", column("普及率", "12.3", "45.6", "78.9"), "breaks"),
    ("L3-04", column("人口増加率", "12.3", "45.6", "78.9"), "breaks"),
    ("L3-04", column("普及率(%)", "12.3", "45.6", "78.9"), "keeps"),
    ("L3-04", column("合計特殊出生率", "1.23", "1.34", "1.41"), "keeps"),
    ("L3-04", column("熱量(kcal)", "610", "645", "702", "588"), "keeps"),
    ("L3-04", column("延長:km", "12.3", "45.6", "78.9"), "keeps"),
    # One choice in several spellings, and choices that only look alike.
    ("L2-04", column("性別", "男", "女", "男", "男性", "女性"), "breaks"),
    ("L2-04", column("回答", "はい", "ハイ", "いいえ"), "breaks"),
    ("L2-04", column("構造", "木造", "木", "鉄骨造"), "breaks"),
    ("L2-04", column("用途地域", "第1種住居地域", "第一種住居地域", "商業地域"), "breaks"),
    ("L2-04", column("都道府県", "東京", "東京都", "京都府"), "breaks"),
    ("L2-04", column("状況", "検討中", "検討", "未着手"), "breaks"),
    ("L2-04", column("状況", *["取組済"] * 7, *["検討中"] * 7, *["未着手"] * 6, "取組済み", "取り組み済", "検討中。", "検討 中"), "breaks"),
    ("L2-04", column("構造", "木造", "鉄骨造", "軽量鉄骨造", "鉄筋コンクリート造", "鉄骨鉄筋コンクリート造"), "keeps"),
    ("L2-04", column("設置主体", "公設", "公設公営", "公設民営"), "keeps"),
    ("L2-04", column("所在", "東京都", "京都府"), "keeps"),
    ("L2-04", column("区分", "1.5", "15", "1-5", times=25), "keeps"),
    # Spaces between letters; names alike but for width; axes.
    ("L1-06", column("課名", "保健　セ ン タ ー", "総務課"), "breaks"),
    ("L1-06", column("店名", "カフェ ド パリ", "ア ラ カルト", "ザ パーク"), "keeps"),
    ("L2-03", lines("番号,人口(人),人口（人）", "1,2,3", "2,3,4", "3,4,5"), "breaks"),
    ("L1-05", lines("番号,X,Y", "a,2,3", "b,3,4", "c,4,5"), "keeps"),
    # Steps of an axis, terms of a contract, old years and intensities are labels; a unit nobody listed is a unit.
    ("L2-01", column("年齢", *(f"{n}歳" for n in range(24))), "keeps"),
    ("L2-01", column("任期", "2年", "4年"), "keeps"),
    ("L2-01", column("制作年", "1603年頃", "1650年"), "keeps"),
    ("L2-01", column("震度", "5弱", "5強", "4"), "keeps"),
    ("L2-01", column("従業員数", "10人以上", "5人未満", "300人以上"), "keeps"),
    ("L2-01", column("数量", "350個", "198箱", "12ケース"), "breaks"),
    # What only tells things apart, or ranks them, has no unit; a sheet's serial days are days.
    ("L3-04", column("マイナンバー", "123456789018", "234567890129"), "keeps"),
    ("L3-04", column("ISBN", *(str(9784000000000 + n * 1117) for n in range(24))), "keeps"),
    ("L3-04", column("警戒レベル", "3", "4", "5"), "keeps"),
    ("L3-04", column("前面道路幅員（㍍）", "4.5", "6.2", "12.4"), "keeps"),
    ("L3-04", column("歳入", "300", "450", "1200"), "breaks"),
    ("L3-04", column("許可日", *map(str, range(45748, 45772))), "keeps"),
    ("L3-05", column("許可日", *map(str, range(45748, 45772))), "breaks"),
    ("L3-04", column("面積", *(f"{1234 + n}.{n + 10}" for n in range(24))), "breaks"),
    # Days without a year, behind them weekdays, times and spans; codes are no days.
    ("L3-05", column("請求日", "4月3日", "5月12日"), "breaks"),
    ("L3-05", column("日時", "10月17日(土)～18日(日)", "4月3日（土）10:00"), "breaks"),
    ("L3-05", column("日時", "2026年4月12日（日）9時30分～正午", "2026年5月3日（日・祝）10時～12時"), "keeps"),
    ("L3-05", column("例祭日", "4月15日", "9月12日"), "keeps"),
    ("L3-05", column("工事番号", *(f"R5-{n:03}" for n in range(24))), "keeps"),
    # One cell, two kinds of values.
    ("L1-07", column("問合せ先", "環境課 03-1111-2222", "道路課（03-1111-3333）"), "breaks"),
    ("L1-07", column("電話番号", "03-1111-2222（代表）", "03-1111-3333 内線456"), "keeps"),
    ("L1-07", column("駐車場", "有（10台）", "無", "有（5台）"), "breaks"),
    ("L1-07", column("収集曜日", "月・木", "火・金"), "breaks"),
    ("L1-07", column("提供エリア", '"1階ロビー\n2階ホール\n3階会議室"', "館内全域"), "breaks"),
    # Choices by inflection, grades, and categories that begin with “other”.
    ("L2-04", column("延長保育", "実施", "実施している", "未実施"), "breaks"),
    ("L2-04", column("評価", "A", "A-", "B"), "keeps"),
    ("L2-05", column("種別", "街区公園", "近隣公園", "その他公園"), "keeps"),
    ("L2-05", column("種別", "街区公園", "近隣公園", "その他（再掲）"), "keeps"),
    ("L2-05", column("種別", "街区公園", "近隣公園", "その他：遊歩道"), "breaks"),
    # Blanks that leave a value out, and a column that is often empty.
    ("L2-02", lines("略称,館名", *(f"{'' if n % 3 else f'略{n}'},第{n}館" for n in range(18))), "keeps"),
    ("L2-02", lines("地区,館名", *(f"{'' if n % 3 else f'地区{n}'},第{n}館" for n in range(18))), "breaks"),
    # Commas of addresses of pages; names spread out and repeated; a spot is no address.
    ("L1-15", lines("番号,館名,URL", *(f"{n},館{n},https://example.jp/?ids={n},{n + 1},2&v=1" for n in range(9))), "breaks"),
    ("L1-03", lines("館名,発 生 件 数（件）,町", *("A館,1,港",) * 6, "館名,発生件数（件）,町", *("B館,2,北",) * 6), "breaks"),
    ("L1-06", lines("館名,発 生 件 数（件）,町", *("A館,1,港",) * 6), "breaks"),
    ("L1-04", lines("館名,人数,町", *(f"館{n},{n},港" for n in range(9)), "※抜粋,,", "担当：総務課,,"), "breaks"),
    ("L3-06", column("設置場所", "1階ロビー", "2階事務室前"), "keeps"),
    ("L3-06", column("区市町村", "横浜", "川崎", "相模原"), "breaks"),
    # Numbers of a system are no names; lists of codes, and what is said of “other”.
    ("L1-05", lines("番号,K101,K102", "a,2,3", "b,3,4", "c,4,5"), "breaks"),
    ("L1-05", lines("番号,P20_001,P20_002", "a,2,3", "b,3,4", "c,4,5"), "breaks"),
    ("L1-05", lines("番号,H30_人口,R1_人口", "a,2,3", "b,3,4", "c,4,5"), "keeps"),
    ("L3-06", lines("Name,Add1,TEL", *(f"第{n}園,福井市本町{n}-2,0776-22-100{n}" for n in range(1, 9))), "breaks"),
    ("L3-06", lines("Name,Add1,TEL", *(f"第{n}園,福井県福井市本町{n}-2,0776-22-100{n}" for n in range(1, 9))), "keeps"),
    ("L3-06", lines("Name,Add1,TEL", *(f"第{n}園,追加{n},0776-22-100{n}" for n in range(1, 9))), "keeps"),
    ("L1-05", lines("番号,PM10（μg/m3）,PM25（μg/m3）", "a,2,3", "b,3,4", "c,4,5"), "keeps"),
    ("L1-07", column("設備コード", '"1,3,5"', "1", '"2,3"'), "breaks"),
    ("L2-05", column("理由", "転居", "その他/転職", "その他/進学", "その他"), "breaks"),
    ("L2-04", column("曜日", "月", "月曜日", "火"), "breaks"),
    ("L2-04", column("種別", "サーバー", "サーバ", "ビール", "ビル"), "breaks"),
    ("L2-01", column("金額（円）", "1 200", "3 400", "500"), "breaks"),
    ("L2-01", lines("年,件数（件）", *(f"{year},1{year}" for year in range(2015, 2023)), "合計,12"), "keeps"),
    ("L3-05", column("更新日時", "2024/02/10 10:00", "2024-03-10T10:00"), "breaks"),
    # A small table above a wide one, a title with its date far right, and rows of data where names should stand.
    ("L1-02", lines("種類,件数（件）,率（％）,,,", *(f"種{'甲乙丙丁'[n]},{n},{n}.5,,," for n in range(4)), ",,,,,", "館名,町,人,男,女,備考", *(f"館{n},港,{n},1,2,新" for n in range(9))), "breaks"),
    ("L2-03", lines("館の一覧,,,2024年4月1日現在", "館名,町,人,備考", *(f"館{n},港,{n},新" for n in range(9))), "keeps"),
    ("L1-05", lines("東館,無線,2.4", *(f"{'東西'[n % 2]}館,{'有無'[n % 2]}線,{n % 3}.4" for n in range(9))), "breaks"),
]  # fmt: skip


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, frozenset[str]]:
    """The rules that each text breaks, every text rated once."""
    path = tmp_path_factory.mktemp("kinds") / "made.csv"
    found = {}
    for text in dict.fromkeys(text for _, text, _ in CASES):
        path.write_text(text, encoding="utf-8")
        found[text] = frozenset(rule.id for rule in rate_path(path).rules if rule.verdict == "fail")
    return found


@pytest.mark.parametrize(
    ("rule", "text", "expected"), CASES, ids=[f"{n}-{case[0]}-{case[2]}" for n, case in enumerate(CASES)]
)
def test_a_kind_of_file(failed: dict[str, frozenset[str]], rule: str, text: str, expected: str) -> None:
    assert (rule in failed[text]) == (expected == "breaks")


def test_every_municipality_without_its_kind_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_text(
        lines("市区町村名,出生数（人）", "品川,1", "横浜,2", "久留米,3", "三鷹市,4", "その他,5"), encoding="utf-8"
    )
    found = next(rule for rule in rate_path(path).rules if rule.id == "L3-06").findings
    assert "3 セル" in found[0].message_ja


@pytest.mark.parametrize(
    ("name", "text", "readable"),
    [
        ("words.md", "# 見出し\n\n本文の一行目。\n二行目。\n", "fail"),
        ("model.yaml", "区: 港区\n人口: 12\n世帯: 3\n", "not_applicable"),
        ("own.jsonl", "".join(f'{{"1310{n:04}": ["東京都", "港区"]}}\n' for n in range(40)), "not_applicable"),
        ("own.json", "[" + ",".join(f'{{"1310{n:04}": "港区"}}' for n in range(40)) + "]", "not_applicable"),
    ],
)
def test_what_is_no_table_gets_no_marks(tmp_path: Path, name: str, text: str, readable: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    rating = rate_path(path)
    assert rating.error is not None
    assert rating.rules[0].verdict == readable
    assert rating.levels["L2"] is None


def test_records_with_few_members_in_common_are_a_table(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    path.write_text("[" + ",".join(f'{{"名称": "館{n}", "印{n}": 1}}' for n in range(40)) + "]", encoding="utf-8")
    assert rate_path(path).tables[0].rows == 40


def test_what_words_and_signs_say_is_no_meaning_in_colour(workbook: Callable[..., Path]) -> None:
    from openpyxl.styles import Font, PatternFill

    rows = [["番号", "地区", "増減（人）"], *[[n, "東西南北"[n // 4], n if n % 3 else -n - 1] for n in range(16)]]

    def shade(book: Any, *, shaded: range, red: bool) -> None:
        for n in range(16):
            if red and n % 3 == 0:
                book["データ"].cell(n + 2, 3).font = Font(color="FF0000")
            for place in (1, 2, 3) if n in shaded else ():
                book["データ"].cell(n + 2, place).fill = PatternFill("solid", fgColor="EEEEEE")

    for shaded, red, expected in ((range(4, 8), True, "pass"), (range(5, 8), False, "fail")):
        path = workbook({"データ": rows}, change=partial(shade, shaded=shaded, red=red))
        assert next(rule for rule in rate_path(path).rules if rule.id == "L1-11").verdict == expected


def test_sheets_about_the_data_are_read_but_not_judged(workbook: Callable[..., Path]) -> None:
    rows = [["番号", "面積", "患者数（人）"], *[[f"{n:03}", n + 0.5, "X" if n == 3 else n * 2] for n in range(1, 13)]]
    book = {
        "表紙": [["館の統計"], [None], ["1 館の一覧"], [None], ["令和6年"]],
        "データ": rows,
        "項目定義書": [["項目名", "単位"], ["面積", "ha"]],
        "凡例": [["記号", "意味"], ["X", "5人未満"]],
    }
    rating = rate_path(workbook(book))
    assert [table.sheet for table in rating.tables] == ["データ"]
    assert [rule.id for rule in rating.rules if rule.verdict == "fail"] == []
    alone = {rule.id for rule in rate_path(workbook({"データ": rows})).rules if rule.verdict == "fail"}
    assert alone == {"L3-03", "L3-04"}


def test_a_cell_far_from_all_others_is_left_behind(workbook: Callable[..., Path]) -> None:
    def stray(book: Any) -> None:
        book["データ"]["XFD1048576"] = "控え"

    path = workbook({"データ": [["番号", "館名"], *[[n, f"館{n}"] for n in range(1, 13)]]}, change=stray)
    found = next(rule for rule in rate_path(path).rules if rule.id == "L1-04")
    assert found.findings[0].where == "データ!XFD1048576"


def test_links_are_no_meaning_in_colour(workbook: Callable[..., Path]) -> None:
    from openpyxl.styles import Font

    rows = [["番号", "館名"], *[[n, f"館{n}"] for n in range(1, 13)]]

    def spoil(book: Any, *, underline: str | None) -> None:
        for row in range(2, 10):
            book["データ"].cell(row, 2).font = Font(color="0563C1", underline=underline)

    for underline, expected in (("single", "pass"), (None, "fail")):
        path = workbook({"データ": rows}, change=partial(spoil, underline=underline))
        assert next(rule for rule in rate_path(path).rules if rule.id == "L1-11").verdict == expected
