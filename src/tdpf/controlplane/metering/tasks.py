"""What metering does by itself."""

from __future__ import annotations

from datetime import timedelta

from tdpf.controlplane.metering import services
from tdpf.djangokit import jobs
from tdpf.kit import clock

INTEREST_DAYS = 400


@jobs.every(seconds=86_400, name="metering.forget_old_leases")
def forget_old_leases() -> None:
    """Forget who held what of quotas whose day or month is over."""
    services.forget_old_leases(day=clock.jst_day_number(clock.now()), month=clock.jst_month_number(clock.now()))


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
