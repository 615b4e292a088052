"""The rules by which records of different sites are the same: properties, and the cases that must never go wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.matching import (
    Likeness,
    are_different,
    compare,
    folded_address,
    global_identifier,
    likeness_of,
    match_keys,
)

WARDS = ("港区", "中央区", "新宿区", "渋谷区")
THINGS = ("公園一覧", "避難所一覧", "人口（町丁別）", "公衆トイレ一覧", "介護サービス事業所一覧")


def like(title: str, publisher: str = "港区", *, urls: tuple[str, ...] = (), **stated: str) -> Likeness:
    """Return the likeness of a record."""
    files = tuple(StatedDistribution(url=url) for url in urls)
    return likeness_of(
        StatedDataset(record_id="1", title=title, distributions=files, **stated),  # type: ignore[arg-type]
        publisher=publisher,
        publisher_names=(publisher,),
    )


editions = st.one_of(
    st.just(""),
    st.integers(1, 8).map(lambda year: f"（令和{year}年度）"),
    st.integers(2015, 2026).map(lambda year: f"（{year}年度）"),
    st.integers(1, 12).map(lambda number: f" 第{number}回"),
)
records = st.builds(
    lambda ward, thing, edition, url, key: like(f"{ward}{thing}{edition}", ward, urls=url, identifier=key),
    st.sampled_from(WARDS),
    st.sampled_from(THINGS),
    editions,
    st.sampled_from([(), ("https://a.example/1.csv",), ("https://a.example/2.csv", "https://a.example/1.csv")]),
    st.sampled_from(["", "https://id.example/1", "10b1c2d3-0000-4000-8000-000000000001"]),
)


@given(records, records)
def test_it_does_not_matter_who_is_asked_first(one: Likeness, other: Likeness) -> None:
    """The rules are symmetric."""
    assert compare(one, other).verdict == compare(other, one).verdict
    assert are_different(one, other) == are_different(other, one)


@given(records, records)
def test_what_is_the_same_meets(one: Likeness, other: Likeness) -> None:
    """Whatever is not apart shares a key, so that no pair is missed by looking keys up."""
    if compare(one, other).verdict != "apart":
        assert match_keys(one) & match_keys(other)


@given(records)
def test_a_record_is_the_same_as_itself(one: Likeness) -> None:
    """The same words at two sites are one entry."""
    assert compare(one, one).verdict == "same"


@given(st.sampled_from(THINGS), st.sampled_from(WARDS), st.sampled_from(WARDS), editions)
def test_two_bodies_never_become_one(thing: str, one: str, other: str, edition: str) -> None:
    """The parks of one ward are not those of another, whatever else they share."""
    if one == other:
        return
    shared = {"urls": ("https://a.example/1.csv",), "identifier": "https://id.example/1"}
    verdict = compare(like(f"{thing}{edition}", one, **shared), like(f"{thing}{edition}", other, **shared)).verdict  # type: ignore[arg-type]
    assert verdict != "same"


@given(st.sampled_from(THINGS), st.integers(1, 8), st.integers(1, 8))
def test_two_years_never_become_one(thing: str, one: int, other: int) -> None:
    """Years written in eras, in Latin letters or as numbers tell editions apart, and only different ones."""
    first = like(f"{thing}（令和{one}年度）", urls=("https://a.example/1.csv",), identifier="https://id.example/1")
    for written in (f"{thing}（令和{other}年度）", f"{thing}（{2018 + other}年度）", f"{thing}_R{other}年度"):
        second = like(written, urls=("https://a.example/1.csv",), identifier="https://id.example/1")
        assert (compare(first, second).verdict == "apart") == (one != other)


@given(st.text(max_size=120))
def test_addresses_of_any_kind_are_folded(text: str) -> None:
    """Whatever stands where an address should be does not break anything."""
    assert isinstance(folded_address(text), str)
    assert isinstance(global_identifier(text), str)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (like("公園一覧"), like("港区公園一覧"), "same"),
        (like("港区 公園一覧"), like("公園一覧（港区）"), "same"),
        (like("人口 令和元年度"), like("人口（2019年度）"), "same"),
        (like("第三回 調査結果"), like("第3回調査結果"), "same"),
        (like("第三回 調査結果"), like("第4回調査結果"), "apart"),
        (like("人口", period_start="2023-04-01"), like("人口", period_start="2024-04-01"), "apart"),
        (like("人口", period_start="2023/04/01"), like("人口", period_start="2023-04-01"), "same"),
        (like("公園", urls=("https://x.example/p.csv",)), like("都市公園の施設", urls=("http://x.example/p.csv",)), "doubtful"),
        (like("公園一覧", urls=("https://x.example/p.csv",)), like("公園一覧表", urls=("http://x.example/p.csv",)), "doubtful"),
        (like("公園一覧", identifier="https://id.example/1"), like("公園一覧表", identifier="https://id.example/1"), "same"),
        (like("春季交通量調査", urls=("https://x.example/dl",)), like("秋季交通量調査", urls=("https://x.example/dl",)), "doubtful"),
        (like("第一小学校の児童数", urls=("https://x.example/dl",)), like("第二小学校の児童数", urls=("https://x.example/dl",)), "doubtful"),
        (like("公園一覧", urls=("https://x.example/",)), like("図書館", urls=("https://x.example/",)), "apart"),
        (like("公園一覧", "港区", urls=("https://x.example/p.csv",)), like("公園一覧", "東京都", urls=("https://x.example/p.csv",)), "doubtful"),
        (like("【世田谷区】AED設置場所", "東京都", urls=("https://x.example/a.csv",)), like("AED設置場所", "世田谷区", urls=("https://x.example/a.csv",)), "doubtful"),
        (like("図書館", "東京都", urls=("https://x.example/a.csv",)), like("AED設置場所", "世田谷区", urls=("https://x.example/a.csv",)), "apart"),
        (like("公園一覧", ""), like("公園一覧", "港区"), "apart"),
        (like("公園一覧", identifier="12"), like("図書館", identifier="12"), "apart"),
    ],
)  # fmt: skip
def test_cases(one: Likeness, other: Likeness, verdict: str) -> None:
    """Cases from real catalogues."""
    assert compare(one, other).verdict == verdict


def test_it_is_kept_whole() -> None:
    """What is kept beside a record comes back as it was."""
    one = like(
        "公園一覧 令和5年度", urls=("https://x.example/p.csv",), identifier="https://id.example/1", period_start="2023"
    )
    assert Likeness.of_json(one.as_json()) == one
