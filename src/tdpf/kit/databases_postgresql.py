"""PostgreSQL for `databases`: one read-only transaction for each question, ended by the server after its time."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from pg8000.core import CoreConnection
from pg8000.exceptions import DatabaseError, InterfaceError

from tdpf.kit.databases import (
    MARK,
    DatabaseAddress,
    DatabaseFault,
    DatabaseRefused,
    DatabaseSlow,
    Rows,
    SeenColumn,
    broken,
    waits,
)
from tdpf.kit.errors import Problem

_TYPES = {
    16: "boolean", 20: "integer", 21: "integer", 23: "integer", 700: "number", 701: "number", 1700: "number",
    1082: "date", 1083: "time", 1114: "datetime", 1184: "datetime",
}  # fmt: skip
_STATEMENT_ENDED = "57014"


class PostgresSession:
    """See `databases.Session`."""

    def __init__(
        self, address: DatabaseAddress, sock: socket.socket, context: ssl.SSLContext | None, seconds: float
    ) -> None:
        self._host, self._seconds = address.host, seconds
        try:
            self._connection: Any = CoreConnection(
                user=address.account,
                host=address.host,
                database=address.database,
                port=address.port,
                password=address.password,
                sock=sock,
                ssl_context=context if context is not None else False,
                application_name="tdpf",
                startup_params={
                    "default_transaction_read_only": "on",
                    "statement_timeout": str(int(seconds * 1000)),
                    "idle_in_transaction_session_timeout": str(int(waits(seconds) * 1000)),
                    "TimeZone": "Asia/Tokyo",
                    "DateStyle": "ISO",
                },
            )
            sock_now = self._connection._usock
            sock_now.settimeout(waits(seconds))
        except (DatabaseError, InterfaceError, OSError, ssl.SSLError, ValueError) as fault:
            sock.close()
            raise self._problem(fault) from None

    def rows(self, sql: str, values: Sequence[object], *, batch: int = 1000) -> Iterator[Rows]:
        """Yield the answer's rows a batch at a time, by a cursor on the server."""
        numbered = _numbered(sql)
        try:
            self._connection.execute_simple("BEGIN READ ONLY")
            try:
                self._connection.execute_unnamed(f"DECLARE asked NO SCROLL CURSOR FOR {numbered}", vals=tuple(values))
                while True:
                    found = self._connection.execute_simple(f"FETCH {int(batch)} FROM asked").rows
                    if found:
                        yield [tuple(row) for row in found]
                    if len(found) < batch:
                        return
            finally:
                self._connection.execute_simple("ROLLBACK")
        except (DatabaseError, InterfaceError, OSError, ssl.SSLError, ValueError) as fault:
            raise self._problem(fault) from None

    def columns(self, sql: str) -> list[SeenColumn]:
        """Return the columns of a statement."""
        try:
            self._connection.execute_simple("BEGIN READ ONLY")
            try:
                # One SELECT, see `is_one_question`; this protocol takes no second statement either.
                described = self._connection.execute_unnamed(f"SELECT * FROM ({sql}) AS t LIMIT 0").columns  # noqa: S608  one question
            finally:
                self._connection.execute_simple("ROLLBACK")
        except (DatabaseError, InterfaceError, OSError, ssl.SSLError, ValueError) as fault:
            raise self._problem(fault) from None
        return [SeenColumn(column["name"], _TYPES.get(column["type_oid"], "string")) for column in described or ()]

    def close(self) -> None:
        """End the session."""
        with suppress(Exception):
            self._connection.close()

    def _problem(self, fault: Exception) -> Problem:
        if isinstance(fault, Problem):
            return fault
        if isinstance(fault, DatabaseError) and fault.args and isinstance(fault.args[0], dict):
            said = fault.args[0]
            if said.get("C") == _STATEMENT_ENDED:
                return DatabaseSlow(seconds=int(self._seconds))
            return DatabaseFault(state=str(said.get("C", "")), said=str(said.get("M", ""))[:200])
        if isinstance(fault, InterfaceError) and "SSL" in str(fault):
            return DatabaseRefused(
                host=self._host, why_ja="サーバーが暗号化に応じません", why_en="the server does not encrypt"
            )
        cause = fault.__cause__ or fault.__context__ or fault
        return broken(self._host, cause if isinstance(cause, OSError) else fault, self._seconds)


def _numbered(sql: str) -> str:
    first, *rest = sql.split(MARK)
    return first + "".join(f"${number}{piece}" for number, piece in enumerate(rest, start=1))
