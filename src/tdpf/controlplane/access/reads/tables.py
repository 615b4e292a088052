"""Reads of connected tables."""

from __future__ import annotations

from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.gathering import not_coming
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.table_documents import TABLE_KINDS, read_table_document
from tdpf.controlplane.access.table_types import ConnectedTableFacts, GatheredDocument
from tdpf.controlplane.access.types import NotComing
from tdpf.controlplane.catalog.types import DatasetPage


def columns_not_coming(page: DatasetPage) -> list[NotComing]:
    """Return which columns of a dataset's gathered tables some of their parts do not give; the caller has checked who asks."""
    uids = [one.uid for one in page.distributions]
    rows = SourceConnection.objects.filter(kind="gathered", distribution__uid__in=uids).order_by("id")
    return [one for row in rows for one in not_coming(row.document)]


def connected_tables() -> dict[str, ConnectedTableFacts]:
    """Return every connected table by the uid of its distribution, for the snapshot; one that is not understood is left out."""
    found: dict[str, ConnectedTableFacts] = {}
    rows = SourceConnection.objects.filter(kind__in=list(TABLE_KINDS)).values_list(
        "distribution__uid", "uid", "document", "secret"
    )
    for distribution, uid, plain, secret in rows:
        try:
            document = read_table_document(plain)
        except SourceInvalid:
            continue
        # Without its secret the source would be asked as a stranger.
        asks_for_secret = isinstance(document, GatheredDocument) or document.credential is not None
        if secret or not asks_for_secret:
            found[distribution] = ConnectedTableFacts(distribution, uid, document, secret)
    return found
