"""Whatever is sent to the Action API, the answer is CKAN's own refusal, small and quick, never a fault."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from standards_scene import Scene

from tdpf.faces.standards.ckan.actions import ACTIONS

HOSTILE: tuple[dict[str, Any], ...] = (
    {"rows": "-1"}, {"rows": "abc"}, {"rows": "9" * 400}, {"rows": "1.5"}, {"rows": "１０"}, {"start": "-5"},
    {"start": "9" * 18}, {"start": "1e9"}, {"sort": "id; drop table catalog_dataset"}, {"sort": "(select 1) asc"},
    {"q": "title:("}, {"q": '"'}, {"q": "\0" * 50}, {"q": "🚽" * 500}, {"q": "*" * 1000}, {"q": "-" * 1999},
    {"q": "a OR " * 100}, {"fq": "metadata_modified:[x TO y]"}, {"fq": "tags:'; drop table x; --"}, {"fq": ["a", "groups:b"]},
    {"fq_list": "[[["}, {"fq_list": '[{"a":1}]'}, {"facet.field": '["password","__class__"]'}, {"facet.field": "["},
    {"facet.limit": "-7"}, {"facet.limit": "x"}, {"include_private": "maybe"}, {"id": "../../etc/passwd"}, {"id": "a/b"},
    {"id": "\0"}, {"id": "x" * 3999}, {"id": "' or 1=1 --"}, {"id": ["a", "b"]}, {"limit": "-1"}, {"offset": "x"},
    {"limit": "0"}, {"name": "\0"}, {"query": "name:"}, {"query": ":"}, {"query": "hash:\0"}, {"resource_id": "\0"},
    {"filters": "{"}, {"fl": ["x"] * 90}, {"page": "0"}, {"all_fields": "\0"}, {"sort": "\0"}, {"callback": "x"},
)  # fmt: skip
SHAPES = {400: "Search Query Error", 403: "Authorization Error", 404: "Not Found Error", 409: None}


def sound(answer: Any) -> None:
    """Check that an answer is one of CKAN's."""
    assert answer.status_code in (200, 400, 403, 404, 409), answer.content[:300]
    text = answer.content.decode()
    if answer["Content-Type"].startswith("application/javascript"):
        text = text[text.index("(") + 1 : -2]
    body = json.loads(text)
    if isinstance(body, str):
        assert answer.status_code == 400
        assert body.startswith("Bad request")
    elif answer.status_code == 200:
        assert body["success"] is True
    else:
        assert body["success"] is False
        kind = SHAPES[answer.status_code]
        assert (
            body["error"]["__type"] == kind if kind else body["error"]["__type"] in ("Validation Error", "Search Error")
        )


def test_every_action_stands_every_hostile_parameter(client: Client, scene: Scene) -> None:
    for action in sorted(ACTIONS):
        for hostile in HOSTILE:
            sound(client.get(f"/api/3/action/{action}?{urlencode(hostile, doseq=True)}"))
            sound(client.post(f"/api/action/{action}", json.dumps(hostile), content_type="application/json"))


def test_any_json_value_is_taken_or_refused(client: Client, scene: Scene) -> None:
    values = (
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        [],
        [[]],
        {},
        {"a": {"b": [1]}},
        ["x"] * 500,
        "",
        "[" * 500,
        "a" * 100_000,
    )
    names = ("id", "q", "fq", "fq_list", "rows", "start", "sort", "facet.field", "facet.limit", "limit", "offset",
             "filters", "fields", "resource_id", "all_fields", "query", "fl", "include_private")  # fmt: skip
    for action in (
        "package_search",
        "package_show",
        "organization_list",
        "resource_search",
        "datastore_search",
        "tag_list",
    ):
        for name in names:
            for value in values:
                body = json.dumps({name: value})
                sound(client.post(f"/api/3/action/{action}", body, content_type="application/json"))


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff\xfe", b'"x"', b"[" * 10_000, b'{"q":' * 900])
def test_a_body_that_is_no_object_is_a_bad_request(client: Client, db: None, body: bytes) -> None:
    answer = client.post("/api/3/action/package_search", body, content_type="application/json")
    assert answer.status_code == 400
    assert "JSON Error" in json.loads(answer.content)


def test_a_body_of_a_megabyte_is_not_read(client: Client, db: None) -> None:
    answer = client.post(
        "/api/3/action/package_search", json.dumps({"q": "a" * 1_000_000}), content_type="application/json"
    )
    assert answer.status_code == 400
    assert json.loads(answer.content).startswith("Bad request")


@pytest.mark.parametrize("callback", ["alert(1)//", "<script>", "a b", "é", "x" * 101, "a;b", "%00"])
def test_a_callback_that_is_no_name_is_refused(client: Client, db: None, callback: str) -> None:
    answer = client.get(f"/api/3/action/site_read?callback={quote(callback)}")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/json")
    assert callback not in answer.content.decode()


def test_other_methods_and_addresses(client: Client, db: None) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert client.generic(method, "/api/3/action/package_show?id=x").status_code == 400
    for path in ("/api/3/action/", "/api/3/action/a/b", "/api/4/action/site_read", "/api/3/action/%00"):
        assert client.get(path).status_code in (400, 404)
