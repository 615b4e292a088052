"""Gathering several collections into one table: its parts judged, the key it asks them with."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterator, Sequence

from django.db import connection

from tdpf.controlplane.access import rules
from tdpf.controlplane.access.documents import Fault, must_be_faultless
from tdpf.controlplane.access.gathering import columns_of_part, part_of, with_equal_names
from tdpf.controlplane.access.models import ApiKey, Application, SourceConnection
from tdpf.controlplane.access.stamping import bump_stamp
from tdpf.controlplane.access.table_types import DocumentPart, GatheredDocument
from tdpf.controlplane.access.types import DEFAULT_SCOPES
from tdpf.controlplane.access.verbs.secrets import opened_secret, sealing_key
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage, GatheredFrom
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.members.types import Standing
from tdpf.kit import clock
from tdpf.kit.databases import SeenColumn
from tdpf.kit.ids import new_uid
from tdpf.wire.codec import from_json, to_json
from tdpf.wire.sealing import Unsealable, seal
from tdpf.wire.sources import ApiCredential

_GATHERING = 7_310_227


def gathered(
    actor: Standing, page: DatasetPage, document: GatheredDocument
) -> tuple[GatheredDocument, list[GatheredFrom]]:
    """Return the document with every part's columns named, and its parts.

    Raises SourceInvalid: another's application, no such table, a table gathered itself, one that may not be passed on.
    """
    _let_nobody_else_gather()
    party = page.provider.party_id
    known = Application.objects.filter(uid=document.application, owner_id=party, state="active").exists()
    must_be_faultless(
        iter(
            ()
            if known
            else [("application", "自分の利用アプリを選んでください。", "Choose an application of your own.")]
        )
    )
    found = [part_of(part.collection, actor) for part in document.parts]
    reach = _in_reach(document, found, party)
    whole = [with_equal_names(part, document.columns, own) for part, own in zip(document.parts, reach, strict=True)]
    parts = [
        GatheredFrom(
            dataset_uid=one[0], collection=part.collection, application_uid=document.application,
            columns=tuple(sorted(set(part.columns.values()))),
        )
        for part, one in zip(whole, found, strict=True)
        if one is not None
    ]  # fmt: skip
    refused = exchange.why_not_passed_on(parts, party, clock.now())

    def faults() -> Iterator[Fault]:
        for number, (part, one) in enumerate(zip(document.parts, found, strict=True)):
            place = f"parts[{number}].collection"
            if one is None:
                yield place, f"このデータはありません: {part.collection}", f"There is no such table: {part.collection}"
            elif one[0] == page.uid or one[1].parts:
                yield place, "集めた表を、さらに集めることはできません。", "What is gathered cannot be gathered again."
            elif part.collection in refused:
                why = refused[part.collection]
                yield place, f"{part.collection} は集められません: {why.ja}。", f"{part.collection}: {why.en}."
        if _is_a_part(page.uid):
            yield "parts", "このデータは、ほかの集約の一部です。", "This dataset is a part of another gathering."

    must_be_faultless(faults())
    must_be_faultless(_column_faults(whole, found, document))
    return dataclasses.replace(document, parts=tuple(whole)), parts


def _in_reach(
    document: GatheredDocument, found: Sequence[tuple[str, DistributionPage] | None], party: int
) -> list[list[str]]:
    """Return the columns of each part that may be asked for under its agreement, in their order; all where there is none yet."""
    parts = [
        GatheredFrom(dataset_uid=one[0], collection=part.collection, application_uid=document.application)
        for part, one in zip(document.parts, found, strict=True)
        if one is not None
    ]
    allowed = exchange.columns_in_reach(parts, party, clock.now())
    reach = []
    for part, one in zip(document.parts, found, strict=True):
        within = allowed.get(part.collection)
        own = columns_of_part(one[1]) if one is not None else ()
        reach.append([name for name in own if within is None or name in within])
    return reach


def columns_of_parts(actor: Standing, document: GatheredDocument, party: int) -> list[SeenColumn]:
    """Return the columns that a gathered table of these parts can have, each once; raises SourceInvalid for an unknown part.

    What a part's agreement with the `party` does not cover is left out, unless the part names it.
    """
    seen: dict[str, str] = {}
    unknown: list[Fault] = []
    every = [part_of(part.collection, actor) for part in document.parts]
    reach = _in_reach(document, every, party)
    for number, (part, found) in enumerate(zip(document.parts, every, strict=True)):
        if found is None:
            place = f"parts[{number}].collection"
            unknown.append(
                (place, f"このデータはありません: {part.collection}", f"There is no such table: {part.collection}")
            )
            continue
        called = {origin: name for name, origin in part.columns.items()}
        for name, kind in _types_of(found[1]).items():
            if name in called or name in reach[number]:
                seen.setdefault(called.get(name, name), kind)
    must_be_faultless(iter(unknown))
    return [SeenColumn(name, kind) for name, kind in seen.items()]


def _types_of(distribution: DistributionPage) -> dict[str, str]:
    if distribution.latest is not None:
        return {str(one["name"]): str(one.get("type") or "string") for one in distribution.latest.dictionary}
    row = SourceConnection.objects.filter(distribution__uid=distribution.uid).first()
    told = {one["name"]: one.get("type", "string") for one in row.document.get("columns", ())} if row else {}
    return {name: told.get(name, "string") for name in distribution.columns}


def _let_nobody_else_gather() -> None:
    """Let no other transaction gather until this one has ended, so that two cannot close a circle; SQLite has one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_GATHERING])


def _is_a_part(dataset_uid: str) -> bool:
    rows = SourceConnection.objects.filter(kind="gathered").values_list("distribution__parts", flat=True)
    return any(part["dataset_uid"] == dataset_uid for parts in rows for part in parts)


def _column_faults(
    parts: Sequence[DocumentPart], found: list[tuple[str, DistributionPage] | None], document: GatheredDocument
) -> Iterator[Fault]:
    for number, (part, one) in enumerate(zip(parts, found, strict=True)):
        own = columns_of_part(one[1]) if one else ()
        for name in part.columns.values():
            if name not in own:
                yield (
                    f"parts[{number}].columns",
                    f"この列はありません: {name[:60]}",
                    f"There is no such column: {name[:60]}",
                )
        if document.how == "join" and not set(document.key_columns) <= set(part.columns):
            yield f"parts[{number}].columns", "キーの列がありません。", "It does not have the key."
        if not part.columns:
            yield f"parts[{number}].columns", "渡せる列がありません。", "It has none of the columns."


def end_key(row: SourceConnection) -> None:
    """Revoke the key that a gathered table asks with: it is to be connected in another way."""
    ended = _hash_of_kept(row)
    if ended and ApiKey.objects.filter(sha256=ended, revoked_at__isnull=True).update(revoked_at=clock.now()):
        bump_stamp(f"keys:{ended[:2]}")


def key_of(row: SourceConnection, actor: Standing, application_uid: str, name: str) -> str:
    """Return the sealed key with which the parts are asked: a new one of the application, the kept one ends."""
    application = Application.objects.get(uid=application_uid)
    plaintext = rules.KEY_PREFIX + secrets.token_urlsafe(32)
    said = f"集約: {name}"[:120]
    instant = clock.now()
    ended = _hash_of_kept(row)
    ApiKey.objects.filter(sha256=ended, revoked_at__isnull=True).update(revoked_at=instant)
    key = ApiKey.objects.create(
        uid=new_uid(), application=application, name=said, sha256=rules.key_hash(plaintext),
        prefix=rules.shown_part(plaintext), scopes=list(DEFAULT_SCOPES), reads_data=True, created_by_id=actor.member_id,
        created_at=instant,
    )  # fmt: skip
    bump_stamp(*{f"keys:{sha256[:2]}" for sha256 in (key.sha256, ended) if sha256})
    return seal(sealing_key(), to_json(ApiCredential("header", "x-api-key", plaintext)), bound_to=row.uid)


def gathering_of(key: ApiKey) -> str:
    """Return the collection whose parts are asked with this key; empty for a key of another kind."""
    rows = SourceConnection.objects.filter(
        kind="gathered", distribution__dataset__provider_id=key.application.owner_id
    ).select_related("distribution__dataset")
    return next((row.distribution.dataset.slug for row in rows if _hash_of_kept(row) == key.sha256), "")


def _hash_of_kept(row: SourceConnection) -> str:
    """Return the hash of the key that a gathered table has now; empty without one, or when nobody can open it any more."""
    if row.kind != "gathered" or not row.secret:
        return ""
    try:
        kept = from_json(ApiCredential, opened_secret(row))
    except Unsealable:
        return ""
    return rules.key_hash(kept.value)
