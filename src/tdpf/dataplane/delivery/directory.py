"""What is offered right now: every collection, file and old name, taken whole from one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from tdpf.wire.connected import ConnectedTable
from tdpf.wire.delivery_problems import NoCollection
from tdpf.wire.messages import Collection, PassThrough, PublishedFile, PublishedTable
from tdpf.wire.sources import StreamSource

_GRACE_SECONDS = 3600.0
_ACCESS_RANK = {"open": 0, "conditional": 1, "paid": 2}


@dataclass(frozen=True, slots=True)
class Superseded:
    """A version that was the latest until just now; served to those who are in the middle of reading it."""

    identity: str
    until: float


@dataclass(frozen=True, slots=True)
class Offered:
    """One collection: a table of a dataset, with the identities of the versions that may be asked for."""

    id: str
    table: PublishedTable
    collection: Collection | None
    versions: Mapping[int, str]
    superseded: Mapping[int, Superseded] = field(default_factory=dict)
    source: ConnectedTable | None = None

    @property
    def is_asked(self) -> bool:
        """Whether its rows are asked where they are at each call."""
        return self.source is not None and not self.source.is_kept

    @property
    def access(self) -> str:
        """`open`, `conditional` or `paid`."""
        return self.table.access


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything offered; never changed, only replaced. After `not_after` (Unix seconds) it must not be used."""

    collections: Mapping[str, Offered]
    aliases: Mapping[str, str]
    files: Mapping[tuple[str, str], PublishedFile]
    connected: Mapping[tuple[str, str], PassThrough]
    datasets: Mapping[str, Collection]
    public_url: str
    stamp: int
    not_after: float
    streams: Mapping[str, StreamSource] = field(default_factory=dict)

    def find(self, collection_id: str) -> Offered:
        """Return the collection; raises NoCollection with names that look alike."""
        offered = self.collections.get(collection_id)
        if offered is None:
            near = get_close_matches(collection_id[:80], self.collections, n=3, cutoff=0.6)
            raise NoCollection(collection=collection_id[:80], near=", ".join(near) or "—")
        return offered

    def tables_of(self, slug: str) -> list[Offered]:
        """Return the collections of one dataset that are published here as files of their own."""
        return [
            offered for offered in self.collections.values() if offered.table.slug == slug and offered.source is None
        ]

    def files_of(self, slug: str) -> list[PublishedFile]:
        """Return the dataset's whole files."""
        return sorted(
            (entry for (found, _), entry in self.files.items() if found == slug), key=lambda entry: entry.name
        )

    def identities(self) -> frozenset[str]:
        """Return the identity of every version that may be asked for."""
        kept = [offered for offered in self.collections.values() if offered.source is None]
        latest = {identity for offered in kept for identity in offered.versions.values()}
        before = {old.identity for offered in kept for old in offered.superseded.values()}
        return frozenset(latest | before)


def build_directory(
    *,
    tables: Iterable[PublishedTable],
    collections: Iterable[Collection],
    files: Iterable[PublishedFile],
    passthroughs: Iterable[PassThrough],
    streams: Iterable[StreamSource] = (),
    sources: Iterable[ConnectedTable] = (),
    public_url: str,
    stamp: int,
    not_after: float,
    before: Directory | None = None,
    now: float = 0.0,
) -> Directory:
    """Return the directory of one snapshot, open collections first, then by name.

    A table whose version changed since `before` keeps the earlier version for an hour.
    """
    by_dataset = {collection.dataset: collection for collection in collections}
    offered = [_offered(table, by_dataset.get(table.dataset), before, now) for table in tables]
    offered += [_connected(source, by_dataset.get(source.dataset)) for source in sources]
    offered.sort(key=lambda entry: (_ACCESS_RANK[entry.access], entry.id))
    aliases = {old: collection.slug for collection in by_dataset.values() for old in collection.aliases}
    return Directory(
        collections={entry.id: entry for entry in offered},
        aliases=aliases,
        files={(entry.slug, entry.name): entry for entry in files},
        connected={(entry.slug, entry.name): entry for entry in passthroughs},
        streams={entry.address: entry for entry in streams},
        datasets={collection.slug: collection for collection in by_dataset.values()},
        public_url=public_url.rstrip("/"),
        stamp=stamp,
        not_after=not_after,
    )


def _offered(table: PublishedTable, collection: Collection | None, before: Directory | None, now: float) -> Offered:
    collection_id = table.slug if table.table == "main" else f"{table.slug}.{table.table}"
    versions = {pinned.version: pinned.identity for pinned in table.pinned}
    versions[table.version] = table.identity
    superseded: dict[int, Superseded] = {}
    known = before.collections.get(collection_id) if before else None
    if known is not None and known.table.dataset == table.dataset:
        superseded = {version: old for version, old in known.superseded.items() if old.until > now}
        if known.table.version not in versions:
            superseded[known.table.version] = Superseded(known.table.identity, now + _GRACE_SECONDS)
    superseded = {version: old for version, old in superseded.items() if version not in versions}
    return Offered(collection_id, table, collection, versions, superseded)


def _connected(source: ConnectedTable, collection: Collection | None) -> Offered:
    table = PublishedTable(
        dataset=source.dataset, slug=source.slug, table=source.table, identity=source.mark, version=1,
        title_ja=source.title_ja, title_en=source.title_en, description_ja=source.description_ja,
        description_en=source.description_en, licence=source.licence, attribution=source.attribution,
        provider_ja=source.provider_ja, provider_en=source.provider_en, access=source.access, views=source.views,
        open_columns=source.open_columns,
    )  # fmt: skip
    return Offered(source.address, table, collection, {1: source.mark}, source=source)
