"""`tdpf bench delivery`: rows, pages, boxes, groups and series from published tables, beside other ways to serve them."""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tdpf.dataplane.gateway.agent import AgentOptions, settings_for
from tdpf.kit.home import Home
from tdpf.processes.bench.chart import Bar, bar_chart
from tdpf.processes.bench.figures import (
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
from tdpf.processes.bench.gateways import start_without_policy
from tdpf.processes.bench.load import generator_name, raw_request
from tdpf.processes.bench.postgis import PYGEOAPI, STARTS, TIPG, PostGIS
from tdpf.processes.bench.processes import free_port, machine, private_bytes, pss_bytes
from tdpf.processes.bench.questions import (
    DATASETTE,
    EMPTY,
    EQUAL,
    FEATURES,
    GROUP,
    KEPT,
    OURS,
    POINT,
    POSTGRES,
    RANGE,
    SERIES,
    asked_requests,
)
from tdpf.processes.bench.servers import (
    Asked,
    peers_environment,
    program_in,
    start_datasette,
    start_hello,
    start_postgres,
)
from tdpf.processes.bench.stand import (
    DeliveryStand,
    GatewayStand,
    Snapshots,
    bench_folder,
    made_key,
    made_key_entry,
    short_home,
)
from tdpf.processes.bench.tables import (
    MadeTable,
    facilities,
    readings,
)
from tdpf.tables.identity import table_folder
from tdpf.wire.messages import ANY_KEY, FIRST_APPLICATION, Collection, GrantEntry, PublishedTable

_APPLICATIONS = 1_000
_CORES = os.cpu_count() or 1


def bench_delivery(
    place: Home,
    *,
    rows: int,
    series: int,
    rounds: int,
    seconds: float,
    clients: int,
    peers: bool,
    fetch: bool,
    out: Path | None,
    chart: Path | None,
) -> int:
    """Measure, print a table, write figures and a chart; return 0."""
    folder = bench_folder(place)
    say("making the tables")
    tables = [facilities(folder / "tables", rows), readings(folder / "tables", series)]
    published = folder / "published"
    published.mkdir(exist_ok=True)
    for table in tables:
        say(f"publishing {table.rows:,} {table.name}")
        table.publish(published)
    environment = peers_environment(folder, fetch=fetch and peers)
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tdpf-bench-")))
        home = short_home(scratch / "h")
        home.tables.rmdir()
        home.tables.symlink_to(published.resolve())
        snapshots = Snapshots(home)
        stack.callback(snapshots.close)
        snapshots.publish(**_offers(tables))
        delivery = DeliveryStand(home, port=free_port())
        stack.callback(delivery.close)
        delivery.wait_ready(snapshots.stamp)
        servers: dict[str, Asked] = {OURS: Asked(delivery.port or 0, delivery.server.pids, delivery.close)}
        servers[EMPTY] = start_hello(scratch)
        stack.callback(servers[EMPTY].close)
        absent: dict[str, str] = {}
        for name, start in ((POSTGRES, start_postgres), (DATASETTE, start_datasette)) if peers else ():
            say(f"loading {name}")
            try:
                servers[name] = start(folder, environment, tables)
            except RuntimeError as reason:
                absent[name] = str(reason)
            else:
                stack.callback(servers[name].close)
        if peers:
            absent |= _start_postgis(folder, environment, tables[0], servers, stack)
        measured: dict[str, Any] = {"machine": machine(), "generator": generator_name(), "clients": clients}
        measured.update(rows=rows, series=series, rounds=rounds, absent=absent)
        asked = asked_requests(tables)
        for label, width in (("many", clients), ("one", 1)):
            subjects = _subjects(servers, asked, tables)
            found = measure(subjects, rounds=rounds if label == "many" else 1, seconds=seconds, clients=width)
            measured[label] = _by_query({name: one.summary() for name, one in found.items()})
        measured["memory_mb"] = {
            "all": round(pss_bytes(delivery.server.pids()) / 2**20),
            "own": round(private_bytes(delivery.server.pids()) / 2**20),
        }
        measured["duckdb"] = _measure_duckdb(environment, published, tables[0])
        delivery.close()
        say("the whole path")
        measured["whole"] = _measure_whole(
            scratch, home, snapshots, asked[POINT][OURS], stack, rounds, seconds, clients
        )
    targets = _targets(measured)
    measured["targets"] = target_dicts(targets)
    write_out(out, measured, table_of(measured, targets))
    if chart is not None:
        chart.write_text(_chart(measured), encoding="utf-8")
    return 0


def _start_postgis(
    folder: Path, environment: Path, table: MadeTable, servers: dict[str, Asked], stack: contextlib.ExitStack
) -> dict[str, str]:
    """Start the servers over PostGIS beside the others; returns which are not there, and why."""
    say("loading PostGIS")
    try:
        database = PostGIS(folder, table)
    except RuntimeError as reason:
        return {name: str(reason) for name, _ in STARTS}
    stack.callback(database.close)
    absent = {}
    for name, start in STARTS:
        try:
            servers[name] = start(folder, environment, database)
        except RuntimeError as reason:
            absent[name] = str(reason)
        else:
            stack.callback(servers[name].close)
    return absent


def _offers(tables: Sequence[MadeTable]) -> dict[str, Sequence[Any]]:
    offered = [
        PublishedTable(number, table.name, "main", table.identity, 1, f"見本の表{number}", licence="CC-BY-4.0")
        for number, table in enumerate(tables, start=1)
    ]
    collections = [Collection(entry.dataset, entry.slug) for entry in offered]
    grants = [
        GrantEntry(ANY_KEY, entry.dataset, rate_plan="r100", day_limit=10**9, month_limit=2 * 10**9)
        for entry in offered
    ]
    keys = [made_key_entry(number, FIRST_APPLICATION + number) for number in range(_APPLICATIONS)]
    return {"tables": offered, "collections": collections, "grants": grants, "keys": keys}


def _subjects(
    servers: Mapping[str, Asked], asked: Mapping[str, Mapping[str, list[bytes]]], tables: Sequence[MadeTable]
) -> list[Subject]:
    del tables
    subjects = [Subject(f"{POINT}|{EMPTY}", servers[EMPTY].port, [raw_request("/")], servers[EMPTY].pids)]
    for query, by_server in asked.items():
        for name, requests in by_server.items():
            if name in servers:
                subjects.append(Subject(f"{query}|{name}", servers[name].port, requests, servers[name].pids))
    return subjects


def _by_query(found: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    queries: dict[str, dict[str, Any]] = {}
    for name, row in found.items():
        query, server = name.split("|")
        queries.setdefault(query, {})[server] = row
    return queries


def _measure_duckdb(environment: Path, published: Path, table: MadeTable) -> dict[str, Any]:
    """Return what DuckDB's own command line needs for the same group-by on the same Parquet file, in µs of processor time.

    As many of it run at once as there are cores, since 16 clients keep all cores busy too.
    """
    program = program_in(environment, "duckdb")
    if program is None:
        return {"absent": "duckdb is neither on the PATH nor in the peers' environment"}
    parquet = table.publish(published).files["parquet"].path
    path = table_folder(published, table.identity) / parquet
    sql = f'SELECT "種別", count(*), sum("定員") FROM read_parquet(\'{path}\') GROUP BY 1;\n'  # noqa: S608 - our own file

    def spent(times: int) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with ThreadPoolExecutor(_CORES) as beside:
            done = list(beside.map(lambda _: _ran([program, "-csv"], sql * times), range(_CORES)))
        faults = [one.stderr[-300:] for one in done if one.returncode]
        if faults:
            raise RuntimeError(faults[0])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / _CORES

    try:
        each = [(spent(41) - spent(1)) / 40 * 1e6 for _ in range(5)]
    except RuntimeError as fault:
        return {"absent": f"it failed: {fault}"}
    return {"cpu_us": round(statistics.median(each), 1)}


def _ran(command: list[str], text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def _measure_whole(
    scratch: Path, home: Home, snapshots: Snapshots, point: Sequence[bytes], stack: contextlib.ExitStack,
    rounds: int, seconds: float, clients: int,
) -> dict[str, Any]:  # fmt: skip
    """Measure a point look-up through the whole gateway beside an empty answer behind Envoy without policy."""
    delivery = DeliveryStand(home)
    stack.callback(delivery.close)
    gateway = GatewayStand(home)
    stack.callback(gateway.close)
    delivery.wait_ready(snapshots.stamp)
    gateway.wait_ready(snapshots.stamp)
    plain_home = short_home(scratch / "q")
    empty = start_hello(scratch, socket=plain_home.run / "delivery.sock")
    stack.callback(empty.close)
    plain, port = start_without_policy(scratch / "p", settings_for(plain_home, AgentOptions()))
    stack.callback(plain.close)
    with_keys = [_with_key(point[number % len(point)], number) for number in range(_APPLICATIONS)]
    subjects = [
        Subject(
            "whole gateway and point", gateway.port, with_keys, lambda: [*gateway.envoy_pids(), *delivery.server.pids()]
        ),
        Subject("plain Envoy and empty answer", port, with_keys, lambda: [*plain.pids(), *empty.pids()]),
    ]
    return {
        name: one.summary() for name, one in measure(subjects, rounds=rounds, seconds=seconds, clients=clients).items()
    }


def _with_key(request: bytes, number: int) -> bytes:
    return request.replace(b"\r\n\r\n", f"\r\nAuthorization: Bearer {made_key(number)}\r\n\r\n".encode(), 1)


def _targets(measured: Mapping[str, Any]) -> list[Target]:
    many = measured["many"]

    def cost(query: str, server: str) -> float | None:
        row = many.get(query, {}).get(server)
        return float(row["cpu_us"]) if row else None

    def times(query: str, peer: str) -> float | None:
        return ratio(cost(query, peer), cost(query, OURS))

    whole, duckdb = measured["whole"], measured["duckdb"].get("cpu_us")
    path = ratio(whole["whole gateway and point"]["cpu_us"], whole["plain Envoy and empty answer"]["cpu_us"])
    failed = sum(
        row["failed"]
        for by in (many, measured["one"])
        for query in by.values()
        for name, row in query.items()
        if name == OURS
    )
    return [
        Target("point: Datasette ÷ TDPF", "at least", 95, times(POINT, DATASETTE)),
        Target("point: PostgreSQL answering the same JSON ÷ TDPF", "at least", 6.5, times(POINT, POSTGRES)),
        Target("point: TDPF ÷ empty answer", "at most", 1.6, ratio(cost(POINT, OURS), cost(POINT, EMPTY))),
        Target(
            "point: CKAN datastore_search ÷ TDPF",
            "at least",
            350,
            None,
            note="CKAN's search server cannot be installed",
        ),
        Target("equality: Datasette ÷ TDPF", "at least", 35, times(EQUAL, DATASETTE)),
        Target("range, sort, limit: Datasette ÷ TDPF", "at least", 20, times(RANGE, DATASETTE)),
        Target("box: tipg ÷ TDPF", "at least", 40, times(FEATURES, TIPG)),
        Target("box: pygeoapi ÷ TDPF", "at least", 40, times(FEATURES, PYGEOAPI)),
        Target("group-by: Datasette ÷ TDPF", "at least", 120, times(GROUP, DATASETTE)),
        Target("group-by: TDPF ÷ DuckDB's command line", "at most", 1.3, ratio(cost(GROUP, OURS), duckdb)),
        Target("group-by again: TDPF ÷ empty answer", "at most", 1.5, ratio(cost(KEPT, OURS), cost(POINT, EMPTY))),
        Target("series: Datasette ÷ TDPF", "at least", 15, times(SERIES, DATASETTE)),
        Target("whole path ÷ (plain Envoy + empty answer)", "at most", 1.6, path),
        Target("answers of TDPF that failed", "at most", 0, failed, "answers"),
    ]


def table_of(measured: Mapping[str, Any], targets: Sequence[Target]) -> str:
    """Return what was measured as Markdown."""
    head = f"{measured['machine']} · {measured['generator']} · {measured['rows']:,} × 15 facilities, {measured['series']:,} × 6 readings"
    lines = [f"{head} · {measured['rounds']} interleaved rounds, medians"]
    for label, title in (("many", f"{measured['clients']} clients"), ("one", "1 client")):
        lines += ["", f"### {title}", ""]
        rows: dict[str, Any] = {}
        for query, by_server in measured[label].items():
            rows |= {f"{query}: {name}": row for name, row in by_server.items()}
        if label == "many":
            rows |= {name: {"absent": reason} for name, reason in measured["absent"].items()}
        lines += reading_lines("query", rows)
    memory = measured["memory_mb"]
    lines += [
        "",
        f"Memory of the delivery's workers: {memory['all']} MB, {memory['own']} MB of it not backed by files.",
        "",
    ]
    lines += reading_lines("whole path", measured["whole"], reference="plain Envoy and empty answer")
    return "\n".join([*lines, "", *target_lines(targets)])


def _chart(measured: Mapping[str, Any]) -> str:
    bars = [
        Bar(f"{query}: {name}", row["cpu_us"], name == OURS)
        for query in (POINT, EQUAL, RANGE, SERIES)
        for name, row in measured["many"][query].items()
    ]
    return bar_chart(
        "One answer of the delivery: processor time in µs", bars, unit="µs",
        note=f"{measured['rows']:,} × 15 and {measured['series']:,} × 6; {measured['machine']}",
    )  # fmt: skip
