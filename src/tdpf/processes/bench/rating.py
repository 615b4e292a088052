"""`tdpf bench rate`: how fast and how right the readability rating is, beside the obvious way with pandas and openpyxl."""

from __future__ import annotations

import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.rating.ruleset import RULES, RULESET

_DATA = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".json", ".geojson", ".xml")
_LARGEST = 64 * 1024 * 1024
_PEER = Path("specs/machine_readability/harunobu_open.jsonl")


@dataclass(slots=True)
class Tally:
    """Hits, false alarms and misses of one judge under one rule."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """The part of its failures that are failures, or None when it found none."""
        found = self.right + self.false
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        """The part of the failures that it found, or None when there are none."""
        there = self.right + self.missed
        return self.right / there if there else None


def print_rating_bench(*, corpus: Path | None, truth: Path | None, as_json: bool, repeats: int = 1) -> int:
    """Measure and print; 2 when there is nothing to measure on."""
    report: dict[str, Any] = {"ruleset": RULESET}
    with tempfile.TemporaryDirectory() as made:
        report["made"] = list(_made_files(Path(made), repeats))
    if corpus is not None:
        if not corpus.is_dir():
            print(f"{corpus} is no folder", file=sys.stderr)
            return 2
        report["corpus"] = _corpus(corpus)
        if truth is not None:
            report["truth"] = {half: _measured(corpus, truth, half) for half in ("build", "measure")}
    print(json.dumps(report, ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(report)))
    return 0


def _made_files(folder: Path, repeats: int) -> Iterator[dict[str, Any]]:
    """Yield seconds and peak memory of both ways on made files, each in a process of its own."""
    for name, make in (("50,000 rows × 8 columns, CSV", _make_csv), ("60,000 rows × 10 columns, XLSX", _make_xlsx)):
        path = make(folder)
        entry: dict[str, Any] = {"file": name, "bytes": path.stat().st_size}
        for way, code in (("ours", _OURS), ("pandas + openpyxl", _BASELINE)):
            entry[way] = min(
                (_apart(code, path) for _ in range(repeats)), key=lambda run: float(run.get("seconds", 1e9))
            )
        entry["cold start, seconds"] = _cold(path)
        yield entry


_OURS = """
import resource, sys, time
from pathlib import Path
from tdpf.controlplane.preparation.engine.rating.rate import rate_path
start, cpu = time.perf_counter(), time.process_time()
rating = rate_path(Path(sys.argv[1]))
print(time.perf_counter() - start, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
_BASELINE = """
import resource, sys, time
from pathlib import Path
from tdpf.processes.bench.rating_baseline import check
start, cpu = time.perf_counter(), time.process_time()
check(Path(sys.argv[1]))
print(time.perf_counter() - start, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def _apart(code: str, path: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "failed"}
    wall, cpu, memory = done.stdout.split()
    return {"seconds": round(float(wall), 3), "processor seconds": round(float(cpu), 3), "peak MB": int(memory)}


def _cold(path: Path) -> float:
    small = path.parent / "small.csv"
    small.write_text("館名,定員\n中央館,20\n", encoding="utf-8")
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "tdpf.processes.cli", "rate", str(small)], capture_output=True, check=True)
    return round(time.perf_counter() - started, 3)


def _make_csv(folder: Path) -> Path:
    rng = random.Random(1)  # noqa: S311 - made data, no secret
    path = folder / "made.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["全国地方公共団体コード", "ID", "施設名", "住所", "電話番号", "開設年月日", "利用者数", "備考"])
        for n in range(50_000):
            out.writerow(
                [
                    "131041",
                    f"A{n:06}",
                    f"第{n}施設",
                    f"東京都新宿区西新宿{n % 9 + 1}-{n % 37}-{n % 11}",
                    f"03-{n % 9000 + 1000}-{n % 8000 + 1000}",
                    f"20{n % 24:02}-{n % 12 + 1:02}-{n % 28 + 1:02}",
                    rng.randint(0, 5000),
                    "" if n % 3 else f"備考その{n}、要予約",
                ]
            )
    return path


def _make_xlsx(folder: Path) -> Path:
    import xlsxwriter

    rng = random.Random(2)  # noqa: S311 - made data, no secret
    path = folder / "made.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("データ")
    sheet.write_row(0, 0, ["団体コード", "施設名", "種別", *[f"利用者数（{month}月）" for month in range(1, 8)]])
    for n in range(1, 60_001):
        sheet.write_row(
            n,
            0,
            ["131041", f"第{n}施設", ("体育館", "図書館", "公園")[n % 3], *[rng.randint(0, 900) for _ in range(7)]],
        )
    book.close()
    return path


def _corpus(corpus: Path) -> dict[str, Any]:
    """Rate every file of a folder in this process, one after the other."""
    seconds: list[tuple[float, str]] = []
    errors = 0
    for path in sorted(corpus.rglob("*")):
        if path.suffix.lower() in _DATA and path.is_file() and path.stat().st_size <= _LARGEST:
            start = time.perf_counter()
            rating = rate_path(path)
            seconds.append((time.perf_counter() - start, str(path.relative_to(corpus))))
            errors += rating.error is not None
    ordered = sorted(seconds)
    times = [took for took, _ in ordered]
    return {
        "files": len(times),
        "without a table": errors,
        "median ms": round(1000 * statistics.median(times), 1),
        "p90 ms": round(1000 * times[int(len(times) * 0.9)], 1),
        "slowest": [{"file": name, "seconds": round(took, 2)} for took, name in reversed(ordered[-3:])],
        "all seconds": round(sum(times), 1),
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _measured(corpus: Path, truth: Path, half: str) -> dict[str, Any]:
    """Compare both programs with what a person saw; verdicts marked unclear are left out."""
    with truth.open(encoding="utf-8", newline="") as file:
        seen = [
            row for row in csv.DictReader(file, delimiter="\t") if row["half"] == half and row["verdict"] != "unclear"
        ]
    peer = _peer(corpus / _PEER)
    ours: dict[str, Tally] = defaultdict(Tally)
    theirs: dict[str, Tally] = defaultdict(Tally)
    files: dict[str, set[str]] = {}
    for row in seen:
        name, rule, failed = row["file"], row["rule"], row["verdict"] == "fail"
        if name not in files:
            files[name] = {found.id for found in rate_path(corpus / name).rules if found.verdict == "fail"}
        _count(ours[rule], failed=failed, found=rule in files[name])
        if name in peer:
            _count(theirs[rule], failed=failed, found=rule in peer[name])
    return {
        "files": len(files),
        "files the agency's checker takes": sum(1 for name in files if name in peer),
        "rules": {rule.id: {"ours": _shown(ours[rule.id]), "agency": _shown(theirs[rule.id])} for rule in RULES},
        "all": {"ours": _shown(_sum(ours.values())), "agency": _shown(_sum(theirs.values()))},
    }


def _peer(path: Path) -> dict[str, set[str]]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as file:
        return {entry["path"]: {found["rule"] for found in entry["failed"]} for entry in map(json.loads, file)}


def _count(tally: Tally, *, failed: bool, found: bool) -> None:
    tally.right += failed and found
    tally.false += found and not failed
    tally.missed += failed and not found


def _sum(tallies: Any) -> Tally:
    total = Tally()
    for tally in tallies:
        total.right += tally.right
        total.false += tally.false
        total.missed += tally.missed
    return total


def _shown(tally: Tally) -> dict[str, Any]:
    return {
        "right": tally.right,
        "false": tally.false,
        "missed": tally.missed,
        "precision": None if tally.precision is None else round(tally.precision, 3),
        "recall": None if tally.recall is None else round(tally.recall, 3),
    }


def _lines(report: dict[str, Any]) -> Iterator[str]:
    yield f"ruleset {report['ruleset']}"
    yield ""
    yield "| made file | bytes | way | seconds | processor | peak MB |"
    yield "|---|---|---|---|---|---|"
    for entry in report["made"]:
        for way in ("ours", "pandas + openpyxl"):
            run = entry[way]
            cells = (
                [run["error"], "", ""] if "error" in run else [run["seconds"], run["processor seconds"], run["peak MB"]]
            )
            yield f"| {entry['file']} | {entry['bytes']:,} | {way} | {' | '.join(map(str, cells))} |"
    yield f"cold start of `tdpf rate` on a small file: {report['made'][0]['cold start, seconds']} s"
    if "corpus" in report:
        corpus = report["corpus"]
        yield ""
        yield (
            f"corpus: {corpus['files']} files in one process, median {corpus['median ms']} ms, p90 {corpus['p90 ms']} ms, "
            f"all {corpus['all seconds']} s, peak {corpus['peak MB']} MB; slowest "
            + ", ".join(f"{entry['file']} {entry['seconds']} s" for entry in corpus["slowest"])
        )
    for half, measured in report.get("truth", {}).items():
        yield ""
        taken = measured["files the agency's checker takes"]
        yield f"{half}: {measured['files']} files judged by eye, {taken} of them taken by the agency's checker"
        yield "| rule | ours P | R | right/false/missed | agency P | R | right/false/missed |"
        yield "|---|---|---|---|---|---|---|"
        for rule, both in [*measured["rules"].items(), ("all", measured["all"])]:
            yield f"| {rule} | {_cells(both['ours'])} | {_cells(both['agency'])} |"


def _cells(shown: dict[str, Any]) -> str:
    def word(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    return f"{word(shown['precision'])} | {word(shown['recall'])} | {shown['right']}/{shown['false']}/{shown['missed']}"
