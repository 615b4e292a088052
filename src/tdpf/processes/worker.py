"""The worker: does the jobs that others enqueued, and what has to be done again and again."""

from __future__ import annotations

import signal
import threading

from tdpf.djangokit import jobs


def run_worker() -> None:
    """Work until SIGTERM or SIGINT; a job in hand is finished first."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    jobs.work(stopped.is_set)
