"""Words as strangers type them: quarters and stations, readings in kana and Latin letters, slips, English for Japanese titles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.index import rebuild
from tdpf.controlplane.catalog.search.place_names import codes_of
from tdpf.controlplane.catalog.search.reader import Reader
from tdpf.controlplane.catalog.search.synonyms import parse_synonyms
from tdpf.controlplane.catalog.search.types import SearchFilters

DAY = datetime(2026, 11, 1, tzinfo=UTC)
LIBRARY = {
    "津波避難ビル": "131032", "避難所の一覧": "131121", "避難所": "131083", "幼稚園・保育所": "", "AED設置場所": "352080",
    "国勢調査": "", "Wi-Fi・Hotspot-map": "", "結果": "", "世帯と人口": "131041", "多目的トイレ": "131067",
}  # fmt: skip


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("strangers")
    rebuild(
        folder,
        [
            IndexDocument(
                uid=f"uid{at}", slug=f"set-{at}", title_ja=title, area_codes=(code,) if code else (), modified_at=DAY
            )
            for at, (title, code) in enumerate(LIBRARY.items())
        ],
    )
    return Reader(folder)


@pytest.mark.parametrize(
    ("query", "first", "meant"),
    [
        ("下北沢 避難所", "避難所の一覧", ""),
        ("豊洲の避難所", "避難所", ""),
        ("西新宿駅周辺 人口", "世帯と人口", ""),
        ("東京都港区の避難ビル", "津波避難ビル", ""),
        ("いわくにしのAED", "AED設置場所", ""),
        ("toilet near Ueno", "多目的トイレ", ""),
        ("households in Shinjuku-ku", "世帯と人口", ""),
        ("kindergarten", "幼稚園・保育所", ""),
        ("census", "国勢調査", ""),
        ("hoikuen", "幼稚園・保育所", "保育園"),
        ("つなみひなんびる", "津波避難ビル", "津波避難ビル"),
        ("じどうたいがいしきじょさいどうき", "AED設置場所", "自動体外式除細動器"),
        ("除細動機", "AED設置場所", "除細動器"),
        ("非難所 世田谷", "避難所の一覧", "避難所 世田谷"),
    ],
)
def test_what_strangers_type_is_found(strangers: Reader, query: str, first: str, meant: str) -> None:
    found = strangers.search(query, filters=SearchFilters())
    assert (found.hits[0].title.ja, found.suggestion) == (first, meant)


@pytest.mark.parametrize("typed", ["けっ", "hotspo", "fii", "けつか", "wifii", "hotspot-mab"])
def test_no_fragment_is_offered(strangers: Reader, typed: str) -> None:
    offered = [strangers.search(typed, filters=SearchFilters()).suggestion, *(s.text for s in strangers.suggest(typed))]
    assert {word for one in offered for word in one.split()} <= {*LIBRARY, "結果", "hotspot", "hotspot-map", "map"}


def test_a_side_of_a_quarter_is_in_its_ward() -> None:
    assert codes_of("西新宿") == codes_of("北新宿駅前") == ("131041",)
    assert codes_of("西新井") != codes_of("新井")
    assert codes_of("北") == codes_of("駅") == ()


def test_words_that_mean_the_same_lead_to_what_one_of_them_leads_to() -> None:
    table = parse_synonyms("婚姻,結婚\n婚姻>人口動態")
    [others] = [others for key, others in table.of.items() if key == ("結婚",)]
    assert ["".join(token.surface for token in other) for other in others] == ["婚姻", "人口動態"]
