"""GTFS Realtime feeds as rows: what each kind gives, and what is said of what is no feed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2 as gtfs

from tdpf.tables import feeds_apart, reading_apart
from tdpf.tables.from_files import Unreadable, columns_of, rows_of
from tdpf.tables.gtfs_rt import COLUMNS, FEEDS, NotAFeed, rows_of_feed
from tdpf.tables.types import Field


def feed_of(*kinds: str) -> bytes:
    """A made-up feed with two vehicles, a trip of two stops, an alert; only the named kinds."""
    feed = gtfs.FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    feed.header.timestamp = 1_764_201_600
    if "vehicle" in kinds:
        for number in (1, 2):
            one = feed.entity.add(id=f"v{number}").vehicle
            one.vehicle.id = f"bus-{number}"
            one.trip.trip_id, one.trip.route_id = f"t{number}", "都01"
            one.timestamp = 1_764_201_600 + number
            if number == 1:
                one.position.latitude, one.position.longitude = 35.6812, 139.7671
                one.current_status = gtfs.VehiclePosition.STOPPED_AT
        feed.entity.add(id="gone", is_deleted=True).vehicle.vehicle.id = "gone"
    if "trip_update" in kinds:
        one = feed.entity.add(id="u1").trip_update
        one.trip.trip_id = "t1"
        for sequence, delay in ((1, 60), (2, -30)):
            stop = one.stop_time_update.add(stop_sequence=sequence, stop_id=f"s{sequence}")
            stop.arrival.delay, stop.arrival.time = delay, 1_764_201_600
        feed.entity.add(id="u2").trip_update.trip.schedule_relationship = gtfs.TripDescriptor.CANCELED
    if "alert" in kinds:
        alert = feed.entity.add(id="a1").alert
        alert.cause, alert.effect = gtfs.Alert.CONSTRUCTION, gtfs.Alert.DETOUR
        for language, text in (("en", "Detour"), ("ja", "迂回"), ("", "?")):
            alert.header_text.translation.add(text=text, language=language)
        alert.active_period.add(start=1_764_201_600, end=1_764_205_200)
        alert.informed_entity.add(route_id="都01")
        alert.informed_entity.add(route_id="都02", stop_id="s1")
    data: bytes = feed.SerializeToString()
    return data


def test_each_kind_of_a_feed_has_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    path.write_bytes(feed_of("vehicle", "trip_update", "alert"))
    for feed in FEEDS:
        assert all(set(row) <= {name for name, _ in COLUMNS[feed]} for row in rows_of_feed(path, feed))
        assert columns_of(path, feed) == list(COLUMNS[feed])
    wanted = ["vehicle_id", "latitude", "longitude", "current_status", "timestamp", "bearing"]
    assert list(rows_of(path, "gtfs_rt_vehicles", wanted)) == [
        ["bus-1", "35.6812", "139.7671", "STOPPED_AT", "2025-11-27T00:00:01Z", None],
        ["bus-2", None, None, None, "2025-11-27T00:00:02Z", None],
    ]
    wanted = ["trip_id", "stop_id", "arrival_delay", "arrival_time", "schedule_relationship"]
    assert list(rows_of(path, "gtfs_rt_trips", wanted)) == [
        ["t1", "s1", "60", "2025-11-27T00:00:00Z", None],
        ["t1", "s2", "-30", "2025-11-27T00:00:00Z", None],
        [None, None, None, None, "CANCELED"],
    ]
    wanted = ["cause", "effect", "header", "active_until", "route_ids", "stop_ids"]
    assert list(rows_of(path, "gtfs_rt_alerts", wanted)) == [
        ["CONSTRUCTION", "DETOUR", "迂回", "2025-11-27T01:00:00Z", "都01,都02", "s1"]
    ]
    fields = [Field("車両"), Field("緯度", "number"), Field("経度", "number")]
    columns = [
        {"name": f.name, "type": f.type, "origin": o}
        for f, o in zip(fields, ("vehicle_id", "latitude", "longitude"), strict=True)
    ]
    order: dict[str, Any] = {
        "files": [str(path)], "format": "gtfs_rt_vehicles", "encoding": "utf-8", "rows_at": "", "columns": columns,
        "out_root": str(tmp_path), "identity": "a" * 64, "key_columns": ["車両"], "name": "main",
    }  # fmt: skip
    assert reading_apart._built(order) == {"rows": 2}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"), (b"<html>", "page"), (b'{"a":1}', "JSON"), (b"\x00\xff" * 50, "protobuf"),
        (feed_of("vehicle")[:-3], "cut off"), (gtfs.FeedEntity(id="x").SerializeToString(), "protobuf"),
        (feed_of("alert"), "alert only"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_told(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "feed"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=said):
        columns_of(path, "gtfs_rt_vehicles")


def test_an_empty_feed_is_a_feed_and_a_differential_one_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    path.write_bytes(feed_of())
    assert list(rows_of(path, "gtfs_rt_vehicles", ["vehicle_id"])) == []
    assert columns_of(path, "gtfs_rt_vehicles")
    feed = gtfs.FeedMessage.FromString(feed_of("vehicle"))
    feed.header.incrementality = gtfs.FeedHeader.DIFFERENTIAL
    path.write_bytes(feed.SerializeToString())
    with pytest.raises(Unreadable, match="differential"):
        list(rows_of(path, "gtfs_rt_vehicles", ["vehicle_id"]))
    with pytest.raises(Unreadable, match="no column"):
        list(rows_of(path, "gtfs_rt_vehicles", ["nothing"]))


def test_a_feed_of_too_many_rows_is_told_before_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "feed").write_bytes(feed_of("trip_update"))
    order = {
        "feed": "gtfs_rt_trips",
        "file": str(tmp_path / "feed"),
        "rows": str(tmp_path / "rows"),
        "columns": ["stop_id"],
    }
    assert feeds_apart._write(order) == 3
    assert (tmp_path / "rows").read_bytes() == b'{"stop_id":"s1"}\n{"stop_id":"s2"}\n{"stop_id":null}\n'
    for bound in ("MOST_ROWS", "MOST_BYTES"):
        with monkeypatch.context() as lower, pytest.raises(NotAFeed, match="more than"):
            lower.setattr(feeds_apart, bound, 2)
            feeds_apart._write(order)
