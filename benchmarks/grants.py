"""Many APIs and grants at one gateway: how large its table and its memory are, how soon a change acts, and whether a call fails.

`python -m benchmarks.grants --apis 10000 --grants 1000000` starts a gateway with a snapshot of that size, asks it all the time and
changes one thing after another. A change is timed from the announcement of the snapshot; it acts when the first call meets it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tdpf.dataplane.gateway.agent import AgentOptions, settings_for
from tdpf.processes.bench.gateway import _ask_on, _Failures, _request, _until
from tdpf.processes.bench.gateways import start_upstream
from tdpf.processes.bench.processes import cpu_seconds, family, machine, private_bytes
from tdpf.processes.bench.stand import GatewayStand, Snapshots, made_key_entry, short_home
from tdpf.wire.messages import FIRST_APPLICATION, Collection, GrantEntry, decode_shard, encode_shards, shard_name
from tdpf.wire.sources import ApiOperation, ApiSource

APPLICATIONS = 1_000


def grant(number: int, apis: int, *, day_limit: int = 1_000_000) -> GrantEntry:
    """Return the grant of that number: applications take turns, and each of them gets one API after the other."""
    application, dataset = number % APPLICATIONS, number // APPLICATIONS % apis + 1
    return GrantEntry(
        FIRST_APPLICATION + application,
        dataset,
        number + 1,
        day_limit=day_limit,
        month_limit=30_000_000,
        rate_plan="r100",
    )


def provided(number: int, port: int) -> ApiSource:
    """Return a provider's API of one operation."""
    operations = (ApiOperation("GET", "/items"),)
    return ApiSource(number, f"data-{number}", "main", f"source-{number}", f"http://127.0.0.1:{port}", operations)


class Platform:
    """What the control plane says, changed one shard at a time as it does it."""

    def __init__(self, snapshots: Snapshots, apis: int, grants: int) -> None:
        self.snapshots, self.apis, self.grants = snapshots, apis, grants
        collections = [self.collection(number) for number in range(1, apis + 1)]
        keys = [made_key_entry(number, FIRST_APPLICATION + number) for number in range(APPLICATIONS)]
        entries: Iterator[GrantEntry] = (grant(number, apis) for number in range(grants))
        snapshots.publish(keys=keys, collections=collections, grants=entries, apis=[])  # type: ignore[arg-type]

    def collection(self, number: int) -> Collection:
        return Collection(number, f"data-{number}", access="conditional")

    def change(self, kind: str, *, gone: object = None, new: object = None) -> float:
        """Put one entry in place of another and announce it; return the moment."""
        parts = self.snapshots._parts[kind]
        name = shard_name(kind, new if new is not None else gone)  # type: ignore[arg-type]
        entries = [entry for entry in decode_shard(kind, parts[name]) if entry != gone] if name in parts else []  # type: ignore[arg-type]
        parts |= encode_shards(kind, [*entries, *([new] if new is not None else [])])  # type: ignore[arg-type]
        return self.snapshots.publish()


def measure_changes(platform: Platform, port: int, upstream_port: int, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds until each kind of change acted, one value a round."""
    apis = platform.apis
    granted = min(apis, platform.grants // APPLICATIONS)
    own = grant((granted - 1) * APPLICATIONS, apis)
    no_budget = grant((granted - 1) * APPLICATIONS, apis, day_limit=1)
    path = f"/data/collections/data-{granted}/items/1"
    found: dict[str, list[float]] = {}

    def acted(what: str, path: str, status: int, moment: float) -> None:
        found.setdefault(what, []).append(_until(port, path, status, moment))

    for number in range(rounds):
        acted("a grant ended", path, 403, platform.change("grants", gone=own))
        acted("a grant given", path, 200, platform.change("grants", new=own))
        acted("a budget lowered", path, 429, platform.change("grants", gone=own, new=no_budget))
        acted("a budget raised", path, 200, platform.change("grants", gone=no_budget, new=own))
        key = made_key_entry(0, FIRST_APPLICATION)
        acted("a key revoked", path, 401, platform.change("keys", gone=key))
        acted("a key given", path, 200, platform.change("keys", new=key))
        fresh = platform.collection(apis + 1 + number)
        platform.change(
            "grants", new=GrantEntry(FIRST_APPLICATION, fresh.dataset, 2_000_000 + number, rate_plan="r100")
        )
        moment = platform.change("collections", new=fresh)
        acted("a new API of a table", f"/data/collections/{fresh.slug}/items/1", 200, moment)
        moment = platform.change("apis", new=provided(fresh.dataset, upstream_port))
        acted("a new API at a provider", f"/data/apis/{fresh.slug}/items", 200, moment)
    return found


def main() -> None:
    """Start the gateway, change things under load, print figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apis", type=int, default=10_000)
    parser.add_argument("--grants", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-providers", action="store_true", help="each API also as a route to a provider")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tdpf-grants-")))
        home = short_home(scratch / "h")
        upstream = start_upstream(scratch, home.run / "delivery.sock")
        stack.callback(upstream.server.close)
        snapshots = Snapshots(home)
        stack.callback(snapshots.close)
        platform = Platform(snapshots, chosen.apis, chosen.grants)
        if chosen.at_providers:
            snapshots.publish(apis=[provided(number, upstream.port) for number in range(1, chosen.apis + 1)])
        begun = time.monotonic()
        gateway = GatewayStand(home)
        stack.callback(gateway.close)
        gateway.server.wait_for(lambda: gateway._stamp() >= snapshots.stamp, 900)
        figures: dict[str, Any] = {"machine": machine(), "apis": chosen.apis, "grants": chosen.grants}
        figures["first_start_seconds"] = round(time.monotonic() - begun, 1)
        agent = [gateway.server.pid, *family(gateway.server.pid)]
        figures["start_processor_seconds"] = round(cpu_seconds(set(agent)), 1)
        table = settings_for(home, AgentOptions()).table
        figures["table_bytes_per_grant"] = round(table.stat().st_size / chosen.grants, 1)
        failed, stop = _Failures(), threading.Event()
        granted = min(chosen.apis, chosen.grants // APPLICATIONS)
        requests = [_request(n, f"/data/collections/data-{n % granted + 1}/items/1") for n in range(APPLICATIONS)]
        asking = threading.Thread(target=_ask_on, args=(gateway.port, requests, stop, failed))
        asking.start()
        try:
            changes = measure_changes(platform, gateway.port, upstream.port, chosen.rounds)
        finally:
            stop.set()
            asking.join()
        agent_pids = set(family(gateway.server.pid)) - set(gateway.envoy_pids())
        figures["agent_mb"] = round(private_bytes(agent_pids) / 2**20)
        figures["envoy_mb"] = round(private_bytes(gateway.envoy_pids()) / 2**20)
        figures["calls_meanwhile"], figures["failed_meanwhile"] = failed.calls, failed.count
        figures["acts_after_ms"] = {
            what: [round(statistics.median(ms), 1), round(max(ms), 1)] for what, ms in changes.items()
        }
        print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
