"""No command writes over what it reads, and what cannot be finished leaves what stood there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tdpf.kit.writing import whole_file
from tdpf.processes.cli import main
from tdpf.processes.geocoding import build

TABLE = "名称,住所,電話\n東公園,中野区中央1-1,03-1111-2222\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "s.csv"
    path.write_text(TABLE, encoding="utf-8")
    (tmp_path / "symbolic.csv").symlink_to(path)
    os.link(path, tmp_path / "hard.csv")
    (tmp_path / "r.json").symlink_to(path)
    return path


@pytest.mark.parametrize(
    ("out", "report"),
    [
        ("s.csv", "new.json"),
        ("symbolic.csv", "new.json"),
        ("hard.csv", "new.json"),
        ("./../{folder}/s.csv", "new.json"),
        ("new.csv", "r.json"),
        ("new.json", "new.json"),
        ("new.json", "./new.json"),
    ],
)
def test_prepare_refuses_to_write_over_its_input_or_its_other_output(
    table: Path, out: str, report: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = out.format(folder=table.parent.name)
    assert main(["prepare", "s.csv", "--schema", "public_facility", "--out", out, "--report", report]) == 2
    assert "同じファイル" in capsys.readouterr().err
    assert table.read_text(encoding="utf-8") == TABLE
    assert not [name for name in ("new.csv", "new.json") if Path(name).exists()]


def test_what_is_no_regular_file_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with whole_file(pipe) as stream:
        stream.write(b"a,b")
    assert os.read(reader, 10) == b"a,b"
    os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(IsADirectoryError), whole_file(tmp_path):
        raise AssertionError("opened")


def test_geocode_and_gazetteer_refuse_too(table: Path) -> None:
    for out in ("s.csv", "hard.csv", "symbolic.csv"):
        assert main(["geocode", "--csv", "s.csv", "--column", "住所", "--out", out]) == 2
    assert build([table], out=Path("hard.csv")) == 2
    assert table.read_text(encoding="utf-8") == TABLE


def test_what_is_no_file_is_called_what_it_is(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rest = ["--schema", "public_facility", "--out", "new.csv", "--report", "new.json"]
    for given, said in (("-", "standard input"), (".", "フォルダです"), ("no.csv", "ファイルがありません")):
        assert main(["prepare", given, *rest]) == 2
        assert said in capsys.readouterr().err


def test_a_failure_half_way_leaves_the_old_file_and_no_remains(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), whole_file(path) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["old.csv"]
    with whole_file(path) as stream:
        stream.write(b"new")
    assert path.read_bytes() == b"new"
