"""Source connections (接続): the declarative documents, and the facts told about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tdpf.kit.text import Text
from tdpf.wire.sources import CredentialKind, FeedInlet, Method, MqttInlet, Payload, StreamColumn

FORMAT = 1


@dataclass(frozen=True)
class DocumentOperation:
    """One call that consumers may make: method, path template, and what it is for.

    `WEBSOCKET` is an upgrade, `GRPC` a call with one answer, `GRPC_STREAM` one that stays open.
    """

    method: Method
    path: str
    title: str = ""


@dataclass(frozen=True)
class DocumentCredential:
    """What the API asks for. `name` is the header, the query parameter, the account or the client id; the secret stands apart.

    For `certificate` the client certificate is its PEM chain, and the secret is its key (PEM); it has no name.
    """

    kind: CredentialKind
    name: str = ""
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    certificate: str = ""


@dataclass(frozen=True)
class HeaderPolicy:
    """Headers that are always set, and headers that are taken away."""

    set: Mapping[str, str] = field(default_factory=dict)
    remove: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApiLimits:
    """How an API is treated. Seconds; `per_second` is calls from one gateway, 0 = no limit of its own.

    Only GET and HEAD are tried again. After `errors_to_rest` failures in a row nothing is sent for `rest_seconds`.
    `most_streams` WebSockets and gRPC streams may be open at once for one application at one gateway; one that says
    nothing for `stream_idle_seconds` is ended.
    """

    timeout_seconds: int = 15
    retries: int = 1
    most_connections: int = 32
    most_waiting: int = 64
    errors_to_rest: int = 5
    rest_seconds: int = 30
    per_second: int = 0
    most_streams: int = 20
    stream_idle_seconds: int = 300


@dataclass(frozen=True)
class ApiDocument:
    """A provider's own HTTP API: where it is, what may be called, how it is treated.

    `authority` (PEM) is whom its server's certificate comes from, where that is not one of those everybody knows.
    """

    base_url: str
    operations: tuple[DocumentOperation, ...]
    credential: DocumentCredential | None = None
    request_headers: HeaderPolicy = field(default_factory=HeaderPolicy)
    response_headers: HeaderPolicy = field(default_factory=HeaderPolicy)
    limits: ApiLimits = field(default_factory=ApiLimits)
    test_path: str = ""
    authority: str = ""
    kind: Literal["http_api"] = "http_api"
    format: int = FORMAT


@dataclass(frozen=True)
class StreamDocument:
    """A stream: its columns, whose last value an event is, how it is kept, and where its events come from.

    Devices push them, in the form `payload`, unless `mqtt` or `feed` says where they are fetched. The newest `window_events` are kept. `most_streams` may be open at once for one application; `per_second` pushes
    come from one device.
    """

    columns: tuple[StreamColumn, ...]
    key_columns: tuple[str, ...] = ()
    area_column: str = ""
    window_events: int = 10_000
    most_streams: int = 20
    per_second: int = 20
    payload: Payload = "rows"
    mqtt: MqttInlet | None = None
    feed: FeedInlet | None = None
    credential: DocumentCredential | None = None
    kind: Literal["stream"] = "stream"
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class ImportedApi:
    """What an OpenAPI document says; `left_out` counts operations that cannot be allowed as they are written."""

    title: str
    base_url: str
    operations: tuple[DocumentOperation, ...]
    credential: DocumentCredential | None
    left_out: int


@dataclass(frozen=True, slots=True)
class SourceTested:
    """What came of trying a connection: `status` 0 when nothing answered, `note` then says why."""

    at: datetime
    status: int
    milliseconds: int
    media_type: str
    size: int
    note: Text


@dataclass(frozen=True, slots=True)
class InletFacts:
    """How the events of a stream are being fetched, as the node that fetches them last said: "open" or "waiting", and why.

    `taken` and `refused` count since that node began; `last_taken` None = nothing came yet.
    """

    state: str
    since: datetime
    taken: int
    refused: int
    last_taken: datetime | None
    why: Text
    told_at: datetime


@dataclass(frozen=True, slots=True)
class NotComing:
    """Columns of a gathered table that one of its parts does not give; without `collection` none of its parts does."""

    collection: str
    columns: tuple[str, ...]

    @property
    def said(self) -> Text:
        """The same in words."""
        ja, en = "、".join(self.columns), ", ".join(self.columns)
        verb = "does" if len(self.columns) == 1 else "do"
        if not self.collection:
            return Text(f"{ja} は、どのデータからも来ません", f"{en} {verb} not come from any of the data")
        return Text(f"{ja} は {self.collection} から来ません", f"{en} {verb} not come from {self.collection}")


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source connection as its provider sees it: everything but the secret."""

    uid: str
    kind: str
    dataset_uid: str
    distribution_uid: str
    name: str
    document: dict[str, Any]
    has_secret: bool
    changed_at: datetime
    tested: SourceTested | None
    not_coming: tuple[NotComing, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferedOperation:
    """One call that consumers may make, with its whole address at the gateway."""

    method: str
    path: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class ConnectedApi:
    """What the snapshot must know of one connected API."""

    distribution_uid: str
    source_uid: str
    document: ApiDocument
    secret: str


@dataclass(frozen=True, slots=True)
class ConnectedStream:
    """What the snapshot must know of one stream; `tokens` are the SHA-256 of what its devices push with."""

    distribution_uid: str
    source_uid: str
    document: StreamDocument
    tokens: tuple[str, ...]
    title: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class DeviceTokenFacts:
    """A device's token as its provider may see it after the one time it was shown."""

    uid: str
    name: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedDeviceToken:
    """A new device token and, this once, its plaintext."""

    token: DeviceTokenFacts
    plaintext: str
