"""Providers that lie and callers that mean no good, at one real Envoy: what each costs, and that nobody else notices."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway_stand_ins import Gateway, key_entry, key_text, wait_until
from h2.config import H2Configuration
from h2.connection import H2Connection

from tdpf.wire.messages import ANONYMOUS, Collection, GrantEntry
from tdpf.wire.sources import ApiOperation, ApiSource

OPEN = "/data/collections/open-data/items"
CROWD = 5_000


class Liar:
    """A provider that answers by the last part of the path: too short, too long, without end, not at all."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://localhost:{self.listener.getsockname()[1]}"
        self.sent = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self.listener.accept()[0],), daemon=True).start()

    def _serve(self, found: socket.socket) -> None:
        with contextlib.suppress(OSError), found:
            asked = found.recv(65536).split(b" ", 2)[1].rpartition(b"/")[2]
            if asked == b"short":
                found.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this")
            elif asked == b"long":
                found.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst and then HTTP/1.1 200 OK\r\n\r\n")
            elif asked == b"both":
                found.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                )
            elif asked == b"headers":
                found.sendall(b"HTTP/1.1 200 OK\r\n" + b"x-a: " + b"a" * 200_000 + b"\r\n\r\n")
            elif asked == b"endless":
                found.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                while True:
                    found.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                    self.sent += 65536
            elif asked == b"ok":
                # It says that it closes: otherwise the next call may still be sent on this connection.
                found.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")
            else:
                time.sleep(5)

    def close(self) -> None:
        self.listener.close()


@pytest.fixture(scope="module")
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway(liar: Liar) -> Iterator[Gateway]:
    made = Gateway(allow_private_sources=True, workers=1)
    decisions = made.control.decisions
    decisions.collections = [Collection(1, "open-data"), Collection(2, "liar", access="conditional")]
    decisions.keys = [key_entry("app", 1001)]
    decisions.grants = [GrantEntry(ANONYMOUS, 1, rate_plan="r100"), GrantEntry(1001, 2, 102, rate_plan="r100")]
    operations = tuple(ApiOperation(method, "/{what}") for method in ("GET", "POST"))
    decisions.apis = [
        ApiSource(2, "liar", "main", "s", liar.url, operations, timeout_seconds=1, retries=0, errors_to_rest=100)
    ]
    made.control.publish()
    made.start()
    wait_until(lambda: made.get("/data/apis/liar/ok", key="app").status == 200)
    yield made
    made.close()


def memory(gateway: Gateway) -> float:
    """Return Envoy's resident memory in MB."""
    text = Path(f"/proc/{gateway.agent.envoy.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def well(gateway: Gateway) -> bool:
    return gateway.get(OPEN).status == 200


def read_whole(gateway: Gateway, what: str) -> tuple[int, int, bool]:
    """Return the status, how many bytes came, and whether the answer said itself whole."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    connection.request("GET", f"/data/apis/liar/{what}", headers={"authorization": f"Bearer {key_text('app')}"})
    answer = connection.getresponse()
    got, whole = 0, True
    try:
        while piece := answer.read1(65536):
            got += len(piece)
        whole = answer.length in (0, None)
    except (http.client.IncompleteRead, OSError):
        whole = False
    connection.close()
    return answer.status, got, whole


def test_a_provider_that_lies_about_length_is_never_taken_for_whole(gateway: Gateway) -> None:
    assert read_whole(gateway, "short") == (200, 9, False)
    assert read_whole(gateway, "long") == (200, 5, True)
    for what in ("both", "headers"):
        assert read_whole(gateway, what)[0] in (502, 503), what
    assert read_whole(gateway, "silent")[0] == 504
    assert well(gateway)


def test_an_endless_answer_ends_with_its_time_and_fills_no_memory(gateway: Gateway, liar: Liar) -> None:
    before, begun = memory(gateway), time.monotonic()
    status, got, whole = read_whole(gateway, "endless")
    seconds, grown = time.monotonic() - begun, memory(gateway) - before
    print(f"\nendless: {got / 1e6:.0f} MB in {seconds:.1f} s, then cut; Envoy grew by {grown:.0f} MB")
    assert (status, whole) == (200, False)
    assert seconds < 4
    # A reader that does not read makes the provider wait, not the gateway's memory grow.
    reader = socket.create_connection(("127.0.0.1", gateway.port))
    reader.sendall(
        f"GET /data/apis/liar/endless HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key_text('app')}\r\n\r\n".encode()
    )
    time.sleep(0.8)
    assert memory(gateway) - before < 40
    reader.close()
    assert well(gateway)


def test_a_body_without_end_is_not_kept(gateway: Gateway) -> None:
    before = memory(gateway)
    caller = socket.create_connection(("127.0.0.1", gateway.port))
    caller.settimeout(3)
    head = f"POST /data/apis/liar/deaf HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key_text('app')}\r\n"
    caller.sendall(f"{head}transfer-encoding: chunked\r\n\r\n".encode())
    sent = 0
    with contextlib.suppress(OSError):
        while sent < 200 << 20:
            caller.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent += 65536
    print(
        f"\na body without end: {sent / 1e6:.0f} MB went before it stood still; Envoy grew by {memory(gateway) - before:.0f} MB"
    )
    assert sent < 100 << 20
    assert memory(gateway) - before < 40
    caller.close()
    assert well(gateway)


def test_a_bomb_of_headers_is_refused(gateway: Gateway) -> None:
    before = memory(gateway)
    for line in (b"x-a: " + b"a" * 60_000 + b"\r\n", b"".join(b"x-%d: a\r\n" % number for number in range(200))):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as caller:
            caller.sendall(b"GET /data HTTP/1.1\r\nhost: x\r\n" + line + b"\r\n")
            assert caller.recv(100).startswith(b"HTTP/1.1 431")
    # Packed by HPACK: four kilobytes once, then a thousand times one byte that stands for them.
    packed = H2Connection(H2Configuration(client_side=True, validate_outbound_headers=False))
    packed.initiate_connection()
    bomb = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", "/data")]
    packed.send_headers(1, bomb + [("x-bomb", "a" * 3900)] * 1000, end_stream=True)
    data = packed.data_to_send()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as caller:
        caller.sendall(data)
        received = b""
        caller.settimeout(1)
        with contextlib.suppress(OSError):
            while piece := caller.recv(65536):
                received += piece
                if len(received) > 200:
                    break
    print(
        f"\n{len(data)} bytes that stand for 3.9 MB of headers: refused; Envoy grew by {memory(gateway) - before:.0f} MB"
    )
    assert len(data) < 10_000
    assert b"delivery" not in received
    assert memory(gateway) - before < 20
    assert well(gateway)


@pytest.mark.parametrize(
    ("method", "size", "waits"), [("POST", 5000, True), ("GET", 5000, True), ("POST", 400_000, False)]
)
def test_the_portal_sees_an_ordinary_body_when_all_of_it_is_there(
    gateway: Gateway, method: str, size: int, waits: bool
) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as caller:
        caller.sendall(
            f"{method} /accounts/login/ HTTP/1.1\r\nhost: x\r\ncontent-length: {size}\r\n\r\nlogin=".encode()
        )
        caller.settimeout(0.5 if waits else 10)
        if waits:
            # The portal's stand-in answers before it reads anything: no answer says that it was not called.
            with pytest.raises(TimeoutError):
                caller.recv(1)
            caller.sendall(b"x" * (size - len("login=")))
            caller.settimeout(10)
        assert caller.recv(100).startswith(b"HTTP/1.1 ")
    assert well(gateway)


def test_five_thousand_idle_connections_hold_nobody_up(gateway: Gateway) -> None:
    before = memory(gateway)
    crowd: list[socket.socket] = []
    try:
        for number in range(CROWD):
            one = socket.create_connection(("127.0.0.1", gateway.port), timeout=10)
            if number % 5 == 0:
                # A fifth of them has begun a request and goes on with it never.
                one.sendall(b"GET /data HTTP/1.1\r\nhost: x\r\nx-slow: ")
            crowd.append(one)
        times = []
        for _ in range(50):
            begun = time.monotonic()
            assert well(gateway)
            times.append((time.monotonic() - begun) * 1000)
        grown = memory(gateway) - before
        print(
            f"\n{CROWD} idle connections, a thousand of them half a request: calls p50 {sorted(times)[25]:.1f} ms,"
            f" slowest {max(times):.1f} ms; Envoy grew by {grown:.0f} MB, {grown * 1024 / CROWD:.0f} kB each"
        )
        assert grown < 250
    finally:
        for one in crowd:
            one.close()
    assert well(gateway)


def test_names_that_cannot_be_looked_up_change_nothing(gateway: Gateway) -> None:
    def gone(_name: str, _port: int) -> list[str]:
        raise OSError("no name server")

    addresses = gateway.agent._addresses
    kept, addresses._resolver = addresses._resolver, gone
    try:
        gateway.decide(lambda decisions: decisions.apis.append(
            ApiSource(2, "liar", "second", "s2", "http://new.example/", (ApiOperation("GET", "/ok"),))
        ))  # fmt: skip
        time.sleep(0.3)
        assert gateway.get("/data/apis/liar/ok", key="app").status == 200
        assert gateway.get("/data/apis/liar.second/ok", key="app").status == 404
    finally:
        addresses._resolver = kept


def test_a_clock_that_jumps_opens_nothing(gateway: Gateway) -> None:
    gateway.decide(lambda decisions: decisions.grants.append(
        GrantEntry(1001, 1, 103, rate_plan="r100", day_limit=5)
    ))  # fmt: skip
    table = gateway.agent.keeper.table
    assert table is not None
    assert [gateway.get(OPEN, key="app").status for _ in range(3)] == [200] * 3
    # Backward: nothing is left of the day before to spend. Far forward: the snapshot has ended.
    for jump, code in ((-86_400, "not-ready"), (40 * 86_400, "closed")):
        table.set(clock_offset=jump)
        answers = [gateway.get(OPEN, key="app") for _ in range(8)]
        assert {(answer.status, answer.json()["type"]) for answer in answers} == {(503, f"/problems/gateway/{code}")}
    table.set(clock_offset=0)
    assert [gateway.get(OPEN, key="app").status for _ in range(4)] == [200, 200, 429, 429]
