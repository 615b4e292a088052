"""What was looked up about words in one state of the index: people ask for the same words beside ever other ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tantivy

from tdpf.controlplane.catalog.search.analyzer import Token, sound_term
from tdpf.controlplane.catalog.search.building import WEIGHTS, unit_query
from tdpf.controlplane.catalog.search.latin import Library, read_latin
from tdpf.controlplane.catalog.search.parsing import Unit
from tdpf.controlplane.catalog.search.schema import build_schema
from tdpf.controlplane.catalog.search.synonyms import Synonyms

_MOST, _MOST_QUERIES = 50_000, 5_000
_BETWEEN = 3
_K = TypeVar("_K")
_V = TypeVar("_V")


class Lookups:
    """Frequencies, queries and other spellings of words; the next state of the index begins anew."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher
        self._frequencies: dict[str, int] = {}
        self._queries: dict[Unit, tantivy.Query] = {}
        self._spellings: dict[tuple[str, ...], str] = {}
        self._latin: dict[tuple[str, int], tuple[Unit, ...]] = {}
        self._library = Library(self.frequency, self.has, self.is_heard)

    def frequency(self, word: str) -> int:
        """Return in how many datasets a word stands."""
        number = self._frequencies.get(word)
        if number is None:
            number = int(self._searcher.doc_freq("all_m", word))
            _keep(self._frequencies, word, number, _MOST)
        return number

    def has(self, words: tuple[Token, ...]) -> bool:
        """Say whether a dataset has such words, side by side."""
        parts = [part for word in words for part in (word.parts or (word.term,))]
        if len(words) == 1 and (len(parts) == 1 or self.frequency(words[0].term)):
            return self.frequency(words[0].term) > 0
        if not all(map(self.frequency, parts)):
            return False
        side_by_side = tantivy.Query.phrase_query(build_schema(), "all_m", list(parts), _BETWEEN)
        return bool(self._searcher.search(side_by_side, 1, count=False).hits)

    def is_heard(self, sound: str) -> bool:
        """Say whether a dataset has a word that is read so."""
        ways = (sound_term(sound, with_kana=with_kana) for with_kana in (False, True))
        return any(self._searcher.doc_freq("readings", way) for way in ways)

    def latin(self, chunk: str, known: Synonyms) -> tuple[Unit, ...]:
        """Return the units of a run of Latin words as this library answers them."""
        key = (chunk, known.number)
        units = self._latin.get(key)
        if units is None:
            units = read_latin(chunk, known, self._library)
            _keep(self._latin, key, units, _MOST_QUERIES)
        return units

    def unit_query(self, unit: Unit) -> tantivy.Query:
        """Return the query for one unit; the same words are the same unit (`parsing`)."""
        made = self._queries.get(unit)
        if made is None:
            made = unit_query(build_schema(), unit, WEIGHTS, self.frequency)
            _keep(self._queries, unit, made, _MOST_QUERIES)
        return made

    def spelling(self, asked: tuple[str, ...], found: Callable[[], str]) -> str:
        """Return what was found near a word, as `found` tells it the first time."""
        near = self._spellings.get(asked)
        if near is None:
            near = found()
            _keep(self._spellings, asked, near, _MOST_QUERIES)
        return near


def _keep(known: dict[_K, _V], key: _K, value: _V, most: int) -> None:
    if len(known) >= most:
        known.clear()
    known[key] = value
