"""How well the screen for personal data finds columns that hold some, and how fast it looks.

    python benchmarks/personal_data.py [--corpus CORPUS] [--rows N]

Prints one JSON line for tables drawn from wordings the screen was built from and from the third that was held out, one per half of the made-up set and of the made files in municipal layouts (precision and recall over columns: a column is found when the finding is
confirmed or doubtful and names the right kind), one for speed (cells per CPU second on one large table), and with a corpus one
line per file and column with a finding, values masked.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "engine"))

from personal_municipal import counted
from personal_tables import HALVES, MadeTable, made_tables
from personal_unseen import Score, drawn_tables

from tdpf.controlplane.preparation.engine.errors import NotReadable, SeveralTables
from tdpf.controlplane.preparation.engine.personal.screening import screen
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.types import TableFound

_ALIKE = {"phone": "mobile_phone"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--drawn", type=int, default=300, help="how many tables are drawn from the lists of wordings")
    parser.add_argument("--show", action="store_true", help="print what was missed or found wrongly in the made-up set")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for held in (False, True):
            score = drawn_score(held=held, count=asked.drawn, folder=Path(folder))
            told = {"columns": score.wanted, "precision": round(score.precision, 4), "recall": round(score.recall, 4)}
            print(json.dumps({"wordings": "held out" if held else "built from", **told}))
            for wrong in score.wrong if asked.show and not held else ():
                print(" ", *wrong)
        for half in HALVES:
            print(json.dumps({"half": half, **scored(half, Path(folder), show=asked.show)}, ensure_ascii=False))
        for kept in (False, True):
            count = counted(kept=kept, folder=Path(folder))
            told = {"columns": count.found + count.missed, "false": count.false, "clean_files_held": count.held}
            share = {"precision": round(count.precision, 4), "recall": round(count.recall, 4)}
            print(json.dumps({"municipal": "kept back" if kept else "mended from", **told, **share}))
            for wrong in count.wrong if asked.show and not kept else ():
                print(" ", *wrong)
        print(json.dumps(_speed(Path(folder), asked.rows)))
    if asked.corpus:
        for line in corpus_hits(asked.corpus):
            print(json.dumps(line, ensure_ascii=False))


def drawn_score(*, held: bool, count: int, folder: Path, seed: int = 13) -> Score:
    """Return what was found in tables of wordings that are held out, or of the others."""
    score = Score()
    for table in drawn_tables(held=held, count=count, seed=seed):
        path = folder / f"{table.name}.csv"
        path.write_text(table.as_csv(), encoding="utf-8")
        found: dict[str, set[str]] = {}
        for entry in screen(read_file(path, path.name).table):
            if entry.certainty != "clear":
                found.setdefault(entry.column, set()).add(entry.kind)
        score.add(table, found)
    return score


def scored(half: str, folder: Path, *, show: bool = False) -> dict[str, float]:
    """Return precision and recall over the columns of a half."""
    right = found = wanted = 0
    for made in made_tables(half):
        hits = _hits(_read(made, folder))
        for column, kind in made.truth.items():
            hit = hits.get(column, set())
            wanted += bool(kind)
            found += bool(hit)
            right += bool(kind) and kind in hit
            if show and (bool(kind) != bool(hit) or (kind and kind not in hit)):
                print(f"  {made.name} {column}: {kind or 'none'} | {sorted(hit)}")
    return {"columns": wanted, "precision": round(right / max(1, found), 4), "recall": round(right / max(1, wanted), 4)}


def _hits(table: TableFound) -> dict[str, set[str]]:
    hits: dict[str, set[str]] = {}
    for finding in screen(table):
        if finding.certainty != "clear":
            hits.setdefault(finding.column, set()).add(_ALIKE.get(finding.kind, finding.kind))
    return hits


def _read(made: MadeTable, folder: Path) -> TableFound:
    path = folder / f"{made.name}.csv"
    path.write_text(made.as_csv(), encoding="utf-8")
    return read_file(path, path.name).table


def _speed(folder: Path, rows: int) -> dict[str, float]:
    tables = [
        made
        for half in HALVES
        for made in made_tables(half, rounds=2)
        if "facilities" in made.name or "register" in made.name
    ]
    path = folder / "large.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(tables[0].header)
        for number in range(rows):
            row = tables[0].rows[number % len(tables[0].rows)]
            writer.writerow([f"{cell}{number}" if place < 2 else cell for place, cell in enumerate(row)])
    table = read_file(path, path.name).table
    screen(table)
    begun = time.process_time()
    screen(table)
    spent = time.process_time() - begun
    return {"cells": rows * len(tables[0].header), "cells_per_cpu_second": round(rows * len(tables[0].header) / spent)}


def corpus_hits(corpus: Path) -> list[dict[str, object]]:
    """Return every finding on the files of a corpus, values masked."""
    found: list[dict[str, object]] = []
    for path in sorted(corpus.rglob("*")):
        if path.suffix.lower() not in (".csv", ".xlsx", ".xls", ".json") or not path.is_file():
            continue
        name = str(path.relative_to(corpus))
        for choice in _choices(path):
            try:
                table = read_file(path, path.name, choice=choice).table
            except NotReadable:
                continue
            found.extend(
                {
                    "file": name,
                    "choice": choice or "",
                    "column": finding.column,
                    "kind": finding.kind,
                    "certainty": finding.certainty,
                    "count": finding.count,
                    "masked": finding.masked_sample,
                }
                for finding in screen(table)
            )
    return found


def _choices(path: Path) -> list[str | None]:
    try:
        read_file(path, path.name)
    except SeveralTables as several:
        listed = several.data.get("choices")
        return [str(entry["id"]) for entry in listed] if isinstance(listed, list) else []
    except NotReadable:
        return []
    return [None]


if __name__ == "__main__":
    main()
