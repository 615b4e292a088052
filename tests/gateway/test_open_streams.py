"""What stays open at a provider's API, through a real Envoy: WebSockets and gRPC, counted, limited, ended with their terms."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from gateway_stand_ins import Gateway, key_entry, key_text, wait_until
from h2.connection import H2Connection

from tdpf.dataplane.gateway import open_streams
from tdpf.dataplane.gateway.open_streams import OpenStream, OpenStreams, StreamBook
from tdpf.wire.messages import ANONYMOUS, Collection, GrantEntry
from tdpf.wire.sources import ApiOperation, ApiSource


class Sockets:
    """A provider that speaks WebSocket: it answers the upgrade, then sends back what it is sent."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self.listener.accept()[0],), daemon=True).start()

    def _serve(self, found: socket.socket) -> None:
        with contextlib.suppress(OSError), found:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = found.recv(4096)
                if not piece:
                    return
                head += piece
            self.seen.append(head.decode())
            if b"upgrade: websocket" not in head.lower():
                found.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")
                return
            found.sendall(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")
            while piece := found.recv(4096):
                found.sendall(piece)

    def close(self) -> None:
        self.listener.close()


class Upgraded:
    """A consumer's connection that asked to be upgraded; `status` says what came of it."""

    def __init__(self, gateway: Gateway, path: str, key: str = "", sender: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", gateway.port), timeout=10)
        sent = f"authorization: Bearer {key_text(key)}\r\n" if key else ""
        sent += f"x-forwarded-for: {sender}\r\n" if sender else ""
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n{sent}"
            "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n".encode()
        )
        self.head = b""
        while b"\r\n\r\n" not in self.head:
            piece = self.socket.recv(4096)
            assert piece, self.head
            self.head += piece
        self.status = int(self.head.split(b" ", 2)[1])

    def refused_as(self, status: int, code: str) -> bool:
        head, _, body = self.head.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < size:
            body += self.socket.recv(65536)
        self.socket.close()
        return self.status == status and f"/problems/{code}".encode() in body

    def echoed(self, data: bytes) -> bytes:
        self.socket.sendall(data)
        found = b""
        while len(found) < len(data) and (piece := self.socket.recv(65536)):
            found += piece
        return found

    def ended_within(self, seconds: float) -> bool:
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        self.socket.close()


LIVE = "/data/apis/weather/v1/live"


def offered(gateway: Gateway, url: str, operations: tuple[ApiOperation, ...], **options: Any) -> Gateway:
    decisions = gateway.control.decisions
    decisions.collections = [Collection(1, "weather", access="conditional")]
    decisions.keys = [key_entry("app", 1001), key_entry("app-second", 1001), key_entry("other", 1002)]
    decisions.keys.append(key_entry("third", 1003))
    decisions.grants = [
        GrantEntry(1001, 1, 101, rate_plan="r100", day_limit=100),
        GrantEntry(1003, 1, 103, rate_plan="r100", day_limit=2),
    ]
    decisions.apis = [ApiSource(1, "weather", "main", "source-1", url, operations, **options)]
    gateway.control.publish()
    return gateway.start()


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    made = Sockets()
    yield made
    made.close()


def test_websockets_pass_where_the_document_says_so(make_gateway: Callable[..., Gateway], sockets: Sockets) -> None:
    operations = (ApiOperation("WEBSOCKET", "/v1/live"), ApiOperation("GET", "/v1/now"))
    gateway = offered(
        make_gateway(allow_private_sources=True), f"{sockets.url}/base", operations, most_streams=2, timeout_seconds=1
    )
    wait_until(lambda: gateway.get("/data/apis/weather/v1/now", key="app").status == 200)
    first = Upgraded(gateway, f"{LIVE}?apikey={key_text('app')}&area=north")
    assert first.status == 101, first.head
    assert first.echoed(b"\x82\x05hello" * 1000) == b"\x82\x05hello" * 1000
    head = sockets.seen[-1].lower()
    assert head.startswith("get /base/v1/live?area=north http/1.1")
    assert "x-tdpf-" not in head
    assert "tdpf_" not in head
    # Who may not is told before anything reaches the provider, in the words of every other refusal.
    seen = len(sockets.seen)
    for path, key, status, code in (
        (LIVE, "", 401, "gateway/no-key"),
        (LIVE, "other", 403, "gateway/not-granted"),
        ("/data/apis/weather/v1/now", "app", 404, "gateway/not-found"),
        ("/data/collections/weather/items", "app", 400, "gateway/upgrade-refused"),
        ("/", "", 400, "gateway/upgrade-refused"),
    ):
        assert Upgraded(gateway, path, key).refused_as(status, code), path
    plain = gateway.get(LIVE, key="app")
    assert (plain.status, plain.json()["type"]) == (426, "/problems/gateway/upgrade-needed")
    assert len(sockets.seen) == seen
    # One application has two open at once, whatever its keys; a third waits until one is closed.
    second = Upgraded(gateway, LIVE, "app-second")
    assert second.status == 101
    assert Upgraded(gateway, LIVE, "app").refused_as(429, "gateway/too-many-streams")
    stays = Upgraded(gateway, LIVE, "third")
    assert stays.status == 101
    first.close()
    wait_until(lambda: len(gateway.agent.streams) == 2)
    again = Upgraded(gateway, LIVE, "app")
    assert again.status == 101
    line = wait_until(lambda: [one for one in gateway.control.usage() if one.status == 101])[0]
    assert (line.path, line.path_class, line.counted, line.agreement) == (LIVE, "api", True, 101)
    assert line.bytes_sent >= 7000
    # Longer than a call may take, and still there.
    time.sleep(1.2)
    assert second.echoed(b"still here") == b"still here"
    # The quota: two connections a day, and the first was one.
    assert [Upgraded(gateway, LIVE, "third").status for _ in range(2)] == [101, 429]
    # A key that is revoked ends its connection; an agreement that ends ends all of them.
    decisions = gateway.control.decisions
    decisions.keys = [key for key in decisions.keys if key != key_entry("app-second", 1001)]
    gateway.control.publish()
    assert second.ended_within(2.0)
    assert again.echoed(b"not this one") == b"not this one"
    decisions.grants = [grant for grant in decisions.grants if grant.application != 1001]
    gateway.control.publish()
    assert again.ended_within(2.0)
    wait_until(lambda: len(gateway.agent.streams) == 1)
    assert stays.echoed(b"nor this one") == b"nor this one"
    decisions.apis = []
    gateway.control.publish()
    assert stays.ended_within(2.0)


def _echo(request: bytes, context: grpc.ServicerContext) -> bytes:
    told = dict(context.invocation_metadata())
    context.set_trailing_metadata((("x-trailing", "behind the answer"),))
    if request == b"wrong":
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not so")
    return request + b"|" + str("authorization" in told or any(name.startswith("x-tdpf") for name in told)).encode()


def _watch(requests: Iterator[bytes], _context: grpc.ServicerContext) -> Iterator[bytes]:
    for number, request in enumerate(requests):
        yield b"%d %s" % (number, request)


class _Weather(grpc.GenericRpcHandler):
    def service(self, details: grpc.HandlerCallDetails) -> Any:
        if details.method == "/base/demo.Weather/Now":
            return grpc.unary_unary_rpc_method_handler(_echo)
        if details.method == "/base/demo.Weather/Watch":
            return grpc.stream_stream_rpc_method_handler(_watch)
        return None


class _Below(grpc.StreamStreamClientInterceptor):
    """What the guide tells consumers to use: generated code calls its methods below the API's address."""

    def intercept_stream_stream(self, go_on: Any, details: Any, requests: Any) -> Any:
        return go_on(details._replace(method="/data/apis/weather" + details.method), requests)


@pytest.fixture
def grpc_url() -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(8), handlers=[_Weather()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"http://localhost:{port}"
    server.stop(None)


def test_grpc_passes_with_its_trailers(make_gateway: Callable[..., Gateway], grpc_url: str) -> None:
    operations = (ApiOperation("GRPC", "/demo.Weather/Now"), ApiOperation("GRPC_STREAM", "/demo.Weather/Watch"))
    gateway = offered(make_gateway(allow_private_sources=True), f"{grpc_url}/base", operations, most_streams=2)
    now = "/data/apis/weather/demo.Weather/Now"
    keyed = (("authorization", f"Bearer {key_text('app')}"),)
    with grpc.insecure_channel(f"127.0.0.1:{gateway.port}") as channel:
        ask, open_one = (
            channel.unary_unary(now),
            grpc.intercept_channel(channel, _Below()).stream_stream("/demo.Weather/Watch"),
        )
        wait_until(lambda: _status(ask, b"x", keyed) == grpc.StatusCode.OK)
        answer, call = ask.with_call(b"rain", metadata=keyed, timeout=10)
        assert answer == b"rain|False"
        assert dict(call.trailing_metadata())["x-trailing"] == "behind the answer"
        assert int(dict(call.initial_metadata())["x-ratelimit-remaining"]) < 100
        with pytest.raises(grpc.RpcError) as wrong:
            ask(b"wrong", metadata=keyed, timeout=10)
        assert (wrong.value.code(), wrong.value.details()) == (grpc.StatusCode.FAILED_PRECONDITION, "not so")
        # Refusals have a status of gRPC, with the problem document as their message.
        with pytest.raises(grpc.RpcError) as refused:
            ask(b"rain", timeout=10)
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
        assert '"type":"/problems/gateway/no-key"' in refused.value.details()
        other = (("authorization", f"Bearer {key_text('other')}"),)
        assert _status(ask, b"x", other) == grpc.StatusCode.PERMISSION_DENIED
        spent = (("authorization", f"Bearer {key_text('third')}"),)
        assert [_status(ask, b"x", spent) for _ in range(3)] == [
            grpc.StatusCode.OK, grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED,
        ]  # fmt: skip
        assert _status(channel.unary_unary("/data/apis/weather/demo.Weather/Else"), b"x", keyed) == (
            grpc.StatusCode.UNIMPLEMENTED
        )

        def talk(words: Iterator[bytes]) -> Any:
            return open_one(words, metadata=keyed, timeout=60)

        whole = list(talk(iter([b"a", b"b", b"c"])))
        assert whole == [b"0 a", b"1 b", b"2 c"]
        wait_until(lambda: len(gateway.agent.streams) == 0)
        waits = threading.Event()

        def held() -> Iterator[bytes]:
            yield b"first"
            waits.wait(30)

        open_ones = [talk(held()) for _ in range(2)]
        assert [next(one) for one in open_ones] == [b"0 first", b"0 first"]
        with pytest.raises(grpc.RpcError) as third:
            next(talk(held()))
        assert third.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "gateway/too-many-streams" in third.value.details()
        gateway.control.decisions.grants = []
        begun = time.monotonic()
        gateway.control.publish()
        for one in open_ones:
            with pytest.raises(grpc.RpcError):
                next(one)
        assert time.monotonic() - begun < 2.0
        waits.set()
        lines = wait_until(
            lambda: [one for one in gateway.control.usage() if one.path.endswith("/Watch") and one.counted]
        )
        assert lines[0].bytes_sent > 0


def _status(call: Any, request: bytes, metadata: Any) -> grpc.StatusCode:
    try:
        call(request, metadata=metadata, timeout=10)
    except grpc.RpcError as fault:
        code: grpc.StatusCode = fault.code()
        return code
    return grpc.StatusCode.OK


def test_what_is_open_ends_with_a_killed_agent_and_new_ones_wait_for_the_next(
    make_gateway: Callable[..., Gateway], sockets: Sockets
) -> None:
    gateway = make_gateway(allow_private_sources=True, trusted_hops=1)
    decisions = offered(
        gateway, sockets.url, (ApiOperation("WEBSOCKET", "/v1/live"),), most_streams=1
    ).control.decisions
    one = wait_until(lambda: (found := Upgraded(gateway, LIVE, "app")).status == 101 and found)
    assert one.echoed(b"here") == b"here"
    # Open to all: one address without a key does not take the place of another, and a key may be asked for from now on.
    decisions.grants.append(GrantEntry(ANONYMOUS, 1, rate_plan="r100"))
    gateway.control.publish()
    keyless = [wait_until(lambda: (found := Upgraded(gateway, LIVE, sender="192.0.2.1")).status == 101 and found)]
    keyless.append(Upgraded(gateway, LIVE, sender="192.0.2.2"))
    assert keyless[1].status == 101
    assert Upgraded(gateway, LIVE, sender="192.0.2.1").refused_as(429, "gateway/too-many-streams")
    decisions.settings = replace(decisions.settings, open_data_needs_key=True)
    gateway.control.publish()
    assert all(follower.ended_within(3.0) for follower in keyless)
    assert one.echoed(b"still here") == b"still here"
    gateway.agent.streams.close()
    assert one.ended_within(3.0)
    assert Upgraded(gateway, LIVE, "app").refused_as(503, "gateway/unavailable")


def test_only_so_many_are_open_for_each_application_and_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of callers without a key each address has as many, and no one of them fills what all have together."""
    monkeypatch.setattr(open_streams, "ANONYMOUS_STREAMS", 3)
    now = [0.0]
    book = StreamBook(lambda: now[0])
    streams = [OpenStream(1001, 1, 1, "", 1, source) for source in "ab"]
    streams += [OpenStream(ANONYMOUS, 1, 1, "", 1, "a", caller) for caller in "123"]
    assert all(book.admit(number, stream) for number, stream in enumerate(streams))
    assert not any(book.admit(10 + number, stream) for number, stream in enumerate(streams))
    fourth = OpenStream(ANONYMOUS, 1, 1, "", 1, "a", "4")
    assert not book.admit(20, fourth)
    for number in (10, 0, 0, 2):
        book.close(number)
    now[0] = 1.0
    assert book.admit(10, streams[0])
    assert book.admit(20, fourth)
    assert not book.admit(11, streams[0])
    # A day is the longest, so that the log has it while the day is reconciled.
    now[0] = 86400.0
    assert book.outlived() == [1, 3, 4]
    for number in book.all_open():
        book.close(number)
    assert not book._counts  # addresses that are gone are not remembered


def _field(number: int, inside: bytes) -> bytes:
    return bytes([number << 3 | 2, len(inside)]) + inside


def test_the_watch_waits_for_nobody_and_goes_on_after_a_broken_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be ended by word ends with its connection; new ones are let in while the agent's lock is held."""
    monkeypatch.setattr(open_streams, "CHECK_SECONDS", 0.02)
    held, asked = threading.Lock(), threading.Event()

    def to_end(open_ones: Mapping[int, OpenStream]) -> list[int]:
        asked.set()
        with held:
            return [number for number, stream in open_ones.items() if stream.source == "over"]

    def told(client: socket.socket, http: H2Connection, source: str) -> None:
        header = _field(1, b"x-tdpf-stream") + _field(3, f"1001,1,1,,,9,{source}".encode())
        message = _field(2, _field(1, _field(1, header)))
        stream = http.get_next_available_stream_id()
        http.send_headers(stream, [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/")])
        http.send_data(stream, b"\0" + len(message).to_bytes(4, "big") + message)
        client.sendall(http.data_to_send())

    with tempfile.TemporaryDirectory() as folder:
        streams = OpenStreams(Path(folder) / "s", to_end)
        streams.start()
        clients = [(socket.socket(socket.AF_UNIX), H2Connection()) for _ in range(2)]
        for client, http in clients:
            client.settimeout(5)
            client.connect(f"{folder}/s")
            http.initiate_connection()
        with held:
            for client, http in clients:
                told(client, http, "over")
            assert asked.wait(5)
            told(*clients[0], "stays")
            wait_until(lambda: len(streams) == 3, 5)
            for client, http in clients:
                http.close_connection()
                client.sendall(http.data_to_send())
            time.sleep(0.05)
        for client, _ in clients:
            while client.recv(4096):
                pass
            client.close()
        wait_until(lambda: len(streams) == 0, 5)
        streams.close()
