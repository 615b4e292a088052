"""Connecting a provider's API: the document, the secret, what reaches the snapshot, the try."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from tdpf.controlplane.access import queries, services
from tdpf.controlplane.access.documents import may_be_got, read_api_document
from tdpf.controlplane.access.errors import SourceInvalid, UnknownSource
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.openapi_import import read_openapi
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetMetadata
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.errors import ConnectAnew
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import OutboxEvent
from tdpf.kit import clock
from tdpf.kit.certificates import issue, new_authority, show
from tdpf.kit.errors import Problem
from tdpf.kit.home import home
from tdpf.wire.codec import from_json
from tdpf.wire.messages import SnapshotManifest, decode_shard
from tdpf.wire.sealing import unseal
from tdpf.wire.sources import ApiCredential, ApiSource

DOCUMENT: dict[str, Any] = {
    "format": 1,
    "kind": "http_api",
    "base_url": "https://api.example.jp/v2",
    "operations": [
        {"method": "GET", "path": "/stations", "title": "観測所の一覧"},
        {"method": "GET", "path": "/stations/{id}"},
    ],
    "credential": {"kind": "header", "name": "x-api-key"},
}


@pytest.fixture
def dataset(hana: Standing) -> str:
    """The uid of a dataset without anything in it."""
    row = catalog_services.create_dataset(
        actor=hana,
        provider_party_id=hana.person_party_id,
        metadata=DatasetMetadata(title_ja="雨量", description_ja="雨量です。", contact_email="a@example.jp"),
        slug="rainfall",
    )
    return row.uid


def connect(actor: Standing, dataset: str, secret: str | None = "topsecret", **changes: Any) -> Any:
    return services.connect_source(
        actor=actor, dataset_uid=dataset, name="main", document={**DOCUMENT, **changes}, secret=secret
    )


def offer_openly(actor: Standing, dataset: str) -> None:
    """Publish the dataset under conditions, its warranty signed."""
    offer = exchange_services.draft_offer(
        actor=actor,
        dataset_uid=dataset,
        fields={
            "access": "conditional", "approval": "automatic", "notice_days": 30,
        },
    )  # fmt: skip
    words = exchange.warranty_in_force()
    exchange_services.sign_warranty(
        actor=actor, offer_uid=offer.uid, text_version=words.version, text_sha256=words.sha256
    )
    exchange_services.publish_offer(actor=actor, offer_uid=offer.uid, despite_licence=True)


def apis_in_snapshot() -> list[ApiSource]:
    manifest = from_json(SnapshotManifest, services.current_manifest())
    found: list[ApiSource] = []
    for reference in manifest.shards:
        if reference.kind == "apis":
            found += decode_shard("apis", services.snapshot_shard(reference.sha256))
    return found


@pytest.mark.django_db
def test_what_is_connected_offered_and_warranted_reaches_the_gate(hana: Standing, dataset: str) -> None:
    facts = connect(hana, dataset)
    assert facts.has_secret
    assert apis_in_snapshot() == []
    offer_openly(hana, dataset)
    [source] = apis_in_snapshot()
    assert (source.slug, source.name, source.url) == ("rainfall", "main", "https://api.example.jp/v2")
    assert [operation.path for operation in source.operations] == ["/stations", "/stations/{id}"]
    opened = unseal(services.sealing_key(), source.credential, bound_to=source.source)
    assert from_json(ApiCredential, opened) == ApiCredential("header", "x-api-key", "topsecret")
    page = catalog.dataset_page("rainfall", hana)
    assert [one.address for one in queries.operations_of(page, "https://tdpf.example")] == [
        "https://tdpf.example/data/apis/rainfall/stations", "https://tdpf.example/data/apis/rainfall/stations/{id}",
    ]  # fmt: skip
    # Another server is another promise: closed until it is signed for.
    connect(hana, dataset, "again", base_url="https://other.example.jp/")
    assert apis_in_snapshot() == []


@pytest.mark.django_db
def test_what_was_withdrawn_is_connected_anew_before_it_is_offered_again(hana: Standing, dataset: str) -> None:
    columns = [{"name": "番号", "type": "integer"}]
    table = {
        "format": 1, "kind": "sql", "engine": "mysql", "host": "db.example.jp", "database": "city", "relation": "halls",
        "credential": {"kind": "basic", "name": "reader"}, "columns": columns, "key_columns": ["番号"],
    }  # fmt: skip
    stream = {"format": 1, "kind": "stream", "columns": columns}

    def connect_all() -> None:
        connect(hana, dataset)
        for name, document, secret in (("table", table, "x"), ("live", stream, None)):
            services.connect_source(actor=hana, dataset_uid=dataset, name=name, document=document, secret=secret)

    def token() -> None:
        services.issue_device_token(actor=hana, dataset_uid=dataset, name="live", token_name="入口")

    def missing() -> tuple[str, ...]:
        offer = exchange.offers_of_dataset(dataset, hana)[-1]
        return exchange.publication_check(offer.uid, hana).missing

    connect_all()
    token()
    offer_openly(hana, dataset)
    catalog_services.withdraw_dataset(actor_uid=hana.actor, dataset_uid=dataset, reason="終わります")
    revoked = OutboxEvent.objects.filter(name="access.DeviceTokenRevoked")
    assert revoked.count() == 1
    with pytest.raises(ConnectAnew) as refused:
        offer_openly(hana, dataset)
    assert refused.value.data["names"] == "main、table、live"
    connect_all()
    assert catalog.to_be_connected_anew(dataset) == ["live"]
    assert missing() == ("exchange/connect-anew",)
    token()
    assert missing() == ()
    offer_openly(hana, dataset)
    assert [source.name for source in apis_in_snapshot()] == ["main"]


@pytest.mark.django_db
def test_the_secret_is_kept_sealed_and_never_shown(hana: Standing, dataset: str) -> None:
    connect(hana, dataset)
    facts = queries.source_of(dataset, "main", hana)
    assert "topsecret" not in repr(facts)
    row = SourceConnection.objects.get()
    assert "topsecret" not in row.secret
    assert row.secret.startswith("v1.")
    assert not [event for event in OutboxEvent.objects.all() if "topsecret" in repr(event.__dict__)]
    assert (home().secrets / "sources.key").stat().st_mode & 0o777 == 0o600
    connect(hana, dataset, None, operations=DOCUMENT["operations"][:1])
    assert SourceConnection.objects.get().secret == row.secret
    renamed = connect(hana, dataset, None, credential={"kind": "header", "name": "x-other"})
    opened = unseal(services.sealing_key(), SourceConnection.objects.get().secret, bound_to=renamed.uid)
    assert from_json(ApiCredential, opened) == ApiCredential("header", "x-other", "topsecret")


@pytest.mark.django_db
def test_a_kept_secret_is_not_sent_to_another_server(hana: Standing, dataset: str) -> None:
    connect(hana, dataset)
    for changes in (
        {"base_url": "https://thief.example/v2"}, {"base_url": "http://api.example.jp/v2"},
        {"base_url": "https://api.example.jp:8443/v2"}, {"credential": {"kind": "query", "name": "x-api-key"}},
    ):  # fmt: skip
        with pytest.raises(SourceInvalid) as refused:
            connect(hana, dataset, None, **changes)
        assert refused.value.data["errors"][0]["field"] == "secret"
    connect(hana, dataset, None, base_url="https://api.example.jp/v3")


@pytest.mark.django_db
def test_only_the_provider_connects_and_sees(hana: Standing, make_member: Any, dataset: str) -> None:
    connect(hana, dataset)
    other = make_member("other")
    with pytest.raises(Problem):
        connect(other, dataset)
    with pytest.raises(Problem):
        queries.source_of(dataset, "main", other)
    with pytest.raises(Problem):
        services.try_source(actor=other, dataset_uid=dataset, name="main")
    with pytest.raises(UnknownSource):
        queries.source_of(dataset, "nothing", hana)
    with pytest.raises(Problem):
        connect(make_member("plain", mfa=False), dataset)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"format": 2}, "format"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": "https://user:pw@x.example"}, "base_url"),
        ({"base_url": "https://x.example/?a=b"}, "base_url"),
        ({"operations": []}, "operations"),
        ({"operations": [{"method": "TRACE", "path": "/"}]}, "operations[0].method"),
        ({"operations": [{"method": "GET", "path": "/a/{b c}"}]}, "operations[0].path"),
        ({"operations": [{"method": "GET", "path": "/a", "paht": ""}]}, "operations[0].paht"),
        ({"operations": [{"method": "GET", "path": "/a"}] * 2}, "operations[1]"),
        ({"credential": {"kind": "header", "name": "Host"}}, "credential.name"),
        ({"credential": {"kind": "header", "name": "x-tdpf-view"}}, "credential.name"),
        ({"credential": {"kind": "oauth2", "name": "id"}}, "credential.token_url"),
        ({"request_headers": {"set": {"authorization": "Bearer x"}}}, "request_headers"),
        ({"request_headers": {"set": {"x-a": "a\r\nb: c"}}}, "request_headers"),
        ({"response_headers": {"set": {"set-cookie": "a=b"}}}, "response_headers"),
        ({"limits": {"timeout_seconds": 0}}, "limits.timeout_seconds"),
        ({"limits": {"speed": 1}}, "limits.speed"),
        ({"test_path": "/elsewhere"}, "test_path"),
        ({"test_path": "/stations/../admin"}, "test_path"),
        ({"secret": "x"}, "secret"),
        ({"limits": "fast"}, "limits"),
    ],
)
def test_faults_are_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceInvalid) as refused:
        read_api_document({**DOCUMENT, **changes})
    assert field in [entry["field"] for entry in refused.value.data["errors"]]


_ODD = st.sampled_from([None, True, 0, "", "/a", "\r\n", [], {}, [{}], {"kind": "query"}, {"method": "GET"}, [1, [2]]])


@given(st.dictionaries(st.sampled_from([*DOCUMENT, "limits", "test_path", "else"]), _ODD | st.lists(_ODD, max_size=2)))
def test_anything_is_read_or_refused(plain: dict[str, Any]) -> None:
    for document in (plain, {**DOCUMENT, **plain}, list(plain)):
        try:
            read_api_document(document)
        except SourceInvalid as refused:
            assert refused.data["errors"]  # noqa: PT017 - any other exception fails the test


def test_the_path_to_test_is_one_that_may_be_called() -> None:
    document = read_api_document(DOCUMENT)
    assert may_be_got(document, "/stations/44132?from=1")
    assert not may_be_got(document, "/stations/44132/rain")
    assert not may_be_got(document, "/stations/44 132")


@pytest.mark.django_db
def test_a_try_tells_status_and_time_and_nothing_more(hana: Standing, dataset: str, settings: Settings) -> None:
    seen: list[tuple[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers.get("x-api-key", "")))
            self.send_response(418)
            self.end_headers()
            self.wfile.write(b"echo " + self.headers.get("x-api-key", "").encode())

        def log_message(self, *_: object, **__: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}/v2/"
    connect(hana, dataset, base_url=base)
    refused = services.try_source(actor=hana, dataset_uid=dataset, name="main")
    assert refused.tested.status == 0
    assert refused.tested.note.ja
    assert not seen
    settings.ALLOW_PRIVATE_FETCH = True
    connect(hana, dataset, None, base_url=base, test_path="/stations/7")
    facts = services.try_source(actor=hana, dataset_uid=dataset, name="main")
    again = services.try_source(actor=hana, dataset_uid=dataset, name="main")
    server.shutdown()
    server.server_close()
    assert seen == [("/v2/stations/7", "topsecret")]
    assert (facts.tested.status, facts.tested.size) == (418, 14)
    assert "topsecret" not in repr(facts)
    assert again == facts


@pytest.mark.django_db
def test_a_client_certificate_fits_its_key_and_is_shown_to_the_server_it_names(
    hana: Standing, dataset: str, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_FETCH = True
    at = clock.now()
    authority, other = (new_authority("provider", now=at, days=1) for _ in range(2))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=authority.certificate.decode())
    context.verify_mode = ssl.CERT_REQUIRED
    show(context, issue(authority, "localhost", hosts=("localhost",), now=at, days=1).pem)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object, **__: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    chain, begin, key = issue(authority, "tdpf", now=at, days=1).pem.decode().partition("-----BEGIN PRIVATE KEY")
    stranger = issue(other, "tdpf", now=at, days=1).pem.decode().partition("-----BEGIN PRIVATE KEY")
    asked = {
        "base_url": f"https://localhost:{server.server_address[1]}/v2", "authority": authority.certificate.decode(),
        "credential": {"kind": "certificate", "certificate": chain},
    }  # fmt: skip
    for wrong in ("topsecret", "".join(stranger[1:]), chain):
        with pytest.raises(SourceInvalid) as refused:
            connect(hana, dataset, wrong, **asked)
        assert refused.value.data["errors"][0]["field"] == "secret"
    with pytest.raises(SourceInvalid):
        connect(hana, dataset, begin + key, **{**asked, "authority": begin + key})
    # A field of one line takes the line ends away.
    facts = connect(hana, dataset, (begin + key).replace("\n", ""), **asked)
    tried = services.try_source(actor=hana, dataset_uid=dataset, name="main")
    assert tried.tested.status == 204
    row = SourceConnection.objects.get()
    for shown in (repr(facts), repr(tried), json.dumps(row.document), row.secret):
        assert "PRIVATE KEY" not in shown
    # Whoever is shown another's certificate refuses it; who believes another authority sends nothing.
    SourceConnection.objects.update(tested_at=None)
    connect(
        hana,
        dataset,
        "".join(stranger[1:]),
        **{**asked, "credential": {"kind": "certificate", "certificate": stranger[0]}},
    )
    assert services.try_source(actor=hana, dataset_uid=dataset, name="main").tested.status == 0
    connect(hana, dataset, begin + key, **{**asked, "authority": other.certificate.decode()})
    assert services.try_source(actor=hana, dataset_uid=dataset, name="main").tested.status == 0
    server.shutdown()
    server.server_close()


def test_certificates_are_kept_as_gateways_read_them_and_their_faults_are_named() -> None:
    good = new_authority("provider", now=clock.now(), days=1).certificate.decode()
    kept = read_api_document({**DOCUMENT, "authority": f"a word\n{good.strip()}{good.strip()}"})
    assert kept.authority == good + good
    for field in ("authority", "credential.certificate"):
        shown = {"kind": "certificate", "certificate": good[:200]}
        changes = {"authority": good[:200]} if field == "authority" else {"credential": shown}
        with pytest.raises(SourceInvalid) as refused:
            read_api_document({**DOCUMENT, **changes})
        assert [one["field"] for one in refused.value.data["errors"]] == [field]


OPENAPI = """
openapi: 3.1.0
info: {title: 雨量API}
servers: [{url: "https://{host}/v2", variables: {host: {default: api.example.jp}}}]
paths:
  /stations: {get: {summary: 一覧}, parameters: []}
  /stations/{station-id}: {get: {operationId: one}, delete: {}}
  "/odd path": {get: {}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-API-Key}}}
"""


def openapi_documents() -> Iterator[tuple[bytes, str, str]]:
    yield OPENAPI.encode(), "", "https://api.example.jp/v2"
    old = {"swagger": "2.0", "host": "old.example", "basePath": "/x", "paths": {"/a": {"get": {}}},
           "securityDefinitions": {"k": {"type": "apiKey", "in": "query", "name": "k"}}}  # fmt: skip
    yield orjson.dumps(old), "", "https://old.example/x"
    beside = {"openapi": "3.0.0", "servers": [{"url": "/v1"}], "paths": {"/a": {"get": {}}}}
    yield orjson.dumps(beside), "https://api.example/docs/openapi.json", "https://api.example/v1"


def test_openapi_is_imported() -> None:
    for data, found_at, base_url in openapi_documents():
        assert read_openapi(data, found_at=found_at).base_url == base_url
    found = read_openapi(OPENAPI.encode())
    assert [(one.method, one.path, one.title) for one in found.operations] == [
        ("GET", "/stations", "一覧"), ("GET", "/stations/{station_id}", "one"), ("DELETE", "/stations/{station_id}", ""),
    ]  # fmt: skip
    assert (found.title, found.left_out) == ("雨量API", 1)
    assert found.credential is not None
    assert (found.credential.kind, found.credential.name) == ("header", "x-api-key")


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[1", b"\xff\xfe", b"a: &a [1]\nb: *a\npaths: {}", b"paths: 1", b'{"paths":[]}', b"- " * 50_000],
)
def test_what_is_no_openapi_is_refused(data: bytes) -> None:
    with pytest.raises(SourceInvalid):
        read_openapi(data)
