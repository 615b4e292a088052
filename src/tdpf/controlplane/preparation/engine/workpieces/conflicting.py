"""Values that differ between the files of one thing, as entries a person can answer, and the answers as a recipe keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tdpf.controlplane.preparation.engine.merging.matching import folded_address, folded_name
from tdpf.controlplane.preparation.engine.merging.types import Conflict
from tdpf.controlplane.preparation.engine.recipes.document import Recipe, Step
from tdpf.kit.hashing import canonical_json, sha256_hex


def conflict_entry(found: Conflict) -> dict[str, Any]:
    """Return a conflict as JSON values; its `key` stays while the same rows say the same, wherever they stand in their files."""
    sides: list[dict[str, Any]] = []
    for (source, row), value in found.values.items():
        name, address = found.known.get((source, row), ("", ""))
        of = {key: text for key, text in (("name", name), ("address", address)) if text}
        sides.append({"input": source, "row": row, "before": found.stated.get((source, row), value), "of": of})
    known = sorted(
        [
            side["input"],
            folded_name(side["of"].get("name", "")) if side["of"] else str(side["row"]),
            folded_address(side["of"].get("address", "")),
            side["before"],
        ]
        for side in sides
    )
    return {
        "key": f"conflict-{sha256_hex(canonical_json([found.column, known]))[:20]}",
        "row": found.row,
        "column": found.column,
        "kept": found.kept,
        "values": [[source, row, value] for (source, row), value in found.values.items()],
        "sides": sides,
    }


def conflict_overrides(entry: Mapping[str, Any], value: str | None, *, by: str, at: str) -> list[dict[str, Any]]:
    """Return the entries for `overrides.cells` that give every side one value, or with None leave each its own.

    They hold while the files say what they said.
    """
    return [
        {
            "input": side["input"],
            "row": side["row"],
            **({"of": side["of"]} if side["of"] else {}),
            "column": entry["column"],
            "before": side["before"],
            "value": own if value is None else value,
            "conflict": entry["key"],
            "by": by,
            "at": at,
        }
        for side, (_source, _row, own) in zip(entry["sides"], entry["values"], strict=True)
    ]


def conflict_answers(recipe: Recipe) -> tuple[Recipe, dict[str, list[dict[str, Any]]]]:
    """Return a recipe without its answers about conflicts, and these by their keys."""
    step = recipe.step("overrides")
    found: dict[str, list[dict[str, Any]]] = {}
    for cell in step.get("cells", ()):
        if "conflict" in cell:
            found.setdefault(str(cell["conflict"]), []).append(dict(cell))
    if not found:
        return recipe, {}
    cells = [cell for cell in step["cells"] if "conflict" not in cell]
    left = {kind: entries for kind, entries in {**step, "cells": cells}.items() if entries}
    steps = [Step("overrides", left) if step.name == "overrides" else step for step in recipe.steps]
    return replace(recipe, steps=tuple(step for step in steps if step.name != "overrides" or left)), found
