"""People and datasets for the tests of the community."""

from __future__ import annotations

from collections import defaultdict

import pytest
from community_cast import publish_version
from made_members import MakeMember
from own_home import own_home as own_home

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit import outbox
from tdpf.processes.wiring import LETTERS


@pytest.fixture
def provider(make_member: MakeMember) -> Standing:
    """Who provides."""
    return make_member("provider")


@pytest.fixture
def reader(make_member: MakeMember) -> Standing:
    """Who follows."""
    return make_member("reader")


@pytest.fixture
def operator(db: None) -> Standing:
    """Who runs the platform."""
    member = member_services.create_operator(
        email="operator@example.jp", password="a long pass phrase 7", display_name="operator"
    )
    member_services.set_totp_secret(member_uid=member.uid)
    return members.standing_of_uid(member.uid)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subscriptions of threads and data requests, for this test only."""
    monkeypatch.setattr(outbox, "_subscribed", defaultdict(list))
    for event, handler in LETTERS:
        if handler.startswith("community."):
            outbox.subscribe(event, handler)


@pytest.fixture
def draft(provider: Standing) -> Dataset:
    """A dataset with a held file, not public yet."""
    dataset = catalog.create_dataset(
        actor=provider,
        provider_party_id=provider.person_party_id,
        metadata=DatasetMetadata(title_ja="公園一覧", title_en="Parks", description_ja="区内の公園の一覧です。"),
    )
    details = DistributionDetails(kind="file", holding_reason="配布のため", storage_place="TDPF")
    distribution = catalog.add_distribution(actor=provider, dataset_uid=dataset.uid, details=details)
    publish_version(provider, distribution.uid, b"first")
    return dataset


@pytest.fixture
def dataset(provider: Standing, draft: Dataset) -> Dataset:
    """The same dataset, published."""
    return catalog.publish_dataset(actor=provider, dataset_uid=draft.uid)
