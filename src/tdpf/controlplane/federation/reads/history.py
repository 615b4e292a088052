"""Reads about where a dataset comes from: its records, what happened to them, the originals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tdpf.controlplane.federation.models import Record, RecordChange
from tdpf.controlplane.federation.packing import original_of
from tdpf.controlplane.federation.provenance import Source, provenance
from tdpf.controlplane.federation.rules import Standing, primary_of
from tdpf.kit.text import Text

_WORDS = {
    "seen": Text("はじめて見つかりました", "first seen"),
    "changed": Text("記載が変わりました", "its description changed"),
    "moved": Text("アドレスが変わりました", "its address changed"),
    "gone": Text("載らなくなりました", "no longer listed"),
    "back": Text("再び載りました", "listed again"),
    "joined": Text("同じデータとしてまとめました", "joined as the same data"),
    "parted": Text("別のデータとして分けました", "parted as other data"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a dataset at a site."""

    at: datetime
    site: Text
    what: Text
    note: Text


def sources_of(dataset_uid: str) -> list[Source]:
    """Return the records that a dataset comes from, the one whose words are shown first; none for others."""
    rows = list(
        Record.objects.defer("kept", "likeness")
        .select_related("site", "changed_run")
        .filter(dataset_uid=dataset_uid)
        .order_by("first_seen_at", "pk")
    )
    if not rows:
        return []
    best = primary_of(
        [
            Standing(
                key=row.pk, site=row.site.slug, is_own=row.site.standing == "own", gone_at=row.gone_at,
                first_seen_at=row.first_seen_at,
            )
            for row in rows
        ]
    )  # fmt: skip
    found = [
        Source(
            site=row.site.slug,
            site_name=Text(row.site.name_ja, row.site.name_en or row.site.name_ja),
            site_url=row.site.url,
            record_id=row.record_id,
            url=row.url,
            original_sha256=row.original_digest,
            is_primary=row.pk == best,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            changed_at=row.changed_at,
            gone_at=row.gone_at,
            run_uid=row.changed_run.uid if row.changed_run else "",
            run_started_at=row.changed_run.started_at if row.changed_run else None,
            run_ended_at=row.changed_run.ended_at if row.changed_run else None,
        )
        for row in rows
    ]
    return sorted(found, key=lambda source: not source.is_primary)


def history_of(dataset_uid: str) -> list[Happening]:
    """Return what happened to the records of a dataset, newest first."""
    rows = Record.objects.defer("kept", "likeness").select_related("site").filter(dataset_uid=dataset_uid)
    found = [
        Happening(
            row.first_seen_at,
            Text(row.site.name_ja, row.site.name_en or row.site.name_ja),
            _WORDS["seen"],
            Text("", ""),
        )
        for row in rows
    ]
    changes = RecordChange.objects.select_related("record__site").defer("record__kept", "record__likeness")
    for change in changes.filter(record__dataset_uid=dataset_uid) | changes.filter(dataset_uid=dataset_uid):
        site = change.record.site
        note = Text(change.note_ja, change.note_en)
        found.append(Happening(change.at, Text(site.name_ja, site.name_en or site.name_ja), _WORDS[change.what], note))
    return sorted(found, key=lambda happening: happening.at, reverse=True)


def original_record(dataset_uid: str, site: str = "", record_id: str = "") -> str | None:
    """Return the original JSON of a dataset's record at a site, of the one whose words are shown without; None if unknown.

    A site can have several of one dataset, one of them gone: `record_id` tells which.
    """
    sources = [source for source in sources_of(dataset_uid) if not site or source.site == site]
    chosen = next((source for source in sources if not record_id or source.record_id == record_id), None)
    if chosen is None:
        return None
    row = Record.objects.only("kept").get(site__slug=chosen.site, record_id=chosen.record_id)
    return original_of(row.kept) or None


def provenance_of(dataset_uid: str, *, dataset_url: str, base_url: str) -> dict[str, Any] | None:
    """Return where a dataset comes from as PROV-O in JSON-LD, None for one that no site lists."""
    sources = sources_of(dataset_uid)
    return provenance(dataset_url=dataset_url, base_url=base_url, sources=sources) if sources else None
