"""Pure decisions about the audit log: what an entry contains, how it is hashed, and where a chain does not hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tdpf.controlplane.operations.types import Fault, FaultKind, SealedEntry
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.text import Text

BEFORE_THE_FIRST = "0" * 64
GENESIS = "operations.ChainBegan"


def entry_content(
    *,
    sequence: int,
    event_uid: str,
    name: str,
    actor: str,
    subject: str,
    reason: str,
    payload: Mapping[str, Any],
    occurred_at: datetime,
    previous_hash: str,
) -> str:
    """Return the canonical JSON of an entry: keys sorted, no spaces, ASCII only, the instant in UTC.

    ASCII, because no text that a person can type may ever keep an event from being sealed.
    """
    fields = {
        "sequence": sequence,
        "event_uid": event_uid,
        "name": name,
        "actor": actor,
        "subject": subject,
        "reason": reason,
        "payload": payload,
        "occurred_at": occurred_at.astimezone(UTC).isoformat(),
        "previous_hash": previous_hash,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def entry_hash(content: str) -> str:
    """Return the SHA-256 of an entry's content; the previous hash is part of it."""
    return sha256_hex(content.encode("ascii", "backslashreplace"))


def sealed(
    *,
    sequence: int,
    event_uid: str,
    name: str,
    actor: str,
    subject: str,
    reason: str,
    payload: Mapping[str, Any],
    occurred_at: datetime,
    previous_hash: str,
) -> SealedEntry:
    """Return the entry that follows the one with `previous_hash`."""
    content = entry_content(
        sequence=sequence,
        event_uid=event_uid,
        name=name,
        actor=actor,
        subject=subject,
        reason=reason,
        payload=payload,
        occurred_at=occurred_at,
        previous_hash=previous_hash,
    )
    return SealedEntry(
        sequence=sequence,
        event_uid=event_uid,
        name=name,
        actor=actor,
        subject=subject,
        reason=reason,
        occurred_at=occurred_at,
        content=content,
        previous_hash=previous_hash,
        hash=entry_hash(content),
    )


def chain_faults(entries: Iterable[SealedEntry]) -> Iterator[Fault]:
    """Yield every place where entries, given in the order of their numbers, do not form one unbroken chain from 0."""
    expected, previous = 0, BEFORE_THE_FIRST
    for entry in entries:
        if entry.sequence > expected:
            yield missing(expected, entry.sequence - 1)
        told = _told(entry.content)
        if entry_hash(entry.content) != entry.hash or told is None:
            yield _fault(FaultKind.ALTERED, entry, "内容とハッシュが合いません", "its content does not match its hash")
        elif told["sequence"] != entry.sequence:
            yield _fault(
                FaultKind.REORDERED,
                entry,
                f"もとは{told['sequence']}番です",
                f"it was sealed as number {told['sequence']}",
            )
        elif not _columns_agree(entry, told):
            yield _fault(
                FaultKind.ALTERED, entry, "検索用の列が内容と違います", "its searchable columns differ from its content"
            )
        elif entry.sequence == expected and entry.previous_hash != previous:
            yield _fault(
                FaultKind.REORDERED,
                entry,
                "前の記録のハッシュが合いません",
                "it does not follow the entry before it",
            )
        if expected == 0 and entry.sequence == 0 and entry.name != GENESIS:
            yield _fault(FaultKind.ALTERED, entry, "最初の記録ではありません", "it is not the beginning of a chain")
        expected, previous = entry.sequence + 1, entry.hash


def missing(first: int, last: int) -> Fault:
    """Return the fault of entries `first … last` that are not there."""
    span = f"{first}" if first == last else f"{first}–{last}"
    return Fault(
        kind=FaultKind.MISSING,
        sequence=first,
        event_uid="",
        sentence=Text(f"監査ログの{span}番がありません。", f"Audit entry {span} is missing."),
    )


def cut(head: int, last: int) -> Fault:
    """Return the fault of a log that ends at `last` although `head` was sealed."""
    return Fault(
        kind=FaultKind.CUT,
        sequence=last,
        event_uid="",
        sentence=Text(
            f"監査ログは{head}番まで封じられたはずですが、{last}番で終わっているか、最後の記録が違います。",
            f"The audit log was sealed up to {head} but ends at {last}, or its last entry differs.",
        ),
    )


def _told(content: str) -> dict[str, Any] | None:
    try:
        told = json.loads(content)
    except ValueError:
        return None
    return told if isinstance(told, dict) and "sequence" in told else None


def _columns_agree(entry: SealedEntry, told: Mapping[str, Any]) -> bool:
    return (
        told.get("event_uid") == entry.event_uid
        and told.get("name") == entry.name
        and told.get("actor") == entry.actor
        and told.get("subject") == entry.subject
        and told.get("reason") == entry.reason
        and told.get("previous_hash") == entry.previous_hash
        and told.get("occurred_at") == entry.occurred_at.astimezone(UTC).isoformat()
    )


def _fault(kind: FaultKind, entry: SealedEntry, ja: str, en: str) -> Fault:
    return Fault(
        kind=kind,
        sequence=entry.sequence,
        event_uid=entry.event_uid,
        sentence=Text(f"監査ログの{entry.sequence}番: {ja}。", f"Audit entry {entry.sequence}: {en}."),
    )
