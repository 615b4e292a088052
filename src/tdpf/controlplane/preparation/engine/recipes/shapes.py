"""Shapes of JSON values: what belongs at a place of a document, and a refusal that says what was found there instead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tdpf.controlplane.preparation.engine.recipes.errors import RecipeNotUnderstood
from tdpf.kit.terminal import shown
from tdpf.kit.text import Text

_SHOWN = 40
_TEXT = Text("文字（数字だけのときは '…' で囲む）", "text (digits alone in quotes)")


class Shape(Protocol):
    """What belongs at a place; `check` raises RecipeNotUnderstood naming the place, what was found and what belongs there."""

    def check(self, value: object, where: str) -> None:
        """Raise unless the value has the shape."""
        ...


def refusal(where: str, ja: str, en: str) -> RecipeNotUnderstood:
    """Return the problem of a place of the recipe."""
    return RecipeNotUnderstood(where=shown(where), why_ja=ja, why_en=en)


def unfit(value: object, where: str, wanted: Text) -> RecipeNotUnderstood:
    """Return the problem of a value that is not what belongs there."""
    ja, en = _found(value)
    return refusal(where, f"{ja}。ここには{wanted.ja}を書きます", f"{en}, where {wanted.en} belongs")


def _found(value: object) -> tuple[str, str]:
    if value is None:
        return "何も書かれていません", "nothing is written there"
    if isinstance(value, str) and not value.strip():
        return "空の文字があります", "there is empty text"
    if isinstance(value, bool | str | int | float):
        plain = ("true" if value else "false") if isinstance(value, bool) else shown(str(value)[: _SHOWN + 1])
        cut = plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"
        return f"「{cut}」とあります", f"it says “{cut}”"
    if isinstance(value, list):
        return f"{len(value)}個の並びがあります", f"there is a list of {len(value)}"
    if isinstance(value, Mapping):
        return "「名前: 値」の組があります", "there are “name: value” pairs"
    return "文字でも数でもない値があります", "there is a value that is neither text nor number"


@dataclass(frozen=True, slots=True)
class Anything:
    """What is checked elsewhere."""

    def check(self, value: object, where: str) -> None:
        """Raise nothing."""
        del value, where


@dataclass(frozen=True, slots=True)
class Words:
    """Text, which a number without quotes is not."""

    wanted: Text = _TEXT

    def check(self, value: object, where: str) -> None:
        """Raise unless it is text."""
        if not isinstance(value, str):
            raise unfit(value, where, self.wanted)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: object, where: str) -> None:
        """Raise unless it is one of the words."""
        if not isinstance(value, str) or value not in self.words:
            ja, en = (mark.join(word or "''" for word in self.words) for mark in ("、", ", "))
            raise unfit(value, where, Text(f" {ja} のどれか", f"one of {en}"))


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, both included."""

    low: float
    high: float
    whole: bool = True

    def check(self, value: object, where: str) -> None:
        """Raise unless it is a number within the bounds."""
        kind = int if self.whole else int | float
        if isinstance(value, bool) or not isinstance(value, kind) or not self.low <= value <= self.high:
            ja, en = ("整数", "a whole number") if self.whole else ("数", "a number")
            raise unfit(
                value, where, Text(f" {self.low} から {self.high} の{ja}", f"{en} from {self.low} to {self.high}")
            )


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    def check(self, value: object, where: str) -> None:
        """Raise unless it is a truth value."""
        if not isinstance(value, bool):
            raise unfit(value, where, Text(" true か false", "true or false"))


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell may hold: text, a number, or nothing."""

    def check(self, value: object, where: str) -> None:
        """Raise unless it fits into a cell."""
        fits = value is None or isinstance(value, str | int | float)
        if isinstance(value, bool) or not fits or (isinstance(value, float) and not math.isfinite(value)):
            raise unfit(
                value,
                where,
                Text("セルの値（文字か数、空にするときは null）", "the value of a cell (text, a number, or null)"),
            )


@dataclass(frozen=True, slots=True)
class Maybe:
    """A shape, or nothing."""

    shape: Shape

    def check(self, value: object, where: str) -> None:
        """Raise unless there is nothing or what belongs there."""
        if value is not None:
            self.shape.check(value, where)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape, `least` to `most` long."""

    shape: Shape
    wanted: Text
    least: int = 0
    most: int | None = None

    def check(self, value: object, where: str) -> None:
        """Raise unless it is such a list."""
        if not isinstance(value, list) or len(value) < self.least or (self.most is not None and len(value) > self.most):
            raise unfit(value, where, self.wanted)
        for place, entry in enumerate(value, start=1):
            self.shape.check(entry, f"{where}[{place}]")


@dataclass(frozen=True, slots=True)
class Pair:
    """A list of two, each of its own shape."""

    first: Shape
    second: Shape
    wanted: Text

    def check(self, value: object, where: str) -> None:
        """Raise unless it is such a list of two."""
        if not isinstance(value, list) or len(value) != 2:
            raise unfit(value, where, self.wanted)
        self.first.check(value[0], f"{where}[1]")
        self.second.check(value[1], f"{where}[2]")


@dataclass(frozen=True, slots=True)
class MapOf:
    """Names of one's own, each with a value of one shape; `wanted` says what stands on both sides."""

    shape: Shape
    wanted: Text

    def check(self, value: object, where: str) -> None:
        """Raise unless it is such a mapping."""
        for name, entry in _members(value, where, self.wanted).items():
            self.shape.check(entry, f"{where}.{name}")


@dataclass(frozen=True, slots=True)
class Members:
    """Known names, each with a shape of its own; those of `required` must be there, no other may be."""

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)

    def check(self, value: object, where: str) -> None:
        """Raise unless every required name is there, no unknown one is, and each has its shape."""
        shapes = {**self.required, **self.optional}
        ja, en = "、".join(shapes), ", ".join(shapes)
        members = _members(value, where, Text(f"「名前: 値」の組（{ja}）", f"“name: value” pairs ({en})"))
        for name in members:
            if name not in shapes:
                raise refusal(
                    where,
                    f"「{shown(name)}」という指定はありません。ここに書けるのは {ja or 'なにもなし'} です",
                    f"there is no option “{shown(name)}”; what may be stated here: {en or 'nothing'}",
                )
        for name in self.required:
            if name not in members:
                raise refusal(where, f"「{name}」がありません", f"“{name}” is missing")
        for name, entry in members.items():
            shapes[name].check(entry, f"{where}.{name}")


@dataclass(frozen=True, slots=True)
class By:
    """Another shape for each word of a member, that of "" where it is not there."""

    member: str
    shapes: Mapping[str, Shape]

    def check(self, value: object, where: str) -> None:
        """Raise unless the value has the shape of its word."""
        kind = value.get(self.member, "") if isinstance(value, Mapping) else ""
        OneOf(tuple(self.shapes)).check(kind, f"{where}.{self.member}")
        self.shapes[str(kind)].check(value, where)


@dataclass(frozen=True, slots=True)
class Having:
    """One shape where a member is there, another where it is not."""

    member: str
    there: Shape
    absent: Shape

    def check(self, value: object, where: str) -> None:
        """Raise unless the value has the shape that goes with it."""
        has = isinstance(value, Mapping) and self.member in value
        (self.there if has else self.absent).check(value, where)


def _members(value: object, where: str, wanted: Text) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise unfit(value, where, wanted)
    for name in value:
        if not isinstance(name, str):
            raise unfit(name, where, Text("文字の名前", "a name that is text"))
    return value
