"""Suspension: what stops, what continues, its end, and who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cast_of_members import Announced, again, company
from django.core import mail
from django.test import Client
from made_members import MakeMember

from tdpf.controlplane.members import errors, events, queries, services, tasks
from tdpf.controlplane.members.models import Member, Organization, Suspension
from tdpf.controlplane.members.types import Standing, WhatStops
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db


def person(standing: Standing) -> str:
    """Return the uid of the member's own party."""
    return queries.parties_by_id([standing.person_party_id])[standing.person_party_id].uid


def test_a_suspended_member_cannot_act(hana: Standing, operator: Standing, announced: Announced) -> None:
    """Keys and named offers are listed for the gate; every rule refuses; the reason is kept and told."""
    services.suspend(
        actor=operator,
        party_uid=person(hana),
        what=WhatStops(keys=True, offers=("offer-b", "offer-a", "offer-a")),
        reason="第三者への再配布",
        continues="約定の閲覧",
    )
    standing = again(hana)
    assert standing.is_suspended
    for rule in (queries.may_edit, queries.may_provide, queries.may_sign):
        with pytest.raises(errors.MemberSuspended):
            rule(standing, hana.person_party_id)
    queries.may_view(standing, hana.person_party_id)
    with pytest.raises(errors.MemberSuspended):
        services.apply_organization(actor=standing, facts=company())
    with pytest.raises(errors.MemberSuspended):
        services.edit_profile(actor=standing, display_name="x")
    assert queries.suspended_party_ids() == {hana.person_party_id}
    assert queries.parties_with_stopped_keys() == {hana.person_party_id}
    assert queries.stopped_offer_uids() == {"offer-a", "offer-b"}
    told = announced(events.PartySuspended)[0]
    assert (told.actor, told.reason) == (operator.member_uid, "第三者への再配布")
    assert told.payload["stops_offers"] == ["offer-a", "offer-b"]
    tasks.mail_suspension({"event": told.name, **told.payload})
    assert mail.outbox[-1].to == ["hana@example.jp"]
    assert "第三者への再配布" in mail.outbox[-1].body
    assert "約定の閲覧" in mail.outbox[-1].body


def test_a_suspended_organisation_stops_for_all_its_members_but_they_go_on_themselves(
    approved: Organization, hana: Standing, operator: Standing
) -> None:
    """The person goes on in their own name."""
    services.suspend(actor=operator, party_uid=approved.party.uid, what=WhatStops(), reason="調査中")
    standing = again(hana)
    assert not standing.is_suspended
    with pytest.raises(errors.PartySuspended):
        queries.may_edit(standing, approved.party_id)
    queries.may_sign(standing, hana.person_party_id)
    assert queries.get_party(approved.party.uid).suspended
    assert queries.parties_with_stopped_keys() == frozenset()


def test_signing_in_stops_at_once_and_comes_back(hana: Standing, operator: Standing) -> None:
    """An open session ends with the next request; lifting gives the account back."""
    member = Member.objects.get(uid=hana.member_uid)
    client = Client()
    client.force_login(member, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.session["_auth_user_id"]
    made = services.suspend(
        actor=operator, party_uid=person(hana), what=WhatStops(sign_in=True), reason="乗っ取りの疑い"
    )
    from allauth.account.auth_backends import AuthenticationBackend

    assert AuthenticationBackend().get_user(member.pk) is None
    services.lift_suspension(actor=operator, suspension_uid=made.uid, reason="本人を確認")
    assert AuthenticationBackend().get_user(member.pk) == member
    assert not again(hana).is_suspended


def test_an_order_sent_twice_is_one(hana: Standing, operator: Standing, announced: Announced) -> None:
    """And there is nothing left of it when it is lifted; with another reason it is another order."""
    orders = [
        services.suspend(actor=operator, party_uid=person(hana), what=WhatStops(offers=("b", "a")), reason=" 一 ")
        for _ in range(2)
    ]
    assert orders[0].pk == orders[1].pk
    assert len(announced(events.PartySuspended)) == 1
    other = services.suspend(actor=operator, party_uid=person(hana), what=WhatStops(offers=("a", "b")), reason="二")
    services.lift_suspension(actor=operator, suspension_uid=other.uid, reason="解除")
    services.lift_suspension(actor=operator, suspension_uid=orders[0].uid, reason="解除")
    assert not again(hana).is_suspended


def test_two_suspensions_are_two(hana: Standing, operator: Standing) -> None:
    """Lifting one leaves what the other stops, and its letter says that it does."""
    first = services.suspend(
        actor=operator, party_uid=person(hana), what=WhatStops(keys=True, sign_in=True), reason="一"
    )
    second = services.suspend(actor=operator, party_uid=person(hana), what=WhatStops(offers=("o",)), reason="二")
    services.lift_suspension(actor=operator, suspension_uid=first.uid, reason="解除")
    tasks.mail_suspension_ended({"party_id": hana.person_party_id, "reason": "解除"})
    assert "ほかに1件の利用停止が続いています" in mail.outbox[-1].body
    assert again(hana).is_suspended
    assert Member.objects.get(uid=hana.member_uid).is_active
    assert queries.parties_with_stopped_keys() == frozenset()
    assert queries.stopped_offer_uids() == {"o"}
    services.lift_suspension(actor=operator, suspension_uid=second.uid, reason="解除")
    assert not again(hana).is_suspended
    assert not queries.get_party(person(hana)).suspended
    with pytest.raises(errors.SuspensionNotFound):
        services.lift_suspension(actor=operator, suspension_uid=second.uid, reason="もう一度")


def test_a_suspension_ends_by_itself(hana: Standing, operator: Standing, announced: Announced) -> None:
    """From its end on nothing is stopped; the worker then clears the marks and tells."""
    until = now() + timedelta(hours=1)
    services.suspend(
        actor=operator, party_uid=person(hana), what=WhatStops(keys=True, sign_in=True), reason="期限つき", until=until
    )
    assert services.end_due_suspensions(until - timedelta(seconds=1)) == 0
    assert queries.parties_with_stopped_keys(until) == frozenset()
    assert queries.parties_with_stopped_keys(until - timedelta(seconds=1)) == {hana.person_party_id}
    assert services.end_due_suspensions(until) == 1
    assert services.end_due_suspensions(until) == 0
    assert Member.objects.get(uid=hana.member_uid).is_active
    assert not queries.get_party(person(hana)).suspended
    ended = announced(events.SuspensionEnded)
    assert [(event.actor, event.payload["party_id"]) for event in ended] == [("system", hana.person_party_id)]
    tasks.mail_suspension_ended({"event": ended[0].name, **ended[0].payload})
    assert mail.outbox[-1].to == ["hana@example.jp"]


def test_who_may_not_suspend_or_lift(
    hana: Standing, taro: Standing, operator: Standing, make_member: MakeMember
) -> None:
    """Members, operators without a second factor, and operators in their own case may not."""
    bare = make_member("bare", mfa=False, operator=True)
    made = services.suspend(actor=operator, party_uid=person(hana), what=WhatStops(), reason="理由")
    for actor, problem in ((taro, errors.OperatorNeeded), (bare, errors.MfaNeeded)):
        with pytest.raises(problem):
            services.suspend(actor=actor, party_uid=person(hana), what=WhatStops(), reason="理由")
        with pytest.raises(problem):
            services.lift_suspension(actor=actor, suspension_uid=made.uid, reason="理由")
    with pytest.raises(errors.MemberSuspended):
        services.lift_suspension(actor=again(hana), suspension_uid=made.uid, reason="理由")
    with pytest.raises(errors.OwnOrganization):
        services.suspend(actor=operator, party_uid=person(operator), what=WhatStops(), reason="理由")
    second = make_member("second", operator=True)
    services.suspend(actor=second, party_uid=person(operator), what=WhatStops(), reason="理由")
    with pytest.raises(errors.MemberSuspended):
        services.suspend(actor=again(operator), party_uid=person(taro), what=WhatStops(), reason="理由")
    assert Suspension.objects.count() == 2


def test_a_suspension_needs_words_and_a_future(hana: Standing, operator: Standing, approved: Organization) -> None:
    """No reason, an end in the past, or signing in of an organisation: refused, and nothing is kept."""
    with pytest.raises(errors.ReasonNeeded):
        services.suspend(actor=operator, party_uid=person(hana), what=WhatStops(), reason=" ")
    with pytest.raises(errors.EndsInThePast):
        services.suspend(actor=operator, party_uid=person(hana), what=WhatStops(), reason="x", until=now())
    with pytest.raises(errors.SignInOnlyForPeople):
        services.suspend(actor=operator, party_uid=approved.party.uid, what=WhatStops(sign_in=True), reason="x")
    with pytest.raises(errors.PartyNotFound):
        services.suspend(actor=operator, party_uid="nobody", what=WhatStops(), reason="x")
    assert not Suspension.objects.exists()
