"""A limit of time for work that cannot be asked to hurry: the alarm clock of the process, or of one of its threads."""

from __future__ import annotations

import ctypes
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
    """Raise TookTooLong in the middle of work that takes longer.

    What was in the middle of something may fail in its own way then: `rang` of the alarm tells. Outside the main thread,
    where no signal arrives, it is raised between two steps of Python: what waits in C ends first. Not one within another.
    """
    if threading.current_thread() is not threading.main_thread():
        with _of_this_thread(seconds) as alarm:
            yield alarm
        return
    alarm = Alarm()

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


@contextmanager
def _of_this_thread(seconds: float) -> Iterator[Alarm]:
    alarm, lock, own = Alarm(), threading.Lock(), ctypes.c_ulong(threading.get_ident())
    is_over = False

    def ring() -> None:
        with lock:
            if not is_over:
                alarm.rang = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(own, ctypes.py_object(TookTooLong))

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield alarm
    finally:
        with lock:
            is_over = True
        timer.cancel()
        if alarm.rang:
            # One that has not been raised yet is taken back.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(own, None)
