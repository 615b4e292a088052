"""The open protocols through the real gateway: real rows by CKAN and MCP, every address routed, bodies bounded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from ckanapi import RemoteCKAN

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey
TOILETS = "sample-public-toilet"


def mcp(url: str, method: str, **parameters: Any) -> Any:
    """Send one message to `/mcp` and return its result."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = httpx.post(f"{url}/mcp", json=message, timeout=30)
    assert answer.status_code == 200, answer.text[:300]
    return answer.json()["result"]


def test_programs_find_and_read_data_by_ckan_and_mcp(platform: Platform) -> None:
    url = platform.url
    ckan = RemoteCKAN(url)
    found = ckan.action.package_search(q="トイレ", fq="res_format:GeoJSON")
    assert TOILETS in [dataset["name"] for dataset in found["results"]]
    dataset = ckan.action.package_show(id=TOILETS)
    resource = dataset["resources"][0]
    every = ckan.action.datastore_search(resource_id=resource["id"], limit=1000)
    assert every["total"] == len(every["records"]) > 5
    names = [field["id"] for field in every["fields"]][1:]
    name = next(one for one in names if "名称" in one)
    some = ckan.action.datastore_search(resource_id=resource["id"], filters={name: every["records"][0][name]})
    assert some["records"][0][name] == every["records"][0][name]
    for one in dataset["resources"]:
        assert httpx.get(one["url"], timeout=30).status_code == 200, one["url"]
    rows = mcp(url, "tools/call", name="query_rows", arguments={"dataset": TOILETS, "limit": 3})
    assert not rows["isError"], rows
    assert rows["structuredContent"]["total"] == every["total"]
    record = next(row for row in every["records"] if row.get("緯度"))
    near = mcp(
        url, "tools/call", name="find_nearby",
        arguments={"dataset": TOILETS, "latitude": float(record["緯度"]), "longitude": float(record["経度"]), "radius_m": 300},
    )  # fmt: skip
    assert near["structuredContent"]["places"][0]["distance_m"] <= 1


def test_every_address_is_routed_and_bodies_are_bounded(platform: Platform) -> None:
    url = platform.url
    for path in (
        "/catalog.ttl", "/catalog.xml", f"/dataset/{TOILETS}.jsonld", "/data.json", f"/datasets/{TOILETS}/datapackage.json",
        "/terria/catalog.json", "/feeds/datasets.atom", "/sitemap.xml", "/robots.txt", "/llms.txt", "/opensearch.xml",
        "/.well-known/api-catalog", "/.well-known/security.txt", "/.well-known/oauth-protected-resource/mcp", "/api/3",
    ):  # fmt: skip
        assert httpx.get(url + path, timeout=60).status_code == 200, path
    large = json.dumps({"q": "a" * 1_000_000}).encode()
    kind = {"Content-Type": "application/json"}
    assert httpx.post(f"{url}/api/3/action/package_search", content=large, headers=kind, timeout=30).status_code == 400
    assert httpx.post(f"{url}/mcp", content=large, headers=kind, timeout=30).status_code == 413
    long = httpx.get(f"{url}/api/3/action/package_search", params={"q": "a" * 60_000}, timeout=30)
    assert long.status_code in (400, 414, 431)
    preflight = httpx.options(
        f"{url}/api/3/action/package_search", headers={"Origin": "https://map.example"}, timeout=30
    )
    assert preflight.headers["access-control-allow-origin"] == "*"
    refused = httpx.post(f"{url}/mcp", json={}, headers={"Origin": "https://map.example"}, timeout=30)
    assert refused.status_code == 403
