"""Writes about suspension: the operator's judged act, its lifting, and its end by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from tdpf.controlplane.members import errors, events, rules
from tdpf.controlplane.members.models import Member, Party, Suspension
from tdpf.controlplane.members.types import PartyKind, Standing, WhatStops
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid


@transaction.atomic
def suspend(
    *,
    actor: Standing,
    party_uid: str,
    what: WhatStops,
    reason: str,
    continues: str = "",
    until: datetime | None = None,
) -> Suspension:
    """Suspend a person or organisation at once: nobody acts for it, and what `what` names stops.

    `continues` says in words what goes on; without `until` it lasts until lifted. The same order again, while it is in
    force, is no second one. Raises OperatorNeeded, MfaNeeded,
    OwnOrganization, PartyNotFound, ReasonNeeded, SignInOnlyForPeople, EndsInThePast. Announces PartySuspended.
    """
    rules.may_operate(actor)
    party = _locked_party(party_uid)
    rules.may_judge(actor, party.pk)
    instant = now()
    rules.must_be_suspendable(PartyKind(party.kind), what, reason, until, instant)
    order: dict[str, Any] = {
        "party": party, "stops_keys": what.keys, "stops_offers": sorted(set(what.offers)), "stops_sign_in": what.sign_in,
        "continues": continues.strip(), "reason": reason.strip(), "until_at": until, "lifted_at": None,
    }  # fmt: skip
    standing = Suspension.objects.filter(party=party, lifted_at__isnull=True)
    for known in standing:
        if all(getattr(known, name) == value for name, value in order.items()):
            return known
    suspension = Suspension.objects.create(uid=new_uid(), decided_by_id=actor.member_id, from_at=instant, **order)
    _apply_to_party(party)
    announce(
        events.PartySuspended(
            actor=actor.actor,
            subject=f"party:{party.uid}",
            reason=suspension.reason,
            suspension_uid=suspension.uid,
            party_id=party.pk,
            stops_keys=suspension.stops_keys,
            stops_offers=tuple(suspension.stops_offers),
            stops_sign_in=suspension.stops_sign_in,
            continues=suspension.continues,
            until_at=until.isoformat() if until else None,
        )
    )
    return suspension


@transaction.atomic
def lift_suspension(*, actor: Standing, suspension_uid: str, reason: str) -> Suspension:
    """End a suspension before its time. Raises OperatorNeeded, MfaNeeded, OwnOrganization, SuspensionNotFound,
    ReasonNeeded. Announces SuspensionEnded."""
    rules.may_operate(actor)
    found = Suspension.objects.select_related("party").filter(uid=suspension_uid, lifted_at__isnull=True).first()
    if found is None:
        raise errors.SuspensionNotFound
    party = _locked_party(found.party.uid)
    rules.may_judge(actor, party.pk)
    rules.must_give_reason(reason)
    suspension = Suspension.objects.select_for_update().filter(pk=found.pk, lifted_at__isnull=True).first()
    if suspension is None:
        raise errors.SuspensionNotFound
    suspension.lifted_by_id = actor.member_id
    return _end(suspension, party, now(), actor=actor.actor, reason=reason.strip())


def end_due_suspensions(instant: datetime | None = None) -> int:
    """End every suspension whose `until_at` has come; return how many. Announces SuspensionEnded for each."""
    present = instant or now()
    due = Suspension.objects.filter(lifted_at__isnull=True, until_at__lte=present).select_related("party")
    ended = 0
    for found in due:
        with transaction.atomic():
            party = _locked_party(found.party.uid)
            suspension = Suspension.objects.select_for_update().filter(pk=found.pk, lifted_at__isnull=True).first()
            if suspension is not None:
                _end(suspension, party, present, actor="system", reason="")
                ended += 1
    return ended


def _end(suspension: Suspension, party: Party, instant: datetime, *, actor: str, reason: str) -> Suspension:
    suspension.lifted_at = instant
    suspension.lift_reason = reason
    suspension.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    _apply_to_party(party)
    announce(
        events.SuspensionEnded(
            actor=actor,
            subject=f"party:{party.uid}",
            reason=reason,
            suspension_uid=suspension.uid,
            party_id=party.pk,
            stopped_offers=tuple(suspension.stops_offers),
        )
    )
    return suspension


def _locked_party(uid: str) -> Party:
    found = Party.objects.select_for_update().filter(uid=uid).first()
    if found is None:
        raise errors.PartyNotFound(party=uid)
    return found


def _apply_to_party(party: Party) -> None:
    live = Suspension.objects.filter(party=party, lifted_at__isnull=True)
    party.suspended = live.exists()
    party.save(update_fields=["suspended"])
    if party.kind == PartyKind.PERSON:
        Member.objects.filter(party=party).update(is_active=not live.filter(stops_sign_in=True).exists())
