"""Persons' names that stand where the name of a company is asked: held back from the table, and told."""

from __future__ import annotations

import re

from tdpf.controlplane.preparation.engine.personal.persons import is_lone_person
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame

_OF_PERSONS = re.compile(r"氏名|(?:営業|申請|届出|開設|設置|事業)者|representative|operator|establisher", re.IGNORECASE)


def hold_names(state: State, frame: Frame, name: str) -> None:
    """Empty the cells of a company's name that name a person who runs the business alone (営業者氏名: 鈴木一郎)."""
    values = frame.columns[name]
    named = bool(_OF_PERSONS.search(frame.header.get(name, "")))
    judged: dict[str, bool] = {}
    for row, value in enumerate(values):
        if not value:
            continue
        if value not in judged:
            judged[value] = is_lone_person(value, named=named)
        if judged[value]:
            values[row] = None
            state.log.add(
                frame, row, name, step="normalise", before=value, after=None, rule="held-back", reason="person-name",
                confidence=0.9, severity="warning",
            )  # fmt: skip
