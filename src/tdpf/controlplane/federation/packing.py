"""A record's stated words and its original, packed together: they say nearly the same, so one stream holds both."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import orjson

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import StatedDataset
from tdpf.kit.hashing import canonical_json, sha256_hex


@dataclass(frozen=True, slots=True)
class Words:
    """What a record states and its original as bytes, with the SHA-256 of each: the same words always give the same digest."""

    stated: bytes
    original: bytes
    digest: str
    original_digest: str

    def packed(self) -> bytes:
        """Return both in one compressed stream."""
        return zlib.compress(self.stated + b"\n" + self.original, 6)


def words_of(stated: StatedDataset, original: str) -> Words:
    """Return a record as it is kept."""
    words, given = canonical_json(catalog.packed_stated(stated)), original.encode("utf-8", "replace")
    return Words(words, given, sha256_hex(words), sha256_hex(given))


def stated_of(kept: bytes | memoryview) -> StatedDataset:
    """Return the stated words."""
    words, _, _ = zlib.decompress(kept).partition(b"\n")
    stated = catalog.unpacked_stated(orjson.loads(words))
    if stated is None:
        raise ValueError("a record without stated words")
    return stated


def original_of(kept: bytes | memoryview) -> str:
    """Return the record as the site gave it."""
    _, _, original = zlib.decompress(kept).partition(b"\n")
    return original.decode("utf-8", "replace")
