"""JSON as a grid: an array of records, GeoJSON features, or one record a line; objects inside records are columns of their own, lists stay JSON text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.encoding import find_encoding
from tdpf.controlplane.preparation.engine.errors import NoTable, TooManyCells
from tdpf.controlplane.preparation.engine.faults import TOO_DEEP, damaged, met
from tdpf.controlplane.preparation.engine.grid import MemoryGrid
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.types import Note, Row

_DEGREES = ("CRS84", "4326", "6668", "6697", "4612", "4019")
_DEEPEST = 6
_MANY = 20
_NESTED = 3
_FEWEST, _LONGEST_LABEL = 3, 40
_WIDEST = 60
_MOST_SPARSE_CELLS = 8_000_000
_UNLIKE = {
    "seen_ja": "オブジェクトの並びはありますが、項目がレコードごとに違います。",
    "seen_en": "There is an array of objects, but each has members of its own.",
}


class _Literal(str):
    """A number as it is written in the file."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class JsonTable:
    """One array of records of a JSON file: where it stands ("$.result.records"), as a grid whose row 0 is the header."""

    place: str
    grid: MemoryGrid
    remarks: tuple[Note, ...]


def open_json(path: Path, *, name: str) -> tuple[str, list[JsonTable]]:
    """Return the encoding and the tables of a JSON file; raises Damaged or NoTable."""
    encoding = find_encoding(path, name=name)
    text = path.read_text(encoding=encoding.codec, errors="replace")
    try:
        document = _parse(text)
    except RecursionError as fault:
        raise damaged(name, "JSON", TOO_DEEP) from fault
    except json.JSONDecodeError as fault:
        lines = _record_lines(text)
        if lines is None:
            raise met(name, "JSON", fault) from fault
        document = lines
    arrays = list(_arrays(document, "$", 0))
    tables = [_table(place, records, document, name) for place, records in arrays if _share_members(records)]
    if not tables:
        raise NoTable(file=name, **(_UNLIKE if arrays else _seen(document)))
    if encoding.misfits:
        broken = note("unreadable-characters", level="warning", count=encoding.misfits)
        tables = [replace(table, remarks=(*table.remarks, broken)) for table in tables]
    return encoding.label, tables


def _share_members(records: list[dict[str, Any]]) -> bool:
    """Say whether records have members in common: where each has its own, they are no rows of one table."""
    if len(records) < _MANY:
        return True
    times = Counter(member for record in records for member in record)
    return not times or max(times.values()) * 20 >= len(records)


def _parse(text: str) -> Any:
    return json.loads(text.removeprefix("\ufeff"), parse_int=_Literal, parse_float=_Literal, parse_constant=_Literal)


def _record_lines(text: str) -> list[Any] | None:
    """Return the records of JSON Lines, or None when some line is not an object."""
    records = []
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            record = _parse(line)
        except json.JSONDecodeError:
            return None
        if not isinstance(record, dict):
            return None
        records.append(record)
    return records if len(records) > 1 else None


def _arrays(value: Any, place: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield every array of objects that is not itself inside a record."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        if value and all(isinstance(entry, dict) for entry in value):
            yield place, value
    elif isinstance(value, dict):
        if value.get("type") == "FeatureCollection" and isinstance(value.get("features"), list):
            yield f"{place}.features", [entry for entry in value["features"] if isinstance(entry, dict)]
            return
        for key, entry in value.items():
            yield from _arrays(entry, f"{place}.{key}", depth + 1)


def _table(place: str, records: list[dict[str, Any]], document: Any, name: str) -> JsonTable:
    remarks: list[Note] = []
    is_features = place.endswith(".features") and all(record.get("type") == "Feature" for record in records)
    flat = _opened(_flat_features(records, document, remarks) if is_features else records)
    names: dict[str, None] = {}
    for record in flat:
        names.update(dict.fromkeys(record))
    columns = list(names)
    cells = len(flat) * len(columns)
    if cells > _MOST_SPARSE_CELLS and sum(map(len, flat)) * 20 < cells:
        raise TooManyCells(file=name, limit=_MOST_SPARSE_CELLS)
    labels = _labels(document, columns, 0)
    if labels:
        told = "、".join(f"{member}＝{labels[member]}" for member in columns if member in labels)
        remarks.append(note("members-labelled", where=place, text=told))
    rows: list[Row] = [[labels.get(column, column) for column in columns]]
    lacking = 0
    nested: dict[str, None] = {}
    for record in flat:
        row: Row = []
        for column in columns:
            value = record.get(column)
            if isinstance(value, dict | list):
                nested[column] = None
            row.append(_shown(value))
        lacking += len(record) < len(columns)
        rows.append(row)
    if lacking:
        remarks.append(note("record-members", where=place, count=lacking))
    remarks.extend(note("nested-values", where=column, name=column) for column in nested if column != "geometry")
    outside = _outside(document)
    if outside:
        remarks.append(note("outside-records", text=outside))
    return JsonTable(place, MemoryGrid(place.removeprefix("$").strip("."), rows), tuple(remarks))


def _labels(value: Any, columns: Sequence[str], depth: int) -> dict[str, str]:
    """Return what the file itself says that the members of its records are called: {"opening_time": "開館時間"} beside them."""
    if depth > _NESTED or not isinstance(value, dict):
        return {}
    said = {
        key: entry.strip() for key, entry in value.items() if isinstance(entry, str) and not isinstance(entry, _Literal)
    }
    if (
        len(said) == len(value) >= _FEWEST
        and len(set(columns) & said.keys()) * 10 >= len(columns) * 8
        and len(said.keys() & set(columns)) * 10 >= len(said) * 8
        and len(set(said.values())) == len(said)
        and all(0 < len(label) <= _LONGEST_LABEL for label in said.values())
        and sum(not label.isascii() for label in said.values()) * 2 > len(said)
    ):
        return said if not set(said.values()) & (set(columns) - said.keys()) else {}
    return next((found for entry in value.values() if (found := _labels(entry, columns, depth + 1))), {})


def _opened(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return records with objects opened into members of their own (施設_名称).

    A shape, what is an object only here and there, and records that hold lists of objects (a tree, no row) stay as they are.
    """
    if any(
        isinstance(value, list) and any(isinstance(entry, dict) for entry in value)
        for record in records
        for value in record.values()
    ):
        return records
    for _ in range(_NESTED):
        nested = {key for record in records for key, value in record.items() if isinstance(value, dict)}
        inner = {
            key: {name for record in records if isinstance(entry := record.get(key), dict) for name in entry}
            for key in nested
        }
        taken = {key for record in records for key in record}
        opens = {
            key
            for key, names in inner.items()
            if all(isinstance(record.get(key), dict | None) for record in records)
            and 0 < len(names) <= _WIDEST
            and not {"coordinates", "geometries"} & names
            and not any(f"{key}_{name}" in taken for name in names)
        }
        if not opens:
            break
        records = [
            {
                name: value
                for key, entry in record.items()
                for name, value in (
                    ((f"{key}_{own}", inside) for own, inside in (entry or {}).items())
                    if key in opens
                    else ((key, entry),)
                )
            }
            for record in records
        ]
    return records


def _flat_features(records: list[dict[str, Any]], document: Any, remarks: list[Note]) -> list[dict[str, Any]]:
    properties = [record.get("properties") or {} for record in records]
    taken = {key for entry in properties for key in entry}
    points = all(_is_point(record.get("geometry")) for record in records)
    some = not points and any(_is_point(shape) for record in records if (shape := record.get("geometry")))
    crs = _declared_crs(document)
    degrees = not crs or any(known in crs for known in _DEGREES)
    x, y = ("longitude", "latitude") if degrees else ("x", "y")
    x, y, z = (_free(wanted, taken) for wanted in (x, y, "altitude"))
    shape = _free("geometry", taken)
    identifier = _free("id", taken)
    if crs:
        remarks.append(note("declared-crs", crs=crs, level="info" if degrees else "warning"))
    remarks.append(note("geometry-point", x=x, y=y) if points else note("geometry-text", name=shape))
    flat = []
    for record, own in zip(records, properties, strict=True):
        entry: dict[str, Any] = {}
        if record.get("id") is not None:
            entry[identifier] = record["id"]
        entry.update(own)
        geometry = record.get("geometry")
        if points:
            position = geometry["coordinates"] if geometry else []
            entry[x] = position[0] if position else None
            entry[y] = position[1] if position else None
            if len(position) > 2:
                entry[z] = position[2]
        else:
            entry[shape] = geometry
            if some:
                position = geometry["coordinates"] if geometry and _is_point(geometry) else []
                entry[x] = position[0] if position else None
                entry[y] = position[1] if position else None
        flat.append(entry)
    return flat


def _is_point(geometry: Any) -> bool:
    if geometry is None:
        return True
    return (
        isinstance(geometry, dict)
        and geometry.get("type") == "Point"
        and isinstance(geometry.get("coordinates"), list)
        and len(geometry["coordinates"]) in (0, 2, 3)
    )


def _free(wanted: str, taken: set[str]) -> str:
    name = wanted
    while name in taken:
        name = f"geometry_{wanted}" if name == wanted else f"{name}_"
    return name


def _declared_crs(document: Any) -> str:
    crs = document.get("crs") if isinstance(document, dict) else None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name", "")) if isinstance(properties, dict) else ""


def _shown(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    return _as_json(value)


def _as_json(value: Any) -> str:
    """Write a value as JSON, numbers as they were written."""
    if isinstance(value, _Literal):
        return str(value)
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{_as_json(entry)}" for key, entry in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(_as_json(entry) for entry in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _outside(document: Any) -> str:
    if not isinstance(document, dict):
        return ""
    lines = [f"{key}: {_shown(value)}" for key, value in document.items() if not isinstance(value, list | dict)]
    return "\n".join(lines) if lines != ["type: FeatureCollection"] else ""


def _seen(document: Any) -> dict[str, str]:
    """Say in both languages what the file holds in place of records, with its own message if it has one."""
    if isinstance(document, dict):
        message = next(
            (str(document[key]) for key in ("message", "error", "detail") if isinstance(document.get(key), str)), ""
        )
        members = _members(list(document))
        said_ja = f"ファイルには「{message}」とあります。" if message else ""
        said_en = f" The file says: “{message}”" if message else ""
        return {
            "seen_ja": f"項目（{members}）はありますが、レコードの配列がありません。{said_ja}",
            "seen_en": f"It has members ({members}) but no array of records.{said_en}",
        }
    return {"seen_ja": "オブジェクトの配列ではありません。", "seen_en": "It is not an array of objects."}


def _members(keys: Sequence[str]) -> str:
    shown = ", ".join(keys[:8])
    return f"{shown}, …" if len(keys) > 8 else shown
