"""From a file to an offered version and the next one: reading, screening, warranty and catalog work together."""

from __future__ import annotations

import pytest
from exchange_scene import CONDITIONAL, DESCRIBED, OPEN, ask, sealed, sign
from own_home import own_home as own_home

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import AddedVersion, DistributionDetails
from tdpf.controlplane.exchange import errors, queries, services
from tdpf.controlplane.members.errors import RoleNeeded
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation import services as preparation_services
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db

FIRST = "施設番号,名称,緯度,経度\n001,中央トイレ,35.68,139.76\n002,北トイレ,35.70,139.75\n"
SECOND = "施設番号,名称,緯度,経度,開設年\n001,中央トイレ,35.68,139.76,1998\n003,南トイレ,35.66,139.74,2020\n"
PERSONAL = "施設番号,名称,緯度,経度,担当者携帯電話\n" + "".join(
    f"{n:03d},トイレ{n},35.{n},139.{n},090-1234-{n:04d}\n" for n in range(10, 40)
)

REGISTER = "施設名称,代表者名,所在地\n" + "".join(
    f"食堂{n},{name},千代田区丸の内{n}\n" for n, name in enumerate(["山田　太郎", "佐藤　花子", "鈴木　一郎"])
)


@pytest.fixture
def place(provider: Standing) -> tuple[str, str]:
    """A described dataset with an empty table: the uids of both."""
    dataset = catalog_services.create_dataset(
        actor=provider, provider_party_id=provider.person_party_id, metadata=DESCRIBED, slug="public-toilets"
    )
    details = DistributionDetails(holding_reason="検索のため", storage_place="東京")
    distribution = catalog_services.add_distribution(actor=provider, dataset_uid=dataset.uid, details=details)
    return dataset.uid, distribution.uid


def upload(provider: Standing, text: str) -> str:
    """Hand a file in and have it read; return its uid."""
    data = text.encode()
    taken = preparation_services.upload_file_whole(
        actor=provider, party_id=provider.person_party_id, file_name="toilets.csv", size=len(data), pieces=[data]
    )
    read = preparation_services.read_upload(actor=provider, upload_uid=taken.uid)
    assert read.state == "read", read.problem
    return taken.uid


def publish(provider: Standing, distribution_uid: str, upload_uid: str, *, signed: bool = True) -> AddedVersion:
    """Make an upload the latest version, signing in the same act."""
    words = queries.warranty_in_force()
    return services.publish_version(
        actor=provider,
        upload_uid=upload_uid,
        distribution_uid=distribution_uid,
        text_version=words.version if signed else "",
        text_sha256=words.sha256 if signed else "",
    )


def test_the_first_version_and_the_next(place: tuple[str, str], provider: Standing, consumer: Standing) -> None:
    """A draft needs no signature, an offer does; each version has its own; the old agreement keeps its columns."""
    dataset_uid, distribution_uid = place
    first = publish(provider, distribution_uid, upload(provider, FIRST), signed=False)
    assert first.number == 1
    offer = services.draft_offer(actor=provider, dataset_uid=dataset_uid, fields=CONDITIONAL)
    sign(provider, offer.uid)
    services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    agreement = sealed(provider, ask(consumer, queries.get_offer(offer.uid)))
    assert agreement.columns == ("施設番号", "名称", "緯度", "経度")
    following = upload(provider, SECOND)
    with pytest.raises(errors.WarrantyMissing):
        publish(provider, distribution_uid, following, signed=False)
    assert len(queries.warranties_of(dataset_uid, provider)) == 1
    second = publish(provider, distribution_uid, following)
    assert (second.number, second.is_new) == (2, True)
    assert [warranty.version_identity for warranty in queries.warranties_of(dataset_uid, provider)] == [
        second.identity, first.identity,
    ]  # fmt: skip
    latest = catalog.dataset_page(dataset_uid, provider).distributions[0].latest
    assert latest is not None
    assert latest.columns[-1] == "開設年"
    (fact,) = queries.live_grants_facts(now())
    assert fact.columns == agreement.columns
    newer = sealed(provider, ask(consumer, queries.get_offer(offer.uid)))
    assert newer.columns[-1] == "開設年"
    again = publish(provider, distribution_uid, upload(provider, SECOND), signed=False)
    assert (again.number, again.is_new) == (2, False)


def test_personal_data_do_not_flow_into_an_offer(place: tuple[str, str], provider: Standing) -> None:
    """What the screen finds keeps the version out, and no signature is taken for it."""
    dataset_uid, distribution_uid = place
    publish(provider, distribution_uid, upload(provider, FIRST), signed=False)
    offer = services.draft_offer(actor=provider, dataset_uid=dataset_uid, fields=OPEN)
    sign(provider, offer.uid)
    services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    personal = upload(provider, PERSONAL)
    screening = preparation.screening_of(personal, provider)
    assert screening is not None
    assert screening.outcome in ("doubtful", "confirmed")
    with pytest.raises((errors.ScreeningRefused, errors.ScreeningWaits)):
        publish(provider, distribution_uid, personal)
    assert len(queries.warranties_of(dataset_uid, provider)) == 1
    latest = catalog.dataset_page(dataset_uid, provider).distributions[0].latest
    assert latest is not None
    assert latest.number == 1


def test_a_doubtful_draft_waits_for_the_operator_before_it_is_offered(
    place: tuple[str, str], provider: Standing, operator: Standing
) -> None:
    """A draft may hold what the screen doubts, nobody but the provider sees it; the offer waits for the operator's judgement."""
    dataset_uid, distribution_uid = place
    added = publish(provider, distribution_uid, upload(provider, REGISTER), signed=False)
    assert added.number == 1
    offer = services.draft_offer(actor=provider, dataset_uid=dataset_uid, fields=OPEN)
    sign(provider, offer.uid)
    with pytest.raises(errors.ScreeningWaits):
        services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    assert catalog.get_dataset(dataset_uid).state == "draft"
    assert catalog.list_datasets().total == 0
    (waiting,) = preparation.screenings_to_decide(operator)
    preparation_services.decide_screening(
        actor=operator, screening_uid=waiting.uid, decision="accepted", reason="公表済みの登録簿"
    )
    services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    assert catalog.get_dataset(dataset_uid).state == "published"


def test_versions_come_from_the_provider_only(place: tuple[str, str], provider: Standing, stranger: Standing) -> None:
    """Nobody else adds to the dataset."""
    given = upload(provider, FIRST)
    with pytest.raises(RoleNeeded):
        publish(stranger, place[1], given)
