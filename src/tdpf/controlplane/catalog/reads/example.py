"""The dataset that pages for newcomers show as their example."""

from __future__ import annotations

from django.db.models import Case, When

from tdpf.controlplane.catalog.models import Dataset, Distribution, Version
from tdpf.controlplane.catalog.reads.datasets import cards_of
from tdpf.controlplane.catalog.types import DatasetCard


def standing_example() -> DatasetCard | None:
    """Return the open table that has been kept here longest, one of an organisation before one of a person.

    Who comes later does not change it, and one that was taken back, or has no version any more, is none.
    """
    kept = Version.objects.filter(
        state=Version.State.LATEST,
        distribution__state=Distribution.State.ACTIVE,
        distribution__kind="table",
    ).values("distribution__dataset")
    found = Dataset.objects.filter(
        state=Dataset.State.PUBLISHED, access=Dataset.Access.OPEN, provider__suspended=False, pk__in=kept
    )
    person = Case(When(provider__kind="person", then=1), default=0)
    cards = cards_of(found.select_related("provider").order_by(person, "published_at", "id")[:1])
    return cards[0] if cards else None
