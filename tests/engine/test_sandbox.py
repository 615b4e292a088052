"""The reading process: bounded, mute, quick to start, and never in the way of its parent."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tdpf.controlplane.preparation.engine import sandbox
from tdpf.controlplane.preparation.engine.errors import ReaderStopped, SeveralTables
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.sandbox import load_reading, read_in_sandbox
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit import apart

TEXT = "団体コード,施設名,電話番号\n131016,中央館,03-1234-5678\n131024,北館,03-2345-6789\n"


def _upload(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


def test_the_sandbox_gives_what_the_reader_gives(tmp_path: Path) -> None:
    path = _upload(tmp_path, TEXT.encode("cp932"))
    reading = read_in_sandbox(path, "施設.csv", folder=tmp_path)
    direct = read_file(path, "施設.csv")
    assert list(reading.result.table.iter_rows()) == list(direct.table.iter_rows())
    assert reading.result.table.columns == direct.table.columns
    assert reading.dictionary[0]["type"] == "code"
    assert reading.metadata["area_codes"] == ["131016", "131024"]
    assert [finding.certainty for finding in reading.findings] == ["clear"]
    assert load_reading(tmp_path).result == reading.result


def test_it_starts_fast(tmp_path: Path) -> None:
    """Measured in the processor's time, so that a busy machine does not count."""
    path = _upload(tmp_path, TEXT.encode())
    quickest = 99.0
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        read_in_sandbox(path, "a.csv", folder=tmp_path)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        quickest = min(quickest, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert quickest < 1


def test_the_reading_process_knows_nothing_of_the_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret of the environment, and no Django, reaches the process that touches a stranger's file."""
    monkeypatch.setenv("TDPF_DATABASE_URL", "postgres://secret")
    seen: dict[str, object] = {}
    true_popen = apart.subprocess.Popen

    def watch(*args: object, **options: object) -> object:
        seen.update(options)
        return true_popen(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(apart.subprocess, "Popen", watch)
    read_in_sandbox(_upload(tmp_path, TEXT.encode()), "a.csv", folder=tmp_path)
    assert "TDPF_DATABASE_URL" not in seen["env"]  # type: ignore[operator]
    assert seen["close_fds"] is True


def test_memory_is_bounded(tmp_path: Path) -> None:
    rows = ",".join(str(number) for number in range(200)) + "\n"
    path = _upload(
        tmp_path, b'[{"a": "' + b"x" * 50_000_000 + b'"},{"a": "' + b"y" * 50_000_000 + b'"}]' + rows.encode()[:0]
    )
    with pytest.raises(ReaderStopped) as stopped:
        read_in_sandbox(path, "a.json", folder=tmp_path, limits=Limits(memory_bytes=160 * 1024 * 1024))
    assert "メモリ" in stopped.value.detail_in("ja")


def test_wall_clock_is_bounded(tmp_path: Path) -> None:
    path = _upload(tmp_path, ("a,b\n" + "1,2\n" * 2_000_000).encode())
    started = time.perf_counter()
    with pytest.raises(ReaderStopped) as stopped:
        read_in_sandbox(path, "a.csv", folder=tmp_path, limits=Limits(wall_seconds=1))
    assert time.perf_counter() - started < 10
    assert "時間" in stopped.value.detail_in("ja")


def test_processor_time_is_bounded(tmp_path: Path) -> None:
    path = _upload(tmp_path, ("a,b\n" + "1,2\n" * 2_000_000).encode())
    with pytest.raises(ReaderStopped) as stopped:
        read_in_sandbox(path, "a.csv", folder=tmp_path, limits=Limits(cpu_seconds=1))
    assert "時間" in stopped.value.detail_in("ja")


def test_output_is_bounded(tmp_path: Path) -> None:
    path = _upload(tmp_path, ("a,b\n" + "あいうえおかきくけこ,2\n" * 60_000).encode())
    with pytest.raises(ReaderStopped) as stopped:
        read_in_sandbox(path, "a.csv", folder=tmp_path, limits=Limits(max_output_bytes=200_000))
    assert "出力" in stopped.value.detail_in("ja")


def test_a_crash_is_a_problem_and_leaves_no_old_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _upload(tmp_path, TEXT.encode())
    read_in_sandbox(path, "a.csv", folder=tmp_path)
    monkeypatch.setattr(sandbox, "_PROCESS", "tdpf.controlplane.preparation.engine.no_such_module")
    with pytest.raises(ReaderStopped):
        read_in_sandbox(path, "a.csv", folder=tmp_path)
    with pytest.raises(FileNotFoundError):
        load_reading(tmp_path)


def test_a_damaged_answer_cannot_raise_anything_else(tmp_path: Path) -> None:
    assert isinstance(sandbox.problem_from_dict({"code": "kit/something", "data": {}}), ReaderStopped)
    (tmp_path / "result.json").write_bytes(orjson.dumps([1, 2]))
    with pytest.raises(FileNotFoundError):
        load_reading(tmp_path)


def test_choices_come_through_the_sandbox(tmp_path: Path, workbook: Callable[..., Path]) -> None:
    rows = [["区", "人口"], ["A区", 1], ["B区", 2], ["C区", 3]]
    path = workbook({"一": rows, "二": rows})
    with pytest.raises(SeveralTables) as several:
        read_in_sandbox(path, "a.xlsx", folder=tmp_path)
    choices = several.value.data["choices"]
    assert isinstance(choices, list)
    assert choices[0]["columns"] == ["区", "人口"]
    assert read_in_sandbox(path, "a.xlsx", folder=tmp_path, choice=choices[1]["id"]).result.table.sheet == "二"
