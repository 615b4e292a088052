"""`/data/streams/…` and `/push/…`: what a stream is, its last values and history, following it, and pushing into it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import apsw
import orjson

from tdpf.dataplane.delivery.answers import COMMON, Answer, Headers, LiveAnswer
from tdpf.dataplane.delivery.asyncapi import asyncapi
from tdpf.dataplane.delivery.live import Channel, Following, Live, Reader
from tdpf.dataplane.delivery.openings import Openings
from tdpf.dataplane.delivery.requests import NOT_PART_OF_THE_QUESTION, Request
from tdpf.dataplane.delivery.rings import DifferentPush
from tdpf.dataplane.delivery.service import Service
from tdpf.dataplane.delivery.sockets import Opening, converse, said
from tdpf.dataplane.delivery.stream_rows import MOST_BYTES, read_rows, seen, view_of
from tdpf.wire.delivery_problems import BadParameter, NotFound, NoView, UnknownParameter
from tdpf.wire.messages import ANONYMOUS
from tdpf.wire.problems import UpgradeNeeded
from tdpf.wire.sources import StreamSource, StreamView
from tdpf.wire.stream_problems import DifferentEvents, NoStream, NotKept, PushTooFast, PushTooLarge, TokenRefused

log = logging.getLogger("tdpf.delivery")

LONGEST_WAIT_SECONDS = 50
_MOST_EVENTS = 1000
_ANONYMOUS_STREAMS = 1000
_JSON = ("content-type", "application/json")


class StreamHandlers:
    """Answers of one worker about streams."""

    def __init__(self, service: Service, live: Live, openings: Openings) -> None:
        self._service = service
        self._live = live
        self._openings = openings
        self._buckets: dict[str, tuple[float, float]] = {}

    async def answer(self, request: Request, address: str, rest: list[str]) -> Answer | LiveAnswer:
        """Answer one address of a stream; raises NoStream, NoView, NotFound, parameter problems, TooManyStreams."""
        stream = self._service.directory().streams.get(address)
        if stream is None:
            raise NoStream(stream=address[:100])
        view = self._view(stream, request)
        match rest:
            case []:
                _only(request)
                return _json(self._description(stream, view))
            case ["asyncapi"]:
                _only(request)
                return _json(asyncapi(stream, view, self._service.directory().public_url))
            case ["last"]:
                _only(request)
                found = self._live.channel(stream).ring.last_values()
                pieces = [piece for event in found if (piece := seen(event, view, stream)) is not None]
                return _rows(pieces, self._live.channel(stream).ring.newest())
            case ["history"]:
                parameters = _only(request, "after", "limit")
                after, limit = _number(parameters, "after", 0), _number(parameters, "limit", 100)
                return self._history(stream, view, after, min(max(limit, 1), _MOST_EVENTS))
            case ["poll"]:
                return await self._poll(stream, view, request)
            case ["events"]:
                return self._events(stream, view, request)
            case ["socket"]:
                raise UpgradeNeeded
        raise NotFound(path=request.path[:200])

    def _view(self, stream: StreamSource, request: Request) -> StreamView:
        if request.dataset is not None and request.dataset != str(stream.dataset):
            raise NoView(collection=stream.address)
        if request.view is None and stream.access != "open":
            raise NoView(collection=stream.address)
        number = int(request.view) if request.view and request.view.isdecimal() else 0
        view = view_of(stream, number)
        if view is None:
            raise NoView(collection=stream.address)
        return view

    def _description(self, stream: StreamSource, view: StreamView) -> dict[str, Any]:
        base = f"{self._service.directory().public_url}/data/streams/{stream.address}"
        known = {column.name: column for column in stream.columns}
        return {
            "id": stream.address,
            "title": stream.title_ja,
            "columns": [
                {"name": name, "type": known[name].type, "title": known[name].title} for name in view.columns if name in known
            ],
            "areas": list(view.areas),
            "key": [name for name in stream.key_columns if name in view.columns],
            "window_events": stream.window_events,
            "links": [
                {"rel": rel, "href": f"{base}/{rel}", "type": media}
                for rel, media in (
                    ("events", "text/event-stream"), ("socket", "application/json"), ("poll", "application/json"), ("last", "application/json"),
                    ("history", "application/json"), ("asyncapi", "application/json"),
                )
            ],
        }  # fmt: skip

    def _history(self, stream: StreamSource, view: StreamView, after: int, limit: int) -> Answer:
        events = self._live.channel(stream).ring.after(after, limit)
        pieces = [piece for event in events if (piece := seen(event, view, stream)) is not None]
        return _rows(pieces, events[-1].number if events else after)

    async def _poll(self, stream: StreamSource, view: StreamView, request: Request) -> Answer:
        parameters = _only(request, "after", "wait")
        channel = self._live.channel(stream)
        after = _number(parameters, "after", channel.ring.newest())
        until = time.monotonic() + min(_number(parameters, "wait", 25), LONGEST_WAIT_SECONDS)
        pieces: list[tuple[int, bytes]] = []
        with self._followed(stream, request) as following:
            while not pieces and (left := until - time.monotonic()) > 0 and not following.ended:
                if await channel.wait(after, left, following):
                    after, pieces = channel.written(after, view, stream)
        if following.ended:
            raise NoView(collection=stream.address)
        return _rows([piece for _, piece in pieces], after)

    @contextmanager
    def _followed(self, stream: StreamSource, request: Request) -> Iterator[Following]:
        """Count one more follower until the end of the block; raises TooManyStreams."""
        following = self._following(stream, request)
        with self._openings.one(following.application, stream.dataset, self._most(stream, following)):
            self._live.followings.add(following)
            try:
                yield following
            finally:
                self._live.followings.discard(following)

    def _start(self, stream: StreamSource, request: Request) -> tuple[Channel, int]:
        """Return the channel and the number after which a follower begins."""
        parameters = _only(request, "after")
        channel = self._live.channel(stream)
        newest = channel.ring.newest()
        asked = request.last_event_id if request.last_event_id.isdecimal() else parameters.get("after", "")
        return channel, min(_number({"after": asked} if asked else {}, "after", newest), newest)

    async def socket(self, request: Request, address: str, opening: Opening) -> None:
        """Let a caller follow by WebSocket until it ends; raises as `answer` does before anything is sent."""
        stream = self._service.directory().streams.get(address)
        if stream is None:
            raise NoStream(stream=address[:100])
        view = self._view(stream, request)
        channel, after = self._start(stream, request)
        with self._followed(stream, request) as following:
            await converse(await opening.accept(), said(channel, stream, view, after, following), following)

    def _events(self, stream: StreamSource, view: StreamView, request: Request) -> LiveAnswer:
        channel, after = self._start(stream, request)
        followed = self._followed(stream, request)
        following = followed.__enter__()
        reader = Reader(stream, view, after)

        def opened(pipe: int) -> None:
            reader.pipe = pipe

        async def pieces() -> AsyncIterator[bytes]:
            try:
                async for piece in channel.server_sent(stream, view, after, following, reader):
                    yield piece
            finally:
                followed.__exit__(None, None, None)

        headers: Headers = [
            *COMMON,
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-store"),
        ]
        return LiveAnswer(headers, pieces(), opened)

    def _following(self, stream: StreamSource, request: Request) -> Following:
        application, agreement = request.caller()
        return Following(
            source=stream.source,
            dataset=stream.dataset,
            application=application or ANONYMOUS,
            agreement=agreement,
            view=int(request.view) if request.view and request.view.isdecimal() else 0,
            key=request.key,
        )

    def _most(self, stream: StreamSource, following: Following) -> int:
        return _ANONYMOUS_STREAMS if following.application == ANONYMOUS else stream.most_streams

    def pushed(self, address: str, authorization: str, idempotency_key: str, body: bytes) -> Answer:
        """Take a push; raises NoStream, TokenRefused, PushTooFast, EventsRefused, DifferentEvents, NotKept."""
        stream = self._service.directory().streams.get(address)
        scheme, _, token = authorization.partition(" ")
        digest = hashlib.sha256(token.strip().encode()).hexdigest()
        # Whoever has no token learns nothing of which streams there are.
        if stream is None or scheme.lower() != "bearer" or digest not in stream.tokens:
            raise TokenRefused
        self._take_turn(digest, stream.per_second)
        rows = read_rows(body, stream)
        try:
            done = self._live.channel(stream).ring.push(
                rows,
                key_columns=stream.key_columns,
                window=stream.window_events,
                idempotency_key=f"{digest[:16]}:{idempotency_key}" if idempotency_key else "",
            )
        except DifferentPush:
            raise DifferentEvents from None
        except apsw.Error as fault:
            log.warning("the stream %s could not be kept: %s", stream.address, fault)
            raise NotKept from None
        self._live.channel(stream).look()
        said = orjson.dumps({"first": done.first, "count": done.count, "again": done.again})
        return Answer(200 if done.again else 201, [*COMMON, _JSON, ("cache-control", "no-store")], said)

    def _take_turn(self, who: str, per_second: int) -> None:
        now = time.monotonic()
        left, at = self._buckets.get(who, (float(per_second), now))
        left = min(float(per_second), left + (now - at) * per_second)
        self._buckets[who] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            raise PushTooFast(per_second=per_second)

    async def ends_of_time(self) -> None:
        """Look once a second whether somebody's time to follow is over; runs as long as the worker."""
        while True:
            await asyncio.sleep(1.0)
            self._live.recheck()


def must_fit(content_length: str | None) -> None:
    """Check the length of a push before it is read; raises PushTooLarge."""
    if content_length is None or not content_length.isdecimal() or int(content_length) > MOST_BYTES:
        raise PushTooLarge(most_bytes=MOST_BYTES)


def _json(document: dict[str, Any]) -> Answer:
    return Answer(200, [*COMMON, _JSON, ("cache-control", "private, no-cache")], orjson.dumps(document))


def _rows(pieces: list[bytes], reached: int) -> Answer:
    body = b'{"events":[' + b",".join(pieces) + b'],"next":%d}' % reached
    return Answer(200, [*COMMON, _JSON, ("cache-control", "no-store")], body)


def _only(request: Request, *known: str) -> dict[str, str]:
    parameters = request.parameters()
    for name in parameters:
        if name not in NOT_PART_OF_THE_QUESTION and name not in known:
            raise UnknownParameter(parameter=name[:80], near=", ".join(known) or "—")
    return parameters


def _number(parameters: dict[str, str], name: str, usual: int) -> int:
    text = parameters.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadParameter(parameter=name, value=text[:80], expected="0, 1, 2 …")
    return int(text)
