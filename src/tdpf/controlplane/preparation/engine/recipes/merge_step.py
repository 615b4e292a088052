"""duplicates: finds rows that speak of the same thing, lists where they contradict each other, and folds them if asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tdpf.controlplane.preparation.engine.merging.matching import (
    NEAR_METRES,
    find_matches,
    folded_address,
    folded_name,
    same_address,
)
from tdpf.controlplane.preparation.engine.merging.types import Conflict, DuplicateGroup, Entity, Mark, Match
from tdpf.controlplane.preparation.engine.recipes.event_store import Events
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.table_steps import raw_values
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame, RowApart

_STEP = "duplicates"
# These differ by publisher, not by fact.
_OF_PUBLISHER = ("publisher", "record")
# A point that stands for a whole town says nothing of where in it a thing is.
_OF_TOWN = ("coordinate.from-oaza", "coordinate.from-chome")


def pairs_said(overrides: Mapping[str, Any]) -> dict[frozenset[Mark], bool]:
    """Return what persons said of pairs of rows in the step `overrides`: `pairs` is a list of {one, other, same, by}.

    `one` and `other` are {input, name, address} as the report writes them.
    """
    found: dict[frozenset[Mark], bool] = {}
    for entry in overrides.get("pairs", []):
        sides = (entry["one"], entry["other"])
        found[frozenset((side["input"], side["name"], side.get("address", "")) for side in sides)] = entry["same"]
    return found


def duplicates(state: State, with_: Mapping[str, Any]) -> None:
    """Find rows of the same thing. `policy` is "list" (all rows stay) or "fold" (the first row stands for all, empty cells filled).

    `between` is "inputs" (only rows of different inputs) or "all". With "fold" the other rows are set apart; nothing is lost.
    """
    policy, between = str(with_.get("policy", "list")), str(with_.get("between", "all"))
    for key, frame in list(state.frames.items()):
        entities = _entities(state, frame)
        matches = find_matches(entities, state.pairs)
        if between == "inputs":
            matches = [match for match in matches if len({frame.origins[place][0] for place in match.places}) > 1]
        _conflicts(state, frame, matches, entities)
        if policy == "fold" and matches:
            state.frames[key] = _folded(state, frame, matches)


def _entities(state: State, frame: Frame) -> list[Entity]:
    schema = state.schema
    names = {
        concept: field.name for concept in ("name", "address", "latitude", "longitude") if (field := schema.of(concept))
    }
    code = schema.of("publisher.code")
    # A table without addresses (counts, requests) is told apart by all its keys, the publisher's among them.
    keys = [*schema.apart] if "address" in names else [*([code.name] if code else []), *schema.apart]
    columns = {name: frame.column(name) for name in {*names.values(), *keys}}
    of_town = {(event.input, event.source_row) for event in state.log.events if event.rule in _OF_TOWN}
    found = []
    for place in range(frame.height):
        name = folded_name(columns[names["name"]][place] or "") if "name" in names else ""
        address = folded_address(columns[names["address"]][place] or "") if "address" in names else ""
        apart = tuple(folded_name(columns[key][place] or "") for key in keys)
        if "address" not in names:
            # Without an address only equal keys, all there, make one thing of two rows.
            whole = bool(apart) and all(apart) and (bool(name) or "name" not in names)
            address = "|".join([*apart, "0"]) if whole else ""
            name = (name or "row") if whole else ""
        found.append(
            Entity(
                place=place,
                source=frame.origins[place][0],
                name=name,
                address=address,
                point=None if frame.origins[place] in of_town else _point(columns, names, place),
                apart=apart,
            )
        )
    return found


def _point(
    columns: Mapping[str, Sequence[str | None]], names: Mapping[str, str], place: int
) -> tuple[float, float] | None:
    try:
        lat, lon = columns[names["latitude"]][place], columns[names["longitude"]][place]
        return (float(lat), float(lon)) if lat and lon else None
    except (KeyError, ValueError):
        return None


def _conflicts(state: State, frame: Frame, matches: Sequence[Match], entities: Sequence[Entity]) -> None:
    own = {field.name for field in state.schema.fields if field.concept.split(".")[0] in _OF_PUBLISHER}
    lying = {field.name for field in state.schema.fields if field.concept in ("latitude", "longitude")}
    called = ["" if (field := state.schema.of(concept)) is None else field.name for concept in ("name", "address")]
    found: list[tuple[str, Match]] = []
    for match in matches:
        # Two measurements of one place never agree to the last digit.
        silent = own | lying if match.metres is not None and match.metres <= NEAR_METRES else own
        members = tuple(frame.origins[place] for place in match.places)
        row = match.places[0] + 1
        state.duplicates.append(
            DuplicateGroup(
                row=row,
                members=members,
                why=match.why,
                metres=None if match.metres is None else round(match.metres, 1),
                marks=tuple(entities[place].mark for place in match.places),
            )
        )
        for name, column in frame.columns.items():
            values = {frame.origins[place]: value for place in match.places if (value := column[place])}
            if (
                name not in silent
                and len({same_address(folded_address(value)).casefold() for value in values.values()}) > 1
            ):
                found.append((name, match))
    raw = raw_values(state, frame, {name for name, _ in found}) if found else {}
    for name, match in found:
        places = [place for place in match.places if frame.columns[name][place]]
        values = {frame.origins[place]: frame.columns[name][place] or "" for place in places}
        state.conflicts.append(
            Conflict(
                row=match.places[0] + 1,
                column=name,
                values=values,
                kept=next(iter(values.values())),
                stated={
                    frame.origins[place]: raw.get((place, name)) or values[frame.origins[place]] for place in places
                },
                known={frame.origins[place]: _called(state, frame, place, called) for place in places},
            )
        )


def _called(state: State, frame: Frame, place: int, columns: Sequence[str]) -> tuple[str, str]:
    """Return the name and the address that a row has without what persons corrected."""
    name, address = (
        state.unmended.get((frame.origins[place], column), frame.columns[column][place]) or ""
        if column in frame.columns
        else ""
        for column in columns
    )
    return name, address


def _folded(state: State, frame: Frame, matches: Sequence[Match]) -> Frame:
    gone: dict[int, int] = {}
    told = {(event.row, event.column) for event in state.log.events if event.step == "overrides"}
    for match in matches:
        first = match.places[0]
        for place in match.places[1:]:
            gone[place] = first
            words = tuple(column[place] for column in frame.columns.values())
            source, number = frame.origins[place]
            state.apart.append(RowApart(input=source, row=number, cells=words, why="duplicate"))
            for name, column in frame.columns.items():
                if not column[first] and column[place] and (first + 1, name) not in told:
                    refs = frame.trace(place, name)
                    column[first] = column[place]
                    frame.cells[(first, name)] = refs
                    state.log.add(
                        frame,
                        first,
                        name,
                        step=_STEP,
                        before=None,
                        after=column[place],
                        rule="duplicate.filled",
                        confidence=0.9,
                    )
    kept = [place for place in range(frame.height) if place not in gone]
    moved = {place: index for index, place in enumerate(kept)}
    cells: dict[tuple[int, str], tuple[CellRef, ...]] = {
        (moved[place], name): refs for (place, name), refs in frame.cells.items() if place in moved
    }
    joined = Frame(
        {name: [column[place] for place in kept] for name, column in frame.columns.items()},
        [frame.origins[place] for place in kept],
        frame.sources,
        cells,
        frame.header,
    )
    state.log.events = Events(
        replace(event, row=moved[event.row - 1] + 1) if event.row else event
        for event in state.log.events
        if not event.row or event.row - 1 in moved
    )
    state.duplicates = [replace(group, row=moved[group.row - 1] + 1) for group in state.duplicates]
    state.conflicts = [replace(found, row=moved[found.row - 1] + 1) for found in state.conflicts]
    return joined
