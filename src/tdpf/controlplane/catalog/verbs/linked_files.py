"""The files, pages and services that other sites name for a dataset, kept as distributions that stay where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tdpf.controlplane.catalog import rules
from tdpf.controlplane.catalog.enriching.types import EnrichedDistribution
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.djangokit.many_rows import insert_rows, update_objects
from tdpf.kit.ids import new_uid

_REASON = "提供元のサイトにあるデータです。この基盤には保存せず、リンクで案内します。"
_MOST = 1_000
_WRITTEN = (
    "title_ja", "title_en", "description_ja", "url", "access_url", "format", "media_type", "size", "stated_format", "licence",
    "columns", "source_modified_at", "record_id", "state", "modified_at", "link_state", "link_checked_at", "link_status",
    "link_note", "link_asked_at", "rating",
)  # fmt: skip


def keep_linked_files(wanted: Mapping[Dataset, Sequence[EnrichedDistribution]], instant: datetime) -> set[int]:
    """Make the distributions of datasets the given ones; return the ids of datasets in which something changed.

    A file is the same when the source's key of it is, else when its address is. What the source names no more is marked
    removed and stays; an address that changed is to be looked at again.
    """
    kept: dict[int, list[Distribution]] = {}
    for row in Distribution.objects.filter(dataset__in=[dataset.pk for dataset in wanted if dataset.pk]).order_by("id"):
        kept.setdefault(row.dataset_id, []).append(row)
    fresh: list[dict[str, Any]] = []
    changed: list[Distribution] = []
    touched: set[int] = set()
    for dataset, listed in wanted.items():
        rows = kept.get(dataset.pk, [])
        named = {row.name for row in rows}
        left = {row.pk: row for row in rows}
        for item in listed[:_MOST]:
            values = _values(item)
            if not values["url"]:
                continue
            known = _same(left, values)
            if known is None:
                name = _free_name(named)
                named.add(name)
                fresh.append(_begun(dataset, name, values, instant))
                touched.add(dataset.pk)
                continue
            del left[known.pk]
            if _overwrite(known, values, instant):
                changed.append(known)
                touched.add(dataset.pk)
        for row in left.values():
            if row.state == Distribution.State.ACTIVE:
                row.state, row.modified_at = Distribution.State.REMOVED, instant
                changed.append(row)
                touched.add(dataset.pk)
    if fresh:
        insert_rows(Distribution, list(fresh[0]), [tuple(row.values()) for row in fresh])
    update_objects(changed, _WRITTEN)
    return touched


def forget_removed(*, before: datetime, limit: int) -> list[str]:
    """Remove at most so many links that other sites named no more before a moment; return their uids."""
    with transaction.atomic():
        gone = Distribution.objects.filter(
            state=Distribution.State.REMOVED,
            kind=Distribution.Kind.LINK,
            dataset__origin=Dataset.Origin.HARVESTED,
            modified_at__lt=before,
        )
        rows = list(gone.order_by("pk").values_list("pk", "uid")[:limit])
        for begun in range(0, len(rows), 500):
            Distribution.objects.filter(pk__in=[pk for pk, _ in rows[begun : begun + 500]]).delete()
    return [uid for _, uid in rows]


def _values(item: EnrichedDistribution) -> dict[str, Any]:
    addresses = [url for url in (item.url, item.access_url) if url and rules.is_web_address(url, 2000)]
    return {
        "title_ja": item.title[:300],
        "description_ja": item.description,
        "url": addresses[0] if addresses else "",
        "access_url": item.access_url if item.access_url in addresses else "",
        "format": item.format,
        "media_type": item.media_type[:150],
        "size": item.size,
        "stated_format": item.stated_format[:200],
        "licence": item.licence,
        "columns": list(item.columns),
        "source_modified_at": item.modified_at,
        "record_id": item.record_id[:500],
    }


def _same(left: Mapping[int, Distribution], values: Mapping[str, Any]) -> Distribution | None:
    if values["record_id"]:
        for row in left.values():
            if row.record_id == values["record_id"]:
                return row
    return next((row for row in left.values() if row.url == values["url"]), None)


def _begun(dataset: Dataset, name: str, values: dict[str, Any], instant: datetime) -> dict[str, Any]:
    return {
        "uid": new_uid(),
        "dataset_id": dataset.pk,
        "name": name,
        "kind": Distribution.Kind.LINK,
        "holding": Distribution.Holding.CONNECTED,
        "holding_reason": _REASON,
        "created_at": instant,
        "modified_at": instant,
        **values,
    }


def _overwrite(row: Distribution, values: Mapping[str, Any], instant: datetime) -> bool:
    stated = dict(values)
    if not stated["columns"]:
        stated["columns"] = row.columns
    if stated["size"] is None:
        stated["size"] = row.size
    if not stated["media_type"]:
        stated["media_type"] = row.media_type
    moved = row.url != stated["url"]
    different = row.state != Distribution.State.ACTIVE or any(
        getattr(row, name) != value for name, value in stated.items()
    )
    if not different:
        return False
    for name, value in stated.items():
        setattr(row, name, value)
    row.state, row.modified_at = Distribution.State.ACTIVE, instant
    if moved:
        row.link_state, row.link_checked_at, row.link_status = Distribution.LinkState.UNKNOWN, None, None
        row.link_note, row.link_asked_at = {}, None
        row.rating = None
    return True


def _free_name(named: set[str]) -> str:
    if "main" not in named:
        return "main"
    number = len(named) + 1
    while f"file-{number}" in named:
        number += 1
    return f"file-{number}"
