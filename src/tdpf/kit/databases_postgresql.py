"""PostgreSQL for `databases`: one read-only transaction for each question, ended by the server after its time."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from pg8000.core import CoreConnection
from pg8000.exceptions import DatabaseError, InterfaceError

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
    16: "boolean", 20: "integer", 21: "integer", 23: "integer", 700: "number", 701: "number", 1700: "number",
    1082: "date", 1083: "time", 1114: "datetime", 1184: "datetime",
}  # fmt: skip
_STATEMENT_ENDED = "57014"
_MOST_ROUNDS = 100_000
_SASL_CONTINUE = b"\x00\x00\x00\x0b"


class _Connection(CoreConnection):  # type: ignore[misc]  # untyped
    """A connection that does not let the server choose how long the password is hashed (RFC 5802, `i=`)."""

    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: Any) -> None:  # noqa: N802  the driver's name
        rounds = re.search(rb",i=(\d+)", data) if data[:4] == _SASL_CONTINUE else None
        if rounds is not None and (len(rounds[1]) > 9 or int(rounds[1]) > _MOST_ROUNDS):
            raise InterfaceError("too many rounds of hashing")
        super().handle_AUTHENTICATION_REQUEST(data, context)


class PostgresSession:
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
            self._connection: Any = _Connection(
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
        except (DatabaseError, InterfaceError, *STRANGE) as fault:
            sock.close()
            clock.close()
            raise self._problem(fault) from None

    def rows(self, sql: str, values: Sequence[object], *, batch: int = 1000) -> Iterator[Rows]:
        """Yield the answer's rows a batch at a time, by a cursor on the server."""
        numbered = _numbered(sql)
        try:
            self._begin()
            try:
                self._connection.execute_unnamed(f"DECLARE asked NO SCROLL CURSOR FOR {numbered}", vals=tuple(values))
                while True:
                    found = self._connection.execute_simple(f"FETCH {int(batch)} FROM asked").rows
                    if found:
                        yield [tuple(row) for row in found]
                    if len(found) < batch:
                        return
            except GeneratorExit:
                # Whoever breaks off does not wait for what is still on its way.
                self.clock.cut()
                raise
            finally:
                if not self.clock.is_cut:
                    self._connection.execute_simple("ROLLBACK")
        except (DatabaseError, InterfaceError, *STRANGE) as fault:
            raise self._problem(fault) from None

    def columns(self, sql: str) -> list[SeenColumn]:
        """Return the columns of a statement."""
        try:
            self._begin()
            try:
                # One SELECT, see `is_one_question`; this protocol takes no second statement either.
                described = self._connection.execute_unnamed(f"SELECT * FROM ({sql}) AS t LIMIT 0").columns  # noqa: S608  one question
            finally:
                if not self.clock.is_cut:
                    self._connection.execute_simple("ROLLBACK")
        except (DatabaseError, InterfaceError, *STRANGE) as fault:
            raise self._problem(fault) from None
        return [SeenColumn(column["name"], _TYPES.get(column["type_oid"], "string")) for column in described or ()]

    def _begin(self) -> None:
        # Set each time: an earlier question may have changed it.
        bounds = f"SET LOCAL statement_timeout = {int(self._seconds * 1000)}"
        self._connection.execute_simple(f"BEGIN READ ONLY; {bounds}")

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
