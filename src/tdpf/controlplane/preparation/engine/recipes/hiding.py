"""Which cells a report may not show: those that belong to persons are masked in every list that leaves with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tdpf.controlplane.preparation.engine.mapping.types import ColumnMapping, TableMapping
from tdpf.controlplane.preparation.engine.personal.masking import mask
from tdpf.controlplane.preparation.engine.personal.quoting import private_columns, quoted
from tdpf.controlplane.preparation.engine.recipes.document import Recipe
from tdpf.controlplane.preparation.engine.recipes.event_store import Event
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable

# What the screen knows by the shape of a value is masked value by value, so that the telephones of sites beside stay readable.
_BY_SHAPE = frozenset(
    ("mobile_phone", "phone", "mail", "my_number", "card_number", "bank_account", "vehicle", "network", "small_cells")
)


class Hiding:
    """Masks the values of the columns that the screen named, or whose names speak of persons, in the input and in the output."""

    def __init__(self, prepared: Prepared) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._private: set[tuple[str, str]] = set()
        self._order: dict[str, tuple[str, ...]] = {}
        self._fields = {
            concept: field.name if (field := prepared.schema.of(concept)) else "" for concept in ("name", "address")
        }
        for source in prepared.sources:
            table = source.table
            named = {
                finding.column
                for finding in source.findings
                if finding.certainty != "clear" and finding.kind not in _BY_SHAPE
            } | private_columns(table.column_names)
            self._order[source.id] = table.column_places
            for letters, name in zip(table.column_places, table.column_names, strict=False):
                self._names[source.id, letters] = name
                if name in named:
                    self._private.add((source.id, letters))
        self._outputs = {
            name
            for name, origins in prepared.run.frame.sources.items()
            if any((key, letters) in self._private for key, places in origins.items() for letters in places)
        }

    def told(self, value: str | None, column: str, source: str = "", letters: str = "") -> str | None:
        """Return the value of an output column, or of a column of an input, as a report may show it."""
        if not value:
            return value
        place = (source, letters)
        if column in self._outputs or place in self._private:
            return mask(value)
        return quoted(value, self._names.get(place) or column)

    def mark(self, mark: tuple[str, str, str]) -> dict[str, str | None]:
        """Return by what a row of an input is known (input, name, address), as a report may show it."""
        source, name, address = mark
        return {
            "input": source,
            "name": self.told(name, self._fields["name"]),
            "address": self.told(address, self._fields["address"]),
        }

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe as a report may show it: what persons corrected is masked where it belongs to somebody."""
        return replace(
            recipe,
            steps=tuple(
                replace(
                    step,
                    with_={kind: [self._override(entry) for entry in entries] for kind, entries in step.with_.items()},
                )
                if step.name == "overrides"
                else step
                for step in recipe.steps
            ),
        )

    def _override(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return an entry of `overrides` with its values, and the names and addresses that rows are known by, as a report may show them."""
        shown = dict(entry)
        for side in ("before", "value"):
            if isinstance(shown.get(side), str):
                shown[side] = self.told(shown[side], str(entry.get("column", "")))
        for side in ("of", "one", "other"):
            if side in shown:
                shown[side] = {
                    part: self.told(value, self._fields[part]) if part in self._fields else value
                    for part, value in shown[side].items()
                }
        return shown

    def event(self, event: Event) -> tuple[str | None, str | None]:
        """Return what a cell was before and after, as a report may show it."""
        before, after = (
            self.told(value, event.column, event.input, event.source_column) for value in (event.before, event.after)
        )
        return before, after

    def row(self, source: str, cells: Iterable[str | None]) -> list[str | None]:
        """Return the cells of a row of an input."""
        letters = self._order.get(source, ())
        return [
            self.told(value, "", source, letters[index] if index < len(letters) else "")
            for index, value in enumerate(cells)
        ]

    def examples(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return counted changes or problems with their examples as a report may show them."""
        for entry in entries:
            for found in entry["examples"]:
                for side in ("before", "after"):
                    found[side] = self.told(found[side], entry["column"], found["input"], found["column"])
        return entries


def confirmed_in_output(prepared: Prepared) -> tuple[str, ...]:
    """Return the columns of the input with confirmed personal data whose values reached the output, and such labels of forms.

    What a label of a form speaks of stands in no column of its own, so whatever the table gives may be it.
    """
    frame, found = prepared.run.frame, dict[str, None]()
    used = {
        (key, letters)
        for name in prepared.run.columns
        if any(frame.columns.get(name) or ())
        for key, places in frame.sources.get(name, {}).items()
        for letters in places
    }
    for source in prepared.sources:
        confirmed = {finding.column for finding in source.findings if finding.certainty == "confirmed"}
        for letters, name in zip(source.table.column_places, source.table.column_names, strict=False):
            if name in confirmed and (source.id, letters) in used:
                found[name] = None
        if any(key == source.id for key, _ in used):
            found |= dict.fromkeys(sorted(confirmed.difference(source.table.column_names)))
    return tuple(found)


def persons_left_out(mapping: TableMapping, source: SourceTable) -> tuple[ColumnMapping, ...]:
    """Return how columns are proposed to a person: one with confirmed personal data is to be left out, unless it is reshaped with others."""
    confirmed = {finding.column for finding in source.findings if finding.certainty == "confirmed"}
    return tuple(
        replace(entry, target="", method="personal")
        if entry.column in confirmed and entry.method != "reshape"
        else entry
        for entry in mapping.columns
    )
