"""Rows that are the same thing, and cells in which they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Mark = tuple[str, str, str]
"""What a row is known by in every edition of its file: the input, the folded name, the folded address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What a row is known by. `apart` are values that make two things of what is alike otherwise (permit, date); degrees or None."""

    place: int
    source: str
    name: str
    address: str
    point: tuple[float, float] | None
    apart: tuple[str, ...]

    @property
    def mark(self) -> Mark:
        """What the row is known by in another edition of its file."""
        return self.source, self.name, self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Rows of one thing, by their places, first one first. `why` is name-address, name-near, address-near or said (by a person); `metres` the widest."""

    places: tuple[int, ...]
    why: str
    metres: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateGroup:
    """Rows of the table that speak of the same thing: (input, row of the sheet) each; `row` is the one that stands for them.

    `marks` are what the members are known by, in their order.
    """

    row: int
    members: tuple[tuple[str, int], ...]
    why: str
    metres: float | None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One field in which rows of the same thing differ: the value of every (input, row of the sheet), and the one that was kept.

    `stated` is what their files say, `known` the name and address that each row has in its file; "" where there is none.
    """

    row: int
    column: str
    values: Mapping[tuple[str, int], str]
    kept: str
    stated: Mapping[tuple[str, int], str] = field(default_factory=dict)
    known: Mapping[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
