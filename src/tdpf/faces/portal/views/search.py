"""Search: words, facets, results; an empty result teaches."""

from __future__ import annotations

from typing import get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import SearchPage, SortOrder
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal import interest
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.drawing import drawn
from tdpf.faces.portal.examples import example_words
from tdpf.faces.portal.facet_boxes import facet_boxes
from tdpf.faces.portal.result_lines import result_lines
from tdpf.faces.portal.standing import operator_page, standing_of
from tdpf.faces.portal.templatetags.portal import grouped
from tdpf.kit.clock import now
from tdpf.kit.pages import Page

_FACETS = (
    "themes", "areas", "formats", "access", "purposes", "providers", "licences", "frequencies", "origins", "sites",
    "stars", "mqa_bands", "rate_bands", "link_states",
)  # fmt: skip
_FRESHNESS = ("30", "365", "1095")
_LIMIT = 20
_LONGEST_QUERY = 300


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
        "total": found.total,
        "suggestion": found.suggestion,
        "understood": found.understood,
        "relaxed": found.relaxed,
        "facets_exact": found.facets_exact,
        "page": Page(
            items=range(len(found.hits)),
            total=found.total,
            offset=found.offset,
            limit=found.limit,
            reachable=found.reachable,
        ),
        "sort": sort,
        "sorts": _sorts,
        "facets": facet_boxes(found.facets),
        "fresh": _freshness(request, found),
        "freshness": _freshness_offered,
        "title": _("「%(words)s」の検索結果") % {"words": words} if words else _("データをさがす"),
        "told_total": _("%(total)s件") % {"total": grouped(found.total)},
        "places": _places(found),
        "asked": request.GET.urlencode(),
        "lines": result_lines(found.hits, why=words if standing_of(request).is_operator else ""),
        "chosen": _chosen(request, found),
        "newest": catalog.newest_datasets(limit=5) if not found.total else (),
        "examples": example_words(),
        "trail": [(_("さがす"), "")],
    }
    return drawn(request, "portal/search.html", context)


def suggest(request: HttpRequest) -> HttpResponse:
    """Return what may be meant by the letters typed so far, as options of the search box."""
    typed = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    found = catalog.suggest(typed) if typed else ()
    # Browsers offer only options whose value or label holds what was typed: readings and spellings need it there.
    response = render(request, "portal/search_suggestions.html", {"suggestions": found, "typed": typed})
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


def _sorts() -> list[tuple[str, str]]:
    return [
        ("relevance", _("関連の強い順")),
        ("newest", _("新しい順")),
        ("title", _("題名順")),
        ("quality", _("説明の充実した順")),
    ]


def _freshness_offered() -> list[tuple[str, str]]:
    return [("", _("いつでも")), ("30", _("30日以内")), ("365", _("1年以内")), ("1095", _("3年以内"))]


def _freshness(request: HttpRequest, found: SearchPage) -> str:
    """Return the offered number of days that was chosen, "" for none, "other" for one that is not offered."""
    asked = request.GET.get("fresh", "")
    return asked if asked in _FRESHNESS else "other" if found.filters.modified_from else ""


def _places(found: SearchPage) -> str:
    names = "、".join(catalog.area_label(code).in_(page_language()) for code in found.understood_areas)
    return _("場所として読んだことば: %(names)s") % {"names": names} if names else ""


def _offset(request: HttpRequest) -> int:
    try:
        return max(0, min(1_000_000, int(request.GET.get("offset", "0"))))
    except ValueError:
        return 0


def _chosen(request: HttpRequest, found: SearchPage) -> list[dict[str, object]]:
    """Return the chosen facet values, each with the query string that lets it go."""
    chosen = ((facet.name, value) for facet in found.facets for value in facet.values if value.chosen)
    labels = {(name, value.code): value.label for name, value in chosen}
    chips: list[dict[str, object]] = []
    for name in (*_FACETS, "located"):
        for code in request.GET.getlist(name):
            rest = request.GET.copy()
            rest.pop("offset", None)
            rest.setlist(name, [other for other in rest.getlist(name) if other != code])
            label = labels.get((name, code), code)
            chips.append({"label": label, "without": rest.urlencode()})
    return chips
