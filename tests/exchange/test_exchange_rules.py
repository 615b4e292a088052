"""The pure decisions of exchange, by hypothesis."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from exchange_strategies import DAYS, conditional_fields, open_fields
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tdpf.controlplane.exchange import errors, rules
from tdpf.controlplane.exchange.terms import terms_from_mapping
from tdpf.controlplane.exchange.types import (
    AgreementState,
    Audience,
    OfferState,
    Purpose,
    RequestState,
    Terms,
)
from tdpf.kit.clock import jst_date, jst_midnight
from tdpf.kit.text import Text

KINDS = [None, "municipality", "national_body", "company", "university", "npo"]
VERBS = sorted({verb for _, verb in (*rules.OFFER_STEPS, *rules.REQUEST_STEPS, *rules.AGREEMENT_STEPS)})


def conditional(**fields: object) -> Terms:
    """Return conditional terms with some fields set."""
    return terms_from_mapping({"access": "conditional", **fields})


class OfferLife(RuleBasedStateMachine):
    """An offer under arbitrary steps: it stays in its graph, and ends for good."""

    def __init__(self) -> None:
        super().__init__()
        self.state = OfferState.DRAFT
        self.under_notice = False
        self.was_published = False

    @rule(verb=st.sampled_from(VERBS))
    def step(self, verb: str) -> None:
        """Try any verb; one that does not fit changes nothing."""
        before = self.state
        try:
            self.state = rules.offer_after(self.state, verb, under_notice=self.under_notice)
        except errors.StepNotPossible:
            assert (before, verb) not in rules.OFFER_STEPS
            return
        self.under_notice = {"notice": True, "take_back": False}.get(verb, self.under_notice)
        self.was_published |= verb == "publish"

    @invariant()
    def makes_sense(self) -> None:
        """A notice is never forgotten, and nothing stands that was not published."""
        if self.state is OfferState.WITHDRAWING:
            assert self.under_notice
        if self.state is OfferState.PUBLISHED:
            assert not self.under_notice
        if self.state is not OfferState.DRAFT:
            assert self.was_published

    @precondition(lambda self: self.state is OfferState.ENDED)
    @rule(verb=st.sampled_from(VERBS))
    def ended_is_ended(self, verb: str) -> None:
        """Nothing leads out of the end."""
        with pytest.raises(errors.StepNotPossible):
            rules.offer_after(self.state, verb)


TestOfferLife = OfferLife.TestCase


@given(st.lists(st.sampled_from(VERBS), max_size=12))
def test_a_request_is_decided_once(verbs: list[str]) -> None:
    """After acceptance, decline or withdrawal no step is possible; only the provider's question waits for a reply."""
    state, final = RequestState.SUBMITTED, False
    for verb in verbs:
        try:
            after = rules.request_after(state, verb)
        except errors.StepNotPossible:
            continue
        assert not final
        assert (verb == "reply") == (state is RequestState.ASKED and after is RequestState.SUBMITTED)
        state = after
        final = state in (RequestState.ACCEPTED, RequestState.DECLINED, RequestState.WITHDRAWN)


@given(st.lists(st.sampled_from(VERBS), max_size=12))
def test_an_agreement_ends_once(verbs: list[str]) -> None:
    """Suspending and lifting alternate; the end is the end."""
    state = AgreementState.ACTIVE
    for verb in verbs:
        try:
            after = rules.agreement_after(state, verb)
        except errors.StepNotPossible:
            continue
        assert state is not AgreementState.ENDED
        assert after is not state
        state = after


@given(DAYS, st.integers(1, 1200))
def test_a_span_of_months_is_never_longer_than_said(first: date, months: int) -> None:
    """The span ends before the same day `months` later, and the next span begins right after it."""
    last = rules.last_day_after_months(first, months)
    assert last >= first
    following = last + timedelta(days=1)
    assert (following.year * 12 + following.month) - (first.year * 12 + first.month) == months or following.day == 1
    assert following.day in (first.day, 1) or first.day > 28
    assert rules.last_day_after_months(first, months + 1) > last


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2026-01-15", 1, "2026-02-14"),
        ("2026-04-01", 12, "2027-03-31"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-12-01", 1, "2026-12-31"),
        ("2026-03-31", 6, "2026-09-30"),
    ],
)
def test_months_as_people_count_them(first: str, months: int, last: str) -> None:
    """One month from 15 January ends on 14 February; a year from 1 April ends on 31 March."""
    assert rules.last_day_after_months(date.fromisoformat(first), months).isoformat() == last


@given(conditional_fields(), DAYS)
def test_an_agreement_lies_within_its_terms(fields: dict[str, object], today: date) -> None:
    """It begins no earlier than today and the terms' first day, and ends no later than the terms say."""
    terms = terms_from_mapping(fields)
    try:
        first, last = rules.agreement_period(terms, today)
    except errors.PeriodOver:
        assert terms.period_end is not None
        assert terms.period_end < max(today, terms.period_start or today)
        return
    assert first == max(today, terms.period_start or today)
    if terms.period_end:
        assert last is not None
        assert last <= terms.period_end
    if terms.period_months:
        assert last is not None
        assert last <= rules.last_day_after_months(first, terms.period_months)
    assert (last is None) == (terms.period_end is None and not terms.period_months)


@given(DAYS, st.none() | st.integers(0, 5000), st.none() | st.integers(-100, 5000))
def test_a_grant_holds_whole_days_in_japan(first: date, length: int | None, gone: int | None) -> None:
    """It begins at the first midnight, ends after the last day or when the offer is gone, whichever is earlier."""
    last = None if length is None else first + timedelta(days=length)
    withdraw_on = None if gone is None else first + timedelta(days=gone)
    starts_at, ends_at = rules.in_force(first, last, withdraw_on)
    assert starts_at == jst_midnight(first)
    assert (ends_at is None) == (last is None and withdraw_on is None)
    if ends_at is not None:
        final = jst_date(ends_at - timedelta(seconds=1))
        assert final == min(day for day in (last, withdraw_on and withdraw_on - timedelta(days=1)) if day)


@given(DAYS, st.lists(st.integers(0, 730), max_size=6), st.integers(-10, 800))
def test_notice_is_the_longest_that_was_promised(today: date, days: list[int], later: int) -> None:
    """A day is accepted just when everyone gets the notice they were promised; a refusal names the first such day."""
    wanted = today + timedelta(days=later)
    earliest = rules.earliest_withdrawal(today, days)
    assert all(earliest >= today + timedelta(days=promised) for promised in days)
    if wanted >= earliest:
        rules.must_give_notice(wanted, today, days)
    else:
        with pytest.raises(errors.WithdrawalTooEarly) as caught:
            rules.must_give_notice(wanted, today, days)
        assert caught.value.data["earliest"] == earliest.isoformat()
        assert earliest.isoformat() in caught.value.detail_in("ja")
        rules.must_give_notice(earliest, today, days)


@given(st.lists(st.sampled_from(Audience), min_size=1, unique=True), st.sampled_from(KINDS))
def test_who_is_admitted(audience: list[Audience], kind: str | None) -> None:
    """Members are everyone; organisations are all but people; a named kind is just that kind."""
    admitted = rules.admits(audience, kind)
    if {Audience.ANYONE, Audience.MEMBERS} & set(audience):
        assert admitted
    elif kind is None:
        assert not admitted
    elif Audience.ORGANIZATIONS in audience:
        assert admitted
    else:
        assert admitted == any(code.value.startswith(kind.rstrip("y")) for code in audience)


@given(conditional_fields(), st.sampled_from(KINDS), st.sampled_from(Purpose) | st.text(max_size=10))
def test_a_fitting_request_states_a_real_purpose(fields: dict[str, object], kind: str | None, purpose: str) -> None:
    """What passes is admitted and offered; what does not is told why."""
    terms = terms_from_mapping(fields)
    try:
        chosen = rules.must_fit(terms, kind, str(purpose))
    except errors.NotForYou:
        assert not rules.admits(terms.audience, kind)
    except errors.WordUnknown:
        assert purpose in ("any", "consult") or purpose not in set(Purpose)
    except errors.PurposeNotOffered:
        assert purpose not in terms.purposes
        assert not {Purpose.ANY, Purpose.CONSULT} & set(terms.purposes)
    else:
        assert chosen == purpose
        assert rules.admits(terms.audience, kind)


@given(open_fields(), open_fields())
def test_open_terms_change_only_to_the_good(old: dict[str, object], new: dict[str, object]) -> None:
    """An accepted revision keeps every column, the notice and the speed."""
    before, after = terms_from_mapping(old), terms_from_mapping(new)
    try:
        rules.must_not_narrow(before, after)
    except errors.TermsNarrowed:
        assert before != after
        return
    assert after.notice_days >= before.notice_days
    assert int(after.rate_plan.value[1:]) >= int(before.rate_plan.value[1:])
    assert not after.columns or set(before.columns) <= set(after.columns)


@given(conditional_fields(), conditional_fields())
def test_conditional_terms_are_free_to_change(old: dict[str, object], new: dict[str, object]) -> None:
    """Agreements keep their own terms, so the offer may change in any way but its access."""
    rules.must_not_narrow(terms_from_mapping(old), terms_from_mapping(new))
    with pytest.raises(errors.TermsNarrowed):
        rules.must_not_narrow(terms_from_mapping(old), terms_from_mapping({"access": "open"}))


OUTCOMES = st.sampled_from(["clear", "accepted", "doubtful", "confirmed", "refused", "missing", "nonsense"])


@given(st.dictionaries(st.text("abcdef", min_size=4, max_size=4), OUTCOMES, max_size=4), st.data())
def test_publication_is_denied_by_default(identities: dict[str, str], data: st.DataObject) -> None:
    """Only data that are there, clear or accepted, warranted and described are published."""
    warranted = frozenset(data.draw(st.lists(st.sampled_from(sorted(identities)), unique=True)) if identities else ())
    missing = data.draw(st.lists(st.just(Text("説明", "description")), max_size=1))
    found = rules.publication_problems(rules.Publishing(identities=identities, warranted=warranted, missing=missing))
    good = (
        bool(identities)
        and set(identities.values()) <= {"clear", "accepted"}
        and set(identities) == warranted
        and not missing
    )
    assert (found == []) == good
    assert len({problem.code for problem in found}) == len(found)


def test_texts_are_needed_and_have_a_limit() -> None:
    """An empty reason and an endless one are refused with what was meant."""
    what = Text("理由", "reason")
    assert rules.must_write("  よい \n", what) == "よい"
    assert rules.must_write("よ\x00い", what) == "よい"
    with pytest.raises(errors.ReasonNeeded):
        rules.must_write("\x00 ", what)
    with pytest.raises(errors.ReasonNeeded) as caught:
        rules.must_write(" \n", what)
    assert "理由" in caught.value.detail_in("ja")
    with pytest.raises(errors.TextTooLong):
        rules.must_write("あ" * 4001, what)
    assert rules.may_write("", what) == ""


def test_badges_tell_offers_apart() -> None:
    """Search can tell what may be done from short codes."""
    assert rules.badges(terms_from_mapping({"access": "open"})) == ("commercial", "secondary-use", "redistribution")
    assert rules.badges(conditional(purposes=["research"], attribution="required", secondary_use="forbidden")) == (
        "reviewed",
        "attribution",
    )
