"""A file rated from pieces on disk has the verdicts, findings and places that it has when it is held whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.rating import pieces, subject
from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.types import Limits

PIECES = Limits(held_bytes=0, held_cells=0)
CELLS = st.sampled_from(
    [
        "",
        "",
        "0",
        "12",
        "1,200",
        "3人",
        "有",
        "無",
        "○",
        "あり",
        "同上",
        " 空白",
        "全\u3000国",
        "食堂、書店",
        "書店",
        "食堂",
        "R6.4.1",
        "2024-04-01",
        "2024/4/1",
        "合計",
        "㈱北館",
        "その他（園芸）",
        "二行\nある",
        "03-1234-5678/03-1234-5679",
        "東京都千代田区",
        "港区芝",
        "13101",
        "3101",
        "131016",
        "-",
        "x",
        "館名",
    ]
)
NAMES = st.sampled_from(
    ["館名", "地区", "人数", "住所", "電話番号", "開設日", "設備", "団体コード", "備考", "種別", "人数"]
)


@pytest.fixture(autouse=True)
def tiny_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_ROWS", 3)
    monkeypatch.setattr(pieces, "_FEW", 4)
    monkeypatch.setattr(subject, "_HELD", 2)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_pieces_say_what_the_whole_says(tmp_path: Path, data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 5))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=0, max_size=width + 1), min_size=1, max_size=24))
    names = data.draw(st.lists(NAMES, min_size=width, max_size=width))
    path = tmp_path / "made.csv"
    lines = [",".join(f'"{cell}"' if "\n" in cell or "," in cell else cell for cell in row) for row in [names, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert rate_path(path, limits=PIECES).as_dict() == rate_path(path).as_dict()


def test_a_workbook_in_pieces_keeps_its_types_and_marks(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "made.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("データ")
    sheet.write_row(1, 0, ["団体コード", "館名", "定員", "面積"])
    for row in range(2, 40):
        sheet.write_row(row, 0, ["131041", f"館{row}", str(row) if row % 5 else "20人", row * 1.5])
    sheet.write_formula(40, 2, "=SUM(C3:C40)", None, 9)
    sheet.set_row(7, None, None, {"hidden": True})
    sheet.merge_range(20, 1, 22, 1, "同じ館")
    book.close()
    whole, parts = rate_path(path), rate_path(path, limits=PIECES)
    assert parts.as_dict() == whole.as_dict()
    assert {"L1-12", "L1-13", "L2-01", "L2-06"} <= {found.id for found in whole.rules if found.verdict == "fail"}
