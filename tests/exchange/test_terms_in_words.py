"""Terms in plain words: every choice is spoken, every change shows."""

from __future__ import annotations

import re
from datetime import date

import pytest
from exchange_strategies import ANY_FIELDS, conditional_fields
from hypothesis import given

from tdpf.controlplane.exchange import cadde, odrl, speaking
from tdpf.controlplane.exchange.terms import terms_from_mapping
from tdpf.controlplane.exchange.types import Purpose, Terms
from tdpf.controlplane.exchange.vocabularies import CODED_FIELDS
from tdpf.controlplane.exchange.words import changes, clauses

IRIS = {
    "policy_iri": "https://x.example/o",
    "target_iri": "https://x.example/d",
    "assigner_iri": "https://x.example/p",
    "vocabulary_iri": "https://x.example/v#",
}


def conditional(**fields: object) -> Terms:
    """Return conditional terms with some fields set."""
    return terms_from_mapping({"access": "conditional", **fields})


@given(ANY_FIELDS)
def test_every_clause_is_a_sentence_in_both_languages(fields: dict[str, object]) -> None:
    """No heading without words, no unfilled place, no English in Japanese's place."""
    for clause in clauses(terms_from_mapping(fields)):
        assert clause.heading.ja
        assert clause.heading.en
        assert clause.sentence.ja
        assert clause.sentence.en
        if clause.field not in ("notices", "columns", "purposes", "regions", "attribution", "information_management"):
            assert clause.sentence.ja.endswith("。")
            assert clause.sentence.en.endswith(".")
            assert not re.search(r"[ぁ-ん]", clause.sentence.en)


@given(conditional_fields(), conditional_fields())
def test_changes_are_just_what_reads_differently(one: dict[str, object], other: dict[str, object]) -> None:
    """The comparison names each heading whose words differ, and nothing when the terms are the same."""
    old, new = terms_from_mapping(one), terms_from_mapping(other)
    assert changes(old, old) == []
    spoken = {clause.field: clause.sentence for clause in clauses(old)}
    heard = {clause.field: clause.sentence for clause in clauses(new)}
    differing = {field for field in {*spoken, *heard} if spoken.get(field) != heard.get(field)}
    assert {change.field for change in changes(old, new)} == differing


def test_a_revision_reads_like_one() -> None:
    """A change of quota and notice is told in plain words."""
    old, new = conditional(quota_day=1000, notice_days=30), conditional(quota_day=2000, notice_days=60)
    told = speaking.terms_changes_in_words(old, new, "ja")
    assert [heading for heading, _, _ in told] == ["利用できる量", "提供をやめるとき"]
    assert told[0][1].startswith("1日に1,000回まで")
    assert told[0][2].startswith("1日に2,000回まで")
    assert "60 days" in speaking.terms_changes_in_words(old, new, "en")[1][2]


@pytest.mark.parametrize(
    ("fields", "ja", "en"),
    [
        ({}, "期限はありません。", "There is no time limit."),
        ({"period_start": "2027-04-01"}, "2027年4月1日から使えます。", "from 1 April 2027 on."),
        ({"period_end": "2027-03-31"}, "2027年3月31日まで使えます。", "until 31 March 2027."),
        ({"period_start": "2027-04-01", "period_end": "2028-03-31"}, "2027年4月1日から2028年3月31日まで", "from 1 April 2027 to 31 March 2028."),
        ({"period_months": 1}, "1か月間", "for 1 month from"),
        ({"period_months": 6, "period_end": "2027-03-31"}, "ただし、2027年3月31日までです。", "at the latest."),
        ({"period_months": 6, "period_start": "2027-04-01"}, "2027年4月1日より前の約定では", "not before 1 April 2027."),
    ],
)  # fmt: skip
def test_every_kind_of_period_is_spoken(fields: dict[str, object], ja: str, en: str) -> None:
    """Start, end and length combine into a sentence."""
    sentence = next(clause.sentence for clause in clauses(conditional(**fields)) if clause.field == "period")
    assert ja in sentence.ja
    assert en in sentence.en


@given(ANY_FIELDS)
def test_odrl_forbids_what_is_forbidden(fields: dict[str, object]) -> None:
    """Passing on and deriving stand as permission, permission with consent, or prohibition: exactly one of them."""
    terms = terms_from_mapping(fields)
    policy = odrl.policy(terms, **IRIS)
    permitted = {rule["action"]: rule for rule in policy["permission"]}  # type: ignore[attr-defined]
    forbidden = {rule["action"] for rule in policy.get("prohibition", [])}  # type: ignore[attr-defined]
    assert "use" in permitted
    for action, choice in (("distribute", terms.redistribution), ("derive", terms.secondary_use)):
        assert (action in permitted) != (action in forbidden)
        assert (action in forbidden) == (choice == "forbidden")
        consent = [duty for duty in permitted.get(action, {}).get("duty", []) if duty["action"] == "obtainConsent"]
        assert bool(consent) == (choice == "consult")


def test_an_agreement_names_its_consumer() -> None:
    """With an assignee the policy is an ODRL Agreement."""
    policy = odrl.policy(conditional(audience=["npos"]), **IRIS, assignee_iri="https://x.example/c")
    assert policy["@type"] == "Agreement"
    assert policy["assignee"] == "https://x.example/c"


@given(ANY_FIELDS)
def test_cadde_values_keep_to_the_item_specification(fields: dict[str, object]) -> None:
    """Fields with a fixed list hold only listed values; commas separate choices and nothing else."""
    terms = terms_from_mapping(fields)
    found = cadde.trading_policy(terms, data_class="statistical", period_start=date(2026, 4, 1))
    uses = {"商用利用", "研究利用", "教育利用", "公共利用", "医業利用", "制限なし", "個別調整"}
    for value in found["trading_policy_use_application"].split(","):
        assert value in uses or re.fullmatch(r"その他\([^(),]+\)", value), value
    for value in found["terms_of_use_permissible_region"].split(","):
        assert value in {"制限なし", "日本"} or re.fullmatch(r"その他\([^(),]+\)", value), value
    assert found["scope_of_disclosure"] in {"制限なし", "担当者限り", "自部門", "自社", "グループ会社", "個別相談"}
    assert found["trading_policy_nda"] in {"求める", "求めない"}
    assert found["fee"] == "無償"
    assert found["privacy_policy_contains_personal_data"] == "非個人情報"
    assert '"startDate":"2026-04-01"' in found["data_effective_period"]


def test_forms_get_every_choice() -> None:
    """Each coded field offers all its codes with label and explanation."""
    for language in ("ja", "en"):
        choices = speaking.terms_choices(language)
        assert set(choices) == set(CODED_FIELDS)
        assert all(label and explanation for options in choices.values() for _, label, explanation in options)


def test_a_request_may_state_only_what_the_terms_allow() -> None:
    """Free terms allow every real purpose; named purposes only themselves."""
    free = [code for code, _ in speaking.request_purposes(conditional(purposes=["any"]), "ja")]
    assert free == [one.value for one in Purpose if one not in (Purpose.ANY, Purpose.CONSULT)]
    assert speaking.request_purposes(conditional(purposes=["research"]), "en") == [("research", "Research")]
