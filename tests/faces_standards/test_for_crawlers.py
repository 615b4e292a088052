"""What crawlers, browsers, readers and other platforms fetch: sitemap, feed, DCAT-US, Data Package, Terria, schema.org."""

from __future__ import annotations

import json
import os
import re
import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.test import Client
from standards_scene import LINKED, Scene, described

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.faces.standards import atom, data_json, sitemap, terria

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
BASE = "http://localhost:8080"
# Required members and forms of DCAT-US 1.1 (resources.data.gov/resources/dcat-us), and of a Data Package 2.
DCAT_US = {
    "type": "object",
    "required": ["@type", "title", "description", "keyword", "modified", "publisher", "contactPoint", "identifier", "accessLevel"],
    "properties": {
        "keyword": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
        "modified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT"},
        "publisher": {"type": "object", "required": ["name"]},
        "contactPoint": {
            "type": "object", "required": ["fn", "hasEmail"], "properties": {"hasEmail": {"pattern": "^mailto:[^@]+@"}},
        },
        "accessLevel": {"enum": ["public", "restricted public", "non-public"]},
        "license": {"type": "string", "pattern": "^https?://"},
        "temporal": {"type": "string", "pattern": "^.+/.+$"},
        "accrualPeriodicity": {"type": "string", "pattern": "^(irregular|R/P.+)$"},
        "distribution": {
            "type": "array",
            "items": {"type": "object", "required": ["mediaType"], "anyOf": [{"required": ["downloadURL"]}, {"required": ["accessURL"]}]},
        },
    },
}  # fmt: skip
PACKAGE = {
    "type": "object",
    "required": ["resources", "name"],
    "properties": {
        "name": {"type": "string", "pattern": r"^[a-z0-9._-]+$"},
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"},
        "licenses": {"type": "array", "minItems": 1, "items": {"type": "object", "anyOf": [{"required": ["name"]}, {"required": ["path"]}]}},
        "contributors": {"type": "array", "items": {"type": "object", "required": ["title"]}},
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "path"],
                "properties": {
                    "name": {"type": "string", "pattern": r"^[a-z0-9._-]+$"},
                    "path": {"type": "string", "pattern": "^https?://"},
                    "hash": {"type": "string", "pattern": "^(sha256:)?[0-9a-f]+$"},
                    "schema": {
                        "type": "object",
                        "required": ["fields"],
                        "properties": {
                            "fields": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["name"],
                                    "properties": {"type": {"enum": ["string", "number", "integer", "boolean", "date", "time", "datetime"]}},
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip


def tree(client: Client, path: str) -> ET.Element:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return ET.fromstring(answer.content)


def test_the_sitemap_names_every_dataset_once_with_its_moment(client: Client, scene: Scene, monkeypatch: Any) -> None:
    monkeypatch.setattr(sitemap, "PART_SIZE", 2)
    parts = [str(loc.text) for loc in tree(client, "/sitemap.xml").findall(".//s:loc", MAP)]
    assert parts == [f"{BASE}/sitemap-{name}.xml" for name in ("pages", "1", "2")]
    found: list[str] = []
    for part in parts[1:]:
        for url in tree(client, part.removeprefix(BASE)).findall("s:url", MAP):
            found.append(str(url.findtext("s:loc", namespaces=MAP)))
            moment = datetime.fromisoformat(str(url.findtext("s:lastmod", namespaces=MAP)))
            assert moment.tzinfo is not None
            assert moment <= datetime.now(UTC)
    assert sorted(found) == [f"{BASE}/datasets/{slug}" for slug in ("people-flow", "public-toilets", "shelters")]
    assert tree(client, "/sitemap-pages.xml").findall("s:url", MAP)
    for path in ("/sitemap-0.xml", "/sitemap-3.xml", "/sitemap-99999999.xml", "/sitemap-x.xml"):
        assert client.get(path).status_code == 404


def test_the_feed_is_paged(client: Client, scene: Scene, monkeypatch: Any) -> None:
    monkeypatch.setattr(atom, "PAGE_SIZE", 2)
    path, seen = "/feeds/datasets.atom", []
    for _ in range(3):
        feed = tree(client, path)
        seen += [str(entry.findtext("a:id", namespaces=ATOM)) for entry in feed.findall("a:entry", ATOM)]
        links = {str(link.get("rel")): str(link.get("href")) for link in feed.findall("a:link", ATOM)}
        assert {"self", "first", "last", "alternate"} <= set(links)
        if "next" not in links:
            assert links["previous"] == f"{BASE}/feeds/datasets.atom"
            break
        path = links["next"].removeprefix(BASE)
    assert len(seen) == len(set(seen)) == 3
    assert tree(client, "/feeds/datasets.atom?page=99").findall("a:entry", ATOM) == []
    for wrong in ("0", "-1", "x", "９", "1" * 20):
        assert client.get(f"/feeds/datasets.atom?page={wrong}").status_code == 400


def test_a_title_with_every_odd_character_leaves_the_feed_readable(client: Client, scene: Scene) -> None:
    odd = services.create_dataset(
        actor=scene.provider, provider_party_id=scene.provider.person_party_id, slug="odd-one",
        metadata=described('<b>&amp; ]]> "引用" \x0b\ufffe', description_ja="\x01</summary><script>"),
    )  # fmt: skip
    services.add_distribution(actor=scene.provider, dataset_uid=odd.uid, details=LINKED)
    services.publish_dataset(actor=scene.provider, dataset_uid=odd.uid)
    titles = [str(title.text) for title in tree(client, "/feeds/datasets.atom").findall(".//a:entry/a:title", ATOM)]
    assert any("<b>&amp; ]]>" in title for title in titles)
    for path in ("/catalog.ttl", "/catalog.xml", "/data.json", "/datasets/odd-one/datapackage.json", "/sitemap-1.xml"):
        assert client.get(path).status_code == 200


def test_data_json_is_dcat_us(client: Client, scene: Scene, monkeypatch: Any) -> None:
    monkeypatch.setattr(data_json, "_BATCH", 2)
    document = json.loads(b"".join(client.get("/data.json").streaming_content))  # type: ignore[arg-type]
    assert document["conformsTo"] == "https://project-open-data.cio.gov/v1.1/schema"
    assert len(document["dataset"]) == len({entry["identifier"] for entry in document["dataset"]}) == 3
    for entry in document["dataset"]:
        jsonschema.validate(entry, DCAT_US)
    paid = next(entry for entry in document["dataset"] if entry["title"] == "人流データ")
    assert paid["accessLevel"] == "restricted public"
    assert paid["rights"]


def test_a_large_catalogue_is_kept_until_something_is_withdrawn(client: Client, scene: Scene, monkeypatch: Any) -> None:
    """Nobody waits for the file, nobody's slow reading holds it up, and what is withdrawn is gone at once."""
    begun: list[Path] = []
    monkeypatch.setattr(data_json, "_LARGE", 2)
    monkeypatch.setattr(data_json, "_begin", begun.append)
    services.reindex()

    def whole(**since: str) -> Any:
        answer = client.get("/data.json", headers=since)
        return answer, b"".join(answer.streaming_content) if answer.streaming else b""

    first, fresh = whole()
    assert "Last-Modified" not in first
    data_json._keep(begun[0])
    made, parts = data_json._parts, pytest.fail
    monkeypatch.setattr(data_json, "_parts", lambda: parts("made again"))
    again, kept = whole()
    assert (kept, len(begun)) == (fresh, 1)
    assert whole(**{"If-Modified-Since": again["Last-Modified"]})[0].status_code == 304
    os.utime(begun[0], (1, time.time() - 1000))
    assert whole()[1] == fresh
    assert len(begun) == 2
    monkeypatch.setattr(data_json, "_parts", made)
    services.withdraw_dataset(actor_uid="system", dataset_uid=catalog.dataset_page("shelters").uid, reason="誤り")
    titles = [entry["title"] for entry in json.loads(whole()[1])["dataset"]]
    assert len(titles) == 2


def test_an_empty_catalogue_is_a_catalogue(client: Client, db: None) -> None:
    assert json.loads(b"".join(client.get("/data.json").streaming_content))["dataset"] == []  # type: ignore[arg-type]
    assert tree(client, "/feeds/datasets.atom").findall("a:entry", ATOM) == []
    assert client.get("/catalog.ttl").status_code == 200
    assert json.loads(client.get("/terria/catalog.json").content)["catalog"][0]["members"] == []


def test_a_data_package_has_addresses_and_columns(client: Client, scene: Scene) -> None:
    for slug in ("public-toilets", "shelters", "people-flow"):
        jsonschema.validate(json.loads(client.get(f"/datasets/{slug}/datapackage.json").content), PACKAGE)
    package = json.loads(client.get("/datasets/public-toilets/datapackage.json").content)
    (table,) = (resource for resource in package["resources"] if "schema" in resource)
    assert [field["type"] for field in table["schema"]["fields"]] == ["string", "string", "number", "number", "integer"]
    assert table["schema"]["primaryKey"] == ["ID"]
    assert client.get("/datasets/not-yet/datapackage.json").status_code == 404


def test_terria_gets_groups_that_need_no_second_page(client: Client, scene: Scene, monkeypatch: Any) -> None:
    def groups() -> list[Any]:
        found: list[Any] = json.loads(client.get("/terria/catalog.json").content)["catalog"][0]["members"]
        return found

    for member in groups():
        query = member["filterQuery"][0]["fq"]
        result = json.loads(
            client.get("/api/3/action/package_search", {"fq": query, "rows": 1000, "start": 0}).content
        )["result"]
        assert 0 < result["count"] == len(result["results"]) <= terria.MOST_IN_A_GROUP
    monkeypatch.setattr(terria, "MOST_IN_A_GROUP", 0)
    inner = [part for member in groups() for part in member["members"]]
    assert inner
    assert all("organization:" in part["filterQuery"][0]["fq"] for part in inner)


@pytest.mark.django_db(databases=["default", "ledger"])
def test_schema_org_has_what_search_engines_ask_for(client: Client, scene: Scene) -> None:
    """Google's structured data guide for Dataset: required name and description (50–5000), recommended the rest."""
    for slug in ("public-toilets", "shelters"):
        found = re.search(
            r'<script type="application/ld\+json">(.*?)</script>',
            client.get(f"/datasets/{slug}").content.decode(),
            re.DOTALL,
        )
        assert found is not None
        entry = json.loads(found[1])
        assert entry["@type"] == "Dataset"
        assert entry["name"]
        assert 50 <= len(entry["description"]) <= 5000
        for recommended in (
            "creator",
            "identifier",
            "isAccessibleForFree",
            "keywords",
            "license",
            "url",
            "distribution",
            "includedInDataCatalog",
        ):
            assert entry[recommended] not in (None, "", [])
        for download in entry["distribution"]:
            assert download["@type"] == "DataDownload"
            assert download["contentUrl"].startswith("http")
            assert "/" in download["encodingFormat"]
    page = catalog.dataset_page("shelters")
    assert len(catalog.schema_org(page, base_url=BASE)["description"]) >= 50


@pytest.mark.parametrize(
    ("path", "kind", "holds"),
    [
        ("/robots.txt", "text/plain", f"Sitemap: {BASE}/sitemap.xml"),
        ("/llms.txt", "text/plain", "# 東京データプラットフォーム"),
        ("/opensearch.xml", "application/opensearchdescription+xml", "{searchTerms}"),
        ("/.well-known/api-catalog", "application/linkset+json", "/data/api"),
        ("/.well-known/security.txt", "text/plain", "Expires: 20"),
        ("/.well-known/oauth-protected-resource", "application/json", "authorization_servers"),
    ],
)
def test_small_documents(client: Client, db: None, path: str, kind: str, holds: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(kind)
    assert holds in answer.content.decode()


def test_the_catalogue_of_apis_leads_to_documents_that_are_there(client: Client, scene: Scene) -> None:
    linkset = json.loads(client.get("/.well-known/api-catalog").content)["linkset"]
    assert linkset[0]["item"]
    for entry in linkset[1:]:
        for relation in ("service-desc", "service-doc"):
            path = entry[relation][0]["href"].removeprefix(BASE)
            if not path.startswith("/data/"):
                assert client.get(path).status_code == 200, path
    assert client.get("/.well-known/void")["Location"] == "/catalog.ttl"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/catalog.ttl?page=0", 400),
        ("/dataset/nope.ttl", 404),
        ("/dataset/nope.jsonld", 404),
        ("/feeds/nope.atom", 404),
        ("/feeds/datasets/nope.atom", 404),
    ],
)
@pytest.mark.django_db
@pytest.mark.parametrize("accept", [None, "*/*", "text/turtle"])
def test_documents_refuse_programs_with_a_problem(client: Client, path: str, status: int, accept: str | None) -> None:
    """RFC 9457 whoever asks, but a browser gets its page."""
    refused = client.get(path, headers={"Accept": accept} if accept else {})
    assert (refused.status_code, refused["Content-Type"]) == (status, "application/problem+json")
    assert refused.json()["status"] == status
    page = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page["Content-Type"].split(";")[0]) == (status, "text/html")
