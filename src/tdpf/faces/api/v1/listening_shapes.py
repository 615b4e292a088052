"""What version 1 of the API shows of voices and requests for data, field by field."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema


class Reply(Schema):
    """One turn of a thread; `side` is author, owner, holder or operator."""

    side: str
    name: str
    text: str
    at: datetime


class Feedback(Schema):
    """A question, correction or reuse; `target` says where a correction points, now and rightly.

    `visibility` is "held" as long as only its author, the owner and the operator read it.
    """

    uid: str
    dataset: str
    kind: str
    author: str
    title: str
    text: str
    target: dict[str, str]
    url: str
    reuse_kind: str
    state: str
    visibility: str
    said_at: datetime
    closed_at: datetime | None
    replies: list[Reply]


class FeedbackListing(Schema):
    """A page of feedback, with the average of the ratings (1 to 5)."""

    items: list[Feedback]
    total: int
    limit: int
    offset: int
    next: str | None
    previous: str | None
    average: float | None
    rated: int


class Step(Schema):
    """One step of a data request."""

    state: str
    text: str
    name: str
    at: datetime


class DataRequest(Schema):
    """A request for data; `dataset` is the slug of the one whose format is bad, `merged_into` where it went."""

    uid: str
    kind: str
    title: str
    text: str
    use: str
    holder_name: str
    wanted_format: str
    dataset: str
    author: str
    state: str
    visibility: str
    reason: str
    published_url: str
    merged_into: str
    votes: int
    made_at: datetime
    changed_at: datetime
    history: list[Step]


class DataRequestListing(Schema):
    """A page of data requests; the history stands on each request's own address."""

    items: list[DataRequest]
    total: int
    limit: int
    offset: int
    next: str | None
    previous: str | None


class Ratings(Schema):
    """One's own points (0 for none), and the average of everybody's."""

    points: int
    average: float | None
    rated: int


class Answered(Schema):
    """What a holder answered, and whether it was about a request or about feedback."""

    answer: str
    about: str
