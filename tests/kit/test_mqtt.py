"""Brokers that do not keep to what was asked of them: nothing of theirs is held without end."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tdpf.kit import mqtt
from tdpf.kit.mqtt import BrokerAddress, BrokerRefused, BrokerSilent, Listening, listen


def publication(number: int, quality: int, payload: bytes = b"x") -> bytes:
    body = b"\x00\x01t" + struct.pack(">H", number) + payload
    low, high = len(body) % 128, len(body) // 128
    return bytes([0x30 | quality << 1, low | (128 if high else 0), *([high] if high else [])]) + body


@contextmanager
def listening_at(*packets: bytes, before: bytes = b"") -> Iterator[Listening]:
    """Subscribe at a broker that says packets, the first of them before it grants the topics."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError, ValueError), server.accept()[0] as one:
            one.recv(4096)
            one.sendall(b"\x20\x02\x00\x00")
            asked = one.recv(4096)
            one.sendall(before + b"\x90\x03" + asked[asked.index(b"\x82") + 2 :][:2] + b"\x01")
            one.sendall(b"".join(packets))
            while one.recv(1 << 16):
                pass

    threading.Thread(target=serve, daemon=True).start()
    address = BrokerAddress("localhost", server.getsockname()[1], "x", tls="off")
    try:
        made = listen(address, ["t"], allow_private=True, resolver=lambda _host, _port: ["127.0.0.1"], seconds=3.0)
        try:
            yield made
        finally:
            made.close()
    finally:
        server.close()


@pytest.mark.parametrize("packet", [publication(1, 2), publication(1, 3), b"\x62\x02\x00\x01", b"\xc0\x00"])
def test_what_was_not_asked_for_ends_the_connection(packet: bytes) -> None:
    with listening_at(publication(1, 1), packet, publication(2, 1)) as listening:
        with pytest.raises(BrokerRefused, match="not asked for"):
            listening.take(2.0) and listening.take(2.0)
        assert not listening._client._in_messages


def test_what_comes_before_the_grant_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "_MOST_HELD_BYTES", 50_000)
    flood = b"".join(publication(n, 1, b"y" * 10_000) for n in range(1, 10))
    with pytest.raises(BrokerRefused, match="before it grants"), listening_at(before=flood):
        pass


def test_waiting_holds_little_and_taking_gives_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "_MOST_AT_ONCE", 20)
    with listening_at(*(publication(n, 1) for n in range(1, 41))) as listening:
        listening.wait(0.3)
        assert [one.number for one in listening.take(1.0, most=5)] == [1, 2, 3, 4, 5]
        assert len(listening._came) == 15
        found = [one.number for _ in range(35) for one in listening.take(1.0, most=1)]
        assert found == list(range(6, 41))


def test_a_broker_that_does_not_read_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "_MOST_UNSENT", -1)
    with pytest.raises(BrokerSilent, match="does not read"), listening_at():
        pass


def test_a_certificate_that_is_none_is_refused() -> None:
    for certificate in ("証明書", "-----BEGIN CERTIFICATE-----", "x"):
        address = BrokerAddress("localhost", 1, "x", certificate=certificate)
        with pytest.raises(BrokerRefused, match="PEM"):
            listen(address, ["t"], allow_private=True, resolver=lambda _host, _port: ["127.0.0.1"])
