"""What the worker does for this room: mails about requests, agreements and offers, and ends that come by themselves."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from tdpf.controlplane.exchange import services
from tdpf.controlplane.exchange.models import Agreement, Offer, Request
from tdpf.controlplane.exchange.types import AgreementState, Answer, OfferState, QuotaPeriod, RequestState
from tdpf.controlplane.exchange.vocabularies import PURPOSE
from tdpf.controlplane.exchange.words import day_in_words
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Role
from tdpf.djangokit.jobs import every, handler
from tdpf.kit.clock import now
from tdpf.kit.text import Text

Payload = dict[str, Any]
Readers = dict[str, str]
Words = dict[str, Text]
_PERIODS = {QuotaPeriod.DAY: Text("1日", "day"), QuotaPeriod.MONTH: Text("1か月", "month")}
_LIVE = [AgreementState.ACTIVE.value, AgreementState.SUSPENDED.value]


@every(seconds=30, name="exchange.tasks.end_what_is_due")
def end_what_is_due() -> int:
    """End the offers whose notice has run out and the agreements whose period is over."""
    instant = now()
    return services.end_due_withdrawals(now=instant) + services.end_due_agreements(now=instant)


@handler("exchange.tasks.mail_request_submitted")
def mail_request_submitted(payload: Payload) -> None:
    """Tell the provider of a RequestSubmitted, unless the terms accepted it by themselves."""
    request = _request(payload)
    if request.state == RequestState.ACCEPTED and request.decided_by_id is None:
        return
    words = _request_words(request)
    _send("request_submitted", words, f"/requests/{request.uid}", _readers(request.offer.provider_id))


@handler("exchange.tasks.mail_request_replied")
def mail_request_replied(payload: Payload) -> None:
    """Tell the provider of a RequestReplied."""
    request = _request(payload)
    words = {**_request_words(request), "said": _same(payload["reason"])}
    _send("request_replied", words, f"/requests/{request.uid}", _readers(request.offer.provider_id))


@handler("exchange.tasks.mail_request_withdrawn")
def mail_request_withdrawn(payload: Payload) -> None:
    """Tell the provider of a RequestWithdrawn."""
    request = _request(payload)
    words = {**_request_words(request), "said": _same(payload["reason"])}
    _send("request_withdrawn", words, f"/requests/{request.uid}", _readers(request.offer.provider_id))


@handler("exchange.tasks.mail_request_answered")
def mail_request_answered(payload: Payload) -> None:
    """Tell the consumer of a RequestAnswered; an automatic acceptance is told by the agreement."""
    if payload["automatic"] and payload["answer"] == Answer.ACCEPT:
        return
    request = _request(payload)
    words = {**_request_words(request), "said": _same(payload["reason"])}
    _send(f"request_{payload['answer']}", words, f"/requests/{request.uid}", _readers(request.consumer_id))


@handler("exchange.tasks.mail_agreement_sealed")
def mail_agreement_sealed(payload: Payload) -> None:
    """Tell both sides of an AgreementSealed."""
    _tell_both_sides("agreement_sealed", payload)


@handler("exchange.tasks.mail_agreement_ended")
def mail_agreement_ended(payload: Payload) -> None:
    """Tell both sides of an AgreementEnded."""
    _tell_both_sides(f"agreement_ended_{payload['cause']}", payload)


@handler("exchange.tasks.mail_agreement_suspended")
def mail_agreement_suspended(payload: Payload) -> None:
    """Tell both sides of an AgreementSuspended."""
    _tell_both_sides("agreement_suspended", payload)


@handler("exchange.tasks.mail_agreement_suspension_lifted")
def mail_agreement_suspension_lifted(payload: Payload) -> None:
    """Tell both sides of an AgreementSuspensionLifted."""
    _tell_both_sides("agreement_suspension_lifted", payload)


@handler("exchange.tasks.mail_breach_reported")
def mail_breach_reported(payload: Payload) -> None:
    """Tell the operators of a BreachReported."""
    agreement = _agreement(payload)
    words = {**_agreement_words(agreement), "said": _same(payload["reason"])}
    operators = {member.email: member.language for member in members.operators()}
    _send("breach_reported", words, f"/agreements/{agreement.uid}", operators)


@handler("exchange.tasks.mail_quota_reached")
def mail_quota_reached(payload: Payload) -> None:
    """Tell the consumer of a QuotaReached."""
    agreement = _agreement(payload)
    page = f"/datasets/{agreement.dataset.slug}"
    words = {
        **_agreement_words(agreement),
        "dataset_page": Text(_address(page, "ja"), _address(page, "en")),
        "used": _same(f"{payload['used']:,}"),
        "limit": _same(f"{payload['limit']:,}"),
        "mark": _same(str(payload["mark"])),
        "period": _PERIODS[QuotaPeriod(payload["period"])],
        "renews": day_in_words(date.fromisoformat(payload["renews_on"])),
    }
    name = "quota_spent" if payload["mark"] >= 100 else "quota_nearly_spent"
    _send(name, words, f"/agreements/{agreement.uid}", _readers(agreement.consumer_id))


@handler("exchange.tasks.mail_withdrawal_noticed")
def mail_withdrawal_noticed(payload: Payload) -> None:
    """Tell the consumers of an offer of a WithdrawalNoticed, unless it was taken back meanwhile."""
    offer = _offer(payload)
    if offer.withdraw_on is None:
        return
    words = {**_offer_words(offer, payload), "day": day_in_words(date.fromisoformat(payload["effective_on"]))}
    _send("withdrawal_noticed", words, f"/datasets/{offer.dataset.slug}", _consumers(offer))


@handler("exchange.tasks.mail_withdrawal_taken_back")
def mail_withdrawal_taken_back(payload: Payload) -> None:
    """Tell the consumers of an offer of a WithdrawalTakenBack."""
    offer = _offer(payload)
    words = {**_offer_words(offer, payload), "day": day_in_words(date.fromisoformat(payload["effective_on"]))}
    _send("withdrawal_taken_back", words, f"/datasets/{offer.dataset.slug}", _consumers(offer))


@handler("exchange.tasks.mail_offer_suspended")
def mail_offer_suspended(payload: Payload) -> None:
    """Tell the provider and the consumers of an OfferSuspended, unless it was lifted meanwhile."""
    offer = _offer(payload)
    if offer.state != OfferState.SUSPENDED.value:
        return
    readers = {**_consumers(offer), **_readers(offer.provider_id)}
    _send("offer_suspended", _offer_words(offer, payload), f"/datasets/{offer.dataset.slug}", readers)


@handler("exchange.tasks.mail_offer_suspension_lifted")
def mail_offer_suspension_lifted(payload: Payload) -> None:
    """Tell the provider and the consumers of an OfferSuspensionLifted."""
    offer = _offer(payload)
    readers = {**_consumers(offer), **_readers(offer.provider_id)}
    _send("offer_suspension_lifted", _offer_words(offer, payload), f"/datasets/{offer.dataset.slug}", readers)


def _tell_both_sides(name: str, payload: Payload) -> None:
    agreement = _agreement(payload)
    words = {**_agreement_words(agreement), "said": _same(payload["reason"])}
    readers = {**_readers(agreement.provider_id), **_readers(agreement.consumer_id)}
    _send(name, words, f"/agreements/{agreement.uid}", readers)


def _request(payload: Payload) -> Request:
    return Request.objects.select_related("offer__dataset", "offer__provider", "consumer").get(
        uid=payload["request_uid"]
    )


def _agreement(payload: Payload) -> Agreement:
    return Agreement.objects.select_related("dataset", "provider", "consumer").get(uid=payload["agreement_uid"])


def _offer(payload: Payload) -> Offer:
    return Offer.objects.select_related("dataset", "provider").get(uid=payload["offer_uid"])


def _request_words(request: Request) -> Words:
    return {
        "dataset": _title(request.offer.dataset),
        "provider": _name(request.offer.provider),
        "consumer": _name(request.consumer),
        "purpose": next(meaning.label for code, meaning in PURPOSE.items() if code.value == request.purpose),
        "statement": _same(request.purpose_statement),
    }


def _agreement_words(agreement: Agreement) -> Words:
    last = day_in_words(agreement.ends_on) if agreement.ends_on else None
    until = Text(f"{last.ja}まで", f"until {last.en}") if last else Text("期限なし", "without a time limit")
    return {
        "dataset": _title(agreement.dataset),
        "provider": _name(agreement.provider),
        "consumer": _name(agreement.consumer),
        "number": _same(str(agreement.number)),
        "from": day_in_words(agreement.starts_on),
        "until": until,
        "last_day": last or Text("", ""),
        "seal": _same(agreement.sha256),
    }


def _offer_words(offer: Offer, payload: Payload) -> Words:
    return {"dataset": _title(offer.dataset), "provider": _name(offer.provider), "said": _same(payload["reason"])}


def _title(dataset: Any) -> Text:
    return Text(dataset.title_ja, dataset.title_en or dataset.title_ja)


def _name(party: Any) -> Text:
    return Text(party.name_ja, party.name_en or party.name_ja)


def _same(text: str) -> Text:
    return Text(text, text)


def _readers(party_id: int) -> Readers:
    told = members.members_of_party(party_id, minimum=Role.EDITOR)
    return {member.email: member.language for member in told}


def _consumers(offer: Offer) -> Readers:
    parties = Agreement.objects.filter(offer=offer, state__in=_LIVE).values_list("consumer_id", flat=True).distinct()
    readers: Readers = {}
    for party_id in parties:
        readers.update(_readers(party_id))
    return readers


def _address(page: str, spoken: str) -> str:
    return f"{settings.PUBLIC_URL}{'/en' if spoken == 'en' else ''}{page}"


def _send(name: str, words: Words, page: str, readers: Readers) -> None:
    """Send the mail of that name to each reader in their language; its first line is the subject."""
    for address, language in readers.items():
        spoken = "en" if language.lower().startswith("en") else "ja"
        context: dict[str, object] = {key: text.in_(spoken) for key, text in words.items()}
        context["page"] = _address(page, spoken)
        subject, _, body = render_to_string(f"exchange/mail/{name}.{spoken}.txt", context).partition("\n")
        body = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
        send_mail(f"[TDPF] {' '.join(subject.split())}", body, settings.DEFAULT_FROM_EMAIL, [address])
