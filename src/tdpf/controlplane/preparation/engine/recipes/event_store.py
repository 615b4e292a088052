"""The events of a run, kept by columns: a long table has millions of them, which are made whole only while they are read."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import eq
from typing import Literal, overload

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one cell. `row` counts output rows from 1; 0 speaks of the whole column or table."""

    row: int
    column: str
    step: str
    severity: Severity
    rule: str
    reason: str
    before: str | None
    after: str | None
    confidence: float
    input: str = ""
    source_row: int = 0
    source_column: str = ""


_Kind = tuple[str, str, Severity, str, str, float, str, str]


class Events(Sequence[Event]):
    """Events in the order they happened. What many share is kept once; an event costs some 30 bytes and its words."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._kinds: dict[_Kind, int] = {}
        self._named: list[_Kind] = []
        self._kind, self._row, self._source_row = array("I"), array("q"), array("q")
        self._before: list[str | None] = []
        self._after: list[str | None] = []
        for event in events:
            self.append(event)

    def append(self, event: Event) -> None:
        """Add an event at the end."""
        kind = (event.column, event.step, event.severity, event.rule, event.reason, event.confidence, event.input, event.source_column)  # fmt: skip
        place = self._kinds.get(kind)
        if place is None:
            place = self._kinds[kind] = len(self._named)
            self._named.append(kind)
        self._kind.append(place)
        self._row.append(event.row)
        self._source_row.append(event.source_row)
        self._before.append(event.before)
        self._after.append(event.after)

    def pop(self) -> Event:
        """Take the last event out and return it."""
        last = self[-1]
        for column in (self._kind, self._row, self._source_row, self._before, self._after):
            column.pop()
        return last

    def __len__(self) -> int:
        return len(self._kind)

    def __iter__(self) -> Iterator[Event]:
        named = self._named
        for kind, row, source_row, before, after in zip(
            self._kind, self._row, self._source_row, self._before, self._after, strict=True
        ):
            column, step, severity, rule, reason, confidence, source, letters = named[kind]
            yield Event(
                row, column, step, severity, rule, reason, before, after, confidence, source, source_row, letters
            )

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> Events: ...
    def __getitem__(self, place: int | slice) -> Event | Events:
        if isinstance(place, slice):
            return Events(self[at] for at in range(*place.indices(len(self))))
        column, step, severity, rule, reason, confidence, source, letters = self._named[self._kind[place]]
        return Event(
            self._row[place], column, step, severity, rule, reason, self._before[place], self._after[place], confidence,
            source, self._source_row[place], letters,
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Events) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # what grows has none
