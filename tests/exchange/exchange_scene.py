"""People, a dataset with a table, and the steps towards an agreement, for the tests of exchange."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from django.utils.translation import override
from made_members import MakeMember

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.types import AddedVersion, DatasetMetadata, DistributionDetails, OriginalFile
from tdpf.controlplane.exchange import queries, services
from tdpf.controlplane.exchange.types import AgreementView, OfferView, RequestView
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind, Standing
from tdpf.controlplane.preparation.models import Screening, Upload
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.clock import now
from tdpf.kit.codes import corporate_number_check_digit
from tdpf.kit.ids import new_uid
from tdpf.tables.types import ColumnFacts, Field, TableManifest

COLUMNS = ("名称", "住所", "緯度", "経度")
DESCRIBED = DatasetMetadata(
    title_ja="公衆トイレ一覧",
    title_en="Public toilets",
    description_ja="見本市の公衆トイレ。",
    contact_email="data@example.jp",
)
CONDITIONAL = {
    "access": "conditional",
    "purposes": ["research", "public"],
    "notice_days": 60,
    "quota_day": 1000,
    "quota_month": 20000,
}
OPEN = {"access": "open", "attribution": "required", "notice_days": 30}


@pytest.fixture(autouse=True)
def in_japanese() -> Iterator[None]:
    """Pages speak Japanese."""
    with override("ja"):
        yield


@pytest.fixture
def provider(make_member: MakeMember) -> Standing:
    """A person who provides."""
    return make_member("teikyo")


@pytest.fixture
def consumer(make_member: MakeMember) -> Standing:
    """A person who consumes."""
    return make_member("riyo")


@pytest.fixture
def stranger(make_member: MakeMember) -> Standing:
    """A member who has nothing to do with it."""
    return make_member("tanin")


@pytest.fixture
def operator(make_member: MakeMember) -> Standing:
    """An operator."""
    return make_member("un-ei", operator=True)


def company_of(member: Standing, operator: Standing, kind: OrganizationKind = OrganizationKind.COMPANY) -> int:
    """Found an approved organisation with the member as administrator; return its party's id."""
    twelve = f"{abs(hash(member.member_uid)) % 10**12:012d}"
    facts = OrganizationFacts(
        kind=kind,
        name_ja=f"{member.display_name}の会社",
        corporate_number=corporate_number_check_digit(twelve) + twelve,
    )
    founded = member_services.apply_organization(actor=member, facts=facts)
    member_services.review_organization(actor=operator, organization_uid=founded.uid, decision="approve")
    return founded.party_id


def again(standing: Standing) -> Standing:
    """Return the standing of the same member as it is now."""
    return members.standing_of_uid(standing.member_uid)


def manifest(columns: Sequence[str], identity: str) -> TableManifest:
    """Return what a built table would say of itself."""
    return TableManifest(
        identity=identity,
        name="main",
        fields=tuple(Field(name) for name in columns),
        columns=tuple(ColumnFacts(0, 0, False) for _ in columns),
        rows=3,
        located=None,
        key_columns=(),
        files={},
        created_at="2026-11-21T00:00:00Z",
    )


@dataclass(frozen=True)
class Shelf:
    """A dataset in the catalog and its one table."""

    dataset: Dataset
    distribution_uid: str
    provider: Standing

    def bring(self, content: str, columns: Sequence[str] = COLUMNS, *, outcome: str = "clear") -> AddedVersion:
        """Add a version with this content, screened with this outcome."""
        original = hashlib.sha256(content.encode()).hexdigest()
        identity = identity_of(content)
        screened(original, outcome, self.provider)
        return catalog.add_version(
            actor=self.provider,
            distribution_uid=self.distribution_uid,
            original=OriginalFile(sha256=original, name="toilets.csv", size=len(content)),
            published=manifest(columns, identity),
        )


def identity_of(content: str) -> str:
    """Return the identity under which `Shelf.bring` brings a content."""
    return hashlib.sha256(f"table {content}".encode()).hexdigest()


@pytest.fixture
def shelf(provider: Standing) -> Shelf:
    """A described dataset with an empty held table."""
    dataset = catalog.create_dataset(
        actor=provider, provider_party_id=provider.person_party_id, metadata=DESCRIBED, slug="public-toilets"
    )
    details = DistributionDetails(holding_reason="検索のため", storage_place="東京")
    distribution = catalog.add_distribution(actor=provider, dataset_uid=dataset.uid, details=details)
    return Shelf(dataset, distribution.uid, provider)


def sign(actor: Standing, offer_uid: str) -> None:
    """Sign the warranty in force for an offer."""
    words = queries.warranty_in_force()
    services.sign_warranty(actor=actor, offer_uid=offer_uid, text_version=words.version, text_sha256=words.sha256)


def sign_ahead(actor: Standing, shelf: Shelf, content: str) -> None:
    """Sign for a version that is about to come."""
    words = queries.warranty_in_force()
    services.sign_warranty_for_version(
        actor=actor,
        dataset_uid=shelf.dataset.uid,
        identity=identity_of(content),
        text_version=words.version,
        text_sha256=words.sha256,
    )


def offered(shelf: Shelf, fields: dict[str, object], content: str = "版1") -> OfferView:
    """Bring a version, draft, sign and publish."""
    if not shelf.dataset.distributions.get().versions.exists():
        shelf.bring(content)
    draft = services.draft_offer(actor=shelf.provider, dataset_uid=shelf.dataset.uid, fields=fields)
    sign(shelf.provider, draft.uid)
    return services.publish_offer(actor=shelf.provider, offer_uid=draft.uid, despite_licence=True)


@pytest.fixture
def open_offer(shelf: Shelf) -> OfferView:
    """A published open offer."""
    return offered(shelf, OPEN)


@pytest.fixture
def offer(shelf: Shelf) -> OfferView:
    """A published conditional offer that is reviewed."""
    return offered(shelf, CONDITIONAL)


def ask(consumer: Standing, offer: OfferView, **changes: object) -> RequestView:
    """Ask for an offer in the consumer's own name."""
    given: dict[str, object] = {
        "actor": consumer,
        "offer_uid": offer.uid,
        "application_uid": new_uid(),
        "consumer_party_id": consumer.person_party_id,
        "purpose": "research",
        "purpose_statement": "歩行者の調査に使います。",
        **changes,
    }
    return services.request_agreement(**given)  # type: ignore[arg-type]  # the tests name the fields


@pytest.fixture
def request_(consumer: Standing, offer: OfferView) -> RequestView:
    """A submitted request."""
    return ask(consumer, offer)


def sealed(provider: Standing, request: RequestView) -> AgreementView:
    """Accept a request and return its agreement."""
    answered = services.answer_request(actor=provider, request_uid=request.uid, answer="accept")
    assert answered.agreement_uid is not None
    return queries.agreement_page(answered.agreement_uid, provider)


@pytest.fixture
def agreement(provider: Standing, request_: RequestView) -> AgreementView:
    """A sealed agreement."""
    return sealed(provider, request_)


def told(event: type) -> list[OutboxEvent]:
    """Return the announced events of a class, oldest first."""
    return list(OutboxEvent.objects.filter(name=event.name).order_by("id"))  # type: ignore[attr-defined]  # an event class


def screened(original_sha256: str, outcome: str, provider: Standing) -> None:
    """Let the screen for personal data, and where needed the operator, have judged a file so; "missing" never ran."""
    if outcome == "missing":
        return
    upload = Upload.objects.create(
        party_id=provider.person_party_id,
        member_id=provider.member_id,
        file_name="toilets.csv",
        size=1,
        received_bytes=1,
        sha256=original_sha256,
        state="used",
    )
    decided = outcome in ("accepted", "refused")
    Screening.objects.create(
        upload=upload,
        original_sha256=original_sha256,
        outcome="doubtful" if decided else outcome,
        decision=outcome if decided else "waiting",
        decided_by_id=provider.member_id if decided else None,
        decided_at=now() if decided else None,
        reason="確かめた" if decided else "",
    )
