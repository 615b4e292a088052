"""How many streams are open for whom, over all workers of this home: a byte of a shared file is locked for each."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tdpf.wire.stream_problems import TooManyStreams

MOST_IN_ONE_WORKER = 400
_MOST_FOR_ONE = 1024


class Openings:
    """Locks end with their process, so a killed worker leaves nothing counted. One object per process and file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._mine: set[int] = set()

    @contextmanager
    def one(self, principal: int, dataset: int, most: int) -> Iterator[None]:
        """Count one open stream of an application for a dataset until the end of the block; raises TooManyStreams."""
        if len(self._mine) >= MOST_IN_ONE_WORKER:
            raise TooManyStreams(most=MOST_IN_ONE_WORKER)
        base = ((principal % 2**21) << 20 | dataset % 2**20) * _MOST_FOR_ONE
        place = next((base + n for n in range(min(most, _MOST_FOR_ONE)) if self._lock(base + n)), None)
        if place is None:
            raise TooManyStreams(most=most)
        try:
            yield
        finally:
            self._mine.discard(place)
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)

    def _lock(self, place: int) -> bool:
        if place in self._mine:
            return False
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        self._mine.add(place)
        return True
