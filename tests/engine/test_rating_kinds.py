"""Kinds of files a stranger made: what looks like a fault and is none beside what looks sound and is not, rule by rule."""

from __future__ import annotations

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
    ("L2-01", column("組", "1組", "2組"), "keeps"),
    ("L2-01", column("便", "1便", "2便", "3便"), "keeps"),
    ("L2-01", column("年", "2021年", "2022年", "2023年"), "keeps"),
    ("L2-01", column("面積の根拠", "延べ面積の1/2", "敷地面積の1/3"), "keeps"),
    ("L2-01", column("築年数", "10年", "20年", "30年"), "breaks"),
    ("L2-01", column("使用料", "100円", "200円", "300円"), "breaks"),
    ("L2-01", column("使用料（円）", "100～200円", "200～300円", "300"), "breaks"),
    ("L2-01", column("死者数", "150余", "130～140", "12", "9"), "breaks"),
    # A value beyond the names is a remark where the header leaves a place for it, else a comma outside quotes.
    ("L1-15", _beyond("番号,館名,定員（人）,", 5, tail=","), "keeps"),
    ("L1-04", _beyond("番号,館名,定員（人）,", 5, tail=","), "breaks"),
    ("L1-05", _beyond("番号,館名,定員（人）,", 5, tail=","), "keeps"),
    ("L1-15", _beyond("番号,館名,定員（人）", 5), "breaks"),
    ("L1-15", lines("番号,館名,所在地,定員（人）", *(home.format(",") for home in HOMES)), "breaks"),
    ("L1-15", lines("番号,館名,所在地,定員（人）", *(home.format("") for home in HOMES)), "keeps"),
    ("L1-15", lines("番号,館名,所在地", *(home.format("") for home in HOMES)), "keeps"),
    ("L1-05", lines("番号,館名,所在地", *(home.format("") for home in HOMES)), "breaks"),
    # Several values in one cell.
    ("L1-07", column("収容人数", "屋内191人／屋外0人(面積の1/2)", "屋内80人／屋外20人(面積の1/2)"), "breaks"),
    ("L1-07", column("男女別", "男10 女12", "男8 女9"), "breaks"),
    ("L1-07", column("築年・構造", "1975年/RC造", "1988年/木造", "2003年/S造"), "breaks"),
    ("L1-07", column("収容の根拠", "床面積の1/2", "床面積の1/3(概算)"), "keeps"),
    ("L1-07", column("場所", "本館1階 2番窓口", "別館2階 1番窓口"), "keeps"),
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
