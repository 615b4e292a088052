"""Source connections as the data plane needs them: whose API may be called how, and with what credential.

A credential travels sealed (``wire.sealing``): only a gateway that holds the key of this installation can open it.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from tdpf.wire.codec import MalformedMessage

SLUG = re.compile(r"[a-z0-9-]{3,63}\Z")
PART = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")
TEMPLATE = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@%-]+|\{[A-Za-z0-9_]{1,40}\}|(?=/|\Z)))+\Z")
HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\Z")
VALUE = re.compile(r"[\x20-\x7e]{0,1000}\Z")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "WEBSOCKET", "GRPC", "GRPC_STREAM"]
CredentialKind = Literal["header", "query", "basic", "oauth2", "certificate"]
StreamType = Literal["string", "integer", "number", "boolean", "datetime"]
Tls = Literal["verify", "encrypt", "off"]
TransitFeed = Literal["gtfs_rt_vehicles", "gtfs_rt_trips", "gtfs_rt_alerts"]
Payload = Literal["rows", "ngsi_v2", "ngsi_ld"]


def require(condition: object, path: str, what: str) -> None:
    """Raise MalformedMessage unless the condition holds."""
    if not condition:
        raise MalformedMessage(path, what)


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One thing that may be asked: a method and a path template such as ``/v1/stations/{id}``; GET allows HEAD too.

    ``WEBSOCKET`` is an upgrade (RFC 6455), ``GRPC`` a call with one answer, ``GRPC_STREAM`` one that stays open.
    """

    method: Method
    path: str

    def __post_init__(self) -> None:
        require(len(self.path) <= 500 and TEMPLATE.match(self.path), "path", "must be a path like /v1/stations/{id}")


@dataclass(frozen=True)
class ApiCredential:
    """What a provider's API asks for. ``name`` is the header, the query parameter, the account or the client id.

    Never in a snapshot as it stands: it is sealed as JSON. The token of ``oauth2`` is fetched at ``token_url``. With
    ``certificate`` a client certificate (PEM chain) is shown in TLS, and ``value`` is its key (PEM).
    """

    kind: CredentialKind
    name: str
    value: str
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    certificate: str = ""

    @property
    def shown(self) -> str:
        """The client certificate with its key (PEM), empty where none is shown."""
        return f"{self.certificate}\n{self.value}" if self.kind == "certificate" else ""

    @property
    def password(self) -> str:
        """What is said beside an account's name, empty where a certificate says who asks."""
        return "" if self.kind == "certificate" else self.value

    def given_to(self, url: str) -> tuple[str, dict[str, str]]:
        """Return the address and the headers with which a URL is asked; not for ``oauth2``, whose token is fetched first."""
        if self.kind == "certificate":
            return url, {}
        if self.kind == "query":
            named = f"{quote(self.name, safe='')}={quote(self.value, safe='')}"
            return f"{url}{'&' if '?' in url else '?'}{named}", {}
        if self.kind == "basic":
            pair = base64.b64encode(f"{self.name}:{self.value}".encode()).decode()
            return url, {"authorization": f"Basic {pair}"}
        return url, {self.name: self.value}


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """A header with the value it is always given."""

    name: str
    value: str

    def __post_init__(self) -> None:
        require(HEADER.match(self.name), "name", "must be lower-case letters, digits and hyphens")
        require(VALUE.match(self.value), "value", "must be printable ASCII")


@dataclass(frozen=True, slots=True)
class ApiSource:
    """A provider's API, called at ``/data/apis/{slug}/…`` (``{slug}.{name}`` unless the name is ``main``).

    ``source`` is what the sealed credential is bound to. ``per_second`` calls at most reach the provider from one
    gateway, 0 = no limit. After ``errors_to_rest`` failures in a row nothing is sent for ``rest_seconds``. One
    application has ``most_streams`` open at once at one gateway; one that says nothing for ``stream_idle_seconds`` ends.
    The server's certificate comes from ``authority`` (PEM), empty = one that everybody knows.
    """

    dataset: int
    slug: str
    name: str
    source: str
    url: str
    operations: tuple[ApiOperation, ...]
    credential: str = ""
    token_url: str = ""
    set_request_headers: tuple[HeaderLine, ...] = ()
    remove_request_headers: tuple[str, ...] = ()
    set_response_headers: tuple[HeaderLine, ...] = ()
    remove_response_headers: tuple[str, ...] = ()
    timeout_seconds: int = 15
    retries: int = 1
    most_connections: int = 32
    most_waiting: int = 64
    errors_to_rest: int = 5
    rest_seconds: int = 30
    per_second: int = 0
    most_streams: int = 20
    stream_idle_seconds: int = 300
    authority: str = ""

    def __post_init__(self) -> None:
        require(SLUG.match(self.slug), "slug", "must be 3 to 63 of a-z, 0-9 and hyphen")
        require(PART.match(self.name), "name", "must be a name of a-z, 0-9, hyphen and underscore")
        require(self.url.startswith(("http://", "https://")), "url", "must be an http or https address")
        for header in (*self.remove_request_headers, *self.remove_response_headers):
            require(HEADER.match(header), "headers", "must be lower-case names")

    @property
    def address(self) -> str:
        """The part of the address behind ``/data/apis/`` that names it."""
        return self.slug if self.name == "main" else f"{self.slug}.{self.name}"


@dataclass(frozen=True)
class StreamColumn:
    """One column of a stream: its name, its type, whether every event must have it, and where it stands in what comes.

    ``origin`` "" is the member of the same name, else a path such as ``data.temperature``.
    """

    name: str
    type: StreamType
    required: bool = False
    title: str = ""
    origin: str = ""

    @property
    def at_origin(self) -> str:
        """Where the column stands in what comes."""
        return self.origin or self.name


@dataclass(frozen=True)
class MqttInlet:
    """A provider's MQTT broker that events are fetched from: ``topics`` are filters (``+`` and ``#`` as MQTT has them).

    ``per_second`` is how many events a second are taken at most; more wait at the broker.
    """

    host: str
    topics: tuple[str, ...]
    port: int = 8883
    quality: int = 1
    client_id: str = ""
    tls: Tls = "verify"
    certificate: str = ""
    per_second: int = 500

    def __post_init__(self) -> None:
        require(0 < self.port < 65536, "port", "must be between 1 and 65535")
        require(self.topics, "topics", "must name a topic")
        require(self.quality in (0, 1), "quality", "must be 0 or 1")


@dataclass(frozen=True)
class FeedInlet:
    """A GTFS Realtime feed that is asked every ``every_seconds``; what is new or changed since becomes events."""

    url: str
    feed: TransitFeed
    every_seconds: int = 30
    most_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        require(self.url.startswith(("http://", "https://")), "url", "must be an http or https address")
        require(self.every_seconds >= 1, "every_seconds", "must be 1 or more")


@dataclass(frozen=True)
class StreamView:
    """What an agreement covers of a stream: columns in order, and the areas whose events it sees, empty = all areas."""

    columns: tuple[str, ...]
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class StreamSource:
    """A stream, followed at ``/data/streams/{slug}`` (``{slug}.{name}`` unless it is ``main``).

    Devices push into it, unless an inlet (``mqtt``, ``feed``) says where its events are fetched. ``payload`` is the form in
    which they are pushed. ``tokens`` are SHA-256 (hex) of the devices' tokens. ``key_columns`` tell whose last value an event is. The newest
    ``window_events`` are kept. ``most_streams`` may be open at once for one application, ``per_second`` pushes come from
    one device. ``open_columns`` None means every column, () none.
    """

    dataset: int
    slug: str
    name: str
    source: str
    columns: tuple[StreamColumn, ...]
    key_columns: tuple[str, ...] = ()
    area_column: str = ""
    tokens: tuple[str, ...] = ()
    views: Mapping[int, StreamView] = field(default_factory=dict)
    access: Literal["open", "conditional", "paid"] = "open"
    open_columns: tuple[str, ...] | None = ()
    title_ja: str = ""
    title_en: str = ""
    window_events: int = 10_000
    most_streams: int = 20
    per_second: int = 20
    mqtt: MqttInlet | None = None
    feed: FeedInlet | None = None
    payload: Payload = "rows"
    credential: str = ""

    def __post_init__(self) -> None:
        require(SLUG.match(self.slug), "slug", "must be 3 to 63 of a-z, 0-9 and hyphen")
        require(PART.match(self.name), "name", "must be a name of a-z, 0-9, hyphen and underscore")
        require(PART.match(self.source), "source", "must be an identifier")
        require(self.mqtt is None or self.feed is None, "feed", "must be the only inlet")

    @property
    def is_fetched(self) -> bool:
        """Whether its events are fetched, not pushed."""
        return self.mqtt is not None or self.feed is not None

    @property
    def address(self) -> str:
        """The part of the address behind ``/data/streams/`` that names it."""
        return self.slug if self.name == "main" else f"{self.slug}.{self.name}"
