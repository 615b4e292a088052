"""What operations hands to pages and to `tdpf check`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEntry:
    """One entry of the audit log as it is stored; `content` is the canonical JSON that `hash` is taken of."""

    sequence: int
    event_uid: str
    name: str
    actor: str
    subject: str
    reason: str
    occurred_at: datetime
    content: str
    previous_hash: str
    hash: str


class FaultKind(StrEnum):
    """What can be wrong with the audit log."""

    ALTERED = "altered"
    MISSING = "missing"
    REORDERED = "reordered"
    CUT = "cut"
    EVENT_ALTERED = "event_altered"
    UNSEALED = "unsealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One place where the audit log does not hold; `sequence` is the entry where it shows, if it shows at one."""

    kind: FaultKind
    sequence: int | None
    event_uid: str
    sentence: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One entry of the audit log for a page: who, what, when, why, in words and in fields."""

    sequence: int
    event_uid: str
    name: str
    what: Text
    actor: str
    actor_name: str
    subject: str
    reason: str
    occurred_at: datetime
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedOffer:
    """An offer named in a suspension; title and slug are empty when the offer is not known."""

    uid: str
    title_ja: str
    title_en: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionOrder:
    """A suspension as its page shows it: whom, what stops, what continues, why, by whom, from when, until when."""

    uid: str
    party_uid: str
    party_slug: str
    party_name: Text
    party_kind: str
    stops_keys: bool
    stops_sign_in: bool
    offers: tuple[StoppedOffer, ...]
    continues: str
    reason: str
    decided_by: str
    from_at: datetime
    until_at: datetime | None
    lifted_at: datetime | None
    lifted_by: str
    lift_reason: str
    in_force: bool


class HealthState(StrEnum):
    """How a part is doing."""

    OK = "ok"
    LATE = "late"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHealth:
    """How one part of the platform is doing, as last seen."""

    part: str
    label: Text
    state: HealthState
    seen_at: datetime | None
    detail: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Work that waits for the operator's judgement; `oldest_at` is since when, None when nothing waits."""

    name: str
    label: Text
    waiting: int
    oldest_at: datetime | None


class Severity(StrEnum):
    """A fault breaks a promise of the platform; a warning should be looked at."""

    FAULT = "fault"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that `tdpf check` found."""

    code: str
    severity: Severity
    sentence: Text
