"""One process that starts the others, restarts what dies, and prints one readable log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from tdpf.kit.clock import JST, now
from tdpf.kit.lineage import die_with_parent

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
STEADY_AFTER = 10.0
GRACE = 10.0


@dataclass(slots=True)
class Part:
    """One long-running process of the platform: its name in the log and its command line."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    restart_at: float = 0.0


class Supervisor:
    """Runs parts until it is asked to stop. Every part dies with it; Envoy, started by the gateway, does not."""

    def __init__(self, *, write: Callable[[str], object] = sys.stdout.write) -> None:
        self._parts: list[Part] = []
        self._write = write
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def install_signals(self) -> None:
        """Stop cleanly on Ctrl-C and on SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stopping.is_set()

    def say(self, name: str, line: str) -> None:
        """Write one line of the common log: time in Japan, part, text."""
        stamp = now().astimezone(JST).strftime("%H:%M:%S")
        with self._lock:
            self._write(f"{stamp} {name:<9}│ {line.rstrip()}\n")
            sys.stdout.flush()

    def start(self, part: Part, *, after: float = 0.0) -> None:
        """Start a part, at once or some seconds later, and keep it running."""
        self._parts.append(part)
        if after > 0:
            part.restart_at = time.monotonic() + after
        else:
            self._spawn(part)

    def run_once(self, name: str, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
        """Run a command to its end, its output in the common log; return its exit code."""
        process = self._open(argv, environment or {})
        self._follow(name, process)
        while process.poll() is None:
            if self.stopping:
                process.terminate()
            time.sleep(0.05)
        return process.returncode

    def watch(self) -> None:
        """Restart what dies until a stop is asked for, then stop everything."""
        while not self._stopping.wait(0.1):
            for part in self._parts:
                self._look_after(part)
        self.stop()

    def stop(self) -> None:
        """Stop every part, the last started first; what does not stop within the grace is killed."""
        self._stopping.set()
        for part in reversed(self._parts):
            if part.process and part.process.poll() is None:
                part.process.terminate()
        deadline = time.monotonic() + GRACE
        for part in reversed(self._parts):
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(part.name, "did not stop in time; killed")
                part.process.kill()
                part.process.wait()

    def _look_after(self, part: Part) -> None:
        if part.process is None:
            if time.monotonic() >= part.restart_at:
                self._spawn(part)
            return
        code = part.process.poll()
        if code is None:
            if time.monotonic() - part.started_at > STEADY_AFTER:
                part.pause = FIRST_PAUSE
            return
        self.say(part.name, f"ended ({_told(code)}); starting again in {part.pause:.1f} s")
        part.process = None
        part.restart_at = time.monotonic() + part.pause
        part.pause = min(part.pause * 2, LONGEST_PAUSE)

    def _spawn(self, part: Part) -> None:
        part.process = self._open(part.argv, part.environment)
        part.started_at = time.monotonic()
        self._follow(part.name, part.process)

    def _open(self, argv: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
        parent = os.getpid()
        return subprocess.Popen(
            list(argv),
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A session of its own keeps Ctrl-C with the supervisor, which then stops the parts in order.
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent),
        )

    def _follow(self, name: str, process: subprocess.Popen[str]) -> None:
        stream = process.stdout
        if stream is not None:
            threading.Thread(target=self._copy, args=(name, stream), daemon=True).start()

    def _copy(self, name: str, stream: IO[str]) -> None:
        for line in stream:
            if line.strip():
                self.say(name, line)


def _told(code: int) -> str:
    if code < 0:
        return signal.Signals(-code).name
    return f"exit {code}"
