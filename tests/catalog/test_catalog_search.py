"""The search engine by itself: spelling, words, places, filters, facets and marks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_cast import LIBRARY, document, find, numbers

from tdpf.controlplane.catalog.search import index as index_module
from tdpf.controlplane.catalog.search.analyzer import analyze, pairs
from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.folding import fold, kanji_number
from tdpf.controlplane.catalog.search.index import apply, rebuild
from tdpf.controlplane.catalog.search.numbering import Numbering
from tdpf.controlplane.catalog.search.parsing import parse
from tdpf.controlplane.catalog.search.reader import Reader
from tdpf.controlplane.catalog.search.synonyms import parse_synonyms, synonyms
from tdpf.controlplane.catalog.vocabularies.areas import areas


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("index")
    assert rebuild(folder, LIBRARY) == len(LIBRARY)
    return Reader(folder)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("トイレ", 2),
        ("便所", 1),
        ("お手洗い", 1),
        ("オストメイト", 1),
        ("避難所", 3),
        ("逃げる場所", 3),
        ("老人ホーム", 6),
        ("令和5年", 5),
        ("R5年度 決算", 5),
        ("2023年度", 5),
        ("くるまいす", 8),
        ("車いす", 8),
        ("population", 4),
        ("toilet", 1),
        ("measuring noise", 9),
        ("set-6", 6),
        ("uid5", 5),
        ("ﾄｲﾚ　港区", 2),
        ('"公衆便所"', 1),
    ],
)
def test_the_right_one_is_first(reader: Reader, query: str, first: int) -> None:
    assert numbers(find(reader, query))[:1] == [first]


@pytest.mark.parametrize("query", ["京都", "港湾", "ｘｙｚ", "人工", "zzzz"])
def test_what_is_not_there_is_not_found(reader: Reader, query: str) -> None:
    assert find(reader, query).total == 0


def test_a_place_name_is_no_part_of_another_word(reader: Reader) -> None:
    assert 7 not in numbers(find(reader, "港区"))


def test_of_what_lacks_a_word_the_named_place_stands_first(tmp_path: Path) -> None:
    """Another town's list with the year that was asked for is no answer; the town's own without the year may be one."""
    shelf = [
        document(1, "人口 令和5年", area_codes=("131059",)),
        document(2, "年齢別の統計", area_codes=("372013",), description_ja="人口を年齢で分けたものです。"),
        *(document(number, f"人口{number}番", area_codes=("131059",)) for number in range(3, 100)),
    ]
    rebuild(tmp_path / "index", shelf)
    found = find(Reader(tmp_path / "index"), "高松市 人口 令和5年")
    assert found.relaxed
    assert found.hits[0].uid == "uid2"


def test_places_are_understood_with_what_lies_in_them(reader: Reader) -> None:
    found = find(reader, "新宿区 避難所")
    assert numbers(found) == [3]
    assert found.places == ("131041",)
    assert set(numbers(find(reader, "東京都 トイレ"))) == {1, 2}
    assert numbers(find(reader, "港区 便所")) == [2]


def test_every_municipality_of_tokyo_is_understood_by_name() -> None:
    tokyo = [area for area in areas().values() if area.code.startswith("13")]
    assert [area.label.ja for area in tokyo if parse(f"{area.label.ja} トイレ").places[:1] != (area.code,)] == []


def test_every_municipality_of_the_nation_is_understood_by_name() -> None:
    missed = [
        area.label.ja
        for area in areas().values()
        if not any(area.code in unit.places for unit in parse(f"{area.label.ja} トイレ").units)
    ]
    assert missed == []


def test_words_that_nothing_has_all_of_are_relaxed(reader: Reader) -> None:
    found = find(reader, "避難所 決算")
    assert found.relaxed
    assert set(numbers(found)) == {3, 5}
    assert not find(reader, "避難所").relaxed


def test_exclusion(reader: Reader) -> None:
    assert set(numbers(find(reader, "一覧"))) >= {1, 3, 6, 8}
    assert 6 not in numbers(find(reader, "一覧 -介護"))
    assert set(numbers(find(reader, "-一覧"))) == {2, 4, 5, 7, 9}


def test_an_empty_query_lists_all_newest_first(reader: Reader) -> None:
    found = find(reader, "")
    assert (found.total, numbers(found)) == (9, [9, 8, 7, 6, 5, 4, 3, 2, 1])


def test_order_and_pages(reader: Reader) -> None:
    newest = find(reader, "一覧", sort="newest")
    assert numbers(newest) == sorted(numbers(newest), reverse=True)
    titles = [hit.title.ja for hit in find(reader, "一覧", sort="title").hits]
    assert titles == ["介護サービス事業所一覧", "車椅子使用者対応設備一覧", "公衆便所一覧", "指定緊急避難場所一覧"]
    pages = [numbers(find(reader, "", offset=offset, limit=4)) for offset in (0, 4, 8)]
    assert pages == [[9, 8, 7, 6], [5, 4, 3, 2], [1]]
    assert find(reader, "", offset=4, limit=4).total == 9


def test_filters_narrow_and_facets_count(reader: Reader) -> None:
    found = find(reader, "トイレ", areas=("131041",))
    assert numbers(found) == [1]
    assert found.facets["area"] == {"130001": 2, "131041": 1, "131032": 1}
    assert found.facets["access"] == {"open": 1}
    assert find(reader, "トイレ").facets["access"] == {"open": 1, "conditional": 1}
    assert numbers(find(reader, "トイレ", located=True)) == [1]
    assert numbers(find(reader, "トイレ", located=False)) == [2]
    assert set(numbers(find(reader, "", themes=("welfare", "land")))) == {1, 2}
    assert numbers(find(reader, "", themes=("welfare", "land"), access=("conditional",))) == [2]
    assert numbers(find(reader, "", formats=("GEOJSON",), licences=("CC-BY-4.0",), providers=("p1",))) == [1]
    assert find(reader, "", areas=("999999",)).total == 0


def test_filters_do_not_change_the_rank(reader: Reader) -> None:
    plain, narrowed = find(reader, "便所"), find(reader, "便所", themes=("welfare",))
    assert plain.hits[0].score == pytest.approx(narrowed.hits[0].score)


def test_marks_are_safe(reader: Reader) -> None:
    [hit] = find(reader, "人口 内訳").hits
    assert hit.title_html == "東京都の<mark>人口</mark>"
    (english,) = find(reader, "public toilets").hits[:1]
    assert "<mark>" in english.title_html_en
    assert "toilets" in english.title_html_en
    assert hit.snippet_html == "&lt;b&gt;総数&lt;/b&gt;&amp;<mark>内訳</mark>"
    assert hit.matched_fields == ("title", "description")
    [hit] = find(reader, "ostomate OR オストメイト").hits[:1]
    assert "columns" in hit.matched_fields


def test_synonyms_are_marked_too(reader: Reader) -> None:
    assert find(reader, "便所", areas=("131032",)).hits[0].title_html == "港区の公園・<mark>トイレ</mark>"


def test_did_you_mean(reader: Reader) -> None:
    assert find(reader, "介護サービズ").suggestion == "介護サービス"
    assert find(reader, "介護").suggestion == ""


@pytest.mark.parametrize(
    "query",
    [
        '"',
        '""',
        "-",
        "--",
        '-"',
        "()",
        "AND OR NOT",
        "title:x",
        "*",
        "\x00",
        "　",
        "'; DROP",
        "あ" * 5000,
        "[]{}^~?:\\/",
        "\ud83d",
    ],
)
def test_odd_queries_are_only_words(reader: Reader, query: str) -> None:
    assert find(reader, query).total >= 0


@given(st.text(max_size=60))
def test_any_text_can_be_searched_for(reader: Reader, query: str) -> None:
    found = find(reader, query)
    assert 0 <= found.total <= len(LIBRARY)
    assert len(found.hits) <= found.total


@given(st.text(max_size=60))
def test_folding_is_done_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=80))
def test_tokens_lie_in_the_text_in_order(text: str) -> None:
    end = 0
    for token in analyze(text):
        assert text[token.begin : token.end] == token.surface or token.surface
        assert token.begin >= end or token.begin == token.end
        assert token.end <= len(text)
        end = token.end


@pytest.mark.parametrize(
    ("text", "number"), [("二十三", 23), ("二〇二四", 2024), ("十", 10), ("百五", 105), ("百二十", 120), ("五", 5)]
)
def test_kanji_numbers(text: str, number: int) -> None:
    assert kanji_number(text) == number


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("令和元年度", "2019年度"),
        ("平成三十年", "2018年"),
        ("S63年", "1988年"),
        ("髙島屋・渡邉", "高島屋・渡辺"),
        ("ＷＩ－ＦＩ", "wi-fi"),
        ("青ケ島村", "青ヶ島村"),
        ("三鷹市一覧", "三鷹市一覧"),
        ("ケーキ", "ケーキ"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_paging_goes_on_to_the_end_and_repeats_nothing(tmp_path: Path) -> None:
    """Ten thousand results are not the end, and behind the end there is nothing."""
    many = 10_060
    rebuild(tmp_path, [document(number, "公園") for number in range(many)])
    reader = Reader(tmp_path)
    for sort in ("relevance", "newest"):
        seen: list[str] = []
        for offset in range(9_900, many + 100, 100):
            page = find(reader, "公園", sort=sort, offset=offset, limit=100, facets=offset == 9_900)
            assert page.total == many
            seen += [hit.uid for hit in page.hits]
        assert len(seen) == len(set(seen)) == many - 9_900
    by_title = [find(reader, "公園", sort="title", offset=at, limit=100).hits for at in (9_950, 10_000, 20_000)]
    assert [len(hits) for hits in by_title] == [50, 0, 0], (
        "it ends, and says so, where titles can be compared no further"
    )
    assert find(reader, "公園", offset=2**40).hits == ()


@pytest.mark.parametrize("ending", ["年", "区の公園", ""])
def test_a_long_run_of_kanji_digits_is_no_number_and_costs_nothing(tmp_path: Path, ending: str) -> None:
    text = "一" * 50_000 + ending
    rebuild(tmp_path, [document(1, "公園", description_ja=text), document(2, "公園")])
    assert find(Reader(tmp_path), "公園").total == 2


def test_a_text_that_breaks_the_analysis_costs_only_its_own_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = index_module.tantivy_document

    def broken(one: IndexDocument, numbering: Numbering, *, row: int | None) -> Any:
        if one.uid == "uid2":
            raise ValueError
        return real(one, numbering, row=row)

    rebuild(tmp_path, [document(1, "公園"), document(2, "公園")])
    monkeypatch.setattr(index_module, "tantivy_document", broken)
    apply(tmp_path, put=[document(2, "公園"), document(3, "公園")])
    assert {hit.uid for hit in find(Reader(tmp_path), "公園").hits} == {"uid1", "uid3"}
    assert rebuild(tmp_path, [document(2, "公園"), document(3, "公園")]) == 1
    assert "uid2" in caplog.text


def test_pairs_keep_latin_words_whole() -> None:
    assert pairs("GTFS-JPのバス") == ["gtfsjp", "ノバ", "バス"]
    assert pairs("区") == ["区"]


def test_the_synonym_table_is_large_and_sound() -> None:
    table = synonyms()
    assert len(table.of) >= 300
    assert all(others for others in table.of.values())


def test_synonym_lines() -> None:
    table = parse_synonyms("# 注\n\nトイレ,便所\n災害>地震,洪水\n")
    trees = {"".join(key): {"".join(t.term for t in other) for other in others} for key, others in table.of.items()}
    assert trees["トイレ"] == {"便所"}
    assert trees["災害"] == {"地震", "洪水"}
    assert "地震" not in trees


def test_spelling_pairs(corpus: Path, tmp_path: Path) -> None:
    told = json.loads((corpus / "search" / "spelling_pairs.json").read_text(encoding="utf-8"))
    right = 0
    for number, pair in enumerate(told):
        folder = tmp_path / str(number)
        rebuild(folder, [document(number, pair["text"])])
        right += (find(Reader(folder), pair["query"]).total > 0) == pair["match"]
    assert right >= 30


def test_citizens_queries(corpus: Path, tmp_path: Path) -> None:
    told = json.loads((corpus / "search" / "queries.json").read_text(encoding="utf-8"))
    rebuild(tmp_path / "index", [document(number, title) for number, title in enumerate(told["documents"])])
    reader = Reader(tmp_path / "index")

    def mean_reciprocal_rank() -> float:
        ranks = []
        for pair in told["pairs"]:
            titles = [hit.title.ja for hit in find(reader, pair["query"], limit=40).hits]
            ranks.append(1 / (titles.index(pair["document"]) + 1) if pair["document"] in titles else 0)
        return sum(ranks) / len(ranks)

    by_words = mean_reciprocal_rank()
    assert by_words >= 0.85
    reader.learn(seconds=60)  # does nothing without the optional part for meaning
    assert mean_reciprocal_rank() >= by_words


def test_a_search_takes_milliseconds(reader: Reader) -> None:
    find(reader, "温める")
    taken = sorted(
        find(reader, query).milliseconds for query in ("新宿区 トイレ", "避難所", "人口", "決算 令和5年") * 5
    )
    assert taken[len(taken) // 2] < 50
