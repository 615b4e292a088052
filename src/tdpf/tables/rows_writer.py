"""Writes `rows.sqlite`: ready-made JSON values for answers, typed cells for questions, the grid of places, indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import apsw
import orjson
import polars as pl

from tdpf.tables.errors import KeyEmpty, KeyNotUnique
from tdpf.tables.places import grid_for, placed_points
from tdpf.tables.splicing import VALUE_SEPARATOR
from tdpf.tables.types import Field, Located
from tdpf.tables.values import TypedColumn

APPLICATION_ID = 0x54445046
_SMALL = 200_000
_MOST_INDEXES = 7
_LONGEST_INDEXED = 64
_SHORTEST_SERIES = 100
_TYPE_RANK = {"code": 0, "date": 1, "datetime": 1, "integer": 2, "number": 3, "string": 4, "boolean": 5, "time": 6}


@dataclass(slots=True)
class _Seen:
    nulls: int = 0
    as_text: int = 0
    text_bytes: int = 0
    first: object = None
    varies: bool = False


class RowsWriter:
    """Takes chunks of typed columns in row order and leaves a finished, immutable rows file."""

    def __init__(self, path: Path, fields: tuple[Field, ...], key_columns: tuple[str, ...], located: Located | None):
        self._fields = fields
        self._names = tuple(field.name for field in fields)
        self._key = tuple(self._names.index(column) for column in key_columns)
        self._key_columns = key_columns
        self._located = located
        self._seen = [_Seen() for _ in fields]
        self._places: list[pl.DataFrame] = []
        self.rows = 0
        self.extent: tuple[float, float, float, float] | None = None
        self._db = apsw.Connection(str(path))
        for pragma in (
            "page_size=16384",
            "journal_mode=off",
            "synchronous=off",
            "locking_mode=exclusive",
            "cache_size=-32768",
            "temp_store=file",
            f"application_id={APPLICATION_ID}",
            "user_version=2",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        columns = ", ".join(f"c{position}" for position in range(len(fields)))
        self._db.execute("BEGIN")
        self._db.execute("CREATE TABLE rows (n INTEGER PRIMARY KEY, v TEXT NOT NULL, p TEXT, i TEXT)")
        self._db.execute(f"CREATE TABLE cells (n INTEGER PRIMARY KEY, {columns})")
        self._db.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        marks = ",".join("?" * (len(fields) + 1))
        self._insert_cells = f"INSERT INTO cells VALUES ({marks})"  # noqa: S608  only question marks

    def add(self, columns: Sequence[TypedColumn]) -> None:
        """Append one chunk; `columns` follows the fields, all of the same length."""
        count = len(columns[0].texts)
        numbers = range(self.rows + 1, self.rows + count + 1)
        for column, seen in zip(columns, self._seen, strict=True):
            _look(column, seen)
        ready = self._ready_rows(columns)
        points = self._points(columns, numbers)
        ids = self._ids(columns)
        self._db.executemany("INSERT INTO rows VALUES (?,?,?,?)", zip(numbers, ready, points, ids, strict=True))
        self._db.executemany(self._insert_cells, zip(numbers, *(column.cells for column in columns), strict=True))
        self.rows += count

    def _ready_rows(self, columns: Sequence[TypedColumn]) -> list[str]:
        frame = pl.DataFrame({str(position): column.json for position, column in enumerate(columns)})
        return frame.select(pl.concat_str(pl.all(), separator=VALUE_SEPARATOR)).to_series().to_list()

    def _points(self, columns: Sequence[TypedColumn], numbers: range) -> list[str | None]:
        if self._located is None:
            return [None] * len(numbers)
        by_name = dict(zip(self._names, columns, strict=True))
        latitude, longitude = by_name[self._located.latitude], by_name[self._located.longitude]
        frame = pl.DataFrame(
            {
                "n": pl.Series(numbers, dtype=pl.UInt32),
                "lat": [value if isinstance(value, (int, float)) else None for value in latitude.cells],
                "lon": [value if isinstance(value, (int, float)) else None for value in longitude.cells],
                "text": longitude.texts + "," + latitude.texts,
            },
            schema_overrides={"lat": pl.Float64, "lon": pl.Float64},
        )
        valid = pl.col("lat").is_between(-90, 90) & pl.col("lon").is_between(-180, 180)
        self._places.append(frame.filter(valid).select("n", "lat", "lon"))
        return frame.select(pl.when(valid).then(pl.col("text"))).to_series().to_list()

    def _ids(self, columns: Sequence[TypedColumn]) -> list[str | None]:
        if not self._key:
            return [None] * len(columns[0].texts)
        chosen = [columns[position] for position in self._key]
        for name, column in zip(self._key_columns, chosen, strict=True):
            if column.nulls:
                raise KeyEmpty(column=name, count=column.nulls)
        if len(chosen) == 1:
            return chosen[0].texts.to_list()
        encoded = [
            column.texts.str.replace_all("%", "%25", literal=True).str.replace_all(",", "%2C", literal=True)
            for column in chosen
        ]
        return pl.select(pl.concat_str(encoded, separator=",")).to_series().to_list()

    def facts(self) -> list[tuple[int, int, bool]]:
        """Return, once all chunks are in, (empty cells, cells kept as text, to be indexed) by column."""
        indexed = set(self._worth_an_index())
        return [(seen.nulls, seen.as_text, position in indexed) for position, seen in enumerate(self._seen)]

    def finish(self) -> None:
        """Build the grid and the indexes and close the file; raises KeyNotUnique."""
        self._write_places()
        if self._key:
            self._index_ids()
        indexed = self._worth_an_index()
        for position in indexed:
            self._db.execute(f"CREATE INDEX c{position} ON cells (c{position})")
        self._index_series(indexed)
        self._db.execute("COMMIT")
        self._db.execute("PRAGMA analysis_limit=2000")
        self._db.execute("ANALYZE")
        self._db.close()

    def abandon(self) -> None:
        """Close the file unfinished."""
        self._db.close(True)

    def _write_places(self) -> None:
        if self._located is None:
            return
        self._db.execute(
            "CREATE TABLE places (cell INTEGER, n INTEGER, lat REAL, lon REAL, PRIMARY KEY (cell, n)) WITHOUT ROWID"
        )
        places = pl.concat(self._places) if self._places else pl.DataFrame({"n": [], "lat": [], "lon": []})
        self._places.clear()
        grid = grid_for(places["lon"], places["lat"])
        if grid is None:
            return
        self.extent = (grid.min_x, grid.min_y, grid.max_x, grid.max_y)
        points = placed_points(grid, places["n"], places["lon"], places["lat"])
        del places
        self._db.executemany("INSERT INTO places VALUES (?,?,?,?)", points)
        self._db.execute("INSERT INTO facts VALUES ('grid', ?)", (orjson.dumps(asdict(grid)).decode(),))

    def _index_ids(self) -> None:
        try:
            self._db.execute("CREATE UNIQUE INDEX ids ON rows (i)")
        except apsw.ConstraintError:
            twice = self._db.execute(
                "SELECT i, count(*) AS times FROM rows GROUP BY i HAVING times > 1 ORDER BY times DESC, min(n) LIMIT 1"
            )
            value, count = next(iter(twice))
            raise KeyNotUnique(columns=", ".join(self._key_columns), value=value, count=count) from None

    def _index_series(self, indexed: Sequence[int]) -> None:
        """Index the thing that is measured together with the time, so that a stretch of its series is read without the rest."""
        timed = [position for position in indexed if self._fields[position].type == "datetime"]
        if not timed:
            return
        most = self.rows // _SHORTEST_SERIES
        different = {
            position: self._different(position, most)
            for position in sorted(indexed)
            if self._fields[position].type in ("code", "string")
        }
        things = [position for position, count in different.items() if count <= most]
        if things:
            thing = max(things, key=different.__getitem__)
            self._db.execute(f"CREATE INDEX series ON cells (c{thing}, c{min(timed)})")

    def _different(self, position: int, most: int) -> int:
        """Return how many different values a column has, `most + 1` for more than `most`."""
        sql = f"SELECT count(*) FROM (SELECT DISTINCT c{position} FROM cells LIMIT ?)"  # noqa: S608  only a position
        return int(next(iter(self._db.execute(sql, (most + 1,))))[0])

    def _worth_an_index(self) -> list[int]:
        def fits(position: int) -> bool:
            seen = self._seen[position]
            filled = self.rows - seen.nulls
            return seen.varies and filled > 0 and seen.text_bytes / filled <= _LONGEST_INDEXED

        place_columns = {self._located.latitude, self._located.longitude} if self._located else set()

        def rank(position: int) -> tuple[int, int, float]:
            field, seen = self._fields[position], self._seen[position]
            last = 9 if field.name in place_columns else 0
            return (0 if position in self._key else 1, last + _TYPE_RANK[field.type], seen.text_bytes)

        chosen = sorted((position for position in range(len(self._fields)) if fits(position)), key=rank)
        return chosen if self.rows <= _SMALL else chosen[:_MOST_INDEXES]


def _look(column: TypedColumn, seen: _Seen) -> None:
    seen.nulls += column.nulls
    seen.as_text += column.as_text
    seen.text_bytes += int(column.texts.str.len_bytes().sum() or 0)
    if not seen.varies:
        distinct = column.texts.unique()
        first = column.texts[0] if seen.first is None else seen.first
        seen.varies = len(distinct) > 1 or (len(distinct) == 1 and distinct[0] != first)
        seen.first = first
