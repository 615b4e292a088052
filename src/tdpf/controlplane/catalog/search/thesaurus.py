"""Sudachi's synonym groups, looked up by the words as they are written; without the file there are simply none.

The file is made at set-up from the npm package `sudachi-synonyms-dictionary` (Apache-2.0): one JSON object that leads
from a folded word to the others of its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.catalog.search.folding import fold, to_katakana
from tdpf.kit.home import assets

FILE = "sudachi-synonyms/groups.json"
_MOST = 6
_NOUN = "体言"
_CLOSE = {"代表語", "対訳"}


def compiled(groups: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the file's content made of the package's groups.

    A group leads from nouns that may be expanded to all its nouns; words of one sign, and words that stand in several
    groups and so mean several things, lead nowhere.
    """
    found: dict[str, dict[str, None]] = {}
    often: dict[str, int] = {}
    for group in groups:
        nouns = [item for item in group["items"] if item["taigenYogen"] == _NOUN and item["expandControl"] < 2]
        words = dict.fromkeys(str(item["midashi"]) for item in nouns)
        keys = dict.fromkeys(
            key_of(str(item["midashi"]))
            for item in nouns
            if item["expandControl"] == 0 and item["gokeiSyubetsu"] in _CLOSE
        )
        for key in keys:
            often[key] = often.get(key, 0) + 1
            found.setdefault(key, {}).update(dict.fromkeys(word for word in words if key_of(word) != key))
    kept = {key: list(words)[:12] for key, words in found.items() if words and len(key) > 1 and often[key] == 1}
    return orjson.dumps(kept)


def key_of(word: str) -> str:
    """Return a word as the file knows it."""
    return to_katakana(fold(word)).replace("-", "")


def kin(word: str) -> tuple[str, ...]:
    """Return the other words of the group of a folded word, the closest first; one of one sign says too little (港 in 港区)."""
    return tuple(other for other in _groups(assets() / FILE).get(key_of(word), ())[:_MOST] if len(other) > 1)


@cache
def _groups(path: Path) -> dict[str, list[str]]:
    try:
        found: dict[str, list[str]] = orjson.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def is_there() -> bool:
    """Say whether there are groups at all: without them ranking is a little worse, and figures must say so."""
    return bool(_groups(assets() / FILE))
