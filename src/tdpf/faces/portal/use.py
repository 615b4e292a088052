"""Use of data for pages: by day or by hour as charts and as a table, the last calls, and the same numbers as CSV."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.metering.types import CallSeen, DayUse
from tdpf.faces.portal.charts import MEASURES, Chart, Slot, charts_of
from tdpf.faces.portal.templatetags.portal import jst_day
from tdpf.kit import clock

DAYS_SHOWN = 31
DAYS_IN_FILE = 366
LAST_CALLS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class UseShown:
    """What `components/use.html` shows: the slots with their charts, the sums, and which day's hours they are (None: days)."""

    slots: list[Slot]
    charts: list[Chart]
    hours_of: date | None
    before: date | None
    after: date | None
    calls: int
    bytes: int
    errors: int
    today: date


def use_context(request: HttpRequest, side: metering.Side, number: int, *, page: str, csv: str) -> dict[str, object]:
    """Return what `components/use.html` needs: the last days up to today in Japan, or the hours of one of them."""
    today = clock.jst_date(clock.now())
    first = today - timedelta(days=DAYS_SHOWN - 1)
    day = _asked_day(request, first, today)
    if day is None:
        days = _DAILY[side](number, first, today)
        slots = [Slot(f"{use.day.month}/{use.day.day}", jst_day(use.day), use) for use in days]
    else:
        hours = metering.use_by_hour(side, number, day)
        slots = [Slot(str(hour), _("%(hour)d時台") % {"hour": hour}, use) for hour, use in enumerate(hours)]
    # Under one agreement or in one application there is one caller.
    measures = [measure for measure in MEASURES if measure != "consumers" or side == "dataset"]
    shown = UseShown(
        slots=slots,
        charts=charts_of(slots, measures),
        hours_of=day,
        before=day - timedelta(days=1) if day and day > first else None,
        after=day + timedelta(days=1) if day and day < today else None,
        calls=sum(slot.use.calls for slot in slots),
        bytes=sum(slot.use.bytes for slot in slots),
        errors=sum(slot.use.errors for slot in slots),
        today=today,
    )
    return {"use": shown, "csv": csv, "use_page": page, "side": side}


_DAILY: dict[metering.Side, Callable[[int, date, date], list[DayUse]]] = {
    "dataset": metering.use_of_dataset,
    "application": metering.use_of_application,
    "agreement": metering.use_of_agreement,
}


def _asked_day(request: HttpRequest, first: date, today: date) -> date | None:
    """Return the day whose hours are asked for; one that is not shown is today, and none is the view by days."""
    text = request.GET.get("day", "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if first <= day <= today else today


def last_calls(applications: Collection[int], *, dataset: int | None = None) -> list[CallSeen]:
    """Return the last requests of some applications, the newest first."""
    return metering.recent_calls(applications, dataset=dataset, limit=LAST_CALLS_SHOWN)


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
