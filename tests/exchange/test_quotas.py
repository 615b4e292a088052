"""Quotas: what of their use is told, and that it is told once."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
from exchange_scene import told
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.exchange import events, quotas, services
from tdpf.controlplane.exchange.types import AgreementView, QuotaPeriod, QuotaState, QuotaUse
from tdpf.controlplane.members.types import Standing
from tdpf.kit.clock import JST

NOON = datetime(2026, 11, 28, 12, tzinfo=JST)


@given(
    limit=st.integers(0, 400),
    reports=st.lists(st.tuples(st.integers(20_000, 20_003), st.integers(0, 500)), max_size=40),
)
def test_each_mark_is_told_once_in_its_period(limit: int, reports: list[tuple[int, int]]) -> None:
    """In whatever order and however often use is reported, of several marks at once the highest alone."""
    last: tuple[int, int] | None = None
    found: dict[int, list[int]] = defaultdict(list)
    begun = 0
    for number, used in reports:
        mark = quotas.mark_reached(used, limit)
        news = quotas.mark_to_tell(
            QuotaState(QuotaPeriod.DAY, number, used, limit, mark, date(2026, 11, 28)), told=last
        )
        if news:
            assert number >= begun
            assert news == mark
            found[number].append(news)
            last, begun = (number, news), number
        elif number >= begun:
            assert mark <= max(found.get(number, ()), default=0), "what was reached has been told"
    for marks in found.values():
        assert marks in ([85], [100], [85, 100])


@given(used=st.integers(0, 10**15), limit=st.integers(1, 10**15))
def test_a_mark_is_a_share_of_the_quota_and_never_rounded_up(used: int, limit: int) -> None:
    """100 means that nothing is left, 85 that at most 15 per cent are."""
    mark = quotas.mark_reached(used, limit)
    assert (mark == 100) == (used >= limit)
    assert (mark >= 85) == ((limit - used) * 100 <= 15 * limit)


@pytest.mark.parametrize(
    ("instant", "day", "month"),
    [
        (datetime(2026, 11, 30, 14, 59, tzinfo=UTC), date(2026, 12, 1), date(2026, 12, 1)),
        (datetime(2026, 11, 30, 15, 0, tzinfo=UTC), date(2026, 12, 2), date(2027, 1, 1)),
        (datetime(2026, 12, 31, 14, 59, tzinfo=UTC), date(2027, 1, 1), date(2027, 1, 1)),
        (datetime(2028, 2, 29, 3, 0, tzinfo=UTC), date(2028, 3, 1), date(2028, 3, 1)),
    ],
)
def test_quotas_begin_anew_at_midnight_in_japan(instant: datetime, day: date, month: date) -> None:
    """The day's quota on the next day, the month's on the first of the next month."""
    states = quotas.quota_states(quota_day=10, quota_month=100, use=QuotaUse(1, 9, 9), instant=instant)
    assert [(state.period, state.renews_on, state.mark) for state in states] == [
        (QuotaPeriod.DAY, day, 85),
        (QuotaPeriod.MONTH, month, 0),
    ]
    assert quotas.quota_states(quota_day=0, quota_month=0, use=QuotaUse(1, 9, 9), instant=instant) == []


def report(agreement: AgreementView, today: int, month: int, instant: datetime = NOON) -> list[tuple[str, int]]:
    """Report use, and return what the announced events say that were not there before."""
    before = len(told(events.QuotaReached))
    count = services.tell_quota_use(uses=[QuotaUse(agreement.number, today, month)], now=instant)
    new = [(event.payload["period"], event.payload["mark"]) for event in told(events.QuotaReached)[before:]]
    assert bool(count) == bool(new)
    return new


@pytest.mark.django_db
def test_a_day_and_a_month_are_told_of_once_each(agreement: AgreementView) -> None:
    """1,000 calls a day and 20,000 a month: nothing below, each mark once, the next day anew, the month not."""
    assert report(agreement, 849, 849) == []
    assert report(agreement, 850, 850) == [("day", 85)]
    assert report(agreement, 850, 850) == report(agreement, 999, 999) == report(agreement, 10, 10) == []
    assert report(agreement, 1000, 17_000) == [("day", 100), ("month", 85)]
    assert report(agreement, 1000, 17_000) == report(agreement, 850, 17_500) == []
    tomorrow = NOON + timedelta(days=1)
    assert report(agreement, 1000, 18_000, tomorrow) == [("day", 100)]
    assert report(agreement, 1000, 18_000, NOON) == [], "what is read again of a day gone by is not told again"
    assert report(agreement, 900, 20_000, tomorrow) == [("month", 100)]
    assert report(agreement, 0, 17_000, NOON + timedelta(days=30)) == [("month", 85)]


@pytest.mark.django_db
def test_the_event_says_what_was_used_of_what_and_whose(agreement: AgreementView) -> None:
    """Enough for a letter without another look at the ledger."""
    report(agreement, 912, 912)
    event = told(events.QuotaReached)[0]
    assert (event.actor, event.subject) == ("system", f"agreement:{agreement.uid}")
    assert {key: event.payload[key] for key in ("period", "mark", "used", "limit", "renews_on")} == {
        "period": "day", "mark": 85, "used": 912, "limit": 1000, "renews_on": "2026-11-29",
    }  # fmt: skip


@pytest.mark.django_db
def test_only_agreements_in_force_are_told_of(agreement: AgreementView, consumer: Standing, operator: Standing) -> None:
    """A suspended one is told when it goes on, an ended one never; a number that is no agreement harms nothing."""
    services.suspend_agreement(actor=operator, agreement_uid=agreement.uid, reason="確認")
    assert report(agreement, 1000, 1000) == []
    services.lift_agreement_suspension(actor=operator, agreement_uid=agreement.uid, reason="済")
    uses = [QuotaUse(number, 1000, 1000) for number in range(agreement.number, agreement.number + 1200)]
    assert services.tell_quota_use(uses=uses, now=NOON) == 1
    services.end_agreement(actor=consumer, agreement_uid=agreement.uid)
    assert report(agreement, 1000, 20_000, NOON + timedelta(days=1)) == []
