"""Jobs that are not short: outside any transaction, each lane in loops of its own, and never lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import permutations
from typing import Any, cast, get_args

import pytest
from django.db import connection

from tdpf.djangokit import jobs
from tdpf.djangokit.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
RELEASED = threading.Event()
LANES: tuple[jobs.Lane, ...] = get_args(jobs.Lane)
SHORT, LONG = "testroom.tasks.short", "testroom.tasks.long"


@pytest.fixture
def done() -> Iterator[list[tuple[str, bool]]]:
    """What ran, and whether it ran in a transaction."""
    ran: list[tuple[str, bool]] = []

    def register(lane: jobs.Lane) -> None:
        @jobs.handler(f"testroom.tasks.{lane}", lane=lane)
        def run(payload: dict[str, Any]) -> None:
            ran.append((lane, connection.in_atomic_block))
            if payload.get("fails"):
                raise ValueError("on purpose")
            if payload.get("waits"):
                RELEASED.wait(30)

    for lane in LANES:
        register(lane)
    yield ran
    for lane in LANES:
        jobs._handlers.pop(f"testroom.tasks.{lane}")
        jobs._lanes.pop(f"testroom.tasks.{lane}", None)


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


@pytest.mark.parametrize(("slow", "other"), [pair for pair in permutations(LANES, 2) if pair[0] != "short"])
def test_no_lane_waits_for_another(
    done: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch, slow: str, other: str
) -> None:
    """However many stand in the one, the worker does what comes to the other, and stops when told to."""
    monkeypatch.setattr(jobs, "_periodic", {})
    stop = threading.Event()
    RELEASED.clear()
    begun = jobs.LOOPS[cast("jobs.Lane", slow)]
    for _ in range(begun + 1):
        jobs.enqueue(f"testroom.tasks.{slow}", {"waits": True})

    def worker() -> None:
        try:
            jobs.work(stop.is_set, idle_seconds=0.02)
        finally:
            connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        _until(lambda: len(done) == begun)
        jobs.enqueue(f"testroom.tasks.{other}", {})
        _until(lambda: len(done) == begun + 1)
        assert done[-1][0] == other
        assert Job.objects.filter(handler=f"testroom.tasks.{slow}").count() == begun + 1
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
