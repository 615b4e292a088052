"""The evidence of use under an agreement: a file of JSON lines that both sides hold, check without the platform and compare.

The first line names the agreement, then comes one line for each hour (JST) with use, the last line has the sums. Each line ends with
`,"chain":"…"}`: the SHA-256, in hexadecimal, of the chain of the line before ("" before the first) and of the line's own bytes up to
`,"chain"`. A changed, lost or added number breaks the chain; whoever reckons the whole chain anew gets another last link than
the other side has. Only the hour that begins at `until` had not ended when the file was made; it is not compared, and none is later.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from tdpf.controlplane.metering.errors import BrokenEvidence, OtherEvidence
from tdpf.controlplane.metering.types import Evidence, EvidenceCompared, HourDiffers, HourUse
from tdpf.kit.clock import JST

FORMAT = "tdpf-evidence/1"
_NUMBERS = ("calls", "bytes", "errors", "refused")
_LINE = re.compile(rb'(\{.*),"chain":"([0-9a-f]{64})"\}')
_MOST_LINES = 1_000_000


def write_evidence(*, agreement: int, terms_sha256: str, hours: Iterable[HourUse], now: datetime) -> bytes:
    """Return the file for hours in rising order; the hour of `now` has not ended."""
    until = now.astimezone(JST).replace(minute=0, second=0, microsecond=0)
    lines: list[bytes] = []
    chain = ""

    def add(**members: Any) -> None:
        nonlocal chain
        body = orjson.dumps(members)[:-1]
        chain = _next(chain, body)
        lines.append(body + f',"chain":"{chain}"}}\n'.encode())

    add(format=FORMAT, agreement=agreement, terms_sha256=terms_sha256)
    sums = dict.fromkeys(_NUMBERS, 0)
    for hour in hours:
        numbers = {name: int(getattr(hour, name)) for name in _NUMBERS}
        add(hour=hour.begins.isoformat(), **numbers)
        sums = {name: sums[name] + numbers[name] for name in _NUMBERS}
    add(until=until.isoformat(), hours=len(lines) - 1, **sums)
    return b"".join(lines)


def read_evidence(data: bytes) -> Evidence:
    """Check a file from its first to its last line and return what it says; raises BrokenEvidence."""
    lines = data.split(b"\n", _MOST_LINES)
    if lines.pop() != b"" or len(lines) < 2:
        raise BrokenEvidence(line=len(lines) + 1)
    chain = ""
    read: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise BrokenEvidence(line=number)
        chain = _next(chain, found[1])
        if chain.encode() != found[2]:
            raise BrokenEvidence(line=number)
        read.append(_object(line, number))
    return _evidence(read, chain)


def compare_evidence(ours: Evidence, theirs: Evidence) -> EvidenceCompared:
    """Return in which hours two files about one agreement disagree; raises OtherEvidence.

    Compared are the hours that had ended when both files were made: an `until` that is early says little, and is told.
    """
    if (ours.agreement, ours.terms_sha256) != (theirs.agreement, theirs.terms_sha256):
        raise OtherEvidence(first=ours.agreement, second=theirs.agreement)
    until = min(ours.until, theirs.until)
    left, right = ({hour.begins: hour for hour in side.hours if hour.begins < until} for side in (ours, theirs))
    begun = sorted(left.keys() | right.keys())
    differences = tuple(
        HourDiffers(left.get(begins, HourUse(begins)), right.get(begins, HourUse(begins)))
        for begins in begun
        if left.get(begins) != right.get(begins)
    )
    return EvidenceCompared(until, len(begun), differences)


def _next(chain: str, body: bytes) -> str:
    return hashlib.sha256(chain.encode() + body).hexdigest()


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise BrokenEvidence(line=number) from None
    if not isinstance(found, dict):
        raise BrokenEvidence(line=number)
    return found


def _evidence(read: Sequence[dict[str, Any]], chain: str) -> Evidence:
    head, *middle, last = read
    if head.get("format") != FORMAT:
        raise BrokenEvidence(line=1)
    hours = tuple(_hour(members, number) for number, members in enumerate(middle, 2))
    for number, (before, after) in enumerate(itertools.pairwise(hours), 3):
        if after.begins - before.begins < timedelta(hours=1):
            raise BrokenEvidence(line=number)
    until = _instant(last, "until", len(read))
    if hours and hours[-1].begins > until:
        raise BrokenEvidence(line=len(read) - 1)
    sums = {name: sum(getattr(hour, name) for hour in hours) for name in _NUMBERS} | {"hours": len(hours)}
    if {name: last.get(name) for name in sums} != sums:
        raise BrokenEvidence(line=len(read))
    return Evidence(
        agreement=_whole(head, "agreement", 1),
        terms_sha256=str(head.get("terms_sha256")),
        until=until,
        hours=hours,
        chain=chain,
    )


def _hour(members: dict[str, Any], number: int) -> HourUse:
    calls, sent, errors, refused = (_whole(members, name, number) for name in _NUMBERS)
    return HourUse(_instant(members, "hour", number), calls, sent, errors, refused)


def _instant(members: dict[str, Any], name: str, number: int) -> datetime:
    try:
        instant = datetime.fromisoformat(str(members.get(name)))
        if instant.tzinfo is not None:
            return instant.astimezone(JST)
    except (ValueError, OverflowError):
        pass
    raise BrokenEvidence(line=number)


def _whole(members: dict[str, Any], name: str, number: int) -> int:
    value = members.get(name)
    if type(value) is not int or value < 0:
        raise BrokenEvidence(line=number)
    return value
