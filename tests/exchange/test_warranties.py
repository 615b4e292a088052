"""The warranty: signed word for word, for each version, before anything flows in."""

from __future__ import annotations

import pytest
from exchange_scene import OPEN, Shelf, identity_of, offered, sign, sign_ahead, told
from pytest_django import DjangoAssertNumQueries

from tdpf.controlplane.catalog.models import Version
from tdpf.controlplane.exchange import errors, events, queries, services
from tdpf.controlplane.exchange.models import Warranty
from tdpf.controlplane.exchange.types import OfferView
from tdpf.controlplane.members.errors import RoleNeeded
from tdpf.controlplane.members.types import Standing

pytestmark = pytest.mark.django_db


def test_a_signature_is_evidence(shelf: Shelf, open_offer: OfferView, provider: Standing, stranger: Standing) -> None:
    """Who, in whose name, which text in both languages, which data, when: all of it can be shown."""
    (warranty,) = queries.warranties_of(shelf.dataset.uid, provider)
    words = queries.warranty_in_force()
    assert warranty.version_identity == Version.objects.get().identity
    assert (warranty.text_version, warranty.text_sha256) == (words.version, words.sha256)
    assert (warranty.text_ja, warranty.text_en) == (words.ja, words.en)
    assert warranty.signer_uid == provider.member_uid
    assert warranty.party.id == provider.person_party_id
    assert warranty.signed_at.tzinfo is not None
    assert queries.warranties_of(shelf.dataset.uid, stranger) == []
    (event,) = told(events.WarrantySigned)
    assert event.payload["text_sha256"] == words.sha256
    assert event.actor == provider.member_uid


def test_only_the_text_in_force_can_be_signed(shelf: Shelf, provider: Standing) -> None:
    """Signing another text than the one in force is refused, and nothing is signed."""
    shelf.bring("版1")
    offer = services.draft_offer(actor=provider, dataset_uid=shelf.dataset.uid, fields=OPEN)
    words = queries.warranty_in_force()
    for version, sha256 in ((words.version, "0" * 64), ("2020-1", words.sha256)):
        with pytest.raises(errors.WarrantyTextStale):
            services.sign_warranty(actor=provider, offer_uid=offer.uid, text_version=version, text_sha256=sha256)
    assert not Warranty.objects.exists()


def test_nothing_to_sign_for(shelf: Shelf, provider: Standing) -> None:
    """An empty dataset cannot be warranted; signing twice signs once."""
    offer = services.draft_offer(actor=provider, dataset_uid=shelf.dataset.uid, fields=OPEN)
    with pytest.raises(errors.NothingToPublish):
        sign(provider, offer.uid)
    shelf.bring("版1")
    sign(provider, offer.uid)
    sign(provider, offer.uid)
    assert Warranty.objects.count() == 1


def test_an_unsigned_version_does_not_flow_in(shelf: Shelf, provider: Standing, stranger: Standing) -> None:
    """A draft takes versions freely; once offered, each version needs its signature first, and is undone without."""
    shelf.bring("下書き1")
    shelf.bring("版1")
    offered(shelf, OPEN)
    with pytest.raises(errors.WarrantyMissing):
        shelf.bring("版2")
    assert Version.objects.get(state="latest").identity == identity_of("版1")
    with pytest.raises(RoleNeeded):
        sign_ahead(stranger, shelf, "版2")
    sign_ahead(provider, shelf, "版2")
    shelf.bring("版2")
    assert Version.objects.get(state="latest").identity == identity_of("版2")
    assert {identity for _, identity in queries.warranted_identities()} == {identity_of("版1"), identity_of("版2")}


def test_signing_ahead_needs_an_offer_and_happens_once(shelf: Shelf, provider: Standing) -> None:
    """There is nothing to sign ahead for a dataset that is not offered; a second signature changes nothing."""
    with pytest.raises(errors.OfferUnknown):
        sign_ahead(provider, shelf, "版2")
    offered(shelf, OPEN)
    sign_ahead(provider, shelf, "版2")
    sign_ahead(provider, shelf, "版2")
    assert Warranty.objects.filter(version_identity=identity_of("版2")).count() == 1


def test_a_list_of_warranties_is_one_question(
    shelf: Shelf, provider: Standing, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """However many versions were signed for."""
    offered(shelf, OPEN)
    for content in ("版2", "版3", "版4"):
        sign_ahead(provider, shelf, content)
    with django_assert_num_queries(1):
        assert len(queries.warranties_of(shelf.dataset.uid, provider)) == 4
