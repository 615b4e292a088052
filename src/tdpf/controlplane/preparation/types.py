"""Words and shapes of preparation that other rooms may hold in their hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    `examples` are the first different values of each column, none for one without any value.
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
    examples: tuple[tuple[str, ...], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(str(entry["name"]) for entry in self.dictionary)

    @property
    def blank_columns(self) -> tuple[str, ...]:
        """The names of the columns in which no row has a value, where another column has one."""
        blank = tuple(name for name, shown in zip(self.columns, self.examples, strict=False) if not shown)
        return blank if len(blank) < len(self.columns) else ()

    @property
    def filled_rows(self) -> tuple[tuple[str | None, ...], ...]:
        """The first rows without the columns that no row has a value in."""
        blank = set(self.blank_columns)
        places = [place for place, name in enumerate(self.columns) if name not in blank]
        return tuple(tuple(row[place] for place in places) for row in self.rows)

    @property
    def filled_dictionary(self) -> tuple[dict[str, Any], ...]:
        """The dictionary without the columns that no row has a value in."""
        blank = set(self.blank_columns)
        return tuple(entry for entry in self.dictionary if entry["name"] not in blank)


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
    """A readability rating (データレート) as pages show it; `levels` are (name, 0–100 or None).

    `why_unread` says why the file could not be judged at all; its score then says nothing.
    """

    score: float
    levels: tuple[tuple[str, int | None], ...]
    broken: tuple[RuleShown, ...]
    kept: int
    unjudged: int
    ruleset: str
    source: Text
    why_unread: Text | None = None

    @property
    def mendable(self) -> int:
        """How many broken rules preparing can mend."""
        return sum(rule.mended for rule in self.broken)


class WorkpieceState(StrEnum):
    """Where a workpiece stands.

    `looking` its files are read · `found` what is in them is shown, a standard table can be chosen · `planning` columns are
    matched · `planned` a person looks at the columns · `trying` the first rows are prepared · `tried` before and after are shown
    · `finishing` the whole is prepared · `finished` the results are there · `erased` its files are gone.
    """

    LOOKING = "looking"
    FOUND = "found"
    PLANNING = "planning"
    PLANNED = "planned"
    TRYING = "trying"
    TRIED = "tried"
    FINISHING = "finishing"
    FINISHED = "finished"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkProgress:
    """How far an order on a workpiece is: `done` of `total` parts, and what is being done."""

    done: int
    total: int
    words: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLooked:
    """One file of a workpiece as it was found: its table or the choice of tables, rating, personal data, or why it cannot be read.

    `table` has id, sheet, range, rows, columns, title; `choices` are such tables when there are several; `problem` is {ja, en}.
    """

    place: int
    name: str
    format: str
    encoding: str
    table: dict[str, Any] | None
    choices: tuple[dict[str, Any], ...]
    rows: tuple[tuple[str | None, ...], ...]
    notes: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]
    rating: RatingShown | None
    problem: dict[str, Any] | None
    chosen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaOffered:
    """A standard table that may be chosen; `mapped` of `columns` fit, 0 when it was not found to fit."""

    name: str
    title: Text
    source: str
    mapped: int
    columns: int
    required: int
    required_of: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnAsked:
    """One column of an input with the field it is taken for: `method` says by whom, `alternatives` are (field, percent, evidence).

    A column with confirmed personal data (`personal`) is taken for none until a person chooses.
    """

    input: str
    file: str
    name: str
    examples: tuple[str, ...]
    target: str
    method: str
    sure: int | None
    alternatives: tuple[tuple[str, int, Text], ...]
    into: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCompared:
    """One cell before and after; `state` is same, changed, filled, removed, rejected, missing or empty, `why` says by which rule."""

    before: str
    after: str
    state: str
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCompared:
    """One row before and after with where it came from."""

    number: int
    file: str
    source_row: int
    cells: tuple[CellCompared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A page of rows before and after; `columns` are those with anything in them and those that must have, `hidden` the empty ones, `states` the counts."""

    columns: tuple[str, ...]
    hidden: tuple[str, ...]
    rows: tuple[RowCompared, ...]
    total: int
    offset: int
    states: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingShown:
    """Cells that wait for one answer (確認待ち); `answer` is what was answered already, None before; `pictured`: see `cell_picture`."""

    key: str
    kind: str
    column: str
    before: str
    proposed: str
    why: Text
    cure: Text
    count: int
    places: tuple[str, ...]
    answer: dict[str, Any] | None
    pictured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictShown:
    """Values that differ between the files of one thing; `values` are (file and row, value), `name` the thing's.

    Of one that was answered `action` is value or keep, `values` what the files say, `by` and `at` who and when; "" while it is open.
    """

    key: str
    name: str
    column: str
    values: tuple[tuple[str, str], ...]
    kept: str
    action: str = ""
    value: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkResult:
    """What a try or the whole run came to, in numbers; `files` are the results with their sizes in bytes.

    `duplicates` are {row, why (Text), metres, members, judged}, `conflicts` {row, column, kept, values}; members and values name their files.
    `left_out` are the source's columns with values that are not in the table: {file, column, cells}; `confirmed` those with
    confirmed personal data that are in it.
    """

    rows_in: int
    rows_out: int
    apart: int
    quarantined: int
    waiting: int
    located: int
    partial: bool
    states: dict[str, int]
    without: tuple[str, ...]
    left_out: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]
    confirmed: tuple[str, ...]
    files: dict[str, int]
    recipe: str
    duplicates: tuple[dict[str, Any], ...]
    duplicates_count: int
    conflicts: tuple[dict[str, Any], ...]
    conflicts_count: int
    folded: bool
