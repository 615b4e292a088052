"""What is sent back: bytes, a file or part of one, or a stream; and the headers every answer carries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

Headers = list[tuple[str, str]]

MOST_ID_IN_TAG = 64

COMMON: tuple[tuple[str, str], ...] = (("vary", "accept, accept-encoding, accept-language, origin"),)
"""On every answer of `/data`.

That a browser runs nothing of it says the gateway, for every answer, as it says to who asks from another origin who may read it.
"""


@dataclass(slots=True)
class Answer:
    """A whole answer in memory."""

    status: int
    headers: Headers
    body: bytes = b""


@dataclass(slots=True)
class FileAnswer:
    """Bytes `start … end` (end not included) of a file that is `size` long."""

    status: int
    headers: Headers
    path: Path
    start: int
    end: int
    size: int


@dataclass(slots=True)
class StreamAnswer:
    """Pieces made while they are sent; `pieces` runs in a thread of its own."""

    headers: Headers
    pieces: Callable[[], Iterator[bytes]]


@dataclass(slots=True)
class LiveAnswer:
    """Pieces that come from time to time, for as long as the consumer follows."""

    headers: Headers
    pieces: AsyncIterator[bytes]
    opened: Callable[[int], None] | None = None
    """Told the pipe's descriptor when it can be written to, and -1 before it is closed."""


AnyAnswer = Answer | FileAnswer | StreamAnswer | LiveAnswer


def etag_of(*parts: str) -> str:
    """Return a strong entity tag: the same parts are the same bytes."""
    return f'"{blake2b(chr(0).join(parts).encode(), digest_size=15).hexdigest()}"'


def row_tag(mark: str, feature_id: str) -> str:
    """Return the strong entity tag of one row, readable where its id is short: `mark` names what holds for all rows of a place."""
    if feature_id.isascii() and feature_id.isalnum() and len(feature_id) <= MOST_ID_IN_TAG:
        return f'"{mark}-{feature_id}"'
    return etag_of(mark, feature_id)


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has the answer already (RFC 9110 §13.1.2, weak comparison)."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(part.strip().removeprefix("W/") == etag for part in if_none_match.split(","))


def attachment(name: str) -> tuple[str, str]:
    """Return the header that makes a browser keep the answer as a file of that name (RFC 6266)."""
    plain = "".join(
        character if (character.isascii() and character.isalnum()) or character in "-_." else "_" for character in name
    )
    return "content-disposition", f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
