"""Reads a stranger's file in a process of its own: bounded memory, time and output, no environment, no way back."""

from __future__ import annotations

import os
import signal
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.errors import NotReadable, ReaderStopped
from tdpf.controlplane.preparation.engine.rating.types import Rating, rating_from_dict
from tdpf.controlplane.preparation.engine.types import Finding, Limits, ReadResult, result_from_dict
from tdpf.kit.apart import run_apart
from tdpf.kit.errors import Problem, problem_classes

_PROCESS = "tdpf.controlplane.preparation.engine.reading_process"
_RESULT_LIMIT = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything one reading gives: the table, a proposed dictionary and metadata, the first screen's findings."""

    result: ReadResult
    dictionary: list[dict[str, Any]]
    metadata: dict[str, Any]
    findings: list[Finding]


def read_in_sandbox(
    path: Path,
    name: str,
    *,
    folder: Path,
    limits: Limits | None = None,
    choice: str | None = None,
    table_only: bool = False,
) -> Reading:
    """Read a file in a subprocess and leave `result.json` and `rows.ndjson` in `folder`, which must exist.

    With `table_only` nothing is proposed, screened or rated.
    Raises the Problem the reader met, or ReaderStopped when it ran out of memory, time or output, or crashed.
    """
    limits = limits or Limits()
    result_path = folder / "result.json"
    result_path.unlink(missing_ok=True)
    order = {
        "path": str(path.resolve()),
        "name": name,
        "folder": str(folder.resolve()),
        "choice": choice,
        "table_only": table_only,
        "limits": asdict(limits),
        "parent": os.getpid(),
    }
    with tempfile.TemporaryFile() as complaints:
        why = run_apart(
            _PROCESS, orjson.dumps(order), folder, seconds=limits.wall_seconds, complaints=complaints.fileno()
        )
        complaints.seek(0)
        words = complaints.read(20_000)
    answer = _answer(result_path)
    if answer is None:
        raise _stopped(name, why, words)
    return reading_from_dict(answer, folder)


def load_reading(folder: Path) -> Reading:
    """Return the reading that an earlier `read_in_sandbox` left in `folder`."""
    answer = _answer(folder / "result.json")
    if answer is None:
        raise FileNotFoundError(folder / "result.json")
    return reading_from_dict(answer, folder)


def load_rating(folder: Path) -> Rating | None:
    """Return the readability rating that an earlier `read_in_sandbox` left in `folder`, or None."""
    answer = _answer(folder / "result.json")
    return rating_from_dict(answer["rating"]) if answer and answer.get("rating") else None


def reading_from_dict(answer: dict[str, Any], folder: Path) -> Reading:
    """Rebuild a reading from its JSON; raises the Problem it holds in place of a result."""
    if "problem" in answer:
        raise problem_from_dict(answer["problem"])
    return Reading(
        result=result_from_dict(answer["result"], folder),
        dictionary=answer["dictionary"],
        metadata=answer["metadata"],
        findings=[Finding(**{**entry, "places": tuple(entry["places"])}) for entry in answer["findings"]],
    )


def problem_from_dict(plain: dict[str, Any]) -> Problem:
    """Rebuild a reading Problem from its code and data; only the reader's own problems can come back."""
    kind = problem_classes().get(str(plain.get("code", "")))
    if kind is None or not issubclass(kind, NotReadable):
        return ReaderStopped(file="", why_ja="読み取りの結果が壊れていた", why_en="its answer was damaged")
    data = {str(key): value for key, value in dict(plain.get("data", {})).items()}
    return kind(**data)


def _answer(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > _RESULT_LIMIT:
            return None
        answer = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    return answer if isinstance(answer, dict) else None


def _stopped(name: str, why: str, words: bytes) -> ReaderStopped:
    if why == "slow" or why == f"died:{-signal.SIGXCPU}" or why == f"died:{-signal.SIGKILL}":
        return ReaderStopped(file=name, why_ja="時間の上限を超えた", why_en="it took longer than allowed")
    if why == f"died:{-signal.SIGXFSZ}" or b"File too large" in words:
        return ReaderStopped(file=name, why_ja="出力の上限を超えた", why_en="it wrote more than allowed")
    if b"MemoryError" in words or b"memory allocation" in words or b"out of memory" in words.lower():
        return ReaderStopped(file=name, why_ja="メモリの上限を超えた", why_en="it needed more memory than allowed")
    return ReaderStopped(file=name, why_ja="読み取りの処理が異常終了した", why_en="the reading process broke off")
