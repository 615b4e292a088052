"""From files to a standard table in one go: read apart, propose or take a recipe, run it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tdpf.controlplane.preparation.engine.mapping.types import Confirmations
from tdpf.controlplane.preparation.engine.recipes.document import Recipe
from tdpf.controlplane.preparation.engine.recipes.errors import RecipeForOther
from tdpf.controlplane.preparation.engine.recipes.intake import take
from tdpf.controlplane.preparation.engine.recipes.proposing import Proposal, propose_recipe
from tdpf.controlplane.preparation.engine.recipes.running import run_recipe
from tdpf.controlplane.preparation.engine.recipes.types import Run, SourceTable
from tdpf.controlplane.preparation.engine.schemas.types import Schema
from tdpf.controlplane.preparation.engine.types import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What came of files: the tables taken, the recipe with its reasons (none when it was given), the run."""

    schema: Schema
    sources: tuple[SourceTable, ...]
    recipe: Recipe
    proposal: Proposal | None
    run: Run


def prepare(
    paths: Sequence[Path],
    schema: Schema,
    *,
    folder: Path,
    recipe: Recipe | None = None,
    confirmed: Confirmations | None = None,
    limits: Limits | None = None,
) -> Prepared:
    """Prepare files as one table; rows that were read are left in `folder`. Raises Problems of reading, mapping and recipe."""
    if recipe is not None:
        return _with_recipe(paths, schema, recipe, folder=folder, limits=limits)
    sources: list[SourceTable] = []
    groups: dict[str, str] = {}
    for place, path in enumerate(paths):
        taken = take(path, schema, folder=folder, first_id=len(sources) + 1, limits=limits)
        sources.extend(taken.tables)
        if taken.group:
            groups.update({table.id: f"{taken.group}-{place + 1}" for table in taken.tables})
    proposal = propose_recipe(sources, schema, confirmed=confirmed, groups=groups)
    run = run_recipe(proposal.recipe, sources)
    return Prepared(schema=schema, sources=tuple(sources), recipe=proposal.recipe, proposal=proposal, run=run)


def _with_recipe(
    paths: Sequence[Path], schema: Schema, recipe: Recipe, *, folder: Path, limits: Limits | None
) -> Prepared:
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
    sources = []
    for place, entry in enumerate(recipe.inputs):
        path = paths[place] if by_input else paths[files.index(entry.file)]
        sources.append(_again(path, schema, entry.id, entry.choice, place + 1, folder=folder, limits=limits))
    run = run_recipe(recipe, sources)
    return Prepared(schema=schema, sources=tuple(sources), recipe=recipe, proposal=None, run=run)


def _again(
    path: Path, schema: Schema, key: str, choice: str, number: int, *, folder: Path, limits: Limits | None
) -> SourceTable:
    """Read the table a recipe names; in another edition it may have grown, then the sheet or the only table is taken."""
    from dataclasses import replace

    from tdpf.controlplane.preparation.engine.errors import ChoiceUnknown

    sheet = choice.rpartition("!")[0]
    for attempt in dict.fromkeys([choice, sheet, ""]):
        try:
            taken = take(path, schema, folder=folder, first_id=number, limits=limits, choice=attempt)
        except ChoiceUnknown:
            continue
        return replace(taken.tables[0], id=key)
    raise RecipeForOther(
        why_ja=f"{path.name} に、レシピの表（{choice}）がありません。",
        why_en=f"{path.name} lacks the recipe's table ({choice}).",
    )
