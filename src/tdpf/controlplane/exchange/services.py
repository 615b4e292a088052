"""The verbs of exchange. Each is one transaction: lock, ask the rules, save, announce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tdpf.controlplane.exchange.types import (
    AgreementView,
    Answer,
    EndCause,
    OfferView,
    Purpose,
    RequestView,
    WarrantyView,
)
from tdpf.controlplane.members.types import Standing


def draft_offer(*, actor: Standing, dataset_uid: str, fields: Mapping[str, object]) -> OfferView:
    """Begin an offer of a dataset with terms as a form gives them; raises TermsInvalid with an error per field."""
    raise NotImplementedError


def set_terms(*, actor: Standing, offer_uid: str, fields: Mapping[str, object]) -> OfferView:
    """Change an offer's terms; those of a standing offer hold for new agreements only."""
    raise NotImplementedError


def sign_warranty(*, actor: Standing, offer_uid: str, text_version: str, text_sha256: str) -> tuple[WarrantyView, ...]:
    """Sign the warranty for every latest version of the offer's dataset that has none yet."""
    raise NotImplementedError


def publish_offer(*, actor: Standing, offer_uid: str) -> OfferView:
    """Let an offer stand and its dataset be found."""
    raise NotImplementedError


def suspend_offer(*, actor: Standing, offer_uid: str, reason: str) -> OfferView:
    """Operator: stop an offer and all its use at once."""
    raise NotImplementedError


def lift_offer_suspension(*, actor: Standing, offer_uid: str, reason: str) -> OfferView:
    """Operator: let a suspended offer stand again."""
    raise NotImplementedError


def request_agreement(
    *,
    actor: Standing,
    offer_uid: str,
    application_uid: str,
    consumer_party_id: int,
    purpose: Purpose | str,
    purpose_statement: str,
    information_management: str = "",
    terms_sha256: str = "",
) -> RequestView:
    """Ask for an offer in the name of an application that the caller has verified to belong to the consumer party."""
    raise NotImplementedError


def answer_request(*, actor: Standing, request_uid: str, answer: Answer | str, text: str = "") -> RequestView:
    """Provider: accept (seals the agreement), ask back, or decline with a reason."""
    raise NotImplementedError


def reply_to_question(*, actor: Standing, request_uid: str, text: str) -> RequestView:
    """Consumer: reply to what the provider asked."""
    raise NotImplementedError


def withdraw_request(*, actor: Standing, request_uid: str, reason: str = "") -> RequestView:
    """Consumer: take an open request back."""
    raise NotImplementedError


def end_agreement(*, actor: Standing, agreement_uid: str, reason: str) -> AgreementView:
    """Consumer at any time; operator for a breach."""
    raise NotImplementedError


def report_breach(*, actor: Standing, agreement_uid: str, text: str) -> AgreementView:
    """Provider: tell the operator that the consumer does not keep to the agreement."""
    raise NotImplementedError


def suspend_agreement(*, actor: Standing, agreement_uid: str, reason: str) -> AgreementView:
    """Operator: stop the use under one agreement at once."""
    raise NotImplementedError


def lift_agreement_suspension(*, actor: Standing, agreement_uid: str, reason: str) -> AgreementView:
    """Operator: let the use under one agreement go on."""
    raise NotImplementedError


def end_due_agreements(*, now: datetime) -> int:
    """End the agreements whose last day is over; return how many."""
    raise NotImplementedError


def give_withdrawal_notice(*, actor: Standing, offer_uid: str, effective_on: date, reason: str) -> OfferView:
    """Provider: give notice that an offer ends on a day; earlier than agreed raises WithdrawalTooEarly with the day."""
    raise NotImplementedError


def take_back_withdrawal_notice(*, actor: Standing, offer_uid: str, reason: str) -> OfferView:
    """Provider: take the notice back before its day."""
    raise NotImplementedError


def end_due_withdrawals(*, now: datetime) -> int:
    """End the offers whose day has come, and their agreements; return how many offers."""
    raise NotImplementedError
