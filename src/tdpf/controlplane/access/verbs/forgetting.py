"""Forgetting what a source was asked with when nothing is asked of it any more."""

from __future__ import annotations

from tdpf.controlplane.access.models import DeviceToken, SourceConnection
from tdpf.controlplane.access.verbs.gathering import end_key
from tdpf.controlplane.catalog.events import DatasetPurged, DatasetWithdrawn, DistributionChanged
from tdpf.kit import clock


def forget_secrets(event: DistributionChanged | DatasetWithdrawn | DatasetPurged) -> None:
    """Forget the sealed secrets of what is taken out of a dataset, or of all of one that is no longer offered.

    Keys of gathered tables and tokens of devices are revoked. Runs in the announcing transaction.
    """
    rows = SourceConnection.objects.select_for_update()
    if isinstance(event, DistributionChanged):
        if event.change != "removed":
            return
        rows = rows.filter(distribution__uid=event.distribution_uid)
    else:
        rows = rows.filter(distribution__dataset__uid=event.dataset_uid)
    for row in rows:
        end_key(row)
        DeviceToken.objects.filter(source=row, revoked_at__isnull=True).update(revoked_at=clock.now())
        if row.secret:
            row.secret = ""
            row.save(update_fields=["secret"])
