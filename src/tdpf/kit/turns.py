"""Turns: what only reckons is done sooner one after the other than side by side."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 2.0


class Turns:
    """A queue of threads of which one works at a time, in the order in which they came.

    Threads of Python share one core. Side by side, each waits for the others whenever it comes back from a library, and a
    light question lasts as long as the heavy ones beside it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Work when it is one's turn; who has waited PATIENCE_SECONDS works at once, beside whoever holds the others up."""
        own = self._wait()
        try:
            yield
        finally:
            if own:
                self._pass_on()

    def _wait(self) -> bool:
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(PATIENCE_SECONDS):
            return True
        with self._lock:
            if called.is_set():
                return True
            self._waiting.remove(called)
            return False

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


RECKONING = Turns()
"""The turns of this process for answers that a processor makes and nothing is waited for, such as those of a search."""
