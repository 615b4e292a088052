"""What connecting every kind of source has in common: its row, and how it is kept, told and brought to the gateways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tdpf.controlplane.access.documents import error
from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.events import SourceConnected
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.reads.sources import source_facts
from tdpf.controlplane.access.stamping import bump_stamp
from tdpf.controlplane.access.types import SourceFacts
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit import clock
from tdpf.kit.ids import new_uid


def connection_of(distribution: DistributionPage, kind: str) -> SourceConnection:
    """Return the distribution's connection, locked, or a new one; must be called inside a transaction."""
    row = SourceConnection.objects.select_for_update().filter(distribution__uid=distribution.uid).first()
    if row is None:
        row = SourceConnection(
            uid=new_uid(), kind=kind, distribution_id=catalog.get_distribution(distribution.uid).pk, document={}
        )
    return row


def keep_connection(
    row: SourceConnection,
    *,
    actor: Standing,
    page: DatasetPage,
    distribution: DistributionPage,
    document: dict[str, Any],
    secret: str = "",
    shard: str,
) -> SourceFacts:
    """Keep a connection's document (plain) and sealed secret, forget earlier trials, announce it, and tell the gateways.

    `shard` is the part of the snapshot that changes beside the collections. Must be called inside a transaction.
    """
    changed = secret != row.secret
    row.kind, row.document, row.secret = document["kind"], document, secret
    row.changed_by_id, row.changed_at = actor.member_id, clock.now()
    row.tested_at, row.tested = None, {}
    row.save()
    if not is_pushed(document):
        catalog_services.set_connected(distribution_uid=distribution.uid, connected=True)
    announce(
        SourceConnected(
            actor=actor.actor, subject=f"dataset:{page.uid}", dataset_uid=page.uid, distribution=distribution.name,
            kind=row.kind, credential_changed=changed,
        )
    )  # fmt: skip
    bump_stamp("collections", shard)
    return source_facts(row, page, distribution)


def is_pushed(document: Mapping[str, Any]) -> bool:
    """Say whether this is a stream into which devices push, each with its token."""
    return document["kind"] == "stream" and not (document.get("mqtt") or document.get("feed"))


def must_be_elsewhere(place: str, address: str) -> None:
    """Raise SourceInvalid for an address of the platform itself: that way no terms would be judged. `place` names the member."""
    if _host_of(address) == _host_of(settings.PUBLIC_URL):
        said = "このプラットフォームのデータは、集約でつないでください。"
        raise SourceInvalid(errors=[error(place, said, "What is on this platform is connected by gathering it.")])


def _host_of(address: str) -> str:
    return (urlsplit(address).hostname or "").rstrip(".")
