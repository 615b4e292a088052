"""Writes about roles in an organisation: inviting, accepting, changing, leaving."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from tdpf.controlplane.members import errors, events, queries, rules
from tdpf.controlplane.members.models import Invitation, Member, Membership, Organization
from tdpf.controlplane.members.types import InvitationState, OrganizationState, Role, Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid

INVITATION_LIFE = timedelta(days=14)


@transaction.atomic
def invite_member(*, actor: Standing, organization_uid: str, email: str, role: Role | str) -> Invitation:
    """Offer a role to the holder of a mail address, who accepts it as a member (after signing up, if need be).

    It holds for fourteen days. Raises as `may_administer`; AddressInvalid, AlreadyMember, AlreadyInvited.
    Announces MemberInvited.
    """
    organization = _locked(organization_uid)
    rules.may_administer(actor, organization.party_id)
    address = rules.must_be_address(email)
    offered = Role(role)
    known = queries.find_member_by_email(address)
    if known is not None and Membership.objects.filter(organization=organization, member=known).exists():
        raise errors.AlreadyMember
    instant = now()
    waiting = Invitation.objects.filter(organization=organization, email=address, state=InvitationState.OPEN)
    if waiting.filter(expires_at__gt=instant).exists():
        raise errors.AlreadyInvited(email=address)
    waiting.update(state=InvitationState.WITHDRAWN, answered_at=instant)
    invitation = Invitation.objects.create(
        uid=new_uid(),
        organization=organization,
        email=address,
        role=offered,
        invited_by_id=actor.member_id,
        invited_at=instant,
        expires_at=instant + INVITATION_LIFE,
    )
    announce(
        events.MemberInvited(
            actor=actor.actor,
            subject=f"organization:{organization.uid}",
            invitation_uid=invitation.uid,
            role=offered.value,
        )
    )
    return invitation


@transaction.atomic
def withdraw_invitation(*, actor: Standing, invitation_uid: str) -> Invitation:
    """Take an open invitation back. Raises InvitationNotFound and as `may_administer`. Announces InvitationClosed."""
    invitation = _open_invitation(invitation_uid)
    rules.may_administer(actor, invitation.organization.party_id)
    return _close(invitation, InvitationState.WITHDRAWN, actor)


@transaction.atomic
def accept_invitation(*, actor: Standing, invitation_uid: str) -> Membership:
    """Take the offered role; only a member who has confirmed the invited address may.

    Raises MemberSuspended, InvitationNotFound, OrganizationNotApproved, AlreadyMember.
    Announces InvitationClosed and RoleGiven.
    """
    invitation = _invitation_to(actor, invitation_uid)
    organization = _locked(invitation.organization.uid)
    if organization.state != OrganizationState.APPROVED:
        raise errors.OrganizationNotApproved
    if Membership.objects.filter(organization=organization, member_id=actor.member_id).exists():
        raise errors.AlreadyMember
    membership = Membership.objects.create(
        uid=new_uid(),
        organization=organization,
        member_id=actor.member_id,
        role=invitation.role,
        given_by=invitation.invited_by,
        given_at=now(),
    )
    _close(invitation, InvitationState.ACCEPTED, actor)
    announce(
        events.RoleGiven(
            actor=actor.actor,
            subject=f"organization:{organization.uid}",
            member_uid=actor.member_uid,
            role=invitation.role,
        )
    )
    return membership


@transaction.atomic
def decline_invitation(*, actor: Standing, invitation_uid: str) -> Invitation:
    """Turn the offered role down. Raises MemberSuspended, InvitationNotFound. Announces InvitationClosed."""
    return _close(_invitation_to(actor, invitation_uid), InvitationState.DECLINED, actor)


@transaction.atomic
def change_role(*, actor: Standing, membership_uid: str, role: Role | str) -> Membership:
    """Give a member of the organisation another role.

    Raises MemberNotFound, LastAdministrator and as `may_administer`. Announces RoleGiven.
    """
    membership = _locked_membership(membership_uid)
    rules.may_administer(actor, membership.organization.party_id)
    given, before = Role(role), membership.role
    if given == before:
        return membership
    rules.must_keep_administrator([*_other_roles(membership), given])
    membership.role = given
    membership.given_by = Member.objects.get(pk=actor.member_id)
    membership.given_at = now()
    membership.save(update_fields=["role", "given_by", "given_at"])
    announce(
        events.RoleGiven(
            actor=actor.actor,
            subject=f"organization:{membership.organization.uid}",
            member_uid=membership.member.uid,
            role=given.value,
            before=before,
        )
    )
    return membership


@transaction.atomic
def end_membership(*, actor: Standing, membership_uid: str, reason: str = "") -> None:
    """Leave an organisation, or remove a member from it as its administrator; the last administrator stays.

    Raises MemberNotFound, LastAdministrator and, for others than oneself, as `may_administer`. Announces RoleEnded.
    """
    membership = _locked_membership(membership_uid)
    if membership.member_id == actor.member_id:
        rules.must_be_free_to_act(actor)
    else:
        rules.may_administer(actor, membership.organization.party_id)
    rules.must_keep_administrator(_other_roles(membership))
    membership.delete()
    announce(
        events.RoleEnded(
            actor=actor.actor,
            subject=f"organization:{membership.organization.uid}",
            reason=reason.strip(),
            member_uid=membership.member.uid,
            before=membership.role,
        )
    )


def _locked(uid: str) -> Organization:
    # The organisation's row is the lock for all its roles: two administrators cannot leave at the same moment.
    found = Organization.objects.select_for_update().filter(uid=uid).first()
    if found is None:
        raise errors.OrganizationNotFound(organization=uid)
    return found


def _locked_membership(uid: str) -> Membership:
    found = Membership.objects.select_related("organization").filter(uid=uid).first()
    if found is None:
        raise errors.MemberNotFound(member=uid)
    _locked(found.organization.uid)
    held = Membership.objects.select_related("organization", "member").filter(uid=uid).first()
    if held is None:
        raise errors.MemberNotFound(member=uid)
    return held


def _other_roles(membership: Membership) -> list[str]:
    others = Membership.objects.filter(organization=membership.organization).exclude(pk=membership.pk)
    return list(others.values_list("role", flat=True))


def _open_invitation(uid: str) -> Invitation:
    found = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organization", "invited_by")
        .filter(uid=uid, state=InvitationState.OPEN, expires_at__gt=now())
        .first()
    )
    if found is None:
        raise errors.InvitationNotFound
    return found


def _invitation_to(actor: Standing, uid: str) -> Invitation:
    rules.must_be_free_to_act(actor)
    invitation = _open_invitation(uid)
    known = queries.find_member_by_email(invitation.email)
    if known is None or known.pk != actor.member_id:
        raise errors.InvitationNotFound
    return invitation


def _close(invitation: Invitation, outcome: InvitationState, actor: Standing) -> Invitation:
    invitation.state = outcome
    invitation.answered_at = now()
    invitation.save(update_fields=["state", "answered_at"])
    announce(
        events.InvitationClosed(
            actor=actor.actor,
            subject=f"organization:{invitation.organization.uid}",
            invitation_uid=invitation.uid,
            outcome=outcome.value,
        )
    )
    return invitation
