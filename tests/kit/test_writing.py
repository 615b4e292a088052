"""A file is written whole or not at all, once only where it must be, and closed from its first byte."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tdpf.kit.writing import forget_unfinished, made_once, whole_file, write_whole


def test_what_could_not_be_written_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_whole(path, b"old", mode=0o600)
    with pytest.raises(TypeError):
        write_whole(path, "no bytes")  # type: ignore[arg-type]  # what fails while it is written
    with pytest.raises(RuntimeError), whole_file(path) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_secret_is_made_once_however_many_ask_for_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(lambda number: made_once(path, lambda: str(number)), range(40)))
    assert answers == {path.read_text()}
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_killed_processes_left_goes_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "xds").mkdir()
    left = [tmp_path / "xds/.routes.pb.0123456789ab.new", tmp_path / ".tdpf-0123456789ab.part"]
    kept = [tmp_path / ".routes.pb.new", tmp_path / "a.0123456789ab.new", tmp_path / ".x.0123456789ab.new"]
    for path in (*left, *kept):
        path.write_bytes(b"half")
    for path in (*left, *kept[:2]):
        os.utime(path, (1, 1))
    assert forget_unfinished(tmp_path) == 2
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)
    assert forget_unfinished(tmp_path / "none") == 0
