"""`tdpf bench growth`: what a call costs as the platform grows: more APIs, more agreements for each, more rows in a table."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tdpf.kit.home import Home
from tdpf.processes.bench.chart import Panel, panels_chart
from tdpf.processes.bench.figures import (
    Readings,
    Subject,
    Target,
    measure,
    ratio,
    say,
    target_dicts,
    target_lines,
    write_out,
)
from tdpf.processes.bench.gateways import start_upstream
from tdpf.processes.bench.load import generator_name, raw_request
from tdpf.processes.bench.processes import free_port, machine
from tdpf.processes.bench.stand import (
    DeliveryStand,
    GatewayStand,
    Snapshots,
    bench_folder,
    made_key,
    made_key_entry,
    short_home,
)
from tdpf.processes.bench.tables import READINGS_BEGIN, MadeTable, readings
from tdpf.wire.messages import ANY_KEY, FIRST_APPLICATION, Collection, GrantEntry, PublishedTable

APIS, AGREEMENTS, ROWS, PAGES = (
    "APIs on the platform",
    "agreements for one API",
    "rows of a table: one row by its number",
    "rows of a table: 100 rows of one minute",
)
_FLAT = 1.3
"""Dearest ÷ cheapest up to which a line is called flat; the gateway's own promise for many routes is 1.2."""
_ASKED = 300
_APPLICATIONS = 1_000
_FEW_APIS = 100


def bench_growth(
    place: Home, *, apis: Sequence[int], agreements: Sequence[int], rows: Sequence[int], rounds: int, seconds: float,
    clients: int, out: Path | None, chart: Path | None,
) -> int:  # fmt: skip
    """Measure, print a table, write figures and a chart; return 0."""
    measured: dict[str, Any] = {
        "machine": machine(),
        "generator": generator_name(),
        "clients": clients,
        "rounds": rounds,
    }
    ask = _Asking(rounds, seconds, clients)
    measured["growth"] = {
        **_measure_gateway(apis, agreements, ask),
        **_measure_rows(bench_folder(place), rows, ask),
    }
    targets = _targets(measured["growth"])
    measured["targets"] = target_dicts(targets)
    write_out(out, measured, table_of(measured, targets))
    if chart is not None:
        chart.write_text(_chart(measured), encoding="utf-8")
    return 0


class _Asking:
    """How long and how often: processor time with many clients, the time of an answer with one."""

    def __init__(self, rounds: int, seconds: float, clients: int) -> None:
        self.rounds, self.seconds, self.clients = rounds, seconds, clients

    def all(self, subjects: Sequence[Subject], rounds: int) -> dict[str, dict[str, Any]]:
        """Return processor µs and answers per second with many clients, and p50 and p99 in ms with one."""
        many = measure(subjects, rounds=rounds, seconds=self.seconds, clients=self.clients)
        one = measure(subjects, rounds=rounds, seconds=self.seconds, clients=1)
        return {name: _told(many[name], one[name]) for name in many}


def _told(many: Readings, one: Readings) -> dict[str, Any]:
    busy, alone = many.summary(), one.summary()
    told = {
        "cpu_us": busy["cpu_us"],
        "per_second": busy["per_second"],
        "p50_ms": alone["p50_ms"],
        "p99_ms": alone["p99_ms"],
    }
    return {**told, "rounds": busy["rounds"], "failed": busy["failed"] + alone["failed"]}


def _measure_gateway(apis: Sequence[int], agreements: Sequence[int], ask: _Asking) -> dict[str, dict[int, Any]]:
    """Ask one gateway that is given ever larger snapshots, all sizes in every round."""
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tdpf-bench-")))
        home = short_home(scratch / "h")
        upstream = start_upstream(scratch, home.run / "delivery.sock")
        stack.callback(upstream.server.close)
        snapshots = Snapshots(home)
        stack.callback(snapshots.close)
        snapshots.publish(
            keys=[made_key_entry(number, FIRST_APPLICATION + number) for number in range(_APPLICATIONS)],
            collections=[Collection(1, "data-1", access="conditional")], grants=[_grant(1, 0, 1)], passthroughs=[],
        )  # fmt: skip
        gateway = GatewayStand(home)
        stack.callback(gateway.close)
        gateway.wait_ready(snapshots.stamp)

        def asked(sizes: Sequence[int], snapshot_of: Callable[[int], tuple[int, int]], title: str) -> dict[int, Any]:
            found: dict[int, list[dict[str, Any]]] = {size: [] for size in sizes}
            for turn in range(ask.rounds):
                for size in [*sizes[turn % len(sizes) :], *sizes[: turn % len(sizes)]]:
                    say(f"round {turn + 1} of {ask.rounds}: {size:,} {title}")
                    count, each = snapshot_of(size)
                    snapshots.publish(
                        collections=[Collection(n, f"data-{n}", access="conditional") for n in range(1, count + 1)],
                        grants=[_grant(n, place, each) for n in range(1, count + 1) for place in range(each)],
                    )
                    gateway.wait_ready(snapshots.stamp)
                    subject = Subject(title, gateway.port, _requests(count, each), gateway.envoy_pids)
                    found[size].append(ask.all([subject], 1)[title])
            return {size: _middle(rows) for size, rows in found.items()}

        return {
            APIS: asked(apis, lambda size: (size, 10), APIS),
            AGREEMENTS: asked(agreements, lambda size: (_FEW_APIS, size), AGREEMENTS),
        }


def _holder(dataset: int, place: int, each: int) -> int:
    """Return whose the agreement at this place is: so many applications in all that none comes to the end of its rate."""
    return (dataset * each + place) % _APPLICATIONS


def _grant(dataset: int, place: int, each: int) -> GrantEntry:
    who = _holder(dataset, place, each)
    limits = {"day_limit": 1_000_000_000, "month_limit": 2_000_000_000}
    return GrantEntry(FIRST_APPLICATION + who, dataset, dataset * 10_000 + who + 1, rate_plan="r100", **limits)


def _requests(count: int, each: int) -> list[bytes]:
    """Return requests spread over all APIs and all their agreements."""
    found = []
    for number in range(1_000):
        dataset, place = 1 + number * 7919 % count, (number * 31 + number // count) % each
        key = made_key(_holder(dataset, place, each))
        path = f"/data/collections/data-{dataset}/items/{number}"
        found.append(raw_request(path, {"Authorization": f"Bearer {key}"}))
    return found


def _middle(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the medians of several readings; calls that failed are added up."""

    def median(name: str) -> float:
        ordered = sorted(float(row[name]) for row in rows)
        return round(ordered[len(ordered) // 2], 3)

    names = ("cpu_us", "per_second", "p50_ms", "p99_ms")
    return {name: median(name) for name in names} | {"rounds": len(rows), "failed": sum(row["failed"] for row in rows)}


def _measure_rows(folder: Path, sizes: Sequence[int], ask: _Asking) -> dict[str, dict[int, Any]]:
    """Ask one delivery for tables of all sizes, each published before."""
    published = folder / "published"
    published.mkdir(exist_ok=True)
    tables: dict[int, MadeTable] = {}
    for size in sizes:
        say(f"publishing {size:,} readings")
        tables[size] = readings(folder / "tables", size)
        tables[size].publish(published)
    with contextlib.ExitStack() as stack:
        home = short_home(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tdpf-bench-"))) / "h")
        home.tables.rmdir()
        home.tables.symlink_to(published.resolve())
        snapshots = Snapshots(home)
        stack.callback(snapshots.close)
        offered = [
            PublishedTable(
                number, f"readings-{size}", "main", tables[size].identity, 1, f"{size}行", licence="CC-BY-4.0"
            )
            for number, size in enumerate(sizes, start=1)
        ]
        snapshots.publish(
            tables=offered, collections=[Collection(entry.dataset, entry.slug) for entry in offered],
            grants=[GrantEntry(ANY_KEY, entry.dataset, rate_plan="r100", day_limit=10**9, month_limit=2 * 10**9) for entry in offered],
            keys=[made_key_entry(0, FIRST_APPLICATION)],
        )  # fmt: skip
        delivery = DeliveryStand(home, port=free_port())
        stack.callback(delivery.close)
        delivery.wait_ready(snapshots.stamp)
        port, pids = delivery.port or 0, delivery.server.pids
        subjects = [
            Subject(f"{size}|{kind}", port, [raw_request(path) for path in paths], pids)
            for size in sizes
            for kind, paths in ((ROWS, _one_row(size)), (PAGES, _minute(size)))
        ]
        found = ask.all(subjects, ask.rounds)
    return {kind: {size: found[f"{size}|{kind}"] for size in sizes} for kind in (ROWS, PAGES)}


def _one_row(size: int) -> list[str]:
    return [f"/data/collections/readings-{size}/items/{1 + number * 7919 % size}?f=json" for number in range(_ASKED)]


def _minute(size: int) -> list[str]:
    """Return pages of a hundred of the thousand readings that every minute has: as many different ones for every size."""
    moments = (READINGS_BEGIN + timedelta(minutes=number * 7919 % (size // 1_000)) for number in range(_ASKED))
    texts = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments)
    path = f"/data/collections/readings-{size}/items?limit=100&f=json"
    return [f"{path}&datetime={text}/{text}&offset={number * 3}" for number, text in enumerate(texts)]


def _targets(growth: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> list[Target]:
    found = []
    for title, by_size in growth.items():
        sizes = sorted(by_size)
        grown = ratio(by_size[sizes[-1]]["cpu_us"], by_size[sizes[0]]["cpu_us"])
        found.append(Target(f"{title}: {sizes[-1]:,} ÷ {sizes[0]:,}, processor time", "at most", _FLAT, grown))
    failed = sum(row["failed"] for by_size in growth.values() for row in by_size.values())
    return [*found, Target("answers that failed", "at most", 0, failed, "answers")]


def table_of(measured: Mapping[str, Any], targets: Sequence[Target]) -> str:
    """Return what was measured as Markdown."""
    head = f"{measured['machine']} · {measured['generator']} · {measured['rounds']} interleaved rounds, medians"
    lines = [f"{head} · processor time with {measured['clients']} clients, p50 and p99 with one", ""]
    lines += [
        "| as it grows | | CPU µs per request | answers/s | p50 ms | p99 ms | failed |",
        "|---|---|---|---|---|---|---|",
    ]
    for title, by_size in measured["growth"].items():
        lines += [
            f"| {title} | {size:,} | {row['cpu_us']:.1f} | {row['per_second']:,.0f} | {row['p50_ms']:.2f} | {row['p99_ms']:.2f} | {row['failed']} |"
            for size, row in sorted(by_size.items())
        ]
    return "\n".join([*lines, "", *target_lines(targets)])


def _chart(measured: Mapping[str, Any]) -> str:
    panels = []
    for title, by_size in measured["growth"].items():
        sizes = sorted(by_size)
        cpu = [(size, float(by_size[size]["cpu_us"])) for size in sizes]
        p50 = [(size, float(by_size[size]["p50_ms"]) * 1000) for size in sizes]
        panels.append(Panel(title, {"CPU": cpu, "p50": p50}))
    note = f"{measured['machine']}; medians of {measured['rounds']} rounds; CPU with {measured['clients']} clients, p50 with one"
    return panels_chart("What a call costs as it grows: µs", panels, unit="µs", note=note)
