"""Which parts a gathered table (集約) may have, and which of them are withheld."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from tdpf.controlplane.access.table_types import DocumentPart
from tdpf.controlplane.access.types import NotComing
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import ConnectedFacts, DistributionPage
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.members.types import Standing
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text
from tdpf.wire.connected import ConnectedColumn

NOT_AGAIN = Text("集めた表を、さらに集めることはできません", "what is gathered cannot be gathered again")


def part_of(collection: str, standing: Standing) -> tuple[str, DistributionPage] | None:
    """Return the uid of the dataset and the distribution behind a collection's name; None when there is no such table."""
    slug, _, name = collection.partition(".")
    try:
        page = catalog.dataset_page(slug, standing)
    except Problem:
        return None
    for distribution in page.distributions:
        is_table = distribution.place_mark or (distribution.kind == "table" and distribution.latest is not None)
        if distribution.name == (name or "main") and is_table and page.slug == slug:
            return page.uid, distribution
    return None


def columns_of_part(distribution: DistributionPage) -> tuple[str, ...]:
    """Return the names of a part's columns."""
    return distribution.latest.columns if distribution.latest is not None else distribution.columns


def with_equal_names(part: DocumentPart, columns: Iterable[ConnectedColumn], own: Collection[str]) -> DocumentPart:
    """Return a part with all columns that it gives: those it maps, and of the others those that are called the same.

    `own` are the part's columns that may be taken. One that is mapped already is not taken a second time.
    """
    free = set(own) - set(part.columns.values())
    same = {one.name: one.at_origin for one in columns if one.name not in part.columns and one.at_origin in free}
    return DocumentPart(collection=part.collection, columns={**part.columns, **same})


def not_coming(document: Mapping[str, Any]) -> tuple[NotComing, ...]:
    """Return which columns of a kept document come from which of its parts not; none for what gathers nothing.

    Where parts are joined, only what comes from none of them: that each adds columns of its own is what joining is for.
    """
    if document.get("kind") != "gathered":
        return ()
    names = [one["name"] for one in document["columns"]]
    given = [(part["collection"], set(part.get("columns", ()))) for part in document["parts"]]
    if document["how"] == "join":
        given = [("", set().union(*(columns for _, columns in given)))]
    lacking = [(collection, tuple(name for name in names if name not in columns)) for collection, columns in given]
    return tuple(NotComing(collection, columns) for collection, columns in lacking if columns)


def withheld_parts(place: ConnectedFacts, connected: Iterable[ConnectedFacts], now: datetime) -> Mapping[str, Text]:
    """Return, for each part of a gathered table that is not asked now, why; `connected` are all connected distributions."""
    if not place.parts:
        return {}
    gathered = {(one.dataset_uid, one.name) for one in connected if one.parts}
    again = {
        part.collection: NOT_AGAIN
        for part in place.parts
        if (part.dataset_uid, part.collection.partition(".")[2] or "main") in gathered
    }
    return {**exchange.why_not_passed_on(place.parts, place.provider_party_id, now), **again}
