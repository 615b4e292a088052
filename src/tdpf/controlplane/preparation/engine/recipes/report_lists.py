"""The long lists of a report, entry by entry, and the report as a JSON file that leaves nothing out and is never held whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import orjson

from tdpf.controlplane.preparation.engine.merging.types import Conflict, DuplicateGroup
from tdpf.controlplane.preparation.engine.recipes.event_store import Event
from tdpf.controlplane.preparation.engine.recipes.hiding import Hiding
from tdpf.controlplane.preparation.engine.recipes.paper import PaperPlaces
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared
from tdpf.controlplane.preparation.engine.recipes.report_words import apart_text, same_text
from tdpf.controlplane.preparation.engine.recipes.types import RowApart

_TOGETHER = 1_000
_WAITING = 50_000
_KIND = ("column", "step", "severity", "rule", "reason", "confidence", "input", "source_column")


def write_report(prepared: Prepared, report: Mapping[str, Any], stream: BinaryIO) -> None:
    """Write what `report_of` returned as JSON, with every entry of its long lists, an entry a line."""
    lists = long_lists(prepared, PaperPlaces(prepared.sources))
    before = b"{\n"
    for name, value in report.items():
        if name not in lists:
            stream.write(before + orjson.dumps(name) + b": " + orjson.dumps(value, option=orjson.OPT_INDENT_2))
            before = b",\n"
    for name, entries in lists.items():
        stream.write(before + orjson.dumps(name) + b": [")
        comma = b"\n"
        for entry in entries:
            stream.write(comma + orjson.dumps(entry))
            comma = b",\n"
        stream.write(b"\n]" if comma == b",\n" else b"]")
        before = b",\n"
    stream.write(b"\n}\n")


def long_lists(prepared: Prepared, paper: PaperPlaces) -> dict[str, Iterator[dict[str, Any]]]:
    """Return the lists that grow with the rows, by name; each can be read once."""
    run, hiding = prepared.run, Hiding(prepared)
    return {
        "apart": (_apart(row, hiding) for row in run.apart),
        "quarantined": (
            {"row": entry.row, "reasons": [{"column": column, "reason": reason} for column, reason in entry.reasons]}
            for entry in run.quarantined
        ),
        "cells_to_check": (
            {**cell, "value": hiding.told(cell["value"], "", cell["input"], cell["column"])}
            for cell in paper.to_check()
        ),
        "duplicates": (_duplicate(group, hiding) for group in run.duplicates),
        "conflicts": (_conflict(found, hiding) for found in run.conflicts),
        "row_origins": _origins(run.frame.origins),
        "events": _told(run.events, paper, hiding),
    }


def _apart(row: RowApart, hiding: Hiding) -> dict[str, Any]:
    text = apart_text(row.why)
    return {
        "input": row.input,
        "row": row.row,
        "cells": hiding.row(row.input, row.cells),
        "why": row.why,
        "message_ja": text.ja,
        "message_en": text.en,
    }


def _duplicate(group: DuplicateGroup, hiding: Hiding) -> dict[str, Any]:
    text = same_text(group.why)
    return {
        "row": group.row,
        "why": group.why,
        "message_ja": text.ja,
        "message_en": text.en,
        "metres": group.metres,
        "members": [
            {**hiding.mark(mark), "input": source, "row": row}
            for (source, row), mark in zip(group.members, group.marks, strict=True)
        ],
    }


def _conflict(found: Conflict, hiding: Hiding) -> dict[str, Any]:
    return {
        "row": found.row,
        "column": found.column,
        "kept": hiding.told(found.kept, found.column),
        "values": [
            {"input": source, "row": row, "value": hiding.told(value, found.column)}
            for (source, row), value in found.values.items()
        ],
    }


def _origins(origins: Sequence[tuple[str, int]]) -> Iterator[dict[str, Any]]:
    """Yield where the output rows came from, runs of neighbouring rows as one entry."""
    last: dict[str, Any] | None = None
    for number, (source, row) in enumerate(origins, start=1):
        if last and last["input"] == source and last["source_row"] + last["count"] == row:
            last["count"] += 1
            continue
        if last:
            yield last
        last = {"out_row": number, "input": source, "source_row": row, "count": 1}
    if last:
        yield last


def _told(events: Iterable[Event], paper: PaperPlaces, hiding: Hiding) -> Iterator[dict[str, Any]]:
    """Yield events of one step that share everything but row and words as one entry of up to `_TOGETHER` cells, in the steps' order.

    A cell is [row, row of the source, before, after, how many neighbouring rows it speaks of, place on paper]; the last two only where
    they say something.
    """
    step = ""
    waiting = 0
    groups: dict[tuple[Any, ...], list[list[Any]]] = {}
    for event in events:
        if event.step != step or waiting >= _WAITING:
            yield from (_group(kind, cells) for kind, cells in groups.items())
            step, waiting, groups = event.step, 0, {}
        kind = (event.column, event.step, event.severity, event.rule, event.reason, event.confidence, event.input, event.source_column)  # fmt: skip
        cells = groups.setdefault(kind, [])
        place = paper.shown(event.input, event.source_row, event.source_column)
        before, after = hiding.event(event)
        if cells and not place and _goes_on(cells[-1], event, before, after):
            cells[-1][4:] = [cells[-1][4] + 1 if len(cells[-1]) > 4 else 2]
            continue
        cells.append([event.row, event.source_row, before, after, *([1, place] if place else [])])
        waiting += 1
        if len(cells) == _TOGETHER:
            # The last cell stays: the next one may go on from it.
            yield _group(kind, cells[:-1])
            del cells[:-1]
    yield from (_group(kind, cells) for kind, cells in groups.items())


def _goes_on(cell: Sequence[Any], event: Event, before: str | None, after: str | None) -> bool:
    count = cell[4] if len(cell) > 4 else 1
    return bool(cell[0]) and (event.row, event.source_row, before, after) == (
        cell[0] + count,
        cell[1] + count,
        cell[2],
        cell[3],
    )


def _group(kind: Sequence[Any], cells: Sequence[Sequence[Any]]) -> dict[str, Any]:
    count = sum(cell[4] if len(cell) > 4 else 1 for cell in cells)
    return {**dict(zip(_KIND, kind, strict=True)), "count": count, "cells": list(cells)}
