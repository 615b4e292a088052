"""Rates strangers' files in a process of its own, many in one go; a file that kills the process costs only itself."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import orjson

from tdpf.controlplane.preparation.engine.rating.types import (
    CatalogueFacts,
    Rating,
    facts_as_dict,
    rating_from_dict,
)
from tdpf.controlplane.preparation.engine.types import Limits

_PROCESS = "tdpf.controlplane.preparation.engine.rating.rating_process"
_MODULE_PATH = str(Path(__file__).resolve().parents[5])
_LONGEST_ANSWER = 64 * 1024 * 1024
# The process has to start before the first answer can come.
_STARTING_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingOrder:
    """A file to rate: its path, how the path is shown in the answer, its own name, and what the catalogue knows."""

    path: Path
    shown: str = ""
    name: str = ""
    facts: CatalogueFacts | None = None


def rate_in_sandbox(orders: Sequence[RatingOrder], *, limits: Limits | None = None) -> Iterator[Rating]:
    """Yield the rating of every file in order; one that runs out of memory or time is rated as an error."""
    limits = limits or Limits()
    rest = list(orders)
    while rest:
        answered = 0
        why = ""
        with tempfile.TemporaryFile() as complaints:
            process = _start(rest, limits, complaints.fileno())
            try:
                for line in _lines(process, limits):
                    if isinstance(line, str):
                        why = line
                        break
                    yield rating_from_dict(orjson.loads(line))
                    answered += 1
                    if answered == len(rest):
                        break
            finally:
                _end(process)
            complaints.seek(0)
            words = complaints.read(20_000)
        rest = rest[answered:]
        if rest:
            stopped, rest = rest[0], rest[1:]
            yield _stopped(stopped, why or _reason(process.returncode, words))


def _start(orders: Sequence[RatingOrder], limits: Limits, complaints: int) -> subprocess.Popen[bytes]:
    environment = {"LANG": "C.UTF-8", "PYTHONPATH": _MODULE_PATH, "PATH": "/usr/bin:/bin", "MALLOC_ARENA_MAX": "2"}
    process = subprocess.Popen(
        [sys.executable, "-B", "-X", "utf8", "-m", _PROCESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        cwd="/",
        env=environment,
        close_fds=True,
        start_new_session=True,
    )
    order = {
        "limits": asdict(limits),
        "parent": os.getpid(),
        "files": [
            {
                "path": os.path.abspath(order.path),  # noqa: PTH100 - a link stays the path that was given
                "shown": order.shown or str(order.path),
                "name": order.name or order.path.name,
                "facts": facts_as_dict(order.facts) if order.facts is not None else None,
            }
            for order in orders
        ],
    }
    assert process.stdin is not None
    try:
        process.stdin.write(orjson.dumps(order))
        process.stdin.close()
    except BrokenPipeError:
        pass
    return process


def _lines(process: subprocess.Popen[bytes], limits: Limits) -> Iterator[bytes | str]:
    """Yield answers as they come; a text in place of one says why there is none."""
    assert process.stdout is not None
    answers: IO[bytes] = process.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(answers, selectors.EVENT_READ)
        buffered = b""
        deadline = time.monotonic() + limits.wall_seconds + _STARTING_SECONDS
        while True:
            while b"\n" in buffered:
                line, _, buffered = buffered.partition(b"\n")
                yield line
                deadline = time.monotonic() + limits.wall_seconds
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                yield "slow"
                return
            piece = os.read(answers.fileno(), 1 << 16)
            if not piece:
                return
            buffered += piece
            if len(buffered) > _LONGEST_ANSWER:
                yield "output"
                return


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()
    try:
        process.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _reason(status: int | None, words: bytes) -> str:
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return "slow"
    if b"MemoryError" in words or b"memory allocation" in words:
        return "memory"
    return "crash"


def _stopped(order: RatingOrder, why: str) -> Rating:
    from tdpf.controlplane.preparation.engine.rating.rate import failed

    sentences = {
        "slow": (
            "時間の上限を超えたため、読み取りを中止しました。",
            "Reading was stopped because it took longer than allowed.",
        ),
        "memory": (
            "メモリの上限を超えたため、読み取りを中止しました。",
            "Reading was stopped because it needed more memory than allowed.",
        ),
        "output": (
            "結果が大きすぎるため、読み取りを中止しました。",
            "Reading was stopped because the result was too large.",
        ),
    }
    ja, en = sentences.get(why, ("読み取りの処理が異常終了しました。", "The reading process broke off."))
    ending = (order.name or order.path.name).rpartition(".")[2].lower()
    return failed(order.shown or str(order.path), "preparation/reader-stopped", ja, en, form=ending)
