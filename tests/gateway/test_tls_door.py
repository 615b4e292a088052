"""The ways in: HTTP/2 without asking, TLS with HTTP/2 by ALPN and a certificate that is renewed, HTTP/3."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent
from certificates import Authority
from gateway_stand_ins import Gateway, free_port, key_entry, key_text, wait_until

from tdpf.dataplane.gateway.credentials import folder_for
from tdpf.dataplane.gateway.tls_door import ShownPair, TlsDoor, check_certificate, ending_note
from tdpf.wire.messages import Collection, GrantEntry
from tdpf.wire.start_problems import CertificateUnreadable

PATH = "/data/collections/halls/items"


def shown(port: int, authority: Path) -> str:
    """Return the end of the certificate that the door shows, and the protocol it chooses."""
    context = ssl.create_default_context(cafile=str(authority))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as found,
    ):
        return f"{found.getpeercert()['notAfter']} {found.selected_alpn_protocol()}"  # type: ignore[index]


def linked(links: tuple[Path, Path], pair: tuple[Path, Path]) -> None:
    """Let the links name another pair, as certbot does: by no rename, the one after the other."""
    for link, path in zip(links, pair, strict=True):
        link.unlink(missing_ok=True)
        link.symlink_to(path)


class Http3(QuicConnectionProtocol):
    """One question over HTTP/3."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._http = H3Connection(self._quic)
        self._over: asyncio.Future[dict[bytes, bytes]] = asyncio.get_running_loop().create_future()
        self._headers: dict[bytes, bytes] = {}

    async def ask(self, port: int, path: str, key: str) -> dict[bytes, bytes]:
        stream = self._quic.get_next_available_stream_id()
        headers = {":method": "GET", ":scheme": "https", ":authority": f"localhost:{port}", ":path": path}
        headers["authorization"] = f"Bearer {key_text(key)}"
        self._http.send_headers(stream, [(k.encode(), v.encode()) for k, v in headers.items()], end_stream=True)
        self.transmit()
        return await asyncio.wait_for(self._over, 10)

    def quic_event_received(self, event: QuicEvent) -> None:
        for found in self._http.handle_event(event):
            if isinstance(found, HeadersReceived):
                self._headers.update(found.headers)
            if isinstance(found, DataReceived):
                self._headers[b"body"] = self._headers.get(b"body", b"") + found.data
            if isinstance(found, HeadersReceived | DataReceived) and found.stream_ended and not self._over.done():
                self._over.set_result(self._headers)


async def over_http_3(port: int, authority: Path, key: str) -> dict[bytes, bytes]:
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], server_name="localhost")
    configuration.load_verify_locations(str(authority))
    async with connect("127.0.0.1", port, configuration=configuration, create_protocol=Http3) as client:
        assert isinstance(client, Http3)
        return await client.ask(port, PATH, key)


def test_the_doors(make_gateway: Callable[..., Gateway], tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    links = (tmp_path / "live.pem", tmp_path / "live.key")
    linked(links, authority.signed("localhost", days=3))
    door = TlsDoor(free_port(), *links, quic=True)
    gateway = make_gateway(tls=door)
    decisions = gateway.control.decisions
    decisions.collections = [Collection(1, "halls", access="conditional")]
    decisions.keys = [key_entry("app", 1001)]
    decisions.grants = [GrantEntry(1001, 1, 101, rate_plan="r100", day_limit=100)]
    gateway.control.publish()
    gateway.start()
    key = {"authorization": f"Bearer {key_text('app')}"}
    with httpx.Client(http1=False, http2=True, base_url=f"http://127.0.0.1:{gateway.port}") as plain:
        answers = [plain.get(PATH, headers=key) for _ in range(3)]
        assert [(answer.status_code, answer.http_version) for answer in answers] == [(200, "HTTP/2")] * 3
        assert plain.get(PATH).status_code == 401
        assert "alt-svc" not in answers[0].headers
    wait_until(lambda: "2" in shown(door.port, authority.path))
    first = shown(door.port, authority.path)
    assert first.endswith(" h2")
    trusted = ssl.create_default_context(cafile=str(authority.path))
    with httpx.Client(http2=True, base_url=f"https://localhost:{door.port}", verify=trusted) as safe:
        answer = safe.get(PATH, headers={**key, "x-forwarded-proto": "http"})
        assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
        assert answer.headers["alt-svc"] == f'h3=":{door.port}"; ma=86400'
        assert safe.get("/").json()["headers"]["x-forwarded-proto"] == "https"
    told = asyncio.run(over_http_3(door.port, authority.path, "app"))
    assert (told[b":status"], b"delivery" in told[b"body"]) == (b"200", True)
    assert int(told[b"x-ratelimit-remaining"]) <= 95
    # What is soon over is told to the operator; a certificate renewed as certbot does it acts without a new Envoy.
    wait_until(lambda: "ends on" in gateway.agent.notes.get("certificate", ""))
    starts = gateway.agent.envoy.starts
    linked(links, authority.signed("localhost", days=90, stem="renewed"))
    wait_until(lambda: shown(door.port, authority.path) != first, 5)
    assert gateway.agent.envoy.starts == starts


def test_a_certificate_that_is_not_there_is_told(tmp_path: Path) -> None:
    pair = Authority(tmp_path).signed("localhost", days=90)
    check_certificate(TlsDoor(1, *pair))
    assert ending_note(pair[0], time.time()) == ""
    assert ending_note(pair[0], time.time() + 91 * 86400).startswith("has ended on ")
    other = Authority(tmp_path).signed("other.example", days=90)
    for wrong in (
        (tmp_path / "none.pem", pair[1]), (pair[0], tmp_path / "none.key"), (pair[1], pair[1]), (pair[0], other[1]),
    ):  # fmt: skip
        with pytest.raises(CertificateUnreadable):
            check_certificate(TlsDoor(1, *wrong))


def test_a_pair_half_renewed_is_told_and_the_one_before_is_shown_until_it_fits(tmp_path: Path) -> None:
    """The copy is readable by this account only, and gone with the gateway."""
    authority = Authority(tmp_path)
    links = (tmp_path / "live.pem", tmp_path / "live.key")
    old, new = authority.signed("localhost", days=3), authority.signed("localhost", days=90, stem="renewed")
    linked(links, old)
    pair = ShownPair(TlsDoor(1, *links), tmp_path / "gateway")

    def said() -> list[str]:
        pair.look()
        (secret,) = json.loads((tmp_path / "gateway" / "xds" / "certificate.json").read_bytes())["resources"]
        copied = [Path(found["filename"]) for name, found in secret["tls_certificate"].items()]
        assert {path.stat().st_mode & 0o777 for path in copied} == {0o600}
        return [path.read_text() for path in copied]

    try:
        assert said() == [path.read_text() for path in old]
        assert pair.note(time.time()).startswith("ends on ")
        linked(links, (new[0], old[1]))
        assert said() == [path.read_text() for path in old]
        assert "do not fit each other; ends on " in pair.note(time.time())
        linked(links, new)
        assert said() == [path.read_text() for path in new]
        assert pair.note(time.time()) == ""
    finally:
        pair.remove()
    assert not folder_for(tmp_path / "gateway" / "tls").exists()
