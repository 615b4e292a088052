"""Every write of this room: keyword-only verbs, one transaction each; a run is many."""

from __future__ import annotations

from tdpf.controlplane.federation.verbs.digests import send_link_digests
from tdpf.controlplane.federation.verbs.forgetting import forget_old
from tdpf.controlplane.federation.verbs.joining import match_registered
from tdpf.controlplane.federation.verbs.leases import free_stuck_runs
from tdpf.controlplane.federation.verbs.links import Looked, keep_looks
from tdpf.controlplane.federation.verbs.looking import links_are_due, look_at_due_links
from tdpf.controlplane.federation.verbs.pairs import decide_pair, part_record
from tdpf.controlplane.federation.verbs.proposals import propose_from_table, take_table
from tdpf.controlplane.federation.verbs.running import perform_run
from tdpf.controlplane.federation.verbs.sites import (
    add_site,
    ask_run,
    begin_due_runs,
    begin_run,
    edit_site,
    keep_site,
    set_site_state,
    stop_run,
)

__all__ = [
    "Looked",
    "add_site",
    "ask_run",
    "begin_due_runs",
    "begin_run",
    "decide_pair",
    "edit_site",
    "forget_old",
    "free_stuck_runs",
    "keep_looks",
    "keep_site",
    "links_are_due",
    "look_at_due_links",
    "match_registered",
    "part_record",
    "perform_run",
    "propose_from_table",
    "send_link_digests",
    "set_site_state",
    "stop_run",
    "take_table",
]
