"""Words and shapes of preparation that other rooms may hold in their hands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tdpf.controlplane.preparation.engine.rating.types import Rating as Rating
from tdpf.controlplane.preparation.engine.rating.types import RatingFinding
from tdpf.kit.text import Text


class UploadState(StrEnum):
    """Where an upload stands.

    `receiving` bytes are missing · `received` whole · `reading` a reading is asked for or runs · `choosing` several tables,
    one must be chosen · `read` a table was taken · `failed` it cannot be read · `used` a version was made of it ·
    `discarded` its bytes are gone.
    """

    RECEIVING = "receiving"
    RECEIVED = "received"
    READING = "reading"
    CHOOSING = "choosing"
    READ = "read"
    FAILED = "failed"
    USED = "used"
    DISCARDED = "discarded"


class UploadSource(StrEnum):
    """How a file came in."""

    UPLOAD = "upload"
    URL = "url"
    API = "api"


class ScreeningOutcome(StrEnum):
    """What the first screen for personal data came to; the gravest finding decides."""

    CLEAR = "clear"
    DOUBTFUL = "doubtful"
    CONFIRMED = "confirmed"


class ScreeningDecision(StrEnum):
    """What the operator decided about a doubtful screening; `waiting` until then."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the provider sees before anything is published: the first rows, the dictionary as it would be, all notes.

    `notes` are {code, ja, en, where, text, level}; `metadata` are proposals in the catalog's terms with their reasons.
    """

    upload_uid: str
    format: str
    encoding: str
    delimiter: str
    table_id: str
    sheet: str
    range: str
    header_rows: tuple[int, ...]
    row_count: int
    rows: tuple[tuple[str | None, ...], ...]
    dictionary: tuple[dict[str, Any], ...]
    key_columns: tuple[str, ...]
    metadata: dict[str, Any]
    notes: tuple[dict[str, Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(str(entry["name"]) for entry in self.dictionary)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleShown:
    """A rule that a file breaks, as pages show it: the official title, why it matters, the cure, where it was seen.

    `percent` is the affected part of what the rule looks at, 0 to 100; `mended` says whether a recipe step can mend it.
    """

    id: str
    title: str
    why: Text
    cure: Text
    percent: float
    findings: tuple[RatingFinding, ...]
    mended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingShown:
    """A readability rating (データレート) as pages show it; `levels` are (name, 0–100 or None)."""

    score: float
    levels: tuple[tuple[str, int | None], ...]
    broken: tuple[RuleShown, ...]
    kept: int
    unjudged: int
    ruleset: str
    source: Text
