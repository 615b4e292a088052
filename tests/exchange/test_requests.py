"""Requests: who may ask for what, the talk between the sides, and what is sealed at the end."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import orjson
import pytest
from exchange_scene import (
    COLUMNS,
    CONDITIONAL,
    Shelf,
    again,
    ask,
    company_of,
    offered,
    sealed,
    sign_ahead,
    told,
)
from made_members import MakeMember

from tdpf.controlplane.exchange import errors, events, queries, services
from tdpf.controlplane.exchange.models import Agreement, Request
from tdpf.controlplane.exchange.types import AgreementState, OfferView, Purpose, RequestState, RequestView
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.errors import MemberSuspended, MfaNeeded, RoleNeeded, SignInNeeded
from tdpf.controlplane.members.queries import anonymous_standing
from tdpf.controlplane.members.types import OrganizationKind, Standing, WhatStops
from tdpf.kit.clock import jst_date, now
from tdpf.kit.ids import new_uid

pytestmark = pytest.mark.django_db


def test_a_request_keeps_what_the_consumer_saw(
    offer: OfferView, request_: RequestView, provider: Standing, consumer: Standing
) -> None:
    """Both sides see the same request, with the terms as they were."""
    assert request_.state is RequestState.SUBMITTED
    assert request_.terms == offer.terms
    assert request_.purpose is Purpose.RESEARCH
    assert queries.get_request(request_.uid, provider) == queries.get_request(request_.uid, consumer) == request_
    assert queries.inbox(provider).to_answer == (request_,)
    assert queries.inbox(consumer).to_answer == ()
    assert queries.requests_by(consumer) == [request_]
    assert queries.requests_to(provider) == queries.requests_of_offer(offer.uid, provider) == [request_]
    assert [event.payload["purpose"] for event in told(events.RequestSubmitted)] == ["research"]


def test_a_stranger_sees_no_request(
    offer: OfferView, request_: RequestView, stranger: Standing, operator: Standing
) -> None:
    """For others it does not exist, whatever they try; the operator reads and does not act."""
    for actor in (stranger, anonymous_standing()):
        with pytest.raises(errors.RequestUnknown):
            queries.get_request(request_.uid, actor)
        assert queries.requests_of_offer(offer.uid, actor) == []
    assert queries.get_request(request_.uid, operator) == request_
    for actor in (stranger, operator, anonymous_standing()):
        for call in (
            lambda who: services.answer_request(actor=who, request_uid=request_.uid, answer="accept"),
            lambda who: services.reply_to_question(actor=who, request_uid=request_.uid, text="x"),
            lambda who: services.withdraw_request(actor=who, request_uid=request_.uid),
        ):
            with pytest.raises(errors.RequestUnknown):
                call(actor)


def test_each_side_does_its_own_part(request_: RequestView, provider: Standing, consumer: Standing) -> None:
    """The consumer does not answer; the provider does not reply or withdraw."""
    with pytest.raises(RoleNeeded):
        services.answer_request(actor=consumer, request_uid=request_.uid, answer="accept")
    with pytest.raises(RoleNeeded):
        services.answer_request(actor=consumer, request_uid=request_.uid, answer="decline", text="x")
    with pytest.raises(RoleNeeded):
        services.withdraw_request(actor=provider, request_uid=request_.uid)
    services.answer_request(actor=provider, request_uid=request_.uid, answer="ask", text="何人で使いますか。")
    with pytest.raises(RoleNeeded):
        services.reply_to_question(actor=provider, request_uid=request_.uid, text="自答")
    assert not Agreement.objects.exists()


def test_signing_needs_a_second_factor(offer: OfferView, make_member: MakeMember, provider: Standing) -> None:
    """A consumer without MFA cannot ask; nobody signed in cannot either."""
    bare = make_member("mfa-nashi", mfa=False)
    with pytest.raises(MfaNeeded):
        ask(bare, offer)
    with pytest.raises(SignInNeeded):
        ask(anonymous_standing(), offer, consumer_party_id=provider.person_party_id)
    assert not Request.objects.exists()


def test_one_asks_in_the_name_of_one_s_own_parties(offer: OfferView, consumer: Standing, stranger: Standing) -> None:
    """Another's party cannot be bound."""
    with pytest.raises(RoleNeeded):
        ask(stranger, offer, consumer_party_id=consumer.person_party_id)


def test_a_talk_until_acceptance(request_: RequestView, provider: Standing, consumer: Standing) -> None:
    """Ask, reply, accept: every turn is kept with side and time, and the agreement is sealed."""
    asked = services.answer_request(actor=provider, request_uid=request_.uid, answer="ask", text=" 何人で使いますか。 ")
    assert asked.state is RequestState.ASKED
    assert queries.inbox(consumer).to_reply == (asked,)
    with pytest.raises(errors.ReasonNeeded):
        services.reply_to_question(actor=consumer, request_uid=request_.uid, text=" ")
    replied = services.reply_to_question(actor=consumer, request_uid=request_.uid, text="3人です。")
    assert replied.state is RequestState.SUBMITTED
    with pytest.raises(errors.StepNotPossible):
        services.reply_to_question(actor=consumer, request_uid=request_.uid, text="もう一度")
    accepted = services.answer_request(actor=provider, request_uid=request_.uid, answer="accept", text="どうぞ。")
    assert accepted.state is RequestState.ACCEPTED
    assert [(message.side, message.text) for message in accepted.messages] == [
        ("provider", "何人で使いますか。"),
        ("consumer", "3人です。"),
        ("provider", "どうぞ。"),
    ]
    assert accepted.agreement_uid
    assert queries.inbox(provider).to_answer == ()
    assert [event.payload["answer"] for event in told(events.RequestAnswered)] == ["ask", "accept"]
    for answer in ("accept", "ask", "decline"):
        with pytest.raises(errors.StepNotPossible):
            services.answer_request(actor=provider, request_uid=request_.uid, answer=answer, text="x")


def test_declining_needs_a_reason(request_: RequestView, provider: Standing, consumer: Standing) -> None:
    """The consumer is told why, and may ask again."""
    for answer in ("ask", "decline"):
        with pytest.raises(errors.ReasonNeeded):
            services.answer_request(actor=provider, request_uid=request_.uid, answer=answer)
    with pytest.raises(errors.WordUnknown):
        services.answer_request(actor=provider, request_uid=request_.uid, answer="maybe", text="x")
    declined = services.answer_request(
        actor=provider, request_uid=request_.uid, answer="decline", text="目的が違います。"
    )
    assert (declined.state, declined.reason) == (RequestState.DECLINED, "目的が違います。")
    assert declined.decided_at is not None
    assert not Agreement.objects.exists()


def test_taking_back(request_: RequestView, consumer: Standing, offer: OfferView) -> None:
    """A consumer takes an open request back and may ask anew with the same application."""
    with pytest.raises(errors.AlreadyAsked) as caught:
        ask(consumer, offer, application_uid=request_.application_uid)
    assert caught.value.data["request"] == request_.uid
    withdrawn = services.withdraw_request(actor=consumer, request_uid=request_.uid, reason="間違えました")
    assert (withdrawn.state, withdrawn.reason) == (RequestState.WITHDRAWN, "間違えました")
    assert ask(consumer, offer, application_uid=request_.application_uid).state is RequestState.SUBMITTED
    assert len(told(events.RequestWithdrawn)) == 1


def test_what_is_asked_for_must_fit(offer: OfferView, consumer: Standing) -> None:
    """Purpose, statement, length and terms are checked, and a refused request leaves nothing behind."""
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"purpose": "commercial"}, errors.PurposeNotOffered),
        ({"purpose": "any"}, errors.WordUnknown),
        ({"purpose": "world domination"}, errors.WordUnknown),
        ({"purpose_statement": "  "}, errors.ReasonNeeded),
        ({"purpose_statement": "あ" * 4001}, errors.TextTooLong),
        ({"terms_sha256": "0" * 64}, errors.TermsChanged),
        ({"offer_uid": "none"}, errors.OfferUnknown),
    ]
    for changes, problem in wrong:
        with pytest.raises(problem):
            ask(consumer, offer, **changes)
    assert not Request.objects.exists()
    assert ask(consumer, offer, terms_sha256=offer.terms_sha256)


def test_information_management_is_stated_where_it_is_asked_for(shelf: Shelf, consumer: Standing) -> None:
    """Terms that ask for care need the consumer's words about it."""
    careful = offered(shelf, {**CONDITIONAL, "information_management": "controlled"})
    with pytest.raises(errors.ReasonNeeded) as caught:
        ask(consumer, careful)
    assert "情報管理体制" in caught.value.detail_in("ja")
    asked = ask(consumer, careful, information_management="担当者2名、暗号化した保管場所。")
    assert asked.information_management == "担当者2名、暗号化した保管場所。"


def test_open_data_need_no_request(open_offer: OfferView, consumer: Standing) -> None:
    """Asking for open data is answered with how to use them."""
    with pytest.raises(errors.OpenNeedsNoAgreement):
        ask(consumer, open_offer)


def test_a_draft_cannot_be_asked_for(shelf: Shelf, consumer: Standing) -> None:
    """Nobody learns of a draft by asking."""
    draft = services.draft_offer(actor=shelf.provider, dataset_uid=shelf.dataset.uid, fields=CONDITIONAL)
    with pytest.raises(errors.OfferUnknown):
        ask(consumer, draft)


@pytest.mark.parametrize(
    ("audience", "kind", "fits"),
    [
        (["universities"], None, False),
        (["organizations"], None, False),
        (["universities"], OrganizationKind.COMPANY, False),
        (["universities", "companies"], OrganizationKind.COMPANY, True),
        (["organizations"], OrganizationKind.NPO, True),
        (["members"], OrganizationKind.NPO, True),
    ],
)
def test_the_audience_decides_who_may_ask(
    shelf: Shelf,
    consumer: Standing,
    operator: Standing,
    audience: list[str],
    kind: OrganizationKind | None,
    fits: bool,
) -> None:
    """Kinds of organisations are admitted as the terms say; automatic terms seal at once."""
    offer = offered(shelf, {**CONDITIONAL, "audience": audience, "approval": "automatic"})
    party = consumer.person_party_id if kind is None else company_of(consumer, operator, kind)
    actor = again(consumer)
    if not fits:
        with pytest.raises(errors.NotForYou):
            ask(actor, offer, consumer_party_id=party)
        assert not Agreement.objects.exists()
        return
    request = ask(actor, offer, consumer_party_id=party)
    assert request.state is RequestState.ACCEPTED
    assert request.agreement_uid is not None
    agreement = queries.agreement_page(request.agreement_uid, actor)
    assert agreement.consumer.id == party
    assert orjson.loads(agreement.sealed)["accepted_by"] == "automatic"
    assert [event.payload["automatic"] for event in told(events.RequestAnswered)] == [True]


def test_one_s_own_offer_is_sealed_at_once(offer: OfferView, provider: Standing) -> None:
    """A provider tries the data with their own application, on the same terms."""
    request = ask(provider, offer)
    assert request.state is RequestState.ACCEPTED
    with pytest.raises(errors.AlreadyAgreed):
        ask(provider, offer, application_uid=request.application_uid)


def test_the_seal(offer: OfferView, request_: RequestView, provider: Standing, consumer: Standing) -> None:
    """The agreement holds parties, dataset, columns, purpose, period and terms word for word; its hash names it."""
    agreement = sealed(provider, request_)
    assert hashlib.sha256(agreement.sealed.encode()).hexdigest() == agreement.sha256
    text = orjson.loads(agreement.sealed)
    assert orjson.dumps(text, option=orjson.OPT_SORT_KEYS).decode() == agreement.sealed
    assert text["provider"]["uid"] == offer.provider.uid
    assert text["consumer"]["uid"] == request_.consumer.uid
    assert text["dataset"]["uid"] == offer.dataset.uid
    assert text["columns"] == list(COLUMNS)
    assert text["purpose"] == {"code": "research", "statement": "歩行者の調査に使います。"}
    assert text["terms_sha256"] == offer.terms_sha256
    assert text["requested_by"] == consumer.member_uid
    assert text["accepted_by"] == provider.member_uid
    assert any("1日に1,000回" in clause["ja"] for clause in text["words"])
    today = jst_date(now())
    assert (agreement.starts_on, agreement.ends_on) == (today, None)
    assert agreement.state is AgreementState.ACTIVE
    assert agreement.terms == offer.terms
    assert (
        queries.agreement_page(agreement.uid, provider) == queries.agreement_page(agreement.uid, consumer) == agreement
    )
    assert [event.payload["sha256"] for event in told(events.AgreementSealed)] == [agreement.sha256]


def test_revised_terms_hold_for_new_agreements_only(
    shelf: Shelf, offer: OfferView, request_: RequestView, provider: Standing, consumer: Standing
) -> None:
    """A waiting request is sealed on the terms it was made on; the next one gets the new terms."""
    services.set_terms(
        actor=provider, offer_uid=offer.uid, fields={**CONDITIONAL, "quota_day": 10, "columns": ["名称"]}
    )
    first = sealed(provider, request_)
    assert first.terms.quota_day == 1000
    assert first.columns == COLUMNS
    second = sealed(provider, ask(consumer, offer))
    assert second.terms.quota_day == 10
    assert second.columns == ("名称",)
    facts = queries.live_grants_facts(now())
    assert [(fact.quota_day, fact.columns) for fact in facts] == [(1000, COLUMNS), (10, ("名称",))]


def test_a_new_column_does_not_flow_into_an_old_agreement(
    shelf: Shelf, request_: RequestView, provider: Standing
) -> None:
    """The agreement names its columns; a version with more columns gives it no more."""
    sealed(provider, request_)
    sign_ahead(provider, shelf, "版2")
    shelf.bring("版2", columns=(*COLUMNS, "管理者の連絡先"))
    (fact,) = queries.live_grants_facts(now())
    assert fact.columns == COLUMNS


def test_periods_come_from_the_terms(shelf: Shelf, consumer: Standing, provider: Standing) -> None:
    """Months count from sealing and stop at the terms' last day; a period that is over seals nothing."""
    today = jst_date(now())
    last = today + timedelta(days=10)
    offer = offered(shelf, {**CONDITIONAL, "period_months": 1, "period_end": last.isoformat()})
    agreement = sealed(provider, ask(consumer, offer))
    assert (agreement.starts_on, agreement.ends_on) == (today, last)
    over = offered(shelf, {**CONDITIONAL, "period_end": (today - timedelta(days=1)).isoformat()})
    with pytest.raises(errors.PeriodOver):
        ask(consumer, over)


def test_an_offer_under_notice_seals_nothing_new(
    offer: OfferView, request_: RequestView, provider: Standing, consumer: Standing
) -> None:
    """Its terms promise more notice than is left."""
    services.give_withdrawal_notice(
        actor=provider, offer_uid=offer.uid, effective_on=jst_date(now()) + timedelta(days=60), reason="更新の終了"
    )
    with pytest.raises(errors.StepNotPossible):
        ask(consumer, offer)
    with pytest.raises(errors.StepNotPossible):
        services.answer_request(actor=provider, request_uid=request_.uid, answer="accept")
    assert services.answer_request(actor=provider, request_uid=request_.uid, answer="decline", text="終わるため。")


def test_suspended_offers_and_parties_seal_nothing(
    offer: OfferView, request_: RequestView, provider: Standing, consumer: Standing, operator: Standing
) -> None:
    """Neither a suspended offer nor a suspended side makes agreements."""
    services.suspend_offer(actor=operator, offer_uid=offer.uid, reason="調査")
    with pytest.raises(errors.StepNotPossible):
        ask(consumer, offer)
    with pytest.raises(errors.StepNotPossible):
        services.answer_request(actor=provider, request_uid=request_.uid, answer="accept")
    services.lift_offer_suspension(actor=operator, offer_uid=offer.uid, reason="終了")
    member_services.suspend(actor=operator, party_uid=offer.provider.uid, what=WhatStops(), reason="違反")
    with pytest.raises(errors.StepNotPossible):
        ask(consumer, offer)
    with pytest.raises(MemberSuspended):
        services.answer_request(actor=again(provider), request_uid=request_.uid, answer="accept")
    member_services.suspend(actor=operator, party_uid=request_.consumer.uid, what=WhatStops(), reason="違反")
    with pytest.raises(MemberSuspended):
        ask(again(consumer), offer)


def test_one_agreement_per_application_and_offer(
    offer: OfferView, request_: RequestView, provider: Standing, consumer: Standing
) -> None:
    """A second is refused while the first is in force; another application may have its own."""
    agreement = sealed(provider, request_)
    with pytest.raises(errors.AlreadyAgreed) as caught:
        ask(consumer, offer, application_uid=request_.application_uid)
    assert (caught.value.data["agreement"], caught.value.data["number"]) == (agreement.uid, agreement.number)
    assert sealed(provider, ask(consumer, offer, application_uid=new_uid())).number > agreement.number
