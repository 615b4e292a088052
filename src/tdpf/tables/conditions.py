"""Conditions over a rows file: a closed set of building blocks, each giving SQL with its values as parameters.

Column names never enter the SQL: a column is `c.c0`, `c.c1` … by its position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from tdpf.kit.clock import JST, jst_midnight
from tdpf.tables import long_numbers
from tdpf.tables.errors import NotForThisColumn, WrongLiteral
from tdpf.tables.places import Box, Cells, Grid, cells_of, share_of_points
from tdpf.tables.types import ORDERED_TYPES, ColumnFacts, Field, TableManifest

Stored = int | float | str
Comparison = Literal["=", "<>", "<", "<=", ">", ">="]
Moment = Literal["after", "before", "equals", "during", "intersects", "disjoint"]

_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_SMALL_SHARE = 0.05
_FEW_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean SQL expression over `cells c` with its parameters; `EVERY_ROW` has no SQL.

    `numbers` is SQL with the same parameters that gives the numbers `n` of the rows without looking at their cells, each once;
    empty where the cells must be looked at.
    """

    sql: str
    parameters: tuple[object, ...] = ()
    numbers: str = field(default="", kw_only=True)


EVERY_ROW = Condition("")
NO_ROW = Condition("0")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a rows file."""

    position: int
    field: Field
    facts: ColumnFacts

    @property
    def sql(self) -> str:
        """The column in SQL."""
        return f"c.c{self.position}"

    @property
    def is_ordered(self) -> bool:
        """Whether typed values are numbers in the rows file."""
        return self.field.type in ORDERED_TYPES

    @property
    def may_be_long(self) -> bool:
        """Whether cells may be whole numbers that were kept as text."""
        return self.field.type == "integer" and self.facts.as_text > 0

    def sorted_by(self, *, descending: bool) -> list[str]:
        """Return the terms of an ORDER BY."""
        if self.may_be_long:
            return long_numbers.sorted_by(self.sql, descending=descending)
        return [f"{self.sql} {'DESC' if descending else 'ASC'}"]


def columns_of(manifest: TableManifest) -> dict[str, Column]:
    """Return the table's columns by name."""
    pairs = zip(manifest.fields, manifest.columns, strict=True)
    return {field.name: Column(position, field, facts) for position, (field, facts) in enumerate(pairs)}


def stored_value(column: Column, literal: object, *, exact: bool = False) -> Stored:
    """Return the literal as it stands in the rows file; raises WrongLiteral.

    Literals: str, int, float, bool, date, datetime (without a zone: in Japan). With `exact`, a string that is not of the
    column's type is taken as the text of a cell that was kept as text.
    """
    match column.field.type, literal:
        case (("integer" | "number"), bool()):
            raise _wrong(column, literal)
        case "integer", int() if exact and abs(literal) >= long_numbers.LEAST:
            return str(literal)
        case "number", int() if abs(literal) >= long_numbers.LEAST:
            return _number(column, float(literal))
        case (("integer" | "number"), (int() | float())):
            return _number(column, literal)
        case (("integer" | "number"), str()):
            try:
                return _number(column, float(literal) if not literal.lstrip("-").isdecimal() else int(literal))
            except ValueError:
                return _text(column, literal, exact)
        case "boolean", bool():
            return int(literal)
        case "boolean", str():
            known = {"true": 1, "false": 0}
            return known[literal] if literal in known else _text(column, literal, exact)
        case "date", (date() | str()):
            moment = _moment(literal)
            if moment is None:
                return _text(column, literal, exact)
            return (_day_of(moment) - _EPOCH_DAY).days
        case "datetime", (date() | str()):
            moment = _moment(literal)
            return _text(column, literal, exact) if moment is None else _instant(moment)
        case (("string" | "code" | "time"), str()):
            return literal
    raise _wrong(column, literal)


def _number(column: Column, value: float) -> int | float:
    if not abs(value) <= 2**62:  # So that what is no number is refused, too.
        raise _wrong(column, value)
    return int(value) if value == int(value) else value


def _text(column: Column, literal: object, exact: bool) -> str:
    if exact and isinstance(literal, str):
        return literal
    raise _wrong(column, literal)


def _wrong(column: Column, literal: object) -> WrongLiteral:
    return WrongLiteral(column=column.field.name, type=column.field.type, value=str(literal)[:100])


def _moment(literal: object) -> date | None:
    if isinstance(literal, date):
        return literal
    text = str(literal)
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def _day_of(moment: date) -> date:
    if isinstance(moment, datetime):
        return moment.astimezone(JST).date() if moment.tzinfo else moment.date()
    return moment


def _instant(moment: date) -> int:
    if not isinstance(moment, datetime):
        moment = jst_midnight(moment)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=JST)
    return (aware - _EPOCH) // _MICROSECOND


def compare(column: Column, operator: Comparison, literal: object) -> Condition:
    """`column operator literal`; empty cells are neither true nor false, as in SQL."""
    number = long_numbers.as_number(literal) if column.may_be_long and operator not in ("=", "<>") else None
    if number is not None:
        return Condition(*long_numbers.compared(column.sql, operator, number))
    value = stored_value(column, literal, exact=operator in ("=", "<>"))
    sql = f"{column.sql} {operator} ?"
    if operator in (">", ">=") and column.is_ordered and column.facts.as_text:
        return Condition(f"({sql} AND {column.sql} < '')", (value,))
    return Condition(sql, (value,))


def between(column: Column, lower: object, upper: object) -> Condition:
    """`lower <= column <= upper`."""
    if column.may_be_long:
        return both(compare(column, ">=", lower), compare(column, "<=", upper))
    return Condition(f"{column.sql} BETWEEN ? AND ?", (stored_value(column, lower), stored_value(column, upper)))


def one_of(column: Column, literals: Sequence[object]) -> Condition:
    """`column` is one of the literals; of none, no row."""
    values = tuple(stored_value(column, literal, exact=True) for literal in literals)
    return Condition(f"{column.sql} IN ({','.join('?' * len(values))})", values) if values else NO_ROW


def is_empty(column: Column) -> Condition:
    """The cell is empty."""
    return Condition(f"{column.sql} IS NULL")


def like(column: Column, pattern: str) -> Condition:
    """The text matches a CQL2 pattern: `%` any text, `_` one character, `\\` before either means itself; case counts."""
    if column.is_ordered:
        raise NotForThisColumn(operation="LIKE", column=column.field.name, type=column.field.type)
    return Condition(f"{column.sql} GLOB ?", (_glob(pattern),))


def _glob(pattern: str) -> str:
    out: list[str] = []
    escaped = False
    for character in pattern:
        if escaped:
            out.append(_glob_literal(character if character in "%_\\" else "\\" + character))
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "%":
            if not out or out[-1] != "*":
                out.append("*")
        elif character == "_":
            out.append("?")
        else:
            out.append(_glob_literal(character))
    return "".join(out) + ("\\" if escaped else "")


def _glob_literal(text: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in text)


def in_time(column: Column, moment: Moment, start: date | None, end: date | None) -> Condition:
    """A column of dates or datetimes against the time from `start` to `end` (None: open); both the same for one moment."""
    if column.field.type not in ("date", "datetime"):
        raise NotForThisColumn(operation=f"T_{moment.upper()}", column=column.field.name, type=column.field.type)
    low = None if start is None else stored_value(column, start)
    high = None if end is None else _last(column, end)
    match moment:
        case "after":
            return NO_ROW if high is None else _guarded(column, f"{column.sql} > ?", high)
        case "before":
            return NO_ROW if low is None else Condition(f"{column.sql} < ?", (low,))
        case "during":
            return _between_or_open(column, low, high, ">", "<")
        case "disjoint":
            return both(negated(_between_or_open(column, low, high, ">=", "<=")), _guarded(column, "1"))
        case _:
            return _between_or_open(column, low, high, ">=", "<=")


def _last(column: Column, end: date) -> Stored:
    if column.field.type == "datetime" and not isinstance(end, datetime):
        return _instant(end + _DAY) - 1
    return stored_value(column, end)


def _guarded(column: Column, sql: str, *values: Stored) -> Condition:
    return Condition(f"({sql} AND {column.sql} < '')", values)


def _between_or_open(column: Column, low: Stored | None, high: Stored | None, above: str, below: str) -> Condition:
    if low is None and high is None:
        return _guarded(column, "1")
    if low is None:
        return Condition(f"{column.sql} {below} ?", (high,)) if high is not None else NO_ROW
    if high is None:
        return _guarded(column, f"{column.sql} {above} ?", low)
    return Condition(f"({column.sql} {above} ? AND {column.sql} {below} ?)", (low, high))


def inside(manifest: TableManifest, grid: Grid | None, box: Box) -> Condition:
    """The row's place lies in the box, its border included; rows without a place never do."""
    if manifest.located is None or grid is None:
        return NO_ROW
    touched = [(part, cells_of(grid, part)) for part in box.parts()]
    if share_of_points(grid, [cells for _, cells in touched]) * grid.points <= max(
        _FEW_POINTS, _SMALL_SHARE * grid.points
    ):
        return any_of([_inside_by_grid(grid, part, cells) for part, cells in touched])
    columns = columns_of(manifest)
    latitude, longitude = columns[manifest.located.latitude], columns[manifest.located.longitude]
    return any_of([_inside_by_scan(latitude, longitude, part) for part in box.parts()])


def unplaced(manifest: TableManifest) -> Condition:
    """The row has no place."""
    if manifest.located is None:
        return EVERY_ROW
    columns = columns_of(manifest)
    latitude, longitude = columns[manifest.located.latitude], columns[manifest.located.longitude]
    # A number comes before any text.
    return Condition(f"({latitude.sql} < '' AND {longitude.sql} < '') IS NOT TRUE")


def _inside_by_scan(latitude: Column, longitude: Column, box: Box) -> Condition:
    sql = f"(+{latitude.sql} BETWEEN ? AND ? AND +{longitude.sql} BETWEEN ? AND ?)"
    return Condition(sql, (box.south, box.north, box.west, box.east))


def _inside_by_grid(grid: Grid, box: Box, cells: Cells) -> Condition:
    numbers = (
        "WITH RECURSIVE strip(y) AS (SELECT ? UNION ALL SELECT y + 1 FROM strip WHERE y < ?) "
        "SELECT p.n FROM strip CROSS JOIN places p ON p.cell BETWEEN strip.y * ? + ? AND strip.y * ? + ? "
        "WHERE p.lat BETWEEN ? AND ? AND p.lon BETWEEN ? AND ?"
    )
    left, right, low, high = cells
    return Condition(
        f"c.n IN ({numbers})",
        (
            low,
            high,
            grid.columns,
            left,
            grid.columns,
            right,
            box.south,
            box.north,
            box.west,
            box.east,
        ),
        numbers=numbers,
    )


def both(first: Condition, second: Condition) -> Condition:
    """Both hold."""
    return all_of([first, second])


def all_of(conditions: Sequence[Condition]) -> Condition:
    """All hold; of none, every row."""
    real = [condition for condition in conditions if condition.sql]
    if len(real) < 2:
        return real[0] if real else EVERY_ROW
    sql = " AND ".join(condition.sql for condition in real)
    return Condition(f"({sql})", tuple(value for condition in real for value in condition.parameters))


def any_of(conditions: Sequence[Condition]) -> Condition:
    """At least one holds; of none, no row."""
    if any(not condition.sql for condition in conditions):
        return EVERY_ROW
    if len(conditions) < 2:
        return conditions[0] if conditions else NO_ROW
    sql = " OR ".join(condition.sql for condition in conditions)
    return Condition(f"({sql})", tuple(value for condition in conditions for value in condition.parameters))


def negated(condition: Condition) -> Condition:
    """It does not hold."""
    return Condition(f"NOT ({condition.sql})", condition.parameters) if condition.sql else NO_ROW
