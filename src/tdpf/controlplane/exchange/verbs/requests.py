"""Writes about requests, and the sealing of agreements."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.exchange import errors, events, rules, shaping
from tdpf.controlplane.exchange.models import Agreement, Offer, OfferRevision, Request
from tdpf.controlplane.exchange.passing_on import why_not_passed_on
from tdpf.controlplane.exchange.sealing import seal_text
from tdpf.controlplane.exchange.terms import terms_from_stored
from tdpf.controlplane.exchange.types import (
    AgreementState,
    Answer,
    OfferState,
    Purpose,
    RequestState,
    RequestView,
    Terms,
)
from tdpf.controlplane.exchange.verbs.locking import agreement_fields, locked_offer, locked_request, request_fields
from tdpf.controlplane.exchange.verbs.offers import columns_of
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import jst_date, now
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.ids import new_uid
from tdpf.kit.text import Text

REASON = Text("理由", "reason")
QUESTION = Text("質問", "question")
REPLY = Text("返事", "reply")
STATEMENT = Text("利用目的の説明", "statement of purpose")
MANAGEMENT = Text("情報管理体制", "statement of information management")
REMARK = Text("ひとこと", "remark")
_IN_FORCE = [AgreementState.ACTIVE.value, AgreementState.SUSPENDED.value]
_OPEN = [RequestState.SUBMITTED.value, RequestState.ASKED.value]


@transaction.atomic
def request_agreement(
    *,
    actor: Standing,
    offer_uid: str,
    application_uid: str,
    consumer_party_id: int,
    purpose: Purpose | str,
    purpose_statement: str,
    information_management: str = "",
    terms_sha256: str = "",
) -> RequestView:
    """Ask for an offer in the name of an application that the caller has verified to belong to the consumer party.

    With `terms_sha256` the request counts for just those terms. What the terms accept by themselves is sealed at
    once. Raises as `members.may_sign`, OfferUnknown, StepNotPossible, TermsChanged, OpenNeedsNoAgreement, NotForYou,
    PurposeNotOffered, WordUnknown, ReasonNeeded, TextTooLong, AlreadyAsked, AlreadyAgreed, PeriodOver. Announces
    RequestSubmitted, and RequestAnswered and AgreementSealed when sealed at once.
    """
    offer = locked_offer(offer_uid)
    if offer.state == OfferState.DRAFT.value:
        raise errors.OfferUnknown(offer=offer_uid)
    members.may_sign(actor, consumer_party_id)
    _must_take_requests(offer)
    if terms_sha256 and terms_sha256 != offer.terms_sha256:
        raise errors.TermsChanged
    terms = terms_from_stored(offer.terms)
    organization = members.organization_of_party(consumer_party_id)
    chosen = rules.must_fit(terms, organization.kind if organization else None, str(purpose))
    must_manage = terms.information_management != "none"
    keep = rules.must_write if must_manage else rules.may_write
    instant = now()
    rules.agreement_period(terms, jst_date(instant))
    _must_be_first(offer, application_uid)
    request = Request.objects.create(
        uid=new_uid(),
        offer=offer,
        offer_revision=offer.revision,
        terms_sha256=offer.terms_sha256,
        application_uid=application_uid,
        consumer_id=consumer_party_id,
        requested_by_id=actor.member_id,
        purpose=chosen.value,
        purpose_statement=rules.must_write(purpose_statement, STATEMENT),
        information_management=keep(information_management, MANAGEMENT),
        submitted_at=instant,
    )
    announce(events.RequestSubmitted(actor=actor.actor, purpose=chosen.value, **request_fields(request)))
    if rules.seals_at_once(terms, own=consumer_party_id == offer.provider_id):
        request.state = rules.request_after(RequestState.SUBMITTED, "accept").value
        request.decided_at = instant
        request.save(update_fields=["state", "decided_at"])
        announce(
            events.RequestAnswered(
                actor="system", answer=Answer.ACCEPT.value, automatic=True, **request_fields(request)
            )
        )
        _seal(request, terms, accepted_by="automatic", actor="system", instant=instant)
    return shaping.request_view(request)


@transaction.atomic
def answer_request(*, actor: Standing, request_uid: str, answer: Answer | str, text: str = "") -> RequestView:
    """Provider: accept (which seals the agreement), ask back, or decline with a reason.

    Accepting signs, so it needs what `members.may_sign` asks; the others need `members.may_provide`. Raises
    RequestUnknown, WordUnknown, StepNotPossible, ReasonNeeded, TextTooLong, PeriodOver. Announces RequestAnswered, and
    AgreementSealed.
    """
    request = locked_request(request_uid, actor)
    chosen = rules.must_be_answer(str(answer))
    (members.may_sign if chosen is Answer.ACCEPT else members.may_provide)(actor, request.offer.provider_id)
    after = rules.request_after(RequestState(request.state), chosen.value)
    instant = now()
    match chosen:
        case Answer.ACCEPT:
            _must_take_requests(request.offer)
            said = rules.may_write(text, REMARK)
        case Answer.ASK:
            said = rules.must_write(text, QUESTION)
        case Answer.DECLINE:
            said = rules.must_write(text, REASON)
    if said:
        _say(request, "provider", actor, said, instant)
    request.state = after.value
    if chosen is not Answer.ASK:
        request.decided_by_id = actor.member_id
        request.decided_at = instant
        request.reason = said
    request.save(update_fields=["state", "messages", "decided_by", "decided_at", "reason"])
    announce(
        events.RequestAnswered(
            actor=actor.actor, reason=said, answer=chosen.value, automatic=False, **request_fields(request)
        )
    )
    if chosen is Answer.ACCEPT:
        revision = OfferRevision.objects.get(offer_id=request.offer_id, revision=request.offer_revision)
        terms = terms_from_stored(revision.terms)
        _seal(request, terms, accepted_by=actor.member_uid, actor=actor.actor, instant=instant)
    return shaping.request_view(request)


@transaction.atomic
def reply_to_question(*, actor: Standing, request_uid: str, text: str) -> RequestView:
    """Consumer: reply to what the provider asked, so that the request waits for the provider again.

    Raises RequestUnknown, as `members.may_edit`, StepNotPossible, ReasonNeeded. Announces RequestReplied.
    """
    request = locked_request(request_uid, actor)
    members.may_edit(actor, request.consumer_id)
    request.state = rules.request_after(RequestState(request.state), "reply").value
    said = rules.must_write(text, REPLY)
    _say(request, "consumer", actor, said, now())
    request.save(update_fields=["state", "messages"])
    announce(events.RequestReplied(actor=actor.actor, reason=said, **request_fields(request)))
    return shaping.request_view(request)


@transaction.atomic
def withdraw_request(*, actor: Standing, request_uid: str, reason: str = "") -> RequestView:
    """Consumer: take an open request back.

    Raises RequestUnknown, as `members.may_edit`, StepNotPossible. Announces RequestWithdrawn.
    """
    request = locked_request(request_uid, actor)
    members.may_edit(actor, request.consumer_id)
    request.state = rules.request_after(RequestState(request.state), "withdraw").value
    request.reason = rules.may_write(reason, REASON)
    request.decided_by_id = actor.member_id
    request.decided_at = now()
    request.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    announce(events.RequestWithdrawn(actor=actor.actor, reason=request.reason, **request_fields(request)))
    return shaping.request_view(request)


def decline_open_requests(offer: Offer, reason: str, instant: datetime) -> None:
    """Decline what still waits for an offer that has ended; announces RequestAnswered, as an automatic answer."""
    rows = Request.objects.select_for_update(of=("self",)).filter(offer=offer, state__in=_OPEN)
    for request in rows.select_related("offer__dataset", "offer__provider", "consumer"):
        request.state = rules.request_after(RequestState(request.state), "decline").value
        request.decided_at = instant
        request.reason = reason
        request.save(update_fields=["state", "decided_at", "reason"])
        answer = Answer.DECLINE.value
        announce(
            events.RequestAnswered(
                actor="system", reason=reason, answer=answer, automatic=True, **request_fields(request)
            )
        )


def _must_take_requests(offer: Offer) -> None:
    """Only a published offer seals: one under notice would break the notice its terms promise."""
    stopped = offer.uid in members.stopped_offer_uids() or offer.provider_id in members.suspended_party_ids()
    if offer.state != OfferState.PUBLISHED.value or stopped:
        state = OfferState.SUSPENDED if stopped else OfferState(offer.state)
        raise rules.step_not_possible("offer", state, "request")


def _must_be_first(offer: Offer, application_uid: str) -> None:
    open_request = Request.objects.filter(offer=offer, application_uid=application_uid, state__in=_OPEN).first()
    if open_request is not None:
        raise errors.AlreadyAsked(request=open_request.uid)
    agreement = Agreement.objects.filter(offer=offer, application_uid=application_uid, state__in=_IN_FORCE).first()
    if agreement is not None:
        raise errors.AlreadyAgreed(agreement=agreement.uid, number=agreement.number)


def _say(request: Request, side: str, actor: Standing, text: str, instant: datetime) -> None:
    turn = {"at": instant.isoformat(), "side": side, "member": actor.member_uid, "text": text}
    request.messages = [*request.messages, turn]


def _parts_must_pass_on(page: DatasetPage, instant: datetime) -> None:
    """Raise PartsNotPassedOn when a table is gathered of what may not be passed on any more."""
    for distribution in page.distributions:
        refused = why_not_passed_on(distribution.parts, page.provider.party_id, instant)
        if refused:
            raise errors.PartsNotPassedOn(
                parts_ja="、".join(f"{name}（{why.ja}）" for name, why in refused.items()),
                parts_en=", ".join(f"{name} ({why.en})" for name, why in refused.items()),
            )


def _seal(request: Request, terms: Terms, *, accepted_by: str, actor: str, instant: datetime) -> Agreement:
    offer = request.offer
    starts_on, ends_on = rules.agreement_period(terms, jst_date(instant))
    page = catalog.dataset_page(offer.dataset.uid, members.anonymous_standing())
    columns = terms.columns or columns_of(page)
    _parts_must_pass_on(page, instant)
    uid = new_uid()
    sealed = seal_text(
        uid=uid,
        request=shaping.request_view(request),
        requested_by=request.requested_by.uid,
        accepted_by=accepted_by,
        revision=request.offer_revision,
        columns=columns,
        starts_on=starts_on,
        ends_on=ends_on,
        sealed_at=instant,
    )
    agreement = Agreement.objects.create(
        uid=uid,
        request=request,
        offer=offer,
        dataset_id=offer.dataset_id,
        provider_id=offer.provider_id,
        consumer_id=request.consumer_id,
        application_uid=request.application_uid,
        sealed=sealed.decode(),
        sha256=sha256_hex(sealed),
        columns=list(columns),
        areas=list(terms.areas),
        quota_day=terms.quota_day,
        quota_month=terms.quota_month,
        rate_plan=terms.rate_plan.value,
        notice_days=terms.notice_days,
        starts_on=starts_on,
        ends_on=ends_on,
        sealed_at=instant,
    )
    announce(events.AgreementSealed(actor=actor, sha256=agreement.sha256, **agreement_fields(agreement)))
    return agreement
