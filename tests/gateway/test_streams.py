"""Streams through a real Envoy and a real delivery of two workers: pushed in, followed under each agreement's terms."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from gateway_stand_ins import Answer, Gateway, key_entry, key_text, wait_until
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tdpf.wire.messages import Collection, GrantEntry
from tdpf.wire.sources import StreamColumn, StreamSource, StreamView

TOKEN = "tdpfp_device-token"
COLUMNS = (
    StreamColumn("施設", "string", required=True), StreamColumn("地区", "string", required=True),
    StreamColumn("人数", "integer"), StreamColumn("電話", "string"), StreamColumn("時点", "datetime"),
)  # fmt: skip
VIEWS = {
    1: StreamView(("施設", "地区", "人数")),
    2: StreamView(("施設", "人数"), ("北",)),
    3: StreamView(("施設", "電話"), ("南",)),
}
STREAM = StreamSource(
    1, "shelters", "main", "source-1", COLUMNS, ("施設",), "地区", (hashlib.sha256(TOKEN.encode()).hexdigest(),), VIEWS,
    "conditional", title_ja="避難所の人数", window_events=50, most_streams=3, per_second=500,
)  # fmt: skip


def row(name: str, area: str, people: int) -> dict[str, Any]:
    return {"施設": name, "地区": area, "人数": people, "電話": "03-0000-0000", "時点": "2026-11-21T09:00:00+09:00"}


class Follower:
    """One consumer of server-sent events, in a thread of its own."""

    def __init__(self, gateway: Gateway, key: str, path: str = "/data/streams/shelters/events", last: str = "") -> None:
        self.events: list[tuple[str, str, dict[str, Any]]] = []
        self.raw = b""
        self.over = threading.Event()
        self.status = 0
        self._connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        headers = {"authorization": f"Bearer {key_text(key)}", **({"last-event-id": last} if last else {})}
        self._connection.request("GET", path, headers=headers)
        self.answer = self._connection.getresponse()
        self.status = self.answer.status
        if self.status == 200:
            assert self.answer.getheader("content-type", "").startswith("text/event-stream")
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        block: dict[str, str] = {}
        try:
            while line := self.answer.readline():
                self.raw += line
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "" and block.get("event"):
                    self.events.append((block.get("id", ""), block["event"], json.loads(block["data"])))
                    block = {}
                elif name:
                    block[name] = value
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            # http.client meets an end in the middle of a chunk by closing what it has closed already.
            pass
        self.over.set()

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [data["row"] for _, event, data in self.events if event == "row"]

    def close(self) -> None:
        sock = self._connection.sock
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)
        self.answer.close()
        self._connection.close()


def push(gateway: Gateway, rows: Any, *, token: str = TOKEN, key: str = "", path: str = "/push/shelters") -> Answer:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    if key:
        headers["idempotency-key"] = key
    body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    return gateway.get(path, method="POST", headers=headers, body=body)


@pytest.fixture
def gateway(make_gateway: Callable[..., Gateway]) -> Gateway:
    made = make_gateway()
    decisions = made.control.decisions
    decisions.collections = [Collection(1, "shelters", access="conditional")]
    decisions.keys = [
        key_entry(name, 1000 + number) for number, name in enumerate(("all", "north", "south", "none"), 1)
    ]
    decisions.grants = [
        GrantEntry(1001, 1, 101, 1, rate_plan="r100"), GrantEntry(1002, 1, 102, 2, rate_plan="r100"),
        GrantEntry(1003, 1, 103, 3, rate_plan="r100"),
    ]  # fmt: skip
    decisions.streams = [STREAM]
    made.control.publish()
    made.start_delivery()
    made.start()
    wait_until(lambda: both_workers_serve(made))
    return made


def both_workers_serve(gateway: Gateway) -> bool:
    manifests = [gateway.home.delivery / f"worker-{number}" / "snapshot" / "manifest.json" for number in range(2)]
    return all(file.exists() for file in manifests) and serves(gateway)


def serves(gateway: Gateway) -> bool:
    return all(gateway.get("/data/streams/shelters", key="all").status == 200 for _ in range(6))


def test_each_agreement_sees_its_columns_and_areas_and_nothing_else(gateway: Gateway) -> None:
    followers = [Follower(gateway, key) for key in ("all", "north", "south")]
    assert gateway.get("/data/streams/shelters/events", key="none").status == 403
    assert gateway.get("/data/streams/shelters/events").status == 401
    assert push(gateway, [row("北小", "北", 10), row("南小", "南", 20)]).status == 201
    assert push(gateway, row("北小", "北", 11)).status == 201
    everything, north, south = followers
    wait_until(lambda: len(everything.rows) == 3 and len(north.rows) == 2 and len(south.rows) == 1)
    assert north.rows == [{"施設": "北小", "人数": 10}, {"施設": "北小", "人数": 11}]
    assert south.rows == [{"施設": "南小", "電話": "03-0000-0000"}]
    assert b"\xe5\x8d\x97\xe5\xb0\x8f" not in north.raw
    assert "電話".encode() not in everything.raw + north.raw
    last = gateway.get("/data/streams/shelters/last", key="all").json()
    assert [(event["row"]["施設"], event["row"]["人数"]) for event in last["events"]] == [("南小", 20), ("北小", 11)]
    history = gateway.get("/data/streams/shelters/history?limit=1", key="north").json()
    assert [event["row"] for event in history["events"]] == [{"施設": "北小", "人数": 10}]
    told = gateway.get("/data/streams/shelters", key="south").json()
    assert ([column["name"] for column in told["columns"]], told["areas"]) == (["施設", "電話"], ["南"])
    document = gateway.get("/data/streams/shelters/asyncapi", key="north").json()
    assert document["asyncapi"] == "3.0.0"
    assert list(document["components"]["messages"]["row"]["payload"]["properties"]["row"]["properties"]) == [
        "施設",
        "人数",
    ]
    for follower in followers:
        follower.close()


def socket_of(gateway: Gateway, key: str, more: str = "") -> ClientConnection:
    address = f"ws://127.0.0.1:{gateway.port}/data/streams/shelters/socket?apikey={key_text(key)}{more}"
    return connect(address, proxy=None, open_timeout=20)


def rows_said(socket: ClientConnection, number: int) -> list[dict[str, Any]]:
    found = [json.loads(socket.recv(timeout=20)) for _ in range(number)]
    assert [message["event"] for message in found] == ["row"] * number
    return [message["row"] for message in found]


def test_a_socket_says_what_server_sent_events_say(gateway: Gateway) -> None:
    refused = gateway.get("/data/streams/shelters/socket", key="all")
    assert (refused.status, refused.json()["type"]) == (426, "/problems/gateway/upgrade-needed")
    for key, path in (("none", ""), ("all", "&after=x"), ("unknown", "")):
        with pytest.raises(InvalidStatus) as fault:
            socket_of(gateway, key, path)
        assert fault.value.response.status_code == {"none": 403, "all": 400, "unknown": 401}[key]
    with socket_of(gateway, "all") as everything, socket_of(gateway, "north") as north:
        assert push(gateway, [row("北小", "北", 10), row("南小", "南", 20)]).status == 201
        assert push(gateway, row("北小", "北", 11)).status == 201
        assert [one["人数"] for one in rows_said(everything, 3)] == [10, 20, 11]
        assert rows_said(north, 2) == [{"施設": "北小", "人数": 10}, {"施設": "北小", "人数": 11}]
        # What a follower says is read slowly and thrown away; pings are answered.
        assert everything.ping().wait(20)
        with socket_of(gateway, "all", "&after=1") as again:
            assert [one["人数"] for one in rows_said(again, 2)] == [20, 11]
            assert Follower(gateway, "all").status == 200
            assert Follower(gateway, "all").status == 429
            with pytest.raises(InvalidStatus):
                socket_of(gateway, "all")
        decisions = gateway.control.decisions
        decisions.grants = [grant for grant in decisions.grants if grant.application != 1002]
        gateway.control.publish()
        assert json.loads(north.recv(timeout=5))["event"] == "end"
        with pytest.raises(ConnectionClosed):
            north.recv(timeout=5)
        document = gateway.get("/data/streams/shelters/asyncapi", key="all").json()
        assert document["channels"]["socket"]["address"] == "/data/streams/shelters/socket"
        assert document["servers"]["sockets"]["protocol"] in ("ws", "wss")
    # Each socket is one call, told when it ends, with what it was sent.
    wait_until(lambda: len([one for one in gateway.control.usage() if one.status == 101]) == 3)
    assert all(one.bytes_sent > 100 for one in gateway.control.usage() if one.status == 101)


def test_who_was_away_goes_on_where_it_stopped(gateway: Gateway) -> None:
    first = Follower(gateway, "north")
    push(gateway, row("北小", "北", 1))
    wait_until(lambda: len(first.rows) == 1)
    last_seen = first.events[-1][0]
    first.close()
    push(gateway, [row("南小", "南", 2), row("北小", "北", 3)])
    gateway.start_delivery(workers=1)
    wait_until(lambda: serves(gateway))
    again = Follower(gateway, "north", last=last_seen)
    wait_until(lambda: len(again.rows) == 1)
    assert again.rows == [{"施設": "北小", "人数": 3}]
    again.close()
    polled = gateway.get(f"/data/streams/shelters/poll?after={last_seen}&wait=5", key="north").json()
    assert [event["row"]["人数"] for event in polled["events"]] == [3]
    begun = time.monotonic()
    waiting = gateway.get(f"/data/streams/shelters/poll?after={polled['next']}&wait=1", key="north").json()
    assert waiting["events"] == []
    assert time.monotonic() - begun > 0.8
    push(gateway, [row("北小", "北", n) for n in range(60)])
    missed = Follower(gateway, "north", last=last_seen)
    wait_until(lambda: missed.events and len(missed.rows) == 50)
    assert missed.events[0][1] == "gap"
    missed.close()


def test_a_revoked_agreement_or_key_ends_open_streams_within_two_seconds(gateway: Gateway) -> None:
    north, south, stays = Follower(gateway, "north"), Follower(gateway, "south"), Follower(gateway, "all")
    assert push(gateway, [row("北小", "北", 1), row("南小", "南", 1)]).status == 201
    wait_until(lambda: len(north.rows) == 1 and len(south.rows) == 1 and len(stays.rows) == 2)
    decisions = gateway.control.decisions
    decisions.grants = [grant for grant in decisions.grants if grant.application != 1002]
    decisions.keys = [key for key in decisions.keys if key.application != 1003]
    begun = time.monotonic()
    gateway.control.publish()
    for ended in (north, south):
        assert ended.over.wait(2.0)
        assert ended.events[-1][1] == "end"
    assert time.monotonic() - begun < 2.0
    push(gateway, [row("北小", "北", 2), row("南小", "南", 2)])
    wait_until(lambda: len(stays.rows) == 4)
    assert (len(north.rows), len(south.rows)) == (1, 1)
    stays.close()


def test_pushes_are_checked_counted_once_and_limited(gateway: Gateway) -> None:
    good = row("北小", "北", 1)
    assert push(gateway, good, token="tdpfp_wrong").json()["type"] == "/problems/stream/token-refused"
    assert push(gateway, good, path="/push/nothing").status == 401
    assert gateway.get("/push/shelters", headers={"authorization": f"Bearer {TOKEN}"}).status == 405
    refused = push(gateway, [good, {**good, "人数": "many", "秘密": 1}, {"地区": "北"}])
    assert refused.status == 422
    assert [entry["field"] for entry in refused.json()["errors"]] == ["[1].秘密", "[1].人数", "[2].施設"]
    for body in (b"", b"[1", b"[]", b"[[]]", b"null", b'{"\xff":1}'):
        assert push(gateway, body).status == 422, body
    assert push(gateway, b"[" + b" " * (1 << 20) + b"]").status == 413
    first = push(gateway, good, key="k1")
    again = push(gateway, good, key="k1")
    assert (first.status, again.status) == (201, 200)
    assert (again.json()["first"], again.json()["again"]) == (first.json()["first"], True)
    assert push(gateway, {**good, "人数": 2}, key="k1").status == 409
    assert len(gateway.get("/data/streams/shelters/history", key="all").json()["events"]) == 1
    gateway.decide(lambda d: setattr(d, "streams", [StreamSource(**{**STREAM.__dict__, "per_second": 2})]))
    answers: list[int] = []
    wait_until(lambda: answers.append(push(gateway, good).status) or 429 in answers, 10, every=0)


def test_no_more_streams_are_open_at_once_than_agreed(gateway: Gateway) -> None:
    open_ones = [Follower(gateway, "all") for _ in range(3)]
    assert [one.status for one in open_ones] == [200, 200, 200]
    assert Follower(gateway, "all").status == 429
    other = Follower(gateway, "north")
    assert other.status == 200
    for one in (*open_ones, other):
        one.close()
    # Who went away is noticed at the next heartbeat at the latest.
    wait_until(lambda: Follower(gateway, "all").status == 200, 40, every=1.0)
