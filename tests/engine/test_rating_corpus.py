"""Real municipal files against what a person saw in them, and every file of the corpus for a verdict in good time.

`rating_truth.tsv` holds 40 files × 30 rules, judged by looking at each file before the program was asked; half were used
while building (`build`), half only for measuring (`measure`). `unclear` marks what two readers could see differently.
"""

from __future__ import annotations

import csv
import resource
import statistics
import time
from collections import Counter
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.rating.ruleset import RULES

TRUTH = Path(__file__).with_name("rating_truth.tsv")
DATA = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".json", ".geojson", ".xml")
LARGEST = 8 * 1024 * 1024


def _truth() -> list[dict[str, str]]:
    with TRUTH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_truth_is_whole() -> None:
    rows = _truth()
    halves = {row["file"]: row["half"] for row in rows}
    assert Counter(halves.values()) == {"build": 20, "measure": 20}
    assert {(row["file"], row["rule"]) for row in rows} == {(file, rule.id) for file in halves for rule in RULES}
    assert {row["verdict"] for row in rows} == {"pass", "fail", "not_applicable", "unclear"}
    assert all(row["reason"] for row in rows if row["verdict"] == "fail")


@pytest.mark.parametrize(("half", "precision", "recall"), [("build", 0.98, 0.98), ("measure", 0.95, 0.9)])
def test_real_files_are_rated_as_a_person_sees_them(corpus: Path, half: str, precision: float, recall: float) -> None:
    failed: dict[str, set[str]] = {}
    right = false = missed = 0
    astray = []
    for row in _truth():
        if row["half"] != half or row["verdict"] == "unclear":
            continue
        if row["file"] not in failed:
            rating = rate_path(corpus / row["file"])
            failed[row["file"]] = {found.id for found in rating.rules if found.verdict == "fail"}
        seen, found = row["verdict"] == "fail", row["rule"] in failed[row["file"]]
        right += seen and found
        false += found and not seen
        missed += seen and not found
        if seen != found:
            astray.append((row["file"], row["rule"], row["reason"]))
    assert right / (right + false) >= precision, astray
    assert right / (right + missed) >= recall, astray


def test_every_real_file_gets_a_verdict_in_good_time(corpus: Path) -> None:
    """Measured in the processor's time, so that a busy machine does not count."""
    seconds = []
    for path in sorted(corpus.rglob("*")):
        if path.suffix.lower() in DATA and path.stat().st_size <= LARGEST:
            start = time.process_time()
            rating = rate_path(path)
            seconds.append(time.process_time() - start)
            assert len(rating.rules) == 30, path.name
            if rating.error is not None:
                assert rating.error.code in ("preparation/no-table", "preparation/damaged"), path.name
    assert statistics.median(seconds) < 0.05
    assert max(seconds) < 4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1024 * 1024
