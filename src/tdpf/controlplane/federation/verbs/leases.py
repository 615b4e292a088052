"""Who works on a run: one holder at a time, shown by a lease that changes hands when its heartbeat stops."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import OperationalError, transaction

from tdpf.controlplane.federation import rules
from tdpf.controlplane.federation.models import Run
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid

_BEAT_SECONDS = 5.0


class LeaseLost(Exception):
    """Somebody else works on the run now, or it is over: whoever meets this stops at once and writes nothing."""


class StopAsked(Exception):
    """The operator asked for the end of the run."""


def take_lease(run_uid: str) -> Run | None:
    """Begin to work on a run that waits; return it with its site, or None when it does not wait."""
    instant = now()
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(uid=run_uid, state=Run.State.WAITING).first()
        if run is None:
            return None
        run.state, run.lease, run.heartbeat_at = Run.State.RUNNING, new_uid(), instant
        run.started_at = run.started_at or instant
        run.reads_since = run.reads_since or instant
        run.save(update_fields=["state", "lease", "heartbeat_at", "started_at", "reads_since"])
    return Run.objects.select_related("site").get(pk=run.pk)


def hold(run: Run) -> None:
    """Make sure, inside a transaction that writes, that the run is still ours. Raises LeaseLost."""
    held = Run.objects.select_for_update().filter(pk=run.pk, lease=run.lease, state=Run.State.RUNNING)
    if not held.exists():
        raise LeaseLost


def free_stuck_runs(*, instant: datetime) -> list[str]:
    """Let runs wait again whose heartbeat stopped, so that they go on from their cursor; too often is a failure.

    Returns the uids of those that wait again.
    """
    freed: list[str] = []
    for run in Run.objects.filter(state=Run.State.RUNNING).order_by("pk"):
        if not rules.is_stuck(run.heartbeat_at, instant):
            continue
        line = [
            instant.isoformat(),
            "動きが止まったため、続きから始め直します",
            "it stood still and begins again from where it was",
        ]
        with transaction.atomic():
            held = Run.objects.select_for_update().filter(pk=run.pk, lease=run.lease, state=Run.State.RUNNING)
            if run.restarts >= rules.MOST_RESTARTS:
                continue
            held.update(
                state=Run.State.WAITING, lease="", restarts=run.restarts + 1, log=rules.log_with(run.log, [line])
            )
            freed.append(run.uid)
    return freed


class Heart:
    """Beats for a run: tells that somebody works on it, and hears when it is to end."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._next = 0.0

    def beat(self) -> None:
        """Tell at most every few seconds. Raises LeaseLost, StopAsked."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _BEAT_SECONDS
        held = Run.objects.filter(pk=self._run.pk, lease=self._run.lease, state=Run.State.RUNNING)
        try:
            if not held.update(heartbeat_at=now()):
                raise LeaseLost
            if held.filter(stop_asked=True).exists():
                raise StopAsked
        except OperationalError:
            # A database that is busy for a moment is no reason to end; the next beat tells.
            return
