"""Whole lines of a segment → what they add to the hours, and the next link of the chain.

Nearly every line is one of few kinds (hour, who, what, status), met again and again: what a kind means is found out once by
the careful reader of `wire`, and its lines are then only counted. A line of any other form is read carefully by itself.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from tdpf.controlplane.metering import rules
from tdpf.controlplane.metering.types import HourKey, Totals
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.messages import UsageLine
from tdpf.wire.usage_log import parse_line

_USUAL = re.compile(
    rb"(\d{4}-\d\d-\d\dT\d\d):[0-5]\d:[0-5]\d\.\d{3}Z\t[^\t]*\t([^\t]*\t[^\t]*\t[^\t]*\t\d{1,9})\t[^\t]*\t(\d{1,15})"
    rb"\t(?:\d+|-)\t(?:\d+|-)\t.*",
    re.DOTALL,
)
_KINDS_KEPT = 50_000
_NOTHING = Totals()


@dataclass(frozen=True, slots=True)
class LinesRead:
    """What lines add to each hour, how many there were and could not be read, and the chain after them."""

    sums: dict[HourKey, Totals]
    count: int
    malformed: int
    chain: str


def read_lines(data: bytes, chain: str) -> LinesRead:
    """Read whole lines that follow `chain` (SHA-256 in hexadecimal over the link before and the line)."""
    tallies: dict[tuple[bytes, bytes], list[int]] = {}
    others: list[UsageLine] = []
    malformed = 0
    digest, usual = hashlib.sha256, _USUAL.fullmatch
    lines = data.removesuffix(b"\n").split(b"\n")
    for raw in lines:
        chain = digest(chain.encode() + raw).hexdigest()
        found = usual(raw)
        if found is None:
            line = _careful(raw)
            if line is None:
                malformed += 1
            else:
                others.append(line)
            continue
        hour, words, size = found.groups()
        tally = tallies.get((hour, words))
        if tally is None:
            tally = tallies[hour, words] = [0, 0]
        tally[0] += 1
        tally[1] += int(size)
    sums = rules.sum_lines(others)
    for (hour, words), (requests, size) in tallies.items():
        kind = _kind(hour, words)
        if kind is None:
            malformed += requests
        else:
            key, is_call = kind
            before = sums.get(key, _NOTHING)
            sums[key] = Totals(before[0] + requests, before[1] + requests * is_call, before[2] + size)
    return LinesRead(sums, len(lines), malformed, chain)


def _careful(raw: bytes) -> UsageLine | None:
    try:
        line = parse_line(raw)
        rules.check_line(line)
    except MalformedMessage:
        return None
    return line


@lru_cache(maxsize=_KINDS_KEPT)
def _kind(hour: bytes, words: bytes) -> tuple[HourKey, bool] | None:
    line = _careful(hour + b":00:00.000Z\t-\t" + words + b"\t-\t0\t-\t-\t-")
    if line is None:
        return None
    (key,) = rules.sum_lines([line])
    return key, rules.is_call(line)
