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
    """Sums over log lines: all requests, the admitted among them, bytes sent to the caller."""

    requests: int = 0
    calls: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class DayUse:
    """One day's use; `errors` are calls answered with 4xx or 5xx, `refused` requests that were not admitted."""

    day: date
    calls: int
    bytes: int
    errors: int
    refused: int


@dataclass(frozen=True, slots=True)
class HourUse:
    """One hour's use (JST); `errors` and `refused` as in `DayUse`."""

    begins: datetime
    calls: int = 0
    bytes: int = 0
    errors: int = 0
    refused: int = 0


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
class StatusUse:
    """One day's use of one status class ("2xx" … "5xx")."""

    day: date
    status_class: str
    requests: int
    calls: int
    bytes: int


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
