"""Handing in files: in one go, in parts that resume after a break, or by an address; then having them read.

Parts follow the IETF's resumable uploads (draft-ietf-httpbis-resumable-upload) in the header `Upload-Offset`: what was
confirmed is safe, `HEAD` says where to go on, and the upload is whole when its last byte is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import Router, Status
from pydantic import ValidationError

from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation import services as preparation_services
from tdpf.controlplane.preparation.types import UploadSource, UploadState
from tdpf.faces.api.credentials import actor_of, caller_of, writes_uploads
from tdpf.faces.api.problems import (
    BodyUnreadable,
    MediaTypeNotSupported,
    OffsetMissing,
    PartTooLarge,
    RequestInvalid,
)
from tdpf.faces.api.v1 import forms, results

router = Router(tags=["uploads"], auth=writes_uploads)

LARGEST_PART = 64 * 1024 * 1024
PIECE = 1024 * 1024
PART_TYPES = ("application/offset+octet-stream", "application/partial-upload", "application/octet-stream")
FILE_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
}
OFFSET = {"name": "Upload-Offset", "in": "header", "required": True, "schema": {"type": "integer", "minimum": 0}}


@router.post(
    "/uploads",
    response={201: results.Upload},
    operation_id="createUpload",
    summary="Begin an upload, or send a file in one go",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": forms.NewUpload.model_json_schema()},
                "multipart/form-data": {"schema": FILE_FORM},
            },
        }
    },
)
def create_upload(request: HttpRequest, response: HttpResponse) -> Status[Any]:
    """As JSON: announce name and size, then send parts to `Location`. As a form: the file in the field `file`."""
    kind = (request.content_type or "").lower()
    if kind == "multipart/form-data":
        upload = _whole_file(request)
    elif kind == "application/json":
        announced = _announced(request)
        upload = preparation_services.start_upload(
            actor=actor_of(request),
            party_id=caller_of(request).application.owner_party_id,
            file_name=announced.name,
            size=announced.size,
            source=UploadSource.API,
        )
        if announced.size == 0:
            upload = preparation_services.finish_upload(actor=actor_of(request), upload_uid=upload.uid)
    else:
        raise MediaTypeNotSupported(allowed="application/json, multipart/form-data")
    _say_where(response, upload)
    return Status(201, upload)


@router.post(
    "/uploads/from-url",
    response={201: results.Upload},
    operation_id="createUploadFromUrl",
    summary="Have a file fetched",
)
def create_upload_from_url(request: HttpRequest, response: HttpResponse, payload: forms.UploadFromUrl) -> Status[Any]:
    """The platform fetches a public http(s) address; private addresses are refused."""
    upload = preparation_services.upload_from_url(
        actor=actor_of(request), party_id=caller_of(request).application.owner_party_id, url=payload.url
    )
    _say_where(response, upload)
    return Status(201, upload)


@router.get("/uploads/{uid}", response=results.Upload, operation_id="getUpload", summary="One upload")
def get_upload(request: HttpRequest, uid: str) -> Any:
    """Where an upload stands; when it could not be read, why, in both languages."""
    return preparation.get_upload(uid, actor_of(request))


@router.api_operation(
    ["HEAD"], "/uploads/{uid}", response={204: None}, operation_id="headUpload", summary="Where to go on"
)
def head_upload(request: HttpRequest, response: HttpResponse, uid: str) -> Status[None]:
    """`Upload-Offset` says how many bytes are safe."""
    _say_where(response, preparation.get_upload(uid, actor_of(request)))
    return Status(204, None)


@router.patch(
    "/uploads/{uid}",
    response={204: None},
    operation_id="appendToUpload",
    summary="Send a part",
    openapi_extra={
        "parameters": [OFFSET],
        "requestBody": {
            "required": True,
            "content": {PART_TYPES[0]: {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}},
        },
    },
)
def append_to_upload(request: HttpRequest, response: HttpResponse, uid: str) -> Status[None]:
    """Bytes from `Upload-Offset` on, at most 64 MiB at once; a wrong offset is refused with the right one."""
    if (request.content_type or "").lower() not in PART_TYPES:
        raise MediaTypeNotSupported(allowed=PART_TYPES[0])
    if _content_length(request) > LARGEST_PART:
        raise PartTooLarge(limit=LARGEST_PART)
    offset, actor = _offset(request), actor_of(request)
    upload = preparation.get_upload(uid, actor)
    for piece in _pieces(request):
        upload = preparation_services.append_bytes(actor=actor, upload_uid=uid, offset=offset, data=piece)
        offset += len(piece)
    if upload.state == UploadState.RECEIVING and upload.received_bytes == upload.size:
        upload = preparation_services.finish_upload(actor=actor, upload_uid=uid)
    _say_where(response, upload)
    return Status(204, None)


@router.delete("/uploads/{uid}", response={204: None}, operation_id="discardUpload", summary="Discard an upload")
def discard_upload(request: HttpRequest, uid: str) -> Status[None]:
    """Its bytes are erased; versions made of it stay."""
    preparation_services.discard_upload(actor=actor_of(request), upload_uid=uid)
    return Status(204, None)


@router.post("/uploads/{uid}/read", response=results.ReadUpload, operation_id="readUpload", summary="Have it read")
def read_upload(request: HttpRequest, uid: str, payload: forms.ReadChoice | None = None) -> Any:
    """Find the table and show the first rows, the proposed dictionary and metadata, before anything is published.

    `state` says what came of it: `read`, `choosing` (several tables; name one in `choice`) or `failed`, with `problem`.
    """
    actor = actor_of(request)
    choice = payload.choice if payload else None
    upload = preparation_services.read_upload(actor=actor, upload_uid=uid, choice=choice)
    return {"upload": upload, "preview": _preview(request, uid) if upload.state == UploadState.READ else None}


@router.get(
    "/uploads/{uid}/preview", response=results.Preview, operation_id="previewUpload", summary="What would be published"
)
def preview_upload(request: HttpRequest, uid: str) -> Any:
    """The first rows, the dictionary and the notes of the last reading."""
    return _preview(request, uid)


def _preview(request: HttpRequest, uid: str) -> Any:
    return preparation.preview(uid, actor_of(request))


def _whole_file(request: HttpRequest) -> Any:
    try:
        sent = request.FILES.get("file")
    except MultiPartParserError as fault:
        raise BodyUnreadable(what=str(fault)) from None
    if not isinstance(sent, UploadedFile) or sent.size is None:
        raise _missing("file", "ファイルを file という名前の欄で送ってください。", "Send the file in the field “file”.")
    return preparation_services.upload_file_whole(
        actor=actor_of(request),
        party_id=caller_of(request).application.owner_party_id,
        file_name=sent.name or "",
        size=sent.size,
        pieces=sent.chunks(PIECE),
        source=UploadSource.API,
        media_type=sent.content_type or "",
    )


def _announced(request: HttpRequest) -> forms.NewUpload:
    try:
        return forms.NewUpload.model_validate_json(request.body)
    except ValidationError as fault:
        errors = [
            {
                "field": ".".join(str(part) for part in error["loc"]) or "body",
                "message_ja": f"値が正しくありません（{error['msg']}）。",
                "message_en": error["msg"],
            }
            for error in fault.errors()
        ]
        raise RequestInvalid(errors=errors) from None


def _missing(field: str, ja: str, en: str) -> RequestInvalid:
    return RequestInvalid(errors=[{"field": field, "message_ja": ja, "message_en": en}])


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body in pieces, each of which is safe before the next is read."""
    total = 0
    while piece := request.read(PIECE):
        total += len(piece)
        if total > LARGEST_PART:
            raise PartTooLarge(limit=LARGEST_PART)
        yield piece


def _content_length(request: HttpRequest) -> int:
    text = request.headers.get("Content-Length", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _offset(request: HttpRequest) -> int:
    text = request.headers.get("Upload-Offset", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise OffsetMissing
    return int(text)


def _say_where(response: HttpResponse, upload: Any) -> None:
    response["Location"] = f"{settings.PUBLIC_URL}/api/v1/uploads/{upload.uid}"
    response["Upload-Offset"] = str(upload.received_bytes)
    response["Upload-Length"] = str(upload.size)
    response["Cache-Control"] = "no-store"
