"""Reads of source connections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from django.db.models import QuerySet

from tdpf.controlplane.access.documents import read_api_document
from tdpf.controlplane.access.errors import SourceInvalid, UnknownSource
from tdpf.controlplane.access.gathering import not_coming
from tdpf.controlplane.access.inlet_documents import read_stream_document
from tdpf.controlplane.access.models import DeviceToken, GateNode, SourceConnection
from tdpf.controlplane.access.types import (
    ConnectedApi,
    ConnectedStream,
    DeviceTokenFacts,
    InletFacts,
    OfferedOperation,
    SourceFacts,
    SourceTested,
    StreamDocument,
)
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.members.types import Standing
from tdpf.kit import clock
from tdpf.kit.text import Text

_TOLD_WITHIN = timedelta(minutes=1)


def source_of(dataset_uid: str, name: str, standing: Standing) -> SourceFacts:
    """Return a dataset's source connection to its provider's members and the operator; raises UnknownSource."""
    page = catalog.dataset_page(dataset_uid, standing)
    if standing.is_operator or page.provider.party_id in standing.roles:
        for distribution in page.distributions:
            row = SourceConnection.objects.filter(distribution__uid=distribution.uid).first()
            if distribution.name == name and row is not None:
                return source_facts(row, page, distribution)
    raise UnknownSource(dataset=page.slug, name=name[:63])


def operations_of(page: DatasetPage, base_url: str) -> list[OfferedOperation]:
    """Return what may be called of a dataset's connected APIs; whoever may see the page may know it."""
    found: list[OfferedOperation] = []
    for distribution in page.distributions:
        row = SourceConnection.objects.filter(distribution__uid=distribution.uid, kind="http_api").first()
        if row is not None:
            address = f"{base_url}/data/apis/{quote(catalog.collection_of(page, distribution))}"
            found += [
                OfferedOperation(operation.method, operation.path, operation.title, address + operation.path)
                for operation in read_api_document(row.document).operations
            ]
    return found


def connected_apis() -> dict[str, ConnectedApi]:
    """Return every connected API by the uid of its distribution, for the snapshot; one that is not understood is left out."""
    found: dict[str, ConnectedApi] = {}
    rows = SourceConnection.objects.filter(kind="http_api").values_list(
        "distribution__uid", "uid", "document", "secret"
    )
    for distribution, uid, plain, secret in rows:
        try:
            document = read_api_document(plain)
        except SourceInvalid:
            continue
        # Without its secret the API would be called as a stranger.
        if document.credential is None or secret:
            found[distribution] = ConnectedApi(distribution, uid, document, secret)
    return found


def connected_streams() -> dict[str, ConnectedStream]:
    """Return every stream by the uid of its distribution, for the snapshot; one that is not understood is left out."""
    found: dict[str, ConnectedStream] = {}
    for row in _streams().prefetch_related("tokens"):
        try:
            document = read_stream_document(row.document)
        except SourceInvalid:
            continue
        tokens = tuple(sorted(token.sha256 for token in row.tokens.all() if token.revoked_at is None))
        part = row.distribution
        # Without its secret the source would be asked as a stranger.
        if document.credential is None or row.secret:
            found[part.uid] = ConnectedStream(part.uid, row.uid, document, tokens, part.dataset.title_ja, row.secret)
    return found


def _streams() -> QuerySet[SourceConnection]:
    return SourceConnection.objects.filter(kind="stream").select_related("distribution__dataset")


def inlet_of(source_uid: str) -> InletFacts | None:
    """Return how a stream's events are being fetched, as told in the last minute; the caller has checked who asks."""
    since = clock.now() - _TOLD_WITHIN
    for node in GateNode.objects.filter(kind="delivery", seen_at__gte=since).order_by("-seen_at"):
        for plain in node.health.get("inlets", ()):
            if plain["source"] == source_uid:
                last = plain["last_taken"]
                return InletFacts(
                    state=plain["state"], since=_instant(plain["since"]), taken=plain["taken"],
                    refused=plain["refused"], last_taken=_instant(last) if last else None,
                    why=Text(plain["why_ja"], plain["why_en"]), told_at=node.seen_at,
                )  # fmt: skip
    return None


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def device_tokens(source_uid: str) -> list[DeviceTokenFacts]:
    """Return the tokens of a stream, newest first; the caller has checked who asks."""
    rows = DeviceToken.objects.filter(source__uid=source_uid).order_by("-id")
    return [token_facts(row) for row in rows]


def token_facts(row: DeviceToken) -> DeviceTokenFacts:
    """Return what may be shown of a token."""
    return DeviceTokenFacts(row.uid, row.name, row.prefix, row.created_at, row.revoked_at)


def streams_of(page: DatasetPage, base_url: str) -> list[tuple[str, StreamDocument]]:
    """Return the address and the document of a dataset's streams; whoever may see the page may know them."""
    found = []
    for distribution in page.distributions:
        row = _streams().filter(distribution__uid=distribution.uid).first() if distribution.kind == "stream" else None
        if row is not None:
            address = f"{base_url}/data/streams/{quote(catalog.collection_of(page, distribution))}"
            found.append((address, read_stream_document(row.document)))
    return found


def source_facts(row: SourceConnection, page: DatasetPage, distribution: DistributionPage) -> SourceFacts:
    """Return what may be shown of a row."""
    return SourceFacts(
        uid=row.uid, kind=row.kind, dataset_uid=page.uid, distribution_uid=distribution.uid, name=distribution.name,
        document=row.document, has_secret=bool(row.secret), changed_at=row.changed_at,
        tested=_tested(row.tested_at, row.tested), not_coming=not_coming(row.document),
    )  # fmt: skip


def _tested(at: datetime | None, plain: dict[str, object]) -> SourceTested | None:
    if at is None:
        return None
    return SourceTested(
        at=at,
        status=int(str(plain.get("status", 0))),
        milliseconds=int(str(plain.get("milliseconds", 0))),
        media_type=str(plain.get("media_type", "")),
        size=int(str(plain.get("size", 0))),
        note=Text(str(plain.get("note_ja", "")), str(plain.get("note_en", ""))),
    )
