"""What tables of others may take of this machine: disk for kept ones, memory for gathered ones; each and all together."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tdpf.kit.writing import write_whole
from tdpf.tables.identity import table_folder
from tdpf.wire.connected import ConnectedTable
from tdpf.wire.connected_problems import AnswerTooLarge, KeptTooLarge, NoMemory, NoRoom

log = logging.getLogger("tdpf.delivery")

_MB = 1 << 20
_STATE, _COMING = _NOTES = ("state.json", "coming.json")

Take = Callable[[int], None]
"""Notes that so many bytes more are held; raises AnswerTooLarge, NoMemory."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """The operator's bounds, in bytes."""

    kept: int = 20_480 * _MB
    kept_each: int = 2_048 * _MB
    gathered: int = 512 * _MB
    gathered_each: int = 128 * _MB


def quotas_of(environment: Mapping[str, str]) -> Quotas:
    """Return the bounds that the settings name."""
    usual = Quotas()

    def bytes_of(name: str, otherwise: int) -> int:
        text = environment.get(name, "")
        return int(text) * _MB if text.isascii() and text.isdecimal() and int(text) else otherwise

    return Quotas(
        bytes_of("TDPF_KEPT_MB", usual.kept),
        bytes_of("TDPF_KEPT_EACH_MB", usual.kept_each),
        bytes_of("TDPF_GATHERED_MB", usual.gathered),
        bytes_of("TDPF_GATHERED_EACH_MB", usual.gathered_each),
    )


class Memory:
    """Bytes of parts that are being put together in this process; belongs to no thread."""

    def __init__(self, whole: int, each: int) -> None:
        self._whole, self._each = whole, each
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def of_answer(self, table: ConnectedTable) -> Iterator[Take]:
        """Count what one answer takes, until the end of the block; what still asks for it then is refused."""
        mine, over = 0, False

        def take(size: int) -> None:
            nonlocal mine
            with self._lock:
                if over:
                    raise NoMemory(collection=table.address)
                if mine + size > self._each:
                    raise AnswerTooLarge(collection=table.address, megabytes=self._each // _MB)
                if self._held[table.source] + size > self._each or self._held.total() + size > self._whole:
                    raise NoMemory(collection=table.address)
                mine += size
                self._held[table.source] += size

        try:
            yield take
        finally:
            with self._lock:
                over = True
                self._held[table.source] -= mine


class Disk:
    """Where kept tables lie. Whose origin was asked longest ago gives up first, and is fetched anew when it is asked for."""

    def __init__(self, folder: Path, tables: Path, whole: int, each: int) -> None:
        """`folder` has a folder for each source, `tables` the tables."""
        self._folder = folder
        self.tables = tables
        self._whole, self._each = whole, each

    def make_room(self, table: ConnectedTable, identity: str, before: Sequence[str]) -> bool:
        """Find room for a version that was just built; say whether the versions `before` may stay beside it.

        It counts as kept from here on, though nobody has noted it yet: see `noted`. Raises KeptTooLarge, NoRoom; then the
        version is removed.
        """
        size, older = self._size([identity]), self._size(before)
        try:
            if size > self._each:
                raise KeptTooLarge(collection=table.address, megabytes=self._each // _MB)
            stays = size + older <= self._each
            with self._alone():
                if not self._fits(table, size + (older if stays else 0)):
                    if not stays or not self._fits(table, size):
                        raise NoRoom(collection=table.address)
                    stays = False
                coming = self._folder / table.source / _COMING
                coming.parent.mkdir(exist_ok=True)
                write_whole(coming, orjson.dumps({"versions": [[0, identity]]}), durable=False)
                return stays
        except (KeptTooLarge, NoRoom):
            self.remove([identity])
            raise

    def noted(self, table: ConnectedTable) -> None:
        """Say that the table's own state names what room was made for."""
        (self._folder / table.source / _COMING).unlink(missing_ok=True)

    def _fits(self, table: ConnectedTable, size: int) -> bool:
        """Let others give up until so much fits beside them."""
        others = sorted(
            (checked_at, name, self._size(versions))
            for name, checked_at, versions in self._kept()
            if name != table.source
        )
        taken = size + sum(one[2] for one in others)
        for _, name, freed in others:
            if taken <= self._whole:
                break
            if self._gives_up(name):
                log.warning("what is kept for %s gives room to %s", name, table.address)
                taken -= freed
        return taken <= self._whole

    def _kept(self) -> Iterator[tuple[str, float, list[str]]]:
        noted = (path for name in _NOTES for path in self._folder.glob(f"*/{name}"))
        for folder in {path.parent for path in noted}:
            known = _read(folder / _STATE)
            yield folder.name, float(known.get("checked_at", 0.0)), _versions(folder)

    def _gives_up(self, name: str) -> bool:
        lock = os.open(self._folder / name / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            forget_versions(self._folder / name, self.tables)
            return True
        finally:
            os.close(lock)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = os.open(self._folder / "room.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _size(self, identities: Sequence[str]) -> int:
        folders = (table_folder(self.tables, identity) for identity in identities)
        return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())

    def remove(self, identities: Sequence[str]) -> None:
        """Remove versions."""
        for identity in identities:
            shutil.rmtree(table_folder(self.tables, identity), ignore_errors=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        known = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _versions(folder: Path) -> list[str]:
    """Return the versions of a source by its folder, those that are just coming with them."""
    return list(dict.fromkeys(str(one[1]) for name in _NOTES for one in _read(folder / name).get("versions", ())))


def forget_versions(folder: Path, tables: Path) -> None:
    """Remove the tables that are kept of a source by its folder, and the memory of them."""
    known = _versions(folder)
    for name in _NOTES:
        (folder / name).unlink(missing_ok=True)
    for identity in known:
        shutil.rmtree(table_folder(tables, identity), ignore_errors=True)
