"""Searching the catalog by program: the same answers as the page gives."""

from __future__ import annotations

import inspect
from collections import defaultdict
from dataclasses import asdict
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Query, Router
from pydantic import BeforeValidator

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import Facet, SearchFilters, SearchHit, SearchPage
from tdpf.faces.api.credentials import reader_of
from tdpf.faces.api.v1 import shapes
from tdpf.faces.api.v1.asked import as_written, refuse_strange, refuse_unknown
from tdpf.faces.api.v1.listing import Limit, Offset, framed
from tdpf.kit.clock import now
from tdpf.kit.pages import Page
from tdpf.kit.text import Text

router = Router(tags=["catalog"])
PATH = "/api/v1/search"
_SHOWN = tuple(name for name in shapes.Hit.model_fields if name != "why")
_parts = attrgetter(*_SHOWN)

Words = Annotated[list[str], Query(max_length=20)]
Day = Annotated[Annotated[date, BeforeValidator(as_written)] | None, Query(description="A day in Japan, 2026-11-01.")]


@router.get("/search", response=shapes.SearchListing, operation_id="search", summary="Search datasets")
def search(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=500)] = "",
    limit: Limit = 20,
    offset: Offset = 0,
    sort: Literal["relevance", "newest", "title", "quality"] = "relevance",
    theme: Words = [],  # noqa: B006 - ninja copies it
    area: Words = [],  # noqa: B006 - ninja copies it
    format: Words = [],  # noqa: A002, B006 - the parameter's public name
    access: Words = [],  # noqa: B006 - ninja copies it
    purpose: Words = [],  # noqa: B006 - ninja copies it
    publisher: Words = [],  # noqa: B006 - ninja copies it
    site: Words = [],  # noqa: B006 - ninja copies it
    origin: Words = [],  # noqa: B006 - ninja copies it
    licence: Words = [],  # noqa: B006 - ninja copies it
    frequency: Words = [],  # noqa: B006 - ninja copies it
    stars: Words = [],  # noqa: B006 - ninja copies it
    mqa: Words = [],  # noqa: B006 - ninja copies it
    rating: Words = [],  # noqa: B006 - ninja copies it
    link: Words = [],  # noqa: B006 - ninja copies it
    located: bool | None = None,
    fresh: Annotated[int | None, Query(ge=1, le=36_500, description="Changed within so many days.")] = None,
    modified_from: Day = None,
    modified_to: Day = None,
    period_from: Day = None,
    period_to: Day = None,
    mqa_at_least: Annotated[int, Query(ge=0, le=405)] = 0,
    explain: Annotated[bool, Query(description="Operators only: why each result stands where it does.")] = False,
) -> HttpResponse:
    """Words over title, description, keywords, publisher and column names; filters by code, each with facets.

    Facets of the answer are called by the plural of their parameter (`themes` of `theme`). An unknown parameter, or a code
    that a closed vocabulary does not have, is refused by its name; unknown publishers and sites find nothing.

    `sort=newest` goes by the day that the source gives for its data's last change; what was collected or changed here last
    stands in `/feeds/datasets.atom`, and of one search in `/feeds/search.atom`.

    Words in quotes are a phrase, a minus before a word excludes it. `relaxed` says that nothing has all the words,
    `understood` is false when no word could be read in what was typed; `facets_exact` is false where the counts of a
    very broad search were reckoned from a sample.
    """
    refuse_unknown(request.GET, _PARAMETERS)
    refuse_strange(
        {
            "theme": theme, "area": area, "access": access, "purpose": purpose, "origin": origin, "frequency": frequency,
            "stars": stars, "mqa": mqa, "rating": rating, "link": link,
        },
        {"modified": (modified_from, modified_to), "period": (period_from, period_to)},
    )  # fmt: skip
    since, until = catalog.changed_between(modified_from, modified_to, fresh=fresh or 0, now=now())
    filters = SearchFilters(
        themes=tuple(theme), areas=tuple(area), formats=tuple(format), access=tuple(access), purposes=tuple(purpose),
        providers=tuple(publisher), sites=tuple(site), origins=tuple(origin), licences=tuple(licence),
        frequencies=tuple(frequency), stars=tuple(stars), mqa_bands=tuple(mqa), rate_bands=tuple(rating),
        link_states=tuple(link), located=located, modified_from=since, modified_to=until,
        period_from=period_from, period_to=period_to, mqa_at_least=mqa_at_least,
    )  # fmt: skip
    found = catalog.search(q, filters=filters, sort=sort, offset=offset, limit=limit)
    told = search_document(found, request.GET, explain=explain and reader_of(request).is_operator)
    # The frame is made of typed records already; reading it once more field by field took longer than the search.
    return HttpResponse(orjson.dumps(told), content_type="application/json; charset=utf-8")


_PARAMETERS = tuple(name for name in inspect.signature(search).parameters if name != "request")


def search_document(found: SearchPage, asked: QueryDict, *, explain: bool) -> dict[str, object]:
    """Return what this API says of a search that was asked for with such parameters, in the shape of SearchListing."""
    items = [_shown(hit, _reasons(found.query, hit) if explain else None) for hit in found.hits]
    return framed(
        Page(items=items, total=found.total, offset=found.offset, limit=found.limit, reachable=found.reachable),
        PATH,
        asked,
        query=found.query,
        reachable=found.reachable,
        understood=found.understood,
        facets=[_facet(facet) for facet in found.facets],
        facets_exact=found.facets_exact,
        suggestion=found.suggestion,
        relaxed=found.relaxed,
        understood_areas=found.understood_areas,
    )


def search_json(query: str, *, limit: int, explain: bool) -> bytes:
    """Return what `GET /api/v1/search` answers to some words, without a server; with `explain` as operators see it."""
    asked = QueryDict(mutable=True)
    asked["q"] = query
    return orjson.dumps(search_document(catalog.search(query, limit=limit), asked, explain=explain))


@router.get(
    "/search/suggest", response=shapes.SuggestionListing, operation_id="suggest", summary="Suggestions while typing"
)
def suggest(
    request: HttpRequest,  # noqa: ARG001 - ninja gives it
    response: HttpResponse,
    q: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> dict[str, object]:
    """Places, keywords, publishers and titles that begin as typed, or are read so (kana finds kanji)."""
    response["Cache-Control"] = "public, max-age=60"
    return {"query": q, "items": catalog.suggest(q, limit=limit)}


def _facet(facet: Facet) -> dict[str, object]:
    """Some two hundred values stand in an answer, so they are written directly."""
    begun = _begun[facet.name]
    values = []
    for code, label, count, chosen in facet.values:
        known = begun.get(code)
        if known is None or known[0] is not label:
            known = label, _named(code, label)
            if len(code) <= _LONGEST_CODE:
                if len(begun) >= _MOST_BEGUN:
                    begun.clear()
                begun[code] = known
        values.append(f'{known[1]}{count},"chosen":{"true" if chosen else "false"}}}')
    return {"name": facet.name, "label": facet.label, "values": orjson.Fragment(f"[{','.join(values)}]")}


_MOST_BEGUN, _LONGEST_CODE = 20_000, 100
_begun: defaultdict[str, dict[str, tuple[Text, str]]] = defaultdict(dict)
"""How each value of a facet begins, with the label it was written for: the same ones stand in answer after answer."""


def _named(code: str, label: Text) -> str:
    told = orjson.dumps({"code": code, "label": label}).decode()
    return f'{told[:-1]},"count":'


def _shown(hit: SearchHit, why: dict[str, Any] | None) -> dict[str, object]:
    return {**dict(zip(_SHOWN, _parts(hit), strict=True)), "why": why}


def _reasons(query: str, hit: SearchHit) -> dict[str, Any] | None:
    reasons = catalog.explain_hit(query, dataset_uid=hit.uid)
    return asdict(reasons) if reasons is not None else None
