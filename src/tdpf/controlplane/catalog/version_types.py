"""What versions look like to other rooms and to the faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

VersionState = Literal["latest", "older", "retired", "purged"]


@dataclass(frozen=True, kw_only=True)
class MadeBy:
    """The recipe that a version's file was made by: hashes of recipe and inputs, the engine's version, the standard table's name."""

    recipe_sha256: str
    engine: str
    schema: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class VersionPage:
    """One published version as shown in a dataset's history."""

    uid: str
    number: int
    identity: str
    state: VersionState
    pinned: bool
    published_at: datetime
    published_by: str
    rows: int
    located: bool
    key_columns: tuple[str, ...]
    dictionary: tuple[Mapping[str, object], ...]
    original_name: str
    original_sha256: str
    original_bytes: int
    original_media_type: str
    original_available: bool
    files: Mapping[str, Mapping[str, object]]
    read_report: Mapping[str, object]
    diff: Mapping[str, object]
    made_by: MadeBy | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in their published order."""
        return tuple(str(entry["name"]) for entry in self.dictionary)


@dataclass(frozen=True, kw_only=True)
class VersionShown:
    """One version on its page: `in_reach` if its rows can be asked for, `comparable` if all its differences can be had."""

    version: VersionPage
    in_reach: bool
    comparable: bool


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What of a dataset's description belongs to one year's file: its title and its period."""

    title_ja: str
    title_en: str
    period_start: date | None
    period_end: date | None
