"""`/aggregate`: counts, sums and the like by groups, by DuckDB over Parquet; kept per version, since a version never changes."""

from __future__ import annotations

import math
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import duckdb
import orjson
import polars as pl

from tdpf.dataplane.delivery.answers import Answer, etag_of, matches
from tdpf.dataplane.delivery.directory import Offered
from tdpf.dataplane.delivery.filters import Scope
from tdpf.dataplane.delivery.formats import MEDIA_TYPES, choose_format
from tdpf.dataplane.delivery.questions import Question, read_question
from tdpf.dataplane.delivery.requests import Request
from tdpf.dataplane.delivery.service import SLOWEST_SECONDS, Found, Service
from tdpf.tables.conditions import Column
from tdpf.tables.errors import NotForThisColumn
from tdpf.tables.read import Selection, TookTooLong
from tdpf.tables.values import INTEGER, NUMBER
from tdpf.wire.delivery_problems import BadParameter, TooManyGroups, UnknownColumn

MOST_GROUPS = 10_000
_MOST_KEPT = 2_000
_MOST_KEPT_BYTES = 64 << 20
_MOST_COLUMNS = 20
_MEASURES: Mapping[str, str] = {
    "count": "count({c})",
    "distinct": "count(DISTINCT {c})",
    "sum": "sum({c})",
    "avg": "avg({c})",
    "min": "min({c})",
    "max": "max({c})",
}
_NUMERIC = frozenset({"sum", "avg"})
NOT_ASKED_OF_ROWS = ("group_by", "measures", "sortby", "limit", "offset", "properties")
_LARGEST_INTEGER = 2**63 - 1
# Questions share the cores among themselves: cutting one of them for more threads, of work or of reading, costs each of them more.
_CONFIGURATION: Mapping[str, str | int | bool] = {
    "threads": 1,
    "async_threads": 1,
    "memory_limit": "768MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure per group: `count` of rows, or a function of a column; `name` is what the answer calls it."""

    function: str
    column: Column | None
    name: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A checked aggregate question."""

    groups: tuple[Column, ...]
    measures: tuple[Measure, ...]
    order: tuple[tuple[str, bool], ...]
    limit: int | None


def read_aggregate(parameters: Mapping[str, str], scope: Scope) -> Aggregate:
    """Return the aggregate the parameters ask; raises UnknownColumn, BadParameter, NotForThisColumn."""
    groups = tuple(scope.column(name, "group_by") for name in _names(parameters.get("group_by", "")))
    measures = tuple(_measure(text, scope) for text in _names(parameters.get("measures", "count")))
    if not measures or len(groups) + len(measures) > _MOST_COLUMNS:
        raise BadParameter(
            parameter="measures",
            value=parameters.get("measures", "")[:80],
            expected="count,sum:列,avg:列,min:列,max:列,distinct:列",
        )
    outputs = [*(column.field.name for column in groups), *(measure.name for measure in measures)]
    order = []
    for part in _names(parameters.get("sortby", "")):
        known = part in outputs
        name = part if known else part.removeprefix("+").removeprefix("-").strip()
        if name not in outputs:
            near = get_close_matches(name[:80], outputs, n=3, cutoff=0.3)
            raise UnknownColumn(parameter="sortby", column=name[:80], near=", ".join(near) or ", ".join(outputs))
        order.append((name, not known and part.startswith("-")))
    limit = parameters.get("limit")
    if limit is not None and not (limit.isascii() and limit.isdecimal() and 0 < int(limit[:9]) <= MOST_GROUPS):
        raise BadParameter(parameter="limit", value=limit[:80], expected=f"1 … {MOST_GROUPS}")
    return Aggregate(groups, measures, tuple(order), None if limit is None else int(limit))


def _names(text: str) -> list[str]:
    found = re.findall(r'"((?:[^"]|"")*)"|([^,]+)', text[:4_000])
    return list(dict.fromkeys(name for quoted, bare in found if (name := quoted.replace('""', '"') or bare.strip())))


def _measure(text: str, scope: Scope) -> Measure:
    function, colon, name = text.partition(":")
    function = function.strip().lower()
    if function == "count" and not colon:
        return Measure("count", None, "count")
    if function not in _MEASURES or not colon:
        raise BadParameter(
            parameter="measures", value=text[:80], expected="count,sum:列,avg:列,min:列,max:列,distinct:列"
        )
    column = scope.column(name.strip(), "measures")
    if function in _NUMERIC and column.field.type not in ("integer", "number"):
        raise NotForThisColumn(operation=function, column=column.field.name, type=column.field.type)
    return Measure(function, column, f"{function}:{column.field.name}")


class Aggregates:
    """Answers aggregates in threads, two at a time, and keeps the answers."""

    def __init__(self, service: Service, folder: Path) -> None:
        self._service = service
        self._folder = folder
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._two_at_a_time = threading.BoundedSemaphore(2)
        self._database: duckdb.DuckDBPyConnection | None = None
        self._opening = threading.Lock()

    async def answer(self, request: Request, offered: Offered) -> Answer:
        """Answer `/data/collections/{id}/aggregate`."""
        parameters = request.parameters()
        found = self._service.find(request, offered, parameters.get("version"))
        choose_format(parameters.get("f"), request.accept, "json", ("json",))
        aggregate = read_aggregate(parameters, found.scope)
        asked_of_rows = {name: value for name, value in parameters.items() if name not in NOT_ASKED_OF_ROWS}
        question = read_question(asked_of_rows, found.scope)
        asked = urlencode(
            sorted((name, value) for name, value in parameters.items() if name not in ("apikey", "f", "lang"))
        )
        etag = etag_of(found.identity, found.sight.mark, "aggregate", asked)
        headers = [*self._service.headers(offered), ("etag", etag)]
        if matches(request.if_none_match, etag):
            return Answer(304, headers)
        body = self._kept.get(etag)
        if body is None:
            body = await self._service.in_thread(lambda: self._compute(found, aggregate, question))
            self._keep(etag, body)
        else:
            self._kept.move_to_end(etag)
        headers = [*headers, ("content-type", MEDIA_TYPES["json"])]
        if "version" not in parameters:
            look_ups, directory = self._service.look_ups, self._service.directory()
            look_ups.keep(request, directory, found.identity, found.table.rows, headers, body)
        return Answer(200, headers, body)

    def _keep(self, etag: str, body: bytes) -> None:
        self._kept_bytes += len(body) - len(self._kept.get(etag, b""))
        self._kept[etag] = body
        while self._kept_bytes > _MOST_KEPT_BYTES or len(self._kept) > _MOST_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest)

    def _compute(self, found: Found, aggregate: Aggregate, question: Question) -> bytes:
        chosen: Path | None = None
        if question.condition.sql:
            selection = Selection(question.condition)
            numbers = found.table.elsewhere(lambda rows: rows.numbers(selection), SLOWEST_SECONDS)
            self._folder.mkdir(parents=True, exist_ok=True)
            chosen = self._folder / f"{uuid4().hex}.parquet"
            pl.DataFrame({"n": pl.Series(numbers, dtype=pl.Int64) - 1}).write_parquet(
                chosen, compression="uncompressed"
            )
        try:
            rows = self._run(found, aggregate, chosen)
        finally:
            if chosen is not None:
                with suppress(FileNotFoundError):
                    chosen.unlink()
        if len(rows) > MOST_GROUPS:
            raise TooManyGroups(most=MOST_GROUPS)
        return orjson.dumps({"rows": rows, "numberReturned": len(rows)})

    def _run(self, found: Found, aggregate: Aggregate, chosen: Path | None) -> list[dict[str, Any]]:
        parquet = found.table.folder / found.table.manifest.files["parquet"].path
        sql, parameters = aggregate_sql(aggregate, parquet, chosen)
        with self._two_at_a_time, self._cursor() as cursor:
            overdue = threading.Event()

            def stop() -> None:
                overdue.set()
                cursor.interrupt()

            timer = threading.Timer(SLOWEST_SECONDS, stop)
            timer.start()
            try:
                rows = cursor.execute(sql, parameters).fetchall()
            except duckdb.Error:
                if overdue.is_set():
                    raise TookTooLong from None
                raise
            finally:
                timer.cancel()
        names = [*(column.field.name for column in aggregate.groups), *(measure.name for measure in aggregate.measures)]
        return [{name: plain_figure(value) for name, value in zip(names, row, strict=True)} for row in rows]

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._database is None:
                self._database = duckdb.connect(":memory:", config=dict(_CONFIGURATION))
                self._database.execute("SET lock_configuration = true")
            return self._database.cursor()


def aggregate_sql(aggregate: Aggregate, parquet: Path, chosen: Path | None) -> tuple[str, list[str]]:
    """Return DuckDB SQL and its parameters. Column names come from the table's manifest and are quoted; paths are parameters."""
    groups = [_quoted(column.field.name) for column in aggregate.groups]
    outputs = [f"{name} AS o{position}" for position, name in enumerate(groups)]
    for position, measure in enumerate(aggregate.measures, start=len(groups)):
        outputs.append(f"{_function(measure)} AS o{position}")
    names = [*(column.field.name for column in aggregate.groups), *(measure.name for measure in aggregate.measures)]
    order = [
        f"o{names.index(name)} {'DESC' if descending else 'ASC'} NULLS LAST" for name, descending in aggregate.order
    ]
    order += [f"o{position} ASC NULLS LAST" for position in range(len(groups))]
    source, parameters = "read_parquet(?)", [str(parquet)]
    where = ""
    if chosen is not None:
        source = "read_parquet(?, file_row_number = true)"
        where = " WHERE file_row_number IN (SELECT n FROM read_parquet(?))"
        parameters.append(str(chosen))
    grouped = f" GROUP BY {', '.join(groups)}" if groups else ""
    ordered = f" ORDER BY {', '.join(order)}" if order else ""
    limit = MOST_GROUPS + 1 if aggregate.limit is None else aggregate.limit
    return f"SELECT {', '.join(outputs)} FROM {source}{where}{grouped}{ordered} LIMIT {limit}", parameters  # noqa: S608  see above


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _function(measure: Measure) -> str:
    if measure.column is None:
        return "count(*)"
    column, value = measure.column, _quoted(measure.column.field.name)
    if (
        column.facts.as_text
        and column.field.type in ("integer", "number")
        and measure.function not in ("count", "distinct")
    ):
        # The column is text in Parquet; only cells that are numbers take part.
        pattern, kind = (INTEGER, "BIGINT") if column.field.type == "integer" else (NUMBER, "DOUBLE")
        value = f"CASE WHEN regexp_matches({value}, '{pattern}') THEN CAST({value} AS {kind}) END"
    return _MEASURES[measure.function].format(c=value)


def plain_figure(value: Any) -> Any:
    """Return a figure as it stands in JSON."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_INTEGER else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return str(value)
