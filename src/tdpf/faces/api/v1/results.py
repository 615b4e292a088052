"""What writing with version 1 of the API answers, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema


class Upload(Schema):
    """A file on its way in; `offset` is how many bytes are safe."""

    uid: str
    file_name: str
    size: int
    offset: int
    state: str
    sha256: str = ""
    problem: dict[str, Any] | None = None


class Preview(Schema):
    """The first rows and everything that would be published, before anything is."""

    upload_uid: str
    format: str
    encoding: str
    delimiter: str
    table_id: str
    sheet: str
    range: str
    header_rows: list[int]
    row_count: int
    columns: list[str]
    rows: list[list[str | None]]
    dictionary: list[dict[str, Any]]
    key_columns: list[str]
    metadata: dict[str, Any]
    notes: list[dict[str, Any]]


class ReadUpload(Schema):
    """What came of a reading."""

    upload: Upload
    preview: Preview | None


class AddedVersion(Schema):
    """What came of it: `is_new` is false when the latest version already was the very same thing."""

    version_uid: str
    distribution_uid: str
    number: int
    identity: str
    is_new: bool


class SourceTried(Schema):
    """What came of trying a source; `status` 0 when nothing answered, the reason is in the notes then."""

    at: datetime
    status: int
    milliseconds: int
    media_type: str
    size: int
    note_ja: str = Field("", alias="note.ja")
    note_en: str = Field("", alias="note.en")


class NotComing(Schema):
    """Columns that a part of a gathered table does not give; an empty `collection` means that none of its parts does."""

    collection: str
    columns: list[str]


class Source(Schema):
    """A source connection, without its secret."""

    uid: str
    kind: str
    name: str
    document: dict[str, Any]
    has_secret: bool
    changed_at: datetime
    tested: SourceTried | None
    not_coming: list[NotComing]


class SeenColumn(Schema):
    """A column as the place describes it; `origin` is what it is called there where that is another name."""

    name: str
    type: str
    origin: str = ""


class DeviceToken(Schema):
    """A token that a device pushes with, without the token itself."""

    uid: str
    name: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None


class IssuedToken(Schema):
    """A new token, shown this once."""

    uid: str
    name: str
    token: str


class ImportedDocument(Schema):
    """A document to connect by; `left_out` counts operations that cannot be allowed as they are written."""

    title: str
    document: dict[str, Any]
    left_out: int


class Operation(Schema):
    """One call that consumers may make, with its whole address."""

    method: str
    path: str
    title: str
    address: str


class Warranty(Schema):
    """A signed warranty."""

    uid: str
    version_identity: str
    text_version: str
    text_sha256: str
    signer_name: str
    signed_at: datetime


class PublicationCheck(Schema):
    """What still stands between an offer and its publication, as problem codes; empty `missing` means nothing."""

    offer_uid: str
    missing: list[str]
    unsigned: list[str]


class WarrantyText(Schema):
    """The words of the warranty, to be signed by `version` and `sha256`."""

    version: str
    ja: str
    en: str
    sha256: str
