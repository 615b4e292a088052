"""Which parts a gathered table (集約) may have, and which of them are withheld."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import ConnectedFacts, DistributionPage
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.members.types import Standing
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

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
