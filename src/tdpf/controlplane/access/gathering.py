"""Which parts a gathered table (集約) may have, and why one may not be passed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DistributionPage, GatheredFrom
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.members.types import Standing
from tdpf.kit import clock
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


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


def withheld_parts(parts: Sequence[GatheredFrom], party_id: int) -> Mapping[str, Text]:
    """Return, for each collection that may not be passed on now, why."""
    if not parts:
        return {}
    refused = exchange.why_not_passed_on(
        [part.dataset_uid for part in parts], parts[0].application_uid, party_id, clock.now()
    )
    return {part.collection: refused[part.dataset_uid] for part in parts if part.dataset_uid in refused}
