"""Looking at files and buckets that are to be connected: one file is fetched for a moment, and read apart."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from django.conf import settings

from tdpf.controlplane.access.documents import error
from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.ngsi_documents import NgsiDocument, broker_of
from tdpf.controlplane.access.source_types import DocumentCredential, StreamDocument
from tdpf.controlplane.access.table_types import BucketDocument, FileDocument
from tdpf.kit import clock
from tdpf.kit.apart import run_apart
from tdpf.kit.buckets import BucketAccess, fetch_object, list_objects
from tdpf.kit.certificates import client_context, fits
from tdpf.kit.databases import SeenColumn
from tdpf.kit.fetching import fetch
from tdpf.kit.ngsi import Asked, asking, origins_of
from tdpf.wire.connected import ConnectedColumn, ConnectedLimits
from tdpf.wire.sources import ApiCredential, FeedInlet

_SECONDS = 20.0
_READING_SECONDS = 30
_LOOKED_AT = 100


def columns_seen(document: FileDocument | BucketDocument, secret: str) -> tuple[list[SeenColumn], int]:
    """Return the columns of the file, or of a bucket's first, and its size; raises SourceInvalid, and as `fetching.fetch`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "file"
        credential = _credential(document.credential, secret)
        size = _fetch_file(document, credential, path) if isinstance(document, FileDocument) else _fetch_first(document, credential, path)  # fmt: skip
        order = {
            "describe": True, "files": [str(path)], "format": document.file_format, "encoding": document.encoding,
            "rows_at": getattr(document, "rows_at", ""), "result": str(folder / "result"), "seconds": _READING_SECONDS,
        }  # fmt: skip
        with (folder / "complaints").open("wb") as complaints:
            run_apart(
                "tdpf.tables.reading_apart", orjson.dumps(order), folder, seconds=_READING_SECONDS,
                complaints=complaints.fileno(),
            )  # fmt: skip
        result = folder / "result"
        found = orjson.loads(result.read_bytes()) if result.exists() else {}
    if "columns" not in found:
        why_ja, why_en = found.get("why_ja", "読み取れません"), found.get("why_en", "it was not read")
        raise SourceInvalid(errors=[error("file_format", f"ファイルを読めません: {why_ja}", f"The file: {why_en}.")])
    return [SeenColumn(name, kind) for name, kind in found["columns"]], size


def _credential(asked: DocumentCredential | None, secret: str) -> ApiCredential | None:
    """Return what is shown or said to the place; raises SourceInvalid for a key that is not the certificate's."""
    if asked is None:
        return None
    if asked.kind == "certificate" and not fits(asked.certificate.encode(), secret.encode()):
        said = "証明書と対になる、パスワードのない秘密鍵（PEM）を入れてください。"
        raise SourceInvalid(errors=[error("secret", said, "Give the certificate's own private key (PEM).")])
    return ApiCredential(asked.kind, asked.name, secret, certificate=asked.certificate)


def feed_seen(document: StreamDocument, feed: FeedInlet, secret: str) -> int:
    """Fetch the feed of a stream once, and return its size; raises SourceInvalid where it is none, or lacks a column."""
    columns = tuple(ConnectedColumn(column.name, origin=column.origin) for column in document.columns)
    limits = ConnectedLimits(most_bytes=feed.most_bytes)
    file = FileDocument(
        url=feed.url, file_format=feed.feed, columns=columns, credential=document.credential, limits=limits
    )  # fmt: skip
    seen, size = columns_seen(file, secret)
    must_have_columns(file, seen)
    return size


def attributes_seen(document: NgsiDocument, secret: str) -> tuple[list[SeenColumn], int]:
    """Return the columns that a broker's first entities could have, and how many entities there are; raises as `kit.ngsi`."""
    seconds = min(_SECONDS, document.limits.timeout_seconds)
    _credential(document.credential, secret)
    with asking(
        broker_of(document, secret), seconds=seconds, allow_private=settings.ALLOW_PRIVATE_FETCH
    ) as broker:  # fmt: skip
        entities, total = broker.entities(Asked(), limit=_LOOKED_AT, offset=0)
    if not entities:
        said = "この型のエンティティがありません（型、テナント、サービスパス、@contextを確かめてください）。"
        raise SourceInvalid(
            errors=[error("entity_type", said, "There are no entities of this type: check tenant, path, context.")]
        )
    found = origins_of(entities, document.version, simplified=document.simplified)
    return [SeenColumn(name, kind, origin) for name, kind, origin in found], total or len(entities)


def must_have_columns(document: FileDocument | BucketDocument, seen: list[SeenColumn]) -> None:
    """Raise SourceInvalid for the columns of a document that the file does not have."""
    names = {column.name for column in seen}
    missing = [column for column in document.columns if column.at_origin not in names]
    if missing:
        raise SourceInvalid(
            errors=[
                error(
                    "columns",
                    f"ファイルにない列です: {column.at_origin[:60]}",
                    f"Not in the file: {column.at_origin[:60]}",
                )
                for column in missing[:20]
            ]
        )


def _fetch_file(document: FileDocument, credential: ApiCredential | None, into: Path) -> int:
    url, headers = (document.url, {}) if credential is None else credential.given_to(document.url)
    fetched = fetch(
        url, into=into, max_bytes=document.limits.most_bytes, timeout=_SECONDS, headers=headers,
        allow_private=settings.ALLOW_PRIVATE_FETCH, shown_url=document.url.partition("?")[0],
        context=client_context("", credential.shown if credential else ""),
    )  # fmt: skip
    return fetched.size


def _fetch_first(document: BucketDocument, credential: ApiCredential | None, into: Path) -> int:
    access = BucketAccess(
        document.endpoint, document.bucket, document.region, credential.name if credential else "",
        credential.value if credential else "",
    )  # fmt: skip
    private, until = settings.ALLOW_PRIVATE_FETCH, time.monotonic() + _SECONDS
    found = list_objects(
        access,
        prefix=document.prefix,
        suffix=document.suffix,
        timeout=_SECONDS,
        until=until,
        instant=clock.now(),
        allow_private=private,
    )
    if not found:
        raise SourceInvalid(
            errors=[error("prefix", "ここにはファイルがありません。", "There is no file below this prefix.")]
        )
    fetched = fetch_object(
        access, found[0].key, into=into, max_bytes=document.limits.most_bytes, timeout=_SECONDS, until=until,
        instant=clock.now(), allow_private=private,
    )  # fmt: skip
    return fetched.size
