"""The typed vocabulary of terms, and the facts exchange tells other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from tdpf.controlplane.exchange.codes import Access as Access
from tdpf.controlplane.exchange.codes import AgreementState as AgreementState
from tdpf.controlplane.exchange.codes import Answer as Answer
from tdpf.controlplane.exchange.codes import Approval as Approval
from tdpf.controlplane.exchange.codes import Attribution as Attribution
from tdpf.controlplane.exchange.codes import Audience as Audience
from tdpf.controlplane.exchange.codes import Disclosure as Disclosure
from tdpf.controlplane.exchange.codes import EndCause as EndCause
from tdpf.controlplane.exchange.codes import InformationManagement as InformationManagement
from tdpf.controlplane.exchange.codes import OfferState as OfferState
from tdpf.controlplane.exchange.codes import Price as Price
from tdpf.controlplane.exchange.codes import Purpose as Purpose
from tdpf.controlplane.exchange.codes import QuotaPeriod as QuotaPeriod
from tdpf.controlplane.exchange.codes import RatePlan as RatePlan
from tdpf.controlplane.exchange.codes import Redistribution as Redistribution
from tdpf.controlplane.exchange.codes import Region as Region
from tdpf.controlplane.exchange.codes import RequestState as RequestState
from tdpf.controlplane.exchange.codes import SecondaryUse as SecondaryUse
from tdpf.kit.errors import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The terms of one offer (利用条件); made by `terms.terms_from_mapping`, which alone decides what is valid.

    Dates are days in Japan, both ends included. `period_months` counts from the sealing of an agreement, 0 = no end;
    the earlier of it and `period_end` holds. Quotas count calls, 0 = no quota. `notice_days` is the time between a
    withdrawal notice and the end. Empty `columns` means all columns, empty `areas` all areas; `areas` are values of the
    column that says where an event of a stream belongs.
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
    areas: tuple[str, ...] = ()
    notices_ja: str = ""
    notices_en: str = ""


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
    areas: tuple[str, ...] = ()


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
    """An agreement as both sides see it; `sealed` is the exact text whose SHA-256 is `sha256`.

    `offer_suspended_at` is set while the operator has stopped the whole offer: the agreement's own state stays.
    """

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
    offer_suspended_at: datetime | None
    offer_suspension_reason: str
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

    `problems` stand in the order in which they are best mended, `missing` holds their codes; `unsigned` the identities
    that the warranty is still needed for.
    """

    offer_uid: str
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]
    unsigned: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackRecord:
    """What a party has agreed and kept to so far (利用実績), as a provider sees it beside a request.

    `breaches` are agreements that the operator ended for a breach.
    """

    requests: int
    agreements: int
    in_force: int
    breaches: int
    first_sealed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbox:
    """What waits for a member: requests to answer, questions to reply to, notices that concern them."""

    to_answer: tuple[RequestView, ...]
    to_reply: tuple[RequestView, ...]
    notices: tuple[AgreementView, ...]


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How many calls were made under an agreement today and this month (JST)."""

    agreement: int
    today: int
    month: int


@dataclass(frozen=True, slots=True)
class QuotaState:
    """How much of a quota is used in the present day or month; `mark` is the highest that was reached, 0: none.

    `number` names the period: JST days since 1970-01-01, or year * 12 + month - 1. `renews_on` begins the next one.
    """

    period: QuotaPeriod
    number: int
    used: int
    limit: int
    mark: int
    renews_on: date
