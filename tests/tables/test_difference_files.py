"""All that changed between two versions, as a file for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

import pytest
from toilet_table import TOILET_ROWS, MakeTable

from tdpf.tables import diff
from tdpf.tables.diff import TextTable, differences, table_in, table_of
from tdpf.tables.difference_files import DifferenceWords, write_differences
from tdpf.tables.types import Field

WORDS = DifferenceWords("違い", "追加", "削除", "変更前", "変更後")


def written(
    old: TextTable, new: TextTable, key: list[str], folder: Path, told: Collection[str] | None = None
) -> list[list[str]]:
    out = folder / "differences.csv"
    write_differences(old, new, key, out, words=WORDS, told=told)
    assert out.read_bytes().startswith("\ufeff".encode())
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_with_a_key_every_row_stands_once_and_a_changed_one_before_and_after(
    make_table: MakeTable, tmp_path: Path
) -> None:
    old, _ = make_table(label="old")
    changed = [*TOILET_ROWS[1][:6], "13", *TOILET_ROWS[1][7:]]
    rows = [TOILET_ROWS[0], changed, *TOILET_ROWS[3:], ["6", "=SUM(A1)", *[None] * 7]]
    new = table_of(table_in(old).names, rows)
    lines = written(table_in(old), new, ["番号"], tmp_path)
    assert [(line[0], line[1]) for line in lines] == [
        ("違い", "番号"), ("追加", "6"), ("削除", "3"), ("変更前", "2"), ("変更後", "2"),
    ]  # fmt: skip
    assert [line[7] for line in lines[3:]] == ["12", "13"]
    assert lines[1][2] == "'=SUM(A1)", "a spreadsheet must not run it"
    assert differences(table_in(old), new, ["番号"])["changed"] == 1


def test_rows_that_share_a_key_and_tables_without_a_common_column_lose_no_row(tmp_path: Path) -> None:
    old = table_of(["町名", "人数"], [["本町", "13"], ["中町", "13"]])
    new = table_of(["町名", "人数"], [["本町", "31"], ["中町", "32"]])
    assert [line[0] for line in written(old, new, ["人数"], tmp_path)[1:]] == ["追加", "追加", "削除", "削除"]
    other = table_of(["区分"], [["a"]])
    assert written(old, other, [], tmp_path)[1:] == [
        ["追加", "a", "", ""],
        ["削除", "", "本町", "13"],
        ["削除", "", "中町", "13"],
    ]


def test_without_a_key_rows_count_as_often_as_they_stand_there(tmp_path: Path) -> None:
    old = table_of(["a", "b"], [["1", "x"], ["1", "x"], ["2", None]])
    new = table_of(["a", "b"], [["1", "x"], ["2", "y"], ["3", "z"], ["3", "z"]])
    lines = written(old, new, [], tmp_path)
    assert lines[1:] == [
        ["追加", "2", "y"], ["追加", "3", "z"], ["追加", "3", "z"], ["削除", "1", "x"], ["削除", "2", ""],
    ]  # fmt: skip


def test_columns_that_came_or_went_are_there_and_only_those_that_may_be_told(tmp_path: Path) -> None:
    old = table_of(["id", "gone"], [["1", "x"], ["2", "y"]])
    new = table_of(["id", "come"], [["1", "p"], ["3", "q"]])
    lines = written(old, new, ["id"], tmp_path)
    assert lines == [["違い", "id", "come", "gone"], ["追加", "3", "q", ""], ["削除", "2", "", "y"]]
    assert written(old, new, ["id"], tmp_path, told={"id"})[0] == ["違い", "id"]


def test_rows_are_told_apart_by_a_key_that_is_not_told(tmp_path: Path) -> None:
    """Another value is a change and no row gone and one come; what changed in a column that is not told is nothing."""
    old = table_of(["id", "a", "b"], [["1", "x", "p"], ["2", "y", "q"], ["3", "z", "r"], ["4", "z", "r"]])
    new = table_of(["id", "a", "b"], [["1", "x", "P"], ["2", "Y", "q"], ["3", "z", "r"], ["5", "z", "r"]])
    assert written(old, new, ["id"], tmp_path, told=["a"]) == [
        ["違い", "a"], ["追加", "z"], ["削除", "z"], ["変更前", "y"], ["変更後", "Y"],
    ]  # fmt: skip
    assert written(old, new, [], tmp_path, told=["a"])[1:] == [["追加", "Y"], ["削除", "y"]]


def test_rows_that_are_taken_in_pieces_are_all_there_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "_PIECE_ROWS", 2)
    for count in (0, 1, 2, 5):
        rows = [(str(number), "" if number % 2 else "x") for number in range(count)]
        found = table_of(["a", "b"], iter(rows)).texts.collect()
        assert found.rows() == [(one, other or None) for one, other in rows]
        assert found.columns == ["c0", "c1"]


def test_what_does_not_differ_makes_a_file_with_a_header_alone(make_table: MakeTable, tmp_path: Path) -> None:
    folder, _ = make_table(rows=[["1", "x"]], fields=[Field("a"), Field("b")])
    same = table_in(folder)
    for key in ([], ["a"]):
        assert written(same, same, key, tmp_path) == [["違い", "a", "b"]]
