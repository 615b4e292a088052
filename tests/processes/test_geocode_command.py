"""`tdpf geocode` from outside: where addresses come from, what is written, how it ends."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

from tdpf.processes.cli import main


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = "import sys; from tdpf.processes.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, "geocode", *arguments], input=given, capture_output=True, timeout=60
    )


def test_lines_on_standard_input_are_answered_in_order_one_each() -> None:
    told = run(given="東京都千代田区霞が関1-3-1\n\n府中市宮西町2-24\n".encode("cp932"))
    assert told.returncode == 0
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert [entry["match"] for entry in found] == ["partial", "none", "ambiguous"]
    assert found[0]["code"] == "131016"
    assert list(found[0]) == [
        "input", "prefecture", "municipality", "town", "block", "rest", "code", "lat", "lon", "level", "match", "precision_m",
        "evidence",
    ]  # fmt: skip
    assert [candidate["code"] for candidate in found[2]["candidates"]] == ["132063", "342084"]


def test_a_column_of_a_table_goes_into_a_table(tmp_path: Path) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "out.csv"
    table.write_bytes("名称,住所\n区役所,港区芝公園1-5-25\n本庁舎,新宿区西新宿２−８−１\n".encode("cp932"))
    assert main(["geocode", "--csv", str(table), "--column", "住所", "--out", str(out), "--prefecture", "東京都"]) == 0
    with out.open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert [(row["municipality"], row["block"]) for row in rows] == [("港区", "1-5-25"), ("新宿区", "2-8-1")]


def test_wrong_use_is_two_and_says_what_is_there(tmp_path: Path, capsys: object) -> None:
    table = tmp_path / "table.csv"
    table.write_text("名称,住所\n")
    for wrong in (
        ["--csv", str(table), "--column", "所在地"],
        ["--csv", str(table)],
        ["--file", str(tmp_path / "none.txt")],
        ["東京都", "--out", str(tmp_path / "out.xlsx")],
        ["東京都", "--prefecture", "江戸"],
        ["東京都", "--municipality", "999999"],
    ):
        assert main(["geocode", *wrong]) == 2


def test_stated_coordinates_are_compared_with_their_address(tmp_path: Path) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "out.jsonl"
    rows = [
        "東京都新宿区西新宿2-8-1,35.6896,139.6917",
        "東京都新宿区西新宿2-8-1,35.4437,139.638",
        "東京都新宿区1,139.69,35.68",
        "東京都新宿区1,,",
    ]
    table.write_text("住所,緯度,経度\n" + "\n".join(rows) + "\n", encoding="utf-8")
    columns = ["--column", "住所", "--latitude", "緯度", "--longitude", "経度"]
    assert main(["geocode", "--csv", str(table), *columns, "--out", str(out)]) == 0
    told = [json.loads(line).get("stated", {}).get("verdict") for line in out.read_text().splitlines()]
    assert told == ["agrees", "elsewhere", "swapped", "unknown"]
    assert main(["geocode", "東京都", "--latitude", "緯度", "--longitude", "経度"]) == 2
