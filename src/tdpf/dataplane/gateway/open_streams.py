"""What stays open at providers' APIs: Envoy tells of each by its ext_proc protocol; it is counted here, and ended here.

Envoy opens a gRPC call to this server for each WebSocket and each gRPC stream, and keeps it for as long as that is open.
The messages are those of ``envoy.service.ext_proc.v3``; of the bytes that flow nothing comes here. While this server is
gone nothing new is let in, and what was open ends: nobody would notice the end of its agreement.
"""

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError, StreamClosedError
from h2.settings import SettingCodes

from tdpf.dataplane.gateway.envoy_messages import fields
from tdpf.dataplane.snapshots import Snapshot
from tdpf.wire.messages import ANONYMOUS

_log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
# A call is in the log when it is over, and a day is reconciled until the end of the next.
LONGEST_SECONDS = 86_400.0
ANONYMOUS_STREAMS = 1000
_LARGEST_MESSAGE = 1 << 16
# ProcessingResponse: request_headers (1) and response_trailers (6), each empty: go on.
_GO_ON_AFTER_HEADERS = b"\x0a\x00"
_GO_ON_AFTER_TRAILERS = b"\x32\x00"
# ImmediateResponse (7): status (1) with code 429 (1), grpc_status (4) with RESOURCE_EXHAUSTED (1).
_TOO_MANY = b"\x3a\x09\x0a\x03\x08\xad\x03\x22\x02\x08\x08"
_REQUEST_HEADERS, _RESPONSE_TRAILERS = 2, 7


@dataclass(frozen=True)
class OpenStream:
    """One WebSocket or gRPC stream: whose, of what, under which agreement.

    ``key`` is its SHA-256, empty for none; ``caller`` stands for the address of who has none, and is empty for others.
    """

    application: int
    agreement: int
    dataset: int
    key: str
    most: int
    source: str
    caller: str = ""


def parse_told(told: str) -> OpenStream:
    """Return what the module's words say; raises ValueError."""
    application, agreement, dataset, key, caller, most, source = told.split(",")
    return OpenStream(int(application), int(agreement), int(dataset), key, int(most), source, caller)


def not_in_force(
    streams: Mapping[int, OpenStream], snapshot: Snapshot | None, goes_on: Callable[[int, int, int, str], bool]
) -> list[int]:
    """Return the numbers of the streams that may not go on: their API, grant or key is gone, or they need a key now."""
    if snapshot is None:
        return list(streams)
    offered = {source.address for source in snapshot.apis}
    needs_key = snapshot.manifest.settings.open_data_needs_key
    return [
        number
        for number, stream in streams.items()
        if stream.source not in offered
        or (needs_key and not stream.key)
        or not goes_on(stream.application, stream.agreement, stream.dataset, stream.key)
    ]


class StreamBook:
    """Who has how many open, and since when. Not safe for several threads at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[int, OpenStream] = {}
        self._since: dict[int, float] = {}
        self._counts: Counter[tuple[int, str, str]] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, number: int, stream: OpenStream) -> bool:
        """Note a stream as open under a number of the caller's, unless its application has as many as it may.

        Whoever has no key has as many for itself, and all of them together have ``ANONYMOUS_STREAMS``.
        """
        bounds = _bounds(stream)
        if any(self._counts[whose] >= most for whose, most in bounds.items()):
            return False
        self._open[number] = stream
        self._since[number] = self._clock()
        self._counts.update(bounds.keys())
        return True

    def close(self, number: int) -> None:
        """Note the end of a stream; a number that is not known says nothing."""
        stream = self._open.pop(number, None)
        if stream is not None:
            del self._since[number]
            for whose in _bounds(stream):
                self._counts[whose] -= 1
                if not self._counts[whose]:
                    del self._counts[whose]

    def all_open(self) -> dict[int, OpenStream]:
        """Return what is open, by number."""
        return dict(self._open)

    def outlived(self) -> list[int]:
        """Return the numbers of the streams that have been open for longer than any may be; the oldest come first."""
        until = self._clock() - LONGEST_SECONDS
        return list(itertools.takewhile(lambda number: self._since[number] <= until, self._since))


def _bounds(stream: OpenStream) -> dict[tuple[int, str, str], int]:
    bounds = {(stream.application, stream.source, stream.caller): stream.most}
    if stream.application == ANONYMOUS:
        bounds[stream.application, stream.source, "all"] = ANONYMOUS_STREAMS
    return bounds


def told_in(http_headers: bytes) -> str:
    """Return the one header that Envoy sends on, of an HttpHeaders message; empty when it is not there."""
    for _, headers in fields(http_headers):
        for _, header in fields(headers):
            parts = dict(fields(header))
            if parts.get(1) == b"x-tdpf-stream":
                return (parts.get(3) or parts.get(2) or b"").decode("ascii")
    return ""


class _Connection(asyncio.Protocol):
    def __init__(self, streams: "OpenStreams") -> None:
        self._streams = streams
        self._http = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self._http.local_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 1 << 20
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[int, bytearray] = {}
        self._numbers: dict[int, int] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._streams.connections.add(transport)
        self._http.initiate_connection()
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._streams.connections.discard(self._transport)
        self._transport = None
        for number in self._numbers.values():
            self._streams.closed(number)
        self._numbers.clear()

    def data_received(self, data: bytes) -> None:
        try:
            for event in self._http.receive_data(data):
                # What is said of a stream may come together with its end; then nobody waits for an answer.
                with contextlib.suppress(StreamClosedError):
                    self._take(event)
        except ProtocolError:
            self._abort()
        self._send()

    def _take(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=int(stream)):
                self._waiting[stream] = bytearray()
                self._http.send_headers(stream, [(b":status", b"200"), (b"content-type", b"application/grpc")])
            case DataReceived(stream_id=int(stream), data=bytes(data), flow_controlled_length=int(size)):
                self._http.acknowledge_received_data(size, stream)
                try:
                    self._read(stream, data)
                except (ValueError, IndexError, KeyError):
                    self._end(stream)
            case StreamEnded(stream_id=int(stream)):
                known = stream in self._waiting
                self._over(stream)
                if known:
                    self._http.send_headers(stream, [(b"grpc-status", b"0")], end_stream=True)
            case StreamReset(stream_id=int(stream)):
                self._over(stream)
            case ConnectionTerminated() | RemoteSettingsChanged() | WindowUpdated():
                pass

    def _read(self, stream: int, data: bytes) -> None:
        waiting = self._waiting.get(stream)
        if waiting is None:
            return
        waiting += data
        while len(waiting) >= 5:
            size = int.from_bytes(waiting[1:5], "big")
            if size > _LARGEST_MESSAGE:
                raise ValueError("a message too large")
            if len(waiting) < 5 + size:
                return
            message = bytes(waiting[5 : 5 + size])
            del waiting[: 5 + size]
            self._answer(stream, message)

    def _answer(self, stream: int, message: bytes) -> None:
        for field, value in fields(message):
            if field == _REQUEST_HEADERS:
                number = self._streams.opened(parse_told(told_in(value)), lambda: self._end(stream))
                if number is None:
                    self._say(stream, _TOO_MANY)
                else:
                    self._numbers[stream] = number
                    self._say(stream, _GO_ON_AFTER_HEADERS)
            elif field == _RESPONSE_TRAILERS:
                self._say(stream, _GO_ON_AFTER_TRAILERS)

    def _say(self, stream: int, message: bytes) -> None:
        self._http.send_data(stream, b"\0" + len(message).to_bytes(4, "big") + message)

    def _over(self, stream: int) -> None:
        self._waiting.pop(stream, None)
        number = self._numbers.pop(stream, None)
        if number is not None:
            self._streams.closed(number)

    def _end(self, stream: int) -> None:
        """End a stream at Envoy: an answer of ours that fails is one that Envoy does not go on after."""
        if stream in self._waiting and self._transport is not None:
            self._over(stream)
            try:
                self._http.send_headers(stream, [(b"grpc-status", b"7")], end_stream=True)
            except StreamClosedError:
                pass
            except ProtocolError:
                # Nothing can be said here any more: what is open ends with the connection.
                self._abort()
            self._send()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _send(self) -> None:
        if self._transport is not None:
            self._transport.write(self._http.data_to_send())


class OpenStreams:
    """The server, in a thread of its own. ``to_end`` says which streams may not go on, in another thread: it may wait."""

    def __init__(self, path: Path, to_end: Callable[[Mapping[int, OpenStream]], list[int]]) -> None:
        self._path = path
        self._to_end = to_end
        self._book = StreamBook()
        self._enders: dict[int, Callable[[], None]] = {}
        self._next = 0
        self.connections: set[asyncio.Transport | None] = set()
        self._loop = asyncio.new_event_loop()
        self._due = asyncio.Event()
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="open streams")
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._work, name="open streams", daemon=True)

    def __len__(self) -> int:
        return len(self._book)

    def start(self) -> None:
        """Listen; return when Envoy can reach it."""
        self._thread.start()
        self._started.wait(10)

    def check(self) -> None:
        """End what may not go on, soon; from any thread."""
        # A loop that is closed has nothing open.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._due.set)

    def close(self) -> None:
        """Stop listening; what is open ends."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)

    def opened(self, stream: OpenStream, end: Callable[[], None]) -> int | None:
        """Note a stream; return its number, or None when its application has too many."""
        self._next += 1
        if not self._book.admit(self._next, stream):
            return None
        self._enders[self._next] = end
        return self._next

    def closed(self, number: int) -> None:
        """Note that a stream is over."""
        self._enders.pop(number, None)
        self._book.close(number)

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), CHECK_SECONDS)
            self._due.clear()
            for number in (*self._book.outlived(), *await self._ended()):
                # It may be over meanwhile.
                end = self._enders.get(number)
                if end is not None:
                    try:
                        end()
                    except Exception:  # noqa: BLE001 - one that cannot be ended keeps nobody else open
                        _log.exception("a stream could not be ended")

    async def _ended(self) -> list[int]:
        streams = self._book.all_open()
        if not streams:
            return []
        try:
            return await self._loop.run_in_executor(self._asking, self._to_end, streams)
        except Exception:  # noqa: BLE001 - nobody would notice the end of an agreement
            _log.exception("what is open could not be looked at and ends")
            return list(streams)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._path.unlink(missing_ok=True)
        server = self._loop.run_until_complete(
            self._loop.create_unix_server(lambda: _Connection(self), str(self._path))
        )
        self._path.chmod(0o600)
        self._started.set()
        watch = self._loop.create_task(self._watch())
        try:
            self._loop.run_forever()
        finally:
            watch.cancel()
            self._asking.shutdown(wait=False, cancel_futures=True)
            server.close()
            for transport in list(self.connections):
                if transport is not None:
                    transport.abort()
            self._loop.run_until_complete(asyncio.gather(watch, return_exceptions=True))
            self._path.unlink(missing_ok=True)
            self._loop.close()
