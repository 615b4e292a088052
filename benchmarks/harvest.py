"""How fast and in how much memory a large catalogue is collected: a CKAN-like server of any size on this machine.

`python benchmarks/harvest.py --records 100000` prints one line per run: first, all again unchanged, and incremental. Each run is
`tdpf harvest run` in a process of its own, into SQLite, enrichment included; memory is that process's largest resident set.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
TDPF = [sys.executable, "-m", "tdpf.processes.cli"]


def serve(records: int) -> None:
    """Answer as a CKAN with so many records until standard input ends; print the address first."""
    sys.path.insert(0, str(REPOSITORY / "tests" / "federation"))
    from federation_sites import FakeCkan

    with FakeCkan(records) as site:
        # The latest change is younger than the others, so that an incremental run asks for a few only.
        site.change(0, title="最近変わった一覧")
        print(site.url, flush=True)
        sys.stdin.read()


def run(environment: dict[str, str], *words: str) -> tuple[float, float, float]:
    """Run a command; return its seconds, its seconds of processor, and its largest resident set in MB."""
    begun = time.monotonic()
    process = subprocess.Popen([*TDPF, *words], env=environment)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"tdpf {' '.join(words)} failed")
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Serve, collect three times, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--home", help="folder of the installation; a new one when not given")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.records)
        return
    command = [sys.executable, __file__, "--serve", "--records", str(chosen.records)]
    with (
        tempfile.TemporaryDirectory(prefix="tdpf-harvest-") as folder,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout is not None
        assert server.stdin is not None
        url = server.stdout.readline().strip()
        environment = {
            **os.environ,
            "TDPF_HOME": chosen.home or folder,
            "TDPF_ALLOW_PRIVATE_FETCH": "1",
            "DJANGO_SETTINGS_MODULE": "tdpf.processes.settings",
        }
        run(environment, "migrate")
        run(environment, "harvest", "add", url, "--kind", "ckan", "--name", "計測", "--pause", "0")
        for name, words in (("first", ()), ("unchanged", ("--full",)), ("incremental", ())):
            seconds, processor, megabytes = run(environment, "harvest", "run", *words)
            pace, own = chosen.records / seconds, chosen.records / processor
            print(
                f"{name:<12} {seconds:8.1f} s {pace:8.0f} records/s {own:8.0f} per CPU second {megabytes:6.0f} MB",
                flush=True,
            )
        server.stdin.close()


if __name__ == "__main__":
    main()
