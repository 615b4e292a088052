"""Connecting a source by program."""

from __future__ import annotations

from typing import Any

import pytest
from by_program import DATASET, Headers, send
from django.test import Client

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.urls("tdpf.faces.api.urls")]

OPENAPI = (
    '{"openapi":"3.1.0","servers":[{"url":"https://api.example.jp"}],"paths":{"/v1/rain":{"get":{"summary":"雨"}}}}'
)


def test_an_api_is_connected_by_program(client: Client, bearer: Headers, strangers_bearer: Headers) -> None:
    assert send(client, "POST", "/datasets", DATASET, bearer).status_code == 201
    imported = send(client, "POST", "/source-documents/openapi", {"text": OPENAPI}, bearer).json()
    document: dict[str, Any] = imported["document"]
    assert document["operations"] == [{"method": "GET", "path": "/v1/rain", "title": "雨"}]
    document["credential"] = {"kind": "query", "name": "appid"}
    place = "/datasets/public-toilets/sources/rain"
    refused = send(client, "PUT", place, {"document": {**document, "limits": {"retries": 99}}}, bearer)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "limits.retries"
    made = send(client, "PUT", place, {"document": document, "secret": "topsecret"}, bearer)
    assert made.status_code == 200, made.content
    assert made.json()["has_secret"] is True
    shown = send(client, "GET", place, None, bearer)
    assert shown.json()["document"]["credential"]["name"] == "appid"
    assert b"topsecret" not in made.content + shown.content
    tried = send(client, "POST", f"{place}/test", {}, bearer).json()["tested"]
    assert tried["status"] == 0
    assert tried["note_ja"]
    assert send(client, "GET", place, None, strangers_bearer).status_code in (403, 404)
    assert send(client, "PUT", place, {"document": document}, strangers_bearer).status_code in (403, 404)
    assert send(client, "GET", place).status_code == 401
    listed = send(client, "GET", "/datasets/public-toilets/operations", None, bearer).json()
    assert [one["address"].partition("/data/")[2] for one in listed] == ["apis/public-toilets.rain/v1/rain"]
    assert send(client, "GET", "/datasets/public-toilets/operations").status_code == 404


def test_a_stream_and_its_tokens_by_program(client: Client, bearer: Headers, strangers_bearer: Headers) -> None:
    send(client, "POST", "/datasets", DATASET, bearer)
    place = "/datasets/public-toilets/sources/live"
    document = {"format": 1, "kind": "stream", "columns": [{"name": "人数", "type": "integer"}]}
    assert send(client, "PUT", place, {"document": document}, bearer).json()["kind"] == "stream"
    issued = send(client, "POST", f"{place}/tokens", {"name": "入口"}, bearer)
    assert issued.status_code == 201
    assert issued.json()["token"].startswith("tdpfp_")
    [listed] = send(client, "GET", f"{place}/tokens", None, bearer).json()
    assert "token" not in listed
    assert send(client, "GET", f"{place}/tokens", None, strangers_bearer).status_code in (403, 404)
    revoked = send(client, "DELETE", f"{place}/tokens/{listed['uid']}", None, bearer).json()
    assert revoked["revoked_at"] is not None
