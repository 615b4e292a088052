"""Every rule on made files: one that breaks it and, but for that, one that keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.rating.ruleset import BY_ID, RULES
from tdpf.controlplane.preparation.engine.rating.types import CatalogueFacts, EarlierVersion, Rating, RuleVerdict

Rate = Callable[..., Rating]

SHOPS = "団体コード,店名,種別,開業日,面積（m2）,店員数\n" + "".join(
    f"13101{n % 8},第{n}店,{('食堂', '書店', '薬局')[n % 3]},2024-04-{n:02},{n * 10},{n}\n" for n in range(1, 21)
)


@pytest.fixture
def rate(tmp_path: Path) -> Rate:
    """Rate text or bytes as a file of the given name."""

    def rating(content: str | bytes, name: str = "made.csv", encoding: str = "utf-8", **options: Any) -> Rating:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return rate_path(path, **options)

    return rating


def of(rating: Rating, rule: str) -> RuleVerdict:
    """The verdict on one rule."""
    return next(found for found in rating.rules if found.id == rule)


def table(*lines: str) -> str:
    """A CSV of these lines."""
    return "\n".join(lines) + "\n"


def repeated(header: str, row: str, times: int = 12, *more: str) -> str:
    """A CSV of one header, a row repeated with its number in place of {n}, and more lines."""
    return table(header, *(row.replace("{n}", str(n)) for n in range(1, times + 1)), *more)


def test_a_tidy_file_breaks_nothing(rate: Rate) -> None:
    rating = rate(SHOPS)
    assert [found.id for found in rating.rules if found.verdict == "fail"] == []
    assert rating.levels == {"L1": 100, "L2": 100, "L3": 100}
    assert rating.score == 100


TEXT_CASES: list[tuple[str, str, str]] = [
    ("L1-02", table("区,人口,男", "A区,10,5", "B区,20,9", "C区,30,9", "", "表2　店の数", "種類,店,坪", "食堂,3,40", "書店,4,30", "薬局,2,9"), SHOPS),
    ("L1-03", table("区,人口", "A区,10", "", "B区,20", "C区,30"), table("区,人口", "A区,10", "B区,20", "C区,30")),
    ("L1-03", table("区,,人口", "A区,,10", "B区,,20", "C区,,30"), table("区,人口", "A区,10", "B区,20", "C区,30")),
    ("L1-03", repeated("区,人口", "A区,{n}", 4, ",", ","), repeated("区,人口", "A区,{n}", 4)),
    ("L1-04", repeated("区,人口,男", "A区,{n},1", 8, "", "※ 人口は推計による。,,"), repeated("区,人口,男", "A区,{n},1", 8)),
    ("L1-05", table("1,中央館,20", "2,北館,30", "3,南館,40"), SHOPS),
    ("L1-05", table("館名,,定員", "中央館,千代田,20", "北館,港,30"), table("館名,町,定員", "中央館,千代田,20", "北館,港,30")),
    ("L1-05", table("館名,列2,定員", "中央館,千代田,20", "北館,港,30"), table("館名,No,定員", "中央館,1,20", "北館,2,30")),
    ("L1-06", table("館名,町", "中央館 ,千代田", "北館,港"), table("館名,町", "中央館,千代田", "社会福祉法人　北館,港")),
    ("L1-06", table("館名,地域", "中央館,全　国", "北館,港"), table("氏名,地域", "林　明,全国", "森　薫,港")),
    ("L1-06", table('"施設\n名",町', "中央館,千代田", "北館,港"), table("施設名,町", "中央館,千代田", "北館,港")),
    ("L1-07", repeated("館名,設備", "館{n},トイレ、授乳室", 9), repeated("館名,設備", "館{n},トイレ", 9)),
    ("L1-07", table("館名,位置", 'A館,"35.68,139.76"', 'B館,"35.69,139.77"'), table("館名,緯度", "A館,35.68", "B館,35.69")),
    ("L1-07", table("館名,電話番号", "A館,03-1234-5678/03-1234-5679", "B館,03-1111-2222"), table("館名,電話番号", "A館,03-1234-5678", "B館,03-1111-2222")),
    ("L1-08", table("館名,備考", "第①会館,なし", "㈱北館,なし"), table("館名,備考", "第1会館,髙橋邸～跡", "株式会社北館,なし")),
    ("L1-09", table("館名,利用者数", "A,0", "B,", "C,5", "D,7"), table("館名,利用者数", "A,0", "B,-", "C,5", "D,7")),
    ("L1-14", table("館名,説明", '"A館","広い\n庭"', "B館,静か"), table("館名,説明", "A館,広い庭", "B館,静か")),
    ("L1-15", table("館名,住所,収入", "A館,港区,1,200", "B館,北区,900", "C館,中区,800"), table("館名,住所,収入", 'A館,港区,"1,200"', "B館,北区,900", "C館,中区,800")),
    ("L2-01", repeated("館名,利用料（円）", "館{n},{n}00円"), repeated("館名,利用料（円）", "館{n},{n}00")),
    ("L2-01", table("館名,収入（円）", 'A館,"1,200"', "B館,900", "C館,800"), table("館名,収入（円）", "A館,1200", "B館,900", "C館,-")),
    ("L2-01", table("年,件数", "2020,12", "2021,15※1", "2022,１８", "2023,20"), table("年,件数", "2020,12", "2021,15", "2022,18", "2023,20")),
    ("L2-02", table("地区,館名,人", "東部,A館,1", ",B館,2", ",C館,3", "西部,D館,4", ",E館,5"), table("地区,館名,人", "東部,A館,1", "東部,B館,2", "東部,C館,3", "西部,D館,4", "西部,E館,5")),
    ("L2-02", table("館名,町", "A館,港", "B館,〃", "C館,同上"), table("館名,町", "A館,港", "B館,港", "C館,港")),
    ("L2-03", table("館名,定員,定員", "A館,1,2", "B館,3,4"), table("館名,定員_夏,定員_冬", "A館,1,2", "B館,3,4")),
    ("L2-03", table(",人口,,世帯", ",男,女,", "A区,10,11,5", "B区,20,21,9", "C区,9,8,4"), table("区,人口_男,人口_女,世帯", "A区,10,11,5", "B区,20,21,9", "C区,9,8,4")),
    ("L2-04", repeated("館名,駐車場", "館{n},有", 10, "別館,あり", "新館,無"), repeated("館名,駐車場", "館{n},有", 10, "新館,無")),
    ("L2-04", repeated("館名,対応", "館{n},○", 10, "別館,〇", "新館,×"), repeated("館名,対応", "館{n},○", 10, "新館,×")),
    ("L2-05", repeated("館名,用途", "館{n},集会", 10, "別館,その他（展示）", "新館,その他（茶会）", "旧館,学習"), repeated("館名,用途", "館{n},集会", 10, "別館,その他", "旧館,学習")),
    ("L3-01", table("令和6年度 館の一覧,,", "館名,定員,町", "A館,1,港", "B館,2,北"), table("館名,定員,町", "A館,1,港", "B館,2,北")),
    ("L3-03", table("区,件数", "A区,12", "B区,X", "C区,15", "D区,18"), table("区,件数", "A区,12", "B区,11", "C区,15", "D区,18")),
    ("L3-03", table("区,件数", "A区,12", "B区,X", "C区,15", "D区,18"), table("区,件数,町", "A区,12,港", "B区,X,北", "C区,15,東", "D区,18,西", "", "※ Xは秘匿した値,,")),
    ("L3-04", table("区,面積", "A区,12", "B区,13", "C区,15"), table("区,面積（ha）", "A区,12", "B区,13", "C区,15")),
    ("L3-04", table("区,決算額", "A区,12000", "B区,13", "C区,15"), table("区,出生数", "A区,12", "B区,13", "C区,15")),
    ("L3-05", table("館名,開設", "A館,昭和49年4月1日", "B館,平成2年5月1日"), table("館名,開設", "A館,1974-04-01", "B館,1990-05-01")),
    ("L3-05", table("館名,許可年月日", "A館,R02.07.21", "B館,H30.4.1"), table("館名,許可年月日", "A館,令和2年(2020年)7月21日", "B館,平成30年(2018年)4月1日")),
    ("L3-05", table("館名,更新日", "A館,2024/4/1", "B館,2024-05-01", "C館,2024年6月1日"), table("館名,更新日", "A館,2024/4/1", "B館,2024/5/1", "C館,2024/6/1")),
    ("L3-05", table("館名,更新日", "A館,45383", "B館,45400", "C館,45410"), table("館名,更新日", "A館,20240401", "B館,20240501", "C館,20240601")),
    ("L3-06", table("都道府県,件数", "東京,1", "大阪,2", "京都,3"), table("都道府県,件数", "東京都,1", "大阪府,2", "京都府,3")),
    ("L3-06", table("町丁名,世帯数", "本町一丁目,1", "本町二丁目,2", "栄町,3"), table("市区町村コード,町丁名,世帯数", "131041,本町一丁目,1", "131041,本町二丁目,2", "131041,栄町,3")),
    ("L3-06", table("市区町村コード,件数", "1.31041E+05,1", "1.31041E+05,2"), table("市区町村コード,件数", "131041,1", "131059,2")),
    ("L3-09", table("区,2020年,2021年,2022年", "A区,1,2,3", "B区,4,5,6"), table("区,年,件数", "A区,2020,1", "A区,2021,2", "B区,2020,4")),
    ("L3-09", table("町,0-4歳の男性,5-9歳の男性,10-14歳の男性,15-19歳の男性", "本町,1,2,3,4", "栄町,4,5,6,7"), table("町,年齢階級,人数", "本町,0-4歳,1", "本町,5-9歳,2", "栄町,0-4歳,4")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "bad", "good"), TEXT_CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(TEXT_CASES)]
)
def test_a_rule_on_text(rate: Rate, rule: str, bad: str, good: str) -> None:
    broken = of(rate(bad, encoding="cp932" if rule == "L1-08" and "髙" in bad else "utf-8"), rule)
    assert broken.verdict == "fail"
    assert 0 < broken.share <= 1
    assert all(found.message_ja and found.message_en for found in broken.findings)
    assert of(rate(good), rule).verdict != "fail"


def _sheet_with(change: Callable[[Any], None] | None = None) -> list[list[Any]]:
    return [["館名", "定員", "区分"], *[[f"館{n}", n * 10, "公営"] for n in range(1, 13)]]


def _merge_body(book: Any) -> None:
    book["データ"].merge_cells("C3:C5")


def _merge_header(book: Any) -> None:
    book["データ"].merge_cells("A1:B1")


def _hide_row(book: Any) -> None:
    book["データ"].row_dimensions[4].hidden = True


def _hide_column(book: Any) -> None:
    book["データ"].column_dimensions["B"].hidden = True


def _collapse_group(book: Any) -> None:
    book["データ"].row_dimensions.group(3, 5, hidden=True)


def _hide_sheet(book: Any) -> None:
    book.create_sheet("控え").append(["秘密", 1])
    book["控え"].sheet_state = "hidden"


def _colour(book: Any) -> None:
    from openpyxl.styles import PatternFill

    book["データ"]["B5"].fill = PatternFill("solid", fgColor="FFFF00")


def _strike(book: Any) -> None:
    from openpyxl.styles import Font

    book["データ"]["A5"].font = Font(strike=True)


def _bands_and_header(book: Any) -> None:
    """What is for the eye alone: a coloured header and alternating rows."""
    from openpyxl.styles import Font, PatternFill

    for cell in book["データ"][1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="CCCCCC")
    for row in range(3, 14, 2):
        for cell in book["データ"][row]:
            cell.fill = PatternFill("solid", fgColor="EEEEFF")


def _comment(book: Any) -> None:
    from openpyxl.comments import Comment

    book["データ"]["A2"].comment = Comment("休館中", "係")


def _chart(book: Any) -> None:
    from openpyxl.chart import BarChart, Reference

    chart = BarChart()
    chart.add_data(Reference(book["データ"], min_col=2, min_row=1, max_row=5))
    book["データ"].add_chart(chart, "F2")


def _formula(book: Any) -> None:
    book["データ"]["B14"] = "=SUM(B2:B13)"
    book["データ"]["A14"] = "合計"


def _text_number(book: Any) -> None:
    book["データ"]["B3"] = "20"


def _left_margin(book: Any) -> None:
    book["データ"].insert_cols(1)


def _top_margin(book: Any) -> None:
    book["データ"].insert_rows(1)


BOOK_CASES: list[tuple[str, Callable[[Any], None], Callable[[Any], None] | None]] = [
    ("L1-03", _left_margin, None),
    ("L1-03", _top_margin, None),
    ("L3-01", _top_margin, None),
    ("L1-10", _comment, None),
    ("L1-10", _chart, None),
    ("L1-11", _colour, _bands_and_header),
    ("L1-11", _strike, None),
    ("L1-12", _merge_body, None),
    ("L1-12", _merge_header, None),
    ("L2-02", _merge_body, None),
    ("L1-13", _hide_row, None),
    ("L1-13", _hide_column, None),
    ("L1-13", _collapse_group, None),
    ("L1-13", _hide_sheet, None),
    ("L2-01", _text_number, None),
    ("L2-06", _formula, None),
]


@pytest.mark.parametrize(
    ("rule", "spoil", "keep"), BOOK_CASES, ids=[f"{case[0]}-{case[1].__name__.strip('_')}" for case in BOOK_CASES]
)
def test_a_rule_on_workbooks(
    workbook: Callable[..., Path],
    rule: str,
    spoil: Callable[[Any], None],
    keep: Callable[[Any], None] | None,
) -> None:
    good = rate_path(workbook({"データ": _sheet_with()}, "good.xlsx", keep))
    assert of(good, rule).verdict == "pass"
    broken = of(rate_path(workbook({"データ": _sheet_with()}, "bad.xlsx", spoil)), rule)
    assert broken.verdict == "fail"
    assert broken.findings[0].where or rule == "L2-06"


def test_places_are_told_so_that_one_finds_them(rate: Rate, workbook: Callable[..., Path]) -> None:
    text = of(rate(table("館名,説明", '"A館","一\n二"', "B館 ,静か")), "L1-06")
    assert {found.where for found in text.findings} >= {"line 4 column 1"}
    book = of(rate_path(workbook({"データ": _sheet_with()}, change=_colour)), "L1-11")
    assert book.findings[0].where == "データ!B5"
    records = of(rate('[{"館名":"A館 ","数":1},{"館名":"B館","数":2}]', "made.json"), "L1-06")
    assert records.findings[0].where == "$[0].館名"


def test_sheets_are_judged_one_by_one(workbook: Callable[..., Path]) -> None:
    rows = _sheet_with()
    spaced = [rows[0], *[[f"{row[0]} ", *row[1:]] for row in rows[1:]]]
    rating = rate_path(workbook({"東": rows, "西": spaced}))
    found = of(rating, "L1-06")
    assert found.sheets == {"東": 0.0, "西": pytest.approx(12 / 36, abs=0.001)}
    assert [table.sheet for table in rating.tables] == ["東", "西"]


def test_a_rate_is_graded(rate: Rate) -> None:
    one = rate(repeated("館名,壁の色", "館{n},白", 99, "別館 ,白"))
    all_ = rate(repeated("館名,壁の色", "館{n} ,白", 100))
    assert of(one, "L1-06").share < of(all_, "L1-06").share
    assert all_.score < one.score < 100
    assert one.levels == all_.levels == {"L1": 90, "L2": 100, "L3": 100}


def test_a_fatal_rule_takes_its_level(rate: Rate) -> None:
    rating = rate(repeated("館名,定員,定員", "館{n},1,2"))
    assert rating.levels["L2"] == 0
    assert rating.levels["L1"] == 100


def test_what_the_catalogue_knows_decides(rate: Rate) -> None:
    coded = repeated("館名,種別コード,定員", "館{n},1,20", 10, "別館,2,30", "新館,3,40")
    assert of(rate(coded), "L3-02").verdict == "not_applicable"
    unexplained = CatalogueFacts(code_tables=frozenset(), dictionary={}, history=(), described=False)
    explained = CatalogueFacts(
        code_tables=frozenset(("種別コード",)),
        dictionary={name: {"description": "説明"} for name in ("館名", "種別コード", "定員")},
        history=("2024-04-01 初版",),
        described=True,
    )
    assert of(rate(coded, facts=unexplained), "L3-02").verdict == "fail"
    assert of(rate(coded, facts=explained), "L3-02").verdict == "pass"
    assert of(rate(coded), "L3-08").verdict == "not_applicable"
    assert of(rate(coded, facts=unexplained), "L3-08").verdict == "fail"
    assert of(rate(coded, facts=explained), "L3-08").verdict == "pass"
    other = CatalogueFacts(earlier=(EarlierVersion(label="2023年度", columns=("施設", "区分", "面積")),))
    same = CatalogueFacts(earlier=(EarlierVersion(label="2023年度", columns=("館名", "種別コード", "定員")),))
    assert of(rate(coded), "L3-07").verdict == "not_applicable"
    assert of(rate(coded, facts=other), "L3-07").verdict == "fail"
    assert of(rate(coded, facts=same), "L3-07").verdict == "pass"
    dated = replace(other, history=("2024-04-01 v2", "2023-04-01 v1"))
    assert of(rate(coded, facts=dated), "L3-07").verdict == "fail"
    assert of(rate(f"{coded}\n変更履歴：2024年に項目を改めました。\n", facts=dated), "L3-07").verdict == "pass"
    secret = table("区,件数", "A区,12", "B区,X", "C区,15", "D区,18")
    assert of(rate(secret, facts=CatalogueFacts(symbols=frozenset("X"))), "L3-03").verdict == "pass"
    area = table("区,面積", "A区,12", "B区,13", "C区,15")
    assert of(rate(area, facts=CatalogueFacts(dictionary={"面積": {"unit": "ha"}})), "L3-04").verdict == "pass"


def test_codes_beside_their_meaning_need_no_table(rate: Rate) -> None:
    rows = "".join(f"館{n},{n % 3 + 1},{('食堂', '書店', '薬局')[n % 3]}\n" for n in range(20))
    assert of(rate(f"館名,種別コード,種別\n{rows}"), "L3-02").verdict == "not_applicable"


def test_years_of_a_workbook_are_compared(workbook: Callable[..., Path]) -> None:
    first = [["区", "件数"], ["A区", 1], ["B区", 2], ["C区", 3]]
    other = [["地域", "男", "女", "計"], ["A区", 1, 2, 3], ["B区", 2, 3, 5], ["C区", 3, 3, 6]]
    assert of(rate_path(workbook({"R5": first, "R6": other})), "L3-07").verdict == "fail"
    assert of(rate_path(workbook({"R5": first, "R6": first})), "L3-07").verdict == "pass"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16", "utf-32-le", "iso2022_jp"])
def test_every_encoding_gets_a_verdict(rate: Rate, encoding: str) -> None:
    rating = rate("館名,定員,町\n" + "中央館,20,港\n" * 40, encoding=encoding)
    assert rating.error is None
    assert rating.tables[0].rows == 40
    assert rating.encoding


def test_xml_and_tsv_and_ods(rate: Rate) -> None:
    xml = "<?xml version='1.0' encoding='Shift_JIS'?><館一覧>" + "".join(
        f"<館 番号='{n}'><名称>館{n}</名称><定員>{n}0人</定員></館>" for n in range(1, 9)
    )
    rating = rate(f"{xml}</館一覧>", "a.xml", "cp932")
    assert (rating.format, rating.tables[0].rows, rating.tables[0].columns) == ("xml", 8, 3)
    assert of(rating, "L2-01").verdict == "fail"
    tsv = rate("館名\t定員\n中央館\t1\n北館\t2\n", "a.tsv")
    assert (tsv.format, tsv.tables[0].columns) == ("tsv", 2)
    assert of(tsv, "L1-14").verdict == "pass"


def test_every_row_is_read(workbook: Callable[..., Path]) -> None:
    rows = [["館名", "定員"], *[[f"館{n}", n] for n in range(11_000)], ["館末 ", 1]]
    rating = rate_path(workbook({"データ": rows}))
    assert of(rating, "L1-06").findings[0].where == "データ!A11002"
    assert rating.tables[0].rows == 11_001


def test_the_thirty_rules_are_whole() -> None:
    assert [rule.id for rule in RULES] == [
        *(f"L1-{n:02}" for n in range(1, 16)),
        *(f"L2-{n:02}" for n in range(1, 7)),
        *(f"L3-{n:02}" for n in range(1, 10)),
    ]
    assert BY_ID["L2-01"].deduction == 100
    assert BY_ID["L2-04"].deduction == 40
    assert BY_ID["L1-09"].deduction == 2


def test_every_fix_is_a_step_that_recipes_know(rate: Rate) -> None:
    from tdpf.controlplane.preparation.engine.normalising.registry import NORMALISERS
    from tdpf.controlplane.preparation.engine.recipes.document import STEPS

    fixes = [found.fix for _, bad, _ in TEXT_CASES for rule in rate(bad).rules for found in rule.findings if found.fix]
    assert {fix["step"] for fix in fixes} >= {"table.detect", "normalise"}
    for fix in fixes:
        assert fix["step"] in STEPS
        if fix["step"] == "normalise":
            assert set(fix["params"]["columns"].values()) <= set(NORMALISERS)
