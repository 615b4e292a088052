"""Asking the parts of a gathered table: each through the gateway, by the gatherer's own key, in the part's own names."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from tdpf.dataplane.delivery.connectors.asked import Asked, MissingPart
from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.quotas import Take
from tdpf.dataplane.delivery.connectors.words import CqlDialect
from tdpf.dataplane.delivery.requests import GATHERING
from tdpf.kit.databases import MARK
from tdpf.kit.text import Text
from tdpf.tables.conditions import Column, Condition
from tdpf.tables.places import Box
from tdpf.wire.connected import ConnectedTable, GatheredPart
from tdpf.wire.delivery_problems import BadParameter

log = logging.getLogger("tdpf.delivery")

MOST_ROWS = 10_000
_OPEN, _SHUT = "\x01", "\x02"
_MARKED = re.compile(f"{_OPEN}([^{_SHUT}]*){_SHUT}|{MARK}")
_SILENT = Text("答えがありませんでした", "it did not answer")
_UNFIT = Text("この問いの列を持っていません", "it does not have the columns of this question")


def gateway_url() -> str:
    """Return where collections are asked: at this machine's gateway, unless the settings say another."""
    return os.environ.get("TDPF_GATEWAY_URL") or f"http://127.0.0.1:{os.environ.get('TDPF_PORT', '8080')}"


class PartDialect(CqlDialect):
    """CQL2 text in which names are marked and literals stand aside until it is known which part is asked."""

    def name(self, column: str) -> str:
        """Return the marked name."""
        return f"{_OPEN}{column}{_SHUT}"

    def value(self, column: Column, native: object) -> Condition:
        """Return the place of a literal."""
        return Condition(MARK, (super().value(column, native).sql,))

    def like(self, sql: str, pieces: Sequence[str]) -> Condition:
        """Return that a text matches."""
        return Condition(sql + MARK, (super().like("", pieces).sql,))

    def inside(self, latitude: str, longitude: str, box: Box) -> Condition:
        """Return that a place lies in a box, by its two columns: what a part takes for its place is its own affair."""
        return Condition(
            f"({latitude} >= {box.south} AND {latitude} <= {box.north}"
            f" AND {longitude} >= {box.west} AND {longitude} <= {box.east})"
        )


@dataclass(frozen=True, slots=True)
class Came:
    """What one part answered: rows as objects under the gathered table's names, or why there are none; and by how many calls."""

    rows: list[dict[str, Any]]
    matched: int | None = 0
    missing: MissingPart | None = None
    calls: int = 0


class Parts:
    """Asks the parts of one table; belongs to no thread."""

    def __init__(self, table: ConnectedTable, key: str, gateway: str, budget: Budget) -> None:
        self._table = table
        self._joins = table.gathered is not None and table.gathered.how == "join"
        self._budget = budget
        self._http = httpx.Client(
            base_url=gateway, timeout=table.limits.timeout_seconds, trust_env=False,
            headers={"x-api-key": key, "accept": "application/json", GATHERING: "1"},
        )  # fmt: skip

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def rows(
        self, part: GatheredPart, asked: Asked, limit: int, offset: int, take: Take, names: Sequence[str] | None = None
    ) -> Came:
        """Ask one part; raises SourceBusy at the pace the gatherer set, and as `take`."""
        if part.withheld:
            return _missing(part, 403, Text(part.withheld, part.withheld), calls=0)
        try:
            text = told_to(part, asked.condition)
            order = [(column.field.name, descending) for column, descending in asked.order]
            sorting = ",".join(("-" if down else "") + _listed(part.columns[name]) for name, down in order)
        except KeyError as unknown:
            if self._joins:
                # Which columns a part has is not every caller's to know.
                raise BadParameter(
                    parameter="filter",
                    value=str(unknown.args[0])[:80],
                    expected="a column of the first part of the join",
                ) from None
            return _missing(part, 400, _UNFIT, calls=0)
        wished = (
            names
            if names is not None
            else [name for name in dict.fromkeys((*asked.names, *(name for name, _ in order))) if name in part.columns]
        )
        parameters = {"f": "json", "limit": str(min(limit, MOST_ROWS)), "offset": str(offset)}
        parameters["properties"] = ",".join(_listed(part.columns[name]) for name in wished)
        parameters |= {"filter": text} if text else {}
        parameters |= {"sortby": sorting} if sorting else {}
        self._budget.may_ask()
        return self._asked(part, parameters, wished, take)

    def _asked(self, part: GatheredPart, parameters: Mapping[str, str], wished: Sequence[str], take: Take) -> Came:
        address = f"/data/collections/{quote(part.collection)}/items"
        try:
            with self._http.stream("GET", address, params=parameters) as answer:
                body = _body(answer, take)
        except (httpx.HTTPError, ValueError, OSError) as fault:
            log.warning("%s, a part of %s: %s", part.collection, self._table.address, type(fault).__name__)
            return _missing(part, 502, _SILENT)
        if answer.status_code != 200 or not isinstance(body.get("rows"), list):
            title = str(body.get("title", ""))[:200]
            return _missing(part, answer.status_code, Text(title, title) if title else _SILENT)
        rows = [{name: row.get(part.columns[name]) for name in wished} for row in body["rows"]]
        matched = body.get("numberMatched")
        return Came(rows, matched if isinstance(matched, int) else None, calls=1)


def _missing(part: GatheredPart, status: int, why: Text, *, calls: int = 1) -> Came:
    return Came([], None, MissingPart(part.collection, status, why), calls)


def told_to(part: GatheredPart, condition: Condition) -> str:
    """Return a condition as the part understands it; raises KeyError for a column that the part does not have."""
    literals = iter(condition.parameters)

    def told(mark: re.Match[str]) -> str:
        # What was put in is not looked at again: a literal may hold whatever it likes.
        return str(next(literals)) if mark[1] is None else CqlDialect().name(part.columns[mark[1]])

    return _MARKED.sub(told, condition.sql)


def _listed(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\r\n') or name != name.strip() else name


def _body(answer: httpx.Response, take: Take) -> dict[str, Any]:
    whole = bytearray()
    for piece in answer.iter_bytes():
        take(len(piece))
        whole += piece
    body = orjson.loads(whole)
    if not isinstance(body, dict):
        raise ValueError("the answer is not an object")
    return body
