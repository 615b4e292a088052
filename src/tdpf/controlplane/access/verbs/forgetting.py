"""Forgetting what a source was asked with when nothing is asked of it any more."""

from __future__ import annotations

from tdpf.controlplane.access.events import DeviceTokenRevoked
from tdpf.controlplane.access.models import DeviceToken, SourceConnection
from tdpf.controlplane.access.stamping import bump_stamp
from tdpf.controlplane.access.verbs.gathering import end_key
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.events import DatasetPurged, DatasetWithdrawn, DistributionChanged
from tdpf.djangokit.outbox import announce
from tdpf.kit import clock


def forget_secrets(event: DistributionChanged | DatasetWithdrawn | DatasetPurged) -> None:
    """Forget the sealed secrets of what is taken out of a dataset, or of all of one that is no longer offered.

    Keys of gathered tables and tokens of devices are revoked; it is to be connected anew before it is offered again.
    Runs in the announcing transaction.
    """
    rows = SourceConnection.objects.select_for_update()
    if isinstance(event, DistributionChanged):
        if event.change != "removed":
            return
        rows = rows.filter(distribution__uid=event.distribution_uid)
    else:
        rows = rows.filter(distribution__dataset__uid=event.dataset_uid)
    for row in rows.select_related("distribution"):
        end_key(row)
        tokens = list(DeviceToken.objects.filter(source=row, revoked_at__isnull=True))
        for token in tokens:
            token.revoked_at = clock.now()
            token.save(update_fields=["revoked_at"])
            announce(
                DeviceTokenRevoked(
                    actor=event.actor, subject=f"source:{row.uid}", source=row.uid, token=token.uid, prefix=token.prefix
                )
            )
        if tokens:
            bump_stamp("streams")
        if row.secret or tokens:
            catalog_services.set_connected(distribution_uid=row.distribution.uid, connected=False)
        if row.secret:
            row.secret = ""
            row.save(update_fields=["secret"])
