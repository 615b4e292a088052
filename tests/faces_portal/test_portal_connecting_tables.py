"""Connecting a table by form: a real database's columns read, chosen, tried, offered, shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from portal_cast import Person, approved_organization, metadata
from portal_reading import page_of
from provider_databases import PASSWORD, Door
from provider_ngsi import PATH, TENANT, TOKEN, ContextBroker
from pytest_django import Settings

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.models import Application, SourceConnection
from tdpf.controlplane.access.types import RowsAnswer
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.exchange import queries as exchange

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

TERMS = {
    "access": "conditional", "approval": "automatic", "audience": "members", "purposes": "any", "regions": "any",
    "redistribution": "forbidden", "secondary_use": "allowed", "attribution": "none", "disclosure": "any",
    "information_management": "none", "notice_days": "30", "rate_plan": "r10",
}  # fmt: skip
LIMITS = {"timeout_seconds": 5, "most_connections": 4, "per_second": 0, "most_rows": 1000}


def test_a_view_is_connected_by_form(
    someone: Callable[..., Person], provider_postgres: Door, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_FETCH = True
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    assert provider.see("/provide").links["データベースのビューをつなぐ"] == "/provide/table/sql"
    start = provider.see("/provide/table/sql")
    assert start.unlabelled() == []
    there = provider.send("/provide/table/sql", **{**metadata(start, "city-halls"), "party": city.party_id})
    assert there == "/provide/city-halls/tables/main?kind=sql"
    assert provider.see(there).unlabelled() == []

    form = {
        "engine": "postgresql", "host": "localhost", "port": provider_postgres.port, "database": "city",
        "relation": "shelters", "account": "reader", "secret": PASSWORD, "tls": "off", **LIMITS,
    }  # fmt: skip
    response = provider.client.post(there, {**form, "do": "columns"})
    assert response.status_code == 200
    read = page_of(response)
    assert "id, integer name, string" in read.text
    assert PASSWORD not in response.content.decode()
    refused = provider.refused(there, **{**form, "do": "columns", "secret": "wrong"})
    assert "データベースの答え" in " ".join(refused.alerts)
    refused = provider.refused(there, **{**form, "do": "save", "columns": "番号, uuid, id", "host": "http://x"})
    assert "形が正しくありません" in refused.text
    columns = "番号, integer, id\n名称, string, name\n定員, integer, capacity"
    provider.send(there, **{**form, "do": "try", "columns": columns, "key_columns": "番号"})
    kept = SourceConnection.objects.get()
    assert kept.document["columns"][0]["origin"] == "id"
    assert kept.tested["status"] == 200
    saved = provider.see(there)
    assert "試した結果: 読めました" in saved.text
    assert "/data/collections/city-halls/items" in saved.text
    assert saved.links["次へ：利用条件を決める"] == "/provide/city-halls/terms"

    provider.send("/provide/city-halls/terms", **TERMS)
    warranty = exchange.warranty_in_force()
    provider.send(
        "/provide/city-halls/publish",
        text_version=warranty.version,
        text_sha256=warranty.sha256,
        sign="on",
        despite_licence="on",
    )
    public = Client().get("/datasets/city-halls")
    assert public.status_code == 200
    for part in ("表", "項目", "APIで使う"):
        assert part in page_of(public).text
    assert "localhost:" + str(provider_postgres.port) not in public.content.decode()
    assert "表のつなぎ方" in provider.see("/provide/city-halls").text
    assert someone("s@example.jp", "他人").client.get(there).status_code == 404
    assert Client().get("/dataset/city-halls.jsonld").status_code == 200
    english = page_of(provider.client.get("/en/provide/city-halls/tables/main"))
    assert "How the table is connected" in english.text

    # Another view is another promise: the pages say that nothing is given, and where to sign.
    assert "いまは利用者に渡していません" not in provider.see("/provide/city-halls").text
    provider.send(there, **{**form, "do": "save", "columns": columns, "relation": "public.shelters"})
    for address in (there, "/provide/city-halls"):
        moved = provider.see(address)
        assert "いまは利用者に渡していません" in moved.text
        assert moved.links["確かめて署名する"] == "/provide/city-halls/publish"
    signing = {"text_version": warranty.version, "text_sha256": warranty.sha256, "sign": "on"}
    assert provider.send("/provide/city-halls/publish", **signing) == "/provide/city-halls"
    assert "いまは利用者に渡していません" not in provider.see("/provide/city-halls").text


def test_files_and_buckets_have_forms_of_their_own(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    columns = {
        "columns": "番号, integer, id\n名称, string",
        "timeout_seconds": 10,
        "per_second": 3,
        "fresh_seconds": 60,
        "encoding": "utf-8",
    }
    filled = {
        "file": {"url": "https://data.example.jp/halls.csv", "file_format": "csv", "credential_kind": "header",
                 "account": "x-key", "secret": "topsecret"},
        "bucket": {"endpoint": "https://s3.example.jp", "bucket": "city-data", "region": "ap-northeast-1", "key_prefix": "halls/",
                   "file_format": "parquet", "account": "AKIA", "secret": "topsecret"},
    }  # fmt: skip
    for kind, form in filled.items():
        start = provider.see(f"/provide/table/{kind}")
        there = provider.send(f"/provide/table/{kind}", **{**metadata(start, f"halls-{kind}"), "party": city.party_id})
        assert provider.see(there).unlabelled() == []
        provider.send(there, **{**form, **columns, "do": "save"})
        kept = SourceConnection.objects.get(kind=kind)
        assert (kept.document["limits"]["fresh_seconds"], kept.document["limits"]["per_second"]) == (60, 3)
        # What the form does not show was set by a program, and stays.
        kept.document["limits"]["most_bytes"] = 5000
        kept.save()
        provider.send(there, **{**form, **columns, "do": "save", "secret": "", "fresh_seconds": 90})
        kept.refresh_from_db()
        assert (kept.document["limits"]["fresh_seconds"], kept.document["limits"]["most_bytes"]) == (90, 5000)
        assert "topsecret" not in kept.secret
        saved = provider.see(f"/provide/halls-{kind}/tables/main")
        assert "認証の値は保存されています。" in saved.text
    refused = provider.refused(
        "/provide/halls-bucket/tables/main", **{**filled["bucket"], **columns, "bucket": "A B", "do": "save"}
    )
    assert "バケットの名前が正しくありません。" in refused.text


def test_a_gathering_is_declared_by_form(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    assert provider.see("/provide").links["いくつかのデータを一つに集める（集約）"] == "/provide/table/gathered"
    start = provider.see("/provide/table/gathered")
    there = provider.send("/provide/table/gathered", **{**metadata(start, "all-halls"), "party": city.party_id})
    page = provider.see(there)
    assert page.unlabelled() == []
    assert "先に、問い合わせる利用アプリを登録してください" in page.text
    asked = page.links["利用アプリを登録する"]
    assert f'<option value="{city.party_id}" selected>' in provider.client.get(asked).content.decode()
    provider.send("/applications", owner=city.party_id, name="集約", description="")
    known = Application.objects.get(name="集約")
    assert "先に、問い合わせる" not in provider.see(there).text
    refused = provider.refused(there, how="union", application=known.uid, parts="halls-north: 番号=id\nhalls-south", columns="番号, integer",
                               key_columns="番号", timeout_seconds=10, per_second=0, do="save")  # fmt: skip
    assert "このデータはありません: halls-north" in refused.text
    assert "halls-north: 番号=id" in refused.text


def test_a_column_that_a_part_does_not_give_is_told_before_anybody_signs(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    warranty = exchange.warranty_in_force()
    opened = next(entry.fields for entry in exchange.terms_presets() if entry.code == "open")
    for name, columns in (("halls-north", "id, string\n名称, string"), ("halls-south", "番号, string")):
        start = provider.see("/provide/table/file")
        there = provider.send("/provide/table/file", **{**metadata(start, name), "party": city.party_id})
        provider.send(there, url=f"https://data.example.jp/{name}.csv", file_format="csv", encoding="utf-8", credential_kind="",
                      columns=columns, timeout_seconds=10, per_second=3, fresh_seconds=60, do="save")  # fmt: skip
        provider.send(f"/provide/{name}/terms", **opened)
        provider.send(f"/provide/{name}/publish", text_version=warranty.version, text_sha256=warranty.sha256, sign="on")
    provider.send("/applications", owner=city.party_id, name="集約", description="")
    start = provider.see("/provide/table/gathered")
    there = provider.send("/provide/table/gathered", **{**metadata(start, "all-halls"), "party": city.party_id})
    form = {"how": "union", "application": Application.objects.get(name="集約").uid, "key_columns": "番号", "do": "save",
            "columns": "番号, string\n名称, string", "timeout_seconds": 10, "per_second": 0}  # fmt: skip
    provider.send(there, **form, parts="halls-north: 番号=id\nhalls-south")
    provider.send("/provide/all-halls/terms", **opened)
    kept = SourceConnection.objects.get(kind="gathered")
    assert kept.document["parts"][0]["columns"] == {"番号": "id", "名称": "名称"}
    for address in (there, "/provide/all-halls/publish"):
        told = provider.see(address)
        assert "名称 は halls-south から来ません" in told.text
        assert "halls-north から来ません" not in told.text
        english = page_of(provider.client.get(f"/en{address}"))
        assert "名称 does not come from halls-south" in english.text
    provider.send(there, **form, parts="halls-north: 番号=id\nhalls-south: 名称=番号, 番号=番号")
    for address in (there, "/provide/all-halls/publish"):
        assert "来ません" not in provider.see(address).text


def test_a_context_broker_is_connected_by_form(
    someone: Callable[..., Person], context_broker: ContextBroker, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_FETCH = True
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    assert provider.see("/provide").links["NGSIのブローカーを表としてつなぐ"] == "/provide/table/ngsi"
    start = provider.see("/provide/table/ngsi")
    there = provider.send("/provide/table/ngsi", **{**metadata(start, "ngsi-halls"), "party": city.party_id})
    assert provider.see(there).unlabelled() == []
    form = {
        "url": context_broker.url, "version": "v2", "entity_type": "Hall", "tenant": TENANT, "service_path": PATH,
        "credential_kind": "header", "account": "x-auth-token", "secret": TOKEN, **LIMITS,
    }  # fmt: skip
    read = page_of(provider.client.post(there, {**form, "do": "columns"}))
    assert "isOpen, boolean, isOpen" in read.text
    provider.send(
        there, **{**form, "do": "try", "columns": "番号, string, id\n定員, number, seats", "key_columns": "番号"}
    )
    kept = SourceConnection.objects.get()
    assert (kept.tested["status"], kept.document["tenant"]) == (200, TENANT)
    assert TOKEN not in provider.client.get(there).content.decode()


def test_a_located_table_elsewhere_has_rows_map_fields_and_console(
    someone: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str]] = []

    def rows(slug: str, parameters: dict[str, str], *, language: str) -> RowsAnswer:
        assert (slug, language) == ("far-halls", "ja")
        asked.append(parameters)
        return RowsAnswer(
            rows=[{"番号": 1, "名称": "北会館"}], more=True, partial=[{"collection": "b", "why": "応答なし"}]
        )

    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    start = provider.see("/provide/table/file")
    there = provider.send("/provide/table/file", **{**metadata(start, "far-halls"), "party": city.party_id})
    provider.send(there, url="https://data.example.jp/halls.csv", file_format="csv", encoding="utf-8", credential_kind="",
                  columns="番号, integer\n名称, string\n緯度, number\n経度, number", timeout_seconds=10, per_second=3,
                  fresh_seconds=60, do="save")  # fmt: skip
    fields = next(entry.fields for entry in exchange.terms_presets() if entry.code == "open")
    provider.send("/provide/far-halls/terms", **fields)
    warranty = exchange.warranty_in_force()
    provider.send("/provide/far-halls/publish", text_version=warranty.version, text_sha256=warranty.sha256, sign="on")
    monkeypatch.setattr(access, "ask_rows", rows)
    page = Client().get("/datasets/far-halls")
    seen = page_of(page)
    assert asked == [], "the provider is asked when somebody looks, not by whoever opens the page"
    for place in ("table", "map", "fields", "api"):
        assert f'id="{place}"' in page.content.decode(), place
    assert "data.example.jp" not in page.content.decode()
    assert {"GeoJSON" if word == "GEOJSON" else word for word in seen.links} >= {"CSV", "JSON", "GeoJSON"}
    assert seen.links["行を見る"] == "?rows=1#table"
    shown = page_of(Client().get("/datasets/far-halls?rows=1&offset=20"))
    assert "北会館" in shown.text
    assert "一部の提供元が応答しなかった" in shown.text
    assert shown.links["次へ"] == "?rows=1&offset=21#table"
    card = catalog.list_datasets(provider_party_ids=[city.party_id]).items[0]
    assert card.located
    assert set(card.formats) == {"CSV", "JSON", "GEOJSON"}
