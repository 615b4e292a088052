"""Offering a stream: its document, its devices' tokens, and what of it each agreement's view covers."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from provider_broker import ACCOUNT, PASSWORD, MqttBroker
from pytest_django import Settings
from test_sources import offer_openly

from tdpf.controlplane.access import queries, services
from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.inlet_documents import read_stream_document
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetMetadata
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.errors import AreasNotKept
from tdpf.controlplane.members.types import Standing
from tdpf.kit.errors import Problem
from tdpf.kit.mqtt import BrokerAddress, listen
from tdpf.wire.codec import from_json
from tdpf.wire.messages import GrantEntry, InletHealth, NodeHealth, SnapshotManifest, decode_shard
from tdpf.wire.sources import StreamSource, StreamView

DOCUMENT: dict[str, Any] = {
    "format": 1,
    "kind": "stream",
    "columns": [
        {"name": "施設", "type": "string", "required": True},
        {"name": "地区", "type": "string", "required": True},
        {"name": "人数", "type": "integer"},
    ],
    "key_columns": ["施設"],
    "area_column": "地区",
}


@pytest.fixture
def dataset(hana: Standing) -> str:
    """The uid of a dataset without anything in it."""
    metadata = DatasetMetadata(title_ja="避難所", description_ja="人数です。", contact_email="a@example.jp")
    return catalog_services.create_dataset(
        actor=hana, provider_party_id=hana.person_party_id, metadata=metadata, slug="shelters"
    ).uid


def in_snapshot(kind: Any) -> list[Any]:
    manifest = from_json(SnapshotManifest, services.current_manifest())
    return [
        entry
        for reference in manifest.shards
        if reference.kind == kind
        for entry in decode_shard(kind, services.snapshot_shard(reference.sha256))
    ]


@pytest.mark.django_db
def test_each_agreement_gets_a_view_of_its_columns_and_areas(hana: Standing, make_member: Any, dataset: str) -> None:
    services.connect_source(actor=hana, dataset_uid=dataset, name="main", document=DOCUMENT)
    offer_openly(hana, dataset)
    token = services.issue_device_token(actor=hana, dataset_uid=dataset, name="main", token_name="入口")
    [offer] = exchange.offers_of_dataset(dataset, hana)
    views = []
    for name, fields in (("everything", {}), ("north", {"areas": ["北"], "columns": ["施設", "人数"]})):
        exchange_services.set_terms(
            actor=hana, offer_uid=offer.uid, fields={"access": "conditional", "approval": "automatic", **fields}
        )
        consumer = make_member(name)
        program = services.register_application(actor=consumer, owner_party_id=consumer.person_party_id, name=name)
        services.apply_for_offer(
            actor=consumer, offer_uid=offer.uid, application_uid=program.uid, purpose="research",
            purpose_statement="研究のため", terms_sha256=exchange.get_offer(offer.uid).terms_sha256,
        )  # fmt: skip
        [grant] = [entry for entry in in_snapshot("grants") if entry.application == program.number]
        assert isinstance(grant, GrantEntry)
        views.append(grant.view)
    [stream] = in_snapshot("streams")
    assert isinstance(stream, StreamSource)
    assert stream.views[views[0]] == StreamView(("施設", "地区", "人数"))
    assert stream.views[views[1]] == StreamView(("施設", "人数"), ("北",))
    assert (stream.access, stream.open_columns, stream.area_column) == ("conditional", (), "地区")
    assert stream.tokens == (hashlib.sha256(token.plaintext.encode()).hexdigest(),)
    services.revoke_device_token(actor=hana, dataset_uid=dataset, name="main", token_uid=token.token.uid)
    assert in_snapshot("streams")[0].tokens == ()
    assert token.plaintext not in repr(queries.device_tokens(stream.source))
    sealed = [agreement.sealed for agreement in exchange.agreements_of_dataset(dataset, hana)]
    assert ["次の地域のデータだけを使えます: 北。" in text for text in sealed] in ([True, False], [False, True])


@pytest.mark.django_db
def test_areas_need_streams_that_can_be_parted_by_them(hana: Standing, dataset: str) -> None:
    plain = {**DOCUMENT, "area_column": ""}
    services.connect_source(actor=hana, dataset_uid=dataset, name="main", document=plain)
    fields = {"access": "conditional", "areas": ["北"]}
    with pytest.raises(AreasNotKept):
        exchange_services.draft_offer(actor=hana, dataset_uid=dataset, fields=fields)
    services.connect_source(actor=hana, dataset_uid=dataset, name="main", document=DOCUMENT)
    assert exchange_services.draft_offer(actor=hana, dataset_uid=dataset, fields=fields).terms.areas == ("北",)
    with pytest.raises(Problem):
        exchange_services.draft_offer(actor=hana, dataset_uid=dataset, fields={**fields, "access": "open"})


@pytest.mark.django_db
def test_a_feed_has_columns_that_tell_its_rows_apart(hana: Standing, dataset: str) -> None:
    feed = {"url": "https://x.example/f", "feed": "gtfs_rt_trips"}
    with pytest.raises(SourceInvalid) as refused:
        services.connect_source(
            actor=hana, dataset_uid=dataset, name="main", document={**DOCUMENT, "feed": feed, "key_columns": []}
        )
    assert [entry["field"] for entry in refused.value.data["errors"]] == ["key_columns"]


@pytest.mark.django_db
def test_only_the_provider_issues_tokens(hana: Standing, make_member: Any, dataset: str) -> None:
    services.connect_source(actor=hana, dataset_uid=dataset, name="main", document=DOCUMENT)
    with pytest.raises(Problem):
        services.issue_device_token(actor=make_member("other"), dataset_uid=dataset, name="main", token_name="x")
    with pytest.raises(SourceInvalid):
        services.issue_device_token(actor=hana, dataset_uid=dataset, name="main", token_name=" ")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"columns": []}, "columns"),
        ({"columns": [{"name": "a", "type": "date"}]}, "columns[0].type"),
        ({"columns": [{"name": "", "type": "string"}]}, "columns[0].name"),
        ({"columns": [{"name": "a", "type": "string"}] * 2}, "columns[1].name"),
        ({"key_columns": ["いない"]}, "key_columns"),
        ({"area_column": "人数"}, "area_column"),
        ({"window_events": 1}, "window_events"),
        ({"retention": 1}, "retention"),
        ({"mqtt": {"host": "http://x", "topics": ["a"]}}, "mqtt.host"),
        ({"mqtt": {"host": "x.example", "topics": ["a/#/b"]}}, "mqtt.topics[0]"),
        ({"mqtt": {"host": "x.example", "topics": []}}, "mqtt.topics"),
        ({"mqtt": {"host": "x.example", "topics": ["a"], "per_second": 0}}, "mqtt.per_second"),
        ({"credential": {"kind": "basic", "name": "a"}}, "credential"),
        (
            {"mqtt": {"host": "x.example", "topics": ["a"]}, "credential": {"kind": "certificate"}},
            "credential.certificate",
        ),
        ({"feed": {"url": "ftp://x", "feed": "gtfs_rt_trips"}}, "feed.url"),
        ({"feed": {"url": "https://x.example/f?a#b", "feed": "gtfs_rt_trips"}}, "feed.url"),
        ({"feed": {"url": "https://x.example/f", "feed": "gtfs_rt_trips", "every_seconds": 1}}, "feed.every_seconds"),
        ({"feed": {"url": "https://x.example/f", "feed": "csv"}}, "feed.feed"),
        ({"payload": "ngsi_v2", "mqtt": {"host": "x.example", "topics": ["a"]}}, "payload"),
    ],
)
def test_faults_of_streams_are_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceInvalid) as refused:
        read_stream_document({**DOCUMENT, **changes})
    assert field in [entry["field"] for entry in refused.value.data["errors"]]


@pytest.mark.django_db
def test_a_broker_is_tried_and_its_secret_is_sealed(
    hana: Standing, make_member: Any, dataset: str, mqtt_broker: MqttBroker, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_FETCH = True
    mqtt_broker.say("city/s1/state", {"n": 1}, retain=True)
    place = {"host": "localhost", "topics": ["city/+/state"], "port": mqtt_broker.port, "tls": "off"}
    document = {**DOCUMENT, "mqtt": place, "credential": {"kind": "basic", "name": ACCOUNT}}
    given = {"actor": hana, "dataset_uid": dataset, "name": "main"}
    with pytest.raises(SourceInvalid):
        services.connect_source(**given, document=document)
    facts = services.connect_source(**given, document=document, secret=PASSWORD)
    assert PASSWORD not in repr(facts)
    assert facts.has_secret
    tried = services.try_source(**given).tested
    assert tried is not None
    assert (tried.status, tried.media_type, tried.note.en[:1]) == (200, "mqtt", "1")
    with pytest.raises(Problem):
        services.try_source(**{**given, "actor": make_member("other")})
    # The one that listens under the stated name is not thrown out by a trial.
    services.connect_source(**given, document={**document, "mqtt": {**place, "client_id": "city"}})
    address = BrokerAddress("localhost", mqtt_broker.port, "city", ACCOUNT, PASSWORD, "off")
    listening = listen(address, ["new/#"], allow_private=True)
    services.try_source(**given)
    mqtt_broker.say("new/one", 1)
    heard: set[str] = set()
    while "new/one" not in heard:
        came = listening.take(20.0)
        assert came, "the one that listens was thrown out"
        heard |= {one.topic for one in came}
    listening.close()
    services.connect_source(**given, document=document)
    offer_openly(hana, dataset)
    [stream] = in_snapshot("streams")
    assert (stream.mqtt.port, stream.is_fetched, PASSWORD in repr(stream)) == (mqtt_broker.port, True, False)
    # Another server asks for the secret anew; the same one keeps it.
    services.connect_source(**given, document={**document, "mqtt": {**place, "topics": ["#"]}})
    with pytest.raises(SourceInvalid):
        services.connect_source(**given, document={**document, "mqtt": {**place, "host": "other.example.jp"}})
    wrong = services.connect_source(**given, document={**document, "mqtt": {**place, "topics": ["x"]}}, secret="wrong")
    assert wrong.tested is None
    refused = services.try_source(**given).tested
    assert refused is not None
    assert (refused.status, refused.note.en) == (0, "This broker cannot be connected")
    health = InletHealth(wrong.uid, "waiting", 1, taken=3, refused=2, last_taken=1, why_ja="だめ", why_en="no")
    services.report_node(health=NodeHealth("delivery-1", "delivery", "ok", 1, 1, 1, inlets=(health,)))
    told = queries.inlet_of(wrong.uid)
    assert told is not None
    assert (told.state, told.taken, told.refused, told.why.en) == ("waiting", 3, 2, "no")
    assert queries.inlet_of("another") is None
