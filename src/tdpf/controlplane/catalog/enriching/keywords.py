"""Keywords tidied: split where several stand in one, full-width letters narrowed, each word once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tdpf.controlplane.catalog.enriching.texts import clean

MAX_KEYWORDS, MAX_KEYWORD = 50, 100
_BETWEEN = re.compile(
    r"[、，,;；\n\t|｜]+|\s+/\s+|(?<=[^\x00-\x7f])[/／](?=[^\x00-\x7f])|(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])|\s*[#＃](?=\S)"
)
_WORD = re.compile(r"\w")
_OUTER = " 　\"'“”「」『』【】[]()（）.。・-–—:："
_EMPTY = frozenset({"なし", "無し", "-", "n/a", "na", "none", "null", "未設定", "特になし", "その他"})


def tidy_keywords(stated: Iterable[object]) -> tuple[str, ...]:
    """Return the keywords in the order they came, 50 at most, without empty ones and repetitions in another case."""
    found: dict[str, str] = {}
    for entry in stated:
        if not isinstance(entry, str):
            continue
        for piece in _BETWEEN.split(unicodedata.normalize("NFKC", entry[:5000])):
            word = clean(
                piece.strip(_OUTER) if piece.count("(") == piece.count(")") == 0 else piece.strip(), MAX_KEYWORD
            )
            same = word.casefold()
            if _WORD.search(word) and same not in _EMPTY and same not in found:
                found[same] = word
                if len(found) == MAX_KEYWORDS:
                    return tuple(found.values())
    return tuple(found.values())
