"""Workpieces as pages show them: what was found, columns, before and after, what waits, results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, workpiece_rules
from tdpf.controlplane.preparation.engine.rating.types import rating_from_dict
from tdpf.controlplane.preparation.engine.recipes.report_words import mending_text, reason_text, rule_text, same_text
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema, schema_names
from tdpf.controlplane.preparation.engine.schemas.types import Schema
from tdpf.controlplane.preparation.engine.workpieces.work_sandbox import answer_in
from tdpf.controlplane.preparation.models import Workpiece
from tdpf.controlplane.preparation.reads import rates
from tdpf.controlplane.preparation.types import (
    ColumnAsked,
    FileLooked,
    SchemaOffered,
    WaitingShown,
    WorkpieceState,
    WorkProgress,
    WorkResult,
)
from tdpf.controlplane.preparation.workpiece_links import address_for, read_address
from tdpf.kit.home import home
from tdpf.kit.ids import is_uid
from tdpf.kit.pages import Page
from tdpf.kit.text import Text

_RESULTS = frozenset(("recipe.yaml", "manual.md", "manual.pdf", "report.html", "report.json"))
_IN_ORDER = (
    ".xlsx",
    "-excel.csv",
    "-sources.csv",
    "-national.csv",
    "-tokyo.json",
    "-barrier_free.csv",
    ".csv",
    ".geojson",
    ".parquet",
    "manual.pdf",
    "report.html",
    "recipe.yaml",
    "manual.md",
)


def workpiece_folder(uid: str) -> Path:
    """Return the folder of a workpiece: `workpieces/<uid>`."""
    if not is_uid(uid):
        raise ValueError(uid)
    return home().workpieces / uid


def address_of(row: Workpiece) -> str:
    """Return the last part of a workpiece's address."""
    return address_for(row.uid, visitor=row.party_id is None)


def workpiece_at(address: str, standing: Standing) -> Workpiece:
    """Return the workpiece at an address: a visitor's for whoever has it, a member's for its party. Raises WorkpieceUnknown."""
    uid, secret = read_address(address)
    row = Workpiece.objects.filter(uid=uid).select_related("party", "member", "upload").first() if uid else None
    if row is None or row.state == WorkpieceState.ERASED:
        raise errors.WorkpieceUnknown
    if not (secret if row.party_id is None else row.party_id in standing.roles):
        raise errors.WorkpieceUnknown
    return row


def workpieces_of(standing: Standing, *, offset: int = 0, limit: int = 20) -> Page[Workpiece]:
    """Return what a member and their parties are preparing, newest first."""
    rows = Workpiece.objects.filter(party_id__in=list(standing.roles)).exclude(state=WorkpieceState.ERASED)
    return Page(
        items=list(rows.select_related("party")[offset : offset + limit]),
        total=rows.count(),
        offset=offset,
        limit=limit,
    )


def progress_of(row: Workpiece) -> WorkProgress | None:
    """Return how far the order on a workpiece is, or None when nothing is known yet."""
    plain = answer_in(workpiece_folder(row.uid), "progress")
    if plain is None:
        return None
    return WorkProgress(done=int(plain["done"]), total=int(plain["total"]), words=Text(plain["ja"], plain["en"]))


def files_looked(row: Workpiece) -> list[FileLooked]:
    """Return every file as it was found."""
    looked = answer_in(workpiece_folder(row.uid), "look") or {"files": []}
    return [_file(row, place, plain) for place, plain in enumerate(looked["files"])]


def _file(row: Workpiece, place: int, plain: Mapping[str, Any]) -> FileLooked:
    rating = plain.get("rating")
    return FileLooked(
        place=place,
        name=str(plain["file"]),
        format=str(plain.get("format", "")),
        encoding=str(plain.get("encoding", "")),
        table=plain.get("table"),
        choices=tuple(plain.get("tables", ())),
        rows=tuple(tuple(cells) for cells in plain.get("rows", ())),
        notes=tuple(plain.get("notes", ())),
        findings=tuple(plain.get("findings", ())),
        rating=rates.shown(rating_from_dict(rating)) if rating else None,
        problem=plain.get("problem"),
        chosen=str(row.choices.get(str(place), "")),
    )


def columns_of_persons(row: Workpiece) -> frozenset[tuple[str, str]]:
    """Return the columns of the files in which personal data were confirmed: (name of the file, name of the column)."""
    folder = workpiece_folder(row.uid)
    # A file with several tables was screened no sooner than one of them was chosen.
    read = [*(answer_in(folder, "look") or {}).get("files", ()), *(answer_in(folder, "plan") or {}).get("inputs", ())]
    return frozenset(
        (str(entry["file"]), str(finding["column"]))
        for entry in read
        for finding in entry.get("findings", ())
        if finding["certainty"] == "confirmed"
    )


def is_unread(row: Workpiece) -> bool:
    """Say whether the files were looked at and no table was found in any of them."""
    if row.state != WorkpieceState.FOUND:
        return False
    looked = answer_in(workpiece_folder(row.uid), "look") or {}
    return not any(entry.get("table") or entry.get("tables") for entry in looked.get("files", ()))


def schemas_offered(row: Workpiece) -> list[SchemaOffered]:
    """Return the standard tables that fit, best first, then all the others."""
    looked = answer_in(workpiece_folder(row.uid), "look") or {"offers": []}
    offers = {str(offer["name"]): offer for offer in looked.get("offers", ())}
    names = [*offers, *(name for name in schema_names() if name not in offers)]
    return [_offered(load_schema(name), offers.get(name)) for name in names]


def _offered(schema: Schema, offer: Mapping[str, Any] | None) -> SchemaOffered:
    return SchemaOffered(
        name=schema.name,
        title=Text(schema.title, schema.title_en),
        source=f"{schema.source.title}（{schema.source.version}、{schema.source.publisher}）",
        mapped=int(offer["mapped"]) if offer else 0,
        columns=int(offer["columns"]) if offer else 0,
        required=int(offer["required"]) if offer else 0,
        required_of=sum(1 for field in schema.fields if field.required),
        examples=tuple((str(column), str(field)) for column, field in offer["examples"]) if offer else (),
    )


def columns_asked(row: Workpiece) -> list[ColumnAsked]:
    """Return every column with what it is taken for and what else it may be; what a person chose stands first."""
    plan = answer_in(workpiece_folder(row.uid), "plan") or {"columns": [], "inputs": []}
    files = {str(entry["id"]): str(entry["file"]) for entry in plan["inputs"]}
    found = []
    for entry in plan["columns"]:
        source, name = str(entry["input"]), str(entry["column"])
        chosen = row.decisions.get(source, {}).get(name)
        suggestions = entry["suggestions"]
        target = str(entry["target"]) if chosen is None else str(chosen)
        own = next((one for one in suggestions if one["target"] == target), None)
        found.append(
            ColumnAsked(
                input=source,
                file=files.get(source, ""),
                name=name,
                examples=tuple(entry["examples"]),
                target=target,
                method="confirmed" if chosen is not None else str(entry["method"]),
                sure=round(100 * min(1.0, float(own["score"]))) if own else None,
                alternatives=tuple(
                    (str(one["target"]), round(100 * min(1.0, float(one["score"]))), _evidence(one))
                    for one in suggestions
                ),
                into=tuple(entry.get("into", ())),
            )
        )
    return found


def _evidence(suggestion: Mapping[str, Any]) -> Text:
    name, values = round(100 * float(suggestion["name"])), round(100 * float(suggestion["values"]))
    if not values:
        return Text(f"名前が {name}％ 近い", f"names {name}% alike")
    return Text(f"名前が {name}％ 近い・値の {values}％ が合う", f"names {name}% alike, {values}% of the values fit")


def fields_made(row: Workpiece) -> frozenset[str]:
    """Return the fields that are filled without a column of their own: joined, taken from a title."""
    plan = answer_in(workpiece_folder(row.uid), "plan") or {}
    return frozenset(str(name) for name in plan.get("made", ()))


def fields_of(row: Workpiece) -> list[tuple[str, bool]]:
    """Return the fields that a column may be taken for, and whether each is required."""
    return [(field.name, field.required) for field in load_schema(row.schema).targets] if row.schema else []


def result_of(row: Workpiece) -> WorkResult | None:
    """Return what the last try or the whole run came to, or None before the first."""
    finished = row.state == WorkpieceState.FINISHED
    plain = answer_in(workpiece_folder(row.uid), "finish" if finished else "try")
    if plain is None or "problem" in plain:
        return None
    files = file_names(row)
    said = {
        _pair(entry["entry"]["one"], entry["entry"]["other"]): bool(entry["entry"]["same"])
        for entry in row.answers.values()
        if entry["kind"] == "pairs"
    }
    return WorkResult(
        rows_in=plain["rows_in"],
        rows_out=plain["rows_out"],
        apart=plain["apart_count"],
        quarantined=plain["quarantined_count"],
        waiting=plain["waiting_count"],
        located=plain["located"],
        partial=plain["partial"],
        states=dict(plain["states"]),
        without=tuple(plain["without"]),
        # Those begun before this was kept have none.
        left_out=tuple(
            {"file": files.get(entry["input"], ""), "column": entry["column"], "cells": entry["cells"]}
            for entry in plain.get("left_out", ())
        ),
        findings=tuple(plain["findings"]),
        confirmed=tuple(plain.get("confirmed", ())),
        files=dict(sorted(plain.get("files", {}).items(), key=lambda entry: _place_of(entry[0]))),
        recipe=str(plain["recipe"]),
        duplicates=tuple(_duplicate(entry, files, said) for entry in plain["duplicates"]),
        duplicates_count=plain["duplicates_count"],
        conflicts=tuple(_conflict(entry, files) for entry in plain["conflicts"]),
        conflicts_count=plain["conflicts_count"],
        folded=plain["folded"],
    )


def _duplicate(
    entry: Mapping[str, Any], files: Mapping[str, str], said: Mapping[frozenset[tuple[str, ...]], bool]
) -> dict[str, Any]:
    marks = [tuple(str(word) for word in mark) for mark in entry["marks"]]
    members = [
        {
            "where": f"{files.get(source, source)} {row}",
            "name": mark[1],
            "address": "" if "|" in mark[2] else mark[2],
            "apart": all(said.get(frozenset((mark, other))) is False for other in marks if other is not mark),
        }
        for (source, row), mark in zip(entry["members"], marks, strict=True)
    ]
    pairs = [frozenset((one, other)) for place, one in enumerate(marks) for other in marks[place + 1 :]]
    return {
        "row": entry["row"],
        "why": same_text(entry["why"]),
        "metres": entry["metres"],
        "members": members,
        "judged": bool(pairs) and all(said.get(pair) for pair in pairs),
    }


def _pair(*marks: Mapping[str, str]) -> frozenset[tuple[str, ...]]:
    return frozenset((mark["input"], mark["name"], mark["address"]) for mark in marks)


def duplicate_marks(row: Workpiece, number: int) -> list[tuple[str, str, str]]:
    """Return what the rows of the likely duplicates that stand in row `number` are known by; empty when there are none."""
    plain = answer_in(workpiece_folder(row.uid), "finish" if row.state == WorkpieceState.FINISHED else "try") or {}
    found = next((entry["marks"] for entry in plain.get("duplicates", ()) if entry["row"] == number), ())
    return [(str(source), str(name), str(address)) for source, name, address in found]


def pairs_judged(row: Workpiece) -> list[dict[str, Any]]:
    """Return what was said of pairs of rows in this workpiece: {key, one, other, same}, to be taken back."""
    files = file_names(row)
    found = []
    for key, answer in row.answers.items():
        if answer["kind"] != "pairs":
            continue
        sides = {
            side: f"{files.get(mark['input'], mark['input'])} {mark['name']}"
            for side, mark in answer["entry"].items()
            if side in ("one", "other")
        }
        found.append({"key": key, "same": bool(answer["entry"]["same"]), **sides})
    return found


def _conflict(entry: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    values = [(f"{files.get(source, source)} {row}", value) for source, row, value in entry["values"]]
    return {"row": entry["row"], "column": entry["column"], "kept": entry["kept"], "values": values}


def _place_of(name: str) -> int:
    """Return where a result stands in the list: what most people want comes first."""
    return next((place for place, ending in enumerate(_IN_ORDER) if name.endswith(ending)), len(_IN_ORDER))


def file_names(row: Workpiece) -> dict[str, str]:
    """Return the file of every input."""
    plan = answer_in(workpiece_folder(row.uid), "plan") or {"inputs": []}
    return {str(entry["id"]): str(entry["file"]) for entry in plan["inputs"]}


def waiting_of(row: Workpiece) -> list[WaitingShown]:
    """Return what waits for a person: open entries first, then those answered."""
    finished = row.state == WorkpieceState.FINISHED
    plain = answer_in(workpiece_folder(row.uid), "finish" if finished else "try") or {"waiting": []}
    files = file_names(row)
    several = len(set(files.values())) > 1
    pictured = frozenset(plain.get("pictured", ()))
    found = [
        replace(
            _waiting(entry, files, row.answers.get(entry["key"]), several=several), pictured=entry["key"] in pictured
        )
        for entry in plain.get("waiting", ())
    ]
    return sorted(found, key=lambda entry: entry.answer is not None)


def waiting_entry(row: Workpiece, key: str) -> dict[str, Any] | None:
    """Return one entry that waits, as the engine left it."""
    finished = row.state == WorkpieceState.FINISHED
    plain = answer_in(workpiece_folder(row.uid), "finish" if finished else "try") or {"waiting": []}
    return next((dict(entry) for entry in plain.get("waiting", ()) if entry["key"] == key), None)


def _waiting(
    entry: Mapping[str, Any], files: Mapping[str, str], answer: dict[str, Any] | None, *, several: bool
) -> WaitingShown:
    reason = str(entry["reason"])
    why = reason_text(reason)
    return WaitingShown(
        key=str(entry["key"]),
        kind=str(entry["kind"]),
        column=str(entry["column"]),
        before=str(entry["before"] or ""),
        proposed=str(entry["proposed"] or ""),
        why=why if why.ja != reason else rule_text(reason),
        cure=mending_text(reason),
        count=int(entry["count"]),
        places=tuple(f"{files.get(source, source)} {row}" if several else str(row) for source, row in entry["places"]),
        answer=answer,
    )


def cell_picture(row: Workpiece, key: str) -> Path:
    """Return the picture of a cell that was read from a page and waits. Raises ResultUnknown."""
    path = workpiece_folder(row.uid) / "cells" / f"{key}.png"
    if waiting_entry(row, key) is None or not path.is_file():
        raise errors.ResultUnknown(file=f"{key}.png")
    return path


def result_file(row: Workpiece, name: str) -> Path:
    """Return one file of the results. Raises ResultUnknown."""
    known = {*_RESULTS, *(f"{row.schema}{ending}" for ending in
             (".csv", "-excel.csv", "-sources.csv", ".xlsx", ".geojson", ".parquet", ".json",
              "-national.csv", "-tokyo.json", "-barrier_free.csv"))}  # fmt: skip
    path = workpiece_folder(row.uid) / "out" / name
    if row.state != WorkpieceState.FINISHED or name not in known or not path.is_file():
        raise errors.ResultUnknown(file=name)
    return path


def published_file(row: Workpiece) -> Path:
    """Return the table that is published: of several inputs the one that says of each row where it came from. Raises ResultUnknown."""
    try:
        return result_file(row, f"{row.schema}-sources.csv")
    except errors.ResultUnknown:
        return result_file(row, f"{row.schema}.csv")


def kept_hours(row: Workpiece) -> int:
    """Return for how many hours after the last touch the files are kept."""
    kept = workpiece_rules.KEPT_FOR_VISITORS if row.party_id is None else workpiece_rules.KEPT_FOR_MEMBERS
    return int(kept.total_seconds() // 3600)
