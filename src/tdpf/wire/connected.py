"""Connected tables (つないだ表) as the data plane needs them: tables that stay with their provider, and how each is asked.

A credential travels sealed (``wire.sealing``), as those of APIs do; delivery opens it in memory.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from tdpf.wire.sources import HEADER, PART, SLUG, Tls, require

ColumnType = Literal["string", "integer", "number", "boolean", "date", "datetime", "time", "code"]
Engine = Literal["postgresql", "mysql"]
FileFormat = Literal[
    "csv", "json", "ndjson", "parquet", "gtfs_rt_vehicles", "gtfs_rt_trips", "gtfs_rt_alerts"
]  # fmt: skip
Gathering = Literal["union", "join", "first"]
Ngsi = Literal["v2", "ld"]

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
COLLECTION = re.compile(r"[a-z0-9-]{3,63}(\.[a-z0-9][a-z0-9_-]{0,62})?\Z")


@dataclass(frozen=True)
class ConnectedColumn:
    """One column: the name and type it is published with, and what it is called where it comes from ("" = the same)."""

    name: str
    type: ColumnType = "string"
    title: str = ""
    unit: str = ""
    description: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        require(1 <= len(self.name) <= 200 and self.name.isprintable(), "name", "must be a printable name")
        require(len(self.origin) <= 200 and (not self.origin or self.origin.isprintable()), "origin", "must be a name")

    @property
    def at_origin(self) -> str:
        """What the column is called where it comes from."""
        return self.origin or self.name


@dataclass(frozen=True)
class SqlPlace:
    """A relation of a database, or one statement, asked read-only. Exactly one of ``relation`` and ``statement`` is given."""

    engine: Engine
    host: str
    port: int
    database: str
    relation: str = ""
    statement: str = ""
    tls: Tls = "verify"
    certificate: str = ""

    def __post_init__(self) -> None:
        require(bool(self.relation) != bool(self.statement), "relation", "must be given, or a statement")
        require(0 < self.port < 65536, "port", "must be between 1 and 65535")


@dataclass(frozen=True)
class FilePlace:
    """A file at an address, kept until ``fresh_seconds`` after it was last found unchanged; read as a table."""

    url: str
    format: FileFormat
    encoding: str = "utf-8"
    rows_at: str = ""

    def __post_init__(self) -> None:
        require(self.url.startswith(("http://", "https://")), "url", "must be an http or https address")


@dataclass(frozen=True)
class BucketPlace:
    """Files of one kind below a prefix in S3-compatible storage, read as one table in the order of their keys."""

    endpoint: str
    bucket: str
    region: str
    prefix: str
    format: FileFormat
    suffix: str = ""
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        require(self.endpoint.startswith(("http://", "https://")), "endpoint", "must be an http or https address")
        require(BUCKET.match(self.bucket), "bucket", "must be a bucket's name")


@dataclass(frozen=True)
class NgsiPlace:
    """Entities of one type at a context broker (NGSIv2 or NGSI-LD), each a row; ``simplified`` asks for values alone.

    ``tenant`` is the ``Fiware-Service`` or ``NGSILD-Tenant``, ``context`` the address of an NGSI-LD @context.
    """

    url: str
    version: Ngsi
    entity_type: str
    tenant: str = ""
    service_path: str = ""
    context: str = ""
    simplified: bool = False

    def __post_init__(self) -> None:
        require(self.url.startswith(("http://", "https://")), "url", "must be an http or https address")
        require(self.entity_type, "entity_type", "must name a type")


@dataclass(frozen=True)
class GatheredPart:
    """One collection that takes part; ``columns`` maps this table's columns to the part's. ``withheld`` says why it may not be
    passed on, empty = it may."""

    collection: str
    columns: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    withheld: str = ""

    def __post_init__(self) -> None:
        require(COLLECTION.match(self.collection), "collection", "must be a collection's name")


@dataclass(frozen=True)
class GatheredPlace:
    """Several collections asked at once: rows of all (union), columns of all by key (join), or the first that answers."""

    how: Gathering
    parts: tuple[GatheredPart, ...]


Place = SqlPlace | FilePlace | BucketPlace | GatheredPlace | NgsiPlace
PLACES: Mapping[type[Any], str] = MappingProxyType(
    {SqlPlace: "sql", FilePlace: "file", BucketPlace: "bucket", GatheredPlace: "gathered", NgsiPlace: "ngsi"}
)
"""Each kind of place, and the member of a connected table that holds it."""


@dataclass(frozen=True)
class ConnectedLimits:
    """How a provider's system is treated. ``per_second`` 0 = no limit; the connections are those of one machine.

    ``most_rows`` is what one answer holds at most, ``most_bytes`` what one reading of files takes. ``fresh_seconds`` is how
    old kept files may be.
    """

    timeout_seconds: int = 10
    most_connections: int = 4
    per_second: int = 0
    most_rows: int = 100_000
    most_bytes: int = 256 << 20
    fresh_seconds: int = 300
    errors_to_rest: int = 5
    rest_seconds: int = 30


@dataclass(frozen=True)
class ConnectedTable:
    """A table that stays with its provider, offered at ``/data/collections/{slug}`` (``{slug}.{table}`` unless ``main``).

    ``mark`` names what was connected; another place is another mark. ``views`` maps a view to its columns, ``areas`` to the
    values of ``area_column`` whose rows it sees (no entry = all). ``open_columns`` None means every column, () none.
    Exactly one place is given.
    """

    dataset: int
    slug: str
    table: str
    source: str
    mark: str
    columns: tuple[ConnectedColumn, ...]
    title_ja: str
    title_en: str = ""
    description_ja: str = ""
    description_en: str = ""
    licence: str = ""
    attribution: str = ""
    provider_ja: str = ""
    provider_en: str = ""
    access: Literal["open", "conditional", "paid"] = "open"
    key_columns: tuple[str, ...] = ()
    area_column: str = ""
    credential: str = ""
    views: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    areas: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    open_columns: tuple[str, ...] | None = ()
    sql: SqlPlace | None = None
    file: FilePlace | None = None
    bucket: BucketPlace | None = None
    gathered: GatheredPlace | None = None
    ngsi: NgsiPlace | None = None
    limits: ConnectedLimits = field(default_factory=ConnectedLimits)

    def __post_init__(self) -> None:
        require(SLUG.match(self.slug), "slug", "must be 3 to 63 of a-z, 0-9 and hyphen")
        require(PART.match(self.table), "table", "must be a name of a-z, 0-9, hyphen and underscore")
        require(PART.match(self.source), "source", "must be an identifier")
        require(HEADER.match(self.mark), "mark", "must be a hash")
        places = [getattr(self, name) for name in PLACES.values() if getattr(self, name) is not None]
        require(len(places) == 1, "sql", "must be the only place")

    @property
    def is_kept(self) -> bool:
        """Whether it is fetched as files and kept as a table; any other is asked at each call."""
        return self.file is not None or self.bucket is not None

    @property
    def address(self) -> str:
        """The part of the address behind ``/data/collections/`` that names it."""
        return self.slug if self.table == "main" else f"{self.slug}.{self.table}"
