"""What erasing and retention have removed."""

from __future__ import annotations

from dataclasses import dataclass


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
