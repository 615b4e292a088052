"""What a table that stays with its provider is asked, and what it answers: the one interface of all kinds."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tdpf.dataplane.delivery.filters import Words
from tdpf.kit.text import Text
from tdpf.tables.conditions import Column, Condition
from tdpf.tables.types import ColumnFacts, Field, TableManifest, find_located
from tdpf.wire.connected import ConnectedTable

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked question: `names` are the wished columns in order. `after` are the key's values of the last row seen.

    `condition` is told in the words of the table that is asked.
    """

    names: tuple[str, ...]
    condition: Condition
    order: tuple[tuple[Column, bool], ...] = ()
    limit: int = 100
    offset: int = 0
    after: tuple[object, ...] | None = None


@dataclass(frozen=True, slots=True)
class MissingPart:
    """A component that did not take part in the answer, and why."""

    collection: str
    status: int
    why: Text


@dataclass(frozen=True, slots=True)
class Answered:
    """Rows with values in the order of the names asked for; `matched` None when it is not known how many there are.

    `calls` is how many calls of other collections it took.
    """

    rows: list[Row]
    matched: int | None = None
    missing: tuple[MissingPart, ...] = ()
    calls: int = 0


class AskedWords(Words, Protocol):
    """The building blocks of conditions, and what an agreement limits letter for letter."""

    def exactly_one_of(self, column: Column, literals: Sequence[object]) -> Condition: ...


class AskedTable(Protocol):
    """A table that answers questions. Its calls take their time: they run in threads, never in the event loop."""

    @property
    def words(self) -> AskedWords:
        """The words its conditions are told in."""
        ...

    @property
    def turns_by_key(self) -> bool:
        """Whether pages go on behind the key of the last row seen."""
        ...

    @property
    def in_one_piece(self) -> bool:
        """Whether an answer is had whole before any of it is sent."""
        ...

    def page(self, asked: Asked) -> Answered:
        """Return one page of rows; raises the problems of `wire.connected_problems`."""
        ...

    def stream(self, asked: Asked) -> Generator[list[Row]]:
        """Yield all rows up to the limit, a batch at a time; raises as `page` does, before the first batch if it can."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def manifest_of(table: ConnectedTable) -> TableManifest:
    """Return what is published of the table's columns, in the form that questions are checked against."""
    fields = tuple(Field(one.name, one.type, one.title, one.unit, one.description) for one in table.columns)
    return TableManifest(
        identity=table.mark,
        name=table.table,
        fields=fields,
        columns=tuple(ColumnFacts(0, 0, False) for _ in fields),
        rows=0,
        located=find_located(fields),
        key_columns=table.key_columns,
        files={},
        created_at="",
    )
