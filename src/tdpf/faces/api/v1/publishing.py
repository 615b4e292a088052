"""Writing, from a description to a standing offer; each call acts as the member who issued the key."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Body, Router, Status

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.faces.api.credentials import actor_of, caller_of, writes_datasets
from tdpf.faces.api.problems import NoSuchDistribution
from tdpf.faces.api.v1 import forms, results, shapes
from tdpf.faces.api.v1.dealings import shown_offer

router = Router(tags=["publishing"], auth=writes_datasets)


@router.post("/datasets", response={201: shapes.Dataset}, operation_id="createDataset", summary="Begin a dataset")
def create_dataset(request: HttpRequest, payload: forms.NewDataset) -> Status[Any]:
    """A draft of the application's owner; nobody else sees it before an offer is published."""
    actor = actor_of(request)
    row = catalog_services.create_dataset(
        actor=actor,
        provider_party_id=caller_of(request).application.owner_party_id,
        metadata=_metadata(payload),
        slug=payload.slug,
    )
    return Status(201, catalog.dataset_page(row.uid, actor))


@router.put("/datasets/{slug}", response=shapes.Dataset, operation_id="editDataset", summary="Describe a dataset anew")
def edit_dataset(request: HttpRequest, slug: str, payload: forms.NewDataset, despite_licence: bool = False) -> Any:
    """Replace the whole description; a `slug` in the body is left out of account.

    A new open licence that the terms of what is offered contradict is refused (409) unless `despite_licence` confirms it.
    """
    actor = actor_of(request)
    page = catalog.dataset_page(slug, actor)
    exchange_services.describe_dataset(
        actor=actor, dataset_uid=page.uid, metadata=_metadata(payload), despite_licence=despite_licence
    )
    return catalog.dataset_page(page.uid, actor)


@router.post(
    "/datasets/{slug}/distributions",
    response={201: shapes.Dataset},
    operation_id="addDistribution",
    summary="Add a distribution",
)
def add_distribution(request: HttpRequest, slug: str, payload: forms.NewDistribution) -> Status[Any]:
    """A held table or file, or a link that stays with the provider."""
    actor = actor_of(request)
    page = catalog.dataset_page(slug, actor)
    catalog_services.add_distribution(
        actor=actor, dataset_uid=page.uid, details=DistributionDetails(**payload.model_dump())
    )
    return Status(201, catalog.dataset_page(page.uid, actor))


@router.post(
    "/datasets/{slug}/distributions/{name}/versions",
    response={200: results.AddedVersion, 201: results.AddedVersion},
    operation_id="publishVersion",
    summary="Publish a version from an upload",
)
def publish_version(request: HttpRequest, slug: str, name: str, payload: forms.NewVersion) -> Status[Any]:
    """Make an upload the latest version; the very same data again make no new one (200 instead of 201).

    When the dataset is offered already, `warranty` signs for these very data in the same step.
    """
    actor = actor_of(request)
    page = catalog.dataset_page(slug, actor)
    distribution = next((found for found in page.distributions if found.name == name), None)
    if distribution is None:
        raise NoSuchDistribution(dataset=page.slug, distribution=name)
    signed = payload.warranty
    added = exchange_services.publish_version(
        actor=actor,
        upload_uid=payload.upload_uid,
        distribution_uid=distribution.uid,
        dictionary=payload.dictionary,
        key_columns=payload.key_columns,
        text_version=signed.text_version if signed else "",
        text_sha256=signed.text_sha256 if signed else "",
    )
    return Status(201 if added.is_new else 200, added)


@router.post(
    "/datasets/{slug}/offers", response={201: shapes.Offer}, operation_id="draftOffer", summary="Draft an offer"
)
def draft_offer(request: HttpRequest, slug: str, payload: Body[dict[str, Any]]) -> Status[dict[str, Any]]:
    """Begin an offer with terms; the members of the body are those of `terms` in an offer."""
    actor = actor_of(request)
    page = catalog.dataset_page(slug, actor)
    return Status(201, shown_offer(exchange_services.draft_offer(actor=actor, dataset_uid=page.uid, fields=payload)))


@router.put("/offers/{uid}/terms", response=shapes.Offer, operation_id="setTerms", summary="Change an offer's terms")
def set_terms(request: HttpRequest, uid: str, payload: Body[dict[str, Any]]) -> dict[str, Any]:
    """New terms hold for new agreements; those that are sealed keep theirs."""
    return shown_offer(exchange_services.set_terms(actor=actor_of(request), offer_uid=uid, fields=payload))


@router.get(
    "/offers/{uid}/check",
    response=results.PublicationCheck,
    operation_id="checkOffer",
    summary="What still stands before publication",
)
def check_offer(request: HttpRequest, uid: str) -> Any:
    """The codes of the problems that publication would meet; none means it can be published."""
    return exchange.publication_check(uid, actor_of(request))


@router.get(
    "/warranty", response=results.WarrantyText, auth=None, operation_id="getWarrantyText", summary="The warranty's text"
)
def warranty_text(request: HttpRequest) -> Any:  # noqa: ARG001 - ninja passes it
    """The exact words (表明保証) that providers sign today."""
    return exchange.warranty_in_force()


@router.post(
    "/offers/{uid}/warranty",
    response={201: list[results.Warranty]},
    operation_id="signWarranty",
    summary="Sign the warranty",
)
def sign_warranty(request: HttpRequest, uid: str, payload: forms.SignedWarranty) -> Status[Any]:
    """Sign for every latest version that has no warranty yet; the hash says which words were read."""
    signed = exchange_services.sign_warranty(
        actor=actor_of(request), offer_uid=uid, text_version=payload.text_version, text_sha256=payload.text_sha256
    )
    return Status(201, signed)


@router.post("/offers/{uid}/publish", response=shapes.Offer, operation_id="publishOffer", summary="Publish an offer")
def publish_offer(request: HttpRequest, uid: str, despite_licence: bool = False) -> dict[str, Any]:
    """Let the offer stand and its dataset be found; `despite_licence` confirms terms that an open licence contradicts."""
    view = exchange_services.publish_offer(actor=actor_of(request), offer_uid=uid, despite_licence=despite_licence)
    return shown_offer(view)


@router.post("/offers/{uid}/withdraw", response=shapes.Offer, operation_id="withdrawOffer", summary="Give notice")
def withdraw_offer(request: HttpRequest, uid: str, payload: forms.Withdrawal) -> dict[str, Any]:
    """Give notice that the offer ends; earlier than agreed is refused with the first day that can be."""
    view = exchange_services.give_withdrawal_notice(
        actor=actor_of(request), offer_uid=uid, effective_on=payload.effective_on, reason=payload.reason
    )
    return shown_offer(view)


def _metadata(payload: forms.NewDataset) -> DatasetMetadata:
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in payload.model_dump(exclude={"slug"}).items()
    }
    return DatasetMetadata(**fields)
