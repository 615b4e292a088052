"""What a report holds of large and risky tables, and what far-reaching merges cost."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.grid import Merge, bounded_merges
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.recipes.report_lists import write_report
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.tables.formulas import neutralised


def prepared(folder: Path, text: str, schema: str) -> Prepared:
    path = folder / "given.csv"
    path.write_text(text, encoding="utf-8")
    return prepare([path], load_schema(schema), folder=folder / "rows")


def test_the_written_report_holds_every_event_and_the_page_says_what_it_leaves_out(tmp_path: Path) -> None:
    head, files = "名称,所在地,電話番号\n", []
    for name, count in (("one.csv", 1_100), ("other.csv", 250)):
        rows = (f"施設{number},中野区中央1-{number},０３－１１１１－{number:04}\n" for number in range(count))
        files.append(tmp_path / name)
        files[-1].write_text(head + "".join(rows), encoding="utf-8")
    made = prepare(files, load_schema("public_facility"), folder=tmp_path / "rows")
    told, stream = report_of(made), io.BytesIO()
    write_report(made, told, stream)
    whole = json.loads(stream.getvalue())
    written = Counter[tuple[object, ...]]()
    for group in whole["events"]:
        for row, source_row, before, after, *more in group["cells"]:
            for place in range(more[0] if more else 1):
                written[row + place, group["column"], group["step"], group["rule"], group["reason"], source_row + place, before, after] += 1  # fmt: skip
    assert written == Counter(
        (event.row, event.column, event.step, event.rule, event.reason, event.source_row, event.before, event.after)
        for event in made.run.events
    )
    assert sum(group["count"] for group in whole["events"]) == told["in_all"]["events"] == len(made.run.events)
    assert max(len(group["cells"]) for group in whole["events"]) <= 1_000
    assert (len(whole["duplicates"]), len(told["duplicates"])) == (250, 200)
    page = page_of(told, recipe_yaml="")
    assert "250 件のうち 200 件。残りはJSONの報告にあります" in page
    assert len(page) < 100_000


def test_text_that_a_spreadsheet_would_run_is_told_and_not_changed(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "名称,所在地,備考\n甲館,中野区中央1-1,=cmd|'/c calc'!A0\n乙館,中野区中央1-2,＝1+1\n丙館,中野区中央1-3,-5\n",
        "public_facility",
    )
    told = report_of(made)
    assert told["formula_like"] == [{"column": "備考", "count": 2, "example": "=cmd|'/c calc'!A0"}]
    assert made.run.frame.columns["備考"][0] == "=cmd|'/c calc'!A0"
    assert "数式とみなしうる" in page_of(told, recipe_yaml="")
    assert neutralised("＝1+1").startswith("'")
    assert neutralised("-5") == "-5"


def test_half_a_coordinate_beside_a_refused_one_is_doubted(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "名称,所在地,緯度,経度\n甲館,中野区中央1-1,35.7,139.66\n乙館,中野区中央1-2,999,139.67\n",
        "public_facility",
    )
    assert [event.reason for event in made.run.events if event.column == "経度" and event.severity == "warning"] == [
        "coordinate-half"
    ]


def test_merges_past_the_cells_end_with_them_and_count_once(workbook: Callable[..., Path]) -> None:
    cells = [["a", "b"], ["1", "2"]]
    far = [((0, 0), (1_048_575, 16_383))] * 2000
    assert bounded_merges([*far, ((0, 0), (0, 6))], cells) == (Merge(0, 0, 1, 1), Merge(0, 0, 0, 6))


def test_a_cell_at_the_far_end_of_a_sheet_is_left_and_told(workbook: Callable[..., Path], read: Any) -> None:
    def slip(book: Any) -> None:
        book.worksheets[0]["XFD1048576"] = "z"
        book.worksheets[0]["ZZZ2"] = "y"

    path = workbook({"一覧": [["名称", "住所"], ["甲", "港区芝1"], ["乙", "港区芝2"]]}, change=slip)
    result = read(path.read_bytes(), "made.xlsx")
    assert list(result.table.column_names) == ["名称", "住所"]
    assert result.table.row_count == 2
    (told,) = [note for note in result.notes if note.code == "far-cells"]
    assert "XFD1048576" in told.ja
    assert "ZZZ2" in told.ja


def test_names_below_a_title_and_groups_are_found_above_two_rows(workbook: Callable[..., Path], read: Any) -> None:
    def merge(book: Any) -> None:
        for span in ("A1:G1", "A2:C2", "D2:E2", "F2:G2"):
            book.worksheets[0].merge_cells(span)

    rows = [
        ["施設情報"],
        ["基本情報", None, None, "バリアフリー", None, "位置"],
        ["名称", "フリガナ", "所在地", "トイレ", "スロープ", "X座標", "Y座標"],
        ["市民会館", "シミンカイカン", "立川市錦町3-3-20", "○", "有", 139.4136, 35.6976],
        ["公民館", "コウミンカン", "立川市柴崎町", "×", "無", 139.41, 35.69],
    ]
    table = read(workbook({"一覧": rows}, change=merge).read_bytes(), "made.xlsx").table
    assert table.row_count == 2
    assert table.column_names[0].endswith("名称")
    assert table.column_names[6].endswith("Y座標")


def test_headings_inside_a_table_and_totals_of_pages_are_no_records(tmp_path: Path) -> None:
    made = prepared(
        tmp_path,
        "名称,所在地,定員\n【東部】,,\n甲館,中野区中央1-1,10\n乙館,中野区中央1-2,20\nページ計,,30\n"
        "【西部】,,\n丙館,中野区本町1-1,5\n丁館,,\n戊館,中野区本町1-3,8\nこのページの計,,13\n",
        "public_facility",
    )
    assert made.run.frame.columns["名称"] == ["甲館", "乙館", "丙館", "丁館", "戊館"]
    assert [(row.cells[0], row.why) for row in made.run.apart] == [
        ("【東部】", "heading"),
        ("ページ計", "total-label"),
        ("【西部】", "heading"),
        ("このページの計", "total-label"),
    ]
