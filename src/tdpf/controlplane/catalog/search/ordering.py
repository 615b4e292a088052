"""Which results come first, and how many of the words they must have."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tantivy

from tdpf.controlplane.catalog.search.counting import EXACT, Addresses
from tdpf.controlplane.catalog.search.parsing import ParsedQuery
from tdpf.controlplane.catalog.search.types import SortOrder


def tries(parsed: ParsedQuery) -> list[int | None]:
    """How many strong units must match, one try after the other: all, two thirds, one."""
    count = len(parsed.strong)
    if count < 2:
        return [None]
    return [None, *dict.fromkeys(need for need in (math.ceil(count * 2 / 3), 1) if need < count)]


def surely_many(parsed: ParsedQuery, at_least: int | None, frequency: Callable[[str], int]) -> bool:
    """Say whether a word that is enough by itself finds more than are counted one by one: then there is no use listing them."""
    strong = parsed.strong
    if parsed.excluded or not (at_least == 1 or len(strong) == 1):
        return False
    return any(len(unit.tokens) == 1 and frequency(unit.tokens[0].term) > EXACT for unit in strong)


@dataclass(frozen=True, slots=True)
class Ordered:
    """How many fit, those of the page, and all of them where they are few enough to be counted one by one."""

    total: int
    hits: tuple[tuple[Any, tantivy.DocAddress], ...]
    found: Addresses | None = None


def ordered(
    searcher: tantivy.Searcher,
    query: tantivy.Query,
    parsed: ParsedQuery,
    sort: SortOrder,
    offset: int,
    limit: int,
    *,
    all_of_few: bool,
) -> Ordered:
    """Return a page of what a query finds in the order that was asked for, with `all_of_few` all of it up to `EXACT`."""
    most = max(offset + limit, EXACT) if all_of_few else offset + limit
    page: Any
    if sort == "title":
        page = searcher.search(query, limit, offset=offset, order_by_field="title_key", order=tantivy.Order.Asc)
        return Ordered(page.count or 0, tuple(page.hits))
    # Far behind, what comes before the page is not listed.
    before = offset if most > EXACT else 0
    if sort == "quality":
        page = searcher.search(query, most - before, offset=before, order_by_field="quality", order=tantivy.Order.Desc)
    elif sort == "newest" or not parsed.units:
        page = searcher.search(query, most - before, offset=before, order_by_field="modified", order=tantivy.Order.Desc)
    else:
        page = searcher.search(query, most - before, offset=before)
    hits, total = page.hits, page.count or 0
    found = [address for _, address in hits] if not before and total <= most else None
    return Ordered(total, tuple(hits[offset - before : offset - before + limit]), found)
