"""The last requests of some applications, read from the end of what the gateways wrote down."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from tdpf.controlplane.metering import rules
from tdpf.controlplane.metering.types import CallSeen
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.messages import UsageLine
from tdpf.wire.usage_log import parse_line

MOST_READ = 4 * 1024 * 1024
"""So many bytes are looked through at most: on a busy platform what is older is not found."""


def last_calls(
    paths: Iterable[Path], *, applications: Collection[int], dataset: int | None, limit: int
) -> list[CallSeen]:
    """Return the newest requests first; `paths` are files of evidence, the one written last first."""
    found: list[CallSeen] = []
    left = MOST_READ
    for path in paths:
        if left <= 0:
            break
        piece = _end_of(path, left)
        left -= len(piece)
        found += calls_in(piece, applications=applications, dataset=dataset, limit=limit)
    return sorted(found, key=lambda call: call.at, reverse=True)[:limit]


def calls_in(piece: bytes, *, applications: Collection[int], dataset: int | None, limit: int) -> list[CallSeen]:
    """Return the newest `limit` requests of the applications (and of one dataset) among whole lines, the last line first."""
    marks = tuple(f"\t{number},".encode() for number in applications)
    found: list[CallSeen] = []
    for raw in reversed(piece.splitlines()):
        # Nearly every line is somebody else's: looked for as bytes before it is read.
        if not any(mark in raw for mark in marks):
            continue
        try:
            line = parse_line(raw)
        except MalformedMessage:
            continue
        if line.application in applications and dataset in (None, line.dataset):
            found.append(_call(line))
            if len(found) == limit:
                break
    return found


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
