"""The gateway's agent: turns snapshots into the grant table and Envoy's configuration, keeps Envoy running, reports use."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import certifi

from tdpf.dataplane.control_door import ControlDoor
from tdpf.dataplane.gateway.addresses import VettedAddresses
from tdpf.dataplane.gateway.apis import api_upstreams
from tdpf.dataplane.gateway.authorities import put_bare
from tdpf.dataplane.gateway.configuration import Configuration
from tdpf.dataplane.gateway.control import ControlPlane
from tdpf.dataplane.gateway.credentials import KEY_FILE, CredentialFiles, folder_for
from tdpf.dataplane.gateway.envoy_config import GatewaySettings
from tdpf.dataplane.gateway.envoy_process import EnvoyProcess, has_ipv6
from tdpf.dataplane.gateway.health_server import HealthServer
from tdpf.dataplane.gateway.leases import LeaseKeeper
from tdpf.dataplane.gateway.nodes_tls import ShownNode
from tdpf.dataplane.gateway.open_streams import OpenStream, OpenStreams, not_in_force
from tdpf.dataplane.gateway.rate_buckets import prepare_rate_buckets
from tdpf.dataplane.gateway.reached import hosts, reached
from tdpf.dataplane.gateway.reporter import Reporter
from tdpf.dataplane.gateway.spool import Spool
from tdpf.dataplane.gateway.table_keeper import TableKeeper
from tdpf.dataplane.gateway.tls_door import ShownPair, TlsDoor, check_certificate
from tdpf.dataplane.gateway.upstreams import upstreams_for
from tdpf.dataplane.gateway.use_ledger import UseLedger
from tdpf.dataplane.snapshots import Snapshot, SnapshotClient, SnapshotUnavailable, read_secret
from tdpf.kit.errors import Problem
from tdpf.kit.home import Home
from tdpf.kit.writing import forget_unfinished
from tdpf.wire.messages import ShardKind

_log = logging.getLogger(__name__)

TICK_SECONDS = 0.2
RESOLVE_SECONDS = 60.0
RESTART_SECONDS = 1.0
LARGEST_LOG_BYTES = 64 << 20
STAMP_WAIT_SECONDS = 20.0
SETTLE_SECONDS = 0.2
UNSETTLED_SECONDS = 5.0
_GATEWAY_KINDS: tuple[ShardKind, ...] = ("keys", "grants", "collections", "passthroughs", "apis")


@dataclass(frozen=True)
class AgentOptions:
    """How one gateway runs. ``workers`` None = half of the processors, at least one."""

    name: str = "gateway-1"
    port: int = 8080
    control: ControlDoor | None = None
    workers: int | None = None
    trusted_hops: int = 0
    allow_private_sources: bool = False
    source_authorities: Path | None = None
    tls: TlsDoor | None = None
    portal_processes: int = 1
    clock: Callable[[], float] = time.time


def settings_for(home: Home, options: AgentOptions) -> GatewaySettings:
    """Return where this gateway of this home keeps its files and sockets."""
    folder = home.gateway / options.name
    return GatewaySettings(
        name=options.name,
        port=options.port,
        ipv6=has_ipv6(),
        folder=folder,
        table=folder / "grants.table",
        rates=folder / "rates.table",
        connected=folder / "connected.list",
        connected_mark=folder / "connected.mark",
        spool_file=folder / "spool" / "current.tsv",
        ordinary_log=home.log / f"{options.name}.access.log",
        portal_sockets=home.portal_sockets(options.portal_processes),
        delivery_socket=home.run / "delivery.sock",
        admin_socket=home.run / f"{options.name}.envoy.sock",
        trusted_hops=options.trusted_hops,
        # The same as the control plane believes when it reads from providers.
        source_authorities=options.source_authorities or Path(certifi.where()),
        tls=options.tls,
        control=options.control,
    )


def keep_small(log: Path, largest: int = LARGEST_LOG_BYTES) -> bool:
    """Put a log aside as ``….1`` when it has grown too large; return whether it must be opened anew."""
    try:
        if log.stat().st_size < largest:
            return False
    except FileNotFoundError:
        return False
    log.replace(log.with_name(log.name + ".1"))
    return True


class GatewayAgent:
    """One gateway. ``run`` blocks until ``stop`` is called."""

    def __init__(self, home: Home, options: AgentOptions) -> None:
        self._home = home.prepare()
        self._options = options
        self.settings = settings_for(home, options)
        for folder in (self.settings.folder, self.settings.folder / "xds", self.settings.spool_file.parent):
            folder.mkdir(parents=True, exist_ok=True)
        bare = put_bare(self.settings.folder, self.settings.source_authorities)
        self.settings = replace(self.settings, source_authorities=bare)
        self._door = options.control or ControlDoor(home.run / "internal.sock")
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self.ledger = UseLedger(self.settings.folder / "use.json")
        self.keeper = TableKeeper(self.settings.table, self.ledger, options.clock, options.name)
        self.spool = Spool(self.settings.spool_file.parent)
        self.envoy = EnvoyProcess(self.settings, workers=options.workers or max(1, (os.cpu_count() or 2) // 2))
        self._addresses = VettedAddresses(
            allow_private=options.allow_private_sources, kept=self.settings.folder / "addresses.json"
        )
        self._configuration = Configuration(self.settings, self.envoy)
        self._credentials = CredentialFiles(folder_for(self.settings.folder), home.secrets / KEY_FILE)
        self._pair = ShownPair(options.tls, self.settings.folder) if options.tls is not None else None
        self._node = ShownNode(self._door, self.settings.folder) if self._door.host else None
        self.streams = OpenStreams(self.settings.streams_socket, self._to_end)
        self._snapshot: Snapshot | None = None
        self._client: SnapshotClient | None = None
        self._resolving = threading.Event()
        self._envoy_started = 0.0
        self._failure: Exception | None = None
        self._reporter: Reporter | None = None
        self._leases: LeaseKeeper | None = None
        self.notes: dict[str, str] = {}
        self.started_at = int(options.clock())

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot in force."""
        return self._snapshot

    def run(self) -> None:
        """Serve until stopped: last good snapshot first, then Envoy, then whatever the control plane decides."""
        forget_unfinished(self.settings.folder)
        self._load_last_good()
        prepare_rate_buckets(self.settings.rates)
        self._write_configuration()
        self.streams.start()
        self._take_charge_of_envoy()
        health = HealthServer(self._home.run / f"{self._options.name}.sock", self.report)
        threads = [
            threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
            for name, work in (
                ("snapshots", self._follow_forever),
                ("resolving", self._resolve_forever),
                ("leases", self._lease_forever),
                ("reporting", self._report_forever),
            )
        ]
        for thread in threads:
            thread.start()
        try:
            while not self._stopping.wait(TICK_SECONDS):
                self._tick()
        except Exception as fault:
            # Whatever broke here, Envoy must serve on; the next agent adopts it.
            self._failure = fault
            raise
        finally:
            self.stop()
            if self._failure is None:
                self.envoy.stop()
                self._credentials.remove()
                if self._pair is not None:
                    self._pair.remove()
                if self._node is not None:
                    self._node.remove()
                threads[-2].join(timeout=15)
                if self._leases is not None and not threads[-2].is_alive():
                    self._leases.finish()
                threads[-1].join(timeout=15)
                if self._reporter is not None and not threads[-1].is_alive():
                    self._reporter.finish()
            with self._lock:
                if self.keeper.table is not None:
                    self.keeper.table.flush()
                self.ledger.save()
            self.streams.close()
            health.close()
        if self._failure is not None:
            raise self._failure

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as fault:  # noqa: BLE001 - run() raises it again; Envoy serves on and is adopted by the next agent
            _log.exception("the gateway's agent failed")
            self._failure = fault
            self.stop()

    def stop(self) -> None:
        """Ask ``run`` to end: Envoy drains, the last usage is shipped if the control plane is there."""
        self._stopping.set()
        self._resolving.set()

    def report(self) -> tuple[bool, dict[str, object]]:
        """Return whether the gateway serves data, and facts about it."""
        manifest = self._snapshot.manifest if self._snapshot else None
        open_now = manifest is not None and self._options.clock() < manifest.not_after
        alive = self.envoy.alive()
        facts: dict[str, object] = {
            "envoy_alive": alive,
            "envoy_pid": self.envoy.pid or 0,
            "envoy_starts": self.envoy.starts,
            "stamp": manifest.stamp if manifest else 0,
            "not_after": manifest.not_after if manifest else 0,
            "table_rebuilt": self.keeper.rebuilt,
            "spool_bytes": self.spool.waiting_bytes,
            "open_streams": len(self.streams),
        }
        return alive and open_now, facts

    def _tick(self) -> None:
        if not self.envoy.alive() and time.monotonic() - self._envoy_started >= RESTART_SECONDS:
            _log.warning("Envoy is gone; starting it again")
            try:
                self._start_envoy()
            except (OSError, Problem) as fault:
                self._note("envoy", f"could not be started: {fault}")
        with self._lock:
            self.keeper.prepare_next_day()
            self.keeper.share()
        if self._pair is not None:
            self._pair.look()
        if self._node is not None and self._node.has_changed():
            self._resolving.set()
        if self.spool.due():
            self.spool.rotate()
        if keep_small(self.settings.ordinary_log) or keep_small(self.settings.folder / "envoy.log"):
            self.envoy.reopen_logs()
        if self.spool.reopening_due and self.envoy.alive() and self.envoy.reopen_logs():
            self.spool.reopened()

    def _take_charge_of_envoy(self) -> None:
        if self.envoy.adopt():
            _log.info("took over the running Envoy, process %s", self.envoy.pid)
        else:
            self._start_envoy()

    def _start_envoy(self) -> None:
        self._envoy_started = time.monotonic()
        self.spool.rotate()
        self.envoy.start()
        self.spool.reopened()
        self.notes.pop("envoy", None)

    def _load_last_good(self) -> None:
        try:
            self._client = self._new_client()
        except (OSError, ValueError):
            return
        snapshot = self._client.last_good()
        if snapshot is not None:
            with self._lock:
                self.keeper.open(snapshot)
                self._snapshot = snapshot

    def _new_client(self) -> SnapshotClient:
        return SnapshotClient(
            folder=self.settings.folder / "snapshot",
            control=self._door,
            secret=read_secret(self._home.secrets / "node.secret"),
            public_key=bytes.fromhex(read_secret(self._home.secrets / "snapshot.pub")),
            kinds=_GATEWAY_KINDS,
            packed=("grants",),
            gateway=self.settings.name,
        )

    def _write_configuration(self) -> None:
        snapshot = self._snapshot
        known = self._addresses.known
        sources = list(snapshot.apis) if snapshot else []
        apis = api_upstreams(sources, known, self._credentials.open_all(sources))
        authorities = self._node.look() if self._node is not None else ""
        self._configuration.put(upstreams_for(snapshot.passthroughs if snapshot else (), known), apis, authorities)
        if self._pair is not None:
            self._pair.look()
        self._configuration.put_listeners()

    def _follow_forever(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._client is None:
                    self._client = self._new_client()
                    self._client.last_good()
                self._follow(self._client)
            except SnapshotUnavailable as fault:
                self._note("snapshot", str(fault))
            except (OSError, ValueError) as fault:
                self._note("snapshot", f"cannot be had: {type(fault).__name__}")
            self._stopping.wait(0.3)

    def _follow(self, client: SnapshotClient) -> None:
        snapshot = client.fetch(settle=False)
        settled = time.monotonic()
        try:
            while not self._stopping.is_set():
                self._apply(snapshot)
                self.notes.pop("snapshot", None)
                # One change is often followed by another, which is not to wait for the disk.
                calm = client.wait_for_change(snapshot.stamp, seconds=SETTLE_SECONDS) == snapshot.stamp
                if calm or time.monotonic() - settled > UNSETTLED_SECONDS:
                    client.settle()
                    settled = time.monotonic()
                if calm:
                    client.wait_for_change(snapshot.stamp, seconds=STAMP_WAIT_SECONDS)
                # Fetched even without a change: the manifest's not_after moves on.
                snapshot = client.fetch(settle=False)
        finally:
            client.settle()

    def _apply(self, snapshot: Snapshot) -> None:
        with self._lock:
            before = reached(self._snapshot)
            self.keeper.apply(snapshot)
            self._snapshot = snapshot
        self.streams.check()
        if reached(snapshot) != before:
            self._resolving.set()

    def _to_end(self, streams: Mapping[int, OpenStream]) -> list[int]:
        with self._lock:
            return not_in_force(streams, self._snapshot, self.keeper.goes_on)

    def _resolve_forever(self) -> None:
        due = 0.0
        while not self._stopping.is_set():
            self._resolving.clear()
            snapshot = self._snapshot
            again = time.monotonic() >= due
            self._addresses.resolve(hosts(snapshot) if snapshot else (), again=again)
            due = time.monotonic() + RESOLVE_SECONDS if again else due
            self._write_configuration()
            for topic, pair in (("certificate", self._pair), ("node certificate", self._node)):
                if pair is not None:
                    ending = pair.note(self._options.clock())
                    self._note(topic, ending) if ending else self.notes.pop(topic, None)
            self._resolving.wait(max(0.0, due - time.monotonic()))

    def _control(self) -> ControlPlane | None:
        """Return a way to the control plane; None when the gateway stops before its secret is there."""
        while not self._stopping.is_set():
            try:
                secret = read_secret(self._home.secrets / "node.secret")
                return ControlPlane(door=self._door, secret=secret, gateway=self._options.name)
            except OSError:
                self._stopping.wait(0.5)
        return None

    def _report_forever(self) -> None:
        control = self._control()
        if control is not None:
            self._reporter = Reporter(self, control, self._lock, self._options.clock)
            self._reporter.run_until(self._stopping)

    def _lease_forever(self) -> None:
        control = self._control()
        if control is not None:
            self._leases = LeaseKeeper(self.settings.name, self.keeper, control, self._lock, self._options.clock)
            self._leases.run_until(self._stopping)

    def _note(self, topic: str, text: str) -> None:
        if self.notes.get(topic) != text:
            self.notes[topic] = text
            # While everything starts, the control plane is not there yet; that is no news.
            starting = topic == "snapshot" and self._snapshot is None
            _log.log(logging.DEBUG if starting else logging.WARNING, "%s: %s", topic, text)


def run_gateway(home: Home, options: AgentOptions) -> None:
    """Run one gateway in the foreground until SIGTERM or SIGINT.

    Raises PortTaken, EnvoyMissing, HomeTooLong or CertificateUnreadable.
    """
    if options.tls is not None:
        check_certificate(options.tls)
    # One line per call to a socket on this machine says nothing.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    agent = GatewayAgent(home, options)
    if threading.current_thread() is threading.main_thread():
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda _sign, _frame: agent.stop())
    agent.run()
