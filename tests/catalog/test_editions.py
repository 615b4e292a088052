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
    ],
)
def test_the_year_of_a_title_is_the_new_files(title: str, named: str, expected: str) -> None:
    assert edition(title, named)[0] == expected


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
