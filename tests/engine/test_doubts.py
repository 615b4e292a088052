"""What a cell alone cannot tell: signs for "as above", totals, what a row or the table contradicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema


def _told(tmp_path: Path, text: str, schema: str) -> tuple[dict[str, list[str | None]], dict[str, Any]]:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    prepared = prepare([path], load_schema(schema), folder=tmp_path / "rows")
    return prepared.run.frame.columns, report_of(prepared)


def test_as_above_is_written_out(tmp_path: Path) -> None:
    """The value of the row above, which may itself be such a sign; where nothing is above, the loss is told."""
    text = "名称,所在地,備考\n第一公園,東京都港区芝1-1,〃\n第二公園,〃,門あり\n第三公園,同上,〃\n"
    columns, told = _told(tmp_path, text, "evacuation_space")
    assert columns["所在地_連結表記"] == ["東京都港区芝1-1"] * 3
    assert columns["備考"] == [None, "門あり", "門あり"]
    assert [(entry["column"], entry["reason"]) for entry in told["problems"]] == [("備考", "ditto-of-nothing")]


def test_totals_are_no_records(tmp_path: Path) -> None:
    """Whether or not they are right: a row whose only words are 小計 or 計3件 describes no place."""
    text = "番号,名称,所在地,想定収容人数\n1,東,港区芝1,10\n2,西,港区芝2,20\n,小計,,31\n3,南,港区芝3,5\n計3件,,,\n"
    columns, told = _told(tmp_path, text, "evacuation_space")
    assert columns["名称"] == ["東", "西", "南"]
    assert (told["rows"]["apart"], told["rows"]["in"]) == (2, 5)


def test_what_contradicts_itself_is_doubted(tmp_path: Path) -> None:
    """Counts below zero and one ID twice; an end before its beginning."""
    text = "ID,名称,所在地,想定収容人数\n1,東,港区芝1,-5\n1,西,港区芝2,20\n"
    _, told = _told(tmp_path, text, "evacuation_space")
    assert {(entry["column"], entry["reason"], entry["severity"]) for entry in told["problems"]} == {
        ("想定収容人数", "negative", "warning"), ("ID", "id-repeated", "warning"),
    }  # fmt: skip
    text = "イベント名,開始日,終了日,説明,所在地\n祭,2024-08-10,2024-08-01,夏,港区芝1\n会,2024-08-01,2024-08-01,冬,港区芝2\n"
    _, told = _told(tmp_path, text, "event")
    assert ("終了日", "ends-before", 1) in [
        (entry["column"], entry["reason"], entry["count"]) for entry in told["problems"]
    ]
