"""Open rows files: a bounded number of them, checked once, put aside when damaged."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tdpf.dataplane.delivery.sights import Sight, sight_of
from tdpf.tables.conditions import Condition
from tdpf.tables.errors import TableDamaged, TableMissing
from tdpf.tables.identity import table_folder
from tdpf.tables.read import Form, RowsFile
from tdpf.tables.ready import ReadyRows
from tdpf.tables.types import TableManifest
from tdpf.tables.verify import read_manifest, verify_file

log = logging.getLogger("tdpf.delivery")
T = TypeVar("T")

_MOST_OPEN = 256
_MOST_COUNTS = 4_096


@dataclass(eq=False, slots=True, weakref_slot=True)
class OpenTable:
    """One version at hand; `rows` belongs to the event loop's thread."""

    folder: Path
    manifest: TableManifest
    rows: RowsFile
    counts: OrderedDict[Condition, int] = field(default_factory=OrderedDict)
    sights: dict[tuple[str, ...] | None, Sight] = field(default_factory=dict)
    ready: dict[Form, int | Future[ReadyRows | None] | ReadyRows | None] = field(default_factory=dict)
    """By form: how often it was asked, the making of its ready rows, these, or None where there are to be none."""

    def sight(self, columns: tuple[str, ...] | None) -> Sight:
        """Return what the granted columns let see."""
        found = self.sights.get(columns)
        if found is None:
            found = self.sights[columns] = sight_of(self.manifest, columns)
        return found

    def remember_count(self, condition: Condition, count: int) -> None:
        """Keep the number of rows that meet a condition; the version never changes."""
        self.counts[condition] = count
        if len(self.counts) > _MOST_COUNTS:
            self.counts.popitem(last=False)

    def elsewhere(self, ask: Callable[[RowsFile], T], seconds: float) -> T:
        """Ask with a connection of one's own, for a question too long for the event loop; runs in the calling thread."""
        rows = RowsFile(self.folder, self.manifest)
        try:
            rows.allow(seconds=seconds)
            return ask(rows)
        finally:
            rows.close()


class OpenTables:
    """Opens versions on demand and closes those not used lately. Belongs to the event loop's thread."""

    def __init__(self, tables: Path, kept: Path | None = None) -> None:
        """`tables` are those published here, `kept` those that delivery makes of others' files."""
        self._tables = tables
        self._kept = kept
        self._open: OrderedDict[str, OpenTable] = OrderedDict()
        self._damaged: dict[str, tuple[int, int]] = {}
        self._missing: frozenset[str] = frozenset()
        self._sound: set[str] = set()
        self._looking: set[str] = set()
        self._checker = ThreadPoolExecutor(1, thread_name_prefix="verify")

    @property
    def damaged(self) -> frozenset[str]:
        """Identities that were found damaged."""
        return frozenset(self._damaged)

    def missing(self, identities: frozenset[str]) -> frozenset[str]:
        """Return which of these were asked for when their files were not there, and still are not; from any thread."""
        return frozenset(identity for identity in self._missing & identities if not self.has(identity))

    def get(self, identity: str) -> OpenTable:
        """Return the open version; raises TableMissing or TableDamaged."""
        table = self._open.get(identity)
        if table is not None:
            self._open.move_to_end(identity)
            return table
        if identity in self._damaged:
            raise TableDamaged(identity=identity, file="rows.sqlite")
        folder = self._folder_of(identity)
        try:
            manifest = read_manifest(folder)
            table = OpenTable(folder, manifest, RowsFile(folder, manifest))
        except TableDamaged:
            self.put_aside(identity)
            raise
        except TableMissing:
            self._note_missing(identity)
            raise
        self._open[identity] = table
        if identity not in self._sound:
            self._checker.submit(self._check, identity, folder, manifest)
        while len(self._open) > _MOST_OPEN:
            _, oldest = self._open.popitem(last=False)
            oldest.rows.close()
        return table

    def at_hand(self, identity: str) -> RowsFile | None:
        """Return the rows of a version that is open and not known to be damaged, and count it as used now."""
        table = self._open.get(identity)
        if table is None or identity in self._damaged:
            return None
        self._open.move_to_end(identity)
        return table.rows

    def _folder_of(self, identity: str) -> Path:
        if self._kept is not None and (folder := table_folder(self._kept, identity)).is_dir():
            return folder
        return table_folder(self._tables, identity)

    def has(self, identity: str) -> bool:
        """Whether the version's files are there."""
        return (self._folder_of(identity) / "table.json").is_file()

    def _check(self, identity: str, folder: Path, manifest: TableManifest) -> None:
        if verify_file(folder, manifest, "rows"):
            self._sound.add(identity)
        elif folder.is_dir():
            log.error("the rows file of version %s is damaged; it is not served any more", identity)
            self._damaged[identity] = _mark_of(folder)

    def put_aside(self, identity: str) -> None:
        """Stop serving a version whose file is damaged."""
        log.error("the rows file of version %s cannot be read; it is not served any more", identity)
        self._damaged[identity] = _mark_of(self._folder_of(identity))
        self._open.pop(identity, None)

    def _note_missing(self, identity: str) -> None:
        if identity not in self._missing:
            log.error("the files of version %s are not there", identity)
            self._missing |= {identity}

    def is_damaged(self, identity: str) -> bool:
        """Whether the version was found damaged; an open one is closed then."""
        mark = self._damaged.get(identity)
        if mark is None:
            return False
        self._look_when_written_anew(identity, mark)
        table = self._open.pop(identity, None)
        if table is not None:
            table.rows.close()
        return True

    def close_gone(self) -> None:
        """Close kept versions whose files were removed."""
        for identity in [
            one for one, table in self._open.items() if self._is_kept(table) and not table.folder.is_dir()
        ]:
            self._open.pop(identity).rows.close()

    def _is_kept(self, table: OpenTable) -> bool:
        return self._kept is not None and table.folder.is_relative_to(self._kept)

    def keep_only(self, identities: frozenset[str]) -> None:
        """Close versions no longer offered; a purged version is gone with this. A damaged one gets a new chance when rebuilt."""
        for identity in [identity for identity in self._open if identity not in identities]:
            self._open.pop(identity).rows.close()
        self._sound &= identities
        self._missing &= identities
        for identity, mark in list(self._damaged.items()):
            if identity not in identities:
                self._damaged.pop(identity, None)
            else:
                self._look_when_written_anew(identity, mark)

    def _look_when_written_anew(self, identity: str, mark: tuple[int, int]) -> None:
        if identity not in self._looking and _mark_of(self._folder_of(identity)) != mark:
            self._looking.add(identity)
            self._checker.submit(self._look_again, identity)

    def _look_again(self, identity: str) -> None:
        folder = self._folder_of(identity)
        try:
            if verify_file(folder, read_manifest(folder), "rows"):
                log.info("the rows file of version %s is sound again", identity)
                self._damaged.pop(identity, None)
            else:
                self._damaged[identity] = _mark_of(folder)
        except TableMissing:
            return
        finally:
            self._looking.discard(identity)


def _mark_of(folder: Path) -> tuple[int, int]:
    """What changes when the rows file is written anew."""
    try:
        facts = (folder / "rows.sqlite").stat()
    except OSError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_ino
