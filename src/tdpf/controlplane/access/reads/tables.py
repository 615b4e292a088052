"""Reads of connected tables."""

from __future__ import annotations

from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.table_documents import TABLE_KINDS, read_table_document
from tdpf.controlplane.access.table_types import ConnectedTableFacts, GatheredDocument


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
