"""The operator's page of the data plane: every gateway and delivery node, its snapshot, and what providers' servers do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.types import GateNodeFacts, UpstreamFacts
from tdpf.controlplane.operations import queries as operations
from tdpf.controlplane.operations.types import PartHealth
from tdpf.faces.portal.standing import operator_page
from tdpf.kit import clock

_MANY_ERRORS = 0.05


@dataclass(frozen=True, slots=True)
class NodeShown:
    """One node: how it is, its snapshot's age and end, and what it says of itself."""

    facts: GateNodeFacts
    health: PartHealth
    snapshot_at: datetime | None
    valid_until: datetime | None
    started_at: datetime | None
    notes: list[str]
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class UpstreamShown:
    """One provider's server at one gateway; `state` resting, failing, unused or ok; `slug` "" where it is no dataset's own."""

    facts: UpstreamFacts
    state: str
    slug: str


@operator_page
def gateways(request: HttpRequest) -> HttpResponse:
    """Show every node with its snapshot, and every provider's server with what it does."""
    now = clock.now()
    by_label = {part.label.ja.rpartition(" ")[2]: part for part in operations.health(now)}
    context = {
        "now": now,
        "stamp": access.current_stamp(),
        "nodes": [_node(node, by_label[node.name]) for node in access.gate_nodes()],
        "upstreams": [_upstream(facts) for facts in access.upstreams_now()],
        "trail": [(_("運営"), reverse("operator-desk")), (_("ゲートウェイ"), "")],
    }
    return render(request, "portal/operator/gateways.html", context)


def _node(node: GateNodeFacts, health: PartHealth) -> NodeShown:
    told: dict[str, Any] = dict(node.health)
    return NodeShown(
        facts=node,
        health=health,
        snapshot_at=_instant(told.get("snapshot_created_at")),
        valid_until=_instant(told.get("snapshot_not_after")),
        started_at=_instant(told.get("started_at")),
        notes=[str(note) for note in told.get("notes", ())],
        figures=dict(told.get("figures", {})),
    )


def _instant(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds else None


def _upstream(facts: UpstreamFacts) -> UpstreamShown:
    if facts.resting:
        state = "resting"
    elif facts.errors + facts.unreached > _MANY_ERRORS * max(1, facts.requests):
        state = "failing"
    else:
        state = "ok" if facts.requests else "unused"
    return UpstreamShown(facts, state, facts.name.partition(".")[0] if facts.kind == "api" else "")
