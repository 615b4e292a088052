"""Keeping the names of columns that were read from other sites' files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from tdpf.controlplane.catalog import events
from tdpf.controlplane.catalog.enriching.columns import kept_columns
from tdpf.controlplane.catalog.models import Distribution
from tdpf.djangokit.outbox import announce


@transaction.atomic
def note_columns(*, columns: Mapping[str, Sequence[str]]) -> int:
    """Keep the columns of distributions by uid where none are known; return how many got some."""
    rows = list(Distribution.objects.select_for_update().select_related("dataset").filter(uid__in=list(columns)))
    told: list[Distribution] = []
    for row in rows:
        names = kept_columns(columns[row.uid])
        if names and not row.columns:
            row.columns = list(names)
            told.append(row)
    Distribution.objects.bulk_update(told, ["columns"], batch_size=200)
    if told:
        uids = tuple(dict.fromkeys(row.dataset.uid for row in told))
        announce(events.LinksChecked(actor="system", subject="catalog", dataset_uids=uids))
    return len(told)
