"""The reading process: takes an order on standard input, bounds itself, reads, and leaves its answer in a file."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.types import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def main() -> int:
    """Do one order; the exit status is 0 whenever an answer (a result or a Problem) was written."""
    order = orjson.loads(sys.stdin.buffer.read())
    limits = Limits(**order["limits"])
    bound(limits, parent=int(order["parent"]))
    folder = Path(order["folder"])
    answer = answer_to(Path(order["path"]), order["name"], folder=folder, limits=limits, choice=order["choice"])
    unfinished = folder / "result.json.part"
    with unfinished.open("wb") as file:
        file.write(orjson.dumps(answer))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / "result.json")
    return 0


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


def answer_to(path: Path, name: str, *, folder: Path, limits: Limits, choice: str | None) -> dict[str, Any]:
    """Read the file and return the answer as JSON values: result, dictionary, metadata, findings, or a problem."""
    from tdpf.controlplane.preparation.engine.dictionary import propose_dictionary
    from tdpf.controlplane.preparation.engine.errors import NotReadable
    from tdpf.controlplane.preparation.engine.proposals import propose_metadata
    from tdpf.controlplane.preparation.engine.reading import read_file
    from tdpf.controlplane.preparation.engine.screening import screen

    try:
        result = read_file(path, name, limits=limits, choice=choice, spill=folder)
    except NotReadable as problem:
        return {"problem": {"code": problem.code, "data": problem.data}}
    table = result.table
    return {
        "result": result.as_dict(),
        "dictionary": propose_dictionary(table),
        "metadata": propose_metadata(result, name),
        "findings": [asdict(finding) for finding in screen(table)],
    }


if __name__ == "__main__":
    sys.exit(main())
