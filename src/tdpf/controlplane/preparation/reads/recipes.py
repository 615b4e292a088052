"""Recipes that parties keep, and what they say of the versions made by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors
from tdpf.controlplane.preparation.engine.recipes.document import from_yaml
from tdpf.controlplane.preparation.engine.recipes.manual import manual_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.models import StoredRecipe


def recipes_of(standing: Standing) -> list[StoredRecipe]:
    """Return the recipes that a member's parties keep, newest first."""
    return list(StoredRecipe.objects.filter(party_id__in=list(standing.roles)).select_related("party")[:200])


def stored_recipe(uid: str, standing: Standing) -> StoredRecipe:
    """Return a recipe of the member's parties. Raises RecipeUnknown."""
    row = StoredRecipe.objects.filter(uid=uid, party_id__in=list(standing.roles)).first()
    if row is None:
        raise errors.RecipeUnknown(recipe=uid)
    return row


def recipe_by_hash(sha256: str, standing: Standing) -> StoredRecipe | None:
    """Return the recipe of the member's parties with this hash, or None."""
    return StoredRecipe.objects.filter(sha256=sha256, party_id__in=list(standing.roles)).first()


def manual_of_version(read_report: Mapping[str, Any]) -> str:
    """Return the manual of the recipe that made a version, given how the version was read. Raises ResultUnknown."""
    recipe = str((read_report.get("prepared") or {}).get("recipe", ""))
    if not recipe:
        raise errors.ResultUnknown(file="manual.md")
    parsed = from_yaml(recipe)
    return manual_of(parsed, load_schema(parsed.schema))
