"""Sending what comes from time to time: a named pipe that the server reads as a file, filled without a thread.

Granian's own stream takes everything into memory, so a consumer that does not read would fill it. A full pipe is seen here:
who does not read for a while is let go, and goes on by `Last-Event-ID`.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

_PIPE_BYTES = 1 << 16
_OPENING_SECONDS = 10.0
SLOWEST_READER_SECONDS = 15.0


def new_pipe(folder: Path) -> Path:
    """Return the path of a new pipe."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / uuid4().hex
    os.mkfifo(path, 0o600)
    return path


async def fill(path: Path, pieces: AsyncIterator[bytes], opened: Callable[[int], None] | None = None) -> None:
    """Write the pieces as they come; ends when they do, when the reader is gone, or when it does not read."""
    pipe = -1
    try:
        pipe = await _opened(path)
        if opened is not None:
            opened(pipe)
        async for piece in pieces:
            await _write(pipe, piece)
    except (BrokenPipeError, TimeoutError):
        pass
    finally:
        _forget(path)
        if opened is not None:
            opened(-1)
        if pipe >= 0:
            os.close(pipe)
        with suppress(RuntimeError):
            await pieces.aclose()  # type: ignore[attr-defined]  # an asynchronous generator


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _opened(path: Path) -> int:
    until = asyncio.get_running_loop().time() + _OPENING_SECONDS
    while True:
        try:
            pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as fault:
            if fault.errno != errno.ENXIO or asyncio.get_running_loop().time() > until:
                raise BrokenPipeError("nobody came to read") from None
            await asyncio.sleep(0.001)
        else:
            _forget(path)
            with suppress(OSError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            return pipe


async def _write(pipe: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        try:
            view = view[os.write(pipe, view) :]
        except BlockingIOError:
            await asyncio.wait_for(_writable(pipe), SLOWEST_READER_SECONDS)


async def _writable(pipe: int) -> None:
    loop = asyncio.get_running_loop()
    free = loop.create_future()

    def ready() -> None:
        if not free.done():
            free.set_result(None)

    loop.add_writer(pipe, ready)
    try:
        await free
    finally:
        loop.remove_writer(pipe)
