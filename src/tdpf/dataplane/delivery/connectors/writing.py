"""Rows of connected tables as JSON, GeoJSON, CSV and lines of JSON: each value as its stated type has it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson

from tdpf.dataplane.delivery.connectors.asked import Row
from tdpf.tables.conditions import Column
from tdpf.tables.types import Located

_LARGEST = 2**63 - 1


def plain(value: Any, column: Column) -> Any:
    """Return a value as it stands in JSON."""
    if value is None:
        return None
    kind = column.field.type
    if kind in ("string", "code"):
        return text_of(value)
    if isinstance(value, bool):
        return value
    if kind == "boolean" and value in (0, 1):
        return bool(value)
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else orjson.Fragment(str(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}") if value.is_finite() else None
    return text_of(value)


def text_of(value: Any) -> str:
    """Return a value as the text of a cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        whole = int(value.total_seconds())
        return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    if isinstance(value, dict | list):
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)


def row_objects(rows: Sequence[Row], columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return rows as objects."""
    names = [column.field.name for column in columns]
    return [
        {name: plain(value, column) for name, value, column in zip(names, row, columns, strict=True)} for row in rows
    ]


def features(
    rows: Sequence[Row], columns: Sequence[Column], shown: int, key: Sequence[str], located: Located | None
) -> list[dict[str, Any]]:
    """Return rows as GeoJSON features; the first `shown` columns are their properties, the others carry key and place."""
    found = []
    names = [column.field.name for column in columns]
    for values in rows:
        raw = dict(zip(names, values, strict=True))
        place = None
        if located is not None:
            latitude, longitude = _number(raw.get(located.latitude)), _number(raw.get(located.longitude))
            if latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180:
                place = {"type": "Point", "coordinates": [longitude, latitude]}
        made: dict[str, Any] = {"type": "Feature"}
        if key and all(raw.get(name) is not None for name in key):
            whole = len(key) == 1 and isinstance(raw[key[0]], int)
            made["id"] = raw[key[0]] if whole else feature_id([raw[name] for name in key])
        [properties] = row_objects([values[:shown]], columns[:shown])
        found.append({**made, "geometry": place, "properties": properties})
    return found


def feature_id(values: Sequence[Any]) -> str:
    """Return the id of a row by its key's values."""
    texts = [text_of(value) for value in values]
    return texts[0] if len(texts) == 1 else ",".join(one.replace("%", "%25").replace(",", "%2C") for one in texts)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def csv_pieces(batches: Iterator[list[Row]], columns: Sequence[Column]) -> Iterator[bytes]:
    """Yield CSV (UTF-8, CRLF, header first)."""
    yield _csv_lines([[column.field.name for column in columns]])
    for batch in batches:
        yield _csv_lines([[_cell(*pair) for pair in zip(row, columns, strict=True)] for row in batch])


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return ""
    return text_of(bool(value) if column.field.type == "boolean" and value in (0, 1) else value)


def _csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def ndjson_pieces(batches: Iterator[list[Row]], columns: Sequence[Column]) -> Iterator[bytes]:
    """Yield one JSON object a line."""
    for batch in batches:
        yield b"".join(orjson.dumps(row) + b"\n" for row in row_objects(batch, columns))
