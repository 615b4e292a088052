"""Several collections as one table (集約): each is asked through the gateway, by the gatherer's own key and under its terms.

So every part's agreement is checked where all agreements are, and counted as its terms say. A part that does not answer is
left out and told.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar
from urllib.parse import quote_plus

from tdpf.dataplane.delivery.connectors.asked import Answered, Asked, Row
from tdpf.dataplane.delivery.connectors.gathered_parts import MOST_ROWS, Came, PartDialect, Parts, told_to
from tdpf.dataplane.delivery.connectors.quotas import Memory, Take
from tdpf.dataplane.delivery.connectors.words import RemoteWords
from tdpf.tables.conditions import Condition, columns_of
from tdpf.tables.types import TableManifest
from tdpf.wire.connected import ConnectedTable, GatheredPart, GatheredPlace
from tdpf.wire.connected_problems import SourceSilent, TooFarAhead

_AT_ONCE = 8
_MOST_CALLS_OF_A_PART = 20
_KEYS_AT_ONCE = 150
_LONGEST_QUESTION = 3_500
_LONGEST_ADDRESS = 6_000


class GatheredTable:
    """Asks its parts at the same time; belongs to no thread."""

    turns_by_key: ClassVar[bool] = False
    in_one_piece: ClassVar[bool] = True

    def __init__(
        self, table: ConnectedTable, place: GatheredPlace, manifest: TableManifest, parts: Parts, memory: Memory
    ) -> None:
        self._table = table
        self._place = place
        self._columns = columns_of(manifest)
        self._keys = manifest.key_columns
        self._words = RemoteWords(PartDialect(), {})
        self._parts = parts
        self._memory = memory
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gathered")

    @property
    def words(self) -> RemoteWords:
        """The words its conditions are told in."""
        return self._words

    def page(self, asked: Asked) -> Answered:
        """Return one page of rows, and which parts are not in it.

        Raises SourceSilent when no part answered, TooFarAhead, SourceBusy, AnswerTooLarge, NoMemory.
        """
        if asked.offset + asked.limit > MOST_ROWS + 1:
            raise TooFarAhead(collection=self._table.address, most=MOST_ROWS)
        with self._memory.of_answer(self._table) as take:
            match self._place.how:
                case "union":
                    return self._union(asked, take)
                case "first":
                    return self._first(asked, take)
                case _:
                    return self._join(asked, take)

    def stream(self, asked: Asked) -> Generator[list[Row]]:
        """Yield the rows of one page: more than that is not gathered in one answer."""
        yield self.page(asked).rows

    def close(self) -> None:
        """Let go of connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._parts.close()

    def _union(self, asked: Asked, take: Take) -> Answered:
        most = asked.offset + asked.limit
        came = list(self._threads.map(lambda part: self._parts.rows(part, asked, most, 0, take), self._place.parts))
        rows = [row for one in came for row in one.rows]
        for column, descending in reversed(asked.order):
            # Empty cells come first, as in every table here; going down they come last.
            rows.sort(key=_by(column.field.name), reverse=descending)
        matched = [one.matched for one in came]
        known = None if None in matched else sum(number for number in matched if number is not None)
        return self._answered(asked, rows[asked.offset : most], known, came)

    def _first(self, asked: Asked, take: Take) -> Answered:
        came: list[Came] = []
        for part in self._place.parts:
            came.append(self._parts.rows(part, asked, asked.limit, asked.offset, take))
            if came[-1].missing is None:
                break
        return self._answered(asked, came[-1].rows, came[-1].matched, came)

    def _join(self, asked: Asked, take: Take) -> Answered:
        first, *others = self._place.parts
        names = [name for name in dict.fromkeys((*self._keys, *asked.names)) if name in first.columns]
        base = self._parts.rows(first, asked, asked.limit, asked.offset, take, names)
        if base.missing is not None:
            raise SourceSilent(collection=self._table.address)
        by_key = {tuple(row[name] for name in self._keys): row for row in base.rows}
        whole = [key for key in by_key if None not in key]
        came = list(self._threads.map(lambda part: self._joined(part, asked, whole, take), others))
        for one in came:
            for row in one.rows:
                known = by_key.get(tuple(row.get(name) for name in self._keys))
                for name, value in row.items() if known is not None else ():
                    known.setdefault(name, value)  # type: ignore[union-attr]  # looked at above
        return self._answered(asked, base.rows, base.matched, [base, *came])

    def _joined(self, part: GatheredPart, asked: Asked, keys: Sequence[tuple[Any, ...]], take: Take) -> Came:
        names = [name for name in dict.fromkeys((*self._keys, *asked.names)) if name in part.columns]
        if set(names) <= set(self._keys):
            return Came([])
        rows: list[dict[str, Any]] = []
        calls, done = 0, 0
        while done < len(keys):
            if calls == _MOST_CALLS_OF_A_PART:
                raise TooFarAhead(collection=self._table.address, most=done)
            some, condition = self._next_keys(part, keys[done : done + _KEYS_AT_ONCE])
            question = Asked(tuple(names), condition, limit=some * 10)
            came = self._parts.rows(part, question, question.limit, 0, take, names)
            calls, done = calls + came.calls, done + some
            if came.missing is not None:
                return Came([], None, came.missing, calls)
            rows += came.rows
        return Came(rows, calls=calls)

    def _next_keys(self, part: GatheredPart, keys: Sequence[tuple[Any, ...]]) -> tuple[int, Condition]:
        """Return how many of the keys one question can name, and the question."""
        some = len(keys)
        while True:
            condition = self._of_keys(keys[:some])
            text = told_to(part, condition)
            if some == 1 or (len(text) <= _LONGEST_QUESTION and len(quote_plus(text)) <= _LONGEST_ADDRESS):
                return some, condition
            some = (some + 1) // 2

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
        self, asked: Asked, rows: Sequence[dict[str, Any]], matched: int | None, came: Sequence[Came]
    ) -> Answered:
        missing = tuple(one.missing for one in came if one.missing is not None)
        if len(missing) == len(came):
            raise SourceSilent(collection=self._table.address)
        ordered = [tuple(row.get(name) for name in asked.names) for row in rows]
        known = matched if not missing or self._place.how != "union" else None
        return Answered(ordered, known, missing, sum(one.calls for one in came))


def _by(name: str) -> Callable[[dict[str, Any]], tuple[int, Any]]:
    def key(row: dict[str, Any]) -> tuple[int, Any]:
        value = row.get(name)
        if value is None:
            return 0, 0
        return (1, value) if isinstance(value, int | float) else (2, str(value))

    return key
