"""Datasets and distributions: who may, what is announced, addresses that are never given twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalog_cast import HELD, LINK, TOILETS, Announced, add_rows, described
from django.db import IntegrityError, transaction
from made_members import MakeMember

from tdpf.controlplane.catalog import errors, events, queries, services
from tdpf.controlplane.catalog.models import Dataset, Distribution, SlugAlias
from tdpf.controlplane.members import errors as member_errors
from tdpf.controlplane.members.types import Standing

pytestmark = pytest.mark.django_db


def make(actor: Standing, slug: str = "", **changes: object) -> Dataset:
    return services.create_dataset(
        actor=actor, provider_party_id=actor.person_party_id, metadata=described(**changes), slug=slug
    )


def test_a_draft_is_begun(provider: Standing, announced: Announced) -> None:
    dataset = make(provider)
    assert (dataset.slug, dataset.state, dataset.access) == ("public-toilets", "draft", "open")
    [event] = announced(events.DatasetCreated)
    assert event.actor == provider.member_uid
    assert event.subject == f"dataset:{dataset.uid}"
    assert event.payload["slug"] == "public-toilets"


def test_slugs_are_made_from_english_else_from_how_japanese_is_read(provider: Standing) -> None:
    assert make(provider).slug == "public-toilets"
    assert make(provider).slug == "public-toilets-2"
    assert make(provider, title_en="").slug == "koshu-toire-ichiran"
    assert make(provider, title_en="", title_ja="AED設置箇所").slug == "aed-setchi-kasho"
    assert make(provider, title_en="", title_ja="！？").slug.startswith("dataset-")


def test_a_given_slug_is_taken_once_and_never_again(provider: Standing) -> None:
    first = make(provider, slug="toilets")
    with pytest.raises(errors.SlugTaken):
        make(provider, slug="toilets")
    renamed = services.rename_dataset(actor=provider, dataset_uid=first.uid, slug="public-toilets-of-shinjuku")
    assert queries.get_dataset("toilets").slug == renamed.slug
    assert queries.get_dataset("toilets").uid == first.uid
    with pytest.raises(errors.SlugTaken):
        make(provider, slug="toilets")
    back = services.rename_dataset(actor=provider, dataset_uid=first.uid, slug="toilets")
    assert back.slug == "toilets"
    assert queries.dataset_page("toilets", provider).aliases == ("public-toilets-of-shinjuku",)


def test_the_database_itself_refuses_a_second_slug(dataset: Dataset) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SlugAlias.objects.create(slug=dataset.slug, dataset=dataset)


def test_renaming_is_announced(provider: Standing, dataset: Dataset, announced: Announced) -> None:
    services.rename_dataset(actor=provider, dataset_uid=dataset.uid, slug=dataset.slug)
    assert announced(events.SlugChanged) == []
    services.rename_dataset(actor=provider, dataset_uid=dataset.uid, slug="toilets-2026")
    [event] = announced(events.SlugChanged)
    assert (event.payload["old_slug"], event.payload["new_slug"]) == ("public-toilets", "toilets-2026")


def test_who_may_not_begin_a_dataset(provider: Standing, stranger: Standing, make_member: MakeMember) -> None:
    with pytest.raises(member_errors.RoleNeeded):
        services.create_dataset(actor=stranger, provider_party_id=provider.person_party_id, metadata=TOILETS)
    with pytest.raises(member_errors.MfaNeeded):
        make(make_member("no-mfa", mfa=False))
    with pytest.raises(member_errors.MemberSuspended):
        make(replace(provider, is_suspended=True))


def test_strangers_change_nothing(stranger: Standing, dataset: Dataset, table: Distribution) -> None:
    for act in (
        lambda: services.edit_metadata(actor=stranger, dataset_uid=dataset.uid, metadata=TOILETS),
        lambda: services.rename_dataset(actor=stranger, dataset_uid=dataset.uid, slug="mine-now"),
        lambda: services.publish_dataset(actor=stranger, dataset_uid=dataset.uid),
        lambda: services.add_distribution(actor=stranger, dataset_uid=dataset.uid, details=LINK),
        lambda: services.edit_distribution(actor=stranger, distribution_uid=table.uid, details=HELD),
        lambda: services.remove_distribution(actor=stranger, distribution_uid=table.uid, reason="x"),
        lambda: add_rows(stranger, table),
    ):
        with pytest.raises(member_errors.RoleNeeded):
            act()
    dataset.refresh_from_db()
    assert dataset.slug == "public-toilets"
    assert Distribution.objects.count() == 1


def test_editing_announces_what_changed_and_nothing_when_nothing_did(
    provider: Standing, dataset: Dataset, announced: Announced
) -> None:
    services.edit_metadata(actor=provider, dataset_uid=dataset.uid, metadata=TOILETS)
    assert announced(events.MetadataEdited) == []
    services.edit_metadata(
        actor=provider, dataset_uid=dataset.uid, metadata=described(title_ja="トイレ", keywords=("便所",))
    )
    [event] = announced(events.MetadataEdited)
    assert sorted(event.payload["fields"]) == ["keywords", "title_ja"]
    assert queries.get_dataset(dataset.uid).title_ja == "トイレ"


def test_bad_descriptions_change_nothing(provider: Standing, dataset: Dataset) -> None:
    with pytest.raises(errors.MetadataRefused):
        services.edit_metadata(actor=provider, dataset_uid=dataset.uid, metadata=described(area_codes=("x",)))
    assert queries.get_dataset(dataset.uid).area_codes == ["131041"]


def test_a_link_only_dataset_is_published(provider: Standing, dataset: Dataset) -> None:
    with pytest.raises(errors.NothingToPublish):
        services.publish_dataset(actor=provider, dataset_uid=dataset.uid)
    link = services.add_distribution(actor=provider, dataset_uid=dataset.uid, details=LINK)
    assert (link.holding, link.format, link.media_type) == ("connected", "CSV", "text/csv")
    services.publish_dataset(actor=provider, dataset_uid=dataset.uid)
    [facts] = queries.connected_distributions()
    assert (facts.slug, facts.name, facts.url) == ("public-toilets", "site", LINK.url)
    page = queries.dataset_page("public-toilets")
    assert page.formats == ("CSV",)
    assert page.distributions[0].holding_reason == "提供元が更新するため"
    assert queries.published_tables() == []


def test_publishing_twice_is_once(published: Dataset, provider: Standing, announced: Announced) -> None:
    before = published.published_at
    again = services.publish_dataset(actor=provider, dataset_uid=published.uid)
    assert again.published_at == before
    assert len(announced(events.DatasetPublished)) == 1


def test_withdrawing_and_offering_again(published: Dataset, provider: Standing, announced: Announced) -> None:
    with pytest.raises(errors.ReasonMissing):
        services.withdraw_dataset(actor_uid="system", dataset_uid=published.uid, reason=" ")
    services.withdraw_dataset(actor_uid="system", dataset_uid=published.uid, reason="予告の期日が来たため")
    services.withdraw_dataset(actor_uid="system", dataset_uid=published.uid, reason="again")
    [event] = announced(events.DatasetWithdrawn)
    assert (event.actor, event.reason) == ("system", "予告の期日が来たため")
    page = queries.dataset_page(published.slug)
    assert (page.state, page.withdrawn_reason) == ("withdrawn", "予告の期日が来たため")
    assert queries.published_tables() == []
    with pytest.raises(errors.DatasetClosed):
        services.edit_metadata(actor=provider, dataset_uid=published.uid, metadata=described(title_ja="x"))
    again = services.publish_dataset(actor=provider, dataset_uid=published.uid)
    assert (again.state, again.withdrawn_at, again.withdrawn_reason) == ("published", None, "")
    assert len(queries.published_tables()) == 1


def test_drafts_are_seen_by_their_provider_and_the_operator_only(
    dataset: Dataset, provider: Standing, stranger: Standing, operator: Standing
) -> None:
    for standing in (None, stranger):
        with pytest.raises(errors.DatasetUnknown):
            queries.dataset_page(dataset.slug, standing)
        assert queries.list_datasets(standing=standing, states=("draft", "published")).total == 0
    for standing in (provider, operator):
        assert queries.dataset_page(dataset.slug, standing).uid == dataset.uid
        assert queries.list_datasets(standing=standing, states=("draft",)).items[0].uid == dataset.uid


def test_lists_are_pages(provider: Standing, stranger: Standing) -> None:
    for number in range(5):
        made = make(provider, title_ja=f"一覧{number}")
        services.add_distribution(actor=provider, dataset_uid=made.uid, details=LINK)
        services.publish_dataset(actor=provider, dataset_uid=made.uid)
    page = queries.list_datasets(offset=1, limit=2)
    assert (page.total, [card.title.ja for card in page.items]) == (5, ["一覧3", "一覧2"])
    assert queries.list_datasets(provider_party_ids=[stranger.person_party_id]).total == 0
    assert queries.list_datasets(provider_party_ids=[provider.person_party_id], limit=1).items[0].formats == ("CSV",)


def test_the_number_of_queries_does_not_grow_with_the_list(
    provider: Standing, django_assert_max_num_queries: object
) -> None:
    for number in range(4):
        make(provider, title_ja=f"一覧{number}")
    with django_assert_max_num_queries(6):  # type: ignore[operator]  # pytest-django's fixture
        queries.list_datasets(standing=provider, states=("draft",))


def test_terms_facets_are_taken_over(published: Dataset, announced: Announced) -> None:
    services.set_terms_facets(dataset_uid=published.uid, access="conditional", badges=["承認制"])
    services.set_terms_facets(dataset_uid=published.uid, access="conditional", badges=["承認制"])
    assert len(announced(events.TermsFacetsSet)) == 1
    page = queries.dataset_page(published.slug)
    assert (page.access, page.terms_badges) == ("conditional", ("承認制",))
    assert queries.published_tables()[0].access == "conditional"


def test_distributions_have_one_name_each(provider: Standing, dataset: Dataset, table: Distribution) -> None:
    with pytest.raises(errors.DistributionNameTaken):
        services.add_distribution(actor=provider, dataset_uid=dataset.uid, details=HELD)
    assert Distribution.objects.filter(dataset=dataset).count() == 1


def test_a_distributions_kind_and_name_stay(
    provider: Standing, dataset: Dataset, table: Distribution, announced: Announced
) -> None:
    changed = services.edit_distribution(
        actor=provider,
        distribution_uid=table.uid,
        details=replace(HELD, name="other", kind="file", title_ja="一覧表", retention_days=7),
    )
    assert (changed.name, changed.kind, changed.title_ja, changed.retention_days) == ("main", "table", "一覧表", 7)
    assert [event.payload["change"] for event in announced(events.DistributionChanged)] == ["added", "edited"]


def test_a_removed_distribution_is_gone_from_the_page(
    provider: Standing, published: Dataset, table: Distribution, announced: Announced
) -> None:
    with pytest.raises(errors.ReasonMissing):
        services.remove_distribution(actor=provider, distribution_uid=table.uid, reason="")
    services.remove_distribution(actor=provider, distribution_uid=table.uid, reason="別の表にまとめたため")
    services.remove_distribution(actor=provider, distribution_uid=table.uid, reason="again")
    assert queries.dataset_page(published.slug).distributions == ()
    assert queries.published_tables() == []
    assert queries.versions_of(table.uid)[0].state == "older"
    assert [event.reason for event in announced(events.DistributionChanged)] == ["", "別の表にまとめたため"]


def test_the_database_refuses_a_link_that_is_held(dataset: Dataset) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Distribution.objects.create(
            dataset=dataset,
            name="x",
            kind="link",
            holding="held",
            holding_reason="x",
            storage_place="x",
            url="http://x",
        )


def test_unknown_things_are_said_to_be_unknown(provider: Standing) -> None:
    for act in (
        lambda: queries.get_dataset("nothing-here"),
        lambda: queries.get_dataset("nothing-here"),
        lambda: services.edit_metadata(actor=provider, dataset_uid="x", metadata=TOILETS),
    ):
        with pytest.raises(errors.DatasetUnknown):
            act()
    with pytest.raises(errors.DistributionUnknown):
        queries.versions_of("x")
    with pytest.raises(errors.VersionUnknown):
        queries.get_version("x")


def test_publishers_are_listed_with_their_number(provider: Standing, stranger: Standing) -> None:
    for actor, count in ((provider, 1), (stranger, 2)):
        for number in range(count):
            made = make(actor, title_ja=f"一覧{number}")
            services.add_distribution(actor=actor, dataset_uid=made.uid, details=LINK)
            services.publish_dataset(actor=actor, dataset_uid=made.uid)
    make(provider, title_ja="下書き")
    page = queries.list_publishers()
    assert (page.total, [(card.provider.name.ja, card.datasets) for card in page.items]) == (
        2,
        [("stranger", 2), ("shinjuku", 1)],
    )
    assert queries.list_publishers(offset=1, limit=1).items[0].provider.name.ja == "shinjuku"
