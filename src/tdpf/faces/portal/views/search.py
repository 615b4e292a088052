"""Search: words, facets, results; an empty result teaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import Facet, SearchPage, SortOrder
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal import interest
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.examples import example_words
from tdpf.faces.portal.facet_boxes import boxes
from tdpf.faces.portal.result_lines import result_lines
from tdpf.faces.portal.standing import operator_page, standing_of
from tdpf.kit.clock import now
from tdpf.kit.pages import Page

_FACETS = (
    "themes", "areas", "formats", "access", "purposes", "providers", "licences", "frequencies", "origins", "sites",
    "stars", "mqa_bands", "rate_bands", "link_states",
)  # fmt: skip
_FRESHNESS = ("30", "365", "1095")
_LIMIT = 20
_LONGEST_QUERY = 300
_SHOWN, _MORE = 6, 30
_OPEN_FACETS = ("themes", "areas", "formats", "access", "origins")


@dataclass(frozen=True, slots=True)
class Choices:
    """One facet as it is drawn: the values shown at once, those behind “more”, and whether it stands open."""

    name: str
    label: str
    shown: SafeString
    more: SafeString
    left_out: int
    is_open: bool


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
        "page": Page(
            items=found.hits,
            total=found.total,
            offset=found.offset,
            limit=found.limit,
            reachable=found.reachable,
        ),
        "sort": sort,
        "sorts": [
            ("relevance", _("関連の強い順")),
            ("newest", _("新しい順")),
            ("title", _("題名順")),
            ("quality", _("説明の充実した順")),
        ],
        "facets": [_choices(facet) for facet in found.facets if len(facet.values) > 1 or _has_choice(facet)],
        "freshness": [(days, label, days == request.GET.get("fresh", "")) for days, label in _fresh_choices()],
        "places": [catalog.area_label(code).in_(page_language()) for code in found.understood_areas],
        "lines": result_lines(found.hits, why=words if standing_of(request).is_operator else ""),
        "chosen": _chosen(request, found),
        "newest": catalog.newest_datasets(limit=5) if not found.total else (),
        "examples": example_words(),
        "trail": [(_("さがす"), "")],
    }
    return render(request, "portal/search.html", context)


def suggest(request: HttpRequest) -> HttpResponse:
    """Return what may be meant by the letters typed so far, as options of the search box."""
    typed = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    found = catalog.suggest(typed) if typed else ()
    response = render(request, "portal/search_suggestions.html", {"suggestions": found})
    response["Cache-Control"] = "public, max-age=60"
    return response


@operator_page
def why(request: HttpRequest, slug: str) -> HttpResponse:
    """Show operators why a dataset stands where it does for some words."""
    words = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    page = catalog.dataset_page(slug, standing_of(request))
    explanation = catalog.explain_hit(words, dataset_uid=page.uid)
    if explanation is None:
        raise PageNotFound(path=request.path)
    trail = [(_("さがす"), f"{reverse('search')}?{request.GET.urlencode()}"), (_("並びのわけ"), "")]
    context = {"page": page, "words": words, "explanation": explanation, "trail": trail}
    return render(request, "portal/search_why.html", context)


def _fresh_choices() -> list[tuple[str, str]]:
    return [("", _("いつでも")), ("30", _("30日以内")), ("365", _("1年以内")), ("1095", _("3年以内"))]


def _has_choice(facet: Facet) -> bool:
    return any(value.chosen for value in facet.values)


def _choices(facet: Facet) -> Choices:
    """Chosen values come first, then the most frequent; a facet of a thousand values does not fill the page."""
    language = page_language()
    ordered = sorted(facet.values, key=lambda value: not value.chosen)
    return Choices(
        name=facet.name,
        label=facet.label.in_(language),
        shown=boxes("f", facet.name, ordered[:_SHOWN], language=language),
        more=boxes("m", facet.name, ordered[_SHOWN : _SHOWN + _MORE], language=language),
        left_out=max(0, len(facet.values) - _SHOWN - _MORE),
        is_open=facet.name in _OPEN_FACETS or _has_choice(facet),
    )


def _offset(request: HttpRequest) -> int:
    try:
        return max(0, min(1_000_000, int(request.GET.get("offset", "0"))))
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
