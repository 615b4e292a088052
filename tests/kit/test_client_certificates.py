"""A client certificate is shown to databases, brokers and servers of files that ask for one, and to nobody else."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tdpf.kit import clock
from tdpf.kit.certificates import Authority, client_context, issue, new_authority, show
from tdpf.kit.database_sessions import open_session
from tdpf.kit.databases import DatabaseAddress
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import fetch
from tdpf.kit.mqtt import BrokerAddress, listen
from tdpf.kit.ngsi import Asked, BrokerPlace, asking

_SSL_REQUEST = 8


class _Server:
    """Asks for a certificate of its authority, notes whose it was shown, and says what it was told to."""

    def __init__(self, authority: Authority) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=authority.certificate.decode())
        self._context.verify_mode = ssl.CERT_REQUIRED
        made = issue(authority, "localhost", hosts=("localhost",), now=clock.now(), days=1)
        show(self._context, made.pem)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.seen: list[str] = []
        self.answer = b""
        self.as_database = False
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            with plain, suppress(OSError):
                if self.as_database and plain.recv(_SSL_REQUEST, socket.MSG_WAITALL):
                    plain.sendall(b"S")
                with self._context.wrap_socket(plain, server_side=True) as safe:
                    told = safe.getpeercert() or {}
                    self.seen += [value for ((name, value),) in told["subject"] if name == "commonName"]
                    safe.recv(1 << 16)
                    safe.sendall(self.answer)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Authority:
    """An authority that everybody here knows."""
    made = new_authority("everybody", now=clock.now(), days=1)
    (tmp_path / "everybody.pem").write_bytes(made.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "everybody.pem"))
    return made


@pytest.fixture
def server(authority: Authority) -> Iterator[_Server]:
    made = _Server(authority)
    yield made
    made.close()


def test_the_certificate_is_shown(server: _Server, authority: Authority, tmp_path: Path) -> None:
    shown = issue(authority, "tdpf", now=clock.now(), days=1).pem.decode()
    head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n"

    def file(pem: str) -> None:
        server.answer = head + b"content-length: 2\r\n\r\n[]"
        url = f"https://localhost:{server.port}/rows.json"
        fetch(url, into=tmp_path / "f", max_bytes=99, allow_private=True, context=client_context("", pem))

    def entities(pem: str) -> None:
        server.answer = head + b"content-length: 2\r\n\r\n[]"
        place = BrokerPlace(f"https://localhost:{server.port}", "v2", "Room", shown=pem)
        with asking(place, seconds=20, allow_private=True) as broker:
            broker.entities(Asked(), limit=1, offset=0)

    def messages(pem: str) -> None:
        server.answer = b""
        listen(BrokerAddress("localhost", server.port, "c", shown=pem), ["#"], seconds=20, allow_private=True)

    def rows(pem: str) -> None:
        server.as_database, server.answer = True, b""
        address = DatabaseAddress("postgresql", "localhost", server.port, "city", "reader", "", shown=pem)
        open_session(address, seconds=20, allow_private=True)

    asked: list[Callable[[str], None]] = [file, entities, messages, rows]
    for number, ask in enumerate(asked, start=1):
        with pytest.raises(Problem):
            ask("")
        with suppress(Problem):
            ask(shown)
        assert server.seen == ["tdpf"] * number, ask.__name__
    with pytest.raises(Problem, match="certificate"):
        messages("no certificate")
    with pytest.raises(Problem, match="certificate"):
        rows("no certificate")
