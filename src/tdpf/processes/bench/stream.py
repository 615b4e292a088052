"""`tdpf bench stream`: shelter head-counts as a live feed through the gateway to many consumers under three agreements.

Each consumer is checked event by event: no column and no area its terms exclude, and none of its own events missing.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson

from tdpf.kit.home import Home
from tdpf.processes.bench.chart import Bar, bar_chart
from tdpf.processes.bench.processes import cpu_seconds, machine, pss_bytes
from tdpf.processes.bench.shelters import COLUMNS, DERIVED, Feed, feed_from
from tdpf.processes.bench.stand import (
    DeliveryStand,
    GatewayStand,
    Snapshots,
    made_key,
    made_key_entry,
    short_home,
)
from tdpf.wire.messages import Collection, GrantEntry
from tdpf.wire.sources import StreamColumn, StreamSource, StreamView

TARGET_P99_MS = 200.0
_DEVICE = "tdpfp_bench"
_TYPES = {"人数": "integer", "収容人数": "integer", "時点": "datetime"}
_PLACE = "/data/streams/shelters/events"


@dataclass(slots=True)
class Consumer:
    """One follower: what its agreement covers and what it has got."""

    view: StreamView
    key: str
    arrived: dict[int, float] = field(default_factory=dict)
    wrong: int = 0
    bytes: int = 0


def agreements(areas: Sequence[str]) -> dict[int, StreamView]:
    """Return three kinds of terms: all but the telephone everywhere; names and fullness, and names and openings, in some areas."""
    half = len(areas) // 2
    return {
        1: StreamView(tuple(name for name in COLUMNS if name != "電話番号")),
        2: StreamView(("名称", "人数", "混雑"), tuple(areas[: half or 1])),
        3: StreamView(("名称", "開設", "時点"), tuple(areas[half:])),
    }


def bench_stream(
    *, corpus: Path | None, consumers: int, per_second: float, most_events: int, out: Path | None,
    chart: Path | None = None,
) -> int:  # fmt: skip
    """Run the feed and print the figures; returns 1 when anybody saw what the terms exclude, or missed an event."""
    feed = feed_from(corpus / "shelter_status" if corpus else None)
    events = feed.events[:most_events]
    areas = sorted({str(event["地区"]) for event in events})
    views = agreements(areas)
    followers = [Consumer(views[number % 3 + 1], made_key(number % 3)) for number in range(consumers)]
    with tempfile.TemporaryDirectory(prefix="tdpf-bs-") as scratch:
        home = short_home(Path(scratch))
        snapshots = Snapshots(home)
        gateway, delivery = GatewayStand(home), DeliveryStand(home)
        try:
            stamp = _publish(snapshots, views)
            delivery.wait_ready(stamp)
            gateway.wait_ready(stamp)
            figures = asyncio.run(_run(home, gateway, delivery, followers, events, per_second))
        finally:
            gateway.close()
            delivery.close()
            snapshots.close()
    text = _table(feed, figures, len(events), consumers)
    sys.stdout.write(text)
    if out is not None:
        out.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2) if out.suffix == ".json" else text.encode())
    if chart is not None:
        chart.write_text(_chart(figures, consumers), encoding="utf-8")
    return 0 if figures["wrong"] == figures["missing"] == 0 else 1


def _publish(snapshots: Snapshots, views: Mapping[int, StreamView]) -> int:
    columns = tuple(StreamColumn(name, _TYPES.get(name, "string"), name in ("名称", "地区")) for name in COLUMNS)  # type: ignore[arg-type]  # the table holds only its kinds
    token = hashlib.sha256(_DEVICE.encode()).hexdigest()
    stream = StreamSource(
        1, "shelters", "main", "bench", columns, ("施設ID",), "地区", (token,), views, "conditional",
        most_streams=1000, per_second=1000,
    )  # fmt: skip
    snapshots.publish(
        keys=[made_key_entry(number, 1001 + number) for number in range(3)],
        grants=[GrantEntry(1001 + number, 1, 101 + number, number + 1, rate_plan="r100") for number in range(3)],
        collections=[Collection(1, "shelters", access="conditional")],
        streams=[stream],
    )
    return snapshots.stamp


async def _run(
    home: Home,
    gateway: GatewayStand,
    delivery: DeliveryStand,
    followers: Sequence[Consumer],
    events: Sequence[Mapping[str, Any]],
    per_second: float,
) -> dict[str, Any]:
    del home
    loop = asyncio.get_running_loop()
    followed = []
    for follower in followers:
        opened = loop.create_future()
        protocol = _Follower(follower, opened)
        transport, _ = await loop.create_connection(partial(_same, protocol), "127.0.0.1", gateway.port)
        followed.append((transport, protocol))
        await asyncio.wait_for(opened, 60)
    pids = [*gateway.envoy_pids(), *delivery.server.pids()]
    before = cpu_seconds(pids)
    sent = await _push_all(gateway.port, events, per_second)
    await asyncio.sleep(1.0)
    used, memory = cpu_seconds(pids) - before, pss_bytes(pids)
    for transport, protocol in followed:
        transport.abort()
        protocol.look()
    return _figures(followers, events, sent, used, memory)


def _same(protocol: _Follower) -> _Follower:
    return protocol


class _Follower(asyncio.Protocol):
    """Notes when bytes come and keeps them; they are looked into afterwards, so that one consumer's looking delays no other."""

    def __init__(self, follower: Consumer, opened: asyncio.Future[None]) -> None:
        self._follower = follower
        self._opened = opened
        self._pieces: list[tuple[float, bytes]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        head = f"GET {_PLACE} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {self._follower.key}\r\n\r\n"
        assert isinstance(transport, asyncio.Transport)
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        self._pieces.append((time.perf_counter(), data))
        if not self._opened.done():
            got = b"".join(piece for _, piece in self._pieces)
            if b"retry:" in got:
                self._opened.set_result(None)
            elif b"\r\n\r\n" in got and not got.startswith(b"HTTP/1.1 200"):
                self._opened.set_exception(RuntimeError(f"a stream was refused: {got.splitlines()[0].decode()}"))

    def look(self) -> None:
        """Read what came: which events, when the last byte of each was there, and whether they are what they may be."""
        follower, pending, number = self._follower, b"", 0
        for moment, data in self._pieces:
            follower.bytes += len(data)
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                if line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b"data: ") and number:
                    follower.arrived[number] = moment
                    if tuple(orjson.loads(line[6:])["row"]) != follower.view.columns:
                        follower.wrong += 1
                    number = 0


async def _push_all(port: int, events: Sequence[Mapping[str, Any]], per_second: float) -> dict[int, tuple[int, float]]:
    """Push event by event at a steady pace; return each event's number → (its place, when it was sent)."""
    sent: dict[int, tuple[int, float]] = {}
    headers = {"authorization": f"Bearer {_DEVICE}", "content-type": "application/json"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        begun = time.perf_counter()
        for place, event in enumerate(events):
            await asyncio.sleep(max(0.0, begun + place / per_second - time.perf_counter()))
            moment = time.perf_counter()
            answer = await client.post(
                "/push/shelters", content=orjson.dumps(event), headers={"idempotency-key": f"e{place}"}
            )
            answer.raise_for_status()
            sent[int(answer.json()["first"])] = (place, moment)
    return sent


def _figures(
    followers: Sequence[Consumer],
    events: Sequence[Mapping[str, Any]],
    sent: Mapping[int, tuple[int, float]],
    used: float,
    memory: int,
) -> dict[str, Any]:
    delays: dict[tuple[str, ...], list[float]] = defaultdict(list)
    wrong = missing = 0
    for follower in followers:
        areas = follower.view.areas
        due = {number for number, (place, _) in sent.items() if not areas or events[place]["地区"] in areas}
        wrong += follower.wrong + len(follower.arrived.keys() - due)
        missing += len(due - follower.arrived.keys())
        delays[follower.view.columns] += [
            (moment - sent[number][1]) * 1000 for number, moment in follower.arrived.items() if number in sent
        ]
    everything = sorted(delay for found in delays.values() for delay in found)
    return {
        "deliveries": len(everything),
        "wrong": wrong,
        "missing": missing,
        "p50_ms": _at(everything, 0.5),
        "p95_ms": _at(everything, 0.95),
        "p99_ms": _at(everything, 0.99),
        "max_ms": _at(everything, 1.0),
        "cpu_us_per_delivery": round(used / max(1, len(everything)) * 1e6, 1),
        "memory_mb": round(memory / 1e6),
        "agreements": [
            {"columns": list(columns), "deliveries": len(found), "p99_ms": _at(sorted(found), 0.99)}
            for columns, found in delays.items()
        ],
    }


def _at(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else 0.0


def _chart(figures: Mapping[str, Any], consumers: int) -> str:
    bars = [Bar(f"all: {name}", figures[f"{name}_ms"], True) for name in ("p50", "p95", "p99")]
    bars += [
        Bar(f"agreement {number} ({len(one['columns'])} columns): p99", one["p99_ms"], True)
        for number, one in enumerate(figures["agreements"], start=1)
    ]
    bars.append(Bar("promised: p99 below", TARGET_P99_MS))
    title = f"From a push to {consumers} consumers: delay in ms"
    return bar_chart(title, bars, unit="ms", note=f"{machine()}; {figures['deliveries']:,} events delivered")


def _table(feed: Feed, figures: Mapping[str, Any], events: int, consumers: int) -> str:
    verdict = "kept" if figures["p99_ms"] < TARGET_P99_MS else "NOT kept"
    lines = [
        f"# Live feed: {feed.about}; {events} events to {consumers} consumers under three agreements\n",
        f"{DERIVED}\n",
        "| | |\n|---|---|",
        f"| events delivered | {figures['deliveries']} |",
        f"| columns or places seen that the terms exclude | {figures['wrong']} |",
        f"| events missing | {figures['missing']} |",
        f"| delay from push to consumer, p50 / p95 / p99 / max (ms) | {figures['p50_ms']} / {figures['p95_ms']} / {figures['p99_ms']} / {figures['max_ms']} |",
        f"| target: p99 < {TARGET_P99_MS:.0f} ms | {verdict} |",
        f"| CPU of Envoy and delivery per delivered event (µs) | {figures['cpu_us_per_delivery']} |",
        f"| memory of Envoy and delivery (MB) | {figures['memory_mb']} |",
    ]
    lines += [
        f"| {'、'.join(one['columns'])} | {one['deliveries']} events, p99 {one['p99_ms']} ms |"
        for one in figures["agreements"]
    ]
    return "\n".join(lines) + "\n"
