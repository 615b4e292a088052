"""`tdpf search --index-jsonl`: any collection of JSON lines, odd ones too; a line that cannot be read is named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tdpf.processes import batch_search
from tdpf.processes.bench.search import bench_search
from tdpf.processes.cli import main


def answers(
    capsys: pytest.CaptureFixture[str], folder: Path, documents: list[Any], queries: list[Any], *more: str
) -> list[dict[str, Any]]:
    (folder / "docs.jsonl").write_text("\n".join(json.dumps(one) for one in documents), encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(json.dumps(one) for one in queries), encoding="utf-8")
    code = main(
        ["search", "--index-jsonl", str(folder / "docs.jsonl"), "--queries", str(folder / "queries.jsonl"), *more]
    )
    assert code == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_query_is_answered_in_order(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    documents = [
        {"id": "a", "title": "公衆便所一覧", "description": "区内の便所です。"},
        {"id": 7, "title": "Population by age", "keywords": ["statistics", "census"]},
        {"id": "c", "title": "避難所", "keywords": "防災、避難"},
    ]
    queries = [
        {"id": 1, "query": "トイレ"},
        {"id": "q2", "query": "how many people live here by age"},
        {"id": 3, "query": ""},
    ]
    first, second, third = answers(capsys, tmp_path, documents, queries)
    assert (first["id"], [hit["id"] for hit in first["hits"]]) == (1, ["a"])
    assert (second["id"], second["hits"][0]["id"]) == ("q2", 7)
    assert third == {"id": 3, "hits": []}
    assert first["hits"][0]["score"] > 0
    assert answers(capsys, tmp_path, documents, [{"id": 1, "query": "防災"}])[0]["hits"][0]["id"] == "c"


def test_odd_documents_and_queries_do_no_harm(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    documents = [
        {"id": 1},
        {"id": 2, "title": ""},
        {"id": 3, "title": None, "description": None, "keywords": None},
        {"id": 4, "title": "制御\x00\x01\x1f文字", "keywords": [1, None, {"a": 1}, ["入れ子"]]},
        {"id": 5, "title": "長い", "description": "あ" * 120_000},
        {"id": 6, "title": ["list", "of titles"], "description": {"no": "text"}, "keywords": 5},
        {"id": 6, "title": "again"},
        {"id": "6", "title": "a text, not the number"},
        {"id": 8.5, "title": "🚽 \ud83d \u200b"},
    ]
    queries = [
        {"id": at, "query": query} for at, query in enumerate(["長い", '"', "-", "again", "x" * 5000, "文字", "titles"])
    ]
    found = answers(capsys, tmp_path, documents, queries, "--limit", "3")
    assert [one["id"] for one in found] == list(range(7))
    assert found[0]["hits"][0]["id"] == 5
    assert found[3]["hits"] == []
    assert found[6]["hits"][0]["id"] == 6


def test_lines_that_cannot_be_read_are_named_and_left_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """All of them, of both files, with what is wrong; everything else is answered, and the exit code says so."""
    wrong = {
        "{": "not JSON",
        "[1]": "no JSON object",
        '{"title": "x"}': 'no "id"',
        '{"id": null, "title": "x"}': 'no "id"',
        "<html>": "not JSON",
    }
    documents = ['{"id": 1, "title": "x"}', "", *wrong, '{"id": 2, "title": "y"}']
    (tmp_path / "d").write_text("\n".join(documents), encoding="utf-8")
    (tmp_path / "q").write_text('{"id": 1, "query": "x"}\n{"id": 2}\n{"id": 3, "query": "y"}', encoding="utf-8")
    ask = ["search", "--index-jsonl", str(tmp_path / "d"), "--queries", str(tmp_path / "q")]
    assert main(ask) == 1
    told = capsys.readouterr()
    answered = [json.loads(line) for line in told.out.splitlines()]
    assert [(one["id"], [hit["id"] for hit in one["hits"]]) for one in answered] == [(1, [1]), (3, [2])]
    said = told.err.splitlines()
    assert said[0].startswith(f"{tmp_path / 'q'}, line 2: ")
    for place, (line, (number, words)) in enumerate(zip(said[1:6], enumerate(wrong.values(), 3), strict=True)):
        assert line.startswith(f"{tmp_path / 'd'}, line {number}: "), place
        assert words in line
    assert said[6].startswith("6 lines were left out")
    (tmp_path / "d").write_text("\n".join(wrong), encoding="utf-8")
    assert main(ask) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("written", "code", "told"),
    [
        ('{"id": 1, "title": "water"}'.encode("utf-16"), 2, "line 1: this is UTF-16; save the file as UTF-8"),
        ('{"id": 1, "title": "water 水"}\n'.encode("cp932"), 0, "1 lines are not UTF-8"),
        (b'[{"id": 1, "title": "water"}]', 2, "line 1: this is no JSON object"),
        (gzip.compress(b'{"id": 1, "title": "water"}\n')[:-9], 2, "cannot be read"),
        (b'\xef\xbb\xbf{"id": 1, "title": "water", "description": null, "more": {"a": [1]}}\r\n\r\n', 0, ""),
        (b'{"id": 1, "title": {"en": "nested"}, "keywords": ["water", null]}', 0, ""),
    ],
)
def test_files_as_strangers_have_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, written: bytes, code: int, told: str
) -> None:
    (tmp_path / "d").write_bytes(written)
    (tmp_path / "q").write_text('{"id": 1, "query": "water"}', encoding="utf-8")
    assert main(["search", "--index-jsonl", str(tmp_path / "d"), "--queries", str(tmp_path / "q")]) == code
    answered = capsys.readouterr()
    assert told in answered.err
    assert bool(told) == bool(answered.err)
    if code == 0:
        assert [hit["id"] for hit in json.loads(answered.out)["hits"]] == [1]


def test_wrong_use_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing")
    (tmp_path / "q").write_text('{"id": 1}\n', encoding="utf-8")
    assert main(["search", "--index-jsonl", missing, "--queries", str(tmp_path / "q")]) == 2
    assert 'no "query"' in capsys.readouterr().err
    (tmp_path / "q").write_text("", encoding="utf-8")
    assert main(["search", "--index-jsonl", missing, "--queries", str(tmp_path / "q")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert main(["search", "--index-jsonl", missing]) == 2
    assert main(["search"]) == 2


def test_packed_files_and_two_processes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_search, "_FEW", 20)
    monkeypatch.setattr(batch_search, "_CHUNK", 7)
    with gzip.open(tmp_path / "d.gz", "wt", encoding="utf-8") as stream:
        for at in range(100):
            stream.write(json.dumps({"id": f"d{at}", "title": f"表 number{at}"}) + "\n")
    with gzip.open(tmp_path / "q.gz", "wt", encoding="utf-8") as stream:
        stream.write('\ufeff{"id": "q", "query": "number73"}\n')
    assert main(["search", "--index-jsonl", str(tmp_path / "d.gz"), "--queries", str(tmp_path / "q.gz")]) == 0
    [answer] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answer["hits"][0]["id"] == "d73"
    with gzip.open(tmp_path / "d.gz", "at", encoding="utf-8") as stream:
        stream.write("broken\n")
    assert main(["search", "--index-jsonl", str(tmp_path / "d.gz"), "--queries", str(tmp_path / "q.gz")]) == 1
    told = capsys.readouterr()
    assert "line 101" in told.err
    assert json.loads(told.out)["hits"][0]["id"] == "d73"


def test_the_benchmark_runs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    code = bench_search(documents=300, clients=2, as_json=False, out=out, baselines=False, page=False, judged=None)
    assert code == 0
    assert "| engine p50" in capsys.readouterr().out
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["documents"] == 300
    assert told["engine"]["p50_ms"] > 0
    assert told["index"]["bytes_beyond_cards"] > 0
