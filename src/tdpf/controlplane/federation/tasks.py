"""What the worker does for this room: it begins runs when their time has come, each in a process, and frees stuck ones."""

from __future__ import annotations

from django.conf import settings

from tdpf.controlplane.federation import children, services
from tdpf.djangokit.jobs import every
from tdpf.kit.clock import now


@every(seconds=10, name="federation.tasks.keep_runs_going")
def keep_runs_going() -> int:
    """Free runs that stand still, let due sites wait, and begin as many as may go on at once; return how many began."""
    instant = now()
    for run_uid in services.free_stuck_runs(instant=instant):
        children.end(run_uid)
    waiting = services.begin_due_runs(instant=instant)
    room = settings.HARVEST_AT_ONCE - len(children.going_on())
    begun = [run_uid for run_uid in waiting if run_uid not in children.going_on()][: max(0, room)]
    for run_uid in begun:
        children.begin(run_uid)
    return len(begun)
