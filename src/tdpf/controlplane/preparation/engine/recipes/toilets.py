"""The Tokyo welfare bureau's toilet records as rows of the flat form: nested values unfolded into columns of their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tdpf.controlplane.preparation.engine.barrier_free.forms import schema
from tdpf.controlplane.preparation.engine.barrier_free.tokyo import from_tokyo
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame, Values

TOKYO_TOILETS = "tokyo-barrier-free"
_MARKS = frozenset(("facility_name", "features", "opening_hours", "toilet_name"))


def is_tokyo_list(names: Sequence[str]) -> bool:
    """Say whether a table has the members of the bureau's records."""
    return set(names) >= _MARKS


def unfold(frame: Frame) -> Frame:
    """Return the frame with the columns of the flat form; each cell's origin are the columns of its record."""
    columns: dict[str, Values] = {name: [] for name in schema().names}
    for row in range(frame.height):
        record = {name: _read(values[row]) for name, values in frame.columns.items()}
        flat = from_tokyo(record)
        for name, values in columns.items():
            values.append(flat[name])
    made = Frame(columns, list(frame.origins), {}, header={name: name for name in columns})
    for row, (source, number) in enumerate(frame.origins):
        letters = [letter for found in frame.sources.values() for letter in found.get(source, ())]
        for name, values in columns.items():
            if values[row] is not None:
                made.cells[(row, name)] = tuple(CellRef(source, number, letter) for letter in letters)
    return made


def _read(value: str | None) -> Any:
    """Read what the reader left as JSON text back into values; everything else is the text itself."""
    if value is None:
        return None
    if value[:1] in "[{" or value in ("true", "false"):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value
