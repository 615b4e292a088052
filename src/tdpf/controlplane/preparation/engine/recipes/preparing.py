"""From files to a standard table in one go: read apart, propose or take a recipe, run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tdpf.controlplane.preparation.engine.addresses.gazetteer import GazetteerFile
from tdpf.controlplane.preparation.engine.errors import ChoiceUnknown
from tdpf.controlplane.preparation.engine.mapping.types import Confirmations
from tdpf.controlplane.preparation.engine.recipes.document import Recipe, RecipeInput
from tdpf.controlplane.preparation.engine.recipes.errors import FitsAnother, RecipeForOther
from tdpf.controlplane.preparation.engine.recipes.fitting import OtherSchema, better_schema
from tdpf.controlplane.preparation.engine.recipes.intake import several_of, sexes_apart, take
from tdpf.controlplane.preparation.engine.recipes.proposing import Proposal, propose_recipe
from tdpf.controlplane.preparation.engine.recipes.renamed_columns import follow_renames
from tdpf.controlplane.preparation.engine.recipes.running import run_recipe
from tdpf.controlplane.preparation.engine.recipes.types import Run, SourceTable
from tdpf.controlplane.preparation.engine.schemas.types import Schema
from tdpf.controlplane.preparation.engine.types import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What came of files: the tables taken, the recipe with its reasons (none when it was given), the run, a table that fits better."""

    schema: Schema
    sources: tuple[SourceTable, ...]
    recipe: Recipe
    proposal: Proposal | None
    run: Run
    other: OtherSchema | None = None


def prepare(
    paths: Sequence[Path],
    schema: Schema,
    *,
    folder: Path,
    recipe: Recipe | None = None,
    choices: Mapping[int, str] | None = None,
    confirmed: Confirmations | None = None,
    limits: Limits | None = None,
    gazetteer: GazetteerFile | None = None,
) -> Prepared:
    """Prepare files as one table; rows that were read are left in `folder`. `choices` names one table of a file, by its place, whatever a recipe names.

    Raises Problems of reading, mapping and recipe; FitsAnother when the columns are those of another standard table.
    """
    if recipe is not None:
        tables = gather_for(recipe, paths, schema, folder=folder, choices=choices, limits=limits)
        recipe = follow_renames(recipe, tables, schema)
        run = run_recipe(recipe, tables, gazetteer=gazetteer)
        return Prepared(schema=schema, sources=tables, recipe=recipe, proposal=None, run=run)
    gathered = gather(paths, schema, folder=folder, choices=choices, limits=limits)
    other = better_schema(gathered.tables, schema)
    if other is not None and other.surely and confirmed is None:
        raise FitsAnother(
            file=gathered.tables[0].file, schema=schema.title, other=other.schema.name, other_title=other.schema.title
        )
    proposal = propose_recipe(gathered.tables, schema, confirmed=confirmed, groups=gathered.groups)
    run = run_recipe(proposal.recipe, gathered.tables, gazetteer=gazetteer)
    return Prepared(
        schema=schema, sources=gathered.tables, recipe=proposal.recipe, proposal=proposal, run=run, other=other
    )


@dataclass(frozen=True, slots=True)
class Gathered:
    """The tables taken of several files; `groups` names those that describe the same areas together."""

    tables: tuple[SourceTable, ...]
    groups: dict[str, str]


def gather(
    paths: Sequence[Path],
    schema: Schema,
    *,
    folder: Path,
    choices: Mapping[int, str] | None = None,
    limits: Limits | None = None,
    on_file: Callable[[int, int], None] | None = None,
) -> Gathered:
    """Read the tables of files that fit a schema; `choices` names one table of a file (by its place), `on_file` hears place and count."""
    sources: list[SourceTable] = []
    groups: dict[str, str] = {}
    for place, path in enumerate(paths):
        if on_file is not None:
            on_file(place + 1, len(paths))
        choice = (choices or {}).get(place, "")
        taken = take(path, schema, folder=folder, first_id=len(sources) + 1, limits=limits, choice=choice)
        sources.extend(taken.tables)
        groups.update(taken.groups(place + 1))
    if schema.table == "population" and not groups and sexes_apart(sources):
        groups = {source.id: "sexes" for source in sources}
    return Gathered(tuple(sources), groups)


def gather_for(
    recipe: Recipe,
    paths: Sequence[Path],
    schema: Schema,
    *,
    folder: Path,
    choices: Mapping[int, str] | None = None,
    limits: Limits | None = None,
) -> tuple[SourceTable, ...]:
    """Read the tables that a recipe names in files that may be newer than those it was written for.

    `choices` names the table of a file, by its place, in place of the recipe. Raises RecipeForOther, and SeveralTables where
    the recipe's table is not there any more and several others fit.
    """
    if recipe.schema != schema.name:
        raise RecipeForOther(
            why_ja=f"レシピは「{recipe.schema}」のためのもので、「{schema.name}」ではありません。",
            why_en=f"The recipe is for “{recipe.schema}”, not “{schema.name}”.",
        )
    files = list(dict.fromkeys(entry.file for entry in recipe.inputs))
    if len(files) != len(paths) and len(recipe.inputs) != len(paths):
        raise RecipeForOther(
            why_ja=f"レシピはファイルを {len(files)} 個としていますが、{len(paths)} 個あります。",
            why_en=f"The recipe names {len(files)} files; {len(paths)} were given.",
        )
    by_input = len(recipe.inputs) == len(paths)
    places = [place if by_input else files.index(entry.file) for place, entry in enumerate(recipe.inputs)]
    chosen = {place: choice for place, choice in (choices or {}).items() if choice}
    sources = []
    for number, (place, entry) in enumerate(zip(places, recipe.inputs, strict=True), start=1):
        path, choice = paths[place], chosen.get(place, "")
        if choice and places.count(place) > 1:
            raise RecipeForOther(
                why_ja=f"レシピは {path.name} から {places.count(place)} 個の表を取るので、一つだけを選べません。",
                why_en=f"The recipe takes {places.count(place)} tables of {path.name}; one of them cannot be chosen.",
            )
        if choice:
            taken = take(path, schema, folder=folder, first_id=number, limits=limits, choice=choice)
            sources.append(replace(taken.tables[0], id=entry.id))
        else:
            sources.append(_again(path, schema, entry, number, folder=folder, limits=limits))
    return tuple(sources)


def _again(
    path: Path, schema: Schema, entry: RecipeInput, number: int, *, folder: Path, limits: Limits | None
) -> SourceTable:
    """Read the table a recipe names; in another edition it may have grown, then the sheet or the only table is taken."""
    for attempt in dict.fromkeys([entry.choice, entry.choice.rpartition("!")[0], ""]):
        try:
            taken = take(path, schema, folder=folder, first_id=number, limits=limits, choice=attempt)
        except ChoiceUnknown:
            continue
        if len(taken.tables) > 1:
            raise several_of(taken.tables)
        return replace(taken.tables[0], id=entry.id)
    raise RecipeForOther(
        why_ja=f"{path.name} に、レシピの表（{entry.choice}）がありません。",
        why_en=f"{path.name} lacks the recipe's table ({entry.choice}).",
    )
