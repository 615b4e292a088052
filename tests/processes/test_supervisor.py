"""The supervisor restarts what dies, stops what it started, and leaves nothing behind when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tdpf.processes.supervisor import Part, Supervisor

SLEEP = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)"]


def until(condition: Callable[[], bool], within: float = 10) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Say whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


def test_what_dies_is_started_again_and_everything_is_stopped() -> None:
    """Killed once, back under a new process id; gone after the stop."""
    lines: list[str] = []
    supervisor = Supervisor(write=lines.append)
    part = Part("sleeper", SLEEP)
    supervisor.start(part)
    assert part.process is not None
    first = part.process.pid
    watching = threading.Thread(target=supervisor.watch)
    watching.start()
    try:
        until(lambda: any("awake" in line for line in lines))
        os.kill(first, signal.SIGKILL)
        until(lambda: part.process is not None and part.process.pid != first)
        second = part.process.pid if part.process else 0
        assert any("SIGKILL" in line for line in lines)
    finally:
        supervisor._stopping.set()
        watching.join(20)
    assert not is_alive(second)


def test_parts_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    """kill -9 of the supervisor takes its parts along."""
    note = tmp_path / "pid"
    code = (
        "import sys\n"
        "from tdpf.processes.supervisor import Part, Supervisor\n"
        "s = Supervisor(); p = Part('sleeper', [sys.executable, '-c', 'import time; time.sleep(60)']); s.start(p)\n"
        f"open({str(note)!r}, 'w').write(str(p.process.pid)); s.watch()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    until(lambda: note.exists() and note.read_text() != "")
    child = int(note.read_text())
    assert is_alive(child)
    parent.kill()
    parent.wait()
    until(lambda: not is_alive(child))


def test_a_command_that_fails_tells_its_exit_code() -> None:
    """Its output stands in the common log under its name."""
    lines: list[str] = []
    supervisor = Supervisor(write=lines.append)
    assert supervisor.run_once("setup", [sys.executable, "-c", "print('broken pipe dream'); raise SystemExit(3)"]) == 3
    until(lambda: any("broken pipe dream" in line and "setup" in line for line in lines))
