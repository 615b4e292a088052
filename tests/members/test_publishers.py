"""Publishers: bodies whose open data are listed here without an account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.members import errors, queries, rules, services
from tdpf.controlplane.members.models import Party, Publisher
from tdpf.controlplane.members.types import PublisherFacts

pytestmark = pytest.mark.django_db


def test_one_body_is_one_publisher_however_its_name_is_written() -> None:
    first = services.ensure_publishers(facts=[PublisherFacts(name_ja="山口県　総務部", slug_hint="yamaguchi-soumu")])
    again = services.ensure_publishers(facts=[PublisherFacts(name_ja="山口県 総務部", website="https://example.jp/")])
    assert list(first.values()) == list(again.values())
    row = Publisher.objects.get()
    assert row.website == "https://example.jp/"
    assert row.party.kind == "publisher"
    assert row.party.slug == "yamaguchi-soumu"


def test_places_of_one_name_are_different_publishers() -> None:
    facts = [
        PublisherFacts(name_ja="港区", municipality_code="131032", slug_hint="minato"),
        PublisherFacts(name_ja="港区", municipality_code="231118", slug_hint="minato"),
    ]
    found = services.ensure_publishers(facts=facts)
    assert len(set(found.values())) == 2
    assert Party.objects.filter(slug__startswith="minato").count() == 2


def test_what_is_not_an_address_is_left_out() -> None:
    facts = PublisherFacts(name_ja="架空市", website="javascript:alert(1)", contact_email="not an address")
    (party_id,) = services.ensure_publishers(facts=[facts]).values()
    row = queries.publisher_of_party(party_id)
    assert row is not None
    assert (row.website, row.contact_email) == ("", "")


@pytest.mark.parametrize(
    ("website", "email"),
    [("javascript:alert(1)", "not an address"), ("https://example.jp/" + "a" * 500, "a@example.jp\nBcc: b@example.jp")],
)
def test_gaps_are_filled_with_addresses_only(website: str, email: str) -> None:
    services.ensure_publishers(facts=[PublisherFacts(name_ja="架空市")])
    services.ensure_publishers(facts=[PublisherFacts(name_ja="架空市", website=website, contact_email=email)])
    row = Publisher.objects.get()
    assert (row.website, row.contact_email) == ("", "")


def test_a_name_of_spaces_begins_nothing() -> None:
    assert services.ensure_publishers(facts=[PublisherFacts(name_ja=" 　")]) == {}


def test_only_an_operator_notes_where_requests_go() -> None:
    (party_id,) = services.ensure_publishers(facts=[PublisherFacts(name_ja="架空市")]).values()
    party = Party.objects.get(pk=party_id)
    with pytest.raises(errors.SignInNeeded):
        services.set_publisher_contact(
            actor=queries.anonymous_standing(), party_uid=party.uid, website="", contact_email="a@example.jp"
        )
    assert Publisher.objects.get().contact_email == ""


def test_a_contact_that_a_site_states_is_not_confirmed() -> None:
    """Only an operator's word makes it one that letters go to; taking it back does so too."""
    facts = [PublisherFacts(name_ja="架空市", contact_email="stated@example.jp")]
    (party_id,) = services.ensure_publishers(facts=facts).values()
    assert not Publisher.objects.get().contact_confirmed
    member = services.create_operator(email="operator@example.jp", password="a long pass phrase 7")
    services.set_totp_secret(member_uid=member.uid)
    actor, party = queries.standing_of_uid(member.uid), Party.objects.get(pk=party_id)
    services.set_publisher_contact(actor=actor, party_uid=party.uid, website="", contact_email="given@example.jp")
    assert Publisher.objects.get().contact_confirmed
    services.set_publisher_contact(actor=actor, party_uid=party.uid, website="", contact_email="")
    services.ensure_publishers(facts=facts)
    row = Publisher.objects.get()
    assert (row.contact_email, row.contact_confirmed) == ("stated@example.jp", False)


@given(st.text(max_size=300), st.sampled_from(["", "131032"]))
def test_the_key_is_stable_and_fits_the_column(name: str, code: str) -> None:
    key = rules.publisher_key(PublisherFacts(name_ja=name, municipality_code=code))
    assert len(key) <= 220
    assert key == rules.publisher_key(PublisherFacts(name_ja=f" {name} ", municipality_code=code)) or len(name) > 190


def test_codes_that_contradict_are_two_bodies() -> None:
    facts = PublisherFacts(name_ja="港区", municipality_code="231118")
    assert not rules.is_same_body(facts, name_ja="港区", municipality_code="131032")
    assert rules.is_same_body(facts, name_ja="港区", municipality_code="")
