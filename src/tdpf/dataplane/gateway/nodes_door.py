"""Running the control plane's door for nodes on other machines: an Envoy of its own that shows and asks for certificates."""

import logging
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from os import getpid
from pathlib import Path
from types import FrameType

import orjson

from tdpf.dataplane.gateway.envoy_process import check_port_is_free, envoy_binary, has_ipv6
from tdpf.dataplane.gateway.nodes_tls import CLUSTERS_FILE, NodesDoor, nodes_bootstrap, nodes_clusters, nodes_listener
from tdpf.dataplane.gateway.tls_door import ShownPair, TlsDoor, check_certificate
from tdpf.dataplane.gateway.xds import write_if_changed
from tdpf.kit.home import Home
from tdpf.kit.lineage import die_with_parent
from tdpf.kit.writing import write_whole
from tdpf.wire.start_problems import CertificateUnreadable, NodesUnknown

_log = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
RESTART_SECONDS = 1.0
RENEW_SECONDS = 3600.0
# What was let in by a certificate that was taken back since ends after so long.
DRAIN_SECONDS = 1
_CERTIFICATE, _LIST = "-----BEGIN CERTIFICATE-----", "-----BEGIN X509 CRL-----"
AUTHORITIES, TAKEN_BACK, OWN_PAIR = "authority.pem", "taken-back.pem", "door.pem"


class NodesKeeper:
    """Keeps the door as the files in ``folder`` say: whom it trusts, what was taken back, what it shows itself."""

    def __init__(
        self, home: Home, folder: Path, port: int, renew: Callable[[], None], *, portal_processes: int = 1
    ) -> None:
        """`renew` is called now and then: it makes the door's own certificate anew before that ends. Raises NodesUnknown when the folder has no authority or no certificate of the door."""
        self._folder = folder
        self._renew = renew
        self._renewed = time.monotonic()
        renew()
        own = home.gateway / "nodes"
        (own / "xds").mkdir(parents=True, exist_ok=True)
        self.door = NodesDoor(
            port=port,
            ipv6=has_ipv6(),
            folder=own,
            admin_socket=home.run / "nodes.envoy.sock",
            internal_socket=home.run / "internal.sock",
            portal_sockets=home.portal_sockets(portal_processes),
        )
        shown = TlsDoor(port, folder / OWN_PAIR, folder / OWN_PAIR)
        try:
            check_certificate(shown)
        except CertificateUnreadable as fault:
            raise NodesUnknown(folder=str(folder)) from fault
        self._pair = ShownPair(shown, own)
        write_if_changed(own / "xds" / CLUSTERS_FILE, nodes_clusters(self.door))
        self._envoy: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._note = ""
        self._stopping = threading.Event()
        if not self._trust():
            raise NodesUnknown(folder=str(folder))

    def stop(self, _sign: int = 0, _frame: FrameType | None = None) -> None:
        """Ask ``run`` to end."""
        self._stopping.set()

    def run(self) -> None:
        """Serve until stopped. Raises PortTaken or EnvoyMissing."""
        check_port_is_free(self.door.port, ipv6=self.door.ipv6)
        try:
            while True:
                self._look()
                if self._stopping.wait(LOOK_SECONDS):
                    return
        finally:
            if self._envoy is not None:
                self._envoy.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._envoy.wait(5)
                self._envoy.kill()
                self._envoy.wait()
            self._pair.remove()

    def _look(self) -> None:
        if time.monotonic() - self._renewed >= RENEW_SECONDS:
            self._renewed = time.monotonic()
            try:
                self._renew()
            except (OSError, ValueError) as fault:
                # What is shown holds for weeks yet; the disk may have room again in an hour.
                _log.warning("the door's certificate was not renewed: %s", fault)
        self._pair.look()
        self._trust()
        note = self._pair.note(time.time())
        if note != self._note:
            _log.warning("the door's certificate: %s", note or "all is well again")
            self._note = note
        gone = self._envoy is None or self._envoy.poll() is not None
        if gone and time.monotonic() - self._started >= RESTART_SECONDS:
            self._start()

    def _trust(self) -> bool:
        try:
            authorities, taken_back = ((self._folder / name).read_text("ascii") for name in (AUTHORITIES, TAKEN_BACK))
        except (OSError, ValueError):
            # Put in place anew, perhaps: what held goes on.
            return False
        if _CERTIFICATE not in authorities or not taken_back.startswith(_LIST):
            # To Envoy an empty list is none: whoever was taken back would come in again.
            return False
        self._pair.look()
        write_if_changed(
            self.door.folder / "xds" / "listeners.json", [nodes_listener(self.door, authorities, taken_back)]
        )
        return True

    def _start(self) -> None:
        self._started = time.monotonic()
        self.door.admin_socket.unlink(missing_ok=True)
        config = self.door.folder / "bootstrap.json"
        write_whole(config, orjson.dumps(nodes_bootstrap(self.door), option=orjson.OPT_INDENT_2))
        command = [
            *(str(envoy_binary()), "-c", str(config), "--disable-hot-restart", "--concurrency", "1"),
            *("--drain-time-s", str(DRAIN_SECONDS), "--drain-strategy", "immediate"),
            *("--log-level", "warning", "--log-path", str(self.door.folder / "envoy.log")),
        ]
        parent = getpid()
        self._envoy = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: die_with_parent(parent),
        )


def run_nodes_door(
    home: Home, folder: Path, *, port: int, renew: Callable[[], None], portal_processes: int = 1
) -> None:
    """Serve nodes in the foreground until SIGTERM or SIGINT; raises NodesUnknown, PortTaken or EnvoyMissing."""
    keeper = NodesKeeper(home, folder, port, renew, portal_processes=portal_processes)
    if threading.current_thread() is threading.main_thread():
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, keeper.stop)
    keeper.run()
