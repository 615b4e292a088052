"""Numbers that stand for yes, no and unknown by a legend of the table's own: 1=指定 2=指定なし 9=不明."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tdpf.controlplane.preparation.engine.normalising.flags import is_denial, is_flag
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing, plain
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, SourceTable

_ENTRY = re.compile(r"(?<![\d.\-/])(\d)\s*[=:…]+\s*([^\s\d,、。;・/()=:]+)")


def write_codes_out(state: State, frame: Frame, kinds: Mapping[str, str]) -> None:
    """Write the words of the legend for numbers in columns of yes and no, where it explains every number of the column."""
    known = {key: legend_of(source) for key, source in state.sources.items()}
    for name, kind in kinds.items():
        if not kind.startswith("flag_") or name not in frame.columns:
            continue
        column = frame.columns[name]
        own = _legend(frame.header.get(name, ""))
        said = [own or known.get(key, {}) for key, _ in frame.origins]
        digits = [(plain(value), words) for value, words in zip(column, said, strict=True) if value]
        if not all(value in words for value, words in digits if value.isdigit()):
            continue
        for row, value in enumerate(list(column)):
            word = said[row].get(plain(value)) if value else None
            if word:
                column[row] = word
                state.log.add(
                    frame, row, name, step="normalise", before=value, after=word, rule="code.legend", confidence=0.95
                )


def legend_of(source: SourceTable) -> dict[str, str]:
    """Return what a table's titles and remarks say of numbers: {"1": "指定"}; empty unless one means yes and one no."""
    texts = [*source.table.title_lines, *(note.text for note in (*source.table.notes, *source.result.notes))]
    return next((found for text in texts for line in text.splitlines() if (found := _legend(line))), {})


def _legend(text: str) -> dict[str, str]:
    found = dict(_ENTRY.findall(plain(text)))
    words = list(found.values())
    denied = [word for word in words if is_denial(word)]
    understood = all(is_flag(word) or is_missing(word) for word in words)
    affirmed = [word for word in words if word not in denied and is_flag(word) and not is_missing(word)]
    return found if understood and denied and affirmed else {}
