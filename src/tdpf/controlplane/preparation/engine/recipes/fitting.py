"""How well a table fits a standard table, and whether another one would be the right one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from tdpf.controlplane.preparation.engine.mapping.proposing import propose_mapping
from tdpf.controlplane.preparation.engine.mapping.samples import Sampled, sampled
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema, schema_names
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_ROWS = 300
_MORE = 3
_GENERAL = "public_facility"
"""The list of any facilities: what a list of a narrower kind says fits it as well."""
_KIN = frozenset({"public_toilet", "barrier_free_toilet"})
"""Tables of the same things in two degrees of detail: one is often made from the other."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How many of a schema's `asked` required fields, and how many fields at all, have a sure column."""

    required: int
    asked: int
    columns: int

    @property
    def share(self) -> float:
        """The share of required fields that have a column."""
        return self.required / self.asked if self.asked else 1.0


@dataclass(frozen=True, slots=True)
class OtherSchema:
    """A standard table that fits better; `surely` when the one that was asked for has no more than half of what it needs."""

    schema: Schema
    surely: bool


def fit_of(table: SourceTable, schema: Schema, *, rows: int | None = None) -> Fit:
    """Judge a table's columns by name and by the values of its first `rows` rows (None: all)."""
    return _fit(table, schema, columns_of(table, rows))


def columns_of(table: SourceTable, rows: int | None) -> list[Sampled]:
    """Return the columns of a table's first `rows` rows (None: all), to be held against several schemas."""
    return sampled(list(zip(*islice(table.table.iter_rows(), rows), strict=True)))


def _fit(table: SourceTable, schema: Schema, columns: Sequence[Sampled]) -> Fit:
    required = {field.name for field in schema.fields if field.required}
    if not columns:
        return Fit(0, len(required), 0)
    accepted = set(propose_mapping(table.table.columns, columns, schema).accepted.values())
    return Fit(len(accepted & required), len(required), len(accepted))


def better_schema(sources: Sequence[SourceTable], schema: Schema) -> OtherSchema | None:
    """Return the standard table that the largest of the tables fits clearly better, if there is one.

    Tables of population are laid out in their own ways and not judged.
    """
    if schema.table == "population" or not sources:
        return None
    table = max(sources, key=lambda source: source.table.row_count)
    columns = columns_of(table, _ROWS)
    own = _fit(table, schema, columns)
    best: tuple[Fit, Schema] | None = None
    for name in schema_names():
        other = load_schema(name)
        if other.name == schema.name or other.table == "population" or {other.name, schema.name} <= _KIN:
            continue
        fit = _fit(table, other, columns)
        if best is None or (fit.columns, fit.share) > (best[0].columns, best[0].share):
            best = fit, other
    if best is None:
        return None
    fit, other = best
    clearly = fit.columns >= own.columns + _MORE and fit.share >= own.share
    general = schema.name == _GENERAL and own.required > 0
    surely = not general and own.share <= 0.5 and (clearly or (fit.share >= 0.75 and fit.columns >= own.columns + 2))
    if surely or clearly:
        return OtherSchema(other, surely)
    return None
