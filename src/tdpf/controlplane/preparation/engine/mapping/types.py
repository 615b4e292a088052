"""A proposed mapping: what each column is, how sure that is, and what else it might be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A field a column may be: `score` between 0 and 1, the name's part and the values' part of it."""

    target: str
    score: float
    name: float
    values: float


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """One column: `target` is the accepted field or empty; `suggestions` are at most three, best first."""

    column: str
    target: str
    method: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class TableMapping:
    """The mapping of one table to a schema; `unmapped` are columns without an accepted field."""

    schema: str
    columns: tuple[ColumnMapping, ...]

    @property
    def accepted(self) -> dict[str, str]:
        """Return the accepted fields by column."""
        return {entry.column: entry.target for entry in self.columns if entry.target}

    @property
    def unmapped(self) -> tuple[ColumnMapping, ...]:
        """Return the columns without an accepted field."""
        return tuple(entry for entry in self.columns if not entry.target)


class Confirmations(Protocol):
    """What persons confirmed before: which field a column of a given name was, for this publisher first."""

    def target(self, schema: str, column: str, publisher: str) -> str | None:
        """Return the confirmed field, an empty text when it was confirmed to be none, or None when nobody said."""


@dataclass(slots=True)
class ConfirmedMappings:
    """Confirmations kept in memory; keys are folded names. The newest word of a publisher counts for that publisher."""

    entries: dict[tuple[str, str, str], str]

    def target(self, schema: str, column: str, publisher: str) -> str | None:
        """Return what this publisher confirmed, else what any publisher did."""
        from tdpf.controlplane.preparation.engine.mapping.names import fold

        own = self.entries.get((schema, fold(column), publisher))
        return own if own is not None else self.entries.get((schema, fold(column), ""))

    def confirm(self, schema: str, column: str, target: str, *, publisher: str) -> None:
        """Remember one confirmation; it becomes everybody's synonym unless others confirmed differently."""
        from tdpf.controlplane.preparation.engine.mapping.names import fold

        self.entries[(schema, fold(column), publisher)] = target
        self.entries.setdefault((schema, fold(column), ""), target)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person chose for the columns of one table, by the columns' own names; `beyond` speaks for the rest."""

    columns: Mapping[str, str]
    beyond: Confirmations | None = None

    def target(self, schema: str, column: str, publisher: str) -> str | None:
        """Return the chosen field, an empty text for none, or what others said of a column that was not decided."""
        if column in self.columns:
            return self.columns[column]
        return self.beyond.target(schema, column, publisher) if self.beyond else None
