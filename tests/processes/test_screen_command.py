"""`tdpf screen`: personal data of any file in a terminal, no value of a person in what it says, an exit code for scripts, no Django."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from tdpf.processes.cli import main
from tdpf.processes.screening import exit_code

PEOPLE = ["山田　太郎", "佐藤 花子", "鈴木　一郎", "髙橋 美咲", "田中　健", "伊藤 さくら", "渡辺　翔太", "中村 葵"]
ROSTER = "氏名,生年月日,電話\n" + "".join(f"{name},1960-0{n}-11,090-1234-560{n}\n" for n, name in enumerate(PEOPLE, 1))
SITES = "施設名,所在地,電話番号\n中央館,中央町1-2,03-1234-5678\n北館,北町3-4,03-1234-5679\n"


def _screen(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    status = main(["screen", "--json", *arguments])
    out = capfd.readouterr().out
    return status, [orjson.loads(line) for line in out.splitlines()], out


def test_one_document_per_file_in_order_with_place_reason_and_mend(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("名簿.csv").write_text("町会の名簿,,\n" + ROSTER, encoding="cp932")
    Path("施設.csv").write_text(SITES, encoding="utf-8")
    Path("empty.csv").write_bytes(b"")
    names = ["名簿.csv", "施設.csv", "empty.csv", "absent.csv", "."]
    status, answers, out = _screen(capfd, *names)
    assert status == 1
    assert [answer["path"] for answer in answers] == names
    assert [answer["verdict"] for answer in answers] == ["confirmed", "clean", None, None, None]
    roster, sites, empty = answers[:3]
    assert list(roster) == ["path", "format", "encoding", "verdict", "tables", "findings", "clear"]
    assert roster["tables"] == [{"sheet": "", "range": "A2:C10", "rows": 8, "columns": 3, "verdict": "confirmed"}]
    born = next(found for found in roster["findings"] if found["kind"] == "birth_date")
    assert born["where"] == {
        "sheet": "",
        "range": "A2:C10",
        "column": "生年月日",
        "cells": [f"B{row}" for row in range(3, 8)],
    }
    assert (born["certainty"], born["count"]) == ("confirmed", 8)
    assert "生年月日" in born["message_ja"]
    assert "dates of birth" in born["message_en"]
    assert "年代" in born["fix_ja"]
    assert born["fix_en"]
    assert [(found["kind"], found["fix_ja"]) for found in sites["clear"]] == [("phone", "")]
    assert empty["error"]["code"] == "preparation/empty-file"
    assert [answer["error"]["code"] for answer in answers[3:]] == ["preparation/no-such-file", "preparation/not-a-file"]
    for line in ROSTER.splitlines()[1:]:
        assert not any(value in out for value in line.split(","))


def test_every_sheet_is_looked_at_hidden_ones_too(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "施設"
    for row in SITES.splitlines():
        sheet.append(row.split(","))
    hidden = book.create_sheet("控え")
    hidden.sheet_state = "hidden"
    for row in ROSTER.splitlines():
        hidden.append(row.split(","))
    book.save(tmp_path / "a.xlsx")
    status, (answer,), _ = _screen(capfd, str(tmp_path / "a.xlsx"))
    assert status == 1
    assert [(table["sheet"], table["verdict"]) for table in answer["tables"]] == [
        ("施設", "clean"),
        ("控え", "confirmed"),
    ]
    assert {found["where"]["sheet"] for found in answer["findings"]} == {"控え"}


def test_the_first_person_of_a_list_without_a_header_is_not_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(ROSTER.partition("\n")[2], encoding="utf-8")
    status, (answer,), out = _screen(capfd, str(file))
    assert status in (1, 3)
    assert {"person_name", "mobile_phone"} <= {found["kind"] for found in answer["findings"]}
    assert not any(value in out for line in ROSTER.splitlines()[1:] for value in line.split(","))


def test_people_get_a_report(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    roster, sites = tmp_path / "r.csv", tmp_path / "s.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    sites.write_text(SITES, encoding="utf-8")
    assert main(["screen", str(roster), str(sites), str(tmp_path / "absent.csv")]) == 1
    out = capfd.readouterr().out
    assert "確定：［A2、A3、A4、A5、A6］「氏名」に個人の氏名が 8 件あります" in out
    assert "直し方：" in out
    assert "no personal data found" in out
    assert "読めませんでした" in out


def test_standard_input_is_screened(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SITES.encode())))
    status, (answer,), _ = _screen(capfd, "-")
    assert (status, answer["path"], answer["verdict"]) == (0, "-", "clean")


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ({"clean"}, 0),
        ({"clean", "doubtful"}, 3),
        ({"clean", "doubtful", None}, 4),
        ({"confirmed", "doubtful", None}, 1),
    ],
)
def test_the_exit_code_tells_the_gravest(verdicts: set[str | None], code: int) -> None:
    assert exit_code(verdicts) == code


def test_records_in_json_have_their_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.json"
    rows = [{"氏名": name, "携帯電話": f"090-1234-560{n}"} for n, name in enumerate(PEOPLE)]
    file.write_text(json.dumps({"件数": 8, "結果": rows}, ensure_ascii=False), encoding="utf-8")
    status, (answer,), _ = _screen(capfd, str(file))
    assert status == 1
    assert {found["where"]["sheet"] for found in answer["findings"]} == {"結果"}


def test_it_starts_without_django(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(SITES, encoding="utf-8")
    code = f"import sys; from tdpf.processes.cli import main; main(['screen', {str(file)!r}]); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
