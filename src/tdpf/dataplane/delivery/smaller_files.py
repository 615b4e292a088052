"""Whole files once more in fewer bytes, for callers who take gzip: made beside the answers, once, and sent like any file.

Envoy would compress a large file anew for each caller, at a tenth of the speed at which the ready one goes out.
"""

from __future__ import annotations

import fcntl
import gzip
import logging
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tdpf.dataplane.delivery.files_sent import LARGE_BYTES
from tdpf.dataplane.delivery.requests import Request
from tdpf.kit.writing import whole_file

log = logging.getLogger("tdpf.delivery")

_TEXTS = frozenset({".csv", ".json", ".ndjson", ".geojson"})
_PIECE = 1 << 20
_MOST_BYTES = 4 << 30
_NICE = 10


class SmallerFiles:
    """Belongs to the event loop's thread. ``make_room`` is called before a file is made."""

    def __init__(self, make_room: Callable[[], None]) -> None:
        self._make_room = make_room
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="smaller", initializer=_give_way)
        self._begun: dict[Path, Future[None]] = {}

    def of(self, request: Request, path: Path, folder: Path) -> Path | None:
        """Return the file in gzip where the caller takes it; while there is none, None, and it is made in `folder`."""
        if path.suffix not in _TEXTS or not takes_gzip(request.get("accept-encoding")):
            return None
        smaller = folder / f"{path.name}.gz"
        try:
            os.utime(smaller)
        except OSError:
            self._begin(path, smaller)
            return None
        return smaller

    def _begin(self, path: Path, smaller: Path) -> None:
        try:
            size = path.stat().st_size
        except OSError:
            return
        if LARGE_BYTES <= size <= _MOST_BYTES and (smaller not in self._begun or self._begun[smaller].done()):
            self._begun = {one: made for one, made in self._begun.items() if not made.done()}
            self._begun[smaller] = self._maker.submit(self._make, path, smaller)

    def _make(self, path: Path, smaller: Path) -> None:
        try:
            smaller.parent.mkdir(parents=True, exist_ok=True)
            with smaller.with_name(f".{smaller.name}.lock").open("wb") as lock:
                # Another worker may be making the same file.
                fcntl.flock(lock, fcntl.LOCK_EX)
                if smaller.exists():
                    return
                self._make_room()
                with (
                    path.open("rb") as whole,
                    whole_file(smaller) as out,
                    gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0, compresslevel=6) as packed,
                ):
                    shutil.copyfileobj(whole, packed, _PIECE)
        except Exception:  # whoever asks is sent the file as it is
            log.exception("%s was not made smaller", path.name)


def _give_way() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether a caller takes gzip (RFC 9110 §12.5.3)."""
    for part in (accept_encoding or "").lower().split(","):
        coding, _, quality = part.partition(";")
        if coding.strip() == "gzip":
            return quality.replace(" ", "").rstrip("0.") != "q="
    return False
