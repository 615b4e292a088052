"""A record's stated words and its original, packed together: they say nearly the same, so one stream holds both."""

from __future__ import annotations

import zlib

import orjson

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import StatedDataset
from tdpf.kit.hashing import canonical_json, sha256_hex


def digests(stated: StatedDataset, original: str) -> tuple[str, str]:
    """Return the SHA-256 of the stated words and of the original; the same words always give the same digest."""
    return sha256_hex(_words(stated)), sha256_hex(original.encode("utf-8", "replace"))


def packed(stated: StatedDataset, original: str) -> bytes:
    """Return both in one compressed stream."""
    return zlib.compress(_words(stated) + b"\n" + original.encode("utf-8", "replace"), 6)


def _words(stated: StatedDataset) -> bytes:
    return canonical_json(catalog.packed_stated(stated))


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
