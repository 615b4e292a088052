"""Stand-ins around a real Envoy: a control plane on a Unix socket, upstreams that echo, and a gateway run by its agent."""

from __future__ import annotations

import hashlib
import http.client
import http.server
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import orjson

from tdpf.dataplane.gateway.agent import AgentOptions, GatewayAgent
from tdpf.kit.home import Home
from tdpf.wire.codec import list_from_json, to_json
from tdpf.wire.messages import (
    Collection,
    CounterReading,
    GrantEntry,
    KeyEntry,
    PassThrough,
    ShardReference,
    SnapshotManifest,
    SnapshotSettings,
    encode_shards,
)
from tdpf.wire.signing import new_signing_key, sign_manifest
from tdpf.wire.sources import ApiSource, StreamSource
from tdpf.wire.usage_log import parse_lines

SECRET = "node-secret"


def key_text(name: str) -> str:
    """Return a key as the platform makes them, the same for the same name."""
    return "tdpf_" + hashlib.sha256(name.encode()).hexdigest()[:43]


def key_entry(name: str, application: int, expires_at: int = 0) -> KeyEntry:
    return KeyEntry(hashlib.sha256(key_text(name).encode()).hexdigest(), application, expires_at)


def wait_until(condition: Callable[[], Any], seconds: float = 60.0, every: float = 0.02) -> Any:
    """Return the condition's value as soon as it is true; fail after the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(every)
    raise AssertionError("did not become true in time")


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 256


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self) -> str:
        return "local"

    def log_message(self, *_: object, **__: object) -> None:
        return

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Echo:
    """An upstream that answers with what reached it."""

    def __init__(self, path: Path, name: str) -> None:
        self.slow = threading.Event()
        self.closed = False

        class Handler(_Handler):
            def do_GET(inner) -> None:  # noqa: N805
                if self.closed:
                    inner.close_connection = True
                    return
                if "slow" in inner.path:
                    self.slow.set()
                    time.sleep(1.5)
                if "sized" in (asked := dict(parse_qsl(urlsplit(inner.path).query))):
                    inner.rfile.read(int(inner.headers.get("content-length", "0")))
                    words = "".join(f"row {number}\n" for number in range(int(asked["sized"])))
                    told = {name: asked[name] for name in ("content-type", "etag", "cache-control") if name in asked}
                    inner.answer(int(asked.get("status", 200)), words.encode(), told)
                    return
                if "bytes" in inner.path:
                    inner.answer(200, b"x" * 1000)
                    return
                seen = {
                    "upstream": name,
                    "path": inner.path,
                    "headers": {k.lower(): v for k, v in inner.headers.items()},
                }
                inner.answer(200, orjson.dumps(seen), {"set-cookie": "a=b", "content-type": "application/json"})

            do_HEAD = do_POST = do_GET  # noqa: N815

        path.unlink(missing_ok=True)
        self.server = _UnixServer(str(path), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Go away, for connections that are open too."""
        self.closed = True
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Decisions:
    """What the control plane has decided; the stand-in compiles it to a signed snapshot."""

    keys: list[KeyEntry] = field(default_factory=list)
    grants: list[GrantEntry] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)
    passthroughs: list[PassThrough] = field(default_factory=list)
    apis: list[ApiSource] = field(default_factory=list)
    streams: list[StreamSource] = field(default_factory=list)
    settings: SnapshotSettings = field(default_factory=SnapshotSettings)
    lifetime: int = 3600


class ControlPlane:
    """The internal interface: stamps, snapshots, shards; takes usage, counters and health."""

    def __init__(self, home: Home) -> None:
        self.private, public = new_signing_key()
        (home.secrets / "node.secret").write_text(SECRET)
        (home.secrets / "snapshot.pub").write_text(public.hex())
        self.path = home.run / "internal.sock"
        self.decisions = Decisions()
        self.stamp = 0
        self.acting: dict[str, int] = {}
        self.created_at = int(time.time())
        self.changed = threading.Condition()
        self.shards: dict[str, bytes] = {}
        self.manifest = b""
        self.segments: dict[str, bytearray] = {}
        self.counters: dict[tuple[int, int, int, int], int] = {}
        self.health: list[Any] = []
        self.shown: set[str | None] = set()
        self.refuse_usage = False
        self.spoil: Callable[[bytes], bytes] = lambda data: data
        self.server: _UnixServer | None = None
        self.publish()
        self.up()

    def publish(self) -> int:
        """Compile the decisions into the next snapshot, as the deciding transaction does."""
        decisions = self.decisions
        shards: dict[str, bytes] = {}
        references = []
        entries: Iterable[tuple[Any, list[Any]]] = (
            ("keys", decisions.keys),
            ("grants", decisions.grants),
            ("collections", decisions.collections),
            ("passthroughs", decisions.passthroughs),
            ("apis", decisions.apis),
            ("streams", decisions.streams),
        )
        for kind, listed in entries:
            for name, data in encode_shards(kind, listed).items():
                sha256 = hashlib.sha256(data).hexdigest()
                shards[sha256] = data
                references.append(ShardReference(kind, name, sha256, len(data)))
        with self.changed:
            self.stamp += 1
            self.shards = shards
            self.created_at = max(self.created_at, int(time.time()))
            manifest = SnapshotManifest(
                self.stamp,
                self.created_at,
                int(time.time()) + decisions.lifetime,
                tuple(references),
                decisions.settings,
            )
            self.manifest = to_json(sign_manifest(manifest, self.private))
            self.changed.notify_all()
        return self.stamp

    def up(self) -> None:
        control = self

        class Handler(_Handler):
            def do_GET(self) -> None:
                control.shown.add(self.headers.get("x-tdpf-node"))
                if self.headers.get("authorization") != f"Bearer {SECRET}":
                    self.answer(401, b"{}")
                    return
                url = urlsplit(self.path)
                if url.path == "/internal/v1/stamp":
                    query = parse_qs(url.query)
                    after = int(query["after"][0])
                    control.acting[query.get("gateway", [""])[0]] = after
                    with control.changed:
                        control.changed.wait_for(
                            lambda: control.stamp != after or control.server is None, min(5, float(query["wait"][0]))
                        )
                    self.answer(200, orjson.dumps({"stamp": control.stamp}))
                elif url.path == "/internal/v1/snapshot":
                    self.answer(200, control.spoil(control.manifest))
                elif url.path.startswith("/internal/v1/shards/"):
                    data = control.shards.get(url.path.rsplit("/", 1)[1])
                    self.answer(404 if data is None else 200, control.spoil(data or b"{}"))
                else:
                    self.answer(404, b"{}")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                url = urlsplit(self.path)
                parts = url.path.split("/")
                if parts[3] == "usage":
                    if control.refuse_usage:
                        self.answer(503, b"{}")
                        return
                    segment = control.segments.setdefault(f"{parts[4]}/{parts[5]}", bytearray())
                    offset = int(parse_qs(url.query)["offset"][0])
                    if offset <= len(segment) < offset + len(body):
                        segment += body[len(segment) - offset :]
                    self.answer(200, orjson.dumps({"offset": len(segment)}))
                    return
                if parts[3] == "counters":
                    for reading in list_from_json(CounterReading, body):
                        name = (reading.agreement, reading.application, reading.dataset, reading.day)
                        control.counters[name] = max(control.counters.get(name, 0), reading.used)
                elif parts[3] == "health":
                    control.health.append(orjson.loads(body))
                self.answer(200, b"{}")

        self.path.unlink(missing_ok=True)
        self.server = _UnixServer(str(self.path), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def down(self) -> None:
        server, self.server = self.server, None
        assert server is not None
        with self.changed:
            self.changed.notify_all()
        server.shutdown()
        server.server_close()
        self.path.unlink(missing_ok=True)

    def usage(self) -> list[Any]:
        """Return every usage line received, in order of arrival by segment."""
        return [line for data in self.segments.values() for line in parse_lines(bytes(data))]


def free_port() -> int:
    with socket.socket(socket.AF_INET6 if socket.has_ipv6 else socket.AF_INET) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


class Gateway:
    """A whole gateway in a home of its own: stand-ins, the agent in a thread, a real Envoy."""

    def __init__(self, *, workers: int = 2, **options: Any) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="tdpf-gw-"))
        self.home = Home(self.root).prepare()
        self.control = ControlPlane(self.home)
        self.upstreams = {name: Echo(self.home.run / f"{name}.sock", name) for name in ("portal", "delivery")}
        self.port = free_port()
        self.options = AgentOptions(name="g1", port=self.port, workers=workers, **options)
        self.agent = GatewayAgent(self.home, self.options)
        self.thread: threading.Thread | None = None
        self.failure: BaseException | None = None
        self.delivery: subprocess.Popen[bytes] | None = None

    def start_delivery(self, workers: int = 2) -> None:
        """Put a real delivery in the place of the stand-in, or of the one before, which is killed."""
        if "delivery" in self.upstreams:
            self.upstreams.pop("delivery").close()
        self.kill_delivery()
        script = self.root / "run_delivery.py"
        script.write_text(
            "from pathlib import Path\nfrom tdpf.kit.home import Home\nfrom tdpf.dataplane.delivery.serve import serve\n"
            f"if __name__ == '__main__':\n    serve(Home(Path({str(self.root)!r})), workers={workers})\n"
        )
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        with (self.root / "delivery.log").open("ab") as log:
            self.delivery = subprocess.Popen(
                [sys.executable, str(script)], env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill_delivery(self) -> None:
        """Kill every process of the delivery."""
        if self.delivery is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.delivery.pid, signal.SIGKILL)
            self.delivery.wait()

    def start(self) -> Gateway:
        def work() -> None:
            try:
                self.agent.run()
            except BaseException as fault:
                self.failure = fault
                raise

        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()
        self.wait_serving()
        return self

    def wait_serving(self) -> None:
        def serving() -> bool:
            if self.failure is not None:
                raise AssertionError(f"the agent failed: {self.failure!r}")
            try:
                return self.get("/data").status == 200
            except OSError:
                return False

        wait_until(serving, 40)

    def stop(self) -> None:
        self.agent.stop()
        if self.thread is not None:
            self.thread.join(timeout=20)

    def close(self) -> None:
        """Clear away; Envoy is killed, since how it stops gently has a test of its own."""
        self.agent.stop()
        self.agent.envoy.adopt()
        pid = self.agent.envoy.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        self.stop()
        if self.control.server is not None:
            self.control.down()
        for upstream in self.upstreams.values():
            upstream.close()
        self.kill_delivery()
        shutil.rmtree(self.root, ignore_errors=True)

    def decide(self, change: Callable[[Decisions], None]) -> None:
        """Make a decision and wait until the gateway works by it."""
        change(self.control.decisions)
        stamp = self.control.publish()
        wait_until(lambda: self.agent.snapshot is not None and self.agent.snapshot.stamp >= stamp, 40)

    def get(
        self,
        path: str,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        host: str = "127.0.0.1",
        body: bytes | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection(host, self.port, timeout=10)
        sent = dict(headers or {})
        if key is not None:
            sent["authorization"] = f"Bearer {key_text(key)}"
        try:
            connection.request(method, path, headers=sent, body=body)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()
