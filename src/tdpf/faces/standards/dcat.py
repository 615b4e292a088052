"""The catalogue as DCAT-AP 3: JSON-LD, Turtle and RDF/XML, paged with Hydra, narrowed by the words of ckanext-dcat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.cache import patch_vary_headers

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.catalog.types import AllOf, Condition, DatasetPage, FieldWithin
from tdpf.controlplane.members.queries import anonymous_standing
from tdpf.faces.standards.ckan.refusals import QueryInvalid
from tdpf.faces.standards.ckan.solr import Asked, read_query
from tdpf.faces.standards.problems import ParameterInvalid
from tdpf.faces.standards.rdf import rdf_xml, turtle
from tdpf.kit.clock import JST
from tdpf.kit.pages import Page

PAGE_SIZE = 100
MEDIA_TYPES = {"jsonld": "application/ld+json", "ttl": "text/turtle", "xml": "application/rdf+xml"}
TITLE_JA, TITLE_EN = "東京データプラットフォーム", "Tokyo Data Platform"
_CONTEXT = {**catalog.DCAT_CONTEXT, "hydra": "http://www.w3.org/ns/hydra/core#"}
_THEMES = "http://publications.europa.eu/resource/authority/data-theme"
_CC0 = "http://publications.europa.eu/resource/authority/licence/CC0"


def dataset(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Return one dataset; an older slug leads to the present one. Raises DatasetUnknown."""
    del request
    page = catalog.dataset_page(slug, anonymous_standing())
    if page.state != "published":
        raise DatasetUnknown(dataset=slug)
    if page.slug != slug:
        return HttpResponsePermanentRedirect(f"/dataset/{page.slug}.{form}")
    return answer(catalog.dcat(page, base_url=settings.PUBLIC_URL), form)


def about_dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead from a dataset's identifier to its page, or to the notation that is asked for (303)."""
    form = _wanted(request)
    return _see(request, f"/dataset/{slug}.{form}" if form else f"/datasets/{slug}")


def about_catalog(request: HttpRequest) -> HttpResponse:
    """Lead from the catalogue's identifier to the search page, or to the notation that is asked for (303)."""
    form = _wanted(request)
    return _see(request, f"/catalog.{form}" if form else "/search")


def whole_catalog(request: HttpRequest, form: str) -> HttpResponse:
    """Return one page of the catalogue with its datasets, in the order of their identifiers.

    `page` counts from 1; `modified_since` is a date or a moment (without a zone: in Japan); `q` and `fq` as in the Action
    API. Raises ParameterInvalid.
    """
    number = _page_number(request.GET.get("page", "1"))
    asked = _asked(request)
    page = catalog.select_datasets(
        condition=asked.condition, words=asked.words, order=("uid",), offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    kept = {name: request.GET[name] for name in ("modified_since", "q", "fq") if request.GET.get(name)}
    links = _links(f"{settings.PUBLIC_URL}/catalog.{form}", kept, number, page)
    response = answer(_document(page, links), form)
    shown = [f'<{address}>; rel="{relation}"' for relation, address in links.items() if relation != "self"]
    response["Link"] = ", ".join(shown)
    return response


def answer(document: dict[str, Any], form: str) -> HttpResponse:
    """Return a document in one of the notations."""
    context = document["@context"]
    if form == "jsonld":
        body: bytes | str = orjson.dumps(document)
    else:
        body = turtle(document, context) if form == "ttl" else rdf_xml(document, context)
    response = HttpResponse(body, content_type=f"{MEDIA_TYPES[form]}; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    return response


def publisher() -> dict[str, Any]:
    """Return who publishes the catalogue."""
    return {
        "@id": f"{settings.PUBLIC_URL}/#operator",
        "@type": ["foaf:Agent", "foaf:Organization"],
        "foaf:name": _both("東京データプラットフォーム運営者", "Operator of the Tokyo Data Platform"),
        "foaf:homepage": {"@id": settings.PUBLIC_URL, "@type": "foaf:Document"},
    }


def _document(page: Page[DatasetPage], links: dict[str, str]) -> dict[str, Any]:
    base = settings.PUBLIC_URL
    described = [catalog.dcat(item, base_url=base, with_quality=False) for item in page.items]
    for entry in described:
        del entry["@context"]
    newest = max((item.recorded_at or item.modified_at for item in page.items), default=None)
    view: dict[str, Any] = {"@id": links["self"], "@type": "hydra:PartialCollectionView"}
    for relation, member in (("first", "first"), ("last", "last"), ("next", "next"), ("prev", "previous")):
        if relation in links:
            view[f"hydra:{member}"] = {"@id": links[relation], "@type": "hydra:PartialCollectionView"}
    found: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": f"{base}/catalog",
        "@type": ["dcat:Catalog", "hydra:Collection"],
        "dct:title": _both(TITLE_JA, TITLE_EN),
        "dct:description": _both(
            "東京のデータを、ひとつの窓口から。提供者が登録したデータと、ほかのサイトから集めたデータの一覧です。",
            "Data of Tokyo through one door: datasets registered by their providers, and datasets listed elsewhere.",
        ),
        "dct:publisher": publisher(),
        "dct:language": [
            {
                "@id": f"http://publications.europa.eu/resource/authority/language/{code}",
                "@type": "dct:LinguisticSystem",
            }
            for code in ("JPN", "ENG")
        ],
        "dct:license": {"@id": _CC0, "@type": "dct:LicenseDocument"},
        "dct:spatial": {
            "@type": "dct:Location",
            "dct:identifier": "130001",
            "skos:prefLabel": _both("東京都", "Tokyo"),
        },
        "foaf:homepage": {"@id": base, "@type": "foaf:Document"},
        "dcat:themeTaxonomy": {
            "@id": _THEMES,
            "@type": "skos:ConceptScheme",
            "dct:title": _both("データの分野", "Data themes"),
        },
        "dcat:service": catalog.data_service(base),
        "hydra:totalItems": {"@value": str(page.total), "@type": "xsd:integer"},
        "hydra:itemsPerPage": {"@value": str(PAGE_SIZE), "@type": "xsd:integer"},
        "hydra:view": view,
        "dcat:dataset": described,
        "dcat:record": [catalog.catalog_record(item, base_url=base) for item in page.items],
    }
    if newest is not None:
        found["dct:modified"] = {"@value": newest.isoformat(), "@type": "xsd:dateTime"}
    return found


def _links(address: str, kept: dict[str, str], number: int, page: Page[DatasetPage]) -> dict[str, str]:
    def at(one: int) -> str:
        return f"{address}?{urlencode({**kept, 'page': one})}"

    last = max(1, -(-page.total // PAGE_SIZE))
    found = {"self": at(number), "first": at(1), "last": at(last)}
    if number < last:
        found["next"] = at(number + 1)
    if number > 1:
        found["prev"] = at(min(number - 1, last))
    return found


def _page_number(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) < 8 and int(written) > 0):
        raise ParameterInvalid(parameter="page", expected="1, 2, 3 …")
    return int(written)


def _asked(request: HttpRequest) -> Asked:
    try:
        asked = read_query(request.GET.get("q", ""), request.GET.getlist("fq")[:20])
    except QueryInvalid as refusal:
        raise ParameterInvalid(parameter="q, fq", expected=refusal.message) from None
    since = request.GET.get("modified_since", "")
    if not since:
        return asked
    try:
        found = datetime.fromisoformat(since)
        moment = (found if found.tzinfo else found.replace(tzinfo=JST)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ParameterInvalid(parameter="modified_since", expected="2026-01-31, 2026-01-31T00:00:00Z") from None
    changed: Condition = FieldWithin("recorded", moment, None)
    return Asked(asked.words, AllOf((asked.condition, changed)))


def _wanted(request: HttpRequest) -> str:
    accept = request.headers.get("Accept", "")
    found = [(accept.find(kind), form) for form, kind in MEDIA_TYPES.items() if kind in accept]
    return min(found)[1] if found else ""


def _see(request: HttpRequest, path: str) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponse(status=303)
    response["Location"] = path + (f"?{query}" if query else "")
    patch_vary_headers(response, ("Accept",))
    return response


def _both(ja: str, en: str) -> list[dict[str, str]]:
    return [{"@value": ja, "@language": "ja"}, {"@value": en, "@language": "en"}]
