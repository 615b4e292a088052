"""What the worker does for this room: letters about decisions, and suspensions that end by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail

from tdpf.controlplane.members import letters, queries, services
from tdpf.controlplane.members.models import Invitation, Party
from tdpf.controlplane.members.types import Role
from tdpf.djangokit.jobs import every, handler
from tdpf.kit.clock import now
from tdpf.kit.text import Text


@every(seconds=2, name="members.tasks.end_due_suspensions")
def end_due_suspensions() -> int:
    """End the suspensions whose time is over."""
    return services.end_due_suspensions()


@handler("members.tasks.mail_invitation")
def mail_invitation(payload: dict[str, Any]) -> None:
    """Send the invitation of a MemberInvited to the invited address, unless it was answered meanwhile."""
    found = Invitation.objects.filter(uid=payload["invitation_uid"], state="open")
    invitation = found.select_related("organization__party", "invited_by").first()
    if invitation is None:
        return
    letter = letters.invitation(
        organization=_name_of(invitation.organization.party),
        role=invitation.role,
        invited_by=invitation.invited_by.display_name,
        address=_page("/home"),
        expires_at=invitation.expires_at,
    )
    known = queries.find_member_by_email(invitation.email)
    _send(letter, {invitation.email: known.language if known else invitation.invited_by.language})


@handler("members.tasks.mail_application")
def mail_application(payload: dict[str, Any]) -> None:
    """Tell the operators of an OrganizationApplied."""
    party = _party(payload)
    letter = letters.application_waiting(organization=_name_of(party), address=_page("/operator/organizations"))
    _send(letter, {member.email: member.language for member in queries.operators()})


@handler("members.tasks.mail_review_result")
def mail_review_result(payload: dict[str, Any]) -> None:
    """Tell the organisation's administrators of an OrganizationReviewed."""
    party = _party(payload)
    organization = queries.organization_of_party(party.pk)
    letter = letters.review_result(
        organization=_name_of(party),
        decision=payload["decision"],
        reason=payload["reason"],
        address=_page(f"/organizations/{organization.uid if organization else ''}"),
    )
    _send(letter, _administrators(party))


@handler("members.tasks.mail_suspension")
def mail_suspension(payload: dict[str, Any]) -> None:
    """Tell a party of its suspension after a PartySuspended."""
    party = _party(payload)
    letter = letters.suspension(
        party=_name_of(party),
        reason=payload["reason"],
        continues=payload["continues"],
        until_at=datetime.fromisoformat(payload["until_at"]) if payload["until_at"] else None,
        stops_keys=payload["stops_keys"],
        offers=len(payload["stops_offers"]),
        stops_sign_in=payload["stops_sign_in"],
    )
    _send(letter, _administrators(party))


@handler("members.tasks.mail_suspension_ended")
def mail_suspension_ended(payload: dict[str, Any]) -> None:
    """Tell a party that its suspension is over after a SuspensionEnded."""
    party = _party(payload)
    others = queries.live_suspensions(now()).filter(party=party).count()
    letter = letters.suspension_ended(party=_name_of(party), reason=payload["reason"], others=others)
    _send(letter, _administrators(party))


def _party(payload: dict[str, Any]) -> Party:
    return queries.parties_by_id([payload["party_id"]])[payload["party_id"]]


def _administrators(party: Party) -> dict[str, str]:
    told = queries.members_of_party(party.pk, minimum=Role.ADMINISTRATOR)
    return {member.email: member.language for member in told}


def _name_of(party: Party) -> Text:
    return Text(party.name_ja, party.name_en or party.name_ja)


def _page(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


def _send(letter: letters.Letter, readers: dict[str, str]) -> None:
    for address, language in readers.items():
        send_mail(
            f"[TDPF] {letter.subject.in_(language)}",
            letter.body.in_(language),
            settings.DEFAULT_FROM_EMAIL,
            [address],
        )
