"""Following a stream by WebSocket (RFC 6455): one text message for each event, the same as server-sent events say.

Messages are JSON with `event`: row, gap (what was missed is not kept any more), beat (every ten quiet seconds), end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Protocol

from tdpf.dataplane.delivery.live import HEARTBEAT_SECONDS, Channel, Following
from tdpf.dataplane.delivery.pipes import SLOWEST_READER_SECONDS
from tdpf.wire.sources import StreamSource, StreamView

log = logging.getLogger("tdpf.delivery")

LONGEST_SECONDS = 3600.0
"""After this a socket ends, to be opened anew: what a caller sends is read by the server, so none lasts for ever."""
_MOST_SAID = 1000
_CLOSE = 0


class Transport(Protocol):
    """How granian gives an open socket, as far as it is used here."""

    async def receive(self) -> Any: ...
    async def send_str(self, data: str) -> None: ...


class Opening(Protocol):
    """How granian gives a caller who wishes for a socket."""

    async def accept(self) -> Transport: ...
    def close(self, status: int | None = None) -> tuple[int, bool]: ...


async def said(
    channel: Channel, stream: StreamSource, view: StreamView, after: int, following: Following
) -> AsyncIterator[bytes]:
    """Yield the messages of one follower until the following ends."""
    channel.look()
    oldest = channel.ring.oldest()
    if after + 1 < oldest:
        yield b'{"event":"gap","from":%d,"to":%d}' % (after + 1, oldest - 1)
        after = oldest - 1
    beaten, over = time.monotonic(), time.monotonic() + LONGEST_SECONDS
    while not following.ended and time.monotonic() < over:
        if await channel.wait(after, HEARTBEAT_SECONDS, following):
            after, pieces = channel.written(after, view, stream)
            for _, piece in pieces:
                if following.ended:
                    break
                beaten = time.monotonic()
                yield b'{"event":"row",' + piece[1:]
        if not following.ended and time.monotonic() - beaten >= HEARTBEAT_SECONDS:
            beaten = time.monotonic()
            yield b'{"event":"beat"}'
    reason = "not allowed any more" if following.ended else "open it anew"
    yield b'{"event":"end","reason":"%s"}' % reason.encode()


async def converse(transport: Transport, messages: AsyncIterator[bytes], following: Following) -> None:
    """Send messages until they end, the caller goes, or does not read; what the caller says is only counted."""
    listening = asyncio.ensure_future(_listen(transport, following))
    try:
        async for message in messages:
            if listening.done():
                return
            await asyncio.wait_for(transport.send_str(message.decode()), SLOWEST_READER_SECONDS)
    except TimeoutError:
        pass
    except Exception as fault:  # noqa: BLE001  granian tells a caller who is gone in several ways
        log.debug("a socket ended: %s", type(fault).__name__)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await listening
        with suppress(RuntimeError):
            await messages.aclose()  # type: ignore[attr-defined]  # an asynchronous generator


async def _listen(transport: Transport, following: Following) -> None:
    for _ in range(_MOST_SAID):
        message = await transport.receive()
        if int(message.kind) == _CLOSE:
            break
    following.end()
