"""What version 1 of the API takes, field by field."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from ninja import Schema
from pydantic import Field


class NewUpload(Schema):
    """The announcement of a file that will come in parts."""

    name: str = Field(min_length=1, max_length=300)
    size: int = Field(ge=0, description="Bytes of the whole file.")


class UploadFromUrl(Schema):
    """A file that the platform fetches."""

    url: str = Field(min_length=8, max_length=2000)


class ReadChoice(Schema):
    """Which of several tables in a file is meant, by the id that the problem lists; empty for the only one."""

    choice: str | None = Field(default=None, max_length=400)


class NewDataset(Schema):
    """The description of a dataset in DCAT terms; codes as in the catalog's vocabularies."""

    slug: str = ""
    title_ja: str
    title_en: str = ""
    description_ja: str = ""
    description_en: str = ""
    themes: list[str] = []
    keywords: list[str] = []
    licence: str = "CC-BY-4.0"
    licence_name: str = ""
    licence_url: str = ""
    licence_text: str = ""
    attribution: str = ""
    area_codes: list[str] = []
    period_start: date | None = None
    period_end: date | None = None
    update_frequency: str = "UNKNOWN"
    languages: list[str] = ["ja"]
    contact_name: str = ""
    contact_email: str = ""
    contact_url: str = ""
    landing_url: str = ""
    data_class: Literal["non_personal", "statistical", "anonymously_processed"] = "non_personal"
    retention_days: int | None = 30
    originals_days: int | None = None


class NewDistribution(Schema):
    """One more way to get a dataset's data."""

    name: str = "main"
    kind: Literal["table", "file", "link", "api", "stream"] = "table"
    holding: Literal["held", "connected"] = "held"
    holding_reason: str = ""
    storage_place: str = ""
    retention_days: int | None = None
    title_ja: str = ""
    title_en: str = ""
    description_ja: str = ""
    url: str = ""
    media_type: str = ""
    format: str = ""


class SourceToConnect(Schema):
    """How a source is connected; docs/reference/source-connection.md tells the form of the document."""

    document: dict[str, Any]
    secret: str | None = Field(default=None, max_length=8000, description="Null keeps the one that is kept.")


class NewDeviceToken(Schema):
    """What a device's token is called."""

    name: str


class OpenApiToImport(Schema):
    """An OpenAPI document as text (JSON or YAML), or where to fetch it."""

    text: str = Field(default="", max_length=4_194_304)
    url: str = Field(default="", max_length=2000)


class SignedWarranty(Schema):
    """The exact text that is signed, by its version and hash."""

    text_version: str
    text_sha256: str


class NewVersion(Schema):
    """A version made from an upload; `dictionary` edits what was proposed, column by column."""

    upload_uid: str
    dictionary: list[dict[str, Any]] = []
    key_columns: list[str] = []
    warranty: SignedWarranty | None = Field(
        default=None, description="Signs for these very data; needed when the dataset is offered already."
    )


class Withdrawal(Schema):
    """A withdrawal notice: the offer ends at the first moment (JST) of `effective_on`."""

    effective_on: date
    reason: str = Field(min_length=1, max_length=4000)


class NewDataRequest(Schema):
    """What is wished for; kind "format" names the `dataset` (slug) whose format is bad."""

    kind: Literal["missing", "unlisted", "format"] = "missing"
    title: str
    text: str
    use: str = ""
    holder_name: str = ""
    wanted_format: str = ""
    dataset: str = ""
    distribution: str = ""


class Withdrawn(Schema):
    """Why a request is taken back."""

    reason: str = ""


class FeedbackTarget(Schema):
    """Where a correction points: a distribution, a row by what identifies it, a column, a place; now and rightly."""

    distribution: str = ""
    row: str = ""
    column: str = ""
    place: str = ""
    current: str = ""
    proposed: str = ""


class NewFeedback(Schema):
    """A question, a correction (with its `target`), or a use of the data (with `title`, `url` and `reuse_kind`)."""

    kind: Literal["question", "correction", "reuse"]
    text: str = ""
    title: str = ""
    target: FeedbackTarget = FeedbackTarget()
    url: str = ""
    reuse_kind: str = ""


class Answer(Schema):
    """The owner's answer: answered, mended, or declined with the reason."""

    answer: Literal["answered", "mended", "declined"]
    text: str = ""


class NewReply(Schema):
    """The author's further words."""

    text: str


class NewRating(Schema):
    """One to five points, with a word."""

    points: int = Field(ge=1, le=5)
    word: str = ""


class HoldersAnswer(Schema):
    """A holder's answer to what was carried to them; `token` is the last part of the link in the mail, good for once."""

    token: str = Field(min_length=1, max_length=400)
    answer: str = Field(
        description="For a request: promised, published, not_possible; for feedback: answered, mended, declined."
    )
    text: str = ""
    url: str = ""
    name: str = ""
