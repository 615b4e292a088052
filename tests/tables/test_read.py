"""Reading: conditions, order, pages, projection, places, budgets."""

from __future__ import annotations

import apsw
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toilet_table import MakeTable

from tdpf.tables.conditions import (
    EVERY_ROW,
    Condition,
    all_of,
    between,
    compare,
    in_time,
    inside,
    is_empty,
    like,
    negated,
    one_of,
)
from tdpf.tables.errors import NotForThisColumn, TableDamaged, TableMissing, WrongLiteral
from tdpf.tables.places import Box
from tdpf.tables.read import Form, RowsFile, Selection, TookTooLong
from tdpf.tables.splicing import template
from tdpf.tables.types import Field
from tdpf.tables.values import json_member_names
from tdpf.tables.write_formats import csv_pieces


@pytest.fixture
def toilets(make_table: MakeTable) -> RowsFile:
    folder, _ = make_table(key=["番号"])
    rows = RowsFile(folder)
    rows.allow()
    return rows


def numbers(rows: RowsFile, condition: Condition) -> list[int]:
    found = rows.numbers(Selection(condition))
    assert rows.count(condition) == len(found)
    return found


def test_comparisons_respect_types(toilets: RowsFile) -> None:
    column = toilets.columns
    assert numbers(toilets, compare(column["個数"], ">", 3)) == [2], "text cells are not greater than a number"
    assert numbers(toilets, compare(column["個数"], "=", "不明")) == [3]
    assert numbers(toilets, compare(column["個数"], "=", "12")) == [2]
    assert numbers(toilets, compare(column["地域コード"], "=", "013101")) == [1, 4, 5]
    assert numbers(toilets, compare(column["設置日"], ">=", "2020-01-01")) == [2]
    assert numbers(toilets, between(column["番号"], 2, 4)) == [2, 3, 4]
    assert numbers(toilets, one_of(column["番号"], [1.0, 5.0])) == [1, 5]
    assert numbers(toilets, is_empty(column["名称"])) == [4]
    assert numbers(toilets, negated(is_empty(column["名称"]))) == [1, 2, 3, 5]
    assert numbers(toilets, compare(column["車椅子"], "=", True)) == [1, 5]
    with pytest.raises(WrongLiteral):
        compare(column["名称"], "=", 3)
    with pytest.raises(WrongLiteral):
        compare(column["個数"], ">", "多い")
    for number in (10**400, "9" * 400, "9" * 5_000, float("nan"), float("-inf")):
        with pytest.raises(WrongLiteral):
            compare(column["個数"], ">", number)


def test_datetimes_without_a_zone_are_in_japan(toilets: RowsFile) -> None:
    column = toilets.columns["更新"]
    assert numbers(toilets, compare(column, "=", "2024-01-31T01:00:00Z")) == [1]
    assert numbers(toilets, compare(column, ">=", "2024-02-01")) == [2, 3]
    from datetime import date

    assert numbers(toilets, in_time(column, "intersects", date(2024, 1, 31), date(2024, 1, 31))) == [1]
    assert numbers(toilets, in_time(column, "after", date(2024, 1, 31), date(2024, 1, 31))) == [2, 3]
    assert numbers(toilets, in_time(column, "before", date(2024, 2, 1), None)) == [1]
    with pytest.raises(NotForThisColumn):
        in_time(toilets.columns["名称"], "after", None, None)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("中%", [1]),
        ("%園", [1]),
        ("%\\%%", []),
        ("_辺%", [3]),
        ("=1+1", [5]),
        ("%*%", []),
        ("[海]%", []),
        ("%", [1, 2, 3, 5]),
    ],
)
def test_like(toilets: RowsFile, pattern: str, expected: list[int]) -> None:
    assert numbers(toilets, like(toilets.columns["名称"], pattern)) == expected


def test_order_and_pages(toilets: RowsFile) -> None:
    by_code = ((toilets.columns["地域コード"], True), (toilets.columns["番号"], True))
    assert toilets.numbers(Selection(order=by_code)) == [3, 2, 5, 4, 1]
    assert toilets.numbers(Selection(order=by_code, limit=2, offset=1)) == [2, 5]
    count, data = toilets.page(Selection(limit=2, offset=4), Form())
    assert count == 1
    assert orjson.loads(data)["番号"] == 5


def test_a_series_is_read_without_the_rest(make_table: MakeTable) -> None:
    fields = [Field("状態"), Field("センサー", "code"), Field("時刻", "datetime")]
    cells = [["正常", f"S{n % 9}", f"2024-01-{27 - n // 9 % 27:02}T{n // 243:02}:00:00Z"] for n in range(972)]
    folder, _ = make_table(cells, fields)
    rows = RowsFile(folder)
    sensor, when = rows.columns["センサー"], rows.columns["時刻"]
    of_one, late = compare(sensor, "=", "S4"), compare(when, ">=", "2024-01-20T00:00:00Z")
    condition = all_of([of_one, late])
    for order in ((), ((when, False),), ((when, True),)):
        rows.allow(seconds=60)
        naive = [n for n, (_, one, time) in enumerate(cells, 1) if one == "S4" and time >= "2024-01-20T00:00:00Z"]
        if order:
            naive.sort(key=lambda n: (cells[n - 1][2], n), reverse=order[0][1])
        assert rows.numbers(Selection(condition, order)) == naive
    rows.close()
    base = apsw.Connection(str(folder / "rows.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
    plan = base.execute(f"EXPLAIN QUERY PLAN SELECT c.n FROM cells c WHERE {condition.sql}", condition.parameters)
    assert "INDEX series (c1=? AND c2>?)" in next(iter(plan))[3]
    other = make_table([[f"{n}", *row[1:]] for n, row in enumerate(cells[:300])], fields, label="short")[0]
    assert (
        not apsw.Connection(str(other / "rows.sqlite"))
        .execute("SELECT 1 FROM sqlite_master WHERE name = 'series'")
        .fetchone()
    )


def test_projection_cuts_without_parsing(toilets: RowsFile) -> None:
    count, data = toilets.page(Selection(limit=2), Form("row", (1, 0)))
    assert count == 2
    assert orjson.loads(b"[" + data + b"]") == [
        {"名称": "中央公園", "番号": 1},
        {"名称": 'いわゆる"駅前"\tトイレ', "番号": 2},
    ]
    hidden = orjson.loads(toilets.one("1", Form("feature", (1,), with_place=False, with_key=False)) or b"")
    assert hidden == {"type": "Feature", "id": 1, "geometry": None, "properties": {"名称": "中央公園"}}


def test_find_by_key_and_by_number(toilets: RowsFile) -> None:
    assert toilets.find("3") == 3
    assert toilets.find("03") is None
    assert toilets.find("6") is None
    assert toilets.find("2", with_key=False) == 2
    assert toilets.find("٣", with_key=False) is None


def test_keys_of_several_columns(make_table: MakeTable) -> None:
    folder, _ = make_table(rows=[["a,b", "c"], ["a", "b,c"]], fields=[Field("x"), Field("y")], key=["x", "y"])
    rows = RowsFile(folder)
    rows.allow()
    assert rows.find("a%2Cb,c") == 1
    assert rows.find("a,b%2Cc") == 2
    feature = orjson.loads(rows.one("a%2Cb,c", Form("feature")) or b"")
    assert feature["id"] == "a%2Cb,c"


def test_budget(make_table: MakeTable) -> None:
    many: list[list[str | None]] = [[str(number), "x" * (number % 7)] for number in range(60_000)]
    folder, _ = make_table(rows=many, fields=[Field("a"), Field("b")])
    rows = RowsFile(folder)
    rows.allow(looks=2)
    with pytest.raises(TookTooLong):
        rows.count(like(rows.columns["a"], "%9%9%9%"))
    rows.allow(seconds=20)
    assert rows.count(like(rows.columns["a"], "9999%")) == 1


def test_damage_is_reported(make_table: MakeTable) -> None:
    folder, _ = make_table()
    (folder / "rows.sqlite").write_bytes(b"not a database at all" * 500)
    with pytest.raises(TableDamaged):
        RowsFile(folder)
    (folder / "rows.sqlite").unlink()
    with pytest.raises(TableMissing):
        RowsFile(folder)


def test_the_file_cannot_be_written(toilets: RowsFile) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        list(toilets._db.execute("DELETE FROM rows"))


longitude = st.floats(-180, 180, allow_nan=False).map(lambda value: round(value, 3))
latitude = st.floats(-90, 90, allow_nan=False).map(lambda value: round(value, 3))
near = st.tuples(st.floats(139, 140).map(lambda value: round(value, 3)), st.floats(35, 36).map(lambda v: round(v, 3)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    points=st.lists(st.one_of(near, st.tuples(longitude, latitude)), min_size=1, max_size=120),
    boxes=st.lists(st.tuples(longitude, latitude, longitude, latitude), min_size=1, max_size=5),
)
def test_box_equals_a_naive_search(
    make_table: MakeTable, points: list[tuple[float, float]], boxes: list[tuple[float, float, float, float]]
) -> None:
    rows: list[list[str | None]] = [[f"{x:.3f}", f"{y:.3f}"] for x, y in points]
    folder, manifest = make_table(rows=rows, fields=[Field("経度", "number"), Field("緯度", "number")])
    source = RowsFile(folder)
    source.allow()
    x, y = points[0]
    for west, south, east, north in [*boxes, (x, y, x, y), (139.2, 35.2, 139.8, 35.8), (-180, -90, 180, 90)]:
        south, north = min(south, north), max(south, north)
        expected = [
            number
            for number, (px, py) in enumerate(points, start=1)
            if south <= py <= north and (west <= px <= east if west <= east else px >= west or px <= east)
        ]
        box = inside(manifest, source.grid, Box(west, south, east, north))
        assert (source.numbers(Selection(box)), source.count(box)) == (expected, len(expected))
    source.close()


def test_every_row_is_not_a_scan(toilets: RowsFile) -> None:
    assert toilets.count(EVERY_ROW) == 5


def test_names_are_put_into_stored_values() -> None:
    names = ['"a":', '"b":', '"c":']
    stored = b'1\t"x"\tnull\t2\t"y,\\t"\ttrue'
    assert template(names).rows(stored, 2) == b'{"a":1,"b":"x","c":null},{"a":2,"b":"y,\\t","c":true}'
    assert template(names, positions=(2, 0)).rows(stored, 2, b"\n") == b'{"c":null,"a":1}\n{"c":true,"a":2}'
    feature = template(names, head=('{"id":', ',"geometry":'), positions=(1,))
    assert feature.rows(b"7\tnull\t" + stored[:10], 1) == b'{"id":7,"geometry":null,"properties":{"b":"x"}}'
    assert template(names).rows(b"", 0) == b""


def test_rows_files_of_version_1_are_read(make_table: MakeTable) -> None:
    """They carry the names in every row; nothing that was published before has to be published again."""
    folder, manifest = make_table(key=["番号"])
    new = RowsFile(folder)
    new.allow()
    forms = [Form(), Form("row", (8, 0)), Form("feature"), Form("feature", (1, 2), with_key=False)]
    wanted = [new.page(Selection(), form) for form in forms]
    one, texts = new.one("2", Form()), b"".join(csv_pieces(new, Selection(), (1, 5)))
    new.close()
    with apsw.Connection(str(folder / "rows.sqlite")) as base:
        names = json_member_names(manifest.fields)
        base.create_scalar_function(
            "whole", lambda v: "{" + ",\t".join(n + p for n, p in zip(names, v.split("\t"), strict=True)) + "}", 1
        )
        base.execute("UPDATE rows SET v = whole(v)")
        base.execute("ALTER TABLE rows RENAME COLUMN v TO j; PRAGMA user_version=1")
    base.close()
    old = RowsFile(folder, manifest)
    old.allow()
    assert [old.page(Selection(), form) for form in forms] == wanted
    assert old.one("2", Form()) == one
    assert b"".join(csv_pieces(old, Selection(), (1, 5))) == texts
