"""What a provider allows, over all workers of this home: connections at once, calls per second, rests after failures."""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tdpf.wire.connected import ConnectedLimits
from tdpf.wire.connected_problems import SourceBusy, SourceResting

_PACE = 1 << 20
_LOOK_SECONDS = 0.005
_LONGEST_WAIT = 5.0
_TURN_SECONDS = 0.05
_BURST_SECONDS = 1.0
_FLOCK = "hhqqi4x"


def _lock(file: int, byte: int, *, wait: bool = False) -> None:
    """Lock one byte; raises OSError when another has it and it is not waited for."""
    asked = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
    fcntl.fcntl(file, asked, struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0))


def _unlock(file: int, byte: int) -> None:
    fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, fcntl.F_UNLCK, os.SEEK_SET, byte, 1, 0))


class Budget:
    """One source's. A connection is a locked byte of a shared file, so a killed worker leaves none counted.

    The locks belong to the opened file (fcntl(2), F_OFD_SETLK), not to the process: two budgets of one file, before and after
    its limits were changed, count for each other, and closing one ends no lock of the other.
    """

    def __init__(self, path: Path, collection: str, limits: ConnectedLimits) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._closing = False
        self._collection = collection
        self._limits = limits
        self._mine: set[int] = set()
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    def close(self) -> None:
        """Let the file go as soon as no connection is held; who asks after that is refused with SourceBusy."""
        with self._lock:
            self._closing = True
            self._close_if_free()

    def _close_if_free(self) -> None:
        if self._closing and not self._mine and self._file is not None:
            os.close(self._file)
            self._file = None

    def _opened(self) -> int:
        if self._file is None:
            raise SourceBusy(collection=self._collection)
        return self._file

    def may_ask(self) -> None:
        """Raise SourceResting while the source rests, SourceBusy when it was asked as often as it may be."""
        left = self._rests_until - time.monotonic()
        if left > 0:
            raise SourceResting(collection=self._collection, seconds=int(left) + 1)
        if self._limits.per_second:
            self._keep_pace()

    def _keep_pace(self) -> None:
        with self._lock:
            file = self._opened()
            _lock(file, _PACE, wait=True)
            try:
                stored = os.pread(file, 8, 0)
                now = time.time()
                due = max(now, struct.unpack("d", stored)[0] if len(stored) == 8 else 0.0)
                # A clock that was set back must not close the source for good.
                due = now if due > now + 60 else due
                if due - now >= _BURST_SECONDS:
                    raise SourceBusy(collection=self._collection)
                os.pwrite(file, struct.pack("d", due + 1 / self._limits.per_second), 0)
            finally:
                _unlock(file, _PACE)

    def turn(self, until: float) -> None:
        """Wait until one more call is due, `until` (monotonic) at the latest; raises SourceBusy."""
        is_due = not self._limits.per_second
        while not is_due:
            try:
                self._keep_pace()
                is_due = True
            except SourceBusy:
                if time.monotonic() + _TURN_SECONDS > until:
                    raise
                time.sleep(_TURN_SECONDS)

    def take(self) -> int:
        """Take one of the connections, waiting a little for it; raises SourceBusy."""
        until = time.monotonic() + min(_LONGEST_WAIT, self._limits.timeout_seconds)
        while True:
            with self._lock:
                place = next((n for n in range(1, self._limits.most_connections + 1) if self._locked(n)), None)
            if place is not None:
                return place
            if time.monotonic() > until:
                raise SourceBusy(collection=self._collection)
            time.sleep(_LOOK_SECONDS)

    def _locked(self, place: int) -> bool:
        if place in self._mine:
            return False
        try:
            _lock(self._opened(), _PACE + place)
        except OSError:
            return False
        self._mine.add(place)
        return True

    def give(self, place: int) -> None:
        """Give a connection back."""
        with self._lock:
            self._mine.discard(place)
            _unlock(self._opened(), _PACE + place)
            self._close_if_free()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold one connection until the end of the block; raises SourceBusy, SourceResting."""
        self.may_ask()
        place = self.take()
        try:
            yield
        finally:
            self.give(place)

    def answered(self) -> None:
        """Note that the source is well."""
        self._failures = 0

    def failed(self) -> None:
        """Note a failure; after enough of them in a row the source rests."""
        self._failures += 1
        if self._failures >= self._limits.errors_to_rest:
            self._failures = 0
            self._rests_until = time.monotonic() + self._limits.rest_seconds
