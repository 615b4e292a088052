"""A view of a provider's database: one relation or one statement, asked read-only for the columns it was offered with."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import ClassVar

from tdpf.dataplane.delivery.connectors.asked import Answered, Asked, Row
from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.words import MySqlDialect, PostgresDialect, RemoteWords
from tdpf.kit.database_clock import PAGE_BYTES, PAGE_GRACE_SECONDS, WHOLE_SECONDS
from tdpf.kit.database_sessions import open_session
from tdpf.kit.databases import (
    DatabaseAddress,
    DatabaseFault,
    DatabaseLarge,
    DatabaseSlow,
    Session,
)
from tdpf.kit.errors import Problem
from tdpf.tables.conditions import Column, Condition, columns_of
from tdpf.tables.types import TableManifest
from tdpf.wire.connected import ConnectedTable, SqlPlace
from tdpf.wire.connected_problems import SourceChanged, SourceSilent, SourceSlow, SourceTooLarge
from tdpf.wire.sources import ApiCredential

log = logging.getLogger("tdpf.delivery")

_BATCH = 1000
_IDLE_SECONDS = 5.0
_COUNTED_AT_MOST = 100_000
_FEW_CONNECTIONS = 4


class SqlTable:
    """Keeps a session or two open, each counted against what the provider allows."""

    turns_by_key: ClassVar[bool] = True
    in_one_piece: ClassVar[bool] = False

    def __init__(
        self,
        table: ConnectedTable,
        place: SqlPlace,
        manifest: TableManifest,
        budget: Budget,
        credential: ApiCredential,
        *,
        allow_private: bool,
    ) -> None:
        self._table = table
        self._budget = budget
        self._manifest = manifest
        self._seconds = float(table.limits.timeout_seconds)
        self._address = DatabaseAddress(
            place.engine, place.host, place.port, place.database, credential.name, credential.password, place.tls,
            place.certificate, credential.shown,
        )  # fmt: skip
        self._allow_private = allow_private
        self._dialect = PostgresDialect() if place.engine == "postgresql" else MySqlDialect()
        self._words = RemoteWords(self._dialect, {column.name: column.at_origin for column in table.columns})
        self.source = f"({place.statement}) AS t" if place.statement else self._relation(place.relation)
        self._columns = columns_of(manifest)
        self._idle: list[tuple[float, int, Session]] = []
        self._closed = False
        self._lock = threading.Lock()

    @property
    def words(self) -> RemoteWords:
        """The words its conditions are told in."""
        return self._words

    def page(self, asked: Asked) -> Answered:
        """Return one page of rows, and how many there are in all if that is soon counted."""
        sql, values = self._statement(asked)

        def ask(session: Session) -> Answered:
            rows: list[Row] = []
            for batch in session.rows(sql, values, batch=max(_BATCH, asked.limit + 1)):
                rows += batch
                if len(rows) > asked.limit:
                    raise DatabaseLarge(host=self._address.host)
            if len(rows) < asked.limit and asked.after is None and (rows or not asked.offset):
                return Answered(rows, asked.offset + len(rows))
            counted = self._count(asked.condition)
            [[(number,)]] = list(session.rows(*counted))
            return Answered(rows, int(number) if number <= _COUNTED_AT_MOST else None)

        return self._asked(ask)

    def answer_of(self, sql: str, values: tuple[object, ...], most: int) -> list[Row]:
        """Return the rows of a statement made by `aggregating`."""

        def ask(session: Session) -> Answered:
            return Answered([row for batch in session.rows(sql, values, batch=most) for row in batch])

        return self._asked(ask).rows

    def stream(self, asked: Asked) -> Generator[list[Row]]:
        """Yield rows as the database sends them."""
        sql, values = self._statement(asked)
        with self._session(whole=True) as session, self._explained():
            yield from session.rows(sql, values, batch=_BATCH)

    def close(self) -> None:
        """End what is idle; what is still asked ends when it has answered."""
        self._closed = True
        self.let_go(older_than=0.0)

    def let_go(self, *, older_than: float = _IDLE_SECONDS) -> None:
        """End the sessions that nobody asked for a while."""
        with self._lock:
            gone = [entry for entry in self._idle if time.monotonic() - entry[0] >= older_than]
            self._idle = [entry for entry in self._idle if entry not in gone]
        for _, place, session in gone:
            session.close()
            self._budget.give(place)

    def _relation(self, relation: str) -> str:
        return ".".join(self._dialect.name(part) for part in relation.split(".")) + " AS t"

    def _statement(self, asked: Asked) -> tuple[str, tuple[object, ...]]:
        # Names come from the connection's document and are quoted; every value goes beside the text.
        names = ", ".join(self._words.sql(self._columns[name]) for name in asked.names)
        condition = asked.condition
        if asked.after is not None:
            condition = self._words.all_of([condition, self._behind(asked.after)])
        where = f" WHERE {condition.sql}" if condition.sql else ""
        order = asked.order or tuple((self._columns[name], False) for name in self._manifest.key_columns)
        keys = ", ".join(self._ordered(column, descending) for column, descending in order)
        ordered = f" ORDER BY {keys}" if keys else ""
        offset = f" OFFSET {asked.offset}" if asked.offset else ""
        return (
            f"SELECT {names} FROM {self.source}{where}{ordered} LIMIT {asked.limit}{offset}",  # noqa: S608  see above
            condition.parameters,
        )

    def _ordered(self, column: Column, descending: bool) -> str:
        name = self._words.sql(column)
        if isinstance(self._dialect, MySqlDialect):
            return f"{name} {'DESC' if descending else 'ASC'}"
        # Empty cells come first, as in rows files and in MySQL; a key has none, and its index is to serve.
        empty = "" if column.field.name in self._manifest.key_columns else f" NULLS {'LAST' if descending else 'FIRST'}"
        return f"{name} {'DESC' if descending else 'ASC'}{empty}"

    def _behind(self, after: tuple[object, ...]) -> Condition:
        """Return that a row's key is greater than another's."""
        keys = [self._columns[name] for name in self._manifest.key_columns]
        parts = []
        for position, (column, value) in enumerate(zip(keys, after, strict=True)):
            same = [self._words.compare(keys[n], "=", after[n]) for n in range(position)]
            parts.append(self._words.all_of([*same, self._words.compare(column, ">", value)]))
        return self._words.any_of(parts)

    def _count(self, condition: Condition) -> tuple[str, tuple[object, ...]]:
        where = f" WHERE {condition.sql}" if condition.sql else ""
        inner = f"SELECT 1 AS one FROM {self.source}{where} LIMIT {_COUNTED_AT_MOST + 1}"  # noqa: S608  as above
        return f"SELECT count(*) FROM ({inner}) AS counted", condition.parameters  # noqa: S608  as above

    def _asked(self, ask: Callable[[Session], Answered]) -> Answered:
        for reused in (bool(self._idle), False):
            try:
                with self._session() as session, self._explained():
                    return ask(session)
            except SourceSilent:
                # A session that was idle may have been ended at the other side.
                if not reused:
                    raise
        raise AssertionError("the second try returns or raises")

    @contextmanager
    def _session(self, *, whole: bool = False) -> Iterator[Session]:
        self._budget.may_ask()
        with self._lock:
            known = self._idle.pop() if self._idle else None
        if known is not None:
            _, place, session = known
        else:
            place = self._budget.take()
            try:
                with self._explained(opening=True):
                    session = open_session(self._address, seconds=self._seconds, allow_private=self._allow_private)
            except BaseException:
                self._budget.give(place)
                raise
        sound = False
        if whole:
            session.clock.set(seconds=WHOLE_SECONDS, most_bytes=None)
        else:
            session.clock.set(seconds=self._seconds + PAGE_GRACE_SECONDS, most_bytes=PAGE_BYTES)
        try:
            yield session
            sound = True
        except SourceChanged:
            sound = True
            raise
        finally:
            stays = session.clock.rest() and sound and self._table.limits.most_connections >= _FEW_CONNECTIONS
            with self._lock:
                stays = stays and not self._closed
                if stays:
                    self._idle.append((time.monotonic(), place, session))
            if not stays:
                session.close()
                self._budget.give(place)

    @contextmanager
    def _explained(self, *, opening: bool = False) -> Iterator[None]:
        """Turn the database's faults into what consumers may know; what it said is for the log."""
        address = self._table.address
        try:
            yield
        except DatabaseSlow:
            # A question that takes long is its consumer's; only a database that lets nobody in is rested.
            if opening:
                self._budget.failed()
            raise SourceSlow(collection=address, seconds=int(self._seconds)) from None
        except DatabaseLarge:
            raise SourceTooLarge(collection=address) from None
        except DatabaseFault as fault:
            log.warning("the database of %s refused: %s", address, fault.data)
            raise SourceChanged(collection=address) from None
        except Problem as fault:
            self._budget.failed()
            log.warning("the database of %s is not reached: %s", address, fault.detail_in("en"))
            raise SourceSilent(collection=address) from None
        self._budget.answered()
