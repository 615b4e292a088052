"""Outbox and jobs: nothing announced is lost, nothing runs before its decision is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction

from tdpf.djangokit import jobs, outbox
from tdpf.djangokit.models import Job, OutboxEvent, Turn
from tdpf.kit.clock import now
from tdpf.kit.events import Event

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, kw_only=True)
class BoxOpened(Event):
    """A made-up event."""

    name: ClassVar[str] = "testroom.BoxOpened"
    box: str


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What the subscriber of BoxOpened was told."""
    told: list[dict[str, Any]] = []
    jobs.handler("testroom.tasks.hear")(told.append)
    outbox.subscribe(BoxOpened, "testroom.tasks.hear")
    yield told
    outbox._subscribed.pop(BoxOpened.name)
    jobs._handlers.pop("testroom.tasks.hear")


def test_an_event_reaches_its_subscriber_after_the_transaction(heard: list[dict[str, Any]]) -> None:
    """Stored and told, with every field."""
    with transaction.atomic():
        outbox.announce(BoxOpened(actor="someone", subject="box:1", reason="curious", box="red"))
    jobs.run_pending()
    assert [(item["event"], item["box"], item["reason"]) for item in heard] == [
        ("testroom.BoxOpened", "red", "curious")
    ]
    assert OutboxEvent.objects.filter(name="testroom.BoxOpened", subject="box:1").count() == 1


def test_what_was_rolled_back_was_never_announced(heard: list[dict[str, Any]]) -> None:
    """Neither the event nor the job survives."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.announce(BoxOpened(actor="someone", subject="box:2", box="red"))
        raise ZeroDivisionError
    jobs.run_pending()
    assert heard == []
    assert not OutboxEvent.objects.filter(subject="box:2").exists()


def test_announcing_outside_a_transaction_is_a_bug() -> None:
    """The decision and its news are one."""
    with pytest.raises(RuntimeError):
        outbox.announce(BoxOpened(actor="someone", subject="box:3", box="red"))


def test_a_failing_job_is_tried_again_and_then_left_for_a_person() -> None:
    """With growing pauses, its last error kept."""
    tries = []

    def fail(payload: dict[str, Any]) -> None:
        tries.append(payload)
        raise ValueError("no luck")

    jobs.handler("testroom.tasks.fail")(fail)
    jobs.enqueue("testroom.tasks.fail", {"n": 1})
    instant = now()
    for _ in range(jobs.MAX_ATTEMPTS + 3):
        instant += timedelta(hours=2)
        jobs.run_one(instant)
    job = Job.objects.get(handler="testroom.tasks.fail")
    assert len(tries) == jobs.MAX_ATTEMPTS
    assert job.failed_at is not None
    assert "no luck" in job.last_error
    pauses = [jobs.retry_pause(number) for number in range(1, jobs.MAX_ATTEMPTS)]
    assert pauses == sorted(pauses)
    assert sum(pauses, timedelta()) > timedelta(hours=8)
    jobs._handlers.pop("testroom.tasks.fail")


def test_a_job_without_handler_is_kept() -> None:
    """An unknown name is a failure to look at, not a loss."""
    jobs.enqueue("testroom.tasks.nobody", {})
    assert jobs.run_one()
    assert "nobody" in Job.objects.get(handler="testroom.tasks.nobody").last_error


def test_a_keyed_job_waits_once() -> None:
    """Asking twice for the same thing makes one job."""
    for _ in range(3):
        jobs.enqueue("testroom.tasks.once", {}, key="once")
    assert Job.objects.filter(handler="testroom.tasks.once").count() == 1


def test_a_job_left_by_a_dead_worker_is_taken_again() -> None:
    """The lease ends and somebody else does it."""
    done = []
    jobs.handler("testroom.tasks.done")(done.append)
    jobs.enqueue("testroom.tasks.done", {"x": 1})
    taken = jobs._claim(now())
    assert taken is not None
    assert not jobs.run_one()
    assert jobs.run_one(now() + jobs.LEASE + timedelta(seconds=1))
    assert done == [{"x": 1}]
    jobs._handlers.pop("testroom.tasks.done")


def test_a_periodic_task_runs_when_its_time_has_come() -> None:
    """Not before, and a failing one does not stop the others."""
    ran: list[str] = []

    def broken() -> None:
        raise OSError("disk")

    others = dict(jobs._periodic)
    jobs._periodic.clear()
    try:
        jobs.every(seconds=60, name="testroom.broken")(broken)
        jobs.every(seconds=60, name="testroom.tick")(lambda: ran.append("tick"))
        start = now()
        jobs.run_due_turns(start)
        jobs.run_due_turns(start + timedelta(seconds=30))
        assert ran == ["tick"]
        jobs.run_due_turns(start + timedelta(seconds=61))
        assert ran == ["tick", "tick"]
        assert "disk" in Turn.objects.get(name="testroom.broken").last_error
    finally:
        jobs._periodic.clear()
        jobs._periodic.update(others)
