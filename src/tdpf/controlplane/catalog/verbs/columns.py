"""Keeping what was read from files: the names of columns of other sites' files, the readability rating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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


@transaction.atomic
def note_ratings(*, ratings: Mapping[str, Mapping[str, Any]]) -> int:
    """Keep the summary of a readability rating (rule set, score, levels, broken rules) of distributions by uid; return how many."""
    rows = list(Distribution.objects.select_for_update().select_related("dataset").filter(uid__in=list(ratings)))
    for row in rows:
        row.rating = dict(ratings[row.uid])
    Distribution.objects.bulk_update(rows, ["rating"], batch_size=200)
    if rows:
        uids = tuple(dict.fromkeys(row.dataset.uid for row in rows))
        announce(events.LinksChecked(actor="system", subject="catalog", dataset_uids=uids))
    return len(rows)
