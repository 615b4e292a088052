"""What the community shows to the faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tdpf.controlplane.catalog.types import DatasetCard
from tdpf.kit.text import Text


class FeedbackKind(StrEnum):
    """What somebody says of a dataset."""

    QUESTION = "question"
    CORRECTION = "correction"
    REUSE = "reuse"


class FeedbackState(StrEnum):
    """How far a thread has come; `unconfirmed` waits for its writer to open the link in a mail."""

    UNCONFIRMED = "unconfirmed"
    OPEN = "open"
    ANSWERED = "answered"
    MENDED = "mended"
    DECLINED = "declined"


class Visibility(StrEnum):
    """Whether everybody may read it: held back, shown, or hidden by the operator with a reason."""

    HELD = "held"
    SHOWN = "shown"
    HIDDEN = "hidden"


class RequestKind(StrEnum):
    """Why the data cannot be had: there are none, no catalogue lists them, or their format is bad."""

    MISSING = "missing"
    UNLISTED = "unlisted"
    FORMAT = "format"


class DataRequestState(StrEnum):
    """How far a request for data has come; `merged` leads to another request."""

    UNCONFIRMED = "unconfirmed"
    NEW = "new"
    REVIEW = "review"
    SENT = "sent"
    PROMISED = "promised"
    PUBLISHED = "published"
    NOT_POSSIBLE = "not_possible"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class ErrandState(StrEnum):
    """Where something that was carried to a holder stands."""

    SENT = "sent"
    ANSWERED = "answered"
    REVOKED = "revoked"


class Pace(StrEnum):
    """When a follower is told: at once, each morning, or each Monday morning (JST)."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"


class FollowKind(StrEnum):
    """What can be followed."""

    DATASET = "dataset"
    PUBLISHER = "publisher"
    THEME = "theme"
    SEARCH = "search"
    REQUEST = "request"


class WebhookState(StrEnum):
    """Whether a webhook is called; `disabled` after too many failures in a row."""

    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a correction points: a distribution, a row by what identifies it, a column, a place; now and rightly."""

    distribution: str = ""
    row: str = ""
    column: str = ""
    place: str = ""
    current: str = ""
    proposed: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether it points at nothing in particular."""
        return not (self.distribution or self.row or self.column or self.place or self.current or self.proposed)


@dataclass(frozen=True, kw_only=True)
class VisitorWords:
    """What a visitor without an account gives beside the text; `trace` is a keyed hash of where they come from."""

    email: str
    name: str = ""
    language: str = "ja"
    trace: str = ""


@dataclass(frozen=True, kw_only=True)
class ReplyView:
    """One turn of a thread."""

    side: str
    name: str
    text: str
    state: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FeedbackView:
    """A thread on a dataset; `may_*` say what the one who looks may do."""

    uid: str
    kind: FeedbackKind
    dataset: DatasetCard
    author: str
    by_visitor: bool
    title: str
    text: str
    target: Target
    url: str
    reuse_kind: str
    state: FeedbackState
    visibility: Visibility
    hidden_reason: str
    said_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    replies: tuple[ReplyView, ...]
    may_answer: bool = False
    may_reply: bool = False
    may_close: bool = False
    may_moderate: bool = False


@dataclass(frozen=True, kw_only=True)
class RatingView:
    """One member's rating, one to five, with a word."""

    name: str
    member_uid: str
    points: int
    word: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Voices:
    """All that a dataset's page shows of what people say of it; `average` is None without ratings."""

    threads: tuple[FeedbackView, ...]
    total_threads: int
    reuses: tuple[FeedbackView, ...]
    ratings: tuple[RatingView, ...]
    average: float | None
    rated: int
    own_rating: RatingView | None


@dataclass(frozen=True, kw_only=True)
class RequestStepView:
    """One step in the life of a data request; `name` is "" for its beginning and for the operator."""

    state: DataRequestState
    text: str
    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DataRequestView:
    """A data request as its page shows it; `dataset` is the one whose format is bad."""

    uid: str
    kind: RequestKind
    title: str
    text: str
    use: str
    holder_name: str
    wanted_format: str
    dataset: DatasetCard | None
    distribution_name: str
    author: str
    by_visitor: bool
    state: DataRequestState
    visibility: Visibility
    hidden_reason: str
    reason: str
    published_url: str
    merged_into: str
    votes: int
    made_at: datetime
    changed_at: datetime
    steps: tuple[RequestStepView, ...] = ()
    has_voted: bool = False
    is_mine: bool = False
    may_operate: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestFilters:
    """What a listed data request must be."""

    states: tuple[str, ...] = ()
    kind: str = ""
    words: str = ""
    dataset_uid: str = ""


@dataclass(frozen=True, kw_only=True)
class ErrandView:
    """What was carried to a holder, and what came back."""

    uid: str
    subject: str
    subject_path: str
    is_request: bool
    recipient_name: str
    email: str
    message: str
    state: ErrandState
    sent_at: datetime
    expires_at: datetime
    reminders: int
    answer: str
    answer_text: str
    answer_url: str
    answered_by: str
    answered_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AnswerPage:
    """What the holder of a link sees: the thing that was carried, and the answers there are (code, words)."""

    errand: ErrandView
    request: DataRequestView | None
    feedback: FeedbackView | None
    choices: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, kw_only=True)
class ConfirmationPage:
    """What a visitor's link confirms: `what` is feedback, request or vote; `path` is where it leads."""

    what: str
    title: str
    text: str
    is_used: bool
    path: str


@dataclass(frozen=True, kw_only=True)
class PlannedChangeView:
    """A change of columns that was announced before it happens."""

    uid: str
    effective_on: date
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    text: str
    announced_at: datetime


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A dataset that a member follows."""

    card: DatasetCard
    since: datetime


@dataclass(frozen=True, kw_only=True)
class FollowView:
    """Anything that a member follows, with where its page and its feed are."""

    uid: str
    kind: FollowKind
    title: Text
    path: str
    feed: str
    pace: Pace
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


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """One message to a webhook and what came of it."""

    uid: str
    kind: str
    state: str
    attempts: int
    status: int | None
    note: str
    made_at: datetime
    tried_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class WebhookView:
    """A member's webhook; its secret is shown once, when it is made."""

    uid: str
    url: str
    state: WebhookState
    created_at: datetime
    disabled_at: datetime | None
    last_good_at: datetime | None
    deliveries: tuple[DeliveryView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ListeningDesk:
    """What waits for the operator: threads to review, requests to carry, answers that came."""

    feedback: tuple[FeedbackView, ...]
    feedback_total: int
    requests: tuple[DataRequestView, ...]
    requests_total: int
    answers: tuple[ErrandView, ...]
    oldest: Mapping[str, datetime] = field(default_factory=dict)
