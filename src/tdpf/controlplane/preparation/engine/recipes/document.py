"""The recipe document: YAML without code, read strictly, written canonically, named by its hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from tdpf.controlplane.preparation.engine.recipes.errors import RecipeNotUnderstood
from tdpf.kit.hashing import canonical_json, sha256_hex

FORMAT = 1
STEPS = (
    "table.detect",
    "ocr.table",
    "reshape",
    "columns.map",
    "geo.transform",
    "normalise",
    "address.parse",
    "derive",
    "union",
    "overrides",
    "duplicates",
    "validate",
    "pii.scan",
    "rate.score",
)
_LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One named step with its parameters (JSON values only)."""

    name: str
    with_: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeInput:
    """One input as the recipe knows it; `sha256` is of the file it was written for, another edition may take its place."""

    id: str
    file: str
    sha256: str
    choice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A recipe: which standard table, from which inputs, by which steps in order."""

    schema: str
    schema_version: str
    inputs: tuple[RecipeInput, ...]
    steps: tuple[Step, ...]
    title: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return {
            "recipe": FORMAT,
            "title": self.title,
            "target": {"schema": self.schema, "version": self.schema_version},
            "inputs": [
                {
                    "id": entry.id,
                    "file": entry.file,
                    "sha256": entry.sha256,
                    **({"choice": entry.choice} if entry.choice else {}),
                }
                for entry in self.inputs
            ],
            "steps": [{step.name: dict(step.with_)} for step in self.steps],
        }

    @property
    def sha256(self) -> str:
        """The hash of the canonical form: the recipe's name."""
        return sha256_hex(canonical_json(self.as_dict()))

    def step(self, name: str) -> Mapping[str, Any]:
        """Return the parameters of the first step of a name, empty when there is none."""
        return next((step.with_ for step in self.steps if step.name == name), {})


class _Strict(yaml.SafeLoader):
    """YAML without anchors: a document that says what it says, once."""

    def compose_node(self, parent: yaml.nodes.Node | None, index: int) -> yaml.nodes.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("anchors are not allowed")
        return super().compose_node(parent, index)


class _Plain(yaml.SafeDumper):
    """YAML that writes everything out."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def to_yaml(recipe: Recipe) -> str:
    """Return the recipe as YAML, the same text for the same recipe."""
    return yaml.dump(recipe.as_dict(), Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)


def from_yaml(text: str) -> Recipe:
    """Read a recipe; raises RecipeNotUnderstood saying where and why."""
    if len(text) > _LARGEST:
        raise _refuse("recipe", "大きすぎます", "it is too large")
    try:
        plain = yaml.load(text, Loader=_Strict)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise _refuse("recipe", f"YAMLとして読めません（{fault}）", f"it is not YAML ({fault})") from fault
    return from_dict(plain)


def from_dict(plain: object) -> Recipe:
    """Build a recipe from JSON values; raises RecipeNotUnderstood saying where and why."""
    document = _mapping(plain, "recipe")
    if document.get("recipe") != FORMAT:
        raise _refuse("recipe", f"「recipe: {FORMAT}」で始めてください", f"it must begin with “recipe: {FORMAT}”")
    unknown = set(document) - {"recipe", "title", "target", "inputs", "steps"}
    if unknown:
        raise _refuse(", ".join(sorted(map(str, unknown))), "知らない項目です", "unknown member")
    target = _mapping(document.get("target"), "target")
    inputs = []
    for place, entry in enumerate(_sequence(document.get("inputs"), "inputs"), start=1):
        one = _mapping(entry, f"inputs[{place}]")
        inputs.append(
            RecipeInput(
                id=str(one.get("id", "")),
                file=str(one.get("file", "")),
                sha256=str(one.get("sha256", "")),
                choice=str(one.get("choice", "")),
            )
        )
    steps = []
    for place, entry in enumerate(_sequence(document.get("steps"), "steps"), start=1):
        one = _mapping(entry, f"steps[{place}]")
        if len(one) != 1:
            raise _refuse(f"steps[{place}]", "手順の名前を一つ書いてください", "name exactly one step")
        name, with_ = next(iter(one.items()))
        if name not in STEPS:
            raise _refuse(f"steps[{place}]", f"「{name}」という手順はありません", f"there is no step “{name}”")
        steps.append(Step(str(name), _mapping({} if with_ is None else with_, f"steps[{place}].{name}")))
    if not inputs or len({entry.id for entry in inputs}) < len(inputs):
        raise _refuse("inputs", "入力に一つずつ異なるidを付けてください", "every input needs an id of its own")
    return Recipe(
        schema=str(target.get("schema", "")),
        schema_version=str(target.get("version", "")),
        inputs=tuple(inputs),
        steps=tuple(steps),
        title=str(document.get("title", "")),
    )


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refuse(where, "「名前: 値」の形で書いてください", "it must be “name: value”")
    return value


def _sequence(value: object, where: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise _refuse(where, "「- 」の並びで書いてください", "it must be a list")
    return value


def _refuse(where: str, ja: str, en: str) -> RecipeNotUnderstood:
    return RecipeNotUnderstood(where=where, why_ja=ja, why_en=en)
