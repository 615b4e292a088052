"""The limits that a process puts on itself before it touches a stranger's file."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

from tdpf.controlplane.preparation.engine.types import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def bound(limits: Limits, *, parent: int) -> None:
    """Put the limits on this process before it touches the file; it dies with its parent and gains no rights."""
    for kind, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.max_output_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (amount, amount if hard == resource.RLIM_INFINITY else min(amount, hard)))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    if sys.platform == "linux":
        system = ctypes.CDLL(None, use_errno=True)
        system.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        system.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != parent:
            raise SystemExit(1)
