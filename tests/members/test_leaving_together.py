"""Two administrators who leave at the same moment do not leave an organisation without one."""

from __future__ import annotations

import threading

import pytest
from cast_of_members import again, company
from django.db import connections
from made_members import MakeMember

from tdpf.controlplane.members import errors, queries, services
from tdpf.controlplane.members.models import Membership


@pytest.mark.django_db(transaction=True)
def test_one_of_two_administrators_stays(make_member: MakeMember) -> None:
    """The organisation's row is the lock: one leaves, the other is told to stay."""
    operator, hana, taro = make_member("operator", operator=True), make_member("hana"), make_member("taro")
    applied = services.apply_organization(actor=hana, facts=company())
    services.review_organization(actor=operator, organization_uid=applied.uid, decision="approve")
    invitation = services.invite_member(
        actor=again(hana), organization_uid=applied.uid, email="taro@example.jp", role="administrator"
    )
    services.accept_invitation(actor=taro, invitation_uid=invitation.uid)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def leave(uid: str, actor: str) -> None:
        start.wait()
        try:
            services.end_membership(actor=queries.standing_of_uid(actor), membership_uid=uid)
            outcomes.append("left")
        except errors.LastAdministrator:
            outcomes.append("stays")
        finally:
            connections.close_all()

    held = [(role.uid, role.member.uid) for role in queries.memberships_of(applied)]
    leaving = [threading.Thread(target=leave, args=pair) for pair in held]
    for thread in leaving:
        thread.start()
    for thread in leaving:
        thread.join()
    assert sorted(outcomes) == ["left", "stays"]
    assert Membership.objects.filter(organization=applied, role="administrator").count() == 1
