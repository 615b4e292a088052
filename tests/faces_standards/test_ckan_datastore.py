"""Rows by `datastore_search`: asked once of the gateway, filters of CKAN 2.12 as CQL2, refusals in CKAN's words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from gateway_double import Gateway
from standards_scene import Scene, member

from tdpf.controlplane.access import services as access
from tdpf.controlplane.catalog import queries as catalog
from tdpf.faces.standards.ckan import datastore
from tdpf.faces.standards.ckan.datastore_filters import Filters
from tdpf.faces.standards.ckan.identifiers import resource_id
from tdpf.faces.standards.ckan.refusals import Invalid

COLUMNS = {"ID": "code", "名称": "string", "便器数": "integer", "$x": "string"}


def ask(client: Client, slug: str, status: int = 200, headers: Any = None, **parameters: Any) -> Any:
    """Ask for rows of a dataset's table."""
    main = catalog.dataset_page(slug).main
    assert main is not None
    answer = client.post(
        "/api/3/action/datastore_search",
        json.dumps({"resource_id": resource_id(main.uid, "CSV"), **parameters}),
        content_type="application/json",
        headers=headers,
    )
    body = json.loads(answer.content)
    assert answer.status_code == status, body
    return body["result"] if status == 200 else body["error"]


def test_rows_come_through_the_gateway_as_the_application_portal(
    client: Client, scene: Scene, gateway: Gateway
) -> None:
    result = ask(client, "public-toilets")
    assert gateway.asked == [
        ("/data/collections/public-toilets/items", {"f": "json", "limit": "100", "offset": "0"}, "tdpf_portal")
    ]
    assert result["total"] == 3
    assert result["records"][0] == {
        "_id": 1, "ID": "1", "名称": "中央公園トイレ", "緯度": 35.69, "経度": 139.69, "便器数": 4
    }  # fmt: skip
    assert [field["id"] for field in result["fields"]] == ["_id", "ID", "名称", "緯度", "経度", "便器数"]
    assert {field["id"]: field["type"] for field in result["fields"]} == {
        "_id": "int", "ID": "text", "名称": "text", "緯度": "numeric", "経度": "numeric", "便器数": "int"
    }  # fmt: skip
    assert result["fields"][2]["info"] == {"label": "施設の名前", "notes": "建物の正式な名前"}
    assert set(result["_links"]) == {"start", "next"}
    assert "next_page" not in result


def test_pages_follow_next_page_or_offset(client: Client, scene: Scene, gateway: Gateway) -> None:
    first = ask(client, "public-toilets", limit=2)
    assert first["next_page"] == {"_id": {"gt": 2}}
    second = ask(client, "public-toilets", limit=2, filters=first["next_page"])
    assert [record["_id"] for record in second["records"]] == [3]
    assert "next_page" not in second
    assert ask(client, "public-toilets", limit=1, offset=2)["records"] == second["records"]
    asked = len(gateway.asked)
    nothing = ask(client, "public-toilets", limit=0)
    assert (nothing["records"], nothing["total"], len(gateway.asked)) == ([], 3, asked)


def test_rows_that_follow_are_of_the_same_version(
    client: Client, scene: Scene, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask(client, "public-toilets", limit=2)
    following = dict(parse_qsl(urlsplit(first["_links"]["next"]).query))
    assert following == {"resource_id": first["resource_id"], "limit": "2", "offset": "2", "version": "4"}
    answer = client.get(first["_links"]["next"])
    assert [record["_id"] for record in answer.json()["result"]["records"]] == [3]
    assert gateway.question["version"] == "4"
    assert "version" not in ask(client, "public-toilets", limit=3)["_links"]["next"], "nothing follows"
    # What takes several calls is of one version, too.
    monkeypatch.setattr(datastore, "_ONE_ANSWER", 1)
    asked = len(gateway.asked)
    assert len(ask(client, "public-toilets", limit=3)["records"]) == 3
    assert [question.get("version") for _, question, _ in gateway.asked[asked:]] == [None, "4", "4"]
    gateway.refusal = (410, {"detail": "version 4 is not kept any more"})
    assert "version 4" in str(ask(client, "public-toilets", 409, limit=2, offset=2, version=4))


def test_a_key_in_the_address(client: Client, scene: Scene, gateway: Gateway) -> None:
    main = catalog.dataset_page("public-toilets").main
    assert main is not None
    parameters = {"resource_id": resource_id(main.uid, "CSV"), "apikey": "tdpf_mine"}
    answer = client.get("/api/3/action/datastore_search", parameters)
    assert answer.status_code == 200, answer.content
    assert gateway.asked[-1][2] == "tdpf_mine"
    assert "tdpf_mine" not in answer.content.decode(), "not in the links either"
    assert client.get("/api/3/action/package_list", {"apikey": "tdpf_mine"}).status_code == 200


def test_fields_sort_words_and_formats(client: Client, scene: Scene, gateway: Gateway) -> None:
    result = ask(client, "public-toilets", fields=["名称"], sort="便器数 desc, 名称", include_total=False)
    assert result["records"][0] == {"名称": "中央公園トイレ"}
    assert "total" not in result
    assert gateway.question["properties"] == "名称"
    assert gateway.question["sortby"] == "-便器数,名称"
    ask(client, "public-toilets", q="公園 トイレ")
    assert gateway.condition()["op"] == "and"
    ask(client, "public-toilets", q={"名称": "公園"})
    assert gateway.condition() == {"op": "like", "args": [{"property": "名称"}, "%公園%"]}
    assert ask(client, "public-toilets", records_format="lists", fields="ID,名称")["records"][0] == [
        "1",
        "中央公園トイレ",
    ]
    assert ask(client, "public-toilets", records_format="csv", fields="ID")["records"] == "1\r\n2\r\n3\r\n"


@pytest.mark.parametrize(
    ("filters", "written"),
    [
        ({"名称": "a'b"}, "\"名称\" = 'a''b'"),
        ({"便器数": 4}, '"便器数" = 4'),
        ({"便器数": "4"}, '"便器数" = 4'),
        ({"ID": ["1", "2"]}, "\"ID\" IN ('1', '2')"),
        ({"便器数": {"gte": 2, "lt": 9}}, '("便器数" >= 2 AND "便器数" < 9)'),
        ({"便器数": [{"lt": 2}, {"gt": 8}]}, '("便器数" < 2 OR "便器数" > 8)'),
        ({"$or": [{"ID": "1"}, {"便器数": {"eq": 2}}]}, '("ID" = \'1\' OR "便器数" = 2)'),
        ({"名称": None}, '"名称" IS NULL'),
        ({"名称": []}, "FALSE"),
        ({"ID": "1", "名称": "x"}, "(\"ID\" = '1' AND \"名称\" = 'x')"),
        ([{"ID": "1"}, {"$and": [{"名称": "x"}]}], "(\"ID\" = '1' AND \"名称\" = 'x')"),
        ({"$$x": "y"}, "\"$x\" = 'y'"),
        ({}, ""),
    ],
)
def test_filters_are_cql2(filters: Any, written: str) -> None:
    assert Filters(COLUMNS).read(filters) == written


@pytest.mark.parametrize(
    "filters",
    [
        {"秘密": "x"}, {"ID": {"like": "x"}}, {"$not": []}, {"$or": {"ID": "1"}}, {"$or": ["x"]}, "ID", 7, [["ID"]],
        {"ID": {"gt": [1]}}, {"_id": 5}, {"_id": {"gt": "1"}}, {"_id": {"gt": -1}}, {"ID": list(range(200))},
        {"$and": [{"ID": str(at)} for at in range(200)]},
    ],
)  # fmt: skip
def test_filters_that_cannot_be_are_refused(filters: Any) -> None:
    with pytest.raises(Invalid):
        Filters(COLUMNS).read(filters)


def test_filters_that_nest_for_ever_are_refused() -> None:
    deep: Any = {"ID": "1"}
    for _ in range(50):
        deep = {"$and": [deep]}
    with pytest.raises(Invalid, match="nesting"):
        Filters(COLUMNS).read(deep)


def test_what_is_not_open_needs_a_key_and_the_key_is_the_callers(
    client: Client, scene: Scene, gateway: Gateway
) -> None:
    refused = ask(client, "people-flow", 403)
    assert refused["__type"] == "Authorization Error"
    assert gateway.asked == []
    ask(client, "people-flow", headers={"Authorization": "tdpf_mine", "X-CKAN-API-Key": "tdpf_mine"})
    assert gateway.asked[0][2] == "tdpf_mine"
    ask(client, "people-flow", headers={"Authorization": "Bearer tdpf_other"})
    assert gateway.asked[1][2] == "tdpf_other"
    gateway.refusal = (403, {"type": "/problems/gateway/not-granted", "detail": "No agreement.", "status": 403})
    refused = ask(client, "people-flow", 403, headers={"X-API-Key": "tdpf_mine"})
    assert refused == {"__type": "Authorization Error", "message": "Access denied: No agreement."}


def test_an_account_wanted_for_open_data_is_wanted_here_too(client: Client, scene: Scene, gateway: Gateway) -> None:
    access.change_setting(actor=member("operator", operator=True), name="open_data_needs_account", value=True)
    assert ask(client, "public-toilets", 403)["__type"] == "Authorization Error"


def test_refusals_and_silence_of_the_gateway(client: Client, scene: Scene, gateway: Gateway, settings: Any) -> None:
    for given, status, kind in (
        (400, 409, "Validation Error"), (404, 404, "Not Found Error"), (429, 403, "Authorization Error"),
    ):  # fmt: skip
        gateway.refusal = (given, {"title": "x", "detail": "y"})
        assert ask(client, "public-toilets", status)["__type"] == kind
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    assert ask(client, "public-toilets", 409)["__type"] == "Search Error"


@pytest.mark.parametrize(
    "parameters",
    [
        {"fields": ["秘密"]}, {"sort": "秘密 asc"}, {"sort": "ID; drop"}, {"sort": "_id desc"}, {"limit": -1}, {"limit": "x"},
        {"q": {"秘密": "x"}}, {"q": "{"}, {"records_format": "xml"}, {"filters": {"x": 1}}, {"filters": "[["}, {"offset": "z"},
        {"distinct": "perhaps"},
    ],
)  # fmt: skip
def test_bad_parameters_are_validation_errors(client: Client, scene: Scene, gateway: Gateway, parameters: Any) -> None:
    assert ask(client, "public-toilets", 409, **parameters)["__type"] == "Validation Error"
    assert gateway.asked == []


def test_info_of_a_table_and_of_what_is_none(client: Client, scene: Scene) -> None:
    main = catalog.dataset_page("public-toilets").main
    link = catalog.dataset_page("shelters").main
    assert main is not None
    assert link is not None
    result = json.loads(client.get(f"/api/3/action/datastore_info?id={main.uid}").content)["result"]
    assert result["meta"]["count"] == 3
    assert [field["id"] for field in result["fields"]] == ["ID", "名称", "緯度", "経度", "便器数"]
    for identifier in (link.uid, "nothing", main.uid[:-1] + "0"):
        assert client.get(f"/api/3/action/datastore_info?id={identifier}").status_code == 404
    assert client.get("/api/3/action/datastore_search").status_code == 409


@pytest.mark.parametrize("name", ["fields", "sort"])
def test_a_list_over_several_lines_is_a_validation_error(
    client: Client, scene: Scene, gateway: Gateway, name: str
) -> None:
    error = ask(client, "public-toilets", status=409, **{name: "ID\rasc"})
    assert error["__type"] == "Validation Error"
    assert name in error
