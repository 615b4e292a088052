"""MySQL and MariaDB for `databases`: a read-only session whose statements the server ends after their time."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from tdpf.kit.database_clock import Clock
from tdpf.kit.databases import (
    MARK,
    STRANGE,
    DatabaseAddress,
    DatabaseFault,
    DatabaseRefused,
    DatabaseSlow,
    Rows,
    SeenColumn,
    breach,
    broken,
    waits,
)
from tdpf.kit.errors import Problem

_TYPES = {
    FIELD_TYPE.TINY: "integer", FIELD_TYPE.SHORT: "integer", FIELD_TYPE.INT24: "integer", FIELD_TYPE.LONG: "integer",
    FIELD_TYPE.LONGLONG: "integer", FIELD_TYPE.YEAR: "integer", FIELD_TYPE.FLOAT: "number",
    FIELD_TYPE.DOUBLE: "number", FIELD_TYPE.DECIMAL: "number", FIELD_TYPE.NEWDECIMAL: "number",
    FIELD_TYPE.DATE: "date", FIELD_TYPE.NEWDATE: "date", FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.TIMESTAMP: "datetime", FIELD_TYPE.TIME: "time",
}  # fmt: skip
_ENDED = frozenset({1969, 3024, 1317, 2013})
_UNREACHED = frozenset({2003, 2006, 2013, 2026})


class MySqlSession:
    """See `databases.Session`."""

    def __init__(
        self,
        address: DatabaseAddress,
        sock: socket.socket,
        context: ssl.SSLContext | None,
        seconds: float,
        clock: Clock,
    ) -> None:
        self._host, self._seconds, self.clock = address.host, seconds, clock
        try:
            self._connection: Any = pymysql.connect(
                host=address.host, port=address.port, user=address.account, password=address.password,
                database=address.database, charset="utf8mb4", ssl=context, autocommit=True, defer_connect=True,
                read_timeout=waits(seconds), write_timeout=waits(seconds), local_infile=False, cursorclass=SSCursor,
            )  # fmt: skip
            self._connection.connect(sock)
            with self._connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
                cursor.execute("SET SESSION time_zone = '+09:00'")
                self._bound(cursor, seconds)
        except (pymysql.MySQLError, *STRANGE) as fault:
            sock.close()
            clock.close()
            raise self._problem(fault) from None

    def _bound(self, cursor: Any, seconds: float) -> None:
        # MariaDB counts seconds, MySQL milliseconds.
        if "mariadb" in str(self._connection.server_version).lower():
            cursor.execute(f"SET SESSION max_statement_time = {float(seconds)}")
        else:
            cursor.execute(f"SET SESSION max_execution_time = {int(seconds * 1000)}")

    def rows(self, sql: str, values: Sequence[object], *, batch: int = 1000) -> Iterator[Rows]:
        """Yield the answer's rows a batch at a time, as the server sends them."""
        try:
            with self._connection.cursor() as cursor:
                try:
                    cursor.execute(_with_marks(sql), tuple(values))
                    while found := cursor.fetchmany(batch):
                        yield list(found)
                except GeneratorExit:
                    # Whoever breaks off does not wait for what is still on its way; the cursor's end would read it.
                    self.clock.cut()
                    if cursor._result is not None:
                        cursor._result.unbuffered_active = False
                    raise
        except (pymysql.MySQLError, *STRANGE) as fault:
            raise self._problem(fault) from None

    def columns(self, sql: str) -> list[SeenColumn]:
        """Return the columns of a statement."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(_with_marks(f"SELECT * FROM ({sql}) AS t LIMIT 1"), ())  # noqa: S608  one SELECT, see is_one_question
                described = cursor.description or ()
                cursor.fetchall()
        except (pymysql.MySQLError, *STRANGE) as fault:
            raise self._problem(fault) from None
        return [SeenColumn(column[0], _TYPES.get(column[1], "string")) for column in described]

    def close(self) -> None:
        """End the session."""
        with suppress(Exception):
            self._connection.close()
        self.clock.close()

    def _problem(self, fault: Exception) -> Problem:
        if isinstance(fault, Problem):
            return fault
        if (breached := breach(self.clock, self._host)) is not None:
            return breached
        number = fault.args[0] if isinstance(fault, pymysql.MySQLError) and fault.args else 0
        cause = fault.__cause__ or fault.__context__
        if isinstance(cause, OSError):
            return broken(self._host, cause, self._seconds)
        if number in _ENDED:
            return DatabaseSlow(seconds=int(self._seconds))
        if isinstance(fault, pymysql.MySQLError) and number not in _UNREACHED and number:
            return DatabaseFault(state=str(number), said=str(fault.args[-1])[:200])
        if "SSL" in str(fault):
            return DatabaseRefused(
                host=self._host, why_ja="サーバーが暗号化に応じません", why_en="the server does not encrypt"
            )
        return broken(self._host, fault, self._seconds)


def _with_marks(sql: str) -> str:
    return sql.replace("%", "%%").replace(MARK, "%s")
