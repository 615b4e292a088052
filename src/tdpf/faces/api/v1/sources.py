"""Source connections: data that stay with their provider and are passed on at each call."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services
from tdpf.controlplane.catalog import queries as catalog
from tdpf.faces.api.credentials import actor_of, reader_of, writes_datasets
from tdpf.faces.api.v1 import forms, results

router = Router(tags=["sources"], auth=writes_datasets)


@router.put(
    "/datasets/{slug}/sources/{name}",
    response=results.Source,
    operation_id="connectSource",
    summary="Connect a source of data",
)
def connect_source(request: HttpRequest, slug: str, name: str, payload: forms.SourceToConnect) -> Any:
    """Make a connection from its document, or change it; `secret` is kept sealed and never shown, null keeps it as it is."""
    actor = actor_of(request)
    page = catalog.dataset_page(slug, actor)
    return services.connect_source(
        actor=actor, dataset_uid=page.uid, name=name, document=payload.document, secret=payload.secret
    )


@router.get(
    "/datasets/{slug}/sources/{name}", response=results.Source, operation_id="getSource", summary="A source connection"
)
def get_source(request: HttpRequest, slug: str, name: str) -> Any:
    """The document as it is kept, whether a secret is kept, and what came of the last try."""
    actor = actor_of(request)
    return access.source_of(catalog.dataset_page(slug, actor).uid, name, actor)


@router.post(
    "/datasets/{slug}/sources/{name}/test",
    response=results.Source,
    operation_id="testSource",
    summary="Try whether a source answers",
)
def test_source(request: HttpRequest, slug: str, name: str) -> Any:
    """Call it once; the status and the time are kept, not what it said."""
    actor = actor_of(request)
    return services.try_source(actor=actor, dataset_uid=catalog.dataset_page(slug, actor).uid, name=name)


@router.post(
    "/datasets/{slug}/sources/{name}/columns",
    response=list[results.SeenColumn],
    operation_id="readSourceColumns",
    summary="The columns a table has where it is",
)
def read_source_columns(request: HttpRequest, slug: str, name: str, payload: forms.SourceToConnect) -> Any:
    """Ask the place that a document names which columns it has today; nothing is kept. The document's own may be left out."""
    actor = actor_of(request)
    page = catalog.dataset_page(slug, actor)
    return services.read_columns(
        actor=actor, dataset_uid=page.uid, name=name, document=payload.document, secret=payload.secret or ""
    )


@router.post(
    "/datasets/{slug}/sources/{name}/tokens",
    response={201: results.IssuedToken},
    operation_id="issueDeviceToken",
    summary="Issue a token for a device",
)
def issue_device_token(request: HttpRequest, slug: str, name: str, payload: forms.NewDeviceToken) -> Status[Any]:
    """A token to push into a stream with (`POST /push/{stream}`); it is shown this once."""
    actor = actor_of(request)
    page = catalog.dataset_page(slug, actor)
    issued = services.issue_device_token(actor=actor, dataset_uid=page.uid, name=name, token_name=payload.name)
    return Status(201, {"uid": issued.token.uid, "name": issued.token.name, "token": issued.plaintext})


@router.get(
    "/datasets/{slug}/sources/{name}/tokens",
    response=list[results.DeviceToken],
    operation_id="listDeviceTokens",
    summary="The tokens of a stream",
)
def list_device_tokens(request: HttpRequest, slug: str, name: str) -> Any:
    """Newest first; what they are is not kept."""
    actor = actor_of(request)
    return access.device_tokens(access.source_of(catalog.dataset_page(slug, actor).uid, name, actor).uid)


@router.delete(
    "/datasets/{slug}/sources/{name}/tokens/{uid}",
    response=results.DeviceToken,
    operation_id="revokeDeviceToken",
    summary="Take a device's token back",
)
def revoke_device_token(request: HttpRequest, slug: str, name: str, uid: str) -> Any:
    """It stops at once."""
    actor = actor_of(request)
    page = catalog.dataset_page(slug, actor)
    return services.revoke_device_token(actor=actor, dataset_uid=page.uid, name=name, token_uid=uid)


@router.post(
    "/source-documents/openapi",
    response=results.ImportedDocument,
    operation_id="importOpenApi",
    summary="From an OpenAPI document to a source's document",
)
def import_openapi(request: HttpRequest, payload: forms.OpenApiToImport) -> Any:
    """Read an OpenAPI document, sent as text or fetched from its address; nothing is kept."""
    actor_of(request)
    data = payload.text.encode() if payload.text else None
    found = services.import_openapi(data=data, url=payload.url)
    document: dict[str, Any] = {
        "format": 1,
        "kind": "http_api",
        "base_url": found.base_url,
        "operations": [{"method": one.method, "path": one.path, "title": one.title} for one in found.operations],
    }
    if found.credential is not None:
        asked = found.credential
        document["credential"] = {"kind": asked.kind, "name": asked.name, "token_url": asked.token_url,
                                  "scopes": list(asked.scopes)}  # fmt: skip
    return {"title": found.title, "document": document, "left_out": found.left_out}


@router.get(
    "/datasets/{slug}/operations",
    response=list[results.Operation],
    auth=None,
    operation_id="listOperations",
    summary="What may be called of a connected API",
)
def list_operations(request: HttpRequest, slug: str) -> Any:
    """Each allowed call with its address at the gateway."""
    return access.operations_of(catalog.dataset_page(slug, reader_of(request)), settings.PUBLIC_URL)
