"""Identifiers of resources: other CKANs take only UUIDs, so a distribution's is written as one, and back."""

from __future__ import annotations

import uuid

from tdpf.kit.ids import is_uid

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# The place in this list is what tells the formats of one table apart: new formats are added at its end only.
_FORMATS = ("CSV", "JSON", "GEOJSON", "PARQUET", "XLSX", "NDJSON", "ARROW")


def resource_id(distribution_uid: str, code: str = "") -> str:
    """Return the UUID of a distribution's data in one format; "" for a distribution that comes in one only."""
    number = sum(_ALPHABET.index(char) << (5 * place) for place, char in enumerate(reversed(distribution_uid)))
    return str(uuid.UUID(int=(number & (1 << 128) - 1) ^ (_FORMATS.index(code) if code else 0)))


def distributions_meant(identifier: str) -> tuple[str, ...]:
    """Return the uids that an identifier can stand for: a resource's UUID, or a distribution's own uid."""
    if is_uid(identifier):
        return (identifier,)
    try:
        number = uuid.UUID(identifier).int
    except (ValueError, AttributeError):
        return ()
    return tuple(_uid(number ^ place) for place in range(len(_FORMATS)))


def _uid(number: int) -> str:
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
