"""Enriching as a whole: nothing a stranger writes makes it raise, stated words win over guesses, corrections over both."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tdpf.controlplane.catalog.enriching.composing import enrich
from tdpf.controlplane.catalog.enriching.types import Enriched
from tdpf.controlplane.catalog.stated import StatedDataset, StatedDistribution
from tdpf.controlplane.catalog.vocabularies.areas import is_area_code
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.languages import LANGUAGES
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.controlplane.catalog.vocabularies.themes import THEMES

SPICE = st.sampled_from(
    [
        "令和", "平成31年", "年度", "R6.", "2024-02-30", "99999999999", "<b>", "<script>", "</", "&#0;", "&#x110000;", "\x00", "\u202e",
        "CC BY", "クリエイティブ・コモンズ", "http://", "https://a@b/", "://", "府中市", "区", "北区", "市場", "R/P1Y", "P", ".csv", "%", "zip(",
        "１３１０４", "131041", "\ud800", "〜", "～", "(", "）", "、", "EUR", "[a](https://x/)",
    ]
)  # fmt: skip
WORDS = st.lists(st.one_of(SPICE, st.text(max_size=12)), max_size=6).map("".join)
MANY = st.lists(WORDS, max_size=4).map(tuple)
DISTRIBUTIONS = st.builds(
    StatedDistribution,
    **dict.fromkeys(("record_id", "title", "description", "url", "access_url", "format", "media_type"), WORDS),
    **dict.fromkeys(("licence", "issued", "modified", "language"), WORDS),
    size=st.none() | st.integers(),
    columns=MANY,
)
_MANY_FIELDS = {"themes", "keywords", "languages", "spatial", "conforms_to"}
_TEXT_FIELDS = {
    field.name
    for field in dataclasses.fields(StatedDataset)
    if field.name not in _MANY_FIELDS | {"bbox", "distributions", "extras"}
}
DATASETS = st.builds(
    StatedDataset,
    **dict.fromkeys(sorted(_TEXT_FIELDS), WORDS),
    **dict.fromkeys(sorted(_MANY_FIELDS), MANY),
    distributions=st.lists(DISTRIBUTIONS, max_size=3).map(tuple),
)


def is_sound(made: Enriched) -> None:
    assert made.title_ja
    assert len(made.title_ja) <= 300
    assert set(made.themes) <= set(THEMES)
    assert set(made.languages) <= set(LANGUAGES)
    assert made.licence in LICENCES
    assert made.update_frequency in FREQUENCIES
    assert all(is_area_code(code) for code in made.area_codes)
    assert made.period_start is None or made.period_end is None or made.period_start <= made.period_end
    assert all(moment is None or moment.tzinfo is not None for moment in (made.issued_at, made.modified_at))
    assert all(part.format in FORMATS and (part.url or part.access_url) for part in made.distributions)
    assert all(address == "" or address.lower().startswith("http") for address in (made.landing_url, made.contact_url))
    shown = " ".join([made.title_ja, made.description_ja, *made.keywords, made.licence_name, made.attribution])
    assert not {"\x00", "\u202e", "\ud800"} & set(shown)
    assert "<script>" not in made.description_ja


@given(DATASETS, st.sampled_from(["", "131041", "130001", "nonsense", "999999"]))
@settings(max_examples=120, deadline=None)
def test_no_words_make_it_raise_and_all_codes_are_known(stated: StatedDataset, area: str) -> None:
    is_sound(enrich(stated, publisher_area=area))


@given(
    DATASETS,
    st.dictionaries(
        st.sampled_from([field.name for field in dataclasses.fields(Enriched)]) | st.text(max_size=5),
        st.none() | st.text(max_size=8) | st.integers() | st.lists(st.text(max_size=6), max_size=3),
        max_size=5,
    ),
)
@settings(max_examples=80, deadline=None)
def test_no_correction_makes_it_raise(stated: StatedDataset, corrected: dict[str, Any]) -> None:
    is_sound(enrich(stated, corrected=corrected))


def test_what_is_stated_wins_over_what_could_be_guessed() -> None:
    made = enrich(
        StatedDataset(
            record_id="1",
            title="新宿区 令和5年度 人口と世帯",
            themes=("http://publications.europa.eu/resource/authority/data-theme/TRAN",),
            spatial=("13103",),
            period_start="2020-01-01",
            period_end="2020-12-31",
        )
    )
    assert made.themes == ("transport",)
    assert made.area_codes == ("131032",)
    assert (made.period_start, made.period_end) == (date(2020, 1, 1), date(2020, 12, 31))
    assert not {"themes", "area_codes", "period"} & set(made.inferred)


def test_what_is_guessed_says_why_in_plain_words() -> None:
    made = enrich(StatedDataset(record_id="1", title="令和5年度 人口と世帯", publisher_name="新宿区 総務部"))
    assert made.area_codes == ("131041",)
    assert made.inferred["area_codes"].reason.ja == "提供者名に「新宿区」があるため"
    assert made.inferred["area_codes"].value == ["131041"]
    assert made.inferred["themes"].value == ["population"]
    assert "人口" in made.inferred["themes"].reason.ja
    assert made.inferred["period"].value == ["2023-04-01", "2024-03-31"]
    assert made.inferred["languages"].value == ["ja"]


def test_a_correction_wins_and_is_no_guess_any_more() -> None:
    stated = StatedDataset(record_id="1", title="府中市の公園", licence="謎の規約")
    made = enrich(
        stated,
        publisher_area="340006",
        corrected={
            "area_codes": ["132063"],
            "licence": "CC-BY-4.0",
            "period_start": "2024-04-01",
            "themes": ["no such"],
        },
    )
    assert made.area_codes == ("132063",)
    assert made.licence == "CC-BY-4.0"
    assert made.licence_url == "https://creativecommons.org/licenses/by/4.0/"
    assert made.period_start == date(2024, 4, 1)
    assert made.corrected == {"area_codes", "licence", "period_start", "licence_url", "licence_name"}
    assert "area_codes" not in made.inferred
    assert made.themes


def test_words_that_are_not_understood_are_kept_and_the_reason_said() -> None:
    made = enrich(
        StatedDataset(
            record_id="1",
            title="道路",
            modified="きのう",
            frequency="気が向いたとき",
            languages=("クリンゴン語",),
            themes=("謎",),
            distributions=(StatedDistribution(url="ftp://example.jp/a.csv", format="謎形式"),),
        )
    )
    assert {(note.field, note.stated) for note in made.notes} >= {
        ("modified", "きのう"),
        ("update_frequency", "気が向いたとき"),
        ("languages", "クリンゴン語"),
        ("themes", "謎"),
        ("distributions.url", "ftp://example.jp/a.csv"),
    }
    assert all(note.reason.ja and note.reason.en for note in made.notes)
    assert made.modified_at is None
    assert made.distributions == ()
