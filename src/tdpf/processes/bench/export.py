"""`tdpf bench export`: whole tables and selections as files, and what publishing them costs."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import Home
from tdpf.processes.bench.baselines import percentile
from tdpf.processes.bench.chart import Bar, bar_chart
from tdpf.processes.bench.figures import Target, ratio, say, target_dicts, target_lines, wait_for_rest, write_out
from tdpf.processes.bench.load import load, raw_request
from tdpf.processes.bench.processes import Server, cpu_seconds, free_port, listens, machine, private_bytes, pss_bytes
from tdpf.processes.bench.servers import Asked, datasette_base, peers_environment, start_datasette
from tdpf.processes.bench.stand import DeliveryStand, GatewayStand, Snapshots, bench_folder, short_home
from tdpf.processes.bench.tables import MadeTable, facilities
from tdpf.tables.build import build_table
from tdpf.tables.identity import table_folder
from tdpf.tables.types import Field
from tdpf.wire.messages import ANONYMOUS, Collection, GrantEntry, PublishedTable

ENVOY, DELIVERY, SENDFILE, STREAM = "TDPF through Envoy", "TDPF without Envoy", "sendfile", "Datasette, _stream"
_PIECE = 1 << 20
_OPENINGS = 6


def bench_export(
    place: Home,
    *,
    rows: int,
    tables: int,
    rounds: int,
    peers: bool,
    fetch: bool,
    out: Path | None,
    chart: Path | None,
) -> int:
    """Measure, print a table, write figures and a chart; return 0."""
    folder = bench_folder(place)
    say("making the table")
    made = facilities(folder / "tables", rows)
    measured: dict[str, Any] = {"machine": machine(), "rows": rows, "rounds": rounds}
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tdpf-bench-", dir=_disk(folder))))
        home = short_home(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tdpf-bench-"))) / "h")
        home.tables.rmdir()
        published = scratch / "published"
        published.mkdir()
        home.tables.symlink_to(published.resolve())
        say(f"publishing {rows:,} rows")
        measured["publishing"] = _measure_publishing(made, published, scratch)
        say(f"publishing {tables} small tables")
        small = _small_tables(published, tables)
        snapshots = Snapshots(home)
        stack.callback(snapshots.close)
        snapshots.publish(**_offers(made, small))
        delivery = DeliveryStand(home)
        stack.callback(delivery.close)
        gateway = GatewayStand(home)
        stack.callback(gateway.close)
        delivery.wait_ready(snapshots.stamp)
        gateway.wait_ready(snapshots.stamp)
        csv, port = table_folder(published, made.identity) / "data.csv", free_port()
        sender = Server([sys.executable, "-m", "tdpf.processes.bench.export", str(csv), str(port)], scratch / "log")
        stack.callback(sender.close)
        sender.wait_for(lambda: listens(port))
        whole = "/data/collections/facilities/items?f=csv"
        ways: dict[str, _Way] = {
            SENDFILE: _Way(("127.0.0.1", port), "/", sender.pids),
            ENVOY: _Way(("127.0.0.1", gateway.port), whole, lambda: [*gateway.envoy_pids(), *delivery.server.pids()]),
            DELIVERY: _Way(str(home.run / "delivery.sock"), whole, delivery.server.pids),
        }
        measured["whole"] = _measure_whole(ways, rounds)
        if peers:
            measured["whole"][STREAM] = _measure_datasette(folder, made, fetch=fetch)
        say("a selection")
        measured["selection"] = _measure_selection(gateway.port, delivery)
        say(f"{tables} tables open")
        measured["open"] = _measure_open(gateway.port, delivery, small)
    targets = _targets(measured)
    measured["targets"] = target_dicts(targets)
    write_out(out, measured, table_of(measured, targets))
    if chart is not None:
        chart.write_text(_chart(measured), encoding="utf-8")
    return 0


def _disk(folder: Path) -> Path:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return scratch


def _offers(made: MadeTable, small: Sequence[str]) -> dict[str, Sequence[Any]]:
    named = [("facilities", made.identity), *((f"small-{number}", identity) for number, identity in enumerate(small))]
    offered = [
        PublishedTable(number, slug, "main", identity, 1, f"見本の表{number}", licence="CC-BY-4.0")
        for number, (slug, identity) in enumerate(named, start=1)
    ]
    collections = [Collection(entry.dataset, entry.slug) for entry in offered]
    grants = [GrantEntry(ANONYMOUS, entry.dataset, rate_plan="r100") for entry in offered]
    return {"tables": offered, "collections": collections, "grants": grants, "keys": []}


_PUBLISH = """
import resource, sys, time
from pathlib import Path
from tdpf.processes.bench.tables import facilities
made = facilities(Path(sys.argv[1]), int(sys.argv[2]))
begun, cpu = time.perf_counter(), time.process_time()
manifest = made.publish(Path(sys.argv[3]))
import json
print(json.dumps({"seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - cpu,
  "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
  "bytes": {name: facts.bytes for name, facts in manifest.files.items()}}))
"""


def _measure_publishing(made: MadeTable, published: Path, scratch: Path) -> dict[str, Any]:
    """Publish in a process of its own, while small durable writes go to a database on the same disk."""
    alone = _write_latencies(scratch / "alone.sqlite", lambda: False, least=200)
    command = [sys.executable, "-c", _PUBLISH, str(made.csv.parent), str(made.rows), str(published)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as work:
        meanwhile = _write_latencies(scratch / "beside.sqlite", lambda: work.poll() is None, least=50)
        said, fault = work.communicate()
    if work.returncode:
        raise RuntimeError(fault.decode(errors="replace")[-500:])
    found: dict[str, Any] = orjson.loads(said)
    total = sum(found["bytes"].values())
    found["times_the_csv"] = round(total / found["bytes"]["csv"], 2)
    found["writes_p99_ms"] = round(percentile(meanwhile, 0.99), 1)
    found["writes_alone_p99_ms"] = round(percentile(alone, 0.99), 1)
    return found


def _write_latencies(path: Path, go_on: Callable[[], bool], *, least: int) -> list[float]:
    """Return the milliseconds of small durable transactions, fifty a second, as the portal makes them."""
    taken: list[float] = []
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=FULL")
        base.execute("CREATE TABLE written (number INTEGER PRIMARY KEY, text TEXT)")
        while go_on() or len(taken) < least:
            begun = time.perf_counter()
            base.execute("INSERT INTO written (text) VALUES (?)", ("x" * 500,))
            taken.append((time.perf_counter() - begun) * 1000)
            time.sleep(0.02 if go_on() else 0.002)
    return taken


def _small_tables(published: Path, count: int) -> list[str]:
    fields = (Field("番号", "code"), Field("名称"), Field("数", "integer"), Field("日", "date"))
    found = []
    for number in range(count):
        identity = sha256_hex(f"bench small {number}".encode())
        rows = [[f"{row}", f"{number}の{row}", str(row * number), f"2026-01-{row % 28 + 1:02d}"] for row in range(200)]
        build_table(rows, fields, out_root=published, identity=identity, key_columns=("番号",))
        found.append(identity)
    return found


class _Way:
    """One way to the bytes: an address, what is asked, whose time counts."""

    def __init__(self, address: tuple[str, int] | str, path: str, pids: Callable[[], Sequence[int]]) -> None:
        self.address, self.path, self.pids = address, path, pids


def _read(way: _Way) -> tuple[float, float, int]:
    """Read a whole answer; returns seconds to the first bytes of the body, seconds to the end, bytes of the body."""
    family = socket.AF_UNIX if isinstance(way.address, str) else socket.AF_INET
    buffer = bytearray(_PIECE)
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(600)
        connection.connect(way.address)
        begun = time.perf_counter()
        connection.sendall(raw_request(way.path).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        head, first = b"", 0.0
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                raise RuntimeError(f"{way.path}: the answer ended in its head")
            head += piece
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
            raise RuntimeError(f"{way.path} answered {head[:300]!r}")
        count = len(head) - head.index(b"\r\n\r\n") - 4
        first = time.perf_counter() - begun if count else 0.0
        while size := connection.recv_into(buffer):
            first = first or time.perf_counter() - begun
            count += size
        return first, time.perf_counter() - begun, count


def _measure_whole(ways: Mapping[str, _Way], rounds: int) -> dict[str, Any]:
    found: dict[str, dict[str, list[float]]] = {
        name: {"first": [], "seconds": [], "cpu": [], "bytes": []} for name in ways
    }
    for way in ways.values():
        # Often enough that every worker has opened the table, which it then checks from end to end.
        for _ in range(_OPENINGS):
            _read(way)
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}: whole file")
        for name, way in ways.items():
            pids = way.pids()
            wait_for_rest(pids)
            before = cpu_seconds(pids)
            first, seconds, count = _read(way)
            spent = cpu_seconds(pids) - before
            for key, value in (("first", first), ("seconds", seconds), ("cpu", spent), ("bytes", float(count))):
                found[name][key].append(value)
    return {name: _summary(values) for name, values in found.items()}


def _summary(values: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    seconds, count = statistics.median(values["seconds"]), values["bytes"][0]
    return {
        "seconds": round(seconds, 4),
        "first_ms": round(statistics.median(values["first"]) * 1000, 1),
        "mb_per_second": round(count / seconds / 1e6),
        "cpu_ms_per_mb": round(statistics.fmean(values["cpu"]) * 1000 / (count / 1e6), 2),
        "bytes": int(count),
    }


def _measure_datasette(folder: Path, made: MadeTable, *, fetch: bool) -> dict[str, Any]:
    environment = peers_environment(folder, fetch=fetch)
    try:
        server: Asked = start_datasette(folder, environment, [made])
    except RuntimeError as reason:
        return {"absent": str(reason)}
    try:
        say("Datasette streams once")
        way = _Way(("127.0.0.1", server.port), f"{datasette_base([made])}/facilities.csv?_stream=on", server.pids)
        before = cpu_seconds(server.pids())
        first, seconds, count = _read(way)
        spent = cpu_seconds(server.pids()) - before
        return _summary({"first": [first], "seconds": [seconds], "cpu": [spent], "bytes": [float(count)]})
    finally:
        server.close()


def _measure_selection(port: int, delivery: DeliveryStand) -> dict[str, Any]:
    """Stream half of the rows as CSV and a tenth of them: first bytes, speed, and how much memory grew meanwhile."""
    found: dict[str, Any] = {}
    for name, most in (("tenth", 99), ("half", 499)):
        wanted = quote(f'"定員" <= {most}')
        way = _Way(
            ("127.0.0.1", port), f"/data/collections/facilities/items?f=csv&filter={wanted}", delivery.server.pids
        )
        firsts = []
        for _ in range(3):
            base, most_seen, done = private_bytes(delivery.server.pids()), [0], threading.Event()
            watcher = threading.Thread(target=_watch, args=(delivery, most_seen, done))
            watcher.start()
            first, seconds, count = _read(way)
            done.set()
            watcher.join()
            firsts.append(first)
        found[name] = {
            "first_ms": round(statistics.median(firsts) * 1000, 1),
            "seconds": round(seconds, 3),
            "mb_per_second": round(count / seconds / 1e6),
            "bytes": count,
            "grew_mb": round(max(0, most_seen[0] - base) / 2**20, 1),
        }
    return found


def _watch(delivery: DeliveryStand, most_seen: list[int], done: threading.Event) -> None:
    while not done.wait(0.02):
        most_seen[0] = max(most_seen[0], private_bytes(delivery.server.pids()))


def _measure_open(port: int, delivery: DeliveryStand, small: Sequence[str]) -> dict[str, Any]:
    """Ask every table on every worker, then look at the memory of all workers."""
    requests = [raw_request(f"/data/collections/small-{number}/items/7?f=json") for number in range(len(small))]
    answered = load(port, requests, clients=8, seconds=max(2, len(small) // 60))
    return {
        "tables": len(small),
        "asked": answered.requests,
        "memory_mb": round(pss_bytes(delivery.server.pids()) / 2**20),
        "own_mb": round(private_bytes(delivery.server.pids()) / 2**20),
        "workers": max(2, os.cpu_count() or 2),
    }


def _targets(measured: Mapping[str, Any]) -> list[Target]:
    whole, publishing, selection = measured["whole"], measured["publishing"], measured["selection"]
    stream = whole.get(STREAM, {}).get("seconds")
    note = f"{measured['rows']:,} rows" if measured["rows"] != 1_000_000 else ""
    return [
        Target(
            "whole CSV through Envoy ÷ sendfile, time",
            "at most",
            2.5,
            ratio(whole[ENVOY]["seconds"], whole[SENDFILE]["seconds"]),
        ),
        Target(
            "Datasette's stream ÷ whole CSV through Envoy, time", "at least", 90, ratio(stream, whole[ENVOY]["seconds"])
        ),
        Target("CKAN's dump ÷ whole CSV", "at least", 50, None, note="CKAN's search server cannot be installed"),
        Target("selection: first bytes after", "at most", 50, selection["half"]["first_ms"], "ms"),
        Target("selection: memory grows by", "at most", 64, selection["half"]["grew_mb"], "MB"),
        Target("publishing 1,000,000 × 15", "at most", 20, round(publishing["seconds"], 1), "s", note),
        Target("publishing: memory", "at most", 600, publishing["memory_mb"], "MB", note),
        Target("publishing: all files ÷ the CSV", "at most", 4, publishing["times_the_csv"]),
        Target("publishing: small durable writes beside it, p99", "at most", 100, publishing["writes_p99_ms"], "ms"),
        Target(
            f"{measured['open']['tables']} tables open: memory of all workers",
            "at most",
            400,
            measured["open"]["memory_mb"],
            "MB",
        ),
    ]


def table_of(measured: Mapping[str, Any], targets: Sequence[Target]) -> str:
    """Return what was measured as Markdown."""
    lines = [
        f"{measured['machine']} · {measured['rows']:,} × 15 facilities · {measured['rounds']} interleaved rounds, medians",
        "",
        "| whole table as CSV | s | first bytes ms | MB/s | CPU ms per MB |",
        "|---|---|---|---|---|",
    ]
    for name, row in measured["whole"].items():
        if "absent" in row:
            lines.append(f"| {name} | not available: {row['absent']} | | | |")
        else:
            lines.append(
                f"| {name} | {row['seconds']:.3f} | {row['first_ms']} | {row['mb_per_second']:,} | {row['cpu_ms_per_mb']} |"
            )
    lines += [
        "",
        "| selection as CSV through Envoy | s | first bytes ms | MB/s | memory grew MB |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} of the rows | {row['seconds']} | {row['first_ms']} | {row['mb_per_second']} | {row['grew_mb']} |"
        for name, row in measured["selection"].items()
    ]
    publishing = measured["publishing"]
    sizes = ", ".join(f"{name} {count / 1e6:,.1f} MB" for name, count in publishing["bytes"].items())
    work = f"{publishing['seconds']:.1f} s, {publishing['cpu_seconds']:.1f} s of processor time, {publishing['memory_mb']} MB"
    writes = f"{publishing['writes_p99_ms']} ms beside it, {publishing['writes_alone_p99_ms']} ms alone"
    lines += ["", f"Publishing: {work}; {sizes}. Small durable writes, p99: {writes}.", ""]
    return "\n".join([*lines, *target_lines(targets)])


def _chart(measured: Mapping[str, Any]) -> str:
    bars = [
        Bar(name, row["seconds"] * 1000, name.startswith("TDPF"))
        for name, row in measured["whole"].items()
        if "seconds" in row
    ]
    title = f"{measured['rows']:,} rows as one CSV: ms until the last byte"
    return bar_chart(title, bars, unit="ms", note=str(measured["machine"]))


def send_forever(path: Path, port: int) -> None:
    """Answer every connection with the file by sendfile: the limit of what this machine can do."""
    with socket.create_server(("127.0.0.1", port)) as listener, path.open("rb") as stream:
        size = path.stat().st_size
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n".encode()
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                if not connection.recv(65536):
                    continue
                connection.sendall(head)
                sent = 0
                while sent < size:
                    sent += os.sendfile(connection.fileno(), stream.fileno(), sent, size - sent)


if __name__ == "__main__":
    send_forever(Path(sys.argv[1]), int(sys.argv[2]))
