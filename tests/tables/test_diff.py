"""What changed between two versions."""

from __future__ import annotations

from toilet_table import TOILET_FIELDS, TOILET_ROWS, MakeTable

from tdpf.tables.diff import diff_tables
from tdpf.tables.types import Field


def test_by_key(make_table: MakeTable) -> None:
    old, _ = make_table(label="old")
    changed = [*TOILET_ROWS[1][:6], "13", *TOILET_ROWS[1][7:]]
    new, _ = make_table(rows=[TOILET_ROWS[0], changed, *TOILET_ROWS[3:], ["6", "新", *[None] * 7]], label="new")
    diff = diff_tables(old, new, ["番号"])
    assert (diff["added"], diff["removed"], diff["changed"]) == (1, 1, 1)
    assert diff["samples"]["added"][0]["名称"] == "新"
    assert diff["samples"]["removed"][0]["番号"] == "3"
    assert diff["samples"]["changed"] == [{"key": {"番号": "2"}, "before": {"個数": "12"}, "after": {"個数": "13"}}]


def test_whole_rows_count_how_often_they_stand_there(make_table: MakeTable) -> None:
    fields = [Field("a"), Field("b")]
    old, _ = make_table(rows=[["1", "x"], ["1", "x"], ["2", None]], fields=fields)
    new, _ = make_table(rows=[["1", "x"], ["2", "y"], ["3", "z"], ["3", "z"]], fields=fields)
    diff = diff_tables(old, new)
    assert (diff["added"], diff["removed"], diff["changed"]) == (3, 2, 0)
    assert diff["samples"]["added"] == [{"a": "2", "b": "y"}, {"a": "3", "b": "z"}]


def test_columns_that_came_and_went(make_table: MakeTable) -> None:
    old, _ = make_table(rows=[["1", "x"]], fields=[Field("a"), Field("b")])
    new, _ = make_table(rows=[["1", "y"]], fields=[Field("a"), Field("c")])
    diff = diff_tables(old, new, ["a"])
    assert (diff["columns_added"], diff["columns_removed"], diff["changed"]) == (["c"], ["b"], 0)


def test_the_same_table_has_no_difference(make_table: MakeTable) -> None:
    old, _ = make_table(label="1")
    new, _ = make_table(rows=list(reversed(TOILET_ROWS)), fields=TOILET_FIELDS, label="2")
    for key in ([], ["番号"]):
        diff = diff_tables(old, new, key)
        assert (diff["added"], diff["removed"], diff["changed"]) == (0, 0, 0)


def test_rows_that_share_a_key_in_either_table_are_compared_whole(make_table: MakeTable) -> None:
    fields = [Field("町名"), Field("人数")]
    twice = [["本町", "13"], ["中町", "13"], ["西町", "20"]]
    once = [["本町", "31"], ["中町", "32"], ["西町", "33"]]
    old, _ = make_table(rows=twice, fields=fields)
    new, _ = make_table(rows=once, fields=fields)
    for one, other in ((old, new), (new, old)):
        diff = diff_tables(one, other, ["人数"])
        assert (diff["added"], diff["removed"], diff["changed"]) == (3, 3, 0)


def test_tables_without_a_column_in_common_differ_in_all_rows(make_table: MakeTable) -> None:
    old, _ = make_table(rows=[["1"], ["2"]], fields=[Field("a")])
    new, _ = make_table(rows=[["1"], ["2"], ["3"]], fields=[Field("b")])
    diff = diff_tables(old, new, ["a"])
    assert (diff["added"], diff["removed"], diff["changed"]) == (3, 2, 0)
