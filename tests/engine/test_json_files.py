"""JSON, JSON Lines and GeoJSON as tables: literals stay as written, objects inside are columns, lists stay JSON."""

from __future__ import annotations

import json

import pytest
from engine_files import Read, codes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.errors import SeveralTables


def test_records_become_rows_and_literals_stay(read: Read) -> None:
    text = '[{"id": "01", "n": 1.50, "big": 12345678901234567890, "ok": true, "tags": ["a", 1.0], "x": null}, {"id": "02", "extra": ""}]'
    result = read(text, "a.json")
    assert result.table.column_names == ("id", "n", "big", "ok", "tags", "x", "extra")
    assert list(result.table.iter_rows()) == [
        ["01", "1.50", "12345678901234567890", "true", '["a",1.0]', None, None],
        ["02", None, None, None, None, None, None],
    ]
    assert {"nested-values", "record-members"} <= codes(result)


def test_objects_inside_records_are_columns_of_their_own_and_trees_stay(read: Read) -> None:
    result = read(
        '[{"施設": {"名称": "甲", "位置": {"lat": 1.50}}}, {"施設": null, "x": 1}, {"施設": {"電話": "0"}}]', "a.json"
    )
    assert result.table.column_names == ("施設_名称", "施設_位置_lat", "x", "施設_電話")
    assert next(result.table.iter_rows()) == ["甲", "1.50", None, None]
    tree = read('[{"a": {"b": 1}, "hours": [{"day": 1}]}, {"a": {"b": 2}, "hours": []}]', "a.json")
    assert tree.table.column_names == ("a", "hours")


def test_records_inside_an_envelope_are_found(read: Read) -> None:
    result = read('{"success": true, "result": {"total": 2, "records": [{"a": 1}, {"a": 2}]}}', "a.json")
    assert result.table.row_count == 2
    assert result.table.sheet == "result.records"


def test_two_arrays_ask_for_a_choice(read: Read) -> None:
    text = '{"wards": [{"a": 1, "b": 2}], "cities": [{"a": 3, "b": 4}]}'
    with pytest.raises(SeveralTables):
        read(text, "a.json")
    assert list(read(text, "a.json", choice="cities").table.iter_rows()) == [["3", "4"]]


def test_one_record_a_line(read: Read) -> None:
    assert read('{"a": 1}\n{"a": 2}\n{"a": 3}\n', "a.jsonl").table.row_count == 3


def _feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_points_become_coordinates(read: Read) -> None:
    point = {"type": "Point", "coordinates": [139.7, 35.6]}
    features = [_feature(point, 名称="A"), _feature(None, 名称="B")]
    result = read(json.dumps({"type": "FeatureCollection", "features": features}), "a.geojson")
    assert result.table.column_names == ("名称", "longitude", "latitude")
    assert list(result.table.iter_rows()) == [["A", "139.7", "35.6"], ["B", None, None]]


def test_shapes_stay_geojson_and_other_systems_are_not_called_degrees(read: Read) -> None:
    line = {"type": "LineString", "coordinates": [[139.70, 35.6], [139.8, 35.7]]}
    shapes = {"type": "FeatureCollection", "features": [_feature(line, 名称="A")]}
    table = read(json.dumps(shapes), "a.geojson").table
    assert json.loads(next(table.iter_rows())[1] or "") == line
    plane = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::6677"}},
        "features": [_feature({"type": "Point", "coordinates": [-7000.5, -35000.25]}, 緯度=35.1)],
    }
    result = read(json.dumps(plane), "a.geojson")
    assert result.table.column_names == ("緯度", "x", "y")
    assert "declared-crs" in codes(result)


SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=9)
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"a": SCALAR, "b": SCALAR, "key": st.integers()}), min_size=2, max_size=8))
def test_no_json_value_is_lost(read: Read, records: list[dict[str, object]]) -> None:
    def shown(value: object) -> str | None:
        if isinstance(value, bool):
            return "true" if value else "false"
        return None if value is None else str(value)

    table = read(json.dumps(records, ensure_ascii=False), "a.json").table
    assert list(table.iter_rows()) == [[shown(record[name]) for name in table.column_names] for record in records]
