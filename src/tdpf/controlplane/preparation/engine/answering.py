"""Hands strangers' files to a process of its own, many in one go: one line of answer each; a file that kills it costs only itself."""

from __future__ import annotations

import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal

import orjson

from tdpf.controlplane.preparation.engine.bounds import bound
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit.text import Text

Why = Literal["slow", "memory", "output", "crash"]

STOPPED: dict[Why, Text] = {
    "slow": Text(
        "時間の上限を超えたため、読み取りを中止しました。", "Reading was stopped because it took longer than allowed."
    ),
    "memory": Text(
        "メモリの上限を超えたため、読み取りを中止しました。",
        "Reading was stopped because it needed more memory than allowed.",
    ),
    "output": Text(
        "結果が大きすぎるため、読み取りを中止しました。", "Reading was stopped because the result was too large."
    ),
    "crash": Text("読み取りの処理が異常終了しました。", "The reading process broke off."),
}
_MODULE_PATH = str(Path(__file__).resolve().parents[4])
_LONGEST_ANSWER = 64 * 1024 * 1024
# The process has to start before the first answer can come.
_STARTING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """In place of an answer: why the process ended at a file."""

    why: Why


def answers_of(module: str, files: Sequence[Mapping[str, Any]], limits: Limits) -> Iterator[bytes | Stopped]:
    """Yield the answer of a module to every file in order, as JSON; the module calls `answer_files`."""
    rest = list(files)
    while rest:
        answered = 0
        why: Why | None = None
        with tempfile.TemporaryFile() as complaints:
            process = _start(module, rest, limits, complaints.fileno())
            try:
                for line in _lines(process, limits):
                    if isinstance(line, Stopped):
                        why = line.why
                        break
                    yield line
                    answered += 1
                    if answered == len(rest):
                        break
            finally:
                _end(process)
            complaints.seek(0)
            words = complaints.read(20_000)
        rest = rest[answered:]
        if rest:
            rest = rest[1:]
            yield Stopped(why or _reason(process.returncode, words))


def answer_files(prepare: Callable[[Limits], Callable[[dict[str, Any]], dict[str, Any]]]) -> int:
    """Answer the files of the order on standard input, in a process that bounds itself first.

    `prepare` is called behind the bounds and returns what answers one file; it imports the parsers.
    """
    order = orjson.loads(sys.stdin.buffer.read())
    limits = Limits(**order["limits"])
    # What a parser prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    bound(limits, parent=int(order["parent"]))
    answer = prepare(limits)
    for entry in order["files"]:
        _more_time(limits)
        answers.write(orjson.dumps(answer(entry), option=orjson.OPT_APPEND_NEWLINE))
        answers.flush()
    return 0


def _more_time(limits: Limits) -> None:
    """Give the next file its own processor time: the soft limit counts from what is used already."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _start(module: str, files: Sequence[Mapping[str, Any]], limits: Limits, complaints: int) -> subprocess.Popen[bytes]:
    environment = {"LANG": "C.UTF-8", "PYTHONPATH": _MODULE_PATH, "PATH": "/usr/bin:/bin", "MALLOC_ARENA_MAX": "2"}
    process = subprocess.Popen(
        [sys.executable, "-B", "-X", "utf8", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        cwd="/",
        env=environment,
        close_fds=True,
        start_new_session=True,
    )
    order = {"limits": asdict(limits), "parent": os.getpid(), "files": list(files)}
    assert process.stdin is not None
    try:
        process.stdin.write(orjson.dumps(order))
        process.stdin.close()
    except BrokenPipeError:
        pass
    return process


def _lines(process: subprocess.Popen[bytes], limits: Limits) -> Iterator[bytes | Stopped]:
    """Yield answers as they come; a `Stopped` in place of one says why there is none."""
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
                yield Stopped("slow")
                return
            piece = os.read(answers.fileno(), 1 << 16)
            if not piece:
                return
            buffered += piece
            if len(buffered) > _LONGEST_ANSWER:
                yield Stopped("output")
                return


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()
    try:
        process.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _reason(status: int | None, words: bytes) -> Why:
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return "slow"
    if b"MemoryError" in words or b"memory allocation" in words:
        return "memory"
    return "crash"
