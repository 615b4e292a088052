"""Workbooks: values as shown, merged cells, hidden and example sheets, several header rows, remarks beside the table."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine_files import codes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.reading import read_file

Workbook = Callable[..., Path]


def test_values_are_as_shown(workbook: Workbook) -> None:
    def formats(book: Any) -> None:
        sheet = book["一覧"]
        sheet["D2"].number_format = "000000"
        sheet["H3"].number_format = "[h]:mm"

    path = workbook(
        {
            "一覧": [
                ["コード", "人口", "緯度", "団体コード", "調査日", "開始", "更新", "延べ時間", "有効"],
                [
                    "011002",
                    3230,
                    34.34551,
                    11002,
                    dt.date(2024, 1, 9),
                    dt.time(9, 0),
                    dt.datetime(2024, 1, 9, 18, 5),
                    "a",
                    True,
                ],
                [
                    "131016",
                    0,
                    35.0,
                    "131016",
                    dt.date(2024, 2, 29),
                    dt.time(17, 30, 5),
                    dt.datetime(2024, 1, 9),
                    dt.timedelta(hours=25, minutes=30),
                    False,
                ],
            ]
        },
        change=formats,
    )
    result = read_file(path, "a.xlsx")
    rows = list(result.table.iter_rows())
    assert rows[0] == [
        "011002",
        "3230",
        "34.34551",
        "011002",
        "2024-01-09",
        "09:00",
        "2024-01-09T18:05:00",
        "a",
        "TRUE",
    ]
    assert rows[1][1:3] == ["0", "35"]
    assert rows[1][5] == "17:30:05"
    assert rows[1][7:] == ["25:30", "FALSE"]
    assert "zero-padded" in codes(result)


def test_errors_and_formulas_without_a_result_are_told(workbook: Workbook) -> None:
    def change(book: Any) -> None:
        sheet = book["一覧"]
        sheet["B2"] = "#N/A"
        sheet["B2"].data_type = "e"
        sheet["C2"] = "=1+1"

    path = workbook({"一覧": [["名称", "人数", "計"], ["A", None, None], ["B", 2, 3], ["C", 4, 5]]}, change=change)
    result = read_file(path, "a.xlsx")
    assert next(result.table.iter_rows()) == ["A", "#N/A", None]
    assert {"error-cells", "formula-without-value"} <= codes(result)


def test_merged_headers_and_merged_words_in_the_body(workbook: Workbook) -> None:
    def merge(book: Any) -> None:
        sheet = book["人口"]
        for cells in ("A1:E1", "A3:A4", "B3:D3", "E3:E4", "A5:A6", "E5:E6"):
            sheet.merge_cells(cells)

    path = workbook(
        {
            "人口": [
                ["地区別人口", None, None, None, None],
                [None, None, None, None, "（単位：人）"],
                ["地区", "人口", None, None, "世帯数"],
                [None, "男", "女", "計", None],
                ["東部", 10, 12, 22, 9],
                [None, 11, 13, 24, None],
                ["西部", 20, 21, 41, 18],
                ["注：外国人を含む。", None, None, None, None],
            ]
        },
        change=merge,
    )
    result = read_file(path, "a.xlsx")
    table = result.table
    assert table.header_rows == (3, 4)
    assert table.column_names == ("地区", "人口_男", "人口_女", "人口_計", "世帯数")
    assert [row[0] for row in table.iter_rows()] == ["東部", "東部", "西部"]
    assert [row[4] for row in table.iter_rows()] == ["9", None, "18"]
    assert {"merged-body", "merged-kept", "merged-header", "notes-below", "title-rows"} <= codes(result)


def test_hidden_example_and_instruction_sheets_are_passed_over(workbook: Workbook) -> None:
    rows = [["団体コード", "名称", "住所"], ["131016", "中央館", "丸の内1"], ["131016", "北館", "丸の内2"]]

    def hide(book: Any) -> None:
        book["旧データ"].sheet_state = "hidden"

    path = workbook(
        {
            "記入方法": [["この様式に沿って記入してください。"], ["コードは6桁です。"]],
            "施設一覧": rows,
            "施設一覧_作成例": [rows[0], ["011002", "○○公民館", "札幌市〇〇区"]],
            "旧データ": rows,
            "空": [],
        },
        change=hide,
    )
    result = read_file(path, "a.xlsx")
    assert result.table.sheet == "施設一覧"
    assert {"hidden-sheet", "sample-sheet", "other-sheet", "empty-sheet"} <= codes(result)


def test_an_example_alone_is_still_read(workbook: Workbook) -> None:
    path = workbook({"sample": [["名称", "数"], ["A", 1], ["B", 2]]})
    assert read_file(path, "a.xlsx").table.row_count == 2


def test_remarks_beside_a_table_are_set_apart(workbook: Workbook) -> None:
    rows: list[list[Any]] = [["年齢", "男", "女", None, "基準日", "令和6年7月31日"]]
    rows += [[age, age * 2, age * 3, None, None, None] for age in range(60)]
    rows[2][4:] = ["総数", 12345]
    result = read_file(workbook({"年齢別": rows}), "a.xlsx")
    assert result.table.column_names == ("年齢", "男", "女")
    assert result.table.row_count == 60
    beside = next(note for note in result.table.notes if note.code == "beside-table")
    assert "12345" in beside.text


def test_a_gap_column_does_not_part_a_table(workbook: Workbook) -> None:
    rows = [["名称", "住所", None, "電話"], *[[f"館{n}", f"町{n}", None, f"03-0000-{n:04}"] for n in range(9)]]
    result = read_file(workbook({"一覧": rows}), "a.xlsx")
    assert result.table.column_names == ("名称", "住所", "電話")
    assert "blank-columns" in codes(result)


def test_two_tables_on_one_sheet_are_told_apart(workbook: Workbook) -> None:
    from tdpf.controlplane.preparation.engine.errors import SeveralTables

    rows: list[list[Any]] = [
        ["男女別人口"],
        ["区", "男", "女"],
        ["A区", 1, 2],
        ["B区", 3, 4],
        ["C区", 5, 6],
        [],
        ["年齢別人口"],
    ]
    rows += [["区", "年少", "老年"], ["A区", 7, 8], ["B区", 9, 10], ["C区", 11, 12]]
    path = workbook({"人口": rows})
    with pytest.raises(SeveralTables) as several:
        read_file(path, "a.xlsx")
    choices = several.value.data["choices"]
    assert isinstance(choices, list)
    assert [(choice["range"], choice["title"]) for choice in choices] == [
        ("A2:C5", "男女別人口"),
        ("A8:C11", "年齢別人口"),
    ]
    second = read_file(path, "a.xlsx", choice="人口!A8:C11").table
    assert second.column_names == ("区", "年少", "老年")
    assert second.row_count == 3


def test_only_a_header_is_a_table_without_rows(workbook: Workbook) -> None:
    result = read_file(workbook({"一覧": [["名称", "住所", "電話"]]}), "a.xlsx")
    assert result.table.row_count == 0
    assert "no-rows" in codes(result)


def test_a_table_may_begin_anywhere(workbook: Workbook) -> None:
    rows: list[list[Any]] = [[], [], [None, "名称", "数"], [None, "A", 1], [None, "B", 2], [None, "C", 3]]
    table = read_file(workbook({"一覧": rows}), "a.xlsx").table
    assert (table.range, table.header_rows, table.column_names) == ("B3:C6", (3,), ("名称", "数"))


def test_a_header_in_two_languages_keeps_the_japanese_names(workbook: Workbook) -> None:
    rows: list[list[Any]] = [["名称", "緯度", "経度"], ["name", "latitude", "longitude"]]
    rows += [[f"館{n}", 35.1 + n, 139.1] for n in range(4)]
    result = read_file(workbook({"一覧": rows}), "a.xlsx")
    assert result.table.column_names == ("名称", "緯度", "経度")
    assert result.table.row_count == 4
    assert "latitude" in next(note for note in result.table.notes if note.code == "header-bilingual").text


def test_three_header_rows_with_merges(workbook: Workbook) -> None:
    def merge(book: Any) -> None:
        for cells in ("A1:A3", "B1:E1", "B2:C2", "D2:E2", "F1:F3"):
            book["人口"].merge_cells(cells)

    rows: list[list[Any]] = [
        ["地域", "人口", None, None, None, "世帯"],
        [None, "日本人", None, "外国人", None, None],
        [None, "男", "女", "男", "女", None],
        *[[name, 1, 2, 3, 4, 5] for name in ("東", "西", "南")],
    ]
    table = read_file(workbook({"人口": rows}, change=merge), "a.xlsx").table
    assert table.column_names == (
        "地域",
        "人口_日本人_男",
        "人口_日本人_女",
        "人口_外国人_男",
        "人口_外国人_女",
        "世帯",
    )
    assert table.row_count == 3


def test_groups_of_words_without_merges(read: Any) -> None:
    text = "施設,,連絡先,,備考\n名称,所在地,電話,メール,\nA,町1,03-1,a1@x.jp,x\nB,町2,03-2,b2@x.jp,\nC,町3,03-3,c3@x.jp,y\n"
    table = read(text).table
    assert table.column_names == ("施設_名称", "施設_所在地", "連絡先_電話", "連絡先_メール", "備考")


def test_newspaper_columns_and_tables_of_words_are_told_apart(workbook: Workbook) -> None:
    from tdpf.controlplane.preparation.engine.errors import SeveralTables

    beside: list[list[Any]] = [
        ["番号", "名称", None, "番号", "名称"],
        [1, "A", None, 4, "D"],
        [2, "B", None, 5, "E"],
        [3, "C", None, 6, "F"],
    ]
    stacked: list[list[Any]] = [
        ["公園"],
        ["名称", "住所", "電話"],
        ["A", "町1", "1-1"],
        ["B", "町2", "1-2"],
        [],
        ["図書館"],
    ]
    stacked += [["名称", "所在地", "開館時間"], ["C", "町3", "9時"], ["D", "町4", "10時"]]
    for rows, ranges in ((beside, ["A1:B4", "D1:E4"]), (stacked, ["A2:C4", "A7:C9"])):
        with pytest.raises(SeveralTables) as several:
            read_file(workbook({"一覧": rows}), "a.xlsx")
        choices = several.value.data["choices"]
        assert isinstance(choices, list)
        assert [choice["range"] for choice in choices] == ranges


def test_days_in_the_first_row_are_data(read: Any) -> None:
    result = read("2024-01-01,A,1\n2024-01-02,B,2\n2024-01-03,C,3\n")
    assert result.table.row_count == 3
    assert "header-missing" in codes(result)


_ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.2"><office:body><office:spreadsheet><table:table table:name="施設">
<table:table-row><table:table-cell office:value-type="string"><text:p>コード</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>名称</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>定員</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>開設日</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>011002</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>中央館</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="3230"><text:p>3,230</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2024-01-09"><text:p>R6.1.9</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>131016</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>北館</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="45.5"><text:p>45.5</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2023-12-31"><text:p>R5.12.31</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""
_MANIFEST = """<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>{more}
</manifest:manifest>"""


def _ods(path: Path, more: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", _ODS.replace("\n<", "<"))
        archive.writestr("META-INF/manifest.xml", _MANIFEST.format(more=more))
    return path


def test_an_ods_is_read(tmp_path: Path) -> None:
    result = read_file(_ods(tmp_path / "a.ods"), "a.ods")
    assert result.format == "ods"
    assert list(result.table.iter_rows()) == [
        ["011002", "中央館", "3230", "2024-01-09"],
        ["131016", "北館", "45.5", "2023-12-31"],
    ]


def test_an_encrypted_ods_is_refused(tmp_path: Path) -> None:
    from tdpf.controlplane.preparation.engine.errors import Encrypted

    path = _ods(
        tmp_path / "a.ods",
        '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>',
    )
    with pytest.raises(Encrypted):
        read_file(path, "a.ods")


def test_the_content_counts_not_the_ending(workbook: Workbook) -> None:
    path = workbook({"一覧": [["名称", "数"], ["A", 1], ["B", 2]]})
    for name in ("a.xls", "a.csv", "a", "a.ods"):
        renamed = path.with_name(name)
        renamed.write_bytes(path.read_bytes())
        result = read_file(renamed, name)
        assert (result.format, result.table.row_count) == ("xlsx", 2)


def test_a_workbook_with_macros_is_read_and_its_macros_are_not_run(workbook: Workbook) -> None:
    path = workbook({"一覧": [["名称", "数"], ["A", 1], ["B", 2]]}, name="a.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macros")
    result = read_file(path, "a.xlsm")
    assert (result.format, result.table.row_count) == ("xlsm", 2)


_WORDS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters="￾￿"), min_size=1, max_size=10
).filter(lambda text: text.strip() != "" and not text.startswith("="))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.one_of(_WORDS, st.none()), min_size=2, max_size=2), min_size=2, max_size=6))
def test_no_word_of_a_workbook_is_lost_or_altered(workbook: Workbook, body: list[list[str | None]]) -> None:
    keyed = [[f"館{number}", *cells] for number, cells in enumerate(body)]

    def as_text(book: Any) -> None:
        for row in book["一覧"].iter_rows():
            for cell in row:
                if cell.value is not None:
                    cell.data_type = "s"

    path = workbook({"一覧": [["名称", "項目あ", "項目い"], *keyed]}, change=as_text)
    table = read_file(path, "a.xlsx").table
    width = len(table.columns)
    assert list(table.iter_rows()) == [row[:width] for row in keyed]
