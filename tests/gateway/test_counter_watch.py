"""What the gateway reports of the grant table's counters: every change, whatever the words happen to look like."""

from __future__ import annotations

from pathlib import Path

from tdpf.dataplane.gateway.counters import CounterWatch
from tdpf.wire.grant_building import create_table
from tdpf.wire.grant_slots import Periods
from tdpf.wire.messages import CounterReading, GrantEntry

DAY = 20778
PERIODS = Periods(day=DAY, month=24322)


def test_a_new_grant_that_is_spent_between_two_looks_is_reported(tmp_path: Path) -> None:
    """Its word is 0 before it is there, and 0 again when all its calls are used."""
    table = create_table(tmp_path / "grants.table", keys=1, slugs=1, grants=8, generation=1, hash_seed=1)
    watch = CounterWatch("gw")
    assert watch.changed(table, DAY) == []
    watch.confirm([], DAY)
    table.put_grant(GrantEntry(1001, 2, 7, day_limit=40, rate_plan="r100"), PERIODS)
    table.take(table.grants[(1001, 2)], DAY, 40)
    expected = [CounterReading("gw", 7, 1001, 2, DAY, 40)]
    assert watch.changed(table, DAY) == expected
    # Not confirmed: it is told again.
    assert watch.changed(table, DAY) == expected
    watch.confirm(expected, DAY)
    assert watch.changed(table, DAY) == []


def test_calls_beyond_a_spent_word_are_reported(tmp_path: Path) -> None:
    """Calls carried over from a table that was replaced raise the fill and leave the word as it is."""
    table = create_table(tmp_path / "grants.table", keys=1, slugs=1, grants=8, generation=1, hash_seed=1)
    watch = CounterWatch("gw")
    table.put_grant(GrantEntry(1001, 2, 7, day_limit=3, rate_plan="r100"), PERIODS)
    table.take(table.grants[(1001, 2)], DAY, 3)
    watch.confirm(watch.changed(table, DAY), DAY)
    table.take(table.grants[(1001, 2)], DAY, 2)
    assert [reading.used for reading in watch.changed(table, DAY)] == [5]
