"""Terms as faces ask for them: sentences, machine forms, form choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from tdpf.controlplane.exchange import cadde, odrl, patterns, words
from tdpf.controlplane.exchange.terms import terms_json as terms_json
from tdpf.controlplane.exchange.types import AgreementView, Purpose, Terms
from tdpf.controlplane.exchange.vocabularies import CODED_FIELDS, PURPOSE


def terms_in_words(terms: Terms, language: str) -> list[tuple[str, str]]:
    """Return (heading, sentence) pairs in plain Japanese or English."""
    return [(clause.heading.in_(language), clause.sentence.in_(language)) for clause in words.clauses(terms)]


def terms_changes_in_words(old: Terms, new: Terms, language: str) -> list[tuple[str, str, str]]:
    """Return (heading, before, after) for everything that differs, an empty side where nothing was or is said."""
    return [
        (change.heading.in_(language), change.before.in_(language), change.after.in_(language))
        for change in words.changes(old, new)
    ]


def terms_as_odrl(
    terms: Terms, *, offer_iri: str, target_iri: str, assigner_iri: str, vocabulary_iri: str, assignee_iri: str = ""
) -> dict[str, object]:
    """Return the terms as an ODRL 2.2 Offer in JSON-LD, or with an assignee as an Agreement."""
    return odrl.policy(
        terms,
        policy_iri=offer_iri,
        target_iri=target_iri,
        assigner_iri=assigner_iri,
        vocabulary_iri=vocabulary_iri,
        assignee_iri=assignee_iri,
    )


def agreement_as_odrl(
    agreement: AgreementView,
    *,
    agreement_iri: str,
    target_iri: str,
    assigner_iri: str,
    assignee_iri: str,
    vocabulary_iri: str,
) -> dict[str, object]:
    """Return an agreement as an ODRL 2.2 Agreement in JSON-LD, with the columns and the last day that were sealed."""
    sealed = replace(agreement.terms, columns=agreement.columns)
    if agreement.ends_on is not None:
        sealed = replace(sealed, period_start=agreement.starts_on, period_end=agreement.ends_on, period_months=0)
    return odrl.policy(
        sealed,
        policy_iri=agreement_iri,
        target_iri=target_iri,
        assigner_iri=assigner_iri,
        vocabulary_iri=vocabulary_iri,
        assignee_iri=assignee_iri,
    )


def terms_as_cadde(
    terms: Terms, *, data_class: str, period_start: date | None = None, period_end: date | None = None
) -> dict[str, str]:
    """Return the terms as CADDE's trading-policy fields (v4 item specification); the period is that of the data."""
    return cadde.trading_policy(terms, data_class=data_class, period_start=period_start, period_end=period_end)


def terms_presets() -> tuple[patterns.Preset, ...]:
    """Return the three presets of the wizard, the one not offered yet included with its reason."""
    return patterns.PRESETS


def terms_patterns() -> tuple[patterns.Preset, ...]:
    """Return the library of typical patterns (類例)."""
    return patterns.PATTERNS


def terms_choices(language: str) -> Mapping[str, Sequence[tuple[str, str, str]]]:
    """Return for each coded field its (code, label, explanation) choices; forms are made from this."""
    return {
        field: [
            (code, meaning.label.in_(language), meaning.sentence.in_(language)) for code, meaning in meanings.items()
        ]
        for field, meanings in CODED_FIELDS.items()
    }


def request_purposes(terms: Terms, language: str) -> list[tuple[str, str]]:
    """Return the (code, label) purposes that a request for these terms may state."""
    free = {Purpose.ANY, Purpose.CONSULT} & set(terms.purposes)
    return [
        (code.value, meaning.label.in_(language))
        for code, meaning in PURPOSE.items()
        if code not in (Purpose.ANY, Purpose.CONSULT) and (free or code in terms.purposes)
    ]
