"""Pure decisions about quotas: how much is used, and what of it is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tdpf.controlplane.exchange.types import QuotaPeriod, QuotaState, QuotaUse
from tdpf.kit import clock

QUOTA_MARKS = (85, 100)
"""Per cent of a quota at which its consumer is told."""


def mark_reached(used: int, limit: int) -> int:
    """Return the highest mark that `used` calls of `limit` have reached, 0 for none or where there is no limit."""
    return max((mark for mark in QUOTA_MARKS if limit > 0 and used * 100 >= limit * mark), default=0)


def mark_to_tell(state: QuotaState, *, told: tuple[int, int] | None) -> int:
    """Return the mark to tell of now, 0 for none; `told` is the period last told of and the mark told then.

    Of marks reached at once the highest is told alone; a mark is told once in a period, and nothing of a period that
    lies before the one last told of.
    """
    number, mark = told or (state.number, 0)
    if state.number < number:
        return 0
    return state.mark if state.number > number or state.mark > mark else 0


def quota_states(*, quota_day: int, quota_month: int, use: QuotaUse, instant: datetime) -> list[QuotaState]:
    """Return how the quotas of an agreement stand at an instant, the day's first; a quota of 0 is none."""
    today = clock.jst_date(instant)
    found = []
    if quota_day:
        found.append(
            QuotaState(
                QuotaPeriod.DAY, clock.jst_day_number(instant), use.today, quota_day,
                mark_reached(use.today, quota_day), today + timedelta(days=1),
            )
        )  # fmt: skip
    if quota_month:
        found.append(
            QuotaState(
                QuotaPeriod.MONTH, clock.jst_month_number(instant), use.month, quota_month,
                mark_reached(use.month, quota_month), _first_of_next_month(today),
            )
        )  # fmt: skip
    return found


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
