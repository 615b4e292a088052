"""Conditions in the language of another engine: the same closed set of building blocks as `tables.conditions`.

A value never enters the text of a statement: `databases.MARK` stands where it goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from tdpf.kit.clock import JST
from tdpf.kit.databases import MARK
from tdpf.tables import conditions
from tdpf.tables.conditions import Column, Comparison, Condition, Moment, stored_value
from tdpf.tables.errors import NotForThisColumn
from tdpf.tables.places import Box, Grid
from tdpf.tables.types import TableManifest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ESCAPE = "!"


class Dialect(Protocol):
    """How one engine writes names and values."""

    no_row: str
    folds: bool
    """Whether `=` may take two texts for the same that are not."""

    def name(self, column: str) -> str:
        """Return the column's name as it stands in a statement."""
        ...

    def value(self, column: Column, native: object) -> Condition:
        """Return the text that stands for a value compared with the column, and what is handed over beside it."""
        ...

    def exact(self, sql: str) -> str:
        """Return a text so that it equals itself alone, whatever the collation of its column."""
        ...

    def like(self, sql: str, pieces: Sequence[str]) -> Condition:
        """Return that a text matches; each piece is "%", "_" or one character that means itself."""
        ...

    def inside(self, latitude: str, longitude: str, box: Box) -> Condition:
        """Return that a place lies in a box that does not cross the date line."""
        ...


def native(column: Column, stored: object) -> object:
    """Return a value of the rows file as the date, moment or truth it stands for."""
    if column.field.type == "date" and isinstance(stored, int):
        return date(1970, 1, 1) + timedelta(days=stored)
    if column.field.type == "datetime" and isinstance(stored, int):
        return (_EPOCH + timedelta(microseconds=stored)).astimezone(JST)
    if column.field.type == "boolean":
        return bool(stored)
    return stored


@dataclass(frozen=True, slots=True)
class RemoteWords:
    """The building blocks in one dialect; `origins` tells what a column is called where it comes from."""

    dialect: Dialect
    origins: Mapping[str, str]

    @property
    def NO_ROW(self) -> Condition:  # noqa: N802 - it stands where the module's constant does
        """No row."""
        return Condition(self.dialect.no_row)

    def sql(self, column: Column) -> str:
        """Return the column as it stands in a statement."""
        return self.dialect.name(self.origins.get(column.field.name, column.field.name))

    def _against(self, column: Column, operator: str, literal: object) -> Condition:
        value = self.dialect.value(column, native(column, stored_value(column, literal)))
        found = Condition(f"{self.sql(column)} {operator} {value.sql}", value.parameters)
        if operator not in ("=", "<>") or not self.dialect.folds or not _is_text(column):
            return found
        exact = Condition(f"{self.dialect.exact(self.sql(column))} {operator} {value.sql}", value.parameters)
        # The first of the two may use an index.
        return self.all_of([found, exact]) if operator == "=" else exact

    def compare(self, column: Column, operator: Comparison, literal: object) -> Condition:
        """`column operator literal`."""
        return self._against(column, operator, literal)

    def between(self, column: Column, lower: object, upper: object) -> Condition:
        """`lower <= column <= upper`."""
        return self.all_of([self._against(column, ">=", lower), self._against(column, "<=", upper)])

    def one_of(self, column: Column, literals: Sequence[object]) -> Condition:
        """`column` is one of the literals."""
        if self.dialect.folds and _is_text(column):
            return self.exactly_one_of(column, literals)
        return self._among(self.sql(column), column, literals)

    def exactly_one_of(self, column: Column, literals: Sequence[object]) -> Condition:
        """The text in `column` is one of the literals, letter for letter; what an agreement limits is told so."""
        found, exact = self.sql(column), self.dialect.exact(self.sql(column))
        return self.all_of([self._among(found, column, literals), self._among(exact, column, literals)])

    def _among(self, sql: str, column: Column, literals: Sequence[object]) -> Condition:
        if not literals:
            return self.NO_ROW
        values = [self.dialect.value(column, native(column, stored_value(column, literal))) for literal in literals]
        texts = ", ".join(value.sql for value in values)
        return Condition(f"{sql} IN ({texts})", tuple(one for value in values for one in value.parameters))

    def is_empty(self, column: Column) -> Condition:
        """The cell is empty."""
        return Condition(f"{self.sql(column)} IS NULL")

    def like(self, column: Column, pattern: str) -> Condition:
        """The text matches a CQL2 pattern; whether case counts is the provider's own rule."""
        if column.is_ordered:
            raise NotForThisColumn(operation="LIKE", column=column.field.name, type=column.field.type)
        return self.dialect.like(self.sql(column), _pieces(pattern))

    def in_time(self, column: Column, moment: Moment, start: date | None, end: date | None) -> Condition:
        """A column of dates or datetimes against the time from `start` to `end` (None: open)."""
        if column.field.type not in ("date", "datetime"):
            raise NotForThisColumn(operation=f"T_{moment.upper()}", column=column.field.name, type=column.field.type)
        last = end
        if end is not None and column.field.type == "datetime" and not isinstance(end, datetime):
            last = datetime(end.year, end.month, end.day, 23, 59, 59, 999_999, tzinfo=JST)
        match moment:
            case "after":
                return self.NO_ROW if last is None else self._against(column, ">", last)
            case "before":
                return self.NO_ROW if start is None else self._against(column, "<", start)
            case "during":
                return self._from_to(column, start, last, ">", "<")
            case "disjoint":
                return self.negated(self._from_to(column, start, last, ">=", "<="))
            case _:
                return self._from_to(column, start, last, ">=", "<=")

    def _from_to(self, column: Column, start: date | None, end: date | None, above: str, below: str) -> Condition:
        parts = [] if start is None else [self._against(column, above, start)]
        parts += [] if end is None else [self._against(column, below, end)]
        return self.all_of(parts) if parts else self.negated(self.is_empty(column))

    def inside(self, manifest: TableManifest, grid: Grid | None, box: Box) -> Condition:  # noqa: ARG002 - the protocol's
        """The row's place lies in the box; `grid` is of rows files only."""
        if manifest.located is None:
            return self.NO_ROW
        known = conditions.columns_of(manifest)
        latitude, longitude = known[manifest.located.latitude], known[manifest.located.longitude]
        parts = [self.dialect.inside(self.sql(latitude), self.sql(longitude), part) for part in box.parts()]
        return self.any_of(parts)

    def unplaced(self, manifest: TableManifest) -> Condition:
        """The row has no place."""
        if manifest.located is None:
            return conditions.EVERY_ROW
        known = conditions.columns_of(manifest)
        return self.any_of(
            [self.is_empty(known[name]) for name in (manifest.located.latitude, manifest.located.longitude)]
        )

    def all_of(self, parts: Sequence[Condition]) -> Condition:
        """All hold."""
        return conditions.all_of(parts)

    def any_of(self, parts: Sequence[Condition]) -> Condition:
        """At least one holds."""
        return conditions.any_of(parts) if parts else self.NO_ROW

    def negated(self, condition: Condition) -> Condition:
        """It does not hold."""
        return conditions.negated(condition) if condition.sql else self.NO_ROW


def _is_text(column: Column) -> bool:
    return column.field.type in ("string", "code")


def _pieces(pattern: str) -> list[str]:
    """Return the pattern in pieces: a wildcard as it is, any other character behind a backslash."""
    pieces: list[str] = []
    escaped = False
    for character in pattern:
        if escaped:
            pieces += ["\\" + character] if character in "%_\\" else ["\\\\", "\\" + character]
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            pieces.append(character if character in "%_" else "\\" + character)
    return [*pieces, "\\\\"] if escaped else pieces


class _Sql:
    """What the SQL of the two engines shares."""

    no_row = "1 = 0"
    folds = False
    quote = '"'

    def name(self, column: str) -> str:
        """Return the quoted name."""
        return self.quote + column.replace(self.quote, self.quote * 2) + self.quote

    def value(self, column: Column, native: object) -> Condition:  # noqa: ARG002 - the protocol's
        """Return the place of a value."""
        return Condition(MARK, (native,))

    def like(self, sql: str, pieces: Sequence[str]) -> Condition:
        """Return that a text matches."""
        pattern = "".join(
            piece if piece in ("%", "_") else (_ESCAPE + piece[1] if piece[1] in "%_!" else piece[1])
            for piece in pieces
        )
        return Condition(f"{sql} LIKE {MARK} ESCAPE '{_ESCAPE}'", (pattern,))

    def inside(self, latitude: str, longitude: str, box: Box) -> Condition:
        """Return that a place lies in a box."""
        sql = f"({latitude} >= {MARK} AND {latitude} <= {MARK} AND {longitude} >= {MARK} AND {longitude} <= {MARK})"
        return Condition(sql, (box.south, box.north, box.west, box.east))


class PostgresDialect(_Sql):
    """PostgreSQL: a value says what type it has, so that an index of the column serves it."""

    def exact(self, sql: str) -> str:
        """Return a text that equals itself alone."""
        return f'CAST({sql} AS text) COLLATE "C"'

    def value(self, column: Column, native: object) -> Condition:
        """Return the place of a value with its type."""
        if column.field.type in ("integer", "number"):
            return Condition(f"CAST({MARK} AS {'bigint' if isinstance(native, int) else 'numeric'})", (native,))
        kind = {"boolean": "boolean", "date": "date", "datetime": "timestamptz"}.get(column.field.type)
        return Condition(f"CAST({MARK} AS {kind})" if kind else MARK, (native,))

    def inside(self, latitude: str, longitude: str, box: Box) -> Condition:
        """Return that a place lies in a box."""
        found = super().inside(latitude, longitude, box)
        return Condition(found.sql.replace(MARK, f"CAST({MARK} AS double precision)"), found.parameters)


class MySqlDialect(_Sql):
    """MySQL and MariaDB; times there have no zone, so they are times in Japan, and most collations fold case and more."""

    folds = True
    quote = "`"

    def exact(self, sql: str) -> str:
        """Return a text that equals itself alone."""
        return f"CAST(CONVERT({sql} USING utf8mb4) AS BINARY)"

    def value(self, column: Column, native: object) -> Condition:  # noqa: ARG002 - the protocol's
        """Return the place of a value."""
        if isinstance(native, datetime):
            native = native.astimezone(JST).replace(tzinfo=None)
        return Condition(MARK, (int(native) if isinstance(native, bool) else native,))


class CqlDialect:
    """CQL2 text, as other collections are asked; here values do stand in the text, each quoted by its own rule."""

    no_row = "FALSE"
    folds = False

    def exact(self, sql: str) -> str:
        """Return a text that equals itself alone; in CQL2 every text does."""
        return sql

    def name(self, column: str) -> str:
        """Return the quoted name."""
        return '"' + column.replace('"', '""') + '"'

    def value(self, column: Column, native: object) -> Condition:  # noqa: ARG002 - the protocol's
        """Return the literal."""
        if isinstance(native, bool):
            return Condition("TRUE" if native else "FALSE")
        if isinstance(native, datetime):
            return Condition(f"TIMESTAMP('{native.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')}')")
        if isinstance(native, date):
            return Condition(f"DATE('{native.isoformat()}')")
        if isinstance(native, int | float):
            return Condition(repr(native))
        return Condition(_cql_text(str(native)))

    def like(self, sql: str, pieces: Sequence[str]) -> Condition:
        """Return that a text matches."""
        pattern = "".join(
            piece if piece in ("%", "_") else (piece if piece[1] in "%_\\" else piece[1]) for piece in pieces
        )
        return Condition(f"{sql} LIKE {_cql_text(pattern)}")

    def inside(self, latitude: str, longitude: str, box: Box) -> Condition:  # noqa: ARG002 - the protocol's
        """Return that a place lies in a box."""
        return Condition(f"S_INTERSECTS(geometry, BBOX({box.west}, {box.south}, {box.east}, {box.north}))")


def _cql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
