"""The gate snapshot: what may be used by whom, as a signed manifest of content-addressed shards."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction

from tdpf.controlplane.access import entries, queries, rules
from tdpf.controlplane.access.errors import UnknownShard
from tdpf.controlplane.access.models import Application, View
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange.types import GrantFact
from tdpf.controlplane.members import queries as members
from tdpf.kit import clock
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import home
from tdpf.wire.codec import from_plain, to_json, to_plain
from tdpf.wire.messages import (
    SHARD_KINDS,
    Entry,
    ShardKind,
    ShardReference,
    SnapshotManifest,
    SnapshotSettings,
    encode_shards,
)
from tdpf.wire.signing import new_signing_key, sign_manifest

LIFE = timedelta(hours=24)
RENEW_BEFORE_END = timedelta(hours=12)
KEEP_OLD_SHARDS = timedelta(hours=1)

References = dict[tuple[ShardKind, str], ShardReference]


def current_manifest() -> bytes:
    """Return the signed manifest (JSON) that says what holds now; compiled only when the stamp has moved.

    Only the parts that changed are made anew. The stamp is read before the facts, so the facts are never older than
    the stamp says.
    """
    with _alone():
        stamps = queries.stamps_of_parts()
        stamp, origin = stamps.get(queries.GATE, 0), stamps.get(queries.ORIGIN, 0)
        last = _last(origin)
        instant = entries.unix(clock.now())
        if last and last.stamp == stamp and last.not_after - instant > RENEW_BEFORE_END.total_seconds():
            return to_json(last)
        known: References = {(ref.kind, ref.name): ref for ref in last.shards} if last else {}
        since = last.stamp if last and last.stamp <= stamp else -1
        manifest = SnapshotManifest(
            stamp=stamp,
            created_at=instant,
            not_after=instant + int(LIFE.total_seconds()),
            shards=tuple(ref for _, ref in sorted(_compiled(known, stamps, since).items())),
            settings=SnapshotSettings(queries.open_data_needs_account(), settings.PUBLIC_URL),
        )
        manifest = sign_manifest(manifest, signing_key())
        _write(home().snapshots / "last.json", orjson.dumps({"origin": origin, "manifest": to_plain(manifest)}))
        _forget_old({ref.sha256 for ref in known.values()}, {ref.sha256 for ref in manifest.shards})
        return to_json(manifest)


def snapshot_shard(sha256: str) -> bytes:
    """Return the bytes of a shard by their hash; raises UnknownShard."""
    if len(sha256) == 64 and sha256.isalnum():
        path = _shards() / sha256
        if path.exists():
            return path.read_bytes()
    raise UnknownShard(sha256=sha256[:64])


def signing_key() -> bytes:
    """Return the private key (32 bytes) that signs snapshots, made at first use beside its public half."""
    path = home().secrets / "snapshot.key"
    if not path.exists():
        private, public = new_signing_key()
        fresh = path.with_name(f".snapshot.key.{os.getpid()}")
        _write(fresh, private.hex().encode(), mode=0o600)
        try:
            os.link(fresh, path)
            _write(path.with_name("snapshot.pub"), public.hex().encode(), mode=0o600)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return bytes.fromhex(path.read_text().strip())


def _compiled(known: References, stamps: Mapping[str, int], since: int) -> References:
    changed = {part for part, value in stamps.items() if value > since} if since >= 0 else set(SHARD_KINDS)
    result = {place: ref for place, ref in known.items() if place[0] not in changed}
    if "keys" in changed:
        result.update(_kept("keys", _keys(None)))
    elif shards := {part.removeprefix("keys:") for part in changed if part.startswith("keys:")}:
        result = {place: ref for place, ref in result.items() if place[0] != "keys" or place[1] not in shards}
        result.update(_kept("keys", _keys(shards)))
    others = changed & {"grants", "collections", "tables", "files", "passthroughs"}
    if others:
        for kind, made in _facts().items():
            if kind in others:
                result.update(_kept(kind, made))
    return result


def _keys(shards: Iterable[str] | None) -> Iterator[Entry]:
    rows = queries.live_keys(clock.now(), shards=shards).values_list("sha256", "application_id", "expires_at")
    for sha256, application, expires_at in rows.iterator(chunk_size=5000):
        yield entries.key_entry(sha256, application, expires_at)


def _facts() -> dict[ShardKind, Iterable[Entry]]:
    """Return the entries of all kinds but keys; agreements and offers are read once for all of them."""
    instant = clock.now()
    stopped = members.stopped_offer_uids(instant)
    offers = [offer for offer in exchange.live_offers(instant) if offer.offer_uid not in stopped]
    grants = entries.one_agreement_each(exchange.live_grants_facts(instant), instant)
    views = _view_numbers(grants)
    warranted = exchange.warranted_identities()

    def signed(dataset: int, identity: str) -> bool:
        return (dataset, identity) in warranted

    tables, files, connected = catalog.published_tables(), catalog.published_files(), catalog.connected_distributions()
    folder = home().originals.relative_to(home().root).as_posix()
    return {
        "grants": [
            *entries.open_grants(offers, needs_account=queries.open_data_needs_account()),
            *_agreed(grants, views),
        ],
        "collections": entries.collections(offers, tables, files, connected),
        "tables": entries.published_tables(offers, tables, _views_by_dataset(grants, views), signed),
        "files": entries.published_files(offers, files, folder=folder, signed=signed),
        "passthroughs": entries.pass_throughs(offers, connected, identity_of=exchange.link_identity, signed=signed),
    }


def _agreed(grants: list[GrantFact], views: Mapping[tuple[int, str], int]) -> Iterable[Entry]:
    active = dict(Application.objects.filter(state="active").values_list("uid", "id"))
    return entries.agreed_grants(grants, applications=active, views=views)


def _view_numbers(grants: Iterable[GrantFact]) -> dict[tuple[int, str], int]:
    """Return the number of each view that an agreement needs, numbering those that are new."""
    wanted = {(grant.dataset_id, rules.columns_hash(grant.columns)): grant.columns for grant in grants}
    known = _known_views()
    if missing := wanted.keys() - known.keys():
        with transaction.atomic():
            View.objects.bulk_create(
                [
                    View(dataset_id=dataset, columns_sha256=digest, columns=sorted(set(wanted[dataset, digest])))
                    for dataset, digest in sorted(missing)
                ],
                ignore_conflicts=True,
            )
        known = _known_views()
    return {place: known[place] for place in wanted}


def _known_views() -> dict[tuple[int, str], int]:
    rows = View.objects.values_list("dataset_id", "columns_sha256", "id")
    return {(dataset, digest): number for dataset, digest, number in rows}


def _views_by_dataset(
    grants: Iterable[GrantFact], views: Mapping[tuple[int, str], int]
) -> dict[int, dict[int, AbstractSet[str]]]:
    result: dict[int, dict[int, AbstractSet[str]]] = {}
    for grant in grants:
        number = views[grant.dataset_id, rules.columns_hash(grant.columns)]
        result.setdefault(grant.dataset_id, {})[number] = frozenset(grant.columns)
    return result


def _kept(kind: ShardKind, made: Iterable[Entry]) -> References:
    """Store the shards of a kind under their hashes and return references to them."""
    result: References = {}
    for name, data in encode_shards(kind, made).items():
        digest = sha256_hex(data)
        if not (_shards() / digest).exists():
            _write(_shards() / digest, data)
        result[kind, name] = ShardReference(kind, name, digest, len(data))
    return result


def _last(origin: int) -> SnapshotManifest | None:
    path = home().snapshots / "last.json"
    try:
        plain: dict[str, Any] = orjson.loads(path.read_bytes())
        manifest = from_plain(SnapshotManifest, plain["manifest"])
    except (FileNotFoundError, ValueError, KeyError):
        return None
    complete = all((_shards() / ref.sha256).exists() for ref in manifest.shards)
    return manifest if plain["origin"] == origin and complete else None


def _forget_old(before: AbstractSet[str], needed: AbstractSet[str]) -> None:
    """Remove shards that no manifest of the last hour named; those replaced just now begin their hour."""
    for digest in before - needed:
        os.utime(_shards() / digest)
    oldest = clock.now().timestamp() - KEEP_OLD_SHARDS.total_seconds()
    for path in _shards().iterdir():
        if path.name not in needed and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _shards() -> Path:
    return home().snapshots / "shards"


def _write(path: Path, data: bytes, mode: int = 0o644) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process and thread at a time compile; the others wait and find the work done."""
    _shards().mkdir(parents=True, exist_ok=True)
    with (home().snapshots / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
