"""The declarative documents of source connections, and reading them: pure.

A document says all about a connection but its secret. It is JSON (or YAML with the same members); `format` is 1.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints
from urllib.parse import urlsplit

from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.source_types import FORMAT, ApiDocument, DocumentCredential, HeaderPolicy, StreamDocument
from tdpf.kit.certificates import are_certificates, certificates_in
from tdpf.wire.codec import MalformedMessage, from_plain, json_schema
from tdpf.wire.sources import HEADER, TEMPLATE, VALUE

MOST_OPERATIONS = 200
MOST_PEM = 32_000
MOST_STREAM_COLUMNS = 200
_KEYS = ("RSAは2048〜8192ビット、楕円曲線はP-256・P-384・P-521", "RSA of 2048 to 8192 bits, P-256, P-384 or P-521")
_PARAMETER = re.compile(r"[A-Za-z0-9_.\[\]-]{1,100}\Z")
_ACCOUNT = re.compile(r"[^\x00-\x1f\x7f:]{1,200}\Z")
# What carries the call itself, or speaks for the platform, is nobody's to set or take away.
_NOT_TO_SET = frozenset({
    "host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "expect",
    "cookie", "set-cookie", "proxy-authorization", "proxy-connection", "cache-control", "content-security-policy",
    "x-content-type-options", "strict-transport-security", "location", "ratelimit", "ratelimit-policy", "retry-after",
})  # fmt: skip
_OURS = ("x-tdpf-", "x-envoy-", "x-forwarded-", "x-ratelimit-", "access-control-", "proxy-", "sec-")

DOCUMENTS: Mapping[str, type[Any]] = MappingProxyType({"http_api": ApiDocument, "stream": StreamDocument})
D = TypeVar("D")
Fault = tuple[str, str, str]


_RANGES = {
    "timeout_seconds": (1, 120), "retries": (0, 5), "most_connections": (1, 1024), "most_waiting": (1, 4096),
    "errors_to_rest": (1, 100), "rest_seconds": (1, 600), "per_second": (0, 10_000),
    "most_streams": (1, 1000), "stream_idle_seconds": (10, 3600),
}  # fmt: skip


_STREAM_RANGES = {"window_events": (10, 1_000_000), "most_streams": (1, 1000), "per_second": (1, 1000)}


def read_api_document(plain: object) -> ApiDocument:
    """Return the document, its certificates as they are to be kept; raises SourceInvalid with an error for each fault."""
    document = typed(ApiDocument, plain)
    must_be_faultless(_api_faults(document))
    authority = _written(document.authority) if document.authority else ""
    return dataclasses.replace(with_written_certificate(document), authority=authority)


def with_written_certificate(document: D) -> D:
    """Return a document whose client certificate is as it is to be kept."""
    credential: DocumentCredential | None = getattr(document, "credential", None)
    if credential is None or not credential.certificate:
        return document
    written = dataclasses.replace(credential, certificate=_written(credential.certificate))
    return dataclasses.replace(document, credential=written)  # type: ignore[type-var]  # it has a credential, so it is a document


def stream_faults(document: StreamDocument) -> Iterator[Fault]:
    """Yield what is wrong with what a stream's document says of its events."""
    if document.format != FORMAT:
        yield "format", "format は 1 です。", "The format is 1."
    names = [column.name for column in document.columns]
    if not 1 <= len(names) <= MOST_STREAM_COLUMNS:
        yield "columns", f"列は1〜{MOST_STREAM_COLUMNS}です。", f"Name 1 to {MOST_STREAM_COLUMNS} columns."
    for number, column in enumerate(document.columns):
        if not 1 <= len(column.name) <= 200 or not column.name.isprintable() or column.name != column.name.strip():
            yield f"columns[{number}].name", "列の名前は1〜200文字です。", "A column's name has 1 to 200 characters."
        if column.name in names[:number]:
            yield f"columns[{number}].name", "同じ名前の列が二つあります。", "Two columns have the same name."
    for place, named in (("key_columns", document.key_columns), ("area_column", (document.area_column,))):
        for name in named:
            if name and name not in names:
                yield place, f"この列はありません: {name[:60]}", f"There is no such column: {name[:60]}"
    if document.area_column and not any(
        column.name == document.area_column and column.required and column.type == "string"
        for column in document.columns
    ):
        yield "area_column", "地域の列は、必須の文字の列にしてください。", "The column of areas is required text."
    for name, (least, most) in _STREAM_RANGES.items():
        if not least <= getattr(document, name) <= most:
            yield name, f"{least}〜{most} にしてください。", f"Keep it between {least} and {most}."


def typed(kind: type[D], plain: object) -> D:
    """Return the plain value as this kind of document; raises SourceInvalid for a wrong type or an unknown member."""
    unknown = list(_unknown(kind, plain, ""))
    must_be_faultless((path, "このような項目はありません。", "There is no such member.") for path in unknown)
    try:
        return from_plain(kind, plain)
    except MalformedMessage as fault:
        raise SourceInvalid(
            errors=[error(fault.path, f"形が正しくありません（{fault.what}）。", f"It {fault.what}.")]
        ) from None


def must_be_faultless(faults: Iterator[Fault]) -> None:
    """Raise SourceInvalid unless there is no fault."""
    found = [error(*fault) for fault in faults]
    if found:
        raise SourceInvalid(errors=found[:50])


def error(path: str, ja: str, en: str) -> dict[str, str]:
    """Return one entry of a Problem's `errors`; `path` names the member."""
    return {"field": path or "document", "message_ja": ja, "message_en": en}


def schema_of(kinds: Iterable[type[Any]]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of documents; members it does not name are refused."""
    schemas = [json_schema(kind) for kind in kinds]
    definitions: dict[str, Any] = {}
    for schema in schemas:
        del schema["$schema"]
        definitions.update(schema.pop("$defs", {}))
        definitions[schema["title"]] = schema
    for part in definitions.values():
        part["additionalProperties"] = False
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "oneOf": [{"$ref": f"#/$defs/{schema['title']}"} for schema in schemas],
        "$defs": dict(sorted(definitions.items())),
    }


def _unknown(kind: Any, plain: object, path: str) -> Iterator[str]:
    if not dataclasses.is_dataclass(kind):
        inner = next((found for found in get_args(kind) if dataclasses.is_dataclass(found)), None)
        if inner is None:
            return
        for number, item in enumerate(plain if isinstance(plain, list) else [plain]):
            yield from _unknown(inner, item, f"{path}[{number}]" if isinstance(plain, list) else path)
        return
    if not isinstance(plain, dict):
        return
    hints = get_type_hints(kind)
    for name, value in plain.items():
        place = f"{path}.{name}" if path else str(name)
        if name not in hints:
            yield place
        else:
            yield from _unknown(hints[name], value, place)


def _api_faults(document: ApiDocument) -> Iterator[Fault]:
    if document.format != FORMAT:
        yield "format", "format は 1 です。", "The format is 1."
    if not is_plain_address(document.base_url):
        yield (
            "base_url",
            "http(s) のURLを、? や # を付けずに入力してください。",
            "Give an http(s) address without a query, fragment or account.",
        )
    if not 1 <= len(document.operations) <= MOST_OPERATIONS:
        yield "operations", f"操作は1〜{MOST_OPERATIONS}件です。", f"Name 1 to {MOST_OPERATIONS} operations."
    known = set()
    for number, operation in enumerate(document.operations):
        place = f"operations[{number}]"
        if len(operation.path) > 500 or TEMPLATE.match(operation.path) is None:
            yield f"{place}.path", "パスは /v1/stations/{id} の形です。", "A path looks like /v1/stations/{id}."
        if len(operation.title) > 200:
            yield f"{place}.title", "200文字以内にしてください。", "Keep this within 200 characters."
        if (operation.method, operation.path) in known:
            yield place, "同じ操作が二つあります。", "The same operation is named twice."
        known.add((operation.method, operation.path))
    methods = {operation.method for operation in document.operations}
    if "WEBSOCKET" in methods and methods & {"GRPC", "GRPC_STREAM"}:
        yield (
            "operations",
            "WEBSOCKET（HTTP/1.1）と GRPC（HTTP/2）は、別々の接続にしてください。",
            "WEBSOCKET (HTTP/1.1) and GRPC (HTTP/2) need connections of their own.",
        )
    yield from _credential_faults(document.credential)
    if document.authority and not may_be_shown(document.authority):
        yield (
            "authority",
            f"認証局の証明書だけをPEMで入れてください（{_KEYS[0]}）。",
            f"Give the authority's certificate as PEM and nothing else ({_KEYS[1]}).",
        )
    if (document.authority or _shows_certificate(document)) and not document.base_url.startswith("https://"):
        yield "base_url", "証明書を使う接続は https にしてください。", "Certificates need an https address."
    for name, policy in (
        ("request_headers", document.request_headers),
        ("response_headers", document.response_headers),
    ):
        yield from _header_faults(name, policy)
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(document.limits, name) <= most:
            yield f"limits.{name}", f"{least}〜{most} にしてください。", f"Keep it between {least} and {most}."
    if document.test_path and not may_be_got(document, document.test_path):
        yield (
            "test_path",
            "試すパスは、許可した GET の操作に合うものにしてください。",
            "The path to test must fit a GET operation that is allowed.",
        )


def may_be_shown(pem: str) -> bool:
    """Say whether this is a PEM chain of certificates of a reasonable size that gateways take, and nothing else."""
    return len(pem) <= MOST_PEM and pem.isascii() and are_certificates(pem.encode())


def _written(pem: str) -> str:
    return certificates_in(pem.encode()).decode()


def _shows_certificate(document: ApiDocument) -> bool:
    return document.credential is not None and document.credential.kind == "certificate"


def certificate_faults(credential: DocumentCredential) -> Iterator[Fault]:
    """Yield what is wrong with the client certificate that a credential shows, or has without showing it."""
    is_certificate = credential.kind == "certificate"
    if is_certificate != bool(credential.certificate) or (is_certificate and not may_be_shown(credential.certificate)):
        yield (
            "credential.certificate",
            f"クライアント証明書の連鎖だけをPEMで入れてください（{_KEYS[0]}、鍵は含めません）。ほかの認証では空にします。",
            f"Give the client certificate's chain as PEM ({_KEYS[1]}), without its key; leave it empty for other kinds.",
        )


def _credential_faults(credential: DocumentCredential | None) -> Iterator[Fault]:
    if credential is None:
        return
    yield from certificate_faults(credential)
    good = {
        "certificate": not credential.name,
        "header": bool(HEADER.match(credential.name)) and credential.name not in _NOT_TO_SET,
        "query": bool(_PARAMETER.match(credential.name)),
        "basic": bool(_ACCOUNT.match(credential.name)),
        "oauth2": bool(_ACCOUNT.match(credential.name)),
    }[credential.kind]
    if not good or credential.name.startswith(_OURS):
        yield "credential.name", "この名前は使えません。", "This name cannot be used."
    if credential.kind == "oauth2" and not is_plain_address(credential.token_url):
        yield (
            "credential.token_url",
            "トークンを得る http(s) のURLを入力してください。",
            "Give the token endpoint's address.",
        )
    if any(not re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}", scope) for scope in credential.scopes):
        yield "credential.scopes", "スコープは空白のない英数字・記号です。", "A scope has no spaces."


def _header_faults(place: str, policy: HeaderPolicy) -> Iterator[Fault]:
    for name in (*policy.set, *policy.remove):
        if name == "authorization" or HEADER.match(name) is None or name in _NOT_TO_SET or name.startswith(_OURS):
            yield place, f"このヘッダーは指定できません: {name[:60]}", f"This header cannot be named: {name[:60]}"
    for name, value in policy.set.items():
        if VALUE.match(value) is None:
            yield (
                place,
                f"値は英数字・記号で1000文字以内です: {name[:60]}",
                f"A value is ASCII, 1000 at most: {name[:60]}",
            )
    if len(policy.set) + len(policy.remove) > 40:
        yield place, "40件までです。", "At most 40."


def is_plain_address(text: str) -> bool:
    """Say whether the text is an http(s) address without query, fragment, account or spaces, at most 2000 characters."""
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        len(text) <= 2000
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and port_fits
        and not (parts.username or parts.password or parts.query or parts.fragment)
        and re.fullmatch(r"[!-~]+", text) is not None
        and not any(mark in text for mark in '?#\\"<>')
    )


def is_file_address(text: str) -> bool:
    """Say whether the text is an http(s) address that may have a query; no account, no fragment."""
    bare = text.partition("?")[0]
    return (
        is_plain_address(bare) and len(text) <= 2000 and re.fullmatch(r"[!-~]+", text) is not None and "#" not in text
    )


def may_be_got(document: ApiDocument, path: str) -> bool:
    """Say whether a path (a query may follow) is one that an allowed GET fits."""
    bare = path.partition("?")[0]
    if not re.fullmatch(r"/[!-~]{0,1000}", path) or "#" in path or "/../" in f"{bare}/" or "/./" in f"{bare}/":
        return False
    for operation in document.operations:
        pieces = re.split(r"\{[A-Za-z0-9_]+\}", operation.path)
        if operation.method == "GET" and re.fullmatch("[^/]+".join(map(re.escape, pieces)), bare):
            return True
    return False


def same_receiver(old: ApiDocument, new: ApiDocument) -> bool:
    """Say whether a kept secret may go on to be sent: to the same server, in the same way, by the same token endpoint."""

    def receiver(document: ApiDocument) -> tuple[object, ...]:
        parts = urlsplit(document.base_url)
        credential = document.credential
        asked = (credential.kind, credential.token_url) if credential else ()
        return parts.scheme, (parts.hostname or "").lower(), parts.port, asked, document.authority

    return receiver(old) == receiver(new)
