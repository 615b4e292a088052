"""People, datasets and files for the tests of preparation; nothing here is a stand-in for a real part."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from made_members import MakeMember

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import services
from tdpf.controlplane.preparation.models import Upload
from tdpf.djangokit.models import OutboxEvent

Send = Callable[..., Upload]

TOILETS = (
    "全国地方公共団体コード,ID,名称,緯度,経度,オストメイト\n"
    "131041,0001,中央公園トイレ,35.69,139.69,有\n"
    "131041,0002,駅前広場トイレ,35.70,139.70,無\n"
    "131041,0003,図書館前トイレ,35.71,139.71,有\n"
)
PEOPLE = "氏名,生年月日,電話番号\n" + "".join(
    f"{name},19{50 + n}-01-0{n + 1},090-1234-567{n}\n"
    for n, name in enumerate(["山田　太郎", "佐藤　花子", "鈴木　一郎", "田中　健", "伊藤　さくら"])
)
REGISTER = "施設名称,代表者名,所在地\n" + "".join(
    f"食堂{n},{name},千代田区丸の内{n}\n" for n, name in enumerate(["山田　太郎", "佐藤　花子", "鈴木　一郎"])
)
DESCRIBED = DatasetMetadata(
    title_ja="公衆トイレ一覧",
    description_ja="区内の公衆トイレの一覧です。",
    themes=("land",),
    licence="CC-BY-4.0",
    area_codes=("131041",),
    contact_email="data@example.jp",
)
HELD = DistributionDetails(
    kind="table", holding="held", holding_reason="検索とAPIで使えるようにするため", storage_place="TDPF（東京）"
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
    return catalog.create_dataset(actor=provider, provider_party_id=provider.person_party_id, metadata=DESCRIBED)


@pytest.fixture
def table(provider: Standing, dataset: Dataset) -> Distribution:
    """The draft's held table, without a version yet."""
    return catalog.add_distribution(actor=provider, dataset_uid=dataset.uid, details=HELD)


@pytest.fixture
def send(provider: Standing) -> Send:
    """Hand in text or bytes as a whole file, and have it read unless told otherwise."""

    def sending(
        content: str | bytes, name: str = "toilets.csv", *, read: bool = True, choice: str | None = None
    ) -> Upload:
        raw = content.encode() if isinstance(content, str) else content
        upload = services.upload_file_whole(
            actor=provider,
            party_id=provider.person_party_id,
            file_name=name,
            size=len(raw),
            pieces=[raw] if raw else [],
        )
        return services.read_upload(actor=provider, upload_uid=upload.uid, choice=choice) if read else upload

    return sending


def announced(name: str) -> list[OutboxEvent]:
    """The announced events of a name, oldest first."""
    return list(OutboxEvent.objects.filter(name=f"preparation.{name}").order_by("id"))
