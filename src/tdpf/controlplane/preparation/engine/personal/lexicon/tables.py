"""The words by which headers speak of persons, read from tables that an official can extend (`*.tsv` beside this module).

One row is one word: what it means, and what it must or must not stand beside. `word`: `[…]` may be missing, `(…/…)` is one of several,
`#` any word for a number (番号, No, ID, コード); brackets of the header itself are written （ ）.
`behind`: 先頭 (at the beginning only) or 漢字 (behind a kanji only). `not_behind` and `not_before`: what must not stand right before or
after it. Of several words at one place the longest counts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

TABLES = ("matters", "owners", "heads")
NUMBER_WORDS = ("番号", "番", "no.", "no", "ナンバー", "id", "コード", "cd", "number", "code")
_NUMBERS = "/".join(NUMBER_WORDS)
_BRACKETS = str.maketrans("（）", "()")
_PIECES = re.compile(r"[\[\](/)]|[^\[\](/)]+")
_KANJI = re.compile(r"[一-龥々]")
_LETTER = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Word:
    """One row: a word as it is written in the table, what it means, and its neighbours."""

    word: str
    means: str
    behind: str = ""
    not_behind: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()

    def stands(self, text: str, start: int, end: int) -> bool:
        """Say whether the word may stand there."""
        if self.behind == "先頭" and start:
            return False
        if self.behind == "漢字" and not _KANJI.match(text[start - 1 : start]):
            return False
        if _LETTER.match(text[start]) and start and _LETTER.match(text[start - 1]):
            return False
        return not text.endswith(self.not_behind, 0, start) and not text.startswith(self.not_before, end)


class Lexicon:
    """The words of one table, every spelling of them, found in a text by their place."""

    def __init__(self, words: Mapping[str, tuple[Word, ...]]) -> None:
        """Take the words by spelling."""
        self._words = words
        self._longest = max(map(len, words), default=0)

    def at(self, text: str, start: int) -> Iterator[tuple[int, Word]]:
        """Yield (end, word) of every word that begins at a place of a text in small letters, the longest first."""
        for end in range(min(len(text), start + self._longest), start, -1):
            for word in self._words.get(text[start:end], ()):
                if word.stands(text, start, end):
                    yield end, word

    def found(self, text: str) -> Iterator[tuple[int, int, Word]]:
        """Yield (start, end, word) of the words of a text from left to right, each the longest at its place."""
        start = 0
        while start < len(text):
            end, word = next(self.at(text, start), (start + 1, None))
            if word is not None:
                yield start, end, word
            start = end


def rows_of(table: str) -> list[Word]:
    """Return the rows of one of the `TABLES`, in the order of the file."""
    return [
        Word(
            row["word"],
            row["means"],
            row["behind"],
            tuple(row["not_behind"].split()),
            tuple(row["not_before"].split()),
        )
        for row in _read(table)
    ]


def _read(table: str) -> Iterator[dict[str, str]]:
    text = (files(__package__) / f"{table}.tsv").read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)


@lru_cache(maxsize=8)
def lexicon(table: str, *meanings: str) -> Lexicon:
    """Return the words of a table, or of some meanings of it."""
    spelled: dict[str, list[Word]] = {}
    for word in rows_of(table):
        if not meanings or word.means in meanings:
            for spelling in spellings(word.word):
                spelled.setdefault(spelling, []).append(word)
    return Lexicon({spelling: tuple(words) for spelling, words in spelled.items()})


@lru_cache(maxsize=1)
def state_pattern() -> re.Pattern[str]:
    """Return what finds a state of health, need, crime or belief in a value of common width (`states.tsv`).

    `where`: anywhere in it, at its end (before a remark in brackets), the whole of it, or a pattern for the whole.
    """
    places: dict[str, list[str]] = {}
    for row in _read("states"):
        word = row["word"] if row["where"] == "pattern" else re.escape(row["word"])
        places.setdefault(row["where"], []).append(word)
    anywhere, ends, whole = ("|".join(places[where]) for where in ("anywhere", "end", "whole"))
    patterns = "|".join(places["pattern"])
    return re.compile(rf"{anywhere}|(?:{ends})(?:\s?\(.*\))?$|^(?:{whole}|{patterns})$")


def spellings(word: str) -> set[str]:
    """Return every spelling of a word of a table, in small letters: 電話[[の]#] → 電話, 電話番号, 電話の番号, ….

    Raises ValueError when a bracket is not closed.
    """
    pieces = _PIECES.findall(word.replace("#", f"({_NUMBERS})").casefold())
    found = _sequence(pieces, iter(pieces), "")
    return {spelling.translate(_BRACKETS) for spelling in found if spelling}


def _sequence(pieces: list[str], rest: Iterator[str], closing: str) -> set[str]:
    """Return the spellings up to a closing bracket; a slash parts alternatives inside brackets."""
    alternatives: set[str] = set()
    found = {""}
    for piece in rest:
        if piece == closing:
            return alternatives | found
        if closing and piece == "/":
            alternatives, found = alternatives | found, {""}
        elif piece in "[(":
            inner = _sequence(pieces, rest, "]" if piece == "[" else ")")
            if piece == "[":
                inner.add("")
            found = {left + right for left in found for right in inner}
        elif len(found) == 1:
            found = {found.pop() + piece}
        else:
            found = {left + piece for left in found}
    if closing:
        raise ValueError("".join(pieces))
    return found
