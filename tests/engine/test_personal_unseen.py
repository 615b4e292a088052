"""The screen for personal data on tables drawn from lists of wordings; a third of the wordings was never built from."""

from __future__ import annotations

import pytest
from engine_files import Read
from personal_unseen import Score, drawn_tables

from tdpf.controlplane.preparation.engine.personal.screening import screen


@pytest.mark.parametrize("held", [False, True], ids=["built", "held"])
def test_columns_are_found_under_wordings_of_every_kind(read: Read, held: bool) -> None:
    score = Score()
    for table in drawn_tables(held=held, count=60, seed=5):
        found: dict[str, set[str]] = {}
        for entry in screen(read(table.as_csv(), f"{table.name}.csv").table):
            if entry.certainty != "clear":
                found.setdefault(entry.column, set()).add(entry.kind)
        score.add(table, found)
    assert score.wanted > 150
    assert score.recall >= 0.95, score.wrong
    assert score.precision >= 0.95, score.wrong
