"""What a site lists no more: its place is gone; a dataset without any place left is retired, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.federation import rules
from tdpf.controlplane.federation.models import Record, RecordChange, Run, Site
from tdpf.controlplane.federation.types import ReadPage
from tdpf.controlplane.federation.verbs.leases import hold
from tdpf.controlplane.federation.verbs.records import places_of, show_places
from tdpf.kit.text import Text

_AT_ONCE = 250


def lost_keys(*, run: Run, page: ReadPage) -> list[int]:
    """Return the records that are gone by the last page of a reading: those not seen, or not listed, or said to be deleted."""
    since = run.reads_since or run.asked_at
    live = Record.objects.filter(site=run.site_id, gone_at__isnull=True)
    if page.coverage in ("all", "pages"):
        return list(live.filter(last_seen_at__lt=since).values_list("pk", flat=True))
    if page.coverage == "changes" and page.listed is not None:
        rows = live.values_list("pk", "record_id", "alias", "last_seen_at")
        return [
            pk
            for pk, record_id, alias, seen_at in rows.iterator(chunk_size=5000)
            if record_id not in page.listed and alias not in page.listed and seen_at < since
        ]
    return []


def sure_losses(*, run: Run, page: ReadPage, keys: Sequence[int], instant: datetime) -> list[int]:
    """Return those of the lost that are gone for sure, and note the others as missing.

    Between the pages of a reading a record can move from one that is to be read to one that was: only what two readings in a
    row did not see is gone, unless an operator said that losses are to be believed.
    """
    if page.coverage != "pages" or _believed(run):
        return list(keys)
    sure: list[int] = []
    with transaction.atomic():
        hold(run)
        for begun in range(0, len(keys), _AT_ONCE):
            rows = Record.objects.filter(pk__in=keys[begun : begun + _AT_ONCE])
            sure += rows.filter(missing_since__isnull=False).values_list("pk", flat=True)
            rows.filter(missing_since__isnull=True).update(missing_since=instant)
    return sure


def take_losses(*, run: Run, site: Site, keys: Sequence[int], instant: datetime) -> tuple[int, int]:
    """Mark records as gone, or hold that back when it would be too many at once; return how many were marked and held."""
    before = Record.objects.filter(site=site, gone_at__isnull=True).count()
    if rules.losses_are_sudden(before=before, gone=len(keys)) and not _believed(run):
        return 0, len(keys)
    for begun in range(0, len(keys), _AT_ONCE):
        with transaction.atomic():
            hold(run)
            mark_gone(run=run, site=site, keys=keys[begun : begun + _AT_ONCE], instant=instant)
    return len(keys), 0


def take_said_losses(*, run: Run, site: Site, record_ids: Sequence[str], instant: datetime) -> int:
    """Mark records as gone that the site itself calls deleted, draft or private; must be called inside a transaction."""
    keys = Record.objects.filter(site=site, record_id__in=list(record_ids), gone_at__isnull=True)
    found = list(keys.values_list("pk", flat=True))
    mark_gone(run=run, site=site, keys=found, instant=instant)
    return len(found)


def dropped_keys(*, run: Run, page: ReadPage) -> list[str]:
    """Return what web pages had until now and have no more: the other records of aliases that a page read completely."""
    if not page.complete:
        return []
    here = {record.stated.record_id for record in page.records}
    rows = Record.objects.filter(site=run.site_id, alias__in=list(page.complete), gone_at__isnull=True)
    return [key for key in rows.exclude(last_run=run).values_list("record_id", flat=True) if key not in here]


def mark_gone(*, run: Run, site: Site, keys: Sequence[int], instant: datetime) -> None:
    """Mark these records as gone, show their datasets without them, retire those that have no place left."""
    rows = list(Record.objects.defer("kept", "likeness").filter(pk__in=keys, gone_at__isnull=True))
    if not rows:
        return
    Record.objects.filter(pk__in=[row.pk for row in rows]).update(gone_at=instant)
    note = Text(f"「{site.name_ja}」に載らなくなりました", f"no longer listed at {site.name_en or site.name_ja}")
    RecordChange.objects.bulk_create(
        [
            RecordChange(
                record=row, run=run, what=RecordChange.What.GONE, dataset_uid=row.dataset_uid, note_ja=note.ja,
                note_en=note.en, at=instant,
            )
            for row in rows
        ],
        batch_size=500,
    )  # fmt: skip
    settle(dataset_uids={row.dataset_uid for row in rows}, site=site)


def settle(*, dataset_uids: set[str], site: Site) -> None:
    """Show datasets by the places they still have, and retire those that have none."""
    left = set(
        Record.objects.filter(dataset_uid__in=dataset_uids, gone_at__isnull=True).values_list("dataset_uid", flat=True)
    )
    show_places(left)
    bare = dataset_uids - left
    if bare:
        catalog.set_places(places=places_of(bare))
        catalog.retire_harvested(
            dataset_uids=sorted(bare),
            reason=Text(
                f"掲載元の「{site.name_ja}」で公開が終わりました。記録と履歴は残しています。",
                f"It is no longer published at {site.name_en or site.name_ja}, where it was listed. Its record and history stay.",
            ),
        )


def _believed(run: Run) -> bool:
    """Say whether an operator has losses believed; read anew, for it may have been allowed while the run went on."""
    return Run.objects.filter(pk=run.pk, believes_losses=True).exists()
