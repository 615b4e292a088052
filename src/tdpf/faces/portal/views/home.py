"""The front page: one search box, four doors, what is new, true numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.metering import queries as metering
from tdpf.kit import clock

_NEWEST = 5


def home(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    published = catalog.list_datasets(limit=_NEWEST)
    everything = catalog.search("", limit=1)
    providers = next((facet.values for facet in everything.facets if facet.name == "providers"), ())
    today = clock.jst_date(clock.now())
    context = {
        "newest": published.items,
        "datasets": published.total,
        "providers": len(providers),
        "calls": metering.calls_of_platform(today.replace(day=1), today),
        "today": today,
    }
    return render(request, "portal/home.html", context)
