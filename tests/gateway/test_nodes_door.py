"""Nodes on another machine: let in by certificate alone, cut off when it is taken back, renewed without a restart."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from gateway_stand_ins import SECRET, Answer, Echo, Gateway, free_port, key_entry, wait_until

from tdpf.dataplane.control_door import (
    INTERNAL_NAME,
    PORTAL_NAME,
    ControlDoor,
    ControlHttp,
    ControlUnknown,
    door_of,
    node_of,
)
from tdpf.dataplane.gateway.agent import AgentOptions, GatewayAgent
from tdpf.dataplane.gateway.nodes_door import NodesKeeper
from tdpf.kit.certificates import Authority, issue, new_authority, show
from tdpf.kit.home import Home
from tdpf.processes.cli import main
from tdpf.processes.node_authority import authority_folder, authority_of, issue_for_node, revoke_node
from tdpf.processes.node_commands import MOST_DAYS
from tdpf.wire.messages import Collection, GrantEntry

PATH = "/data/collections/halls/items"
NOW = dt.datetime.now(dt.UTC)


@dataclass
class Door:
    """A control plane whose door stands open, and one node."""

    control: Gateway
    home: Home
    port: int
    keeper: NodesKeeper
    monkeypatch: pytest.MonkeyPatch
    clean: list[Callable[[], object]] = field(default_factory=list)

    def tdpf(self, *words: str, home: Home | None = None) -> int:
        self.monkeypatch.setenv("TDPF_HOME", str((home or self.control.home).root))
        return main(["node", *words])

    def give(self) -> None:
        """Make the node a certificate and take it in there."""
        given = self.home.root / "given.json"
        assert self.tdpf("add", "node-1", "--out", str(given)) == 0
        assert given.stat().st_mode & 0o077 == 0
        assert self.tdpf("join", str(given), home=self.home) == 0

    def way(self) -> ControlDoor:
        self.monkeypatch.setenv("TDPF_CONTROL", f"127.0.0.1:{self.port}")
        return door_of(self.home)

    def knock(self, pem: bytes | None, name: str = INTERNAL_NAME) -> str:
        """Ask the stamp showing a certificate, or none; return the status line, empty when not let in."""
        try:
            with closing(self.let_in(pem, name)) as found:
                path = "/internal/v1/stamp?after=-1&wait=0"
                said = f"Host: x\r\nX-TDPF-Node: node=gateway-1\r\nAuthorization: Bearer {SECRET}\r\n\r\n"
                found.sendall(f"GET {path} HTTP/1.1\r\n{said}".encode())
                return found.recv(4096).partition(b"\r\n")[0].decode()
        except (ssl.SSLError, ConnectionError):
            # Being slow is not being shut out: a timeout is raised.
            return ""

    def let_in(self, pem: bytes | None, name: str = INTERNAL_NAME) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(authority_folder(self.control.home) / "authority.pem"))
        if pem is not None:
            show(context, pem)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return context.wrap_socket(plain, server_hostname=name)


@pytest.fixture
def door(make_gateway: Callable[..., Gateway], monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    control = make_gateway()
    node, port = Home(Path(tempfile.mkdtemp(prefix="tdpf-node-"))).prepare(), free_port()
    keeper = NodesKeeper(
        control.home, authority_folder(control.home), port, lambda: (authority_of(control.home, now=NOW), None)[1]
    )
    made = Door(control, node, port, keeper, monkeypatch)
    running = threading.Thread(target=keeper.run)
    running.start()
    yield made
    for clear in made.clean:
        clear()
    keeper.stop()
    running.join()
    shutil.rmtree(node.root, ignore_errors=True)


def test_a_stranger_is_not_let_in(door: Door) -> None:
    authority = authority_of(door.control.home, now=NOW)
    good = issue(authority, "node-1", now=NOW, days=1).pem
    wait_until(lambda: door.knock(good) == "HTTP/1.1 200 OK")
    other = new_authority("TDPF nodes", now=NOW, days=1)
    ended = issue(authority, "node-1", now=NOW - dt.timedelta(days=9), days=8).pem
    door_itself = (authority_folder(door.control.home) / "door.pem").read_bytes()
    for pem in (None, issue(other, "node-1", now=NOW, days=1).pem, ended, door_itself):
        assert door.knock(pem) == "", pem
    # Whoever asks for neither of the two names meets nobody; the portal's name leads to the portal alone.
    assert door.knock(good, "localhost") == ""
    assert door.knock(good, PORTAL_NAME) == "HTTP/1.1 200 OK"
    # Who asks is known by the certificate, whatever it says of itself; nobody says it on the control plane's own socket.
    assert door.control.control.shown - {None} == {"node=node-1"}
    with closing(door.let_in(good)) as found:
        found.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert found.recv(4096).startswith(b"HTTP/1.1 404")


def test_a_gateway_elsewhere_is_taken_back_and_let_in_again(door: Door) -> None:
    with pytest.raises(ControlUnknown):
        door.way()
    door.give()
    # A machine that was never told of a control plane is no node.
    door.monkeypatch.delenv("TDPF_CONTROL")
    assert main(["run", "node"]) == 1
    delivery, port = Echo(door.home.run / "delivery.sock", "delivery"), free_port()
    agent = GatewayAgent(door.home, AgentOptions(name="g2", port=port, workers=1, control=door.way()))
    assert node_of(door.home) == "node-1"
    running = threading.Thread(target=agent.run, daemon=True)
    running.start()
    door.clean += [running.join, agent.stop, delivery.close]
    door.clean.reverse()

    def get(path: str, key: str | None = None) -> Answer:
        there = Gateway.get
        return there(_At(port), path, key=key)  # type: ignore[arg-type]

    decisions = door.control.control.decisions
    decisions.keys, decisions.grants = [key_entry("k", 1001)], [GrantEntry(1001, 1, 1, 1)]
    decisions.collections = [Collection(1, "halls")]
    door.control.control.publish()
    wait_until(lambda: _status(get, PATH, "k") == 200, 40)
    wait_until(lambda: _status(get, "/") == 200)
    assert get("/").json()["upstream"] == "portal"
    # An end is known there at once, and use comes back.
    decisions.grants = []
    door.control.control.publish()
    wait_until(lambda: _status(get, PATH, "k") == 403)
    wait_until(lambda: door.control.control.usage() and door.control.control.health)

    pem = agent._door.pair.read_bytes()
    with closing(door.let_in(pem)) as open_one:
        assert door.tdpf("revoke", "node-1") == 0
        wait_until(lambda: door.knock(pem) == "")
        # A connection that was let in before ends too, and so does the way to the portal.
        with suppress(ssl.SSLError, ConnectionError):
            assert open_one.recv(1) == b""
    wait_until(lambda: _status(get, "/") == 503)
    http = ControlHttp(door.way(), SECRET)
    with pytest.raises(httpx.HTTPError):
        http.request("GET", "/internal/v1/snapshot")
    started = agent.envoy.starts, agent.envoy.pid
    door.give()
    assert http.request("GET", "/internal/v1/snapshot").status_code == 200
    http.close()
    wait_until(lambda: _status(get, "/") == 200)
    decisions.grants = [GrantEntry(1001, 1, 1, 1)]
    door.control.control.publish()
    wait_until(lambda: _status(get, PATH, "k") == 200)
    assert (agent.envoy.starts, agent.envoy.pid) == started


@dataclass
class _At:
    port: int


def _status(get: Callable[..., Answer], path: str, key: str | None = None) -> int:
    try:
        return get(path, key).status
    except OSError:
        return 0


def test_what_is_no_certificate_is_not_taken_in(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = door.home.root / "given.json"
    nothing.write_text('{"form": "tdpf-node/1", "name": "x"}')
    assert door.tdpf("join", str(nothing), home=door.home) == 1
    assert door.tdpf("add", "Not a name", "--out", str(nothing)) == 2
    assert door.tdpf("revoke", "nobody") == 1
    door.give()
    assert door.tdpf("list") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("node-1\t")
    assert isinstance(authority_of(door.control.home, now=NOW), Authority)


def test_what_is_missing_or_broken_beside_the_authority_is_made_anew(tmp_path: Path) -> None:
    home = Home(tmp_path).prepare()
    authority, folder = authority_of(home, now=NOW), authority_folder(home)
    given = issue_for_node(home, "node-1", now=NOW, days=MOST_DAYS + 100)
    assert given.ends_at <= x509.load_pem_x509_certificate(authority.certificate).not_valid_after_utc
    revoke_node(home, "node-1", now=NOW)
    revoked = (folder / "taken-back.pem").read_bytes()
    (folder / "taken-back.pem").unlink()
    (folder / "door.pem").write_bytes(b"")
    assert authority_of(home, now=NOW) == authority
    assert b"CERTIFICATE" in (folder / "door.pem").read_bytes()
    # Whoever was taken back stays out.
    listed = [x509.load_pem_x509_crl(pem) for pem in (revoked, (folder / "taken-back.pem").read_bytes())]
    assert [[one.serial_number for one in each] for each in listed] == [[int(given.serial, 16)]] * 2
