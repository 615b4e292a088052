"""A real delivery process on a Unix socket, and a control plane that only hands out signed snapshots."""

from __future__ import annotations

import http.server
import json
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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import Home
from tdpf.tables.build import build_table
from tdpf.tables.types import Field, TableManifest
from tdpf.wire.codec import to_json
from tdpf.wire.connected import ConnectedTable
from tdpf.wire.messages import (
    Collection,
    PassThrough,
    PublishedFile,
    PublishedTable,
    ShardReference,
    SnapshotManifest,
    SnapshotSettings,
    encode_shards,
)
from tdpf.wire.sealing import new_sealing_key, seal
from tdpf.wire.signing import new_signing_key, sign_manifest
from tdpf.wire.sources import ApiCredential

PUBLIC_URL = "http://data.example"
Row = list[str | None]


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A delivery that was killed while it waited is no error here."""


@dataclass
class ControlPlane:
    """Publishes snapshots on `run/internal.sock` with a long-polled stamp, as the internal API does."""

    home: Home
    tables: list[PublishedTable] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)
    files: list[PublishedFile] = field(default_factory=list)
    passthroughs: list[PassThrough] = field(default_factory=list)
    connected: list[ConnectedTable] = field(default_factory=list)
    not_after_seconds: int = 3600
    stamp: int = 0

    def __post_init__(self) -> None:
        self._private, public = new_signing_key()
        (self.home.secrets / "snapshot.pub").write_text(public.hex())
        (self.home.secrets / "node.secret").write_text("a secret")
        self._changed = threading.Condition()
        self._waiting: list[int] = []
        self.answering = threading.Event()
        self.answering.set()
        self.asked = 0
        self._manifest = b""
        self._shards: dict[str, bytes] = {}
        self.health: list[dict[str, Any]] = []
        control = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                split = urlsplit(self.path)
                if self.headers["authorization"] != "Bearer a secret":
                    self._answer(401, b"{}")
                elif split.path == "/internal/v1/stamp":
                    asked = parse_qs(split.query)
                    self._answer(200, control.wait(int(asked["after"][0]), float(asked["wait"][0])))
                elif split.path == "/internal/v1/snapshot":
                    control.asked += 1
                    control.answering.wait(20)
                    self._answer(200, control._manifest)
                else:
                    shard = control._shards.get(split.path.rsplit("/", 1)[-1])
                    self._answer(200 if shard else 404, shard or b"{}")

            def do_POST(self) -> None:
                control.health.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self._answer(204, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self) -> str:
                return "local"

            def log_message(self, *_: object, **__: object) -> None:
                return

        self._server = _Server(str(self.home.run / "internal.sock"), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait(self, after: int, seconds: float) -> bytes:
        with self._changed:
            self._waiting.append(after)
            self._changed.wait_for(lambda: self.stamp != after, timeout=seconds)
            self._waiting.remove(after)
            return json.dumps({"stamp": self.stamp}).encode()

    def followed_by(self, stamp: int) -> int:
        """Return how many workers have the snapshot of that stamp and wait for the next."""
        with self._changed:
            return self._waiting.count(stamp)

    def publish(self) -> None:
        """Make a snapshot of what is offered now and announce it."""
        references = []
        for kind, entries in (
            ("tables", self.tables),
            ("collections", self.collections),
            ("files", self.files),
            ("passthroughs", self.passthroughs),
            ("connected", self.connected),
        ):
            for name, data in encode_shards(kind, entries).items():  # type: ignore[arg-type]  # the kinds above
                sha256 = sha256_hex(data)
                self._shards[sha256] = data
                references.append(ShardReference(kind, name, sha256, len(data)))  # type: ignore[arg-type]
        with self._changed:
            self.stamp += 1
            now = int(time.time())
            manifest = SnapshotManifest(
                stamp=self.stamp,
                created_at=now,
                not_after=now + self.not_after_seconds,
                shards=tuple(references),
                settings=SnapshotSettings(public_url=PUBLIC_URL),
            )
            self._manifest = to_json(sign_manifest(manifest, self._private))
            self._changed.notify_all()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Delivery:
    """A home with a control plane and a running `serve`; `client` talks to it as Envoy would."""

    def __init__(self, *, workers: int = 1, allow_private: bool = False, gateway: str = "") -> None:
        self.allow_private = allow_private
        self.gateway = gateway
        self.folder = Path(tempfile.mkdtemp(prefix="tdpf-d-"))
        self.home = Home(self.folder).prepare()
        self.control = ControlPlane(self.home)
        self.workers = workers
        self.process: subprocess.Popen[bytes] | None = None
        self.tcp_port: int | None = None
        self._numbers: dict[str, int] = {}

    def build(
        self, rows: Sequence[Sequence[str | None]], fields: Sequence[Field], key: Sequence[str] = (), label: str = ""
    ) -> TableManifest:
        """Build a table in this home."""
        identity = sha256_hex(repr((rows, fields, key, label)).encode())
        return build_table(rows, fields, out_root=self.home.tables, identity=identity, key_columns=key)

    def offer(self, slug: str, manifest: TableManifest, **facts: Any) -> PublishedTable:
        """Put a table into the next snapshot, replacing an earlier one of the same name."""
        name = facts.get("table", "main")
        known = self._numbers.setdefault(slug, len(self._numbers) + 1)
        sunset, deprecated_at = facts.pop("sunset", None), facts.pop("deprecated_at", None)
        aliases = facts.pop("aliases", ())
        given = {
            "dataset": known,
            "slug": slug,
            "table": name,
            "identity": manifest.identity,
            "version": 1,
            "title_ja": f"{slug}の表",
            "licence": "CC-BY-4.0",
            "provider_ja": "見本市",
            **facts,
        }
        table = PublishedTable(**given)
        self.control.tables = [t for t in self.control.tables if (t.slug, t.table) != (slug, name)] + [table]
        self.control.collections = [c for c in self.control.collections if c.slug != slug]
        self.control.collections.append(
            Collection(known, slug, aliases, table.access, sunset=sunset, deprecated_at=deprecated_at)
        )
        return table

    def connect(self, slug: str, credential: ApiCredential | None = None, **facts: Any) -> ConnectedTable:
        """Put a connected table into the next snapshot, its credential sealed, replacing an earlier one of the name."""
        known = self._numbers.setdefault(slug, len(self._numbers) + 1)
        key = self.home.secrets / "sources.key"
        if not key.exists():
            key.write_text(new_sealing_key().hex())
        sealed = ""
        if credential is not None:
            sealed = seal(bytes.fromhex(key.read_text()), to_json(credential), bound_to=f"source-{known}")
        given = {"dataset": known, "slug": slug, "table": "main", "source": f"source-{known}", "mark": f"a{known}",
                 "title_ja": f"{slug}の表", "provider_ja": "見本市", "credential": sealed, "open_columns": None, **facts}  # fmt: skip
        table = ConnectedTable(**given)
        self.control.connected = [one for one in self.control.connected if one.slug != slug] + [table]
        self.control.collections = [c for c in self.control.collections if c.slug != slug]
        self.control.collections.append(Collection(known, slug, (), table.access))
        return table

    def start(self, *, tcp: bool = False, publish: bool = True) -> None:
        """Publish what is offered and start the process; returns when it is ready."""
        if publish:
            self.control.publish()
        call = f"serve(Home(Path({str(self.folder)!r})), workers={self.workers})"
        if tcp:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.tcp_port = probe.getsockname()[1]
            call = call[:-1] + f", tcp=('127.0.0.1', {self.tcp_port}))"
        program = (
            "from pathlib import Path\nfrom tdpf.kit.home import Home\n"
            f"from tdpf.dataplane.delivery.serve import serve\nif __name__ == '__main__':\n    {call}\n"
        )
        script = self.folder / "run_delivery.py"
        script.write_text(program)
        self.log = (self.folder / "delivery.log").open("wb")
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        environment["TDPF_GATEWAY_URL"] = self.gateway
        environment["TDPF_ALLOW_PRIVATE_FETCH"] = "1" if self.allow_private else ""
        self.process = subprocess.Popen(
            [sys.executable, str(script)], env=environment, stdout=self.log, stderr=self.log, start_new_session=True
        )
        self.wait_ready()

    @property
    def client(self) -> httpx.Client:
        if self.tcp_port:
            return httpx.Client(base_url=f"http://127.0.0.1:{self.tcp_port}", timeout=30, trust_env=False, verify=False)
        transport = httpx.HTTPTransport(uds=str(self.home.run / "delivery.sock"), verify=False)
        return httpx.Client(transport=transport, base_url="http://delivery", timeout=30, verify=False, trust_env=False)

    def wait_ready(self, stamp: int | None = None) -> None:
        """Wait until every worker works by the newest snapshot."""
        wanted = self.control.stamp if stamp is None else stamp
        until = time.monotonic() + 60
        good = 0
        while time.monotonic() < until:
            try:
                with self.client as client:
                    answer = client.get("/readyz")
                good = good + 1 if answer.status_code == 200 and answer.json()["stamp"] >= wanted else 0
            except httpx.HTTPError:
                good = 0
            # One of several may not listen yet, and who asks then hears of the others only.
            if good >= 4 * self.workers - 3 and (self.workers == 1 or self.control.followed_by(wanted) == self.workers):
                return
            time.sleep(0.02)
        raise AssertionError("delivery did not get ready:\n" + (self.folder / "delivery.log").read_text())

    def publish(self) -> None:
        """Publish what is offered now and wait until it is in force."""
        self.control.publish()
        self.wait_ready()

    def stop(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def close(self) -> None:
        self.stop()
        self.control.close()
        shutil.rmtree(self.folder, ignore_errors=True)
