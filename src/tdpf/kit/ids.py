"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import re
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHAPE = re.compile(rf"[{_ALPHABET}]{{26}}")


def new_uid() -> str:
    """Return 26 lower-case characters: 48 bits of milliseconds, then 80 random bits (Crockford base 32)."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def is_uid(text: str) -> bool:
    """Say whether the text has the shape of an identifier."""
    return _SHAPE.fullmatch(text) is not None
