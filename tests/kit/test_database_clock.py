"""Strangers' databases that never end: the clock and the scale shut the connection down below the driver."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable

import pytest

from tdpf.kit.database_clock import Clock
from tdpf.kit.database_sessions import open_session
from tdpf.kit.databases import DatabaseAddress, DatabaseLarge, DatabaseSlow, Session
from tdpf.kit.errors import Problem

READY = b"Z" + struct.pack(">i", 5) + b"I"
WELCOME = b"R" + struct.pack(">ii", 8, 0) + READY


def serve(answer: Callable[[socket.socket], None]) -> int:
    """A server for one caller, who says its first words and is then answered so."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        caller, _ = listener.accept()
        with listener, caller:
            try:
                answer(caller)
            except OSError:
                return

    threading.Thread(target=run, daemon=True).start()
    return int(listener.getsockname()[1])


def opened(port: int, seconds: float = 1) -> Session:
    address = DatabaseAddress("postgresql", "localhost", port, "city", "reader", "x", tls="off")
    return open_session(address, seconds=seconds, allow_private=True, resolver=lambda *_: ["127.0.0.1"])


def drip(caller: socket.socket) -> None:
    while True:
        caller.sendall(b"N" + struct.pack(">i", 5) + b"\0")
        time.sleep(0.05)


def flood(caller: socket.socket) -> None:
    row = b"D" + struct.pack(">ih", 6 + 4 + 60_000, 1) + struct.pack(">i", 60_000) + b"x" * 60_000
    while True:
        caller.sendall(row)


@pytest.mark.parametrize(("answer", "problem"), [(drip, DatabaseSlow), (flood, DatabaseLarge)])
def test_an_answer_without_end_is_cut_off(answer: Callable[[socket.socket], None], problem: type[Problem]) -> None:
    def signed_in(caller: socket.socket) -> None:
        caller.recv(4096)
        caller.sendall(WELCOME)
        caller.recv(4096)
        if answer is flood:
            caller.sendall(b"T" + struct.pack(">ih", 6 + 20, 1) + b"a\0" + struct.pack(">ihihih", 0, 0, 25, -1, -1, 0))
        answer(caller)

    session = opened(serve(signed_in))
    session.clock.set(seconds=0.5 if answer is drip else 30, most_bytes=1 << 20)
    begun = time.monotonic()
    with pytest.raises(problem):
        list(session.rows("SELECT 1", ()))
    assert time.monotonic() - begun < 4
    assert not session.clock.rest()
    session.close()


def test_the_server_does_not_choose_how_long_a_password_is_hashed() -> None:
    def hashing(caller: socket.socket) -> None:
        caller.recv(4096)
        caller.sendall(b"R" + struct.pack(">ii", 8 + 15, 10) + b"SCRAM-SHA-256\0\0")
        nonce = caller.recv(4096).split(b"r=")[1].rstrip(b"\0")
        said = b"r=" + nonce + b"more,s=QSXCR+Q6sek8bf92,i=2000000000"
        caller.sendall(b"R" + struct.pack(">ii", 8 + len(said), 11) + said)
        caller.recv(1)

    begun = time.monotonic()
    with pytest.raises(Problem):
        opened(serve(hashing))
    assert time.monotonic() - begun < 3


def test_breaking_off_does_not_wait_for_the_rest(provider_postgres: object, provider_mariadb: tuple[int, str]) -> None:
    port, pem = provider_mariadb
    places = [
        DatabaseAddress(
            "postgresql", "localhost", provider_postgres.port, "city", "reader", "reader's pass", tls="off"
        ),  # type: ignore[attr-defined]
        DatabaseAddress("mysql", "localhost", port, "city", "reader", "reader's pass", certificate=pem),
    ]
    many = "SELECT a.id FROM " + ", ".join(f"shelters {name}" for name in "abcdefghi")
    for place in places:
        session = open_session(place, seconds=20, allow_private=True, resolver=lambda *_: ["127.0.0.1"])
        rows = session.rows(many, (), batch=1)
        next(rows)
        begun = time.monotonic()
        rows.close()  # type: ignore[attr-defined]
        assert session.clock.is_cut
        assert time.monotonic() - begun < 0.1
        session.close()


def test_what_is_within_its_bounds_is_left_alone() -> None:
    near, far = socket.socketpair()
    clock = Clock(near, seconds=5)
    assert clock.rest()
    clock.look(time.monotonic() + 60)
    assert clock.breach == "slow"
    clock.close()
    near.close()
    far.close()
