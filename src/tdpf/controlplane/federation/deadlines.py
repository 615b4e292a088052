"""A limit of time for work that cannot be asked to hurry: the alarm clock of the process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


class TookTooLong(Exception):
    """The time for this piece of work is over."""


@dataclass(slots=True)
class Alarm:
    """Whether the time was over."""

    rang: bool = False


@contextmanager
def at_most(seconds: float) -> Iterator[Alarm]:
    """Raise TookTooLong in the middle of work that takes longer; does nothing outside the main thread.

    What was in the middle of something may fail in its own way then: `rang` of the alarm tells.
    """
    alarm = Alarm()
    if threading.current_thread() is not threading.main_thread():
        yield alarm
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        alarm.rang = True
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield alarm
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
