"""The messages themselves. Times are Unix seconds (UTC), days are JST day numbers since 1970-01-01, bytes are bytes.

A snapshot is a signed manifest that names content-addressed shards; a shard holds entries of one kind. Only ``access``
makes snapshots; only the gateway and delivery read them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

import orjson

from tdpf.wire.codec import MalformedMessage, from_plain, to_json
from tdpf.wire.connected import ConnectedTable
from tdpf.wire.sources import ApiSource, StreamSource

FORMAT_VERSION = 1

ANONYMOUS = 1
"""Principal of a call without a key."""
ANY_KEY = 2
"""Principal that stands for every valid key, for data open to all."""
FIRST_APPLICATION = 1000
"""Applications have principals from here upwards: 1000 + the application's row number."""

LARGEST_NUMBER = 10**14

Access = Literal["open", "conditional", "paid"]
ShardKind = Literal["keys", "grants", "collections", "tables", "files", "passthroughs", "apis", "streams", "connected"]
SHARD_KINDS: tuple[ShardKind, ...] = (
    "keys", "grants", "collections", "tables", "files", "passthroughs", "apis", "streams", "connected",
)  # fmt: skip

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_SLUG = re.compile(r"[a-z0-9-]{3,63}\Z")
_NAME = re.compile(r"[^/\x00-\x1f]{1,200}\Z")


def _require(condition: object, path: str, what: str) -> None:
    if not condition:
        raise MalformedMessage(path, what)


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One API key or access token: only its SHA-256 (hex), never itself. ``expires_at`` 0 means no expiry."""

    sha256: str
    application: int
    expires_at: int = 0

    def __post_init__(self) -> None:
        _require(_SHA256.match(self.sha256), "sha256", "must be 64 lower-case hexadecimal digits")
        _require(self.application >= FIRST_APPLICATION, "application", f"must be at least {FIRST_APPLICATION}")


@dataclass(frozen=True)
class GrantEntry:
    """What one principal may do with one dataset. Limits are calls, 0 = no limit; times 0 = open end.

    ``application`` is ANONYMOUS, ANY_KEY or an application; ``agreement`` 0 = open data; ``view`` 0 = the open columns,
    else a key of PublishedTable.views.
    """

    application: int
    dataset: int
    agreement: int = 0
    view: int = 0
    not_before: int = 0
    not_after: int = 0
    day_limit: int = 0
    month_limit: int = 0
    rate_plan: str = "r10"

    def __post_init__(self) -> None:
        _require(
            self.application in (ANONYMOUS, ANY_KEY) or self.application >= FIRST_APPLICATION,
            "application",
            "must be a principal",
        )
        _require(self.dataset > 0, "dataset", "must be positive")
        for name in ("day_limit", "month_limit"):
            _require(0 <= getattr(self, name) < 2**31, name, "must be between 0 and 2147483647")
        _require(0 <= self.view < 2**32, "view", "must be between 0 and 4294967295")
        # Numbers that any program of a consumer reads and prints in full.
        for name in ("application", "dataset", "agreement"):
            _require(0 <= getattr(self, name) < LARGEST_NUMBER, name, "must be between 0 and 99999999999999")


@dataclass(frozen=True, slots=True)
class Collection:
    """A dataset's address at the gateway: its slug, older slugs that lead to it, and its end if one is announced."""

    dataset: int
    slug: str
    aliases: tuple[str, ...] = ()
    access: Access = "open"
    sunset: date | None = None
    deprecated_at: int | None = None

    def __post_init__(self) -> None:
        _require(self.dataset > 0, "dataset", "must be positive")
        for slug in (self.slug, *self.aliases):
            _require(_SLUG.match(slug), "slug", "must be 3 to 63 of a-z, 0-9 and hyphen")


@dataclass(frozen=True)
class PinnedVersion:
    """An older version of a table that is still served by ``version=``."""

    version: int
    identity: str


@dataclass(frozen=True)
class PublishedTable:
    """One table that delivery serves: dataset slug, table name (``main`` or another), and the identity of its files.

    ``views`` maps a view number to its columns in order; ``open_columns`` None means every column.
    """

    dataset: int
    slug: str
    table: str
    identity: str
    version: int
    title_ja: str
    title_en: str = ""
    description_ja: str = ""
    description_en: str = ""
    licence: str = ""
    attribution: str = ""
    provider_ja: str = ""
    provider_en: str = ""
    published_at: int = 0
    access: Access = "open"
    pinned: tuple[PinnedVersion, ...] = ()
    views: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    open_columns: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        _require(_SLUG.match(self.slug), "slug", "must be 3 to 63 of a-z, 0-9 and hyphen")
        _require(_NAME.match(self.table), "table", "must be a table name")


@dataclass(frozen=True)
class PublishedFile:
    """One whole file, served at ``/data/files/{slug}/{name}``; ``path`` is relative to the platform's home."""

    dataset: int
    slug: str
    name: str
    path: str
    media_type: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        _require(_NAME.match(self.name), "name", "must be a file name")
        inside = not self.path.startswith("/") and ".." not in self.path.split("/")
        _require(inside, "path", "must stay inside the home")


@dataclass(frozen=True, slots=True)
class PassThrough:
    """A connected distribution: ``/data/files/{slug}/{name}`` is fetched from the provider's URL at each call."""

    dataset: int
    slug: str
    name: str
    url: str

    def __post_init__(self) -> None:
        _require(_NAME.match(self.name), "name", "must be a file name")
        _require(self.url.startswith(("http://", "https://")), "url", "must be an http or https address")


Entry = (
    KeyEntry
    | GrantEntry
    | Collection
    | PublishedTable
    | PublishedFile
    | PassThrough
    | ApiSource
    | StreamSource
    | ConnectedTable
)

ENTRY_CLASSES: Mapping[ShardKind, type[Any]] = MappingProxyType(
    {
        "keys": KeyEntry,
        "grants": GrantEntry,
        "collections": Collection,
        "tables": PublishedTable,
        "files": PublishedFile,
        "passthroughs": PassThrough,
        "apis": ApiSource,
        "streams": StreamSource,
        "connected": ConnectedTable,
    }
)


@dataclass(frozen=True)
class ShardReference:
    """Where the entries are: kind, name (two hexadecimal digits), and the SHA-256 and size of the shard's bytes."""

    kind: ShardKind
    name: str
    sha256: str
    bytes: int

    def __post_init__(self) -> None:
        _require(_SHA256.match(self.sha256), "sha256", "must be 64 lower-case hexadecimal digits")


@dataclass(frozen=True)
class SnapshotSettings:
    """The operator's settings that the data plane needs."""

    open_data_needs_key: bool = False
    public_url: str = "http://localhost:8080"
    gateways: tuple[str, ...] = ()
    """Those that share the quotas: every gateway heard of since the month began, and within a day."""
    live_gateways: int = 1
    """How many of them serve now: each lets every caller go at that share of its speed."""


@dataclass(frozen=True)
class SnapshotManifest:
    """Everything that may be used, as one signed list of shards; after ``not_after`` the data plane closes.

    ``signature`` is Ed25519 over the manifest's canonical JSON with an empty signature, in hexadecimal.
    """

    stamp: int
    created_at: int
    not_after: int
    shards: tuple[ShardReference, ...] = ()
    settings: SnapshotSettings = SnapshotSettings()
    signature: str = ""
    format: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        _require(self.format == FORMAT_VERSION, "format", f"must be {FORMAT_VERSION}")


@dataclass(frozen=True)
class CounterReading:
    """How many calls a gateway's grant table has admitted for one grant on one JST day; ``used`` only grows."""

    gateway: str
    agreement: int
    application: int
    dataset: int
    day: int
    used: int

    def __post_init__(self) -> None:
        _require(self.used >= 0, "used", "must not be negative")


@dataclass(frozen=True)
class UsageLine:
    """One line of the gateway's usage log. ``time`` in milliseconds; ``path`` without its query; 0 = unknown number."""

    time: int
    request_id: str
    application: int
    agreement: int
    dataset: int
    principal: Literal["anonymous", "key", "none"]
    method: str
    path_class: Literal["items", "item", "file", "aggregate", "api", "stream", "meta", "other"]
    status: int
    flags: str
    bytes_sent: int
    bytes_received: int
    duration_ms: int
    path: str
    counted: bool


@dataclass(frozen=True)
class InletHealth:
    """How the events of one stream are fetched: since when this holds, what was taken and refused since it began, and why."""

    source: str
    state: Literal["open", "waiting"]
    since: int
    taken: int = 0
    refused: int = 0
    last_taken: int = 0
    why_ja: str = ""
    why_en: str = ""


DAMAGED, MISSING = "damaged: ", "missing: "


@dataclass(frozen=True)
class UpstreamHealth:
    """How one provider's server is doing for a gateway: of `servers` addresses so many rest after failures, `active` requests
    are on their way; `requests`, `errors` and `unreached` (connections that failed) count since the gateway's Envoy began.

    `name` is `{slug}.{distribution}` of an API, or scheme, host and port of connected files.
    """

    name: str
    kind: Literal["api", "file"]
    servers: int
    resting: int
    active: int
    requests: int
    errors: int
    unreached: int


@dataclass(frozen=True)
class NodeHealth:
    """What a gateway or delivery node says of itself: the snapshot it works by, its state, figures for the operator."""

    name: str
    kind: Literal["gateway", "delivery"]
    state: Literal["starting", "ok", "degraded", "closed", "stopping"]
    stamp: int
    sent_at: int
    started_at: int
    snapshot_created_at: int = 0
    snapshot_not_after: int = 0
    notes: tuple[str, ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict)
    inlets: tuple[InletHealth, ...] = ()
    upstreams: tuple[UpstreamHealth, ...] = ()

    @property
    def damaged(self) -> tuple[str, ...]:
        """Identities of published tables whose files the node found damaged or missing, as its notes say."""
        return tuple(note.partition(": ")[2] for note in self.notes if note.startswith((DAMAGED, MISSING)))


def shard_name(kind: ShardKind, entry: Any) -> str:
    """Return the name of the shard an entry belongs to: two hexadecimal digits, so at most 256 shards of a kind."""
    if kind == "keys":
        return str(entry.sha256[:2])
    number = entry.application * 31 + entry.dataset if kind == "grants" else entry.dataset
    return f"{number & 0xFF:02x}"


def encode_shards(kind: ShardKind, entries: Iterable[Any]) -> dict[str, bytes]:
    """Return the bytes of each non-empty shard by name. The same entries in any order give the same bytes."""
    groups: dict[str, list[bytes]] = {}
    for entry in entries:
        groups.setdefault(shard_name(kind, entry), []).append(to_json(entry))
    head = _shard_head(kind)
    return {name: head + b",".join(sorted(lines)) + b"]}" for name, lines in sorted(groups.items())}


def _shard_head(kind: ShardKind) -> bytes:
    return f'{{"format":{FORMAT_VERSION},"kind":"{kind}","entries":['.encode()


def split_shard(kind: ShardKind, data: bytes) -> list[bytes]:
    """Return the JSON texts of a shard's entries as `encode_shards` put them, for kinds whose entries hold no objects.

    Raises MalformedMessage when it is not such a shard; whether the texts are entries is told by `entry_of_text`.
    """
    head = _shard_head(kind)
    body = data[len(head) : -2]
    if not data.startswith(head) or not data.endswith(b"]}") or body[:1] + body[-1:] not in (b"", b"{}"):
        raise MalformedMessage(kind, f"is not a shard of {kind} in format {FORMAT_VERSION}")
    return [b"{" + text + b"}" for text in body[1:-1].split(b"},{")] if body else []


def entry_of_text(kind: ShardKind, text: bytes) -> Any:
    """Return the entry that a text says; raises MalformedMessage."""
    try:
        plain = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise MalformedMessage(kind, f"is not JSON ({fault})") from None
    return from_plain(ENTRY_CLASSES[kind], plain, kind)


def decode_shard(kind: ShardKind, data: bytes) -> list[Any]:
    """Return the entries of a shard; raises MalformedMessage when it is not a shard of this kind and format."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as fault:
        raise MalformedMessage(kind, f"is not JSON ({fault})") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT_VERSION or value.get("kind") != kind:
        raise MalformedMessage(kind, f"is not a shard of {kind} in format {FORMAT_VERSION}")
    entries = value.get("entries")
    if not isinstance(entries, list):
        raise MalformedMessage(f"{kind}.entries", "must be a list")
    message = ENTRY_CLASSES[kind]
    return [from_plain(message, entry, f"{kind}[{number}]") for number, entry in enumerate(entries)]
