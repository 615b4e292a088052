"""Making published tables anew whose files are no longer what was written."""

from __future__ import annotations

from django.db import transaction

from tdpf.controlplane.catalog import events
from tdpf.controlplane.catalog.models import Version
from tdpf.controlplane.catalog.storage import erase_table, table_folder
from tdpf.controlplane.catalog.verbs.datasets import subject_of
from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.outbox import announce
from tdpf.tables.build import rebuild_table
from tdpf.tables.verify import verify_table

MEND = "catalog.tasks.mend_table"
_KEPT = (Version.State.LATEST, Version.State.OLDER)


def ask_to_mend(*, identity: str) -> None:
    """Have a table looked at, and made anew if it is damaged, because a node of the data plane found it so."""
    if Version.objects.filter(identity=identity, state__in=_KEPT).exists():
        with transaction.atomic():
            enqueue(MEND, {"identity": identity}, key=f"{MEND}:{identity}")


def mend_table(*, identity: str) -> bool:
    """Make a damaged table anew from its sound text and announce it; return whether that was needed and done.

    Takes as long as building it did; holds no transaction meanwhile. Raises TableDamaged or TableMissing when what it is
    made from is damaged itself: then only the provider's original helps.
    """
    folder = table_folder(identity)
    if not _versions(identity) or not verify_table(folder):
        return False
    rebuild_table(folder)
    with transaction.atomic():
        kept = _versions(identity, locked=True)
        for version in kept:
            dataset = version.distribution.dataset
            announce(
                events.TableMended(
                    actor="system", subject=subject_of(dataset), dataset_uid=dataset.uid, version_uid=version.uid,
                    number=version.number, identity=identity,
                )
            )  # fmt: skip
    if not kept:
        # Purged meanwhile: what was made is not to be there.
        erase_table(identity)
    return bool(kept)


def _versions(identity: str, *, locked: bool = False) -> list[Version]:
    rows = Version.objects.select_for_update(of=("self",)) if locked else Version.objects.all()
    return list(rows.filter(identity=identity, state__in=_KEPT).select_related("distribution__dataset").order_by("id"))
