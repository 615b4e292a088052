"""What version 1 of the API shows, field by field."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage


class Bilingual(Schema):
    """A text in Japanese and English; `en` may be empty."""

    ja: str
    en: str


class FieldFault(Schema):
    """One mistake, where it stands."""

    field: str
    message_ja: str
    message_en: str


class ProblemDocument(Schema):
    """A problem (RFC 9457); `type` leads to a page that explains the cure."""

    type: str
    title: str
    status: int
    detail: str
    cure: str
    instance: str | None = None
    errors: list[FieldFault] | None = None


class Provider(Schema):
    """The party that offers a dataset."""

    uid: str
    slug: str
    name: Bilingual
    kind: str


class Party(Schema):
    """A side of an offer or agreement."""

    uid: str
    slug: str
    name_ja: str
    name_en: str


class DatasetCard(Schema):
    """A dataset as one line of a list; `inferred_fields` are what no source states and nobody has put right since."""

    number: int
    uid: str
    slug: str
    state: str
    access: str
    title: Bilingual
    description: Bilingual
    provider: Provider
    themes: list[str]
    licence: str
    area_codes: list[str]
    formats: list[str]
    located: bool
    update_frequency: str
    modified_at: datetime
    published_at: datetime | None
    inferred_fields: list[str]


class Column(Schema):
    """One column of a table as its dictionary describes it."""

    name: str
    type: str = "string"
    title: str = ""
    unit: str = ""
    description: str = ""


class Version(Schema):
    """One published version; `identity` is the hash of bytes, recipe and dictionary."""

    uid: str
    number: int
    identity: str
    state: str
    pinned: bool
    published_at: datetime
    rows: int
    located: bool
    key_columns: list[str]
    dictionary: list[dict[str, Any]]
    original_name: str
    original_sha256: str
    original_bytes: int
    original_media_type: str
    diff: dict[str, Any]


class Distribution(Schema):
    """One way to get a dataset's data (dcat:Distribution)."""

    uid: str
    name: str
    title: Bilingual
    description: Bilingual
    kind: str
    holding: str
    holding_reason: str
    storage_place: str
    retention_days: int | None
    url: str
    media_type: str
    format: str
    latest: Version | None


class Inference(Schema):
    """Why a value was worked out by the platform, and how."""

    reason: Bilingual
    method: str


class Dataset(DatasetCard):
    """All that is known about a dataset; `inferred` has the reason for each of the `inferred_fields`.

    Of those `title_ja` is the Japanese title and `period` its two ends.
    """

    aliases: list[str]
    keywords: list[str]
    licence_name: Bilingual
    licence_url: str
    attribution: str
    period_start: date | None
    period_end: date | None
    languages: list[str]
    contact_name: str
    contact_email: str
    contact_url: str
    landing_url: str
    data_class: str
    created_at: datetime
    withdrawn_at: datetime | None
    inferred: dict[str, Inference]
    distributions: list[Distribution]

    @staticmethod
    def resolve_inferred(page: DatasetPage) -> dict[str, dict[str, Any]]:
        """Return what is inferred still: a correction makes it a stated fact."""
        return catalog.inference_notes(page)


class Listing(Schema):
    """The frame of every list: how many there are, and where the pages before and after are."""

    total: int
    limit: int
    offset: int
    next: str | None
    previous: str | None


class DatasetListing(Listing):
    """A page of datasets."""

    items: list[DatasetCard]


class Hit(Schema):
    """One search result; `title_html` and `snippet_html` are escaped text in which only `<mark>` is markup.

    `dated` is false when its holder does not say, in a way that can be read, when it was last changed: `modified_at` is
    then when it was collected. `inferred_fields` are what no source states; the dataset itself has the reasons.
    """

    uid: str
    slug: str
    score: float
    title: Bilingual
    description: Bilingual
    title_html: str
    snippet_html: str
    provider: str
    provider_name: Bilingual
    access: str
    themes: list[str]
    licence: str
    area_codes: list[str]
    formats: list[str]
    located: bool
    update_frequency: str
    modified_at: datetime
    dated: bool
    matched_fields: list[str]
    origin: str
    sites: list[str]
    stars: int | None
    mqa_points: int | None
    rate_band: str
    purposes: list[str]
    period_start: date | None
    period_end: date | None
    link_state: str
    inferred_fields: list[str]
    why: dict[str, Any] | None = None


class FacetValue(Schema):
    """One value of a facet and how many results have it."""

    code: str
    label: Bilingual
    count: int
    chosen: bool


class Facet(Schema):
    """One facet of the results."""

    name: str
    label: Bilingual
    values: list[FacetValue]


class SearchListing(Listing):
    """A page of search results with facets; of the `total` the first `reachable` can be paged to."""

    reachable: int
    query: str
    understood: bool
    items: list[Hit]
    facets: list[Facet]
    facets_exact: bool
    suggestion: str
    relaxed: bool
    understood_areas: list[str]


class Suggestion(Schema):
    """Something worth searching for: a `title` (of the dataset `slug`), `keyword` or `place`."""

    text: str
    kind: str
    slug: str
    count: int


class SuggestionListing(Schema):
    """What somebody who has typed so far may want to search for."""

    query: str
    items: list[Suggestion]


class Notice(Schema):
    """A running withdrawal notice: the data end at the first moment (JST) of `effective_on`."""

    noticed_at: datetime
    effective_on: date
    reason: str


class TermInWords(Schema):
    """One term in plain words."""

    heading: Bilingual
    sentence: Bilingual


class Offer(Schema):
    """An offer with its terms, as data and in plain words."""

    uid: str
    dataset: str = Field(description="The dataset's slug.")
    provider: Party
    state: str
    revision: int
    terms: dict[str, Any]
    terms_sha256: str
    in_words: list[TermInWords]
    published_at: datetime | None
    notice: Notice | None


class Request(Schema):
    """A request for an offer, as both sides see it."""

    uid: str
    offer_uid: str
    dataset: str
    provider: Party
    consumer: Party
    application_uid: str
    purpose: str
    purpose_statement: str
    information_management: str
    terms_sha256: str
    state: str
    submitted_at: datetime
    decided_at: datetime | None
    reason: str
    agreement_uid: str | None


class RequestListing(Listing):
    """A page of requests."""

    items: list[Request]


class Agreement(Schema):
    """An agreement, the same for both sides; `sealed` is the exact text whose SHA-256 is `sha256`."""

    uid: str
    number: int
    offer_uid: str
    request_uid: str
    dataset: str
    provider: Party
    consumer: Party
    application_uid: str
    purpose: str
    purpose_statement: str
    information_management: str
    columns: list[str]
    sealed: str
    sha256: str
    state: str
    starts_on: date
    ends_on: date | None
    sealed_at: datetime
    ended_at: datetime | None
    ended_reason: str
    notice: Notice | None


class AgreementListing(Listing):
    """A page of agreements."""

    items: list[Agreement]


class Application(Schema):
    """An application (API client)."""

    uid: str
    number: int
    name: str
    description: str
    state: str
    owner_uid: str
    owner_name_ja: str
    owner_name_en: str
    created_at: datetime


class ApplicationListing(Listing):
    """A page of applications."""

    items: list[Application]


class Publisher(Schema):
    """A party that offers data, and how many published datasets it has."""

    provider: Provider
    datasets: int


class PublisherListing(Listing):
    """A page of publishers."""

    items: list[Publisher]
