"""Figures of a benchmark: interleaved rounds, medians, targets, a table in Markdown and JSON."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from tdpf.processes.bench.load import load
from tdpf.processes.bench.processes import cpu_seconds

_REST = 0.2
_LONGEST_REST = 120.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked: a server on a port, the requests, and the processes whose time is counted."""

    name: str
    port: int
    requests: Sequence[bytes]
    pids: Callable[[], Sequence[int]]


@dataclass(slots=True)
class Readings:
    """The rounds of one subject: processor µs per request, answers per second, latencies in ms."""

    cpu_us: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    failed: int = 0
    requests: int = 0

    def summary(self) -> dict[str, float | int]:
        """Return the medians."""
        return {
            "cpu_us": round(statistics.median(self.cpu_us), 2) if self.cpu_us else 0.0,
            "per_second": round(statistics.median(self.per_second)) if self.per_second else 0,
            "p50_ms": round(statistics.median(self.p50_ms), 3) if self.p50_ms else 0.0,
            "p99_ms": round(statistics.median(self.p99_ms), 3) if self.p99_ms else 0.0,
            "rounds": len(self.cpu_us),
            "requests": self.requests,
            "failed": self.failed,
        }


def measure(subjects: Sequence[Subject], *, rounds: int, seconds: float, clients: int) -> dict[str, Readings]:
    """Ask every subject in every round, the order turned by one each round; a first short asking warms up and is not counted."""
    found = {subject.name: Readings() for subject in subjects}
    for subject in subjects:
        load(subject.port, subject.requests[:100], clients=clients, seconds=1)
    for number in range(rounds):
        turn = number % len(subjects) if subjects else 0
        for subject in [*subjects[turn:], *subjects[:turn]]:
            say(f"round {number + 1} of {rounds}: {subject.name}")
            pids = subject.pids()
            _wait_for_rest(pids)
            before = cpu_seconds(pids)
            # Begun elsewhere each round, so that what is to be new to the server stays new.
            first = number * len(subject.requests) // rounds
            turned = [*subject.requests[first:], *subject.requests[:first]]
            answered = load(subject.port, turned, clients=clients, seconds=seconds)
            spent = cpu_seconds(pids) - before
            readings = found[subject.name]
            readings.requests += answered.requests
            readings.failed += answered.refused + answered.broken
            ended = set(pids) - set(subject.pids())
            if ended:
                say(f"{subject.name}: {len(ended)} of its processes ended meanwhile; this round is not counted")
            if ended or not answered.requests:
                # The time of no answer is no price, and that of a process that is gone cannot be read.
                continue
            readings.cpu_us.append(spent / answered.requests * 1e6)
            readings.per_second.append(answered.per_second)
            readings.p50_ms.append(answered.p50_ms)
            readings.p99_ms.append(answered.p99_ms)
    return found


def _wait_for_rest(pids: Sequence[int]) -> None:
    """Wait until these processes have nothing left to do of what was asked before, two minutes at the most.

    A server goes on with slow questions whose askers are gone; the next reading would be told their time.
    """
    until, before = time.monotonic() + _LONGEST_REST, cpu_seconds(pids)
    while time.monotonic() < until:
        time.sleep(_REST)
        after = cpu_seconds(pids)
        if after - before <= _REST / 20:
            return
        before = after


@dataclass(frozen=True, slots=True)
class Target:
    """A promise and what was measured; `value` None when it could not be measured, for the reason in `note`."""

    what: str
    bound: Literal["at most", "at least"]
    limit: float
    value: float | None
    unit: str = "×"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it holds, None when it was not measured."""
        if self.value is None:
            return None
        return self.value <= self.limit if self.bound == "at most" else self.value >= self.limit


def ratio(over: float | None, under: float | None) -> float | None:
    """Return over ÷ under, None when either is missing or nought: who answered nothing has no price."""
    return round(over / under, 3) if over and under else None


def target_lines(targets: Sequence[Target]) -> list[str]:
    """Return the targets as a Markdown table."""
    lines = ["| target | wanted | measured | |", "|---|---|---|---|"]
    for target in targets:
        value = f"{target.value:g} {target.unit}" if target.value is not None else "–"
        verdict = {True: "met", False: "**missed**", None: "not measured"}[target.met]
        note = f" ({target.note})" if target.note else ""
        lines.append(f"| {target.what} | {target.bound} {target.limit:g} {target.unit} | {value} | {verdict}{note} |")
    return lines


def target_dicts(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Return the targets for JSON."""
    return [{**asdict(target), "met": target.met} for target in targets]


def reading_lines(title: str, rows: Mapping[str, Mapping[str, Any]], *, reference: str | None = None) -> list[str]:
    """Return readings as a Markdown table; with a reference, its multiple beside each."""
    head = f"| {title} | CPU µs per request | × | answers/s | p50 ms | p99 ms | failed |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    base = rows.get(reference or "", {}).get("cpu_us")
    for name, row in rows.items():
        if "absent" in row:
            lines.append(f"| {name} | not available: {row['absent']} | | | | | |")
            continue
        if not row.get("rounds", 1):
            lines.append(f"| {name} | no answer in the time given | | | | | |")
            continue
        times = f"{row['cpu_us'] / base:.2f}" if base else ""
        lines.append(
            f"| {name} | {row['cpu_us']:.1f} | {times} | {row['per_second']:,} | {row['p50_ms']:.2f} |"
            f" {row['p99_ms']:.2f} | {row['failed']} |"
        )
    return lines


def write_out(out: Path | None, measured: Mapping[str, Any], table: str) -> None:
    """Print the table and write it (.md) or the figures (.json, and whatever else) to a file."""
    print(table)
    if out is not None:
        figures = orjson.dumps(measured, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
        out.write_text((table if out.suffix == ".md" else figures) + "\n", encoding="utf-8")


def say(what: str) -> None:
    """Tell on the error stream how far it is."""
    print(what, file=sys.stderr, flush=True)
