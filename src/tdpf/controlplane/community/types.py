"""What the community shows to the faces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tdpf.controlplane.catalog.types import DatasetCard
from tdpf.kit.text import Text


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A dataset that a member follows."""

    card: DatasetCard
    since: datetime


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """One piece of news; `uid` never changes, `path` is a page of the platform without its host."""

    uid: str
    title: Text
    summary: Text
    path: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Feed:
    """News, newest first; `updated` is the time of the newest, or when the subject was begun."""

    uid: str
    title: Text
    path: str
    updated: datetime
    entries: tuple[FeedEntry, ...]
