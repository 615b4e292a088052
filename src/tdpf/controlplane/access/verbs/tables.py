"""Connecting tables that stay with their provider: views of databases, files, buckets, and what is gathered of others."""

from __future__ import annotations

import time
from collections.abc import Callable

import orjson
from django.conf import settings
from django.db import transaction

from tdpf.controlplane.access.documents import error
from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.ngsi_documents import NgsiDocument
from tdpf.controlplane.access.table_documents import (
    PORTS,
    mark_of,
    read_table_document,
    same_table_receiver,
)
from tdpf.controlplane.access.table_types import (
    BucketDocument,
    FileDocument,
    GatheredDocument,
    SqlDocument,
    TableDocument,
    dictionary_of,
)
from tdpf.controlplane.access.types import SourceFacts
from tdpf.controlplane.access.verbs.connections import connection_of, keep_connection, must_be_elsewhere
from tdpf.controlplane.access.verbs.gathering import columns_of_parts, end_key, gathered, key_of
from tdpf.controlplane.access.verbs.looking import attributes_seen, columns_seen, must_have_columns
from tdpf.controlplane.access.verbs.secrets import opened_secret, sealed_secret
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetPage, DistributionDetails, DistributionPage, GatheredFrom
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.kit.database_sessions import open_session
from tdpf.kit.databases import DatabaseAddress, SeenColumn
from tdpf.wire.codec import from_plain, to_plain
from tdpf.wire.sources import ApiCredential

_TRY_SECONDS = 10.0
_REASON = "データは提供者のもとに置いたまま、呼び出しのたびに問い合わせます。"


def connect_table(
    *, actor: Standing, dataset_uid: str, name: str, document: object, secret: str | None = None
) -> SourceFacts:
    """Connect a table by its document as the distribution `name` of a dataset, or change how it is connected.

    `secret` None keeps the one that is kept. Another place is another promise: the warranty is signed anew then. Raises
    SourceInvalid, and as `members.may_provide` and the catalog's distributions do.
    """
    known = read_table_document(document)
    _must_be_elsewhere(known)
    with transaction.atomic():
        page = catalog.dataset_page(dataset_uid, actor)
        members.may_provide(actor, page.provider.party_id)
        parts: list[GatheredFrom] = []
        if isinstance(known, GatheredDocument):
            known, parts = gathered(actor, page, known)
        distribution = _distribution(actor, page, name, known, parts)
        row = connection_of(distribution, known.kind)
        if isinstance(known, GatheredDocument):
            keeps = bool(row.secret) and _may_keep(row, known)()
            sealed = (
                row.secret
                if keeps
                else key_of(row, actor, known.application, page.slug if name == "main" else f"{page.slug}.{name}")
            )
        else:
            sealed = sealed_secret(row, known.credential, secret, may_keep=_may_keep(row, known))
            end_key(row)
        return keep_connection(
            row, actor=actor, page=page, distribution=distribution, document=to_plain(known), secret=sealed, shard="connected"
        )  # fmt: skip


def _must_be_elsewhere(document: TableDocument) -> None:
    """Raise SourceInvalid for a file, bucket or broker at the platform's own address: that way no terms would be judged."""
    match document:
        case FileDocument():
            place, address = "url", document.url
        case BucketDocument():
            place, address = "endpoint", document.endpoint
        case NgsiDocument():
            place, address = "url", document.url
        case _:
            return
    must_be_elsewhere(place, address)


def _may_keep(row: SourceConnection, known: TableDocument) -> Callable[[], bool]:
    def keeps() -> bool:
        return row.kind == known.kind and same_table_receiver(read_table_document(row.document), known)

    return keeps


def _distribution(
    actor: Standing, page: DatasetPage, name: str, known: TableDocument, parts: list[GatheredFrom]
) -> DistributionPage:
    """Return the dataset's distribution of that name, made or moved to the place."""
    found = next((entry for entry in page.distributions if entry.name == name), None)
    details = DistributionDetails(
        name=name, kind="table", holding="connected", holding_reason=_REASON, storage_place=_keeper(known),
        place_mark=mark_of(known), format="API", title_ja="つないだ表", title_en="Connected table",
    )  # fmt: skip
    if found is None:
        catalog_services.add_distribution(actor=actor, dataset_uid=page.uid, details=details)
    elif not found.place_mark:
        raise SourceInvalid(
            errors=[
                error(
                    "name",
                    "この名前の配布はつないだ表ではありません。",
                    "The distribution of this name is not a connected table.",
                )
            ]
        )
    elif found.place_mark != details.place_mark:
        catalog_services.edit_distribution(actor=actor, distribution_uid=found.uid, details=details)
    fresh = catalog.dataset_page(page.uid, actor)
    distribution = next(entry for entry in fresh.distributions if entry.name == name)
    catalog_services.set_source_columns(
        actor=actor, distribution_uid=distribution.uid, columns=[column.name for column in known.columns],
        area_column=getattr(known, "area_column", ""), parts=parts,
        dictionary=dictionary_of(known.columns),
    )  # fmt: skip
    return distribution


def _keeper(document: TableDocument) -> str:
    """Return what is told to everybody about where the data are: the kind of system, never its address."""
    match document:
        case SqlDocument():
            return "提供者のデータベース"
        case FileDocument():
            return "提供者のサーバー"
        case BucketDocument():
            return "提供者のストレージ"
        case NgsiDocument():
            return "提供者のコンテキストブローカー"
        case _:
            return "集約したそれぞれの提供元"


def read_columns(
    *, actor: Standing, dataset_uid: str, name: str, document: object, secret: str = ""
) -> list[SeenColumn]:
    """Return the columns that a document's place has today, to fill the document from; its own `columns` may be anything.

    Without `secret` the kept one is used where it may be. Raises SourceInvalid, what the database says, and as
    `members.may_provide`.
    """
    page = catalog.dataset_page(dataset_uid, actor)
    members.may_provide(actor, page.provider.party_id)
    known = read_table_document(_without_columns(document))
    _must_be_elsewhere(known)
    if isinstance(known, GatheredDocument):
        return columns_of_parts(actor, known, page.provider.party_id)
    if not secret:
        row = SourceConnection.objects.filter(distribution__dataset__uid=page.uid, distribution__name=name).first()
        if row is not None and row.secret and _may_keep(row, known)():
            secret = from_plain(ApiCredential, orjson.loads(opened_secret(row))).value
    if isinstance(known, NgsiDocument):
        return attributes_seen(known, secret)[0]
    if not isinstance(known, SqlDocument):
        return columns_seen(known, secret)[0]
    session = open_session(_address(known, secret), seconds=_TRY_SECONDS, allow_private=settings.ALLOW_PRIVATE_FETCH)
    try:
        return session.columns(known.statement or f"SELECT * FROM {_quoted(known)}")  # noqa: S608  names are quoted
    finally:
        session.close()


def _without_columns(document: object) -> object:
    """Return a document of which the place is asked only: its own columns may be anything."""
    if not isinstance(document, dict):
        return document
    kept = {name: value for name, value in document.items() if name not in ("key_columns", "area_column")}
    if kept.get("kind") != "gathered":
        return {**kept, "columns": [{"name": "?"}]}
    parts = [part.get("columns", {}) for part in kept.get("parts", ()) if isinstance(part, dict)]
    named = dict.fromkeys(name for columns in parts if isinstance(columns, dict) for name in columns)
    return {**kept, "how": "union", "columns": [{"name": name} for name in named or ("?",)]}


def try_table(row: SourceConnection) -> dict[str, object]:
    """Ask a connected table for one row, and return what may be kept of the answer; raises what the place says."""
    document = read_table_document(row.document)
    begun = time.monotonic()
    if isinstance(document, SqlDocument):
        credential = from_plain(ApiCredential, orjson.loads(opened_secret(row)))
        rows = _first_row(document, credential.value)
        return {
            "status": 200, "milliseconds": int((time.monotonic() - begun) * 1000), "media_type": document.engine,
            "size": rows,
        }  # fmt: skip
    if isinstance(document, GatheredDocument):
        raise SourceInvalid(errors=[error("kind", "この種類は試せません。", "This kind cannot be tried.")])
    secret = from_plain(ApiCredential, orjson.loads(opened_secret(row))).value if row.secret else ""
    if isinstance(document, NgsiDocument):
        media_type, (_, size) = f"ngsi-{document.version}", attributes_seen(document, secret)
    else:
        seen, size = columns_seen(document, secret)
        must_have_columns(document, seen)
        media_type = document.file_format
    return {
        "status": 200, "milliseconds": int((time.monotonic() - begun) * 1000), "media_type": media_type, "size": size,
    }  # fmt: skip


def _first_row(document: SqlDocument, password: str) -> int:
    mark = "`" if document.engine == "mysql" else '"'
    names = ", ".join(mark + column.at_origin.replace(mark, mark * 2) + mark for column in document.columns)
    source = f"({document.statement}) AS t" if document.statement else _quoted(document)
    session = open_session(
        _address(document, password), seconds=min(_TRY_SECONDS, document.limits.timeout_seconds),
        allow_private=settings.ALLOW_PRIVATE_FETCH,
    )  # fmt: skip
    try:
        return sum(len(batch) for batch in session.rows(f"SELECT {names} FROM {source} LIMIT 1", ()))  # noqa: S608  names are quoted
    finally:
        session.close()


def _quoted(document: SqlDocument) -> str:
    mark = "`" if document.engine == "mysql" else '"'
    return ".".join(mark + part + mark for part in document.relation.split("."))


def _address(document: SqlDocument, secret: str) -> DatabaseAddress:
    asked = document.credential
    credential = ApiCredential(asked.kind, asked.name, secret, certificate=asked.certificate)
    return DatabaseAddress(
        document.engine, document.host, document.port or PORTS[document.engine], document.database,
        asked.name, credential.password, document.tls, document.certificate, credential.shown,
    )  # fmt: skip
