"""Interest is counted without names, and never lost by a busy ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.metering import queries, rules, services
from tdpf.controlplane.metering.errors import BadPeriod
from tdpf.controlplane.metering.interest import InterestCounter, Key, counter, write_sums
from tdpf.controlplane.metering.types import Interest, InterestKind
from tdpf.kit import clock

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_what_was_noted_is_added_up_by_day_and_words() -> None:
    today = clock.jst_date(clock.now())
    for words in ("トイレ　新宿", "ﾄｲﾚ 新宿", "トイレ 新宿"):
        services.note_interest(interest=Interest(InterestKind.OPENED, 7, words))
    services.note_interest(interest=Interest(InterestKind.SEEN, 7))
    for words in ("宇宙港", "宇宙港", "一度だけ"):
        services.note_interest(interest=Interest(InterestKind.FOUND_NOTHING, words=words))
        services.note_interest(interest=Interest(InterestKind.SEARCHED, words=words))
    services.note_interest(interest=Interest(InterestKind.OPENED, 8, "一度だけ"))
    counter.flush()
    services.note_interest(interest=Interest(InterestKind.SEEN, 7))
    counter.flush()
    assert queries.interest_in([7, 8], today, today)[7].seen == 2
    assert queries.interest_in([7, 8], today, today)[8].seen == 0
    assert [(entry.words, entry.times) for entry in queries.words_that_led_to([7], today, today)] == [
        ("トイレ 新宿", 3)
    ]
    assert [entry.words for entry in queries.words_that_found_nothing(today, today)] == ["宇宙港"]
    assert [entry.words for entry in queries.words_searched(today, today)] == ["宇宙港"]
    assert [entry.words for entry in queries.words_that_led_to([8], today, today)] == ["一度だけ"]
    assert len(queries.words_that_found_nothing(today, today, at_least=1)) == 2


def test_the_period_is_checked() -> None:
    with pytest.raises(BadPeriod):
        queries.words_searched(date(2026, 2, 1), date(2026, 1, 1))


def test_what_is_old_is_forgotten() -> None:
    today = clock.jst_date(clock.now())
    write_sums({(rules.day_number(today) - 500, InterestKind.SEEN, 7, ""): 3})
    assert services.forget_old_interest(before=today - timedelta(days=400)) == 1


def test_sums_are_written_all_or_none() -> None:
    today = clock.jst_date(clock.now())
    day = rules.day_number(today)
    broken: Key = (day + 1, InterestKind.SEEN, 8, None)  # type: ignore[assignment]  # refused by the ledger
    with pytest.raises(IntegrityError):
        write_sums({(day, InterestKind.SEEN, 7, ""): 3, broken: 1})
    assert queries.interest_in([7], today, today)[7].seen == 0


def test_a_ledger_that_is_away_loses_nothing() -> None:
    written: list[Mapping[Key, int]] = []
    faults = [True]

    def write(sums: Mapping[Key, int]) -> None:
        if faults:
            faults.pop()
            raise OSError("away")
        written.append(dict(sums))

    key: Key = (20_000, InterestKind.SEEN, 7, "")
    own = InterestCounter(write, seconds=3600)
    own.add(key)
    own.flush()
    own.add(key)
    own.flush()
    assert written == [{key: 2}]


@pytest.mark.parametrize(
    "text", ["hanako@example.jp", "090-1234-5678", "https://example.jp/a", "1234 5678", "あ" * 101]
)
def test_what_may_name_somebody_is_not_kept(text: str) -> None:
    assert rules.kept_words(text) == ""


@given(st.text(max_size=200))
def test_kept_words_fit_and_stay(text: str) -> None:
    kept = rules.kept_words(text)
    assert len(kept) <= 100
    assert kept.isprintable()
