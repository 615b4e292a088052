"""Files of others as tables of delivery's own: fetched when they changed, read apart, never given when older than stated."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.origins import Origin
from tdpf.dataplane.delivery.connectors.quotas import Disk, forget_versions
from tdpf.kit.apart import run_apart
from tdpf.kit.errors import Problem
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.kit.writing import write_whole
from tdpf.tables.identity import table_folder
from tdpf.wire.codec import to_plain
from tdpf.wire.connected import BucketPlace, ConnectedTable, FilePlace
from tdpf.wire.connected_problems import (
    KeptTooLarge,
    NoRoom,
    SourceBusy,
    SourceSilent,
    SourceSlow,
    SourceStale,
    SourceUnreadable,
)

log = logging.getLogger("tdpf.delivery")

_READING_SECONDS = 300
_VERSIONS = 2
_TURN_SECONDS = 0.1
_OLD_SECONDS = 3600.0
# Reading takes memory, whoever's file it is.
_few_at_once = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is at hand: versions (number, identity) oldest first, and when the origin last said that the last one holds.

    `changed_at` is when the last version took the place of the one before it.
    """

    definition: str = ""
    checked_at: float = 0.0
    validators: dict[str, str] = field(default_factory=dict)
    versions: tuple[tuple[int, str], ...] = ()
    changed_at: float = 0.0


class KeptTable:
    """One file or bucket. Its folder is shared by all workers; one of them at a time asks the origin."""

    def __init__(self, source: ConnectedTable, origin: Origin, folder: Path, disk: Disk, budget: Budget) -> None:
        self._source = source
        self._origin = origin
        self._folder = folder
        self._disk = disk
        self._budget = budget
        self._definition = sha256_hex(
            canonical_json([source.mark, to_plain(source.columns), list(source.key_columns), to_plain(self._place)])
        )
        self._refused: tuple[float, Problem] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def _place(self) -> FilePlace | BucketPlace:
        place = self._source.file or self._source.bucket
        assert place is not None, "only files and buckets are kept"
        return place

    def at_hand(self) -> Kept | None:
        """Return what may be given without asking the origin, or None."""
        kept = self._read()
        return self._given(kept) if kept.versions and self.age(kept) <= self._source.limits.fresh_seconds else None

    def _given(self, kept: Kept) -> Kept:
        """Return what may be given of it: who pages through an old version has an hour, and no more than was promised."""
        return replace(kept, versions=kept.versions[-1:]) if self._is_old(kept) else kept

    def _is_old(self, kept: Kept) -> bool:
        age = time.time() - kept.changed_at
        return not 0 <= age <= min(_OLD_SECONDS, self._source.limits.fresh_seconds)

    def let_go(self) -> None:
        """Remove the version before the last one when its time is over."""
        if not self._is_overdue(self._read()):
            return
        with self._alone(wait=False) as mine:
            kept = self._read()
            if mine and self._is_overdue(kept):
                self._write(self._given(kept))
                self._disk.remove([identity for _, identity in kept.versions[:-1]])

    def _is_overdue(self, kept: Kept) -> bool:
        return len(kept.versions) > 1 and self._is_old(kept)

    def wants_a_look(self, kept: Kept) -> bool:
        """Say whether the origin is better asked before the time is over."""
        return self.age(kept) > self._source.limits.fresh_seconds / 2

    def age(self, kept: Kept) -> float:
        """Return the seconds since the origin said that this holds; a clock that was set back makes it old."""
        age = time.time() - kept.checked_at
        return age if age >= 0 else float("inf")

    def look(self, *, only_if_free: bool = False) -> Kept | None:
        """Ask the origin and return what holds now; with `only_if_free`, None when another worker is asking.

        Without it another worker is waited for as long as a caller waits.

        Raises SourceSlow, SourceStale, SourceSilent, SourceUnreadable, SourceResting, SourceBusy, KeptTooLarge, NoRoom.
        """
        with self._alone(wait=not only_if_free) as mine:
            if not mine and only_if_free:
                return None
            if not mine:
                raise SourceSlow(collection=self._source.address, seconds=self._source.limits.timeout_seconds)
            kept = self._read()
            if kept.versions and not self.wants_a_look(kept):
                return self._given(kept)
            if self._refused is not None and time.monotonic() < self._refused[0]:
                raise self._refused[1]
            with self._budget.one(), TemporaryDirectory(dir=self._folder) as work:
                try:
                    return self._given(self._asked(kept, Path(work)))
                except (SourceUnreadable, KeptTooLarge, NoRoom) as fault:
                    # Fetching and reading it once more for every caller would change nothing.
                    self._refused = time.monotonic() + self._source.limits.rest_seconds, fault
                    raise
                except SourceBusy:
                    # Its pace is what the provider allows, no fault of the provider.
                    raise
                except Problem as fault:
                    self._budget.failed()
                    log.warning("%s is not reached: %s", self._source.address, fault.detail_in("en"))
                    address = self._source.address
                    if kept.versions:
                        raise SourceStale(collection=address, seconds=self._source.limits.fresh_seconds) from None
                    raise SourceSilent(collection=address) from None

    def _asked(self, kept: Kept, work: Path) -> Kept:
        asked_at = time.time()
        arrived = self._origin.fetch_if_changed(work, kept.validators if kept.versions else {})
        if arrived is None and not kept.versions:
            # It says that what is not here is the newest.
            raise SourceSilent(collection=self._source.address)
        self._budget.answered()
        if arrived is None:
            return self._write(replace(kept, checked_at=asked_at))
        identity = sha256_hex(canonical_json([self._definition, arrived.content]))
        before: tuple[tuple[int, str], ...] = ()
        if not kept.versions or kept.versions[-1][1] != identity:
            with _few_at_once:
                self._build(arrived.files, identity, work)
            number = kept.versions[-1][0] + 1 if kept.versions else 1
            before = tuple(one for one in kept.versions if one[1] != identity)
            stays = before[1 - _VERSIONS :]
            if not self._disk.make_room(self._source, identity, [name for _, name in stays]):
                stays = ()
            kept = Kept(versions=(*stays, (number, identity)), changed_at=time.time())
        fresh = self._write(Kept(self._definition, asked_at, arrived.validators, kept.versions, kept.changed_at))
        self._disk.noted(self._source)
        self._disk.remove([one[1] for one in before if one not in kept.versions])
        return fresh

    def _build(self, files: tuple[Path, ...], identity: str, work: Path) -> None:
        result, address = work / "result", self._source.address
        columns = [
            {"name": one.name, "type": one.type, "title": one.title, "unit": one.unit, "description": one.description,
             "origin": one.at_origin}
            for one in self._source.columns
        ]  # fmt: skip
        order: dict[str, Any] = {
            "files": [str(path) for path in files], "format": self._place.format, "encoding": self._place.encoding,
            "rows_at": self._place.rows_at if isinstance(self._place, FilePlace) else "", "columns": columns,
            "out_root": str(self._disk.tables), "identity": identity, "key_columns": list(self._source.key_columns),
            "name": self._source.table, "result": str(result), "seconds": _READING_SECONDS,
        }  # fmt: skip
        with (work / "complaints").open("wb") as complaints:
            ended = run_apart(
                "tdpf.tables.reading_apart", orjson.dumps(order), work, seconds=_READING_SECONDS,
                complaints=complaints.fileno(),
            )  # fmt: skip
        found = orjson.loads(result.read_bytes()) if ended == "done" and result.exists() else {}
        if "rows" not in found:
            said = (work / "complaints").read_bytes()[-500:].decode("utf-8", "replace")
            log.warning("the file of %s cannot be read (%s): %s %s", address, ended, found.get("why_en", ""), said)
            raise SourceUnreadable(
                collection=address,
                why_ja=found.get("why_ja", "読み取れません"),
                why_en=found.get("why_en", "it was not read"),
            )

    def _read(self) -> Kept:
        try:
            plain = orjson.loads((self._folder / "state.json").read_bytes())
            kept = Kept(
                plain["definition"], plain["checked_at"], plain["validators"],
                tuple((int(number), str(identity)) for number, identity in plain["versions"]),
                float(plain.get("changed_at", 0.0)),
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError):
            return Kept()
        there = all(
            (table_folder(self._disk.tables, identity) / "table.json").is_file() for _, identity in kept.versions
        )
        return kept if kept.definition == self._definition and there else Kept()

    def _write(self, kept: Kept) -> Kept:
        write_whole(self._folder / "state.json", orjson.dumps(asdict(kept)), durable=False)
        return kept

    @contextmanager
    def _alone(self, *, wait: bool) -> Iterator[bool]:
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield _locked(lock, self._source.limits.timeout_seconds if wait else 0)
        finally:
            os.close(lock)


def _locked(lock: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(_TURN_SECONDS)
        else:
            return True


def forget(folder: Path, tables: Path) -> None:
    """Remove everything that is kept of a source by its folder."""
    forget_versions(folder, tables)
    shutil.rmtree(folder, ignore_errors=True)
