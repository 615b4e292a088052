"""Following the gate snapshot: the last good one at once, every newer one as soon as the control plane has it."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tdpf.dataplane.control_door import ControlHttp, door_of
from tdpf.dataplane.snapshots import Snapshot, SnapshotClient, SnapshotUnavailable, read_secret
from tdpf.kit.home import Home
from tdpf.wire.codec import to_json
from tdpf.wire.messages import NodeHealth, ShardKind
from tdpf.wire.start_problems import ControlUnknown

log = logging.getLogger("tdpf.delivery")

_KINDS: tuple[ShardKind, ...] = ("collections", "tables", "files", "passthroughs", "streams", "connected")
_WAIT_SECONDS = 20.0
_SHORT_WAIT_SECONDS = 1.0
_PAUSE_SECONDS = 0.5
_REPORT_SECONDS = 15.0
_MOST_WORKERS = 64
NAME_VARIABLE = "TDPF_DELIVERY_NAME"


def delivery_name() -> str:
    """Return what this delivery is called among several on one control plane; empty for the only one."""
    return os.environ.get(NAME_VARIABLE, "")


class Slot:
    """A number of one's own among the workers of this home, held by a lock on a file; also the worker's folder."""

    def __init__(self, home: Home) -> None:
        self.named = delivery_name()
        home.delivery.mkdir(parents=True, exist_ok=True)
        for number in range(_MOST_WORKERS):
            self.number, self.folder = number, home.delivery / f"worker-{number}"
            self.folder.mkdir(exist_ok=True)
            self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(self._lock)
            else:
                return
        raise RuntimeError(f"more than {_MOST_WORKERS} delivery workers share one home")

    @property
    def node(self) -> str:
        """What the worker is called by the control plane: `delivery-1`, or `north.1` of the delivery `north`."""
        return f"{self.named}.{self.number + 1}" if self.named else f"delivery-{self.number + 1}"

    def any_served(self) -> bool:
        """Return whether a worker of this home, an earlier one too, has ever kept a snapshot."""
        return any(self.folder.parent.glob("worker-*/snapshot/manifest.json"))


class Follower:
    """Runs in threads of its own and hands every snapshot to `use`, which is called from the following thread."""

    def __init__(
        self,
        home: Home,
        slot: Slot,
        use: Callable[[Snapshot], None],
        figures: Callable[[], NodeHealth],
        also_needed: Callable[[], frozenset[tuple[ShardKind, str]]] = frozenset,
    ) -> None:
        """`also_needed` names single shards of other kinds; while there are any, the snapshot is fetched every second."""
        self._home = home
        self._folder: Path = slot.folder / "snapshot"
        self._use = use
        self._figures = figures
        self._also_needed = also_needed
        self._stopping = threading.Event()
        self._said = ""
        self._served = False

    def start(self) -> None:
        """Begin to follow."""
        threading.Thread(target=self._follow_forever, name="follow", daemon=True).start()
        threading.Thread(target=self._report_forever, name="report", daemon=True).start()

    def stop(self) -> None:
        """Stop following; threads end when their waiting call returns."""
        self._stopping.set()

    def _client(self) -> SnapshotClient:
        return SnapshotClient(
            folder=self._folder,
            control=door_of(self._home),
            secret=read_secret(self._home.secrets / "node.secret"),
            public_key=bytes.fromhex(read_secret(self._home.secrets / "snapshot.pub")),
            kinds=_KINDS,
        )

    def _follow_forever(self) -> None:
        client: SnapshotClient | None = None
        while not self._stopping.is_set():
            try:
                if client is None:
                    client = self._client()
                    known = client.last_good()
                    if known is not None:
                        self._use(known)
                self._follow(client)
            except SnapshotUnavailable as fault:
                self._say(str(fault))
            except (OSError, ValueError, ControlUnknown) as fault:
                self._say(f"the snapshot cannot be had: {fault}")
            self._stopping.wait(_PAUSE_SECONDS)
        if client is not None:
            client.close()

    def _follow(self, client: SnapshotClient) -> None:
        snapshot = client.fetch()
        while not self._stopping.is_set():
            self._use(snapshot)
            self._said, self._served = "", True
            client.wait_for_change(snapshot.stamp, seconds=_SHORT_WAIT_SECONDS if client.more else _WAIT_SECONDS)
            client.more = self._also_needed()
            snapshot = client.fetch()

    def _say(self, text: str) -> None:
        if text != self._said:
            # While everything starts, the control plane is not there yet; that is no news.
            log.log(logging.WARNING if self._served else logging.DEBUG, "%s", text)
            self._said = text

    def _report_forever(self) -> None:
        http: ControlHttp | None = None
        while not self._stopping.wait(_REPORT_SECONDS):
            try:
                if http is None:
                    http = ControlHttp(
                        door_of(self._home), read_secret(self._home.secrets / "node.secret"), timeout=5.0
                    )
                headers = {"content-type": "application/json"}
                http.request("POST", "/internal/v1/health", content=to_json(self._figures()), headers=headers)
            except (httpx.HTTPError, OSError, ControlUnknown) as fault:
                log.debug("health was not taken: %s", fault)


def now_seconds() -> int:
    """Return the present second since 1970."""
    return int(time.time())
