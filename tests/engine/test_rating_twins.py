"""The rating on small files at the borders of its rules; half of them was never looked at while it was mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from rating_twins import Twin, column, twins

from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.rating.ruleset import BY_ID


def _broken(text: str, folder: Path) -> set[str]:
    path = folder / "twin.csv"
    path.write_text(text, encoding="utf-8")
    return {verdict.id for verdict in rate_path(path).rules if verdict.verdict == "fail"}


@pytest.mark.parametrize("kept", [False, True], ids=["mended from", "kept back"])
def test_rules_are_broken_where_their_text_says_so(tmp_path: Path, kept: bool) -> None:
    judged: list[tuple[Twin, bool]] = [
        (twin, twin.rule in _broken(twin.text, tmp_path)) for twin in twins() if twin.kept == kept
    ]
    said = [twin for twin, broken in judged if broken]
    wrong = [twin for twin in said if not twin.breaks]
    missed = [twin for twin, broken in judged if twin.breaks and not broken]
    assert len(judged) > 100
    assert len(said) - len(wrong) >= 0.95 * sum(twin.breaks for twin, _ in judged), missed
    assert not [twin for twin in wrong if BY_ID[twin.rule].severity == "FATAL"], wrong
    assert len(wrong) <= 0.02 * len(said), wrong


def _rows(*rows: str) -> str:
    return "\n".join(rows) + "\n"


GROUPS = ("", "65", "〜", "69歳", "", "70", "〜", "74歳", "", "75", "〜", "79歳")
MEANS = ("自動車", "自転車", "歩行中", "その他")


@pytest.mark.parametrize(
    ("rule", "text", "breaks"),
    [
        ("L2-02", _rows("年齢層,状態,件数", *(f"{GROUPS[n]},{MEANS[n % 4]},{n + 3}" for n in range(12))), True),
        (
            "L2-02",
            _rows("印,状態,件数", *(f"{'※' if n % 4 == 3 else ''},{MEANS[n % 4]},{n}" for n in range(12))),
            False,
        ),
        ("L2-04", column("対応", "○", "×", "https://example.jp/a\n○", "○", "×", "○"), True),
        ("L2-04", column("対応", "○", "×", "△"), False),
        ("L1-07", column("主な業務", *(f"市史{n}、統計、{n}号館の管理" for n in range(12))), True),
        ("L1-07", column("紹介", *(f"駅{n}に近く、静かで、緑が多い" for n in range(12))), False),
        ("L1-05", _rows("Q1,Q2,Q3,Q4,Q5", *("1,2,3,1,2" for _ in range(9))), True),
        ("L1-05", _rows("地区,Q1,Q2,Q3,Q4", *(f"{n}区,1,2,3,1" for n in range(9))), False),
        ("L1-05", _rows("〒,名称", *(f"105-00{n}4,館{n}" for n in range(9))), False),
        ("L2-01", column("収入階層", "0代", "20代", "30代", "40代"), False),
    ],
)
def test_kinds_seen_on_files_of_strangers(tmp_path: Path, rule: str, text: str, breaks: bool) -> None:
    assert (rule in _broken(text, tmp_path)) is breaks
