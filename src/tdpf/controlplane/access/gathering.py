"""Which parts a gathered table (集約) may have."""

from __future__ import annotations

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DistributionPage
from tdpf.controlplane.members.types import Standing
from tdpf.kit.errors import Problem


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
