"""Search: words, facets, results; an empty result teaches."""

from __future__ import annotations

from typing import get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import SearchPage, SortOrder
from tdpf.faces.portal import interest
from tdpf.kit.clock import now
from tdpf.kit.pages import Page

_FACETS = (
    "themes", "areas", "formats", "access", "purposes", "providers", "licences", "frequencies", "origins", "sites",
    "stars", "mqa_bands", "rate_bands", "link_states",
)  # fmt: skip
_LIMIT = 20
_LONGEST_QUERY = 200


def search(request: HttpRequest) -> HttpResponse:
    """Show what fits the words and the chosen facets."""
    words = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    sort: SortOrder = "relevance" if words else "newest"
    asked = request.GET.get("sort", "")
    for order in get_args(SortOrder):
        if order == asked:
            sort = order
    filters = catalog.search_filters(dict(request.GET.lists()), now=now())
    found = catalog.search(words, filters=filters, sort=sort, offset=_offset(request), limit=_LIMIT)
    interest.note_search(request, words, found)
    context = {
        "query": {"text": words},
        "found": found,
        "page": Page(items=found.hits, total=found.total, offset=found.offset, limit=found.limit),
        "sort": sort,
        "sorts": [("relevance", _("関連の強い順")), ("newest", _("新しい順")), ("title", _("題名順"))],
        "chosen": _chosen(request, found),
        "newest": catalog.list_datasets(limit=5).items if not found.total else (),
        "trail": [(_("さがす"), "")],
    }
    return render(request, "portal/search.html", context)


def _offset(request: HttpRequest) -> int:
    try:
        return max(0, min(10_000, int(request.GET.get("offset", "0"))))
    except ValueError:
        return 0


def _chosen(request: HttpRequest, found: SearchPage) -> list[dict[str, object]]:
    """Return the chosen facet values, each with the query string that lets it go."""
    labels = {(facet.name, value.code): value.label for facet in found.facets for value in facet.values}
    chips: list[dict[str, object]] = []
    for name in (*_FACETS, "located"):
        for code in request.GET.getlist(name):
            rest = request.GET.copy()
            rest.pop("offset", None)
            rest.setlist(name, [other for other in rest.getlist(name) if other != code])
            label = labels.get((name, code), code)
            chips.append({"label": label, "without": rest.urlencode()})
    return chips
