"""Turns: what only reckons is done sooner one after the other than side by side."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_SECONDS = 0.1


class Turns:
    """A queue of threads of which one works at a time, in the order in which they came.

    Threads of Python share one core. Side by side, each waits for the others whenever it comes back from a library, and a
    light question lasts as long as the heavy ones beside it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: threading.Event | None = None
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Work when it is one's turn; who has waited LONGEST_SECONDS takes the turn over from whoever holds the others up."""
        own = threading.Event()
        if not self._is_free_for(own) and not own.wait(LONGEST_SECONDS):
            self._take_over(own)
        try:
            yield
        finally:
            self._pass_on(own)

    def _is_free_for(self, own: threading.Event) -> bool:
        with self._lock:
            if self._holder is None:
                self._holder = own
                return True
            self._waiting.append(own)
            return False

    def _take_over(self, own: threading.Event) -> None:
        with self._lock:
            if not own.is_set():
                self._waiting.remove(own)
                self._holder = own

    def _pass_on(self, own: threading.Event) -> None:
        with self._lock:
            if self._holder is not own:
                return
            self._holder = self._waiting.popleft() if self._waiting else None
            if self._holder is not None:
                self._holder.set()
