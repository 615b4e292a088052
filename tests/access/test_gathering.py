"""Gathering collections into one: who may pass on what, at the making, at the sealing and in the snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services
from tdpf.controlplane.access.errors import KeyNotLive, KeyOfGathering, SourceInvalid
from tdpf.controlplane.access.gathering import withheld_parts
from tdpf.controlplane.access.models import ApiKey, SourceConnection
from tdpf.controlplane.access.stamping import bump_stamp
from tdpf.controlplane.access.types import ApplicationFacts
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetMetadata
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.errors import PartsNotPassedOn
from tdpf.controlplane.members.types import Standing
from tdpf.kit import clock
from tdpf.wire.codec import from_json, to_json
from tdpf.wire.connected import ConnectedTable
from tdpf.wire.messages import SnapshotManifest, decode_shard
from tdpf.wire.sealing import seal, unseal
from tdpf.wire.sources import ApiCredential

pytestmark = pytest.mark.django_db
COLUMNS = [{"name": "番号", "type": "integer", "origin": "id"}, {"name": "名称", "origin": "name"}]


def make(actor: Standing, slug: str, document: dict[str, Any], **terms: Any) -> str:
    """Make a dataset with a connected table, offer it and return the offer's uid."""
    row = catalog_services.create_dataset(
        actor=actor, provider_party_id=actor.person_party_id, slug=slug,
        metadata=DatasetMetadata(title_ja=slug, description_ja="表です。", licence="CC-BY-4.0", contact_email="a@example.jp"),
    )  # fmt: skip
    services.connect_source(
        actor=actor,
        dataset_uid=row.uid,
        name="main",
        document=document,
        secret=None if document["kind"] == "gathered" else "x",
    )
    offer = exchange_services.draft_offer(actor=actor, dataset_uid=row.uid, fields={"notice_days": 30, **terms})
    words = exchange.warranty_in_force()
    exchange_services.sign_warranty(
        actor=actor, offer_uid=offer.uid, text_version=words.version, text_sha256=words.sha256
    )
    return exchange_services.publish_offer(actor=actor, offer_uid=offer.uid, despite_licence=True).uid


def view(**changes: Any) -> dict[str, Any]:
    return {"format": 1, "kind": "sql", "engine": "mysql", "host": "db.example.jp", "database": "city", "relation": "halls",
            "credential": {"kind": "basic", "name": "reader"}, "columns": COLUMNS, "key_columns": ["番号"], **changes}  # fmt: skip


def gathering(application: ApplicationFacts, *parts: str, **changes: Any) -> dict[str, Any]:
    return {"format": 1, "kind": "gathered", "how": "union", "application": application.uid, "columns": [{"name": "番号", "type": "integer"}, {"name": "名称"}],
            "parts": [{"collection": part} for part in parts], "key_columns": ["番号"], **changes}  # fmt: skip


OPEN = {"access": "open", "redistribution": "allowed", "secondary_use": "allowed"}
ASKED = {"access": "conditional", "approval": "automatic"}


def connected() -> dict[str, ConnectedTable]:
    manifest = from_json(SnapshotManifest, services.current_manifest())
    found = [
        entry for reference in manifest.shards if reference.kind == "connected"
        for entry in decode_shard("connected", services.snapshot_shard(reference.sha256))
    ]  # fmt: skip
    return {entry.slug: entry for entry in found}


def test_only_what_may_be_passed_on_is_gathered(
    hana: Standing, make_member: Callable[..., Standing], application: ApplicationFacts
) -> None:
    city = make_member("city")
    make(city, "halls-north", view(), **OPEN)
    ask_for(hana, make(city, "halls-south", view(relation="south"), **ASKED, redistribution="forbidden"), application)
    closed = make(city, "halls-west", view(relation="west"), **ASKED, redistribution="allowed")
    make(hana, "halls-own", view(relation="own"), **OPEN)

    def dataset(slug: str) -> str:
        return catalog_services.create_dataset(
            actor=hana, provider_party_id=hana.person_party_id, slug=slug, metadata=DatasetMetadata(title_ja="x")
        ).uid

    spare = dataset("spare")

    def told(document: dict[str, Any]) -> str:
        with pytest.raises(SourceInvalid) as refused:
            services.connect_source(actor=hana, dataset_uid=spare, name="main", document=document)
        return " ".join(f"{one['field']}: {one['message_en']}" for one in refused.value.data["errors"])

    assert "parts[1].collection: halls-south: its terms do not allow passing it on" in told(
        gathering(application, "halls-north", "halls-south")
    )
    assert "this application has no agreement" in told(gathering(application, "halls-west"))
    assert "There is no such table" in told(gathering(application, "halls-nowhere"))
    assert "application" in told({**gathering(application, "halls-north"), "application": "01ABC"})
    stranger = services.register_application(actor=city, owner_party_id=city.person_party_id, name="よその")
    assert "application of your own" in told(gathering(stranger, "halls-north"))
    assert "no such column" in told(
        gathering(application, "halls-north", parts=[{"collection": "halls-north", "columns": {"番号": "nix"}}])
    )
    assert "key_columns" in told(gathering(application, "halls-north", how="join", key_columns=[]))

    # One's own data, open data that may be passed on, and an agreement that says so.
    ask_for(hana, closed, application)
    offer = make(hana, "all-halls", gathering(application, "halls-north", "halls-own", "halls-west"), **ASKED)
    table = connected()["all-halls"]
    assert table.gathered is not None
    assert [(part.collection, dict(part.columns), part.withheld) for part in table.gathered.parts] == [
        (name, {"番号": "番号", "名称": "名称"}, "") for name in ("halls-north", "halls-own", "halls-west")
    ]
    row = SourceConnection.objects.get(kind="gathered")
    opened = from_json(ApiCredential, unseal(services.sealing_key(), row.secret, bound_to=row.uid))
    key = ApiKey.objects.get(name="集約: all-halls")
    assert (key.application.uid, opened.kind, opened.value.startswith("tdpf_")) == (application.uid, "header", True)
    # What is gathered is not gathered again, and a part does not gather.
    assert "cannot be gathered again" in told(gathering(application, "all-halls"))
    with pytest.raises(SourceInvalid):
        services.connect_source(
            actor=city,
            dataset_uid=catalog_uid("halls-north", city),
            name="more",
            document=gathering(stranger, "halls-own"),
        )

    # A part is stopped: nothing is sealed over it, and the snapshot withholds it.
    north = exchange.offers_of_dataset(catalog_uid("halls-north", city))[0]
    exchange_services.suspend_offer(actor=make_member("op", operator=True), offer_uid=north.uid, reason="確認のため")
    withheld = {part.collection: part.withheld for part in connected()["all-halls"].gathered.parts}  # type: ignore[union-attr]
    assert withheld == {
        "halls-north": "提供されていないか、この利用アプリの約定がありません",
        "halls-own": "",
        "halls-west": "",
    }
    buyer = make_member("buyer")
    theirs = services.register_application(actor=buyer, owner_party_id=buyer.person_party_id, name="買う人")
    with pytest.raises(PartsNotPassedOn):
        ask_for(buyer, offer, theirs)


def test_the_grant_of_the_gate_is_judged_and_no_other(
    hana: Standing, make_member: Callable[..., Standing], application: ApplicationFacts
) -> None:
    city = make_member("city")
    make(city, "halls-part", view(), **OPEN, columns=["番号", "名称"])
    make(city, "halls-few", view(relation="few"), **OPEN, columns=["番号"])
    make(hana, "all-halls", gathering(application, "halls-part"), **ASKED)
    page = catalog.dataset_page("halls-part", city)

    def withheld() -> str:
        gathered = connected()["all-halls"].gathered
        assert gathered is not None
        return gathered.parts[0].withheld

    assert withheld() == ""
    named = [{"collection": "halls-few", "columns": {"名称": "名称"}}]
    with pytest.raises(SourceInvalid) as refused:
        make(hana, "named-halls", gathering(application, parts=named))
    assert "does not cover" in refused.value.data["errors"][0]["message_en"]
    # What is not named is taken as far as the grant covers it, and the rest is told.
    make(hana, "few-halls", gathering(application, "halls-few"), **ASKED)
    assert [dict(part.columns) for part in connected()["few-halls"].gathered.parts] == [{"番号": "番号"}]  # type: ignore[union-attr]
    told = access.source_of(catalog_uid("few-halls", hana), "main", hana).not_coming
    assert [(one.collection, one.columns) for one in told] == [("halls-few", ("名称",))]
    seen = services.read_columns(
        actor=hana,
        dataset_uid=catalog_uid("few-halls", hana),
        name="main",
        document=gathering(application, "halls-few"),
    )
    assert [column.name for column in seen] == ["番号"]
    # The open offer still allows it, but the gate gives the key the newest agreement.
    closed = exchange_services.draft_offer(
        actor=city, dataset_uid=page.uid, fields={"notice_days": 30, **ASKED, "redistribution": "forbidden"}
    )
    ask_for(
        hana, exchange_services.publish_offer(actor=city, offer_uid=closed.uid, despite_licence=True).uid, application
    )
    assert withheld() == "利用条件が、そのままの再配布を許していません"
    buyer = make_member("buyer")
    theirs = services.register_application(actor=buyer, owner_party_id=buyer.person_party_id, name="買う人")
    with pytest.raises(PartsNotPassedOn):
        ask_for(buyer, exchange.offers_of_dataset(catalog_uid("all-halls", hana))[0].uid, theirs)


@pytest.mark.parametrize("how", ["union", "join", "first"])
def test_columns_of_the_same_name_are_gathered_beside_those_that_are_mapped(
    hana: Standing, application: ApplicationFacts, how: str
) -> None:
    columns = [{"name": name} for name in ("id", "名称", "緯度", "別名")]
    make(hana, "halls-one", view(columns=columns, key_columns=["id"]), **OPEN)
    make(hana, "halls-two", view(relation="two", columns=[{"name": "番号"}, {"name": "経度"}]), **OPEN)
    wanted = [{"name": name} for name in ("番号", "名称", "緯度", "経度", "通称", "電話")]
    parts = [{"collection": "halls-one", "columns": {"番号": "id", "通称": "名称"}}, {"collection": "halls-two"}]
    make(hana, "all-halls", gathering(application, how=how, columns=wanted, parts=parts), **OPEN)
    gathered = connected()["all-halls"].gathered
    assert gathered is not None
    # What is mapped to another column is not taken under its own name too.
    assert [dict(part.columns) for part in gathered.parts] == [
        {"番号": "id", "通称": "名称", "緯度": "緯度"},
        {"番号": "番号", "経度": "経度"},
    ]
    told = [one.said for one in access.columns_not_coming(catalog.dataset_page("all-halls", hana))]
    if how == "join":
        assert [one.ja for one in told] == ["名称、電話 は、どのデータからも来ません"]
        return
    assert [one.ja for one in told] == [
        "名称、経度、電話 は halls-one から来ません",
        "名称、緯度、通称、電話 は halls-two から来ません",
    ]
    assert told[0].en == "名称, 経度, 電話 do not come from halls-one"
    # What is kept is saved again as it is.
    kept = access.source_of(catalog_uid("all-halls", hana), "main", hana)
    again = services.connect_source(actor=hana, dataset_uid=kept.dataset_uid, name="main", document=kept.document)
    assert again.document == kept.document
    assert again.not_coming == kept.not_coming


def test_no_circle_is_closed_behind_the_check(hana: Standing, application: ApplicationFacts, settings: Any) -> None:
    make(hana, "halls-one", view(), **OPEN)
    make(hana, "halls-two", gathering(application, "halls-one"), **OPEN)
    settings.PUBLIC_URL = "https://data.example.jp"
    for kind, field, address in (
        ("file", "url", "http://DATA.example.jp.:8443/data/collections/halls-two/items"),
        ("bucket", "endpoint", "https://data.example.jp"),
    ):
        document = {"format": 1, "kind": kind, field: address, "file_format": "csv", "columns": COLUMNS,
                    **({"bucket": "halls"} if kind == "bucket" else {})}  # fmt: skip
        with pytest.raises(SourceInvalid) as refused:
            services.connect_source(
                actor=hana, dataset_uid=catalog_uid("halls-one", hana), name="more", document=document
            )
        assert [one["field"] for one in refused.value.data["errors"]] == [field]
    # Had two gathered each other at once, neither would be asked through the other.
    parts = catalog.connected_distributions()
    one, two = (next(place for place in parts if place.slug == slug) for slug in ("halls-one", "halls-two"))
    looped = replace(one, parts=(replace(two.parts[0], dataset_uid=two.dataset_uid, collection="halls-two"),))
    assert set(withheld_parts(looped, [looped, two], clock.now())) == {"halls-two"}
    assert set(withheld_parts(two, [looped, two], clock.now())) == {"halls-one"}
    assert set(withheld_parts(two, [one, two], clock.now())) == set()


def test_each_gathered_table_ends_its_own_key_only(hana: Standing, application: ApplicationFacts) -> None:
    make(hana, "halls-one", view(), **OPEN)
    make(hana, "halls-two", gathering(application, "halls-one"), **OPEN)
    other = services.register_application(actor=hana, owner_party_id=hana.person_party_id, name="もう一つ")

    def live() -> list[tuple[str, str]]:
        keys = ApiKey.objects.filter(name__startswith="集約: ", revoked_at__isnull=True).order_by("name")
        return [(key.name, key.application.uid) for key in keys]

    def connect(name: str, asks: ApplicationFacts) -> None:
        services.connect_source(
            actor=hana, dataset_uid=catalog_uid("halls-two", hana), name=name, document=gathering(asks, "halls-one")
        )

    connect("more", application)
    assert live() == [("集約: halls-two", application.uid), ("集約: halls-two.more", application.uid)]
    connect("main", other)
    assert live() == [("集約: halls-two", other.uid), ("集約: halls-two.more", application.uid)]
    # Connected in another way it gathers no more, and nothing may ask in its name.
    services.connect_source(
        actor=hana, dataset_uid=catalog_uid("halls-two", hana), name="main", document=view(), secret="x"
    )
    assert live() == [("集約: halls-two.more", application.uid)]
    # So it is when it is taken out of its dataset.
    removed = next(
        one for one in catalog.dataset_page(catalog_uid("halls-two", hana), hana).distributions if one.name == "more"
    )
    catalog_services.remove_distribution(actor=hana, distribution_uid=removed.uid, reason="使わないため")
    assert live() == []
    assert not SourceConnection.objects.get(distribution__uid=removed.uid).secret
    # And when all of it is withdrawn.
    connect("main", other)
    assert live() == [("集約: halls-two", other.uid)]
    catalog_services.withdraw_dataset(
        actor_uid=hana.actor, dataset_uid=catalog_uid("halls-two", hana), reason="終わります"
    )
    assert live() == []
    # What was withdrawn before that alone erased its secret is erased when the installation is brought up to date.
    row = SourceConnection.objects.get(distribution__dataset__slug="halls-two", distribution__name="main")
    key = services.issue_key(actor=hana, application_uid=other.uid, name="集約: halls-two")
    credential = to_json(ApiCredential("header", "x-api-key", key.plaintext))
    catalog_services.set_connected(distribution_uid=row.distribution.uid, connected=True)
    row.secret = seal(services.sealing_key(), credential, bound_to=row.uid)
    row.save()
    import_module("tdpf.controlplane.access.migrations.0005_forget_secrets").forget_secrets(apps, None)
    assert live() == []
    row.refresh_from_db()
    assert row.secret == ""
    assert catalog.to_be_connected_anew(catalog_uid("halls-two", hana)) == ["main"]
    # What others were asked with is forgotten when there is nothing left to ask for.
    assert SourceConnection.objects.get(distribution__dataset__slug="halls-one").secret
    catalog_services.purge_dataset(actor=hana, dataset_uid=catalog_uid("halls-one", hana), reason="消します")
    assert not [row.uid for row in SourceConnection.objects.all() if row.secret]


def test_a_key_that_a_gathered_table_asks_with_is_not_taken_from_it(
    hana: Standing, application: ApplicationFacts
) -> None:
    make(hana, "halls-one", view(), **OPEN)
    make(hana, "halls-two", gathering(application, "halls-one"), **OPEN)
    kept = ApiKey.objects.get(name="集約: halls-two")
    own = services.issue_key(actor=hana, application_uid=application.uid, name="わたしの鍵")
    for verb in (services.rotate_key, services.revoke_key):
        with pytest.raises(KeyOfGathering) as refused:
            verb(actor=hana, key_uid=kept.uid)
        assert refused.value.data["collection"] == "halls-two"
    kept.refresh_from_db()
    assert (kept.revoked_at, kept.expires_at) == (None, None)
    services.revoke_key(actor=hana, key_uid=own.key.uid)
    # Saved for another application, the gathering has another key, and the old one is nobody's any more.
    other = services.register_application(actor=hana, owner_party_id=hana.person_party_id, name="もう一つ")
    services.connect_source(
        actor=hana, dataset_uid=catalog_uid("halls-two", hana), name="main", document=gathering(other, "halls-one")
    )
    with pytest.raises(KeyNotLive):
        services.revoke_key(actor=hana, key_uid=kept.uid)


def test_gatherings_from_before_parts_named_columns_go_on(hana: Standing, application: ApplicationFacts) -> None:
    make(hana, "halls-one", view(), **OPEN, columns=["番号", "名称"])
    make(hana, "halls-two", gathering(application, "halls-one"), **OPEN)
    row = SourceConnection.objects.get(kind="gathered")
    before = row.distribution.parts
    row.distribution.parts = [{name: value for name, value in part.items() if name != "columns"} for part in before]
    row.distribution.save()
    bump_stamp("connected")

    def withheld() -> str:
        return connected()["halls-two"].gathered.parts[0].withheld  # type: ignore[union-attr]

    assert withheld() != ""
    import_module("tdpf.controlplane.access.migrations.0004_columns_of_parts").name_columns(apps, None)
    row.distribution.refresh_from_db()
    assert row.distribution.parts == before
    assert withheld() == ""


def ask_for(actor: Standing, offer_uid: str, application: ApplicationFacts) -> None:
    offer = exchange.get_offer(offer_uid, actor)
    services.apply_for_offer(
        actor=actor, offer_uid=offer.uid, application_uid=application.uid, purpose="research",
        purpose_statement="一つの地図にします。", information_management="鍵のかかる部屋で扱います。", terms_sha256=offer.terms_sha256,
    )  # fmt: skip


def catalog_uid(slug: str, actor: Standing) -> str:
    return catalog.dataset_page(slug, actor).uid
