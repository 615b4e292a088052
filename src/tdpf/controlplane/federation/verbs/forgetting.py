"""Forgetting what grows without end and tells nobody where data came from: old runs, faults, looks at links.

Records, what happened to them, and the runs that these name are never removed: they are the provenance of datasets.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.federation.models import LinkLook, Record, RecordChange, Run, RunFault

_AT_ONCE = 1_000


def forget_old(*, runs_before: datetime, faults_before: datetime, links_before: datetime) -> int:
    """Remove what is older than the given moments, in small pieces; return how much.

    Of each site the last run stays, of each link the last look. Links that a source named no more before `links_before`
    go with all their looks. Never call it inside a transaction.
    """
    faults = RunFault.objects.filter(at__lt=faults_before)
    newest = Run.objects.values("site").annotate(newest=Max("pk")).values("newest")
    runs = Run.objects.filter(ended_at__lt=runs_before).exclude(pk__in=newest)
    runs = runs.filter(~Exists(Record.objects.filter(last_run=OuterRef("pk"))))
    runs = runs.filter(~Exists(Record.objects.filter(changed_run=OuterRef("pk"))))
    runs = runs.filter(~Exists(RecordChange.objects.filter(run=OuterRef("pk"))))
    later = LinkLook.objects.filter(distribution_uid=OuterRef("distribution_uid"), pk__gt=OuterRef("pk"))
    looks = LinkLook.objects.filter(Exists(later), last_at__lt=links_before)
    count = sum(_removed(piece) for found in (faults, runs, looks) for piece in _pieces(found))
    while removed := catalog.forget_removed(before=links_before, limit=_AT_ONCE):
        count += len(removed)
        for begun in range(0, len(removed), 500):
            LinkLook.objects.filter(distribution_uid__in=removed[begun : begun + 500]).delete()
    return count


def _pieces(found: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    """Yield rows by five hundred, so that nobody waits long for a table; what was yielded must be gone before the next."""
    while keys := list(found.order_by("pk").values_list("pk", flat=True)[:500]):
        yield found.model._default_manager.filter(pk__in=keys)


def _removed(piece: QuerySet[Any]) -> int:
    with transaction.atomic():
        count = piece.count()
        piece.delete()
    return count
