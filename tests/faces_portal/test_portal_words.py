"""The operator's pages about the words of search and about publishers' contacts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from federation_runs import run, site_at
from federation_sites import FakeCkan
from portal_cast import Person

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.reads.synonyms import forget_synonyms
from tdpf.controlplane.community import services as community
from tdpf.controlplane.members.models import Publisher
from tdpf.djangokit.models import OutboxEvent

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)


@pytest.fixture(autouse=True)
def words_anew() -> None:
    """No test sees another's table."""
    forget_synonyms()


@pytest.fixture
def collected(someone: Callable[..., Person], settings: object) -> Person:
    """An operator, and a ward's catalogue that was collected."""
    settings.ALLOW_PRIVATE_FETCH = True  # type: ignore[attr-defined]  # Django's settings
    operator = someone("op@example.jp", "運営", operator=True)
    with FakeCkan(3) as ckan:
        run(site_at(ckan.url))
    catalog_services.reindex()
    return operator


@pytest.mark.parametrize("path", ["/operator/synonyms", "/operator/synonyms/new", "/operator/publishers"])
def test_words_and_contacts_are_for_operators(someone: Callable[..., Person], path: str) -> None:
    page = someone("op@example.jp", "運営", operator=True).see(path)
    assert page.headings == 1
    assert page.unlabelled() == []
    assert someone("m@example.jp", "会員").client.get(path).status_code == 403
    assert Client().get(path).status_code == 302


def test_a_group_is_tried_kept_changed_and_removed(collected: Person) -> None:
    group = {"words": "jishumap、防災", "note": "区民の声", "query": "jishumap"}
    tried = collected.client.post("/operator/synonyms/new", {**group, "step": "try"}).content.decode()
    assert "いま 0 件、この組で 1 件" in tried
    assert tried.count("新しく見つかる</span>") == 1
    assert "jishumap、防災" in tried
    assert catalog.synonym_groups() == ()
    refused = collected.refused("/operator/synonyms/new", words="一つだけ", note="消えない", step="save")
    assert "言葉を二つ以上" in refused.text
    assert refused.fields["note"]["value"] == "消えない"
    assert collected.send("/operator/synonyms/new", **group, step="save") == "/operator/synonyms"
    forget_synonyms()
    assert catalog.search("jishumap").total == 1
    [entry] = catalog.synonym_groups()
    assert "防災" in collected.see("/operator/synonyms?q=jishumap").text
    one = f"/operator/synonyms/{entry.uid}"
    shorter = collected.client.post(one, {"words": "jishumap\n便所", "query": "jishumap", "step": "try"})
    assert "いま 1 件、この組で 0 件" in shorter.content.decode()
    collected.send(one, words="jishumap\n防災\n備え", step="save")
    assert catalog.get_synonyms(entry.uid).words == ("jishumap", "防災", "備え")
    assert catalog.synonym_groups() != ()
    collected.see(f"{one}/remove")
    collected.send(f"{one}/remove")
    assert catalog.synonym_groups() == ()
    assert collected.client.post(f"{one}/remove").status_code == 404
    assert OutboxEvent.objects.filter(name="catalog.SynonymsChanged").count() == 3


def test_a_contact_is_seen_confirmed_and_used(collected: Person, someone: Callable[..., Person]) -> None:
    publisher = Publisher.objects.select_related("party").first()
    assert publisher is not None
    one = f"/operator/publishers/{publisher.party.uid}"
    assert publisher.party.name_ja in collected.see("/operator/publishers?show=open").text
    assert "メール" in collected.refused(one, contact_email="窓口", website="").text
    collected.send(one, contact_email="opendata@city.example.jp", website="https://www.city.example.jp/")
    assert publisher.party.name_ja not in collected.see("/operator/publishers?show=open").text
    asked = community.request_data(
        actor=someone("m@example.jp", "会員").standing,
        kind="missing", title="夜間の街灯の場所", text="安全な道を選びたいので、街灯の場所がほしいです。",
        holder_name=publisher.party.name_ja,
    )  # fmt: skip
    page = collected.see(f"/operator/listening/data-requests/{asked}")
    assert page.fields["email"]["value"] == "opendata@city.example.jp"
    assert "運営者が確かめたもの" in page.text
    collected.send(one, contact_email="", website="")
    publisher.refresh_from_db()
    assert (publisher.contact_email, publisher.contact_confirmed) == ("", False)
    member = someone("n@example.jp", "ほか")
    assert member.client.post(one, {"contact_email": "thief@example.jp"}).status_code == 403
