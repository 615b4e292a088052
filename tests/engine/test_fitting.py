"""Which table of a file is taken, whether it is of another kind, and what is told when something has no place."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from openpyxl import Workbook

from tdpf.processes.preparing import prepare_files


def _prepared(
    tmp_path: Path, name: str, text: str | Path, schema: str, *tables: str
) -> tuple[int, list[list[str]], dict]:  # type: ignore[type-arg]
    path = text if isinstance(text, Path) else tmp_path / name
    if isinstance(text, str):
        path.write_text(text, encoding="utf-8")
    out, report = tmp_path / "out.csv", tmp_path / "report.json"
    code = prepare_files([path], schema=schema, recipe=None, out=out, report=report, tables=tables)
    lines = [line.split(",") for line in out.read_text(encoding="utf-8-sig").splitlines()] if out.exists() else []
    return code, lines, orjson.loads(report.read_bytes()) if report.exists() else {}


def _column(lines: list[list[str]], name: str) -> list[str]:
    place = lines[0].index(name)
    return [line[place] for line in lines[1:]]


def test_a_column_of_the_fields_own_name_is_told_cell_by_cell(tmp_path: Path) -> None:
    """However little its values fit, none of them goes without a word."""
    rows = "".join(f"広場{n},東京都港区芝{n},役所へ,多数,令和5年4月{n}日ごろ\n" for n in range(1, 9))
    code, lines, told = _prepared(
        tmp_path, "a.csv", "名称,所在地_連結表記,電話番号,想定収容人数,URL\n" + rows, "evacuation_space"
    )
    assert code == 0
    lost = {(entry["column"], entry["severity"]): entry["count"] for entry in told["problems"]}
    assert lost["電話番号", "error"] == lost["想定収容人数", "error"] == 8
    assert _column(lines, "電話番号") == [""] * 8


def test_what_has_no_place_and_what_is_lacking_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the terminal and in the report, not only as a longer look at the mapping."""
    text = "行事名,集まる所の目印,どなたが\n夏祭り,大けやき,こども\n盆踊り,時計台,みんな\n"
    code, _, told = _prepared(
        tmp_path, "b.csv", text.replace("行事名", "イベント名").replace("どなたが", "主催者"), "event"
    )
    assert code == 0
    assert [entry["column"] for entry in told["columns_left_out"]] == ["集まる所の目印"]
    said = capsys.readouterr().err
    assert "開始日" in said
    assert "集まる所の目印" in said


def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When no more than half of what is required is there and another table fits, a list of toilets becomes no list of permits."""
    text = "名称,所在地_連結表記,男性トイレ総数,女性トイレ総数,車椅子使用者用トイレ有無,緯度,経度\n" + "".join(
        f"公園トイレ{n},東京都港区芝{n},1,2,有,35.65,139.75\n" for n in range(5)
    )
    code, lines, _ = _prepared(tmp_path, "c.csv", text, "disclosure_request")
    assert (code, lines) == (1, [])
    code, lines, _ = _prepared(tmp_path, "c.csv", text, "traffic_restriction")
    assert (code, lines) == (1, [])
    assert "--schema public_toilet" in capsys.readouterr().err


def test_sheets_of_different_headers_are_one_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every row of both is there, numbered on; one of them can be asked for by its id."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "訪問"
    for row in (
        ["事業所名", "法人の名称", "所在地", "電話番号", "サービス種別"],
        ["あさひ介護", "旭会", "板橋区板橋1-1", "03-3964-1111", "訪問介護"],
    ):
        sheet.append(row)
    other = book.create_sheet("通所")
    for row in (
        ["事業所名", "法人の名称", "所在地", "電話番号", "サービス種別", "定員"],
        ["ひだまり", "陽会", "板橋区板橋2-1", "03-3964-2222", "通所介護", 20],
        ["こかげ", "森会", "板橋区板橋3-1", "03-3964-3333", "通所介護", 30],
    ):
        other.append(row)
    path = tmp_path / "d.xlsx"
    book.save(path)
    code, lines, told = _prepared(tmp_path, "", path, "care_service")
    assert (code, told["rows"]["in"], told["rows"]["out"]) == (0, 3, 3)
    assert _column(lines, "ID") == ["0000000001", "0000000002", "0000000003"]
    code, lines, _ = _prepared(tmp_path, "", path, "care_service", "訪問")
    assert (code, len(lines)) == (0, 2)
    assert _prepared(tmp_path, "", path, "care_service", "どこにもない")[0] == 1


def test_areas_of_a_population_need_no_heading(tmp_path: Path) -> None:
    """The first column of words is the area when its heading is left empty."""
    rows = "".join(f"中町{n}丁目,{90 + n},{200 + 2 * n},{100 + n},{100 + n}\n" for n in range(1, 7))
    code, lines, told = _prepared(tmp_path, "e.csv", ",世帯数,総数,男,女\n" + rows, "population")
    assert code == 0
    assert _column(lines, "地域名") == [f"中町{n}丁目" for n in range(1, 7)]
    assert told["columns_left_out"] == []
