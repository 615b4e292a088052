"""Verbs on likely duplicates: the operator merges two entries, keeps them apart, or parts what was joined wrongly."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.federation import errors, events
from tdpf.controlplane.federation.models import Pair, Record, RecordChange
from tdpf.controlplane.federation.verbs.joining import join_entries, note_changes
from tdpf.controlplane.federation.verbs.likenesses import let_nobody_else_match
from tdpf.controlplane.federation.verbs.records import show_alone, show_places
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now


@transaction.atomic
def decide_pair(*, actor: Standing, pair_id: int, merge: bool, reason: str = "") -> Pair:
    """Make two entries one, or keep them apart for good; what was decided once is not asked again.

    The older entry stays with its slug; the other one is retired, and its address leads there. Raises OperatorNeeded,
    PairUnknown, PairDecidedAlready, PairIncompatible (a site lists both entries).
    """
    members.may_operate(actor)
    # A run that takes records at this moment must not go on with what was true before.
    let_nobody_else_match()
    pair = Pair.objects.select_for_update().select_related("first", "second").filter(pk=pair_id).first()
    if pair is None:
        raise errors.PairUnknown(pair=pair_id)
    if pair.state != Pair.State.WAITING:
        raise errors.PairDecidedAlready(pair=pair_id)
    uids = (pair.first.dataset_uid, pair.second.dataset_uid)
    if merge and uids[0] != uids[1]:
        _merge(actor, uids)
    state = Pair.State.MERGED if merge else Pair.State.APART
    _settle(actor, Q(pk=pair.pk), state, reason)
    if merge:
        between = Q(first__dataset_uid__in=uids, second__dataset_uid__in=uids)
        _settle(actor, between & Q(state=Pair.State.WAITING), state, reason)
    announce(
        events.PairDecided(
            actor=actor.actor, subject=f"pair:{pair.pk}", reason=reason, decision=str(state), dataset_uids=uids
        )
    )
    pair.refresh_from_db()
    return pair


@transaction.atomic
def part_record(*, actor: Standing, dataset_uid: str, site: str, record_id: str, reason: str = "") -> str:
    """Give a record that was joined wrongly an entry of its own and remember it; return the uid of that entry.

    Raises OperatorNeeded, PairUnknown (no such place, or the only one of a dataset that is not registered here).
    """
    members.may_operate(actor)
    let_nobody_else_match()
    rows = list(
        Record.objects.select_for_update().filter(dataset_uid=dataset_uid).select_related("site").order_by("pk")
    )
    parted = next((row for row in rows if row.site.slug == site and row.record_id == record_id), None)
    if parted is None or (len(rows) < 2 and not parted.registered):
        raise errors.PairUnknown(pair=f"{site} {record_id}")
    if len(rows) < 2:
        catalog.set_places(places={dataset_uid: ()})
    uid = show_alone(parted)
    Record.objects.filter(pk=parted.pk).update(dataset_uid=uid, registered=False)
    note_changes([parted], RecordChange.What.PARTED, uid=uid, by=actor.actor, words=reason)
    for other in rows:
        if other.pk != parted.pk:
            first, second = sorted((parted, other), key=lambda row: row.pk)
            Pair.objects.update_or_create(
                first=first,
                second=second,
                defaults={
                    "state": Pair.State.APART, "decided_by_id": actor.member_id, "decided_at": now(), "reason": reason,
                    "why_ja": "運営者が分けました", "why_en": "an operator parted them",
                },
            )  # fmt: skip
    show_places([dataset_uid])
    announce(
        events.PairDecided(
            actor=actor.actor,
            subject=f"dataset:{dataset_uid}",
            reason=reason,
            decision=str(Pair.State.APART),
            dataset_uids=(dataset_uid, uid),
        )
    )
    return uid


def _merge(actor: Standing, uids: tuple[str, str]) -> None:
    rows = list(Record.objects.filter(dataset_uid__in=uids).order_by("first_seen_at", "pk"))
    kept = next((row.dataset_uid for row in rows if row.registered), rows[0].dataset_uid)
    (given_up,) = set(uids) - {kept}
    join_entries(kept=kept, given_up=given_up, by=actor.actor)


def _settle(actor: Standing, which: Q, state: Pair.State, reason: str) -> None:
    Pair.objects.filter(which).update(
        state=state, decided_by_id=actor.member_id, decided_at=now(), reason=reason.strip()[:2000]
    )
