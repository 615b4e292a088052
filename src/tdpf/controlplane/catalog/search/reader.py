"""Searching: open readers that follow the manifest, ranking, facets, suggestions."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import tantivy

from tdpf.controlplane.catalog.search.analyzer import analyze
from tdpf.controlplane.catalog.search.building import FILTER_FIELDS, build_filters, build_query, narrowed
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.controlplane.catalog.search.highlight import Highlighter
from tdpf.controlplane.catalog.search.index import FACET_FIELDS, build_schema, read_manifest
from tdpf.controlplane.catalog.search.parsing import ParsedQuery, parse
from tdpf.controlplane.catalog.search.types import SearchFilters, SearchHit, SortOrder
from tdpf.kit.text import Text

MAX_OFFSET = 10_000
_FACET_SIZE = 300
_TRIES = 3
Mark = tuple[int, int]
"""What tells one writing of a file from another: time and inode, since files are replaced by renaming."""


class IndexMissing(Exception):
    """There is no index yet, or it waits to be rebuilt."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one search gave; `facets` are counts by field and code."""

    total: int
    hits: tuple[SearchHit, ...]
    facets: dict[str, dict[str, int]]
    places: tuple[str, ...]
    suggestion: str
    relaxed: bool
    milliseconds: float


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

    def search(
        self, query: str, *, filters: SearchFilters, sort: SortOrder = "relevance", offset: int = 0, limit: int = 20
    ) -> Found:
        """Search; every strong word must be found, unless nothing has them all: then as many as possible."""
        started = time.perf_counter()
        searcher = self._searcher()
        parsed = parse(query)
        offset, limit = max(0, min(offset, MAX_OFFSET)), max(1, min(limit, 100))
        limits = build_filters(self._schema, filters)
        for at_least in _tries(parsed):
            chosen, relaxed = build_query(self._schema, parsed, at_least=at_least), at_least is not None
            ordered = _ordered(searcher, narrowed(chosen, limits), parsed, sort, offset, limit)
            if ordered.count:
                break
        total = ordered.count or 0
        highlighter = Highlighter(parsed)
        hits = tuple(_hit(searcher, key, address, highlighter) for key, address in ordered.hits)
        suggestion = self._suggestion(searcher, parsed) if parsed.units and (relaxed or not total) else ""
        return Found(
            total=total,
            hits=hits,
            facets=self._facets(searcher, chosen, filters),
            places=parsed.places,
            suggestion=suggestion,
            relaxed=relaxed and total > 0,
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def count(self) -> int:
        """Return how many datasets the index holds."""
        return self._searcher().num_docs

    def _searcher(self) -> tantivy.Searcher:
        with self._lock:
            for _ in range(_TRIES):
                try:
                    return self._current()
                except (OSError, ValueError):  # ValueError is what Tantivy raises for a file that is gone
                    # A rebuild took the generation away between two looks; the manifest names the next one.
                    self._index = None
            raise IndexMissing(str(self._folder))

    def _current(self) -> tantivy.Searcher:
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
        commit_seen = _mark(self._folder / self._generation / "meta.json")
        if commit_seen != self._commit_seen:
            self._index.reload()
            self._commit_seen = commit_seen
        return self._index.searcher()

    def _facets(
        self, searcher: tantivy.Searcher, query: tantivy.Query, filters: SearchFilters
    ) -> dict[str, dict[str, int]]:
        """Counts of each facet's values among what the words and the other filters leave."""
        own = {field: name for name, field in FILTER_FIELDS.items() if getattr(filters, name)}
        if filters.located is not None:
            own["located"] = "located"
        counts: dict[str, dict[str, int]] = {}
        plain = [field for field in FACET_FIELDS if field not in own]
        groups = [(plain, "")] + [([field], name) for field, name in own.items()]
        for fields, without in groups:
            limits = build_filters(self._schema, filters, without=without)
            wanted: dict[str, Any] = {field: {"terms": {"field": field, "size": _FACET_SIZE}} for field in fields}
            answer = searcher.aggregate(narrowed(query, limits), wanted)
            for field in fields:
                counts[field] = {str(row["key"]): int(row["doc_count"]) for row in answer[field]["buckets"]}
        return counts

    def _suggestion(self, searcher: tantivy.Searcher, parsed: ParsedQuery) -> str:
        """もしかして: replace words that no title has by the nearest word of a title, one character away."""
        text = fold(parsed.text)
        changed = text
        for unit in parsed.strong:
            for token in unit.tokens:
                if len(token.term) < 3 or searcher.doc_freq("title_m", token.term):
                    continue
                near = self._nearest(searcher, token.term)
                if near:
                    changed = changed.replace(token.surface, near, 1)
        return changed if changed != text else ""

    def _nearest(self, searcher: tantivy.Searcher, term: str) -> str:
        fuzzy = tantivy.Query.fuzzy_term_query(self._schema, "title_m", term, distance=1)
        for _, address in searcher.search(fuzzy, limit=5, count=False).hits:
            title = _card(searcher, address)["title"][0]
            for token in analyze(fold(title)):
                for word, shown in ((token.term, token.surface), *((part, part) for part in token.parts)):
                    if word != term and _one_apart(word, term):
                        return shown
        return ""


_readers: dict[Path, Reader] = {}
_readers_lock = threading.Lock()


def reader_of(folder: Path) -> Reader:
    """Return this process's reader of an index folder."""
    with _readers_lock:
        if folder not in _readers:
            _readers[folder] = Reader(folder)
        return _readers[folder]


def _mark(path: Path) -> Mark:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino


def _tries(parsed: ParsedQuery) -> list[int | None]:
    """How many strong units must match, one try after the other: all, two thirds, one."""
    count = len(parsed.strong)
    if count < 2:
        return [None]
    return [None, *dict.fromkeys(need for need in (math.ceil(count * 2 / 3), 1) if need < count)]


def _ordered(
    searcher: tantivy.Searcher, query: tantivy.Query, parsed: ParsedQuery, sort: SortOrder, offset: int, limit: int
) -> Any:
    if sort == "title":
        return searcher.search(query, limit, offset=offset, order_by_field="title_key", order=tantivy.Order.Asc)
    if sort == "newest" or not parsed.units:
        return searcher.search(query, limit, offset=offset, order_by_field="modified", order=tantivy.Order.Desc)
    return searcher.search(query, limit, offset=offset)


def _card(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(bytes(searcher.doc(address)["card"][0]))
    return found


def _hit(searcher: tantivy.Searcher, key: Any, address: tantivy.DocAddress, highlighter: Highlighter) -> SearchHit:
    card = _card(searcher, address)
    description = Text(*card["description"])
    provider, name_ja, name_en = card["provider"]
    title_html = highlighter.marked(card["title"][0])
    snippet_html = highlighter.snippet(description.ja or description.en)
    places = {
        "title": "<mark>" in title_html,
        "keywords": any(highlighter.finds(word) for word in card["keywords"]),
        "columns": any(highlighter.finds(word) for word in card["columns"]),
        "publisher": highlighter.finds(name_ja),
        "description": "<mark>" in snippet_html,
    }
    return SearchHit(
        uid=card["uid"],
        slug=card["slug"],
        score=float(key) if isinstance(key, float) else 0.0,
        title=Text(*card["title"]),
        description=description,
        title_html=title_html,
        snippet_html=snippet_html,
        provider=provider,
        provider_name=Text(name_ja, name_en or name_ja),
        access=card["access"],
        themes=tuple(card["themes"]),
        licence=card["licence"],
        area_codes=tuple(card["areas"]),
        formats=tuple(card["formats"]),
        located=card["located"],
        update_frequency=card["frequency"],
        modified_at=datetime.fromisoformat(card["modified"]),
        matched_fields=tuple(name for name, found in places.items() if found),
    )


def _one_apart(one: str, other: str) -> bool:
    """Say whether one insertion, deletion, replacement or swap of neighbours makes the words equal."""
    if abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        differing = [at for at in range(len(one)) if one[at] != other[at]]
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            first, second = differing
            return one[first] == other[second] and one[second] == other[first]
        return len(differing) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
