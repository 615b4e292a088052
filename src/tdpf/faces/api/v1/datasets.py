"""Reading the catalog: datasets and publishers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import VersionPage
from tdpf.controlplane.members import queries as members
from tdpf.faces.api.credentials import reader_of
from tdpf.faces.api.problems import NoSuchDistribution
from tdpf.faces.api.v1 import shapes
from tdpf.faces.api.v1.listing import Limit, Offset, listing

router = Router(tags=["catalog"])


@router.get("/datasets", response=shapes.DatasetListing, operation_id="listDatasets", summary="List datasets")
def list_datasets(
    request: HttpRequest, limit: Limit = 20, offset: Offset = 0, publisher: str | None = None, drafts: bool = False
) -> dict[str, object]:
    """Published datasets, last modified first; with a key and `drafts=true` the own drafts and withdrawn ones too."""
    standing = reader_of(request)
    states = ("draft", "published", "withdrawn") if drafts else ("published",)
    parties = [members.get_party(publisher).pk] if publisher else None
    page = catalog.list_datasets(
        standing=standing, provider_party_ids=parties, states=states, offset=offset, limit=limit
    )
    return listing(request, page)


@router.get("/datasets/{slug}", response=shapes.Dataset, operation_id="getDataset", summary="One dataset")
def get_dataset(request: HttpRequest, slug: str) -> Any:
    """All that is known about a dataset, by its slug (older slugs too) or uid."""
    return catalog.dataset_page(slug, reader_of(request))


@router.get(
    "/datasets/{slug}/distributions/{name}/versions",
    response=list[shapes.Version],
    operation_id="listVersions",
    summary="Versions of a distribution",
)
def list_versions(request: HttpRequest, slug: str, name: str) -> list[VersionPage]:
    """The published versions, newest first."""
    standing = reader_of(request)
    page = catalog.dataset_page(slug, standing)
    distribution = next((found for found in page.distributions if found.name == name), None)
    if distribution is None:
        raise NoSuchDistribution(dataset=page.slug, distribution=name)
    # A tuple of two would be taken for a status and a body.
    return list(catalog.versions_of(distribution.uid, standing))


@router.get("/publishers", response=shapes.PublisherListing, operation_id="listPublishers", summary="Who offers data")
def list_publishers(request: HttpRequest, limit: Limit = 20, offset: Offset = 0) -> dict[str, object]:
    """The parties with published datasets, the one with most first."""
    return listing(request, catalog.list_publishers(offset=offset, limit=limit))
