"""Entities of a context broker as a connected table: what its document may say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tdpf.controlplane.access.documents import Fault, is_plain_address
from tdpf.controlplane.access.source_types import FORMAT, DocumentCredential
from tdpf.kit.ngsi import BrokerPlace
from tdpf.wire.connected import ConnectedColumn, ConnectedLimits, Ngsi, NgsiPlace
from tdpf.wire.sources import ApiCredential

CREDENTIALS = ("header", "query", "basic", "certificate")


@dataclass(frozen=True, kw_only=True)
class NgsiDocument:
    """Entities of one type at a context broker (NGSIv2 or NGSI-LD), each a row.

    A column's `origin` is an attribute, `attribute.member`, `attribute@lat` and `@lon` of its point, `attribute@observedAt`,
    or `id`. `simplified` asks the broker for values alone (keyValues).
    """

    url: str
    version: Ngsi
    entity_type: str
    columns: tuple[ConnectedColumn, ...]
    tenant: str = ""
    service_path: str = ""
    context: str = ""
    simplified: bool = False
    credential: DocumentCredential | None = None
    key_columns: tuple[str, ...] = ()
    area_column: str = ""
    limits: ConnectedLimits = field(default_factory=ConnectedLimits)
    kind: Literal["ngsi"] = "ngsi"
    format: int = FORMAT


def ngsi_faults(document: NgsiDocument) -> Iterator[Fault]:
    """Yield what is wrong with where the entities are."""
    if not is_plain_address(document.url):
        yield (
            "url",
            "ブローカーの http(s) のURLを、/v2 や /ngsi-ld の前まで入力してください。",
            "Give the broker's http(s) address, up to /v2 or /ngsi-ld.",
        )
    if re.fullmatch(r"[!-+\--~]{1,500}", document.entity_type) is None:
        yield (
            "entity_type",
            "型は空白のない英数字・記号（カンマを除く）です。",
            "A type is ASCII without spaces and commas.",
        )
    if re.fullmatch(r"[A-Za-z0-9_.-]{0,100}", document.tenant) is None:
        yield "tenant", "テナントは英数字・_・.・- です。", "A tenant is letters, digits, _ . and -."
    if re.fullmatch(r"(/[A-Za-z0-9_/]{0,200})?(/#)?", document.service_path) is None:
        yield "service_path", "サービスパスは /parks/north の形です。", "A service path looks like /parks/north."
    if document.service_path and document.version == "ld":
        yield "service_path", "サービスパスは NGSIv2 だけのものです。", "A service path is of NGSIv2 only."
    if document.context and (document.version == "v2" or not is_plain_address(document.context)):
        yield (
            "context",
            "@context は NGSI-LD だけの、http(s) のURLです。",
            "A @context is of NGSI-LD only, an http(s) address.",
        )


def ngsi_place(document: NgsiDocument) -> NgsiPlace:
    """Return where the entities are, as the data plane needs it."""
    return NgsiPlace(
        document.url, document.version, document.entity_type, document.tenant, document.service_path,
        document.context, document.simplified,
    )  # fmt: skip


def ngsi_receiver(document: NgsiDocument) -> tuple[object, ...]:
    """Return what a secret is sent to, and how."""
    return document.kind, document.url.split("/")[:3], document.credential and document.credential.kind


def broker_of(document: NgsiDocument, secret: str) -> BrokerPlace:
    """Return the broker as it is asked, with the secret."""
    asked, headers, query, shown = document.credential, dict[str, str](), dict[str, str](), ""
    if asked is not None:
        credential = ApiCredential(asked.kind, asked.name, secret, certificate=asked.certificate)
        shown = credential.shown
        _, headers = credential.given_to(document.url)
        query = {asked.name: secret} if asked.kind == "query" else {}
    return BrokerPlace(
        document.url, document.version, document.entity_type, document.tenant, document.service_path,
        document.context, document.simplified, headers, query, shown,
    )  # fmt: skip
