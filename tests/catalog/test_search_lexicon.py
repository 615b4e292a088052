"""English and Japanese in Latin letters for Japanese titles, by a dictionary: its file, and what a search does with it."""

from __future__ import annotations

import io
import lzma
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tdpf.controlplane.catalog.romanising import as_romanised, kana_ways
from tdpf.controlplane.catalog.search import lexicon
from tdpf.controlplane.catalog.search.analyzer import analyze
from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.index import rebuild
from tdpf.controlplane.catalog.search.parsing import ParsedQuery, Unit, parse
from tdpf.controlplane.catalog.search.reader import Reader
from tdpf.controlplane.catalog.search.types import SearchFilters
from tdpf.processes.word_file import make_word_file

DAY = datetime(2026, 11, 1, tzinfo=UTC)
NOUN, VERB = "noun (common) (futsuumeishi)", "Godan verb with 'u' ending"
TABLES = (
    "Kanji (ID, idseq, text)", "KJP (kid, text)", "KJI (kid, text)", "Kana (ID, idseq, text)", "KNP (kid, text)",
    "KNI (kid, text)", "Sense (ID, idseq)", "pos (sid, text)", "misc (sid, text)", "field (sid, text)",
    "SenseGloss (sid, text)",
)  # fmt: skip
# How a word is written, a mark of how usual it is, its reading, and its senses: kind, mark, meanings.
WORDS: tuple[tuple[str, str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("盆踊り", "", "ぼんおどり", ((NOUN, "", "Bon Festival dance/lantern dance"),)),
    ("踊り", "nf08", "おどり", ((NOUN, "", "dance"),)),
    ("舞踏", "", "ぶとう", ((NOUN, "", "dance (esp. (European) style)/dancing"),)),
    ("提灯", "ichi1", "ちょうちん", ((NOUN, "", "paper lantern/lantern"),)),
    ("桟橋", "news1", "さんばし", ((NOUN, "", "pier/jetty"), (NOUN, "archaism", "dance"))),
    ("泳ぐ", "ichi1", "およぐ", ((VERB, "", "to swim/dance"),)),
    ("風鈴", "", "ふうりん", ((NOUN, "", "wind chime"), (NOUN, "computing", "pier"))),
    ("子港", "", "こみなと", ((NOUN, "", "child"),)),
    ("港", "nf09", "みなと", ((NOUN, "", "harbour"),)),
    ("一覧", "news1", "いちらん", ((NOUN, "", "list"),)),
    ("館", "", "かん", ((NOUN, "", "house"),)),
)
LIBRARY = (
    "踊りと公園",
    "栃錦の像",
    "公園の一覧",
    "子どもの港",
    "津波の歴史",
    "児童遊園の遊具",
    "盆踊りの会場",
    "提灯の貸出",
    "桟橋と係船柱",
    "風鈴館の入場者数",
    "踊りの講習",
    "公園の花壇",
)


def _database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as opened:
        for table in TABLES:
            opened.execute(f"CREATE TABLE {table}")
        sense = 0
        for number, (word, mark, reading, senses) in enumerate(WORDS, 1):
            opened.execute("INSERT INTO Kanji VALUES (?, ?, ?)", (number, number, word))
            opened.execute("INSERT INTO Kana VALUES (?, ?, ?)", (number, number, reading))
            if mark:
                opened.execute("INSERT INTO KJP VALUES (?, ?)", (number, mark))
            for kind, narrow, meanings in senses:
                sense += 1
                opened.execute("INSERT INTO Sense VALUES (?, ?)", (sense, number))
                opened.execute("INSERT INTO pos VALUES (?, ?)", (sense, kind))
                if narrow:
                    opened.execute("INSERT INTO misc VALUES (?, ?)", (sense, narrow))
                for meaning in meanings.split("/"):
                    opened.execute("INSERT INTO SenseGloss VALUES (?, ?)", (sense, meaning))
        opened.commit()


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The installation's third-party files with such a dictionary instead of the whole one."""
    folder = tmp_path_factory.mktemp("words")
    _database(folder / "jamdict.db")
    archive = folder / "jamdict_data-1.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for name, content in (
            ("jamdict.db.xz", lzma.compress((folder / "jamdict.db").read_bytes())),
            ("LICENSE.md", b"CC BY-SA"),
        ):
            member = tarfile.TarInfo(f"jamdict_data-1/jamdict_data/{name}")
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    make_word_file(archive, folder / "assets" / lexicon.FILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TDPF_ASSETS", str(folder / "assets"))
        yield folder


@pytest.fixture(scope="module")
def library(words: Path) -> Reader:
    rebuild(
        words / "index",
        [
            IndexDocument(uid=str(at), slug=f"d-{at}", title_ja=title, modified_at=DAY)
            for at, title in enumerate(LIBRARY)
        ],
    )
    return Reader(words / "index")


def _found(reader: Reader, query: str) -> list[str]:
    return [hit.title.ja for hit in reader.search(query, filters=SearchFilters()).hits]


def test_set_up_brought_the_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TDPF_ASSETS", raising=False)
    assert lexicon.is_there(), "run make setup"
    assert "消火栓" in next(lexicon.meanings(["fire", "hydrants"]))
    assert "収集" in lexicon.spelling("shuushuu")


def test_the_file_has_names_of_things_the_usual_first(words: Path) -> None:
    assert (words / "assets" / lexicon.FILE).with_name("LICENSE.md").read_text() == "CC BY-SA"
    own, by_stem = lexicon.meanings(["dances"])
    assert own == ("踊り", "舞踏"), "no verb, nothing archaic; what stands in brackets may be left out"
    assert by_stem == ("踊り", "舞踏")
    assert next(lexicon.meanings(["pier"])) == ("桟橋", "風鈴"), "what a narrow field calls so comes last"
    assert list(lexicon.meanings(["dancing", "bear"])) == [()]
    assert next(lexicon.meanings(["children"])) == next(lexicon.meanings(["child"])) == ("子港",)
    assert lexicon.spelling("butou") == lexicon.spelling("buto") == ("舞踏",)


def test_without_the_file_there_are_no_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TDPF_ASSETS", str(tmp_path))
    assert not lexicon.is_there()
    assert (list(lexicon.meanings(["dance"])), lexicon.spelling("odori")) == ([(), ()], ())


@pytest.mark.parametrize(
    ("typed", "one"),
    [("kouminkan", "kominkan"), ("simbun", "shinbun"), ("syoubou", "shobo"), ("ohashi", "ohashi"), ("tyuusya", "chusha"),
     ("maccha", "matcha"), ("koohii", "kohii"), ("ohfuna", "ofuna")],
)  # fmt: skip
def test_ways_of_writing_the_same_sounds_become_one(typed: str, one: str) -> None:
    assert as_romanised(typed) == as_romanised(one) == one


def test_latin_letters_are_read_in_kana_with_long_vowels_or_without() -> None:
    assert {"コウキョウ", "コキョ"} <= set(kana_ways("kōkyō".translate({0x14D: "o"})))
    assert [next(kana_ways(word), "") for word in ("matcha", "shinbun", "kippu", "fire", "x")] == [
        *("マッチャ", "シンブン", "キップ"),
        *("", ""),
    ]
    assert len(list(kana_ways("o" + "ko" * 40))) <= 3**6, "however long a word is, few ways are tried"


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("lantern", "提灯の貸出"),
        ("lantern dance", "盆踊りの会場"),
        ("bon festival dances", "盆踊りの会場"),
        ("jetties", "桟橋と係船柱"),
        ("bon odori", "盆踊りの会場"),
        ("Chouchin", "提灯の貸出"),
        ("tyoutin", "提灯の貸出"),
        ("furinkan", "風鈴館の入場者数"),
        ("tsunami shelter", "津波の歴史"),
        ("odori-koen", "踊りと公園"),
        ("tochinishiki", "栃錦の像"),
        ("koen ichiran", "公園の一覧"),
        ("harbor children", "子どもの港"),
    ],
)
def test_english_and_latin_letters_find_japanese_titles(library: Reader, query: str, first: str) -> None:
    assert _found(library, query)[0] == first


def test_several_words_are_one_only_where_the_library_has_what_they_mean(library: Reader) -> None:
    found = library.search("wind chime", filters=SearchFilters())
    assert ([hit.title.ja for hit in found.hits], found.relaxed) == (["風鈴館の入場者数"], False)
    assert _found(library, "paper lantern dance")[0] in {"提灯の貸出", "踊りの講習"}


def test_what_was_heard_is_told_and_what_was_translated_is_marked(library: Reader) -> None:
    heard = library.search("chochin", filters=SearchFilters())
    assert heard.suggestion == "提灯"
    translated = library.search("lantern", filters=SearchFilters())
    assert (translated.suggestion, translated.hits[0].title_html) == ("", "<mark>提灯</mark>の貸出")
    told = library.explain("lantern", translated.hits[0].uid)
    assert told is not None
    assert told.contributions[0].way == "dictionary"


def test_a_word_in_latin_letters_is_searched_as_if_it_were_typed_in_japanese(library: Reader) -> None:
    for letters, japanese in (("koen", "公園"), ("Bon-odori", "盆踊り")):
        assert _found(library, letters) == _found(library, japanese)


def test_the_model_reads_what_was_heard_and_translated(library: Reader) -> None:
    lookups = library._opened().lookups
    for query, meant in (
        ("Chochin of the pier", "提灯 of the pier 桟橋"),
        ("ちょうちん pier", "ちょうちん pier 桟橋"),
        ("ひなんじょ", "ひなんじょ"),
        (r"Chochin \d \1 pier", r"提灯 \d \1 pier 桟橋"),
    ):
        assert parse(query, is_heard=lookups.is_heard, read_latin=lookups.latin).meant == meant


def test_a_backslash_is_a_sign_like_any_other_in_what_the_model_reads() -> None:
    word = analyze("桟橋")
    unit = Unit(r"\pier", analyze("pier"), abroad=(word,))
    assert ParsedQuery(r"old \Pier", (unit,), ()).meant == r"old \pier 桟橋"


def test_japanese_is_answered_as_without_a_dictionary(
    library: Reader, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = ("踊り", "ちょうちん", "風鈴 館", "桟橋の会場", "盆踊り -講習")
    before = [library.search(query, filters=SearchFilters()).hits for query in queries]
    monkeypatch.setenv("TDPF_ASSETS", str(tmp_path))
    assert [Reader(words / "index").search(query, filters=SearchFilters()).hits for query in queries] == before


def test_a_place_in_latin_letters_is_looked_for_in_japanese(tmp_path: Path) -> None:
    titles = ("港区の避難所", "目黒区の避難所", "避難所の看板 Meguro")
    rebuild(
        tmp_path / "index",
        [
            IndexDocument(uid=str(at), slug=f"d-{at}", title_ja=title, modified_at=DAY)
            for at, title in enumerate(titles)
        ],
    )
    reader = Reader(tmp_path / "index")
    assert [_found(reader, f"{place} shelter")[0] for place in ("Minato", "Meguro-ku")] == list(titles[:2])
