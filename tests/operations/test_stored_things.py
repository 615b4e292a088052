"""Health and checks of what lies outside the database: stored tables, nodes of the data plane."""

from __future__ import annotations

import hashlib
import shutil
import time
from datetime import timedelta

import pytest
from django.db import transaction

from tdpf.controlplane.access import services as access
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails, OriginalFile
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.operations import queries, services
from tdpf.controlplane.operations.types import HealthState
from tdpf.kit.clock import now
from tdpf.kit.home import home
from tdpf.tables.build import build_table
from tdpf.tables.identity import table_identity
from tdpf.tables.types import Field
from tdpf.wire.messages import NodeHealth

pytestmark = pytest.mark.django_db


def publish_a_table(provider: Standing) -> str:
    """Publish a small table and return its identity."""
    dataset = catalog_services.create_dataset(
        actor=provider,
        provider_party_id=provider.person_party_id,
        metadata=DatasetMetadata(
            title_ja="公衆トイレ一覧",
            description_ja="区内にある公衆トイレの名称の一覧です。毎年4月に更新します。",
            themes=("welfare",),
            keywords=("トイレ",),
            licence="CC-BY-4.0",
            area_codes=("131041",),
            update_frequency="ANNUAL",
            contact_email="data@example.jp",
        ),
    )
    table = catalog_services.add_distribution(
        actor=provider,
        dataset_uid=dataset.uid,
        details=DistributionDetails(kind="table", holding="held", holding_reason="検索のため", storage_place="TDPF"),
    )
    content = "ID,名称\n1,中央公園\n".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    original = catalog.original_path(sha256)
    original.parent.mkdir(parents=True, exist_ok=True)
    original.write_bytes(content)
    fields = [Field("ID"), Field("名称")]
    identity = table_identity(sha256, {}, [field.as_dict() for field in fields])
    built = build_table([("1", "中央公園")], fields, out_root=home().tables, identity=identity, key_columns=["ID"])
    catalog_services.add_version(
        actor=provider,
        distribution_uid=table.uid,
        original=OriginalFile(sha256=sha256, name="toilets.csv", size=len(content), media_type="text/csv"),
        published=built,
    )
    catalog_services.publish_dataset(actor=provider, dataset_uid=dataset.uid)
    return identity


def test_check_misses_a_stored_table(hana: Standing) -> None:
    """A published table whose folder is gone is a fault that names the table."""
    identity = publish_a_table(hana)
    services.seal_audit()
    assert queries.check_everything() == []
    shutil.rmtree(catalog.table_folder(identity))
    (found,) = queries.check_everything()
    assert found.code == "table-missing"
    assert identity[:12] in found.sentence.ja
    # A delivery that meets it says so, and the operator sees which table it is.
    told = NodeHealth("delivery-0", "delivery", "degraded", access.bump_stamp(), 1, 1, notes=(f"missing: {identity}",))
    access.report_node(health=told)
    (delivery,) = [part for part in queries.health() if part.part == "delivery"]
    (table,) = catalog.published_tables()
    assert delivery.state is HealthState.LATE
    assert f"{table.slug}.{table.table}" in delivery.detail.ja


def test_a_node_is_well_behind_degraded_or_silent() -> None:
    """What a gateway reports, and that it reports at all, is its health."""

    def state(after: timedelta = timedelta(0)) -> HealthState:
        (gateway,) = [part for part in queries.health(now() + after) if part.part == "gateway"]
        return gateway.state

    def report(stamp: int, told: str = "ok") -> None:
        instant = int(time.time())
        access.report_node(
            health=NodeHealth(
                name="gate-1",
                kind="gateway",
                state=told,  # type: ignore[arg-type]  # the test names the states
                stamp=stamp,
                sent_at=instant,
                started_at=instant,
            )
        )

    with transaction.atomic():
        stamp = access.bump_stamp()
    report(stamp)
    assert state() is HealthState.OK
    report(stamp, "degraded")
    assert state() is HealthState.LATE
    report(stamp, "closed")
    assert state() is HealthState.DOWN
    report(stamp - 1)
    assert state() is HealthState.LATE
    report(stamp)
    assert state(timedelta(seconds=61)) is HealthState.DOWN


def test_an_altered_agreement_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """What exchange finds altered stands in the findings, with what to do."""
    from tdpf.controlplane.exchange import queries as exchange

    monkeypatch.setattr(exchange, "broken_seals", lambda: ["agreement:01m8"])
    found = [finding for finding in queries.check_everything() if finding.code == "seal-broken"]
    assert [finding.severity.value for finding in found] == ["fault"]
    assert "agreement:01m8" in found[0].sentence.ja
