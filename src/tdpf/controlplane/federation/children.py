"""The processes in which this worker's runs go on: a bounded number, each for one run."""

from __future__ import annotations

import os
import subprocess
import sys

_PROCESS = "tdpf.controlplane.federation.run_process"
LINKS = "links"
_running: dict[str, subprocess.Popen[bytes]] = {}


def begin(run_uid: str) -> None:
    """Start a process for a run, or for looking at links (LINKS)."""
    environment = {**os.environ, "TDPF_RUN_PARENT": str(os.getpid())}
    _running[run_uid] = subprocess.Popen([sys.executable, "-m", _PROCESS, run_uid], env=environment)


def going_on() -> set[str]:
    """Return the runs whose processes live."""
    for run_uid, process in list(_running.items()):
        if process.poll() is not None:
            del _running[run_uid]
    return set(_running)


def end(run_uid: str) -> None:
    """Kill the process of a run that stands still; nothing it did is lost but what was not yet saved."""
    process = _running.pop(run_uid, None)
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()
