"""Rows of others sifted and sorted here, in the words of published tables: for places that cannot say all that is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import apsw

from tdpf.dataplane.delivery.connectors.asked import Row
from tdpf.dataplane.delivery.connectors.writing import text_of
from tdpf.tables.conditions import Column, Condition, stored_value

Order = Sequence[tuple[Column, bool]]


def sifted(rows: Sequence[Row], columns: Sequence[Column], condition: Condition, order: Order = ()) -> list[Row]:
    """Return the rows that a condition of `tables.conditions` holds for, in order; a row has a value for each column.

    A value that is not of its column's type is a text there, as in rows files: no number and no moment is like it.
    """
    if not condition.sql and not order:
        return list(rows)
    names = ", ".join(f"c{column.position}" for column in columns)
    marks = ", ".join("?" * (len(columns) + 1))
    keys = ", ".join(term for column, descending in order for term in column.sorted_by(descending=descending))
    ordered = f" ORDER BY {keys}, c.n" if keys else " ORDER BY c.n"
    where = f" WHERE {condition.sql}" if condition.sql else ""
    with closing(apsw.Connection(":memory:")) as memory:
        memory.execute(f"CREATE TABLE cells(n INTEGER PRIMARY KEY, {names})")
        # Columns stand by their position, and every value goes beside the text.
        memory.executemany(
            f"INSERT INTO cells VALUES({marks})",
            ((number, *map(_stored, row, columns)) for number, row in enumerate(rows)),
        )
        found = memory.execute(f"SELECT c.n FROM cells c{where}{ordered}", condition.parameters)  # noqa: S608  see above
        return [rows[number] for (number,) in found]


def _stored(value: Any, column: Column) -> Any:
    kind = column.field.type
    if value is None:
        return None
    if kind == "boolean" and isinstance(value, bool):
        return int(value)
    if kind in ("integer", "number") and type(value) in (int, float):
        return value if abs(value) < 2**62 else float(value) if math.isfinite(value) else None
    if kind in ("date", "datetime") and isinstance(value, str):
        return stored_value(column, value, exact=True)
    return text_of(value)
