"""Reading what parties deal with each other: offers, requests, agreements, applications."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange.types import AgreementView, OfferView, RequestView
from tdpf.faces.api.credentials import caller_of, reader_of, reads
from tdpf.faces.api.v1 import shapes
from tdpf.faces.api.v1.listing import Limit, Offset, listing, page_of

router = Router(tags=["dealings"])


@router.get(
    "/datasets/{slug}/offers", response=list[shapes.Offer], operation_id="listOffers", summary="Offers of a dataset"
)
def list_offers(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """The standing offers of a dataset; with a key of the provider its drafts and ended ones too."""
    standing = reader_of(request)
    page = catalog.dataset_page(slug, standing)
    return [shown_offer(offer) for offer in exchange.offers_of_dataset(page.uid, standing)]


@router.get("/offers/{uid}", response=shapes.Offer, operation_id="getOffer", summary="One offer")
def get_offer(request: HttpRequest, uid: str) -> dict[str, Any]:
    """An offer's terms as data and in plain words."""
    return shown_offer(exchange.get_offer(uid, reader_of(request)))


@router.get(
    "/offers/{uid}/odrl",
    operation_id="getOfferOdrl",
    summary="The terms in ODRL 2.2 (JSON-LD)",
    response=dict[str, Any],
)
def get_offer_odrl(request: HttpRequest, uid: str) -> HttpResponse:
    """The terms as an ODRL Offer, in `application/ld+json`."""
    offer = exchange.get_offer(uid, reader_of(request))
    site = settings.PUBLIC_URL
    policy = exchange.terms_as_odrl(
        offer.terms,
        offer_iri=f"{site}/api/v1/offers/{offer.uid}/odrl",
        target_iri=f"{site}/datasets/{offer.dataset.slug}",
        assigner_iri=f"{site}/publishers/{offer.provider.slug}",
        vocabulary_iri=f"{site}/policies/terms#",
    )
    return HttpResponse(orjson.dumps(policy), content_type="application/ld+json")


@router.get(
    "/offers/{uid}/cadde", operation_id="getOfferCadde", summary="The terms in CADDE's fields", response=dict[str, str]
)
def get_offer_cadde(request: HttpRequest, uid: str) -> dict[str, str]:
    """The terms as CADDE's trading-policy fields (v4 item specification)."""
    standing = reader_of(request)
    offer = exchange.get_offer(uid, standing)
    page = catalog.dataset_page(offer.dataset.uid, standing)
    return exchange.terms_as_cadde(
        offer.terms, data_class=page.data_class, period_start=page.period_start, period_end=page.period_end
    )


@router.get(
    "/requests", response=shapes.RequestListing, auth=reads, operation_id="listRequests", summary="Own requests"
)
def list_requests(
    request: HttpRequest, side: Literal["consumer", "provider"] = "consumer", limit: Limit = 20, offset: Offset = 0
) -> dict[str, object]:
    """The requests made by the application's owner, or made to it, newest first."""
    standing = access.reading_standing(caller_of(request))
    found = exchange.requests_by(standing) if side == "consumer" else exchange.requests_to(standing)
    return listing(request, page_of([shown_request(view) for view in found], offset=offset, limit=limit))


@router.get("/requests/{uid}", response=shapes.Request, auth=reads, operation_id="getRequest", summary="One request")
def get_request(request: HttpRequest, uid: str) -> dict[str, Any]:
    """A request, to its two sides."""
    return shown_request(exchange.get_request(uid, access.reading_standing(caller_of(request))))


@router.get(
    "/agreements", response=shapes.AgreementListing, auth=reads, operation_id="listAgreements", summary="Own agreements"
)
def list_agreements(
    request: HttpRequest,
    side: Literal["both", "consumer", "provider"] = "both",
    limit: Limit = 20,
    offset: Offset = 0,
) -> dict[str, object]:
    """The agreements of the application's owner, newest first."""
    found = exchange.agreements_for(access.reading_standing(caller_of(request)), side=side)
    return listing(request, page_of([shown_agreement(view) for view in found], offset=offset, limit=limit))


@router.get(
    "/agreements/{uid}", response=shapes.Agreement, auth=reads, operation_id="getAgreement", summary="One agreement"
)
def get_agreement(request: HttpRequest, uid: str) -> dict[str, Any]:
    """An agreement, the same for both sides."""
    return shown_agreement(exchange.agreement_page(uid, access.reading_standing(caller_of(request))))


@router.get(
    "/agreements/{uid}/odrl",
    auth=reads,
    operation_id="getAgreementOdrl",
    summary="An agreement in ODRL 2.2 (JSON-LD)",
    response=dict[str, Any],
)
def get_agreement_odrl(request: HttpRequest, uid: str) -> HttpResponse:
    """What was sealed as an ODRL Agreement, in `application/ld+json`, the same for both sides."""
    held = exchange.agreement_page(uid, access.reading_standing(caller_of(request)))
    site = settings.PUBLIC_URL
    policy = exchange.agreement_as_odrl(
        held,
        agreement_iri=f"{site}/agreements/{held.uid}",
        target_iri=f"{site}/datasets/{held.dataset.slug}",
        assigner_iri=f"{site}/publishers/{held.provider.slug}",
        assignee_iri=f"{site}/publishers/{held.consumer.slug}",
        vocabulary_iri=f"{site}/policies/terms#",
    )
    return HttpResponse(orjson.dumps(policy), content_type="application/ld+json")


@router.get(
    "/applications",
    response=shapes.ApplicationListing,
    auth=reads,
    operation_id="listApplications",
    summary="Own applications",
)
def list_applications(request: HttpRequest, limit: Limit = 20, offset: Offset = 0) -> dict[str, object]:
    """The applications of the party that owns the calling one."""
    found = access.list_applications(access.reading_standing(caller_of(request)))
    return listing(request, page_of(found, offset=offset, limit=limit))


@router.get(
    "/applications/{uid}",
    response=shapes.Application,
    auth=reads,
    operation_id="getApplication",
    summary="One application",
)
def get_application(request: HttpRequest, uid: str) -> Any:
    """An application of the party that owns the calling one."""
    return access.get_application(uid, access.reading_standing(caller_of(request)))


def shown_offer(offer: OfferView) -> dict[str, Any]:
    """Return an offer in its shape."""
    ja, en = exchange.terms_in_words(offer.terms, "ja"), exchange.terms_in_words(offer.terms, "en")
    words = [
        {"heading": {"ja": a[0], "en": b[0]}, "sentence": {"ja": a[1], "en": b[1]}} for a, b in zip(ja, en, strict=True)
    ]
    return {
        "uid": offer.uid, "dataset": offer.dataset.slug, "provider": offer.provider, "state": offer.state,
        "revision": offer.revision, "terms": orjson.loads(exchange.terms_json(offer.terms)),
        "terms_sha256": offer.terms_sha256, "in_words": words, "published_at": offer.published_at,
        "notice": offer.notice,
    }  # fmt: skip


def shown_request(view: RequestView) -> dict[str, Any]:
    """Return a request in its shape."""
    return {name: getattr(view, name) for name in shapes.Request.model_fields} | {"dataset": view.dataset.slug}


def shown_agreement(view: AgreementView) -> dict[str, Any]:
    """Return an agreement in its shape."""
    return {name: getattr(view, name) for name in shapes.Agreement.model_fields} | {"dataset": view.dataset.slug}
