"""ocr.table: cells that came from a picture with little confidence, or against a sum, are marked for a person's eye."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tdpf.controlplane.preparation.engine.pages.grids import SURE
from tdpf.controlplane.preparation.engine.recipes.state import State


def recognised(state: State, with_: Mapping[str, Any]) -> None:
    """Mark cells; `with_` is {min_score: 0 to 1}. The values stay as they were read: a person decides."""
    sure = with_.get("min_score", SURE)
    for key, source in state.sources.items():
        table = source.table
        frame = state.frames.get(key)
        if frame is None or not table.is_from_pages:
            continue
        at = {number: row for row, (_, number) in enumerate(frame.origins)}
        for number, places in zip(table.iter_places(), table.iter_cells(), strict=True):
            row = at.get(number)
            if row is None:
                continue
            for name, place in zip(table.column_names, places, strict=True):
                value = frame.columns[name][row]
                if value is None or place is None:
                    continue
                unsure = place.confidence is not None and place.confidence < sure
                if place.conflict or unsure:
                    state.log.add(
                        frame,
                        row,
                        name,
                        step="ocr.table",
                        severity="warning",
                        before=value,
                        after=value,
                        reason="sum-conflict" if place.conflict else "recognised-unsure",
                        confidence=place.confidence if place.confidence is not None else 1.0,
                    )
