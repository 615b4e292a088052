"""Files without a row, in two encodings, without end: what they cost, in points and in work."""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time
from types import FrameType

import pytest

from tdpf.controlplane.preparation.engine.rating import several
from tdpf.controlplane.preparation.engine.rating.rate import rate_path


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("施設名,住所\n".encode(), "L3-01"),
        ("施設名,住所\n図書館,東京都港区芝\n".encode() + "体育館,東京都港区芝\n".encode("cp932") * 3, "L3-08"),
    ],
)
def test_what_is_not_whole_costs_its_rule(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    rating = rate_path(path)
    assert [found.id for found in rating.rules if found.verdict == "fail"] == [rule]
    assert rating.score < 100
    path.write_bytes(b",,,\n,,,\n")
    assert rate_path(path).error is not None


def _calls(path: Path) -> int:
    found = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal found
        found += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        rate_path(path)
    finally:
        sys.setprofile(before)
    return found


def test_work_grows_with_the_columns_not_with_their_square(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"

    def work(columns: int) -> int:
        rows = [
            [f"値{column}" for column in range(columns)],
            *([str(column) for column in range(columns)] for _ in range(2)),
        ]
        path.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
        return _calls(path)

    work(10)
    assert work(1200) < 4.8 * work(300)


_GAPS = "大人1円" + " a b c d 2円" * 9 + "、"
_MANY = [f"1975年{' ' * 6_000}RC造{n}" for n in range(4)]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("築年・構造", _MANY),
        ("料金", [_GAPS]),
        ("定員", ["男1" + ";;;;女2" * 18 + "、"]),
        ("営業曜日", ["火曜日", "火曜日、土曜日", "月曜日" * 40 + "x"]),
        ("連絡先", ["a" * 30_000, "（" * 30_000]),
    ],
)
def test_no_cell_keeps_a_rule_busy(tmp_path: Path, name: str, values: list[str]) -> None:
    path = tmp_path / "cells.csv"
    rows = "".join(f'{n},"{values[n % len(values)]}"\n' for n in range(20))
    path.write_text(f"番号,{name}\n{rows}", encoding="utf-8")
    started = process_time()
    rate_path(path)
    assert process_time() - started < 10  # of this process alone; each took minutes, and takes a tenth of a second


def test_values_side_by_side_are_still_seen() -> None:
    for value in ("大人：200円、小人：100円", "大人 1,000円 小人 500円(税込)"):
        assert several._packed(value), value
    for value in ("男10、女12", "男：1,200人/女：1,300人", "屋内480人／屋外3,350人 （予定）"):
        assert several._several_numbers(value), value
    for value in ("1,200", "大人200円", "3丁目1、4番地2"):
        assert not several._packed(value), value
        assert not several._several_numbers(value), value
