"""The front page: one search box, four doors, what is new, true numbers."""

from __future__ import annotations

from datetime import date

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.metering import queries as metering
from tdpf.faces.portal.examples import example_words
from tdpf.kit import clock

_NEWEST = 5
_REMEMBERED_SECONDS = 60


def home(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    published = catalog.list_datasets(limit=1)
    today = clock.jst_date(clock.now())
    context = {
        "newest": catalog.newest_datasets(limit=_NEWEST),
        "examples": example_words(),
        "datasets": published.total,
        "providers": _providers(),
        "calls": cache.get_or_set(f"portal:calls:{today}", lambda: _calls(today), _REMEMBERED_SECONDS),
        "today": today,
    }
    return render(request, "portal/home.html", context)


def _calls(today: date) -> int:
    """Return the calls of this month in Japan."""
    return metering.calls_of_all(today.replace(day=1), today)


def _providers() -> int | None:
    """Return how many offer something at present, as the search index counts them; None before it is ready."""
    if not catalog.search_is_ready():
        return None
    facets = catalog.search("", limit=1).facets
    return next((len(facet.values) for facet in facets if facet.name == "providers"), None)
