"""Rows of the tables as the frozen shapes that pages show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from django.db.models import QuerySet

from tdpf.controlplane.exchange.models import (
    Agreement,
    Offer,
    OfferRevision,
    Request,
    Warranty,
    WithdrawalNotice,
)
from tdpf.controlplane.exchange.terms import terms_from_stored
from tdpf.controlplane.exchange.types import (
    AgreementState,
    AgreementView,
    DatasetName,
    EndCause,
    Message,
    NoticeView,
    OfferState,
    OfferView,
    PartyName,
    Purpose,
    RequestState,
    RequestView,
    WarrantyView,
)


def party_name(party: Any) -> PartyName:
    """Return a party of members as pages show it."""
    return PartyName(
        id=party.pk, uid=party.uid, slug=party.slug, name_ja=party.name_ja, name_en=party.name_en or party.name_ja
    )


def dataset_name(dataset: Any) -> DatasetName:
    """Return a dataset of the catalog as pages show it."""
    return DatasetName(
        id=dataset.pk,
        uid=dataset.uid,
        slug=dataset.slug,
        title_ja=dataset.title_ja,
        title_en=dataset.title_en or dataset.title_ja,
    )


def notices_of(offer_ids: Iterable[int]) -> dict[int, NoticeView]:
    """Return the running withdrawal notices by offer."""
    rows = WithdrawalNotice.objects.filter(offer_id__in=set(offer_ids), taken_back_at__isnull=True)
    return {
        row.offer_id: NoticeView(noticed_at=row.noticed_at, effective_on=row.effective_on, reason=row.reason)
        for row in rows
    }


def offer_views(rows: QuerySet[Offer]) -> list[OfferView]:
    """Return offers as pages show them."""
    offers = list(rows.select_related("dataset", "provider"))
    notices = notices_of(offer.pk for offer in offers)
    return [_offer_view(offer, notices) for offer in offers]


def offer_view(offer: Offer) -> OfferView:
    """Return one offer as pages show it."""
    return _offer_view(offer, notices_of([offer.pk]))


def _offer_view(offer: Offer, notices: Mapping[int, NoticeView]) -> OfferView:
    return OfferView(
        uid=offer.uid,
        dataset=dataset_name(offer.dataset),
        provider=party_name(offer.provider),
        terms=terms_from_stored(offer.terms),
        terms_sha256=offer.terms_sha256,
        revision=offer.revision,
        state=OfferState(offer.state),
        published_at=offer.published_at,
        notice=notices.get(offer.pk),
        suspended_at=offer.suspended_at,
        suspension_reason=offer.suspension_reason,
        ended_at=offer.ended_at,
    )


def request_views(rows: QuerySet[Request]) -> list[RequestView]:
    """Return requests as both sides see them."""
    requests = list(rows.select_related("offer__dataset", "offer__provider", "consumer"))
    revisions = {
        (row.offer_id, row.revision): row.terms
        for row in OfferRevision.objects.filter(offer_id__in={request.offer_id for request in requests})
    }
    ids = [request.pk for request in requests]
    agreements = dict(Agreement.objects.filter(request_id__in=ids).values_list("request_id", "uid"))
    return [
        RequestView(
            uid=request.uid,
            offer_uid=request.offer.uid,
            dataset=dataset_name(request.offer.dataset),
            provider=party_name(request.offer.provider),
            consumer=party_name(request.consumer),
            application_uid=request.application_uid,
            purpose=Purpose(request.purpose),
            purpose_statement=request.purpose_statement,
            information_management=request.information_management,
            terms=terms_from_stored(revisions[request.offer_id, request.offer_revision]),
            terms_sha256=request.terms_sha256,
            state=RequestState(request.state),
            messages=tuple(_message(message) for message in request.messages),
            submitted_at=request.submitted_at,
            decided_at=request.decided_at,
            reason=request.reason,
            agreement_uid=agreements.get(request.pk),
        )
        for request in requests
    ]


def request_view(request: Request) -> RequestView:
    """Return one request as both sides see it."""
    return request_views(Request.objects.filter(pk=request.pk))[0]


def _message(stored: Mapping[str, str]) -> Message:
    return Message(
        at=datetime.fromisoformat(stored["at"]), side=stored["side"], member_uid=stored["member"], text=stored["text"]
    )


def agreement_views(rows: QuerySet[Agreement]) -> list[AgreementView]:
    """Return agreements as both sides see them; what was sealed is read from the sealed text."""
    agreements = list(rows.select_related("offer", "request", "dataset", "provider", "consumer"))
    notices = notices_of(agreement.offer_id for agreement in agreements)
    return [_agreement_view(agreement, notices) for agreement in agreements]


def agreement_view(agreement: Agreement) -> AgreementView:
    """Return one agreement as both sides see it."""
    return _agreement_view(agreement, notices_of([agreement.offer_id]))


def _agreement_view(agreement: Agreement, notices: Mapping[int, NoticeView]) -> AgreementView:
    sealed = orjson.loads(agreement.sealed)
    stopped = agreement.offer.state == OfferState.SUSPENDED and agreement.state != AgreementState.ENDED
    return AgreementView(
        uid=agreement.uid,
        number=agreement.number,
        offer_uid=agreement.offer.uid,
        request_uid=agreement.request.uid,
        dataset=dataset_name(agreement.dataset),
        provider=party_name(agreement.provider),
        consumer=party_name(agreement.consumer),
        application_uid=agreement.application_uid,
        purpose=Purpose(sealed["purpose"]["code"]),
        purpose_statement=sealed["purpose"]["statement"],
        information_management=sealed["information_management"],
        terms=terms_from_stored(sealed["terms"]),
        columns=tuple(sealed["columns"]),
        sealed=agreement.sealed,
        sha256=agreement.sha256,
        state=AgreementState(agreement.state),
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
        sealed_at=agreement.sealed_at,
        suspended_at=agreement.suspended_at,
        suspension_reason=agreement.suspension_reason,
        offer_suspended_at=agreement.offer.suspended_at if stopped else None,
        offer_suspension_reason=agreement.offer.suspension_reason if stopped else "",
        ended_at=agreement.ended_at,
        end_cause=EndCause(agreement.end_cause) if agreement.end_cause else None,
        ended_reason=agreement.ended_reason,
        notice=notices.get(agreement.offer_id) if agreement.state != AgreementState.ENDED else None,
        breach_reported_at=agreement.breach_reported_at,
        breach_text=agreement.breach_text,
    )


def warranty_views(rows: QuerySet[Warranty]) -> list[WarrantyView]:
    """Return signed warranties as evidence."""
    return [
        WarrantyView(
            uid=row.uid,
            offer_uid=row.offer.uid,
            dataset_uid=row.dataset.uid,
            version_identity=row.version_identity,
            text_version=row.text.version,
            text_sha256=row.text_sha256,
            text_ja=row.text.text_ja,
            text_en=row.text.text_en,
            signer_uid=row.signer.uid,
            signer_name=row.signer.display_name,
            party=party_name(row.party),
            signed_at=row.signed_at,
        )
        for row in rows.select_related("offer", "dataset", "text", "signer", "party")
    ]
