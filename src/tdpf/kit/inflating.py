"""Unpacking what strangers packed, piece by piece and never beyond a limit (decompression bombs)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_PIECE = 64 * 1024
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class Damaged(ValueError):
    """The packed bytes are broken or end too early."""


class Bomb(ValueError):
    """The unpacked bytes are more than allowed."""


def inflate(pieces: Iterable[bytes], *, limit: int, raw_allowed: bool = False) -> Iterator[bytes]:
    """Yield the unpacked bytes of a gzip or zlib stream in pieces of at most 64 KiB.

    `raw_allowed` also takes bare deflate, which some servers send under that name (RFC 9110 §8.4.1.2). Raises Bomb when
    more than `limit` bytes come out, Damaged when the stream is broken or cut off.
    """
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    total = 0
    begun = False
    for piece in pieces:
        rest = piece
        while rest:
            if decoder.eof:
                if decoder.unused_data or rest.strip(b"\0"):
                    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
                else:
                    break
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


def gunzip(packed: bytes, *, limit: int) -> bytes:
    """Return the unpacked bytes of a gzip file. Raises Bomb, Damaged."""
    return b"".join(inflate([packed], limit=limit))
