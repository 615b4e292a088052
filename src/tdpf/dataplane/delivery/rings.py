"""The ring of a stream: its newest events in a SQLite file of its own, shared by all workers, surviving restarts.

An event has a number that only grows, the time it came (Unix milliseconds) and a row of values. One write is one push,
whole or not at all; the journal (WAL) keeps readers and the writer out of each other's way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import orjson

from tdpf.kit.hashing import sha256_hex

REMEMBERED_PUSHES_SECONDS = 24 * 3600
_LARGEST_READ = 1000
_TRIES = 200

_TABLES = """
CREATE TABLE IF NOT EXISTS event(number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, row BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS last(key TEXT PRIMARY KEY, number INTEGER NOT NULL, at INTEGER NOT NULL, row BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS push(key TEXT PRIMARY KEY, at INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
  sha256 TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS push_at ON push(at);
"""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event as it was pushed, with all its columns."""

    number: int
    at: int
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pushed:
    """The numbers that a push's events have; `again` when the very same push had come before."""

    first: int
    count: int
    again: bool


class DifferentPush(Exception):
    """The idempotency key was used before for other events."""


class Ring:
    """One stream's file, opened by one thread. Raises apsw.Error when the disk does not take it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = apsw.Connection(str(path))
        self._connection.set_busy_timeout(5000)
        self._open()

    def _open(self) -> None:
        # Going over to the journal waits for nobody: two workers that open a new file at once may meet here.
        for left in reversed(range(_TRIES)):
            try:
                self._connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
                with self._writing():
                    self._connection.execute(_TABLES)
            except apsw.BusyError:
                if not left:
                    raise
                time.sleep(0.01)
            else:
                return

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def push(
        self, rows: Sequence[Mapping[str, Any]], *, key_columns: Sequence[str], window: int, idempotency_key: str = ""
    ) -> Pushed:
        """Add events and let the oldest go; the same key with the same events changes nothing. Raises DifferentPush."""
        packed = [orjson.dumps(row) for row in rows]
        digest = sha256_hex(b"\n".join(packed))
        with self._writing():
            run = self._connection.execute
            if idempotency_key:
                for first, count, sha256 in run(
                    "SELECT first, count, sha256 FROM push WHERE key=?", (idempotency_key,)
                ):
                    if sha256 != digest:
                        raise DifferentPush
                    return Pushed(first, count, True)
            now = int(time.time() * 1000)
            first = 0
            for row, data in zip(rows, packed, strict=True):
                run("INSERT INTO event(at, row) VALUES(?, ?)", (now, data))
                number = self._connection.last_insert_rowid()
                first = first or number
                if key_columns:
                    key = orjson.dumps([row.get(name) for name in key_columns]).decode()
                    run("INSERT OR REPLACE INTO last VALUES(?, ?, ?, ?)", (key, number, now, data))
            run("DELETE FROM event WHERE number <= ?", (first + len(rows) - 1 - window,))
            run(
                "DELETE FROM last WHERE key IN (SELECT key FROM last ORDER BY number DESC LIMIT -1 OFFSET ?)", (window,)
            )
            if idempotency_key:
                run("INSERT INTO push VALUES(?, ?, ?, ?, ?)", (idempotency_key, now, first, len(rows), digest))
                run("DELETE FROM push WHERE at < ?", (now - REMEMBERED_PUSHES_SECONDS * 1000,))
        return Pushed(first, len(rows), False)

    def newest(self) -> int:
        """Return the number of the newest event ever, 0 for none."""
        found = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name='event'").fetchone()
        return int(found[0]) if found else 0

    def oldest(self) -> int:
        """Return the number of the oldest event kept, 0 for none."""
        found = self._connection.execute("SELECT min(number) FROM event").fetchone()
        return int(found[0] or 0) if found else 0

    def mark(self) -> int:
        """Return a number that changes when another process has written; cheap enough to ask again and again."""
        found = self._connection.execute("PRAGMA data_version").fetchone()
        return int(found[0]) if found else 0

    def after(self, number: int, limit: int = _LARGEST_READ) -> list[StreamEvent]:
        """Return the events after a number, oldest first."""
        found = self._connection.execute(
            "SELECT number, at, row FROM event WHERE number > ? ORDER BY number LIMIT ?", (number, limit)
        )
        return [StreamEvent(number, at, orjson.loads(row)) for number, at, row in found]

    def last_values(self) -> list[StreamEvent]:
        """Return the last event of each key, the newest last."""
        found = self._connection.execute("SELECT number, at, row FROM last ORDER BY number")
        return [StreamEvent(number, at, orjson.loads(row)) for number, at, row in found]
