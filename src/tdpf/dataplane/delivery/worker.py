"""One delivery worker: granian calls it for every request (RSGI), it follows the snapshot and keeps figures."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from typing import Any, Protocol, cast

import orjson

from tdpf.dataplane.delivery.aggregates import Aggregates
from tdpf.dataplane.delivery.answers import COMMON, Answer, AnyAnswer, FileAnswer, LiveAnswer, StreamAnswer
from tdpf.dataplane.delivery.connectors.quotas import quotas_of
from tdpf.dataplane.delivery.connectors.tables import Connectors, kept_tables
from tdpf.dataplane.delivery.directory import Directory, build_directory
from tdpf.dataplane.delivery.exports import Exports
from tdpf.dataplane.delivery.following import Follower, Slot, now_seconds
from tdpf.dataplane.delivery.formats import MEDIA_TYPES
from tdpf.dataplane.delivery.inlets.running import Inlets
from tdpf.dataplane.delivery.live import Live
from tdpf.dataplane.delivery.look_ups import words_of
from tdpf.dataplane.delivery.open_tables import OpenTables
from tdpf.dataplane.delivery.openings import Openings
from tdpf.dataplane.delivery.pages import problem_page
from tdpf.dataplane.delivery.pipes import fill, new_pipe
from tdpf.dataplane.delivery.requests import Request
from tdpf.dataplane.delivery.router import Router
from tdpf.dataplane.delivery.service import Service
from tdpf.dataplane.delivery.sockets import Opening
from tdpf.dataplane.delivery.streaming import Streams
from tdpf.dataplane.delivery.streams import StreamHandlers, must_fit
from tdpf.dataplane.snapshots import Snapshot
from tdpf.kit.errors import Problem
from tdpf.kit.home import Home, home
from tdpf.kit.lineage import die_with_parent
from tdpf.wire.delivery_problems import MethodNotAllowed, UnexpectedFailure
from tdpf.wire.messages import DAMAGED, MISSING, NodeHealth
from tdpf.wire.stream_problems import PushTooLarge

log = logging.getLogger("tdpf.delivery")

_RETRY_SECONDS = "2"
_MOST_THROWN_AWAY = 16 << 20
_LONGEST_WITHOUT_SNAPSHOT = 15.0
_FOUND = ("answers", 200)


class Sending(Protocol):
    """How granian takes an answer, as far as it is used here."""

    async def __call__(self) -> bytes: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...
    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None: ...
    def response_file_range(
        self, status: int, headers: list[tuple[str, str]], file: str, start: int, end: int
    ) -> None: ...


class Worker:
    """The application object of one worker process."""

    def __init__(self, place: Home) -> None:
        self.home = place
        self.service = Service(home=place, tables=OpenTables(place.tables, kept_tables(place)))
        self.exports = Exports(self.service, place.delivery / "formats")
        self.live = Live(place.delivery / "streams")
        self.streams = StreamHandlers(self.service, self.live, Openings(place.delivery / "streams" / "open"))
        aggregates = Aggregates(self.service, place.delivery / "work")
        allow_private = os.environ.get("TDPF_ALLOW_PRIVATE_FETCH", "") == "1"
        self.connectors = Connectors(self.service, allow_private=allow_private, quotas=quotas_of(os.environ))
        self.inlets = Inlets(place, allow_private=allow_private)
        self.router = Router(self.service, self.exports, aggregates, self.streams, self.connectors)
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts: Counter[tuple[str, int]] = Counter()
        self.started_at = now_seconds()
        self.snapshot_created_at = 0
        self._shards: object = None
        self._slot: Slot | None = None
        self._follower: Follower | None = None
        self._streams: Streams | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._has_snapshot = threading.Event()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        parent = os.environ.get("TDPF_SERVING_PARENT")
        if parent:
            die_with_parent(int(parent))
        self._loop = loop
        self._slot = Slot(self.home)
        self._streams = Streams(self._slot.folder / "pipes")
        self._follower = Follower(self.home, self._slot, self._take_snapshot, self.health, self.live.shards)
        has_served = self._slot.any_served()
        self._follower.start()
        self.connectors.start()
        self.inlets.start()
        self._keep(self.streams.ends_of_time())
        if has_served:
            # All workers take calls from one socket: until this one can answer, its sisters shall.
            self._has_snapshot.wait(_LONGEST_WITHOUT_SNAPSHOT)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._follower is not None:
            self._follower.stop()
        self.connectors.stop()
        self.inlets.stop()

    async def __rsgi__(self, scope: Any, protocol: Sending) -> None:
        path, get = scope.path, scope.headers.get
        raw: tuple[str | None, ...] | None = None
        if scope.method == "GET" and get("if-none-match") is None:
            raw = words_of(scope.query_string, get)
            known = self.service.look_ups.answer(self.service.current, path, raw)
            if known is not None and scope.proto != "ws":
                self.counts[_FOUND] += 1
                protocol.response_bytes(200, *known)
                return
        if scope.proto == "ws":
            await self._followed(_request(scope), cast(Opening, protocol))
            return
        if path.startswith("/push/"):
            self._send("POST", await self._pushed(scope, protocol), protocol)
            return
        if path != "/data" and not path.startswith("/data/"):
            self._send(scope.method, self._about_itself(path), protocol)
            return
        request = _request(scope, raw)
        answer = await self.answer(request)
        self.counts[("answers", 200 if isinstance(answer, StreamAnswer | LiveAnswer) else answer.status)] += 1
        try:
            self._send(request.method, answer, protocol)
        except Problem as problem:
            self._send(request.method, _refusal(problem, request), protocol)

    async def answer(self, request: Request) -> AnyAnswer:
        """Return the answer to a request; every fault becomes a problem document."""
        try:
            return await self.router.answer(request)
        except Problem as problem:
            return _refusal(problem, request)
        except Exception:
            incident = secrets.token_hex(6)
            log.exception("incident %s: %s %s", incident, request.method, request.path)
            return _refusal(UnexpectedFailure(incident=incident), request)

    async def _followed(self, request: Request, opening: Opening) -> None:
        """Let a caller follow a stream by WebSocket; a refusal is a status alone."""
        match request.path.split("/"):
            case ["", "data", "streams", address, "socket"]:
                try:
                    await self.streams.socket(request, address, opening)
                except Problem as problem:
                    opening.close(problem.status)
                except Exception:
                    log.exception("a socket failed: %s", request.path)
                    opening.close(500)
            case _:
                opening.close(404)

    async def _pushed(self, scope: Any, protocol: Sending) -> Answer:
        request = _request(scope)
        get = scope.headers.get
        try:
            if scope.method != "POST":
                raise MethodNotAllowed(method=scope.method[:20])
            must_fit(get("content-length"))
            body = await protocol()
            address = scope.path.removeprefix("/push/").rstrip("/")
            return self.streams.pushed(
                address, get("authorization") or "", (get("idempotency-key") or "")[:200], bytes(body)
            )
        except PushTooLarge as problem:
            # Answered before it was read, the sender would see a broken connection.
            read = 0
            async for piece in protocol:
                read += len(piece)
                if read > _MOST_THROWN_AWAY:
                    break
            return _refusal(problem, request, allow="POST")
        except Problem as problem:
            return _refusal(problem, request, allow="POST")
        except Exception:
            incident = secrets.token_hex(6)
            log.exception("incident %s: a push", incident)
            return _refusal(UnexpectedFailure(incident=incident), request)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the answers until it ends."""
        assert self._loop is not None, "the worker was started"
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a stream failed", exc_info=task.exception())

    def _send(self, method: str, answer: AnyAnswer, protocol: Sending) -> None:
        if isinstance(answer, Answer):
            if method == "HEAD":
                protocol.response_empty(answer.status, [*answer.headers, ("content-length", str(len(answer.body)))])
            elif answer.body:
                protocol.response_bytes(answer.status, answer.headers, answer.body)
            else:
                protocol.response_empty(answer.status, answer.headers)
        elif isinstance(answer, StreamAnswer):
            if method == "HEAD":
                protocol.response_empty(200, answer.headers)
                return
            assert self._streams is not None, "the worker was started"
            protocol.response_file(200, answer.headers, str(self._streams.start(answer.pieces)))
        elif isinstance(answer, LiveAnswer):
            if method == "HEAD":
                protocol.response_empty(200, answer.headers)
                self._keep(_closed(answer.pieces))
                return
            assert self._slot is not None, "the worker was started"
            pipe = new_pipe(self._slot.folder / "live")
            protocol.response_file(200, answer.headers, str(pipe))
            self._keep(fill(pipe, answer.pieces, answer.opened))
        else:
            self._send_file(method, answer, protocol)

    def _send_file(self, method: str, answer: FileAnswer, protocol: Sending) -> None:
        headers = [*answer.headers, ("content-length", str(answer.end - answer.start))]
        if method == "HEAD" or answer.end == answer.start:
            protocol.response_empty(answer.status, headers)
        elif answer.end - answer.start == answer.size:
            protocol.response_file(answer.status, headers, str(answer.path))
        else:
            protocol.response_file_range(answer.status, headers, str(answer.path), answer.start, answer.end)

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        manifest = snapshot.manifest
        before = self.service.current
        unchanged = before is not None and manifest.shards == self._shards
        if unchanged and before is not None and before.public_url == manifest.settings.public_url.rstrip("/"):
            fresh = replace(before, stamp=manifest.stamp, not_after=float(manifest.not_after))
        else:
            fresh = build_directory(
                tables=snapshot.tables,
                collections=snapshot.collections,
                files=snapshot.files,
                passthroughs=snapshot.passthroughs,
                streams=snapshot.streams,
                sources=snapshot.connected,
                public_url=manifest.settings.public_url,
                stamp=manifest.stamp,
                not_after=float(manifest.not_after),
                before=before,
                now=float(now_seconds()),
            )
            self.exports.keep_only(fresh.identities())
        self._shards = manifest.shards
        self.snapshot_created_at = manifest.created_at
        assert self._loop is not None, "the worker was started"
        self._loop.call_soon_threadsafe(self._put_in_force, fresh, snapshot)
        if not fresh.not_after or fresh.not_after > time.time():
            self._has_snapshot.set()

    def _put_in_force(self, directory: Directory, snapshot: Snapshot) -> None:
        if directory is not self.service.current:
            self.service.replace_directory(directory)
            self.connectors.take(directory)
            self.inlets.take(directory)
        self.live.take(snapshot, [stream.source for stream in directory.streams.values()])

    def health(self) -> NodeHealth:
        """Return what this worker says of itself."""
        current = self.service.current
        damaged = sorted(self.service.tables.damaged)
        missing = sorted(self.service.tables.missing(current.identities())) if current else []
        state = "starting" if current is None else "degraded" if damaged or missing or self.inlets.notes() else "ok"
        if current is not None and current.not_after and time.time() > current.not_after:
            state = "closed"
        figures = {f"answers_{status}": count for (_, status), count in sorted(self.counts.items())}
        figures["collections"] = len(current.collections) if current else 0
        return NodeHealth(
            name=self._slot.node if self._slot else "delivery-0",
            kind="delivery",
            state=state,  # type: ignore[arg-type]  # one of the four above
            stamp=current.stamp if current else 0,
            sent_at=now_seconds(),
            started_at=self.started_at,
            snapshot_created_at=self.snapshot_created_at,
            snapshot_not_after=int(current.not_after) if current else 0,
            notes=(
                *(f"{DAMAGED}{identity}" for identity in damaged[:20]),
                *(f"{MISSING}{identity}" for identity in missing[:20]),
                *self.inlets.notes(),
            ),
            figures=figures,
            inlets=self.inlets.health(),
        )

    def _about_itself(self, path: str) -> Answer:
        health = self.health()
        ready = health.state in ("ok", "degraded")
        if path == "/healthz":
            return Answer(200, [("content-type", MEDIA_TYPES["json"])], b'{"status":"alive"}')
        if path == "/readyz":
            body = orjson.dumps({"ready": ready, "state": health.state, "stamp": health.stamp})
            return Answer(200 if ready else 503, [("content-type", MEDIA_TYPES["json"])], body)
        if path == "/metrics":
            lines = [f'tdpf_delivery_answers_total{{status="{s}"}} {n}' for (_, s), n in sorted(self.counts.items())]
            lines += [
                f"tdpf_delivery_snapshot_stamp {health.stamp}",
                f"tdpf_delivery_snapshot_created_seconds {self.snapshot_created_at}",
                f"tdpf_delivery_collections {health.figures['collections']}",
                f"tdpf_delivery_damaged_tables {len(health.notes)}",
            ]
            return Answer(200, [("content-type", "text/plain; version=0.0.4")], ("\n".join(lines) + "\n").encode())
        return Answer(404, [("content-type", MEDIA_TYPES["json"])], b"{}")


def _request(scope: Any, raw: tuple[str | None, ...] | None = None) -> Request:
    return Request(scope.method, scope.path, scope.query_string, scope.headers.get, raw)


async def _closed(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        break
    await pieces.aclose()  # type: ignore[attr-defined]  # an asynchronous generator


def _refusal(problem: Problem, request: Request, *, allow: str = "GET, HEAD, OPTIONS") -> Answer:
    document = problem.as_dict(request.language, request.request_id or None)
    headers = [*COMMON, ("cache-control", "no-store"), ("content-language", request.language)]
    if problem.status in (429, 503):
        headers.append(("retry-after", _RETRY_SECONDS))
    if problem.status == 405:
        headers.append(("allow", allow))
    if problem.status == 416:
        headers.append(("content-range", f"bytes */{problem.data.get('bytes', '*')}"))
    if request.accept is not None and request.accept.startswith("text/html"):
        return Answer(
            problem.status, [*headers, ("content-type", MEDIA_TYPES["html"])], problem_page(document, request.language)
        )
    return Answer(problem.status, [*headers, ("content-type", MEDIA_TYPES["problem"])], orjson.dumps(document))


def application() -> Worker:
    """Return the worker of this process (granian's factory)."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return Worker(home())
