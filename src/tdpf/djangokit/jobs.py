"""Jobs: what the worker does later, enqueued in the transaction that asks for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet

from tdpf.djangokit.models import Job, Turn
from tdpf.kit.clock import now

log = logging.getLogger("tdpf.jobs")

Payload = dict[str, Any]
Handler = Callable[[Payload], None]
Lane = Literal["short", "long", "asked", "apart", "waiting"]
LOOPS: dict[Lane, int] = {"long": 1, "asked": 2, "apart": 1, "waiting": 3}
"""How many loops each lane but the first has: what takes this process's own time has one, what others do for it costs little."""
MAX_ATTEMPTS = 20
"""With the pauses between them about nine hours: a mail server may be away for a night's work."""
LEASE = timedelta(minutes=20)
"""Longer than any job may take: whoever still holds one after it is taken for dead."""

_LOOK_AROUND = 1.0
_LAST_SECONDS = 5.0
_handlers: dict[str, Handler] = {}
_lanes: dict[str, Lane] = {}
_periodic: dict[str, Periodic] = {}


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task that runs again and again: `every` after its last run."""

    name: str
    every: timedelta
    run: Callable[[], object]


def handler(name: str, *, lane: Lane = "short") -> Callable[[Handler], Handler]:
    """Register a function as the job handler of that name ("room.tasks.verb").

    A `short` one runs in the transaction that removes its job. All others run outside any transaction, because on SQLite
    a transaction keeps every other writer waiting; they may run twice and must bear it. No lane waits for another: `long`
    is work of this process, `asked` is done by a process of its own for somebody who looks at the page, `apart` as well
    but for minutes, and `waiting` waits for somebody else's machine.
    """

    def register(function: Handler) -> Handler:
        _handlers[name] = function
        if lane != "short":
            _lanes[name] = lane
        return function

    return register


def every(*, seconds: float, name: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function without arguments as a periodic task."""

    def register(function: Callable[[], object]) -> Callable[[], object]:
        _periodic[name] = Periodic(name, timedelta(seconds=seconds), function)
        return function

    return register


def enqueue(name: str, payload: Payload, *, run_at: datetime | None = None, key: str | None = None) -> None:
    """Ask for a job in the present transaction; with a `key`, one that already waits is not asked for twice."""
    instant = now()
    values = {"handler": name, "payload": payload, "run_at": run_at or instant, "created_at": instant}
    if key is None:
        Job.objects.create(key=None, **values)
        return
    try:
        with transaction.atomic():
            Job.objects.create(key=key, **values)
    except IntegrityError:
        Job.objects.filter(key=key, locked_until__isnull=True, run_at__gt=values["run_at"]).update(
            run_at=values["run_at"]
        )


def waiting_since(names: str) -> datetime | None:
    """Return when the oldest job was asked for, of those that wait for a handler whose name begins so; None for none."""
    waiting = Job.objects.filter(handler__startswith=names, failed_at__isnull=True)
    return waiting.order_by("created_at").values_list("created_at", flat=True).first()


def retry_pause(attempts: int) -> timedelta:
    """Return how long to wait before the next try: 2, 4, 8 … seconds, at most an hour."""
    return timedelta(seconds=min(2**attempts, 3600))


def run_one(instant: datetime | None = None, *, lane: Lane | None = None) -> bool:
    """Do one due job, of one lane if that is given, and say whether there was one; a failing job waits for its next try."""
    job = _claim(instant or now(), lane)
    if job is None:
        return False
    function = _handlers.get(job.handler)
    try:
        if function is None:
            raise LookupError(f"no handler is registered under {job.handler!r}")
        if job.handler in _lanes:
            function(job.payload)
            Job.objects.filter(pk=job.pk).delete()
        else:
            with transaction.atomic():
                function(job.payload)
                Job.objects.filter(pk=job.pk).delete()
    except Exception as fault:
        log.exception("job %s failed (try %d)", job.handler, job.attempts)
        _put_back(job, fault)
    return True


def run_due_turns(instant: datetime | None = None) -> int:
    """Run the periodic tasks whose time has come; return how many ran."""
    ran = 0
    # One look for all: taking a turn writes, and on SQLite whoever tries to write keeps the others waiting.
    waiting = dict(Turn.objects.values_list("name", "next_at"))
    for task in _periodic.values():
        present = instant or now()
        if task.name in waiting and waiting[task.name] > present:
            continue
        if _take_turn(task, present):
            ran += 1
            error = ""
            try:
                task.run()
            except Exception as fault:
                log.exception("periodic task %s failed", task.name)
                error = repr(fault)[:2000]
            Turn.objects.filter(pk=task.name).update(last_run_at=now(), last_error=error)
    return ran


def run_pending(limit: int = 1000, *, lane: Lane | None = None) -> int:
    """Do every job that is due now, those they enqueue included; return how many were done. `lane` as in `run_one`."""
    done = 0
    while done < limit and run_one(lane=lane):
        done += 1
    return done


def work(stopped: Callable[[], bool], *, idle_seconds: float = 0.2) -> None:
    """Do jobs and periodic tasks until `stopped()`; the loop of `tdpf run worker`. The other lanes have loops of their own.

    One thread looks for all of these what is due, so that lanes cost nothing while they are empty.
    """
    due = {lane: threading.Event() for lane in LOOPS}
    beside = [
        threading.Thread(target=_work_lane, args=(lane, due[lane], stopped), name=f"{lane} jobs {number}", daemon=True)
        for lane, loops in LOOPS.items()
        for number in range(loops)
    ]
    beside.append(threading.Thread(target=_look, args=(due, stopped, idle_seconds), name="due jobs", daemon=True))
    for thread in beside:
        thread.start()
    while not stopped():
        run_due_turns()
        if run_pending(limit=50, lane="short") == 0:
            time.sleep(idle_seconds)
    for event in due.values():
        event.set()
    until = time.monotonic() + _LAST_SECONDS
    for thread in beside:
        thread.join(timeout=max(0.0, until - time.monotonic()))


def _work_lane(lane: Lane, due: threading.Event, stopped: Callable[[], bool]) -> None:
    while not stopped():
        with _going_on(f"the loop of {lane} jobs"):
            if due.wait(timeout=_LOOK_AROUND) and not stopped() and not run_one(lane=lane):
                due.clear()
    connection.close()


def _look(due: Mapping[Lane, threading.Event], stopped: Callable[[], bool], idle_seconds: float) -> None:
    while not stopped():
        with _going_on("the look for due jobs"):
            for name in _due(now()).filter(handler__in=_lanes).values_list("handler", flat=True).distinct():
                due[_lanes[name]].set()
            time.sleep(idle_seconds)
    connection.close()


@contextmanager
def _going_on(what: str) -> Iterator[None]:
    """A database that is busy or away for a moment must not end a loop for good."""
    try:
        yield
    except Exception:
        log.exception("%s stumbled", what)
        connection.close()
        time.sleep(1)


def registered_handlers() -> frozenset[str]:
    """Return the names of all job handlers this process knows."""
    return frozenset(_handlers)


def registered_periodic() -> dict[str, Periodic]:
    """Return the periodic tasks this process knows, by name."""
    return dict(_periodic)


def _claim(instant: datetime, lane: Lane | None = None) -> Job | None:
    due = _due(instant)
    if lane == "short":
        due = due.exclude(handler__in=_lanes)
    elif lane is not None:
        due = due.filter(handler__in=[name for name, of in _lanes.items() if of == lane])
    if not due.exists():
        return None
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        job = due.order_by("run_at", "id").first()
        if job is None:
            return None
        taken = Job.objects.filter(pk=job.pk, attempts=job.attempts).update(
            locked_until=instant + LEASE, attempts=job.attempts + 1, key=None
        )
        job.attempts += 1
        return job if taken else None


def _due(instant: datetime) -> QuerySet[Job]:
    free = Q(locked_until__isnull=True) | Q(locked_until__lt=instant)
    return Job.objects.filter(free, failed_at__isnull=True, run_at__lte=instant)


def _put_back(job: Job, fault: Exception) -> None:
    instant = now()
    spent = job.attempts >= MAX_ATTEMPTS
    Job.objects.filter(pk=job.pk).update(
        locked_until=None,
        last_error=repr(fault)[:4000],
        run_at=instant + retry_pause(job.attempts),
        failed_at=instant if spent else None,
    )


def _take_turn(task: Periodic, instant: datetime) -> bool:
    following = instant + task.every
    _, made = Turn.objects.get_or_create(name=task.name, defaults={"next_at": following})
    if made:
        return True
    return Turn.objects.filter(pk=task.name, next_at__lte=instant).update(next_at=following) == 1
