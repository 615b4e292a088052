"""`tdpf rate`: one verdict per file in order, whatever the files are, and no Django on the way."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tdpf.processes.cli import main

TIDY = "団体コード,施設名,定員（人）\n131016,中央館,20\n131024,北館,30\n"


def _rate(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["rate", *arguments])
    return status, capfd.readouterr().out


def test_one_line_per_file_in_order_with_the_path_as_given(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("良い.csv").write_text(TIDY, encoding="utf-8")
    Path("empty.csv").write_bytes(b"")
    Path("broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    Path("scan.pdf").write_bytes(b"%PDF-1.4\n%\xe2\xe3\n")
    names = ["良い.csv", "empty.csv", "./broken.xlsx", "scan.pdf", "absent.csv", "."]
    status, out = _rate(capfd, "--json", *names)
    answers = [orjson.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [answer["path"] for answer in answers] == names
    assert ["error" in answer for answer in answers] == [False, True, True, False, True, True]
    for answer in answers:
        assert list(answer)[:7] == ["path", "format", "encoding", "tables", "levels", "score", "rules"]
        assert list(answer["levels"]) == ["L1", "L2", "L3"]
        assert len(answer["rules"]) == 30
    assert answers[0]["tables"] == [{"sheet": "", "range": "A1:C3", "header_rows": [1], "rows": 2, "columns": 3}]
    assert answers[0]["levels"] == {"L1": 100, "L2": 100, "L3": 100}
    assert answers[3]["rules"][0]["verdict"] == "fail"
    assert answers[3]["rules"][0]["findings"][0]["fix"] is not None


def test_people_get_a_report_in_japanese(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("施設名,定員,定員\n中央館, 20人,3\n", encoding="cp932")
    status, out = _rate(capfd, str(file))
    assert status == 0
    assert "データレート" in out
    assert "各列が一意に識別可能な項目名を持っているか" in out
    assert "出典：" in out


def test_what_is_handed_through_a_pipe_is_rated_and_no_other_pipe_is_waited_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, loop = tmp_path / "pipe.csv", tmp_path / "loop.csv"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    reading, writing = os.pipe()
    os.write(writing, TIDY.encode())
    os.close(writing)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TIDY.encode())))
    status, out = _rate(capfd, "--json", "-", f"/dev/fd/{reading}", str(pipe), str(loop), "/dev/null")
    os.close(reading)
    answers = [orjson.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [answer["path"] for answer in answers[:2]] == ["-", f"/dev/fd/{reading}"]
    assert [answer.get("error", {}).get("code") for answer in answers] == [None, None, *["preparation/not-a-file"] * 3]


def test_wrong_use_is_two() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["rate"])
    assert stopped.value.code == 2


def test_it_starts_without_django(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(TIDY, encoding="utf-8")
    code = f"import sys; from tdpf.processes.cli import main; main(['rate', {str(file)!r}]); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
