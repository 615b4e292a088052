"""Building: nothing is destroyed, nothing is half written."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import orjson
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toilet_table import TOILET_FIELDS, TOILET_ROWS, MakeTable

from tdpf.kit.hashing import sha256_hex
from tdpf.tables.build import build_table, rebuild_table
from tdpf.tables.errors import (
    DuplicateColumn,
    EmptyColumnName,
    KeyEmpty,
    KeyNotUnique,
    NoColumns,
    RowTooLong,
    TableDamaged,
    TooManyColumns,
    UnknownKeyColumn,
)
from tdpf.tables.identity import table_folder, table_identity
from tdpf.tables.read import Form, RowsFile, Selection
from tdpf.tables.types import FIELD_TYPES, Field, Located, find_located, manifest_from_dict
from tdpf.tables.verify import verify_table


def rows_of(folder: Path) -> list[dict[str, object]]:
    rows = RowsFile(folder)
    rows.allow()
    return orjson.loads(b"[" + rows.page(Selection(), Form())[1] + b"]")


def test_json_keeps_every_value(make_table: MakeTable) -> None:
    folder, manifest = make_table()
    rows = rows_of(folder)
    assert rows[0] == {
        "番号": 1,
        "名称": "中央公園",
        "地域コード": "013101",
        "緯度": 35.6895,
        "経度": 139.6917,
        "設置日": "2019-04-01",
        "個数": 3,
        "車椅子": True,
        "更新": "2024-01-31T10:00:00",
    }
    assert rows[1]["名称"] == 'いわゆる"駅前"\tトイレ'
    assert (rows[2]["個数"], rows[3]["個数"], rows[4]["個数"]) == ("不明", "007", "1,234")
    assert (rows[2]["車椅子"], rows[3]["車椅子"]) == (None, "有")
    facts = dict(zip(manifest.column_names, manifest.columns, strict=True))
    assert (facts["個数"].as_text, facts["設置日"].as_text, facts["更新"].as_text) == (3, 2, 1)
    assert (facts["名称"].nulls, facts["緯度"].nulls) == (1, 1)


def test_trailing_zeros_survive_in_json(make_table: MakeTable) -> None:
    folder, _ = make_table()
    rows = RowsFile(folder)
    rows.allow()
    assert '"緯度":35.70,' in (rows.one("2", Form()) or b"").decode()


def test_csv_is_byte_true(make_table: MakeTable) -> None:
    folder, _ = make_table()
    text = (folder / "data.csv").read_bytes().decode()
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == [field.name for field in TOILET_FIELDS]
    assert read[1:] == [[value or "" for value in row] for row in TOILET_ROWS]
    assert text.count("\r\n") == len(TOILET_ROWS) + 1


def test_parquet_is_typed_where_every_cell_is(make_table: MakeTable) -> None:
    folder, _ = make_table()
    frame = pl.read_parquet(folder / "data.parquet")
    assert frame.schema["番号"] == pl.Int64
    assert frame.schema["緯度"] == pl.Float64
    assert frame.schema["地域コード"] == pl.String
    assert frame.schema["個数"] == pl.String, "one cell is not a number, so none is changed"
    assert frame["個数"].to_list() == ["3", "12", "不明", "007", "1,234"]


def test_places_only_where_both_are_valid(make_table: MakeTable) -> None:
    folder, manifest = make_table()
    assert manifest.located == Located("緯度", "経度")
    rows = RowsFile(folder)
    rows.allow()
    features = orjson.loads(b"[" + rows.page(Selection(), Form("feature"))[1] + b"]")
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [139.6917, 35.6895]}
    assert [feature["geometry"] is None for feature in features] == [False, False, False, True, True]


def test_same_identity_is_no_work(tmp_path: Path) -> None:
    first = build_table([["1"]], [Field("a")], out_root=tmp_path, identity="ab" * 32)

    def never() -> object:
        raise AssertionError("the rows were read again")
        yield

    again = build_table(never(), [Field("a")], out_root=tmp_path, identity="ab" * 32)  # type: ignore[arg-type]
    assert again == first


def test_a_broken_folder_is_built_anew(tmp_path: Path) -> None:
    build_table([["1"]], [Field("a")], out_root=tmp_path, identity="ab" * 32)
    folder = table_folder(tmp_path, "ab" * 32)
    (folder / "rows.sqlite").write_bytes(b"")
    build_table([["1"]], [Field("a")], out_root=tmp_path, identity="ab" * 32)
    assert verify_table(folder) == []


@pytest.mark.parametrize(
    ("rows", "fields", "key", "problem"),
    [
        ([["1", "2"]], [Field("a"), Field("a")], [], DuplicateColumn),
        ([["1", "2"]], [Field("が"), Field("か\u3099")], [], DuplicateColumn),
        ([["1"]], [Field(" ")], [], EmptyColumnName),
        ([], [], [], NoColumns),
        ([], [Field(f"c{number}") for number in range(1001)], [], TooManyColumns),
        ([["1", "2"]], [Field("a")], [], RowTooLong),
        ([["1"]], [Field("a")], ["b"], UnknownKeyColumn),
        ([["1"], ["1"]], [Field("a")], ["a"], KeyNotUnique),
        ([["1"], [None]], [Field("a")], ["a"], KeyEmpty),
    ],
)
def test_refusals_leave_nothing_behind(
    tmp_path: Path, rows: list[list[str | None]], fields: list[Field], key: list[str], problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        build_table(rows, fields, out_root=tmp_path, identity="ab" * 32, key_columns=key)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_source_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    def breaks() -> object:
        yield ["1"]
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"):
        build_table(breaks(), [Field("a")], out_root=tmp_path, identity="ab" * 32)  # type: ignore[arg-type]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_empty_table_is_a_table(make_table: MakeTable) -> None:
    folder, manifest = make_table(rows=[])
    assert manifest.rows == 0
    assert rows_of(folder) == []
    assert verify_table(folder) == []


def test_short_rows_are_filled_and_long_ones_with_nothing_in_them_are_cut(make_table: MakeTable) -> None:
    folder, _ = make_table(rows=[["1"], ["2", "x", "", None]], fields=[Field("a"), Field("b")])
    assert rows_of(folder) == [{"a": "1", "b": None}, {"a": "2", "b": "x"}]


def test_manifest_reads_back(make_table: MakeTable) -> None:
    _, manifest = make_table(key=["番号"])
    assert manifest_from_dict(orjson.loads(orjson.dumps(manifest.as_dict()))) == manifest


def test_corruption_is_seen(make_table: MakeTable) -> None:
    folder, _ = make_table()
    assert verify_table(folder) == []
    path = folder / "rows.sqlite"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert [(fault.file, fault.what) for fault in verify_table(folder)] == [("rows.sqlite", "checksum differs")]
    path.write_bytes(data[:-1])
    assert "bytes instead of" in verify_table(folder)[0].what
    path.unlink()
    assert verify_table(folder)[0].what == "missing"


def test_a_damaged_table_is_rebuilt_from_its_csv(make_table: MakeTable) -> None:
    folder, manifest = make_table(key=["番号"])
    before = rows_of(folder)
    for file in ("rows.sqlite", "data.parquet"):
        (folder / file).write_bytes(b"\xff" * (folder / file).stat().st_size)
    again = rebuild_table(folder)
    assert verify_table(folder) == []
    assert rows_of(folder) == before
    assert (again.identity, again.columns, again.key_columns) == (manifest.identity, manifest.columns, ("番号",))
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    (folder / "data.csv").write_bytes(b"x")
    with pytest.raises(TableDamaged):
        rebuild_table(folder)


def test_identity_depends_on_all_three() -> None:
    whole = table_identity("aa", {"sheet": 1, "header": 2}, [{"name": "x"}])
    assert whole == table_identity("aa", {"header": 2, "sheet": 1}, [{"name": "x"}])
    others = [
        table_identity("ab", {"sheet": 1, "header": 2}, [{"name": "x"}]),
        table_identity("aa", {"sheet": 2, "header": 2}, [{"name": "x"}]),
        table_identity("aa", {"sheet": 1, "header": 2}, [{"name": "y"}]),
    ]
    assert len({whole, *others}) == 4


def test_located_needs_exactly_one_pair_of_numbers() -> None:
    assert find_located([Field("緯度", "number"), Field("経度", "number")]) == Located("緯度", "経度")
    assert find_located([Field("Lat", "number"), Field("LNG", "number")]) == Located("Lat", "LNG")
    assert find_located([Field("緯度"), Field("経度")]) is None
    assert find_located([Field("緯度", "number"), Field("lat", "number"), Field("経度", "number")]) is None


cell = st.one_of(
    st.none(),
    st.text(max_size=12).filter(bool),
    st.integers(-(10**16), 10**16).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.sampled_from(
        ["true", "false", "TRUE", "-0", "1e400", "007", "1.50", "\x00", '"', "\\", "\t", "\r\n", ",", "' '"]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    types=st.lists(st.sampled_from(FIELD_TYPES), min_size=1, max_size=4),
    data=st.data(),
    headers=st.lists(st.text(min_size=1, max_size=5), min_size=4, max_size=4),
)
def test_any_text_comes_back(tmp_path: Path, types: list[str], data: st.DataObject, headers: list[str]) -> None:
    rows = data.draw(st.lists(st.lists(cell, min_size=len(types), max_size=len(types)), max_size=6))
    fields = [
        Field(f"{header}{position}", kind)  # type: ignore[arg-type]  # drawn from the types
        for position, (header, kind) in enumerate(zip(headers, types, strict=False))
    ]
    identity = sha256_hex(repr((rows, fields)).encode())
    manifest = build_table(rows, fields, out_root=tmp_path, identity=identity)
    folder = table_folder(tmp_path, identity)
    source = RowsFile(folder)
    source.allow()
    got = [row for _, data in source.stream(Selection(), Form()) for row in orjson.loads(b"[" + data + b"]")]
    assert len(got) == len(rows)
    for row, found in zip(rows, got, strict=True):
        for field, value in zip(manifest.fields, row, strict=True):
            answer = found[field.name]
            if isinstance(answer, bool):
                assert str(answer).lower() == value
            elif isinstance(answer, (int, float)):
                assert answer == float(value or "nan")
                assert field.type in ("integer", "number")
            else:
                assert answer == (value or None)
    text = (folder / "data.csv").read_bytes().decode()
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[1:] == [[value or "" for value in row] for row in rows]
