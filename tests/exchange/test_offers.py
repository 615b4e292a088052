"""The life of an offer: draft, terms, publication, suspension."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from exchange_scene import (
    COLUMNS,
    CONDITIONAL,
    DESCRIBED,
    OPEN,
    Shelf,
    again,
    company_of,
    offered,
    sign,
    told,
)
from made_members import MakeMember

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.exchange import errors, events, queries, services
from tdpf.controlplane.exchange.models import Offer, OfferRevision
from tdpf.controlplane.exchange.types import OfferState, OfferView
from tdpf.controlplane.members.errors import MfaNeeded, OperatorNeeded, OwnOrganization, RoleNeeded, SignInNeeded
from tdpf.controlplane.members.queries import anonymous_standing
from tdpf.controlplane.members.types import OrganizationKind, Standing
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem

pytestmark = pytest.mark.django_db


def draft(shelf: Shelf, fields: dict[str, Any] | None = None) -> OfferView:
    """Begin an offer."""
    return services.draft_offer(actor=shelf.provider, dataset_uid=shelf.dataset.uid, fields=fields or CONDITIONAL)


def codes(uid: str, standing: Standing) -> list[str]:
    """Return what is missing before publication, by code."""
    check = queries.publication_check(uid, standing)
    assert [problem.code for problem in check.problems] == list(check.missing)
    return list(check.missing)


def test_a_draft_is_seen_by_its_provider_and_the_operator_only(
    shelf: Shelf, stranger: Standing, operator: Standing
) -> None:
    """To everyone else a draft does not exist."""
    offer = draft(shelf)
    assert offer.state is OfferState.DRAFT
    assert offer.revision == 1
    assert queries.get_offer(offer.uid, shelf.provider) == queries.get_offer(offer.uid, operator)
    for standing in (stranger, anonymous_standing(), None):
        with pytest.raises(errors.OfferUnknown):
            queries.get_offer(offer.uid, standing)
        assert queries.offers_of_dataset(shelf.dataset.uid, standing) == []
    assert len(queries.offers_of_dataset(shelf.dataset.uid, shelf.provider)) == 1
    with pytest.raises(errors.OfferUnknown):
        queries.publication_check(offer.uid, stranger)
    assert [event.payload["offer_uid"] for event in told(events.OfferDrafted)] == [offer.uid]


def test_a_new_licence_is_judged_by_the_terms_of_what_is_offered(
    shelf: Shelf, offer: OfferView, stranger: Standing
) -> None:
    """The licence that stands was confirmed; another open one is not taken without a word, and nothing is written then."""

    def described(actor: Standing, licence: str, title: str, **confirmed: bool) -> None:
        own = {"licence_name": "条件", "licence_url": "https://example.jp/terms"} if licence == "custom" else {}
        metadata = replace(DESCRIBED, licence=licence, title_ja=title, **own)
        services.describe_dataset(actor=actor, dataset_uid=shelf.dataset.uid, metadata=metadata, **confirmed)

    def now_said() -> tuple[str, str]:
        found = Dataset.objects.get(pk=shelf.dataset.pk)
        return found.licence, found.title_ja

    described(shelf.provider, "CC-BY-4.0", "題一")
    described(shelf.provider, "custom", "題二")
    assert queries.contradicts_offers(shelf.dataset.uid, "CC-BY-4.0")
    with pytest.raises(errors.LicenceContradicts):
        described(shelf.provider, "CC-BY-4.0", "題三")
    assert now_said() == ("custom", "題二")
    with pytest.raises(RoleNeeded):
        described(stranger, "CC-BY-4.0", "題三")
    described(shelf.provider, "CC-BY-4.0", "題三", despite_licence=True)
    assert now_said() == ("CC-BY-4.0", "題三")
    assert offer.state is OfferState.PUBLISHED


def test_a_draft_leaves_the_licence_to_its_publication(shelf: Shelf) -> None:
    draft(shelf)
    assert not queries.contradicts_offers(shelf.dataset.uid, "CC-BY-4.0")


def test_each_missing_thing_is_named_until_the_offer_can_be_published(shelf: Shelf, provider: Standing) -> None:
    """Nothing to publish, then no warranty, then ready; the dataset is found afterwards."""
    offer = draft(shelf)
    assert codes(offer.uid, provider) == ["exchange/nothing-to-publish"]
    with pytest.raises(errors.NothingToPublish):
        services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    catalog.edit_metadata(actor=provider, dataset_uid=shelf.dataset.uid, metadata=DatasetMetadata(title_ja="トイレ"))
    shelf.bring("版1", outcome="missing")
    assert codes(offer.uid, provider) == [
        "exchange/metadata-incomplete", "exchange/screening-missing", "exchange/warranty-missing",
    ]  # fmt: skip
    with pytest.raises(errors.MetadataIncomplete) as caught:
        services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    assert "説明" in caught.value.detail_in("ja")
    assert "description" in caught.value.detail_in("en")
    catalog.edit_metadata(actor=provider, dataset_uid=shelf.dataset.uid, metadata=DESCRIBED)
    shelf.bring("版2")
    assert codes(offer.uid, provider) == ["exchange/warranty-missing"]
    with pytest.raises(errors.WarrantyMissing):
        services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    sign(provider, offer.uid)
    assert codes(offer.uid, provider) == []
    published = services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    assert published.state is OfferState.PUBLISHED
    dataset = Dataset.objects.get()
    assert (dataset.state, dataset.access) == ("published", "conditional")
    assert "reviewed" in dataset.terms_badges
    assert queries.offer_of_dataset(dataset.uid) == published
    assert len(told(events.OfferPublished)) == 1


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        ("missing", errors.ScreeningMissing),
        ("doubtful", errors.ScreeningWaits),
        ("confirmed", errors.ScreeningRefused),
        ("refused", errors.ScreeningRefused),
    ],
)
def test_personal_data_keep_an_offer_from_being_published(
    shelf: Shelf, provider: Standing, outcome: str, problem: type[Problem]
) -> None:
    """What the screen found, or that it never ran, stands in the way."""
    shelf.bring("版1", outcome=outcome)
    offer = draft(shelf)
    sign(provider, offer.uid)
    with pytest.raises(problem):
        services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True)
    assert queries.get_offer(offer.uid, provider).state is OfferState.DRAFT
    assert Dataset.objects.get().state == "draft"


def test_what_the_operator_accepted_may_be_published(shelf: Shelf) -> None:
    """A doubtful finding that the operator judged to be none is no obstacle."""
    shelf.bring("版1", outcome="accepted")
    assert offered(shelf, OPEN).state is OfferState.PUBLISHED


def test_a_link_is_an_offer_of_its_own(provider: Standing) -> None:
    """Data that stay with the provider are published with a warranty for the link, without a version."""
    dataset = catalog.create_dataset(
        actor=provider, provider_party_id=provider.person_party_id, metadata=DESCRIBED, slug="linked"
    )
    details = DistributionDetails(
        kind="link", holding="connected", url="https://city.example.jp/toilets.csv", holding_reason="提供者が持つため"
    )
    catalog.add_distribution(actor=provider, dataset_uid=dataset.uid, details=details)
    offer = services.draft_offer(actor=provider, dataset_uid=dataset.uid, fields=OPEN)
    assert codes(offer.uid, provider) == ["exchange/warranty-missing"]
    sign(provider, offer.uid)
    assert (
        services.publish_offer(actor=provider, offer_uid=offer.uid, despite_licence=True).state is OfferState.PUBLISHED
    )
    identity = queries.link_identity("https://city.example.jp/toilets.csv")
    assert (dataset.pk, identity) in queries.warranted_identities()


def test_providing_needs_role_and_second_factor(
    shelf: Shelf, stranger: Standing, operator: Standing, make_member: MakeMember
) -> None:
    """Strangers, the operator, people not signed in and people without MFA cannot draft, revise or publish."""
    shelf.bring("版1")
    offer = draft(shelf)
    for actor, problem in ((stranger, RoleNeeded), (operator, RoleNeeded), (anonymous_standing(), SignInNeeded)):
        with pytest.raises(problem):
            services.draft_offer(actor=actor, dataset_uid=shelf.dataset.uid, fields=OPEN)
        with pytest.raises(problem):
            services.set_terms(actor=actor, offer_uid=offer.uid, fields=OPEN)
        with pytest.raises(problem):
            services.publish_offer(actor=actor, offer_uid=offer.uid, despite_licence=True)
        with pytest.raises(problem):
            sign(actor, offer.uid)
    bare = make_member("mfa-nashi", mfa=False)
    dataset = Dataset.objects.get()
    Dataset.objects.filter(pk=dataset.pk).update(provider_id=bare.person_party_id)
    with pytest.raises(MfaNeeded):
        services.draft_offer(actor=bare, dataset_uid=dataset.uid, fields=OPEN)


def test_an_editor_publishes_what_an_administrator_has_signed(
    provider: Standing, operator: Standing, make_member: MakeMember
) -> None:
    """In an organisation the editor drafts and publishes; the warranty binds, so the administrator signs it."""
    from tdpf.controlplane.members import queries as members
    from tdpf.controlplane.members import services as member_services

    party = company_of(provider, operator, OrganizationKind.UNIVERSITY)
    boss, editor = again(provider), make_member("henshu")
    organization = members.organization_of_party(party)
    assert organization is not None
    invitation = member_services.invite_member(
        actor=boss, organization_uid=organization.uid, email="henshu@example.jp", role="editor"
    )
    member_services.accept_invitation(actor=editor, invitation_uid=invitation.uid)
    editor = again(editor)
    dataset = catalog.create_dataset(actor=editor, provider_party_id=party, metadata=DESCRIBED, slug="campus")
    details = DistributionDetails(holding_reason="検索のため", storage_place="東京")
    distribution = catalog.add_distribution(actor=editor, dataset_uid=dataset.uid, details=details)
    Shelf(dataset, distribution.uid, editor).bring("版1")
    offer = services.draft_offer(actor=editor, dataset_uid=dataset.uid, fields=CONDITIONAL)
    with pytest.raises(RoleNeeded):
        sign(editor, offer.uid)
    sign(boss, offer.uid)
    assert services.publish_offer(actor=editor, offer_uid=offer.uid, despite_licence=True).state is OfferState.PUBLISHED
    warranty = queries.warranties_of(dataset.uid, boss)[0]
    assert warranty.signer_uid == boss.member_uid
    assert warranty.party.id == party


def test_wrong_terms_lose_nothing_and_name_the_fields(shelf: Shelf) -> None:
    """A form with errors changes nothing and comes back with every error."""
    offer = draft(shelf)
    with pytest.raises(errors.TermsInvalid) as caught:
        services.set_terms(
            actor=shelf.provider,
            offer_uid=offer.uid,
            fields={"access": "conditional", "quota_day": "x", "notice_days": 0},
        )
    assert {error["field"] for error in caught.value.data["errors"]} == {"quota_day", "notice_days"}  # type: ignore[attr-defined]
    assert queries.get_offer(offer.uid, shelf.provider) == offer


def test_revised_terms_are_a_new_revision(shelf: Shelf, offer: OfferView) -> None:
    """Each change is kept with its hash; saving the same again is no change."""
    revised = services.set_terms(
        actor=shelf.provider,
        offer_uid=offer.uid,
        fields={**CONDITIONAL, "quota_day": 500, "audience": ["universities"]},
    )
    assert revised.revision == 2
    assert revised.terms_sha256 != offer.terms_sha256
    same = services.set_terms(
        actor=shelf.provider,
        offer_uid=offer.uid,
        fields={**CONDITIONAL, "quota_day": "500", "audience": "universities"},
    )
    assert same == revised
    assert [(number, terms) for number, _, terms in queries.revisions_of_offer(offer.uid)] == [
        (1, offer.terms), (2, revised.terms),
    ]  # fmt: skip
    assert OfferRevision.objects.get(revision=2).terms_sha256 == revised.terms_sha256
    assert len(told(events.TermsRevised)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {**CONDITIONAL},
        {**OPEN, "notice_days": 29},
        {**OPEN, "columns": ["名称"]},
        {**OPEN, "rate_plan": "r1"},
    ],
)
def test_a_standing_open_offer_is_not_narrowed(shelf: Shelf, open_offer: OfferView, fields: dict[str, Any]) -> None:
    """Those who use open data have no agreement; what they use is not taken away without notice."""
    with pytest.raises(errors.TermsNarrowed):
        services.set_terms(actor=shelf.provider, offer_uid=open_offer.uid, fields=fields)
    assert services.set_terms(actor=shelf.provider, offer_uid=open_offer.uid, fields={**OPEN, "notice_days": 31})


def test_one_open_offer_and_many_conditional_ones(shelf: Shelf, open_offer: OfferView) -> None:
    """A second open offer is refused; a conditional one beside it leaves the dataset open."""
    second = draft(shelf, OPEN)
    with pytest.raises(errors.OpenOfferStands):
        services.publish_offer(actor=shelf.provider, offer_uid=second.uid, despite_licence=True)
    offered(shelf, CONDITIONAL)
    assert Dataset.objects.get().access == "open"
    first = queries.offer_of_dataset(shelf.dataset.uid)
    assert first is not None
    assert first.uid == open_offer.uid


def test_terms_name_columns_that_exist(shelf: Shelf) -> None:
    """A subset of columns is allowed, an invented column is not."""
    shelf.bring("版1")
    with pytest.raises(errors.ColumnsUnknown) as caught:
        draft(shelf, {**CONDITIONAL, "columns": ["名称", "電話"]})
    assert caught.value.data["columns"] == "電話"
    assert draft(shelf, {**CONDITIONAL, "columns": ["名称", "住所"]}).terms.columns == COLUMNS[:2]


def test_paid_is_not_offered_yet(shelf: Shelf) -> None:
    """The paid preset says why."""
    with pytest.raises(errors.PaidNotOffered):
        draft(shelf, {"access": "paid"})


def test_the_operator_suspends_and_lifts(
    shelf: Shelf, open_offer: OfferView, operator: Standing, stranger: Standing
) -> None:
    """A suspended offer is gone from the gate at once and comes back when lifted; only an operator may, with a reason."""
    assert [fact.offer_uid for fact in queries.open_offers(now())] == [open_offer.uid]
    for actor in (shelf.provider, stranger):
        with pytest.raises(OperatorNeeded):
            services.suspend_offer(actor=actor, offer_uid=open_offer.uid, reason="だめ")
    with pytest.raises(errors.ReasonNeeded):
        services.suspend_offer(actor=operator, offer_uid=open_offer.uid, reason="  ")
    stopped = services.suspend_offer(actor=operator, offer_uid=open_offer.uid, reason="個人情報の疑い")
    assert (stopped.state, stopped.suspension_reason) == (OfferState.SUSPENDED, "個人情報の疑い")
    assert queries.live_offers(now()) == []
    assert queries.suspended_offers() == [stopped]
    with pytest.raises(errors.StepNotPossible):
        services.set_terms(actor=shelf.provider, offer_uid=open_offer.uid, fields=OPEN)
    with pytest.raises(errors.StepNotPossible) as caught:
        services.suspend_offer(actor=operator, offer_uid=open_offer.uid, reason="もう一度")
    assert "停止中" in caught.value.detail_in("ja")
    with pytest.raises(OperatorNeeded):
        services.lift_offer_suspension(actor=shelf.provider, offer_uid=open_offer.uid, reason="直した")
    lifted = services.lift_offer_suspension(actor=operator, offer_uid=open_offer.uid, reason="疑いは晴れた")
    assert lifted == open_offer
    assert len(queries.open_offers(now())) == 1
    assert [event.reason for event in (*told(events.OfferSuspended), *told(events.OfferSuspensionLifted))] == [
        "個人情報の疑い", "疑いは晴れた",
    ]  # fmt: skip


def test_an_operator_does_not_judge_their_own_offer(operator: Standing) -> None:
    """The operator who provides the data is not the one who suspends them."""
    dataset = catalog.create_dataset(
        actor=operator, provider_party_id=operator.person_party_id, metadata=DESCRIBED, slug="own-data"
    )
    details = DistributionDetails(holding_reason="検索のため", storage_place="東京")
    distribution = catalog.add_distribution(actor=operator, dataset_uid=dataset.uid, details=details)
    offer = offered(Shelf(dataset, distribution.uid, operator), OPEN)
    with pytest.raises(OwnOrganization):
        services.suspend_offer(actor=operator, offer_uid=offer.uid, reason="自分で")


def test_a_suspension_of_the_provider_stops_the_offers_it_names(
    open_offer: OfferView, provider: Standing, operator: Standing
) -> None:
    """The judged act of members against a party reaches the gate through the offers it names."""
    from tdpf.controlplane.members import services as member_services
    from tdpf.controlplane.members.types import WhatStops

    member_services.suspend(
        actor=operator, party_uid=open_offer.provider.uid, what=WhatStops(offers=(open_offer.uid,)), reason="違反"
    )
    assert queries.live_offers(now()) == []
    assert Offer.objects.get().state == OfferState.PUBLISHED.value


def test_unknown_offers_are_unknown(provider: Standing, operator: Standing) -> None:
    """Every verb answers a wrong uid with the same 404."""
    for call in (
        lambda: services.set_terms(actor=provider, offer_uid="x", fields=OPEN),
        lambda: services.publish_offer(actor=provider, offer_uid="x", despite_licence=True),
        lambda: sign(provider, "x"),
        lambda: services.suspend_offer(actor=operator, offer_uid="x", reason="r"),
        lambda: services.lift_offer_suspension(actor=operator, offer_uid="x", reason="r"),
        lambda: queries.earliest_withdrawal("x", now()),
    ):
        with pytest.raises(errors.OfferUnknown):
            call()
