"""Rows under lock, and the events made from them."""

from __future__ import annotations

from typing import TypedDict

from tdpf.controlplane.exchange import errors
from tdpf.controlplane.exchange.models import Agreement, Offer, Request
from tdpf.controlplane.members.types import Standing


class OfferFields(TypedDict):
    """What every event about an offer carries."""

    subject: str
    offer_uid: str
    dataset_id: int
    dataset_uid: str
    provider_party_uid: str


class RequestFields(TypedDict):
    """What every event about a request carries."""

    subject: str
    request_uid: str
    offer_uid: str
    dataset_id: int
    dataset_uid: str
    application_uid: str
    provider_party_uid: str
    consumer_party_uid: str


class AgreementFields(TypedDict):
    """What every event about an agreement carries."""

    subject: str
    agreement_uid: str
    agreement_number: int
    offer_uid: str
    dataset_id: int
    dataset_uid: str
    application_uid: str
    provider_party_uid: str
    consumer_party_uid: str


def locked_offer(uid: str) -> Offer:
    """Return the offer, locked until the transaction ends; raises OfferUnknown."""
    rows = Offer.objects.select_for_update(of=("self",)).select_related("dataset", "provider")
    offer = rows.filter(uid=uid).first()
    if offer is None:
        raise errors.OfferUnknown(offer=uid)
    return offer


def locked_request(uid: str, actor: Standing) -> Request:
    """Return the request and its offer, locked offer first; raises RequestUnknown to all but its sides."""
    known = Request.objects.select_related("offer").filter(uid=uid).first()
    if known is None or not {known.offer.provider_id, known.consumer_id} & set(actor.roles):
        raise errors.RequestUnknown(request=uid)
    locked_offer(known.offer.uid)
    rows = Request.objects.select_for_update(of=("self",))
    return rows.select_related("offer__dataset", "offer__provider", "consumer").get(pk=known.pk)


def locked_agreement(uid: str, actor: Standing) -> Agreement:
    """Return the agreement, locked; raises AgreementUnknown to all but its sides and the operator."""
    rows = Agreement.objects.select_for_update(of=("self",)).select_related("offer", "dataset", "provider", "consumer")
    agreement = rows.filter(uid=uid).first()
    sides = set() if agreement is None else {agreement.provider_id, agreement.consumer_id}
    if agreement is None or not (actor.is_operator or sides & set(actor.roles)):
        raise errors.AgreementUnknown(agreement=uid)
    return agreement


def offer_fields(offer: Offer) -> OfferFields:
    """Return the fields of an event about the offer."""
    return OfferFields(
        subject=f"offer:{offer.uid}",
        offer_uid=offer.uid,
        dataset_id=offer.dataset_id,
        dataset_uid=offer.dataset.uid,
        provider_party_uid=offer.provider.uid,
    )


def request_fields(request: Request) -> RequestFields:
    """Return the fields of an event about the request."""
    return RequestFields(
        subject=f"request:{request.uid}",
        request_uid=request.uid,
        offer_uid=request.offer.uid,
        dataset_id=request.offer.dataset_id,
        dataset_uid=request.offer.dataset.uid,
        application_uid=request.application_uid,
        provider_party_uid=request.offer.provider.uid,
        consumer_party_uid=request.consumer.uid,
    )


def agreement_fields(agreement: Agreement) -> AgreementFields:
    """Return the fields of an event about the agreement."""
    return AgreementFields(
        subject=f"agreement:{agreement.uid}",
        agreement_uid=agreement.uid,
        agreement_number=agreement.number,
        offer_uid=agreement.offer.uid,
        dataset_id=agreement.dataset_id,
        dataset_uid=agreement.dataset.uid,
        application_uid=agreement.application_uid,
        provider_party_uid=agreement.provider.uid,
        consumer_party_uid=agreement.consumer.uid,
    )
