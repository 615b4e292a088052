"""People, datasets and real tables for the tests of the catalog."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from made_members import MakeMember

from tdpf.controlplane.catalog import queries, services
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.types import AddedVersion, DatasetMetadata, DistributionDetails, OriginalFile
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.home import home
from tdpf.tables.build import build_table
from tdpf.tables.identity import table_identity
from tdpf.tables.types import Field, TableManifest

Announced = Callable[[type], list[OutboxEvent]]

TOILETS = DatasetMetadata(
    title_ja="公衆トイレ一覧",
    title_en="Public toilets",
    description_ja="区内にある公衆トイレの名称、所在地、車椅子対応、オストメイト設備の有無の一覧です。毎年4月に更新します。",
    description_en="Public toilets with their addresses and barrier-free equipment.",
    themes=("welfare", "land"),
    keywords=("トイレ", "バリアフリー"),
    licence="CC-BY-4.0",
    area_codes=("131041",),
    update_frequency="ANNUAL",
    contact_email="data@example.jp",
)
HELD = DistributionDetails(
    kind="table", holding="held", holding_reason="検索とAPIで使えるようにするため", storage_place="TDPF（東京）"
)
LINK = DistributionDetails(
    name="site",
    kind="link",
    holding="connected",
    holding_reason="提供元が更新するため",
    url="https://example.jp/data/list.csv",
)
COLUMNS = (
    Field("ID"),
    Field("名称", title="施設の名前"),
    Field("緯度", type="number"),
    Field("経度", type="number"),
    Field("オストメイト", type="boolean"),
)
ROWS = (
    ("1", "中央公園トイレ", "35.69", "139.69", "true"),
    ("2", "駅前広場トイレ", "35.70", "139.70", "false"),
)


def described(**changes: Any) -> DatasetMetadata:
    """Return the description of the toilets with other fields."""
    return replace(TOILETS, **changes)


def make_table(
    rows: Sequence[Sequence[str | None]] = ROWS, fields: Sequence[Field] = COLUMNS
) -> tuple[TableManifest, OriginalFile]:
    """Build a real table from rows and put its original where originals lie."""
    text = "\n".join(",".join(cell or "" for cell in row) for row in ([f.name for f in fields], *rows))
    original = put_original(text.encode(), "toilets.csv")
    identity = table_identity(original.sha256, {}, [field.as_dict() for field in fields])
    return build_table(rows, fields, out_root=home().tables, identity=identity, key_columns=["ID"]), original


def put_original(content: bytes, name: str) -> OriginalFile:
    """Keep bytes as an original."""
    sha = hashlib.sha256(content).hexdigest()
    path = queries.original_path(sha)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return OriginalFile(sha256=sha, name=name, size=len(content), media_type="text/csv")


def add_rows(
    actor: Standing, distribution: Distribution, rows: Sequence[Sequence[str | None]] = ROWS, **more: Any
) -> AddedVersion:
    """Publish rows as a version."""
    manifest, original = make_table(rows)
    return services.add_version(
        actor=actor, distribution_uid=distribution.uid, original=original, published=manifest, **more
    )


@pytest.fixture
def provider(make_member: MakeMember) -> Standing:
    """A person who provides data."""
    return make_member("shinjuku")


@pytest.fixture
def stranger(make_member: MakeMember) -> Standing:
    """Another member with a second factor."""
    return make_member("stranger")


@pytest.fixture
def operator(make_member: MakeMember) -> Standing:
    """An operator with a second factor."""
    return make_member("operator", operator=True)


@pytest.fixture
def dataset(provider: Standing) -> Dataset:
    """A draft."""
    return services.create_dataset(actor=provider, provider_party_id=provider.person_party_id, metadata=TOILETS)


@pytest.fixture
def table(provider: Standing, dataset: Dataset) -> Distribution:
    """The draft's held table, without a version yet."""
    return services.add_distribution(actor=provider, dataset_uid=dataset.uid, details=HELD)


@pytest.fixture
def published(provider: Standing, dataset: Dataset, table: Distribution) -> Dataset:
    """The dataset, published with one version."""
    add_rows(provider, table)
    return services.publish_dataset(actor=provider, dataset_uid=dataset.uid)


@pytest.fixture
def announced() -> Announced:
    """Return the announced events of a class, oldest first."""

    def found(event: type) -> list[OutboxEvent]:
        return list(OutboxEvent.objects.filter(name=event.name).order_by("id"))  # type: ignore[attr-defined]

    return found
