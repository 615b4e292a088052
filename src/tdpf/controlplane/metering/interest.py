"""Interest (関心) is counted in memory and written a moment later, so that no page waits for the ledger.

A process that is killed loses what it counted in the last seconds; these are figures of attention, not of billing.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping

from django.db import connections, transaction

from tdpf.controlplane.metering.types import LEDGER, InterestKind

log = logging.getLogger("tdpf.metering")

Key = tuple[int, InterestKind, int, str]
"""JST day number, kind, dataset, words."""
WRITE_AFTER = 2.0
MOST_WAITING = 10_000

_ADD = """
INSERT INTO metering_interestday (day, kind, dataset, words, times) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (day, kind, dataset, words) DO UPDATE SET times = metering_interestday.times + excluded.times
"""


class InterestCounter:
    """Adds up deeds and hands the sums to `write`, at most `seconds` later, from a thread of its own."""

    def __init__(self, write: Callable[[Mapping[Key, int]], None], seconds: float = WRITE_AFTER) -> None:
        self._write = write
        self.seconds = seconds
        self._lock = threading.Lock()
        self._sums: Counter[Key] = Counter()
        self._timer: threading.Timer | None = None

    def add(self, key: Key) -> None:
        """Count one deed; beyond MOST_WAITING different ones, new words are counted without their words."""
        with self._lock:
            if len(self._sums) >= MOST_WAITING and key not in self._sums:
                key = (*key[:3], "")
            self._sums[key] += 1
            if self._timer is None:
                self._timer = threading.Timer(self.seconds, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write what was counted; on a fault it is kept for the next time."""
        with self._lock:
            sums, self._sums, self._timer = self._sums, Counter(), None
        if not sums:
            return
        try:
            self._write(sums)
        except Exception:
            log.exception("interest could not be written; it is kept")
            with self._lock:
                self._sums.update(sums)


def write_sums(sums: Mapping[Key, int]) -> None:
    """Add sums to the ledger in one transaction."""
    rows = [(day, kind.value, dataset, words, times) for (day, kind, dataset, words), times in sorted(sums.items())]
    with transaction.atomic(using=LEDGER), connections[LEDGER].cursor() as cursor:
        cursor.executemany(_ADD, rows)


def _write_and_close(sums: Mapping[Key, int]) -> None:
    try:
        write_sums(sums)
    finally:
        if threading.current_thread() is not threading.main_thread():
            connections[LEDGER].close()


counter = InterestCounter(_write_and_close)
atexit.register(counter.flush)
