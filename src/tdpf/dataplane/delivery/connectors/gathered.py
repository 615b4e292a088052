"""Several collections as one table (集約): each is asked through the gateway, by the gatherer's own key and under its terms.

So every part's agreement is checked where all agreements are, and counted as its terms say. A part that does not answer is
left out and told.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from tdpf.dataplane.delivery.connectors.asked import Answered, Asked, MissingPart, Row
from tdpf.dataplane.delivery.connectors.words import CqlDialect, RemoteWords
from tdpf.kit.text import Text
from tdpf.tables.conditions import Condition, columns_of
from tdpf.tables.types import TableManifest
from tdpf.wire.connected import ConnectedTable, GatheredPart, GatheredPlace
from tdpf.wire.connected_problems import SourceSilent, TooFarAhead
from tdpf.wire.delivery_problems import BadParameter

log = logging.getLogger("tdpf.delivery")

MOST_ROWS = 10_000
_MOST_BYTES = 64 << 20
_KEYS_AT_ONCE = 40
_AT_ONCE = 8
_OPEN, _SHUT = "\x01", "\x02"
_SILENT = Text("答えがありませんでした", "it did not answer")
_UNFIT = Text("この問いの列を持っていません", "it does not have the columns of this question")


def gateway_url() -> str:
    """Return where collections are asked: at this machine's gateway, unless the settings say another."""
    return os.environ.get("TDPF_GATEWAY_URL") or f"http://127.0.0.1:{os.environ.get('TDPF_PORT', '8080')}"


class _PartDialect(CqlDialect):
    """Column names stay marked until it is known which part is asked."""

    def name(self, column: str) -> str:
        """Return the marked name."""
        return f"{_OPEN}{column}{_SHUT}"


@dataclass(frozen=True, slots=True)
class _Came:
    """What one part answered: rows as objects under the gathered table's names, or why there are none."""

    rows: list[dict[str, Any]]
    matched: int | None = 0
    missing: MissingPart | None = None


class GatheredTable:
    """Asks its parts at the same time; belongs to no thread."""

    def __init__(
        self, table: ConnectedTable, place: GatheredPlace, manifest: TableManifest, key: str, gateway: str
    ) -> None:
        self._table = table
        self._place = place
        self._columns = columns_of(manifest)
        self._keys = manifest.key_columns
        self._words = RemoteWords(_PartDialect(), {})
        self._http = httpx.Client(
            base_url=gateway, timeout=table.limits.timeout_seconds, trust_env=False,
            headers={"x-api-key": key, "accept": "application/json"},
        )  # fmt: skip
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gathered")

    @property
    def words(self) -> RemoteWords:
        """The words its conditions are told in."""
        return self._words

    def page(self, asked: Asked) -> Answered:
        """Return one page of rows, and which parts are not in it; raises SourceSilent when no part answered."""
        if asked.offset + asked.limit > MOST_ROWS + 1:
            raise TooFarAhead(collection=self._table.address, most=MOST_ROWS)
        match self._place.how:
            case "union":
                return self._union(asked)
            case "first":
                return self._first(asked)
            case _:
                return self._join(asked)

    def stream(self, asked: Asked) -> Generator[list[Row]]:
        """Yield the rows of one page: more than that is not gathered in one answer."""
        yield self.page(asked).rows

    def close(self) -> None:
        """Let go of connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def _union(self, asked: Asked) -> Answered:
        most = asked.offset + asked.limit
        came = list(self._threads.map(lambda part: self._rows(part, asked, most, 0), self._place.parts))
        rows = [row for one in came for row in one.rows]
        for column, descending in reversed(asked.order):
            # Empty cells come first, as in every table here; going down they come last.
            rows.sort(key=_by(column.field.name), reverse=descending)
        matched = [one.matched for one in came]
        known = None if None in matched else sum(number for number in matched if number is not None)
        return self._answered(asked, rows[asked.offset : most], known, came)

    def _first(self, asked: Asked) -> Answered:
        came: list[_Came] = []
        for part in self._place.parts:
            came.append(self._rows(part, asked, asked.limit, asked.offset))
            if came[-1].missing is None:
                break
        return self._answered(asked, came[-1].rows, came[-1].matched, came)

    def _join(self, asked: Asked) -> Answered:
        first, *others = self._place.parts
        names = [name for name in dict.fromkeys((*self._keys, *asked.names)) if name in first.columns]
        base = self._rows(first, asked, asked.limit, asked.offset, names)
        if base.missing is not None:
            raise SourceSilent(collection=self._table.address)
        by_key = {tuple(row[name] for name in self._keys): row for row in base.rows}
        came = list(self._threads.map(lambda part: self._joined(part, asked, list(by_key)), others))
        for one in came:
            for row in one.rows:
                known = by_key.get(tuple(row.get(name) for name in self._keys))
                for name, value in row.items() if known is not None else ():
                    known.setdefault(name, value)  # type: ignore[union-attr]  # looked at above
        return self._answered(asked, base.rows, base.matched, [base, *came])

    def _joined(self, part: GatheredPart, asked: Asked, keys: Sequence[tuple[Any, ...]]) -> _Came:
        names = [name for name in dict.fromkeys((*self._keys, *asked.names)) if name in part.columns]
        if set(names) <= set(self._keys):
            return _Came([])
        rows: list[dict[str, Any]] = []
        for begin in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[begin : begin + _KEYS_AT_ONCE]
            question = Asked(tuple(names), self._of_keys(some), limit=len(some) * 10)
            came = self._rows(part, question, question.limit, 0, names)
            if came.missing is not None:
                return came
            rows += came.rows
        return _Came(rows)

    def _of_keys(self, keys: Sequence[tuple[Any, ...]]) -> Condition:
        columns = [self._columns[name] for name in self._keys]
        if len(columns) == 1:
            return self._words.one_of(columns[0], [values[0] for values in keys])
        return self._words.any_of(
            [
                self._words.all_of(
                    [self._words.compare(column, "=", value) for column, value in zip(columns, values, strict=True)]
                )
                for values in keys
            ]
        )

    def _answered(
        self, asked: Asked, rows: Sequence[dict[str, Any]], matched: int | None, came: Sequence[_Came]
    ) -> Answered:
        missing = tuple(one.missing for one in came if one.missing is not None)
        if len(missing) == len(came):
            raise SourceSilent(collection=self._table.address)
        ordered = [tuple(row.get(name) for name in asked.names) for row in rows]
        return Answered(ordered, matched if not missing or self._place.how != "union" else None, missing, len(came))

    def _rows(
        self, part: GatheredPart, asked: Asked, limit: int, offset: int, names: Sequence[str] | None = None
    ) -> _Came:
        """Ask one part."""
        if part.withheld:
            return _missing(part, 403, Text(part.withheld, part.withheld))
        try:
            text = _in_names_of(part, asked.condition.sql)
            order = [(column.field.name, descending) for column, descending in asked.order]
            sorting = ",".join(("-" if down else "") + _listed(part.columns[name]) for name, down in order)
        except KeyError as unknown:
            if self._place.how == "join":
                # Which columns a part has is not every caller's to know.
                raise BadParameter(
                    parameter="filter",
                    value=str(unknown.args[0])[:80],
                    expected="a column of the first part of the join",
                ) from None
            return _missing(part, 400, _UNFIT)
        wished = (
            names
            if names is not None
            else [name for name in dict.fromkeys((*asked.names, *(name for name, _ in order))) if name in part.columns]
        )
        parameters = {"f": "json", "limit": str(min(limit, MOST_ROWS)), "offset": str(offset)}
        parameters["properties"] = ",".join(_listed(part.columns[name]) for name in wished)
        parameters |= {"filter": text} if text else {}
        parameters |= {"sortby": sorting} if sorting else {}
        return self._asked(part, parameters, wished)

    def _asked(self, part: GatheredPart, parameters: dict[str, str], wished: Sequence[str]) -> _Came:
        address = f"/data/collections/{quote(part.collection)}/items"
        try:
            with self._http.stream("GET", address, params=parameters) as answer:
                body = _body(answer)
        except (httpx.HTTPError, ValueError, OSError) as fault:
            log.warning("%s, a part of %s: %s", part.collection, self._table.address, type(fault).__name__)
            return _missing(part, 502, _SILENT)
        if answer.status_code != 200 or not isinstance(body.get("rows"), list):
            title = str(body.get("title", ""))[:200]
            return _missing(part, answer.status_code, Text(title, title) if title else _SILENT)
        rows = [{name: row.get(part.columns[name]) for name in wished} for row in body["rows"]]
        matched = body.get("numberMatched")
        return _Came(rows, matched if isinstance(matched, int) else None)


def _missing(part: GatheredPart, status: int, why: Text) -> _Came:
    return _Came([], None, MissingPart(part.collection, status, why))


def _in_names_of(part: GatheredPart, sql: str) -> str:
    """Return a condition with the part's own names; raises KeyError for a column that the part does not have."""
    first, *rest = sql.split(_OPEN)
    pieces = [first]
    for piece in rest:
        name, _, text = piece.partition(_SHUT)
        pieces += [CqlDialect().name(part.columns[name]), text]
    return "".join(pieces)


def _listed(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\r\n') or name != name.strip() else name


def _by(name: str) -> Callable[[dict[str, Any]], tuple[int, Any]]:
    def key(row: dict[str, Any]) -> tuple[int, Any]:
        value = row.get(name)
        if value is None:
            return 0, 0
        return (1, value) if isinstance(value, int | float) else (2, str(value))

    return key


def _body(answer: httpx.Response) -> dict[str, Any]:
    whole = bytearray()
    for piece in answer.iter_bytes():
        whole += piece
        if len(whole) > _MOST_BYTES:
            raise ValueError("the answer is too large")
    body = orjson.loads(whole)
    if not isinstance(body, dict):
        raise ValueError("the answer is not an object")
    return body
