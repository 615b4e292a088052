"""Conditions on datasets as a small tree, for callers that speak another platform's query language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Field = Literal[
    "uid", "slug", "title", "description", "provider", "theme", "keyword", "format", "licence", "area", "access",
    "frequency", "data_class", "located", "modified", "created", "distribution", "origin", "site",
    "record", "resource_name", "resource_description", "resource_url",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldIs:
    """The field has this value, or one that begins with it; titles, descriptions and resources contain it.

    `provider` is a party's slug or uid, `located` "true" or "false", `distribution` the uid of a distribution,
    `site` the slug of a site that lists it at present, `record` its key on any of them.
    """

    field: Field
    value: str
    begins: bool = False


@dataclass(frozen=True, slots=True)
class FieldWithin:
    """The moment lies between two, both included; None is no end.

    `recorded` is when the entry changed here, `modified` when the dataset did, as far as its source says.
    """

    field: Literal["modified", "created", "recorded"]
    low: datetime | None
    high: datetime | None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; nothing in it holds always."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds; nothing in it never holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = FieldIs | FieldWithin | AllOf | AnyOf | Not
EVERYTHING = AllOf(())
