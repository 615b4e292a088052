"""Making published tables anew whose files are no longer what was written."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from tdpf.controlplane.catalog import events
from tdpf.controlplane.catalog.models import Version
from tdpf.controlplane.catalog.storage import erase_table, table_folder
from tdpf.controlplane.catalog.verbs.datasets import subject_of
from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.outbox import announce
from tdpf.kit.events import Event
from tdpf.tables.build import rebuild_table
from tdpf.tables.errors import TableDamaged, TableMissing
from tdpf.tables.verify import verify_table

MEND = "catalog.tasks.mend_table"
_KEPT = (Version.State.LATEST, Version.State.OLDER)
# Nodes say it again every few seconds for as long as they see it; what could not be made anew is not tried each time.
_AGAIN = timedelta(hours=1)


def ask_to_mend(*, identity: str, now: datetime) -> None:
    """Have a table looked at, and made anew if it is damaged or not there, because a node of the data plane found it so; once an hour at most."""
    due = Q(mending_asked_at__isnull=True) | Q(mending_asked_at__lte=now - _AGAIN)
    with transaction.atomic():
        if Version.objects.filter(due, identity=identity, state__in=_KEPT).update(mending_asked_at=now):
            enqueue(MEND, {"identity": identity}, key=f"{MEND}:{identity}")


def mend_table(*, identity: str) -> bool:
    """Make a damaged table anew from its sound text and announce it; return whether that was needed and done.

    Takes as long as building it did; holds no transaction meanwhile. Raises TableDamaged or TableMissing when what it is
    made from is damaged or gone itself: then only the provider's original helps, and TableLost is announced.
    """
    folder = table_folder(identity)
    if not _versions(identity) or not verify_table(folder):
        return False
    try:
        rebuild_table(folder)
    except (TableDamaged, TableMissing):
        with transaction.atomic():
            for version in _versions(identity, locked=True)[:1]:
                announce(_told(events.TableLost, version))
        raise
    return note_mended(identity=identity)


def note_mended(*, identity: str) -> bool:
    """Announce that a table's files were made anew; return whether a version still stands on them, else they are erased."""
    with transaction.atomic():
        kept = _versions(identity, locked=True)
        # What is damaged from now on is news.
        Version.objects.filter(pk__in=[version.pk for version in kept]).update(mending_asked_at=None)
        for version in kept:
            announce(_told(events.TableMended, version))
    if not kept:
        # Purged meanwhile: what was made is not to be there.
        erase_table(identity)
    return bool(kept)


def _told(event: type[events.TableMended] | type[events.TableLost], version: Version) -> Event:
    dataset = version.distribution.dataset
    return event(
        actor="system", subject=subject_of(dataset), dataset_uid=dataset.uid, version_uid=version.uid,
        number=version.number, identity=version.identity,
    )  # fmt: skip


def _versions(identity: str, *, locked: bool = False) -> list[Version]:
    rows = Version.objects.select_for_update(of=("self",)) if locked else Version.objects.all()
    return list(rows.filter(identity=identity, state__in=_KEPT).select_related("distribution__dataset").order_by("id"))
