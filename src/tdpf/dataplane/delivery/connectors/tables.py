"""Every connected table of a worker: made when it is first asked for, let go when it is not offered any more."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from tdpf.dataplane.delivery.answers import AnyAnswer
from tdpf.dataplane.delivery.connectors.answering import Asking, asked_item, asked_items
from tdpf.dataplane.delivery.connectors.asked import AskedTable, manifest_of
from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.sql import SqlTable
from tdpf.dataplane.delivery.directory import Directory, Offered
from tdpf.dataplane.delivery.requests import Request
from tdpf.dataplane.delivery.service import Service
from tdpf.dataplane.delivery.sights import Seen, sight_of, view_columns
from tdpf.dataplane.snapshots import read_secret
from tdpf.tables.types import TableManifest
from tdpf.wire.codec import MalformedMessage, from_json
from tdpf.wire.connected import ConnectedTable
from tdpf.wire.connected_problems import NotAskedSo, SourceSilent
from tdpf.wire.delivery_problems import Busy
from tdpf.wire.sealing import Unsealable, unseal
from tdpf.wire.sources import ApiCredential

log = logging.getLogger("tdpf.delivery")
T = TypeVar("T")

# A provider that does not answer holds its callers' threads; published tables have others.
_THREADS = 16
_MOST_WAITING = 64
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Known:
    source: ConnectedTable
    manifest: TableManifest
    table: AskedTable
    budget: Budget


class Connectors:
    """Belongs to the event loop's thread; what is asked of sources runs in threads of its own."""

    def __init__(self, service: Service, *, allow_private: bool) -> None:
        self._service = service
        self._folder = service.home.delivery / "connected"
        self._allow_private = allow_private
        self._known: dict[str, _Known] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="connected")
        self._waiting = 0
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to end sessions that nobody asks for."""
        threading.Thread(target=self._tidy_forever, name="tidy", daemon=True).start()

    def stop(self) -> None:
        """End everything."""
        self._stopping.set()
        for known in list(self._known.values()):
            known.table.close()

    def take(self, directory: Directory) -> None:
        """Let go of what is not offered in this way any more."""
        offered = {one.source.source: one.source for one in directory.collections.values() if one.source is not None}
        for name, known in list(self._known.items()):
            if offered.get(name) != known.source:
                del self._known[name]
                self._threads.submit(known.table.close)

    def seen(self, request: Request, offered: Offered) -> Seen:
        """Return what the caller may see of a connected table; raises NoView."""
        assert offered.source is not None, "the caller looked"
        return Seen(offered, sight_of(manifest_of(offered.source), view_columns(offered, request)))

    async def answer(self, request: Request, offered: Offered, rest: list[str]) -> AnyAnswer:
        """Answer what stands behind `/data/collections/{id}`; raises the problems of delivery and of connected tables."""
        seen = self.seen(request, offered)
        if rest[:1] != ["items"]:
            raise NotAskedSo(collection=offered.id)
        assert offered.source is not None, "seen looked"
        known = self._opened(offered.source)
        numbered = request.view is not None and request.view.isdecimal() and request.view != "0"
        areas = known.source.areas.get(int(request.view or 0)) if numbered else None
        asking = Asking(
            seen, known.source, known.manifest, known.table, areas, self._service.directory().public_url,
            self._headers(offered), self._in_thread,
        )  # fmt: skip
        if len(rest) == 1:
            return await asked_items(asking, request)
        return await asked_item(asking, request, "/".join(rest[1:]))

    def _headers(self, offered: Offered) -> list[tuple[str, str]]:
        return [pair for pair in self._service.headers(offered) if pair[0] != "cache-control"]

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _opened(self, source: ConnectedTable) -> _Known:
        known = self._known.get(source.source)
        if known is None or known.source != source:
            manifest = manifest_of(source)
            budget = Budget(self._folder / f"{source.source}.budget", source.address, source.limits)
            known = self._known[source.source] = _Known(source, manifest, self._made(source, manifest, budget), budget)
        return known

    def _made(self, source: ConnectedTable, manifest: TableManifest, budget: Budget) -> AskedTable:
        if source.sql is not None:
            credential = self.credential(source)
            if credential is None:
                raise SourceSilent(collection=source.address)
            return SqlTable(source, source.sql, manifest, budget, credential, allow_private=self._allow_private)
        raise NotAskedSo(collection=source.address)

    def credential(self, source: ConnectedTable) -> ApiCredential | None:
        """Return the source's credential, opened in memory only; None when there is none or it cannot be opened."""
        if not source.credential:
            return None
        try:
            key = bytes.fromhex(read_secret(self._service.home.secrets / "sources.key"))
            return from_json(ApiCredential, unseal(key, source.credential, bound_to=source.source))
        except (OSError, ValueError, Unsealable, MalformedMessage) as fault:
            log.warning("the credential of %s cannot be opened: %s", source.address, type(fault).__name__)
            return None

    def _tidy_forever(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            for known in list(self._known.values()):
                if isinstance(known.table, SqlTable):
                    known.table.let_go()
