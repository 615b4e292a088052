"""The last requests of some applications, read from the end of what the gateways wrote down."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tdpf.controlplane.metering import rules
from tdpf.controlplane.metering.types import CallSeen
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.messages import UsageLine
from tdpf.wire.usage_log import parse_line

MOST_READ = 4 * 1024 * 1024
"""So many bytes are looked through at most, an equal part of them at each gateway: on a busy platform what is older is not found."""
Caller = tuple[int, int, int]
"""Application, agreement and dataset, as a line of the log names them."""


@dataclass(frozen=True, slots=True)
class Place:
    """One gateway's files of evidence, the one written last first, and who called there lately."""

    paths: Sequence[Path]
    callers: Collection[Caller]


def last_calls(places: Collection[Place], *, limit: int) -> list[CallSeen]:
    """Return the newest requests of the callers, the newest first."""
    each = MOST_READ // max(1, len(places))
    found = [call for place in places for call in islice(_calls_at(place, each), limit)]
    return sorted(found, key=lambda call: call.at, reverse=True)[:limit]


def _calls_at(place: Place, most: int) -> Iterator[CallSeen]:
    for path in place.paths:
        if most <= 0:
            return
        piece = _end_of(path, most)
        most -= len(piece)
        yield from calls_in(piece, place.callers)


def calls_in(piece: bytes, callers: Collection[Caller]) -> Iterator[CallSeen]:
    """Read the callers' requests among whole lines, the last line first; lines of others are not looked at."""
    marks = [f"\t{application},{agreement},{dataset},".encode() for application, agreement, dataset in callers]
    nearest = {mark: at for mark in marks if (at := piece.rfind(mark)) >= 0}
    while nearest:
        mark = max(nearest, key=nearest.__getitem__)
        begins = piece.rfind(b"\n", 0, nearest[mark]) + 1
        ends = piece.find(b"\n", begins)
        nearest[mark] = piece.rfind(mark, 0, begins)
        if nearest[mark] < 0:
            del nearest[mark]
        try:
            line = parse_line(piece[begins : ends if ends >= 0 else None])
        except MalformedMessage:
            continue
        if (line.application, line.agreement, line.dataset) in callers:
            yield _call(line)


def _call(line: UsageLine) -> CallSeen:
    return CallSeen(
        rules.instant_of(line.time), line.application, line.dataset, line.method, line.path, line.status,
        line.bytes_sent, line.duration_ms, rules.is_call(line),
    )  # fmt: skip


def _end_of(path: Path, most: int) -> bytes:
    """Return the whole lines in the last `most` bytes, nothing when the file is not on this machine."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - most))
            piece = stream.read(most)
    except OSError:
        return b""
    return piece if size <= most else piece.partition(b"\n")[2]
