"""Making terms from what people type: what holds together stays, what does not is named field by field."""

from __future__ import annotations

from typing import Any

import pytest
from exchange_strategies import ANY_FIELDS
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.exchange.errors import PaidNotOffered, TermsInvalid
from tdpf.controlplane.exchange.patterns import PATTERNS, PRESETS
from tdpf.controlplane.exchange.terms import (
    terms_from_mapping,
    terms_from_stored,
    terms_json,
    terms_sha256,
    terms_to_dict,
)
from tdpf.controlplane.exchange.types import Access, Approval, Audience, Purpose, Redistribution


def faults(fields: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the errors of wrong terms by field."""
    with pytest.raises(TermsInvalid) as caught:
        terms_from_mapping(fields)
    errors = caught.value.data["errors"]
    assert isinstance(errors, list)
    assert caught.value.data["count"] == len(errors)
    return {error["field"]: error for error in errors}


@given(ANY_FIELDS)
def test_terms_survive_being_stored(fields: dict[str, object]) -> None:
    """What is stored and read again is the same, in value, bytes and hash."""
    terms = terms_from_mapping(fields)
    again = terms_from_stored(terms_json(terms))
    assert again == terms
    assert terms_json(again) == terms_json(terms)
    assert terms_from_mapping(terms_to_dict(terms)) == terms


@given(ANY_FIELDS, st.randoms())
def test_the_hash_does_not_depend_on_the_order_of_choices(fields: dict[str, object], shuffle: Any) -> None:
    """Ticking boxes in another order makes the same terms."""
    turned = dict(fields)
    for field in ("audience", "purposes", "regions"):
        if isinstance(choices := turned.get(field), list):
            turned[field] = shuffle.sample(choices, len(choices))
    names = list(turned)
    shuffle.shuffle(names)
    assert terms_sha256(terms_from_mapping({name: turned[name] for name in names})) == terms_sha256(
        terms_from_mapping(fields)
    )


@given(st.dictionaries(st.text(max_size=20), st.none() | st.booleans() | st.integers() | st.text(max_size=20)))
def test_nonsense_is_refused_and_never_breaks(fields: dict[str, object]) -> None:
    """Whatever comes in, the answer is terms or a list of what to mend."""
    try:
        terms_from_mapping(fields)
    except TermsInvalid as problem:
        errors = problem.data["errors"]
        assert isinstance(errors, list)
        assert errors
        assert all(error["message_ja"] and error["message_en"] for error in errors)
    except PaidNotOffered:
        assert fields.get("access") == "paid" or fields.get("price")


def test_what_is_left_out_takes_its_usual_value() -> None:
    """Open alone is enough for open terms; conditional terms begin careful."""
    assert terms_from_mapping({"access": "open"}).audience == (Audience.ANYONE,)
    careful = terms_from_mapping({"access": "conditional"})
    assert careful.approval is Approval.REVIEWED
    assert careful.redistribution is Redistribution.FORBIDDEN
    assert careful.purposes == (Purpose.ANY,)


def test_a_form_may_send_everything_as_text() -> None:
    """Full-width digits, thousands commas, a single choice as text and Windows line ends are understood."""
    terms = terms_from_mapping(
        {
            "access": "conditional",
            "audience": "universities",
            "quota_day": "１，０００",
            "quota_month": "20,000",
            "confidentiality": "on",
            "period_end": "2027-03-31",
            "notices_ja": "一行目\r\n二行目",
        }
    )
    assert terms.audience == (Audience.UNIVERSITIES,)
    assert (terms.quota_day, terms.quota_month) == (1000, 20000)
    assert terms.confidentiality
    assert terms.notices_ja == "一行目\n二行目"


def test_open_terms_cannot_carry_restrictions() -> None:
    """Each restriction on an open offer is named, in both languages."""
    found = faults(
        {
            "access": "open",
            "audience": ["universities"],
            "purposes": ["research"],
            "quota_day": 5,
            "redistribution": "forbidden",
            "approval": "reviewed",
            "confidentiality": True,
            "period_months": 3,
        }
    )
    assert {
        "audience",
        "purposes",
        "quota_day",
        "redistribution",
        "approval",
        "confidentiality",
        "period_months",
    } <= set(found)
    assert "オープン" in found["quota_day"]["message_ja"]
    assert "open" in found["quota_day"]["message_en"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"audience": ["anyone"]}, "audience"),
        ({"audience": ["members", "npos"]}, "audience"),
        ({"audience": []}, "audience"),
        ({"audience": ["aliens"]}, "audience"),
        ({"purposes": ["any", "research"]}, "purposes"),
        ({"purposes": ["other"]}, "purposes_note"),
        ({"purposes_note": "何か"}, "purposes_note"),
        ({"purposes": ["consult"], "approval": "automatic"}, "approval"),
        ({"regions": ["other"]}, "regions_note"),
        ({"period_start": "2027-01-02", "period_end": "2027-01-01"}, "period_end"),
        ({"period_end": "31/3/2027"}, "period_end"),
        ({"period_end": "1999-12-31"}, "period_end"),
        ({"quota_day": 100, "quota_month": 10}, "quota_day"),
        ({"quota_day": -1}, "quota_day"),
        ({"quota_day": "many"}, "quota_day"),
        ({"quota_day": True}, "quota_day"),
        ({"quota_day": 1.5}, "quota_day"),
        ({"notice_days": 0}, "notice_days"),
        ({"notice_days": 731}, "notice_days"),
        ({"disclosure": "staff", "redistribution": "allowed"}, "redistribution"),
        ({"confidentiality": True, "redistribution": "allowed"}, "redistribution"),
        ({"attribution": "none", "attribution_text": "出典"}, "attribution_text"),
        ({"information_management_note": "金庫に"}, "information_management"),
        ({"notices_ja": "あ" * 2001}, "notices_ja"),
        ({"notices_ja": "a\x00b"}, "notices_ja"),
        ({"notices_ja": 7}, "notices_ja"),
        ({"confidentiality": "maybe"}, "confidentiality"),
        ({"columns": ["a", 3]}, "columns"),
        ({"rate_plan": "r1000"}, "rate_plan"),
        ({"colour": "red"}, "colour"),
        ({"format": 2}, "format"),
    ],
)
def test_each_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    """One wrong field gives one error, at that field."""
    assert set(faults({"access": "conditional", **fields})) == {field}


@pytest.mark.parametrize("fields", [{"access": "paid"}, {"access": "conditional", "price": "1000"}])
def test_paid_terms_say_why_not_yet(fields: dict[str, Any]) -> None:
    """Asking for money is refused with the reason."""
    with pytest.raises(PaidNotOffered):
        terms_from_mapping(fields)


def test_presets_and_patterns_are_valid() -> None:
    """Three presets, the paid one explained and not offered; at least five patterns, all different."""
    assert [preset.code for preset in PRESETS] == ["open", "conditional", "paid"]
    assert [preset.offered for preset in PRESETS] == [True, True, False]
    assert PRESETS[2].when_ja
    assert len(PATTERNS) >= 5
    hashes = {terms_sha256(terms_from_mapping(preset.fields)) for preset in (*PRESETS[:2], *PATTERNS)}
    assert len(hashes) == 2 + len(PATTERNS)
    assert terms_from_mapping(PRESETS[0].fields).access is Access.OPEN
