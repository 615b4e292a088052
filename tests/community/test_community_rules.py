"""The community's decisions, over everything that may come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.community import errors, rules
from tdpf.controlplane.community.types import DataRequestState, FeedbackKind, FeedbackState, Pace, Visibility
from tdpf.kit.clock import JST

instants = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))
STEPS = ["review", "send", "promised", "published", "not_possible", "withdraw", "merge"]


@given(st.sampled_from(list(DataRequestState)), st.sampled_from(STEPS))
def test_a_step_is_taken_exactly_where_it_is_offered(state: DataRequestState, step: str) -> None:
    if step in rules.steps_from(state):
        assert rules.request_after(state, step) is not DataRequestState.UNCONFIRMED
    else:
        with pytest.raises(errors.WrongStep):
            rules.request_after(state, step)


@given(st.lists(st.sampled_from(STEPS)))
def test_what_is_over_stays_over(steps: list[str]) -> None:
    state = DataRequestState.NEW
    for step in steps:
        over = state in (DataRequestState.WITHDRAWN, DataRequestState.MERGED, DataRequestState.PUBLISHED)
        if step in rules.steps_from(state):
            assert not over
            state = rules.request_after(state, step)


@given(st.sampled_from(list(FeedbackState)), st.text(max_size=12), st.booleans())
def test_only_an_answer_answers(state: FeedbackState, answer: str, closed: bool) -> None:
    good = answer in ("answered", "mended", "declined") and not closed and state is not FeedbackState.UNCONFIRMED
    if good:
        assert rules.feedback_after(state, answer, closed=closed) == answer
    else:
        with pytest.raises((errors.WrongStep, errors.WordsInvalid)):
            rules.feedback_after(state, answer, closed=closed)


@given(st.sampled_from(list(Visibility)), st.sampled_from(list(FeedbackKind)))
def test_an_answer_never_shows_what_was_hidden(now: Visibility, kind: FeedbackKind) -> None:
    after = rules.visibility_after_answer(now, kind)
    assert (after is Visibility.HIDDEN) == (now is Visibility.HIDDEN)
    assert after is now or (now is Visibility.HELD and kind is not FeedbackKind.REUSE)


@given(st.sampled_from(list(FeedbackKind)))
def test_a_strangers_words_are_never_shown_at_once(kind: FeedbackKind) -> None:
    assert rules.first_visibility(kind, by_visitor=True) is Visibility.HELD


@given(st.lists(instants, max_size=30), instants)
def test_nobody_writes_faster_than_allowed(earlier: list[datetime], now: datetime) -> None:
    hour = sum(now - timedelta(hours=1) < at for at in earlier)
    day = sum(now - timedelta(days=1) < at for at in earlier)
    if hour >= rules.STRANGER_HOURLY or day >= rules.STRANGER_DAILY:
        with pytest.raises(errors.TooMuchAtOnce):
            rules.must_be_slow_enough(earlier, now)
    else:
        rules.must_be_slow_enough(earlier, now)


@given(instants)
def test_digests_are_due_in_the_morning_of_tokyo(now: datetime) -> None:
    for pace, longest in ((Pace.DAILY, timedelta(days=1)), (Pace.WEEKLY, timedelta(days=7))):
        due = rules.digest_boundary(pace, now)
        assert timedelta(0) <= now - due < longest
        assert due.astimezone(JST).hour == 7
    assert rules.digest_boundary(Pace.WEEKLY, now).astimezone(JST).weekday() == 0


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_a_share_and_mutual(one: str, other: str) -> None:
    a, b = rules.bigrams(one), rules.bigrams(other)
    assert 0 <= rules.likeness(a, b) <= 1
    assert rules.likeness(a, b) == rules.likeness(b, a)
    assert not a or rules.likeness(a, a) == 1


@given(st.text(max_size=200))
def test_tidied_words_hold_nothing_that_plays_tricks(text: str) -> None:
    tidy = rules.tidy(text)
    assert not rules.CONTROL.search(tidy)
    assert rules.tidy(tidy) == tidy
    assert "\n" not in rules.one_line(text)


@given(st.text(max_size=60))
def test_an_address_that_is_let_through_is_one_for_the_web(url: str) -> None:
    if not rules.url_faults("url", url, needed=True):
        assert url.startswith(("http://", "https://", "HTTP", "Http", "hTTP")) or url.lower().startswith("http")
        assert '"' not in url
        assert " " not in url


def test_a_search_is_followed_by_the_pages_address_or_the_apis() -> None:
    assert rules.canonical_search("?theme=safety&publisher=x&limit=5") == "providers=x&themes=safety"
    assert rules.canonical_search("themes=safety&providers=x") == "providers=x&themes=safety"
