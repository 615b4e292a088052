"""Who could not be reached is told why: a certificate, a name, a port."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tdpf.kit import clock
from tdpf.kit.certificates import client_context, issue, new_authority, show
from tdpf.kit.fetching import FetchFailed, fetch


def _greet(listening: socket.socket, context: ssl.SSLContext | None) -> None:
    with suppress(OSError), listening, listening.accept()[0] as plain:
        if context is None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            return
        with context.wrap_socket(plain, server_side=True):
            pass


def _why(url: str, into: Path, context: ssl.SSLContext | None = None) -> tuple[str, str]:
    with pytest.raises(FetchFailed) as told:
        fetch(url, into=into, max_bytes=99, allow_private=True, context=context)
    return told.value.data["why_ja"], told.value.data["why_en"]


@pytest.mark.parametrize(
    ("host", "age", "is_known", "ja", "en"),
    [
        ("localhost", 9, True, "証明書の期限が切れています", "its certificate has expired"),
        ("elsewhere.example", 0, True, "証明書が、このホスト名のものではありません", "its certificate is for another host name"),
        ("localhost", -9, True, "証明書がまだ有効になっていません", "its certificate is not valid yet"),
        ("localhost", 0, False, "証明書の発行者を確かめられません", "the issuer of its certificate cannot be checked"),
    ],
)  # fmt: skip
def test_a_certificate_is_named(host: str, age: int, is_known: bool, ja: str, en: str, tmp_path: Path) -> None:
    """Expired, not valid yet, for somebody else, of an authority nobody knows."""
    now = clock.now()
    authority = new_authority("everybody", now=now - timedelta(days=30), days=60)
    known = authority if is_known else new_authority("another", now=now, days=1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    show(context, issue(authority, host, hosts=(host,), now=now - timedelta(days=age), days=3).pem)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    threading.Thread(target=_greet, args=(listening, context), daemon=True).start()
    why_ja, why_en = _why(
        f"https://localhost:{port}/list.csv", tmp_path / "f", client_context(known.certificate.decode(), "")
    )
    assert why_ja.startswith(ja)
    assert why_en.startswith(en)


def test_a_closed_port_and_one_that_hangs_up_are_told_apart(tmp_path: Path) -> None:
    """Nobody listens; somebody listens and leaves; somebody speaks no TLS."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    greeting = threading.Thread(target=_greet, args=(listening, None), daemon=True)
    greeting.start()
    assert _why(f"http://127.0.0.1:{port}/", tmp_path / "f") == (
        "接続が途中で切られました",
        "the connection was cut by the other side",
    )
    greeting.join(10)
    assert _why(f"http://127.0.0.1:{port}/", tmp_path / "f") == ("接続が断られました", "the connection was refused")
