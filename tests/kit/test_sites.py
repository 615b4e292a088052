"""Asking a site many times: connections are kept, every guarantee of fetching holds for each request."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.kit import fetching
from tdpf.kit.fetching import AddressRefused, FetchFailed, NotKept, TooLarge, TooSlow
from tdpf.kit.inflating import Bomb, Damaged, gunzip, inflate
from tdpf.kit.sites import SiteClient

BIG = gzip.compress(b"\0" * 50_000_000)
ANSWERS = {
    "/plain": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\nETag: \"a\"\r\nContent-Length: 2\r\n\r\nhi",
    "/gone": b"HTTP/1.1 410 Gone\r\nContent-Length: 3\r\n\r\nbye",
    "/gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
    % (len(gzip.compress(b"x" * 1000)), gzip.compress(b"x" * 1000)),
    "/raw-deflate": b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nConnection: close\r\n\r\n"
    + zlib.compress(b"y" * 1000)[2:-4],
    "/bomb": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(BIG), BIG),
    "/brotli": b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nabcd",
    "/twice": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 4\r\n\r\nabcd",
    "/cut-gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"z" * 1000)[:-9],
    "/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf",
    "/round": b"HTTP/1.1 302 Found\r\nLocation: /trip\r\nContent-Length: 0\r\n\r\n",
    "/trip": b"HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n",
    "/inward": b"HTTP/1.1 302 Found\r\nLocation: http://inside.example/\r\nContent-Length: 0\r\n\r\n",
    "/to-file": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    "/noise": b"\x00\xff this is no HTTP\r\n\r\n",
    "/long-head": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
}  # fmt: skip


class Telephone:
    """A server that speaks exactly the bytes it is told, and counts connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line:
            heard = b""
            while True:
                while b"\r\n\r\n" not in heard:
                    try:
                        piece = line.recv(65536)
                    except OSError:
                        return
                    if not piece:
                        return
                    heard += piece
                request, _, heard = heard.partition(b"\r\n\r\n")
                method, path, _ = request.split(b"\r\n", 1)[0].decode().split(" ")
                if path == "/drip":
                    self._drip(line)
                    return
                answer = ANSWERS[path]
                try:
                    line.sendall(answer.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n" if method == "HEAD" else answer)
                except OSError:
                    return
                if b"Connection: close" in answer:
                    return

    def _drip(self, line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            try:
                line.sendall(b"x")
            except OSError:
                return
            time.sleep(0.05)


@pytest.fixture
def telephone() -> Iterator[Telephone]:
    """A listening server."""
    server = Telephone()
    yield server
    server.listener.close()


@pytest.fixture
def client() -> Iterator[SiteClient]:
    """A client that may call this machine."""
    with SiteClient(allow_private=True) as client:
        yield client


def test_one_connection_carries_many_requests(telephone: Telephone, client: SiteClient) -> None:
    """A hundred requests, one connection; HEAD and errors are answers too."""
    for _ in range(100):
        answer = client.ask(f"http://127.0.0.1:{telephone.port}/plain", max_bytes=10)
    assert (answer.body, answer.media_type, answer.charset, answer.etag) == (b"hi", "text/plain", "utf-8", '"a"')
    assert client.ask(f"http://127.0.0.1:{telephone.port}/gone", max_bytes=10).status == 410
    assert client.ask(f"http://127.0.0.1:{telephone.port}/plain", method="HEAD", max_bytes=10).body == b""
    assert telephone.connections == 1


@pytest.mark.parametrize(("path", "length"), [("/gzip", 1000), ("/raw-deflate", 1000)])
def test_packed_answers_are_unpacked(telephone: Telephone, client: SiteClient, path: str, length: int) -> None:
    """Deflate too, in the bare form that some servers send."""
    assert len(client.ask(f"http://127.0.0.1:{telephone.port}{path}", max_bytes=2000).body) == length


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/bomb", TooLarge),
        ("/brotli", FetchFailed),
        ("/twice", FetchFailed),
        ("/cut-gzip", FetchFailed),
        ("/cut", FetchFailed),
        ("/round", FetchFailed),
        ("/to-file", AddressRefused),
        ("/noise", FetchFailed),
        ("/long-head", FetchFailed),
        ("/drip", TooSlow),
    ],
)
def test_bad_manners_end_soon(telephone: Telephone, client: SiteClient, path: str, problem: type[Exception]) -> None:
    """Whatever happens ends in a problem within the time, and the next request works again."""
    begun = time.monotonic()
    with pytest.raises(problem):
        client.ask(f"http://127.0.0.1:{telephone.port}{path}", max_bytes=1_000_000, timeout=1.0)
    assert time.monotonic() - begun < 4
    assert client.ask(f"http://127.0.0.1:{telephone.port}/plain", max_bytes=10).body == b"hi"


def test_reading_can_stop_quietly(telephone: Telephone, client: SiteClient) -> None:
    """The beginning of an answer is enough to see what it is."""
    answer = client.ask(f"http://127.0.0.1:{telephone.port}/bomb", max_bytes=100_000_000, cut_at=10)
    assert (len(answer.body), answer.cut) == (10, True)


def test_private_addresses_are_refused_at_every_hop(telephone: Telephone, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address may be public and the next not."""
    with SiteClient() as strict, pytest.raises(AddressRefused):
        strict.ask(f"http://127.0.0.1:{telephone.port}/plain", max_bytes=10)
    assert telephone.connections == 0
    original = fetching.is_public
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1" or original(address))

    def resolver(host: str, port: int) -> list[str]:
        return ["10.0.0.7"] if host == "inside.example" else ["127.0.0.1"]

    with SiteClient(resolver=resolver) as strict, pytest.raises(AddressRefused):
        strict.ask(f"http://outside.example:{telephone.port}/inward", max_bytes=10)


def test_a_name_that_changes_its_address_gains_nothing(telephone: Telephone, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was vetted; the name is asked for once only."""
    original = fetching.is_public
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1" or original(address))
    given = iter([["127.0.0.1"], ["10.0.0.7"]])
    with SiteClient(resolver=lambda *_: next(given)) as strict:
        for _ in range(3):
            assert strict.ask(f"http://rebinding.example:{telephone.port}/plain", max_bytes=10).status == 200


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_unpacking_gives_back_what_was_packed(content: bytes, step: int) -> None:
    """Whatever the pieces, also of several gzip members."""
    packed = gzip.compress(content) + gzip.compress(b"more")
    pieces = [packed[place : place + step] for place in range(0, len(packed), step)]
    assert b"".join(inflate(pieces, limit=10_000)) == content + b"more"


def test_a_bomb_is_stopped_before_it_fills_the_memory() -> None:
    """No piece is larger than 64 KiB, and the limit holds."""
    taken = 0
    with pytest.raises(Bomb):
        for piece in inflate([BIG], limit=1_000_000):
            assert len(piece) <= 65536
            taken += len(piece)
    assert taken <= 1_000_000
    with pytest.raises(Damaged):
        gunzip(b"no gzip at all", limit=100)
    with pytest.raises(Damaged):
        gunzip(gzip.compress(b"x" * 100)[:-5], limit=1000)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_padding_and_members_in_any_pieces(size: int) -> None:
    packed = gzip.compress(b"a") + b"\0" * 700 + gzip.compress(b"b") + b"\0" * 700
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(inflate(pieces, limit=10)) == b"ab"
    assert gunzip(packed, limit=10) == b"ab"


def test_many_small_members_are_read_in_linear_time_and_not_without_end() -> None:
    member = gzip.compress(b"")
    begun = time.process_time()
    assert gunzip(member * 80_000, limit=10) == b""
    assert time.process_time() - begun < 8
    with pytest.raises(Damaged):
        gunzip(member * 100_001, limit=10)


def test_a_disk_without_room_is_told_and_not_a_fault_without_words(telephone: Telephone, client: SiteClient) -> None:
    with pytest.raises(NotKept) as told:
        client.ask(f"http://127.0.0.1:{telephone.port}/plain", max_bytes=10, into=Path("/dev/full"))
    assert "no room is left" in told.value.detail_in("en")
