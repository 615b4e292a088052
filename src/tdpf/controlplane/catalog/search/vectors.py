"""Vectors on disk: one file of fixed records that grows, read by every process while one writes.

A record is a key, the vector in one byte a dimension with its scale, and the signs of its distance from the middle of
the first vectors: 452 bytes. Keys and signs are kept in memory (60 bytes a record); the rest is mapped.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from tdpf.controlplane.catalog.search.embedding import DIMENSIONS, Vectors, model_name
from tdpf.controlplane.catalog.search.meaning import KEY_LENGTH

FORMAT = 1
_WORDS = DIMENSIONS // 64
RECORD = np.dtype(
    [("key", f"S{KEY_LENGTH}"), ("scale", "<f4"), ("signs", "<u8", (_WORDS,)), ("code", "i1", (DIMENSIONS,))]
)
EXACT = 20_000
"""Up to so many vectors all are compared; beyond, those whose signs are nearest."""
_CANDIDATES = 2_000
_SAMPLE = 1000
FEWEST = 50
"""Of fewer texts nobody can say what is usual."""
_BLOCK = 8_192


class VectorFile:
    """The vectors of one index; one object per process, safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "vectors.bin"
        self._lock = threading.Lock()
        self._seen: tuple[int, int] = (0, -1)
        self._keys: NDArray[np.bytes_] = np.empty(0, dtype=f"S{KEY_LENGTH}")
        self._signs: NDArray[np.uint64] = np.empty((0, _WORDS), dtype=np.uint64)
        self._records: NDArray[np.void] = np.empty(0, dtype=RECORD)
        self._middle: Vectors = np.zeros(DIMENSIONS, dtype=np.float32)

    def count(self) -> int:
        """Return how many vectors there are."""
        with self._lock:
            self._look()
            return len(self._keys)

    def lacking(self, keys: Iterable[str]) -> list[str]:
        """Return which keys have no vector, in order."""
        with self._lock:
            self._look()
            known = self._keys
        wanted = np.array([key.encode() for key in keys], dtype=f"S{KEY_LENGTH}")
        return [key.decode() for key in wanted[~np.isin(wanted, known)]]

    def nearest(self, asked: Vectors, count: int) -> list[tuple[str, float]]:
        """Return the keys nearest to a vector with their cosines, the nearest first."""
        with self._lock:
            self._look()
            keys, signs, records, middle = self._keys, self._signs, self._records, self._middle
        if not len(keys):
            return []
        chosen = np.arange(len(keys)) if len(keys) <= EXACT else _near_signs(signs, _signs_of(asked - middle))
        likeness = np.concatenate(
            [_likeness(records[chosen[at : at + _BLOCK]], asked) for at in range(0, len(chosen), _BLOCK)]
        )
        order = np.argsort(-likeness)[:count]
        found: dict[str, float] = {}
        for at in order:
            found.setdefault(keys[chosen[at]].decode(), float(likeness[at]))
        return list(found.items())

    def usual(self, asked: Vectors) -> float:
        """Return how near to a vector the texts are on the average, by a sample of them; 0 when too few are there to tell."""
        with self._lock:
            self._look()
            records = self._records
        if len(records) < FEWEST:
            return 0.0
        return float(_likeness(records[:: max(1, len(records) // _SAMPLE)], asked).mean())

    def add(self, keys: Sequence[str], vectors: Vectors) -> None:
        """Append vectors."""
        if not keys:
            return
        with self._alone():
            about = self._about()
            if about is None:
                about = {"model": model_name(), "format": FORMAT, "middle": vectors.mean(axis=0).tolist()}
                self._file.unlink(missing_ok=True)
                (self._folder / "about.json").write_bytes(orjson.dumps(about))
            made = _records(keys, vectors, np.asarray(about["middle"], dtype=np.float32))
            with self._file.open("ab") as stream:
                whole = stream.tell() // RECORD.itemsize * RECORD.itemsize
                stream.truncate(whole)  # what a killed writer left behind
                stream.write(made.tobytes())

    def keep(self, keys: Iterable[str]) -> None:
        """Forget the vectors of all other keys."""
        with self._alone():
            with self._lock:
                self._look()
                records = self._records
            wanted = np.array([key.encode() for key in keys], dtype=f"S{KEY_LENGTH}")
            fresh = self._file.with_suffix(".new")
            with fresh.open("wb") as stream:
                for at in range(0, len(records), _BLOCK):
                    block = records[at : at + _BLOCK]
                    stream.write(block[np.isin(block["key"], wanted)].tobytes())
            fresh.replace(self._file)

    def _look(self) -> None:
        """Take up what was written since; vectors of another model are as good as none."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            found = None
        mark = (found.st_ino, found.st_size) if found is not None else (0, 0)
        if mark == self._seen:
            return
        about = self._about()
        number = mark[1] // RECORD.itemsize if about is not None else 0
        same = mark[0] == self._seen[0] and number >= len(self._keys)
        old = len(self._keys) if same else 0
        if number:
            self._records = np.memmap(self._file, dtype=RECORD, mode="r", shape=(number,))
            new = self._records[old:]
            self._keys = np.concatenate([self._keys[:old], new["key"]])
            self._signs = np.concatenate([self._signs[:old], new["signs"]])
            self._middle = np.asarray(about["middle"] if about else (), dtype=np.float32)
        else:
            self._records, self._keys, self._signs = self._records[:0], self._keys[:0], self._signs[:0]
        self._seen = mark

    def _about(self) -> dict[str, Any] | None:
        try:
            told = orjson.loads((self._folder / "about.json").read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        fits = isinstance(told, dict) and (told.get("model"), told.get("format")) == (model_name(), FORMAT)
        return dict(told) if fits else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "write.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _records(keys: Sequence[str], vectors: Vectors, middle: Vectors) -> NDArray[np.void]:
    made = np.empty(len(keys), dtype=RECORD)
    most = np.maximum(np.abs(vectors).max(axis=1), 1e-9)
    made["key"] = [key.encode() for key in keys]
    made["scale"] = most / 127
    made["code"] = np.rint(vectors / most[:, None] * 127).astype(np.int8)
    made["signs"] = [_signs_of(vector - middle) for vector in vectors]
    return made


def _signs_of(vector: Vectors) -> NDArray[np.uint64]:
    return np.packbits(vector > 0).view(np.uint64)


def _near_signs(signs: NDArray[np.uint64], asked: NDArray[np.uint64]) -> NDArray[np.int64]:
    apart = np.concatenate(
        [
            np.bitwise_count(signs[at : at + 8 * _BLOCK] ^ asked).sum(axis=1, dtype=np.uint16)
            for at in range(0, len(signs), 8 * _BLOCK)
        ]
    )
    return np.sort(np.argpartition(apart, _CANDIDATES)[:_CANDIDATES])


def _likeness(records: NDArray[np.void], asked: Vectors) -> Vectors:
    found: Vectors = (records["code"].astype(np.float32) @ asked) * records["scale"]
    return found
