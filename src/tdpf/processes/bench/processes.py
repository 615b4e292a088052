"""Servers under measurement: starting them, the processor time and the memory of a process with its children."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    """Return the process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = (entry / "stat").read_text(errors="replace").rsplit(")", 1)[1].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor time the processes have used so far, in user and system mode."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def is_running(pids: Iterable[int]) -> bool:
    """Return whether a thread of the processes works, or wants to, at this moment."""
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/stat"):
            with contextlib.suppress(OSError, IndexError):
                if thread.read_text(errors="replace").rsplit(")", 1)[1].split()[0] == "R":
                    return True
    return False


def pss_bytes(pids: Iterable[int]) -> int:
    """Return the proportional set size of the processes: shared pages are counted once among those that share them."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def private_bytes(pids: Iterable[int]) -> int:
    """Return the memory that is not backed by a file: what cannot be dropped and read again."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss_Anon:"):
                    total += int(line.split()[1]) * 1024
    return total


class Server:
    """A started program; ended with everything it started."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                list(command),
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The first process."""
        return self._process.pid

    def pids(self) -> list[int]:
        """The first process and its children."""
        return family(self.pid)

    def wait_for(self, ready: Callable[[], bool], seconds: float = 60.0) -> None:
        """Return when it is ready; raises RuntimeError with its last words when it ended or takes too long."""
        until = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None or time.monotonic() > until:
                said = self.log.read_text(errors="replace").strip().splitlines()
                raise RuntimeError(f"did not start: {said[-1] if said else 'no word'}")
            time.sleep(0.05)

    def close(self, patience: float = 8.0) -> None:
        """End it: asked first, then killed."""
        for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=seconds)
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def listens(port: int) -> bool:
    """Return whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def machine() -> str:
    """Return the machine in a few words, with the load that others put on it now."""
    busy = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load average {busy:.1f}"
