"""A stand for the data plane: a control plane that only hands out signed snapshots, a gateway and a delivery beside it."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import os
import signal
import socketserver
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson

from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import Home
from tdpf.processes.bench.processes import Server, free_port
from tdpf.processes.secrets import secret
from tdpf.wire.codec import to_json
from tdpf.wire.messages import (
    KeyEntry,
    ShardKind,
    ShardReference,
    SnapshotManifest,
    SnapshotSettings,
    encode_shards,
)
from tdpf.wire.signing import new_signing_key, sign_manifest

_DAY = 86_400


def made_key(number: int) -> str:
    """Return a key as the platform makes them, the same for the same number."""
    return "tdpf_" + hashlib.sha256(f"bench {number}".encode()).hexdigest()[:43]


def made_key_entry(number: int, application: int) -> KeyEntry:
    """Return the entry of such a key."""
    return KeyEntry(sha256_hex(made_key(number).encode()), application)


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A part that ended while it waited is no error here."""


class Snapshots:
    """The internal interface as far as the data plane needs it: stamps, snapshots, shards; reports are taken and dropped."""

    def __init__(self, home: Home) -> None:
        self._secret = secret(home, "node.secret")
        self._private, public = new_signing_key()
        (home.secrets / "snapshot.pub").write_text(public.hex())
        self._changed = threading.Condition()
        self._parts: dict[str, dict[str, bytes]] = {}
        self._shards: dict[str, bytes] = {}
        self._manifest = b"{}"
        self.stamp = 0
        self.reported: dict[str, Any] = {}
        path = home.run / "internal.sock"
        path.unlink(missing_ok=True)
        self._server = _UnixServer(str(path), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def publish(self, **entries: Sequence[Any]) -> float:
        """Put the entries of the named kinds into the next snapshot, announce it and return the moment (monotonic)."""
        for kind, listed in entries.items():
            self._parts[kind] = encode_shards(kind, listed)  # type: ignore[arg-type]  # the kinds of wire
        shards: dict[str, bytes] = {}
        references = []
        for kind, parts in self._parts.items():
            for name, data in parts.items():
                digest = sha256_hex(data)
                shards[digest] = data
                references.append(ShardReference(_kind(kind), name, digest, len(data)))
        now = int(time.time())
        manifest = SnapshotManifest(self.stamp + 1, now, now + _DAY, tuple(references), SnapshotSettings())
        signed = to_json(sign_manifest(manifest, self._private))
        with self._changed:
            self._shards, self._manifest = shards, signed
            self.stamp += 1
            self._changed.notify_all()
            return time.monotonic()

    def answer(self, path: str, query: str) -> bytes | None:
        """Return what a GET of the internal interface answers, None for nothing there."""
        if path == "/internal/v1/stamp":
            asked = parse_qs(query)
            with self._changed:
                self._changed.wait_for(lambda: self.stamp != int(asked["after"][0]), float(asked["wait"][0]))
                return orjson.dumps({"stamp": self.stamp})
        if path == "/internal/v1/snapshot":
            return self._manifest
        return self._shards.get(path.rsplit("/", 1)[-1])

    def take(self, path: str, query: str, body: bytes) -> bytes:
        """Take a report; usage is said to be committed."""
        part = path.split("/")[3]
        if part == "usage":
            return orjson.dumps({"offset": int(parse_qs(query)["offset"][0]) + len(body)})
        if part == "health":
            told = orjson.loads(body)
            self.reported[told["name"]] = told
        return b"{}"

    def close(self) -> None:
        """Go away."""
        self._server.shutdown()
        self._server.server_close()


def _kind(name: str) -> ShardKind:
    return name  # type: ignore[return-value]  # the kinds of wire


def _handler(snapshots: Snapshots) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            found = snapshots.answer(url.path, url.query)
            self._send(404 if found is None else 200, found or b"{}")

        def do_POST(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            self._send(200, snapshots.take(url.path, url.query, body))

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "local"

        def log_message(self, *_: object, **__: object) -> None:
            return

    return Handler


class GatewayStand:
    """`tdpf run gateway` on a port of its own, with a home of its own."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.port = free_port()
        environment = {"TDPF_HOME": str(home.root), "TDPF_PORT": str(self.port), "TDPF_ALLOW_PRIVATE_FETCH": "1"}
        command = [sys.executable, "-m", "tdpf.processes.cli", "run", "gateway"]
        self.server = Server(command, home.log / "gateway.log", environment)

    def wait_ready(self, stamp: int) -> None:
        """Return when it serves by this snapshot."""
        self.server.wait_for(lambda: self._stamp() >= stamp, 120)

    def _stamp(self) -> int:
        transport = httpx.HTTPTransport(uds=str(self.home.run / "gateway-1.sock"))
        try:
            with httpx.Client(transport=transport, base_url="http://gateway", timeout=5) as client:
                answer = client.get("/readyz")
        except httpx.HTTPError:
            return -1
        return int(answer.json().get("stamp", -1)) if answer.status_code == 200 else -1

    def envoy_pids(self) -> list[int]:
        """Return Envoy alone: the agent beside it works by the second, not by the request."""
        noted = orjson.loads((self.home.gateway / "gateway-1" / "envoy.pid").read_bytes())
        return [int(noted["pid"])]

    def close(self) -> None:
        """End agent and Envoy."""
        with contextlib.suppress(OSError):
            pids = self.envoy_pids()
            self.server.close(patience=20)
            for pid in pids:
                if (Path(f"/proc/{pid}/comm").read_text().strip()) == "envoy":
                    os.kill(pid, signal.SIGKILL)
        self.server.close()


class DeliveryStand:
    """`tdpf run delivery`, on its socket or on a port."""

    def __init__(self, home: Home, *, workers: int | None = None, port: int | None = None) -> None:
        self.home = home
        self.port = port
        program = home.run / "delivery.py"
        program.write_text(
            "from tdpf.dataplane.delivery.serve import serve\nfrom tdpf.kit.home import home\n"
            f"if __name__ == '__main__':\n    serve(home(), workers={workers!r},"
            f" tcp={('127.0.0.1', port) if port else None!r})\n"
        )
        environment = {"TDPF_HOME": str(home.root)}
        self.server = Server([sys.executable, str(program)], home.log / "delivery.log", environment)

    def wait_ready(self, stamp: int) -> None:
        """Return when every worker serves by this snapshot."""
        good = 0
        for _ in range(1200):
            good = good + 1 if self._stamp() >= stamp else 0
            if good >= 8:
                return
            time.sleep(0.05)
        raise RuntimeError(f"delivery did not get ready: {self.server.log.read_text(errors='replace')[-500:]}")

    def _stamp(self) -> int:
        transport = None if self.port else httpx.HTTPTransport(uds=str(self.home.run / "delivery.sock"))
        base = f"http://127.0.0.1:{self.port}" if self.port else "http://delivery"
        try:
            with httpx.Client(transport=transport, base_url=base, timeout=5, trust_env=False) as client:
                answer = client.get("/readyz")
        except httpx.HTTPError:
            return -1
        return int(answer.json().get("stamp", -1)) if answer.status_code == 200 else -1

    def close(self) -> None:
        """End it."""
        self.server.close()


def bench_folder(home: Home) -> Path:
    """Return the folder of the benchmarks in a home: made tables, peers, scratch."""
    folder = home.root / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def short_home(folder: Path) -> Home:
    """Return a fresh home in a folder whose path is short enough for sockets."""
    return Home(Path(os.path.realpath(folder))).prepare()
