"""A workpiece without Django: what is found, planned, tried and finished, each in a process of its own; answers come back as overrides."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import orjson
import pytest

from tdpf.controlplane.preparation.engine.errors import NotReadable
from tdpf.controlplane.preparation.engine.recipes.document import from_yaml
from tdpf.controlplane.preparation.engine.recipes.errors import NothingMapped
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.controlplane.preparation.engine.workpieces.comparing import compared, first_and_counts
from tdpf.controlplane.preparation.engine.workpieces.work import Order, carry_out
from tdpf.controlplane.preparation.engine.workpieces.work_sandbox import work_in_sandbox

TOILETS = (
    "公衆トイレ一覧（令和6年4月1日現在）,,,,,\n"
    "番号,施設名,住所,緯度,経度,設置年月日\n"
    "1,中央公園トイレ,見本区本町１－２,35.69,139.69,平成3年4月1日\n"
    "2,駅前広場トイレ,見本区本町３－４,35.70,139.70,令和元年5月7日\n"
    "3,図書館前トイレ,見本区本町５－６,不明地点,139.71,=1+1\n"
)


def order(do: str, *files: Path, **more: Any) -> dict[str, Any]:
    """An order with nothing chosen yet."""
    return {
        "do": do, "files": [str(path) for path in files], "schema": "", "choices": {}, "decisions": {},
        "overrides": {}, "recipe": "", "confirmed": [], "answered": [], **more,
    }  # fmt: skip


@pytest.fixture
def toilets(tmp_path: Path) -> Path:
    path = tmp_path / "公衆トイレ.csv"
    path.write_bytes(TOILETS.encode("cp932"))
    return path


def work(plain: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Do an order in this process; files are still read apart."""
    wanted = {**plain, "files": tuple(Path(name) for name in plain["files"]), "folder": folder, "limits": Limits()}
    answer = carry_out(Order(**wanted), lambda *_: None)
    (folder / f"{plain['do']}.json").write_bytes(orjson.dumps(answer))
    return answer


def rows_of(folder: Path) -> list[dict[str, list[Any]]]:
    """The rows before and after, by column."""
    plain = orjson.loads((folder / "rows.json").read_bytes())
    return [dict(zip(plain["columns"], row[3], strict=True)) for row in plain["rows"]]


def test_from_a_file_to_the_standard_table_and_back_with_an_answer(toilets: Path, tmp_path: Path) -> None:
    looked = work_in_sandbox(order("look", toilets), tmp_path)
    found = looked["files"][0]
    assert "CP932" in found["encoding"]
    assert found["table"]["header_rows"] == [2]
    assert {rule["id"] for rule in found["rating"]["rules"] if rule["verdict"] == "fail"} >= {"L3-01"}
    assert looked["offers"][0]["name"] == "public_toilet"
    assert not (tmp_path / "out/public_toilet-sources.csv").exists()

    planned = work_in_sandbox(order("plan", toilets, schema="public_toilet"), tmp_path)
    columns = {entry["column"]: entry for entry in planned["columns"]}
    assert columns["施設名"]["target"] == "名称"
    assert columns["施設名"]["examples"][0] == "中央公園トイレ"

    tried = work(order("try", toilets, schema="public_toilet"), tmp_path)
    third = rows_of(tmp_path)[2]
    assert third["緯度"][:3] == ["不明地点", None, "rejected"]
    assert third["経度"][:3] == ["139.71", "139.71", "same"]
    assert third["所在地_連結表記"][0] == "見本区本町５－６"
    assert third["所在地_連結表記"][2] == "changed"
    waiting = next(entry for entry in tried["waiting"] if entry["column"] == "緯度")
    assert (waiting["kind"], waiting["before"], waiting["count"]) == ("cell", "不明地点", 1)

    answered = {"values": [{"column": "緯度", "before": "不明地点", "value": "35.71", "by": "係"}]}
    done = work(order("finish", toilets, schema="public_toilet", overrides=answered), tmp_path)
    assert [entry for entry in done["waiting"] if entry["column"] == "緯度"] == []
    assert rows_of(tmp_path)[2]["緯度"][:2] == ["不明地点", "35.71"]
    written = list(csv.DictReader(io.StringIO((tmp_path / "out/public_toilet.csv").read_text(encoding="utf-8"))))
    assert [row["緯度"] for row in written] == ["35.69", "35.70", "35.71"]
    assert (tmp_path / "out/public_toilet-excel.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert {"recipe.yaml", "manual.md", "report.html", "public_toilet.xlsx", "public_toilet.geojson"} <= set(
        done["files"]
    )

    # Next year: other rows, the same spelling; the answer still holds, whatever row it is in now.
    recipe = (tmp_path / "out/recipe.yaml").read_text(encoding="utf-8")
    assert from_yaml(recipe).step("overrides")["values"][0]["value"] == "35.71"
    toilets.write_bytes(TOILETS.replace("1,中央", "0,新公園,見本区本町９,35.60,139.60,\n1,中央").encode("cp932"))
    work(order("plan", toilets, schema="public_toilet", recipe=recipe), tmp_path)
    work(order("finish", toilets, schema="public_toilet", recipe=recipe), tmp_path)
    assert [row["緯度"][1] for row in rows_of(tmp_path)] == ["35.60", "35.69", "35.70", "35.71"]


def test_what_rows_are_called_says_which_table_a_file_is_where_nothing_else_does(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    for kind, name in (("トイレ", "public_toilet"), ("こども園", "preschool"), ("クリニック", "hospital")):
        path.write_text(
            "".join(
                f"{number},第{number}{kind},東京都中野区中央2-{number}-1,35.7,139.6{number}\n" for number in range(1, 6)
            ),
            encoding="utf-8",
        )
        assert work(order("look", path), tmp_path)["offers"][0]["name"] == name
    for kind, named, name in (
        ("公園", "トイレ名", "public_toilet"),
        ("庁舎AED", "設置場所名", "aed"),
        ("避難所", "避難場所名", "evacuation_space"),
    ):
        rows = "".join(f"第{number}{kind},東京都中野区中央2-{number}-1,35.7,139.6{number}\n" for number in range(1, 6))
        path.write_text(f"{named},住所,緯度,経度\n{rows}", encoding="utf-8")
        assert work(order("look", path), tmp_path)["offers"][0]["name"] == name


def test_what_a_person_chose_for_a_column_stands(toilets: Path, tmp_path: Path) -> None:
    chosen = {"t1": {"設置年月日": "備考", "番号": ""}}
    planned = work(order("plan", toilets, schema="public_toilet", decisions=chosen), tmp_path)
    assert {entry["column"]: (entry["target"], entry["method"]) for entry in planned["columns"]} | {
        "設置年月日": ("備考", "confirmed"), "番号": ("", "confirmed"),
    } == {entry["column"]: (entry["target"], entry["method"]) for entry in planned["columns"]}  # fmt: skip


def test_only_the_first_thousand_rows_are_tried(tmp_path: Path) -> None:
    path = tmp_path / "多い.csv"
    lines = "".join(f"{n},トイレ{n},見本区本町{n},35.69,139.69\n" for n in range(1100))
    path.write_text(f"番号,施設名,住所,緯度,経度\n{lines}", encoding="utf-8")
    work(order("plan", path, schema="public_toilet"), tmp_path)
    tried = work(order("try", path, schema="public_toilet"), tmp_path)
    assert (tried["rows_out"], tried["partial"]) == (1000, True)
    done = work(order("finish", path, schema="public_toilet"), tmp_path)
    assert (done["rows_out"], done["partial"]) == (1100, False)
    assert done["recipe_sha256"] == tried["recipe_sha256"]


def test_problems_of_the_engine_come_back_as_they_were(toilets: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingMapped):
        work_in_sandbox(order("plan", toilets, schema="disclosure_request"), tmp_path)
    broken = tmp_path / "壊れた.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    looked = work_in_sandbox(order("look", broken, toilets), tmp_path)
    assert looked["files"][0]["problem"]["ja"]["title"]
    assert looked["offers"][0]["name"] == "public_toilet"
    with pytest.raises(NotReadable):
        work_in_sandbox(order("plan", broken, schema="public_toilet"), tmp_path)


def test_what_a_person_sees_of_hours_marks_and_addresses_cut_short(tmp_path: Path) -> None:
    """A cell parted into several fields was not emptied; a required cell is missing; 〃 in an address is written out and waits."""
    aed, toilets = tmp_path / "AED設置箇所.csv", tmp_path / "公衆便所一覧.csv"
    aed.write_text(
        "番号,施設名称,住所,設置場所,利用可能時間\n1,区役所,豊島区南池袋2-45-1,,9時～17時\n2,交番,不明,,終日\n",
        encoding="utf-8",
    )
    work(order("plan", aed, schema="aed"), tmp_path)
    tried = work(order("try", aed, schema="aed"), tmp_path)
    first, second = rows_of(tmp_path)
    assert (first["開始時間"][:3], first["利用可能曜日"][:3]) == (
        ["9時～17時", "09:00", "changed"],
        [None, None, "empty"],
    )
    assert second["所在地_連結表記"][1:4] == [None, "missing", "required-missing"]
    assert tried["without"] == ["設置位置"]

    toilets.write_text(
        "名称,所在地\n東口便所,豊島区南池袋1-27-8\n駅前便所,〃南大塚3-46\n公園便所,〃　3-48\n広場便所,〃\n",
        encoding="utf-8",
    )
    work(order("plan", toilets, schema="public_toilet"), tmp_path)
    tried = work(order("try", toilets, schema="public_toilet"), tmp_path)
    assert [row["所在地_連結表記"][1] for row in rows_of(tmp_path)] == [
        "東京都豊島区南池袋1-27-8", "東京都豊島区南大塚3-46", "東京都豊島区南大塚3-48",
        "東京都豊島区南大塚3-48",
    ]  # fmt: skip
    assert rows_of(tmp_path)[3]["所在地_連結表記"][3] == "ditto.completed"
    assert sorted(entry["before"] for entry in tried["waiting"] if entry["reason"] == "ditto-part") == [
        "〃　3-48",
        "〃南大塚3-46",
    ]


def test_each_row_of_a_merge_says_where_it_came_from(tmp_path: Path) -> None:
    one, other = tmp_path / "新宿区.csv", tmp_path / "豊島区.csv"
    one.write_text("名称,所在地,備考\n駅前便所,新宿区高田馬場1-35-1,\n公園便所,新宿区戸山3-2-1,\n", encoding="utf-8")
    other.write_text("名称,所在地,備考\n駅前トイレ,新宿区高田馬場一丁目35-1,夜間閉鎖\n", encoding="utf-8")
    chosen = {"schema": "public_toilet", "folds": True, "names": {"豊島区.csv": "豊島区のトイレ（豊島区）"}}
    work(order("plan", one, other, **chosen), tmp_path)
    work(order("finish", one, other, **chosen), tmp_path)
    text = (tmp_path / "out/public_toilet-sources.csv").read_text(encoding="utf-8")
    assert [(row["名称"], row["備考"], row["もとの資料"]) for row in csv.DictReader(io.StringIO(text))] == [
        ("駅前便所", "夜間閉鎖", "新宿区.csv;豊島区のトイレ（豊島区）"),
        ("公園便所", "", "新宿区.csv"),
    ]


def test_rows_before_and_after_are_read_where_they_lie(toilets: Path, tmp_path: Path) -> None:
    prepared = prepare([toilets], load_schema("public_toilet"), folder=tmp_path / "rows")
    assert prepared.sources[0].table.rows is None
    rows = compared(prepared.run, prepared.sources, required=["名称"])
    first, states = first_and_counts(rows, 2)
    assert [(row.row, row.source_row) for row in first] == [(1, 3), (2, 4)]
    assert states["rejected"] == 1
    assert sum(states.values()) == 3 * len(prepared.run.columns)
    shown = dict(zip(prepared.run.columns, first[1].cells, strict=True))["経度"]
    assert (shown.before, shown.after, shown.state) == ("139.70", "139.70", "same")
