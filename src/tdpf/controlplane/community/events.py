"""What the community announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, kw_only=True)
class Followed(Event):
    """A member follows a publisher, a theme, a search or a request."""

    name: ClassVar[str] = "community.Followed"
    key: str


@dataclass(frozen=True, kw_only=True)
class Unfollowed(Event):
    """A member no longer follows a publisher, a theme, a search or a request."""

    name: ClassVar[str] = "community.Unfollowed"
    key: str


@dataclass(frozen=True, kw_only=True)
class FeedbackSubmitted(Event):
    """A question, correction or reuse was written; a visitor's counts when its mail address is confirmed."""

    name: ClassVar[str] = "community.FeedbackSubmitted"
    feedback_uid: str
    dataset_uid: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class FeedbackAnswered(Event):
    """The owner, the holder or the operator answered; `state` is what it now is."""

    name: ClassVar[str] = "community.FeedbackAnswered"
    feedback_uid: str
    dataset_uid: str
    state: str
    side: str


@dataclass(frozen=True, kw_only=True)
class FeedbackReplied(Event):
    """The author wrote again; the thread is open again."""

    name: ClassVar[str] = "community.FeedbackReplied"
    feedback_uid: str
    dataset_uid: str


@dataclass(frozen=True, kw_only=True)
class FeedbackClosed(Event):
    """A thread takes no more words."""

    name: ClassVar[str] = "community.FeedbackClosed"
    feedback_uid: str
    dataset_uid: str


@dataclass(frozen=True, kw_only=True)
class FeedbackModerated(Event):
    """A thread was released to everybody or hidden, with the reason; `visibility` says which."""

    name: ClassVar[str] = "community.FeedbackModerated"
    feedback_uid: str
    dataset_uid: str
    visibility: str


@dataclass(frozen=True, kw_only=True)
class DatasetRated(Event):
    """A member rated a dataset, or changed the rating; 0 points: took it back."""

    name: ClassVar[str] = "community.DatasetRated"
    dataset_uid: str
    points: int


@dataclass(frozen=True, kw_only=True)
class RatingHidden(Event):
    """The operator hid a rating, with the reason."""

    name: ClassVar[str] = "community.RatingHidden"
    dataset_uid: str
    member_uid: str


@dataclass(frozen=True, kw_only=True)
class DataRequested(Event):
    """Somebody asks for data; a visitor's request counts when its mail address is confirmed."""

    name: ClassVar[str] = "community.DataRequested"
    request_uid: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class DataRequestMoved(Event):
    """A data request took a step; `state` is where it now stands."""

    name: ClassVar[str] = "community.DataRequestMoved"
    request_uid: str
    state: str


@dataclass(frozen=True, kw_only=True)
class DataRequestsMerged(Event):
    """The operator put one request into another; votes and followers moved along."""

    name: ClassVar[str] = "community.DataRequestsMerged"
    request_uid: str
    into_uid: str


@dataclass(frozen=True, kw_only=True)
class DataRequestModerated(Event):
    """A data request was released to everybody or hidden, with the reason; `visibility` says which."""

    name: ClassVar[str] = "community.DataRequestModerated"
    request_uid: str
    visibility: str


@dataclass(frozen=True, kw_only=True)
class ErrandSent(Event):
    """The operator carried a request or feedback to a holder (データ提供・連携依頼)."""

    name: ClassVar[str] = "community.ErrandSent"
    errand_uid: str
    of_uid: str


@dataclass(frozen=True, kw_only=True)
class ErrandAnswered(Event):
    """A holder answered on the page that needs no account."""

    name: ClassVar[str] = "community.ErrandAnswered"
    errand_uid: str
    of_uid: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class ErrandRevoked(Event):
    """The operator made the link of an errand worthless."""

    name: ClassVar[str] = "community.ErrandRevoked"
    errand_uid: str
    of_uid: str


@dataclass(frozen=True, kw_only=True)
class ColumnChangeAnnounced(Event):
    """A provider told ahead that columns will come or go on a day."""

    name: ClassVar[str] = "community.ColumnChangeAnnounced"
    dataset_uid: str
    change_uid: str
    effective_on: date


@dataclass(frozen=True, kw_only=True)
class ColumnChangeTakenBack(Event):
    """A provider took the announcement of a change of columns back."""

    name: ClassVar[str] = "community.ColumnChangeTakenBack"
    dataset_uid: str
    change_uid: str


@dataclass(frozen=True, kw_only=True)
class WebhookRegistered(Event):
    """A member registered an address to be called."""

    name: ClassVar[str] = "community.WebhookRegistered"
    webhook_uid: str


@dataclass(frozen=True, kw_only=True)
class WebhookChanged(Event):
    """A webhook was removed, given a new secret, started again, or stopped after failures; `change` says which."""

    name: ClassVar[str] = "community.WebhookChanged"
    webhook_uid: str
    change: str
