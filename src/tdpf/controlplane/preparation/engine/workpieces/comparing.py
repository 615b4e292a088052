"""The table before and after, cell by cell: what a cell was in the file, what it became, and by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tdpf.controlplane.preparation.engine.recipes.event_store import Event
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Run, SourceTable
from tdpf.controlplane.preparation.engine.workpieces.types import CellShown, CellState, RowShown

_JOINED = 6


def compared(run: Run, sources: Sequence[SourceTable], *, required: Sequence[str] = ()) -> list[RowShown]:
    """Return every row of a run beside what its cells were before; `required` are the columns that must not be empty."""
    raw = {source.id: _cells_of(source) for source in sources}
    events: dict[tuple[int, str], Event] = {}
    for event in run.events:
        # The last one that says something about the cell stands for it; a later "mended" fill has a rule of its own.
        if event.row and (event.rule or event.reason):
            events[(event.row, event.column)] = event
    wanted = frozenset(required)
    shown = []
    for index, row in enumerate(run.rows()):
        source, number = run.frame.origins[index]
        traces = [run.frame.trace(index, name) for name in run.columns]
        parted = {ref for refs, after in zip(traces, row, strict=True) if after for ref in refs}
        cells = []
        for name, refs, after in zip(run.columns, traces, row, strict=True):
            said = events.get((index + 1, name))
            # A cell that was parted into several fields left nothing for this one; nothing was emptied.
            left = () if not after and said is None and parted.issuperset(refs) else refs
            cells.append(_cell(_before(raw, left), after, said, required=name in wanted))
        shown.append(RowShown(row=index + 1, input=source, source_row=number, cells=tuple(cells)))
    return shown


def counted(rows: Sequence[RowShown]) -> Counter[str]:
    """Return how many cells stand in each state."""
    return Counter(cell.state for row in rows for cell in row.cells)


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


def _cells_of(source: SourceTable) -> Mapping[tuple[int, str], str | None]:
    letters = source.table.column_places or source.table.column_names
    places = list(source.table.iter_places())
    found: dict[tuple[int, str], str | None] = {}
    for index, row in enumerate(source.table.iter_rows()):
        number = places[index] if index < len(places) else index + 1
        for letter, cell in zip(letters, row, strict=True):
            found[(number, letter)] = cell
    return found


def _before(raw: Mapping[str, Mapping[tuple[int, str], str | None]], refs: Sequence[CellRef]) -> str | None:
    cells = [raw.get(ref.input, {}).get((ref.row, ref.column)) for ref in refs]
    words = list(dict.fromkeys(cell for cell in cells if cell and not cell.isspace()))
    if not words:
        return None
    more = f" … ({len(words)})" if len(words) > _JOINED else ""
    return " + ".join(words[:_JOINED]) + more
