"""Writes of operations: sealing announced events into the audit log."""

from __future__ import annotations

from django.db import transaction

from tdpf.controlplane.operations import rules
from tdpf.controlplane.operations.models import AuditEntry, ChainHead
from tdpf.controlplane.operations.types import SealedEntry
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid

BATCH = 500


def seal_audit() -> int:
    """Seal every announced event that is not in the audit log yet, in order; return how many entries were added.

    The first call of an installation also writes entry 0, the beginning of the chain.
    """
    added = 0
    while OutboxEvent.objects.filter(sealed_at__isnull=True).exists():
        count = _seal_batch()
        added += count
        if count == 0:
            break
    return added


@transaction.atomic
def _seal_batch() -> int:
    fresh: list[SealedEntry] = []
    head = ChainHead.objects.select_for_update().first()
    if head is None:
        first = _genesis()
        head, _ = ChainHead.objects.select_for_update().get_or_create(
            id=1, defaults={"sequence": first.sequence, "hash": first.hash}
        )
        if head.hash == first.hash:
            fresh.append(first)
    waiting = list(OutboxEvent.objects.filter(sealed_at__isnull=True).order_by("id")[:BATCH])
    sequence, previous = head.sequence, head.hash
    for event in waiting:
        sequence += 1
        entry = rules.sealed(
            sequence=sequence,
            event_uid=event.uid,
            name=event.name,
            actor=event.actor,
            subject=event.subject,
            reason=event.reason,
            payload=event.payload,
            occurred_at=event.occurred_at,
            previous_hash=previous,
        )
        previous = entry.hash
        fresh.append(entry)
    instant = now()
    AuditEntry.objects.bulk_create(
        AuditEntry(
            sequence=entry.sequence,
            event_uid=entry.event_uid,
            name=entry.name,
            actor=entry.actor,
            subject=entry.subject,
            reason=entry.reason,
            occurred_at=entry.occurred_at,
            sealed_at=instant,
            content=entry.content,
            previous_hash=entry.previous_hash,
            hash=entry.hash,
        )
        for entry in fresh
    )
    OutboxEvent.objects.filter(pk__in=[event.pk for event in waiting]).update(sealed_at=instant)
    ChainHead.objects.filter(pk=head.pk).update(sequence=sequence, hash=previous)
    return len(fresh)


def _genesis() -> SealedEntry:
    return rules.sealed(
        sequence=0,
        event_uid=new_uid(),
        name=rules.GENESIS,
        actor="system",
        subject="operations:audit",
        reason="",
        payload={},
        occurred_at=now(),
        previous_hash=rules.BEFORE_THE_FIRST,
    )
