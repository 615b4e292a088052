"""The live feed of shelter head-counts: what is derived is derived rightly, and made data say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.processes.bench.shelters import feed_from, fullness
from tdpf.processes.bench.stream import agreements

HEAD = "ID,地区,名称,{people},電話番号,想定収容人数\n"


def test_openings_and_fullness_are_derived_from_snapshots(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        HEAD.format(people="人数_令和６年１月９日午後６時時点")
        + 'S1,北,北小,180,0767,"屋内200人／屋外3,350人"\nS2,南,南小,９０,,屋内1,\nS3,南,東小,,,\n',
        encoding="utf-8",
    )
    (tmp_path / "open_2024-01-13-1800.csv").write_text(HEAD.format(people="人数") + "S1,北,北小,210,0767,屋内200人\n")
    (tmp_path / "other.csv").write_text("番号,名前\n1,a\n")
    feed = feed_from(tmp_path)
    assert feed.about.startswith("2 real snapshots")
    told = [(e["名称"], e["人数"], e["収容人数"], e["開設"], e["混雑"], e["時点"][:13]) for e in feed.events]
    assert told == [
        ("北小", 180, 200, "開設中", "混雑", "2024-01-09T18"),
        ("南小", 90, None, "開設中", "不明", "2024-01-09T18"),
        ("東小", None, None, "開設中", "不明", "2024-01-09T18"),
        ("北小", 210, 200, "開設中", "満員", "2024-01-13T18"),
        ("南小", 0, None, "閉鎖", "不明", "2024-01-13T18"),
        ("東小", 0, None, "閉鎖", "不明", "2024-01-13T18"),
    ]


@pytest.mark.parametrize(("people", "said"), [(0, "空きあり"), (50, "やや混雑"), (80, "混雑"), (100, "満員")])
def test_fullness_has_four_steps(people: int, said: str) -> None:
    assert fullness(people, 100) == said


def test_without_a_corpus_the_feed_is_made_and_says_so() -> None:
    feed = feed_from(None)
    assert "made data" in feed.about
    assert {event["開設"] for event in feed.events} == {"開設中", "閉鎖"}
    assert feed.events == feed_from(None).events


def test_the_three_agreements_part_columns_and_areas() -> None:
    views = agreements(["a", "b", "c"])
    assert all("電話番号" not in view.columns for view in views.values())
    assert (views[2].areas, views[3].areas) == (("a",), ("b", "c"))
