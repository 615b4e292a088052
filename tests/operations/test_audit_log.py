"""The audit log in a real database: sealed in order, append-only, and honest about every kind of tampering."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tdpf.controlplane.members import errors as member_errors
from tdpf.controlplane.members import events
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.operations import queries, services
from tdpf.controlplane.operations.models import AuditEntry, ChainHead
from tdpf.controlplane.operations.types import FaultKind
from tdpf.djangokit import jobs
from tdpf.djangokit.models import OutboxEvent
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db

Announce = Callable[..., None]


def raw(statement: str, *parameters: object) -> None:
    """Run a statement past Django, as somebody with the database's password would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def break_the_lock() -> None:
    """Take away what the database itself forbids."""
    if connection.vendor == "postgresql":
        raw("ALTER TABLE operations_auditentry DISABLE TRIGGER USER")
    else:
        for name in ("update", "delete", "replace"):
            raw(f"DROP TRIGGER operations_audit_no_{name}")


def kinds() -> set[FaultKind]:
    """Return the kinds of faults found."""
    return {fault.kind for fault in queries.verify_chain()}


def test_events_are_sealed_in_order_behind_a_genesis(tell: Announce) -> None:
    """Entry 0 begins the chain; each event stands in it once, with its hash over the one before."""
    tell("a", "b")
    assert services.seal_audit() == 3
    assert services.seal_audit() == 0
    tell("c")
    assert services.seal_audit() == 1
    entries = list(AuditEntry.objects.order_by("sequence"))
    assert [(e.sequence, e.actor) for e in entries] == [(0, "system"), (1, "a"), (2, "b"), (3, "c")]
    assert [e.previous_hash for e in entries[1:]] == [e.hash for e in entries[:-1]]
    assert not OutboxEvent.objects.filter(sealed_at__isnull=True).exists()
    assert queries.chain_head() == (3, entries[-1].hash)
    assert queries.verify_chain() == []


def test_more_than_a_batch_is_sealed_at_once(tell: Announce) -> None:
    """A backlog is worked off completely."""
    tell(*[f"a{number}" for number in range(services.BATCH + 7)])
    assert services.seal_audit() == services.BATCH + 8
    assert queries.verify_chain() == []


def test_an_event_that_was_undone_is_not_in_the_log() -> None:
    """What was rolled back never happened."""
    with pytest.raises(RuntimeError), transaction.atomic():
        announce(events.ProfileEdited(actor="a", subject="member:x", party_id=1))
        raise RuntimeError
    assert services.seal_audit() == 0


def test_the_worker_seals_every_second() -> None:
    """Sealing is a periodic task of one second."""
    import tdpf.controlplane.operations.tasks  # noqa: F401 - registers the task

    assert jobs.registered_periodic()["operations.tasks.seal_audit"].every == timedelta(seconds=1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE operations_auditentry SET reason = 'nothing happened' WHERE sequence = 1",
        "UPDATE operations_auditentry SET sequence = 99 WHERE sequence = 1",
        "DELETE FROM operations_auditentry WHERE sequence = 2",
        "DELETE FROM operations_auditentry",
    ],
)
def test_the_database_refuses_changes(tell: Announce, statement: str) -> None:
    """UPDATE and DELETE fail even past Django."""
    tell("a", "b")
    services.seal_audit()
    with pytest.raises(DatabaseError), transaction.atomic():
        raw(statement)
    assert queries.verify_chain() == []


def test_the_database_refuses_to_replace_or_empty(tell: Announce) -> None:
    """SQLite's REPLACE and PostgreSQL's TRUNCATE do not go round the triggers."""
    tell("a")
    services.seal_audit()
    columns = "sequence, event_uid, name, actor, subject, reason, occurred_at, sealed_at, content, previous_hash, hash"
    statement = (
        "TRUNCATE operations_auditentry"
        if connection.vendor == "postgresql"
        else f"REPLACE INTO operations_auditentry ({columns}) SELECT {columns} FROM operations_auditentry"
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        raw(statement)
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE operations_auditentry SET reason = 'x' WHERE sequence = 2", FaultKind.ALTERED),
        ("UPDATE operations_auditentry SET content = replace(content, 'b', 'z') WHERE sequence = 2", FaultKind.ALTERED),
        ("UPDATE operations_auditentry SET hash = '0' WHERE sequence = 2", FaultKind.ALTERED),
        ("DELETE FROM operations_auditentry WHERE sequence = 2", FaultKind.MISSING),
        ("DELETE FROM operations_auditentry WHERE sequence = 3", FaultKind.CUT),
        ("DELETE FROM operations_auditentry", FaultKind.CUT),
        ("UPDATE djangokit_outboxevent SET reason = 'x'", FaultKind.EVENT_ALTERED),
        ("DELETE FROM djangokit_outboxevent", FaultKind.EVENT_ALTERED),
    ],
)
def test_tampering_is_found(tell: Announce, statement: str, kind: FaultKind) -> None:
    """With the triggers gone, every change still shows."""
    tell("a", "b", "c")
    services.seal_audit()
    break_the_lock()
    raw(statement)
    assert kind in kinds()


def test_a_cut_off_end_with_a_moved_head_is_found(tell: Announce) -> None:
    """Who also moves the head back leaves events that were sealed and are not in the log."""
    tell("a", "b", "c")
    services.seal_audit()
    break_the_lock()
    raw("DELETE FROM operations_auditentry WHERE sequence = 3")
    last = AuditEntry.objects.get(sequence=2)
    ChainHead.objects.update(sequence=2, hash=last.hash)
    assert kinds() == {FaultKind.MISSING}


def test_exchanged_entries_are_found(tell: Announce) -> None:
    """Two entries that changed numbers are re-ordered."""
    tell("a", "b", "c")
    services.seal_audit()
    break_the_lock()
    for before, after in ((1, -1), (2, 1), (-1, 2)):
        raw("UPDATE operations_auditentry SET sequence = %s WHERE sequence = %s", after, before)
    found = [fault for fault in queries.verify_chain() if fault.kind is FaultKind.REORDERED]
    assert [fault.sequence for fault in found][:2] == [1, 2]


def test_an_event_that_waits_too_long_is_told(tell: Announce) -> None:
    """A worker that stands still shows after a minute, not before."""
    tell("a")
    assert queries.verify_chain(now() + timedelta(seconds=59)) == []
    late = queries.verify_chain(now() + timedelta(seconds=62))
    assert [fault.kind for fault in late] == [FaultKind.UNSEALED]
    assert "1" in late[0].sentence.ja


def test_the_operator_searches_the_log(tell: Announce, operator: Standing, hana: Standing) -> None:
    """By who, what, on what, why, and when; newest first, in pages."""
    start = now()
    tell(hana.member_uid, hana.member_uid, "somebody", reason="住所の変更", subject="dataset:abc")
    services.seal_audit()
    everything = queries.search_audit(operator, limit=2)
    assert everything.total == AuditEntry.objects.count()
    assert [line.sequence for line in everything.items] == [everything.total - 1, everything.total - 2]
    assert queries.search_audit(operator, who="hana@", what="members.ProfileEdited").total == 2
    assert queries.search_audit(operator, who=hana.member_uid, what="members.ProfileEdited").total == 2
    found = queries.search_audit(operator, subject="dataset:").items
    assert {line.actor_name for line in found} == {"hana", "somebody"}
    assert found[0].what.ja == "プロフィールの変更"
    assert found[0].details == {"party_id": 2}
    assert queries.search_audit(operator, text="住所").total == 3
    assert queries.search_audit(operator, what="exchange").total == 0
    assert queries.search_audit(operator, until_at=start, subject="dataset:").total == 0
    assert queries.search_audit(operator, from_at=start, subject="dataset:").total == 3
    assert "members.ProfileEdited" in {name for name, _ in queries.event_names()}


def test_who_may_not_search_the_log(hana: Standing, bare_operator: Standing) -> None:
    """The log is the operator's; a second factor is needed to read it."""
    with pytest.raises(member_errors.OperatorNeeded):
        queries.search_audit(hana)
    with pytest.raises(member_errors.MfaNeeded):
        queries.search_audit(bare_operator)
