"""Values that differ between the files of one thing, as pages show them: open, answered, by whom and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tdpf.controlplane.preparation.engine.workpieces.work_sandbox import answer_in
from tdpf.controlplane.preparation.models import Workpiece
from tdpf.controlplane.preparation.reads.workpieces import file_names, workpiece_folder
from tdpf.controlplane.preparation.types import ConflictShown, WorkpieceState


def conflicts_of(row: Workpiece) -> list[ConflictShown]:
    """Return the conflicts of the last run, open ones first, then every answer that was given, also about what is settled by it."""
    files = file_names(row)
    listed = [_found(entry, files) for entry in _told(row)]
    answered = [_answered(key, answer, files) for key, answer in row.answers.items() if answer["kind"] == "conflicts"]
    return [*(entry for entry in listed if entry.key not in row.answers), *answered]


def conflict_found(row: Workpiece, key: str) -> dict[str, Any] | None:
    """Return one conflict of the last run, as the engine left it."""
    return next((dict(entry) for entry in _told(row) if entry.get("key") == key), None)


def _told(row: Workpiece) -> list[dict[str, Any]]:
    finished = row.state == WorkpieceState.FINISHED
    plain = answer_in(workpiece_folder(row.uid), "finish" if finished else "try") or {}
    return [entry for entry in plain.get("conflicts", ()) if "key" in entry]


def _found(entry: Mapping[str, Any], files: Mapping[str, str]) -> ConflictShown:
    return ConflictShown(
        key=str(entry["key"]),
        name=next((str(side["of"]["name"]) for side in entry["sides"] if side["of"].get("name")), ""),
        column=str(entry["column"]),
        values=tuple(
            (f"{files.get(source, source)} {number}", str(value)) for source, number, value in entry["values"]
        ),
        kept=str(entry["kept"]),
    )


def _answered(key: str, answer: Mapping[str, Any], files: Mapping[str, str]) -> ConflictShown:
    cells = answer["entry"]
    return ConflictShown(
        key=key,
        name=next((str(cell["of"]["name"]) for cell in cells if cell.get("of", {}).get("name")), ""),
        column=str(cells[0]["column"]),
        values=tuple(
            (f"{files.get(str(cell['input']), cell['input'])} {cell['row']}", str(cell["before"])) for cell in cells
        ),
        kept="",
        action=str(answer["action"]),
        value=str(answer["value"] or ""),
        by=str(cells[0].get("by", "")),
        at=_instant(cells[0].get("at")),
    )


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
