"""What pages show: citation, linked data, quality facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from catalog_cast import LINK, add_rows, described

from tdpf.controlplane.catalog import queries, services
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.members.types import Standing

pytestmark = pytest.mark.django_db
URL = "https://tdpf.example/datasets/public-toilets"
BASE = "https://tdpf.example"
DAY = date(2026, 11, 21)


@pytest.fixture
def page(published: Dataset) -> DatasetPage:
    return queries.dataset_page(published.slug)


def test_citation_of_pdl(page: DatasetPage) -> None:
    pdl = replace(
        page,
        licence="PDL-1.0",
        licence_url="https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
        attribution="新宿区",
    )
    said = queries.citation(pdl, url=URL, used_on=DAY)
    assert said.ja == (
        f"出典：「公衆トイレ一覧」（新宿区）（{URL}）、PDL1.0"
        "（https://www.digital.go.jp/resources/open_data/public_data_license_v1.0）（2026年11月21日に利用）"
    )
    assert said.en.startswith("Source: “Public toilets” (新宿区)")
    edited = queries.citation(pdl, url=URL, used_on=DAY, made_by="港大学")
    assert edited.ja.endswith("を加工して港大学が作成")
    assert not edited.ja.startswith("出典")
    assert "○○" in queries.edited_citation(pdl, url=URL, used_on=DAY).ja


@pytest.mark.parametrize(
    ("licence", "words"),
    [
        ("CC-BY-4.0", "クリエイティブ・コモンズ 表示 4.0 国際（https://creativecommons.org/licenses/by/4.0/）"),
        ("CC0-1.0", "CC0 1.0"),
        ("GJSTU-2.0", "shinjuku「公衆トイレ一覧」"),
    ],
)
def test_citation_by_licence(provider: Standing, published: Dataset, licence: str, words: str) -> None:
    services.edit_metadata(actor=provider, dataset_uid=published.uid, metadata=described(licence=licence))
    said = queries.citation(queries.dataset_page(published.slug), url=URL, used_on=DAY)
    assert words in said.ja
    assert URL in said.ja
    assert URL in said.en


def test_citation_of_custom_terms(provider: Standing, published: Dataset) -> None:
    metadata = described(licence="custom", licence_name="学術利用規約", licence_url="https://example.jp/terms")
    services.edit_metadata(actor=provider, dataset_uid=published.uid, metadata=metadata)
    said = queries.citation(queries.dataset_page(published.slug), url=URL, used_on=DAY)
    assert "学術利用規約（https://example.jp/terms）" in said.ja


def test_bibtex(page: DatasetPage) -> None:
    entry = queries.bibtex(replace(page, attribution="A & B_{C}"), url=URL, used_on=DAY)
    assert entry.startswith("@misc{public-toilets,\n")
    assert r"author = {{A \& B\_\{C\}}}," in entry
    assert "version = {1}," in entry
    assert f"\\url{{{URL}}}" in entry
    assert entry.count("{") - entry.count("}") == 0


def test_schema_org(page: DatasetPage) -> None:
    found = queries.schema_org(page, base_url=BASE)
    json.dumps(found)
    assert (found["@type"], found["name"], found["alternateName"]) == ("Dataset", "公衆トイレ一覧", "Public toilets")
    assert 50 <= len(found["description"]) <= 5000
    assert found["url"] == URL
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["spatialCoverage"] == [{"@type": "Place", "name": "新宿区", "identifier": "131041"}]
    assert [entry["name"] for entry in found["variableMeasured"]] == ["ID", "名称", "緯度", "経度", "オストメイト"]
    addresses = {entry["encodingFormat"]: entry["contentUrl"] for entry in found["distribution"]}
    assert addresses["text/csv"] == f"{BASE}/data/files/public-toilets/public-toilets.csv"
    assert "application/geo+json" in addresses
    assert "sameAs" not in found
    assert found["creator"] == {"@type": "Person", "name": "shinjuku"}


def test_dcat(page: DatasetPage) -> None:
    found = queries.dcat(page, base_url=BASE)
    json.dumps(found)
    assert found["@type"] == "dcat:Dataset"
    assert found["dct:title"] == [
        {"@value": "公衆トイレ一覧", "@language": "ja"},
        {"@value": "Public toilets", "@language": "en"},
    ]
    assert found["dct:accrualPeriodicity"]["@id"].endswith("/frequency/ANNUAL")
    assert found["dcat:theme"][0]["@id"].endswith("/data-theme/HEAL")
    assert found["dct:accessRights"]["@id"].endswith("PUBLIC")
    assert [entry["@id"].rpartition("/")[2] for entry in found["dct:language"]] == ["JPN"]
    formats = {entry["dct:format"].get("@id", "").rpartition("/")[2] for entry in found["dcat:distribution"]}
    assert formats >= {"CSV", "GEOJSON"}
    assert all(entry["dcat:accessURL"]["@id"].startswith(BASE) for entry in found["dcat:distribution"])
    assert "dct:temporal" not in found


def test_linked_data_of_a_link(provider: Standing, dataset: Dataset) -> None:
    services.add_distribution(actor=provider, dataset_uid=dataset.uid, details=LINK)
    metadata = described(
        period_start=date(2025, 4, 1), period_end=date(2026, 3, 31), licence="custom", licence_name="x"
    )
    services.edit_metadata(actor=provider, dataset_uid=dataset.uid, metadata=replace(metadata, licence_text="本文"))
    services.publish_dataset(actor=provider, dataset_uid=dataset.uid)
    found = queries.dataset_page(dataset.slug)
    assert queries.downloads(found, found.distributions[0], BASE) == [("CSV", LINK.url)]
    [entry] = queries.dcat(found, base_url=BASE)["dcat:distribution"]
    assert entry["dcat:accessURL"]["@id"] == entry["dcat:downloadURL"]["@id"] == LINK.url
    assert entry["dct:license"]["@type"] == "dct:LicenseDocument"
    assert queries.dcat(found, base_url=BASE)["dct:temporal"]["dcat:endDate"]["@value"] == "2026-03-31"
    assert queries.schema_org(found, base_url=BASE)["temporalCoverage"] == "2025-04-01/2026-03-31"


def test_quality_says_what_is_missing_and_how_to_mend_it(page: DatasetPage) -> None:
    facts = queries.quality_of(page, page.modified_at)
    assert [fact.code for fact in facts.missing] == ["columns_described", "period"]
    assert all(f.cure.ja and f.cure.en and f.reason.ja and f.reason.en and f.title.ja for f in facts.facts)
    assert facts.score == round(100 * (1 - 13 / sum(fact.weight for fact in facts.facts)))


def test_quality_of_next_to_nothing(page: DatasetPage) -> None:
    bare = replace(
        page,
        description=type(page.description)("", ""),
        themes=(),
        keywords=(),
        area_codes=(),
        update_frequency="UNKNOWN",
        contact_email="",
        licence="custom",
        formats=("PDF",),
        title=type(page.title)("一覧", "一覧"),
    )
    facts = queries.quality_of(bare, datetime(2026, 11, 21, tzinfo=UTC))
    assert facts.score < 30
    assert facts.missing[0].code == "description"


def test_lateness_follows_the_promised_frequency(page: DatasetPage) -> None:
    weekly = replace(page, update_frequency="WEEKLY")
    assert not queries.is_late(weekly, page.modified_at + timedelta(days=10))
    assert queries.is_late(weekly, page.modified_at + timedelta(days=11))
    never = replace(page, update_frequency="NEVER")
    assert not queries.is_late(never, page.modified_at + timedelta(days=9999))
    fresh = {f.code: f.met for f in queries.quality_of(weekly, page.modified_at + timedelta(days=30)).facts}
    assert not fresh["kept_fresh"]


def test_quality_needs_no_database(page: DatasetPage, table: Distribution, provider: Standing) -> None:
    add_rows(provider, table, (("9", "x", "35.1", "139.1", "true"),))
    before = queries.quality_of(page, page.modified_at)
    assert queries.quality_of(page, page.modified_at) == before
