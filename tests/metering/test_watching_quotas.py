"""Quotas are watched where use is known: from the gateways' counters to one letter per mark."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from exchange_scene import agreement, consumer, offer, operator, provider, request_, shelf, told

from tdpf.controlplane.exchange import events
from tdpf.controlplane.exchange.types import AgreementView, QuotaUse
from tdpf.controlplane.metering import queries, rules, services, tasks
from tdpf.kit import clock
from tdpf.wire.messages import CounterReading

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
__all__ = ["agreement", "consumer", "offer", "operator", "provider", "request_", "shelf"]


def count(number: int, used: int, day: date, gateway: str = "g1") -> None:
    """Let a gateway report a counter of an agreement."""
    services.ingest_counters(readings=[CounterReading(gateway, number, 1001, 7, rules.day_number(day), used)])


def test_use_is_summed_over_gateways_days_and_the_month_in_japan() -> None:
    """Nothing of the month before or of a day to come; open data have no agreement; a refused day adds no call."""
    instant = datetime(2026, 11, 20, 15, tzinfo=UTC)
    use = {date(2026, 10, 31): 1000, date(2026, 11, 1): 100, date(2026, 11, 21): 7, date(2026, 11, 22): 500}
    for day, used in use.items():
        count(5, used, day)
    count(5, 3, date(2026, 11, 21), "g2")
    count(6, 50, date(2026, 11, 20))
    count(8, 0, date(2026, 11, 21))
    count(0, 9, date(2026, 11, 21))
    assert queries.quota_use(instant) == [QuotaUse(5, today=10, month=110), QuotaUse(6, today=0, month=50)]
    assert queries.quota_use(instant - timedelta(seconds=1)) == [
        QuotaUse(5, today=0, month=100),
        QuotaUse(6, today=50, month=50),
    ]


def test_a_consumer_is_told_once_however_often_the_counters_are_read(agreement: AgreementView) -> None:
    """The worker's task looks again and again, at readings that come again or run behind."""
    today = clock.jst_date(clock.now())
    told_of = []
    for used in (849, 850, 850, 600, 999, 1000, 1000):
        count(agreement.number, used, today)
        tasks.watch_quotas()
        told_of.append([event.payload["mark"] for event in told(events.QuotaReached)])
    assert told_of == [[], [85], [85], [85], [85], [85, 100], [85, 100]]
