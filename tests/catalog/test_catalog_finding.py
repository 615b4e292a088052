"""From the database to the index and back: what is published is found, what is not is not."""

from __future__ import annotations

from collections import defaultdict

import pytest
from catalog_cast import LINK, add_rows, described
from django.db import connection
from django.test.utils import CaptureQueriesContext
from made_members import MakeMember

from tdpf.controlplane.catalog import errors, events, queries, services, tasks
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.reads.synonyms import forget_synonyms
from tdpf.controlplane.catalog.search import index as index_module
from tdpf.controlplane.catalog.types import SearchFilters
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.errors import OperatorNeeded
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit import jobs, outbox

pytestmark = pytest.mark.django_db
WATCHED = (
    events.MetadataEdited,
    events.SlugChanged,
    events.DistributionChanged,
    events.VersionPublished,
    events.VersionPurged,
    events.DatasetPublished,
    events.DatasetWithdrawn,
    events.DatasetPurged,
    events.TermsFacetsSet,
)


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subscriptions of this room, for this test only."""
    monkeypatch.setattr(outbox, "_subscribed", defaultdict(list))
    for event in WATCHED:
        outbox.subscribe(event, "catalog.tasks.index_dataset")


def total(query: str) -> int:
    return queries.search(query).total


def test_without_an_index_search_says_so() -> None:
    assert not queries.search_is_ready()
    with pytest.raises(errors.SearchNotReady) as refused:
        queries.search("トイレ")
    assert refused.value.status == 503
    with pytest.raises(errors.SearchNotReady):
        queries.indexed_count()


def test_the_periodic_task_builds_the_index_once() -> None:
    assert tasks.ensure_index() == 0
    assert tasks.ensure_index() is None
    assert queries.search_is_ready()


def test_drafts_are_never_found(dataset: Dataset, table: Distribution, provider: Standing) -> None:
    add_rows(provider, table)
    jobs.run_pending()
    assert services.reindex() == 0
    assert total("トイレ") == 0
    assert total("") == 0


def test_a_dataset_is_found_once_published_and_lost_once_withdrawn(
    provider: Standing, dataset: Dataset, table: Distribution
) -> None:
    services.ensure_index()
    add_rows(provider, table)
    services.publish_dataset(actor=provider, dataset_uid=dataset.uid)
    jobs.run_pending()
    page = queries.search("お手洗い 新宿区")
    assert (page.total, page.hits[0].slug, page.understood_areas) == (1, "public-toilets", ("131041",))
    assert page.hits[0].title_html == "<mark>公衆トイレ</mark>一覧"
    assert page.hits[0].formats == ("CSV", "JSON", "PARQUET", "XLSX", "GEOJSON")
    assert page.hits[0].located
    assert total("オストメイト") == 1
    assert total("施設の名前") == 1
    services.edit_metadata(
        actor=provider, dataset_uid=dataset.uid, metadata=described(title_ja="公衆便所", keywords=())
    )
    services.set_terms_facets(dataset_uid=dataset.uid, access="conditional")
    jobs.run_pending()
    assert queries.search("便所").hits[0].access == "conditional"
    services.withdraw_dataset(actor_uid="system", dataset_uid=dataset.uid, reason="終了")
    jobs.run_pending()
    assert total("便所") == 0
    assert queries.indexed_count() == 0


def test_a_purged_dataset_is_lost(provider: Standing, published: Dataset) -> None:
    services.reindex()
    assert total("トイレ") == 1
    services.purge_dataset(actor=provider, dataset_uid=published.uid, reason="個人名")
    jobs.run_pending()
    assert total("トイレ") == 0


def test_a_handler_builds_the_index_when_there_is_none(provider: Standing, published: Dataset) -> None:
    jobs.run_pending()
    assert total("トイレ") == 1


def test_facets_have_labels(provider: Standing, published: Dataset, make_member: MakeMember) -> None:
    other = make_member("minato")
    link = services.create_dataset(
        actor=other,
        provider_party_id=other.person_party_id,
        metadata=described(title_ja="公園一覧", area_codes=("131032",), licence="PDL-1.0", themes=()),
    )
    services.add_distribution(actor=other, dataset_uid=link.uid, details=LINK)
    services.publish_dataset(actor=other, dataset_uid=link.uid)
    services.reindex()
    page = queries.search("一覧", filters=SearchFilters(areas=("131032",)))
    assert [hit.title.ja for hit in page.hits] == ["公園一覧"]
    facets = {facet.name: facet for facet in page.facets}
    areas = {value.label.ja: (value.count, value.chosen) for value in facets["areas"].values}
    assert areas == {"東京都": (2, False), "新宿区": (1, False), "港区": (1, True)}
    assert [(value.label.ja, value.count) for value in facets["providers"].values] == [("minato", 1)]
    assert facets["licences"].values[0].label.ja == "公共データ利用規約（第1.0版）"
    assert facets["access"].values[0].label.en == "Open"
    assert facets["located"].values[0].code == "no"
    assert facets["themes"].values == ()
    none = queries.search("一覧", filters=SearchFilters(themes=("energy",)))
    themes = next(facet for facet in none.facets if facet.name == "themes")
    assert [(value.code, value.count, value.chosen) for value in themes.values if value.chosen] == [("energy", 0, True)]


def test_a_new_name_of_the_provider_is_found(provider: Standing, published: Dataset) -> None:
    services.reindex()
    member_services.edit_profile(actor=provider, display_name="花園防災会")
    tasks.index_provider({"party_id": provider.person_party_id})
    assert total("花園防災会") == 1


def test_the_index_is_made_anew_for_another_dictionary(published: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    services.reindex()
    monkeypatch.setattr(index_module, "ANALYZER", "ja@2")
    assert not queries.search_is_ready()
    assert tasks.ensure_index() == 1
    assert total("トイレ") == 1


def test_the_number_of_queries_does_not_grow_with_the_library(
    provider: Standing, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        made = services.create_dataset(
            actor=provider, provider_party_id=provider.person_party_id, metadata=described(title_ja=f"一覧{number}")
        )
        services.add_distribution(actor=provider, dataset_uid=made.uid, details=LINK)
        services.publish_dataset(actor=provider, dataset_uid=made.uid)
    with django_assert_max_num_queries(9):  # type: ignore[operator]  # pytest-django's fixture
        assert services.reindex() == 6


def test_words_of_the_operator_are_used_at_once(operator: Standing, published: Dataset) -> None:
    """Without a new index; taken out again they find nothing any more."""
    services.reindex()
    assert total("ラバトリー") == 0
    uid = services.put_synonyms(actor=operator, words=["ラバトリー", "トイレ"], note="英語から")
    forget_synonyms()
    assert total("ラバトリー") == 1
    [entry] = queries.synonym_groups()
    assert (entry.words, entry.wide, entry.note) == (("ラバトリー", "トイレ"), "", "英語から")
    services.put_synonyms(actor=operator, uid=uid, wide="ヨウタスバ", words=["トイレ"])
    forget_synonyms()
    assert (total("ヨウタスバ"), total("ラバトリー")) == (1, 0)
    services.remove_synonyms(actor=operator, uid=uid)
    forget_synonyms()
    assert total("ヨウタスバ") == 0
    with pytest.raises(errors.SynonymsUnknown):
        services.remove_synonyms(actor=operator, uid=uid)


@pytest.mark.parametrize(
    ("wide", "words"), [("", ["トイレ"]), ("", []), ("", ["トイレ", "！？"]), ("", ["トイレ", "便" * 61]), ("広", [])]
)
def test_a_group_that_says_nothing_is_refused(operator: Standing, wide: str, words: list[str]) -> None:
    with pytest.raises(errors.SynonymsInvalid):
        services.put_synonyms(actor=operator, words=words, wide=wide)


def test_only_operators_tend_the_words(provider: Standing) -> None:
    with pytest.raises(OperatorNeeded):
        services.put_synonyms(actor=provider, words=["トイレ", "便所"])


def test_why_a_result_stands_there(published: Dataset) -> None:
    services.reindex()
    told = queries.explain_hit("新宿区 公衆トイレ", dataset_uid=published.uid)
    assert told is not None
    assert {each.way for each in told.contributions} >= {"title", "place"}
    assert sum(each.points for each in told.contributions) == pytest.approx(told.score, abs=0.01)
    assert queries.explain_hit("トイレ", dataset_uid="nobody") is None


def test_providers_are_named_by_one_question_about_parties_and_then_by_none(published: Dataset) -> None:
    services.reindex()
    with CaptureQueriesContext(connection) as asked:
        found = queries.search("")
    (values,) = [facet.values for facet in found.facets if facet.name == "providers"]
    assert [value.label.ja for value in values] == [published.provider.name_ja]
    assert sum("members_party" in query["sql"] for query in asked) == 1
    assert not any("catalog_dataset" in query["sql"] for query in asked)
    with CaptureQueriesContext(connection) as asked_again:
        assert queries.search("").facets == found.facets
    assert not any("members_party" in query["sql"] for query in asked_again)
