"""Results by meaning beside results by words: they fill what the words leave empty, and re-order what fits only in part.

Where the words find enough that has all of them, nothing is asked of the model and nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from tdpf.controlplane.catalog.search.embedding import embedded_while_waiting
from tdpf.controlplane.catalog.search.meaning import ModelTaken
from tdpf.controlplane.catalog.search.narrowing import any_of, narrowed
from tdpf.controlplane.catalog.search.results import card
from tdpf.controlplane.catalog.search.schema import build_schema
from tdpf.controlplane.catalog.search.vectors import VectorFile

Q = tantivy.Query
SHOULD, MUST, MUST_NOT = tantivy.Occur.Should, tantivy.Occur.Must, tantivy.Occur.MustNot
Placed = tuple[float, tantivy.DocAddress]

MOST = 10
"""So many results by meaning at most."""
_RE_ORDERED = 20
_LIKELY, _SURE = 0.80, 0.83
"""Cosines of the model: unrelated texts have some 0.80, what answers a question 0.83 and more (docs/reference/search-figures.md)."""
_STANDS_OUT, _STANDS_OUT_BESIDE = 0.04, 0.03
"""So much nearer than datasets usually are is what fills, where the words find nothing and where they find something."""
_TRIED, _TRIED_WITH_FILTERS = 40, 400
_RANK = 10.0


@dataclass(frozen=True, slots=True)
class Mixed:
    """The page of a mixed list, how long the list is, a query that matches all of it, and who is there by meaning only."""

    total: int
    hits: tuple[Placed, ...]
    matching: tantivy.Query
    by_meaning: frozenset[str]


def mixed(
    searcher: tantivy.Searcher,
    vectors: VectorFile,
    text: str,
    *,
    wanted: tantivy.Query,
    matching: tantivy.Query,
    limits: list[tantivy.Query],
    in_part: bool,
    offset: int,
    limit: int,
) -> Mixed | None:
    """Return results by words and by meaning as one list; None when nothing is near in meaning. Raises ModelTaken.

    `wanted` ranks and `matching` counts what the words find, both without `limits` changing a rank; `in_part` says that
    nothing has all the words: then both orders decide together (reciprocal ranks after Cormack, SIGIR 2009), else what
    is surely meant follows the words' results.
    """
    words = list(searcher.search(narrowed(wanted, limits), _RE_ORDERED, count=False).hits)
    near = _near(
        searcher,
        vectors,
        text,
        limits,
        least=_LIKELY if in_part else _SURE,
        beyond=_STANDS_OUT_BESIDE if words else _STANDS_OUT,
    )
    if not near:
        return None
    placed = {_place(address): (float(score), address) for score, address in words}
    new = [address for _, address in near if _place(address) not in placed]
    front = _fused(words, near) if in_part else _followed(words, near)
    uids = {_place(address): str(card(searcher, address)["uid"]) for _, address in front}
    in_front = any_of(build_schema(), "uid", list(uids.values()))
    rest = Q.boolean_query([(MUST, wanted), (MUST_NOT, in_front)])
    from_rest = max(0, limit - max(0, len(front) - offset))
    after: Any = searcher.search(narrowed(rest, limits), max(1, from_rest), offset=max(0, offset - len(front)))
    return Mixed(
        total=len(front) + (after.count or 0),
        hits=(*front[offset : offset + limit], *after.hits[:from_rest]),
        matching=Q.boolean_query([(SHOULD, matching), (SHOULD, in_front)]),
        by_meaning=frozenset(uids[_place(address)] for address in new),
    )


def _near(
    searcher: tantivy.Searcher,
    vectors: VectorFile,
    text: str,
    limits: list[tantivy.Query],
    *,
    least: float,
    beyond: float,
) -> list[Placed]:
    """Return what is near in meaning, by so much nearer than datasets usually are: to letters without sense all are equally near."""
    asked = embedded_while_waiting(text)
    if asked is None:
        raise ModelTaken
    least = max(least, vectors.usual(asked) + beyond)
    schema = build_schema()
    found: list[Placed] = []
    for key, likeness in vectors.nearest(asked, _TRIED_WITH_FILTERS if limits else _TRIED):
        if likeness < least or len(found) >= MOST:
            break
        query = narrowed(Q.term_query(schema, "meaning", key, "basic"), limits)
        found.extend((likeness, address) for _, address in searcher.search(query, 3, count=False).hits)
    return found[:MOST]


def _fused(words: Sequence[Placed], near: Sequence[Placed]) -> list[Placed]:
    points: dict[tuple[int, int], float] = {}
    addresses: dict[tuple[int, int], tantivy.DocAddress] = {}
    for ranking in (words, near):
        for rank, (_, address) in enumerate(ranking, 1):
            place = _place(address)
            addresses[place] = address
            points[place] = points.get(place, 0.0) + 1 / (_RANK + rank)
    # Scores fall from here to the results of the words alone, too.
    most = max((float(score) for score, _ in words), default=0.0)
    ordered = sorted(points, key=lambda place: -points[place])
    return [(most + points[place], addresses[place]) for place in ordered]


def _followed(words: Sequence[Placed], near: Sequence[Placed]) -> list[Placed]:
    least = min((float(score) for score, _ in words), default=1.0)
    there = {_place(address) for _, address in words}
    return [*words, *((least * likeness, address) for likeness, address in near if _place(address) not in there)]


def _place(address: tantivy.DocAddress) -> tuple[int, int]:
    return address.segment_ord, address.doc
