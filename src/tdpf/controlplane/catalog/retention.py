"""Which files may go: a pure rule over what is kept, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """What the rule needs to know of a version; days of None mean as long as the dataset is offered."""

    uid: str
    state: str
    pinned: bool
    superseded_at: datetime | None
    original_sha256: str
    original_kept: bool
    retention_days: int | None
    originals_days: int | None


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """Versions whose table files go, and versions whose original goes."""

    retire: tuple[str, ...]
    drop_originals: tuple[str, ...]


def plan_retention(versions: Iterable[KeptVersion], now: datetime) -> RetentionPlan:
    """Return what goes at `now`: only of versions that were superseded and are not pinned; the latest never goes."""
    retire: list[str] = []
    drop: list[str] = []
    for version in versions:
        if version.pinned or version.superseded_at is None or version.state not in ("older", "retired"):
            continue
        if version.state == "older" and _over(version.superseded_at, version.retention_days, now):
            retire.append(version.uid)
        if version.original_kept and _over(version.superseded_at, version.originals_days, now):
            drop.append(version.uid)
    return RetentionPlan(tuple(retire), tuple(drop))


def _over(since: datetime, days: int | None, now: datetime) -> bool:
    return days is not None and since + timedelta(days=days) <= now
