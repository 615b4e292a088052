"""Records that become alike after they were read: a title that was mended, a publisher that is named now."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from tdpf.controlplane.federation import errors
from tdpf.controlplane.federation.matching import Likeness, compare
from tdpf.controlplane.federation.models import Pair, Record, RecordChange, Site
from tdpf.controlplane.federation.verbs.joining import join_entries
from tdpf.controlplane.federation.verbs.likenesses import find_alike, keep_pairs, registered_titles


def join_become_alike(*, site: Site, records: Sequence[int]) -> int:
    """Let records of a site whose words changed join what they are the same as now; return how many entries joined.

    As when a record is read for the first time; must be called inside the transaction that took them. What stands at
    several places already, is registered here, or was kept apart by an operator is put before the operator instead.
    """
    rows = list(Record.objects.defer("kept").filter(pk__in=records, gone_at__isnull=True).order_by("pk"))
    if not rows:
        return 0
    found = find_alike(site=site, fresh=[(row, Likeness.of_json(row.likeness)) for row in rows])
    registered = registered_titles({row.publisher_id for row in rows})
    joined = 0
    for row in rows:
        known_as, alike = Likeness.of_json(row.likeness), found[id(row)]
        keep_pairs([(row, other, why) for other, why in alike.doubtful])
        uid = registered.get((row.publisher_id, known_as.title), "")
        if alike.same is None and not uid:
            continue
        if _may_move(row) and _join(row, alike.same, uid):
            joined += 1
        elif alike.same is not None:
            keep_pairs([(row, alike.same, compare(known_as, Likeness.of_json(alike.same.likeness)).why)])
    return joined


def _may_move(row: Record) -> bool:
    """Say whether a record is the only place of an entry of its own, and no operator kept it apart from anything."""
    apart = Pair.objects.filter(Q(first=row) | Q(second=row), state=Pair.State.APART)
    parted = RecordChange.objects.filter(record=row, what=RecordChange.What.PARTED)
    places = Record.objects.filter(dataset_uid=_entry_of(row))
    return not row.registered and places.count() == 1 and not apart.exists() and not parted.exists()


def _join(row: Record, same: Record | None, registered: str) -> bool:
    own, uid = _entry_of(row), registered or _entry_of(same or row)
    if own == uid:
        return False
    keeps_own = not registered and same is not None and not same.registered and row.first_seen_at < same.first_seen_at
    kept, given_up = (own, uid) if keeps_own else (uid, own)
    try:
        with transaction.atomic():
            join_entries(kept=kept, given_up=given_up, by="system", is_registered=bool(registered))
    except errors.PairIncompatible:
        return False
    # What waits for the operator between the two answered itself.
    between = Pair.objects.filter(first__dataset_uid=kept, second__dataset_uid=kept, state=Pair.State.WAITING)
    Pair.objects.filter(pk__in=list(between.values_list("pk", flat=True))).delete()
    return True


def _entry_of(row: Record) -> str:
    """Return the entry a record belongs to now: another of the same batch may have moved it."""
    return str(Record.objects.values_list("dataset_uid", flat=True).get(pk=row.pk))
