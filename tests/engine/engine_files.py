"""Short ways to look at what the reader gave."""

from __future__ import annotations

from collections.abc import Callable

from tdpf.controlplane.preparation.engine.types import ReadResult

Read = Callable[..., ReadResult]


def codes(result: ReadResult) -> set[str]:
    """The codes of every note of a result, its table's and its columns' included."""
    table = result.table
    notes = [*result.notes, *table.notes, *(note for column in table.columns for note in column.notes)]
    return {note.code for note in notes}
