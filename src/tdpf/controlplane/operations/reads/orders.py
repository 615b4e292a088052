"""Reads about suspension orders and the operator's queues."""

from __future__ import annotations

from datetime import datetime

from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.operations.types import Queue, StoppedOffer, SuspensionOrder
from tdpf.djangokit.models import Job
from tdpf.kit.clock import now as present
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

_LATEST = 50


def suspension_orders(standing: Standing, *, now: datetime | None = None) -> list[SuspensionOrder]:
    """Return the suspensions in force for the operator's page, newest first. Raises as `may_operate`."""
    members.may_operate(standing)
    instant = now or present()
    return [_order(found.uid, instant) for found in members.list_live_suspensions(instant)]


def latest_suspension_orders(standing: Standing, *, now: datetime | None = None) -> list[SuspensionOrder]:
    """Return the suspensions in force and the latest that have ended, newest first. Raises as `may_operate`."""
    instant = now or present()
    live = suspension_orders(standing, now=instant)
    known = {order.uid for order in live}
    ended = [found.uid for found in members.list_suspensions(_LATEST) if found.uid not in known]
    return [*live, *(_order(uid, instant) for uid in ended)]


def suspension_orders_of(standing: Standing, party_id: int, *, now: datetime | None = None) -> list[SuspensionOrder]:
    """Return every suspension of a party, for its own members and for the operator, newest first.

    Raises as `may_view`, or as `may_operate` for somebody without a role.
    """
    if party_id in standing.roles or party_id in standing.pending_roles:
        members.may_view(standing, party_id)
    else:
        members.may_operate(standing)
    instant = now or present()
    return [_order(found.uid, instant) for found in members.suspensions_of(party_id)]


def suspension_order(standing: Standing, uid: str, *, now: datetime | None = None) -> SuspensionOrder:
    """Return one suspension for the operator. Raises SuspensionNotFound and as `may_operate`."""
    members.may_operate(standing)
    return _order(uid, now or present())


def queues(now: datetime | None = None) -> list[Queue]:
    """Return what waits for the operator's judgement, with since when."""
    waiting = members.list_organizations_to_review()
    spent = Job.objects.filter(failed_at__isnull=False).order_by("failed_at")
    breaches = exchange.breaches_to_judge()
    since = [suspension.from_at for suspension in members.list_live_suspensions(now or present())]
    since += [offer.suspended_at for offer in exchange.suspended_offers() if offer.suspended_at]
    return [
        Queue(
            name="organizations",
            label=Text("審査待ちの団体", "Organisations to review"),
            waiting=len(waiting),
            oldest_at=waiting[0].applied_at if waiting else None,
        ),
        Queue(
            name="breaches",
            label=Text("違反の申立て", "Reported breaches"),
            waiting=len(breaches),
            oldest_at=None,
        ),
        Queue(
            name="suspensions",
            label=Text("発効中の利用停止・提供の停止", "Suspensions and stopped offers in force"),
            waiting=len(since),
            oldest_at=min(since, default=None),
        ),
        Queue(
            name="jobs",
            label=Text("止まった作業", "Work that failed"),
            waiting=spent.count(),
            oldest_at=spent.values_list("failed_at", flat=True).first(),
        ),
    ]


def _order(uid: str, now: datetime) -> SuspensionOrder:
    found = members.get_suspension(uid)
    return SuspensionOrder(
        uid=found.uid,
        party_uid=found.party.uid,
        party_slug=found.party.slug,
        party_name=Text(found.party.name_ja, found.party.name_en or found.party.name_ja),
        party_kind=found.party.kind,
        stops_keys=found.stops_keys,
        stops_sign_in=found.stops_sign_in,
        offers=tuple(_offer(offer_uid) for offer_uid in found.stops_offers),
        continues=found.continues,
        reason=found.reason,
        decided_by=found.decided_by.display_name,
        from_at=found.from_at,
        until_at=found.until_at,
        lifted_at=found.lifted_at,
        lifted_by=found.lifted_by.display_name if found.lifted_by else "",
        lift_reason=found.lift_reason,
        in_force=found.lifted_at is None and (found.until_at is None or found.until_at > now),
    )


def _offer(uid: str) -> StoppedOffer:
    try:
        offer = exchange.get_offer(uid)
    except Problem:
        return StoppedOffer(uid=uid, title_ja="", title_en="", slug="")
    dataset = offer.dataset
    return StoppedOffer(uid=uid, title_ja=dataset.title_ja, title_en=dataset.title_en, slug=dataset.slug)
