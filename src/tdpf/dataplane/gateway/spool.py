"""The spool: the usage log in segments, shipped byte by byte to the control plane and deleted when it has them all.

``current.tsv`` is what Envoy writes; ``segment.json`` holds the name it will get when it is closed. A segment is closed by
rename, and Envoy opens its log again by name. Only whole lines are shipped: a line torn by a crash is not evidence.
"""

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from tdpf.kit.writing import write_whole

PIECE_BYTES = 8 << 20
"""What is shipped at once at most: the more, the fewer times the same hours are written. The control plane takes 12 MB."""
SETTLE_SECONDS = 1.0
"""After a rotation Envoy may still finish a write to the old file."""

Ship = Callable[[str, int, bytes], int]
"""Segment name, offset, bytes -> offset committed by the control plane."""


@dataclass
class _Segment:
    name: str
    path: Path
    committed: int | None = None
    closed_at: float | None = None


def _new_name() -> str:
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime()) + "-" + secrets.token_hex(4)


class Spool:
    """The segments of one gateway. One thread may ship while another rotates.

    A closed segment is deleted only after ``reopened`` was called: until then Envoy may still be writing to it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        largest: int = 64 << 20,
        longest_seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.current = folder / "current.tsv"
        self._state = folder / "segment.json"
        self._largest = largest
        self._longest = longest_seconds
        self._clock = clock
        self._closed: list[_Segment] = [_Segment(path.stem, path) for path in sorted(folder.glob("*-*.tsv"))]
        self._lock = threading.Lock()
        self._open = _Segment(self._read_name(), self.current)
        self._opened_at = clock()

    def _read_name(self) -> str:
        try:
            name = str(orjson.loads(self._state.read_bytes())["name"])
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
            name = ""
        if not name or (self.folder / f"{name}.tsv").exists():
            name = _new_name()
            write_whole(self._state, orjson.dumps({"name": name}))
        return name

    @property
    def waiting_bytes(self) -> int:
        """Bytes on disk that the control plane has not confirmed."""
        total = 0
        for segment in (*self._closed, self._open):
            with contextlib.suppress(FileNotFoundError):
                total += max(0, segment.path.stat().st_size - (segment.committed or 0))
        return total

    def rotate(self) -> bool:
        """Close the current segment if it holds anything; the caller must then make Envoy reopen its log."""
        with self._lock:
            try:
                if self.current.stat().st_size == 0:
                    return False
            except FileNotFoundError:
                return False
            segment = self._open
            target = self.folder / f"{segment.name}.tsv"
            self.current.rename(target)
            segment.path = target
            self._closed.append(segment)
            self._open = _Segment(_new_name(), self.current)
            self._opened_at = self._clock()
            write_whole(self._state, orjson.dumps({"name": self._open.name}))
            return True

    def reopened(self) -> None:
        """Say that Envoy now writes to the current file only: it was told to reopen its log, or was started anew."""
        with self._lock:
            for segment in self._closed:
                segment.closed_at = segment.closed_at or self._clock()

    @property
    def reopening_due(self) -> bool:
        """Whether a closed segment may still be written to."""
        return any(segment.closed_at is None for segment in list(self._closed))

    def due(self) -> bool:
        """Return whether the current segment is large or old enough to be closed."""
        try:
            size = self.current.stat().st_size
        except FileNotFoundError:
            return False
        return size >= self._largest or (size > 0 and self._clock() - self._opened_at >= self._longest)

    def ship(self, ship: Ship) -> None:
        """Send what is new, oldest segment first, and delete closed segments that are fully committed.

        A segment that is not taken does not hold up the others; what ``ship`` raised first is raised at the end.
        """
        first: Exception | None = None
        for segment in [*self._closed, self._open]:
            settled = segment.closed_at is not None and self._clock() - segment.closed_at >= SETTLE_SECONDS
            try:
                done = self._ship_segment(segment, ship)
            except Exception as fault:  # noqa: BLE001 - raised again below
                first = first or fault
                continue
            if done and settled:
                segment.path.unlink(missing_ok=True)
                self._closed.remove(segment)
        if first is not None:
            raise first

    def _ship_segment(self, segment: _Segment, ship: Ship) -> bool:
        """Ship one segment's whole lines; return whether all of them are committed."""
        with self._lock:
            # The lock keeps the name and the file together while another thread rotates.
            try:
                stream = segment.path.open("rb")
            except FileNotFoundError:
                return True
        with stream:
            if segment.committed is None:
                if os.fstat(stream.fileno()).st_size == 0:
                    return True
                segment.committed = ship(segment.name, 0, b"")
            while True:
                stream.seek(segment.committed)
                piece = stream.read(PIECE_BYTES)
                piece = piece[: piece.rfind(b"\n") + 1]
                if not piece:
                    return True
                committed = ship(segment.name, segment.committed, piece)
                if committed <= segment.committed:
                    segment.committed = committed
                    return False
                segment.committed = committed
