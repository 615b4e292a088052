"""Column mapping against a reviewed truth: how often it is right when it accepts by itself, and within its three offers.

    TDPF_CORPUS=… .venv/bin/python -m benchmarks.mapping

The truth (tests/engine/mapping_truth.tsv) was written by looking at every file. Publishers marked `used` are those whose headers the
synonyms were written with; `held-out` publishers were not looked at for them. Files with the same header count once.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tdpf.controlplane.preparation.engine.mapping.proposing import propose_mapping
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

TRUTH = Path(__file__).resolve().parents[1] / "tests" / "engine" / "mapping_truth.tsv"


@dataclass(slots=True)
class Score:
    """Counts over columns. `targets` have a right field, `top3` of them have it accepted or among the three offered."""

    columns: int = 0
    targets: int = 0
    accepted: int = 0
    right: int = 0
    top3: int = 0

    @property
    def precision(self) -> float:
        """The share of automatic acceptances that are right."""
        return self.right / self.accepted if self.accepted else 1.0

    @property
    def recall(self) -> float:
        """The share of columns with a right field that were accepted rightly without a person."""
        return self.right / self.targets if self.targets else 1.0

    @property
    def recall_of_three(self) -> float:
        """The share of columns with a right field for which it was accepted or offered."""
        return self.top3 / self.targets if self.targets else 1.0


@dataclass(frozen=True, slots=True)
class Miss:
    """A column that was accepted wrongly, or whose right field was not offered."""

    file: str
    column: str
    wanted: str
    given: str


def headers() -> Iterator[tuple[str, str, str, str, dict[str, str]]]:
    """Yield (file, schema, publisher, split, {column: right field or empty}) for every header of the truth."""
    groups: dict[tuple[str, str, str, str], dict[str, str]] = {}
    with TRUTH.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            key = (row["files"], row["schema"], row["publisher"], row["split"])
            groups.setdefault(key, {})[row["column"].replace("\\n", "\n")] = row["target"]
    for (files, schema, publisher, split), columns in groups.items():
        yield files.split(";")[0], schema, publisher, split, columns


def measure(corpus: Path) -> tuple[dict[str, Score], list[Miss]]:
    """Return scores by split, and everything that was not right."""
    scores: dict[str, Score] = {}
    misses: list[Miss] = []
    for file, schema, _, split, columns in headers():
        table = read_file(corpus / file, Path(file).name).table
        values = [list(cells) for cells in zip(*table.iter_rows(), strict=True)]
        mapping = propose_mapping(table.columns, values, load_schema(schema))
        score = scores.setdefault(split, Score())
        for entry in mapping.columns:
            wanted = columns[entry.column]
            offered = {found.target for found in entry.suggestions} | {entry.target}
            score.columns += 1
            score.targets += bool(wanted)
            score.accepted += bool(entry.target)
            score.right += bool(wanted) and entry.target == wanted
            score.top3 += bool(wanted) and wanted in offered
            if (entry.target and entry.target != wanted) or (wanted and wanted not in offered):
                misses.append(Miss(file, entry.column, wanted, entry.target))
    return scores, misses


def main() -> int:
    """Print the table of scores and what was wrong."""
    corpus = Path(os.environ.get("TDPF_CORPUS", "../shared/data"))
    if not corpus.is_dir():
        print("set TDPF_CORPUS to the folder of municipal files", file=sys.stderr)
        return 2
    scores, misses = measure(corpus)
    print("split     columns  with a field  accepted  precision  recall  top-3 recall")
    for split, score in sorted(scores.items()):
        print(
            f"{split:<9} {score.columns:>7}  {score.targets:>12}  {score.accepted:>8}  {score.precision:>9.3f}"
            f"  {score.recall:>6.3f}  {score.recall_of_three:>12.3f}"
        )
    for miss in misses:
        print(f"  {miss.file}: {miss.column} is {miss.wanted or '(none)'}, given {miss.given or '(none)'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
