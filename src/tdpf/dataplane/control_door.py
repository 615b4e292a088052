"""How a node reaches the control plane: by its Unix socket on the same machine, else by the door for nodes, TLS both ways."""

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tdpf.kit.certificates import name_in
from tdpf.kit.home import Home
from tdpf.wire.start_problems import ControlUnknown

SETTING = "TDPF_CONTROL"
INTERNAL_NAME = "internal.tdpf"
PORTAL_NAME = "portal.tdpf"
"""What the door calls itself to who asks for the internal API, and for the portal: the names in its certificate."""

PAIR_FILE = "node.pem"
AUTHORITY_FILE = "authority.pem"


@dataclass(frozen=True)
class ControlDoor:
    """Where the control plane is. ``host`` empty: on this machine, at ``socket``."""

    socket: Path
    host: str = ""
    port: int = 0
    folder: Path = Path()

    @property
    def pair(self) -> Path:
        """The node's certificate and key, one PEM file."""
        return self.folder / PAIR_FILE

    @property
    def authority(self) -> Path:
        """The authority that the door's certificate must come from."""
        return self.folder / AUTHORITY_FILE


def node_folder(home: Home) -> Path:
    """Return where a node keeps what it was given to reach the control plane."""
    return home.secrets / "node"


def door_of(home: Home) -> ControlDoor:
    """Return the way to the control plane that TDPF_CONTROL names; raises ControlUnknown."""
    setting, socket = os.environ.get(SETTING, ""), home.run / "internal.sock"
    if not setting:
        return ControlDoor(socket)
    host, _, port = setting.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ControlUnknown(setting=setting, why="host:port")
    door = ControlDoor(socket, host.strip("[]"), int(port), node_folder(home))
    for path in (door.pair, door.authority):
        if not path.is_file():
            raise ControlUnknown(setting=setting, why=f"{path}")
    return door


def node_of(home: Home) -> str:
    """Return what this node is called by the certificate it was given; raises ControlUnknown, also when it is no node."""
    door = door_of(home)
    if not door.host:
        raise ControlUnknown(setting="", why="host:port")
    try:
        return name_in(door.pair.read_bytes())
    except (OSError, ValueError) as fault:
        raise ControlUnknown(setting=os.environ.get(SETTING, ""), why=f"{door.pair}") from fault


class ControlHttp:
    """One connection to the control plane. A certificate that was renewed is shown from the next request on.

    Raises httpx.HTTPError whenever nothing can be had. Not safe for several threads at once.
    """

    def __init__(self, door: ControlDoor, secret: str, *, timeout: float = 10.0) -> None:
        self._door = door
        self._headers = {"authorization": f"Bearer {secret}"}
        self._timeout = httpx.Timeout(timeout, connect=min(timeout, 2.0 if not door.host else 5.0))
        self._seen: tuple[object, ...] = ()
        self._client: httpx.Client | None = None

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask ``/internal/v1/…``; ``more`` is what httpx takes."""
        if self._door.host:
            more["extensions"] = {"sni_hostname": INTERNAL_NAME}
        return self._current().request(method, path, **more)

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()

    def _made(self, transport: httpx.HTTPTransport) -> httpx.Client:
        host = f"[{self._door.host}]" if ":" in self._door.host else self._door.host
        base = f"https://{host}:{self._door.port}" if host else "http://internal"
        return httpx.Client(transport=transport, base_url=base, headers=self._headers, timeout=self._timeout)

    def _current(self) -> httpx.Client:
        if not self._door.host:
            if self._client is None:
                self._client = self._made(httpx.HTTPTransport(uds=str(self._door.socket)))
            return self._client
        try:
            seen = tuple(_as_seen(path) for path in (self._door.pair, self._door.authority))
            if self._client is None or seen != self._seen:
                context = ssl.create_default_context(cafile=str(self._door.authority))
                context.minimum_version = ssl.TLSVersion.TLSv1_3
                context.load_cert_chain(self._door.pair)
                self.close()
                self._client = self._made(httpx.HTTPTransport(verify=context))
                self._seen = seen
        except (OSError, ValueError) as fault:
            # What was shown before goes on while a new one cannot be read.
            if self._client is None:
                raise httpx.ConnectError(f"the node's certificate cannot be read: {fault}") from fault
        return self._client


def _as_seen(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
