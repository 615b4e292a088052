"""What verbs on many datasets did: collecting, erasing, retention."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PutOutcome:
    """What `put_harvested` did with one dataset; `what` is "added", "changed", "unchanged" or "revived"."""

    dataset_uid: str
    slug: str
    what: str


@dataclass(frozen=True, kw_only=True)
class PurgedVersion:
    """What `purge_version` erased, and which other versions still hold the same bytes."""

    version_uid: str
    number: int
    removed: tuple[str, ...]
    same_bytes_elsewhere: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RetentionOutcome:
    """What one run of the retention rule removed."""

    retired_versions: tuple[str, ...]
    removed_originals: tuple[str, ...]
    freed_bytes: int
