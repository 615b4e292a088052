"""The catalogue as DCAT 3 (W3C Recommendation, 2024): JSON-LD, Turtle and RDF/XML, paged with Hydra."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from rdflib import Graph

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.members.queries import anonymous_standing

PAGE_SIZE = 50
MEDIA_TYPES = {"jsonld": "application/ld+json", "ttl": "text/turtle", "xml": "application/rdf+xml"}
_RDFLIB_NAMES = {"ttl": "turtle", "xml": "pretty-xml"}
_CATALOG_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
}


def dataset(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Return one dataset; an older slug leads to the present one. Raises DatasetUnknown."""
    del request
    current = catalog.current_slug(slug)
    if current != slug:
        return HttpResponsePermanentRedirect(f"/dataset/{current}.{form}")
    page = catalog.dataset_page(slug, anonymous_standing())
    return _answer(catalog.dcat(page, base_url=settings.PUBLIC_URL), form)


def whole_catalog(request: HttpRequest, form: str) -> HttpResponse:
    """Return one page of the catalogue with its datasets; `?page=` counts from 1."""
    number = request.GET.get("page", "1")
    page_number = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    cards = catalog.list_datasets(offset=(page_number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    address = f"{settings.PUBLIC_URL}/catalog.{form}"
    pages = [catalog.dataset_page(card.slug, anonymous_standing()) for card in cards.items]
    described = [catalog.dcat(page, base_url=settings.PUBLIC_URL) for page in pages]
    contexts: dict[str, Any] = {}
    for entry in described:
        contexts |= entry.pop("@context", {})
    view: dict[str, Any] = {
        "@id": f"{address}?page={page_number}",
        "@type": "hydra:PartialCollectionView",
        "hydra:first": {"@id": f"{address}?page=1"},
        "hydra:last": {"@id": f"{address}?page={max(1, -(-cards.total // PAGE_SIZE))}"},
    }
    if cards.next_offset is not None:
        view["hydra:next"] = {"@id": f"{address}?page={page_number + 1}"}
    if page_number > 1:
        view["hydra:previous"] = {"@id": f"{address}?page={page_number - 1}"}
    document = {
        "@context": contexts | _CATALOG_CONTEXT,
        "@id": f"{settings.PUBLIC_URL}/catalog",
        "@type": ["dcat:Catalog", "hydra:Collection"],
        "dct:title": [
            {"@value": "東京データプラットフォーム", "@language": "ja"},
            {"@value": "Tokyo Data Platform", "@language": "en"},
        ],
        "foaf:homepage": {"@id": settings.PUBLIC_URL},
        "hydra:totalItems": cards.total,
        "hydra:view": view,
        "dcat:dataset": described,
    }
    return _answer(document, form)


def _answer(document: dict[str, Any], form: str) -> HttpResponse:
    body: bytes | str = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    if form != "jsonld":
        graph = Graph()
        graph.parse(data=body, format="json-ld")
        body = graph.serialize(format=_RDFLIB_NAMES[form])
    response = HttpResponse(body, content_type=f"{MEDIA_TYPES[form]}; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    return response
