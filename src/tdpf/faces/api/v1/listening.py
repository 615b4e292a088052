"""Reading what people say of datasets, and the public requests for data."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community.types import DataRequestState, DataRequestView, FeedbackView, RequestFilters
from tdpf.faces.api.credentials import reader_of
from tdpf.faces.api.v1 import listening_shapes as shapes
from tdpf.faces.api.v1.listing import Limit, Offset, listing
from tdpf.kit.pages import Page

router = Router(tags=["listening"])


@router.get(
    "/datasets/{slug}/feedback",
    response=shapes.FeedbackListing,
    operation_id="listFeedback",
    summary="What is said of a dataset",
)
def list_feedback(request: HttpRequest, slug: str, limit: Limit = 20, offset: Offset = 0) -> dict[str, object]:
    """Public questions, corrections and uses, newest first, with the ratings' average."""
    standing = reader_of(request)
    page = catalog.dataset_page(slug, standing)
    found = community.threads_of(page.uid, standing, offset=offset, limit=limit)
    voices = community.voices_of(page.uid, standing)
    shown = Page(items=[shown_feedback(view) for view in found.items], total=found.total, offset=offset, limit=limit)
    return listing(request, shown, average=voices.average, rated=voices.rated)


@router.get(
    "/data-requests",
    response=shapes.DataRequestListing,
    operation_id="listDataRequests",
    summary="Requests for data",
)
def list_data_requests(
    request: HttpRequest,
    q: str = "",
    state: DataRequestState | None = None,
    dataset: str = "",
    sort: Literal["newest", "votes", "changed"] = "newest",
    limit: Limit = 20,
    offset: Offset = 0,
) -> dict[str, object]:
    """Public requests for data that are missing, in no catalogue, or in a bad format."""
    standing = reader_of(request)
    of = catalog.dataset_page(dataset, standing).uid if dataset else ""
    filters = RequestFilters(states=(str(state),) if state else (), words=q[:200], dataset_uid=of)
    found = community.list_data_requests(standing, filters=filters, sort=sort, offset=offset, limit=limit)
    shown = Page(
        items=[shown_data_request(view) for view in found.items], total=found.total, offset=offset, limit=limit
    )
    return listing(request, shown)


@router.get(
    "/data-requests/{uid}",
    response=shapes.DataRequest,
    operation_id="getDataRequest",
    summary="One request for data",
)
def get_data_request(request: HttpRequest, uid: str) -> dict[str, Any]:
    """A request with its history; a merged one names where it went."""
    return shown_data_request(community.get_data_request(uid, reader_of(request)))


@router.get(
    "/feedback/{uid}",
    response=shapes.Feedback,
    operation_id="getFeedback",
    summary="One thread",
)
def get_feedback(request: HttpRequest, uid: str) -> dict[str, Any]:
    """A question, correction or use with its answers; what is held back is for its author and the data's owner."""
    return shown_feedback(community.get_feedback(uid, reader_of(request)))


def shown_feedback(view: FeedbackView) -> dict[str, Any]:
    """Return a thread in its shape."""
    plain = (
        "uid", "kind", "author", "title", "text", "url", "reuse_kind", "state", "visibility", "said_at", "closed_at"
    )  # fmt: skip
    return {
        **{name: getattr(view, name) for name in plain},
        "dataset": view.dataset.slug,
        "target": {name: value for name, value in vars(view.target).items() if value},
        "replies": [{"side": said.side, "name": said.name, "text": said.text, "at": said.at} for said in view.replies],
    }


def shown_data_request(view: DataRequestView) -> dict[str, Any]:
    """Return a data request in its shape."""
    plain = (
        "uid", "kind", "title", "text", "use", "holder_name", "wanted_format", "author", "state", "visibility", "reason",
        "published_url", "merged_into", "votes", "made_at", "changed_at",
    )  # fmt: skip
    return {
        **{name: getattr(view, name) for name in plain},
        "dataset": view.dataset.slug if view.dataset else "",
        "history": [{"state": step.state, "text": step.text, "name": step.name, "at": step.at} for step in view.steps],
    }
