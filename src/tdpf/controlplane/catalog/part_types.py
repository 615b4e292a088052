"""What distributions are made of: files as they were handed in, versions, and parts of gathered tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class OriginalFile:
    """The file as it was handed in; its bytes lie under its hash in the originals folder."""

    sha256: str
    name: str
    size: int
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class AddedVersion:
    """What `add_version` did: `is_new` is false when the latest version already was the very same thing."""

    version_uid: str
    distribution_uid: str
    number: int
    identity: str
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class GatheredFrom:
    """One collection that a gathered table (集約) is made of; `application_uid` is who asks for it, `columns` for what."""

    dataset_uid: str
    collection: str
    application_uid: str
    columns: tuple[str, ...] = ()


def parts_from_stored(stored: Iterable[Mapping[str, Any]]) -> tuple[GatheredFrom, ...]:
    """Return the parts as a distribution's row keeps them."""
    return tuple(GatheredFrom(**{**part, "columns": tuple(part.get("columns", ()))}) for part in stored)
