"""The typed vocabulary of terms, and the facts exchange tells other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from tdpf.kit.errors import Problem


class Access(StrEnum):
    """How the data are reached: freely, or under an agreement."""

    OPEN = "open"
    CONDITIONAL = "conditional"


class Audience(StrEnum):
    """Who may use the data."""

    ANYONE = "anyone"
    MEMBERS = "members"
    ORGANIZATIONS = "organizations"
    MUNICIPALITIES = "municipalities"
    NATIONAL_BODIES = "national_bodies"
    COMPANIES = "companies"
    UNIVERSITIES = "universities"
    NPOS = "npos"


class Purpose(StrEnum):
    """What the data may be used for; also what a request says it wants them for (then never ANY or CONSULT)."""

    ANY = "any"
    PUBLIC = "public"
    RESEARCH = "research"
    EDUCATION = "education"
    COMMERCIAL = "commercial"
    MEDICAL = "medical"
    DISASTER = "disaster"
    CONSULT = "consult"
    OTHER = "other"


class Region(StrEnum):
    """Where the data may be used."""

    ANY = "any"
    JAPAN = "japan"
    TOKYO = "tokyo"
    OTHER = "other"


class Redistribution(StrEnum):
    """Whether the data may be passed on as they are."""

    ALLOWED = "allowed"
    CONSULT = "consult"
    FORBIDDEN = "forbidden"


class SecondaryUse(StrEnum):
    """Whether works made from the data (二次利用) may be shared with others."""

    ALLOWED = "allowed"
    NONCOMMERCIAL = "noncommercial"
    CONSULT = "consult"
    FORBIDDEN = "forbidden"


class Disclosure(StrEnum):
    """How far inside and outside the consumer's house the data may be shown."""

    ANY = "any"
    GROUP = "group"
    COMPANY = "company"
    DEPARTMENT = "department"
    STAFF = "staff"
    CONSULT = "consult"


class Attribution(StrEnum):
    """Whether the source is to be named."""

    NONE = "none"
    REQUIRED = "required"


class Price(StrEnum):
    """What the use costs; paid offers come with billing."""

    FREE = "free"


class RatePlan(StrEnum):
    """How many calls a second the gateway admits; the names are those of `wire.rate_plans`."""

    R1 = "r1"
    R5 = "r5"
    R10 = "r10"
    R50 = "r50"
    R100 = "r100"


class Approval(StrEnum):
    """Whether a fitting request is sealed at once or waits for the provider."""

    AUTOMATIC = "automatic"
    REVIEWED = "reviewed"


class InformationManagement(StrEnum):
    """How carefully the consumer must keep the data (情報管理体制)."""

    NONE = "none"
    BASIC = "basic"
    CONTROLLED = "controlled"
    STRICT = "strict"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The terms of one offer (利用条件); made by `terms.terms_from_mapping`, which alone decides what is valid.

    Dates are days in Japan, both ends included. `period_months` counts from the sealing of an agreement, 0 = no end;
    the earlier of it and `period_end` holds. Quotas count calls, 0 = no quota. `notice_days` is the time between a
    withdrawal notice and the end. Empty `columns` means all columns.
    """

    FORMAT: ClassVar[int] = 1

    access: Access
    audience: tuple[Audience, ...]
    purposes: tuple[Purpose, ...]
    purposes_note: str = ""
    regions: tuple[Region, ...] = (Region.ANY,)
    regions_note: str = ""
    period_start: date | None = None
    period_end: date | None = None
    period_months: int = 0
    redistribution: Redistribution
    secondary_use: SecondaryUse
    disclosure: Disclosure = Disclosure.ANY
    attribution: Attribution = Attribution.NONE
    attribution_text: str = ""
    price: Price = Price.FREE
    quota_day: int = 0
    quota_month: int = 0
    rate_plan: RatePlan = RatePlan.R10
    approval: Approval
    notice_days: int
    information_management: InformationManagement = InformationManagement.NONE
    information_management_note: str = ""
    confidentiality: bool = False
    columns: tuple[str, ...] = ()
    notices_ja: str = ""
    notices_en: str = ""


class OfferState(StrEnum):
    """The life of an offer."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWING = "withdrawing"
    SUSPENDED = "suspended"
    ENDED = "ended"


class RequestState(StrEnum):
    """The life of a request."""

    SUBMITTED = "submitted"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AgreementState(StrEnum):
    """The life of an agreement."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Answer(StrEnum):
    """What a provider says to a request."""

    ACCEPT = "accept"
    ASK = "ask"
    DECLINE = "decline"


class EndCause(StrEnum):
    """Why an agreement ended."""

    CONSUMER = "consumer"
    PERIOD = "period"
    WITHDRAWAL = "withdrawal"
    BREACH = "breach"


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantFact:
    """What the gate must know of one agreement in force.

    `starts_at` is included, `ends_at` is not; None means no end is known. Quotas as in Terms.
    `columns` names what is covered of the dataset's tables; empty when it had no table, then its files are covered.
    """

    agreement: int
    agreement_uid: str
    application_uid: str
    provider_party_id: int
    consumer_party_id: int
    dataset_id: int
    columns: tuple[str, ...]
    quota_day: int
    quota_month: int
    rate_plan: RatePlan
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferFact:
    """What the gate must know of one offer that stands (published or withdrawing).

    Empty `columns` means all columns. `noticed_at` and `ends_at` are set while a withdrawal notice runs: they become
    the headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).
    """

    offer_uid: str
    dataset_id: int
    provider_party_id: int
    access: Access
    columns: tuple[str, ...]
    rate_plan: RatePlan
    attribution_text: str
    noticed_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyName:
    """A side of an offer or agreement as pages show it."""

    id: int
    uid: str
    slug: str
    name_ja: str
    name_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetName:
    """A dataset as pages of exchange show it."""

    id: int
    uid: str
    slug: str
    title_ja: str
    title_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeView:
    """A running withdrawal notice: the data end at the first moment (JST) of `effective_on`."""

    noticed_at: datetime
    effective_on: date
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferView:
    """An offer as its pages show it."""

    uid: str
    dataset: DatasetName
    provider: PartyName
    terms: Terms
    terms_sha256: str
    revision: int
    state: OfferState
    published_at: datetime | None
    notice: NoticeView | None
    suspended_at: datetime | None
    suspension_reason: str
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One turn of the talk between the two sides of a request; `side` is "provider" or "consumer"."""

    at: datetime
    side: str
    member_uid: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestView:
    """A request as both sides see it; `terms` are those the consumer saw when asking."""

    uid: str
    offer_uid: str
    dataset: DatasetName
    provider: PartyName
    consumer: PartyName
    application_uid: str
    purpose: Purpose
    purpose_statement: str
    information_management: str
    terms: Terms
    terms_sha256: str
    state: RequestState
    messages: tuple[Message, ...]
    submitted_at: datetime
    decided_at: datetime | None
    reason: str
    agreement_uid: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementView:
    """An agreement as both sides see it; `sealed` is the exact text whose SHA-256 is `sha256`."""

    uid: str
    number: int
    offer_uid: str
    request_uid: str
    dataset: DatasetName
    provider: PartyName
    consumer: PartyName
    application_uid: str
    purpose: Purpose
    purpose_statement: str
    information_management: str
    terms: Terms
    columns: tuple[str, ...]
    sealed: str
    sha256: str
    state: AgreementState
    starts_on: date
    ends_on: date | None
    sealed_at: datetime
    suspended_at: datetime | None
    suspension_reason: str
    ended_at: datetime | None
    end_cause: EndCause | None
    ended_reason: str
    notice: NoticeView | None
    breach_reported_at: datetime | None
    breach_text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WarrantyView:
    """A signed warranty as evidence: who said exactly what, for which data, when."""

    uid: str
    offer_uid: str
    dataset_uid: str
    version_identity: str
    text_version: str
    text_sha256: str
    text_ja: str
    text_en: str
    signer_uid: str
    signer_name: str
    party: PartyName
    signed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicationCheck:
    """What still stands between an offer and its publication; empty `missing` means it can be published.

    `missing` holds the problems in the order in which they are best mended; `unsigned` the identities that the warranty
    is still needed for.
    """

    offer_uid: str
    missing: tuple[Problem, ...]
    unsigned: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbox:
    """What waits for a member: requests to answer, questions to reply to, notices that concern them."""

    to_answer: tuple[RequestView, ...]
    to_reply: tuple[RequestView, ...]
    notices: tuple[AgreementView, ...]
