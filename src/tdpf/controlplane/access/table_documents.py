"""Reading the documents of connected tables, and what they come to: pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from tdpf.controlplane.access.documents import (
    DOCUMENTS,
    Fault,
    certificate_faults,
    error,
    is_file_address,
    is_plain_address,
    must_be_faultless,
    schema_of,
    typed,
    with_written_certificate,
)
from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.inlet_documents import HOST
from tdpf.controlplane.access.ngsi_documents import CREDENTIALS, NgsiDocument, ngsi_faults, ngsi_place, ngsi_receiver
from tdpf.controlplane.access.source_types import FORMAT, DocumentCredential
from tdpf.controlplane.access.table_types import (
    BucketDocument,
    FileDocument,
    GatheredDocument,
    SqlDocument,
    TableDocument,
)
from tdpf.kit.databases import is_one_question
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.wire.codec import to_plain
from tdpf.wire.connected import (
    BUCKET,
    COLLECTION,
    BucketPlace,
    ConnectedLimits,
    FilePlace,
    GatheredPart,
    GatheredPlace,
    Place,
    SqlPlace,
)

TABLE_KINDS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "sql": SqlDocument,
        "file": FileDocument,
        "bucket": BucketDocument,
        "gathered": GatheredDocument,
        "ngsi": NgsiDocument,
    }
)
MOST_COLUMNS = 500
MOST_PARTS = 20
LONGEST_STATEMENT = 10_000
PORTS = MappingProxyType({"postgresql": 5432, "mysql": 3306})
_NAME = re.compile(r"[^\x00-\x1f\x7f.`\"]{1,128}\Z")
_PREFIX = re.compile(r"[^\x00-\x1f\x7f]{0,500}\Z")
_RANGES = MappingProxyType(
    {
        "timeout_seconds": (1, 60), "most_connections": (1, 64), "per_second": (0, 10_000), "most_rows": (1, 1_000_000),
        "most_bytes": (1 << 10, 1 << 30), "fresh_seconds": (10, 86_400), "errors_to_rest": (1, 100), "rest_seconds": (1, 600),
    }
)  # fmt: skip


def read_table_document(plain: object) -> TableDocument:
    """Return the document of a connected table; raises SourceInvalid with an error for each fault."""
    kind = plain.get("kind") if isinstance(plain, dict) else None
    shape = TABLE_KINDS.get(str(kind))
    if shape is None:
        known = "、".join(["http_api", "stream", *TABLE_KINDS])
        raise SourceInvalid(errors=[error("kind", f"kind は {known} のどれかです。", f"The kind is one of {known}.")])
    document: TableDocument = typed(shape, plain)
    must_be_faultless(_faults(document))
    return with_written_certificate(document)


def source_document_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of every kind of source document."""
    return schema_of([*DOCUMENTS.values(), *TABLE_KINDS.values()])


def mark_of(document: TableDocument) -> str:
    """Return what tells one place from another, without saying where it is; the account and the limits are not part of it."""
    plain = to_plain(place_of(document))
    return sha256_hex(canonical_json({"kind": document.kind, "place": plain}))


def place_of(document: TableDocument, withheld: Mapping[str, str] = MappingProxyType({})) -> Place:
    """Return where the table is, as the data plane needs it; `withheld` says which parts may not be passed on, and why."""
    match document:
        case SqlDocument():
            return SqlPlace(
                document.engine, document.host, document.port or PORTS[document.engine], document.database,
                document.relation, document.statement, document.tls, document.certificate,
            )  # fmt: skip
        case FileDocument():
            return FilePlace(document.url, document.file_format, document.encoding, document.rows_at)
        case BucketDocument():
            return BucketPlace(
                document.endpoint, document.bucket, document.region, document.prefix, document.file_format,
                document.suffix, document.encoding,
            )  # fmt: skip
        case GatheredDocument():
            parts = tuple(
                GatheredPart(part.collection, part.columns, withheld=withheld.get(part.collection, ""))
                for part in document.parts
            )
            return GatheredPlace(document.how, parts)
        case NgsiDocument():
            return ngsi_place(document)


def same_table_receiver(old: TableDocument, new: TableDocument) -> bool:
    """Say whether a kept secret may go on to be sent: to the same server, by the same account."""

    def receiver(document: TableDocument) -> tuple[object, ...]:
        match document:
            case SqlDocument():
                port = document.port or PORTS[document.engine]
                kind = document.credential.kind
                return document.engine, document.host.lower(), port, document.tls, document.certificate, kind
            case FileDocument():
                return document.kind, document.url.split("/")[:3], document.credential and document.credential.kind
            case BucketDocument():
                return document.kind, document.endpoint.rstrip("/")
            case GatheredDocument():
                return document.kind, document.application
            case NgsiDocument():
                return ngsi_receiver(document)

    return receiver(old) == receiver(new)


def _faults(document: TableDocument) -> Iterator[Fault]:
    if document.format != FORMAT:
        yield "format", "format は 1 です。", "The format is 1."
    yield from _column_faults(document)
    yield from _limit_faults(document.limits)
    match document:
        case SqlDocument():
            yield from _sql_faults(document)
        case FileDocument():
            yield from _file_faults(document)
        case BucketDocument():
            yield from _bucket_faults(document)
        case GatheredDocument():
            yield from _gathered_faults(document)
        case NgsiDocument():
            yield from ngsi_faults(document)
            if document.credential is not None:
                yield from _credential_faults(document.credential, CREDENTIALS, document.url)


def _column_faults(document: TableDocument) -> Iterator[Fault]:
    names = [column.name for column in document.columns]
    if not 1 <= len(names) <= MOST_COLUMNS:
        yield "columns", f"列は1〜{MOST_COLUMNS}です。", f"Name 1 to {MOST_COLUMNS} columns."
    for number, column in enumerate(document.columns):
        if column.name != column.name.strip():
            yield (
                f"columns[{number}].name",
                "列の名前の前後に空白は使えません。",
                "A column's name has no outer spaces.",
            )
        if column.name in names[:number]:
            yield f"columns[{number}].name", "同じ名前の列が二つあります。", "Two columns have the same name."
        if max(len(column.title), len(column.unit)) > 200 or len(column.description) > 2000:
            yield f"columns[{number}]", "説明が長すぎます。", "What is said of it is too long."
    area = getattr(document, "area_column", "")
    for place, named in (("key_columns", document.key_columns), ("area_column", (area,) if area else ())):
        for name in named:
            if name not in names:
                yield place, f"この列はありません: {name[:60]}", f"There is no such column: {name[:60]}"
    if area and not any(column.name == area and column.type in ("string", "code") for column in document.columns):
        yield "area_column", "地域の列は、文字かコードの列にしてください。", "The column of areas is text or a code."


def _limit_faults(limits: ConnectedLimits) -> Iterator[Fault]:
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(limits, name) <= most:
            yield f"limits.{name}", f"{least}〜{most} にしてください。", f"Keep it between {least} and {most}."


def _sql_faults(document: SqlDocument) -> Iterator[Fault]:
    if HOST.match(document.host) is None:
        yield (
            "host",
            "サーバーの名前を入力してください（例: db.example.jp）。",
            "Name the server, such as db.example.jp.",
        )
    if not 0 <= document.port <= 65535:
        yield "port", "ポートは0〜65535です。", "A port is between 0 and 65535."
    if not 1 <= len(document.database) <= 128 or not document.database.isprintable():
        yield "database", "データベースの名前を入力してください。", "Name the database."
    if bool(document.relation) == bool(document.statement):
        yield (
            "relation",
            "表・ビューの名前か、SELECT文の、どちらか一つを入力してください。",
            "Give a table or view, or one SELECT.",
        )
    parts = document.relation.split(".") if document.relation else []
    if len(parts) > 3 or any(_NAME.match(part) is None for part in parts):
        yield "relation", "名前は schema.view の形です。", "A name looks like schema.view."
    if document.statement and (len(document.statement) > LONGEST_STATEMENT or not is_one_question(document.statement)):
        yield (
            "statement",
            "SELECT（またはWITH）の文を一つだけ、コメントや ; を付けずに入力してください。",
            "Give one SELECT (or WITH) without comments and semicolons.",
        )
    if len(document.certificate) > 20_000:
        yield "certificate", "証明書が長すぎます。", "The certificate is too long."
    yield from _credential_faults(document.credential, ("basic", "certificate"))
    if document.tls == "off" and document.credential.kind == "certificate":
        yield "tls", "証明書を見せるには暗号化が要ります。", "A certificate is shown in TLS only."


def _file_faults(document: FileDocument) -> Iterator[Fault]:
    if not is_file_address(document.url):
        yield "url", "ファイルの http(s) のURLを入力してください。", "Give the file's http(s) address."
    if len(document.rows_at) > 200:
        yield "rows_at", "200文字以内にしてください。", "Keep this within 200 characters."
    yield from _encoding_faults(document.encoding)
    if document.credential is not None:
        yield from _credential_faults(document.credential, ("header", "query", "basic", "certificate"), document.url)


def _bucket_faults(document: BucketDocument) -> Iterator[Fault]:
    if not is_plain_address(document.endpoint):
        yield "endpoint", "ストレージの http(s) のURLを入力してください。", "Give the storage's http(s) address."
    if BUCKET.match(document.bucket) is None:
        yield "bucket", "バケットの名前が正しくありません。", "This is not a bucket's name."
    if not re.fullmatch(r"[a-z0-9-]{1,40}", document.region):
        yield "region", "リージョンは ap-northeast-1 の形です。", "A region looks like ap-northeast-1."
    for name in ("prefix", "suffix"):
        if _PREFIX.match(getattr(document, name)) is None:
            yield name, "500文字以内にしてください。", "Keep this within 500 characters."
    yield from _encoding_faults(document.encoding)
    if document.credential is not None:
        yield from _credential_faults(document.credential, ("basic",))


def _gathered_faults(document: GatheredDocument) -> Iterator[Fault]:
    if not 1 <= len(document.parts) <= MOST_PARTS:
        yield "parts", f"集めるものは1〜{MOST_PARTS}です。", f"Name 1 to {MOST_PARTS} parts."
    names = {column.name for column in document.columns}
    for number, part in enumerate(document.parts):
        if COLLECTION.match(part.collection) is None:
            yield (
                f"parts[{number}].collection",
                "/data/collections の後の名前です。",
                "It is the name behind /data/collections.",
            )
        if part.collection in [one.collection for one in document.parts[:number]]:
            yield f"parts[{number}].collection", "同じものが二つあります。", "The same is named twice."
        for name in part.columns:
            if name not in names:
                yield (
                    f"parts[{number}].columns",
                    f"この列はありません: {name[:60]}",
                    f"There is no such column: {name[:60]}",
                )
    if document.how == "join" and not document.key_columns:
        yield "key_columns", "つなぎ合わせる列（キー）を決めてください。", "Name the columns to join by."


def _encoding_faults(encoding: str) -> Iterator[Fault]:
    if encoding not in ("utf-8", "cp932", "euc-jp"):
        yield "encoding", "文字コードは utf-8、cp932、euc-jp のどれかです。", "The encoding is utf-8, cp932 or euc-jp."


def _credential_faults(
    credential: DocumentCredential, kinds: tuple[str, ...], url: str | None = None
) -> Iterator[Fault]:
    """`url` is where a certificate needs no account beside it; None where one is asked for."""
    if credential.kind not in kinds:
        yield "credential.kind", f"認証は {'、'.join(kinds)} です。", f"The credential is {', '.join(kinds)}."
    yield from certificate_faults(credential)
    if url is not None and credential.kind == "certificate":
        if not url.startswith("https://"):
            yield "url", "証明書を見せる相手は https のURLです。", "A certificate is shown to an https address only."
        if credential.name:
            yield (
                "credential.name",
                "証明書を見せるときは空にします。",
                "Leave it empty: the certificate says who asks.",
            )
    elif not 1 <= len(credential.name) <= 200 or not credential.name.isprintable():
        yield "credential.name", "アカウントの名前を入力してください。", "Name the account."
    if credential.kind == "header" and not re.fullmatch(r"[a-z0-9-]{1,100}", credential.name):
        yield (
            "credential.name",
            "ヘッダーの名前は小文字の英数字です。",
            "A header's name is lower-case letters and digits.",
        )
