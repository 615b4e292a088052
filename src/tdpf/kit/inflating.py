"""Unpacking what strangers packed, piece by piece and never beyond a limit (decompression bombs)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_PIECE = 64 * 1024
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
MOST_MEMBERS = 100_000


class Damaged(ValueError):
    """The packed bytes are broken or end too early."""


class Bomb(ValueError):
    """The unpacked bytes are more than allowed."""


def inflate(pieces: Iterable[bytes], *, limit: int, raw_allowed: bool = False) -> Iterator[bytes]:
    """Yield the unpacked bytes of a gzip or zlib stream in pieces of at most 64 KiB.

    A stream may have many members (RFC 1952 §2.2), zeros behind one are padding. `raw_allowed` also takes bare deflate, which some servers send under that name (RFC 9110 §8.4.1.2). Raises Bomb when
    more than `limit` bytes come out, Damaged when the stream is broken, cut off or of more than MOST_MEMBERS members.
    """
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    total = 0
    members = 1
    begun = False
    for piece in _small(pieces):
        rest = piece
        while rest:
            if decoder.eof:
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                members += 1
                if members > MOST_MEMBERS:
                    raise Damaged("too many members")
                decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                out = decoder.decompress(rest, _PIECE)
            except zlib.error as fault:
                if not raw_allowed or begun:
                    raise Damaged(str(fault)) from None
                decoder = zlib.decompressobj(-zlib.MAX_WBITS)
                begun = True
                continue
            begun = True
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            total += len(out)
            if total > limit:
                raise Bomb(limit)
            if out:
                yield out
    # What the decoder still holds comes out without more input.
    while not decoder.eof and (out := decoder.decompress(b"", _PIECE)):
        total += len(out)
        if total > limit:
            raise Bomb(limit)
        yield out
    if begun and not decoder.eof:
        raise Damaged("the stream ends too early")


def _small(pieces: Iterable[bytes]) -> Iterator[bytes]:
    # Every member copies what follows it in its piece: in one large piece that would be quadratic.
    for piece in pieces:
        for start in range(0, len(piece), _PIECE):
            yield piece[start : start + _PIECE]


def gunzip(packed: bytes, *, limit: int) -> bytes:
    """Return the unpacked bytes of a gzip file. Raises Bomb, Damaged."""
    return b"".join(inflate([packed], limit=limit))
