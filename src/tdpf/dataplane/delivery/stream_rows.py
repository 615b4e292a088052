"""What is pushed into a stream: rows that fit its columns, or a problem that says which does not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import orjson

from tdpf.dataplane.delivery.rings import StreamEvent
from tdpf.kit import ngsi
from tdpf.kit.text import Text
from tdpf.wire.sources import StreamSource, StreamView
from tdpf.wire.stream_problems import EventsRefused

MOST_BYTES = 1 << 20
MOST_ROWS = 1000
LONGEST_TEXT = 4000
_MOST_FAULTS = 20
_LATEST_SECONDS = 100_000_000_000
_LATEST_MILLISECONDS = 100_000_000_000_000


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_integer(value: object) -> bool:
    return type(value) is int and abs(value) < 2**53


def _is_number(value: object) -> bool:
    return type(value) is not bool and isinstance(value, int | float) and abs(value) < 1e300


def _is_moment(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 40:
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_FITS: Mapping[str, tuple[Callable[[object], bool], Text]] = MappingProxyType(
    {
        "string": (_is_text, Text(f"{LONGEST_TEXT}文字までの文字列", f"text of at most {LONGEST_TEXT} characters")),
        "integer": (_is_integer, Text("整数", "an integer")),
        "number": (_is_number, Text("数", "a number")),
        "boolean": (lambda value: type(value) is bool, Text("true か false", "true or false")),
        "datetime": (
            _is_moment,
            Text(
                "時差つきの日時（例: 2026-11-21T09:00:00+09:00）",
                "a time with its offset, like 2026-11-21T09:00:00+09:00",
            ),
        ),
    }
)
Fault = tuple[str, Text]
"""What is wrong with a row: the place, and what it would have to be."""


def read_rows(body: bytes, stream: StreamSource) -> list[dict[str, Any]]:
    """Return the rows of a push: one JSON object, an array of them, or the entities of an NGSI notification.

    Raises EventsRefused with an error per fault.
    """
    try:
        plain = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise _refused([("", Text("JSONとして読めません。", f"It is not JSON ({fault})."))]) from None
    notified = stream.payload != "rows"
    if notified:
        plain = plain.get("data") if isinstance(plain, dict) else None
        if not isinstance(plain, list):
            raise _refused(
                [
                    (
                        "",
                        Text(
                            "data にエンティティを入れた通知にしてください。",
                            "It must be a notification with its entities in data.",
                        ),
                    )
                ]
            )
    rows = plain if isinstance(plain, list) else [plain]
    if not 1 <= len(rows) <= MOST_ROWS:
        raise _refused(
            [("", Text(f"1件から{MOST_ROWS}件までにしてください。", f"It must hold 1 to {MOST_ROWS} events."))]
        )
    if notified:
        rows = [_entity_row(one, stream) for one in rows]
    faults: list[Fault] = []
    for place, row in enumerate(rows):
        faults.extend(_faults(row, stream, f"[{place}]"))
        if len(faults) >= _MOST_FAULTS:
            break
    if faults:
        raise _refused(faults[:_MOST_FAULTS])
    return rows


def _entity_row(entity: object, stream: StreamSource) -> object:
    """Return the row of a notified entity, by what the columns' origins name in it."""
    if not isinstance(entity, dict):
        return entity
    version: ngsi.Version = "v2" if stream.payload == "ngsi_v2" else "ld"
    simplified = ngsi.is_simplified(entity, version)
    found = {one.name: ngsi.value_at(entity, one.at_origin, version, simplified=simplified) for one in stream.columns}
    return fitted(found, stream)[0]


def fitted(row: dict[str, Any], stream: StreamSource) -> tuple[dict[str, Any], list[Fault]]:
    """Return a row that was fetched with its values as the columns want them, and what is wrong with it.

    Whole numbers may come as 12.0, moments as Unix seconds or milliseconds.
    """
    known = {column.name: column.type for column in stream.columns}
    made = {name: _as(known[name], value) for name, value in row.items()}
    return made, _faults(made, stream, "")


def _as(kind: str, value: Any) -> Any:
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "datetime" and type(value) in (int, float) and 0 < value < _LATEST_MILLISECONDS:
        return moment_of(int(value if value > _LATEST_SECONDS else value * 1000))
    if kind == "string" and isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return value


def _faults(row: object, stream: StreamSource, place: str) -> list[Fault]:
    if not isinstance(row, dict):
        return [(place, Text("オブジェクトにしてください。", "It must be an object."))]
    place = f"{place}." if place else ""
    known = {column.name: column for column in stream.columns}
    stranger = Text("このストリームの列ではありません。", "It is not a column of this stream.")
    found = [(f"{place}{name[:80]}", stranger) for name in row if name not in known]
    for name, column in known.items():
        value = row.get(name)
        if value is None:
            if column.required:
                found.append((f"{place}{name}", Text("値がありません。", "It is missing.")))
            continue
        fits, what = _FITS[column.type]
        if not fits(value):
            found.append((f"{place}{name}", Text(f"{what.ja}にしてください。", f"It must be {what.en}.")))
    return found


def _refused(faults: list[Fault]) -> EventsRefused:
    errors = [{"field": place or "body", "message_ja": why.ja, "message_en": why.en} for place, why in faults]
    return EventsRefused(count=len(faults), errors=errors)


def view_of(stream: StreamSource, number: int | None) -> StreamView | None:
    """Return what the caller may see: the view the gateway named, or the open columns; None = nothing."""
    if number:
        return stream.views.get(number)
    if stream.open_columns is None:
        return StreamView(tuple(column.name for column in stream.columns))
    return StreamView(stream.open_columns) if stream.open_columns else None


def seen(event: StreamEvent, view: StreamView, stream: StreamSource) -> bytes | None:
    """Return the event as JSON with the columns of the view; None when its area is not covered."""
    if view.areas and (not stream.area_column or event.row.get(stream.area_column) not in view.areas):
        return None
    row = {name: event.row.get(name) for name in view.columns}
    return orjson.dumps({"number": event.number, "at": moment_of(event.at), "row": row})


def moment_of(milliseconds: int) -> str:
    """Return Unix milliseconds as RFC 3339 in UTC."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
