"""`tdpf bench`: the grammar; what it needs is imported when it runs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tdpf.kit.home import home
from tdpf.processes.argument_types import whole


def add_benches(benches: argparse._SubParsersAction[Any], start: Callable[[], None]) -> None:
    """Add every benchmark; `start` loads settings and rooms."""
    _add_rate(benches)
    _add_search(benches, start)
    _add_data_plane(benches)


def _add_rate(benches: argparse._SubParsersAction[Any]) -> None:
    bench_rate = benches.add_parser("rate", help="the readability rating: speed, and how right it is")
    bench_rate.add_argument("--corpus", type=Path, help="a folder of real files")
    bench_rate.add_argument("--truth", type=Path, help="what a person saw in them (tests/engine/rating_truth.tsv)")
    bench_rate.add_argument("--json", action="store_true", help="print JSON instead of tables")
    bench_rate.set_defaults(run=_rate)


def _add_search(benches: argparse._SubParsersAction[Any], start: Callable[[], None]) -> None:
    def run(arguments: argparse.Namespace) -> int:
        start()  # what reads real lists knows the rooms' tables
        from tdpf.processes.bench.search import bench_search

        return bench_search(
            documents=arguments.documents,
            clients=arguments.clients,
            as_json=arguments.json,
            out=arguments.out,
            baselines=not arguments.no_baselines,
            page=not arguments.no_page,
            judged=arguments.judged,
        )

    bench_search = benches.add_parser("search", help="the search engine, its index and its pages")
    bench_search.add_argument("--documents", type=whole(100, 5_000_000), default=200_000)
    bench_search.add_argument("--clients", type=whole(1, 64), default=8)
    bench_search.add_argument("--json", action="store_true", help="print JSON instead of a table")
    bench_search.add_argument("--out", type=Path, help="write the table (.md) or the figures (.json) there too")
    bench_search.add_argument("--no-baselines", action="store_true", help="leave SQLite and PostgreSQL out")
    bench_search.add_argument("--no-page", action="store_true", help="leave the portal out")
    bench_search.add_argument(
        "--judged", type=Path, help="folder of judged queries (benchmarks/judged) to rank as well"
    )
    bench_search.set_defaults(run=run)


def _add_data_plane(benches: argparse._SubParsersAction[Any]) -> None:
    gateway = benches.add_parser(
        "gateway", help="a call through the gateway, beside Envoy without policy and other gateways"
    )
    _add_common(gateway, seconds=3)
    gateway.add_argument("--routes", type=int, help="collections, and connected files (1,000; with --full 10,000)")
    gateway.set_defaults(run=_gateway)

    delivery = benches.add_parser(
        "delivery", help="rows, pages, boxes, groups and series, beside PostgreSQL and Datasette"
    )
    _add_common(delivery, seconds=2)
    delivery.add_argument("--rows", type=int, help="facilities (100,000; with --full 1,000,000)")
    delivery.add_argument("--series", type=int, help="readings of sensors (1,000,000; with --full 10,000,000)")
    delivery.set_defaults(run=_delivery)

    export = benches.add_parser("export", help="whole tables and selections as files, and what publishing costs")
    _add_common(export, seconds=2)
    export.add_argument("--rows", type=int, help="facilities (100,000; with --full 1,000,000)")
    export.add_argument("--tables", type=int, help="small tables open at once (100; with --full 500)")
    export.set_defaults(run=_export)

    growth = benches.add_parser("growth", help="what a call costs with more APIs, more agreements and more rows")
    growth.add_argument(
        "--full", action="store_true", help="up to 10,000 APIs and 10,000,000 rows; else a tenth to a hundredth"
    )
    growth.add_argument("--rounds", type=int, help="interleaved rounds (3; with --full 5)")
    growth.add_argument("--seconds", type=float, default=1, help="how long each is asked in a round")
    growth.add_argument("--clients", type=int, default=16, help="connections at once")
    growth.add_argument("--out", type=Path, help="write the table (.md) or the figures (.json) there too")
    growth.add_argument("--chart", type=Path, help="write a chart (.svg) there")
    growth.set_defaults(run=_growth)

    stream = benches.add_parser(
        "stream", help="shelter head-counts as a live feed to many consumers under three agreements"
    )
    stream.add_argument("--consumers", type=int, default=200, help="who follow at once")
    stream.add_argument("--per-second", type=float, default=20.0, help="events pushed in a second")
    stream.add_argument("--full", action="store_true", help="the whole feed; else its first 400 events")
    stream.add_argument("--events", type=int, help="at most so many")
    stream.add_argument("--corpus", type=Path, help="a folder with shelter_status/*.csv (TDPF_CORPUS); else made data")
    stream.add_argument("--out", type=Path, help="write the table (.md) or the figures (.json) there too")
    stream.add_argument("--chart", type=Path, help="write a chart (.svg) there")
    stream.set_defaults(run=_stream)


def _add_common(parser: argparse.ArgumentParser, *, seconds: int) -> None:
    parser.add_argument("--full", action="store_true", help="the sizes of the promise; takes long")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (3; with --full 5)")
    parser.add_argument("--seconds", type=float, default=seconds, help="how long each is asked in a round")
    parser.add_argument("--clients", type=int, default=16, help="connections at once")
    parser.add_argument("--no-peers", action="store_true", help="leave other programs out")
    parser.add_argument("--fetch-peers", action="store_true", help="let pip bring peers into TDPF_HOME/bench/peers")
    parser.add_argument("--out", type=Path, help="write the table (.md) or the figures (.json) there too")
    parser.add_argument("--chart", type=Path, help="write a chart (.svg) there")


def _rounds(arguments: argparse.Namespace) -> int:
    return int(arguments.rounds or (5 if arguments.full else 3))


def _rate(arguments: argparse.Namespace) -> int:
    from tdpf.processes.bench.rating import print_rating_bench

    return print_rating_bench(corpus=arguments.corpus, truth=arguments.truth, as_json=arguments.json)


def _gateway(arguments: argparse.Namespace) -> int:
    from tdpf.processes.bench.gateway import bench_gateway

    return bench_gateway(
        home().prepare(),
        routes=arguments.routes or (10_000 if arguments.full else 1_000),
        rounds=_rounds(arguments),
        seconds=arguments.seconds,
        clients=arguments.clients,
        peers=not arguments.no_peers,
        fetch=arguments.fetch_peers,
        out=arguments.out,
        chart=arguments.chart,
    )


def _delivery(arguments: argparse.Namespace) -> int:
    from tdpf.processes.bench.delivery import bench_delivery

    return bench_delivery(
        home().prepare(),
        rows=arguments.rows or (1_000_000 if arguments.full else 100_000),
        series=arguments.series or (10_000_000 if arguments.full else 1_000_000),
        rounds=_rounds(arguments),
        seconds=arguments.seconds,
        clients=arguments.clients,
        peers=not arguments.no_peers,
        fetch=arguments.fetch_peers,
        out=arguments.out,
        chart=arguments.chart,
    )


def _stream(arguments: argparse.Namespace) -> int:
    from tdpf.processes.bench.stream import bench_stream

    named = os.environ.get("TDPF_CORPUS")
    return bench_stream(
        corpus=arguments.corpus or (Path(named) if named else None),
        consumers=arguments.consumers,
        per_second=arguments.per_second,
        most_events=arguments.events or (100_000 if arguments.full else 400),
        out=arguments.out,
        chart=arguments.chart,
    )


def _growth(arguments: argparse.Namespace) -> int:
    from tdpf.processes.bench.growth import bench_growth

    full = arguments.full
    return bench_growth(
        home().prepare(),
        apis=(10, 100, 1_000, 10_000) if full else (10, 100, 1_000),
        agreements=(1, 10, 100, 1_000) if full else (1, 10, 100),
        rows=(1_000, 10_000, 100_000, 1_000_000, 10_000_000) if full else (1_000, 10_000, 100_000),
        rounds=_rounds(arguments),
        seconds=arguments.seconds,
        clients=arguments.clients,
        out=arguments.out,
        chart=arguments.chart,
    )


def _export(arguments: argparse.Namespace) -> int:
    from tdpf.processes.bench.export import bench_export

    return bench_export(
        home().prepare(),
        rows=arguments.rows or (1_000_000 if arguments.full else 100_000),
        tables=arguments.tables or (500 if arguments.full else 100),
        rounds=_rounds(arguments),
        peers=not arguments.no_peers,
        fetch=arguments.fetch_peers,
        out=arguments.out,
        chart=arguments.chart,
    )
