"""Processes that must not outlive the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int | None = None, *, by: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to end this process when its parent dies (Linux, prctl(2) PR_SET_PDEATHSIG).

    `parent` is the process id that should be the parent; when it is already gone, this process ends at once.
    Elsewhere than on Linux nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), by)
