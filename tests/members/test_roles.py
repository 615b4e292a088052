"""Roles in an organisation: inviting, accepting, changing, leaving, and who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cast_of_members import Announced, again
from django.core import mail
from made_members import MakeMember

from tdpf.controlplane.members import errors, events, queries, services, tasks
from tdpf.controlplane.members.models import Invitation, Member, Membership, Organization
from tdpf.controlplane.members.types import Role, Standing
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db


def join(organization: Organization, by: Standing, who: Standing, role: str) -> Membership:
    """Invite somebody and let them accept."""
    invitation = services.invite_member(
        actor=again(by), organization_uid=organization.uid, email=f"{who.display_name}@example.jp", role=role
    )
    return services.accept_invitation(actor=again(who), invitation_uid=invitation.uid)


def test_an_invitation_is_mailed_accepted_and_gives_the_role(
    approved: Organization, hana: Standing, taro: Standing, announced: Announced
) -> None:
    """The letter goes to the address; the log never holds it."""
    invitation = services.invite_member(
        actor=again(hana), organization_uid=approved.uid, email="Taro@Example.jp", role="editor"
    )
    told = announced(events.MemberInvited)[0]
    assert "example.jp" not in str(told.payload)
    tasks.mail_invitation({"event": told.name, **told.payload})
    assert mail.outbox[-1].to == ["taro@example.jp"]
    assert "株式会社こよみ" in mail.outbox[-1].subject
    assert [found.uid for found in queries.invitations_for(Member.objects.get(uid=taro.member_uid))] == [invitation.uid]
    services.accept_invitation(actor=taro, invitation_uid=invitation.uid)
    assert again(taro).roles[approved.party_id] == "editor"
    assert announced(events.RoleGiven)[0].payload["member_uid"] == taro.member_uid
    tasks.mail_invitation({"event": told.name, **told.payload})
    assert len(mail.outbox) == 1


def test_an_invitation_waits_for_somebody_who_signs_up_later(
    approved: Organization, hana: Standing, make_member: MakeMember
) -> None:
    """The address has no account yet; it gets one, and then the invitation is there."""
    invitation = services.invite_member(
        actor=again(hana), organization_uid=approved.uid, email="later@example.jp", role="viewer"
    )
    later = make_member("later", mfa=False)
    services.accept_invitation(actor=later, invitation_uid=invitation.uid)
    assert again(later).roles[approved.party_id] == "viewer"


def test_an_invitation_is_for_its_address_only(approved: Organization, hana: Standing, taro: Standing) -> None:
    """Nobody else accepts or declines it, nor does it work twice or after its time."""
    invitation = services.invite_member(
        actor=again(hana), organization_uid=approved.uid, email="somebody@example.jp", role="administrator"
    )
    for answer in (services.accept_invitation, services.decline_invitation):
        with pytest.raises(errors.InvitationNotFound):
            answer(actor=taro, invitation_uid=invitation.uid)
    own = services.invite_member(
        actor=again(hana), organization_uid=approved.uid, email="taro@example.jp", role="viewer"
    )
    Invitation.objects.filter(pk=own.pk).update(expires_at=now() - timedelta(seconds=1))
    with pytest.raises(errors.InvitationNotFound):
        services.accept_invitation(actor=taro, invitation_uid=own.uid)
    fresh = services.invite_member(
        actor=again(hana), organization_uid=approved.uid, email="taro@example.jp", role="viewer"
    )
    services.decline_invitation(actor=taro, invitation_uid=fresh.uid)
    with pytest.raises(errors.InvitationNotFound):
        services.accept_invitation(actor=taro, invitation_uid=fresh.uid)
    assert approved.party_id not in again(taro).roles


def test_one_invitation_at_a_time(approved: Organization, hana: Standing, taro: Standing) -> None:
    """A second one is refused while the first is open; a member is not invited again."""
    first = services.invite_member(
        actor=again(hana), organization_uid=approved.uid, email="taro@example.jp", role="viewer"
    )
    with pytest.raises(errors.AlreadyInvited):
        services.invite_member(actor=again(hana), organization_uid=approved.uid, email="taro@example.jp", role="editor")
    services.withdraw_invitation(actor=again(hana), invitation_uid=first.uid)
    join(approved, hana, taro, "viewer")
    with pytest.raises(errors.AlreadyMember):
        services.invite_member(actor=again(hana), organization_uid=approved.uid, email="taro@example.jp", role="editor")


def test_the_last_administrator_stays(approved: Organization, hana: Standing, taro: Standing) -> None:
    """Neither leaving nor stepping down is possible before somebody else administers."""
    held = queries.memberships_of(approved)[0]
    with pytest.raises(errors.LastAdministrator):
        services.end_membership(actor=again(hana), membership_uid=held.uid)
    with pytest.raises(errors.LastAdministrator):
        services.change_role(actor=again(hana), membership_uid=held.uid, role="viewer")
    join(approved, hana, taro, "administrator")
    services.end_membership(actor=again(hana), membership_uid=held.uid, reason="異動")
    assert approved.party_id not in again(hana).roles
    assert again(taro).roles[approved.party_id] == "administrator"


def test_roles_are_changed_and_ended_by_administrators(
    approved: Organization, hana: Standing, taro: Standing, announced: Announced
) -> None:
    """Each change is told with what was before."""
    held = join(approved, hana, taro, "viewer")
    services.change_role(actor=again(hana), membership_uid=held.uid, role=Role.EDITOR)
    assert announced(events.RoleGiven)[-1].payload["before"] == "viewer"
    services.end_membership(actor=again(hana), membership_uid=held.uid, reason="異動")
    ended = announced(events.RoleEnded)[-1]
    assert (ended.reason, ended.payload["before"]) == ("異動", "editor")


def test_who_may_not_manage_roles(
    approved: Organization, hana: Standing, taro: Standing, operator: Standing, make_member: MakeMember
) -> None:
    """Editors, viewers, strangers, the operator, and an administrator without a second factor may not."""
    hers = queries.memberships_of(approved)[0]
    held = join(approved, hana, taro, "editor")
    bare = make_member("bare", mfa=False)
    join(approved, hana, bare, "administrator")
    for actor, problem in ((taro, errors.RoleNeeded), (operator, errors.RoleNeeded), (bare, errors.MfaNeeded)):
        standing = again(actor)
        with pytest.raises(problem):
            services.invite_member(
                actor=standing, organization_uid=approved.uid, email="x@example.jp", role="administrator"
            )
        with pytest.raises(problem):
            services.change_role(actor=standing, membership_uid=held.uid, role="administrator")
        with pytest.raises(problem):
            services.end_membership(actor=standing, membership_uid=hers.uid)
    services.end_membership(actor=again(bare), membership_uid=Membership.objects.get(member_id=bare.member_id).uid)


def test_an_invitation_into_a_suspended_or_unapproved_organisation_is_not_sent(
    submitted: Organization, hana: Standing
) -> None:
    """Before approval nobody is invited."""
    with pytest.raises(errors.OrganizationNotApproved):
        services.invite_member(
            actor=again(hana), organization_uid=submitted.uid, email="taro@example.jp", role="viewer"
        )


def test_who_is_told_of_a_partys_affairs(approved: Organization, hana: Standing, taro: Standing) -> None:
    """Letters go to those with at least the role asked for; a person's party to the person."""
    join(approved, hana, taro, "viewer")
    assert {m.uid for m in queries.members_of_party(approved.party_id)} == {hana.member_uid, taro.member_uid}
    assert [m.uid for m in queries.members_of_party(approved.party_id, minimum=Role.EDITOR)] == [hana.member_uid]
    assert [m.uid for m in queries.members_of_party(taro.person_party_id)] == [taro.member_uid]
    assert [p.pk for p in queries.list_parties_for(again(hana))] == [hana.person_party_id, approved.party_id]
    assert [p.pk for p in queries.list_parties_for(again(taro), minimum=Role.EDITOR)] == [taro.person_party_id]
