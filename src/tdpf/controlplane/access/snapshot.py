"""The gate snapshot: what may be used by whom, as a signed manifest of content-addressed shards."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from tdpf.controlplane.access import compiling, entries, queries
from tdpf.controlplane.access.errors import UnknownShard
from tdpf.kit import clock
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import home
from tdpf.kit.writing import made_once, write_whole
from tdpf.wire.codec import from_plain, to_json, to_plain
from tdpf.wire.messages import (
    SHARD_KINDS,
    ShardKind,
    ShardReference,
    SnapshotManifest,
    SnapshotSettings,
    decode_shard,
)
from tdpf.wire.signing import new_signing_key, public_half, sign_manifest

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
        stamp, origin = queries.stamp_and_origin()
        last = _last(origin)
        instant = entries.unix(clock.now())
        if last and last.stamp == stamp and last.not_after - instant > RENEW_BEFORE_END.total_seconds():
            return to_json(last)
        known: References = {(ref.kind, ref.name): ref for ref in last.shards} if last else {}
        changed = queries.parts_changed_since(last.stamp) if last and last.stamp <= stamp else {*SHARD_KINDS}
        manifest = SnapshotManifest(
            stamp=stamp,
            created_at=instant,
            not_after=instant + int(LIFE.total_seconds()),
            shards=tuple(ref for _, ref in sorted(_compiled(known, changed).items())),
            settings=SnapshotSettings(
                queries.open_data_needs_account(), settings.PUBLIC_URL, *queries.sharing_gateways()
            ),
        )
        manifest = sign_manifest(manifest, signing_key())
        write_whole(home().snapshots / "last.json", orjson.dumps({"origin": origin, "manifest": to_plain(manifest)}))
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
    """Return the private key (32 bytes) that signs snapshots; it and its public half are made where they are missing."""
    path = home().secrets / "snapshot.key"
    private = bytes.fromhex(made_once(path, lambda: new_signing_key()[0].hex()))
    public = path.with_name("snapshot.pub")
    if not public.exists():
        write_whole(public, public_half(private).hex().encode(), mode=0o600)
    return private


def _compiled(known: References, changed: AbstractSet[str]) -> References:
    result = dict(known)
    for remade in compiling.remake(changed, lambda kind, name: _entries(known.get((kind, name)))):
        for place in [place for place in result if place[0] == remade.kind]:
            if remade.names is None or place[1] in remade.names:
                del result[place]
        result.update(_kept(remade.kind, remade.shards))
    return result


def _entries(reference: ShardReference | None) -> list[Any]:
    return [] if reference is None else decode_shard(reference.kind, snapshot_shard(reference.sha256))


def _kept(kind: ShardKind, shards: Mapping[str, bytes]) -> References:
    """Store shards of a kind under their hashes and return references to them."""
    result: References = {}
    for name, data in shards.items():
        digest = sha256_hex(data)
        if not (_shards() / digest).exists():
            write_whole(_shards() / digest, data)
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


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process and thread at a time compile; the others wait and find the work done."""
    _shards().mkdir(parents=True, exist_ok=True)
    with (home().snapshots / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
