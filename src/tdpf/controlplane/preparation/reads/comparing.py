"""The first rows of a workpiece before and after, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.recipes.report_words import reason_text, rule_text
from tdpf.controlplane.preparation.engine.workpieces.work_sandbox import answer_in
from tdpf.controlplane.preparation.models import Workpiece
from tdpf.controlplane.preparation.reads.workpieces import file_names, workpiece_folder
from tdpf.controlplane.preparation.types import CellCompared, Comparison, RowCompared, WorkpieceState
from tdpf.kit.text import Text

_NONE = Text("", "")


def comparison_of(row: Workpiece, *, show: str = "all", offset: int = 0, limit: int = 20) -> Comparison:
    """Return rows before and after; `show` is all, changed (rows with any change) or rejected (rows with an emptied or missing cell)."""
    path = workpiece_folder(row.uid) / "rows.json"
    plain = orjson.loads(path.read_bytes()) if path.exists() else {"columns": [], "rows": []}
    wanted = {"changed": {"changed", "filled", "removed"}, "rejected": {"rejected", "missing"}}.get(show)
    rows = plain["rows"]
    chosen = [entry for entry in rows if wanted is None or any(cell[2] in wanted for cell in entry[3])]
    names = plain["columns"]
    told = answer_in(workpiece_folder(row.uid), "finish" if row.state == WorkpieceState.FINISHED else "try") or {}
    lacking = {place for place, name in enumerate(names) if name in told.get("without", ())}
    there = [
        place for place in range(len(names)) if place in lacking or any(entry[3][place][2] != "empty" for entry in rows)
    ]
    files = file_names(row)
    states: dict[str, int] = {}
    for entry in rows:
        for cell in entry[3]:
            states[cell[2]] = states.get(cell[2], 0) + 1
    return Comparison(
        columns=tuple(names[place] for place in there),
        hidden=tuple(name for place, name in enumerate(names) if place not in set(there)),
        rows=tuple(
            RowCompared(
                number=entry[0],
                file=files.get(entry[1], entry[1]),
                source_row=entry[2],
                cells=tuple(_compared(entry[3][place], required=place in lacking) for place in there),
            )
            for entry in chosen[offset : offset + limit]
        ),
        total=len(chosen),
        offset=offset,
        states=states,
    )


def _compared(cell: Sequence[Any], *, required: bool) -> CellCompared:
    before, after, state, rule = cell[0], cell[1], cell[2], cell[3]
    state = "missing" if required and state == "empty" else state
    return CellCompared(before=before or "", after=after or "", state=state, why=_why(rule, state))


def _why(rule: str, state: str) -> Text:
    if not rule:
        return (
            _NONE
            if state != "removed"
            else Text(
                "「値がない」という意味の書き方なので空にした", "it says that there is no value, so the cell is empty"
            )
        )
    return reason_text(rule) if state in ("rejected", "missing") else rule_text(rule)
