"""What one of several gateways asks for and gives back, on a real grant table."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tdpf.dataplane.gateway.control import ControlUnavailable
from tdpf.dataplane.gateway.leases import MOST_ASKED, LeaseKeeper
from tdpf.dataplane.gateway.table_keeper import TableKeeper, periods_at
from tdpf.dataplane.gateway.use_ledger import UseLedger
from tdpf.dataplane.snapshots import Snapshot
from tdpf.wire import grant_layout as layout
from tdpf.wire.grant_building import create_table
from tdpf.wire.grant_table import GrantTable
from tdpf.wire.leases import LeaseAnswer, LeaseAsk
from tdpf.wire.messages import GrantEntry, SnapshotManifest, SnapshotSettings

NOW = 1_795_000_000.0
LIBC = ctypes.CDLL(None)


class Ledger:
    """Lends what it is told to; `down` makes it unreachable."""

    def __init__(self) -> None:
        self.asked: list[LeaseAsk] = []
        self.held = 0
        self.down = self.recall = False

    def ask_leases(self, asks: Sequence[LeaseAsk]) -> list[LeaseAnswer]:
        self.asked = list(asks)
        if self.down:
            raise ControlUnavailable("down")
        return [
            LeaseAnswer(
                ask.agreement, ask.application, ask.dataset, ask.period, ask.number, max(self.held, ask.held),
                spent=self.held <= ask.held, recalled=self.recall,
            )
            for ask in asks
        ]  # fmt: skip


def spend(table: GrantTable, slot: int, calls: int) -> None:
    """Take calls as Envoy does."""
    at = table.grant_section.at(slot) + layout.DAY_WORDS_OFFSET + 8 * (periods_at(NOW).day & 1)
    word = ctypes.c_uint64.from_buffer(table._map, at)
    for _ in range(calls):
        assert LIBC.sem_trywait(ctypes.byref(word)) == 0


def test_what_is_spent_between_two_looks_is_asked_for(tmp_path: Path) -> None:
    table = create_table(tmp_path / "t", keys=1, slugs=1, grants=1, generation=1, hash_seed=1)
    table.gateways = 2
    table.put_grant(GrantEntry(1001, 1, 7, day_limit=240), periods_at(NOW))
    slot, day = table.grants[(1001, 1)], periods_at(NOW).day
    ledger: Any = Ledger()
    keeper: Any = SimpleNamespace(table=table, gateways=2)
    leases = LeaseKeeper("g1", keeper, ledger, threading.RLock(), lambda: NOW)

    def rounds(number: int = 1) -> list[tuple[int, int]]:
        found = []
        for _ in range(number):
            ledger.asked = []
            leases._round()
            found += [(ask.used, ask.held) for ask in ledger.asked if ask.short]
        return found

    assert table.held_and_left(slot, day) == (30, 30)
    assert rounds(4) == []
    # Unreachable, and the word does not change any more: it is asked again.
    spend(table, slot, 30)
    ledger.down = True
    assert rounds(5) == [(30, 30)] * 2
    ledger.down, ledger.held = False, 47
    assert rounds(4) == [(30, 30)]
    # What was lent is spent before the next look, so that the word is what it was.
    spend(table, slot, 17)
    ledger.held = 50
    assert rounds(1) == [(47, 47)]
    assert table.held_and_left(slot, day) == (50, 3)
    spend(table, slot, 3)
    assert rounds(1) == [(50, 50)]
    flags = table._load32(table.grant_section.at(slot) + layout.GRANT_FLAGS_OFFSET)
    assert flags & (layout.DAY_SPENT << (day & 1))
    ledger.held = 60
    assert rounds(4) == [(50, 50)]
    flags = table._load32(table.grant_section.at(slot) + layout.GRANT_FLAGS_OFFSET)
    assert not flags & (layout.DAY_SPENT << (day & 1))
    assert table.held_and_left(slot, day) == (60, 10)
    # A gateway that stops gives back all but an opening, and asks for nothing.
    leases.finish()
    assert ledger.asked == []
    ledger.held = 130
    spend(table, slot, 10)
    assert rounds(1) == [(60, 60)]
    assert table.held_and_left(slot, day) == (130, 70)
    leases.finish()
    assert [(ask.used, ask.held, ask.short) for ask in ledger.asked] == [(60, 90, False)]
    assert table.held_and_left(slot, day) == (90, 30)
    # A grant that is new and spent between two looks: its word is what the empty slot's was.
    table.put_grant(GrantEntry(1002, 1, 8, day_limit=2), periods_at(NOW))
    spend(table, table.grants[(1002, 1)], 1)
    assert (1, 1) in rounds(1)


def of(stamp: int, grants: tuple[GrantEntry, ...], *gateways: str) -> Snapshot:
    manifest = SnapshotManifest(stamp, int(NOW), int(NOW) + 3600, settings=SnapshotSettings(gateways=gateways))
    return Snapshot(manifest, {("grants", "00"): grants})


def test_many_quotas_are_shared_when_another_gateway_comes_and_what_is_lent_outlives_a_restart(tmp_path: Path) -> None:
    grants = tuple(GrantEntry(1001 + n, 1, 7 + n, day_limit=240, month_limit=8000) for n in range(600))
    ledger = UseLedger(tmp_path / "use.json")
    keeper = TableKeeper(tmp_path / "t", ledger, lambda: NOW, "g1")
    keeper.apply(of(1, grants, "g1"))
    periods = periods_at(NOW)

    def held(number: int) -> list[tuple[int, int]]:
        assert keeper.table is not None
        slot = keeper.table.grants[(1001 + number, 1)]
        return [
            keeper.table.held_and_left(slot, periods.day),
            keeper.table.held_and_left(slot, periods.day + 1),
            keeper.table.held_and_left(slot, periods.month, month=True),
        ]

    assert keeper.table is not None
    assert held(5) == [(240, 240), (240, 240), (8000, 8000)]
    keeper.table.take(keeper.table.grants[(1006, 1)], periods.day, 50)
    keeper.apply(of(2, grants, "g1", "g2"))
    keeper.share()
    keeper.share()
    assert [held(number) for number in (0, 5, 599)] == [
        [(30, 30), (30, 30), (1000, 1000)],
        [(50, 0), (30, 30), (1000, 1000)],
        [(30, 30), (30, 30), (1000, 1000)],
    ]
    assert keeper.table.get("flags") & layout.FLAG_READY
    assert keeper.table.get("stamp") == 2
    keeper.table.lend(keeper.table.grants[(1001, 1)], periods.day, 45)
    again = TableKeeper(tmp_path / "t", ledger, lambda: NOW, "g1")
    again.open(of(2, grants, "g1", "g2"))
    again.share()
    keeper = again
    assert held(0)[0] == (75, 75)
    # Silent until its snapshot ended, it begins anew: what it was lent may be another's by now.
    keeper = TableKeeper(tmp_path / "t", ledger, lambda: NOW + 3600, "g1")
    keeper.open(of(2, grants, "g1", "g2"))
    assert (held(0)[0], held(5)[0]) == ((30, 30), (50, 0))


def test_of_many_quotas_that_are_short_at_once_none_is_passed_over(tmp_path: Path) -> None:
    table = create_table(tmp_path / "t", keys=1, slugs=1, grants=1, generation=1, hash_seed=1)
    table.gateways = 2
    for number in range(700):
        table.put_grant(GrantEntry(1001 + number, 1, 7, day_limit=240), periods_at(NOW))
    for slot in table.live_grant_slots():
        table.take(slot, periods_at(NOW).day, 30)
    ledger: Any = Ledger()
    leases = LeaseKeeper(
        "g1", cast(Any, SimpleNamespace(table=table, gateways=2)), ledger, threading.RLock(), lambda: NOW
    )
    asked: list[set[int]] = []
    for held in (0, 0, 0, 0, 50, 50, 50, 50, 50):
        ledger.asked, ledger.held = [], held
        leases._round()
        asked.append({ask.application for ask in ledger.asked})
    assert all(len(names) <= MOST_ASKED for names in asked)
    assert len(asked[0] | asked[1]) == 700
    # Those that got nothing wait, and each has its turn.
    assert len(asked[4] | asked[8]) == 700
    assert {table.held_and_left(slot, periods_at(NOW).day)[0] for slot in table.live_grant_slots()} == {50}
