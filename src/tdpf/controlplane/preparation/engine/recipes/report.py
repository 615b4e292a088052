"""The run's report as JSON values: what was found, mapped, changed, what could not be used, how to mend it at the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from tdpf.controlplane.preparation.engine.addresses.types import LEVELS
from tdpf.controlplane.preparation.engine.personal.quoting import quoted
from tdpf.controlplane.preparation.engine.recipes.document import to_yaml
from tdpf.controlplane.preparation.engine.recipes.hiding import Hiding
from tdpf.controlplane.preparation.engine.recipes.layouts import taken_by
from tdpf.controlplane.preparation.engine.recipes.lineage import openlineage_event, prov_document
from tdpf.controlplane.preparation.engine.recipes.manual import manual_of
from tdpf.controlplane.preparation.engine.recipes.paper import PaperPlaces, paper_pages
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared
from tdpf.controlplane.preparation.engine.recipes.report_counts import EventCounts
from tdpf.controlplane.preparation.engine.recipes.report_lists import long_lists
from tdpf.controlplane.preparation.engine.recipes.types import Run, SourceTable

SHOWN = 200
"""Entries of a long list that a report in memory and a page hold."""
_FORMULA_LIKE = tuple("=+-@＝＋＠\t\r\n")


def report_of(prepared: Prepared, *, at: datetime | None = None) -> dict[str, Any]:
    """Return what a page and a summary show: counts of everything, the recipe in full, the first entries of every long list.

    Values that may belong to persons are masked. `in_all` says how many entries each list has; `write_report` writes them all, and the events of all cells. With `at`, the time of
    the run, it holds PROV and OpenLineage documents too; without it, it is a function of the run alone.
    """
    run, schema = prepared.run, prepared.schema
    counts = EventCounts(run.events)
    paper, hiding = PaperPlaces(prepared.sources), Hiding(prepared)
    shown = hiding.recipe(prepared.recipe)
    filled = {name: sum(1 for cell in run.frame.columns[name] if cell) for name in run.columns}
    return {
        "report": 2,
        "key": run.key,
        "schema": {
            "name": schema.name,
            "title": schema.title,
            "version": schema.version,
            "source": asdict(schema.source),
        },
        "recipe_sha256": prepared.recipe.sha256,
        "inputs": [_input(prepared, place) for place in range(len(prepared.sources))],
        "rows": {
            "in": sum(source.table.row_count for source in prepared.sources),
            "out": run.frame.height,
            "apart": len(run.apart),
            "quarantined": len(run.quarantined),
            "duplicates": sum(len(group.members) - 1 for group in run.duplicates),
        },
        "columns": [
            {
                "name": field.name,
                "required": field.required,
                "filled": filled[field.name],
                "from": run.frame.header.get(field.name, "") if run.frame.sources.get(field.name) else "",
            }
            for field in schema.fields
        ],
        "mapping": _mapping(prepared),
        "columns_left_out": columns_left_out(prepared, prepared.sources),
        "fits_better": {"schema": prepared.other.schema.name, "title": prepared.other.schema.title}
        if prepared.other
        else None,
        "changed": hiding.examples(counts.changed()),
        "problems": hiding.examples(counts.problems()),
        "coordinates": _coordinates(prepared, counts),
        "missing_required": [
            {"name": field.name, **_lack(run, field.name, counts.lost[field.name])}
            for field in schema.fields
            if field.required and not filled[field.name]
        ],
        "personal_data": [asdict(finding) for finding in run.findings],
        "ratings": [
            {
                "file": found.path,
                "score": found.score,
                "levels": dict(found.levels),
                "ruleset": found.ruleset,
                "failed": [entry.id for entry in found.rules if entry.verdict == "fail"],
            }
            for found in run.ratings
        ],
        "steps": [{"step": name, "rows_in": before, "rows_out": after} for name, before, after in run.steps],
        "formula_like": _formula_like(run, hiding),
        "recipe": shown.as_dict(),
        "recipe_masked": shown != prepared.recipe,
        "manual_ja": manual_of(prepared.recipe, schema),
        **(
            {"lineage": {"prov": prov_document(prepared, at=at), "openlineage": openlineage_event(prepared, at=at)}}
            if at
            else {}
        ),
        "in_all": {
            "apart": len(run.apart),
            "quarantined": len(run.quarantined),
            "cells_to_check": len(paper.to_check()),
            "duplicates": len(run.duplicates),
            "conflicts": len(run.conflicts),
            "events": len(run.events),
        },
        **{
            name: list(islice(entries, SHOWN))
            for name, entries in long_lists(prepared, paper).items()
            if name != "events"
        },
    }


def shown_recipe(prepared: Prepared) -> str:
    """Return the recipe in YAML as a page may show it; `--save-recipe` alone writes it with what persons corrected."""
    return to_yaml(Hiding(prepared).recipe(prepared.recipe))


def _formula_like(run: Run, hiding: Hiding) -> list[dict[str, Any]]:
    """Return the columns with text that a spreadsheet would run when it opens the CSV; the values are not changed."""
    from tdpf.tables.formulas import neutralised

    found = []
    for name in run.columns:
        cells = [cell for cell in run.frame.columns[name] if cell and cell.startswith(_FORMULA_LIKE)]
        risky = [cell for cell in cells if neutralised(cell) != cell]
        if risky:
            found.append({"column": name, "count": len(risky), "example": hiding.told(risky[0][:80], name)})
    return found


def _lack(run: Run, name: str, lost: int) -> dict[str, str]:
    """Say why a required field is empty in every row: no column, a column without values, or values that cannot be used."""
    column = run.frame.header.get(name, "")
    if column and lost:
        return {
            "column": column,
            "message_ja": f"列「{column}」の値 {lost} 件は、どれも使えませんでした",
            "message_en": f"none of the {lost} values of the column “{column}” could be used",
        }
    if column:
        return {
            "column": column,
            "message_ja": f"列「{column}」に値がありません",
            "message_en": f"the column “{column}” holds no values",
        }
    return {
        "column": "",
        "message_ja": "必須の項目に当てはまる列がありません",
        "message_en": "no column for a required field",
    }


def _coordinates(prepared: Prepared, counts: EventCounts) -> dict[str, Any] | None:
    """Return how many points were stated, how many filled at which level and what was doubted; None without such columns."""
    schema, frame = prepared.schema, prepared.run.frame
    lat, lon = schema.of("latitude"), schema.of("longitude")
    if lat is None or lon is None or lat.virtual or lon.virtual:
        return None
    filled = {level: counts.filled[lat.name, level] for level in LEVELS if counts.filled[lat.name, level]}
    pairs = zip(frame.columns[lat.name], frame.columns[lon.name], strict=True)
    there = sum(1 for pair in pairs if all(pair))
    return {
        "stated": there - sum(filled.values()),
        "filled": filled,
        "empty": frame.height - there,
        "doubts": dict(sorted(counts.doubts.items())),
        "gazetteer": prepared.run.gazetteer,
    }


def _input(prepared: Prepared, place: int) -> dict[str, Any]:
    source = prepared.sources[place]
    publisher = prepared.proposal.publishers.get(source.id) if prepared.proposal else None
    result = source.result
    return {
        "id": source.id,
        "file": source.file,
        "sha256": source.sha256,
        "format": result.format,
        "encoding": result.encoding,
        "sheet": source.table.sheet,
        "range": source.table.range,
        "header_rows": list(source.table.header_rows),
        "rows": source.table.row_count,
        "pages": paper_pages(source.table),
        "titles": list(source.table.title_lines),
        "local_government": {"code": publisher.code, "name": publisher.name, "evidence": publisher.evidence}
        if publisher
        else None,
        "notes": [
            {
                "code": note.code,
                "where": note.where,
                "ja": note.ja,
                "en": note.en,
                "level": note.level,
                "text": "\n".join(quoted(line) for line in note.text.splitlines()),
            }
            for note in (
                *result.notes,
                *source.table.notes,
                *(note for column in source.table.columns for note in column.notes),
            )
        ],
    }


def _mapping(prepared: Prepared) -> list[dict[str, Any]]:
    if prepared.proposal is None:
        mapped = prepared.recipe.step("columns.map")
        return [
            {"input": key, "column": column, "target": target, "method": "recipe", "suggestions": []}
            for key, fields in mapped.items()
            for column, target in dict(fields).items()
        ]
    return [
        {
            "input": key,
            "column": entry.column,
            "target": entry.target,
            "method": entry.method,
            "suggestions": [
                {"target": found.target, "score": found.score, "name": found.name, "values": found.values}
                for found in entry.suggestions
            ],
        }
        for key, mapping in prepared.proposal.mappings.items()
        for entry in mapping.columns
    ]


def columns_left_out(prepared: Prepared, sources: Sequence[SourceTable]) -> list[dict[str, Any]]:
    """Return the columns of the tables with values that went nowhere: {input, column, cells: how many have a value}."""
    found = []
    for source in sources:
        if prepared.proposal is None:
            names = set(source.table.column_names)
            names -= taken_by(prepared.recipe, source.id, source.table.column_names)
        else:
            names = {
                entry.column
                for entry in prepared.proposal.mappings[source.id].columns
                if not entry.target and entry.method != "reshape"
            }
        for column in source.table.columns:
            cells = source.table.row_count - column.nulls
            if column.name in names and cells:
                found.append({"input": source.id, "column": column.name, "cells": cells})
    return found
