"""Documents of connected tables (つないだ表): a view of a database, a file, a bucket, and what is gathered of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tdpf.controlplane.access.ngsi_documents import NgsiDocument
from tdpf.controlplane.access.source_types import FORMAT, DocumentCredential
from tdpf.wire.connected import ConnectedColumn, ConnectedLimits, Engine, FileFormat, Gathering
from tdpf.wire.sources import Tls


@dataclass(frozen=True, kw_only=True)
class SqlDocument:
    """A view of a provider's database: one relation or one statement, the account that reads it, and the columns offered.

    `port` 0 is the engine's own. `tls` "verify" checks the server's certificate, against `certificate` (PEM) if given.
    """

    engine: Engine
    host: str
    database: str
    credential: DocumentCredential
    columns: tuple[ConnectedColumn, ...]
    port: int = 0
    relation: str = ""
    statement: str = ""
    tls: Tls = "verify"
    certificate: str = ""
    key_columns: tuple[str, ...] = ()
    area_column: str = ""
    limits: ConnectedLimits = field(default_factory=ConnectedLimits)
    kind: Literal["sql"] = "sql"
    format: int = FORMAT


@dataclass(frozen=True, kw_only=True)
class FileDocument:
    """A file at an address that is read as a table. `rows_at` names the member of a JSON object that holds the rows."""

    url: str
    file_format: FileFormat
    columns: tuple[ConnectedColumn, ...]
    credential: DocumentCredential | None = None
    encoding: str = "utf-8"
    rows_at: str = ""
    key_columns: tuple[str, ...] = ()
    limits: ConnectedLimits = field(default_factory=ConnectedLimits)
    kind: Literal["file"] = "file"
    format: int = FORMAT


@dataclass(frozen=True, kw_only=True)
class BucketDocument:
    """Files of one kind in S3-compatible storage, read as one table. The credential is "basic": key id and secret key."""

    endpoint: str
    bucket: str
    file_format: FileFormat
    columns: tuple[ConnectedColumn, ...]
    credential: DocumentCredential | None = None
    region: str = "us-east-1"
    prefix: str = ""
    suffix: str = ""
    encoding: str = "utf-8"
    key_columns: tuple[str, ...] = ()
    limits: ConnectedLimits = field(default_factory=ConnectedLimits)
    kind: Literal["bucket"] = "bucket"
    format: int = FORMAT


@dataclass(frozen=True, kw_only=True)
class DocumentPart:
    """One collection that takes part; `columns` maps the gathered table's columns to the part's own."""

    collection: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class GatheredDocument:
    """A table gathered of several collections (集約), asked for by one of the provider's own applications.

    `how`: "union" puts their rows one after another, "join" adds the columns of the later ones by key, "first" asks them in
    turn until one answers.
    """

    how: Gathering
    parts: tuple[DocumentPart, ...]
    application: str
    columns: tuple[ConnectedColumn, ...]
    key_columns: tuple[str, ...] = ()
    limits: ConnectedLimits = field(default_factory=ConnectedLimits)
    kind: Literal["gathered"] = "gathered"
    format: int = FORMAT


TableDocument = SqlDocument | FileDocument | BucketDocument | GatheredDocument | NgsiDocument


@dataclass(frozen=True, slots=True)
class ConnectedTableFacts:
    """What the snapshot must know of one connected table."""

    distribution_uid: str
    source_uid: str
    document: TableDocument
    secret: str


def dictionary_of(columns: Iterable[ConnectedColumn]) -> list[dict[str, object]]:
    """Return what the columns are in the words of the catalogue's dictionaries, without what they are called at their origin."""
    found: list[dict[str, object]] = []
    for column in columns:
        said = {"title": column.title, "unit": column.unit, "description": column.description}
        found.append({"name": column.name, "type": column.type, **{key: words for key, words in said.items() if words}})
    return found
