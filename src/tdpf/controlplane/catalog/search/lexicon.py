"""Japanese words by English words and by how they are spelt in Latin letters; without the file there are simply none.

The file is made at set-up from JMdict (Electronic Dictionary Research and Development Group, CC BY-SA): lines in the order
of their bytes, each a key, a tab and Japanese words, the best first. It is mapped, never read whole, so that a process
pays for it with neither time nor memory of its own.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tdpf.controlplane.catalog.romanising import as_romanised, romanised
from tdpf.controlplane.catalog.search.folding import fold, to_katakana
from tdpf.controlplane.catalog.search.stemming import singular, stem
from tdpf.kit.home import assets

FILE = "jmdict/words-1.tsv"
"""Whoever changes what is written in it raises the number: set-up, which reads this line, makes a file that is not there."""
LONGEST = 5
"""A meaning of more words is an explanation, which nobody types."""
_MOST_MEANT, _MOST_SPELT = 8, 12
_LEAST_LETTERS = 2
_STEM, _SPELT = "+", "~"
_ASIDE = re.compile(r"\s*\([^()]*\)\s*")
_BRACKETS = str.maketrans("", "", "()")
_WORD = re.compile(r"[a-z0-9]+")
_LEADING = re.compile(r"^(?:an?|the) (?=\S)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the dictionary: how it is written and how usual that is (0 to 1), how it is read, what it means.

    Each meaning says how much of the word it is: the first of the first sense most.
    """

    written: tuple[tuple[str, float], ...]
    readings: tuple[str, ...]
    meanings: tuple[tuple[str, float], ...]


def compiled(entries: Iterable[Entry]) -> bytes:
    """Return the file's content: under each key the words that mean it most, or are read so most usually."""
    meant: dict[str, dict[str, float]] = {}
    spelt: dict[str, dict[str, float]] = {}
    for entry in entries:
        best = max((share for _, share in entry.meanings), default=0.0)
        for word, usual in entry.written:
            for told, share in entry.meanings:
                for key, whole in _keys(told):
                    _raise(meant.setdefault(key, {}), word, usual * share * whole)
            for reading in entry.readings:
                letters = as_romanised(romanised(to_katakana(reading)))
                if len(letters) >= _LEAST_LETTERS:
                    _raise(spelt.setdefault(_SPELT + letters, {}), word, usual * best)
    lines = [
        f"{key}\t{','.join(sorted(words, key=lambda word: (-words[word], word))[:most])}\n".encode()
        for table, most in ((meant, _MOST_MEANT), (spelt, _MOST_SPELT))
        for key, words in table.items()
    ]
    return b"".join(sorted(lines))


def _raise(worths: dict[str, float], word: str, worth: float) -> None:
    worths[word] = max(worths.get(word, 0.0), worth)


def _keys(told: str) -> Iterator[tuple[str, float]]:
    """Yield under what a meaning is looked up: with what stands in brackets and without it; a single word by its stem, too."""
    folded = fold(told)
    for text in dict.fromkeys((folded.translate(_BRACKETS), " ".join(_bare(folded).split()))):
        words = _WORD.findall(_LEADING.sub("", text))
        if 0 < len(words) <= LONGEST:
            whole = 1.0 if text == folded else 0.8
            yield _key(words), whole
            if len(words) == 1:
                yield _STEM + stem(words[0]), whole


def _bare(text: str) -> str:
    """Leave out what stands in brackets, also in brackets of brackets."""
    while (shorter := _ASIDE.sub(" ", text)) != text:
        text = shorter
    return text


def _key(words: Sequence[str]) -> str:
    return " ".join(map(singular, words))


def meanings(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield Japanese words for English ones in a row, the most usual first: those of the words themselves, then of a stem."""
    yield _looked_up(assets() / FILE, _key(words))
    if len(words) == 1:
        yield _looked_up(assets() / FILE, _STEM + stem(words[0]))


def spelling(letters: str) -> tuple[str, ...]:
    """Return Japanese words that are spelt so in Latin letters, the usual ones first."""
    return _looked_up(assets() / FILE, _SPELT + as_romanised(letters))


def is_there() -> bool:
    """Say whether there are words at all: without them English finds less in Japanese, and figures must say so."""
    return bool(_mapped(assets() / FILE))


def _looked_up(path: Path, key: str) -> tuple[str, ...]:
    text = _mapped(path)
    wanted = f"{key}\t".encode()
    first, last = 0, len(text)
    while first < last:
        middle = (first + last) // 2
        begin = text.rfind(b"\n", 0, middle) + 1
        if text[begin : begin + len(wanted)] < wanted:
            first = text.find(b"\n", middle) + 1
        else:
            last = begin
    if text[first : first + len(wanted)] != wanted:
        return ()
    return tuple(text[first + len(wanted) : text.find(b"\n", first)].decode().split(","))


@cache
def _mapped(path: Path) -> mmap.mmap | bytes:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, ValueError):  # ValueError is what an empty file gives
        return b""
