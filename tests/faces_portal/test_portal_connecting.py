"""Connecting a provider's API by form: described, filled from OpenAPI, mended, offered, shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from portal_cast import Person, approved_organization, metadata
from portal_reading import page_of

from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.exchange import queries as exchange
from tdpf.kit.certificates import issue, new_authority
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

OPENAPI = """
openapi: 3.0.3
info: {title: 雨量API}
servers: [{url: https://api.example.jp/v2}]
paths:
  /stations/{id}: {get: {summary: 観測所の雨量}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-API-Key}}}
"""


def test_an_api_is_connected_by_form_and_shown_with_its_operations(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    assert provider.see("/provide").links["APIをつなぐ"] == "/provide/api"
    start = provider.see("/provide/api")
    assert start.unlabelled() == []
    for form in (start, provider.see("/provide/link")):
        assert form.fields["contact_email"]["value"] == "data@city.example.jp", (
            "the ward's contact, not the official's own"
        )
    there = provider.send("/provide/api", **{**metadata(start, "rain-api"), "party": city.party_id})
    assert there == "/provide/rain-api/sources/main"
    assert provider.see(there).unlabelled() == []

    response = provider.client.post(
        there, {"do": "import", "openapi": SimpleUploadedFile("api.yaml", OPENAPI.encode(), "application/yaml")}
    )
    filled = page_of(response)
    assert response.status_code == 200
    assert filled.fields["base_url"]["value"] == "https://api.example.jp/v2"
    assert "GET /stations/{id} 観測所の雨量" in filled.text
    form = {
        "base_url": "https://api.example.jp/v2", "operations": "GET /stations/{id} 観測所の雨量\nGET stations",
        "credential_kind": "header", "credential_name": "X-API-Key", "secret": "topsecret", "timeout_seconds": 15,
        "retries": 1, "most_connections": 32, "most_waiting": 64, "errors_to_rest": 5, "rest_seconds": 30, "per_second": 0,
            "most_streams": 20, "stream_idle_seconds": 300,
        "remove_response_headers": "X-Powered-By", "do": "save",
    }  # fmt: skip
    refused = provider.refused(there, **form)
    assert "パスは /v1/stations/{id} の形です。" in refused.text
    assert "topsecret" not in refused.text
    provider.send(there, **{**form, "operations": "GET /stations/{id} 観測所の雨量"})
    kept = SourceConnection.objects.get()
    assert kept.document["response_headers"]["remove"] == ["x-powered-by"]
    saved = provider.see(there)
    assert "認証の値は保存されています。" in saved.text
    assert saved.links["次へ：利用条件を決める"] == "/provide/rain-api/terms"
    assert "topsecret" not in saved.text

    provider.send("/provide/rain-api/terms", access="conditional", approval="automatic", audience="members",
                  purposes="any", regions="any", redistribution="forbidden", secondary_use="allowed",
                  attribution="none", disclosure="any", information_management="none", notice_days="30",
                  rate_plan="r10")  # fmt: skip
    warranty = exchange.warranty_in_force()
    last = provider.see("/provide/rain-api/publish")
    assert "ライセンスと利用条件が合っていません" in last.text, "CC BY, though passing on is forbidden"
    signed = {"text_version": warranty.version, "text_sha256": warranty.sha256, "sign": "on"}
    refused = provider.refused("/provide/rain-api/publish", **signed)
    assert "承知のうえでそのまま公開するときは、そう確認してください" in refused.text
    assert (
        provider.see("/provide/rain-api/metadata").fields["licence_url"]["value"].endswith("/datasets/rain-api#terms")
    )
    provider.send("/provide/rain-api/publish", do="custom-licence")
    assert "ライセンスと利用条件が合っていません" not in provider.see("/provide/rain-api/publish").text
    provider.send("/provide/rain-api/publish", **signed)
    assert "/data/apis/rain-api/stations/{id}" in provider.see("/provide/rain-api/done").text
    public = page_of(Client().get("/datasets/rain-api"))
    assert "api.example.jp" not in public.text, "where the provider's API is concerns nobody else"
    told = Client().get("/api/v1/datasets/rain-api").content.decode()
    assert "api.example.jp" not in told
    assert "観測所の雨量" in public.text
    assert '-H "Authorization: Bearer $TDPF_KEY" "http://' in public.text
    assert "/data/apis/rain-api/stations/{id}" in public.text
    assert "APIのつなぎ方" in provider.see("/provide/rain-api").text
    stranger = someone("s@example.jp", "他人")
    assert stranger.client.get(there).status_code == 404
    english = page_of(provider.client.get(f"/en{there}"))
    assert english.heading == "How the API is connected"


def test_an_open_api_is_called_without_a_key(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    there = provider.send(
        "/provide/api", **{**metadata(provider.see("/provide/api"), "open-api"), "party": city.party_id}
    )
    form = {
        "base_url": "https://api.example.jp/v2", "operations": "GET /rain 雨量", "credential_kind": "",
        "timeout_seconds": 15, "retries": 1, "most_connections": 32, "most_waiting": 64, "errors_to_rest": 5,
        "rest_seconds": 30, "per_second": 0, "most_streams": 20, "stream_idle_seconds": 300, "do": "save",
    }  # fmt: skip
    provider.send(there, **form)
    fields = next(entry.fields for entry in exchange.terms_presets() if entry.code == "open")
    provider.send("/provide/open-api/terms", **fields)
    warranty = exchange.warranty_in_force()
    provider.send("/provide/open-api/publish", text_version=warranty.version, text_sha256=warranty.sha256, sign="on")
    for page in (
        provider.see("/provide/open-api/done"),
        provider.see(there),
        page_of(Client().get("/datasets/open-api")),
    ):
        assert "/data/apis/open-api/rain" in page.text
        assert "TDPF_KEY" not in page.text


def test_a_stream_is_connected_by_form(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    start = provider.see("/provide/stream")
    there = provider.send("/provide/stream", **{**metadata(start, "live-shelters"), "party": city.party_id})
    assert there == "/provide/live-shelters/streams/main"
    form = {
        "columns": "施設, string, 必須\n地区, string, 必須\n人数, number of people", "key_columns": "施設",
        "area_column": "地区", "window_events": 100, "most_streams": 5, "per_second": 5, "do": "save",
    }  # fmt: skip
    assert provider.refused(there, **form).alerts
    provider.send(there, **{**form, "columns": "施設, string, 必須\n地区, string, 必須\n人数, integer"})
    assert provider.see(there).unlabelled() == []
    issued = provider.client.post(there, {"do": "token", "token_name": "入口"})
    assert "tdpfp_" in page_of(issued).text
    terms = provider.see("/provide/live-shelters/terms?preset=open")
    assert "areas" in terms.fields
    assert page_of(provider.client.get(f"/en{there}")).heading == "How the stream is connected"
    assert "人数" in provider.see("/datasets/live-shelters").text
    fields = next(entry.fields for entry in exchange.terms_presets() if entry.code == "open")
    provider.send("/provide/live-shelters/terms", **fields)
    warranty = exchange.warranty_in_force()
    provider.send(
        "/provide/live-shelters/publish", text_version=warranty.version, text_sha256=warranty.sha256, sign="on"
    )
    public = page_of(Client().get("/datasets/live-shelters"))
    assert public.links["ストリームを受け取る"] == "#streams"
    assert "ダウンロード" not in public.links, "there is no file to download"


def test_a_broker_is_connected_by_form(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    assert provider.see("/provide").links["MQTTのブローカーをつなぐ"] == "/provide/stream?from=mqtt"
    start = provider.see("/provide/stream?from=mqtt")
    there = provider.send("/provide/stream?from=mqtt", **{**metadata(start, "mqtt-air"), "party": city.party_id})
    assert there == "/provide/mqtt-air/streams/main?from=mqtt"
    assert provider.see(there).unlabelled() == []
    form = {
        "host": "mqtt.example.jp", "port": 8883, "tls": "verify", "quality": 1, "topics": "city/+/air\ncity/#",
        "account": "reader", "secret": "very secret", "columns": "局, string, 必須, $topic/2\n値, number, data.pm25",
        "key_columns": "局", "window_events": 100, "most_streams": 5, "per_second": 50, "do": "save",
    }  # fmt: skip
    refused = provider.refused(there, **{**form, "topics": "a/#/b"})
    assert "city/+/state の形です" in refused.text
    there = provider.send(there, **form)
    kept = SourceConnection.objects.get().document
    assert (kept["mqtt"]["topics"], kept["columns"][0]["origin"]) == (["city/+/air", "city/#"], "$topic/2")
    response = provider.client.get(there)
    saved = page_of(response)
    assert "値, number, data.pm25" in saved.text
    assert "認証の値は保存されています。" in saved.text
    assert "very secret" not in response.content.decode()
    assert "発行する" not in saved.text
    assert provider.client.get("/provide/stream?from=nothing").status_code == 404

    pem = issue(new_authority("city", now=now(), days=2), "tdpf", now=now(), days=1).pem.decode()
    parts = re.findall(r"-----BEGIN .*?-----END [A-Z ]+-----\n", pem, re.DOTALL)
    shown, key = sorted(parts, key=lambda part: "KEY" in part)
    refused = provider.refused(there, **{**form, "client_certificate": "no certificate", "secret": key})
    assert "クライアント証明書の連鎖だけをPEMで" in refused.text
    provider.send(there, **{**form, "client_certificate": shown, "secret": key})
    kept = SourceConnection.objects.get().document["credential"]
    assert (kept["kind"], kept["name"], kept["certificate"]) == ("certificate", "reader", shown)
    again = provider.client.get(there).content.decode()
    assert shown.split("\n")[1] in again
    assert key.split("\n")[1] not in again


def test_what_changes_in_a_feed_is_connected_by_form(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    links = provider.see("/provide").links
    assert links["GTFSリアルタイムを表としてつなぐ"] == "/provide/table/gtfs"
    start = provider.see(links["GTFSリアルタイムの変化をストリームにする"])
    there = provider.send("/provide/stream?from=feed", **{**metadata(start, "live-buses"), "party": city.party_id})
    form = {
        "url": "https://gtfs.example.jp/vehicles.pb", "feed": "gtfs_rt_vehicles", "every_seconds": 30,
        "columns": "vehicle_id, string, 必須\nlatitude, number", "key_columns": "vehicle_id", "window_events": 100,
        "most_streams": 5, "do": "save",
    }  # fmt: skip
    assert provider.see(there).unlabelled() == []
    assert "10〜3600" in provider.refused(there, **{**form, "every_seconds": 1}).text
    there = provider.send(there, **form)
    assert SourceConnection.objects.get().document["feed"]["every_seconds"] == 30
    assert "vehicle_id, string, 必須" in provider.see(there).text
    start = provider.see("/provide/table/gtfs")
    there = provider.send("/provide/table/gtfs", **{**metadata(start, "bus-places"), "party": city.party_id})
    assert "GTFSリアルタイム: 車両の位置" in provider.see(there).text
