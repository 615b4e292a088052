"""`/datasets/{slug}/datapackage.json`: a dataset as a Data Package (datapackage.org, version 2) with Table Schemas."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.members.queries import anonymous_standing

Json = dict[str, Any]
_TYPES = {"string": "string", "code": "string", "integer": "integer", "number": "number", "boolean": "boolean",
          "date": "date", "datetime": "datetime", "time": "time"}  # fmt: skip
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def data_package(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the package; an older slug leads to the present one. Raises DatasetUnknown."""
    del request
    page = catalog.dataset_page(slug, anonymous_standing())
    if page.state != "published":
        raise DatasetUnknown(dataset=slug)
    if page.slug != slug:
        return HttpResponsePermanentRedirect(f"/datasets/{page.slug}/datapackage.json")
    response = HttpResponse(orjson.dumps(package(page, settings.PUBLIC_URL)), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


def package(page: DatasetPage, base_url: str) -> Json:
    """Return a dataset as a Data Package; every resource has an address, tables have their columns."""
    licence: Json = {"name": page.licence, "title": page.licence_name.ja}
    if page.licence_url:
        licence["path"] = page.licence_url
    found: Json = {
        "$schema": _PROFILE,
        "name": page.slug,
        "id": f"{base_url}/dataset/{page.slug}",
        "title": page.title.ja,
        "description": page.description.ja,
        "homepage": f"{base_url}/datasets/{page.slug}",
        "version": f"{page.main.latest.number}.0.0" if page.main and page.main.latest else "",
        "created": (page.published_at or page.created_at).isoformat(),
        "keywords": list(page.keywords),
        "licenses": [licence] if page.licence != "not-stated" else [],
        "contributors": [{"title": page.provider.name.ja, "path": f"{base_url}/publishers/{page.provider.slug}",
                          "roles": ["publisher"]}],
        "sources": [{"title": place.site_name.ja, "path": place.url} for place in page.places if place.url.startswith("http")],
        "resources": [
            _resource(distribution, code, url)
            for distribution in page.distributions
            for code, url in catalog.whole_files(page, distribution, base_url)
            if url.startswith("http")
        ],
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in ("", [])}


def _resource(distribution: DistributionPage, code: str, url: str) -> Json:
    latest = distribution.latest
    found: Json = {
        "name": f"{distribution.name}-{code.lower()}",
        "title": distribution.title.ja,
        "path": url,
        "format": code.lower(),
        "mediatype": catalog.media_type_of(code) or "application/octet-stream",
    }
    if latest is not None and distribution.kind == "file":
        found |= {"bytes": latest.original_bytes, "hash": f"sha256:{latest.original_sha256}"}
    if latest is not None and distribution.kind == "table" and code == "CSV":
        found |= {"type": "table", "encoding": "utf-8", "schema": _schema(latest.dictionary, latest.key_columns)}
    return found


def _schema(dictionary: Any, keys: tuple[str, ...]) -> Json:
    fields = []
    for entry in dictionary:
        field = {
            "name": str(entry["name"]),
            "type": _TYPES.get(str(entry.get("type")), "string"),
            "title": str(entry.get("title") or ""),
            "description": str(entry.get("description") or ""),
        }
        fields.append({name: value for name, value in field.items() if value})
    found: Json = {"fields": fields, "missingValues": [""]}
    if keys:
        found["primaryKey"] = list(keys)
    return found
