"""`tdpf bench gateway`: what a call costs with all policy on, beside the same Envoy without it and beside other gateways."""

from __future__ import annotations

import contextlib
import http.client
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tdpf.dataplane.gateway.agent import AgentOptions, settings_for
from tdpf.kit.home import Home
from tdpf.processes.bench.chart import Bar, bar_chart
from tdpf.processes.bench.figures import (
    Readings,
    Subject,
    Target,
    measure,
    ratio,
    reading_lines,
    say,
    target_dicts,
    target_lines,
    write_out,
)
from tdpf.processes.bench.gateways import (
    FILE_BODY,
    FILE_PATH,
    PEERS,
    Upstream,
    find_programs,
    made_tokens,
    start_peer,
    start_upstream,
    start_without_policy,
)
from tdpf.processes.bench.load import generator_name, load, raw_request
from tdpf.processes.bench.processes import cpu_seconds, family, machine, pss_bytes
from tdpf.processes.bench.stand import (
    GatewayStand,
    Snapshots,
    bench_folder,
    made_key,
    made_key_entry,
    short_home,
)
from tdpf.wire.messages import FIRST_APPLICATION, Collection, GrantEntry, PassThrough

FULL = "TDPF: key, grant, budget, rate, quota headers, log"
PLAIN = "the same Envoy without policy"
_APPLICATIONS = 1_000
_GRANTS_EACH = 10


def bench_gateway(
    place: Home,
    *,
    routes: int,
    rounds: int,
    seconds: float,
    clients: int,
    peers: bool,
    fetch: bool,
    out: Path | None,
    chart: Path | None,
) -> int:
    """Measure, print a table, write figures and a chart; return 0."""
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tdpf-bench-")))
        home = short_home(scratch / "h")
        made = _Made(routes)
        upstream = start_upstream(scratch, home.run / "delivery.sock")
        stack.callback(upstream.server.close)
        snapshots = Snapshots(home)
        stack.callback(snapshots.close)
        snapshots.publish(keys=made.keys(), collections=made.collections(), grants=made.grants(), passthroughs=[])
        gateway = GatewayStand(home)
        stack.callback(gateway.close)
        gateway.wait_ready(snapshots.stamp)
        plain, plain_port = start_without_policy(scratch / "p", settings_for(home, AgentOptions()))
        stack.callback(plain.close)
        subjects = [
            Subject(FULL, gateway.port, made.requests(), gateway.envoy_pids),
            Subject(PLAIN, plain_port, made.requests(), plain.pids),
            Subject("TDPF: first of the collections", gateway.port, made.requests_for(1), gateway.envoy_pids),
            Subject("TDPF: last of the collections", gateway.port, made.requests_for(routes), gateway.envoy_pids),
        ]
        absent: dict[str, str] = {}
        if peers:
            find_programs(bench_folder(place), fetch=fetch)
            found, absent = _start_peers(scratch, made, upstream, stack)
            subjects += found
        measured: dict[str, Any] = {"machine": machine(), "generator": generator_name(), "clients": clients}
        measured.update(routes=routes, applications=_APPLICATIONS, grants=len(made.grants()), rounds=rounds)
        readings = measure(subjects, rounds=rounds, seconds=seconds, clients=clients)
        measured["gateway"] = {name: one.summary() for name, one in readings.items()}
        measured["gateway"] |= {name: {"absent": reason} for name, reason in absent.items()}
        measured["memory_mb"] = round(pss_bytes(gateway.envoy_pids()) / 2**20)
        say("changes")
        measured["changes"] = _measure_changes(made, snapshots, gateway)
        say(f"{routes:,} connected files")
        measured["connected"] = _measure_connected(
            made, snapshots, gateway, upstream, subjects[1], rounds=rounds, seconds=seconds, clients=clients
        )
    targets = _targets(readings, measured)
    measured["targets"] = target_dicts(targets)
    write_out(out, measured, table(measured, targets))
    if chart is not None:
        chart.write_text(_chart(measured), encoding="utf-8")
    return 0


class _Made:
    """The made-up world: so many collections, a thousand applications with a key each, ten grants for each of them."""

    def __init__(self, routes: int) -> None:
        self.routes = routes
        self._chosen = sorted({1, routes, *(1 + n * routes // _GRANTS_EACH for n in range(_GRANTS_EACH))})

    def keys(self) -> list[Any]:
        return [made_key_entry(number, FIRST_APPLICATION + number) for number in range(_APPLICATIONS)]

    def key_texts(self) -> list[str]:
        return [made_key(number) for number in range(_APPLICATIONS)]

    def collections(self) -> list[Collection]:
        return [Collection(number, f"data-{number}", access="conditional") for number in range(1, self.routes + 1)]

    def grants(self) -> list[GrantEntry]:
        return [self.grant(number, dataset) for dataset in self._chosen for number in range(_APPLICATIONS)]

    def grant(self, number: int, dataset: int) -> GrantEntry:
        limits = {"day_limit": 1_000_000_000, "month_limit": 2_000_000_000}
        agreement = dataset * 10_000 + number
        return GrantEntry(FIRST_APPLICATION + number, dataset, agreement, rate_plan="r100", **limits)

    def requests(self) -> list[bytes]:
        return [
            _request(number, f"/data/collections/data-{self._chosen[number % len(self._chosen)]}/items/{number}")
            for number in range(_APPLICATIONS)
        ]

    def requests_for(self, dataset: int) -> list[bytes]:
        return [_request(number, f"/data/collections/data-{dataset}/items/{number}") for number in range(_APPLICATIONS)]

    def requests_of_file(self, dataset: int) -> list[bytes]:
        return [_request(number, f"/data/files/data-{dataset}/all.csv") for number in range(_APPLICATIONS)]


def _request(number: int, path: str) -> bytes:
    return raw_request(path, {"Authorization": f"Bearer {made_key(number)}"})


def _start_peers(
    scratch: Path, made: _Made, upstream: Upstream, stack: contextlib.ExitStack
) -> tuple[list[Subject], dict[str, str]]:
    keys = scratch / "keys"
    keys.write_text("\n".join(made.key_texts()))
    found, absent = [], {}
    for name, program, prepare in PEERS:
        folder = scratch / program
        try:
            server, port = start_peer(folder, program, prepare, keys, _APPLICATIONS, upstream)
        except RuntimeError as reason:
            absent[name] = str(reason)
            continue
        stack.callback(server.close)
        requests = made.requests()
        if program == "haproxy":
            tokens = made_tokens((folder / "jwt.key").read_bytes(), 200)
            requests = [raw_request("/data/items/1", {"Authorization": f"Bearer {token}"}) for token in tokens]
        if _answers(port, requests[0]):
            found.append(Subject(name, port, requests, server.pids))
        else:
            absent[name] = "it does not answer as configured"
    return found, absent


def _answers(port: int, request: bytes) -> bool:
    """Return whether the right answer comes within ten seconds of trying."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            with connection.makefile("rb") as stream:
                answer = stream.read()
            if answer.startswith(b"HTTP/1.1 200") and answer.endswith(b'"}'):
                return True
        time.sleep(0.2)
    return False


def _measure_changes(made: _Made, snapshots: Snapshots, gateway: GatewayStand) -> dict[str, Any]:
    """Measure from the snapshot to the first call that meets the change, under load; median of five."""
    failed, stop = _Failures(), threading.Event()
    other = threading.Thread(target=_ask_on, args=(gateway.port, made.requests(), stop, failed))
    other.start()
    try:
        ended, again = [], []
        grants = made.grants()
        without = [one for one in grants if (one.application, one.dataset) != (FIRST_APPLICATION, made.routes)]
        path = f"/data/collections/data-{made.routes}/items/1"
        for _ in range(5):
            moment = snapshots.publish(grants=without)
            ended.append(_until(gateway.port, path, 403, moment))
            moment = snapshots.publish(grants=grants)
            again.append(_until(gateway.port, path, 200, moment))
        added = []
        for number in range(5):
            fresh = Collection(made.routes + 1 + number, f"fresh-{number}", access="open")
            entry = made.grant(0, fresh.dataset)
            moment = snapshots.publish(collections=[*made.collections(), fresh], grants=[*grants, entry])
            added.append(_until(gateway.port, f"/data/collections/fresh-{number}/items/1", 200, moment))
        snapshots.publish(collections=made.collections(), grants=grants)
    finally:
        stop.set()
        other.join()
    return {
        "grant_ended_ms": round(statistics.median(ended), 1),
        "grant_given_ms": round(statistics.median(again), 1),
        "collection_added_ms": round(statistics.median(added), 1),
        "calls_meanwhile": failed.calls,
        "failed_meanwhile": failed.count,
    }


class _Failures:
    count = 0
    calls = 0


def _ask_on(port: int, requests: Sequence[bytes], stop: threading.Event, failed: _Failures) -> None:
    """Ask in small bursts until told to stop, never the application whose grant changes; every answer must be 200."""
    while not stop.is_set():
        answered = load(port, requests[1:], clients=2, seconds=1)
        failed.calls += answered.requests
        failed.count += answered.refused + answered.broken


def _until(port: int, path: str, status: int, moment: float, *, body: bytes | None = None, there: bool = True) -> float:
    """Ask until the status comes, and this body (`there` False: another one); return the milliseconds since the moment."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"authorization": f"Bearer {made_key(0)}"}
    try:
        while True:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            came = answer.read()
            spent = (time.monotonic() - moment) * 1000
            if answer.status == status and (body is None or (came == body) is there):
                return spent
            if spent > 60_000:
                raise RuntimeError(f"{path} answers {answer.status}, not {status}, a minute after the change")
            time.sleep(0.001)
    finally:
        connection.close()


def _measure_connected(
    made: _Made,
    snapshots: Snapshots,
    gateway: GatewayStand,
    upstream: Upstream,
    plain: Subject,
    *,
    rounds: int,
    seconds: float,
    clients: int,
) -> dict[str, Any]:
    """Connect a file of a provider for every collection: each is a route of its own in Envoy."""
    target = f"http://127.0.0.1:{upstream.port}{FILE_PATH}"
    files = [PassThrough(number, f"data-{number}", "all.csv", target) for number in range(1, made.routes + 1)]
    moment = snapshots.publish(passthroughs=files[:-1])
    path = "/data/files/data-{}/all.csv"
    # The delivery's stand-in answers everything with 200: only the provider's own bytes tell that the route is there.
    body = FILE_BODY.encode()
    _until(gateway.port, path.format(1), 200, moment, body=body)
    added: list[float] = []
    before = _agent_and_envoy(gateway)
    last = path.format(made.routes)
    for number in range(5):
        if number:
            moment = snapshots.publish(passthroughs=files[:-1])
            _until(gateway.port, last, 200, moment, body=body, there=False)
        moment = snapshots.publish(passthroughs=files)
        added.append(_until(gateway.port, last, 200, moment, body=body))
    spent = (_agent_and_envoy(gateway) - before) / (2 * len(added) - 1)
    subjects = [
        Subject("first connected file", gateway.port, made.requests_of_file(1), gateway.envoy_pids),
        Subject("last connected file", gateway.port, made.requests_of_file(made.routes), gateway.envoy_pids),
        Subject("a row beside them", gateway.port, made.requests(), gateway.envoy_pids),
        plain,
    ]
    found = measure(subjects, rounds=rounds, seconds=seconds, clients=clients)
    memory = round(pss_bytes(gateway.envoy_pids()) / 2**20)
    told = {"added_ms": round(statistics.median(added), 1), "change_cpu_ms": round(spent * 1000), "memory_mb": memory}
    return told | {name: one.summary() for name, one in found.items()}


def _agent_and_envoy(gateway: GatewayStand) -> float:
    return cpu_seconds({*family(gateway.server.pid), *gateway.envoy_pids()})


def _cost(readings: dict[str, Readings], start: str) -> float | None:
    for name, one in readings.items():
        if name.startswith(start):
            return float(one.summary()["cpu_us"])
    return None


def _targets(readings: dict[str, Readings], measured: dict[str, Any]) -> list[Target]:
    full, changes, connected = _cost(readings, FULL), measured["changes"], measured["connected"]
    few = measured["routes"] <= 1_000
    change_limit = 100.0 if few else 1_000.0

    def over(start: str) -> float | None:
        return ratio(full, _cost(readings, start))

    first, last = _cost(readings, "TDPF: first"), _cost(readings, "TDPF: last")
    connected_ratio = ratio(connected["last connected file"]["cpu_us"], connected["first connected file"]["cpu_us"])
    # Measured later than the others: what the machine does meanwhile is taken out by the plain Envoy of both times.
    beside = ratio(ratio(connected["a row beside them"]["cpu_us"], connected[PLAIN]["cpu_us"]), over(PLAIN))
    failed = changes["failed_meanwhile"] + sum(one.failed for name, one in readings.items() if name.startswith("TDPF"))
    return [
        Target("all policy ÷ the same Envoy without it", "at most", 1.3, over(PLAIN)),
        Target("all policy ÷ HAProxy doing JWT", "at most", 0.55, over("HAProxy")),
        Target("all policy ÷ Caddy doing key and log", "at most", 1.0, over("Caddy")),
        Target("all policy ÷ Traefik doing key and log", "at most", 1.0, over("Traefik")),
        Target(f"last of {measured['routes']:,} collections ÷ first", "at most", 1.2, ratio(last, first)),
        Target(f"last of {measured['routes']:,} connected files ÷ first", "at most", 1.2, connected_ratio),
        Target("a row beside the connected files ÷ without them", "at most", 1.2, beside),
        Target("an ended grant acts after", "at most", change_limit, changes["grant_ended_ms"], "ms"),
        Target("a given grant acts after", "at most", change_limit, changes["grant_given_ms"], "ms"),
        Target("a new collection acts after", "at most", change_limit, changes["collection_added_ms"], "ms"),
        Target("a new connected file acts after", "at most", change_limit, connected["added_ms"], "ms"),
        Target("calls that failed, changes included", "at most", 0, failed, "calls"),
        Target("Envoy's memory", "at most", 256, measured["memory_mb"], "MB"),
    ]


def table(measured: dict[str, Any], targets: Sequence[Target]) -> str:
    """Return what was measured as Markdown."""
    connected = {name: row for name, row in measured["connected"].items() if isinstance(row, dict)}
    changes = measured["changes"]
    head = f"{measured['machine']} · {measured['generator']}, {measured['clients']} connections"
    calls = f"{changes['calls_meanwhile']:,} calls while grants and collections changed"
    return "\n".join(
        [
            f"{head} · {measured['rounds']} interleaved rounds, medians",
            "",
            *reading_lines("gateway", measured["gateway"], reference=PLAIN),
            "",
            *reading_lines(f"with {measured['routes']:,} connected files", connected),
            "",
            (
                f"{calls}, {changes['failed_meanwhile']} of them failed. One connected file more or less: "
                f"{measured['connected']['change_cpu_ms']} ms of processor time of the agent and Envoy together."
            ),
            "",
            *target_lines(targets),
        ]
    )


def _chart(measured: dict[str, Any]) -> str:
    bars = [
        Bar(name, row["cpu_us"], name.startswith("TDPF"))
        for name, row in measured["gateway"].items()
        if "cpu_us" in row
    ]
    title = "One call through the gateway: processor time in µs"
    return bar_chart(title, bars, unit="µs", note=f"{measured['machine']}; medians of {measured['rounds']} rounds")
