"""Organisations: applying, being asked back, review, and who may not."""

from __future__ import annotations

import pytest
from cast_of_members import Announced, again, company
from django.core import mail
from made_members import MakeMember

from tdpf.controlplane.members import errors, events, queries, services, tasks
from tdpf.controlplane.members.models import Organization
from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind, OrganizationState, Standing

pytestmark = pytest.mark.django_db


def test_an_organisation_is_reviewed_and_then_has_a_voice(
    hana: Standing, operator: Standing, announced: Announced
) -> None:
    """Applied, asked back, submitted again, approved: only then does its administrator speak for it."""
    applied = services.apply_organization(actor=hana, facts=company(), note="よろしくお願いします")
    assert services.apply_organization(actor=hana, facts=company()).pk == applied.pk
    assert len(announced(events.OrganizationApplied)) == 1
    assert applied.state == OrganizationState.SUBMITTED
    assert again(hana).pending_roles == {applied.party_id: "administrator"}
    with pytest.raises(errors.OrganizationNotApproved):
        queries.may_edit(again(hana), applied.party_id)

    services.review_organization(
        actor=operator, organization_uid=applied.uid, decision="ask_back", reason="所在地を教えてください"
    )
    back = queries.get_organization(applied.uid)
    assert (back.state, back.state_reason) == ("asked_back", "所在地を教えてください")

    services.resubmit_organization(
        actor=again(hana), organization_uid=applied.uid, facts=company(address="東京都新宿区"), note="書きました"
    )
    services.review_organization(actor=operator, organization_uid=applied.uid, decision="approve")
    done = queries.get_organization(applied.uid)
    assert (done.state, done.address, done.reviewed_by_id) == ("approved", "東京都新宿区", operator.member_id)
    standing = again(hana)
    assert standing.roles[applied.party_id] == "administrator"
    queries.may_sign(standing, applied.party_id)
    assert [step.step for step in queries.review_steps(done)] == ["submitted", "asked_back", "resubmitted", "approved"]
    assert [(e.actor, e.payload["decision"], e.reason) for e in announced(events.OrganizationReviewed)] == [
        (operator.member_uid, "ask_back", "所在地を教えてください"),
        (operator.member_uid, "approve", ""),
    ]
    assert [e.payload["again"] for e in announced(events.OrganizationApplied)] == [False, True]


def test_rejected_is_final_and_has_a_reason(submitted: Organization, operator: Standing, hana: Standing) -> None:
    """A rejected application cannot be submitted again; a new one may be made."""
    with pytest.raises(errors.ReasonNeeded):
        services.review_organization(actor=operator, organization_uid=submitted.uid, decision="reject", reason=" ")
    services.review_organization(
        actor=operator, organization_uid=submitted.uid, decision="reject", reason="実在が確認できません"
    )
    with pytest.raises(errors.WrongState):
        services.resubmit_organization(actor=again(hana), organization_uid=submitted.uid, facts=company())
    with pytest.raises(errors.WrongState):
        services.review_organization(actor=operator, organization_uid=submitted.uid, decision="approve")
    fresh = services.apply_organization(actor=again(hana), facts=company())
    assert fresh.party.slug != submitted.party.slug


def test_who_may_not_review(submitted: Organization, hana: Standing, make_member: MakeMember) -> None:
    """Members, operators without a second factor, and operators who belong to the organisation may not."""
    bare = make_member("bare", mfa=False, operator=True)
    with pytest.raises(errors.OperatorNeeded):
        services.review_organization(actor=again(hana), organization_uid=submitted.uid, decision="approve")
    with pytest.raises(errors.MfaNeeded):
        services.review_organization(actor=bare, organization_uid=submitted.uid, decision="approve")
    with pytest.raises(errors.SignInNeeded):
        services.review_organization(
            actor=queries.anonymous_standing(), organization_uid=submitted.uid, decision="approve"
        )
    concerned = make_member("concerned", operator=True)
    own = services.apply_organization(actor=concerned, facts=company("000012050003"))
    with pytest.raises(errors.OwnOrganization):
        services.review_organization(actor=again(concerned), organization_uid=own.uid, decision="approve")
    assert queries.get_organization(submitted.uid).state == "submitted"


def test_one_number_one_approved_organisation(
    submitted: Organization, hana: Standing, taro: Standing, operator: Standing
) -> None:
    """Two may apply with one number; once one is approved, the other is not, and nobody applies with it again."""
    rival = services.apply_organization(actor=taro, facts=company(slug="rival"))
    services.review_organization(actor=operator, organization_uid=submitted.uid, decision="approve")
    with pytest.raises(errors.OrganizationExists):
        services.review_organization(actor=operator, organization_uid=rival.uid, decision="approve")
    assert queries.get_organization(rival.uid).state == "submitted"
    with pytest.raises(errors.OrganizationExists):
        services.apply_organization(actor=taro, facts=company())


def test_a_municipality_applies_with_its_code(hana: Standing) -> None:
    """Pasted spaces and hyphens do no harm; a company's number with its T is understood."""
    town = OrganizationFacts(kind=OrganizationKind.MUNICIPALITY, name_ja="千代田区", municipality_code="13101-6 ")
    applied = services.apply_organization(actor=hana, facts=town)
    assert applied.municipality_code == "131016"
    assert applied.party.slug == "o-131016"
    number = company().corporate_number
    pasted = services.apply_organization(actor=hana, facts=company(corporate_number=f"T{number[:4]} {number[4:]}"))
    assert pasted.corporate_number == number


def test_what_is_wrong_is_said_and_nothing_is_kept(hana: Standing) -> None:
    """A wrong check digit leaves no trace."""
    number = company().corporate_number
    wrong = str((int(number[0]) + 1) % 10) + number[1:]
    with pytest.raises(errors.ApplicationIncomplete) as told:
        services.apply_organization(actor=hana, facts=company(corporate_number=wrong))
    assert [fault["field"] for fault in told.value.data["errors"]] == ["corporate_number"]  # type: ignore[attr-defined]
    assert not Organization.objects.exists()


def test_short_names_are_unique(submitted: Organization, taro: Standing) -> None:
    """A wished-for short name that is taken is refused; one made by us gives way."""
    with pytest.raises(errors.SlugTaken):
        services.apply_organization(actor=taro, facts=company("000012050004", slug=submitted.party.slug))
    made = services.apply_organization(actor=taro, facts=company("000012050004"))
    assert made.party.slug.startswith("koyomi-inc-")


def test_nobody_floods_the_queue(hana: Standing) -> None:
    """A member has five undecided applications at a time; withdrawing one makes room."""
    made = [services.apply_organization(actor=hana, facts=company(f"00001205001{n}")) for n in range(5)]
    with pytest.raises(errors.TooManyApplications):
        services.apply_organization(actor=hana, facts=company("000012050016"))
    services.withdraw_application(actor=again(hana), organization_uid=made[0].uid)
    assert queries.get_organization(made[0].uid).state == "withdrawn"
    services.apply_organization(actor=hana, facts=company("000012050016"))
    assert len(queries.list_organizations_to_review()) == 5


def test_others_do_not_touch_an_application(submitted: Organization, taro: Standing, operator: Standing) -> None:
    """Neither a stranger nor the operator submits, withdraws or edits for the applicant."""
    services.review_organization(actor=operator, organization_uid=submitted.uid, decision="ask_back", reason="?")
    for stranger in (taro, operator):
        with pytest.raises(errors.RoleNeeded):
            services.resubmit_organization(actor=stranger, organization_uid=submitted.uid, facts=company())
        with pytest.raises(errors.RoleNeeded):
            services.withdraw_application(actor=stranger, organization_uid=submitted.uid)
        with pytest.raises(errors.RoleNeeded):
            services.edit_organization(actor=stranger, organization_uid=submitted.uid, address="x")


def test_contact_details_are_the_administrators_own(approved: Organization, hana: Standing) -> None:
    """An administrator changes contact details; the reviewed name and number stay."""
    services.edit_organization(
        actor=again(hana), organization_uid=approved.uid, website="https://example.jp", contact_email="a@example.jp"
    )
    edited = queries.get_organization(approved.uid)
    assert (edited.website, edited.corporate_number) == ("https://example.jp", approved.corporate_number)
    with pytest.raises(errors.ApplicationIncomplete):
        services.edit_organization(actor=again(hana), organization_uid=approved.uid, website="javascript:alert(1)")


def test_letters_about_the_review(
    hana: Standing, operator: Standing, submitted: Organization, announced: Announced
) -> None:
    """Operators hear of an application, its administrators of the decision, in their language."""
    tasks.mail_application({"event": "x", **announced(events.OrganizationApplied)[0].payload})
    assert mail.outbox[-1].to == ["operator@example.jp"]
    services.review_organization(
        actor=operator, organization_uid=submitted.uid, decision="ask_back", reason="所在地を教えてください"
    )
    tasks.mail_review_result({"event": "x", **announced(events.OrganizationReviewed)[0].payload})
    letter = mail.outbox[-1]
    assert letter.to == ["hana@example.jp"]
    assert "株式会社こよみ" in letter.subject
    assert "所在地を教えてください" in letter.body


def test_search_for_the_operator(approved: Organization) -> None:
    """Organisations are found by part of a name, by number and by state."""
    assert queries.search_organizations("こよみ").total == 1
    assert queries.search_organizations(approved.corporate_number).total == 1
    assert queries.search_organizations(state=OrganizationState.SUBMITTED).total == 0
