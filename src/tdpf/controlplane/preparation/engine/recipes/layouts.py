"""What else a table's columns say beside one column for one field: days, lists of circles, joined and spread columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tdpf.controlplane.preparation.engine.mapping.types import TableMapping
from tdpf.controlplane.preparation.engine.recipes.document import Recipe
from tdpf.controlplane.preparation.engine.recipes.joined_columns import Joined, find_joined
from tdpf.controlplane.preparation.engine.recipes.listed_columns import listed_in, listed_name
from tdpf.controlplane.preparation.engine.recipes.parted_columns import part_name, parted_in
from tdpf.controlplane.preparation.engine.recipes.spread_columns import spread_in, spread_name
from tdpf.controlplane.preparation.engine.recipes.stated_years import years_for
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable, Values
from tdpf.controlplane.preparation.engine.recipes.weekday_columns import FOLDED, HOURS, states_hours, weekday_columns
from tdpf.controlplane.preparation.engine.schemas.types import Schema


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table that are read together: `days` {day: column}, `listed` {field: {word: column}}, `spread` and `parted` {column: fields}."""

    days: Mapping[str, str] = field(default_factory=dict)
    hours: bool = False
    listed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    joined: tuple[Joined, ...] = ()
    spread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    years: Mapping[str, Any] = field(default_factory=dict)

    @property
    def used(self) -> frozenset[str]:
        """The columns that go in here and are no field's own."""
        words = [column for fields in self.listed.values() for column in fields.values()]
        parts = [column for entry in self.joined for column in entry.columns]
        year = [str(self.years["from"])] if "from" in self.years else []
        return frozenset([*self.days.values(), *words, *parts, *self.spread, *self.parted, *year])

    def fields(self, schema: Schema) -> dict[str, str]:
        """Return {column: field} of the columns that reshape makes of them."""
        made = {entry.name: entry.target for entry in self.joined}
        made |= {listed_name(name): name for name in self.listed}
        made |= {spread_name(column, name): name for column, names in self.spread.items() for name in names}
        made |= {part_name(column, name): name for column, names in self.parted.items() for name in names}
        if self.days:
            made[FOLDED] = next(entry.name for entry in schema.fields if entry.concept == "weekdays")
        span = schema.of("time.range")
        if self.hours and span is not None:
            made[HOURS] = span.name
        return made


def find_layout(source: SourceTable, schema: Schema, mapping: TableMapping) -> Layout:
    """Return what else a mapped table's columns say; what a field has a column of its own for is not looked for."""
    columns = columns_of(source)
    names, values = list(columns), list(columns.values())
    accepted = mapping.accepted
    taken = set(accepted.values())
    days = weekday_columns(names, [column.header for column in source.table.columns])
    weekdays = next((entry for entry in schema.fields if entry.concept == "weekdays"), None)
    if weekdays is None or weekdays.name in taken or set(days.values()) & set(accepted):
        days = {}
    span = schema.of("time.range")
    hours = span is not None and span.name not in taken and states_hours(days, columns)
    parted = parted_in(names, values, accepted, schema) if schema.table != "population" else {}
    own = {column: target for column, target in accepted.items() if column not in parted}
    made = {part_name(column, name): name for column, fields in parted.items() for name in fields}
    free = [place for place, name in enumerate(names) if name not in parted]
    names, values = [names[place] for place in free], [values[place] for place in free]
    joined = find_joined(names, values, own, schema)
    return Layout(
        days=days,
        hours=hours,
        listed=listed_in([source], schema, {source.id: {**own, **made}}).get(source.id, {}),
        joined=tuple(entry for entry in joined if entry.target not in made.values()),
        spread=spread_in(names, values, {**own, **made}, schema),
        parted=parted,
        years=years_for(source, columns, own, schema) if schema.table != "population" else {},
    )


def columns_of(source: SourceTable) -> dict[str, Values]:
    """Return the columns of a table by name."""
    names = source.table.column_names
    rows = list(source.table.iter_rows())
    values: list[Values] = [list(cells) for cells in zip(*rows, strict=True)] if rows else [[] for _ in names]
    return dict(zip(names, values, strict=True))


def marked(mapping: TableMapping, layout: Layout) -> TableMapping:
    """Return the mapping with the columns that are read together named so, and taken from the fields they were given to."""
    targets = {entry.target for entry in layout.joined}
    parts = {column for entry in layout.joined for column in entry.columns} | set(layout.parted)
    parts |= {column for words in layout.listed.values() for column in words.values()}
    entries = tuple(
        replace(
            entry, target="" if entry.target in targets or entry.column in parts else entry.target, method="reshape"
        )
        if entry.column in parts or (entry.column in layout.used and not entry.target)
        else entry
        for entry in mapping.columns
    )
    return TableMapping(mapping.schema, entries)


def reshape_extras(layouts: Mapping[str, Layout]) -> dict[str, Any]:
    """Return what the reshape step says of the layouts, by kind and input."""
    found = {
        "joined": {key: [entry.as_dict() for entry in one.joined] for key, one in layouts.items() if one.joined},
        "weekdays": {key: dict(one.days) for key, one in layouts.items() if one.days},
        "listed": {
            key: {name: dict(words) for name, words in one.listed.items()} for key, one in layouts.items() if one.listed
        },
        "years": {key: dict(one.years) for key, one in layouts.items() if one.years},
        "spread": {
            key: {column: list(names) for column, names in one.spread.items()}
            for key, one in layouts.items()
            if one.spread
        },
        "parted": {
            key: {column: list(names) for column, names in one.parted.items()}
            for key, one in layouts.items()
            if one.parted
        },
    }
    return {kind: entries for kind, entries in found.items() if entries}


def reshaped_into(recipe: Recipe, key: str) -> dict[str, tuple[str, ...]]:
    """Return {column: fields} of the columns of an input that a recipe's reshape step makes fields of."""
    step, mapped = recipe.step("reshape"), dict(recipe.step("columns.map").get(key, {}))
    found: dict[str, list[str]] = {}
    for entry in dict(step.get("joined", {})).get(key, ()):
        for column in entry["columns"]:
            found.setdefault(str(column), []).append(str(entry.get("to", "")))
    for kind in ("spread", "parted"):
        for column, fields in dict(dict(step.get(kind, {})).get(key, {})).items():
            found.setdefault(str(column), []).extend(str(name) for name in fields)
    for name, words in dict(dict(step.get("listed", {})).get(key, {})).items():
        for column in dict(words).values():
            found.setdefault(str(column), []).append(str(name))
    for column in dict(dict(step.get("weekdays", {})).get(key, {})).values():
        found.setdefault(str(column), []).extend(str(mapped[name]) for name in (FOLDED, HOURS) if name in mapped)
    return {column: tuple(dict.fromkeys(field for field in fields if field)) for column, fields in found.items()}


def taken_by(recipe: Recipe, key: str, names: Sequence[str]) -> frozenset[str]:
    """Return which of the columns of an input a recipe does something with."""
    mapped = set(dict(recipe.step("columns.map").get(key, {}))) | set(reshaped_into(recipe, key))
    mapped |= set(dict(dict(recipe.step("table.detect").get("renamed", {})).get(key, {})))
    plan = dict(dict(recipe.step("reshape").get("inputs", {})).get(key, {}))
    if plan.get("layout"):
        return frozenset(names)
    mapped |= {str(name) for name in (*plan.get("values", {}), *plan.get("area", ()))}
    mapped.add(str(dict(dict(recipe.step("reshape").get("years", {})).get(key, {})).get("from", "")))
    mapped |= {str(plan.get(part, "")) for part in ("age", "sex", "households")}
    return frozenset(mapped.intersection(names))


def fields_made(recipe: Recipe) -> tuple[str, ...]:
    """Return the fields that no column of a file is, but the recipe makes of several columns or of a title."""
    made = {
        field
        for key in recipe.step("columns.map")
        for fields in reshaped_into(recipe, str(key)).values()
        for field in fields
    }
    stated = dict(recipe.step("derive").get("stated", {})).values()
    plans = dict(recipe.step("reshape").get("inputs", {}))
    whole = {str(field) for key in plans for field in dict(recipe.step("columns.map").get(key, {})).values()}
    return tuple(sorted(made | whole | {str(field) for words in stated for field in words}))
