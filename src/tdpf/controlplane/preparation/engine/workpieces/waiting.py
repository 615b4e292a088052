"""確認待ち: the cells of a run that a person should look at, one entry for the same value with the same trouble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tdpf.controlplane.preparation.engine.merging.types import Mark
from tdpf.controlplane.preparation.engine.recipes.event_store import Event
from tdpf.controlplane.preparation.engine.recipes.paper import PaperPlaces
from tdpf.controlplane.preparation.engine.recipes.types import Run, SourceTable
from tdpf.controlplane.preparation.engine.workpieces.types import Waiting, WaitingKind
from tdpf.kit.hashing import canonical_json, sha256_hex

SURE = 0.9
_PLACES = 5
_SINGLY = 20
_ORDER: Mapping[str, int] = {"ocr": 0, "cell": 1, "address": 2, "missing": 3}


def waiting_in(
    run: Run, *, addresses: Sequence[str] = (), answered: Sequence[str] = (), known: Sequence[str] = ()
) -> list[Waiting]:
    """Return what waits in a run, the most frequent first in each kind; `answered` are keys that a person dealt with.

    `addresses` are the columns of addresses, `known` the columns of name and address that a row is known by. A required cell that is empty waits only where there are few of them: many are mended
    at the source.
    """
    groups: dict[str, tuple[WaitingKind, list[Event]]] = {}
    missing: dict[str, list[Event]] = {}
    for event in run.events:
        kind = _kind(event, addresses)
        if kind is None:
            continue
        if kind == "missing":
            missing.setdefault(event.column, []).append(event)
        else:
            groups.setdefault(_key(event, kind), (kind, []))[1].append(event)
    for events in missing.values():
        if len(events) <= _SINGLY:
            groups.update({_key(event, "missing"): ("missing", [event]) for event in events})
    done = frozenset(answered)
    found = [_waiting(key, kind, events, run, known) for key, (kind, events) in groups.items() if key not in done]
    return sorted(found, key=lambda entry: (_ORDER[entry.kind], -entry.count, entry.column, entry.key))


def waiting_on_paper(
    run: Run, sources: Sequence[SourceTable], *, answered: Sequence[str] = (), known: Sequence[str] = ()
) -> list[Waiting]:
    """Return the cells read from pages of which the reading is not sure, or which disagree with a sum, each by itself."""
    doubted = {(entry["input"], entry["row"], entry["column"]): entry for entry in PaperPlaces(sources).to_check()}
    if not doubted:
        return []
    done = frozenset(answered)
    answers = {(event.row, event.column) for event in run.events if event.step == "overrides"}
    found = []
    for index, (source, number) in enumerate(run.frame.origins):
        for name in run.columns:
            for ref in run.frame.trace(index, name):
                entry = doubted.get((ref.input, ref.row, ref.column))
                if entry is None or (index + 1, name) in answers:
                    continue
                reason = "paper-conflict" if entry["conflict"] else "paper-unsure"
                key = sha256_hex(canonical_json(["ocr", name, ref.input, ref.row, ref.column]))[:24]
                if key not in done:
                    found.append(
                        Waiting(
                            key=key,
                            kind="ocr",
                            column=name,
                            before=entry["value"],
                            proposed=run.frame.columns[name][index],
                            reason=reason,
                            count=1,
                            confidence=float(entry.get("confidence", 0.0)),
                            places=((source, number),),
                            cell=(ref.input, ref.row, ref.column),
                            known=_known(run, index, known),
                        )
                    )
    return sorted(found, key=lambda entry: (entry.confidence, entry.places, entry.column))


def override_of(waiting: Waiting, value: str | None, *, by: str, why: str = "") -> tuple[str, dict[str, Any]]:
    """Return ("values" or "cells", entry) for the step `overrides`: a value speaks for all its cells, a scanned or empty cell for itself."""
    entry: dict[str, Any] = {"column": waiting.column, "before": waiting.before, "value": value, "by": by}
    if why:
        entry["why"] = why
    if waiting.kind in ("ocr", "missing"):
        source, row = waiting.places[0]
        of = {"of": dict(zip(("name", "address"), waiting.known, strict=True))} if any(waiting.known) else {}
        return "cells", {"input": source, "row": row, **of, **entry}
    return "values", entry


def pair_overrides(marks: Sequence[Mark], member: int | None, *, by: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (key, entry) for `overrides.pairs`: every mark is the first one's thing, or the one at `member` is none of the others'."""
    pairs = (
        [(one, other) for place, one in enumerate(marks) for other in marks[place + 1 :]]
        if member is None
        else [(marks[member], other) for place, other in enumerate(marks) if place != member]
    )
    found = []
    for one, other in pairs:
        key = f"pair-{sha256_hex(canonical_json(sorted([list(one), list(other)])))[:20]}"
        sides = {
            side: dict(zip(("input", "name", "address"), mark, strict=True))
            for side, mark in (("one", one), ("other", other))
        }
        found.append((key, {**sides, "same": member is None, "by": by}))
    return found


def _kind(event: Event, addresses: Sequence[str]) -> WaitingKind | None:
    if event.row <= 0 or (event.step == "overrides" and event.severity == "info"):
        return None
    if event.step.startswith("ocr"):
        return "ocr" if event.confidence < SURE or event.severity != "info" else None
    if event.reason == "required-missing":
        return "missing"
    if event.severity == "info" and not (event.step == "address.parse" and event.confidence < SURE):
        return None
    if event.step == "address.parse" or event.column in addresses:
        return "address"
    return "cell" if event.before else None


def _key(event: Event, kind: str) -> str:
    place = [event.input, event.source_row] if kind in ("ocr", "missing") else []
    return sha256_hex(canonical_json([kind, event.column, event.before, event.reason or event.rule, *place]))[:24]


def _known(run: Run, index: int, columns: Sequence[str]) -> tuple[()] | tuple[str, str]:
    name, address = [*(run.frame.columns[column][index] or "" if column else "" for column in columns), "", ""][:2]
    return (name, address) if name or address else ()


def _waiting(key: str, kind: WaitingKind, events: Sequence[Event], run: Run, known: Sequence[str]) -> Waiting:
    first = events[0]
    return Waiting(
        key=key,
        kind=kind,
        column=first.column,
        before=first.before,
        proposed=first.after,
        reason=first.reason or first.rule,
        count=len(events),
        confidence=min(event.confidence for event in events),
        places=tuple((event.input, event.source_row) for event in events[:_PLACES]),
        known=_known(run, first.row - 1, known) if kind in ("ocr", "missing") else (),
    )
