"""The table before and after, cell by cell: what a cell was in the file, what it became, and by which rule."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import orjson

from tdpf.controlplane.preparation.engine.recipes.event_store import Event
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Run, SourceTable
from tdpf.controlplane.preparation.engine.types import Row
from tdpf.controlplane.preparation.engine.workpieces.types import CellShown, CellState, RowShown

_JOINED = 6
_HELD = 2_000


def compared(run: Run, sources: Sequence[SourceTable], *, required: Sequence[str] = ()) -> Iterator[RowShown]:
    """Yield every row of a run beside what its cells were before; `required` are the columns that must not be empty.

    Neither table is held: the rows of the files are read again where they lie.
    """
    raw = {source.id: _Raw(source) for source in sources}
    width = len(run.columns)
    places = {name: place for place, name in enumerate(run.columns)}
    # The last one that says something about the cell stands for it; a later "mended" fill has a rule of its own.
    last: dict[int, int] = {
        event.row * width + places[event.column]: number
        for number, event in enumerate(run.events)
        if event.row and (event.rule or event.reason) and event.column in places
    }
    above = {
        event.row * width + places[event.column]
        for event in run.events
        if event.rule == "ditto" and event.column in places
    }
    wanted = frozenset(required)
    for index, row in enumerate(run.rows()):
        source, number = run.frame.origins[index]
        traces = [run.frame.trace(index, name) for name in run.columns]
        parted = {ref for refs, after in zip(traces, row, strict=True) if after for ref in refs}
        cells = []
        for place, (name, refs, after) in enumerate(zip(run.columns, traces, row, strict=True)):
            at = last.get((index + 1) * width + place)
            said = None if at is None else run.events[at]
            # A cell that was parted into several fields left nothing for this one; nothing was emptied.
            left = () if not after and said is None and _used_up(raw, refs, parted) else refs
            summed = said is not None and said.rule == "sum"
            cell = _cell(_before(raw, left, each=summed), after, said, required=name in wanted)
            if (index + 1) * width + place in above and cell.rule not in ("", "ditto") and after:
                cell = replace(cell, rule="ditto.completed" if cell.rule == "address.prefecture" else "ditto")
            cells.append(cell)
        yield RowShown(row=index + 1, input=source, source_row=number, cells=tuple(cells))


def first_and_counts(rows: Iterable[RowShown], most: int) -> tuple[list[RowShown], Counter[str]]:
    """Return the first rows, and how many cells of all of them stand in each state."""
    first: list[RowShown] = []
    states: Counter[str] = Counter()
    for row in rows:
        states.update(cell.state for cell in row.cells)
        if len(first) < most:
            first.append(row)
    return first, states


def _cell(before: str | None, after: str | None, event: Event | None, *, required: bool) -> CellShown:
    state = _state(before, after, event, required=required)
    told = event if event is not None and state not in ("same", "empty") else None
    return CellShown(
        before=before,
        after=after,
        state=state,
        rule=((told.reason if state in ("rejected", "missing") and told.reason else told.rule) or told.reason)
        if told
        else "",
        confidence=told.confidence if told else 1.0,
    )


def _state(before: str | None, after: str | None, event: Event | None, *, required: bool) -> CellState:
    if after:
        if not before:
            return "filled"
        return "same" if before == after else "changed"
    if before and (event is None or event.reason != "required-missing"):
        return "rejected" if event is not None and event.severity == "error" else "removed"
    return "missing" if required else "empty"


class _Raw:
    """The cells of an input by row and column letters; of rows on disk only where each begins is held, and the one read last."""

    def __init__(self, source: SourceTable) -> None:
        table = source.table
        letters = table.column_places or table.column_names
        self._column = {letter: place for place, letter in enumerate(letters)}
        self._index = {number: index for index, number in enumerate(table.iter_places())}
        self._rows = table.rows
        self._path = table.rows_path
        self._starts = array("Q")
        if self._rows is None and self._path is not None:
            at = 0
            with self._path.open("rb") as lines:
                for line in lines:
                    self._starts.append(at)
                    at += len(line)
        self._row = lru_cache(maxsize=_HELD)(self._read)

    def _read(self, index: int) -> Row:
        if self._rows is not None:
            return list(self._rows[index]) if index < len(self._rows) else []
        if index >= len(self._starts):
            return []
        assert self._path is not None  # rows lie in memory or in a file
        with self._path.open("rb") as lines:
            lines.seek(self._starts[index])
            row: Row = orjson.loads(lines.readline())
        return row

    def cell(self, number: int, letters: str) -> str | None:
        """Return what a cell of the sheet held."""
        place = self._column.get(letters)
        index = self._index.get(number) if self._index else number - 1
        row = self._row(index) if place is not None and index is not None else []
        return row[place] if place is not None and place < len(row) else None


def _used_up(raw: Mapping[str, _Raw], refs: Sequence[CellRef], elsewhere: set[CellRef]) -> bool:
    """Say whether all that cells hold stands in other columns."""
    return all(ref in elsewhere or not (ref.input in raw and raw[ref.input].cell(ref.row, ref.column)) for ref in refs)


def _before(raw: Mapping[str, _Raw], refs: Sequence[CellRef], *, each: bool = False) -> str | None:
    """Return what cells held, the same words once; with `each` as often as they stand there."""
    cells = [raw[ref.input].cell(ref.row, ref.column) if ref.input in raw else None for ref in refs]
    words = [cell for cell in cells if cell and not cell.isspace()]
    words = words if each else list(dict.fromkeys(words))
    if not words:
        return None
    more = f" … ({len(words)})" if len(words) > _JOINED else ""
    return " + ".join(words[:_JOINED]) + more
