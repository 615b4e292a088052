"""From providers' own systems to consumers: a real MQTT broker, a context broker's notifications and a transit feed, through a real
Envoy and delivery, followed in three ways under each agreement's terms, over an outage.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway_stand_ins import Gateway, key_entry, key_text, wait_until
from google.transit import gtfs_realtime_pb2 as gtfs
from provider_broker import ACCOUNT, PASSWORD, MqttBroker
from test_gtfs_rt import feed_of
from test_streams import TOKEN, Follower, push
from websockets.sync.client import connect

from tdpf.kit.home import Home
from tdpf.wire.codec import to_json
from tdpf.wire.messages import Collection, GrantEntry
from tdpf.wire.sealing import new_sealing_key, seal
from tdpf.wire.sources import ApiCredential, FeedInlet, MqttInlet, StreamColumn, StreamSource, StreamView

pytestmark = pytest.mark.journey

_LONG = 120.0


class Feed:
    """A provider's address of a transit feed; `body` None is an outage."""

    def __init__(self) -> None:
        self.body: bytes | None = feed_of("vehicle")
        feed = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(503 if feed.body is None else 200)
                self.end_headers()
                self.wfile.write(feed.body or b"")

            def log_message(self, *_: object) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/vehicles.pb"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def feed() -> Iterator[Feed]:
    made = Feed()
    yield made
    made.close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


def streams_of(home: Home, broker: MqttBroker, feed: Feed) -> list[StreamSource]:
    sealing = new_sealing_key()
    (home.secrets / "sources.key").write_text(sealing.hex())
    account = seal(sealing, to_json(ApiCredential("basic", ACCOUNT, PASSWORD)), bound_to="sensors")
    place = MqttInlet("localhost", ("city/+/state",), broker.tls_port, certificate=broker.certificate)
    sensor = (
        StreamColumn("センサー", "string", required=True, origin="$topic/2"), StreamColumn("地区", "string", origin="area"),
        StreamColumn("気温", "number", origin="temperature"), StreamColumn("管理者", "string", origin="keeper"),
    )  # fmt: skip
    air = (StreamColumn("局", "string", origin="id"), StreamColumn("気温", "number", origin="temperature"))
    bus = (
        StreamColumn("車両", "string", origin="vehicle_id"), StreamColumn("状態", "string", origin="current_status"),
    )  # fmt: skip
    views = {
        1: StreamView(("センサー", "地区", "気温")), 2: StreamView(("センサー", "気温"), ("北",)),
    }  # fmt: skip
    token = (hashlib.sha256(TOKEN.encode()).hexdigest(),)
    return [
        StreamSource(1, "sensors", "main", "sensors", sensor, ("センサー",), "地区", (), views, "conditional", mqtt=place, credential=account),
        StreamSource(2, "air", "main", "air", air, ("局",), "", token, {1: StreamView(("局", "気温"))}, "conditional", payload="ngsi_ld"),
        StreamSource(3, "buses", "main", "buses", bus, ("車両",), "", (), {1: StreamView(("車両", "状態"))}, "conditional",
                     feed=FeedInlet(feed.url, "gtfs_rt_vehicles", every_seconds=1)),
    ]  # fmt: skip


def test_what_providers_systems_say_reaches_consumers_under_their_terms(
    gateway: Gateway, mqtt_broker: MqttBroker, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TDPF_ALLOW_PRIVATE_FETCH", "1")
    broker = mqtt_broker
    decisions = gateway.control.decisions
    decisions.collections = [
        Collection(number, slug, access="conditional") for number, slug in enumerate(("sensors", "air", "buses"), 1)
    ]
    decisions.keys = [key_entry("all", 1001), key_entry("north", 1002), key_entry("none", 1003)]
    decisions.grants = [
        *(GrantEntry(1001, dataset, 100 + dataset, 1, rate_plan="r100") for dataset in (1, 2, 3)),
        GrantEntry(1002, 1, 111, 2, rate_plan="r100"),
    ]
    decisions.streams = streams_of(gateway.home, broker, feed)
    gateway.control.publish()
    gateway.start_delivery()
    gateway.start()
    addresses = [f"/data/streams/{name}" for name in ("sensors", "air", "buses")]
    wait_until(lambda: all(gateway.get(path, key="all").status == 200 for path in addresses * 3), _LONG)
    assert [gateway.get(f"{path}/events", key="none").status for path in addresses] == [403] * 3
    everything, north = (Follower(gateway, key, f"{addresses[0]}/events") for key in ("all", "north"))
    buses = Follower(gateway, "all", f"{addresses[2]}/events?after=0")
    address = f"ws://127.0.0.1:{gateway.port}{addresses[1]}/socket?apikey={key_text('all')}"

    def say(sensor: str, area: str, temperature: float) -> None:
        told = {"area": area, "temperature": temperature, "keeper": "03-0000-0000"}
        broker.say(f"city/{sensor}/state", told, retain=True)

    def told_of(follower: Follower, column: str) -> list[Any]:
        return [row[column] for row in follower.rows]

    # An MQTT broker: columns and areas as agreed.
    say("s1", "北", 1.5)
    say("s2", "南", 2.5)
    wait_until(lambda: len(everything.rows) == 2 and len(north.rows) == 1, _LONG)
    assert north.rows == [{"センサー": "s1", "気温": 1.5}]
    assert "南" not in north.raw.decode()
    assert "管理者" not in (everything.raw + north.raw).decode()
    # A context broker's notification, to a socket and to who asks and waits.
    with connect(address, proxy=None, open_timeout=20) as socket:
        polled: list[Any] = []
        path = f"{addresses[1]}/poll?after=0&wait=8"
        waiting = threading.Thread(target=lambda: polled.append(gateway.get(path, key="all").json()))
        waiting.start()
        entity = {"id": "urn:ngsi-ld:Air:1", "type": "Air", "temperature": {"type": "Property", "value": 21}}
        notified = {"id": "urn:n:1", "type": "Notification", "subscriptionId": "urn:s:1", "data": [entity]}
        assert push(gateway, notified, path="/push/air").status == 201
        message = json.loads(socket.recv(timeout=20))
        assert (message["event"], message["row"]) == ("row", {"局": "urn:ngsi-ld:Air:1", "気温": 21})
        waiting.join()
        assert [event["row"]["気温"] for event in polled[0]["events"]] == [21]
    # A transit feed: what changed.
    wait_until(lambda: len(buses.rows) == 2, _LONG)
    assert told_of(buses, "状態") == ["STOPPED_AT", None]
    # Both providers go away; who follows stays, and goes on with what comes after their return.
    broker.stop()
    feed.body = None
    wait_until(lambda: states(gateway) >= {("sensors", "waiting"), ("buses", "waiting")}, _LONG)
    assert gateway.get(f"{addresses[0]}/last", key="all").status == 200
    changed = gtfs.FeedMessage.FromString(feed_of("vehicle"))
    changed.entity[1].vehicle.current_status = gtfs.VehiclePosition.INCOMING_AT
    feed.body = changed.SerializeToString()
    broker.start()
    say("s1", "北", 3.5)
    wait_until(lambda: told_of(north, "気温") == [1.5, 3.5], _LONG)
    wait_until(lambda: told_of(buses, "状態") == ["STOPPED_AT", None, "INCOMING_AT"], _LONG)
    assert told_of(everything, "センサー") == ["s1", "s2", "s1"]
    # What ends an agreement ends its stream; the other goes on.
    decisions.grants = [grant for grant in decisions.grants if grant.application != 1002]
    gateway.control.publish()
    assert north.over.wait(_LONG)
    say("s1", "北", 4.5)
    wait_until(lambda: told_of(everything, "気温")[-1] == 4.5, _LONG)
    assert told_of(north, "気温") == [1.5, 3.5]
    assert PASSWORD.encode() not in b"".join(path.read_bytes() for path in files_of(gateway.home))
    for follower in (everything, north, buses):
        follower.close()


def states(gateway: Gateway) -> set[tuple[str, str]]:
    """Return the newest that delivery said of each inlet."""
    newest = {(one["name"], inlet["source"]): inlet["state"] for one in gateway.control.health for inlet in one.get("inlets", ())}  # fmt: skip
    return {(source, state) for (_, source), state in newest.items()}


def files_of(home: Home) -> list[Path]:
    return [path for folder in (home.delivery, home.log) for path in folder.rglob("*") if path.is_file()]
