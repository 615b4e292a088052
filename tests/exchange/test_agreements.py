"""The life of an agreement: in force, suspended, ended; and what each side may do to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from exchange_scene import CONDITIONAL, Shelf, again, ask, company_of, offered, sealed, told
from made_members import MakeMember

from tdpf.controlplane.exchange import errors, events, queries, services
from tdpf.controlplane.exchange.models import Agreement
from tdpf.controlplane.exchange.types import AgreementState, AgreementView, EndCause, OfferView, RequestState
from tdpf.controlplane.members.errors import OperatorNeeded, OwnOrganization, RoleNeeded
from tdpf.controlplane.members.queries import anonymous_standing
from tdpf.controlplane.members.types import Standing
from tdpf.kit.clock import jst_date, jst_midnight, now

pytestmark = pytest.mark.django_db


def granted(agreement: AgreementView) -> bool:
    """Say whether the gate would let the agreement's application in."""
    return agreement.number in {fact.agreement for fact in queries.live_grants_facts(now())}


def test_the_consumer_ends_it_at_any_time(agreement: AgreementView, consumer: Standing, provider: Standing) -> None:
    """No reason is needed; it is over at once, for good, and both sides see it."""
    assert granted(agreement)
    ended = services.end_agreement(actor=consumer, agreement_uid=agreement.uid)
    assert (ended.state, ended.end_cause) == (AgreementState.ENDED, EndCause.CONSUMER)
    assert ended.ended_at is not None
    assert ended.sealed == agreement.sealed
    assert not granted(agreement)
    assert queries.agreement_page(agreement.uid, provider) == ended
    with pytest.raises(errors.StepNotPossible):
        services.end_agreement(actor=consumer, agreement_uid=agreement.uid)
    assert [event.payload["cause"] for event in told(events.AgreementEnded)] == ["consumer"]


def test_an_ended_agreement_may_be_followed_by_another(
    agreement: AgreementView, offer: OfferView, consumer: Standing
) -> None:
    """The same application asks again on the present terms."""
    services.end_agreement(actor=consumer, agreement_uid=agreement.uid)
    assert ask(consumer, offer, application_uid=agreement.application_uid).state is RequestState.SUBMITTED


def test_the_provider_cannot_simply_end_it(agreement: AgreementView, provider: Standing) -> None:
    """They are told the two ways: notice, or a report to the operator."""
    with pytest.raises(errors.ProviderMayNotEnd) as caught:
        services.end_agreement(actor=provider, agreement_uid=agreement.uid, reason="気が変わった")
    assert "予告" in caught.value.detail_in("ja")
    assert granted(agreement)


def test_a_breach_goes_to_the_operator(
    agreement: AgreementView, provider: Standing, consumer: Standing, operator: Standing
) -> None:
    """The provider reports; the operator suspends, lifts, or ends with a reason."""
    with pytest.raises(RoleNeeded):
        services.report_breach(actor=consumer, agreement_uid=agreement.uid, text="自分")
    with pytest.raises(errors.ReasonNeeded):
        services.report_breach(actor=provider, agreement_uid=agreement.uid, text="")
    services.report_breach(actor=provider, agreement_uid=agreement.uid, text="無断で再配布しています。")
    twice = services.report_breach(actor=provider, agreement_uid=agreement.uid, text="今日も続いています。")
    assert twice.breach_text == "無断で再配布しています。\n\n今日も続いています。"
    assert [one.uid for one in queries.breaches_to_judge()] == [agreement.uid]
    stopped = services.suspend_agreement(actor=operator, agreement_uid=agreement.uid, reason="確かめるため")
    assert stopped.state is AgreementState.SUSPENDED
    assert not granted(agreement)
    lifted = services.lift_agreement_suspension(actor=operator, agreement_uid=agreement.uid, reason="改められた")
    assert lifted.state is AgreementState.ACTIVE
    assert lifted.breach_reported_at is None
    assert granted(agreement)
    with pytest.raises(errors.ReasonNeeded):
        services.end_agreement(actor=operator, agreement_uid=agreement.uid, reason="")
    ended = services.end_agreement(actor=operator, agreement_uid=agreement.uid, reason="再び違反した")
    assert (ended.end_cause, ended.ended_reason) == (EndCause.BREACH, "再び違反した")
    with pytest.raises(errors.StepNotPossible):
        services.report_breach(actor=provider, agreement_uid=agreement.uid, text="遅い報告")


def test_a_breach_may_be_none(agreement: AgreementView, provider: Standing, operator: Standing) -> None:
    """The operator's dismissal takes it from the desk and leaves the words in the record."""
    services.report_breach(actor=provider, agreement_uid=agreement.uid, text="違反と思います。")
    with pytest.raises(OperatorNeeded):
        services.dismiss_breach(actor=provider, agreement_uid=agreement.uid, reason="取り下げ")
    judged = services.dismiss_breach(actor=operator, agreement_uid=agreement.uid, reason="条件の範囲内")
    assert judged.breach_text == "違反と思います。"
    assert queries.breaches_to_judge() == []
    assert granted(agreement)


def test_only_an_impartial_operator_judges(
    agreement: AgreementView, provider: Standing, consumer: Standing, stranger: Standing
) -> None:
    """Sides and strangers cannot suspend or lift."""
    for actor in (provider, consumer, stranger):
        with pytest.raises(OperatorNeeded):
            services.suspend_agreement(actor=actor, agreement_uid=agreement.uid, reason="x")
        with pytest.raises(OperatorNeeded):
            services.lift_agreement_suspension(actor=actor, agreement_uid=agreement.uid, reason="x")


def test_an_operator_who_is_a_side_does_not_judge(offer: OfferView, operator: Standing, provider: Standing) -> None:
    """An operator's own agreement is judged by another operator."""
    agreement = sealed(provider, ask(operator, offer))
    with pytest.raises(OwnOrganization):
        services.suspend_agreement(actor=operator, agreement_uid=agreement.uid, reason="自分の")


def test_strangers_know_of_nothing(agreement: AgreementView, stranger: Standing, operator: Standing) -> None:
    """An agreement is between its sides; the operator may look."""
    for actor in (stranger, anonymous_standing()):
        with pytest.raises(errors.AgreementUnknown):
            queries.agreement_page(agreement.uid, actor)
        for call in (
            lambda who: services.end_agreement(actor=who, agreement_uid=agreement.uid),
            lambda who: services.report_breach(actor=who, agreement_uid=agreement.uid, text="x"),
        ):
            with pytest.raises(errors.AgreementUnknown):
                call(actor)
        assert queries.agreements_for(actor) == []
        assert queries.agreements_of_dataset(agreement.dataset.uid, actor) == []
    assert queries.agreement_page(agreement.uid, operator) == agreement
    with pytest.raises(errors.AgreementUnknown):
        services.end_agreement(actor=operator, agreement_uid="none", reason="x")


def test_lists_of_both_sides(agreement: AgreementView, provider: Standing, consumer: Standing) -> None:
    """Each side finds it under its own side; numbers lead back to it."""
    assert queries.agreements_for(provider, side="provider") == [agreement]
    assert queries.agreements_for(provider, side="consumer") == []
    assert queries.agreements_for(consumer, side="consumer") == queries.agreements_for(consumer) == [agreement]
    assert queries.agreements_of_application(agreement.application_uid) == [agreement]
    assert queries.agreements_of_dataset(agreement.dataset.uid, provider) == [agreement]
    assert queries.agreements_by_number([agreement.number, 999]) == {agreement.number: agreement}


def test_an_organisation_s_viewer_cannot_end_it(
    offer: OfferView, provider: Standing, consumer: Standing, operator: Standing, make_member: MakeMember
) -> None:
    """Ending binds the party as signing does: administrators only."""
    from tdpf.controlplane.members import queries as members
    from tdpf.controlplane.members import services as member_services

    party = company_of(consumer, operator)
    boss, viewer = again(consumer), make_member("etsuran")
    organization = members.organization_of_party(party)
    assert organization is not None
    invitation = member_services.invite_member(
        actor=boss, organization_uid=organization.uid, email="etsuran@example.jp", role="viewer"
    )
    member_services.accept_invitation(actor=viewer, invitation_uid=invitation.uid)
    agreement = sealed(provider, ask(boss, offer, consumer_party_id=party))
    assert queries.agreement_page(agreement.uid, again(viewer)) == agreement
    with pytest.raises(RoleNeeded):
        services.end_agreement(actor=again(viewer), agreement_uid=agreement.uid)
    assert services.end_agreement(actor=boss, agreement_uid=agreement.uid).state is AgreementState.ENDED


def test_it_ends_by_itself_after_its_last_day(shelf: Shelf, consumer: Standing, provider: Standing) -> None:
    """The last day counts whole; the gate knows the end beforehand; the worker ends it once."""
    last = jst_date(now()) + timedelta(days=3)
    offer = offered(shelf, {**CONDITIONAL, "period_end": last.isoformat()})
    agreement = sealed(provider, ask(consumer, offer))
    over = jst_midnight(last + timedelta(days=1))
    (fact,) = queries.live_grants_facts(now())
    assert fact.ends_at == over
    assert queries.next_midnight_of_change(now()) == over
    assert services.end_due_agreements(now=over - timedelta(seconds=1)) == 0
    assert queries.live_grants_facts(over - timedelta(seconds=1)) == [fact]
    assert queries.live_grants_facts(over) == []
    assert services.end_due_agreements(now=over) == 1
    assert services.end_due_agreements(now=over) == 0
    ended = queries.agreement_page(agreement.uid, consumer)
    assert (ended.state, ended.end_cause, ended.ended_at) == (AgreementState.ENDED, EndCause.PERIOD, over)
    assert told(events.AgreementEnded)[0].actor == "system"


def test_a_future_beginning_is_known_to_the_gate(shelf: Shelf, consumer: Standing, provider: Standing) -> None:
    """An agreement for later is in the snapshot with its first instant."""
    first = jst_date(now()) + timedelta(days=5)
    offer = offered(shelf, {**CONDITIONAL, "period_start": first.isoformat(), "period_months": 1})
    sealed(provider, ask(consumer, offer))
    (fact,) = queries.live_grants_facts(now())
    assert fact.starts_at == jst_midnight(first)
    assert queries.next_midnight_of_change(now()) == jst_midnight(first)


def test_an_agreement_speaks_odrl(agreement: AgreementView) -> None:
    """Target, columns and both sides stand in the machine form."""
    policy = queries.agreement_as_odrl(
        agreement,
        agreement_iri="https://x.example/agreements/1",
        target_iri="https://x.example/datasets/1",
        assigner_iri="https://x.example/p",
        assignee_iri="https://x.example/c",
        vocabulary_iri="https://x.example/v#",
    )
    assert (policy["@type"], policy["assignee"]) == ("Agreement", "https://x.example/c")
    assert policy["target"]["refinement"][0]["rightOperand"] == list(agreement.columns)  # type: ignore[index]


def test_a_track_record_is_what_was_agreed_and_kept(
    offer: OfferView, provider: Standing, consumer: Standing, operator: Standing
) -> None:
    """Requests, agreements, those in force, those ended for a breach, and since when."""
    assert queries.track_record(consumer.person_party_id).first_sealed_at is None
    first = sealed(provider, ask(consumer, offer))
    services.end_agreement(actor=operator, agreement_uid=first.uid, reason="再配布")
    sealed(provider, ask(consumer, offer))
    ask(consumer, offer)
    record = queries.track_record(consumer.person_party_id)
    assert (record.requests, record.agreements, record.in_force, record.breaches) == (3, 2, 1, 1)
    assert record.first_sealed_at == first.sealed_at


def test_numbers_are_never_used_twice(offer: OfferView, provider: Standing, consumer: Standing) -> None:
    """The ledger counts by the number, so even a number whose row is gone does not come again."""
    first = sealed(provider, ask(consumer, offer))
    Agreement.objects.filter(number=first.number).delete()
    assert sealed(provider, ask(consumer, offer)).number > first.number >= 1
