"""Reads a published table's rows file: answers from ready-made JSON values, in microseconds.

A `RowsFile` belongs to one thread at a time. Every call may be given a budget; one that needs more raises TookTooLong and
can be asked again elsewhere with a larger one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import quote

import apsw
import orjson

from tdpf.tables.conditions import EVERY_ROW, Column, Condition, columns_of
from tdpf.tables.errors import TableDamaged, TableMissing
from tdpf.tables.places import Grid
from tdpf.tables.splicing import OLD_SEPARATOR, VALUE_SEPARATOR, Template, template
from tdpf.tables.types import TableManifest
from tdpf.tables.values import json_member_names
from tdpf.tables.verify import read_manifest

_MOST_MAPPED = 1 << 40
_STEPS_PER_LOOK = 20_000


class TookTooLong(Exception):
    """The question needs more time than its budget."""


@dataclass(frozen=True, slots=True)
class Form:
    """How rows are written: plain `row` objects or GeoJSON `feature`s.

    `positions` are the columns to keep (None: all). A feature has its place only `with_place`; its id is the declared key
    only `with_key`, else the row number.
    """

    kind: Literal["row", "feature"] = "row"
    positions: tuple[int, ...] | None = None
    with_place: bool = True
    with_key: bool = True


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows, in which order: `order` is (column, descending) pairs, then the row number."""

    condition: Condition = EVERY_ROW
    order: tuple[tuple[Column, bool], ...] = ()
    limit: int | None = None
    offset: int = 0


class RowsFile:
    """The rows of one table, read-only, immutable and memory-mapped. Raises TableMissing, TableDamaged."""

    def __init__(self, folder: Path, manifest: TableManifest | None = None) -> None:
        self.manifest = manifest or read_manifest(folder)
        self.columns = columns_of(self.manifest)
        self._until = 0.0
        self._looks = 0
        self._templates: dict[Form, Template] = {}
        path = folder / self.manifest.files["rows"].path
        if not path.is_file():
            raise TableMissing(identity=self.manifest.identity)
        try:
            self._db = apsw.Connection(
                f"file:{quote(str(path))}?immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
            )
            self._db.execute(f"PRAGMA mmap_size={_MOST_MAPPED}; PRAGMA query_only=1; PRAGMA trusted_schema=0")
            self._db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
            grid = self._db.execute("SELECT value FROM facts WHERE name = 'grid'").fetchone()
            version = self._db.pragma("user_version")
        except apsw.Error as fault:
            raise self._damaged() from fault
        self.grid = None if grid is None else Grid(**orjson.loads(cast(str, grid[0])))
        self._is_old = version == 1
        self._separator = OLD_SEPARATOR if self._is_old else VALUE_SEPARATOR
        # A rows file of version 1 has whole objects; without their braces they are pieces like the values of version 2.
        self._values = "substr(r.j, 2, length(r.j) - 2)" if self._is_old else "r.v"
        self._db.set_progress_handler(self._look, _STEPS_PER_LOOK)

    def close(self) -> None:
        """Close the file."""
        self._db.close(True)

    def _look(self) -> bool:
        self._looks -= 1
        return self._looks < 0 or (self._until > 0.0 and time.monotonic() > self._until)

    def _damaged(self) -> TableDamaged:
        return TableDamaged(identity=self.manifest.identity, file=self.manifest.files["rows"].path)

    def allow(self, *, looks: int = 1 << 62, seconds: float = 0.0) -> None:
        """Set the budget of the calls that follow: `looks` of 20,000 steps (about a third of a millisecond) each, or seconds."""
        self._looks = looks
        self._until = time.monotonic() + seconds if seconds else 0.0

    def _rows(self, sql: str, parameters: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(sql, tuple(parameters))
        except apsw.InterruptError:
            raise TookTooLong from None
        except (apsw.CorruptError, apsw.NotADBError, apsw.IOError) as fault:
            raise self._damaged() from fault

    def _one(self, sql: str, parameters: tuple[object, ...]) -> tuple[Any, ...] | None:
        try:
            for row in self._db.execute(sql, parameters):
                return cast(tuple[Any, ...], row)
        except apsw.InterruptError:
            raise TookTooLong from None
        except (apsw.CorruptError, apsw.NotADBError, apsw.IOError) as fault:
            raise self._damaged() from fault
        return None

    def count(self, condition: Condition = EVERY_ROW) -> int:
        """Return how many rows meet the condition."""
        if not condition.sql:
            return self.manifest.rows
        source = f"({condition.numbers})" if condition.numbers else f"cells c WHERE {condition.sql}"
        found = self._one(f"SELECT count(*) FROM {source}", condition.parameters)  # noqa: S608  see _chosen
        return int(found[0]) if found else 0

    def find(self, feature_id: str, *, with_key: bool = True) -> int | None:
        """Return the row number of a feature id, or None."""
        if self.manifest.key_columns and with_key:
            found = self._one("SELECT n FROM rows WHERE i = ?", (feature_id,))
            return None if found is None else int(found[0])
        if not feature_id.isascii() or not feature_id.isdecimal() or len(feature_id) > 15:
            return None
        number = int(feature_id)
        return number if 1 <= number <= self.manifest.rows and str(number) == feature_id else None

    def one(self, feature_id: str, form: Form) -> bytes | None:
        """Return one row by its feature id as JSON, or None."""
        return self.single(form)(feature_id)

    def single(self, form: Form) -> Callable[[str], bytes | None]:
        """Return what gives one row by its feature id as JSON, or None: for who asks for many, one at a time."""
        by_key = bool(self.manifest.key_columns and form.with_key)
        where = "r.i = ?" if by_key else "r.n = ?"
        sql = f"SELECT CAST({self._expression(form)} AS BLOB) FROM rows r WHERE {where}"  # noqa: S608  see _chosen
        execute, pieced = self._db.cursor().execute, self._template(form).one

        def look(feature_id: str) -> bytes | None:
            if not by_key and self.find(feature_id, with_key=False) is None:
                return None
            try:
                stored = execute(sql, (feature_id,)).get
            except apsw.InterruptError:
                raise TookTooLong from None
            except (apsw.CorruptError, apsw.NotADBError, apsw.IOError) as fault:
                raise self._damaged() from fault
            return None if stored is None else pieced(stored)

        return look

    def page(self, selection: Selection, form: Form) -> tuple[int, bytes]:
        """Return how many rows the page has and their JSON joined by commas."""
        source, parameters = self._source(selection)
        joined = f"group_concat({self._expression(form)}, '{self._separator}')"
        found = self._one(f"SELECT count(*), CAST({joined} AS BLOB) FROM {source}", parameters)  # noqa: S608  see _chosen
        count = int(found[0]) if found else 0
        return count, self._template(form).rows(found[1] or b"", count) if found else b""

    def stream(
        self, selection: Selection, form: Form, *, batch: int = 500, between: bytes = b","
    ) -> Iterator[tuple[int, bytes]]:
        """Yield how many rows and their JSON with `between` between them, a batch at a time, in bounded memory."""
        pieced = self._template(form)
        for stored in self._batches(selection, f"CAST({self._expression(form)} AS BLOB)", batch):
            yield len(stored), pieced.rows(pieced.separator.join(stored), len(stored), between)

    def values(self, selection: Selection, *, batch: int = 500) -> Iterator[list[str]]:
        """Yield the rows as lists of stored texts: the members' JSON values with `separator` between them.

        A rows file of version 1 has `"name":` before each value.
        """
        return self._batches(selection, self._values, batch)

    @property
    def separator(self) -> str:
        """What stands between two values of a stored row."""
        return self._separator

    @property
    def prefixes(self) -> list[str]:
        """What stands before each value of a stored row."""
        names = json_member_names(self.manifest.fields)
        return names if self._is_old else [""] * len(names)

    def _batches(self, selection: Selection, expression: str, batch: int) -> Iterator[list[Any]]:
        source, parameters = self._source(selection)
        kept: list[Any] = []
        for row in self._rows(f"SELECT {expression} FROM {source}", parameters):  # noqa: S608  see _chosen
            kept.append(row[0])
            if len(kept) >= batch:
                yield kept
                kept = []
        if kept:
            yield kept

    def numbers(self, selection: Selection) -> list[int]:
        """Return the numbers of the selected rows in order."""
        sql, parameters = self._chosen(selection)
        return [row[0] for row in self._rows(sql, parameters)]

    def chosen(self, selection: Selection) -> tuple[int | None, Sequence[int]]:
        """Return how many rows meet the condition, None when that was not found out on the way, and the page's numbers in order."""
        condition, offset = selection.condition, selection.offset
        last = None if selection.limit is None else offset + selection.limit
        if not condition.sql and not selection.order:
            every = self.manifest.rows
            return every, range(offset + 1, (every if last is None else min(every, last)) + 1)
        if condition.numbers and not selection.order:
            every_number = sorted(self._listed(condition.numbers, condition.parameters))
            return len(every_number), every_number[offset:last]
        return None, self._listed(*self._chosen(selection))

    def some(self, condition: Condition, most: int) -> list[int]:
        """Return the numbers of the rows that meet a condition in any order, at most so many."""
        sql = condition.numbers or f"SELECT c.n FROM cells c WHERE {condition.sql}"  # noqa: S608  see _chosen
        return self._listed(f"SELECT n FROM ({sql}) LIMIT ?", (*condition.parameters, most))  # noqa: S608  see _chosen

    def cells(self, positions: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """Yield the typed cells of the columns at these positions, row by row in order."""
        names = ", ".join(f"c{position}" for position in positions)
        return self._rows(f"SELECT {names} FROM cells ORDER BY n", ())  # noqa: S608  only positions

    def _listed(self, sql: str, parameters: tuple[object, ...]) -> list[int]:
        # Numbers in one text are read several times as fast as row by row.
        found = self._one(f"SELECT '['||group_concat(n)||']' FROM ({sql})", parameters)  # noqa: S608  see _chosen
        return orjson.loads(found[0]) if found and found[0] else []

    def _chosen(self, selection: Selection) -> tuple[str, tuple[object, ...]]:
        # All SQL here names columns by position and passes every value as a parameter; conditions come from `conditions`.
        condition = selection.condition
        limit = -1 if selection.limit is None else selection.limit
        if condition.numbers and not selection.order:
            sql = f"SELECT n FROM ({condition.numbers}) ORDER BY n LIMIT ? OFFSET ?"  # noqa: S608  see above
            return sql, (*condition.parameters, limit, selection.offset)
        where = f" WHERE {condition.sql}" if condition.sql else ""
        keys = [term for column, descending in selection.order for term in column.sorted_by(descending=descending)]
        last_descends = bool(selection.order and selection.order[-1][1])
        order = ", ".join([*keys, "c.n DESC" if last_descends else "c.n"])
        sql = f"SELECT c.n FROM cells c{where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608  see _chosen
        return sql, (*condition.parameters, limit, selection.offset)

    def _source(self, selection: Selection) -> tuple[str, tuple[object, ...]]:
        if not selection.condition.sql and not selection.order:
            last = self.manifest.rows if selection.limit is None else selection.offset + selection.limit
            return "(SELECT * FROM rows WHERE n > ? AND n <= ? ORDER BY n) r", (selection.offset, last)
        chosen, parameters = self._chosen(selection)
        return f"({chosen}) s CROSS JOIN rows r ON r.n = s.n", parameters

    def _head(self, form: Form) -> str:
        key = self.manifest.key_columns if form.with_key else ()
        if not key:
            feature_id = "r.n"
        else:
            column = self.columns[key[0]]
            whole = len(key) == 1 and column.field.type == "integer" and not column.facts.as_text
            feature_id = "r.i" if whole else "json_quote(r.i)"
        place = "'null'"
        if form.with_place and self.manifest.located is not None:
            place = "coalesce('{\"type\":\"Point\",\"coordinates\":['||r.p||']}','null')"
        return f"{feature_id}||'{self._separator}'||{place}"

    def _expression(self, form: Form) -> str:
        return self._values if form.kind == "row" else f"{self._head(form)}||'{self._separator}'||{self._values}"

    def _template(self, form: Form) -> Template:
        made = self._templates.get(form)
        if made is None:
            head = ('{"type":"Feature","id":', ',"geometry":') if form.kind == "feature" else ()
            names = json_member_names(self.manifest.fields)
            made = template(names, head=head, positions=form.positions, old=self._is_old)
            self._templates[form] = made
        return made
