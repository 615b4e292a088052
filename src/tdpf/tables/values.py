"""How the text of a cell becomes a value, a JSON value, and never something else than it was.

A value is typed only where its text is already the canonical way to write it: `1.50` stays `1.50` in JSON, `007` and
`1,234` stay strings in a number column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl

from tdpf.tables.types import ORDERED_TYPES, Field

INTEGER = r"^(0|-?[1-9][0-9]{0,14})$"
NUMBER = r"^-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NAIVE_DATETIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$"
ZONED_DATETIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})$"
)
_NEEDS_ESCAPE = r'["\\\x00-\x1f]'
_JST_MICROSECONDS = 9 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """One column of a chunk: `cells` for the rows file (numbers, or text where not of the type), `json` the JSON values
    (`null` for empty), `texts` as they came, how many are empty and how many were kept as text."""

    cells: list[Any]
    json: pl.Series
    texts: pl.Series
    nulls: int
    as_text: int


def type_column(field: Field, texts: pl.Series) -> TypedColumn:
    """Return the values of one column; `texts` is a series of strings with null for empty."""
    nulls = texts.null_count()
    if field.type not in ORDERED_TYPES:
        return TypedColumn(texts.to_list(), _json_strings(texts), texts, nulls, 0)
    typed = _ordered(field, texts)
    kept = int((typed.is_null() & texts.is_not_null()).sum())
    cells = typed.to_list()
    if kept:
        cells = [text if value is None else value for value, text in zip(cells, texts.to_list(), strict=True)]
    if field.type in ("date", "datetime"):
        json = _json_strings(texts)
    elif kept:
        quoted = _json_strings(texts)
        json = pl.select(pl.when(typed.is_not_null()).then(texts).otherwise(quoted)).to_series().fill_null("null")
    else:
        json = texts.fill_null("null")
    return TypedColumn(cells, json, texts, nulls, kept)


def _ordered(field: Field, texts: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"t": texts})
    return frame.select(ordered_expression(field, pl.col("t")).alias("v")).to_series()


def ordered_expression(field: Field, texts: pl.Expr) -> pl.Expr:
    """Return the expression for the number a text stands for in the rows file; null where the text is not canonical."""
    match field.type:
        case "integer":
            return pl.when(texts.str.contains(INTEGER)).then(texts).cast(pl.Int64, strict=False)
        case "number":
            value = pl.when(texts.str.contains(NUMBER)).then(texts).cast(pl.Float64, strict=False)
            return pl.when(value.is_finite()).then(value)
        case "boolean":
            return pl.when(texts == "true").then(1).when(texts == "false").then(0).otherwise(None)
        case "date":
            return _dates(texts).cast(pl.Int32).cast(pl.Int64)
        case "datetime":
            return _instants(texts)
        case _:
            raise ValueError(f"{field.type} has no order of its own")


def parquet_expression(field: Field, facts_as_text: int, column: pl.Expr) -> pl.Expr:
    """Return the typed column for Parquet, or the text where even one cell is not of the type."""
    if facts_as_text or field.type not in ("integer", "number", "boolean", "date"):
        return column
    match field.type:
        case "integer":
            return column.cast(pl.Int64)
        case "number":
            return column.cast(pl.Float64)
        case "boolean":
            return column == "true"
        case _:
            return _dates(column)


def _dates(texts: pl.Expr) -> pl.Expr:
    return pl.when(texts.str.contains(DATE)).then(texts).str.to_date("%Y-%m-%d", strict=False)


def _instants(texts: pl.Expr) -> pl.Expr:
    """Microseconds since 1970 in UTC; a time without a zone is a time in Japan."""
    iso = texts.str.replace(" ", "T", literal=True)
    iso = (
        pl.when(iso.str.contains(r"T[0-9]{2}:[0-9]{2}(Z|[+-]|$)"))
        .then(iso.str.replace(r"T([0-9]{2}:[0-9]{2})", "T${1}:00"))
        .otherwise(iso)
    )
    naive = (
        pl.when(texts.str.contains(NAIVE_DATETIME))
        .then(iso)
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    )
    offset = iso.str.replace("Z$", "+00:00").str.replace(r"([+-][0-9]{2})([0-9]{2})$", "${1}:${2}")
    zoned = (
        pl.when(texts.str.contains(ZONED_DATETIME))
        .then(offset)
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us", time_zone="UTC")
    )
    return pl.coalesce(naive.cast(pl.Int64) - _JST_MICROSECONDS, zoned.cast(pl.Int64))


def _json_strings(texts: pl.Series) -> pl.Series:
    if texts.null_count() == len(texts):
        return pl.Series(["null"], dtype=pl.String).new_from_index(0, len(texts))
    if texts.str.contains(_NEEDS_ESCAPE).any():
        return pl.Series([orjson.dumps(text).decode() for text in texts.to_list()], dtype=pl.String)
    return ('"' + texts + '"').fill_null("null")


def json_member_names(fields: tuple[Field, ...]) -> list[str]:
    """Return each column's `"name":` as it stands in a ready-made row."""
    return [orjson.dumps(field.name).decode() + ":" for field in fields]
