"""Reads of the audit log: verifying the chain, searching it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Exists, OuterRef, Q

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.operations import rules
from tdpf.controlplane.operations.models import AuditEntry, ChainHead
from tdpf.controlplane.operations.types import AuditLine, Fault, FaultKind, SealedEntry
from tdpf.controlplane.operations.words import word_for
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.clock import now as present
from tdpf.kit.pages import Page
from tdpf.kit.text import Text

LONG_UNSEALED = timedelta(seconds=60)
BATCH = 500
MAX_NAMED = 20


def chain_head() -> tuple[int, str] | None:
    """Return the number and hash of the last sealed entry, for keeping outside the platform; None before the first."""
    head = ChainHead.objects.first()
    return None if head is None else (head.sequence, head.hash)


def verify_chain(now: datetime | None = None) -> list[Fault]:
    """Return every place where the audit log does not hold, empty when it does.

    Found are altered, missing and re-ordered entries, a cut-off end, sealed events that differ from what was
    announced, and events that have waited to be sealed for more than a minute.
    """
    return [*rules.chain_faults(_entries()), *_head_faults(), *_event_faults(), *_unsealed_faults(now or present())]


def search_audit(
    standing: Standing,
    *,
    who: str = "",
    what: str = "",
    subject: str = "",
    text: str = "",
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    offset: int = 0,
    limit: int = 50,
) -> Page[AuditLine]:
    """Return audit entries for the operator, newest first.

    `who` is an actor's uid, or part of a name or mail address; `what` an event's name or its first part ("members");
    `subject` the beginning of a subject ("dataset:…"); `text` is sought in the reasons. Raises as `may_operate`.
    """
    members.may_operate(standing)
    found = AuditEntry.objects.order_by("-sequence")
    if tidy := who.strip():
        people = [member.uid for member in members.search_members(tidy, limit=200).items]
        found = found.filter(Q(actor=tidy) | Q(actor__in=people))
    if tidy := what.strip():
        found = found.filter(Q(name=tidy) | Q(name__startswith=f"{tidy}."))
    if tidy := subject.strip():
        found = found.filter(subject__startswith=tidy)
    if tidy := text.strip():
        found = found.filter(reason__icontains=tidy)
    if from_at is not None:
        found = found.filter(occurred_at__gte=from_at)
    if until_at is not None:
        found = found.filter(occurred_at__lt=until_at)
    rows = list(found[offset : offset + limit])
    names = members.names_of_members({row.actor for row in rows})
    lines = [
        AuditLine(
            sequence=row.sequence,
            event_uid=row.event_uid,
            name=row.name,
            what=word_for(row.name),
            actor=row.actor,
            actor_name=names.get(row.actor, row.actor),
            subject=row.subject,
            reason=row.reason,
            occurred_at=row.occurred_at,
            details={
                key: value
                for key, value in json.loads(row.content)["payload"].items()
                if key not in ("actor", "subject", "reason")
            },
            hash=row.hash,
        )
        for row in rows
    ]
    return Page(items=lines, total=found.count(), offset=offset, limit=limit)


def event_names() -> list[tuple[str, Text]]:
    """Return the names of events that stand in the log, with their words, for the search form."""
    names = AuditEntry.objects.order_by("name").values_list("name", flat=True).distinct()
    return [(name, word_for(name)) for name in names]


def unsealed_since() -> datetime | None:
    """Return since when the oldest unsealed event has waited, or None when all are sealed."""
    waiting = OutboxEvent.objects.filter(sealed_at__isnull=True).order_by("occurred_at")
    return waiting.values_list("occurred_at", flat=True).first()


def _entries() -> Iterator[SealedEntry]:
    for row in AuditEntry.objects.order_by("sequence").iterator(chunk_size=BATCH):
        yield SealedEntry(
            sequence=row.sequence,
            event_uid=row.event_uid,
            name=row.name,
            actor=row.actor,
            subject=row.subject,
            reason=row.reason,
            occurred_at=row.occurred_at,
            content=row.content,
            previous_hash=row.previous_hash,
            hash=row.hash,
        )


def _head_faults() -> Iterator[Fault]:
    head = ChainHead.objects.first()
    last = AuditEntry.objects.order_by("-sequence").first()
    if head is None and last is None:
        return
    if head is None or last is None or (head.sequence, head.hash) != (last.sequence, last.hash):
        yield rules.cut(head.sequence if head else -1, last.sequence if last else -1)


def _event_faults() -> Iterator[Fault]:
    in_log = AuditEntry.objects.filter(event_uid=OuterRef("uid"))
    lost = OutboxEvent.objects.filter(~Exists(in_log), sealed_at__isnull=False).order_by("id")
    for event in lost[:MAX_NAMED]:
        yield Fault(
            kind=FaultKind.MISSING,
            sequence=None,
            event_uid=event.uid,
            sentence=Text(
                f"封じられたはずの出来事 {event.name}（{event.uid}）が監査ログにありません。",
                f"The event {event.name} ({event.uid}) was sealed but is not in the audit log.",
            ),
        )
    rows = AuditEntry.objects.exclude(name=rules.GENESIS).order_by("sequence").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        announced = {event.uid: event for event in OutboxEvent.objects.filter(uid__in=[row.event_uid for row in batch])}
        for row in batch:
            origin = announced.get(row.event_uid)
            if origin is None or not _same(row, origin):
                yield Fault(
                    kind=FaultKind.EVENT_ALTERED,
                    sequence=row.sequence,
                    event_uid=row.event_uid,
                    sentence=Text(
                        f"監査ログの{row.sequence}番のもとの出来事が、消されたか書き換えられています。",
                        f"The event behind audit entry {row.sequence} was deleted or changed.",
                    ),
                )


def _same(row: AuditEntry, event: OutboxEvent) -> bool:
    return row.content == rules.entry_content(
        sequence=row.sequence,
        event_uid=event.uid,
        name=event.name,
        actor=event.actor,
        subject=event.subject,
        reason=event.reason,
        payload=event.payload,
        occurred_at=event.occurred_at,
        previous_hash=row.previous_hash,
    )


def _unsealed_faults(now: datetime) -> Iterator[Fault]:
    late = OutboxEvent.objects.filter(sealed_at__isnull=True, occurred_at__lt=now - LONG_UNSEALED)
    count = late.count()
    oldest = late.order_by("id").first()
    if oldest is not None:
        yield Fault(
            kind=FaultKind.UNSEALED,
            sequence=None,
            event_uid=oldest.uid,
            sentence=Text(
                f"{count}件の出来事が1分以上、監査ログに封じられていません。worker が動いているか確かめてください。",
                f"{count} event(s) have waited more than a minute to be sealed; see whether the worker runs.",
            ),
        )
