"""From decisions to grants: what an agreement, a notice, a suspension and an end change in the next snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from made_members import MakeMember

from tdpf.controlplane.access import queries, services
from tdpf.controlplane.access.errors import ApplicationNotActive, UnknownApplication
from tdpf.controlplane.access.types import ApplicationFacts
from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails, OriginalFile
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.errors import WarrantyMissing
from tdpf.controlplane.exchange.types import OfferView
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing, WhatStops
from tdpf.djangokit.models import Job
from tdpf.kit import clock
from tdpf.kit.home import home
from tdpf.tables.build import build_table
from tdpf.tables.identity import table_identity
from tdpf.tables.types import Field
from tdpf.wire.messages import ANONYMOUS, ANY_KEY, SHARD_KINDS, NodeHealth, SnapshotManifest, decode_shard
from tdpf.wire.signing import verify_manifest

pytestmark = pytest.mark.django_db
COLUMNS = ("番号", "名称", "住所")
CONDITIONAL = {"access": "conditional", "purposes": ["research"], "notice_days": 60, "quota_day": 100,
               "rate_plan": "r5", "approval": "automatic", "columns": ["番号", "名称"]}  # fmt: skip
OPEN = {"access": "open", "notice_days": 30}


@pytest.fixture(autouse=True)
def screened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen for personal data, which is not the matter here, has found nothing."""
    monkeypatch.setattr("tdpf.controlplane.preparation.queries.screening_outcome_for", lambda *_args, **_more: "clear")


@dataclass(frozen=True)
class Gate:
    """What the gateway would know."""

    manifest: SnapshotManifest
    entries: dict[str, list[Any]]

    def grants(self) -> set[tuple[int, int, int]]:
        """Return (application, dataset, agreement) of each grant."""
        return {(grant.application, grant.dataset, grant.agreement) for grant in self.entries["grants"]}


def gate() -> Gate:
    """Fetch the snapshot as a gateway does."""
    manifest = verify_manifest(
        services.current_manifest(), bytes.fromhex((home().secrets / "snapshot.pub").read_text())
    )
    entries: dict[str, list[Any]] = {kind: [] for kind in SHARD_KINDS}
    for reference in manifest.shards:
        entries[reference.kind] += decode_shard(reference.kind, services.snapshot_shard(reference.sha256))
    return Gate(manifest, entries)


@dataclass
class Shop:
    """A provider and a dataset with a real table."""

    provider: Standing
    dataset: Dataset
    distribution_uid: str

    def bring(self, rows: Sequence[tuple[str, str, str]], *, sign: bool = False) -> str:
        """Publish rows as a version, signing for it beforehand if asked, and return its identity."""
        text = "\n".join(",".join(row) for row in (COLUMNS, *rows)).encode()
        sha256 = hashlib.sha256(text).hexdigest()
        fields = [Field(name) for name in COLUMNS]
        identity = table_identity(sha256, {}, [field.as_dict() for field in fields])
        if sign:
            words = exchange.warranty_in_force()
            exchange_services.sign_warranty_for_version(
                actor=self.provider,
                dataset_uid=self.dataset.uid,
                identity=identity,
                text_version=words.version,
                text_sha256=words.sha256,
            )
        manifest = build_table(rows, fields, out_root=home().tables, identity=identity, key_columns=["番号"])
        catalog.add_version(
            actor=self.provider,
            distribution_uid=self.distribution_uid,
            original=OriginalFile(sha256=sha256, name="toilets.csv", size=len(text), media_type="text/csv"),
            published=manifest,
            dictionary=[field.as_dict() for field in fields],
        )
        return identity

    def offer(self, fields: dict[str, object]) -> OfferView:
        """Draft, sign and publish an offer."""
        draft = exchange_services.draft_offer(actor=self.provider, dataset_uid=self.dataset.uid, fields=fields)
        self.sign(draft.uid)
        return exchange_services.publish_offer(actor=self.provider, offer_uid=draft.uid, despite_licence=True)

    def sign(self, offer_uid: str) -> None:
        """Sign the warranty in force."""
        words = exchange.warranty_in_force()
        exchange_services.sign_warranty(
            actor=self.provider, offer_uid=offer_uid, text_version=words.version, text_sha256=words.sha256
        )


@pytest.fixture
def shop(make_member: MakeMember) -> Shop:
    """A provider with one version of one table."""
    provider = make_member("machi")
    dataset = catalog.create_dataset(
        actor=provider,
        provider_party_id=provider.person_party_id,
        metadata=DatasetMetadata(title_ja="トイレ", description_ja="町のトイレ。", contact_email="a@example.jp"),
        slug="toilets",
    )
    details = DistributionDetails(holding_reason="検索のため", storage_place="東京")
    distribution = catalog.add_distribution(actor=provider, dataset_uid=dataset.uid, details=details)
    shop = Shop(provider, dataset, distribution.uid)
    shop.bring([("1", "駅前", "一丁目")])
    return shop


def apply(actor: Standing, offer: OfferView, application: ApplicationFacts) -> str:
    """Ask for an offer that accepts by itself, and return the agreement's uid."""
    request = services.apply_for_offer(
        actor=actor, offer_uid=offer.uid, application_uid=application.uid, purpose="research",
        purpose_statement="歩行者の研究に使います。", information_management="研究室の鍵のかかる部屋で扱います。",
        terms_sha256=offer.terms_sha256,
    )  # fmt: skip
    assert request.agreement_uid
    return request.agreement_uid


def test_open_data_are_granted_to_all_until_the_operator_asks_for_an_account(
    shop: Shop, make_member: MakeMember
) -> None:
    """And are not there at all before their offer stands."""
    before = gate()
    assert before.entries["tables"] == before.entries["grants"] == before.entries["collections"] == []
    shop.offer(OPEN)
    number = shop.dataset.pk
    now = gate()
    assert now.grants() == {(ANONYMOUS, number, 0), (ANY_KEY, number, 0)}
    assert [(table.slug, table.access, table.open_columns) for table in now.entries["tables"]] == [
        ("toilets", "open", None)
    ]
    assert [(place.slug, place.sunset) for place in now.entries["collections"]] == [("toilets", None)]
    services.change_setting(actor=make_member("op", operator=True), name="open_data_needs_account", value=True)
    assert gate().grants() == {(ANY_KEY, number, 0)}
    assert gate().manifest.settings.open_data_needs_key


def test_an_agreement_acts_and_ends_with_its_stamp(shop: Shop, hana: Standing, application: ApplicationFacts) -> None:
    """Grant, limits and the view of exactly its columns; its end takes all of them away."""
    offer = shop.offer(CONDITIONAL)
    assert gate().grants() == set()
    before = queries.current_stamp()
    uid = apply(hana, offer, application)
    assert queries.current_stamp() > before
    agreement = exchange.agreement_page(uid, hana)
    now = gate()
    (grant,) = now.entries["grants"]
    assert (grant.application, grant.dataset, grant.agreement) == (
        application.number,
        shop.dataset.pk,
        agreement.number,
    )
    assert (grant.day_limit, grant.rate_plan) == (100, "r5")
    (table,) = now.entries["tables"]
    assert table.views == {grant.view: ("番号", "名称")}
    assert (table.open_columns, table.access) == ((), "conditional")
    exchange_services.end_agreement(actor=hana, agreement_uid=uid, reason="終了")
    assert gate().grants() == set()


def test_step_by_step_gives_what_a_full_compile_gives(
    shop: Shop, hana: Standing, application: ApplicationFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealing and ending touch one slot each; the shards are those that are made from nothing."""
    offer = shop.offer(CONDITIONAL)
    gate()
    names = [f"アプリ{number}" for number in range(6)]
    owned = [services.register_application(actor=hana, owner_party_id=hana.person_party_id, name=n) for n in names]
    uids = []
    with monkeypatch.context() as patch:
        patch.setattr(exchange, "open_offers", None)
        for program in (application, *owned):
            uids.append(apply(hana, offer, program))
            gate()
        for uid in uids[::2]:
            exchange_services.end_agreement(actor=hana, agreement_uid=uid, reason="終了")
            gate()
    stepwise = gate()
    assert len(stepwise.grants()) == 3
    (home().snapshots / "last.json").unlink()
    assert gate().manifest.shards == stepwise.manifest.shards


def test_two_applications_with_the_same_columns_share_a_view(
    shop: Shop, hana: Standing, application: ApplicationFacts
) -> None:
    """And the view keeps its number when it is compiled again."""
    offer = shop.offer(CONDITIONAL)
    other = services.register_application(actor=hana, owner_party_id=hana.person_party_id, name="二つ目")
    apply(hana, offer, application)
    (first,) = gate().entries["grants"]
    apply(hana, offer, other)
    assert {grant.view for grant in gate().entries["grants"]} == {first.view}


def test_a_new_version_is_served_only_under_warranty(shop: Shop) -> None:
    """Without it nothing changes; with it the next snapshot names the new identity, and agreements stay."""
    shop.offer(OPEN)
    before = gate()
    (old,) = before.entries["tables"]
    rows = [("1", "駅前", "一丁目"), ("2", "公園", "二丁目")]
    with pytest.raises(WarrantyMissing):
        shop.bring(rows)
    assert gate().manifest.shards == before.manifest.shards
    identity = shop.bring(rows, sign=True)
    (new,) = gate().entries["tables"]
    assert (new.identity, new.version) == (identity, old.version + 1)
    assert gate().grants() == before.grants()


def test_a_suspended_offer_and_a_suspended_provider_vanish_and_come_back(
    shop: Shop, make_member: MakeMember, hana: Standing, application: ApplicationFacts
) -> None:
    """The operator's acts are in the very next snapshot."""
    operator = make_member("op", operator=True)
    offer = shop.offer(CONDITIONAL)
    uid = apply(hana, offer, application)
    assert len(gate().grants()) == 1
    exchange_services.suspend_offer(actor=operator, offer_uid=offer.uid, reason="確認のため")
    assert (gate().grants(), gate().entries["tables"]) == (set(), [])
    exchange_services.lift_offer_suspension(actor=operator, offer_uid=offer.uid, reason="確認した")
    assert len(gate().grants()) == 1
    exchange_services.suspend_agreement(actor=operator, agreement_uid=uid, reason="確認のため")
    assert gate().grants() == set()
    exchange_services.lift_agreement_suspension(actor=operator, agreement_uid=uid, reason="確認した")
    party = members.parties_by_id([shop.provider.person_party_id])[shop.provider.person_party_id]
    suspension = member_services.suspend(
        actor=operator, party_uid=party.uid, what=WhatStops(keys=True, offers=(offer.uid,)), reason="規約違反"
    )
    assert (gate().grants(), gate().entries["tables"]) == (set(), [])
    member_services.lift_suspension(actor=operator, suspension_uid=suspension.uid, reason="解決")
    assert len(gate().grants()) == 1


def test_a_withdrawal_gives_grants_an_end_and_the_address_a_sunset(
    shop: Shop, hana: Standing, application: ApplicationFacts
) -> None:
    """So that the gate closes by itself on the day, worker or not."""
    offer = shop.offer(CONDITIONAL)
    apply(hana, offer, application)
    day = exchange.earliest_withdrawal(offer.uid, clock.now())
    exchange_services.give_withdrawal_notice(
        actor=shop.provider, offer_uid=offer.uid, effective_on=day, reason="更新をやめるため"
    )
    now = gate()
    (grant,) = now.entries["grants"]
    assert grant.not_after == int(clock.jst_midnight(day).timestamp())
    (place,) = now.entries["collections"]
    assert place.sunset == day
    assert place.deprecated_at


def test_a_closed_application_has_no_grants(shop: Shop, hana: Standing, application: ApplicationFacts) -> None:
    """Its agreements may live on; nobody can use them."""
    apply(hana, shop.offer(CONDITIONAL), application)
    assert len(gate().grants()) == 1
    services.close_application(actor=hana, application_uid=application.uid)
    assert gate().grants() == set()


def test_only_the_owner_applies_with_an_application(
    shop: Shop, make_member: MakeMember, hana: Standing, application: ApplicationFacts
) -> None:
    """A stranger's request with it is as if it were not there; a closed one asks for nothing."""
    offer = shop.offer(CONDITIONAL)
    with pytest.raises(UnknownApplication):
        apply(make_member("stranger"), offer, application)
    services.close_application(actor=hana, application_uid=application.uid)
    with pytest.raises(ApplicationNotActive):
        apply(hana, offer, application)


def test_an_end_that_lies_ahead_stands_in_the_grant(shop: Shop, hana: Standing, application: ApplicationFacts) -> None:
    """A period's last day is included."""
    last = clock.jst_date(clock.now()) + timedelta(days=9)
    offer = shop.offer({**CONDITIONAL, "period_end": last.isoformat()})
    apply(hana, offer, application)
    (grant,) = gate().entries["grants"]
    assert grant.not_after == int(clock.jst_midnight(last + timedelta(days=1)).timestamp())
    assert grant.not_before <= clock.now().timestamp()


@pytest.mark.parametrize("what", ["damaged", "missing"])
def test_what_a_delivery_finds_damaged_or_missing_is_to_be_made_anew(shop: Shop, what: str) -> None:
    identity = shop.bring([("1", "東口トイレ", "35.7")])
    notes = (f"{what}: {identity}", f"{what}: {'0' * 64}", "inlets: none")
    services.report_node(health=NodeHealth("delivery-1", "delivery", "degraded", 1, 1, 1, notes=notes))
    assert [job.payload for job in Job.objects.filter(handler="catalog.tasks.mend_table")] == [{"identity": identity}]


def test_a_gateway_shares_the_quotas_of_a_month_that_has_just_begun_before_it_is_heard_of_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def names(*at: int) -> tuple[str, ...]:
        monkeypatch.setattr(clock, "now", lambda: datetime(2031, *at, tzinfo=clock.JST))
        return queries.sharing_gateways()[0]

    names(1, 31, 23, 59, 58)
    services.report_node(health=NodeHealth("gateway-of-the-month", "gateway", "ok", 1, 1, 1))
    assert "gateway-of-the-month" in names(2, 1, 0, 0, 2)
    assert "gateway-of-the-month" not in names(2, 2, 0, 0, 2)
