"""A recipe of another year: columns that this year's table calls by another name, found again and told as doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tdpf.controlplane.preparation.engine.mapping.assignment import assign
from tdpf.controlplane.preparation.engine.mapping.evidence import evidence, sample_of
from tdpf.controlplane.preparation.engine.mapping.names import likeness, name_score
from tdpf.controlplane.preparation.engine.recipes.document import Recipe, Step
from tdpf.controlplane.preparation.engine.recipes.event_store import Event
from tdpf.controlplane.preparation.engine.recipes.joined_columns import Joined
from tdpf.controlplane.preparation.engine.recipes.layouts import columns_of, reshaped_into
from tdpf.controlplane.preparation.engine.recipes.listed_columns import listed_name
from tdpf.controlplane.preparation.engine.recipes.parted_columns import part_name
from tdpf.controlplane.preparation.engine.recipes.spread_columns import spread_name
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, SourceTable
from tdpf.controlplane.preparation.engine.recipes.weekday_columns import FOLDED, HOURS
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_LIKELY = 0.55


def renamed_in(recipe: Recipe, key: str) -> dict[str, str]:
    """Return {name in the table: name in the recipe} of the columns of an input that bear another name than the recipe's."""
    return {
        str(new): str(old)
        for new, old in dict(dict(recipe.step("table.detect").get("renamed", {})).get(key, {})).items()
    }


def follow_renames(recipe: Recipe, sources: Sequence[SourceTable], schema: Schema) -> Recipe:
    """Return the recipe with the columns that this edition calls otherwise named in its first step; as it is where none is.

    Only a column that the recipe does not use already is taken, by its name and its values, one for one.
    """
    found: dict[str, dict[str, str]] = {}
    for source in sources:
        names = source.table.column_names
        known = renamed_in(recipe, source.id)
        if dict(recipe.step("reshape").get("inputs", {})).get(source.id):
            continue
        lacking = {
            column: field
            for column, field in _needed(recipe, source.id).items()
            if column not in names and not any(old == column and new in names for new, old in known.items())
        }
        if lacking:
            free = [name for name in names if name not in _needed(recipe, source.id) and name not in known]
            likely = _likely(source, lacking, free, schema)
            if likely:
                found[source.id] = {**{new: old for new, old in known.items() if new in names}, **likely}
    if not found:
        return recipe
    before = recipe.step("table.detect")
    own = Step("table.detect", {**before, "renamed": {**dict(before.get("renamed", {})), **found}})
    return replace(recipe, steps=(own, *(step for step in recipe.steps if step.name != "table.detect")))


def _needed(recipe: Recipe, key: str) -> dict[str, str]:
    """Return {column of the file: field} of what a recipe reads of an input; what reshape makes of columns is none of the file's."""
    reshape, parts = recipe.step("reshape"), reshaped_into(recipe, key)
    joined = [
        Joined(str(entry["kind"]), tuple(str(name) for name in entry["columns"]), "").name
        for entry in dict(reshape.get("joined", {})).get(key, ())
    ]
    listed = [listed_name(str(name)) for name in dict(dict(reshape.get("listed", {})).get(key, {}))]
    spread = [
        spread_name(str(column), str(name))
        for column, names in dict(dict(reshape.get("spread", {})).get(key, {})).items()
        for name in names
    ]
    parted = [
        part_name(str(column), str(name))
        for column, names in dict(dict(reshape.get("parted", {})).get(key, {})).items()
        for name in names
    ]
    made = {*joined, *listed, *spread, *parted, FOLDED, HOURS}
    mapped = {str(column): str(field) for column, field in dict(recipe.step("columns.map").get(key, {})).items()}
    own = {column: field for column, field in mapped.items() if field and column not in made}
    return {**{column: fields[0] if fields else "" for column, fields in parts.items()}, **own}


def _likely(source: SourceTable, lacking: Mapping[str, str], free: Sequence[str], schema: Schema) -> dict[str, str]:
    columns, headers = columns_of(source), {column.name: column.header for column in source.table.columns}
    scores = []
    for old, target in lacking.items():
        field = schema.field(target)
        row = []
        for new in free:
            sample = sample_of(columns[new])
            veto = field is not None and evidence(field, sample).veto
            alike = likeness(old, new)
            score = max(alike, name_score(new, headers[new], field) if field is not None else 0.0)
            row.append(0.0 if veto or score < _LIKELY else score)
        scores.append(row)
    given = assign(scores) if free else []
    return {free[at]: old for old, at in zip(lacking, given, strict=False) if at is not None}


def rename_columns(state: State, frame: Frame, key: str, renamed: Mapping[str, Any]) -> None:
    """Call columns of this edition by the recipe's names and say so: a person should see whether they are the same."""
    for new, old in renamed.items():
        if new not in frame.columns or old in frame.columns:
            continue
        frame.columns[old] = frame.columns.pop(new)
        frame.sources[old] = frame.sources.pop(new, {})
        frame.header[old] = frame.header.pop(new, new)
        state.log.events.append(
            Event(0, old, "table.detect", "warning", "column.renamed", "column-renamed", old, new, 0.6, key)
        )
