"""Rows of files as others keep them: CSV, JSON, lines of JSON, Parquet; each value as the text of a cell."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import orjson
import polars as pl

from tdpf.tables import gtfs_rt
from tdpf.tables.types import FieldType
from tdpf.tables.values import DATE, INTEGER, NAIVE_DATETIME, NUMBER, ZONED_DATETIME

FileFormat = Literal[
    "csv", "json", "ndjson", "parquet", "gtfs_rt_vehicles", "gtfs_rt_trips", "gtfs_rt_alerts"
]  # fmt: skip
_LOOKED_AT = 500
_LONG = r"^-?[1-9][0-9]{15}"
_BATCH = 10_000


class Unreadable(Exception):
    """The file cannot be read as it was described; `ja` and `en` say why."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja = ja
        self.en = en


def rows_of(
    path: Path, kind: FileFormat, columns: Sequence[str], *, encoding: str = "utf-8", rows_at: str = ""
) -> Iterator[list[str | None]]:
    """Yield the rows of a file with the named columns in order; raises Unreadable."""
    match kind:
        case "csv":
            yield from _csv_rows(path, columns, encoding)
        case "parquet":
            yield from _parquet_rows(path, columns)
        case "gtfs_rt_vehicles" | "gtfs_rt_trips" | "gtfs_rt_alerts":
            _places([name for name, _ in gtfs_rt.COLUMNS[kind]], columns)
            yield from ([text_of(row.get(name)) for name in columns] for row in _feed_rows(path, kind))
        case _:
            for number, row in enumerate(_objects(path, kind, rows_at), start=1):
                if not isinstance(row, dict):
                    raise Unreadable(f"{number}番目の行がオブジェクトではありません", f"row {number} is not an object")
                yield [text_of(row.get(name)) for name in columns]


def columns_of(
    path: Path, kind: FileFormat, *, encoding: str = "utf-8", rows_at: str = ""
) -> list[tuple[str, FieldType]]:
    """Return the names of a file's columns, and the types that their first values fit; raises Unreadable."""
    match kind:
        case "csv":
            with path.open(encoding=_codec(encoding), newline="") as stream:
                names = _decoded(lambda: next(csv.reader(stream), []))
        case "parquet":
            names = list(_schema(path))
        case "gtfs_rt_vehicles" | "gtfs_rt_trips" | "gtfs_rt_alerts":
            _told(lambda: gtfs_rt.must_hold(path, kind))
            return list(gtfs_rt.COLUMNS[kind])
        case _:
            found: dict[str, None] = {}
            for row in islice(_objects(path, kind, rows_at), _LOOKED_AT):
                found.update(dict.fromkeys(row if isinstance(row, dict) else ()))
            names = list(found)
    if not names or len(set(names)) != len(names):
        raise Unreadable("列の名前がないか、重なっています", "column names are missing or repeated")
    looked = list(islice(rows_of(path, kind, names, encoding=encoding, rows_at=rows_at), _LOOKED_AT))
    return [(name, _type_of([row[position] for row in looked])) for position, name in enumerate(names)]


def _feed_rows(path: Path, feed: gtfs_rt.Feed) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _told(lambda: list(gtfs_rt.rows_of_feed(path, feed)))
    return found


def _told(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except gtfs_rt.NotAFeed as fault:
        raise Unreadable(fault.ja, fault.en) from None


def text_of(value: Any) -> str | None:
    """Return a value as the text of a cell; None for an empty one."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value) if value != int(value) or abs(value) > 1e15 else str(int(value)) if value == value else None
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict | list):
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _csv_rows(path: Path, columns: Sequence[str], encoding: str) -> Iterator[list[str | None]]:
    with path.open(encoding=_codec(encoding), newline="") as stream:
        reader = csv.reader(stream)
        names = _decoded(lambda: next(reader, []))
        places = _places(names, columns)
        while True:
            row = _decoded(lambda: next(reader, None))
            if row is None:
                return
            if row:
                yield [row[place] or None if place < len(row) else None for place in places]


def _decoded(read: Any) -> Any:
    try:
        return read()
    except UnicodeDecodeError as fault:
        raise Unreadable(f"文字コードが合いません（{fault.encoding}）", f"it is not {fault.encoding}") from None
    except csv.Error as fault:
        raise Unreadable("CSVとして読めません", f"it is not CSV ({fault})") from None


def _codec(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _places(names: Sequence[str], columns: Sequence[str]) -> list[int]:
    known = {name.strip(): place for place, name in reversed(list(enumerate(names)))}
    missing = [name for name in columns if name not in known]
    if missing:
        raise Unreadable(f"列「{missing[0][:60]}」がありません", f"it has no column “{missing[0][:60]}”")
    return [known[name] for name in columns]


def _schema(path: Path) -> dict[str, Any]:
    try:
        return dict(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise Unreadable("Parquetとして読めません", f"it is not Parquet ({type(fault).__name__})") from None


def _parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[list[str | None]]:
    names = list(_schema(path))
    _places(names, columns)
    try:
        lazy = pl.scan_parquet(path, glob=False).select(list(columns))
        for frame in lazy.collect_batches(maintain_order=True, chunk_size=_BATCH):
            for row in frame.iter_rows():
                yield [text_of(value) for value in row]
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise Unreadable("Parquetとして読めません", f"it is not Parquet ({type(fault).__name__})") from None


def _objects(path: Path, kind: FileFormat, rows_at: str) -> Iterator[Any]:
    try:
        if kind == "ndjson":
            with path.open("rb") as stream:
                for line in stream:
                    if line.strip():
                        yield orjson.loads(line)
            return
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as fault:
        raise Unreadable("JSONとして読めません", f"it is not JSON ({fault})"[:200]) from None
    for name in [name for name in rows_at.split(".") if name]:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, list):
        raise Unreadable("行の並び（配列）が見つかりません", "there is no list of rows")
    yield from found


def _type_of(values: Sequence[str | None]) -> FieldType:
    texts = [value for value in values if value is not None]
    kinds: tuple[tuple[FieldType, str], ...] = (
        ("integer", INTEGER), ("number", NUMBER), ("boolean", r"^(true|false)$"), ("date", DATE),
        ("datetime", f"{NAIVE_DATETIME}|{ZONED_DATETIME}"),
    )  # fmt: skip
    for kind, pattern in kinds:
        # A whole number of more digits than a floating-point number holds names something; as a number it would be rounded.
        rounded = kind == "number" and any(re.match(_LONG, text) for text in texts)
        if texts and not rounded and all(re.match(pattern, text) for text in texts):
            return kind
    return "string"
