"""`/aggregate` of a table that is asked where it is: grouped by the provider's own engine, over columns in sight only."""

from __future__ import annotations

from typing import Any

import orjson

from tdpf.dataplane.delivery.aggregates import (
    MOST_GROUPS,
    NOT_ASKED_OF_ROWS,
    Aggregate,
    Measure,
    plain_figure,
    read_aggregate,
)
from tdpf.dataplane.delivery.answers import Answer
from tdpf.dataplane.delivery.connectors.answering import Asking
from tdpf.dataplane.delivery.connectors.asked import Row
from tdpf.dataplane.delivery.connectors.sql import SqlTable
from tdpf.dataplane.delivery.connectors.words import MySqlDialect, RemoteWords
from tdpf.dataplane.delivery.connectors.writing import plain
from tdpf.dataplane.delivery.formats import MEDIA_TYPES, choose_format
from tdpf.dataplane.delivery.questions import read_question
from tdpf.dataplane.delivery.requests import Request
from tdpf.tables.conditions import Column, Condition
from tdpf.tables.errors import NotForThisColumn
from tdpf.wire.connected_problems import NotAskedSo
from tdpf.wire.delivery_problems import TooManyGroups, UnknownParameter


async def asked_aggregate(asking: Asking, request: Request) -> Answer:
    """Answer `/aggregate`; raises the problems of delivery and of connected tables."""
    table, parameters = asking.table, request.parameters()
    if not isinstance(table, SqlTable):
        raise NotAskedSo(collection=asking.source.address)
    if "version" in parameters:
        raise UnknownParameter(parameter="version", near="group_by, measures, filter")
    choose_format(parameters.get("f"), request.accept, "json", ("json",))
    aggregate = read_aggregate(parameters, asking.scope)
    for measure in aggregate.measures:
        if measure.column is not None and measure.column.field.type == "boolean" and measure.function in ("min", "max"):
            raise NotForThisColumn(operation=measure.function, column=measure.column.field.name, type="boolean")
    asked_of_rows = {name: value for name, value in parameters.items() if name not in NOT_ASKED_OF_ROWS}
    condition = table.words.all_of([asking.in_sight, read_question(asked_of_rows, asking.scope).condition])
    sql, values = grouped(aggregate, condition, table.words, table.source)
    rows: list[Row] = await asking.in_thread(lambda: table.answer_of(sql, values, MOST_GROUPS + 1))
    if len(rows) > MOST_GROUPS:
        raise TooManyGroups(most=MOST_GROUPS)
    body = {"rows": [_row(aggregate, row) for row in rows], "numberReturned": len(rows)}
    headers = [*asking.headers, ("cache-control", "private, no-cache"), ("content-type", MEDIA_TYPES["json"])]
    return Answer(200, headers, orjson.dumps(body))


def grouped(
    aggregate: Aggregate, condition: Condition, words: RemoteWords, source: str
) -> tuple[str, tuple[object, ...]]:
    """Return the statement and its values. Names come from the connection's document and are quoted; no value is in the text."""
    is_mysql = isinstance(words.dialect, MySqlDialect)
    outputs = [f"{_told_apart(column, words)} AS o{position}" for position, column in enumerate(aggregate.groups)]
    for position, measure in enumerate(aggregate.measures, start=len(outputs)):
        outputs.append(f"{_figure(measure, words)} AS o{position}")
    names = [*(column.field.name for column in aggregate.groups), *(measure.name for measure in aggregate.measures)]
    wished = [(names.index(name), descending) for name, descending in aggregate.order]
    order = [*wished, *((position, False) for position in range(len(aggregate.groups)))]
    keys = [
        f"o{position} IS NULL, o{position}{' DESC' if down else ''}"
        if is_mysql
        else f"o{position}{' DESC' if down else ''} NULLS LAST"
        for position, down in order
    ]
    where = f" WHERE {condition.sql}" if condition.sql else ""
    by = ", ".join(str(position + 1) for position in range(len(aggregate.groups)))
    inner = f"SELECT {', '.join(outputs)} FROM {source}{where}{f' GROUP BY {by}' if by else ''}"  # noqa: S608  see above
    ordered = f" ORDER BY {', '.join(keys)}" if keys else ""
    limit = MOST_GROUPS + 1 if aggregate.limit is None else aggregate.limit
    return f"SELECT * FROM ({inner}) AS made{ordered} LIMIT {limit}", condition.parameters  # noqa: S608  see above


def _told_apart(column: Column, words: RemoteWords) -> str:
    sql = words.sql(column)
    if column.field.type in ("string", "code") and words.dialect.folds:
        return f"CONVERT({sql} USING utf8mb4) COLLATE utf8mb4_bin"
    return sql


def _figure(measure: Measure, words: RemoteWords) -> str:
    if measure.column is None:
        return "count(*)"
    if measure.function == "distinct":
        return f"count(DISTINCT {_told_apart(measure.column, words)})"
    return f"{measure.function}({words.sql(measure.column)})"


def _row(aggregate: Aggregate, row: Row) -> dict[str, Any]:
    made = {column.field.name: plain(value, column) for column, value in zip(aggregate.groups, row, strict=False)}
    for measure, value in zip(aggregate.measures, row[len(aggregate.groups) :], strict=True):
        is_cell = measure.column is not None and measure.function in ("min", "max")
        made[measure.name] = plain(value, measure.column) if is_cell else plain_figure(value)  # type: ignore[arg-type]  # a cell has its column
    return made
