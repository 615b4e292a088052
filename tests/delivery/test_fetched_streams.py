"""Streams whose events are fetched from the provider's own systems: a real MQTT broker, and two workers of one home."""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from google.transit import gtfs_realtime_pb2 as gtfs
from provider_broker import ACCOUNT, PASSWORD, MqttBroker
from test_gtfs_rt import feed_of

from tdpf.dataplane.delivery.connectors.origins import Arrived
from tdpf.dataplane.delivery.directory import build_directory
from tdpf.dataplane.delivery.inlets import feeds, running
from tdpf.dataplane.delivery.inlets.feeds import FeedFetched
from tdpf.dataplane.delivery.inlets.mqtt import MqttFetched
from tdpf.dataplane.delivery.inlets.running import Inlets
from tdpf.dataplane.delivery.rings import Ring
from tdpf.dataplane.delivery.stream_rows import read_rows
from tdpf.kit.home import Home
from tdpf.kit.mqtt import Message
from tdpf.wire.codec import to_json
from tdpf.wire.connected_problems import SourceUnreadable
from tdpf.wire.messages import InletHealth
from tdpf.wire.sealing import new_sealing_key, seal
from tdpf.wire.sources import ApiCredential, FeedInlet, MqttInlet, StreamColumn, StreamSource
from tdpf.wire.stream_problems import EventsRefused

COLUMNS = (
    StreamColumn("センサー", "string", required=True, origin="$topic/2"),
    StreamColumn("地区", "string", required=True, origin="at.area"),
    StreamColumn("気温", "number", origin="temperature"),
    StreamColumn("時点", "datetime", origin="time"),
)
KEPT = {"at": {"area": "北"}, "temperature": 1, "time": 1764201600}


def wait_until(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.02)


class Workers:
    """Two workers of one home; `offer` puts a stream in force at both."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root).prepare()
        self.inlets = [Inlets(self.home, allow_private=True) for _ in range(2)]
        for one in self.inlets:
            one.start()

    def offer(self, *streams: StreamSource) -> None:
        directory = build_directory(
            tables=(), collections=(), files=(), passthroughs=(), streams=streams, public_url="", stamp=1, not_after=0
        )
        for one in self.inlets:
            one.take(directory)

    def sealed(self, credential: ApiCredential, source: str) -> str:
        key = self.home.secrets / "sources.key"
        key.write_text(new_sealing_key().hex())
        return seal(bytes.fromhex(key.read_text()), to_json(credential), bound_to=source)

    def rows(self, source: str = "source-1") -> list[dict[str, Any]]:
        ring = Ring(self.home.delivery / "streams" / f"{source}.sqlite")
        try:
            return [dict(event.row) for event in ring.after(0)]
        finally:
            ring.close()

    def told(self) -> InletHealth:
        """Return what is said of the one inlet; it is one worker that says it."""
        [one] = [health for inlets in self.inlets for health in inlets.health()]
        return one


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    monkeypatch.setattr(running, "_FIRST_PAUSE_SECONDS", 0.2)
    made = Workers(tmp_path)
    yield made
    for one in made.inlets:
        one.stop()


def test_messages_of_a_broker_are_events(workers: Workers, mqtt_broker: MqttBroker) -> None:
    broker = mqtt_broker
    broker.say("city/s1/state", KEPT, retain=True)
    secret = workers.sealed(ApiCredential("basic", ACCOUNT, PASSWORD), "source-1")
    place = MqttInlet("localhost", ("city/+/state",), broker.tls_port, certificate=broker.certificate)
    stream = StreamSource(
        1, "sensors", "main", "source-1", COLUMNS, ("センサー",), "地区", mqtt=place, credential=secret
    )
    workers.offer(stream)
    wait_until(workers.rows)
    assert workers.rows() == [{"センサー": "s1", "地区": "北", "気温": 1, "時点": "2025-11-27T00:00:00.000Z"}]
    good = [{"at": {"area": "南"}, "temperature": n / 2, "more": [n]} for n in range(1, 5)]
    bad = [b"\xff{", [], {"at": {"area": "北"}, "temperature": "warm"}, {"temperature": 3}, b"1", b" " * 300_000]
    broker.say("city/s2/state", good[0], *bad, good[1], [good[2], good[3]])
    broker.say("city/s2/other", good[0])
    # What cannot be read is left out and told; the rest goes on, each once although there are two workers.
    wait_until(lambda: workers.told().refused == 6 and len(workers.rows()) == 5)
    assert [row["気温"] for row in workers.rows()] == [1, 0.5, 1.0, 1.5, 2.0]
    assert (workers.told().state, workers.told().taken) == ("open", 5)
    assert "city/s2/state" in workers.told().why_en
    broker.stop()
    wait_until(lambda: workers.told().state == "waiting")
    broker.start()
    broker.say("city/s1/state", KEPT, retain=True)
    wait_until(lambda: workers.told().state == "open")
    broker.say("city/s3/state", good[0])
    wait_until(lambda: workers.rows()[-1]["センサー"] == "s3")
    # What the broker had kept is said again at every connection, and is no news.
    assert [row["センサー"] for row in workers.rows()].count("s1") == 1
    broker.say("city/s2/state", b" " * (9 << 20), good[1])
    wait_until(lambda: "thrown away" in workers.told().why_en)
    wait_until(lambda: workers.told().state == "open")
    workers.offer()
    wait_until(lambda: not any(inlets.health() for inlets in workers.inlets))
    kept = [path for path in workers.home.delivery.rglob("*") if path.is_file()]
    assert all(PASSWORD.encode() not in path.read_bytes() for path in kept)


def test_a_broker_that_does_not_let_us_in_is_told(workers: Workers, mqtt_broker: MqttBroker) -> None:
    def told_of(place: MqttInlet, password: str) -> str:
        secret = workers.sealed(ApiCredential("basic", ACCOUNT, password), "source-1")
        workers.offer(StreamSource(1, "sensors", "main", "source-1", COLUMNS, mqtt=place, credential=secret))
        before = workers.told().why_en if any(one.health() for one in workers.inlets) else ""
        wait_until(
            lambda: [one for one in workers.inlets if one.health()] and workers.told().why_en not in ("", before)
        )
        return workers.told().why_en

    assert "says" in told_of(MqttInlet("localhost", ("#",), mqtt_broker.port, tls="off"), "wrong")
    assert "certificate" in told_of(MqttInlet("localhost", ("#",), mqtt_broker.tls_port), PASSWORD)


@pytest.mark.parametrize("version", ["ngsi_v2", "ngsi_ld"])
def test_notifications_of_a_context_broker_are_events(version: Any) -> None:
    columns = (
        StreamColumn("局", "string", required=True, origin="id"), StreamColumn("気温", "number", origin="temperature"),
        StreamColumn("緯度", "number", origin="location@lat"), StreamColumn("市", "string", origin="address.city"),
        StreamColumn("時点", "datetime", origin="temperature@observedAt"),
    )  # fmt: skip
    stream = StreamSource(1, "air", "main", "source-1", columns, payload=version)
    plain = {"temperature": 21, "location": {"type": "Point", "coordinates": [139.7, 35.6]}, "address": {"city": "港"}}
    at = "2026-11-27T09:00:00Z"
    told: dict[str, Any] = {name: {"type": "Property", "value": value} for name, value in plain.items()}
    told["temperature"] |= (
        {"metadata": {"observedAt": {"type": "DateTime", "value": at}}} if version == "ngsi_v2" else {"observedAt": at}
    )
    whole, simple = ({"id": f"urn:{n}", "type": "Air", **one} for n, one in enumerate((told, plain)))
    rows = read_rows(orjson.dumps({"subscriptionId": "s", "data": [whole, simple]}), stream)
    assert rows[0] == {"局": "urn:0", "気温": 21, "緯度": 35.6, "市": "港", "時点": at}
    assert rows[1] == {**rows[0], "局": "urn:1", "時点": None}
    for wrong in (
        {"data": []},
        {"data": [1]},
        [whole],
        {"data": [{"type": "Air"}]},
        {"data": [{**simple, "temperature": "x"}]},
    ):
        with pytest.raises(EventsRefused):
            read_rows(orjson.dumps(wrong), stream)


def test_what_is_wrong_with_a_push_is_told_in_both_languages() -> None:
    columns = (StreamColumn("施設", "string", required=True), StreamColumn("人数", "integer"))
    stream = StreamSource(1, "halls", "main", "source-1", columns)
    for body in (b"{", b"[]", b"[1]", orjson.dumps({"人数": "多い", "室": 1})):
        with pytest.raises(EventsRefused) as refused:
            read_rows(body, stream)
        errors = refused.value.data["errors"]
        assert isinstance(errors, list)
        for entry in errors:
            assert set(entry) == {"field", "message_ja", "message_en"}
            assert re.search(r"[ぁ-ん]", entry["message_ja"]), entry
            assert entry["message_en"].isascii(), entry
    told = {entry["field"]: entry["message_ja"] for entry in errors}
    assert told == {
        "[0].施設": "値がありません。", "[0].人数": "整数にしてください。", "[0].室": "このストリームの列ではありません。",
    }  # fmt: skip


def test_what_changes_in_a_feed_are_events(workers: Workers) -> None:
    served: dict[str, bytes] = {"body": feed_of("vehicle")}
    asked: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tag = f'"{hashlib.sha256(served["body"]).hexdigest()}"'
            same = self.headers.get("if-none-match") == tag
            asked.append(304 if same else 200)
            self.send_response(asked[-1])
            self.send_header("etag", tag)
            self.end_headers()
            self.wfile.write(b"" if same else served["body"])

        def log_message(self, *_: object) -> None:
            return

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    columns = (
        StreamColumn("車両", "string", required=True, origin="vehicle_id"), StreamColumn("緯度", "number", origin="latitude"),
        StreamColumn("状態", "string", origin="current_status"),
    )  # fmt: skip
    place = FeedInlet(f"http://127.0.0.1:{site.server_address[1]}/v.pb", "gtfs_rt_vehicles", every_seconds=1)
    workers.offer(StreamSource(1, "buses", "main", "source-2", columns, ("車両",), feed=place))
    try:
        wait_until(lambda: len(workers.rows("source-2")) == 2)
        wait_until(lambda: 304 in asked)
        served["body"] = b"<html>"
        wait_until(lambda: "page" in workers.told().why_en)
        feed = gtfs.FeedMessage.FromString(feed_of("vehicle"))
        feed.entity[1].vehicle.current_status = gtfs.VehiclePosition.INCOMING_AT
        feed.entity.add(id="x").vehicle.timestamp = 1
        served["body"] = feed.SerializeToString()
        # Only what changed is told; a vehicle without a name is counted.
        wait_until(lambda: workers.told().refused == 1)
        told = [(row["車両"], row["状態"]) for row in workers.rows("source-2")]
        assert told == [("bus-1", "STOPPED_AT"), ("bus-2", None), ("bus-2", "INCOMING_AT")]
    finally:
        site.shutdown()
        site.server_close()


def test_of_a_feed_only_its_newest_rows_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_AT_ONCE", 4)
    served = {"moment": 0, "body": b""}

    class Origin:
        def fetch_if_changed(self, folder: Path, _validators: dict[str, str]) -> Arrived:
            feed = gtfs.FeedMessage.FromString(feed_of())
            for number in range(10):
                one = feed.entity.add(id=str(number)).vehicle
                one.vehicle.id, one.timestamp = f"bus-{number}", 1_764_201_600 + served["moment"]
            (folder / "file").write_bytes(served["body"] or feed.SerializeToString())
            return Arrived((folder / "file",), "", {})

    columns = (StreamColumn("vehicle_id", "string"), StreamColumn("timestamp", "datetime"))
    place = FeedInlet("http://x.example/v.pb", "gtfs_rt_vehicles")
    stream = StreamSource(1, "buses", "main", "source-3", columns, feed=place)
    inlet = FeedFetched(stream, place, None, tmp_path, allow_private=True)
    inlet._origin = Origin()  # type: ignore[assignment]  # answers at once

    def taken(times: int = 4) -> list[int]:
        inlet.open([])
        return [len(inlet.take(0.0).rows) for _ in range(times)]

    for moment in range(2):
        served["moment"] = moment
        assert taken() == [4, 4, 2, 0]
        assert len(inlet._known) == 10
    served["body"] = b"<html>"
    with pytest.raises(SourceUnreadable):
        taken()
    served["body"] = b""
    inlet.close()
    assert taken() == [0] * 4
    # What was not given to its end comes again.
    served["moment"] = 9
    assert taken(1) == [4]
    inlet.close()
    assert taken() == [4, 4, 2, 0]
    inlet.close()
    assert not list(tmp_path.iterdir())


def test_the_pace_of_a_broker_is_of_events() -> None:
    body = orjson.dumps([{"at": {"area": "北"}}] * 4)
    came = [Message("city/s1/state", body, number=number, quality=1) for number in (1, 2, 3)]

    class Listening:
        waited = 0

        def take(self, _seconds: float, most: int) -> list[Message]:
            return [came.pop(0) for _ in range(min(most, len(came)))]

        def wait(self, _seconds: float) -> None:
            self.waited += 1

    place = MqttInlet("x.example", ("#",), per_second=6)
    inlet = MqttFetched(
        StreamSource(1, "sensors", "main", "source-4", COLUMNS, mqtt=place), place, None, name="x", allow_private=True
    )
    listening = inlet._listening = Listening()  # type: ignore[assignment]  # a broker that has three messages
    first = inlet.take(0.1)
    # Eight events are more than those of a second: the third message waits, and is not acknowledged.
    assert (len(first.rows), [one.number for one in first.receipt]) == (8, [1, 2])
    assert (inlet.take(0.1).rows, listening.waited, came) == ([], 1, [])
    inlet._due = 0.0
    assert [one.number for one in inlet.take(0.1).receipt] == [3]


def test_who_looks_after_inlets_goes_on_after_faults_and_keeps_to_a_bound(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_MOST_INLETS", 1)
    looked = Inlets._look

    def fails(_self: Inlets) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(Inlets, "_look", fails)
    place = MqttInlet("localhost", ("#",), 1, tls="off")
    offered = [StreamSource(1, f"sensors-{n}", "main", f"source-{n}", COLUMNS, mqtt=place) for n in range(3)]
    (workers.home.delivery / "streams" / "source-0.sqlite").mkdir(parents=True)
    workers.offer(*offered)
    wait_until(lambda: all("Too many" in str(one.notes()) for one in workers.inlets))
    monkeypatch.setattr(Inlets, "_look", looked)

    def told() -> dict[str, str]:
        return {health.source: health.why_en for one in workers.inlets for health in one.health()}

    # Each worker has room for one; the third stream waits, and one whose file cannot be opened is told of and tried again.
    wait_until(lambda: sum("room" in why for why in told().values()) == 1 and not workers.inlets[0].notes())
    wait_until(lambda: all(told().values()))
    workers.offer(offered[0])
    wait_until(
        lambda: list(told()) == ["source-0"] and told()["source-0"] not in ("", running._without_room("").why_en)
    )
    assert [one.thread.is_alive() for inlets in workers.inlets for one in inlets._running.values() if one.thread] == [
        True
    ]
