"""Getting the gate snapshot: watch the stamp, fetch what changed, check it, keep the last good one on disk."""

import gc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from urllib.parse import quote

import httpx
import orjson

from tdpf.dataplane.control_door import ControlDoor, ControlHttp
from tdpf.dataplane.packed_entries import Entries, PackedEntries
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.writing import write_whole
from tdpf.wire.codec import MalformedMessage, to_json
from tdpf.wire.connected import ConnectedTable
from tdpf.wire.messages import (
    SHARD_KINDS,
    Collection,
    GrantEntry,
    KeyEntry,
    PassThrough,
    PublishedFile,
    PublishedTable,
    ShardKind,
    ShardReference,
    SnapshotManifest,
    decode_shard,
)
from tdpf.wire.signing import UntrustedSnapshot, verify_manifest
from tdpf.wire.sources import ApiSource, StreamSource

_MANIFEST = "manifest.json"


class SnapshotUnavailable(Exception):
    """The control plane could not be asked, or what it gave cannot be used; the last good snapshot stays in force."""


@dataclass(frozen=True)
class Snapshot:
    """A checked snapshot. Entries are grouped by shard; a shard that did not change is the same object as before."""

    manifest: SnapshotManifest
    shards: Mapping[tuple[ShardKind, str], Entries] = field(default_factory=dict)

    def _all(self, kind: ShardKind) -> Iterable[Any]:
        for (found, _name), entries in self.shards.items():
            if found == kind:
                yield from entries

    def how_many(self, kind: ShardKind) -> int:
        """Return how many entries of a kind there are."""
        return sum(len(entries) for (found, _name), entries in self.shards.items() if found == kind)

    @property
    def stamp(self) -> int:
        """The number of the decision this snapshot contains; higher is newer."""
        return self.manifest.stamp

    @property
    def keys(self) -> Iterable[KeyEntry]:
        """Every key and token that is not revoked."""
        return self._all("keys")

    @property
    def grants(self) -> Iterable[GrantEntry]:
        """Every grant."""
        return self._all("grants")

    @property
    def collections(self) -> Iterable[Collection]:
        """Every dataset that has an address."""
        return self._all("collections")

    @property
    def tables(self) -> Iterable[PublishedTable]:
        """Every table that delivery serves."""
        return self._all("tables")

    @property
    def files(self) -> Iterable[PublishedFile]:
        """Every whole file that delivery serves."""
        return self._all("files")

    @property
    def passthroughs(self) -> Iterable[PassThrough]:
        """Every connected distribution."""
        return self._all("passthroughs")

    @property
    def apis(self) -> Iterable[ApiSource]:
        """Every provider's API that may be called."""
        return self._all("apis")

    @property
    def streams(self) -> Iterable[StreamSource]:
        """Every stream that may be pushed into and followed."""
        return self._all("streams")

    @property
    def connected(self) -> Iterable[ConnectedTable]:
        """Every table that stays with its provider."""
        return self._all("connected")


def read_secret(path: Path) -> str:
    """Return the text of a secret file without its line end."""
    return path.read_text(encoding="ascii").strip()


class SnapshotClient:
    """One node's way to snapshots. ``kinds`` are the shards it needs; ``folder`` keeps the last good ones.

    Entries of the kinds in ``packed`` are made anew each time they are asked for. ``gateway`` is the name of one that acts by what it has
    fetched when it waits for the next change, and says so.

    Not safe for use by several threads at once.
    """

    def __init__(
        self,
        *,
        folder: Path,
        control: ControlDoor,
        secret: str,
        public_key: bytes,
        kinds: Iterable[ShardKind] = SHARD_KINDS,
        packed: Iterable[ShardKind] = (),
        gateway: str = "",
    ) -> None:
        self._gateway = gateway
        self._folder = folder
        self._public_key = public_key
        self._kinds = frozenset(kinds)
        self._packed = frozenset(packed)
        self.more: frozenset[tuple[ShardKind, str]] = frozenset()
        """Single shards of other kinds that are needed at present."""
        self._current: Snapshot | None = None
        self._cache: dict[str, Entries] = {}
        self._http = ControlHttp(control, secret)
        self._is_settled = False
        (folder / "shards").mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "SnapshotClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection to the control plane."""
        self._http.close()

    @property
    def current(self) -> Snapshot | None:
        """The snapshot last fetched or loaded."""
        return self._current

    def last_good(self) -> Snapshot | None:
        """Load the last good snapshot from disk; None when there is none, or when it does not pass its checks."""
        try:
            manifest = verify_manifest((self._folder / _MANIFEST).read_bytes(), self._public_key)
            self._current = self._assemble(manifest, self._read_stored)
        except (OSError, MalformedMessage, UntrustedSnapshot, SnapshotUnavailable):
            return None
        return self._current

    def wait_for_change(self, after: int, *, seconds: float = 25.0) -> int:
        """Ask until the stamp differs from ``after`` or the time is over; return the stamp. Raises SnapshotUnavailable."""
        acting = f"&gateway={quote(self._gateway)}" if self._gateway else ""
        data = self._get(f"/internal/v1/stamp?after={after}&wait={seconds:g}{acting}", timeout=seconds + 5)
        try:
            stamp = orjson.loads(data)["stamp"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise SnapshotUnavailable("the stamp was unreadable") from None
        if type(stamp) is not int:
            raise SnapshotUnavailable("the stamp was not a number")
        return stamp

    def fetch(self, *, settle: bool = True) -> Snapshot:
        """Fetch the newest manifest and the shards not yet here, keep them, and return the snapshot.

        With ``settle`` false what is kept outlives the process but not a power loss; ``settle()`` is then called later. Raises SnapshotUnavailable when anything is missing, wrongly signed, altered, or older than what is in force.
        """
        data = self._get("/internal/v1/snapshot")
        try:
            manifest = verify_manifest(data, self._public_key)
        except (MalformedMessage, UntrustedSnapshot) as fault:
            raise SnapshotUnavailable(str(fault)) from fault
        if self._current is not None and manifest.created_at < self._current.manifest.created_at:
            raise SnapshotUnavailable("the snapshot offered is older than the one in force")
        snapshot = self._assemble(manifest, self._read_or_fetch)
        write_whole(self._folder / _MANIFEST, to_json(manifest), durable=settle)
        self._current = snapshot
        if settle:
            self._prune(manifest)
        return snapshot

    def settle(self) -> None:
        """Hold what was fetched last against power loss and drop what it replaced: work that no change waits for."""
        if self._current is not None:
            write_whole(self._folder / _MANIFEST, to_json(self._current.manifest))
            self._prune(self._current.manifest)
        if not self._is_settled:
            # What is there now mostly stays: looking through it again and again for cycles would hold up changes by tens of milliseconds.
            gc.collect()
            gc.freeze()
            self._is_settled = True

    def _get(self, path: str, timeout: float = 10.0) -> bytes:
        try:
            answer = self._http.request("GET", path, timeout=timeout)
        except httpx.HTTPError as fault:
            raise SnapshotUnavailable(f"the control plane did not answer: {fault}") from fault
        if answer.status_code != 200:
            raise SnapshotUnavailable(f"the control plane answered {answer.status_code} to {path.split('?')[0]}")
        return answer.content

    def _needs(self, reference: ShardReference) -> bool:
        return reference.kind in self._kinds or (reference.kind, reference.name) in self.more

    def _assemble(self, manifest: SnapshotManifest, read: Any) -> Snapshot:
        wanted = [reference for reference in manifest.shards if self._needs(reference)]
        shards: dict[tuple[ShardKind, str], Entries] = {}
        for reference in wanted:
            entries = self._cache.get(reference.sha256)
            if entries is None:
                try:
                    entries = self._entries(reference, cast(bytes, read(reference)))
                except MalformedMessage as fault:
                    raise SnapshotUnavailable(f"shard {reference.kind}/{reference.name}: {fault}") from fault
                self._cache[reference.sha256] = entries
            shards[(reference.kind, reference.name)] = entries
        keep = {reference.sha256 for reference in wanted}
        self._cache = {sha256: entries for sha256, entries in self._cache.items() if sha256 in keep}
        return Snapshot(manifest, shards)

    def _entries(self, reference: ShardReference, data: bytes) -> Entries:
        if reference.kind not in self._packed:
            return tuple(decode_shard(reference.kind, data))
        before = self._current.shards.get((reference.kind, reference.name)) if self._current is not None else None
        return PackedEntries(reference.kind, data, before if isinstance(before, PackedEntries) else None)

    def _read_stored(self, reference: ShardReference) -> bytes:
        data = (self._folder / "shards" / reference.sha256).read_bytes()
        if sha256_hex(data) != reference.sha256:
            raise SnapshotUnavailable(f"shard {reference.kind}/{reference.name} was altered on disk")
        return data

    def _read_or_fetch(self, reference: ShardReference) -> bytes:
        try:
            return self._read_stored(reference)
        except (OSError, SnapshotUnavailable):
            data = self._get(f"/internal/v1/shards/{reference.sha256}")
        if sha256_hex(data) != reference.sha256:
            raise SnapshotUnavailable(f"shard {reference.kind}/{reference.name} does not have the promised bytes")
        # A revocation does not wait for the disk; a shard lost to power loss is seen by its hash and fetched again.
        write_whole(self._folder / "shards" / reference.sha256, data, durable=False)
        return data

    def _prune(self, manifest: SnapshotManifest) -> None:
        named = {reference.sha256 for reference in manifest.shards}
        for path in (self._folder / "shards").iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)
