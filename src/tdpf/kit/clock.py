"""Instants are aware and in UTC; days and months begin at midnight in Japan."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")
_EPOCH = date(1970, 1, 1)


def now() -> datetime:
    """Return the present instant, aware, in UTC. Rules never call this: they are given the instant."""
    return datetime.now(UTC)


def jst_date(instant: datetime) -> date:
    """Return the calendar day in Japan on which the aware instant falls."""
    return instant.astimezone(JST).date()


def jst_day_number(instant: datetime) -> int:
    """Return days since 1970-01-01, counted by midnights in Japan."""
    return (jst_date(instant) - _EPOCH).days


def jst_month_number(instant: datetime) -> int:
    """Return `year * 12 + month - 1` of the instant's month in Japan."""
    day = jst_date(instant)
    return day.year * 12 + day.month - 1


def jst_midnight(day: date) -> datetime:
    """Return the instant at which the given day begins in Japan."""
    return datetime(day.year, day.month, day.day, tzinfo=JST)
