"""Runs a module as a process of its own: no environment of ours, no group of ours, an end for certain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_MODULE_PATH = str(Path(__file__).resolve().parents[2])


def run_apart(
    module: str, order: bytes, folder: Path, *, seconds: float, complaints: int, more: Mapping[str, str] | None = None
) -> str:
    """Run a module with an order on its standard input and say how it ended: "done", "slow", or "died:<status>".

    `complaints` is the file descriptor of its error output, `more` what its bare environment holds besides.
    """
    environment = {"LANG": "C.UTF-8", "PYTHONPATH": _MODULE_PATH, "PATH": "/usr/bin:/bin", "MALLOC_ARENA_MAX": "2"}
    process = subprocess.Popen(
        [sys.executable, "-B", "-X", "utf8", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        cwd=folder,
        env={**environment, **(more or {})},
        close_fds=True,
        start_new_session=True,
    )
    try:
        process.communicate(order, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "slow"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return "done" if process.returncode == 0 else f"died:{process.returncode}"
