"""Events from a GTFS Realtime feed: asked again and again, by its validators; what is new or changed becomes events."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import orjson

from tdpf.dataplane.delivery.connectors.origins import FileOrigin
from tdpf.dataplane.delivery.inlets.taking import Batch
from tdpf.dataplane.delivery.rings import StreamEvent
from tdpf.dataplane.delivery.stream_rows import fitted
from tdpf.kit.apart import run_apart
from tdpf.kit.text import Text
from tdpf.wire.connected import FilePlace
from tdpf.wire.connected_problems import SourceUnreadable
from tdpf.wire.sources import ApiCredential, FeedInlet, StreamSource

_READING_SECONDS = 60
_FETCHING_SECONDS = 3
_AT_ONCE = 1000
# Reading takes memory, whoever's feed it is.
_few_at_once = threading.BoundedSemaphore(2)


class FeedFetched:
    """Asks the feed's address; a feed that has not changed is not fetched, a row of the feed before it is no event.

    Of a feed only the digests of its rows are held, and of the rows so many as make one batch.
    """

    def __init__(
        self,
        stream: StreamSource,
        place: FeedInlet,
        credential: ApiCredential | None,
        folder: Path,
        *,
        allow_private: bool,
    ) -> None:
        self._stream = stream
        self._place = place
        self._folder = folder
        file = FilePlace(place.url, place.feed)
        self._origin = FileOrigin(file, credential, _FETCHING_SECONDS, place.most_bytes, allow_private)
        self._validators: dict[str, str] = {}
        self._known: set[bytes] = set()
        self._coming: Iterator[Batch] = iter(())
        self._due = 0.0

    def open(self, last: Sequence[StreamEvent]) -> None:
        """Begin, or begin again: a row that the stream has, or that was in the feed before, is no news."""
        self._known |= {_digest(event.row) for event in last}
        self._due = 0.0
        self._folder.mkdir(parents=True, exist_ok=True)

    def take(self, seconds: float) -> Batch:
        """Return some of the rows that are new or changed, asking when it is time; raises what fetching raises, SourceUnreadable."""
        batch = next(self._coming, None)
        if batch is not None:
            return batch
        ahead = self._due - time.monotonic()
        if ahead > 0:
            time.sleep(min(ahead, seconds))
            return Batch()
        self._due = time.monotonic() + self._place.every_seconds
        self._coming = self._fetched()
        return next(self._coming, Batch())

    def _fetched(self) -> Iterator[Batch]:
        with TemporaryDirectory(dir=self._folder) as work:
            arrived = self._origin.fetch_if_changed(Path(work), self._validators)
            if arrived is None:
                return
            rows = self._read(arrived.files[0], Path(work))
            arrived.files[0].unlink()
            # Ended half-way, only the stream itself says what it has.
            fresh: set[bytes] = set()
            known, self._known = self._known, set()
            with rows.open("rb") as lines:
                while batch := self._news(lines, known, fresh):
                    yield batch
        # Only now are all of them in safe hands.
        self._known, self._validators = fresh, arrived.validators

    def _news(self, lines: BinaryIO, known: set[bytes], fresh: set[bytes]) -> Batch | None:
        """Return what is new among the next rows, None at the end; `fresh` gets the digests of all of them."""
        batch, read = Batch(), 0
        for line in islice(lines, _AT_ONCE):
            read += 1
            item = orjson.loads(line)
            row, faults = fitted({one.name: item.get(one.at_origin) for one in self._stream.columns}, self._stream)
            if faults:
                batch.refused += 1
                place, why = faults[0]
                where = f"{item.get('entity_id', '')} {place}"
                batch.why = Text(
                    f"列に合わない行があります（{where}: {why.ja}）", f"a row does not fit ({where}: {why.en})"
                )
            elif (digest := _digest(row)) not in fresh:
                fresh.add(digest)
                if digest not in known:
                    batch.rows.append(row)
        return batch if read else None

    def _read(self, path: Path, work: Path) -> Path:
        """Return the file that has the feed's rows, one a line; raises SourceUnreadable."""
        result, rows = work / "result", work / "rows"
        wanted = ["entity_id", *(one.at_origin for one in self._stream.columns)]
        order = {
            "feed": self._place.feed, "file": str(path), "result": str(result), "rows": str(rows), "columns": wanted,
            "seconds": _READING_SECONDS,
        }  # fmt: skip
        with _few_at_once, (work / "complaints").open("wb") as complaints:
            ended = run_apart(
                "tdpf.tables.feeds_apart", orjson.dumps(order), work, seconds=_READING_SECONDS,
                complaints=complaints.fileno(),
            )  # fmt: skip
        found = orjson.loads(result.read_bytes()) if ended == "done" and result.exists() else {}
        if "rows" not in found:
            raise SourceUnreadable(
                collection=self._stream.address, why_ja=found.get("why_ja", "読み取れません"),
                why_en=found.get("why_en", "it was not read"),
            )  # fmt: skip
        return rows

    def keep(self, batch: Batch) -> None:
        """Nothing is acknowledged."""

    def close(self) -> None:
        """Let go of what is still to be given: it comes again."""
        self._coming = iter(())


def _digest(row: Mapping[str, Any]) -> bytes:
    return hashlib.blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
