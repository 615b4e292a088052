"""What stands below a table about signs in its cells (※1 改修中) goes into the remarks of the rows that bear the sign."""

from __future__ import annotations

from tdpf.controlplane.preparation.engine.normalising.marks import legends, without_mark
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, SourceTable

_UNTOUCHED = frozenset(("name", "address"))


def footnotes(state: State, frame: Frame) -> None:
    """Add the words of every sign to its row's remarks; names and addresses lose a sign only when it is explained."""
    remarks = state.schema.of("remarks")
    known = {key: _legends(source) for key, source in state.sources.items()}
    for name in list(frame.columns) if any(known.values()) else ():
        field = state.schema.field(name)
        if field is None:
            continue
        own = remarks is not None and name == remarks.name
        for row, value in enumerate(frame.columns[name]):
            said = known.get(frame.origins[row][0], {})
            bare, sign = without_mark(value) if value and said else ("", "")
            if own and value and not bare and (alone := without_mark(f"x{value}")[1]) in said:
                frame.columns[name][row] = f"{value} {said[alone]}"
                _tell(state, frame, row, name, value)
            if sign not in said or not value or own:
                continue
            if field.normaliser in _UNTOUCHED:
                frame.columns[name][row] = bare
                state.log.add(
                    frame, row, name, step="normalise", before=value, after=bare, rule="footnote", confidence=0.9
                )
            if remarks is not None and not remarks.virtual:
                column = frame.column(remarks.name)
                before, words = column[row], f"{sign} {said[sign]}"
                if said[sign] not in (before or ""):
                    column[row] = f"{before} {words}" if before else words
                    _tell(state, frame, row, remarks.name, before)


def _tell(state: State, frame: Frame, row: int, name: str, before: str | None) -> None:
    after = frame.columns[name][row]
    state.log.add(frame, row, name, step="normalise", before=before, after=after, rule="footnote.words", confidence=0.9)


def _legends(source: SourceTable) -> dict[str, str]:
    texts = [*source.table.title_lines, *(note.text for note in (*source.table.notes, *source.result.notes))]
    return {sign: words for text in texts for sign, words in legends(text).items()}
