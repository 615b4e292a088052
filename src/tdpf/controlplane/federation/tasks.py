"""What the worker does for this room: it begins runs when their time has come, each in a process, and frees stuck ones;
it has links looked at in the same way, and sends the weekly letters about dead ones.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail

from tdpf.controlplane.federation import children, services
from tdpf.djangokit.jobs import every, handler
from tdpf.kit.clock import now


@every(seconds=10, name="federation.tasks.keep_runs_going")
def keep_runs_going() -> int:
    """Free runs that stand still, let due sites wait, and begin as many as may go on at once; return how many began."""
    instant = now()
    for run_uid in services.free_stuck_runs(instant=instant):
        children.end(run_uid)
    if not settings.HARVEST_AT_ONCE:
        return 0
    waiting = services.begin_due_runs(instant=instant)
    going_on = children.going_on() - {children.LINKS}
    begun = [run_uid for run_uid in waiting if run_uid not in going_on]
    begun = begun[: max(0, settings.HARVEST_AT_ONCE - len(going_on))]
    for run_uid in begun:
        children.begin(run_uid)
    return len(begun)


@every(seconds=600, name="federation.tasks.look_at_links")
def look_at_links() -> bool:
    """Have links looked at whose time has come, unless that goes on already; say whether it began."""
    if not settings.HARVEST_AT_ONCE or children.LINKS in children.going_on() or not services.links_are_due():
        return False
    children.begin(children.LINKS)
    return True


@every(seconds=6 * 3600, name="federation.tasks.tell_of_dead_links")
def tell_of_dead_links() -> int:
    """Have the weekly letters about dead links sent that are due; return how many."""
    return services.send_link_digests()


@every(seconds=86_400, name="federation.tasks.forget_old")
def forget_old() -> int:
    """Remove old runs, faults and looks at links, as the settings say; return how much."""
    instant = now()
    return services.forget_old(
        runs_before=instant - timedelta(days=settings.KEEP_RUNS_DAYS),
        faults_before=instant - timedelta(days=settings.KEEP_FAULTS_DAYS),
        links_before=instant - timedelta(days=settings.KEEP_LINKS_DAYS),
    )


@handler("federation.tasks.match_registered")
def match_registered(payload: dict[str, Any]) -> None:
    """Join what other sites list of a member's dataset that was published or renamed."""
    services.match_registered(dataset_uid=payload["dataset_uid"])


@handler("federation.tasks.mail_link_digest")
def mail_link_digest(payload: dict[str, Any]) -> None:
    """Send one letter about dead links; each address has its own, so that a bad one keeps no other waiting."""
    send_mail(payload["subject"], payload["body"], settings.DEFAULT_FROM_EMAIL, [payload["address"]])
