"""Searching: open readers that follow the manifest, ranking, facets, suggestions."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import tantivy

from tdpf.controlplane.catalog.search.analyzer import indexed
from tdpf.controlplane.catalog.search.building import (
    build_loose,
    build_looser,
    build_matching,
    build_query,
    worded,
)
from tdpf.controlplane.catalog.search.counting import Counts, count_facets
from tdpf.controlplane.catalog.search.explaining import explain
from tdpf.controlplane.catalog.search.feedback import READ_FIRST, expanded
from tdpf.controlplane.catalog.search.highlight import Highlighter
from tdpf.controlplane.catalog.search.index import read_manifest
from tdpf.controlplane.catalog.search.lookups import Lookups
from tdpf.controlplane.catalog.search.meaning import ModelTaken, is_installed
from tdpf.controlplane.catalog.search.narrowing import build_filters, narrowed
from tdpf.controlplane.catalog.search.numbering import Numbering
from tdpf.controlplane.catalog.search.ordering import ordered, surely_many, tries
from tdpf.controlplane.catalog.search.parsing import ParsedQuery, is_weak_term, parse
from tdpf.controlplane.catalog.search.results import card, hit, in_other_forms, place
from tdpf.controlplane.catalog.search.schema import build_schema
from tdpf.controlplane.catalog.search.suggesting import did_you_mean, hearing, suggest
from tdpf.controlplane.catalog.search.synonyms import Synonyms
from tdpf.controlplane.catalog.search.types import Explanation, SearchFilters, SearchHit, SortOrder, Suggestion

if TYPE_CHECKING:
    from tdpf.controlplane.catalog.search.mixing import Mixed
    from tdpf.controlplane.catalog.search.vectors import VectorFile

_DEEPEST, _DEEPEST_BY_TITLE = 1_000_000, 10_000
"""How far a search can be paged; titles are compared as texts, which is slow for very many."""
MOST_UNITS = 64
_CACHED = 500
_ANSWERS, _MOST_HITS_KEPT = 200, 20
"""So many whole answers of so many hits are remembered: what was asked lately is at hand until the index changes."""
_FEW = 5
"""Where the words find fewer, what is near in meaning follows."""
_TRIES = 3
_T = TypeVar("_T")
Mark = tuple[int, int]
"""What tells one writing of a file from another: time and inode, since files are replaced by renaming."""
Commit = tuple[str, Mark]
"""What is told apart of an index: its generation, and the last change of it."""


class IndexMissing(Exception):
    """There is no index yet, or it waits to be rebuilt."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one search gave; `facets` are counts by field and code, `understood` says that words could be read.

    `ranked_milliseconds` is when the best were known by words, before facets, marks and results by meaning.
    `without_meaning` says that results by meaning may be lacking: others had the model.
    """

    total: int
    hits: tuple[SearchHit, ...]
    facets: dict[str, dict[str, int]]
    places: tuple[str, ...]
    suggestion: str
    relaxed: bool
    facets_exact: bool
    milliseconds: float
    understood: bool = True
    ranked_milliseconds: float = 0.0
    without_meaning: bool = False


class Opened(NamedTuple):
    """One state of the index: what searches in it, and what was looked up in it so far."""

    searcher: tantivy.Searcher
    numbering: Numbering
    commit: Commit
    lookups: Lookups


class Reader:
    """An open index; one per process and folder, safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._index: tantivy.Index | None = None
        self._schema = build_schema()
        self._generation = ""
        self._manifest_seen: Mark = (0, 0)
        self._commit_seen: Mark = (0, 0)
        self._vectors: VectorFile | None = None
        self._lacking: tuple[tuple[str, Mark], list[str]] | None = None
        self._numbering = Numbering(folder)
        self._state: Opened | None = None
        self._counted: OrderedDict[tuple[Any, ...], tuple[Counts, bool]] = OrderedDict()
        self._answers: OrderedDict[tuple[Any, ...], Found] = OrderedDict()

    def search(
        self,
        query: str,
        *,
        filters: SearchFilters,
        sort: SortOrder = "relevance",
        offset: int = 0,
        limit: int = 20,
        synonyms: Synonyms | None = None,
        facets: bool = True,
    ) -> Found:
        """Search; every strong word must be found, unless nothing has them all: then as many as possible.

        Behind the last result, and behind what can be paged to, there are no hits: no page comes twice. Without `facets` nothing is counted but the total.
        """
        started = time.perf_counter()
        opened = self._opened()
        # All that an answer depends on. Who asks is no part of it: only what everybody may see is in the index.
        vectors = self.vectors()
        state = (opened.commit, synonyms.number if synonyms else -1, vectors.count() if vectors is not None else 0)
        asked = (state, query, filters, sort, offset, limit, facets)
        found = _remembered(self._answers, asked)
        if found is not None:
            taken = (time.perf_counter() - started) * 1000
            return replace(found, milliseconds=taken, ranked_milliseconds=taken)
        found = self._searched(opened, started, *asked, synonyms)
        if not found.without_meaning and len(found.hits) <= _MOST_HITS_KEPT:
            _remember(self._answers, asked, found, _ANSWERS)
        return found

    def _searched(
        self,
        opened: Opened,
        started: float,
        state: tuple[Any, ...],
        query: str,
        filters: SearchFilters,
        sort: SortOrder,
        offset: int,
        limit: int,
        facets: bool,
        synonyms: Synonyms | None,
    ) -> Found:
        searcher, lookups = opened.searcher, opened.lookups
        parsed = parse(query, synonyms, is_heard=hearing(searcher), read_latin=lookups.latin)
        if not parsed.understood:
            return Found(0, (), {}, (), "", False, True, (time.perf_counter() - started) * 1000, understood=False)
        offset, limit = max(0, offset), max(1, min(limit, 100))
        end = min(searcher.num_docs, deepest(sort))
        beyond = offset >= end
        offset, limit = (0, 1) if beyond else (offset, min(limit, end - offset))
        limits = build_filters(self._schema, filters)
        frequency = lookups.frequency
        wording = worded(self._schema, parsed, known=lookups.unit_query) if parsed.units else None
        for at_least in tries(parsed):
            relaxed = at_least is not None
            chosen = build_query(self._schema, parsed, at_least=at_least, frequency=frequency, wording=wording)
            countable = facets and (bool(limits) or not surely_many(parsed, at_least, frequency))
            page = ordered(searcher, narrowed(chosen, limits), parsed, sort, offset, limit, all_of_few=countable)
            if page.total:
                break
        ranked = (time.perf_counter() - started) * 1000
        loose: tantivy.Query | None = None
        for looser, build in enumerate((build_loose, build_looser), 1):
            tried = None if page.total or parsed.excluded else build(self._schema, parsed)
            if tried is not None:
                loose, relaxed, at_least = tried, True, -looser
                page = ordered(searcher, narrowed(tried, limits), parsed, sort, offset, limit, all_of_few=facets)

        def matching() -> tantivy.Query:
            if loose is not None:
                return loose
            return build_matching(self._schema, parsed, at_least=at_least, frequency=frequency)

        total, listed, by_meaning = page.total, page.hits, frozenset[str]()
        suggestion = did_you_mean(searcher, parsed, lookups) if relaxed or not total or parsed.is_by_ear else ""
        in_part = relaxed or not total
        more, without_meaning = None, False
        # Who has chosen a facet was told how many there are: only where the words find nothing is more shown than that.
        few = total < _FEW and not limits
        if sort == "relevance" and parsed.units and not parsed.excluded and (in_part or few):
            wanted = loose if loose is not None else chosen
            try:
                more = self._mixed(searcher, parsed, wanted, matching, limits, in_part, offset, limit)
            except ModelTaken:
                without_meaning = True
            if more is not None:
                total, listed, by_meaning = more.total, more.hits, more.by_meaning
                relaxed = in_part
        highlighter = Highlighter(parsed)
        cards = [(key, address, card(searcher, address)) for key, address in (() if beyond else listed)]
        formed = in_other_forms(searcher, highlighter, (told for _, _, told in cards))
        hits = tuple(
            hit(
                told,
                key if isinstance(key, float) else 0.0,
                highlighter,
                analysed=place(address) in formed,
                by_meaning=told["uid"] in by_meaning,
            )
            for key, address, told in cards
        )
        counts, exact = Counts(), True
        if facets:
            # Counts do not change with order and page, so the next page does not count again.
            key = (state, filters, query, at_least, by_meaning)
            if key not in self._counted:
                counting = (lambda: more.matching) if more is not None else matching
                found = page.found if more is None else None
                counted = count_facets(searcher, opened.numbering, counting, filters, total=total, found=found)
                _remember(self._counted, key, counted, _CACHED)
            counts, exact = self._counted[key]
        return Found(
            total=total,
            hits=hits,
            facets=counts,
            places=parsed.places,
            suggestion=suggestion,
            relaxed=relaxed and total > 0,
            facets_exact=exact,
            milliseconds=(time.perf_counter() - started) * 1000,
            ranked_milliseconds=ranked,
            without_meaning=without_meaning,
        )

    def rank(self, query: str, *, limit: int = 10, synonyms: Synonyms | None = None) -> list[tuple[str, float]]:
        """Return the best datasets' uids and scores for a query of any length; any word may be missing."""
        searcher, _, _, lookups = self._opened()
        parsed = parse(query, synonyms, most=MOST_UNITS, is_heard=hearing(searcher), read_latin=lookups.latin)
        if not parsed.units:
            return []
        wanted = build_query(self._schema, parsed, at_least=0)
        first = searcher.search(wanted, max(limit, READ_FIRST), count=False).hits
        for build in (build_loose, build_looser):
            if not first and (tried := build(self._schema, parsed)) is not None:
                wanted, first = tried, searcher.search(tried, max(limit, READ_FIRST), count=False).hits
        wanted = expanded(searcher, wanted, parsed, [(float(s), card(searcher, at)) for s, at in first[:READ_FIRST]])
        hits = searcher.search(wanted, limit, count=False).hits
        return [(str(card(searcher, address)["uid"]), float(score)) for score, address in hits]

    def suggest(self, typed: str, *, limit: int = 8) -> tuple[Suggestion, ...]:
        """Return what somebody who has typed so far may want to search for."""
        return suggest(self._searcher(), typed, max(1, min(limit, 20)))

    def explain(self, query: str, uid: str, *, synonyms: Synonyms | None = None) -> Explanation | None:
        """Say why a dataset stands where it does for a query; None when it is not in the index."""
        searcher, _, _, lookups = self._opened()
        return explain(searcher, parse(query, synonyms, is_heard=hearing(searcher), read_latin=lookups.latin), uid)

    def told(self, uid: str) -> dict[str, Any] | None:
        """Return the stored card of a dataset; None when it is not in the index."""
        searcher = self._searcher()
        hits = searcher.search(tantivy.Query.term_query(self._schema, "uid", uid, "basic"), 1, count=False).hits
        return card(searcher, hits[0][1]) if hits else None

    def rarity(self, text: str) -> dict[str, float]:
        """Return how rare here each telling word of a text is (0 where all datasets have it)."""
        searcher = self._searcher()
        words = {word for word in indexed(text).words.split() if not is_weak_term(word)}
        return {word: math.log((searcher.num_docs + 1) / (searcher.doc_freq("all_m", word) + 1)) for word in words}

    def values(self, facet: str) -> tuple[str, ...]:
        """Return every value that datasets of the index have, or had, of a facet."""
        return self._opened().numbering.codes(facet)

    def count(self) -> int:
        """Return how many datasets the index holds."""
        return self._searcher().num_docs

    def _searcher(self) -> tantivy.Searcher:
        return self._opened().searcher

    def _opened(self) -> Opened:
        with self._lock:
            for _ in range(_TRIES):
                try:
                    return self._current()
                except (OSError, ValueError):  # ValueError is what Tantivy raises for a file that is gone
                    # A rebuild took the generation away between two looks; the manifest names the next one.
                    self._index = None
            raise IndexMissing(str(self._folder))

    def _current(self) -> Opened:
        manifest_seen = _mark(self._folder / "current.json")
        if self._index is None or manifest_seen != self._manifest_seen:
            manifest = read_manifest(self._folder)
            if manifest is None or not manifest.fits:
                raise IndexMissing(str(self._folder))
            commit_seen = _mark(self._folder / manifest.generation / "meta.json")
            self._index = tantivy.Index(self._schema, path=str(self._folder / manifest.generation))
            self._index.config_reader("manual")
            self._generation = manifest.generation
            self._manifest_seen, self._commit_seen = manifest_seen, commit_seen
            self._index.reload()
            self._numbering, self._state = Numbering(self._folder / manifest.generation), None
        commit_seen = _mark(self._folder / self._generation / "meta.json")
        if commit_seen != self._commit_seen:
            self._index.reload()
            # Numbers are written before the commit that uses them, so they are read after it.
            self._numbering.read()
            self._commit_seen, self._state = commit_seen, None
        if self._state is None:
            searcher = self._index.searcher()
            self._state = Opened(searcher, self._numbering, (self._generation, commit_seen), Lookups(searcher))
        return self._state

    def vectors(self) -> VectorFile | None:
        """Return the vectors of this index; None without the optional part for meaning."""
        if not is_installed():
            return None
        if self._vectors is None:
            from tdpf.controlplane.catalog.search.filling import vectors_folder
            from tdpf.controlplane.catalog.search.vectors import VectorFile

            self._vectors = VectorFile(vectors_folder(self._folder))
        return self._vectors

    def learn(self, *, seconds: float) -> int:
        """Make vectors of what has none for so long at most; return how many datasets are left without one."""
        vectors = self.vectors()
        if vectors is None:
            return 0
        from tdpf.controlplane.catalog.search.filling import fill, lacking

        searcher = self._searcher()
        mark = (self._generation, self._commit_seen)
        if self._lacking is None or self._lacking[0] != mark:
            self._lacking = (mark, lacking(searcher, vectors))
        missing = self._lacking[1]
        del missing[: fill(searcher, vectors, missing, seconds=seconds)]
        return len(missing)

    def _mixed(
        self,
        searcher: tantivy.Searcher,
        parsed: ParsedQuery,
        wanted: tantivy.Query,
        matching: Callable[[], tantivy.Query],
        limits: list[tantivy.Query],
        in_part: bool,
        offset: int,
        limit: int,
    ) -> Mixed | None:
        vectors = self.vectors()
        if vectors is None or not vectors.count():
            return None
        from tdpf.controlplane.catalog.search.mixing import mixed

        return mixed(
            searcher, vectors, parsed.meant, wanted=wanted, matching=matching(), limits=limits, in_part=in_part,
            offset=offset, limit=limit,
        )  # fmt: skip


_readers: dict[Path, Reader] = {}
_readers_lock = threading.Lock()


def reader_of(folder: Path) -> Reader:
    """Return this process's reader of an index folder."""
    with _readers_lock:
        if folder not in _readers:
            _readers[folder] = Reader(folder)
        return _readers[folder]


def _remembered(kept: OrderedDict[tuple[Any, ...], _T], key: tuple[Any, ...]) -> _T | None:
    found = kept.get(key)
    with suppress(KeyError):  # another thread may have dropped it
        kept.move_to_end(key)
    return found


def _remember(kept: OrderedDict[tuple[Any, ...], _T], key: tuple[Any, ...], value: _T, most: int) -> None:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)


def deepest(sort: SortOrder) -> int:
    """Return how many of the first results in an order can be paged to."""
    return _DEEPEST_BY_TITLE if sort == "title" else _DEEPEST


def _mark(path: Path) -> Mark:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino
