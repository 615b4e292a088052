"""What the community announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tdpf.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class DatasetFollowed(Event):
    """A member wants to be told of a dataset's changes."""

    name: ClassVar[str] = "community.DatasetFollowed"
    dataset_uid: str


@dataclass(frozen=True, kw_only=True)
class DatasetUnfollowed(Event):
    """A member no longer wants to be told of a dataset's changes."""

    name: ClassVar[str] = "community.DatasetUnfollowed"
    dataset_uid: str
