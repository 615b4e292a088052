"""Files without a row, in two encodings, without end: what they cost, in points and in work."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

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
