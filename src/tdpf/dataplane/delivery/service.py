"""What every handler works with: the directory in force, the open tables, the threads for what takes long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TypeVar

from tdpf.dataplane.delivery.answers import COMMON, Headers
from tdpf.dataplane.delivery.directory import Directory, Offered
from tdpf.dataplane.delivery.filters import Scope
from tdpf.dataplane.delivery.look_ups import LookUps
from tdpf.dataplane.delivery.open_tables import OpenTable, OpenTables
from tdpf.dataplane.delivery.requests import Request
from tdpf.dataplane.delivery.sights import Seen, view_columns
from tdpf.kit.clock import jst_midnight
from tdpf.kit.home import Home
from tdpf.tables.errors import TableDamaged
from tdpf.tables.read import RowsFile, TookTooLong
from tdpf.wire.delivery_problems import BadParameter, Busy, Closed, NoSuchVersion, NotReady, TooSlow, VersionGone

T = TypeVar("T")

SLOWEST_SECONDS = 15.0
_THREADS = 4
_MOST_WAITING = 32
_INLINE_LOOKS = 8
_LICENCES: Mapping[str, str] = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDL-1.0": "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
    "GJSTU-2.0": "https://cio.go.jp/policy-opendata",
}


@dataclass(frozen=True, slots=True)
class Found(Seen):
    """One version of one collection as the caller may see it."""

    table: OpenTable
    version: int
    identity: str

    @property
    def scope(self) -> Scope:
        """What a question about it may speak of."""
        return Scope(self.offered.id, self.table.manifest, self.table.rows.grid, self.sight)


@dataclass(slots=True)
class Service:
    """One worker's state; belongs to the event loop's thread."""

    home: Home
    tables: OpenTables
    current: Directory | None = None
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="slow"))
    waiting: int = 0
    look_ups: LookUps = field(init=False)
    _headers: dict[str, Headers] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.look_ups = LookUps(self.tables)

    def replace_directory(self, directory: Directory) -> None:
        """Put a new directory in force: one assignment, so that every request sees the old or the new one whole."""
        self.current = directory
        self._headers = {}
        self.tables.keep_only(directory.identities())

    def directory(self) -> Directory:
        """Return the directory in force; raises NotReady or Closed."""
        if self.current is None:
            raise NotReady
        if self.current.not_after and time.time() > self.current.not_after:
            raise Closed
        return self.current

    def find(self, request: Request, offered: Offered, version: str | None) -> Found:
        """Return what the caller may see of the asked version; raises NoView, NoSuchVersion, VersionGone, table problems."""
        columns = view_columns(offered, request)
        number, identity = self._version(offered, version)
        if self.tables.is_damaged(identity):
            raise TableDamaged(identity=identity, file="rows.sqlite")
        table = self.tables.get(identity)
        return Found(offered, table.sight(columns), table, number, identity)

    def _version(self, offered: Offered, asked: str | None) -> tuple[int, str]:
        if asked is None:
            return offered.table.version, offered.table.identity
        known = ", ".join(str(number) for number in sorted(offered.versions))
        if not (asked.isascii() and asked.isdecimal() and len(asked) <= 9):
            raise BadParameter(parameter="version", value=asked[:80], expected=known)
        number = int(asked)
        identity = offered.versions.get(number)
        if identity is not None:
            return number, identity
        old = offered.superseded.get(number)
        if old is not None and old.until > time.time() and self.tables.has(old.identity):
            return number, old.identity
        if 0 < number < offered.table.version:
            raise VersionGone(version=number, known=known)
        raise NoSuchVersion(version=number, known=known)

    async def ask(self, table: OpenTable, question: Callable[[RowsFile], T]) -> T:
        """Answer a question about rows: at once if it is quick, else in a thread; raises TooSlow, Busy, TableDamaged."""
        try:
            table.rows.allow(looks=_INLINE_LOOKS)
            return question(table.rows)
        except TookTooLong:
            return await self.in_thread(lambda: table.elsewhere(question, SLOWEST_SECONDS))
        except TableDamaged:
            self.tables.put_aside(table.manifest.identity)
            raise

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run what takes long beside the event loop; raises Busy when too much waits, TooSlow when it takes too long."""
        if self.waiting >= _MOST_WAITING:
            raise Busy
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, work)
        except TookTooLong:
            raise TooSlow(seconds=int(SLOWEST_SECONDS)) from None
        finally:
            self.waiting -= 1

    def headers(self, offered: Offered) -> Headers:
        """Return the headers of every answer about a collection: licence, end of the offer, caching."""
        found = self._headers.get(offered.id)
        if found is None:
            found = self._headers[offered.id] = self._offer_headers(offered)
        return found

    def _offer_headers(self, offered: Offered) -> Headers:
        cache = "no-cache" if offered.access == "open" else "private, no-cache"
        headers: Headers = [*COMMON, ("cache-control", cache)]
        links = [f'<{self.licence_url(offered)}>; rel="license"']
        collection = offered.collection
        if collection is not None and collection.deprecated_at is not None:
            headers.append(("deprecation", f"@{collection.deprecated_at}"))
            links.append(f'<{self._public()}/datasets/{offered.table.slug}>; rel="deprecation"')
        if collection is not None and collection.sunset is not None:
            moment = jst_midnight(collection.sunset).timestamp()
            headers.append(("sunset", formatdate(moment, usegmt=True)))
            links.append(f'<{self._public()}/datasets/{offered.table.slug}>; rel="sunset"')
        headers.append(("link", ", ".join(links)))
        return headers

    def licence_url(self, offered: Offered) -> str:
        """Return the address of the licence's text, else of the terms on the dataset's page."""
        licence = offered.table.licence
        if licence.startswith(("https://", "http://")) and not set(licence) & set('<>" \r\n'):
            return licence
        return _LICENCES.get(licence) or f"{self._public()}/datasets/{offered.table.slug}#terms"

    def _public(self) -> str:
        return self.current.public_url if self.current else ""
