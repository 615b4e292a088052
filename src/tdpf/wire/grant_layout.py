"""Layout of the grant table: where each field stands in the file, and how slots are found. All numbers are little-endian.

The file: a header of one page, then the collection, key and grant sections, each an array of slots of fixed size, searched by
open addressing (hash modulo slots, then the next one, at most MAX_PROBES). A slot whose flags are 0 was never used and ends a
search; USED without LIVE was cleared and is passed over. A writer fills a slot first and stores its flags last, in one aligned
store; clearing the LIVE bit takes effect at the reader's next look. The file is never truncated or rewritten; a larger table is
a new file, put in place by rename after the old one's ``successor`` was set, upon which readers open the path again.

``check`` of a slot is the CRC-32 of its static bytes; the header's ``static_sum`` is the sum of ``check + 1`` over live slots.

Counters are semaphore words (glibc ``sem_t``: only its first 8 bytes are touched): the value is what remains, taken by
``sem_trywait``. Word ``n & 1`` serves day (month) n, and ``day_of`` (``month_of``) says for which n it is filled; used = fill -
value. Days are JST day numbers since 1970-01-01, months are year * 12 + month - 1, times Unix seconds.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAGIC = b"TDPFGRT\x01"
FORMAT_VERSION = 1
HEADER_BYTES = 4096
MAX_PROBES = 512
UNLIMITED = 2**31 - 1
"""Calls in the word of a grant without limit: still counted, so that they can be billed."""

# Header fields: name -> (offset, struct code).
HEADER = {
    "magic": (0, "8s"),
    "format": (8, "I"),
    "header_bytes": (12, "I"),
    "generation": (16, "Q"),
    "file_bytes": (24, "Q"),
    "hash_seed": (32, "I"),
    "max_probes": (36, "I"),
    "collection_offset": (40, "Q"),
    "collection_slots": (48, "Q"),
    "key_offset": (56, "Q"),
    "key_slots": (64, "Q"),
    "grant_offset": (72, "Q"),
    "grant_slots": (80, "Q"),
    # Above: fixed for the life of the file, covered by header_check. Below: changed in place.
    "header_check": (88, "I"),
    "successor": (92, "I"),
    "not_after": (96, "Q"),
    "stamp": (104, "Q"),
    "clock_offset": (112, "q"),
    "flags": (120, "I"),
    "prepared_day": (124, "I"),
    "prepared_month": (128, "I"),
    "gateways": (132, "I"),
    "static_sum": (136, "Q"),
}
HEADER_STATIC_BYTES = 88

FLAG_READY = 1
"""Header flag: the table is complete and verified; without it readers refuse."""
FLAG_OPEN_DATA_NEEDS_KEY = 2
"""Header flag: calls without a key are refused even on open data."""

USED = 1
LIVE = 2
ALIAS = 4
"""Collection flag: this slug is an older one; ``canonical`` is the slot of the present one."""

DAY_SPENT = 8
"""Grant flag, shifted by the day's parity: what this gateway holds is spent, and no other has any left."""
MONTH_SPENT = 32
"""Grant flag, shifted by the month's parity: the same of the month."""

# slug, dataset, access, canonical slot, sunset, deprecated_at, check, flags
COLLECTION = struct.Struct("<64sQIIQQII")
COLLECTION_STATIC = struct.Struct("<64sQIIQQ")
COLLECTION_FLAGS_OFFSET = 100
COLLECTION_SLOT_BYTES = 104

# sha256, application, expires_at, check, flags
KEY = struct.Struct("<32sQQII")
KEY_STATIC = struct.Struct("<32sQQ")
KEY_FLAGS_OFFSET = 52
KEY_SLOT_BYTES = 56

# application, dataset, agreement, view, not_before, not_after, day_limit, month_limit, rate_plan, check, flags
GRANT = struct.Struct("<QQQIIIIIIII")
GRANT_STATIC = struct.Struct("<QQQIIIIII")
GRANT_FLAGS_OFFSET = 52
# day words, month words (8 bytes each), day_of, month_of (16 bit each), day_fill, month_fill (32 bit each)
GRANT_COUNTERS = struct.Struct("<4Q4H4I")
GRANT_COUNTERS_OFFSET = 56
DAY_WORDS_OFFSET = 56
MONTH_WORDS_OFFSET = 72
DAY_OF_OFFSET = 88
MONTH_OF_OFFSET = 92
DAY_FILL_OFFSET = 96
MONTH_FILL_OFFSET = 104
GRANT_SLOT_BYTES = 112

ACCESS_NUMBERS = {"open": 0, "conditional": 1, "paid": 2}
ACCESS_NAMES = {number: name for name, number in ACCESS_NUMBERS.items()}

_M32 = 0xFFFFFFFF


def _mix(state: int, word: int) -> int:
    state = (state + word) & _M32
    state = (state + (state << 10)) & _M32
    return state ^ (state >> 6)


def _finish(state: int) -> int:
    state = (state + (state << 3)) & _M32
    state ^= state >> 11
    return (state + (state << 15)) & _M32


def grant_hash(seed: int, application: int, dataset: int) -> int:
    """Hash of a grant's address: 32-bit shift-and-add mixing of the four 32-bit halves, after Jenkins' one-at-a-time."""
    state = _mix(seed, application & _M32)
    state = _mix(state, application >> 32)
    state = _mix(state, dataset & _M32)
    state = _mix(state, dataset >> 32)
    return _finish(state)


def slug_hash(seed: int, slug: bytes) -> int:
    """Hash of a slug: Jenkins' one-at-a-time over its bytes, begun with the file's seed."""
    state = seed
    for byte in slug:
        state = _mix(state, byte)
    return _finish(state)


def key_hash(sha256: bytes) -> int:
    """Hash of a key: the first four bytes of its SHA-256, big-endian."""
    return int.from_bytes(sha256[:4], "big")


def check_of(static: bytes) -> int:
    """CRC-32 (IEEE) of a slot's static bytes."""
    return zlib.crc32(static)


@dataclass
class Section:
    """One array of slots."""

    name: str
    offset: int
    slots: int
    slot_bytes: int
    flags_offset: int
    static: struct.Struct

    def at(self, slot: int) -> int:
        """Offset of a slot in the file."""
        return self.offset + slot * self.slot_bytes


def open_sections(header: Mapping[str, Any]) -> tuple[Section, Section, Section]:
    """Return the collection, key and grant sections a header describes."""
    return (
        Section(
            "collection",
            header["collection_offset"],
            header["collection_slots"],
            COLLECTION_SLOT_BYTES,
            COLLECTION_FLAGS_OFFSET,
            COLLECTION_STATIC,
        ),
        Section(
            "key",
            header["key_offset"],
            header["key_slots"],
            KEY_SLOT_BYTES,
            KEY_FLAGS_OFFSET,
            KEY_STATIC,
        ),
        Section(
            "grant",
            header["grant_offset"],
            header["grant_slots"],
            GRANT_SLOT_BYTES,
            GRANT_FLAGS_OFFSET,
            GRANT_STATIC,
        ),
    )
