"""`/terria/catalog.json`: the library as a Terria catalogue, one CKAN group for each theme that has located tables.

TerriaJS asks a CKAN group for `start=0&rows=1000`, then for `start=1001`, and so misses every thousandth dataset. With one
group for each theme, and for each publisher where a theme is larger, a second page is asked for only where one publisher
has more than a thousand located tables of one theme.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import AllOf, Condition, FieldIs

Json = dict[str, Any]
MOST_IN_A_GROUP = 1_000
_LOCATED = FieldIs("format", "GEOJSON")


def terria_catalog(request: HttpRequest) -> HttpResponse:
    """Return the catalogue; it is loaded by its address in a Terria map's initialisation."""
    del request
    counts = catalog.count_datasets(("theme",), condition=_LOCATED)["theme"]
    members: list[Json] = []
    for code, count in sorted(counts.items()):
        of_theme: Condition = AllOf((_LOCATED, FieldIs("theme", code)))
        label = catalog.label_of("themes", code).ja
        if count <= MOST_IN_A_GROUP:
            members.append(_group(label, f"res_format:GeoJSON groups:{code}"))
            continue
        publishers = catalog.count_datasets(("provider",), condition=of_theme)["provider"]
        inner = [_group(slug, f"res_format:GeoJSON groups:{code} organization:{slug}") for slug in sorted(publishers)]
        members.append({"type": "group", "name": label, "members": inner})
    body = {"catalog": [{"type": "group", "name": "東京データプラットフォーム", "members": members}]}
    response = HttpResponse(orjson.dumps(body), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _group(name: str, query: str) -> Json:
    return {
        "type": "ckan-group",
        "name": name,
        "url": settings.PUBLIC_URL,
        "groupBy": "organization",
        "filterQuery": [{"fq": query}],
    }
