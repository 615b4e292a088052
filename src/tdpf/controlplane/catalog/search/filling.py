"""Bringing the vectors in step with the index: a piece at a time, since a text takes the model some twenty milliseconds."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import tantivy

from tdpf.controlplane.catalog.search.embedding import embedded_passages
from tdpf.controlplane.catalog.search.meaning import meaning_text
from tdpf.controlplane.catalog.search.results import card
from tdpf.controlplane.catalog.search.schema import build_schema
from tdpf.controlplane.catalog.search.vectors import VectorFile

_AT_ONCE = 8
_MOST_OF_A_PREFIX = 1_000_000
_SPARE = 1_000


def vectors_folder(index_folder: Path) -> Path:
    """Return where the vectors of an index lie: beside it, so that a rebuild of the index leaves them."""
    return index_folder.with_name(f"{index_folder.name}-vectors")


def lacking(searcher: tantivy.Searcher, vectors: VectorFile) -> list[str]:
    """Return the keys of the index without a vector; forget vectors when most belong to no dataset any more."""
    missing: list[str] = []
    number = 0
    for keys in _keys(searcher):
        number += len(keys)
        missing.extend(vectors.lacking(keys))
    if vectors.count() > 2 * number + _SPARE:
        vectors.keep(itertools.chain.from_iterable(_keys(searcher)))
    return missing


def fill(searcher: tantivy.Searcher, vectors: VectorFile, missing: Sequence[str], *, seconds: float) -> int:
    """Make vectors for the first of these keys until the time is over; return how many were dealt with."""
    started = time.monotonic()
    done = 0
    while done < len(missing) and (done == 0 or time.monotonic() - started < seconds):
        keys = missing[done : done + _AT_ONCE]
        texts = {key: text for key in keys if (text := _text(searcher, key))}
        if texts:
            vectors.add(list(texts), embedded_passages(list(texts.values())))
        done += len(keys)
    return done


def _keys(searcher: tantivy.Searcher) -> Iterator[list[str]]:
    for prefix in map("".join, itertools.product("0123456789abcdef", repeat=2)):
        yield [term for term, _ in searcher.terms_with_prefix("meaning", prefix, None, _MOST_OF_A_PREFIX)]


def _text(searcher: tantivy.Searcher, key: str) -> str:
    query = tantivy.Query.term_query(build_schema(), "meaning", key, "basic")
    for _, address in searcher.search(query, limit=1, count=False).hits:
        told = card(searcher, address)
        return meaning_text(told["title"], told["keywords"])
    return ""
