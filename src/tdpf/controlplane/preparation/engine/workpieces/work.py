"""What is done to a workpiece, one order at a time: look at the files, plan, try the first rows, finish. Files in, files out.

Everything stands in the workpiece's folder: `look.json`, `plan.json` with the tables that were read, `try.json`, `finish.json` and
`out/`. `progress.json` says how far an order is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.addresses.installed import installed_gazetteer
from tdpf.controlplane.preparation.engine.errors import NotReadable, SeveralTables
from tdpf.controlplane.preparation.engine.mapping.types import ConfirmedMappings
from tdpf.controlplane.preparation.engine.recipes.document import Recipe, Step, from_dict, from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.fact_rows import facts_together
from tdpf.controlplane.preparation.engine.recipes.hiding import confirmed_in_output, persons_left_out
from tdpf.controlplane.preparation.engine.recipes.layouts import fields_made, reshaped_into
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, gather, gather_for
from tdpf.controlplane.preparation.engine.recipes.proposing import Proposal, propose_recipe
from tdpf.controlplane.preparation.engine.recipes.renamed_columns import follow_renames, renamed_in
from tdpf.controlplane.preparation.engine.recipes.report import columns_left_out, report_of
from tdpf.controlplane.preparation.engine.recipes.running import ENGINE, run_recipe
from tdpf.controlplane.preparation.engine.recipes.types import Run, SourceTable
from tdpf.controlplane.preparation.engine.sandbox import load_rating, load_reading, read_in_sandbox
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.schemas.types import Schema
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.controlplane.preparation.engine.workpieces.comparing import compared, first_and_counts
from tdpf.controlplane.preparation.engine.workpieces.conflicting import conflict_entry
from tdpf.controlplane.preparation.engine.workpieces.cutouts import cut_out
from tdpf.controlplane.preparation.engine.workpieces.offers import offers_for
from tdpf.controlplane.preparation.engine.workpieces.results import write_results
from tdpf.controlplane.preparation.engine.workpieces.waiting import waiting_in, waiting_on_paper
from tdpf.kit.writing import write_whole

TRIED_ROWS = 1_000
_EXAMPLES = 4
_LONGEST = 120
_MOST = 200
Progress = Callable[[int, int, str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order: the files, what people chose so far, and what others confirmed before.

    `choices` is {place of a file: table id}, `decisions` {input: {column: field}}, `overrides` {"values": […], "cells": […], "pairs": […]}, `recipe`
    an older recipe as YAML (empty: one is proposed), `confirmed` rows of (schema, folded column, publisher, field),
    `names` {file: how readers know it}.
    """

    do: str
    folder: Path
    files: tuple[Path, ...]
    schema: str = ""
    choices: Mapping[int, str]
    decisions: Mapping[str, Mapping[str, str]]
    overrides: Mapping[str, Sequence[Mapping[str, Any]]]
    recipe: str = ""
    confirmed: Sequence[tuple[str, str, str, str]] = ()
    answered: Sequence[str] = ()
    limits: Limits
    folds: bool = False
    unattended: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


def carry_out(order: Order, tell: Progress) -> dict[str, Any]:
    """Do one order and return its answer as JSON values. Raises the Problems of reading, mapping and recipe."""
    return {"look": _look, "plan": _plan, "try": _try, "finish": _finish}[order.do](order, tell)


def _look(order: Order, tell: Progress) -> dict[str, Any]:
    files: list[dict[str, Any]] = []
    tables: list[SourceTable] = []
    choices: list[Mapping[str, Any]] = []
    for place, path in enumerate(order.files):
        tell(place, len(order.files), f"{path.name} を読んでいます", f"Reading {path.name}")
        own = order.folder / f"r{place}"
        own.mkdir(exist_ok=True)
        told: dict[str, Any] = {"file": path.name, "tables": [], "problem": None, "findings": [], "notes": []}
        try:
            reading = read_in_sandbox(path, path.name, folder=own, limits=order.limits)
        except SeveralTables as several:
            listed = several.data.get("choices")
            told["tables"] = listed if isinstance(listed, list) else []
            choices.extend(entry for entry in told["tables"] if isinstance(entry, dict))
        except NotReadable as problem:
            told["problem"] = _told(problem)
        else:
            found = SourceTable(
                id=f"t{place}",
                file=path.name,
                sha256="",
                result=reading.result,
                table=reading.result.table,
                findings=tuple(reading.findings),
            )
            tables.append(found)
            told |= _shape(found)
            told["rows"] = [list(row) for row in islice(found.table.iter_rows(), 5)]
        rating = load_rating(own)
        told["rating"] = rating.as_dict() if rating else None
        files.append(told)
    tell(len(order.files), len(order.files), "合う標準の表をさがしています", "Looking for standard tables that fit")
    offers = offers_for(tables, choices, [*(path.name for path in order.files), *order.names.values()])
    return {"files": files, "offers": [asdict(offer) for offer in offers]}


def _shape(source: SourceTable) -> dict[str, Any]:
    result, table = source.result, source.table
    notes = [*result.notes, *table.notes, *(note for column in table.columns for note in column.notes)]
    return {
        "format": result.format,
        "encoding": result.encoding,
        "table": {
            "id": table.id,
            "sheet": table.sheet,
            "range": table.range,
            "rows": table.row_count,
            "header_rows": list(table.header_rows),
            "columns": list(table.column_names),
            "title": " ".join(table.title_lines)[:_LONGEST],
        },
        "notes": [asdict(note) for note in notes[:200]],
        "findings": [asdict(finding) for finding in source.findings],
    }


def _plan(order: Order, tell: Progress) -> dict[str, Any]:
    schema = load_schema(order.schema)

    def reading(place: int, count: int) -> None:
        name = order.files[place - 1].name
        tell(place - 1, count + 1, f"{name} を読んでいます", f"Reading {name}")

    proposal: Proposal | None = None
    groups: Mapping[str, str] = {}
    if order.recipe:
        recipe = from_yaml(order.recipe)
        tables = gather_for(recipe, order.files, schema, folder=order.folder, limits=order.limits)
        # Where nobody looks on, a column of another name stops the work: a person has to see it first.
        recipe = recipe if order.unattended else follow_renames(recipe, tables, schema)
    else:
        gathered = gather(
            order.files,
            schema,
            folder=order.folder,
            choices=order.choices,
            limits=order.limits,
            on_file=reading,
        )
        tables, groups = gathered.tables, gathered.groups
        tell(len(order.files), len(order.files) + 1, "項目を対応させています", "Matching the columns")
        proposal = propose_recipe(
            tables, schema, confirmed=_confirmed(order.confirmed), groups=groups, decided=order.decisions, asking=True
        )
        recipe = proposal.recipe
    return {
        "recipe": recipe.as_dict(),
        "sources": [_kept(table) for table in tables],
        "groups": dict(groups),
        "inputs": [{"id": table.id, "file": table.file, **_shape(table)} for table in tables],
        "publishers": {key: asdict(found) for key, found in proposal.publishers.items()} if proposal else {},
        "columns": _columns(proposal, recipe, tables),
        "made": fields_made(recipe),
    }


def _kept(table: SourceTable) -> dict[str, str]:
    rows = table.table.rows_path
    own = rows.parent.name if rows is not None else ""
    return {"id": table.id, "file": table.file, "sha256": table.sha256, "folder": own}


def _columns(proposal: Proposal | None, recipe: Recipe, tables: Sequence[SourceTable]) -> list[dict[str, Any]]:
    mapped = recipe.step("columns.map")
    found = []
    for table in tables:
        told = persons_left_out(proposal.mappings[table.id], table) if proposal else ()
        known = {entry.column: entry for entry in told}
        fields, into = dict(mapped.get(table.id, {})), reshaped_into(recipe, table.id)
        renamed = renamed_in(recipe, table.id)
        for column in table.table.columns:
            entry = known.get(column.name)
            known_as = renamed.get(column.name, column.name)
            target = entry.target if entry else str(fields.get(known_as, ""))
            found.append(
                {
                    "input": table.id,
                    "column": column.name,
                    "type": column.type,
                    "examples": [value[:_LONGEST] for value in column.examples[:_EXAMPLES]],
                    "nulls": column.nulls,
                    "into": into.get(known_as, ()),
                    "target": target,
                    "method": entry.method if entry else ("recipe" if target else ""),
                    "suggestions": [asdict(suggestion) for suggestion in entry.suggestions] if entry else [],
                }
            )
    return found


def _try(order: Order, tell: Progress) -> dict[str, Any]:
    plan = _planned(order.folder)
    whole = _tables(order.folder, plan, load_schema(order.schema))
    prepared = _run(order, plan, [_first(table) for table in whole], tell)
    return {
        **_outcome(order, prepared),
        "partial": any(table.table.row_count > TRIED_ROWS for table in whole),
        "rows_of_inputs": {table.id: table.table.row_count for table in whole},
        "left_out": columns_left_out(prepared, whole),
    }


def _finish(order: Order, tell: Progress) -> dict[str, Any]:
    plan = _planned(order.folder)
    prepared = _run(order, plan, _tables(order.folder, plan, load_schema(order.schema)), tell)
    tell(1, 1, "ファイルを書き出しています", "Writing the files")
    told = report_of(prepared, at=datetime.now(UTC))
    written = write_results(prepared, told, order.folder, order.names)
    return {
        **_outcome(order, prepared),
        "key": prepared.run.key,
        "engine": ENGINE,
        "partial": False,
        "files": written,
        "missing_required": told["missing_required"],
        "left_out": told["columns_left_out"],
    }


def _run(order: Order, plan: Mapping[str, Any], tables: Sequence[SourceTable], tell: Progress) -> Prepared:
    schema = load_schema(order.schema)
    proposal: Proposal | None = None
    if order.recipe:
        recipe = from_dict(plan["recipe"])
    else:
        # The whole tables decide, so that what was tried and what is finished have the same recipe.
        whole = _tables(order.folder, plan, load_schema(order.schema))
        proposal = propose_recipe(
            whole, schema, confirmed=_confirmed(order.confirmed), groups=plan["groups"], decided=order.decisions
        )
        recipe = proposal.recipe
    recipe = with_overrides(folding(recipe) if order.folds else recipe, order.overrides)

    def on_step(name: str, place: int, count: int) -> None:
        del name
        tell(place - 1, count + 1, f"手順 {place} / {count}", f"Step {place} of {count}")

    run = run_recipe(recipe, tables, gazetteer=installed_gazetteer(), on_step=on_step)
    return Prepared(schema=schema, sources=tuple(tables), recipe=recipe, proposal=proposal, run=run)


def folding(recipe: Recipe) -> Recipe:
    """Return a recipe that folds rows of the same thing where it only listed them."""
    steps = [
        Step(step.name, {**step.with_, "policy": "fold"}) if step.name == "duplicates" else step
        for step in recipe.steps
    ]
    return replace(recipe, steps=tuple(steps))


def with_overrides(recipe: Recipe, overrides: Mapping[str, Sequence[Mapping[str, Any]]]) -> Recipe:
    """Return a recipe with a person's answers added to those it has, before the rows are compared and judged."""
    if not any(overrides.values()):
        return recipe
    before = recipe.step("overrides")
    joined = {
        kind: [*before.get(kind, []), *(dict(entry) for entry in overrides.get(kind, ()))]
        for kind in ("values", "cells", "pairs")
    }
    steps = [step for step in recipe.steps if step.name != "overrides"]
    at = next((place for place, step in enumerate(steps) if step.name in ("duplicates", "validate")), len(steps))
    own = Step("overrides", {kind: entries for kind, entries in joined.items() if entries})
    return replace(recipe, steps=(*steps[:at], own, *steps[at:]))


def _outcome(order: Order, prepared: Prepared) -> dict[str, Any]:
    run, schema = prepared.run, prepared.schema
    required = [field.name for field in schema.fields if field.required]
    there = [name for name in required if any(run.frame.columns[name])]
    shown, states = first_and_counts(compared(run, prepared.sources, required=there), TRIED_ROWS)
    addresses = [field.name for field in schema.fields if field.concept == "address"]
    fields = [schema.of(concept) for concept in ("name", "address")]
    known = ["" if entry is None or entry.virtual else entry.name for entry in fields]
    read = waiting_on_paper(run, prepared.sources, answered=order.answered, known=known)
    waits = [*read, *waiting_in(run, addresses=addresses, answered=order.answered, known=known)]
    pictured = cut_out(prepared.sources, read, files=order.files, folder=order.folder / "cells", limits=order.limits)
    tried = {
        "columns": list(run.columns),
        "rows": [[row.row, row.input, row.source_row, [_cell(cell) for cell in row.cells]] for row in shown],
    }
    write_whole(order.folder / "rows.json", orjson.dumps(tried), durable=False)
    return {
        "recipe": to_yaml(prepared.recipe),
        "recipe_sha256": prepared.recipe.sha256,
        "columns": list(run.columns),
        "filled": {name: sum(1 for cell in run.frame.columns[name] if cell) for name in run.columns},
        "rows_in": sum(source.table.row_count for source in prepared.sources),
        "rows_out": run.frame.height,
        "apart": [asdict(entry) for entry in run.apart[:100]],
        "apart_count": len(run.apart),
        "quarantined": [entry.row for entry in run.quarantined[:TRIED_ROWS]],
        "quarantined_count": len(run.quarantined),
        "states": dict(states),
        "shown": len(shown),
        "without": [name for name in required if name not in there],
        "waiting": [asdict(entry) for entry in waits[:500]],
        "pictured": sorted(pictured),
        "waiting_count": len(waits),
        "findings": [asdict(finding) for finding in run.findings],
        "confirmed": list(confirmed_in_output(prepared)),
        "duplicates": [asdict(group) for group in run.duplicates[:_MOST]],
        "duplicates_count": len(run.duplicates),
        "conflicts": [conflict_entry(found) for found in run.conflicts[:_MOST]],
        "conflicts_count": len(run.conflicts),
        "folded": any(
            step.with_.get("policy") == "fold" for step in prepared.recipe.steps if step.name == "duplicates"
        ),
        "located": _located(run, schema),
    }


def _cell(cell: Any) -> list[Any]:
    return [cell.before, cell.after, cell.state, cell.rule, cell.confidence]


def _located(run: Run, schema: Schema) -> int:
    lat, lon = schema.of("latitude"), schema.of("longitude")
    if lat is None or lon is None or lat.virtual or lon.virtual:
        return 0
    both = zip(run.frame.columns[lat.name], run.frame.columns[lon.name], strict=True)
    return sum(1 for one, other in both if one and other)


def _planned(folder: Path) -> dict[str, Any]:
    plan: dict[str, Any] = orjson.loads((folder / "plan.json").read_bytes())
    return plan


def _tables(folder: Path, plan: Mapping[str, Any], schema: Schema) -> list[SourceTable]:
    found = []
    for entry in plan["sources"]:
        own = folder / Path(str(entry["folder"])).name
        reading = load_reading(own)
        raw = SourceTable(
            id=entry["id"],
            file=entry["file"],
            sha256=entry["sha256"],
            result=reading.result,
            table=reading.result.table,
            findings=tuple(reading.findings),
            rating=load_rating(own),
        )
        found.append(facts_together(raw, schema))
    return found


def _first(source: SourceTable) -> SourceTable:
    """Return a table with its first rows only."""
    if source.table.row_count <= TRIED_ROWS:
        return source
    rows = tuple(tuple(row) for row in islice(source.table.iter_rows(), TRIED_ROWS))
    runs, left = [], TRIED_ROWS
    for first, count in source.table.row_runs:
        runs.append((first, min(count, left)))
        left -= min(count, left)
    cells = None
    if source.table.is_from_pages:
        cells = tuple(tuple(row) for row in islice(source.table.iter_cells(), TRIED_ROWS))
    table = replace(
        source.table,
        rows=rows,
        rows_path=None,
        cells=cells,
        cells_path=None,
        row_count=len(rows),
        row_runs=tuple(run for run in runs if run[1]),
    )
    return replace(source, table=table)


def _confirmed(rows: Sequence[tuple[str, str, str, str]]) -> ConfirmedMappings | None:
    return (
        ConfirmedMappings({(schema, column, publisher): field for schema, column, publisher, field in rows})
        if rows
        else None
    )


def _told(problem: NotReadable) -> dict[str, Any]:
    return {"code": problem.code, "ja": problem.as_dict("ja"), "en": problem.as_dict("en")}
