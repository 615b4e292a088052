"""GTFS Realtime feeds (protobuf, gtfs-realtime.proto 2.0) as rows: where vehicles are, when trips call, what is announced.

Only a process apart reads a stranger's feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from google.protobuf.message import DecodeError
from google.transit import gtfs_realtime_pb2 as gtfs

from tdpf.tables.types import FieldType

Feed = Literal["gtfs_rt_vehicles", "gtfs_rt_trips", "gtfs_rt_alerts"]
FEEDS: tuple[Feed, ...] = ("gtfs_rt_vehicles", "gtfs_rt_trips", "gtfs_rt_alerts")

_TRIP: tuple[tuple[str, FieldType], ...] = (
    ("trip_id", "string"), ("route_id", "string"), ("direction_id", "integer"), ("start_date", "string"),
    ("start_time", "string"), ("schedule_relationship", "string"),
)  # fmt: skip
_VEHICLE: tuple[tuple[str, FieldType], ...] = (
    ("vehicle_id", "string"), ("vehicle_label", "string"), ("license_plate", "string"),
)  # fmt: skip
COLUMNS: Mapping[Feed, tuple[tuple[str, FieldType], ...]] = MappingProxyType({
    "gtfs_rt_vehicles": (
        ("entity_id", "string"), *_VEHICLE, *_TRIP, ("latitude", "number"), ("longitude", "number"), ("bearing", "number"),
        ("speed", "number"), ("odometer", "number"), ("stop_id", "string"), ("current_stop_sequence", "integer"),
        ("current_status", "string"), ("congestion_level", "string"), ("occupancy_status", "string"),
        ("occupancy_percentage", "integer"), ("timestamp", "datetime"),
    ),
    "gtfs_rt_trips": (
        ("entity_id", "string"), *_TRIP, *_VEHICLE, ("delay", "integer"), ("timestamp", "datetime"), ("stop_sequence", "integer"),
        ("stop_id", "string"), ("arrival_delay", "integer"), ("arrival_time", "datetime"), ("departure_delay", "integer"),
        ("departure_time", "datetime"), ("stop_schedule_relationship", "string"),
    ),
    "gtfs_rt_alerts": (
        ("entity_id", "string"), ("cause", "string"), ("effect", "string"), ("severity_level", "string"), ("header", "string"),
        ("description", "string"), ("url", "string"), ("active_from", "datetime"), ("active_until", "datetime"),
        ("agency_ids", "string"), ("route_ids", "string"), ("stop_ids", "string"), ("trip_ids", "string"),
    ),
})  # fmt: skip
_MEMBERS: Mapping[Feed, str] = {
    "gtfs_rt_vehicles": "vehicle", "gtfs_rt_trips": "trip_update", "gtfs_rt_alerts": "alert",
}  # fmt: skip
_LATEST = 253_402_300_799
_MOST_ENTITIES = 500_000


class NotAFeed(Exception):
    """The file is no feed of the stated kind; `ja` and `en` say why."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja = ja
        self.en = en


def rows_of_feed(path: Path, feed: Feed) -> Iterator[dict[str, Any]]:
    """Yield the rows of one kind, values as their columns have them and moments in RFC 3339; raises NotAFeed."""
    read = {"gtfs_rt_vehicles": _vehicle_rows, "gtfs_rt_trips": _trip_rows, "gtfs_rt_alerts": _alert_rows}[feed]
    for entity in _entities(path):
        if entity.HasField(_MEMBERS[feed]) and not entity.is_deleted:
            for row in read(entity):
                yield {"entity_id": entity.id, **row}


def must_hold(path: Path, feed: Feed) -> None:
    """Raise NotAFeed for a feed that holds other kinds only; an empty one may be full tomorrow."""
    entities = _entities(path)
    found = [member for member in _MEMBERS.values() if any(entity.HasField(member) for entity in entities)]
    if found and _MEMBERS[feed] not in found:
        kinds = ", ".join(found)
        raise NotAFeed(f"この種類のデータがありません（あるのは {kinds} です）", f"it holds {kinds} only")


def _entities(path: Path) -> Sequence[Any]:
    data = path.read_bytes()
    message = gtfs.FeedMessage()
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise _no_feed(data) from None
    if not message.IsInitialized() or not message.header.gtfs_realtime_version.startswith(("1", "2")):
        raise _no_feed(data)
    if message.header.incrementality != gtfs.FeedHeader.FULL_DATASET:
        raise NotAFeed("差分（DIFFERENTIAL）のフィードは読めません", "a differential feed is not read")
    if len(message.entity) > _MOST_ENTITIES:
        raise NotAFeed(
            f"{_MOST_ENTITIES} 件を超えるフィードは読めません", f"it holds more than {_MOST_ENTITIES} entities"
        )
    return list(message.entity)


def _no_feed(data: bytes) -> NotAFeed:
    head = data.lstrip()[:1]
    if not data:
        return NotAFeed("空のファイルです", "it is empty")
    if head == b"<":
        return NotAFeed("HTMLかXMLのページが届きました", "a page (HTML or XML) came instead")
    if head in (b"{", b"["):
        return NotAFeed("JSONが届きました。protobuf のフィードが要ります", "JSON came; the feed must be protobuf")
    return NotAFeed(
        "GTFSリアルタイム（protobuf）として読めません", "it is not GTFS Realtime (protobuf), or it is cut off"
    )


def _given(message: Any, name: str) -> Any:
    """Return a field's value, the name of an enumeration's; None when it is not given."""
    if not message.HasField(name):
        return None
    value, described = getattr(message, name), message.DESCRIPTOR.fields_by_name[name]
    if described.enum_type is not None:
        known = described.enum_type.values_by_number.get(value)
        return known.name if known is not None else str(value)
    if isinstance(value, float):
        # Single precision: its shortest text that means the same.
        return float(f"{value:.7g}") if described.cpp_type == described.CPPTYPE_FLOAT else value
    return value if value != "" else None


def _moment(seconds: int | None) -> str | None:
    if not seconds or not 0 < seconds <= _LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _trip(message: Any) -> dict[str, Any]:
    return {name: _given(message, name) for name, _ in _TRIP}


def _described_vehicle(message: Any) -> dict[str, Any]:
    return {
        "vehicle_id": _given(message, "id"), "vehicle_label": _given(message, "label"),
        "license_plate": _given(message, "license_plate"),
    }  # fmt: skip


def _vehicle_rows(entity: Any) -> Iterator[dict[str, Any]]:
    one = entity.vehicle
    place = {name: _given(one.position, name) for name in ("latitude", "longitude", "bearing", "speed", "odometer")}
    names = (
        "stop_id", "current_stop_sequence", "current_status", "congestion_level", "occupancy_status", "occupancy_percentage",
    )  # fmt: skip
    yield {
        **_described_vehicle(one.vehicle), **_trip(one.trip), **(place if one.HasField("position") else {}),
        **{name: _given(one, name) for name in names}, "timestamp": _moment(_given(one, "timestamp")),
    }  # fmt: skip


def _trip_rows(entity: Any) -> Iterator[dict[str, Any]]:
    one = entity.trip_update
    shared = {
        **_trip(one.trip), **_described_vehicle(one.vehicle), "delay": _given(one, "delay"),
        "timestamp": _moment(_given(one, "timestamp")),
    }  # fmt: skip
    if not one.stop_time_update:
        yield shared
    for stop in one.stop_time_update:
        yield {
            **shared, "stop_sequence": _given(stop, "stop_sequence"), "stop_id": _given(stop, "stop_id"),
            "arrival_delay": _given(stop.arrival, "delay"), "arrival_time": _moment(_given(stop.arrival, "time")),
            "departure_delay": _given(stop.departure, "delay"), "departure_time": _moment(_given(stop.departure, "time")),
            "stop_schedule_relationship": _given(stop, "schedule_relationship"),
        }  # fmt: skip


def _alert_rows(entity: Any) -> Iterator[dict[str, Any]]:
    one = entity.alert
    told = {name: _given(one, name) for name in ("cause", "effect", "severity_level")}
    periods = list(one.active_period)
    informed = {
        "agency_ids": [part.agency_id for part in one.informed_entity], "route_ids": [part.route_id for part in one.informed_entity],
        "stop_ids": [part.stop_id for part in one.informed_entity], "trip_ids": [part.trip.trip_id for part in one.informed_entity],
    }  # fmt: skip
    yield {
        **told, "header": _text(one.header_text), "description": _text(one.description_text), "url": _text(one.url),
        "active_from": _moment(min((_given(period, "start") or 0 for period in periods), default=0)),
        "active_until": _moment(max((_given(period, "end") or 0 for period in periods), default=0)),
        **{name: ",".join(dict.fromkeys(filter(None, found))) or None for name, found in informed.items()},
    }  # fmt: skip


def _text(translated: Any) -> str | None:
    """Return a text in Japanese if there is one, else in no stated language, else the first."""
    known = {one.language: one.text for one in reversed(translated.translation)}
    return next((known[name] for name in ("ja", "ja-JP", "ja-Hrkt", "", *known) if name in known), None) or None
