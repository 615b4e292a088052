"""Whole lines of a segment → what they add to the hours, and the next link of the chain.

Nearly every line is one of few kinds (hour, who, what, status), met again and again. Lines are parted and counted by kind in
one pass of Polars; what a kind means is found out by the careful reader of `wire`, and a line of any other form is read by it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl

from tdpf.controlplane.metering import rules
from tdpf.controlplane.metering.types import SPEED_BOUNDS_MS, HourKey, Totals
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.messages import UsageLine
from tdpf.wire.usage_log import parse_line

# Sizes and times of up to 12 digits: the sum over a piece of 12 MB stays far below 2^63. A longer one is read carefully.
_USUAL = (
    r"^(?P<hour>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z\t[^\t]*"
    r"\t(?P<words>[^\t]*\t[^\t]*\t[^\t]*\t[0-9]{1,9})\t[^\t]*\t(?P<size>[0-9]{1,12})\t(?:[0-9]+|-)\t(?P<ms>[0-9]{1,12}|-)\t"
)
_KINDS_KEPT = 100_000
_ANY_HOUR = b"2000-01-01T00"
_ANY_WORDS = b"-\t-\t-\t0"
_NOTHING = Totals()


@dataclass(frozen=True, slots=True)
class LinesRead:
    """What lines add to each hour, how many there were and could not be read, and the chain after them."""

    sums: dict[HourKey, Totals]
    count: int
    malformed: int
    chain: str


def read_lines(data: bytes, chain: str, *, few: int = 60) -> LinesRead:
    """Read whole lines that follow `chain` (SHA-256 in hexadecimal over the link before and the line).

    Up to `few` lines are read one by one: to part so few at once would cost more.
    """
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    kinds, unusual = _by_kind(lines) if len(lines) > few else ([], list(range(len(lines))))
    careful = [_careful(lines[place]) for place in unusual]
    sums = rules.sum_lines(line for line in careful if line is not None)
    malformed = careful.count(None)
    for hour, words, requests, size, *times in kinds:
        when, kind = _hour(hour), _kind(words)
        if when is None or kind is None:
            malformed += requests
        else:
            what, is_call, is_timed = kind
            key = what._replace(day=when[0], hour=when[1])
            told = (requests, *times) if is_timed else ()
            sums[key] = sums.get(key, _NOTHING).plus(Totals(requests, requests * is_call, size, *told))
    return LinesRead(sums, len(lines), malformed, _chained(lines, chain))


def _by_kind(lines: list[bytes]) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Return (hour, words, how many, their bytes, their ms, how many within each bound) of the usual lines, and the places
    of all others."""
    parts = _texts(lines).str.extract_groups(_USUAL).struct.unnest()
    is_unusual = parts["size"].is_null()
    ms = pl.col("ms").cast(pl.Int64, strict=False).fill_null(0)
    usual = parts.filter(~is_unusual).with_columns(pl.col("size").cast(pl.Int64), ms)
    within = [(pl.col("ms") <= bound).sum().alias(f"within_{bound}") for bound in SPEED_BOUNDS_MS]
    kinds = usual.group_by("hour", "words").agg(pl.len().alias("requests"), pl.col("size", "ms").sum(), *within)
    columns = [column.to_list() for column in kinds.get_columns()]
    return list(zip(*columns, strict=True)), is_unusual.arg_true().to_list()


def _texts(lines: list[bytes]) -> pl.Series:
    try:
        return pl.Series("line", lines, dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:  # not UTF-8 somewhere
        return pl.Series("line", [line.decode("utf-8", "replace") for line in lines], dtype=pl.String)


def _chained(lines: list[bytes], chain: str) -> str:
    digest = hashlib.sha256
    for raw in lines:
        chain = digest(chain.encode() + raw).hexdigest()
    return chain


def _careful(raw: bytes) -> UsageLine | None:
    try:
        line = parse_line(raw)
        rules.check_line(line)
    except MalformedMessage:
        return None
    return line


def _made(hour: bytes, words: bytes) -> UsageLine | None:
    return _careful(hour + b":00:00.000Z\t-\t" + words + b"\t-\t0\t-\t-\t-")


@lru_cache(maxsize=1_000)
def _hour(text: str) -> tuple[int, int] | None:
    line = _made(text.encode(), _ANY_WORDS)
    return None if line is None else rules.hour_of(line.time)


@lru_cache(maxsize=_KINDS_KEPT)
def _kind(words: str) -> tuple[HourKey, bool, bool] | None:
    line = _made(_ANY_HOUR, words.encode())
    if line is None:
        return None
    (key,) = rules.sum_lines([line])
    return key, rules.is_call(line), rules.is_timed(line)
