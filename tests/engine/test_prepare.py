"""Small files in the style of real towns, made up, through the whole of preparing: what comes out, cell by cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.recipes.errors import NothingMapped
from tdpf.controlplane.preparation.engine.recipes.outputs import as_csv
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

Rows = list[dict[str, str]]
Preparing = Callable[..., tuple[Rows, Prepared]]


@pytest.fixture
def preparing(tmp_path: Path) -> Preparing:
    """Prepare files given as {name: bytes or text}; return the CSV's rows and everything else."""

    def run(files: dict[str, bytes | str], schema: str) -> tuple[Rows, Prepared]:
        paths = []
        for name, content in files.items():
            path = tmp_path / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
            paths.append(path)
        standard = load_schema(schema)
        prepared = prepare(paths, standard, folder=tmp_path / "rows")
        text = as_csv(prepared.run, standard).decode("utf-8")
        return list(csv.DictReader(io.StringIO(text))), prepared

    return run


def test_a_ward_s_toilets_with_titles_circles_and_wide_digits(preparing: Preparing) -> None:
    rows, prepared = preparing(
        {
            "toilet.csv": (
                "港区公衆トイレ一覧,,,,,,\n令和6年4月1日現在,,,,,,\n"
                "番号,施設名,所在地,設置場所,車いす対応,オストメイト,利用時間\n"
                "１,芝公園前トイレ,東京都港区芝公園４－１０－１７,公園入口,○,×,24時間\n"
                "２,赤坂トイレ,東京都港区赤坂１－２－３,駅前広場,〇,－,9:00～17:00\n"
                "３,高輪トイレ,東京都港区高輪１－１－１,広場,△,○,午前8時～午後8時（12月は休止）\n"
            ).encode("cp932")
        },
        "public_toilet",
    )
    assert list(rows[0]) == list(load_schema("public_toilet").names)
    assert [row["ID"] for row in rows] == ["1", "2", "3"]
    first = rows[0]
    assert first["全国地方公共団体コード"] == first["所在地_全国地方公共団体コード"] == "131032"
    assert first["地方公共団体名"] == "東京都港区"
    assert first["所在地_連結表記"] == "東京都港区芝公園4-10-17"
    assert (first["所在地_都道府県"], first["所在地_市区町村"]) == ("東京都", "港区")
    assert [row["車椅子使用者用トイレ有無"] for row in rows] == ["有", "有", ""]
    assert [row["オストメイト設置トイレ有無"] for row in rows] == ["無", "", "有"]
    assert [(row["利用開始時間"], row["利用終了時間"]) for row in rows] == [
        ("00:00", "24:00"),
        ("09:00", "17:00"),
        ("08:00", "20:00"),
    ]
    assert rows[2]["利用可能時間特記事項"] == "午前8時～午後8時（12月は休止）"
    lost = [event for event in prepared.run.events if event.severity == "error"]
    assert [(event.row, event.column, event.before, event.reason) for event in lost] == [
        (3, "車椅子使用者用トイレ有無", "△", "partly")
    ]
    assert (lost[0].source_row, lost[0].source_column) == (6, "E")


def test_every_cell_is_traced_and_the_same_run_gives_the_same_bytes(preparing: Preparing) -> None:
    files: dict[str, bytes | str] = {
        "aed.csv": "名称,住所,設置場所,緯度,経度\n本庁舎,東京都板橋区板橋2-66-1,1階,35.75,139.70\n"
    }
    rows, once = preparing(files, "aed")
    _, again = preparing(files, "aed")
    schema = load_schema("aed")
    assert once.run.key == again.run.key
    assert as_csv(once.run, schema) == as_csv(again.run, schema)
    assert [(ref.input, ref.row, ref.column) for ref in once.run.frame.trace(0, "設置位置")] == [("t1", 2, "C")]
    assert rows[0]["全国地方公共団体コード"] == "131199"


def test_a_file_of_another_kind_is_refused(preparing: Preparing) -> None:
    with pytest.raises(NothingMapped):
        preparing({"menu.csv": "献立,カロリー\nカレー,800\nうどん,500\n"}, "public_toilet")
