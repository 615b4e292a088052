"""Reads of who provides the published datasets."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q, QuerySet

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.reads.datasets import MAX_LIMIT, facts_of_party
from tdpf.controlplane.catalog.types import PublisherCard
from tdpf.controlplane.members import queries as members
from tdpf.kit.pages import Page


def list_publishers(*, offset: int = 0, limit: int = 20) -> Page[PublisherCard]:
    """Return the providers of published datasets, the one with most first."""
    offset, limit = max(0, offset), max(1, min(limit, MAX_LIMIT))
    counted = _by_provider(Dataset.objects.filter(state=Dataset.State.PUBLISHED))
    cards = _publisher_cards(counted[offset : offset + limit])
    return Page(items=cards, total=counted.count(), offset=offset, limit=limit)


def all_publishers(names: Collection[str] | None = None) -> list[PublisherCard]:
    """Return the providers of published datasets, the one with most first; with `names` (slugs or uids) only those."""
    rows = Dataset.objects.filter(state=Dataset.State.PUBLISHED)
    if names is not None:
        rows = rows.filter(Q(provider__slug__in=names) | Q(provider__uid__in=names))
    return _publisher_cards(_by_provider(rows))


def _by_provider(rows: QuerySet[Dataset]) -> QuerySet[Any, Any]:
    return rows.values("provider").annotate(datasets=Count("id")).order_by("-datasets", "provider")


def _publisher_cards(counted: QuerySet[Any, Any]) -> list[PublisherCard]:
    rows = list(counted)
    parties = members.parties_by_id(row["provider"] for row in rows)
    return [PublisherCard(provider=facts_of_party(parties[row["provider"]]), datasets=row["datasets"]) for row in rows]
