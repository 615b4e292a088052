"""Who works on a run: one holder at a time, shown by a lease that changes hands when its heartbeat stops."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import OperationalError, transaction

from tdpf.controlplane.federation import errors, events, rules
from tdpf.controlplane.federation.models import Run, Site
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid
from tdpf.kit.text import Text

_BEAT_SECONDS = 5.0


class LeaseLost(Exception):
    """Somebody else works on the run now, or it is over: whoever meets this stops at once and writes nothing."""


class StopAsked(Exception):
    """The operator asked for the end of the run."""


def take_lease(run_uid: str) -> Run | None:
    """Begin to work on a run that waits; return it with its site, or None when it does not wait."""
    instant = now()
    with transaction.atomic():
        waiting = Run.objects.select_for_update(of=("self",)).select_related("site")
        run = waiting.filter(uid=run_uid, state=Run.State.WAITING).first()
        if run is None:
            return None
        place = rules.place_of(kind=run.site.kind, url=run.site.url, options=run.site.options)
        if run.place != place:
            run.place, run.cursor, run.reads_since, run.is_full = place, {}, None, True
        run.state, run.lease, run.heartbeat_at = Run.State.RUNNING, new_uid(), instant
        run.started_at = run.started_at or instant
        run.reads_since = run.reads_since or instant
        run.save(
            update_fields=[
                "state", "lease", "heartbeat_at", "started_at", "reads_since", "place", "cursor", "is_full"
            ]
        )  # fmt: skip
    return run


def hold(run: Run) -> None:
    """Make sure, inside a transaction that writes, that the run is still ours. Raises LeaseLost."""
    held = Run.objects.select_for_update().filter(pk=run.pk, lease=run.lease, state=Run.State.RUNNING)
    if not held.exists():
        raise LeaseLost


def free_stuck_runs(*, instant: datetime) -> list[str]:
    """Take runs whose heartbeat stopped from their holder: they wait again and go on from their cursor.

    One that stood still too often has failed, one that was to end has ended. Returns the uids of all of them.
    """
    freed: list[str] = []
    for run in Run.objects.filter(state=Run.State.RUNNING).select_related("site").order_by("pk"):
        if not rules.is_stuck(run.heartbeat_at, instant):
            continue
        with transaction.atomic():
            if _end_stuck(run, instant) if _is_over(run) else _let_wait(run, instant):
                freed.append(run.uid)
    return freed


def failures_in_a_row(site: Site) -> int:
    """Return how many runs of the site failed in a row at the end, as far as it matters."""
    ended = Run.objects.filter(site=site, ended_at__isnull=False).order_by("-pk").values_list("state", flat=True)
    states = list(ended[: rules.MOST_FAILURES_IN_A_ROW + 1])
    return next((count for count, state in enumerate(states) if state != Run.State.FAILED), len(states))


def announce_end(run: Run, site: Site, *, reason: str) -> None:
    """Announce that a run ended, with its counts; must be called inside the transaction that ends it."""
    announce(
        events.RunEnded(
            actor="system",
            subject=f"site:{site.uid}",
            reason=reason,
            site=site.slug,
            run_uid=run.uid,
            state=str(run.state),
            seen=run.seen,
            added=run.added,
            changed=run.changed,
            gone=run.gone,
            left_out=run.left_out,
            losses_held=run.losses_held,
        )
    )


def _is_over(run: Run) -> bool:
    return run.stop_asked or run.restarts >= rules.MOST_RESTARTS


def _let_wait(run: Run, instant: datetime) -> bool:
    line = Text("動きが止まったため、続きから始め直します", "it stood still and begins again from where it was")
    return _change_stuck(run, instant, line, state=Run.State.WAITING, lease="", restarts=run.restarts + 1)


def _end_stuck(run: Run, instant: datetime) -> bool:
    line, problem, site = Text("運営者が止めました", "the operator stopped it"), None, run.site
    usual = rules.next_run_at(every_hours=site.every_hours, daily_hour=site.daily_hour, after=instant)
    state = Run.State.STOPPED
    if not run.stop_asked:
        state = Run.State.FAILED
        line = Text("動きが何度も止まったため、終わりにしました", "it stood still again and again and was ended")
        broke = errors.RunBroke(site=site.slug)
        problem = {"code": broke.code, "ja": broke.as_dict("ja"), "en": broke.as_dict("en")}
        usual = rules.retry_at(failures=failures_in_a_row(site) + 1, usual=usual, now=instant)
    if not _change_stuck(run, instant, line, state=state, lease="", ended_at=instant, problem=problem):
        return False
    Site.objects.filter(pk=site.pk).update(next_run_at=usual)
    run.refresh_from_db()
    announce_end(run, site, reason=line.ja)
    return True


def _change_stuck(run: Run, instant: datetime, line: Text, **wanted: object) -> bool:
    """Change a run unless its holder came to life meanwhile; say whether it was changed."""
    held = Run.objects.filter(
        pk=run.pk, lease=run.lease, state=Run.State.RUNNING, heartbeat_at=run.heartbeat_at, stop_asked=run.stop_asked
    )
    lines = rules.log_with(run.log, [[instant.isoformat(timespec="seconds"), line.ja, line.en]])
    return bool(held.update(log=lines, **wanted))


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
