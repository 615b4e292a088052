"""The index of the search on disk: its version, changes that readers see, rebuilds."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import orjson
import pytest
from search_cast import LIBRARY, document, find, numbers

from tdpf.controlplane.catalog.search import index as index_module
from tdpf.controlplane.catalog.search.index import apply, needs_rebuild, read_manifest, rebuild
from tdpf.controlplane.catalog.search.reader import IndexMissing, Reader
from tdpf.controlplane.catalog.search.schema import SCHEMA
from tdpf.kit.hashing import sha256_hex


def test_other_fields_need_another_number(tmp_path: Path) -> None:
    """An index of other fields is only built anew when SCHEMA says so; who changes the fields changes both lines."""
    rebuild(tmp_path, [])
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    fields = orjson.loads((tmp_path / manifest.generation / "meta.json").read_bytes())["schema"]
    assert (SCHEMA, sha256_hex(orjson.dumps(fields))[:16]) == (7, "d3b9cb5eab10e2bc")


def test_changes_are_seen_by_an_open_reader(tmp_path: Path) -> None:
    rebuild(tmp_path, LIBRARY[:2])
    reader = Reader(tmp_path)
    assert find(reader, "").total == 2
    apply(tmp_path, put=[document(3, "図書館一覧", formats=("CSV",))])
    assert numbers(find(reader, "図書館")) == [3]
    assert find(reader, "図書館").facets["format"] == {"CSV": 1}
    rows = next(tmp_path.glob("*/facets.rows"))
    size = rows.stat().st_size
    apply(tmp_path, put=[document(3, "体育館一覧", formats=("PDF", "XLSX"))])
    assert numbers(find(reader, "図書館")) == []
    assert numbers(find(reader, "体育館")) == [3]
    assert find(reader, "体育館").facets["format"] == {"PDF": 1, "XLSX": 1}
    assert rows.stat().st_size == size  # a dataset that changes keeps its row
    apply(tmp_path, remove=["uid3", "never-there"])
    assert find(reader, "").total == 2


def test_a_rebuild_changes_readers_over_and_removes_the_old(tmp_path: Path) -> None:
    rebuild(tmp_path, LIBRARY)
    reader = Reader(tmp_path)
    before = read_manifest(tmp_path)
    assert find(reader, "").total == 9
    rebuild(tmp_path, LIBRARY[:1])
    assert find(reader, "").total == 1
    after = read_manifest(tmp_path)
    assert before is not None
    assert after is not None
    assert before.generation != after.generation
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [after.generation]


def test_a_failed_rebuild_leaves_the_old_index(tmp_path: Path) -> None:
    rebuild(tmp_path, LIBRARY)

    def broken() -> Any:
        yield LIBRARY[0]
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        rebuild(tmp_path, broken())
    assert find(Reader(tmp_path), "").total == 9
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1


def test_another_analyzer_asks_for_a_rebuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs_rebuild(tmp_path)
    with pytest.raises(IndexMissing):
        find(Reader(tmp_path), "")
    rebuild(tmp_path, LIBRARY)
    assert not needs_rebuild(tmp_path)
    manifest = orjson.loads((tmp_path / "current.json").read_bytes())
    (tmp_path / "current.json").write_bytes(orjson.dumps({**manifest, "dictionary": "sudachidict-core 20200101"}))
    assert needs_rebuild(tmp_path)
    with pytest.raises(IndexMissing):
        find(Reader(tmp_path), "")
    (tmp_path / "current.json").write_bytes(b"{")
    assert needs_rebuild(tmp_path)
    assert manifest["schema"] == index_module.SCHEMA


def test_threads_share_a_reader_while_it_changes(tmp_path: Path) -> None:
    rebuild(tmp_path, LIBRARY)
    reader = Reader(tmp_path)
    faults: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(30):
                assert numbers(find(reader, "避難所"))[:1] == [3]
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(20, 24):
        apply(tmp_path, put=[document(number, f"統計表{number}")])
    for thread in threads:
        thread.join()
    assert faults == []


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    rebuild(tmp_path, [])
    threads = [
        threading.Thread(target=apply, args=(tmp_path,), kwargs={"put": [document(number, f"表{number}")]})
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert find(Reader(tmp_path), "").total == 4


def test_rebuilds_are_not_felt_by_readers(tmp_path: Path) -> None:
    rebuild(tmp_path, LIBRARY)
    faults: list[BaseException] = []
    stopped = threading.Event()

    def look() -> None:
        reader = Reader(tmp_path)
        try:
            while not stopped.is_set():
                assert find(reader, "").total == len(LIBRARY)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        rebuild(tmp_path, LIBRARY)
    stopped.set()
    for thread in threads:
        thread.join()
    assert faults == []
