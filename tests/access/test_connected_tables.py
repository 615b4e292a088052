"""Connecting tables that stay with their provider: documents, secrets, what reaches the snapshot, the try."""

from __future__ import annotations

import http.server
import threading
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from provider_databases import PASSWORD, Door
from provider_ngsi import PATH, TENANT, TOKEN, ContextBroker
from pytest_django import Settings

from tdpf.controlplane.access import queries, services
from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.table_documents import mark_of, read_table_document
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetMetadata, SearchFilters
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit import jobs
from tdpf.djangokit.models import Job
from tdpf.kit import clock
from tdpf.kit.certificates import issue, new_authority
from tdpf.kit.databases import DatabaseRefused, SeenColumn
from tdpf.kit.errors import Problem
from tdpf.wire.codec import from_json
from tdpf.wire.connected import ConnectedTable
from tdpf.wire.messages import Collection, SnapshotManifest, decode_shard
from tdpf.wire.sealing import unseal
from tdpf.wire.sources import ApiCredential

SQL: dict[str, Any] = {
    "format": 1, "kind": "sql", "engine": "postgresql", "host": "db.example.jp", "database": "city",
    "relation": "public.shelters", "credential": {"kind": "basic", "name": "reader"},
    "columns": [{"name": "番号", "type": "integer", "origin": "id"}, {"name": "名称", "origin": "name"}],
    "key_columns": ["番号"],
}  # fmt: skip


@pytest.fixture
def dataset(hana: Standing) -> str:
    """The uid of a dataset without anything in it."""
    row = catalog_services.create_dataset(
        actor=hana, provider_party_id=hana.person_party_id, slug="halls",
        metadata=DatasetMetadata(title_ja="避難所", description_ja="台帳です。", contact_email="a@example.jp"),
    )  # fmt: skip
    return row.uid


def connect(actor: Standing, dataset: str, secret: str | None = "topsecret", base: Any = None, **changes: Any) -> Any:
    document = {**(base or SQL), **changes}
    return services.connect_source(actor=actor, dataset_uid=dataset, name="main", document=document, secret=secret)


def offer(actor: Standing, dataset: str, **fields: Any) -> None:
    """Publish the dataset under conditions, its warranty signed."""
    made = exchange_services.draft_offer(
        actor=actor, dataset_uid=dataset,
        fields={"access": "conditional", "approval": "automatic", "notice_days": 30, **fields},
    )  # fmt: skip
    words = exchange.warranty_in_force()
    exchange_services.sign_warranty(
        actor=actor, offer_uid=made.uid, text_version=words.version, text_sha256=words.sha256
    )
    exchange_services.publish_offer(actor=actor, offer_uid=made.uid, despite_licence=True)


def in_snapshot(kind: Any) -> list[Any]:
    manifest = from_json(SnapshotManifest, services.current_manifest())
    return [
        entry for reference in manifest.shards if reference.kind == kind
        for entry in decode_shard(kind, services.snapshot_shard(reference.sha256))
    ]  # fmt: skip


@pytest.mark.django_db
def test_what_is_connected_offered_and_warranted_reaches_the_gate(hana: Standing, dataset: str) -> None:
    facts = connect(hana, dataset)
    assert facts.kind == "sql"
    assert in_snapshot("connected") == []
    offer(hana, dataset, columns=["名称"])
    [table] = in_snapshot("connected")
    assert isinstance(table, ConnectedTable)
    assert table.sql is not None
    assert (table.slug, table.sql.host, table.sql.port, table.access) == ("halls", "db.example.jp", 5432, "conditional")
    assert (table.title_ja, table.open_columns, table.key_columns) == ("避難所", (), ("番号",))
    opened = unseal(services.sealing_key(), table.credential, bound_to=table.source)
    assert from_json(ApiCredential, opened) == ApiCredential("basic", "reader", "topsecret")
    assert [collection.slug for collection in in_snapshot("collections") if isinstance(collection, Collection)] == ["halls"]  # fmt: skip
    page = catalog.dataset_page("halls", hana)
    assert page.distributions[0].columns == ("番号", "名称")
    assert catalog.downloads(page, page.distributions[0], "")[0] == ("CSV", "/data/collections/halls/items?f=csv")
    # Where the database is stays between provider and platform.
    assert "db.example.jp" not in repr(page)
    # Another place is another promise: closed until it is signed for. Other limits are not.
    connect(hana, dataset, None, limits={"most_connections": 1})
    assert len(in_snapshot("connected")) == 1
    connect(hana, dataset, None, relation="public.other")
    assert in_snapshot("connected") == []


@pytest.mark.django_db
def test_what_is_told_of_older_connected_tables_reaches_the_search(hana: Standing, dataset: str) -> None:
    columns = [{"name": name, "type": "number", "origin": name} for name in ("緯度", "経度")]
    connect(hana, dataset, columns=columns, key_columns=[])
    offer(hana, dataset)
    # As it was before the catalogue was told.
    part = SourceConnection.objects.get().distribution
    part.dictionary, part.located = [], False
    part.save(update_fields=["dictionary", "located"])
    catalog_services.index_datasets(dataset_uids=[dataset])
    located = SearchFilters(located=True)
    Job.objects.all().delete()
    for name, step in (("0006_told_of_connected", "tell"), ("0007_index_connected", "ask_to_index")):
        getattr(import_module(f"tdpf.controlplane.access.migrations.{name}"), step)(apps, None)
    assert catalog.search("", filters=located).total == 0
    jobs.run_pending()
    assert catalog.search("", filters=located).total == 1


@pytest.mark.django_db
def test_the_secret_stays_with_its_server(hana: Standing, dataset: str) -> None:
    connect(hana, dataset)
    row = SourceConnection.objects.get()
    assert "topsecret" not in row.secret
    connect(hana, dataset, None, columns=SQL["columns"][:1])
    assert SourceConnection.objects.get().secret == row.secret
    for changes in ({"host": "thief.example"}, {"port": 5433}, {"tls": "off"}, {"engine": "mysql"}):
        with pytest.raises(SourceInvalid) as refused:
            connect(hana, dataset, None, **changes)
        assert refused.value.data["errors"][0]["field"] == "secret"
    renamed = connect(hana, dataset, None, credential={"kind": "basic", "name": "other"})
    opened = unseal(services.sealing_key(), SourceConnection.objects.get().secret, bound_to=renamed.uid)
    assert from_json(ApiCredential, opened).name == "other"


@pytest.mark.django_db
def test_a_client_certificate_says_who_asks_a_database(hana: Standing, dataset: str) -> None:
    made = issue(new_authority("city", now=clock.now(), days=1), "tdpf", now=clock.now(), days=1).pem.decode()
    chain, begin, key = made.partition("-----BEGIN PRIVATE KEY")
    asked = {"kind": "certificate", "name": "reader", "certificate": f"a remark\n{chain}"}
    with pytest.raises(SourceInvalid) as refused:
        connect(hana, dataset, "topsecret", credential=asked)
    assert refused.value.data["errors"][0]["field"] == "secret"
    source = connect(hana, dataset, begin + key, credential=asked)
    row = SourceConnection.objects.get()
    assert row.document["credential"]["certificate"] == chain
    opened = from_json(ApiCredential, unseal(services.sealing_key(), row.secret, bound_to=source.uid))
    assert (opened.name, opened.password, opened.given_to("https://x")) == ("reader", "", ("https://x", {}))
    assert opened.shown == f"{chain}\n{begin}{key}"
    # A key that was shown is never said as a password.
    with pytest.raises(SourceInvalid):
        connect(hana, dataset, None, credential={"kind": "basic", "name": "reader"})


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"credential": {"kind": "certificate", "name": "a"}}, "credential.certificate"),
    ({"credential": {"kind": "basic", "name": "a", "certificate": "x"}}, "credential.certificate"),
    ({"host": "http://db"}, "host"), ({"host": "a b"}, "host"), ({"port": 70000}, "port"), ({"relation": ""}, "relation"),
    ({"statement": "SELECT 1"}, "relation"), ({"relation": 'a"b'}, "relation"), ({"relation": "a.b.c.d"}, "relation"),
    ({"relation": "", "statement": "DELETE FROM a"}, "statement"), ({"relation": "", "statement": "SELECT 1; SELECT 2"}, "statement"),
    ({"columns": []}, "columns"), ({"columns": [{"name": "a"}, {"name": "a"}], "key_columns": []}, "columns[1].name"),
    ({"columns": [{"name": "a", "type": "uuid"}]}, "columns[0].type"), ({"key_columns": ["nix"]}, "key_columns"),
    ({"area_column": "番号"}, "area_column"), ({"limits": {"timeout_seconds": 0}}, "limits.timeout_seconds"),
    ({"credential": {"kind": "header", "name": "x"}}, "credential.kind"), ({"password": "x"}, "password"),
    ({"kind": "oracle"}, "kind"), ({"engine": "oracle"}, "engine"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field"), FAULTS)
def test_a_fault_is_told_by_its_place(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceInvalid) as refused:
        read_table_document({**SQL, **changes})
    assert field in [entry["field"] for entry in refused.value.data["errors"]]


def test_the_mark_is_of_the_place_alone() -> None:
    mark = mark_of(read_table_document(SQL))
    same: list[dict[str, Any]] = [
        {"port": 5432},
        {"limits": {"most_rows": 5}},
        {"credential": {"kind": "basic", "name": "x"}},
    ]
    assert all(mark_of(read_table_document({**SQL, **changes})) == mark for changes in same)
    other: list[dict[str, Any]] = [
        {"port": 5433},
        {"relation": "b"},
        {"relation": "", "statement": "SELECT 1"},
        {"tls": "off"},
    ]
    assert all(mark_of(read_table_document({**SQL, **changes})) != mark for changes in other)


@pytest.mark.django_db
def test_a_view_is_tried_and_read_for_its_columns(
    hana: Standing, dataset: str, provider_postgres: Door, settings: Settings
) -> None:
    here = {"host": "localhost", "port": provider_postgres.port, "tls": "off"}

    def read(document: Any, secret: str) -> list[SeenColumn]:
        return services.read_columns(actor=hana, dataset_uid=dataset, name="main", document=document, secret=secret)

    with pytest.raises(DatabaseRefused):
        read({**SQL, **here}, PASSWORD)
    settings.ALLOW_PRIVATE_FETCH = True
    seen = read({**SQL, **here, "columns": []}, PASSWORD)
    assert [(column.name, column.type) for column in seen][:2] == [("id", "integer"), ("name", "string")]
    statement = {
        "relation": "",
        "statement": "SELECT count(*) AS n, max(opened) AS last FROM shelters WHERE name LIKE '%校'",
    }
    seen = read({**SQL, **here, **statement}, PASSWORD)
    assert [(column.name, column.type) for column in seen] == [("n", "integer"), ("last", "date")]
    connect(hana, dataset, PASSWORD, **here)
    tested = services.try_source(actor=hana, dataset_uid=dataset, name="main").tested
    assert tested is not None
    assert (tested.status, tested.size) == (200, 1)
    assert len(read({**SQL, **here}, "")) == 10
    connect(hana, dataset, "wrong", **here)
    tested = services.try_source(actor=hana, dataset_uid=dataset, name="main").tested
    assert tested is not None
    assert (tested.status, tested.note.ja) == (0, "データベースが断りました")
    assert connection.vendor in ("sqlite", "postgresql")


@pytest.mark.django_db
def test_only_the_provider_connects_and_other_kinds_keep_their_name(
    hana: Standing, make_member: Any, dataset: str
) -> None:
    other = make_member("other")
    with pytest.raises(Problem):
        connect(other, dataset)
    services.connect_source(
        actor=hana, dataset_uid=dataset, name="main", secret=None,
        document={"format": 1, "kind": "http_api", "base_url": "https://a.example", "operations": [{"method": "GET", "path": "/a"}]},
    )  # fmt: skip
    with pytest.raises(SourceInvalid):
        connect(hana, dataset)
    schema = queries.source_document_schema()
    assert {"SqlDocument", "FileDocument", "BucketDocument", "GatheredDocument"} <= set(schema["$defs"])


@pytest.mark.django_db
def test_a_file_is_looked_at_and_tried(hana: Standing, dataset: str, settings: Settings, tmp_path: Path) -> None:
    settings.ALLOW_PRIVATE_FETCH = True
    (tmp_path / "halls.csv").write_bytes("id,名称,人数\r\n1,北,10.5\r\n2,南,3\r\n".encode("cp932"))
    (tmp_path / "halls.csv.big").write_bytes(b"x" * 5000)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    document: dict[str, Any] = {
        "format": 1, "kind": "file", "url": f"http://127.0.0.1:{site.server_address[1]}/halls.csv", "file_format": "csv",
        "encoding": "cp932", "columns": [{"name": "番号", "type": "integer", "origin": "id"}],
    }  # fmt: skip
    try:
        seen = services.read_columns(actor=hana, dataset_uid=dataset, name="main", document=document)
        assert [(column.name, column.type) for column in seen] == [
            ("id", "integer"),
            ("名称", "string"),
            ("人数", "number"),
        ]
        connect(hana, dataset, None, base=document)
        tested = services.try_source(actor=hana, dataset_uid=dataset, name="main").tested
        assert tested is not None
        assert (tested.status, tested.media_type) == (200, "csv")
        connect(hana, dataset, None, base=document, columns=[{"name": "gone"}])
        tested = services.try_source(actor=hana, dataset_uid=dataset, name="main").tested
        assert tested is not None
        assert (tested.status, tested.note.ja) == (0, "ファイルにない列です: gone")
        offer(hana, dataset)
        [table] = in_snapshot("connected")
        assert table.file.url == document["url"]
        # A key that goes into the address is in nothing that anybody is told.
        keyed = {**document, "credential": {"kind": "query", "name": "key"}}
        connect(hana, dataset, "topsecret", base=keyed)
        for changes in (
            {"url": f"{keyed['url']}.gone"},
            {"limits": {"most_bytes": 1024}, "url": f"{keyed['url']}.big"},
        ):
            with pytest.raises(Problem) as refused:
                services.read_columns(actor=hana, dataset_uid=dataset, name="main", document={**keyed, **changes})
            assert refused.value.data["url"] == changes["url"]
            assert "topsecret" not in f"{refused.value.detail_in('en')} {refused.value.data}"
        with pytest.raises(SourceInvalid):
            services.read_columns(
                actor=hana, dataset_uid=dataset, name="main", document={**document, "encoding": "utf-8"}
            )
    finally:
        site.shutdown()
        site.server_close()


BAD_PLACES: list[tuple[dict[str, Any], str]] = [
    ({"kind": "file", "url": "ftp://a/b", "file_format": "csv"}, "url"),
    ({"kind": "file", "url": "https://a/b", "file_format": "csv", "encoding": "latin"}, "encoding"),
    ({"kind": "bucket", "endpoint": "https://s3.example/?x", "bucket": "abc", "file_format": "csv"}, "endpoint"),
    ({"kind": "bucket", "endpoint": "https://s3.example", "bucket": "A B", "file_format": "csv"}, "bucket"),
]


@pytest.mark.parametrize(("place", "field"), BAD_PLACES)
def test_a_bad_place_is_told(place: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceInvalid) as refused:
        read_table_document({"format": 1, "columns": [{"name": "a"}], **place})
    assert [entry["field"] for entry in refused.value.data["errors"]] == [field]


@pytest.mark.django_db
def test_a_context_broker_is_looked_at_tried_and_connected(
    hana: Standing, dataset: str, context_broker: ContextBroker, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_FETCH = True
    document = {
        "format": 1, "kind": "ngsi", "url": context_broker.url, "version": "v2", "entity_type": "Hall", "tenant": TENANT,
        "service_path": PATH, "credential": {"kind": "header", "name": "x-auth-token"},
        "columns": [{"name": "番号", "origin": "id"}, {"name": "定員", "type": "number", "origin": "seats"}],
        "key_columns": ["番号"],
    }  # fmt: skip
    given = {"actor": hana, "dataset_uid": dataset, "name": "main"}
    columns = services.read_columns(**given, document=document, secret=TOKEN)
    assert SeenColumn("緯度", "number", "location@lat") not in columns  # one of them is an area, no place
    assert SeenColumn("changed", "datetime", "changed") in columns
    with pytest.raises(Problem) as refused:
        services.read_columns(**given, document=document, secret="wrong")
    assert refused.value.code == "brokers/answered"
    connect(hana, dataset, TOKEN, base=document)
    assert services.try_source(**given).tested.size == 40  # type: ignore[union-attr]
    offer(hana, dataset)
    [table] = in_snapshot("connected")
    assert (table.ngsi.entity_type, table.is_kept, TOKEN in repr(table)) == ("Hall", False, False)
    with pytest.raises(SourceInvalid):
        connect(hana, dataset, None, base=document, url="https://other.example.jp")
    for changes, field in (({"service_path": "x"}, "service_path"), ({"context": "x"}, "context"), ({"entity_type": ""}, "entity_type"),
                           ({"url": "https://a/v2?x"}, "url"), ({"version": "v1"}, "version"), ({"tenant": "a b"}, "tenant")):  # fmt: skip
        with pytest.raises(SourceInvalid) as faulty:
            read_table_document({**document, **changes})
        assert field in [entry["field"] for entry in faulty.value.data["errors"]]
