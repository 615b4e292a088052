"""Events from a GTFS Realtime feed: asked again and again, by its validators; what is new or changed becomes events."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from tdpf.dataplane.delivery.connectors.origins import FileOrigin
from tdpf.dataplane.delivery.inlets.taking import Batch, Row
from tdpf.dataplane.delivery.rings import StreamEvent
from tdpf.dataplane.delivery.stream_rows import fitted
from tdpf.kit.apart import run_apart
from tdpf.kit.text import Text
from tdpf.wire.connected import FilePlace
from tdpf.wire.connected_problems import SourceUnreadable
from tdpf.wire.sources import ApiCredential, FeedInlet, StreamSource

_READING_SECONDS = 60
_FETCHING_SECONDS = 3


class FeedFetched:
    """Asks the feed's address; a feed that has not changed is not fetched, a row that has not changed is no event."""

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
        self._known: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        self._due = 0.0

    def open(self, last: Sequence[StreamEvent]) -> None:
        """Begin with what the stream has: a row that came before is no news."""
        self._known = {self._key(event.row): event.row for event in last}
        self._folder.mkdir(parents=True, exist_ok=True)

    def take(self, seconds: float) -> Batch:
        """Return the rows that are new or changed, when it is time to ask; raises what fetching raises, SourceUnreadable."""
        ahead = self._due - time.monotonic()
        if ahead > 0:
            time.sleep(min(ahead, seconds))
            return Batch()
        self._due = time.monotonic() + self._place.every_seconds
        with TemporaryDirectory(dir=self._folder) as work:
            arrived = self._origin.fetch_if_changed(Path(work), self._validators)
            if arrived is None:
                return Batch()
            batch = self._news(self._read(arrived.files[0], Path(work)))
            self._validators = arrived.validators
        return batch

    def _news(self, rows: Sequence[Mapping[str, Any]]) -> Batch:
        batch = Batch()
        for item in rows:
            row, faults = fitted({one.name: item.get(one.at_origin) for one in self._stream.columns}, self._stream)
            if faults:
                batch.refused += 1
                where = f"{item.get('entity_id', '')} {faults[0][0]}: {faults[0][1]}"
                batch.why = Text(f"列に合わない行があります（{where}）", f"a row does not fit ({where})")
            elif self._known.get(self._key(row)) != row:
                self._known[self._key(row)] = row
                batch.rows.append(row)
        return batch

    def _key(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        # Without a key a row is known by all of it, so that the same row is told once.
        return tuple(row.get(name) for name in self._stream.key_columns or [one.name for one in self._stream.columns])

    def _read(self, path: Path, work: Path) -> list[Row]:
        result = work / "result"
        order = {"feed": self._place.feed, "file": str(path), "result": str(result), "seconds": _READING_SECONDS}
        with (work / "complaints").open("wb") as complaints:
            run_apart(
                "tdpf.tables.feeds_apart", orjson.dumps(order), work, seconds=_READING_SECONDS,
                complaints=complaints.fileno(),
            )  # fmt: skip
        found = orjson.loads(result.read_bytes()) if result.exists() else {}
        if "rows" not in found:
            raise SourceUnreadable(
                collection=self._stream.address, why_ja=found.get("why_ja", "読み取れません"),
                why_en=found.get("why_en", "it was not read"),
            )  # fmt: skip
        rows: list[Row] = found["rows"]
        return rows

    def keep(self, batch: Batch) -> None:
        """Nothing is acknowledged."""

    def close(self) -> None:
        """Nothing is kept open."""
