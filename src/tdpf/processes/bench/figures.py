"""Figures of a benchmark: interleaved rounds, medians, targets, a table in Markdown and JSON."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import orjson

from tdpf.processes.bench.baselines import percentile
from tdpf.processes.bench.load import Load, each_once, load
from tdpf.processes.bench.processes import cpu_seconds, is_running

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
    """Ask every subject in every round, the order turned by one each round; a first short asking warms up and is not counted.

    Who answers nothing in the time given is asked once by each client and waited for, in one round only.
    """
    found = {subject.name: Readings() for subject in subjects}
    slow: set[str] = set()
    for subject in subjects:
        load(subject.port, subject.requests[:100], clients=clients, seconds=1)
    for number in range(rounds):
        turn = number % len(subjects) if subjects else 0
        for subject in [*subjects[turn:], *subjects[:turn]]:
            if subject.name in slow:
                continue
            say(f"round {number + 1} of {rounds}: {subject.name}")
            # Begun elsewhere each round, so that what is to be new to the server stays new.
            first = number * len(subject.requests) // rounds
            turned = [*subject.requests[first:], *subject.requests[:first]]
            if _read(subject, found[subject.name], partial(load, clients=clients, seconds=seconds), turned):
                continue
            say(f"{subject.name}: no answer in the time given; asked once by each client")
            slow.add(subject.name)
            try:
                _read(subject, found[subject.name], partial(_once, clients=clients), turned)
            except (RuntimeError, OSError) as fault:
                say(f"{subject.name}: {fault}")
    return found


def _read(
    subject: Subject, readings: Readings, ask: Callable[[int, Sequence[bytes]], Load], requests: Sequence[bytes]
) -> bool:
    """Ask when the subject rests and note what it cost; return whether anything was answered."""
    pids = subject.pids()
    wait_for_rest(pids)
    before = cpu_seconds(pids)
    answered = ask(subject.port, requests)
    spent = cpu_seconds(pids) - before
    readings.requests += answered.requests
    readings.failed += answered.refused + answered.broken
    ended = set(pids) - set(subject.pids())
    if ended:
        # The time of a process that is gone cannot be read.
        say(f"{subject.name}: {len(ended)} of its processes ended meanwhile; this round is not counted")
        return True
    if not answered.requests:
        return False
    readings.cpu_us.append(spent / answered.requests * 1e6)
    readings.per_second.append(answered.per_second)
    readings.p50_ms.append(answered.p50_ms)
    readings.p99_ms.append(answered.p99_ms)
    return True


def _once(port: int, requests: Sequence[bytes], *, clients: int) -> Load:
    taken, seconds = each_once(port, [requests[number % len(requests)] for number in range(clients)], clients=clients)
    return Load(len(taken), seconds, 0, 0, 0, percentile(taken, 0.5), percentile(taken, 0.99))


def wait_for_rest(pids: Sequence[int]) -> None:
    """Wait until these processes have nothing left to do of what was asked before, two minutes at the most.

    A server goes on with slow questions whose askers are gone; the next reading would be told their time.
    """
    until, before = time.monotonic() + _LONGEST_REST, cpu_seconds(pids)
    while time.monotonic() < until:
        time.sleep(_REST)
        after = cpu_seconds(pids)
        # On a busy machine who has much to do gets little time, but is never seen waiting for anything else.
        if after - before < _REST / 10 and not is_running(pids):
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
