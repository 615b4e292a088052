"""What the operator sees: orders, queues, health, and what `tdpf check` finds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tdpf.controlplane.members import errors as member_errors
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind, Standing, WhatStops
from tdpf.controlplane.operations import queries, services
from tdpf.controlplane.operations.types import HealthState, Severity
from tdpf.controlplane.operations.words import EVENT_WORDS
from tdpf.djangokit import jobs
from tdpf.djangokit.models import Job, Turn
from tdpf.kit.clock import now
from tdpf.kit.events import Event
from tdpf.kit.home import home

pytestmark = pytest.mark.django_db


def party_uid(standing: Standing) -> str:
    """Return the uid of the member's own party."""
    return members.parties_by_id([standing.person_party_id])[standing.person_party_id].uid


def state_of(part: str, **arguments: Any) -> HealthState:
    """Return the state of a part."""
    return next(found.state for found in queries.health(**arguments) if found.part == part)


def test_an_order_says_everything_about_a_suspension(operator: Standing, hana: Standing) -> None:
    """Whom, what stops and continues, why, by whom; in force until lifted, and kept afterwards."""
    made = member_services.suspend(
        actor=operator,
        party_uid=party_uid(hana),
        what=WhatStops(keys=True, offers=("unknown",)),
        reason="再配布",
        continues="閲覧",
    )
    (order,) = queries.suspension_orders(operator)
    assert (order.party_name.ja, order.reason, order.continues, order.decided_by) == (
        "hana",
        "再配布",
        "閲覧",
        "operator",
    )
    assert order.stops_keys
    assert order.in_force
    assert [offer.uid for offer in order.offers] == ["unknown"]
    assert queries.suspension_orders_of(members.standing_of_uid(hana.member_uid), hana.person_party_id) == [order]
    member_services.lift_suspension(actor=operator, suspension_uid=made.uid, reason="解決")
    assert queries.suspension_orders(operator) == []
    lifted = queries.suspension_order(operator, made.uid)
    assert (lifted.in_force, lifted.lifted_by, lifted.lift_reason) == (False, "operator", "解決")


def test_who_may_not_read_orders(operator: Standing, hana: Standing, bare_operator: Standing) -> None:
    """A member sees the own orders and no others; an operator needs a second factor."""
    with pytest.raises(member_errors.OperatorNeeded):
        queries.suspension_orders(hana)
    with pytest.raises(member_errors.OperatorNeeded):
        queries.suspension_orders_of(hana, operator.person_party_id)
    with pytest.raises(member_errors.MfaNeeded):
        queries.suspension_orders(bare_operator)


def test_queues_say_what_waits_and_since_when(hana: Standing) -> None:
    """An application to review is counted with its age."""
    waiting = {queue.name: queue for queue in queries.queues()}
    assert all(queue.waiting == 0 for queue in waiting.values())
    applied = member_services.apply_organization(
        actor=hana,
        facts=OrganizationFacts(kind=OrganizationKind.MUNICIPALITY, name_ja="新宿区", municipality_code="131041"),
    )
    found = {queue.name: queue for queue in queries.queues()}["organizations"]
    assert (found.waiting, found.oldest_at) == (1, applied.applied_at)


def test_health_follows_the_worker() -> None:
    """Running, late and down are told apart by the last periodic work."""
    assert state_of("worker") is HealthState.DOWN
    instant = now()
    Turn.objects.create(name="x", next_at=instant, last_run_at=instant)
    assert state_of("worker", now=instant) is HealthState.OK
    assert state_of("worker", now=instant + timedelta(seconds=20)) is HealthState.LATE
    assert state_of("worker", now=instant + timedelta(seconds=61)) is HealthState.DOWN


def test_health_follows_jobs_and_the_audit_log(hana: Standing) -> None:
    """A failed job, a waiting job and unsealed events are late."""
    assert state_of("jobs") is HealthState.OK
    assert state_of("audit", now=now() + timedelta(seconds=20)) is HealthState.LATE
    services.seal_audit()
    assert state_of("audit", now=now() + timedelta(seconds=20)) is HealthState.OK
    jobs.enqueue("nobody.does.this", {})
    assert state_of("jobs", now=now() + timedelta(minutes=6)) is HealthState.LATE
    Job.objects.update(run_at=now() + timedelta(hours=1), attempts=6, last_error="SMTPConnectError()")
    assert state_of("jobs") is HealthState.LATE
    Job.objects.update(failed_at=now(), attempts=0, last_error="")
    assert state_of("jobs") is HealthState.LATE


def test_nodes_that_never_reported_are_down() -> None:
    """Without a gateway and a delivery node nothing is served, and the page says so."""
    assert state_of("gateway") is HealthState.DOWN
    assert state_of("delivery") is HealthState.DOWN


def test_check_is_content_with_a_healthy_installation(hana: Standing) -> None:
    """Nothing to say when all is sealed and nothing waits."""
    services.seal_audit()
    assert queries.check_everything() == []


def test_check_finds_what_is_wrong(hana: Standing) -> None:
    """Unsealed events, failed and stuck jobs, failed periodic work, open secrets: each in two languages."""
    jobs.enqueue("late.job", {})
    jobs.enqueue("failed.job", {})
    Job.objects.filter(handler="failed.job").update(failed_at=now(), attempts=8, last_error="ValueError('x')")
    Turn.objects.create(name="periodic", next_at=now(), last_run_at=now(), last_error="boom")
    leaked = home().secrets / "leaked.key"
    leaked.write_text("x")
    leaked.chmod(0o644)
    found = {finding.code: finding for finding in queries.check_everything(now() + timedelta(minutes=20))}
    assert set(found) == {"audit-unsealed", "job-failed", "jobs-stuck", "periodic-failed", "secrets-readable"}
    assert found["job-failed"].severity is Severity.FAULT
    assert "failed.job" in found["job-failed"].sentence.ja
    assert "leaked.key" in found["secrets-readable"].sentence.en


def test_every_event_has_words() -> None:
    """The operator reads words, not class names."""
    import tdpf.processes.wiring  # noqa: F401 - defines the events of all rooms

    told = {getattr(event, "name", "") for event in Event.__subclasses__() if event.__module__.startswith("tdpf.")}
    assert len(told) > 60
    assert told - {""} <= set(EVENT_WORDS)
