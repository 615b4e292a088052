"""Envoy's process: start, adopt, watch, rotate its log, stop by drain. It serves on when the agent is killed."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson

from tdpf.dataplane.gateway.admission_module import check_module
from tdpf.dataplane.gateway.envoy_config import GatewaySettings, bootstrap
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.kit.writing import write_whole
from tdpf.wire.start_problems import EnvoyMissing, HomeTooLong, PortTaken

DRAIN_SECONDS = 1
_LONGEST_SOCKET_PATH = 107
_LONGEST_UPDATE = 5.0


def envoy_binary() -> Path:
    """Return the Envoy program: beside this Python, else on the PATH; raises EnvoyMissing."""
    beside = Path(sys.executable).with_name("envoy")
    if beside.exists():
        return beside
    found = shutil.which("envoy")
    if found is None:
        raise EnvoyMissing
    return Path(found)


def has_ipv6() -> bool:
    """Return whether a listener on [::] can be opened here."""
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def check_port_is_free(port: int, *, ipv6: bool) -> None:
    """Raise PortTaken when something else listens there; Envoy itself would share the port silently."""
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("::" if ipv6 else "0.0.0.0", port))  # noqa: S104 - the same address Envoy will open
        except OSError:
            raise PortTaken(port=port) from None


@dataclass(frozen=True)
class _Running:
    pid: int
    started: int


def _started_at(pid: int) -> int | None:
    """Return the start time of a process in clock ticks, None when it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    rest = text.rsplit(")", 1)[1].split()
    return None if rest[0] in "ZX" else int(rest[19])


class EnvoyProcess:
    """One Envoy of one gateway folder."""

    def __init__(self, settings: GatewaySettings, *, workers: int) -> None:
        for path in (
            settings.admin_socket,
            settings.streams_socket,
            *settings.portal_sockets,
            settings.delivery_socket,
        ):
            if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
                raise HomeTooLong(path=str(path))
        check_module()
        self._settings = settings
        self._workers = workers
        self._pid_file = settings.folder / "envoy.pid"
        self._running: _Running | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """Process id of the Envoy in charge, if it is alive."""
        return self._running.pid if self._running and self.alive() else None

    def _fingerprint(self) -> str:
        settings = bootstrap(self._settings)
        return sha256_hex(canonical_json([settings, self._settings.port, self._workers, str(envoy_binary())]))

    def adopt(self) -> bool:
        """Take over an Envoy that an earlier agent of this home left running with the same settings; else stop it."""
        try:
            noted = orjson.loads(self._pid_file.read_bytes())
            running = _Running(int(noted["pid"]), int(noted["started"]))
            fingerprint = noted["fingerprint"]
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return False
        if _started_at(running.pid) != running.started:
            return False
        self._running = running
        if fingerprint == self._fingerprint() and self.answers():
            return True
        self.stop()
        return False

    def start(self) -> None:
        """Start a new Envoy; the xDS files must be in place. Raises PortTaken or EnvoyMissing."""
        settings = self._settings
        for port in (settings.port, *([settings.tls.port] if settings.tls else [])):
            check_port_is_free(port, ipv6=settings.ipv6)
        settings.admin_socket.unlink(missing_ok=True)
        config = settings.folder / "bootstrap.json"
        write_whole(config, orjson.dumps(bootstrap(settings), option=orjson.OPT_INDENT_2))
        command = [
            *(str(envoy_binary()), "-c", str(config), "--disable-hot-restart"),
            *("--concurrency", str(self._workers)),
            # A tenth of a second is what a crash may lose; sooner, at every few lines, it would cost a waking thread.
            *("--file-flush-interval-msec", "100", "--file-flush-min-size-kb", "64"),
            *("--drain-time-s", str(DRAIN_SECONDS), "--drain-strategy", "immediate"),
            *("--log-level", "warning", "--log-path", str(settings.folder / "envoy.log")),
        ]
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started = _started_at(self._child.pid)
        self._running = _Running(self._child.pid, started or 0)
        self.starts += 1
        note = {"pid": self._child.pid, "started": started, "fingerprint": self._fingerprint()}
        write_whole(self._pid_file, orjson.dumps(note))

    def alive(self) -> bool:
        """Return whether the Envoy in charge still runs."""
        if self._child is not None and self._child.poll() is not None:
            return False
        return self._running is not None and _started_at(self._running.pid) == self._running.started

    def _admin_client(self, timeout: float) -> httpx.Client:
        # No TLS on a Unix socket: reading all authorities for it takes tens of milliseconds.
        transport = httpx.HTTPTransport(uds=str(self._settings.admin_socket), verify=False)
        return httpx.Client(transport=transport, base_url="http://envoy", timeout=timeout)

    def admin(self, method: str, path: str, timeout: float = 2.0) -> httpx.Response | None:
        """Ask Envoy's admin socket; None when it does not answer."""
        try:
            with self._admin_client(timeout) as client:
                return client.request(method, path)
        except httpx.HTTPError:
            return None

    def read_admin(self, path: str, take: Callable[[bytes], None], timeout: float = 10.0) -> bool:
        """Give a long answer of Envoy's admin socket away piece by piece; return whether it came whole."""
        try:
            with self._admin_client(timeout) as client, client.stream("GET", path) as answer:
                for piece in answer.iter_raw():
                    take(piece)
                return answer.status_code == 200
        except httpx.HTTPError:
            return False

    def answers(self) -> bool:
        """Return whether Envoy has its configuration and serves."""
        answer = self.admin("GET", "/ready")
        return answer is not None and answer.status_code == 200

    def reopen_logs(self) -> bool:
        """Make Envoy open its log files by name again, after a rename."""
        answer = self.admin("POST", "/reopen_logs")
        return answer is not None and answer.status_code == 200

    def rejected_updates(self) -> int:
        """Return how many configuration updates Envoy refused."""
        answer = self.admin("GET", "/stats?filter=update_rejected&format=json")
        if answer is None or answer.status_code != 200:
            return 0
        return sum(int(stat.get("value", 0)) for stat in answer.json().get("stats", []))

    def _cluster_updates(self) -> int | None:
        answer = self.admin("GET", "/stats?filter=cluster_manager.cds.update_(success|rejected)&format=json")
        if answer is None or answer.status_code != 200:
            return None
        return sum(int(stat.get("value", 0)) for stat in answer.json().get("stats", []))

    def take_clusters(self, write: Callable[[], bool]) -> None:
        """Write the clusters; when they changed and Envoy runs, return when it has taken or refused them, or after a while."""
        before = self._cluster_updates() if self.alive() else None
        if not write() or before is None:
            return
        end = time.monotonic() + _LONGEST_UPDATE
        while time.monotonic() < end and self.alive() and self._cluster_updates() == before:
            time.sleep(0.005)

    def _active_requests(self) -> int:
        answer = self.admin("GET", "/stats?filter=downstream_rq_active")
        if answer is None:
            return 0
        return sum(int(line.rsplit(" ", 1)[1]) for line in answer.text.splitlines() if ": " in line)

    def stop(self, *, grace: float = 8.0) -> None:
        """Stop gently: no new connections, running requests end (at most ``grace`` seconds), log flushed."""
        running = self._running
        if running is None or not self.alive():
            self._forget()
            return
        self.admin("POST", "/drain_listeners?graceful")
        deadline = time.monotonic() + grace
        earliest = time.monotonic() + min(DRAIN_SECONDS, grace)
        while time.monotonic() < deadline and self.alive():
            if time.monotonic() >= earliest and self._active_requests() == 0:
                break
            time.sleep(0.05)
        for sign, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, sign)
            end = time.monotonic() + seconds
            while time.monotonic() < end and self.alive():
                time.sleep(0.02)
            if not self.alive():
                break
        self._forget()

    def _forget(self) -> None:
        if self._child is not None and self._child.poll() is None and not self.alive():
            self._child.wait(timeout=2)
        self._child = None
        self._running = None
        self._pid_file.unlink(missing_ok=True)
