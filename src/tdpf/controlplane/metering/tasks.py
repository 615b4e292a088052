"""What metering does by itself."""

from __future__ import annotations

from datetime import timedelta

from tdpf.controlplane.exchange import services as exchange
from tdpf.controlplane.metering import queries, services
from tdpf.djangokit import jobs
from tdpf.kit import clock

INTEREST_DAYS = 400


@jobs.every(seconds=86_400, name="metering.forget_old_leases")
def forget_old_leases() -> None:
    """Forget who held what of quotas whose day or month is over."""
    services.forget_old_leases(day=clock.jst_day_number(clock.now()), month=clock.jst_month_number(clock.now()))


@jobs.every(seconds=60, name="metering.watch_quotas")
def watch_quotas() -> int:
    """Report to exchange how far quotas are used, and return of how many there was something to tell."""
    instant = clock.now()
    return exchange.tell_quota_use(uses=queries.quota_use(instant), now=instant)


@jobs.every(seconds=600, name="metering.reconcile")
def reconcile() -> None:
    """Compare the log with the counters for today and yesterday (JST)."""
    today = clock.jst_date(clock.now())
    for day in (today - timedelta(days=1), today):
        services.reconcile(day=day)


@jobs.every(seconds=86_400, name="metering.forget_old_interest")
def forget_old_interest() -> None:
    """Keep figures of attention for a little more than a year."""
    services.forget_old_interest(before=clock.jst_date(clock.now()) - timedelta(days=INTEREST_DAYS))
