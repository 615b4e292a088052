"""Quotas that several gateways share: what each holds, and how far the sum can be off."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdpf.controlplane.metering import rules, services
from tdpf.controlplane.metering.errors import BadSegmentName
from tdpf.wire.leases import LeaseAnswer, LeaseAsk, Period, opening
from tdpf.wire.messages import CounterReading

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)

_agreements = count(1)
NAMES = ("g1", "g2", "g3")


class Fleet:
    """Gateways of one quota, each spending what it holds and asking when that is half gone."""

    def __init__(self, limit: int, names: tuple[str, ...] = NAMES) -> None:
        self.limit, self.names, self.agreement = limit, names, next(_agreements)
        self.period: Period = "day"
        self.number = 20_000
        self.held = {name: opening(limit, len(names)) for name in names}
        self.used = dict.fromkeys(names, 0)

    def call(self, name: str) -> bool:
        if self.used[name] == self.held[name]:
            self.ask(name)
        if self.used[name] == self.held[name]:
            return False
        self.used[name] += 1
        return True

    def ask(self, name: str, *, short: bool = True, given_up: tuple[str, ...] = ()) -> LeaseAnswer:
        ask = LeaseAsk(
            name,
            self.agreement,
            1001,
            1,
            self.period,
            self.number,
            self.limit,
            self.used[name],
            self.held[name],
            short=short,
        )
        answers = services.lease(gateway=name, asks=[ask], gateways=self.names, live=len(self.names), given_up=given_up)
        self.held[name] = answers[0].held
        if any(answer.recalled and answer.agreement == self.agreement for answer in answers):
            self.held[name] = min(self.held[name], self.used[name] + 1)
        return answers[0]

    @property
    def total(self) -> int:
        return sum(self.used.values())


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_all_of_a_quota_is_used_and_no_more_than_the_openings_of_single_calls_allow(limit: int) -> None:
    fleet = Fleet(limit)
    for turn in range(limit * 2 + 12):
        fleet.call(NAMES[turn * 7 % 3])
    assert limit - 2 <= fleet.total <= max(limit, len(NAMES))


def test_what_another_holds_comes_back_when_it_is_needed() -> None:
    fleet = Fleet(100)
    fleet.ask("g2")
    while fleet.call("g1"):
        pass
    stranded = 100 - fleet.total
    assert 0 < stranded <= fleet.held["g2"] + fleet.held["g3"]
    assert not fleet.ask("g1").spent
    for name in ("g2", "g3"):
        fleet.ask(name, short=False)
        fleet.ask(name, short=False)
    while fleet.call("g1"):
        pass
    assert (fleet.total, fleet.ask("g1").spent) == (98, True)
    assert [fleet.call("g2"), fleet.call("g3"), fleet.call("g2"), fleet.call("g3")] == [True, True, False, False]
    assert fleet.total == 100


def test_a_gateway_that_is_gone_keeps_what_it_held() -> None:
    fleet = Fleet(400, ("g1", "g2"))
    for _ in range(40):
        fleet.call("g1")
        fleet.call("g2")
    gone = fleet.held["g2"] - fleet.used["g2"]
    while fleet.call("g1"):
        pass
    assert fleet.total == 400 - gone
    # It comes back with its counters: what it held is still good, and nothing beyond.
    while fleet.call("g2"):
        pass
    assert fleet.total == 400
    # Silent for longer than its snapshot lasts it is counted by its use, as its counters last told it.
    other = Fleet(400, ("g1", "g2"))
    other.used = {"g1": 50, "g2": 50}
    assert other.ask("g2").held == 200
    services.ingest_counters(readings=[CounterReading("g2", other.agreement, 1001, 1, other.number, 60)])
    assert other.ask("g1").held == 50 + (400 - 200 - 50) // 2
    assert other.ask("g1", given_up=("g1", "g2", "g9")).held == 50 + (400 - 60 - 50) // 2


def test_what_the_only_gateway_used_before_it_was_replaced_is_not_given_again() -> None:
    # It asked for nothing, being alone: its counters are all that is known. 24_322 is November 2026, from 20_758 on.
    used: tuple[tuple[Period, int, dict[int, int]], ...] = (
        ("day", 20_784, {20_783: 70, 20_784: 60}),
        ("month", 24_322, {20_757: 70, 20_758: 20, 20_784: 40, 20_788: 70}),
    )
    for period, number, days in used:
        fleet = Fleet(100, ("g1", "g2"))
        fleet.period, fleet.number = period, number
        services.ingest_counters(
            readings=[CounterReading("g1", fleet.agreement, 1001, 1, day, calls) for day, calls in days.items()]
        )
        while fleet.call("g2"):
            pass
        assert (fleet.total, fleet.ask("g2").spent) == (40, True)


def test_names_are_checked_and_the_past_is_forgotten() -> None:
    fleet = Fleet(10)
    fleet.ask("g1")
    with pytest.raises(BadSegmentName):
        services.lease(gateway="../g1", asks=[], gateways=(), live=1)
    assert services.forget_old_leases(day=20_003, month=0) == 0
    assert services.forget_old_leases(day=20_004, month=0) >= 1


_holders = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda pair: (max(pair), min(pair))))


@settings(max_examples=200)
@given(st.integers(1, 1000), st.tuples(st.integers(0, 500), st.integers(0, 500)), _holders, st.integers(1, 5))
def test_nothing_is_given_twice(limit: int, own: tuple[int, int], others: list[tuple[int, int]], live: int) -> None:
    used, held = min(own), max(own)
    found = rules.leased(limit=limit, used=used, held=held, others=others, live=live)
    assert found.held >= held
    if found.held > held:
        assert found.held + sum(other for other, _ in others) <= limit
