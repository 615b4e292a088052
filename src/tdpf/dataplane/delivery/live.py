"""Streams that are followed right now: one watcher for each ring, woken by its own pushes and by those of other workers."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tdpf.dataplane.delivery.rings import Ring, StreamEvent
from tdpf.dataplane.delivery.stream_rows import seen
from tdpf.dataplane.snapshots import Snapshot
from tdpf.wire.messages import ANONYMOUS, ANY_KEY, GrantEntry, KeyEntry, ShardKind, shard_name
from tdpf.wire.sources import StreamSource, StreamView

WATCH_SECONDS = 0.01
HEARTBEAT_SECONDS = 10.0
KEPT_WITHOUT_OFFER_SECONDS = 7 * 86_400
_FORGET_EVERY_SECONDS = 3600.0
_KEPT_IN_MEMORY = 2000

ShardAddress = tuple[ShardKind, str]


@dataclass(eq=False, slots=True)
class Reader:
    """A consumer of server-sent events who has got everything up to `after`: what is new is written to it at once.

    `pipe` is -1 until it can be written to. `rest` is what did not fit of what was begun, to be sent when there is room.
    """

    stream: StreamSource
    view: StreamView
    after: int
    pipe: int = -1
    rest: bytes = b""
    written_at: float = 0.0


@dataclass(eq=False)
class Following:
    """One consumer of a stream: what the gateway admitted it by, and the mark that ends it."""

    source: str
    dataset: int
    application: int
    agreement: int
    view: int
    key: str
    ended: bool = False
    waiting: asyncio.Future[None] | None = None
    reader: Reader | None = None

    def end(self) -> None:
        """Let it end, at once if it waits."""
        self.ended = True
        _wake(self.waiting)

    def shards(self) -> frozenset[ShardAddress]:
        """Return the shards of the snapshot that say whether it is still allowed."""
        principals = (ANONYMOUS,) if self.application == ANONYMOUS else (self.application, ANY_KEY)
        found: set[ShardAddress] = {
            ("grants", shard_name("grants", GrantEntry(principal, self.dataset))) for principal in principals
        }
        if self.key:
            found.add(("keys", self.key[:2]))
        return frozenset(found)


def still_allowed(following: Following, snapshot: Snapshot, now: float) -> bool:
    """Say whether the grant and the key by which a stream was opened still stand; what is not known yet still stands."""
    if now >= snapshot.manifest.not_after:
        return False
    named = {(reference.kind, reference.name) for reference in snapshot.manifest.shards}
    wanted = following.shards()
    if any(place in named and place not in snapshot.shards for place in wanted):
        return True
    principals = (ANONYMOUS,) if following.application == ANONYMOUS else (following.application, ANY_KEY)
    granted = any(
        isinstance(entry, GrantEntry)
        and entry.application in principals
        and (entry.dataset, entry.agreement, entry.view) == (following.dataset, following.agreement, following.view)
        and entry.not_before <= now
        and (entry.not_after == 0 or now < entry.not_after)
        for place in wanted
        for entry in snapshot.shards.get(place, ())
    )
    if not following.key:
        return granted
    return granted and any(
        isinstance(entry, KeyEntry)
        and entry.sha256 == following.key
        and (entry.expires_at == 0 or now < entry.expires_at)
        for entry in snapshot.shards.get(("keys", following.key[:2]), ())
    )


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


class Channel:
    """One stream in one worker; belongs to the event loop's thread."""

    def __init__(self, path: Path) -> None:
        self.ring = Ring(path)
        self.newest = self.ring.newest()
        self.followers = 0
        self._mark = self.ring.mark()
        self._recent: deque[tuple[StreamEvent, dict[StreamView, bytes | None]]] = deque(maxlen=_KEPT_IN_MEMORY)
        self._waiting: dict[asyncio.Future[None], Following] = {}
        self._joined: dict[tuple[StreamView, int], tuple[int, bytes]] = {}
        self._watching: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Take up what is new and wake whoever waits."""
        fresh = self.ring.after(self.newest)
        if not fresh:
            return
        while fresh:
            self._recent.extend((event, {}) for event in fresh)
            self.newest = fresh[-1].number
            fresh = self.ring.after(self.newest)
        self._joined.clear()
        for waiting, following in self._waiting.items():
            # Who is woken already goes on by itself, in the order of what came.
            if waiting.done():
                continue
            try:
                done = following.reader is not None and self._hand_over(following.reader, following)
            except Exception:  # noqa: BLE001 - it breaks in its own task then, and nobody else's
                done = False
            if not done:
                _wake(waiting)

    def _hand_over(self, reader: Reader, following: Following) -> bool:
        """Write what is new to one who waits, without waking a task for it; say whether that was all there is to do."""
        if reader.pipe < 0 or following.ended:
            return False
        reached, data = self.joined(reader.after, reader.view, reader.stream)
        if data:
            try:
                written = os.write(reader.pipe, data)
            except OSError:
                # Full, or nobody reads any more: the task that fills the pipe finds out which.
                return False
            reader.written_at = time.monotonic()
            reader.rest = data[written:]
        reader.after = reached
        return not reader.rest

    async def _watch(self) -> None:
        self.look()
        while self.followers:
            await asyncio.sleep(WATCH_SECONDS)
            mark = self.ring.mark()
            if mark != self._mark:
                self._mark = mark
                self.look()

    async def wait(self, after: int, seconds: float, following: Following) -> bool:
        """Wait until there is an event after a number, the time is over, or it is to end; say whether there is one."""
        loop = asyncio.get_running_loop()
        if self._watching is None or self._watching.done():
            self._watching = loop.create_task(self._watch())
        self.followers += 1
        waiting = following.waiting = loop.create_future()
        self._waiting[waiting] = following
        over = loop.call_later(seconds, _wake, waiting)
        try:
            if self.newest <= after and not following.ended:
                await waiting
            return self.newest > after
        finally:
            over.cancel()
            self._waiting.pop(waiting, None)
            self.followers -= 1

    def written(self, after: int, view: StreamView, stream: StreamSource) -> tuple[int, list[tuple[int, bytes]]]:
        """Return the number reached, and each visible event after a number as JSON, made once for all of the same view."""
        if not self._recent or self._recent[0][0].number > after + 1:
            events = self.ring.after(after)
            pieces = [(event.number, seen(event, view, stream)) for event in events]
            reached = events[-1].number if events else max(after, self.newest)
            return reached, [(number, piece) for number, piece in pieces if piece is not None]
        found = []
        start = max(0, len(self._recent) - (self.newest - after))
        for place in range(start, len(self._recent)):
            event, made = self._recent[place]
            if event.number <= after:
                continue
            if view not in made:
                made[view] = seen(event, view, stream)
            piece = made[view]
            if piece is not None:
                found.append((event.number, piece))
        return max(after, self.newest), found

    def joined(self, after: int, view: StreamView, stream: StreamSource) -> tuple[int, bytes]:
        """Return the number reached and the visible events after a number as server-sent events, made once for many."""
        known = self._joined.get((view, after))
        if known is None:
            reached, pieces = self.written(after, view, stream)
            known = reached, b"".join(b"id: %d\nevent: row\ndata: %s\n\n" % piece for piece in pieces)
            self._joined[view, after] = known
        return known

    async def server_sent(
        self,
        stream: StreamSource,
        view: StreamView,
        after: int,
        following: Following,
        reader: Reader | None = None,
    ) -> AsyncIterator[bytes]:
        """Yield server-sent events (WHATWG HTML §9.2) until the following ends; a comment now and then keeps it open.

        While this waits for the next, what comes is written straight to the pipe of the `reader`, if it has one.
        """
        opening = b"retry: 1000\n\n"
        self.look()
        oldest = self.ring.oldest()
        if after + 1 < oldest:
            opening += b'event: gap\ndata: {"from":%d,"to":%d}\n\n' % (after + 1, oldest - 1)
            after = oldest - 1
        yield opening
        reader = reader or Reader(stream, view, after)
        reader.after, reader.written_at, following.reader = after, time.monotonic(), reader
        while not following.ended:
            silent = time.monotonic() - reader.written_at
            await self.wait(reader.after, max(0.0, HEARTBEAT_SECONDS - silent), following)
            data, reader.rest = reader.rest, b""
            if not following.ended and self.newest > reader.after:
                reader.after, more = self.joined(reader.after, view, stream)
                data += more
            # A rest was allowed when it was begun; the end must not stand in the middle of an event.
            if data:
                reader.written_at = time.monotonic()
                yield data
            if not following.ended and time.monotonic() - reader.written_at >= HEARTBEAT_SECONDS:
                reader.written_at = time.monotonic()
                yield b": beat\n\n"
        yield b'event: end\ndata: {"reason":"not allowed any more"}\n\n'


class Live:
    """Every stream of one worker that was asked for; belongs to the event loop's thread."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._channels: dict[str, Channel] = {}
        self._snapshot: Snapshot | None = None
        self._sources: frozenset[str] = frozenset()
        self._forget_at = 0.0
        self.followings: set[Following] = set()

    def channel(self, stream: StreamSource) -> Channel:
        """Return the stream's channel, opened if need be."""
        found = self._channels.get(stream.source)
        if found is None:
            found = self._channels[stream.source] = Channel(self._folder / f"{stream.source}.sqlite")
        return found

    def shards(self) -> frozenset[ShardAddress]:
        """Return the shards that say who may go on following."""
        return frozenset(place for following in list(self.followings) for place in following.shards())

    def take(self, snapshot: Snapshot, sources: Iterable[str]) -> None:
        """Put a snapshot in force for those who follow."""
        self._snapshot, self._sources = snapshot, frozenset(sources)
        self.recheck()
        for gone in [source for source in self._channels if source not in self._sources]:
            if not self._channels[gone].followers:
                self._channels.pop(gone).ring.close()
        now = self._clock()
        if now >= self._forget_at:
            self._forget_at = now + _FORGET_EVERY_SECONDS
            self._forget(now)

    def _forget(self, now: float) -> None:
        """Remove the rings of streams that have not been offered for a week: what is not offered is not kept."""
        for path in self._folder.glob("*.sqlite"):
            parts = [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm")]
            touched = max((part.stat().st_mtime for part in parts if part.exists()), default=now)
            if path.stem not in self._sources and now - touched > KEPT_WITHOUT_OFFER_SECONDS:
                for part in (*parts, path.with_suffix(".inlet")):
                    part.unlink(missing_ok=True)
                shutil.rmtree(path.with_suffix(".work"), ignore_errors=True)

    def recheck(self) -> None:
        """End every following that is not allowed any more."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        now = self._clock()
        for following in self.followings:
            if following.source not in self._sources or not still_allowed(following, snapshot, now):
                following.end()
