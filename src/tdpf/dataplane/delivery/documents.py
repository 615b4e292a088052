"""What `/data` says about itself: landing page, conformance, collections, queryables (OGC 17-069r4, 19-079r2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tdpf.dataplane.delivery.directory import Directory, Offered
from tdpf.dataplane.delivery.formats import MEDIA_TYPES
from tdpf.dataplane.delivery.questions import CRS84
from tdpf.dataplane.delivery.service import Service
from tdpf.dataplane.delivery.sights import Seen, sight_of
from tdpf.kit.text import Text
from tdpf.tables.errors import TableMissing
from tdpf.tables.identity import table_folder
from tdpf.tables.types import Field
from tdpf.tables.verify import read_manifest

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
)
_TITLE = Text("TDPF データ", "TDPF data")
_DESCRIPTION = Text(
    "提供中の表の行、集計、ファイル。公開データはキーなしで、ほかは約定した利用アプリのキーで使えます。",
    "Rows, aggregates and files of the tables on offer. Open data needs no key; the rest the key of an application with an agreement.",
)
_ROW_LINKS = ("geojson", "json", "csv", "ndjson", "parquet", "arrow", "xlsx", "html")
_ASKED_LINKS = ("geojson", "json", "csv", "ndjson", "html")
_MOST_EXTENTS = 500
_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
}


def link(rel: str, href: str, kind: str, title: str = "") -> dict[str, str]:
    """Return a link object (RFC 8288)."""
    made = {"rel": rel, "type": MEDIA_TYPES[kind].split(";")[0], "href": href}
    return {**made, "title": title} if title else made


def landing(directory: Directory, language: str) -> dict[str, Any]:
    """Return the landing page."""
    base = f"{directory.public_url}/data"
    return {
        "title": _TITLE.in_(language),
        "description": _DESCRIPTION.in_(language),
        "links": [
            link("self", f"{base}?f=json", "json"),
            link("alternate", f"{base}?f=html", "html"),
            link("service-desc", f"{base}/api", "openapi", "OpenAPI"),
            link("service-doc", f"{base}/api?f=html", "html"),
            link("conformance", f"{base}/conformance", "json"),
            link("data", f"{base}/collections", "json"),
        ],
    }


def conformance() -> dict[str, Any]:
    """Return the conformance declaration."""
    return {"conformsTo": list(CONFORMANCE)}


def collection_list(service: Service, directory: Directory, language: str) -> dict[str, Any]:
    """Return every offered collection, open ones first."""
    base = f"{directory.public_url}/data/collections"
    with_extent = len(directory.collections) <= _MOST_EXTENTS
    return {
        "links": [link("self", f"{base}?f=json", "json"), link("alternate", f"{base}?f=html", "html")],
        "collections": [
            collection(service, directory, offered, language, with_extent=with_extent)
            for offered in directory.collections.values()
        ],
        "numberMatched": len(directory.collections),
        "numberReturned": len(directory.collections),
    }


def collection(
    service: Service, directory: Directory, offered: Offered, language: str, *, with_extent: bool = True
) -> dict[str, Any]:
    """Return the description of one collection; its columns are told by the queryables, under the caller's view."""
    table = offered.table
    base = f"{directory.public_url}/data/collections/{quote(offered.id)}"
    page = f"{directory.public_url}/datasets/{table.slug}"
    described: dict[str, Any] = {
        "id": offered.id,
        "title": Text(table.title_ja, table.title_en or table.title_ja).in_(language),
        "description": Text(table.description_ja, table.description_en or table.description_ja).in_(language),
        "attribution": table.attribution,
        "itemType": "feature",
        "crs": [CRS84],
        "access": offered.access,
        "licence": table.licence,
        "provider": Text(table.provider_ja, table.provider_en or table.provider_ja).in_(language),
        "version": table.version,
        "links": [
            link("self", f"{base}?f=json", "json"),
            link("alternate", f"{base}?f=html", "html"),
            link("http://www.opengis.net/def/rel/ogc/1.0/queryables", f"{base}/queryables", "schema"),
            *(
                link("items", f"{base}/items?f={kind}", kind)
                for kind in (_ASKED_LINKS if offered.is_asked else _ROW_LINKS)
            ),
            link("describedby", page, "html"),
            {"rel": "license", "href": service.licence_url(offered)},
        ],
    }
    if offered.collection is not None and offered.collection.sunset is not None:
        described["sunset"] = offered.collection.sunset.isoformat()
    extent = _extent(service, offered) if with_extent else None
    if extent is not None:
        described["extent"] = {"spatial": {"bbox": [list(extent)], "crs": CRS84}}
    return described


def _extent(service: Service, offered: Offered) -> tuple[float, float, float, float] | None:
    """The extent of places that everybody may see."""
    if offered.access != "open" or offered.source is not None:
        return None
    try:
        manifest = read_manifest(table_folder(service.home.tables, offered.table.identity))
    except TableMissing:
        return None
    return manifest.extent if sight_of(manifest, offered.table.open_columns).with_place else None


def queryables(found: Seen, directory: Directory, language: str) -> dict[str, Any]:
    """Return the visible columns as a JSON Schema (OGC 19-079r2 §6)."""
    base = f"{directory.public_url}/data/collections/{quote(found.offered.id)}/queryables"
    properties: dict[str, Any] = {}
    if found.sight.with_place:
        properties["geometry"] = {
            "title": Text("場所", "Place").in_(language),
            "format": "geometry-point",
            "x-ogc-role": "primary-geometry",
        }
    for name, column in found.sight.columns.items():
        properties[name] = _property(column.field)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": base,
        "type": "object",
        "title": found.offered.table.title_ja,
        "properties": properties,
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"title": field.title or field.name, **_TYPES.get(field.type, {"type": "string"})}
    if field.description:
        made["description"] = field.description
    if field.unit:
        made["x-ogc-unit"] = field.unit
    if field.codes:
        made["x-tdpf-codes"] = dict(field.codes)
    return made
