"""Every connected table of a worker: made when it is first asked for, let go when it is not offered any more."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from tdpf.dataplane.delivery.answers import AnyAnswer
from tdpf.dataplane.delivery.connectors.aggregating import asked_aggregate
from tdpf.dataplane.delivery.connectors.answering import Asking, asked_item, asked_items
from tdpf.dataplane.delivery.connectors.asked import AskedTable, manifest_of
from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.gathered import GatheredTable
from tdpf.dataplane.delivery.connectors.gathered_parts import Parts, gateway_url
from tdpf.dataplane.delivery.connectors.kept import Kept, KeptTable, forget
from tdpf.dataplane.delivery.connectors.ngsi import NgsiTable
from tdpf.dataplane.delivery.connectors.origins import BucketOrigin, FileOrigin
from tdpf.dataplane.delivery.connectors.quotas import Disk, Memory, Quotas
from tdpf.dataplane.delivery.connectors.sql import SqlTable
from tdpf.dataplane.delivery.credentials import opened_credential
from tdpf.dataplane.delivery.directory import Directory, Offered
from tdpf.dataplane.delivery.requests import Request
from tdpf.dataplane.delivery.service import Service
from tdpf.dataplane.delivery.sights import Seen, sight_of, view_columns
from tdpf.kit.errors import Problem
from tdpf.kit.home import Home
from tdpf.tables.types import TableManifest
from tdpf.wire.connected import ConnectedTable, FilePlace
from tdpf.wire.connected_problems import NotAskedSo, NotGatheredAgain, SourceSilent, SourceSlow
from tdpf.wire.delivery_problems import Busy
from tdpf.wire.sources import ApiCredential

log = logging.getLogger("tdpf.delivery")
T = TypeVar("T")

# A provider that does not answer holds its callers' threads; published tables have others.
_THREADS = 16
_THREADS_OF_ONE = 4
_THREADS_BESIDE = 4
_THREADS_CLOSING = 2
_MOST_WAITING = 64
_LOOK_SECONDS = 1.0
_LOOK_FOR_GONE_SECONDS = 10.0
_TURNS_FOR_OLD_VERSIONS = 10
_MAY_BE_NEWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Known:
    source: ConnectedTable
    manifest: TableManifest
    table: AskedTable | KeptTable
    budget: Budget


def _close(known: _Known) -> None:
    if not isinstance(known.table, KeptTable):
        known.table.close()
    known.budget.close()


def kept_tables(place: Home) -> Path:
    """Return where tables made of others' files lie."""
    return place.delivery / "connected" / "tables"


class Connectors:
    """Belongs to the event loop's thread; what is asked of sources runs in threads of its own."""

    def __init__(self, service: Service, *, allow_private: bool, quotas: Quotas | None = None) -> None:
        self._service = service
        self._folder = service.home.delivery / "connected"
        bounds = quotas or Quotas()
        self._disk = Disk(self._folder, kept_tables(service.home), bounds.kept, bounds.kept_each)
        self._memory = Memory(bounds.gathered, bounds.gathered_each)
        self._allow_private = allow_private
        self._known: dict[str, _Known] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="connected")
        # What is gathered asks this gateway again, which may need a thread of the others.
        self._gatherers = ThreadPoolExecutor(_THREADS, thread_name_prefix="gathered")
        # What nobody waits for leaves the threads to those who are waited for.
        self._beside = ThreadPoolExecutor(_THREADS_BESIDE, thread_name_prefix="beside")
        self._closing = ThreadPoolExecutor(_THREADS_CLOSING, thread_name_prefix="closing")
        self._looked_beside: set[str] = set()
        self._gone_looked_for = 0.0
        self._waiting: Counter[str] = Counter()
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._looking: dict[str, asyncio.Task[Kept | None]] = {}
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to end sessions that nobody asks for."""
        threading.Thread(target=self._tidy_forever, name="tidy", daemon=True).start()

    def stop(self) -> None:
        """End everything."""
        self._stopping.set()
        for known in list(self._known.values()):
            _close(known)

    def take(self, directory: Directory) -> None:
        """Let go of what is not offered in this way any more."""
        offered = {one.source.source: one.source for one in directory.collections.values() if one.source is not None}
        for name, known in list(self._known.items()):
            if offered.get(name) != known.source:
                del self._known[name]
                self._closing.submit(_close, known)
        self._closing.submit(self._forget_but, frozenset(offered))

    def _forget_but(self, offered: frozenset[str]) -> None:
        """Remove what is kept of files that are not offered any more; a worker that is ahead may just have begun."""
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            settled = folder.stat().st_mtime < time.time() - _MAY_BE_NEWER_SECONDS
            if folder.is_dir() and folder != kept_tables(self._service.home) and folder.name not in offered and settled:
                forget(folder, kept_tables(self._service.home))

    def seen(self, request: Request, offered: Offered) -> Seen:
        """Return what the caller may see of a connected table; raises NoView."""
        assert offered.source is not None, "the caller looked"
        return Seen(offered, sight_of(manifest_of(offered.source), view_columns(offered, request)))

    async def at_hand(self, request: Request, offered: Offered) -> Offered:
        """Return a file's or a bucket's table as one that is published here, fresh as stated; any other as it is.

        Raises the problems of connected tables.
        """
        assert offered.source is not None, "the caller looked"
        if offered.is_asked:
            return offered
        known = self._opened(offered.source)
        assert isinstance(known.table, KeptTable), "files and buckets are kept"
        # What is found out now may not be fresh at the next call.
        request.raw = None
        kept = known.table.at_hand()
        if kept is None:
            kept = await self._looked(known.table, known.source)
        elif known.table.wants_a_look(kept):
            self._look_beside(known.table, known.source.source)
        self._close_gone()
        number, identity = kept.versions[-1]
        table = replace(offered.table, identity=identity, version=number)
        return Offered(offered.id, table, offered.collection, dict(kept.versions))

    async def _looked(self, table: KeptTable, source: ConnectedTable) -> Kept:
        """Ask the origin; who waited long enough is told so, and the asking goes on for the next."""
        task = self._looking.get(source.source)
        if task is None:
            task = asyncio.ensure_future(self._in_thread(source, table.look))
            self._looking[source.source] = task
            task.add_done_callback(lambda done: self._looked_at(source.source, done))
        try:
            kept = await asyncio.wait_for(asyncio.shield(task), source.limits.timeout_seconds)
        except TimeoutError:
            raise SourceSlow(collection=source.address, seconds=source.limits.timeout_seconds) from None
        assert kept is not None, "it waited for its turn"
        return kept

    def _looked_at(self, name: str, done: asyncio.Task[Kept | None]) -> None:
        self._looking.pop(name, None)
        if not done.cancelled():
            done.exception()

    def _look_beside(self, table: KeptTable, name: str) -> None:
        """Ask the origin while what is at hand is given."""
        if name in self._looked_beside:
            return
        self._looked_beside.add(name)

        def look() -> None:
            try:
                table.look(only_if_free=True)
            except Problem:
                log.debug("the origin was asked ahead of time, in vain")
            finally:
                self._looked_beside.discard(name)

        self._beside.submit(look)

    def _close_gone(self) -> None:
        """Close kept tables that were removed, so that their room is free."""
        if time.monotonic() > self._gone_looked_for + _LOOK_FOR_GONE_SECONDS:
            self._gone_looked_for = time.monotonic()
            self._service.tables.close_gone()

    async def answer(self, request: Request, offered: Offered, rest: list[str]) -> AnyAnswer:
        """Answer what stands behind `/data/collections/{id}`; raises the problems of delivery and of connected tables."""
        seen = self.seen(request, offered)
        assert offered.source is not None, "seen looked"
        if rest[:1] != ["items"] and rest != ["aggregate"]:
            raise NotAskedSo(collection=offered.id)
        if request.gathering and offered.source.gathered is not None:
            raise NotGatheredAgain(collection=offered.id)
        known = self._opened(offered.source)
        assert not isinstance(known.table, KeptTable), "kept tables are answered from as published ones"
        numbered = request.view is not None and request.view.isdecimal() and request.view != "0"
        areas = known.source.areas.get(int(request.view or 0)) if numbered else None
        asking = Asking(
            seen, known.source, known.manifest, known.table, areas, self._service.directory().public_url,
            self._headers(offered), partial(self._in_thread, known.source),
        )  # fmt: skip
        if rest == ["aggregate"]:
            return await asked_aggregate(asking, request)
        if len(rest) == 1:
            return await asked_items(asking, request)
        return await asked_item(asking, request, "/".join(rest[1:]))

    def _headers(self, offered: Offered) -> list[tuple[str, str]]:
        return [pair for pair in self._service.headers(offered) if pair[0] != "cache-control"]

    async def _in_thread(self, source: ConnectedTable, work: Callable[[], T]) -> T:
        """Run in a thread, a few at a time for each source: one that hangs leaves threads to the others."""
        name = source.source
        if self._waiting[name] >= _MOST_WAITING:
            raise Busy
        self._waiting[name] += 1
        threads = self._threads if source.gathered is None else self._gatherers
        try:
            async with self._turns.setdefault(name, asyncio.Semaphore(_THREADS_OF_ONE)):
                return await asyncio.get_running_loop().run_in_executor(threads, work)
        finally:
            self._waiting[name] -= 1

    def _opened(self, source: ConnectedTable) -> _Known:
        known = self._known.get(source.source)
        if known is None or known.source != source:
            manifest = manifest_of(source)
            budget = Budget(self._folder / f"{source.source}.budget", source.address, source.limits)
            try:
                table = self._made(source, manifest, budget)
            except Problem:
                budget.close()
                raise
            if known is not None:
                self._closing.submit(_close, known)
            known = self._known[source.source] = _Known(source, manifest, table, budget)
        return known

    def _made(self, source: ConnectedTable, manifest: TableManifest, budget: Budget) -> AskedTable | KeptTable:
        if source.sql is not None:
            credential = self.credential(source)
            if credential is None:
                raise SourceSilent(collection=source.address)
            return SqlTable(source, source.sql, manifest, budget, credential, allow_private=self._allow_private)
        if source.ngsi is not None:
            credential = self.credential(source)
            if source.credential and credential is None:
                raise SourceSilent(collection=source.address)
            return NgsiTable(source, source.ngsi, manifest, budget, credential, allow_private=self._allow_private)
        if source.gathered is not None:
            key = self.credential(source)
            if key is None:
                raise SourceSilent(collection=source.address)
            parts = Parts(source, key.value, gateway_url(), budget)
            return GatheredTable(source, source.gathered, manifest, parts, self._memory)
        place = source.file or source.bucket
        if place is not None:
            credential, limits = self.credential(source), source.limits
            if source.credential and credential is None:
                raise SourceSilent(collection=source.address)
            rest = (credential, limits.timeout_seconds, limits.most_bytes, self._allow_private)
            origin = (
                FileOrigin(place, *rest) if isinstance(place, FilePlace) else BucketOrigin(place, *rest, budget.turn)
            )
            return KeptTable(source, origin, self._folder / source.source, self._disk, budget)
        raise NotAskedSo(collection=source.address)

    def credential(self, source: ConnectedTable) -> ApiCredential | None:
        """Return the source's credential, opened in memory only; None when there is none or it cannot be opened."""
        return opened_credential(
            self._service.home, source.credential, source=source.source, address=source.address
        )  # fmt: skip

    def _tidy_forever(self) -> None:
        turns = 0
        while not self._stopping.wait(_LOOK_SECONDS):
            turns += 1
            for known in list(self._known.values()):
                if isinstance(known.table, SqlTable) or (
                    isinstance(known.table, KeptTable) and turns % _TURNS_FOR_OLD_VERSIONS == 0
                ):
                    known.table.let_go()
