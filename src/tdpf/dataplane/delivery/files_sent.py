"""Sending a file: whole, one range of it, or only word of it (RFC 9110 §13 and §14)."""

from __future__ import annotations

import re
from pathlib import Path

from tdpf.dataplane.delivery.answers import Answer, AnyAnswer, FileAnswer, Headers, matches
from tdpf.dataplane.delivery.requests import Request
from tdpf.wire.delivery_problems import NoFile, RangeNotSatisfiable

LARGE_BYTES = 1 << 20
"""A file of so many bytes goes out as it lies there; nobody on the way compresses it."""
_ONE_RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*\Z")


def send_file(
    request: Request, path: Path, etag: str, media_type: str, headers: Headers, *, smaller: Path | None = None
) -> AnyAnswer:
    """Answer with a file's bytes; `headers` may hold the etag already. Raises NoFile, RangeNotSatisfiable.

    `smaller` is the same file in gzip, for who takes it and does not ask for a part.
    """
    try:
        size = path.stat().st_size
    except OSError:
        raise NoFile(slug="", name=path.name, known="—") from None
    kept = [pair for pair in headers if pair[0] != "etag"]
    headers = [*kept, ("etag", etag), ("accept-ranges", "bytes")]
    if matches(request.if_none_match, etag):
        return Answer(304, headers)
    if size >= LARGE_BYTES:
        headers = [(name, f"{value}, no-transform" if name == "cache-control" else value) for name, value in headers]
    headers.append(("content-type", media_type))
    wanted = request.range
    only_if = request.if_range
    span = None
    if wanted is not None and (only_if is None or only_if.strip() == etag):
        span = wanted_span(wanted, size)
    if span is not None:
        start, end = span
        headers.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
        return FileAnswer(206, headers, path, start, end, size)
    if smaller is not None:
        try:
            length = smaller.stat().st_size
        except OSError:
            return FileAnswer(200, headers, path, 0, size, size)
        # A weak tag stands for no bytes of which a part could be asked for.
        sent = [*kept, ("etag", f"W/{etag}"), ("content-type", media_type), ("content-encoding", "gzip")]
        return FileAnswer(200, sent, smaller, 0, length, length)
    return FileAnswer(200, headers, path, 0, size, size)


def wanted_span(header: str, size: int) -> tuple[int, int] | None:
    """Return (start, end) of a single byte range, end not included; None when the header is to be ignored, as other units and
    several ranges may be. Raises RangeNotSatisfiable."""
    found = _ONE_RANGE.match(header.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise RangeNotSatisfiable(range=header[:80], bytes=size)
    return start, end
