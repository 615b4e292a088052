"""A run whose process is killed in the middle goes on where it was and ends with the same result."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from federation_sites import Asked, FakeCkan, Reply

_WORKER = """
import time
import tdpf.processes.cli as cli
cli.start_django()
from datetime import timedelta
from tdpf.controlplane.federation import children, rules, tasks
from tdpf.controlplane.federation.models import Record, Run
from tdpf.kit.clock import now

def until(holds):
    end = time.monotonic() + 100
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)

assert tasks.keep_runs_going() == 1
print("began")
until(lambda: Record.objects.count() > 20)
process = next(iter(children._running.values()))
process.kill()
process.wait()
print("killed")
Run.objects.update(heartbeat_at=now() - rules.STUCK_AFTER - timedelta(seconds=1))
assert tasks.keep_runs_going() == 1
print("freed")
until(lambda: Run.objects.get().state == "done")
until(lambda: not children.going_on())
print("ended")
"""


class _HeldCkan(FakeCkan):
    """Answers a search only when it is let: so a process that reads it stands where the test wants it, however fast it is.

    Every question of a process is counted in `asked` of its life and held until `let` of that life gives way.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.life: _Life | None = None

    def answer(self, asked: Asked) -> Reply:
        life = self.life
        if life is not None and asked.path.endswith("/package_search"):
            life.asked.release()
            life.let.acquire(timeout=60)
        return super().answer(asked)


class _Life:
    """What one process asked for, and what it was given."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def stands(self) -> None:
        """Wait until the process stands before the next page."""
        assert self.asked.acquire(timeout=60), "it never asked"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with its tables, to be copied: making them takes longer than a run."""
    folder = tmp_path_factory.mktemp("migrated") / "home"
    assert _tdpf(_environment(folder), "migrate") == 0
    return folder


def test_killed_in_the_middle(tmp_path: Path, migrated: Path) -> None:
    """SIGKILL three times, then a last process: every record is there once, as in a run that was never killed."""
    with _HeldCkan(700) as ckan:
        # Records are taken first, the cursor is kept after them: a kill within a page leaves what will be read once more.
        ckan.page_limit = 300
        killed = _home(migrated, tmp_path / "killed", ckan.url)
        undisturbed = _environment(tmp_path / "whole")
        shutil.copytree(killed["TDPF_HOME"], undisturbed["TDPF_HOME"])
        for moment in ("before a page", "within a page", "within a page"):
            ckan.life = life = _Life()
            process = _begin(killed, "harvest", "run")
            life.stands()
            before = _look(killed)
            life.let.release()
            if moment == "before a page":
                life.stands()
            else:
                _wait_until(lambda before=before: _look(killed).records != before.records, seconds=60)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            life.let.release()
            assert _look(killed).state == "running"
            _let_stand_still(killed)
        ckan.life = None
        assert _tdpf(killed, "harvest", "run") == 0
        assert _tdpf(undisturbed, "harvest", "run") == 0
    again, whole = _look(killed), _look(undisturbed)
    assert len(whole.records) == 700
    assert (again.state, again.seen, again.added) == ("done", 700, 700)
    assert again.restarts == 3
    assert again.records == whole.records
    assert again.titles == whole.titles


def test_the_worker_runs_due_sites_in_processes(tmp_path: Path, migrated: Path) -> None:
    """The periodic task begins a process for a due site; a process that was killed is seen and begun anew."""
    with FakeCkan(120) as ckan:
        ckan.page_limit = 20
        ckan.delay = 0.2
        home = _home(migrated, tmp_path / "worker", ckan.url)
        told = subprocess.run(
            [sys.executable, "-c", _WORKER], env=home, check=True, capture_output=True, timeout=240, text=True
        )
    after = _look(home)
    assert told.stdout.split() == ["began", "killed", "freed", "ended"]
    assert (after.state, after.seen, after.added, after.restarts) == ("done", 120, 120, 1)


def _home(migrated: Path, folder: Path, url: str) -> dict[str, str]:
    shutil.copytree(migrated, folder)
    environment = _environment(folder)
    assert _tdpf(environment, "harvest", "add", url, "--kind", "ckan", "--name", "試験", "--pause", "0") == 0
    return environment


def _environment(folder: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TDPF_")},
        "TDPF_HOME": str(folder),
        "TDPF_ALLOW_PRIVATE_FETCH": "1",
        "DJANGO_SETTINGS_MODULE": "tdpf.processes.settings",
    }


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tdpf.processes.cli", *words]


def _tdpf(environment: dict[str, str], *words: str) -> int:
    return subprocess.run(
        _command(*words), env=environment, check=False, timeout=300, stdout=subprocess.DEVNULL
    ).returncode


def _begin(environment: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_command(*words), env=environment, stdout=subprocess.DEVNULL)


@dataclass(frozen=True)
class _Seen:
    """What stands in the database of a home, read without starting the program."""

    state: str
    seen: int
    added: int
    restarts: int
    records: list[tuple[str, str]]
    titles: list[tuple[str, str]]


def _look(environment: dict[str, str]) -> _Seen:
    with closing(sqlite3.connect(f"{environment['TDPF_HOME']}/db.sqlite3")) as database:
        run = database.execute("SELECT state, seen, added, restarts FROM federation_run ORDER BY id DESC").fetchone()
        records = database.execute("SELECT record_id, digest FROM federation_record ORDER BY record_id").fetchall()
        shown = "SELECT slug, title_ja FROM catalog_dataset WHERE state = 'published' ORDER BY slug"
        return _Seen(*run, records, database.execute(shown).fetchall())


def _let_stand_still(environment: dict[str, str]) -> None:
    """Make the run look as if its process had been silent for a day."""
    with closing(sqlite3.connect(f"{environment['TDPF_HOME']}/db.sqlite3")) as database, database:
        database.execute("UPDATE federation_run SET heartbeat_at = datetime('now', '-1 day')")


def _wait_until(holds: object, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.2)
