"""Real municipal files against what a person saw in them, and every file of the corpus for a verdict in bounded memory.

`rating_truth.tsv` holds 40 files × 30 rules, judged by looking at each file before the program was asked; half were used
while building (`build`), half only for measuring (`measure`). `unclear` marks what two readers could see differently.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
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


RATE_ALL = """
import json, sys
from pathlib import Path
from tdpf.controlplane.preparation.engine.rating.rate import rate_path

for line in sys.stdin:
    rating = rate_path(Path(line.rstrip("\\n")))
    print(json.dumps([line.rstrip("\\n"), len(rating.rules), rating.error and rating.error.code]))
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def test_every_real_file_gets_a_verdict_in_bounded_memory(corpus: Path) -> None:
    """In a process of its own, by VmHWM: ru_maxrss is inherited from the process that began it."""
    paths = [p for p in sorted(corpus.rglob("*")) if p.suffix.lower() in DATA and p.stat().st_size <= LARGEST]
    run = subprocess.run(
        [sys.executable, "-c", RATE_ALL], input="\n".join(map(str, paths)), text=True, capture_output=True, check=True
    )
    *verdicts, peak_kib = map(json.loads, run.stdout.splitlines())
    assert [verdict[0] for verdict in verdicts] == list(map(str, paths))
    for path, rules, error in verdicts:
        assert rules == 30, path
        assert error in (None, "preparation/no-table", "preparation/damaged"), path
    assert peak_kib < 300 * 1024
