"""Reports to the control plane every second: the usage log, the counters, and from time to time the node's health."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from tdpf.dataplane.gateway.control import ControlPlane, ControlUnavailable
from tdpf.dataplane.gateway.counters import CounterWatch
from tdpf.dataplane.gateway.envoy_config import GatewaySettings
from tdpf.dataplane.gateway.envoy_process import EnvoyProcess
from tdpf.dataplane.gateway.spool import Spool
from tdpf.dataplane.gateway.table_keeper import TableKeeper, periods_at
from tdpf.dataplane.gateway.upstream_health import ASKED, UpstreamsTold
from tdpf.dataplane.gateway.use_ledger import UseLedger
from tdpf.dataplane.snapshots import Snapshot
from tdpf.wire.messages import NodeHealth, UpstreamHealth

_log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
HEALTH_EVERY = 5
FLUSH_EVERY = 10
UPSTREAMS_EVERY = 10.0
COPIED_AT_ONCE = 1 << 16


class Reported(Protocol):
    """What the reporter needs of an agent."""

    keeper: TableKeeper
    spool: Spool
    ledger: UseLedger
    envoy: EnvoyProcess
    settings: GatewaySettings
    notes: dict[str, str]
    started_at: int

    @property
    def snapshot(self) -> Snapshot | None: ...

    def report(self) -> tuple[bool, Mapping[str, object]]: ...


class Reporter:
    """Runs in one thread; what the control plane does not take is kept and sent again."""

    def __init__(
        self, agent: Reported, control: ControlPlane, lock: threading.RLock, clock: Callable[[], float]
    ) -> None:
        self._agent = agent
        self._control = control
        self._lock = lock
        self._clock = clock
        self._watch = CounterWatch(agent.settings.name)
        self._rounds = 0
        self._told: tuple[UpstreamHealth, ...] = ()
        self._ask_upstreams_at = 0.0

    def run_until(self, stopping: threading.Event) -> None:
        """Report once a second until stopping."""
        while not stopping.wait(EVERY_SECONDS):
            self._round()

    def finish(self) -> None:
        """Report once more, after Envoy has ended and its log is whole."""
        self._round(last=True)

    def _round(self, *, last: bool = False) -> None:
        try:
            self._ship_usage()
            self._send_counters()
            if last or self._rounds % HEALTH_EVERY == 0:
                self._control.send_health(self.health(last=last))
            self._agent.notes.pop("control", None)
        except ControlUnavailable as fault:
            if self._agent.notes.get("control") != str(fault):
                starting = self._agent.snapshot is None
                _log.log(logging.DEBUG if starting else logging.WARNING, "%s", fault)
            self._agent.notes["control"] = str(fault)
        if self._rounds % FLUSH_EVERY == 0:
            table = self._agent.keeper.table
            if table is not None:
                table.flush()
        self._rounds += 1

    def _ship_usage(self) -> None:
        self._agent.spool.ship(self._control.ship_usage)

    def _send_counters(self) -> None:
        today = periods_at(self._clock()).day
        readings = []
        for day in (today - 1, today):
            words, generation = self._remaining_words(day)
            with self._lock:
                table = self._agent.keeper.table
                if table is None or table.get("generation") != generation:
                    return
                readings += self._watch.changed(table, day, words)
        with self._lock:
            retired = self._agent.ledger.unreported(self._agent.settings.name)
        self._control.send_counters([*readings, *retired])
        with self._lock:
            self._watch.confirm(readings, today)
            self._agent.ledger.reported(retired)
            self._agent.ledger.save()

    def _remaining_words(self, day: int) -> tuple[bytes, int]:
        """Copy a table's words of a day, and say of which table; a change waits for a piece of them at most."""
        pieces: list[bytes] = []
        begun = -1
        while True:
            with self._lock:
                table = self._agent.keeper.table
                generation = table.get("generation") if table is not None else 0
                if begun not in (-1, generation):
                    return b"", -1
                begun = generation
                first = len(pieces) * COPIED_AT_ONCE
                if table is None or first >= table.grant_section.slots:
                    return b"".join(pieces), generation
                last = min(first + COPIED_AT_ONCE, table.grant_section.slots)
                pieces.append(table.remaining_words(day, range(first, last)))
            # The lock would be taken again before anybody who waits for it wakes.
            time.sleep(0)

    def health(self, *, last: bool = False) -> NodeHealth:
        """Return what this gateway says of itself."""
        ready, facts = self._agent.report()
        snapshot = self._agent.snapshot
        rejected = self._agent.envoy.rejected_updates()
        notes = [f"{topic}: {text}" for topic, text in sorted(self._agent.notes.items())]
        if rejected:
            notes.append(f"envoy: refused {rejected} updates of its configuration")
        state: Literal["starting", "ok", "degraded", "closed", "stopping"] = "ok"
        if last:
            state = "stopping"
        elif snapshot is None:
            state = "starting"
        elif self._clock() >= snapshot.manifest.not_after:
            state = "closed"
        elif not ready or notes:
            state = "degraded"
        return NodeHealth(
            name=self._agent.settings.name,
            kind="gateway",
            state=state,
            stamp=snapshot.stamp if snapshot else 0,
            sent_at=int(self._clock()),
            started_at=self._agent.started_at,
            snapshot_created_at=snapshot.manifest.created_at if snapshot else 0,
            snapshot_not_after=snapshot.manifest.not_after if snapshot else 0,
            notes=tuple(notes),
            figures={name: value for name, value in facts.items() if type(value) is int},
            upstreams=self._upstreams(),
        )

    def _upstreams(self) -> tuple[UpstreamHealth, ...]:
        """Ask Envoy for providers' servers, the more of them the more seldom: the list is made on its main thread."""
        snapshot = self._agent.snapshot
        if snapshot is None or self._clock() < self._ask_upstreams_at:
            return self._told
        begun = self._clock()
        answer = UpstreamsTold()
        if self._agent.envoy.read_admin(ASKED, answer.take):
            self._told = answer.told()
        self._ask_upstreams_at = begun + max(UPSTREAMS_EVERY, (self._clock() - begun) * 100)
        return self._told
