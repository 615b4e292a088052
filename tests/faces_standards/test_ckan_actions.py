"""The Action API as its clients ask it: envelope, shapes, every call of ckanapi, CKAN's harvester and Terria."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from standards_scene import Scene, member

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.reads import selecting
from tdpf.faces.standards.ckan import searching
from tdpf.kit.clock import now

PACKAGE_KEYS = {
    "author", "author_email", "creator_user_id", "extras", "groups", "id", "isopen", "license_id", "license_title",
    "license_url", "maintainer", "maintainer_email", "metadata_created", "metadata_modified", "name", "notes",
    "num_resources", "num_tags", "organization", "owner_org", "private", "relationships_as_object",
    "relationships_as_subject", "resources", "state", "tags", "title", "type", "url", "version",
}  # fmt: skip
RESOURCE_KEYS = {
    "cache_last_updated", "cache_url", "created", "datastore_active", "description", "format", "hash", "id",
    "last_modified", "metadata_modified", "mimetype", "mimetype_inner", "name", "package_id", "position",
    "resource_type", "size", "state", "url", "url_type",
}  # fmt: skip


def call(client: Client, action: str, **parameters: Any) -> Any:
    """Do an action with its parameters in the address and return its result."""
    answer = client.get(f"/api/3/action/{action}?{urlencode(parameters, doseq=True)}")
    body = json.loads(answer.content)
    assert answer.status_code == 200, body
    assert body["success"] is True
    assert body["help"].endswith(f"/api/3/action/help_show?name={action}")
    return body["result"]


def names(result: Any) -> list[str]:
    return [package["name"] for package in result["results"]]


def test_a_package_has_every_key_of_ckan(client: Client, scene: Scene) -> None:
    package = call(client, "package_show", id="public-toilets")
    assert set(package) == PACKAGE_KEYS
    assert all(set(resource) >= RESOURCE_KEYS for resource in package["resources"])
    assert package["id"] == scene.toilets.uid
    assert (package["name"], package["title"], package["version"]) == ("public-toilets", "公衆トイレ一覧", "1")
    assert package["organization"]["id"] == package["owner_org"]
    assert [group["name"] for group in package["groups"]] == ["welfare"]
    assert package["num_resources"] == len(package["resources"]) == 5
    extras = {extra["key"]: extra["value"] for extra in package["extras"]}
    assert len(extras) == len(package["extras"])
    assert all(isinstance(value, str) and value for value in extras.values())
    assert extras["title_en"] == "Public toilets"
    assert package["metadata_modified"].count(".") == 1
    assert not package["metadata_modified"].endswith(("Z", "+00:00"))
    assert call(client, "package_show", id=scene.toilets.uid) == package


def test_tags_are_ones_that_another_ckan_takes(client: Client, scene: Scene) -> None:
    """`・` is no letter there, and one character is too short; what was stated stands in an extra."""
    package = call(client, "package_show", id="public-toilets")
    assert [tag["name"] for tag in package["tags"]] == ["トイレ", "子育て-教育"]
    assert {"key": "keywords", "value": "トイレ、子育て・教育、水"} in package["extras"]
    assert set(call(client, "tag_list")) == {"トイレ", "人流", "子育て-教育", "防災"}
    assert names(call(client, "package_search", fq='tags:"子育て-教育"')) == ["public-toilets"]
    assert names(call(client, "package_search", fq="tags:トイレ")) == ["public-toilets"]
    assert call(client, "tag_show", id="防災", include_datasets="true")["packages"][0]["name"] == "shelters"


def test_drafts_and_what_is_no_longer_offered_are_nowhere(client: Client, scene: Scene) -> None:
    assert call(client, "package_list") == ["people-flow", "public-toilets", "shelters"]
    for identifier in ("not-yet", scene.draft.uid, "never-was"):
        answer = client.get(f"/api/action/package_show?id={identifier}")
        assert answer.status_code == 404
        assert json.loads(answer.content)["error"] == {"__type": "Not Found Error", "message": "Not found"}
    services.withdraw_dataset(actor_uid="system", dataset_uid=scene.toilets.uid, reason="終了のため")
    assert client.get("/api/action/package_show?id=public-toilets").status_code == 404
    assert call(client, "package_list") == ["people-flow", "shelters"]


def test_both_addresses_get_and_post_json_and_form_say_the_same(client: Client, scene: Scene) -> None:
    asked = {"q": "*:*", "rows": 1, "sort": "name asc"}
    as_json = {"data": json.dumps(asked), "content_type": "application/json"}
    answers = [
        client.get("/api/action/package_search", asked),
        client.get("/api/3/action/package_search", asked),
        client.post("/api/action/package_search", **as_json),
        client.post("/api/3/action/package_search/", **as_json),
        client.post("/api/3/action/package_search", asked),
        client.post(
            "/api/action/package_search", json.dumps(asked) + "=", content_type="application/x-www-form-urlencoded"
        ),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert all(answer["Access-Control-Allow-Origin"] == "*" for answer in answers)
    assert client.options("/api/3/action/package_search").status_code == 200
    assert json.loads(client.get("/api/3").content) == {"version": 3}


def test_an_unknown_action_is_told_as_ckan_tells_it(client: Client, db: None) -> None:
    for name in ("frobnicate", "datastore_search_sql", "package_create", "package_delete", "__class__"):
        answer = client.get(f"/api/3/action/{name}")
        assert answer.status_code == 400
        assert json.loads(answer.content) == f"Bad request: Action name not known: {name}"


def test_searching_with_words_filters_order_and_facets(client: Client, scene: Scene) -> None:
    assert names(call(client, "package_search", q="トイレ")) == ["public-toilets"]
    assert names(call(client, "package_search", q="title:避難所")) == ["shelters"]
    assert names(call(client, "package_search", fq="res_format:GeoJSON", sort="name asc")) == [
        "people-flow",
        "public-toilets",
    ]
    assert names(call(client, "package_search", fq="-groups:welfare", sort="name asc")) == ["people-flow", "shelters"]
    assert names(call(client, "package_search", fq_list='["license_id:CC0-1.0", "tags:防災"]')) == ["shelters"]
    assert names(call(client, "package_search", fq="organization:" + scene.provider_slug())) == ["public-toilets"]
    assert names(call(client, "package_search", fq="owner_org:" + scene.toilets.provider.uid)) == ["public-toilets"]
    assert names(call(client, "package_search", fq="access:paid")) == ["people-flow"]
    assert names(call(client, "package_search", fq=f"caddec_dataset_id_for_detail:{scene.shelters.uid}")) == [
        "shelters"
    ]
    assert call(client, "package_search", fq="metadata_modified:[2999-01-01T00:00:00Z TO *]")["count"] == 0
    assert call(client, "package_search", fq="metadata_modified:[NOW-1DAY TO *]")["count"] == 3
    found = call(
        client, "package_search", rows=0, **{"facet.field": '["organization", "tags", "res_format", "groups"]'}
    )
    assert (found["count"], found["results"], found["sort"]) == (3, [], "score desc, metadata_modified desc")
    assert found["facets"]["res_format"]["GeoJSON"] == 2
    assert found["facets"]["groups"] == {"welfare": 1, "safety": 1, "transport": 1}
    items = {item["name"]: item for item in found["search_facets"]["organization"]["items"]}
    assert items[scene.provider_slug()] == {
        "name": scene.provider_slug(), "display_name": "shinjukuさん", "count": 1
    }  # fmt: skip
    assert call(client, "package_search", rows=0)["facets"] == {}


def test_counting_costs_no_more_the_more_often_it_is_asked_for(
    client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over everything it is exact, and not done anew with every batch of a harvest; under a new condition it is bounded."""
    asked: list[bool] = []
    real = catalog.count_datasets

    def counting(*fields: Any, exact: bool, **more: Any) -> Any:
        asked.append(exact)
        return real(*fields, exact=exact, **more)

    monkeypatch.setattr(catalog, "count_datasets", counting)
    monkeypatch.setattr(searching, "_LONG_SECONDS", -1.0)
    monkeypatch.setattr(searching, "_REST", 10**6)
    for _ in range(3):
        call(client, "tag_list")
        Dataset.objects.filter(slug="shelters").update(recorded_at=now())
    assert asked == [True]
    for second in range(2):
        call(client, "package_search", rows=0, fq=f"metadata_modified:[2000-01-01T00:00:0{second}Z TO *]",
             **{"facet.field": '["tags"]'})  # fmt: skip
    assert asked == [True, False, False]
    monkeypatch.setattr(selecting, "MOST_COUNTED", 1)
    some = real(("theme",), exact=False)["theme"]
    assert set(some.values()) <= {3}, "one in three was read"
    assert real(("theme",))["theme"] == {"welfare": 1, "safety": 1, "transport": 1}


def test_the_harvesters_requests_page_to_an_empty_page(client: Client, scene: Scene) -> None:
    """ckanext-harvest 1.6.3: rows=100, sort=id asc, until nothing comes; equal pages would be an error."""
    first = call(client, "package_search", rows=100, start=0, sort="id asc")
    assert [package["id"] for package in first["results"]] == sorted(package["id"] for package in first["results"])
    assert len(first["results"]) == 3
    assert call(client, "package_search", rows=100, start=100, sort="id asc")["results"] == []
    one_by_one = [
        call(client, "package_search", rows=1, start=at, sort="id asc")["results"][0]["id"] for at in range(3)
    ]
    assert one_by_one == [package["id"] for package in first["results"]]
    fq = f"organization:{scene.provider_slug()} OR organization:nobody metadata_modified:[2020-01-01T00:00:00.000000Z TO *]"
    assert names(call(client, "package_search", rows=100, start=0, sort="id asc", fq=fq)) == ["public-toilets"]
    assert call(client, "organization_show", id=scene.provider_slug())["title"] == "shinjukuさん"
    assert call(client, "group_show", id="welfare")["package_count"] == 1


def test_terrias_requests_are_answered_with_what_it_reads(client: Client, scene: Scene) -> None:
    """TerriaJS ckan-group: it throws without `help`, wants arrays, and shows resources whose format is GeoJSON."""
    answer = client.get(
        "/api/3/action/package_search?start=0&rows=1000&sort=metadata_created+asc&fq=res_format%3AGeoJSON"
    )
    assert answer["Access-Control-Allow-Origin"] == "*"
    body = json.loads(answer.content)
    assert body["help"]
    assert body["result"]["count"] == len(body["result"]["results"]) == 2
    first = body["result"]["results"][0]
    assert first["name"] == "public-toilets"
    assert isinstance(first["groups"], list)
    assert {"id", "name", "title", "description"} <= set(first["organization"])
    (located,) = (resource for resource in first["resources"] if resource["format"] == "GeoJSON")
    assert located["url"].endswith("/data/files/public-toilets/public-toilets.geojson")
    assert call(client, "resource_show", id=located["id"]) == located
    assert call(client, "package_search", start=1001, rows=1000, sort="metadata_created asc")["results"] == []


def test_lists_of_organisations_groups_licences_and_the_site(client: Client, scene: Scene) -> None:
    assert scene.provider_slug() in call(client, "organization_list")
    full = call(client, "organization_list", all_fields="true", sort="package_count desc")
    assert [entry["package_count"] for entry in full] == [2, 1]
    shown = call(client, "organization_show", id=scene.provider_slug(), include_datasets="true")
    assert [package["name"] for package in shown["packages"]] == ["public-toilets"]
    assert len(call(client, "group_list")) == 17
    assert [package["name"] for package in call(client, "group_package_show", id="safety")] == ["shelters"]
    assert {licence["id"] for licence in call(client, "license_list")} >= {"CC-BY-4.0", "CC0-1.0"}
    assert call(client, "site_read") is True
    status = call(client, "status_show")
    assert status["ckan_version"].startswith("2.")
    assert "site_url" in status
    assert call(client, "user_list") == []
    assert "package_search" not in call(client, "help_show", name="package_search")[:20]
    nobody = member("nobody")
    answer = client.get("/api/3/action/organization_show?id=" + str(nobody.member_uid))
    assert answer.status_code == 404


def test_resources_are_found_by_their_words(client: Client, scene: Scene) -> None:
    found = call(client, "resource_search", query="url:shelters.csv")
    assert [resource["url"] for resource in found["results"]] == ["https://www.example.jp/shelters.csv"]
    assert call(client, "resource_search", query="format:geojson")["count"] == 2
    assert client.get("/api/3/action/resource_search?query=secret:x").status_code == 409
    assert client.get("/api/3/action/resource_search").status_code == 409
    recent = call(client, "current_package_list_with_resources", limit=2)
    assert len(recent) == 2
    assert call(client, "package_autocomplete", q="トイレ")[0]["name"] == "public-toilets"


def test_an_older_name_still_shows(client: Client, scene: Scene) -> None:
    services.rename_dataset(actor=scene.provider, dataset_uid=scene.toilets.uid, slug="toilets-of-shinjuku")
    assert call(client, "package_show", id="public-toilets")["name"] == "toilets-of-shinjuku"
    assert catalog.get_dataset("public-toilets").slug == "toilets-of-shinjuku"


@pytest.mark.parametrize("callback", ["jQuery123_45", "angular.callbacks._0", "$jsonp"])
def test_jsonp_is_a_call_of_the_named_function(client: Client, db: None, callback: str) -> None:
    answer = client.get(f"/api/3/action/site_read?callback={callback}")
    assert answer["Content-Type"].startswith("application/javascript")
    text = answer.content.decode()
    assert text.startswith(f"/**/{callback}(")
    assert text.endswith(");")
    assert json.loads(text[len(f"/**/{callback}(") : -2])["result"] is True
    assert answer["X-Content-Type-Options"] == "nosniff"
