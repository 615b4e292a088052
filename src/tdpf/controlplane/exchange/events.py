"""What exchange announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tdpf.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class _OfferEvent(Event):
    """An event about one offer; `subject` is "offer:<uid>"."""

    offer_uid: str
    dataset_id: int
    dataset_uid: str
    provider_party_uid: str


@dataclass(frozen=True, kw_only=True)
class OfferDrafted(_OfferEvent):
    """A provider began an offer."""

    name: ClassVar[str] = "exchange.OfferDrafted"


@dataclass(frozen=True, kw_only=True)
class TermsRevised(_OfferEvent):
    """An offer's terms changed; a standing offer's new terms hold for new agreements only."""

    name: ClassVar[str] = "exchange.TermsRevised"
    revision: int
    terms_sha256: str
    standing: bool


@dataclass(frozen=True, kw_only=True)
class WarrantySigned(_OfferEvent):
    """A provider signed the warranty for one version of the data."""

    name: ClassVar[str] = "exchange.WarrantySigned"
    warranty_uid: str
    version_identity: str
    text_version: str
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class OfferPublished(_OfferEvent):
    """An offer stands: open data can be had, conditional data can be asked for."""

    name: ClassVar[str] = "exchange.OfferPublished"
    terms_sha256: str
    access: str


@dataclass(frozen=True, kw_only=True)
class OfferSuspended(_OfferEvent):
    """The operator stopped an offer, and with it all its use."""

    name: ClassVar[str] = "exchange.OfferSuspended"


@dataclass(frozen=True, kw_only=True)
class OfferSuspensionLifted(_OfferEvent):
    """The operator let an offer stand again."""

    name: ClassVar[str] = "exchange.OfferSuspensionLifted"


@dataclass(frozen=True, kw_only=True)
class WithdrawalNoticed(_OfferEvent):
    """A provider gave notice that an offer ends at the first moment (JST) of `effective_on`."""

    name: ClassVar[str] = "exchange.WithdrawalNoticed"
    effective_on: date


@dataclass(frozen=True, kw_only=True)
class WithdrawalTakenBack(_OfferEvent):
    """A provider took a withdrawal notice back before its day; the offer stands as before."""

    name: ClassVar[str] = "exchange.WithdrawalTakenBack"
    effective_on: date


@dataclass(frozen=True, kw_only=True)
class OfferEnded(_OfferEvent):
    """An offer and its agreements ended on the day of the notice."""

    name: ClassVar[str] = "exchange.OfferEnded"


@dataclass(frozen=True, kw_only=True)
class _RequestEvent(Event):
    """An event about one request; `subject` is "request:<uid>"."""

    request_uid: str
    offer_uid: str
    dataset_id: int
    dataset_uid: str
    application_uid: str
    provider_party_uid: str
    consumer_party_uid: str


@dataclass(frozen=True, kw_only=True)
class RequestSubmitted(_RequestEvent):
    """A consumer's application asked for an offer."""

    name: ClassVar[str] = "exchange.RequestSubmitted"
    purpose: str


@dataclass(frozen=True, kw_only=True)
class RequestAnswered(_RequestEvent):
    """A provider accepted, asked back or declined; `automatic` when the terms accepted by themselves."""

    name: ClassVar[str] = "exchange.RequestAnswered"
    answer: str
    automatic: bool


@dataclass(frozen=True, kw_only=True)
class RequestReplied(_RequestEvent):
    """A consumer replied to the provider's question; the request waits for the provider again."""

    name: ClassVar[str] = "exchange.RequestReplied"


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawn(_RequestEvent):
    """A consumer took a request back."""

    name: ClassVar[str] = "exchange.RequestWithdrawn"


@dataclass(frozen=True, kw_only=True)
class _AgreementEvent(Event):
    """An event about one agreement; `subject` is "agreement:<uid>"."""

    agreement_uid: str
    agreement_number: int
    offer_uid: str
    dataset_id: int
    dataset_uid: str
    application_uid: str
    provider_party_uid: str
    consumer_party_uid: str


@dataclass(frozen=True, kw_only=True)
class AgreementSealed(_AgreementEvent):
    """Both sides agreed; the exact words have this hash."""

    name: ClassVar[str] = "exchange.AgreementSealed"
    sha256: str


@dataclass(frozen=True, kw_only=True)
class BreachReported(_AgreementEvent):
    """A provider told the operator that a consumer does not keep to the agreement."""

    name: ClassVar[str] = "exchange.BreachReported"


@dataclass(frozen=True, kw_only=True)
class AgreementSuspended(_AgreementEvent):
    """The operator stopped the use under one agreement."""

    name: ClassVar[str] = "exchange.AgreementSuspended"


@dataclass(frozen=True, kw_only=True)
class AgreementSuspensionLifted(_AgreementEvent):
    """The operator let the use under one agreement go on."""

    name: ClassVar[str] = "exchange.AgreementSuspensionLifted"


@dataclass(frozen=True, kw_only=True)
class AgreementEnded(_AgreementEvent):
    """An agreement is over; `cause` is one of types.EndCause."""

    name: ClassVar[str] = "exchange.AgreementEnded"
    cause: str


@dataclass(frozen=True, kw_only=True)
class BreachDismissed(_AgreementEvent):
    """The operator judged that a reported breach is none."""

    name: ClassVar[str] = "exchange.BreachDismissed"


@dataclass(frozen=True, kw_only=True)
class QuotaReached(_AgreementEvent):
    """So many per cent (`mark`) of an agreement's quota of a day or a month are used; it begins anew on `renews_on` (JST)."""

    name: ClassVar[str] = "exchange.QuotaReached"
    period: str
    mark: int
    used: int
    limit: int
    renews_on: date
