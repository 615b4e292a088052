"""Has an order done in a process of its own, so that a strange file or a heavy table costs nothing but itself."""

from __future__ import annotations

import os
import signal
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.addresses.errors import GazetteerDamaged, GazetteerOther
from tdpf.controlplane.preparation.engine.addresses.installed import gazetteer_path
from tdpf.controlplane.preparation.engine.errors import NotReadable, ReaderStopped
from tdpf.controlplane.preparation.engine.recipes.errors import NotPreparable
from tdpf.controlplane.preparation.engine.schemas.errors import SchemaUnknown
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit.apart import run_apart
from tdpf.kit.errors import Problem, problem_classes

_PROCESS = "tdpf.controlplane.preparation.engine.workpieces.work_process"
_LARGEST_ANSWER = 256 * 1024 * 1024
OWN = Limits(cpu_seconds=900, wall_seconds=900)
"""For the whole of an order; every file of it is read in a sandbox of its own within the order's `limits`."""


def work_in_sandbox(
    plain: dict[str, Any], folder: Path, *, limits: Limits | None = None, own: Limits = OWN
) -> dict[str, Any]:
    """Have an order (the fields of `work.Order` as JSON values) done in `folder` and return its answer.

    Raises the Problem that was met, or ReaderStopped when the process ran out of memory or time, or crashed.
    """
    answer_path = folder / f"{plain['do']}.json"
    answer_path.unlink(missing_ok=True)
    (folder / "progress.json").unlink(missing_ok=True)
    order = {
        **plain,
        "folder": str(folder),
        "limits": asdict(limits or Limits()),
        "own_limits": asdict(own),
        "parent": os.getpid(),
    }
    with tempfile.TemporaryFile() as complaints:
        why = run_apart(
            _PROCESS,
            orjson.dumps(order),
            folder,
            seconds=own.wall_seconds,
            complaints=complaints.fileno(),
            more={"TDPF_GAZETTEER": str(gazetteer_path().resolve())},
        )
        complaints.seek(0)
        words = complaints.read(20_000)
    answer = answer_in(folder, plain["do"])
    if answer is None:
        raise _stopped(why, words)
    if "problem" in answer:
        raise problem_of(answer["problem"])
    return answer


def answer_in(folder: Path, name: str) -> dict[str, Any] | None:
    """Return what an order left in the folder under a name, or None."""
    path = folder / f"{name}.json"
    try:
        if path.stat().st_size > _LARGEST_ANSWER:
            return None
        answer = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    return answer if isinstance(answer, dict) else None


def problem_of(plain: dict[str, Any]) -> Problem:
    """Rebuild a Problem of the engine from its code and data; no other can come back."""
    kind = problem_classes().get(str(plain.get("code", "")))
    if kind is None or not issubclass(
        kind, NotReadable | NotPreparable | SchemaUnknown | GazetteerDamaged | GazetteerOther
    ):
        return ReaderStopped(file="", why_ja="結果が壊れていた", why_en="its answer was damaged")
    return kind(**{str(key): value for key, value in dict(plain.get("data", {})).items()})


def _stopped(why: str, words: bytes) -> ReaderStopped:
    if why == "slow" or why in (f"died:{-signal.SIGXCPU}", f"died:{-signal.SIGKILL}"):
        return ReaderStopped(file="整備", why_ja="時間の上限を超えた", why_en="it took longer than allowed")
    if b"MemoryError" in words or b"memory allocation" in words:
        return ReaderStopped(file="整備", why_ja="メモリの上限を超えた", why_en="it needed more memory than allowed")
    return ReaderStopped(file="整備", why_ja="処理が異常終了した", why_en="the process broke off")
