"""Permissions and states of members, as laws."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.members import errors, rules
from tdpf.controlplane.members.types import (
    Decision,
    OrganizationFacts,
    OrganizationKind,
    OrganizationState,
    PartyKind,
    Role,
    Standing,
    WhatStops,
)
from tdpf.kit.codes import corporate_number_check_digit, municipality_check_digit
from tdpf.kit.errors import Problem

PARTIES = st.integers(1, 5)
ROLES = st.sampled_from([role.value for role in Role])
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """Any standing, the impossible ones included."""
    member_id = draw(st.integers(0, 3))
    roles = draw(st.dictionaries(PARTIES, ROLES)) if member_id else {}
    pending = draw(st.dictionaries(PARTIES, ROLES)) if member_id else {}
    return Standing(
        member_id=member_id,
        member_uid=f"m{member_id}" if member_id else "",
        display_name="x",
        has_mfa=draw(st.booleans()),
        is_operator=draw(st.booleans()),
        is_suspended=draw(st.booleans()),
        person_party_id=1 if member_id else 0,
        roles=roles,
        pending_roles={party: role for party, role in pending.items() if party not in roles},
        suspended_party_ids=frozenset(draw(st.sets(PARTIES))),
    )


def allows(rule: Callable[..., None], *arguments: object) -> bool:
    """Say whether the rule lets it pass."""
    try:
        rule(*arguments)
    except Problem:
        return False
    return True


@given(standings(), PARTIES)
def test_each_permission_includes_the_weaker_ones(standing: Standing, party: int) -> None:
    """Who may sign may administer, provide, edit and view."""
    order = [rules.may_sign, rules.may_administer, rules.may_provide, rules.may_edit, rules.may_view]
    verdicts = [allows(rule, standing, party) for rule in order]
    assert verdicts == sorted(verdicts)


@given(standings(), PARTIES)
def test_who_is_suspended_or_without_mfa_does_not_provide(standing: Standing, party: int) -> None:
    """A second factor, no suspension and an approved party are needed for every act with weight."""
    if allows(rules.may_provide, standing, party):
        assert standing.has_mfa
        assert not standing.is_suspended
        assert party in standing.approved_party_ids
        assert party not in standing.suspended_party_ids
        assert standing.roles[party] in (Role.EDITOR, Role.ADMINISTRATOR)


@given(standings(), PARTIES)
def test_nobody_in_particular_may_nothing(standing: Standing, party: int) -> None:
    """Nobody signed in passes no rule, and is told to sign in."""
    if standing.is_anonymous:
        for rule in (rules.may_view, rules.may_edit, rules.may_administer, rules.may_provide, rules.may_sign):
            with pytest.raises(errors.SignInNeeded):
                rule(standing, party)
        with pytest.raises(errors.SignInNeeded):
            rules.may_operate(standing)


@given(standings(), PARTIES)
def test_judging_needs_an_operator_who_is_not_concerned(standing: Standing, party: int) -> None:
    """Only an operator with a second factor judges, and never an own party."""
    if allows(rules.may_judge, standing, party):
        assert standing.is_operator
        assert standing.has_mfa
        assert not standing.is_suspended
        assert party not in standing.roles
        assert party not in standing.pending_roles


@given(st.sampled_from(OrganizationState), st.sampled_from(Decision), st.text(max_size=5))
def test_only_what_is_submitted_is_decided(state: OrganizationState, decision: Decision, reason: str) -> None:
    """A decision moves a submitted application and no other; refusals need words."""
    if state is not OrganizationState.SUBMITTED:
        with pytest.raises(errors.WrongState):
            rules.state_after(state, decision, "because")
    elif decision is not Decision.APPROVE and not reason.strip():
        with pytest.raises(errors.ReasonNeeded):
            rules.state_after(state, decision, reason)
    else:
        assert rules.state_after(state, decision, reason) is rules.NEXT_STATE[decision]


@given(st.sampled_from(OrganizationState), ROLES)
def test_only_an_administrator_corrects_what_was_asked_back(state: OrganizationState, role: str) -> None:
    """An application is submitted again by its administrator, after being asked back."""
    standing = Standing(member_id=1, member_uid="m", display_name="x", pending_roles={7: role})
    expected = state is OrganizationState.ASKED_BACK and role == Role.ADMINISTRATOR
    assert allows(rules.may_apply_again, standing, 7, state) is expected
    withdrawable = state in (OrganizationState.SUBMITTED, OrganizationState.ASKED_BACK)
    expected = withdrawable and role == Role.ADMINISTRATOR
    assert allows(rules.may_withdraw_application, standing, 7, state) is expected


@given(st.lists(ROLES))
def test_an_organisation_keeps_an_administrator(roles: list[str]) -> None:
    """The last administrator cannot be taken away."""
    assert allows(rules.must_keep_administrator, roles) is (Role.ADMINISTRATOR in roles)


@given(st.from_regex(r"\A[0-9]{12}\Z"), st.integers(0, 9))
def test_a_corporate_number_needs_its_check_digit(twelve: str, digit: int) -> None:
    """Of the ten possible first digits, one is right."""
    facts = OrganizationFacts(kind=OrganizationKind.NPO, name_ja="団体", corporate_number=f"{digit}{twelve}")
    assert allows(rules.must_be_complete, facts) is (corporate_number_check_digit(twelve) == str(digit))


@given(st.from_regex(r"\A[0-9]{5}\Z"), st.integers(0, 9))
def test_a_municipality_code_needs_its_check_digit(five: str, digit: int) -> None:
    """Of the ten possible last digits, one is right."""
    facts = OrganizationFacts(kind=OrganizationKind.MUNICIPALITY, name_ja="町", municipality_code=f"{five}{digit}")
    assert allows(rules.must_be_complete, facts) is (municipality_check_digit(five) == str(digit))


def test_every_wrong_entry_of_an_application_is_named_at_once() -> None:
    """The applicant hears of all faults together, by field and in both languages."""
    facts = OrganizationFacts(
        kind=OrganizationKind.UNIVERSITY,
        name_ja=" ",
        slug="No Spaces",
        municipality_code="131016",
        website="ftp://example.jp",
        contact_email="nobody",
        address="あ" * 301,
    )
    with pytest.raises(errors.ApplicationIncomplete) as told:
        rules.must_be_complete(facts)
    found = told.value.data["errors"]
    assert isinstance(found, list)
    assert [fault["field"] for fault in found] == [
        "name_ja",
        "slug",
        "corporate_number",
        "municipality_code",
        "website",
        "contact_email",
        "address",
    ]
    assert all(fault["message_ja"] and fault["message_en"] for fault in found)


@given(st.integers(-1000, 1000), st.booleans(), st.sampled_from(PartyKind))
def test_a_suspension_ends_later_than_it_begins(seconds: int, sign_in: bool, kind: PartyKind) -> None:
    """The end lies in the future, and only a person can be kept from signing in."""
    until = NOW + timedelta(seconds=seconds)
    allowed = allows(rules.must_be_suspendable, kind, WhatStops(sign_in=sign_in), "because", until, NOW)
    assert allowed is (seconds > 0 and not (sign_in and kind is not PartyKind.PERSON))


@pytest.mark.parametrize(
    ("text", "tidy"),
    [(" Hana@Example.JP ", "hana@example.jp"), ("a.b+c@sub.example.jp", "a.b+c@sub.example.jp")],
)
def test_a_mail_address_is_kept_in_lower_case(text: str, tidy: str) -> None:
    """Letters of an address do not differ by case."""
    assert rules.must_be_address(text) == tidy


@pytest.mark.parametrize("text", ["", "x", "a@b", "a b@example.jp", "a@@example.jp", "a@example.jp\nbcc: x@example.jp"])
def test_what_is_not_a_mail_address_is_refused(text: str) -> None:
    """Headers cannot be smuggled in through an address."""
    with pytest.raises(errors.AddressInvalid):
        rules.must_be_address(text)


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "//example.jp", "https://", "https://a b", "http://[", "x" * 600]
)
def test_what_is_not_a_web_address_is_refused(text: str) -> None:
    """A profile never links to a script."""
    assert not rules.is_web_address(text)
