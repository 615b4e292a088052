"""Pages cut from ready rows: a table that is asked again and again gets a file of its rows as they are sent, on demand.

The file is made in a process of its own, stands beside the exports under the same budget, and may go at any time: pages are then
put together from the rows file as before, byte for byte the same.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

import orjson

from tdpf.dataplane.delivery.exports import Exports
from tdpf.dataplane.delivery.open_tables import OpenTable
from tdpf.dataplane.delivery.service import Found
from tdpf.kit.apart import run_apart
from tdpf.tables.read import Form
from tdpf.tables.ready import ReadyRows

log = logging.getLogger("tdpf.delivery")

_ASKED_OFTEN = 20
_MOST_BYTES_OF_ROWS = 4 << 30
_MOST_ROWS = 50_000_000
_MOST_BYTES = 4 << 30
_SECONDS = 900.0
_MOST_FORMS = 8
_LOOK_SECONDS = 60.0


class ReadyPages:
    """Belongs to the event loop's thread."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="ready")
        self._tables: WeakSet[OpenTable] = WeakSet()
        self._used: set[Path] = set()
        self._look_at = 0.0

    def of(self, found: Found) -> ReadyRows | None:
        """Return the ready rows for this sight, None while there are none; asked often enough, they are made."""
        kept, form = found.table.ready, found.sight.feature_form
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK_SECONDS
            self.look()
        now = kept.get(form, 0)
        if isinstance(now, ReadyRows):
            self._used.add(now.path)
            return now
        if isinstance(now, Future):
            if not now.done():
                return None
            made = kept[form] = now.result()
            self._tables.add(found.table)
            return made
        if now is None or (not now and len(kept) >= _MOST_FORMS):
            return None
        kept[form] = now + 1 if now < _ASKED_OFTEN else self._begin(found, form)
        return None

    def look(self) -> None:
        """Let the files used since the last look count as used lately, and forget those removed: mapped, they hold the disk."""
        for table in self._tables:
            for form, ready in list(table.ready.items()):
                if not isinstance(ready, ReadyRows):
                    continue
                try:
                    os.utime(ready.path) if ready.path in self._used else ready.path.stat()
                except OSError:
                    table.ready[form] = 0
        self._used.clear()

    def _begin(self, found: Found, form: Form) -> Future[ReadyRows | None] | None:
        manifest = found.table.manifest
        if not 0 < manifest.files["rows"].bytes <= _MOST_BYTES_OF_ROWS or manifest.rows > _MOST_ROWS:
            return None
        place = f"{form.with_place:d}{form.with_key:d}"
        path = self._exports.path_of(found.identity, f"{found.sight.mark}-{place}.ready")
        return self._maker.submit(self._made, found.table.folder, path, form)

    def _made(self, folder: Path, path: Path, form: Form) -> ReadyRows | None:
        order: dict[str, object] = {"folder": str(folder), "out": str(path), "positions": form.positions}
        order.update(with_place=form.with_place, with_key=form.with_key, parent=os.getpid())
        try:
            with suppress(OSError, ValueError):
                return ReadyRows(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            # Another worker may be making the same file: one makes it, the others wait and find it.
            with path.with_name(f".{path.name}.lock").open("wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                with suppress(OSError, ValueError):
                    return ReadyRows(path)
                self._exports.make_room()
                order["most_bytes"] = min(_MOST_BYTES, shutil.disk_usage(path.parent).free // 2)
                ended = run_apart(
                    "tdpf.tables.ready", orjson.dumps(order), path.parent, seconds=_SECONDS, complaints=lock.fileno()
                )
            if ended == "done":
                return ReadyRows(path)
            log.warning("ready rows of version %s were not made: %s", folder.name, ended)
        except Exception:  # without it the fault stays: every page of this form asks for what was made
            log.exception("ready rows of version %s were not made", folder.name)
        return None
