"""Sending what is made while it is sent, no faster than the client reads.

Granian's own stream takes everything into memory. A named pipe does not: the server reads it as a file, the maker is held back
when the pipe is full and learns at once when the client is gone. A maker that fails must not look like one that finished, so it
leaves the pipe open until the other side gives up.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from tdpf.wire.delivery_problems import Busy

log = logging.getLogger("tdpf.delivery")

MOST_STREAMS = 64
_OPENING_SECONDS = 10.0
_HELD_OPEN_SECONDS = 600.0


class Streams:
    """Makes pipes in a closed folder and fills each from a thread of its own, at most MOST_STREAMS at once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        for left in folder.iterdir():
            left.unlink(missing_ok=True)
        self._folder = folder
        self._free = threading.BoundedSemaphore(MOST_STREAMS)

    def start(self, pieces: Callable[[], Iterator[bytes]]) -> Path:
        """Return the path of a pipe that gives the pieces once; raises Busy."""
        if not self._free.acquire(blocking=False):
            raise Busy
        path = self._folder / uuid4().hex
        os.mkfifo(path, 0o600)
        threading.Thread(target=self._fill, args=(path, pieces), name="stream", daemon=True).start()
        return path

    def _fill(self, path: Path, pieces: Callable[[], Iterator[bytes]]) -> None:
        pipe = -1
        try:
            pipe = _open_for_writing(path)
            path.unlink(missing_ok=True)
            for piece in pieces():
                _write_all(pipe, piece)
        except BrokenPipeError:
            pass
        except Exception:
            log.exception("a stream failed while it was sent")
            self._hold_open(pipe)
        finally:
            path.unlink(missing_ok=True)
            if pipe >= 0:
                os.close(pipe)
            self._free.release()

    def _hold_open(self, pipe: int) -> None:
        # Closing now would end the answer as if it were whole.
        if pipe < 0:
            return
        until = time.monotonic() + _HELD_OPEN_SECONDS
        while time.monotonic() < until and not _reader_is_gone(pipe):
            time.sleep(0.5)


def _open_for_writing(path: Path) -> int:
    until = time.monotonic() + _OPENING_SECONDS
    while True:
        try:
            pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as fault:
            if fault.errno != errno.ENXIO:
                raise
            if time.monotonic() > until:
                raise BrokenPipeError("nobody came to read") from None
            time.sleep(0.0005)
        else:
            fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) & ~os.O_NONBLOCK)
            with suppress(OSError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 18)
            return pipe


def _write_all(pipe: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(pipe, view) :]


def _reader_is_gone(pipe: int) -> bool:
    poll = select.poll()
    poll.register(pipe, select.POLLERR)
    return bool(poll.poll(0))
