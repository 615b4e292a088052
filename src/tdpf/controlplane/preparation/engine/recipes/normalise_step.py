"""Steps on values: geo.transform of coordinates as they are stated, and normalise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tdpf.controlplane.preparation.engine.normalising.coordinates import (
    LATITUDES,
    LONGITUDES,
    ends_at_minutes,
    from_plane,
    from_tokyo_datum,
    latitude,
    longitude,
    pair,
)
from tdpf.controlplane.preparation.engine.normalising.dates import period
from tdpf.controlplane.preparation.engine.normalising.departments import written_out
from tdpf.controlplane.preparation.engine.normalising.marks import (
    address_below,
    begins_as_above,
    is_ditto,
    plain,
    says_none,
    town_below,
)
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome
from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.normalising.registry import NORMALISERS, outcomes
from tdpf.controlplane.preparation.engine.recipes.coded_values import write_codes_out
from tdpf.controlplane.preparation.engine.recipes.errors import RecipeNotUnderstood
from tdpf.controlplane.preparation.engine.recipes.footnotes import footnotes
from tdpf.controlplane.preparation.engine.recipes.held_names import hold_names
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame

_LABELLED = re.compile(r"[一-龥ァ-ヶー]{1,8}\s*[:：]?\s*(\d{1,4})\s*(?:床|人|名|台|基)?(?=[・、,/／\s]|$)")
_NO_ONE = re.compile(r"(?:な|無)し(?:[(（].*[)）])?|無|ナシ|無床|ゼロ|皆無")


def put_right(state: State, with_: Mapping[str, Any]) -> None:
    """Put coordinates right: parts a pair in one cell, swaps back, moves from another system.

    `latitude`, `longitude`, `pair` name the columns; `from` is "tokyo" or "plane" (with `system` 1-19).
    """
    lat_name, lon_name = str(with_.get("latitude", "")), str(with_.get("longitude", ""))
    pair_name = str(with_.get("pair", ""))
    origin, system = with_.get("from", ""), int(with_.get("system", 0) or 0)
    for frame in state.frames.values():
        if pair_name and pair_name in frame.columns:
            _part_pairs(state, frame, pair_name, lat_name, lon_name)
        if lat_name not in frame.columns or lon_name not in frame.columns:
            continue
        _part_pairs_in(state, frame, lat_name, lon_name)
        lats, lons = frame.columns[lat_name], frame.columns[lon_name]
        for row in range(frame.height):
            lat, lon = lats[row], lons[row]
            if not lat or not lon:
                continue
            first, second = _number(lat), _number(lon)
            rule, moved = "", (lat, lon)
            if first is not None and second is not None:
                if _in(first, LONGITUDES) and _in(second, LATITUDES):
                    rule, moved = "coordinate.swapped", (lon, lat)
                elif origin == "plane" and system and abs(first) >= 180:
                    rule, moved = "coordinate.plane", _written(from_plane(system, first, second))
            elif _is_swapped_text(lat, lon):
                rule, moved = "coordinate.swapped", (lon, lat)
            if origin == "tokyo":
                degrees = latitude(moved[0]).value, longitude(moved[1]).value
                if degrees[0] and degrees[1]:
                    rule = "coordinate.tokyo-datum"
                    moved = _written(from_tokyo_datum(float(degrees[0]), float(degrees[1])))
            if rule:
                confidence = {"coordinate.swapped": 0.98, "coordinate.plane": 0.95}.get(rule, 0.8)
                both = (*frame.trace(row, lat_name), *frame.trace(row, lon_name))
                frame.cells[(row, lat_name)] = frame.cells[(row, lon_name)] = both
                for name, before, after in ((lat_name, lat, moved[0]), (lon_name, lon, moved[1])):
                    frame.columns[name][row] = after
                    state.log.add(
                        frame,
                        row,
                        name,
                        step="geo.transform",
                        before=before,
                        after=after,
                        rule=rule,
                        confidence=confidence,
                    )


def _part_pairs(state: State, frame: Frame, pair_name: str, lat_name: str, lon_name: str) -> None:
    lats, lons = frame.column(lat_name), frame.column(lon_name)
    origin = frame.sources.get(pair_name, {})
    for name in (lat_name, lon_name):
        frame.sources.setdefault(name, dict(origin))
    for row, value in enumerate(frame.columns[pair_name]):
        found = pair(value) if value else None
        if found is None:
            if value and not says_none(value):
                state.log.add(
                    frame, row, lat_name, step="geo.transform", before=value, after=None, rule="dropped",
                    reason="not-a-coordinate", confidence=0.0, severity="error",
                )  # fmt: skip
            continue
        for name, column, part in ((lat_name, lats, found[0]), (lon_name, lons, found[1])):
            if not column[row]:
                column[row] = part
                state.log.add(
                    frame,
                    row,
                    name,
                    step="geo.transform",
                    before=value,
                    after=part,
                    rule="coordinate.pair",
                    **_sure_of(value or ""),
                )


def _part_pairs_in(state: State, frame: Frame, lat_name: str, lon_name: str) -> None:
    """Part what was written into one of the two columns, or into both, though it is a pair."""
    lats, lons = frame.columns[lat_name], frame.columns[lon_name]
    for row in range(frame.height):
        given = [value for value in (lats[row], lons[row]) if value and not says_none(value)]
        found = pair(given[0]) if given and len(set(given)) == 1 else None
        if found is None:
            continue
        both = (*frame.trace(row, lat_name), *frame.trace(row, lon_name))
        frame.cells[(row, lat_name)] = frame.cells[(row, lon_name)] = both
        for name, part in zip((lat_name, lon_name), found, strict=True):
            before, frame.columns[name][row] = frame.columns[name][row], part
            state.log.add(
                frame,
                row,
                name,
                step="geo.transform",
                before=before or given[0],
                after=part,
                rule="coordinate.pair",
                **_sure_of(given[0]),
            )


def _sure_of(value: str) -> dict[str, Any]:
    """Return how sure a pair of coordinates is, and what is to be said of a coarse one."""
    if ends_at_minutes(value):
        return {"reason": "minutes-only", "severity": "warning", "confidence": 0.6}
    return {"confidence": 0.98}


def _number(value: str) -> float | None:
    found = number(value).value
    return float(found) if found is not None else None


def _is_swapped_text(lat: str, lon: str) -> bool:
    return (
        latitude(lat).value is None
        and longitude(lon).value is None
        and longitude(lat).value is not None
        and latitude(lon).value is not None
    )


def _in(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _written(point: tuple[float, float]) -> tuple[str, str]:
    return f"{point[0]:.7f}", f"{point[1]:.7f}"


def normalise(state: State, with_: Mapping[str, Any]) -> None:
    """Send every column through its normaliser; a value that cannot be used leaves an empty cell.

    `columns` names normalisers; a mapped column that is not named there goes through its field's own, one with an empty name is left.
    """
    wanted = dict(with_.get("columns", {}))
    for name, kind in wanted.items():
        if kind and kind not in NORMALISERS:
            raise RecipeNotUnderstood(
                where=f"normalise.columns.{name}",
                why_ja=f"「{kind}」という直し方はありません",
                why_en=f"there is no normaliser “{kind}”",
            )
    for key, frame in state.frames.items():
        own = {
            name: field.normaliser
            for name in frame.columns
            if name not in wanted
            and (field := state.schema.field(name)) is not None
            and field.normaliser not in ("coordinates", "hours")
        }
        for name in frame.columns:
            if (field := state.schema.field(name)) is not None and field.normaliser in ("coordinates", "hours"):
                _repeat(state, frame, name)
        write_codes_out(state, frame, {**wanted, **own})
        footnotes(state, frame)
        for name, kind in {**wanted, **own}.items():
            if kind and name in frame.columns:
                _repeat(state, frame, name)
                _column(state, key, frame, name, str(kind))
                if (field := state.schema.field(name)) is not None and field.concept == "corporate.name":
                    hold_names(state, frame, name)


def _repeat(state: State, frame: Frame, name: str) -> None:
    """Write the value above where a sign (〃, 同上) says that it is meant; without one the sign is a value that cannot be used."""
    values = frame.columns[name]
    field = state.schema.field(name)
    addresses = field is not None and field.concept == "address"
    towns = field is not None and (field.concept == "location.town" or field.name == "地域名")
    for row, value in enumerate(values):
        if not value:
            continue
        above = values[row - 1] if row and frame.origins[row][0] == frame.origins[row - 1][0] else None
        if not is_ditto(value):
            if begins_as_above(value):
                written = address_below(value, above or "") if addresses else None
                town = town_below(value, above or "") if towns else None
                values[row] = written or town or value
                state.log.add(
                    frame, row, name, step="normalise", before=value, after=values[row],
                    rule="ditto" if written or town else "", reason="" if town else "ditto-part",
                    confidence=0.95 if town else 0.8 if written else 0.5, severity="info" if town else "warning",
                )  # fmt: skip
            continue
        values[row] = above
        state.log.add(
            frame, row, name, step="normalise", before=value, after=above, rule="ditto" if above else "dropped",
            reason="" if above else "ditto-of-nothing", confidence=0.95 if above else 0.0,
            severity="info" if above else "error",
        )  # fmt: skip


def _sum_of(clean: str) -> str:
    """Return the sum of counts that each bear a label (一般60・療養40), "" where anything else is said."""
    parts = _LABELLED.findall(clean)
    alone = len(parts) > 1 and not re.search(r"\d", _LABELLED.sub("", clean)) and "計" not in clean
    return str(sum(int(part) for part in parts)) if alone else ""


def _column(state: State, key: str, frame: Frame, name: str, kind: str) -> None:
    values = frame.columns[name]
    judged = outcomes(kind, (value for value in values if value))
    rests = state.rests.setdefault(key, {}).setdefault(name, {})
    departments = name == "診療科目"
    field = state.schema.field(name)
    counted = field is not None and field.concept == "count"
    ends_apart = "開始" in name and state.schema.field(name.replace("開始", "終了")) is not None
    for row, value in enumerate(values):
        if not value:
            continue
        found = judged[value]
        if counted and found.value is None and _NO_ONE.fullmatch(value.strip()):
            found = Outcome("0", "count.none", 0.9)
        elif counted and found.value is None and (total := _sum_of(plain(value))):
            found = Outcome(total, "sum", 0.8)
        if departments and found.value and (full := written_out(found.value)) != found.value:
            found = replace(found, value=full, rule="list.departments", confidence=min(found.confidence, 0.9))
        values[row] = found.value
        if found.rest:
            rests[row] = found.rest if found.rest.startswith("内線") else value.strip()
        if ends_apart and found.reason == "more-than-a-day" and period(value) is not None:
            found = replace(found, reason="")
        if found.rule or found.reason:
            lost = found.value is None and found.reason not in ("", "missing")
            doubtful = bool(found.reason) and found.value is not None
            state.log.add(
                frame,
                row,
                name,
                step="normalise",
                before=value,
                after=found.value,
                rule=found.rule or ("dropped" if lost else ""),
                reason="" if found.reason == "missing" else found.reason,
                confidence=found.confidence,
                severity="error" if lost else "warning" if doubtful else "info",
            )
