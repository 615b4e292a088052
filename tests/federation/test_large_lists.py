"""Whole lists that come as one large file: read from disk, entry by entry and row by row, up to a stated size."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from federation_kinds import codes_of, records_of, titles_of
from federation_sites import Reply, Site, hurried

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading import json_entries
from tdpf.controlplane.federation.reading.registry import reader_of
from tdpf.controlplane.federation.types import ReadingOrder, ReadPage
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.controlplane.preparation.reads.folders import erase_leftovers
from tdpf.kit.fetching import TooLarge

_FILLER = "あ" * 5_000


def catalogue(number: int) -> bytes:
    """Return a data.json with so many entries of some fifteen kilobytes."""
    entries = [
        {"identifier": f"d{n}", "title": f"題{n}", "description": f"説明{n}", "rest": _FILLER} for n in range(number)
    ]
    return json.dumps({"title": "大きな一覧", "dataset": entries}, ensure_ascii=False).encode()


def table(number: int) -> bytes:
    """Return a list of so many datasets, each of two rows that stand far from each other."""
    head = "データセット名,データセットURL,ファイル形式,ファイルダウンロードURL,備考\n"
    rows = [f"題{n},https://w.example/{n},{form},https://w.example/{n}.{form},{_FILLER}\n" for form in ("csv", "xlsx") for n in range(number)]  # fmt: skip
    return (head + "".join(rows)).encode()


def reading(kind: str, name: str, body: bytes, *, order: dict[str, Any] | None = None, **manners: Any) -> Iterator[ReadPage]:  # fmt: skip
    with (
        Site({f"/{name}": Reply(body)}) as site,
        Visitor(hurried(request_seconds=60.0, **manners)) as visitor,
    ):
        yield from reader_of(kind).read(visitor, ReadingOrder(url=f"{site.url}/{name}", **(order or {})))


@pytest.mark.parametrize(
    ("kind", "name", "body"), [("data_json", "data.json", catalogue(60)), ("list_table", "list.csv", table(30))]
)
def test_a_list_may_be_larger_than_any_other_answer(kind: str, name: str, body: bytes) -> None:
    """A file of a megabyte where pages may have a hundred kilobytes; beyond what files may have it is refused."""
    pages = list(reading(kind, name, body, max_bytes=100_000))
    assert titles_of(pages) == [f"題{n}" for n in range(len(records_of(pages)))]
    assert (len(records_of(pages)), codes_of(pages), pages[-1].coverage) == (
        60 if kind == "data_json" else 30,
        [],
        "all",
    )
    with pytest.raises(TooLarge):
        list(reading(kind, name, body, max_bytes=100_000, file_bytes=500_000))


@pytest.mark.parametrize(
    ("kind", "name", "body"), [("data_json", "data.json", catalogue(3)), ("list_table", "list.csv", table(3))]
)
def test_a_large_list_lies_on_the_installations_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, name: str, body: bytes
) -> None:
    """Not in the system's temporary folder, which is often small or in memory; what a killed run leaves is swept."""
    monkeypatch.setenv("TDPF_HOME", str(tmp_path))
    pages = reading(kind, name, body)
    next(pages)
    (left,) = (tmp_path / "uploads").iterdir()
    assert sum(file.stat().st_size for file in left.iterdir()) >= len(body)
    erase_leftovers(time.time() + 1)
    assert not left.exists()


def test_a_large_list_is_not_held_in_memory() -> None:
    """Of thirty megabytes one page of entries is held at once, as they stand and as what was read of them."""
    body, seen, most = catalogue(2_000), 0, 0
    pieces = [memoryview(body)[at : at + 65_536] for at in range(0, len(body), 65_536)]
    with (
        Site({"/data.json": lambda _: Reply(pieces=pieces)}) as site,
        Visitor(hurried(request_seconds=60.0)) as visitor,
    ):
        tracemalloc.start()
        try:
            for page in reader_of("data_json").read(visitor, ReadingOrder(url=f"{site.url}/data.json")):
                seen += len(page.records)
                most = max(most, tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert len(body) > 30_000_000
    assert seen == 2_000
    assert most < len(body)


def test_rows_of_one_dataset_may_stand_anywhere() -> None:
    pages = list(reading("list_table", "list.csv", table(5)))
    forms = [[one.format for one in record.stated.distributions] for record in records_of(pages)]
    assert forms == [["csv", "xlsx"]] * 5


def test_a_stopped_reading_of_a_list_goes_on_where_it_was() -> None:
    """What was taken, and what was left out before it, does not come again."""
    rows = "".join(f"題{n},https://w.example/{n},CSV\n" for n in range(1_200))
    body = f"データ名,URL,形式\n{rows},題のない行,CSV\n".encode()
    first, *others = reading("list_table", "list.csv", body)
    rest = list(reading("list_table", "list.csv", body, order={"cursor": first.cursor}))
    assert titles_of(rest) == [title for page in others for title in titles_of([page])]
    assert (len(first.records), codes_of([first]), codes_of(rest)) == (500, ["no-title"], [])
    assert rest[-1].announced == 1_200


def test_a_large_catalogue_in_another_charset_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    body = catalogue(3).decode().encode("euc_jp")
    assert len(records_of(list(reading("data_json", "data.json", body)))) == 3
    monkeypatch.setattr(json_entries, "_MOST_DECODED", 1_000)
    with pytest.raises(AnswerNotUnderstood) as fault:
        list(reading("data_json", "data.json", body))
    assert "UTF-8" in fault.value.detail_in("en")


@pytest.mark.parametrize(
    ("kind", "name", "body"), [("data_json", "data.json", catalogue(60)), ("list_table", "list.csv", table(30))]
)
def test_a_large_list_is_known_by_its_beginning(kind: str, name: str, body: bytes) -> None:
    """Who looks what stands at an address reads a part of it only, and does not count what he did not read."""
    with Site({f"/{name}": Reply(body)}) as site, Visitor(hurried(max_bytes=100_000)) as visitor:
        guess = reader_of(kind).guess(visitor, f"{site.url}/{name}")
    assert guess is not None
    assert (guess.kind, guess.count, guess.title) == (kind, None, "大きな一覧" if kind == "data_json" else "")
    assert "+" in guess.evidence.en
