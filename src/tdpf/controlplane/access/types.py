"""What access hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tdpf.controlplane.access.asking import RowsAnswer as RowsAnswer
from tdpf.controlplane.access.source_types import ApiDocument as ApiDocument
from tdpf.controlplane.access.source_types import ApiLimits as ApiLimits
from tdpf.controlplane.access.source_types import ConnectedApi as ConnectedApi
from tdpf.controlplane.access.source_types import ConnectedStream as ConnectedStream
from tdpf.controlplane.access.source_types import DeviceTokenFacts as DeviceTokenFacts
from tdpf.controlplane.access.source_types import DocumentCredential as DocumentCredential
from tdpf.controlplane.access.source_types import DocumentOperation as DocumentOperation
from tdpf.controlplane.access.source_types import HeaderPolicy as HeaderPolicy
from tdpf.controlplane.access.source_types import ImportedApi as ImportedApi
from tdpf.controlplane.access.source_types import InletFacts as InletFacts
from tdpf.controlplane.access.source_types import IssuedDeviceToken as IssuedDeviceToken
from tdpf.controlplane.access.source_types import NotComing as NotComing
from tdpf.controlplane.access.source_types import OfferedOperation as OfferedOperation
from tdpf.controlplane.access.source_types import SourceFacts as SourceFacts
from tdpf.controlplane.access.source_types import SourceTested as SourceTested
from tdpf.controlplane.access.source_types import StreamDocument as StreamDocument

SCOPES: tuple[str, ...] = ("data:read", "datasets:write", "uploads:write", "requests:write", "feedback:write")
DEFAULT_SCOPES: tuple[str, ...] = ("data:read",)


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """An application as other rooms and faces see it; `number` is the one on the wire and in the ledger."""

    id: int
    uid: str
    number: int
    name: str
    description: str
    state: str
    owner_party_id: int
    owner_uid: str
    owner_name_ja: str
    owner_name_en: str
    is_portal: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key as its owner may see it after the one time it was shown."""

    uid: str
    name: str
    prefix: str
    kind: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    state: Literal["live", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key and, this once, its plaintext."""

    key: KeyFacts
    plaintext: str


@dataclass(frozen=True, slots=True)
class MintedToken:
    """An access token (RFC 6749 §5.1); `expires_in` in seconds, `stamp` the one from which gateways know it."""

    access_token: str
    expires_in: int
    scopes: tuple[str, ...]
    stamp: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who stands behind a valid key: the application, and the member who issued the key."""

    key_uid: str
    kind: str
    application: ApplicationFacts
    scopes: tuple[str, ...]
    member_id: int | None


@dataclass(frozen=True, slots=True)
class UpstreamFacts:
    """How a provider's server is doing for one gateway, as told `told_at`; numbers as `wire.messages.UpstreamHealth`."""

    gateway: str
    name: str
    kind: str
    servers: int
    resting: int
    active: int
    requests: int
    errors: int
    unreached: int
    told_at: datetime


@dataclass(frozen=True, slots=True)
class GateNodeFacts:
    """A node of the data plane as it last reported."""

    name: str
    kind: str
    applied_stamp: int
    seen_at: datetime
    health: dict[str, object]
    is_current: bool
