"""Whose small files may be read for the names of their columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tdpf.controlplane.catalog import queries, services
from tdpf.controlplane.catalog.enriching.columns import MOST_BYTES, READ_BYTES, kept_columns, may_read_columns
from tdpf.controlplane.catalog.types import DatasetPage, HarvestedDataset, Place, StatedDataset, StatedDistribution
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import PublisherFacts
from tdpf.kit.text import Text

SEEN = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def page(db: None) -> DatasetPage:
    facts = PublisherFacts(name_ja="新宿区", municipality_code="131041")
    party = member_services.ensure_publishers(facts=[facts])[members.key_of_publisher(facts)]
    stated = StatedDataset(
        record_id="1", title="公園一覧", licence="CC BY 4.0",
        distributions=(StatedDistribution(record_id="f", url="https://x.example.jp/a.csv", format="CSV"),),
    )  # fmt: skip
    place = Place(
        site="metro", site_name=Text("都", "Metro"), url="https://x.example.jp/", record_id="1", first_seen_at=SEEN,
        last_seen_at=SEEN, is_primary=True,
    )  # fmt: skip
    asked = HarvestedDataset(publisher_party_id=party, slug_hint="parks", stated=stated, places=(place,))
    return queries.dataset_page(services.put_harvested(batch=[asked])[0].slug)


def test_an_open_small_table_may_be_read_from_its_beginning(page: DatasetPage) -> None:
    found = may_read_columns(page, page.distributions[0])
    assert found.may
    assert found.most_bytes == READ_BYTES
    sheet = may_read_columns(page, replace(page.distributions[0], format="XLSX"))
    assert sheet.may
    assert sheet.most_bytes == MOST_BYTES


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "PDF"}, {"format": "ZIP"}, {"columns": ("名称",)}, {"link_state": "broken"}, {"link_state": "suspect"},
        {"url": "ftp://x.example.jp/a.csv"}, {"format": "XLSX", "size": MOST_BYTES + 1}, {"holding": "held"},
        {"licence": "custom"}, {"licence": "CC-BY-ND-4.0"},
    ],
)  # fmt: skip
def test_other_files_are_left_alone_with_a_reason(page: DatasetPage, changes: dict[str, object]) -> None:
    found = may_read_columns(page, replace(page.distributions[0], **changes))  # type: ignore[arg-type]  # fields of the dataclass
    assert not found.may
    assert found.reason.ja
    assert found.reason.en


@pytest.mark.parametrize(
    "changes",
    [
        {"licence": "custom"},
        {"licence": "not-stated"},
        {"access": "conditional"},
        {"state": "withdrawn"},
        {"origin": "registered"},
    ],
)
def test_other_datasets_are_left_alone(page: DatasetPage, changes: dict[str, object]) -> None:
    assert not may_read_columns(replace(page, **changes), page.distributions[0]).may  # type: ignore[arg-type]  # fields of the dataclass


def test_a_large_text_table_is_read_only_at_its_beginning(page: DatasetPage) -> None:
    large = replace(page.distributions[0], size=10**9)
    assert may_read_columns(page, large).most_bytes == READ_BYTES


def test_names_are_kept_tidy() -> None:
    assert kept_columns(["名称\n", "", "名称", " 緯 度 ", "\x00", None, 5]) == ("名称", "緯 度", "5")
    assert len(kept_columns(str(number) for number in range(5000))) == 1000
