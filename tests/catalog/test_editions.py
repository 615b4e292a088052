"""The title and the period of a dataset when another year's file comes."""

from __future__ import annotations

from datetime import date

import pytest

from tdpf.controlplane.catalog import queries

NONE = (None, None)
FISCAL_2025 = (date(2025, 4, 1), date(2026, 3, 31))


def edition(
    title: str, *named: str, english: str = "", found: tuple[date | None, date | None] = NONE
) -> tuple[str, str]:
    made = queries.next_edition(title_ja=title, title_en=english, period=FISCAL_2025, named=named, found=found)
    return made.title_ja, made.title_en


@pytest.mark.parametrize(
    ("title", "named", "expected"),
    [
        ("令和7年度 避難所の一覧", "R8年度_避難所.csv", "令和8年度 避難所の一覧"),
        ("令和7年度避難所の一覧", "2026年度 避難所", "令和8年度避難所の一覧"),
        ("避難所（2025年度）", "令和8年度避難所.xlsx", "避難所（2026年度）"),
        ("人口（令和7年4月1日現在）", "人口 令和8年10月1日現在", "人口（令和8年10月1日現在）"),
        ("観光客数 2025年4月", "観光客数2025年05月.csv", "観光客数 2025年5月"),
        ("令和6年度・令和7年度の比較", "令和7年度・令和8年度の比較", "令和7年度・令和8年度の比較"),
        ("避難所の一覧", "令和8年度避難所.csv", "避難所の一覧"),
        ("令和7年度 避難所", "避難所一覧.csv", "令和7年度 避難所"),
        ("令和7年度 避難所", "令和7年度_修正.csv", "令和7年度 避難所"),
        ("令和7年度 避難所", "20260401_hinanjo.csv", "令和7年度 避難所"),
        ("２０２５年度の避難所", "2026年度", "２０２６年度の避難所"),
        ("令和７年版 統計書", "令和8年版", "令和８年版 統計書"),
        ("令和７.4.1 避難所", "令和8.4.1", "令和8.4.1 避難所"),
        ("平成30年度 避難所", "令和元年度", "令和元年度 避難所"),
        ("Ｈ３０年度 避難所", "令和2年度", "Ｒ２年度 避難所"),
        ("平成31年3月31日 避難所", "平成31年4月30日", "平成31年4月30日 避難所"),
        ("令和元年5月1日 避難所", "平成31年4月30日", "令和元年5月1日 避難所"),
    ],
)
def test_the_year_of_a_title_is_the_new_files(title: str, named: str, expected: str) -> None:
    assert edition(title, named)[0] == expected


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("第3次計画（令和5〜8年度）", "令和6〜9年度"),
        ("第3次計画（令和5～8年度）", "令和6年度"),
        ("計画（令和5年度）", "令和6〜9年度"),
        ("計画（2023〜2026年度）", "2024〜2027年度"),
        ("平成31年度から令和元年度", "令和2・3年度"),
        ("平成31年度から令和元年度", "令和2年度から令和3年度"),
        ("平成31年度から令和元年度", "令和2年度"),
        ("観光客数 2025年4月〜6月", "観光客数 2026年1月〜3月"),
        ("令和7年度4月の観光客数", "令和8年度5月の観光客数"),
        ("平成29年度・令和2年度の比較", "平成28年度・平成29年度の比較"),
    ],
)
def test_a_title_that_is_read_by_half_stays_as_it_is_with_its_period(title: str, named: str) -> None:
    period = (date(2023, 4, 1), date(2027, 3, 31))
    made = queries.next_edition(title_ja=title, title_en="", period=period, named=(named,), found=NONE)
    assert (made.title_ja, made.period_start, made.period_end) == (title, *period)


def test_a_period_that_the_title_does_not_name_stays_as_it_was() -> None:
    plan = (date(2023, 4, 1), date(2027, 3, 31))
    made = queries.next_edition(
        title_ja="計画 令和5年度版", title_en="", period=plan, named=("令和6年度版",), found=NONE
    )
    assert (made.title_ja, made.period_start, made.period_end) == ("計画 令和6年度版", *plan)
    made = queries.next_edition(
        title_ja="令和5年度～令和8年度 計画", title_en="", period=plan, named=("令和6年度～令和9年度",), found=NONE
    )
    assert (made.period_start, made.period_end) == (date(2024, 4, 1), date(2028, 3, 31))


def test_one_day_that_was_read_leaves_the_other_unless_it_lies_before() -> None:
    def period(*found: date | None) -> tuple[date | None, date | None]:
        made = queries.next_edition(
            title_ja="令和7年度 人口", title_en="", period=FISCAL_2025, named=("令和8年度",), found=(found[0], found[1])
        )
        return made.period_start, made.period_end

    assert period(date(2025, 5, 1), None) == (date(2025, 5, 1), FISCAL_2025[1])
    assert period(None, date(2026, 2, 28)) == (FISCAL_2025[0], date(2026, 2, 28))
    assert period(date(2026, 4, 1), None) == (date(2026, 4, 1), date(2027, 3, 31))


def test_english_titles_go_along() -> None:
    assert edition("令和7年度 避難所", "令和8年度", english="Shelters, FY2025")[1] == "Shelters, FY2026"


def test_the_period_is_what_was_read_else_what_the_new_title_names_else_what_it_was() -> None:
    april = (date(2026, 4, 1), date(2026, 4, 1))
    made = queries.next_edition(
        title_ja="令和7年度 人口", title_en="", period=FISCAL_2025, named=("令和8年度",), found=april
    )
    assert (made.period_start, made.period_end) == april
    made = queries.next_edition(
        title_ja="令和7年度 人口", title_en="", period=FISCAL_2025, named=("令和8年度",), found=NONE
    )
    assert (made.period_start, made.period_end) == (date(2026, 4, 1), date(2027, 3, 31))
    made = queries.next_edition(title_ja="令和7年度 人口", title_en="", period=FISCAL_2025, named=("人口",), found=NONE)
    assert (made.period_start, made.period_end) == FISCAL_2025
