"""geo.transform: puts stated coordinates right, or compares them with addresses and fills those that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tdpf.controlplane.preparation.engine.addresses.checking import check_point, looks_like_tokyo_datum
from tdpf.controlplane.preparation.engine.addresses.geocoding import Geocoder
from tdpf.controlplane.preparation.engine.addresses.types import LEVELS, Geocoded
from tdpf.controlplane.preparation.engine.recipes.event_store import Event
from tdpf.controlplane.preparation.engine.recipes.normalise_step import put_right
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame

STEP = "geo.transform"
_SURE = {"residence": 0.97, "block": 0.95, "chome": 0.9, "oaza": 0.85}
_FILLED = ("oaza", "chome", "block", "residence")
_PARTLY = 0.8


def geo_transform(state: State, with_: Mapping[str, Any]) -> None:
    """Without `address`, put right what is stated: see `put_right`. With it, compare and fill.

    `latitude`, `longitude`, `address` name the columns; `fill` is the coarsest level that is filled in (oaza, chome, block,
    residence), or "" to compare only; `publisher` is {input: code} of the municipality of addresses that leave it out.
    Stated coordinates are never changed. What cannot be filled or does not fit is a warning for a person.
    """
    if "address" not in with_:
        put_right(state, with_)
        return
    fill = str(with_.get("fill", ""))
    for key, frame in state.frames.items():
        if str(with_["address"]) in frame.columns:
            code = str(dict(with_.get("publisher", {})).get(key, ""))
            _frame(state, frame, Geocoder(state.gazetteer, municipality=code), with_, fill)


def _frame(state: State, frame: Frame, geocoder: Geocoder, with_: Mapping[str, Any], fill: str) -> None:
    lat_name, lon_name, address = (str(with_[name]) for name in ("latitude", "longitude", "address"))
    unusable = {
        event.row - 1
        for event in state.log.events
        if event.column in (lat_name, lon_name) and event.severity == "error" and event.row
    }
    lats, lons = frame.column(lat_name), frame.column(lon_name)
    stated: list[tuple[float, float]] = []
    placed: list[tuple[float, float]] = []
    for row, value in enumerate(frame.columns[address]):
        lat, lon = _number(lats[row]), _number(lons[row])
        if row in unusable and (lat is None) != (lon is None):
            _warn(state, frame, row, lon_name if lat is None else lat_name, "coordinate-half")
        if not value or (row in unusable and (lat is None or lon is None)):
            continue
        if lat is None and lon is None:
            if fill and state.gazetteer is not None:
                _fill(state, frame, row, (lat_name, lon_name), geocoder.geocode(value), fill)
            continue
        if lat is None or lon is None:
            _warn(state, frame, row, lon_name if lon is None else lat_name, "coordinate-half")
            continue
        place = geocoder.geocode(value)
        verdict = check_point(place, lat, lon)
        if verdict in ("elsewhere", "far"):
            _warn(state, frame, row, lat_name, f"coordinate-{verdict}")
        elif place.level in _FILLED and place.lat is not None and place.lon is not None:
            stated.append((lat, lon))
            placed.append((place.lat, place.lon))
    if looks_like_tokyo_datum(stated, placed):
        source = frame.origins[0][0]
        event = Event(0, lat_name, STEP, "warning", "", "maybe-tokyo-datum", None, None, 0.9, source)
        state.log.events.append(event)


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None


def _fill(state: State, frame: Frame, row: int, names: tuple[str, str], place: Geocoded, fill: str) -> None:
    if place.match in ("ambiguous", "none") or place.lat is None or place.lon is None:
        reason = "address-ambiguous" if place.match == "ambiguous" else "address-unknown"
        _warn(state, frame, row, names[0], reason)
        return
    if LEVELS.index(place.level) < LEVELS.index(fill):
        _warn(state, frame, row, names[0], "address-coarse")
        return
    confidence = _SURE[place.level] * (1.0 if place.match == "exact" else _PARTLY)
    for name, degrees in zip(names, (place.lat, place.lon), strict=True):
        frame.columns[name][row] = f"{degrees:.6f}"
        state.log.add(
            frame,
            row,
            name,
            step=STEP,
            before=None,
            after=frame.columns[name][row],
            rule=f"coordinate.from-{place.level}",
            confidence=round(confidence, 3),
        )


def _warn(state: State, frame: Frame, row: int, name: str, reason: str) -> None:
    value = frame.columns[name][row]
    state.log.add(
        frame, row, name, step=STEP, before=value, after=value, reason=reason, confidence=0.5, severity="warning"
    )
