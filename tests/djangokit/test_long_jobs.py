"""Jobs that take long: outside any transaction, in a loop of their own, and never lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tdpf.djangokit import jobs
from tdpf.djangokit.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
RELEASED = threading.Event()
LONG, SHORT, CALL = "testroom.tasks.long", "testroom.tasks.short", "testroom.tasks.call"


@pytest.fixture
def done() -> Iterator[list[tuple[str, bool]]]:
    """What ran, and whether it ran in a transaction."""
    ran: list[tuple[str, bool]] = []

    def long(payload: dict[str, Any]) -> None:
        ran.append(("long", connection.in_atomic_block))
        if payload.get("fails"):
            raise ValueError("on purpose")
        if payload.get("waits"):
            RELEASED.wait(30)

    def short(_: dict[str, Any]) -> None:
        ran.append(("short", connection.in_atomic_block))

    def call(_: dict[str, Any]) -> None:
        ran.append(("call", connection.in_atomic_block))
        RELEASED.wait(30)

    jobs.handler(CALL, waits=True)(call)
    jobs.handler(LONG, takes_long=True)(long)
    jobs.handler(SHORT)(short)
    yield ran
    for name in (LONG, SHORT, CALL):
        jobs._handlers.pop(name)
        jobs._lanes.pop(name, None)


def test_a_long_job_holds_no_transaction(done: list[tuple[str, bool]]) -> None:
    """A short one does."""
    jobs.enqueue(LONG, {})
    jobs.enqueue(SHORT, {})
    assert jobs.run_pending(lane="short") == 1
    assert jobs.run_pending(lane="long") == 1
    assert done == [("short", True), ("long", False)]
    assert not Job.objects.exists()


def test_a_long_job_that_fails_waits_for_its_next_try(done: list[tuple[str, bool]]) -> None:
    """Like any other."""
    jobs.enqueue(LONG, {"fails": True})
    assert jobs.run_pending() == 1
    job = Job.objects.get()
    assert job.attempts == 1
    assert job.locked_until is None
    assert "on purpose" in job.last_error


@pytest.mark.parametrize(("slow", "other"), [(LONG, SHORT), (CALL, SHORT), (CALL, LONG), (LONG, CALL)])
def test_no_lane_waits_for_another(
    done: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch, slow: str, other: str
) -> None:
    """The worker does the one while the other still runs or waits for somebody silent, and stops when told to."""
    monkeypatch.setattr(jobs, "_periodic", {})
    stop = threading.Event()
    RELEASED.clear()
    jobs.enqueue(slow, {"waits": True})

    def worker() -> None:
        try:
            jobs.work(stop.is_set, idle_seconds=0.02)
        finally:
            connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        _until(lambda: len(done) == 1)
        jobs.enqueue(other, {})
        _until(lambda: len(done) == 2)
        assert Job.objects.filter(handler=slow).exists()
        RELEASED.set()
        _until(lambda: not Job.objects.exists())
    finally:
        RELEASED.set()
        stop.set()
        thread.join(timeout=10)
    assert not thread.is_alive()


def _until(true: Any, seconds: float = 15) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)
