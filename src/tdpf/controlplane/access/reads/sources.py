"""Reads of source connections."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from tdpf.controlplane.access.documents import read_api_document
from tdpf.controlplane.access.errors import SourceInvalid, UnknownSource
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.types import ConnectedApi, OfferedOperation, SourceFacts, SourceTested
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.members.types import Standing
from tdpf.kit.text import Text


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


def source_facts(row: SourceConnection, page: DatasetPage, distribution: DistributionPage) -> SourceFacts:
    """Return what may be shown of a row."""
    return SourceFacts(
        uid=row.uid, kind=row.kind, dataset_uid=page.uid, distribution_uid=distribution.uid, name=distribution.name,
        document=row.document, has_secret=bool(row.secret), changed_at=row.changed_at,
        tested=_tested(row.tested_at, row.tested),
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
