"""Every stream of this home whose events are fetched: one worker of all fetches each, whoever has the lock on its file."""

from __future__ import annotations

import fcntl
import logging
import os
import random
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from secrets import token_hex

import apsw

from tdpf.dataplane.delivery.credentials import opened_credential
from tdpf.dataplane.delivery.directory import Directory
from tdpf.dataplane.delivery.following import delivery_name
from tdpf.dataplane.delivery.inlets.feeds import FeedFetched
from tdpf.dataplane.delivery.inlets.mqtt import MqttFetched, news_of
from tdpf.dataplane.delivery.inlets.taking import Batch, Inlet
from tdpf.dataplane.delivery.rings import Ring
from tdpf.kit.errors import Problem
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import Home
from tdpf.kit.text import Text
from tdpf.wire.messages import InletHealth
from tdpf.wire.sources import StreamSource
from tdpf.wire.stream_problems import InletNotOpened, NotKept

log = logging.getLogger("tdpf.delivery")

_LOOK_SECONDS = 0.5
_TAKE_SECONDS = 0.5
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_AT_ONCE = 1000
# Each has a thread; another worker takes what is more.
_MOST_INLETS = 200
_GOOD_AFTER_SECONDS = 60.0


@dataclass
class _Running:
    """One inlet that this worker runs."""

    stream: StreamSource
    lock: int
    thread: threading.Thread | None = None
    inlet: Inlet | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    health: InletHealth = field(default_factory=lambda: InletHealth("", "waiting", 0))


class Inlets:
    """Starts what is offered, ends what is not; all of it in threads of its own."""

    def __init__(self, place: Home, *, allow_private: bool) -> None:
        self._home = place
        self._folder = place.delivery / "streams"
        self._allow_private = allow_private
        self._wanted: dict[str, StreamSource] = {}
        self._running: dict[str, _Running] = {}
        self._left_out: dict[str, InletHealth] = {}
        self._fault = ""
        self._stopping = threading.Event()
        self._wake = threading.Event()

    def start(self) -> None:
        """Begin to look after them."""
        threading.Thread(target=self._look_forever, name="inlets", daemon=True).start()

    def stop(self) -> None:
        """End everything."""
        self._stopping.set()
        for one in list(self._running.values()):
            one.stopping.set()
        self._wake.set()

    def take(self, directory: Directory) -> None:
        """Put what is offered now in force."""
        self._wanted = {stream.source: stream for stream in directory.streams.values() if stream.is_fetched}
        self._wake.set()

    def health(self) -> tuple[InletHealth, ...]:
        """Return how the inlets of this worker are."""
        return (*(one.health for one in list(self._running.values())), *list(self._left_out.values()))

    def notes(self) -> tuple[str, ...]:
        """Return what the operator should know of them."""
        return (f"inlets: {self._fault}",) if self._fault else ()

    def _look_forever(self) -> None:
        while not self._stopping.is_set():
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._look()
                self._fault = ""
            except Exception as fault:
                # No files left, no thread left: the next look may find some.
                if not self._fault:
                    log.exception("the inlets cannot be looked after")
                self._fault = f"{type(fault).__name__}: {fault}"[:200]
            self._wake.wait(_LOOK_SECONDS)
            self._wake.clear()

    def _look(self) -> None:
        wanted = self._wanted
        for source, one in list(self._running.items()):
            if _fetched_as(wanted.get(source)) != _fetched_as(one.stream):
                one.stopping.set()
            if one.thread is not None and not one.thread.is_alive():
                del self._running[source]
                os.close(one.lock)
        for source in [source for source in self._left_out if source not in wanted]:
            del self._left_out[source]
        for source, stream in wanted.items():
            if source not in self._running:
                self._begin(source, stream)

    def _begin(self, source: str, stream: StreamSource) -> None:
        """Run an inlet that no worker runs, or tell that it waits for one to have room."""
        lock = self._locked(source)
        if lock is not None and len(self._running) >= _MOST_INLETS:
            os.close(lock)
            self._left_out.setdefault(source, _without_room(source))
            return
        self._left_out.pop(source, None)
        if lock is None:
            return
        try:
            one = _Running(stream, lock, health=InletHealth(source, "waiting", int(time.time())))
            one.thread = threading.Thread(target=self._run, args=(one,), name="inlet", daemon=True)
            one.thread.start()
        except BaseException:
            os.close(lock)
            raise
        self._running[source] = one

    def _locked(self, source: str) -> int | None:
        lock = os.open(self._folder / f"{source}.inlet", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return lock

    def _run(self, one: _Running) -> None:
        """Fetch until it is to end, and begin again after every fault, later and later."""
        pause = _FIRST_PAUSE_SECONDS
        while not one.stopping.is_set():
            begun = time.monotonic()
            why = self._fetch(one)
            if why is None:
                return
            log.warning("the events of %s are not fetched: %s", one.stream.address, why.en)
            _note(one, state="waiting", why_ja=why.ja, why_en=why.en)
            pause = _FIRST_PAUSE_SECONDS if time.monotonic() - begun > _GOOD_AFTER_SECONDS else pause
            one.stopping.wait(pause * random.uniform(0.8, 1.2))  # noqa: S311  so that not all come back at once
            pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)

    def _fetch(self, one: _Running) -> Text | None:
        """Fetch until it is to end (None) or cannot go on; return why."""
        try:
            # The same one begins again: it knows what it has given.
            inlet = one.inlet = one.inlet or self._made(one.stream)
            with closing(Ring(self._folder / f"{one.stream.source}.sqlite")) as ring, closing(inlet):
                inlet.open(ring.last_values())
                _note(one, state="open", why_ja="", why_en="")
                while not one.stopping.is_set():
                    batch = inlet.take(_TAKE_SECONDS)
                    self._keep(one, batch, ring)
                    inlet.keep(batch)
        except Problem as problem:
            return Text(problem.detail_in("ja"), problem.detail_in("en"))
        except apsw.Error as fault:
            log.warning("the stream %s could not be kept: %s", one.stream.address, fault)
            return Text(NotKept().detail_in("ja"), NotKept().detail_in("en"))
        except Exception:
            log.exception("the events of %s are not fetched", one.stream.address)
            return Text("この基盤の側の不具合です", "a fault of the platform itself")
        return None

    def _keep(self, one: _Running, batch: Batch, ring: Ring) -> None:
        stream = one.stream
        rows = news_of(batch, stream, ring.last_values() if batch.again else (), ring.newest() if batch.again else 0)
        for begin in range(0, len(rows), _AT_ONCE):
            ring.push(rows[begin : begin + _AT_ONCE], key_columns=stream.key_columns, window=stream.window_events)
        if rows:
            _note(one, taken=one.health.taken + len(rows), last_taken=int(time.time()))
        if batch.refused:
            why = batch.why or Text("", "")
            _note(one, refused=one.health.refused + batch.refused, why_ja=why.ja, why_en=why.en)

    def _made(self, stream: StreamSource) -> Inlet:
        credential = opened_credential(
            self._home, stream.credential, source=stream.source, address=stream.address
        )  # fmt: skip
        if stream.credential and credential is None:
            raise InletNotOpened(stream=stream.address)
        if stream.feed is not None:
            work = self._folder / f"{stream.source}.work"
            return FeedFetched(stream, stream.feed, credential, work, allow_private=self._allow_private)
        assert stream.mqtt is not None, "only fetched streams are run"
        return MqttFetched(
            stream, stream.mqtt, credential, name=self._name_of(stream), allow_private=self._allow_private
        )

    def _name_of(self, stream: StreamSource) -> str:
        """Return a client id that no other delivery has: a broker lets the older of two with one id go."""
        assert stream.mqtt is not None, "only brokers are named to"
        if stream.mqtt.client_id:
            return "-".join(filter(None, (stream.mqtt.client_id, delivery_name())))
        path = self._folder / "name"
        if not path.exists():
            # Another worker reads it whole or not at all.
            fresh = self._folder / f"name.{token_hex(4)}"
            fresh.write_text(token_hex(4))
            with suppress(FileExistsError):
                path.hardlink_to(fresh)
            fresh.unlink()
        return f"tdpf-{sha256_hex(f'{path.read_text()} {stream.source}'.encode())[:16]}"


def _fetched_as(stream: StreamSource | None) -> StreamSource | None:
    """Return what the fetching depends on: agreements and tokens come and go without it."""
    return None if stream is None else replace(stream, views={}, tokens=(), open_columns=(), access="open")


def _without_room(source: str) -> InletHealth:
    return InletHealth(
        source, "waiting", int(time.time()), why_ja="取り込み口がいっぱいです。空くのを待っています",
        why_en="as many inlets are open here as may be; it waits for room",
    )  # fmt: skip


def _note(one: _Running, **facts: object) -> None:
    since = int(time.time()) if facts.get("state", one.health.state) != one.health.state else one.health.since
    one.health = replace(one.health, **{"since": since, **facts})  # type: ignore[arg-type]  # the dataclass's own fields
