"""Runs a recipe: a pure function of recipe, inputs, engine and dictionaries. Same key, same result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tdpf.controlplane.preparation.engine.addresses.gazetteer import GazetteerFile
from tdpf.controlplane.preparation.engine.normalising.registry import VERSION as NORMALISING
from tdpf.controlplane.preparation.engine.recipes.address_step import address_parse
from tdpf.controlplane.preparation.engine.recipes.derive_step import derive
from tdpf.controlplane.preparation.engine.recipes.document import Recipe, must_be_shaped
from tdpf.controlplane.preparation.engine.recipes.errors import RecipeForOther
from tdpf.controlplane.preparation.engine.recipes.event_store import Event, Events
from tdpf.controlplane.preparation.engine.recipes.merge_step import duplicates, pairs_said
from tdpf.controlplane.preparation.engine.recipes.normalise_step import normalise
from tdpf.controlplane.preparation.engine.recipes.place_step import geo_transform
from tdpf.controlplane.preparation.engine.recipes.recognition_step import recognised
from tdpf.controlplane.preparation.engine.recipes.renamed_columns import rename_columns
from tdpf.controlplane.preparation.engine.recipes.reshaping import reshape
from tdpf.controlplane.preparation.engine.recipes.sources import frame_of
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.table_steps import map_columns, overrides, union, validate
from tdpf.controlplane.preparation.engine.recipes.types import Frame, Run, SourceTable
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.kit.hashing import canonical_json, sha256_hex

ENGINE = "13"
StepFunction = Callable[[State, Mapping[str, Any]], None]


def _detect(state: State, with_: Mapping[str, Any]) -> None:
    """Take the rows of the tables that were read; `totals` is "apart" or "keep", `keep` names inputs whose totals are kept.

    `renamed` is {input: {name in this edition: name in the recipe}}.
    """
    totals = str(with_.get("totals", "apart"))
    kept = with_.get("keep", ())
    for key, source in state.sources.items():
        frame, apart = frame_of(source, totals="keep" if key in kept else totals)
        state.frames[key] = frame
        rename_columns(state, frame, key, dict(with_.get("renamed", {})).get(key, {}))
        state.apart.extend(apart)


def _scan(state: State, with_: Mapping[str, Any]) -> None:
    """The screen for personal data runs where the file is read; its findings are handed on as they are."""
    del state, with_


def _score(state: State, with_: Mapping[str, Any]) -> None:
    """Hand on the readability ratings that the files as they came in were given where they were read, one for each file."""
    del with_
    rated = {source.sha256: source.rating for source in state.sources.values() if source.rating is not None}
    state.ratings = list(rated.values())


REGISTRY: dict[str, StepFunction] = {
    "table.detect": _detect,
    "ocr.table": recognised,
    "reshape": reshape,
    "columns.map": map_columns,
    "geo.transform": geo_transform,
    "normalise": normalise,
    "address.parse": address_parse,
    "derive": derive,
    "union": union,
    "overrides": overrides,
    "duplicates": duplicates,
    "validate": validate,
    "pii.scan": _scan,
    "rate.score": _score,
}


def _mended(frame: Frame, event: Event) -> bool:
    """Say whether a cell that was emptied has been filled from elsewhere since."""
    return event.row > 0 and bool((frame.columns.get(event.column) or [None] * frame.height)[event.row - 1])


def run_key(recipe: Recipe, sources: Sequence[SourceTable], gazetteer: str = "") -> str:
    """Return the name of a run: everything its result depends on, hashed; `gazetteer` is the identity of the one used."""
    schema = load_schema(recipe.schema)
    inputs = [[source.id, source.sha256, source.table.id] for source in sources]
    dictionaries = [gazetteer] if gazetteer and any(step.name == "geo.transform" for step in recipe.steps) else []
    return sha256_hex(canonical_json([recipe.sha256, inputs, ENGINE, NORMALISING, schema.sha256, *dictionaries]))


def run_recipe(
    recipe: Recipe,
    sources: Sequence[SourceTable],
    *,
    gazetteer: GazetteerFile | None = None,
    on_step: Callable[[str, int, int], None] | None = None,
) -> Run:
    """Run a recipe on tables that were read, in the order of its inputs; `on_step` hears name, place and count of every step.

    Raises SchemaUnknown, RecipeForOther and RecipeNotUnderstood.
    """
    schema = load_schema(recipe.schema)
    must_be_shaped(recipe.steps)
    if {source.id for source in sources} != {entry.id for entry in recipe.inputs}:
        raise RecipeForOther(
            why_ja=f"レシピは入力を {len(recipe.inputs)} 個としていますが、{len(sources)} 個あります。",
            why_en=f"The recipe names {len(recipe.inputs)} inputs; {len(sources)} were given.",
        )
    state = State(
        schema=schema,
        sources={source.id: source for source in sources},
        frames={},
        gazetteer=gazetteer,
        pairs=pairs_said(recipe.step("overrides")),
    )
    if not recipe.steps or recipe.steps[0].name != "table.detect":
        _detect(state, {})
    steps = []
    for place, step in enumerate(recipe.steps, start=1):
        if on_step is not None:
            on_step(step.name, place, len(recipe.steps))
        before = state.height
        REGISTRY[step.name](state, step.with_)
        steps.append((step.name, before, state.height))
    if len(state.frames) > 1:
        union(state, {})
    frame = next(iter(state.frames.values()))
    for name in schema.names:
        frame.column(name)
    events = Events(
        replace(event, severity="info") if event.severity == "error" and _mended(frame, event) else event
        for event in state.log.events
    )
    return Run(
        key=run_key(recipe, sources, gazetteer.identity if gazetteer else ""),
        columns=schema.names,
        frame=frame,
        events=events,
        apart=tuple(state.apart),
        quarantined=tuple(state.quarantined),
        steps=tuple(steps),
        findings=tuple(finding for source in sources for finding in source.findings),
        duplicates=tuple(state.duplicates),
        conflicts=tuple(state.conflicts),
        gazetteer=gazetteer.identity if gazetteer else "",
        ratings=tuple(state.ratings),
    )
