"""What a newcomer's files showed of the rules: signs in short tables, totals, floors, units that fit, days that are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict

Verdict = Callable[[str, str], RuleVerdict]


@pytest.fixture
def verdict(tmp_path: Path) -> Verdict:
    def judged(text: str, rule: str) -> RuleVerdict:
        path = tmp_path / "made.csv"
        path.write_text(text, encoding="utf-8")
        return next(found for found in rate_path(path).rules if found.id == rule)

    return judged


def column(name: str, values: list[str]) -> str:
    return f"名称,{name}\n" + "".join(f"施設{number},{value}\n" for number, value in enumerate(values, start=1))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["○", "◎", "1", "レ", "×"], "fail"),
        (["✓", "レ", "■", "×"], "fail"),
        (["○", "◯", "×", "△"], "fail"),
        (["済", "済み", "未", "未実施"], "fail"),
        (["有", "無", "有", "－"], "pass"),
        (["済", "未", "済", "未"], "pass"),
        (["1", "0", "1", "0"], "not_applicable"),
    ],
)
def test_signs_for_one_answer_are_mixed_even_in_a_short_table(
    verdict: Verdict, values: list[str], expected: str
) -> None:
    assert verdict(column("車いす", values), "L2-04").verdict == expected


def test_a_total_row_leaves_nothing_out(verdict: Verdict) -> None:
    rows = "".join(f"第{n}トイレ,中野区中央{n}-1,{n}\n" for n in (1, 2, 3, 4))
    assert verdict(f"便所名,所在,男子\n{rows},合計,10\n", "L2-02").verdict == "pass"
    kept = "東部,A館,1\n,B館,2\n,C館,3\n西部,D館,4\n,E館,5\n"
    assert verdict(f"地区,館名,人\n{kept}", "L2-02").verdict == "fail"


def test_floors_are_no_numbers_with_words_around(verdict: Verdict) -> None:
    floors = column("設置個所", ["1F", "2F", "1階", "3F"])
    assert not any("設置個所" in found.message_ja for found in verdict(floors, "L2-01").findings)


def test_where_it_stands_is_an_address(verdict: Verdict) -> None:
    text = column("所在", ["杉並4-26", "阿佐谷北2丁目1番地", "高円寺1-1"])
    assert verdict(text, "L3-06").verdict != "not_applicable"


@pytest.mark.parametrize(
    ("name", "unit"), [("一般病床", "床"), ("延床面積", "㎡"), ("入場料金", "円"), ("指標", "単位")]
)
def test_the_unit_in_the_advice_is_one_the_column_may_have(verdict: Verdict, name: str, unit: str) -> None:
    for found in verdict(column(name, ["10", "20", "35", "41"]), "L3-04").findings:
        assert f"（{unit}）" in found.message_ja


def test_a_day_that_is_in_no_calendar_is_told(verdict: Verdict) -> None:
    found = verdict(column("請求日", ["令和6年4月1日", "令和6年4月31日", "2024-02-30", "2024-03-01"]), "L3-05")
    assert any("暦にない日" in entry.message_ja for entry in found.findings)


def test_a_missing_file_is_told_where_to_look_and_not_how_to_publish(tmp_path: Path) -> None:
    rating = rate_path(tmp_path / "no.csv")
    assert rating.error is not None
    assert "場所と名前" in rating.error.cure_ja
