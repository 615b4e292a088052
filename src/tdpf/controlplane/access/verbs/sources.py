"""Connecting sources of data that stay where they are, and trying whether they answer."""

from __future__ import annotations

import base64
import ssl
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlencode

import orjson
from django.conf import settings
from django.db import transaction

from tdpf.controlplane.access.documents import error, may_be_got, read_api_document, same_receiver
from tdpf.controlplane.access.errors import NothingToTest, SourceInvalid, UnknownSource
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.openapi_import import MOST_BYTES, read_openapi
from tdpf.controlplane.access.reads.sources import source_of
from tdpf.controlplane.access.table_documents import TABLE_KINDS
from tdpf.controlplane.access.types import ApiDocument, ImportedApi, SourceFacts
from tdpf.controlplane.access.verbs.connections import connection_of, keep_connection
from tdpf.controlplane.access.verbs.secrets import opened_secret, sealed_secret
from tdpf.controlplane.access.verbs.streams import connect_stream, is_fetched, try_stream
from tdpf.controlplane.access.verbs.tables import connect_table, try_table
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetPage, DistributionDetails, DistributionPage
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.kit import clock
from tdpf.kit.certificates import client_context
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import fetch
from tdpf.kit.probing import Probed, probe
from tdpf.wire.codec import from_plain, to_plain
from tdpf.wire.sources import ApiCredential

LONGEST_SECRET = 4000
_TEST_SECONDS = 15.0
_TEST_PAUSE = timedelta(seconds=2)
KEEPER = "提供者のAPI"
_REASON = "データは提供者のAPIに置いたまま、呼び出しのたびに取り次ぎます。この基盤には保存しません。"


def connect_source(
    *, actor: Standing, dataset_uid: str, name: str, document: object, secret: str | None = None
) -> SourceFacts:
    """Connect a source by its document as the distribution `name` of a dataset; raises as the kind's own verb does."""
    kind = document.get("kind") if isinstance(document, dict) else None
    if kind == "stream":
        return connect_stream(actor=actor, dataset_uid=dataset_uid, name=name, document=document, secret=secret)
    if kind in TABLE_KINDS:
        return connect_table(actor=actor, dataset_uid=dataset_uid, name=name, document=document, secret=secret)
    return connect_api(actor=actor, dataset_uid=dataset_uid, name=name, document=document, secret=secret)


def connect_api(
    *, actor: Standing, dataset_uid: str, name: str, document: object, secret: str | None = None
) -> SourceFacts:
    """Connect a provider's HTTP API as the distribution `name` of a dataset, or change how it is connected.

    `secret` None keeps the one that is kept; it is sealed and never shown again. When the server that gets it changes,
    it must be given anew. Raises SourceInvalid, and as `members.may_provide` and the catalog's distributions do.
    """
    known = read_api_document(document)
    with transaction.atomic():
        page = catalog.dataset_page(dataset_uid, actor)
        members.may_provide(actor, page.provider.party_id)
        distribution = _api_distribution(actor, page, name, known.base_url)
        row = connection_of(distribution, known.kind)
        sealed = sealed_secret(
            row, known.credential, secret, may_keep=lambda: same_receiver(read_api_document(row.document), known)
        )
        return keep_connection(
            row, actor=actor, page=page, distribution=distribution, document=to_plain(known), secret=sealed, shard="apis"
        )  # fmt: skip


def _api_distribution(actor: Standing, page: DatasetPage, name: str, url: str) -> DistributionPage:
    """Return the dataset's distribution of that name, made or moved to the address."""
    found = next((entry for entry in page.distributions if entry.name == name), None)
    # Told to everybody: the kind of system, never its address, which may be an inner one.
    details = DistributionDetails(
        name=name, kind="api", holding="connected", holding_reason=_REASON, storage_place=KEEPER, url=url, format="API",
        title_ja="API", title_en="API",
    )  # fmt: skip
    if found is None:
        catalog_services.add_distribution(actor=actor, dataset_uid=page.uid, details=details)
    elif found.kind != "api":
        raise SourceInvalid(
            errors=[
                error("name", "この名前の配布はAPIではありません。", "The distribution of this name is not an API.")
            ]
        )
    elif found.url != url:
        catalog_services.edit_distribution(actor=actor, distribution_uid=found.uid, details=details)
    fresh = catalog.dataset_page(page.uid, actor)
    return next(entry for entry in fresh.distributions if entry.name == name)


def import_openapi(*, data: bytes | None = None, url: str = "") -> ImportedApi:
    """Return what an OpenAPI document allows, handed in or fetched; raises SourceInvalid, and as `fetching.fetch`."""
    if data is not None:
        return read_openapi(data)
    with TemporaryDirectory() as folder:
        fetched = fetch(
            url, into=Path(folder) / "openapi", max_bytes=MOST_BYTES, timeout=20.0,
            allow_private=settings.ALLOW_PRIVATE_FETCH,
        )  # fmt: skip
        return read_openapi(fetched.path.read_bytes(), found_at=fetched.url)


def try_source(*, actor: Standing, dataset_uid: str, name: str) -> SourceFacts:
    """Ask the source once as the data plane would and keep what came back: status, time, size, never content or secret.

    Within two seconds of the last try the same answer is given. Raises UnknownSource, NothingToTest, and as
    `members.may_edit`.
    """
    facts = source_of(dataset_uid, name, actor)
    page = catalog.dataset_page(dataset_uid, actor)
    members.may_edit(actor, page.provider.party_id)
    row = SourceConnection.objects.get(uid=facts.uid)
    if row.kind == "stream" and not is_fetched(row):
        raise UnknownSource(dataset=page.slug, name=name)
    instant = clock.now()
    if row.tested_at is not None and instant - row.tested_at < _TEST_PAUSE:
        return facts
    try:
        kept = try_stream(row) if row.kind == "stream" else try_table(row) if row.kind in TABLE_KINDS else _tried(row)
    except Problem as problem:
        kept = _noted(problem)
    SourceConnection.objects.filter(pk=row.pk).update(tested_at=instant, tested=kept)
    return source_of(dataset_uid, name, actor)


def _noted(problem: Problem) -> dict[str, object]:
    """Return what is kept of a refusal: the first error in its place, else its title."""
    listed = problem.data.get("errors")
    if isinstance(listed, list | tuple) and listed and isinstance(listed[0], dict):
        return {"note_ja": str(listed[0].get("message_ja", "")), "note_en": str(listed[0].get("message_en", ""))}
    return {"note_ja": problem.title.ja, "note_en": problem.title.en}


def _tried(row: SourceConnection) -> dict[str, object]:
    document = read_api_document(row.document)
    path = document.test_path or _simplest(document)
    answer = _call(document, path, opened_secret(row) if row.secret else b"")
    return {
        "status": answer.status, "milliseconds": answer.milliseconds, "media_type": answer.media_type[:100],
        "size": len(answer.body),
    }  # fmt: skip


def _simplest(document: ApiDocument) -> str:
    for operation in document.operations:
        if operation.method == "GET" and "{" not in operation.path and may_be_got(document, operation.path):
            return operation.path
    raise NothingToTest


def _call(document: ApiDocument, path: str, opened: bytes) -> Probed:
    url = document.base_url.rstrip("/") + path
    headers, shown = {"accept": "*/*", **document.request_headers.set}, ""
    if opened:
        credential = from_plain(ApiCredential, orjson.loads(opened))
        if credential.kind == "query":
            url += ("&" if "?" in url else "?") + urlencode({credential.name: credential.value}, quote_via=quote)
        elif credential.kind == "header":
            headers[credential.name] = credential.value
        elif credential.kind == "certificate":
            shown = credential.certificate + "\n" + credential.value
        elif credential.kind == "basic":
            pair = f"{credential.name}:{credential.value}".encode()
            headers["authorization"] = "Basic " + base64.b64encode(pair).decode()
        else:
            token = _token(credential)
            if isinstance(token, Probed):
                return token
            headers["authorization"] = f"Bearer {token}"
    return probe(
        url, headers=headers, timeout=_TEST_SECONDS, allow_private=settings.ALLOW_PRIVATE_FETCH,
        context=_context(document, shown),
    )  # fmt: skip


def _context(document: ApiDocument, shown: str) -> ssl.SSLContext | None:
    try:
        return client_context(document.authority, shown)
    except (ssl.SSLError, ValueError):
        unusable = error(
            "credential.certificate", "認証局か証明書を使えません。PEMを入れ直してください。",
            "The authority or the certificate cannot be used: give the PEM anew.",
        )  # fmt: skip
        raise SourceInvalid(errors=[unusable]) from None


def _token(credential: ApiCredential) -> str | Probed:
    """Return an access token (RFC 6749 §4.4), or the token endpoint's answer when it gives none."""
    form = {"grant_type": "client_credentials", "client_id": credential.name, "client_secret": credential.value}
    if credential.scopes:
        form["scope"] = " ".join(credential.scopes)
    answer = probe(
        credential.token_url, method="POST", body=urlencode(form).encode(), timeout=_TEST_SECONDS,
        headers={"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
        allow_private=settings.ALLOW_PRIVATE_FETCH,
    )  # fmt: skip
    try:
        token = orjson.loads(answer.body)["access_token"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return answer
    return token if isinstance(token, str) and token.isascii() and token.isprintable() else answer
