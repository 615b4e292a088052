"""The recipe document: YAML without code, read strictly, written canonically, named by its hash."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from tdpf.controlplane.preparation.engine.recipes.shapes import (
    Anything,
    Cell,
    ListOf,
    MapOf,
    Maybe,
    Members,
    Words,
    refusal,
)
from tdpf.controlplane.preparation.engine.recipes.step_shapes import SHAPES
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.kit.terminal import shown
from tdpf.kit.text import Text

FORMAT = 1
STEPS = tuple(SHAPES)
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
    """YAML without anchors and doubled names: a document that says what it says, once.

    Numbers, true, false and null are read as YAML 1.2 writes them; everything else is text, so 0312 and 2024-04-01 stay as they stand.
    """

    yaml_implicit_resolvers = {}

    def compose_node(self, parent: yaml.nodes.Node | None, index: int) -> yaml.nodes.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("anchors are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.nodes.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        if not isinstance(node, yaml.nodes.MappingNode):
            raise yaml.YAMLError("a mapping is expected")
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.nodes.ScalarNode):
                raise refusal(f"{line}行目 / line {line}", "名前が文字ではありません", "a name is not text")
            if key.value in found:
                raise refusal(
                    f"{line}行目 / line {line}",
                    f"「{shown(key.value)}」が二度あります",
                    f"“{shown(key.value)}” stands twice",
                )
            found[key.value] = self.construct_object(value, deep=deep)
        return found


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9]\d*)", list("-+0123456789")),
    ("float", r"[-+]?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+)", list("-+0123456789")),
):
    _Strict.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


class _Plain(yaml.SafeDumper):
    """YAML that writes everything out, and quotes whatever text would be read as a number, true, false or null.

    What programs of YAML 1.1 take for something else (yes, 0312, 2024-04-01) is quoted too.
    """

    yaml_implicit_resolvers = {
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, ()),
            *_Strict.yaml_implicit_resolvers.get(first, ()),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *_Strict.yaml_implicit_resolvers}
    }

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _written(dumper: _Plain, word: str) -> yaml.ScalarNode:
    # Line ends that are none of ours: only between double quotes are they written so that they come back as they were.
    style = '"' if any(sign in word for sign in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", word, style=style)


_Plain.add_representer(str, _written)


def to_yaml(recipe: Recipe) -> str:
    """Return the recipe as YAML, the same text for the same recipe."""
    return yaml.dump(recipe.as_dict(), Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)


def from_yaml(text: str | bytes) -> Recipe:
    """Read a recipe from text or UTF-8; raises RecipeNotUnderstood saying where and why."""
    if len(text) > _LARGEST:
        raise refusal("recipe", "大きすぎます", "it is too large")
    try:
        plain = yaml.load(text if isinstance(text, str) else text.decode("utf-8-sig"), Loader=_Strict)  # noqa: S506 (a SafeLoader)
    except UnicodeDecodeError as fault:
        raise refusal("recipe", "UTF-8の文字のファイルではありません", "it is no text in UTF-8") from fault
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        told = shown(str(fault))
        raise refusal("recipe", f"YAMLとして読めません（{told}）", f"it is not YAML ({told})") from fault
    return from_dict(plain)


_ENTRY = Members({"id": Words()}, {"file": Words(), "sha256": Words(), "choice": Maybe(Words())})
_DOCUMENT = Members(
    {
        "recipe": Cell(),
        "target": Members({"schema": Words()}, {"version": Words()}),
        "inputs": ListOf(
            _ENTRY, Text("入力（id, file, sha256）の並び", "a list of inputs (id, file, sha256)"), least=1
        ),
        "steps": ListOf(
            MapOf(Anything(), Text("「手順の名前: 指定」", "“name of a step: options”")),
            Text("手順の並び（一つ以上）", "a list of steps, one at least"),
            least=1,
        ),
    },
    {"title": Maybe(Words())},
)


def from_dict(plain: object) -> Recipe:
    """Build a recipe from JSON values; raises RecipeNotUnderstood saying where, what was found and what belongs there."""
    if not isinstance(plain, Mapping) or plain.get("recipe") != FORMAT or isinstance(plain["recipe"], bool):
        raise refusal("recipe", f"「recipe: {FORMAT}」で始めてください", f"it must begin with “recipe: {FORMAT}”")
    _DOCUMENT.check(plain, "recipe")
    inputs = tuple(
        RecipeInput(
            id=entry["id"], file=entry.get("file", ""), sha256=entry.get("sha256", ""), choice=entry.get("choice") or ""
        )
        for entry in plain["inputs"]
    )
    if len({entry.id for entry in inputs}) < len(inputs):
        raise refusal("inputs", "入力に一つずつ異なるidを付けてください", "every input needs an id of its own")
    steps = []
    for place, entry in enumerate(plain["steps"], start=1):
        if len(entry) != 1:
            raise refusal(f"steps[{place}]", "手順の名前を一つ書いてください", "name exactly one step")
        name, with_ = next(iter(entry.items()))
        steps.append(Step(name, {} if with_ is None else with_))
    must_be_shaped(steps)
    return Recipe(
        schema=plain["target"]["schema"],
        schema_version=plain["target"].get("version", ""),
        inputs=inputs,
        steps=tuple(steps),
        title=plain.get("title") or "",
    )


def must_be_shaped(steps: Sequence[Step]) -> None:
    """Raise RecipeNotUnderstood, with the step's number, unless every step is known and its options are what belongs there."""
    for place, step in enumerate(steps, start=1):
        if step.name not in SHAPES:
            name = shown(step.name)
            raise refusal(f"steps[{place}]", f"「{name}」という手順はありません", f"there is no step “{name}”")
        SHAPES[step.name].check(step.with_, f"steps[{place}].{step.name}")
