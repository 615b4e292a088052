"""A clock and a scale on a connection to a stranger's database, which shuts it down whatever its driver waits for."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Literal

Breach = Literal["", "slow", "large"]

PAGE_GRACE_SECONDS = 5.0
"""What one page may take beyond the time of its statement: signing in, sending, reading."""
WHOLE_SECONDS = 1800.0
"""What a whole export may take, the consumer's own pace included."""
PAGE_BYTES = 64 << 20

_TICK_SECONDS = 0.05
# `tcpi_bytes_received` of Linux's struct tcp_info: counted below encryption and driver.
_RECEIVED_AT, _INFO_BYTES = 128, 256


class Clock:
    """Watches one connection from the first byte; `set` begins anew, `rest` stops watching, `cut` ends the connection."""

    def __init__(self, sock: socket.socket, *, seconds: float, most_bytes: int | None = PAGE_BYTES) -> None:
        # A handle of its own: shutting it down ends the connection even when the driver has wrapped the socket.
        self._line = sock.dup()
        self._lock = threading.Lock()
        self._is_closed = False
        self.is_cut = False
        self.breach: Breach = ""
        self.seconds = 0.0
        self._until = 0.0
        self._most: int | None = None
        self.set(seconds=seconds, most_bytes=most_bytes)

    def set(self, *, seconds: float, most_bytes: int | None = PAGE_BYTES) -> None:
        """Allow what is asked from now on so many seconds and bytes; `most_bytes` None = the seconds only."""
        self.seconds = seconds
        self._until = time.monotonic() + seconds
        self._most = None if most_bytes is None else self._received() + most_bytes
        _watched.add(self)

    def rest(self) -> bool:
        """Stop watching; say whether the connection may be used again."""
        _watched.discard(self)
        with self._lock:
            return not self.is_cut

    def cut(self, breach: Breach = "") -> None:
        """End the connection at once; who waits for it is told by its driver."""
        _watched.discard(self)
        with self._lock:
            if self.is_cut:
                return
            self.is_cut, self.breach = True, breach
            if not self._is_closed:
                with suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let the connection go."""
        _watched.discard(self)
        with self._lock:
            self._is_closed = True
            self._line.close()

    def look(self, now: float) -> None:
        """Cut the connection if it took too long or brought too much."""
        if now > self._until:
            self.cut("slow")
        elif self._most is not None and self._received() > self._most:
            self.cut("large")

    def _received(self) -> int:
        with self._lock:
            if self._is_closed:
                return 0
            try:
                told = self._line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
            except OSError:
                return 0
        return int(struct.unpack_from("Q", told, _RECEIVED_AT)[0]) if len(told) >= _RECEIVED_AT + 8 else 0


class _Watched:
    """All connections that are being asked, looked at by one thread that ends when there are none."""

    def __init__(self) -> None:
        self._clocks: set[Clock] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, clock: Clock) -> None:
        with self._lock:
            self._clocks.add(clock)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="database-clock", daemon=True)
                self._thread.start()

    def discard(self, clock: Clock) -> None:
        with self._lock:
            self._clocks.discard(clock)

    def _watch(self) -> None:
        idle = 0
        while True:
            with self._lock:
                clocks = list(self._clocks)
                idle = 0 if clocks else idle + 1
                if idle > 100:
                    self._thread = None
                    return
            now = time.monotonic()
            for clock in clocks:
                clock.look(now)
            time.sleep(_TICK_SECONDS)


_watched = _Watched()
