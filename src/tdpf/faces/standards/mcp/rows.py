"""Tools that read rows: asked of the gateway with the caller's key, or as the application `portal` for open data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.types import RowsAnswer
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage, SearchFilters
from tdpf.faces.standards.mcp.callers import Visitor
from tdpf.faces.standards.mcp.finding import page_of, table_of
from tdpf.faces.standards.mcp.problems import NeedsKey, NoPlaces, RowsRefused
from tdpf.kit import cql2
from tdpf.kit.text import Text

Given = Mapping[str, Any]
Json = dict[str, Any]
_METRES_PER_DEGREE = 111_320.0
_EARTH_RADIUS = 6_371_008.8
_MOST_NEAR = 2_000
_MOST_TABLES = 5
_NUMBERS = ("integer", "number")


def query_rows(given: Given, visitor: Visitor) -> Json:
    """Return rows of one table."""
    page = page_of(given, visitor)
    table = table_of(page, given.get("table", "main"))
    _must_be_allowed(page, visitor)
    kinds = _kinds(table)
    offset, limit = given.get("offset", 0), given.get("limit", 20)
    conditions = [f"({given['filter']})"] if given.get("filter") else []
    for name, value in (given.get("where") or {}).items():
        conditions.append(cql2.compare(str(name), "=", value, number=kinds.get(str(name)) in _NUMBERS))
    asked = {
        "limit": str(limit),
        "offset": str(offset),
        "filter": " AND ".join(conditions),
        "sortby": ",".join(_listed(name) for name in given.get("sort") or ()),
        "properties": ",".join(_listed(name) for name in given.get("columns") or ()),
        "version": str(given.get("version") or ""),
    }
    answer = access.ask_rows(
        catalog.collection_of(page, table),
        {name: value for name, value in asked.items() if value},
        key=visitor.key,
        language=visitor.language,
    )
    _must_have_come(answer)
    end = offset + len(answer.rows)
    return {
        "dataset": page.slug,
        "table": table.name,
        "total": answer.total,
        "next_offset": end if end < answer.total and answer.rows else None,
        "version": answer.version,
        "rows": answer.rows,
        "licence": page.licence,
        "attribution": page.attribution or page.provider.name.ja,
    }


def find_nearby(given: Given, visitor: Visitor) -> Json:
    """Return rows around a place, the nearest first, of one dataset or of those that the words find."""
    latitude, longitude = float(given["latitude"]), float(given["longitude"])
    radius, limit = float(given.get("radius_m", 1_000)), given.get("limit", 20)
    found: list[Json] = []
    looked: list[Json] = []
    for page, table in _located(given, visitor):
        asked = {"bbox": _box(latitude, longitude, radius), "limit": str(_MOST_NEAR)}
        answer = access.ask_rows(
            catalog.collection_of(page, table), asked, key=visitor.key, form="geojson", language=visitor.language
        )
        if given.get("dataset"):
            _must_have_come(answer)
        elif answer.silent or answer.refused is not None:
            continue
        looked.append({"dataset": page.slug, "title": page.title.ja, "complete": answer.total <= _MOST_NEAR})
        for feature in answer.rows:
            place = _point(feature)
            metres = _distance(latitude, longitude, *place) if place else math.inf
            if place and metres <= radius:
                found.append(
                    {"dataset": page.slug, "distance_m": round(metres), "latitude": place[0], "longitude": place[1],
                     "row": feature.get("properties") or {}}
                )  # fmt: skip
    found.sort(key=lambda entry: entry["distance_m"])
    return {"total": len(found), "looked_in": looked, "places": found[:limit]}


def _located(given: Given, visitor: Visitor) -> list[tuple[DatasetPage, DistributionPage]]:
    if given.get("dataset"):
        page = page_of(given, visitor)
        table = table_of(page, given.get("table", "main"))
        if table.latest is None or not table.latest.located:
            raise NoPlaces(dataset=page.slug)
        _must_be_allowed(page, visitor)
        return [(page, table)]
    hits = catalog.search(
        given.get("query", ""), filters=SearchFilters(located=True, access=("open",)), limit=_MOST_TABLES, facets=False
    )
    pages = [catalog.dataset_page(hit.slug, visitor.standing) for hit in hits.hits]
    if pages:
        _must_be_allowed(pages[0], visitor)
    return [
        (page, table)
        for page in pages
        for table in page.distributions
        if table.kind == "table" and table.latest is not None and table.latest.located
    ][:_MOST_TABLES]


def _must_be_allowed(page: DatasetPage, visitor: Visitor) -> None:
    """Without a key only open data are answered, and not even those when the operator wants an account for them."""
    if not visitor.key and (page.access != "open" or page.state != "published" or access.open_data_needs_account()):
        raise NeedsKey(dataset=page.slug)


def _must_have_come(answer: RowsAnswer) -> None:
    if answer.silent:
        raise RowsRefused(reason=Text("いま応答がありません。", "The data do not answer now.").en)
    if answer.refused is not None:
        words = [str(answer.refused.get(name) or "") for name in ("title", "detail", "cure")]
        raise RowsRefused(reason=" ".join(word for word in words if word) or "refused")


def _kinds(table: DistributionPage) -> dict[str, str]:
    assert table.latest is not None
    return {str(entry["name"]): str(entry.get("type") or "string") for entry in table.latest.dictionary}


def _box(latitude: float, longitude: float, radius: float) -> str:
    """Return west,south,east,north of the square around a circle, kept within the world."""
    high = radius / _METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(latitude)), 0.01)
    west, east = max(-180.0, longitude - wide), min(180.0, longitude + wide)
    south, north = max(-90.0, latitude - high), min(90.0, latitude + high)
    return ",".join(f"{edge:.6f}" for edge in (west, south, east, north))


def _point(feature: Mapping[str, Any]) -> tuple[float, float] | None:
    geometry = feature.get("geometry")
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if (
        isinstance(coordinates, list)
        and len(coordinates) >= 2
        and all(isinstance(one, int | float) for one in coordinates[:2])
    ):
        return float(coordinates[1]), float(coordinates[0])
    return None


def _distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return metres on a sphere (haversine)."""
    first, second = math.radians(latitude), math.radians(other_latitude)
    across = math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    up = math.sin((second - first) / 2) ** 2
    return 2 * _EARTH_RADIUS * math.asin(math.sqrt(min(1.0, up + math.cos(first) * math.cos(second) * across)))


def _listed(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name
