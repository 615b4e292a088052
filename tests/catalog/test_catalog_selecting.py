"""Choosing datasets by conditions: every field, negation, stable pages to the end, words, counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from catalog_cast import LINK, TOILETS, add_rows, described
from django.db import connection
from django.test.utils import CaptureQueriesContext
from made_members import MakeMember

from tdpf.controlplane.catalog import queries, services
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.types import (
    AllOf,
    AnyOf,
    Condition,
    DistributionDetails,
    FieldIs,
    FieldWithin,
    Not,
)
from tdpf.controlplane.members.types import Standing

Scene = list[Dataset]


@pytest.fixture
def scene(provider: Standing, make_member: MakeMember, published: Dataset) -> Scene:
    """Three datasets: the toilets as a located table, and two of another provider with a link each."""
    other = make_member("minato")
    found = [published]
    for title, changes in (
        ("避難所一覧", {"themes": ("safety",), "keywords": ("防災", "100%"), "licence": "CC0-1.0"}),
        ("人口", {"themes": ("population",), "keywords": ("統計", "防"), "area_codes": ("131032",)}),
    ):
        metadata = described(title_ja=title, title_en="", description_ja=f"{title}です。", description_en="", **changes)
        made = services.create_dataset(actor=other, provider_party_id=other.person_party_id, metadata=metadata)
        details = DistributionDetails(
            kind="link",
            holding="connected",
            holding_reason="提供元にあります。",
            url="https://example.jp/a.pdf",
            format="PDF",
        )
        services.add_distribution(actor=other, dataset_uid=made.uid, details=details)
        found.append(services.publish_dataset(actor=other, dataset_uid=made.uid))
    services.create_dataset(actor=provider, provider_party_id=provider.person_party_id, metadata=TOILETS)
    services.reindex()
    return found


def chosen(condition: Condition, words: str = "") -> list[str]:
    page = queries.select_datasets(condition=condition, words=words, order=("created",))
    assert page.total == len(page.items)
    return [item.title.ja for item in page.items]


@pytest.mark.parametrize(
    ("condition", "titles"),
    [
        (AllOf(()), ["公衆トイレ一覧", "避難所一覧", "人口"]),
        (AnyOf(()), []),
        (FieldIs("theme", "safety"), ["避難所一覧"]),
        (FieldIs("theme", "safe"), []),
        (FieldIs("theme", "safe", begins=True), ["避難所一覧"]),
        (FieldIs("keyword", "防"), ["人口"]),
        (FieldIs("keyword", "防", begins=True), ["避難所一覧", "人口"]),
        (FieldIs("keyword", "100%"), ["避難所一覧"]),
        (FieldIs("keyword", '%"'), []),
        (FieldIs("licence", "CC0-1.0"), ["避難所一覧"]),
        (FieldIs("area", "131032"), ["人口"]),
        (FieldIs("format", "csv"), ["公衆トイレ一覧"]),
        (FieldIs("format", "GeoJSON"), ["公衆トイレ一覧"]),
        (FieldIs("format", "PDF"), ["避難所一覧", "人口"]),
        (FieldIs("located", "true"), ["公衆トイレ一覧"]),
        (FieldIs("located", "false"), ["避難所一覧", "人口"]),
        (FieldIs("title", "一覧"), ["公衆トイレ一覧", "避難所一覧"]),
        (FieldIs("title", "TOILETS"), ["公衆トイレ一覧"]),
        (Not(FieldIs("title", "一覧")), ["人口"]),
        (AnyOf((FieldIs("theme", "safety"), FieldIs("theme", "population"))), ["避難所一覧", "人口"]),
        (AllOf((FieldIs("format", "PDF"), Not(FieldIs("theme", "safety")))), ["人口"]),
        (FieldIs("distribution", "nothing"), []),
    ],
)
def test_a_condition_chooses(scene: Scene, condition: Condition, titles: list[str]) -> None:
    assert chosen(condition) == titles


def test_provider_moment_and_identity_choose(scene: Scene) -> None:
    first, second, third = scene
    assert chosen(FieldIs("provider", first.provider.slug)) == ["公衆トイレ一覧"]
    assert chosen(FieldIs("provider", second.provider.uid)) == ["避難所一覧", "人口"]
    assert chosen(FieldIs("uid", third.uid)) == ["人口"]
    assert chosen(FieldIs("distribution", Distribution.objects.get(dataset=third).uid)) == ["人口"]
    Dataset.objects.filter(pk=third.pk).update(modified_at=first.modified_at - timedelta(days=30))
    old = FieldWithin("modified", None, first.modified_at - timedelta(days=1))
    assert chosen(old) == ["人口"]
    assert chosen(Not(old)) == ["公衆トイレ一覧", "避難所一覧"]


def test_words_are_ranked_by_the_index_and_narrowed_by_the_condition(scene: Scene) -> None:
    assert chosen(AllOf(()), "トイレ") == ["公衆トイレ一覧"]
    found = queries.select_datasets(words="一覧")
    assert {item.title.ja for item in found.items} == {"公衆トイレ一覧", "避難所一覧"}
    assert chosen(FieldIs("theme", "safety"), "一覧") == ["避難所一覧"]
    assert chosen(FieldIs("format", "GeoJSON"), "一覧") == ["公衆トイレ一覧"]
    assert chosen(FieldIs("keyword", "統計"), "一覧") == []
    relevant = queries.select_datasets(words="一覧", condition=Not(FieldIs("theme", "safety")), order=("relevance",))
    assert [item.title.ja for item in relevant.items] == ["公衆トイレ一覧"]


def test_pages_are_stable_and_end(scene: Scene) -> None:
    seen: list[str] = []
    for offset in range(0, 6, 2):
        page = queries.select_datasets(order=("uid",), offset=offset, limit=2)
        assert page.total == 3
        seen += [item.uid for item in page.items]
    assert seen == sorted(dataset.uid for dataset in scene)
    assert queries.select_datasets(offset=10**30, limit=5).items == []
    assert queries.select_datasets(limit=0).items == []
    assert queries.slugs_of_datasets() == sorted(dataset.slug for dataset in scene)
    assert queries.slugs_of_datasets(offset=1, limit=1) == sorted(dataset.slug for dataset in scene)[1:2]


def test_a_page_costs_a_fixed_number_of_queries(scene: Scene) -> None:
    counts = []
    for limit in (1, 3):
        with CaptureQueriesContext(connection) as asked:
            queries.select_datasets(limit=limit)
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 1
    assert counts[0] <= 8


def test_values_are_counted(scene: Scene) -> None:
    found = queries.count_datasets(("theme", "keyword", "provider", "format", "licence", "area", "access"))
    assert found["theme"] == {"welfare": 1, "land": 1, "safety": 1, "population": 1}
    assert found["keyword"]["防災"] == 1
    assert found["format"]["PDF"] == 2
    assert found["format"]["GEOJSON"] == 1
    assert found["licence"] == {"CC-BY-4.0": 2, "CC0-1.0": 1}
    assert sorted(found["provider"].values()) == [1, 2]
    assert queries.count_datasets(("theme",), words="避難所")["theme"] == {"safety": 1}
    assert queries.count_datasets(("theme",), condition=FieldIs("licence", "CC0-1.0"))["theme"] == {"safety": 1}


def test_a_table_with_a_file_beside_it_counts_once(scene: Scene, provider: Standing) -> None:
    services.add_distribution(actor=provider, dataset_uid=scene[0].uid, details=LINK)
    counts = queries.count_datasets(("format",))["format"]
    assert counts["CSV"] == queries.select_datasets(condition=FieldIs("format", "CSV")).total == 1


def test_the_pages_are_the_pages(scene: Scene, provider: Standing) -> None:
    """What comes in bulk is what the dataset's own page shows."""
    add_rows(provider, Distribution.objects.get(dataset=scene[0]), [("9", "新しい", "35.7", "139.7", "true")])
    services.add_distribution(actor=provider, dataset_uid=scene[0].uid, details=LINK)
    for page in queries.select_datasets().items:
        assert page == queries.dataset_page(page.slug)
