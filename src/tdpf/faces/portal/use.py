"""Use of data for pages: the last days with their chart, and the same numbers as CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.http import HttpResponse

from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.metering.types import DayUse
from tdpf.faces.portal.charts import chart_of
from tdpf.kit import clock

DAYS_SHOWN = 31
DAYS_IN_FILE = 366


def use_context(read: Callable[[date, date], Sequence[DayUse]], csv_address: str) -> dict[str, object]:
    """Return what `components/use.html` needs for the last days up to today in Japan."""
    today = clock.jst_date(clock.now())
    days = read(today - timedelta(days=DAYS_SHOWN - 1), today)
    return {"use": days, "chart": chart_of(days), "csv": csv_address}


def use_csv(read: Callable[[date, date], Sequence[DayUse]], name: str) -> HttpResponse:
    """Return a year of daily use as a CSV file for Excel (UTF-8 with a byte order mark)."""
    today = clock.jst_date(clock.now())
    body = metering.daily_csv(read(today - timedelta(days=DAYS_IN_FILE - 1), today))
    response = HttpResponse("\ufeff" + body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def used(read: Callable[[date, date], Sequence[DayUse]]) -> tuple[int, int]:
    """Return the calls of today and of this month in Japan."""
    today = clock.jst_date(clock.now())
    days = read(today.replace(day=1), today)
    return next((day.calls for day in days if day.day == today), 0), sum(day.calls for day in days)
