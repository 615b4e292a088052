"""Formats: the same values in each, safe in spreadsheets, whole or absent."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import orjson
import polars as pl
import pytest
from toilet_table import TOILET_ROWS, MakeTable

from tdpf.tables import write_formats
from tdpf.tables.conditions import compare
from tdpf.tables.errors import TooManyRowsForExcel
from tdpf.tables.formulas import neutralised
from tdpf.tables.read import RowsFile, Selection
from tdpf.tables.types import Field
from tdpf.tables.write_formats import TABLE_FORMATS, csv_pieces, write_format

DANGEROUS = [
    "=1+1",
    "+1+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\tx",
    "\r=1",
    "=cmd|'/c calc'!A1",
    "+81-3-1234-5678",
    "-a",
]
HARMLESS = ["-5", "+3.2", "-1,200", "-1e5", "5", "普通", "-", "+", "a=1", "1-2", "-5%"]


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def test_formulas_are_neutralised_and_numbers_are_not() -> None:
    assert [neutralised(text) for text in DANGEROUS] == ["'" + text for text in DANGEROUS]
    assert [neutralised(text) for text in HARMLESS] == HARMLESS


def test_csv_for_excel(make_table: MakeTable, tmp_path: Path) -> None:
    rows: list[list[str | None]] = [[text] for text in (*DANGEROUS, *HARMLESS)]
    folder, _ = make_table(rows=rows, fields=[Field("=列")])
    data = write_format(folder, "excel-csv", tmp_path / "x.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert read_csv(data[3:]) == [["'=列"], *([neutralised(text)] for text in (*DANGEROUS, *HARMLESS))]
    plain = write_format(folder, "csv", tmp_path / "y.csv").read_bytes()
    assert read_csv(plain) == [["=列"], *([text] for text in (*DANGEROUS, *HARMLESS))], "plain CSV stays byte-true"


def test_workbook(make_table: MakeTable, tmp_path: Path) -> None:
    folder, _ = make_table()
    sheet = openpyxl.load_workbook(write_format(folder, "xlsx", tmp_path / "x.xlsx")).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1] == (1, "中央公園", "013101", 35.6895, 139.6917, "2019-04-01", 3, "true", "2024-01-31T10:00:00")
    assert rows[5][1] == "'=1+1"
    assert rows[4][6] == "007"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_workbook_refuses_too_many_rows(make_table: MakeTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_formats, "MOST_EXCEL_ROWS", 4)
    folder, _ = make_table()
    with pytest.raises(TooManyRowsForExcel):
        write_format(folder, "xlsx", tmp_path / "x.xlsx")
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


@pytest.mark.parametrize("kind", TABLE_FORMATS)
@pytest.mark.parametrize("columns", [None, ["名称", "番号"]])
@pytest.mark.parametrize("filtered", [False, True])
def test_every_format_holds_the_chosen_rows_and_columns(
    make_table: MakeTable, tmp_path: Path, kind: str, columns: list[str] | None, filtered: bool
) -> None:
    folder, manifest = make_table()
    rows = RowsFile(folder)
    selection = Selection(compare(rows.columns["番号"], "<=", 2)) if filtered else None
    out = write_format(folder, kind, tmp_path / "out", columns=columns, selection=selection)  # type: ignore[arg-type]
    names = columns or list(manifest.column_names)
    wanted = [dict(zip(manifest.column_names, row, strict=True)) for row in TOILET_ROWS[: 2 if filtered else 5]]
    expected = [[row[name] for name in names] for row in wanted]
    data = out.read_bytes()
    match kind:
        case "csv":
            assert read_csv(data) == [names, *([value or "" for value in row] for row in expected)]
        case "excel-csv":
            assert len(read_csv(data[3:])) == len(expected) + 1
        case "xlsx":
            sheet = openpyxl.load_workbook(io.BytesIO(data)).active
            assert sheet is not None
            assert sheet.max_row == len(expected) + 1
        case "parquet" | "arrow":
            frame = pl.read_parquet(out) if kind == "parquet" else pl.read_ipc(out)
            assert frame.columns == names
            assert frame["名称"].to_list() == [row["名称"] for row in wanted]
            assert frame.schema["番号"] == pl.Int64
        case "ndjson":
            assert [list(orjson.loads(line)) for line in data.splitlines()] == [names] * len(expected)
        case "json":
            assert [row["名称"] for row in orjson.loads(data)["rows"]] == [row["名称"] for row in wanted]
        case _:
            assert [feature["properties"]["名称"] for feature in orjson.loads(data)["features"]] == [
                row["名称"] for row in wanted
            ]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out"]


def test_streamed_csv_is_the_ready_made_csv(make_table: MakeTable) -> None:
    folder, _ = make_table()
    rows = RowsFile(folder)
    rows.allow()
    assert b"".join(csv_pieces(rows, Selection(), None)) == (folder / "data.csv").read_bytes()


def test_headers_that_look_like_patterns(make_table: MakeTable, tmp_path: Path) -> None:
    names = ["*", "^.*$", 'a"b', "a\nb", "\\", "é", "$"]
    folder, _ = make_table(rows=[[str(position) for position in range(7)]], fields=[Field(name) for name in names])
    for kind in ("csv", "parquet", "excel-csv", "xlsx", "arrow"):
        write_format(folder, kind, tmp_path / kind, columns=list(reversed(names)))  # type: ignore[arg-type]
    assert pl.read_parquet(tmp_path / "parquet").columns == list(reversed(names))
    assert read_csv((tmp_path / "csv").read_bytes()) == [list(reversed(names)), list("6543210")]
