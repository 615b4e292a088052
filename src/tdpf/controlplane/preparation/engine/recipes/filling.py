"""Fills one empty cell of a frame from what the row says elsewhere; every filled cell has an event."""

from __future__ import annotations

from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame


def fill(state: State, frame: Frame, row: int, name: str, value: str | None, rule: str, confidence: float) -> bool:
    """Write a value into an empty cell and say whether that was done."""
    column = frame.column(name)
    if column[row] or not value:
        return False
    column[row] = value
    state.log.add(frame, row, name, step="derive", before=None, after=value, rule=rule, confidence=confidence)
    return True
