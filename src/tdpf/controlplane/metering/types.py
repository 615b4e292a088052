"""What metering hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

LEDGER = "ledger"
"""The alias of the ledger's database."""


class HourKey(NamedTuple):
    """What the totals are kept by; `day` in JST days since 1970-01-01, `hour` 0-23 JST."""

    day: int
    hour: int
    dataset: int
    application: int
    agreement: int
    status_class: str
    path_class: str


class Totals(NamedTuple):
    """Sums over log lines: all requests, the admitted among them, bytes sent to the caller, and how fast (see `Speed`)."""

    requests: int = 0
    calls: int = 0
    bytes: int = 0
    timed: int = 0
    ms: int = 0
    within_10: int = 0
    within_50: int = 0
    within_200: int = 0
    within_1000: int = 0
    within_5000: int = 0

    def plus(self, other: Totals) -> Totals:
        """Return the sums of both."""
        return Totals(*(one + two for one, two in zip(self, other, strict=True)))


SPEED_BOUNDS_MS = (10, 50, 200, 1000, 5000)
"""Within how many milliseconds from the first byte asked to the last byte sent a call is counted as answered."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast calls were answered: how many were timed (streams are not), their milliseconds, how many within each bound."""

    timed: int = 0
    ms: int = 0
    within: tuple[int, ...] = (0,) * len(SPEED_BOUNDS_MS)

    @property
    def mean_ms(self) -> int | None:
        """Milliseconds of a call on average, None when none was timed."""
        return round(self.ms / self.timed) if self.timed else None

    @property
    def slow(self) -> int:
        """Calls that took longer than a second."""
        return self.timed - self.within[SPEED_BOUNDS_MS.index(1000)]


@dataclass(frozen=True, slots=True)
class DayUse:
    """One day's use; `errors` are calls answered with 4xx or 5xx, `refused` requests that were not admitted.

    `consumers` are the applications that called, all callers without a key counted as one.
    """

    day: date
    calls: int
    bytes: int
    errors: int
    refused: int
    consumers: int = 0
    speed: Speed = Speed()


@dataclass(frozen=True, slots=True)
class HourUse:
    """One hour's use (JST); `errors`, `refused` and `consumers` as in `DayUse`."""

    begins: datetime
    calls: int = 0
    bytes: int = 0
    errors: int = 0
    refused: int = 0
    consumers: int = 0
    speed: Speed = Speed()


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One request as the gateway wrote it down; `admitted` = it counts as a call."""

    at: datetime
    application: int
    dataset: int
    method: str
    path: str
    status: int
    bytes: int
    ms: int
    admitted: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a file of evidence says: whose, the hours with use, and the last link of its chain.

    Hours from `until` on had not ended when it was made.
    """

    agreement: int
    terms_sha256: str
    until: datetime
    hours: tuple[HourUse, ...]
    chain: str


@dataclass(frozen=True, slots=True)
class HourDiffers:
    """One hour in which two files of evidence disagree."""

    ours: HourUse
    theirs: HourUse


@dataclass(frozen=True, slots=True)
class EvidenceCompared:
    """What came of comparing two files of evidence: of all hours before `until`, `hours` in number, those that disagree."""

    until: datetime
    hours: int
    differences: tuple[HourDiffers, ...]


@dataclass(frozen=True, slots=True)
class ShareOfUse:
    """How much of a period's use falls on one dataset, application or agreement (`number`)."""

    number: int
    calls: int
    bytes: int
    errors: int
    refused: int


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """How far a gateway's log has been taken in."""

    gateway: str
    name: str
    offset: int
    lines: int
    malformed: int
    chain: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class DifferenceFacts:
    """One counter that disagrees with the log."""

    gateway: str
    agreement: int
    application: int
    dataset: int
    logged: int
    counted: int


@dataclass(frozen=True, slots=True)
class ReconciliationFacts:
    """One day compared: how many counters, the sums, and where they disagree."""

    day: date
    checked_at: datetime
    pairs: int
    logged_calls: int
    counted_calls: int
    differences: tuple[DifferenceFacts, ...]


@dataclass(frozen=True, slots=True)
class LedgerTotals:
    """All lines and bytes ever taken in, lines that could not be read, and counters that disagreed when compared."""

    lines: int
    malformed: int
    bytes: int
    differences: int


class InterestKind(StrEnum):
    """What somebody did: asked the search, found nothing, opened a dataset from its results, saw its page, left for a file."""

    SEARCHED = "searched"
    FOUND_NOTHING = "found_nothing"
    OPENED = "opened"
    SEEN = "seen"
    LEFT_FOR_FILE = "left_for_file"


@dataclass(frozen=True, slots=True)
class Interest:
    """One such deed; `dataset` is a dataset's number (0: none), `words` what was looked for ("" where not known)."""

    kind: InterestKind
    dataset: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class WordsCount:
    """Words that were looked for, and how often."""

    words: str
    times: int


@dataclass(frozen=True, slots=True)
class DatasetInterest:
    """How a dataset was found and looked at in a period."""

    dataset: int
    seen: int
    opened: int
    left_for_file: int
