"""The reads of exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tdpf.controlplane.exchange.types import (
    AgreementView,
    GrantFact,
    Inbox,
    OfferFact,
    OfferView,
    Preset,
    PublicationCheck,
    RequestView,
    Terms,
    WarrantyView,
)
from tdpf.controlplane.members.types import Standing


def live_grants_facts(now: datetime) -> list[GrantFact]:
    """Return every agreement in force at `now` or later whose offer stands; for the gate snapshot."""
    raise NotImplementedError


def live_offers(now: datetime) -> list[OfferFact]:
    """Return every standing offer, open and conditional, suspended ones left out; for the gate snapshot."""
    raise NotImplementedError


def open_offers(now: datetime) -> list[OfferFact]:
    """Return the standing open offers; for the gate snapshot."""
    raise NotImplementedError


def warranted_identities() -> frozenset[tuple[int, str]]:
    """Return (dataset id, version identity) of everything whose warranty is signed; nothing else may be served."""
    raise NotImplementedError


def get_offer(uid: str) -> OfferView:
    """Return an offer; raises OfferUnknown."""
    raise NotImplementedError


def offers_of_dataset(dataset_uid: str, standing: Standing | None = None) -> list[OfferView]:
    """Return a dataset's standing offers; drafts and ended ones too for its provider and the operator."""
    raise NotImplementedError


def offer_of_dataset(dataset_uid: str) -> OfferView | None:
    """Return the offer that a dataset's page shows first: the open one, else the oldest standing one."""
    raise NotImplementedError


def publication_check(offer_uid: str, standing: Standing) -> PublicationCheck:
    """Return what still stands between an offer and its publication."""
    raise NotImplementedError


def earliest_withdrawal(offer_uid: str, now: datetime) -> date:
    """Return the first day on which an offer may end if notice is given now."""
    raise NotImplementedError


def affected_by_withdrawal(offer_uid: str) -> list[AgreementView]:
    """Return the agreements that a withdrawal would end."""
    raise NotImplementedError


def warranties_of(dataset_uid: str, standing: Standing) -> list[WarrantyView]:
    """Return the signed warranties of a dataset, newest first; for its provider and the operator."""
    raise NotImplementedError


def inbox(standing: Standing) -> Inbox:
    """Return what waits for a member, as provider and as consumer."""
    raise NotImplementedError


def get_request(uid: str, standing: Standing) -> RequestView:
    """Return a request to its two sides and the operator; raises RequestUnknown."""
    raise NotImplementedError


def requests_of_offer(offer_uid: str, standing: Standing) -> list[RequestView]:
    """Return an offer's requests, newest first, to its provider and the operator."""
    raise NotImplementedError


def requests_by(standing: Standing) -> list[RequestView]:
    """Return the requests of the parties a member speaks for, newest first."""
    raise NotImplementedError


def agreement_page(uid: str, standing: Standing) -> AgreementView:
    """Return an agreement, the same to both sides and the operator; raises AgreementUnknown for all others."""
    raise NotImplementedError


def agreements_for(standing: Standing, *, side: str = "both") -> list[AgreementView]:
    """Return the agreements of the parties a member speaks for; `side` is "provider", "consumer" or "both"."""
    raise NotImplementedError


def agreements_of_application(application_uid: str) -> list[AgreementView]:
    """Return an application's agreements, newest first; the caller has checked who asks."""
    raise NotImplementedError


def breaches_to_judge() -> list[AgreementView]:
    """Return agreements with a reported breach that still go on; for the operator's desk."""
    raise NotImplementedError


def terms_in_words(terms: Terms, language: str) -> list[tuple[str, str]]:
    """Return (heading, sentence) pairs in plain Japanese or English."""
    raise NotImplementedError


def terms_changes_in_words(old: Terms, new: Terms, language: str) -> list[tuple[str, str, str]]:
    """Return (heading, before, after) for everything that differs."""
    raise NotImplementedError


def terms_as_odrl(terms: Terms, *, offer_iri: str, target_iri: str, assigner_iri: str) -> dict[str, object]:
    """Return the terms as an ODRL 2.2 Offer in JSON-LD."""
    raise NotImplementedError


def terms_as_cadde(terms: Terms, *, data_class: str) -> dict[str, str]:
    """Return the terms as CADDE's trading-policy fields (v4 item specification)."""
    raise NotImplementedError


def terms_json(terms: Terms) -> bytes:
    """Return the canonical JSON of terms, whose SHA-256 stands in offers and agreements."""
    raise NotImplementedError


def terms_presets() -> tuple[Preset, ...]:
    """Return the three presets of the wizard, the one not offered yet included with its reason."""
    raise NotImplementedError


def terms_patterns() -> tuple[Preset, ...]:
    """Return the library of typical patterns (類例)."""
    raise NotImplementedError


def terms_choices(language: str) -> Mapping[str, Sequence[tuple[str, str, str]]]:
    """Return for each coded field its (code, label, explanation) choices; forms are made from this."""
    raise NotImplementedError
