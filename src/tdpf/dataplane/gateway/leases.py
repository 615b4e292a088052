"""One of several gateways holds a part of every quota: it asks for more before that is spent, and gives back what is recalled."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

from tdpf.dataplane.gateway.control import ControlPlane, ControlUnavailable
from tdpf.dataplane.gateway.counters import differing
from tdpf.dataplane.gateway.table_keeper import TableKeeper, periods_at
from tdpf.wire.grant_slots import Periods
from tdpf.wire.grant_table import GrantTable
from tdpf.wire.leases import LeaseAnswer, LeaseAsk, Period, opening

_log = logging.getLogger(__name__)

EVERY_SECONDS = 0.25
LISTEN_EVERY = 4
MOST_MOVED = 5_000
"""Calls that one round moves into or out of one counter: they are posted one by one."""
MOST_RETURNED = 1_000_000
"""Calls that a gateway that stops gives back at most, for the same reason."""
MOST_ASKED = 500
"""Quotas that one round asks for: the ledger decides each by itself, and an answer must not take long."""

Name = tuple[int, int, Period, int]
"""Application, dataset, period, and the number of the day or month."""


class LeaseKeeper:
    """Runs in one thread. It does nothing while the gateway is the only one."""

    def __init__(
        self,
        gateway: str,
        keeper: TableKeeper,
        control: ControlPlane,
        lock: threading.RLock,
        clock: Callable[[], float],
    ) -> None:
        self._gateway = gateway
        self._keeper = keeper
        self._control = control
        self._lock = lock
        self._clock = clock
        self._low: dict[Name, int] = {}
        # Both in the order in which they are asked for: none is passed over because there are many.
        self._due: OrderedDict[Name, None] = OrderedDict()
        self._waiting: OrderedDict[Name, None] = OrderedDict()
        self._given_back: set[Name] = set()
        self._lent: set[Name] = set()
        self._words: dict[Period, bytes] = {}
        self._generation = 0
        self._rounds = 0

    def run_until(self, stopping: threading.Event) -> None:
        """Keep what is held in step until stopping."""
        while not stopping.wait(EVERY_SECONDS):
            if self._keeper.gateways > 1:
                self._round()

    def finish(self) -> None:
        """Give back what is held beyond an opening, once nothing takes from it any more."""
        asks: list[LeaseAsk] = []
        with self._lock:
            table, periods, most = self._keeper.table, periods_at(self._clock()), MOST_RETURNED
            if table is None or table.gateways == 1:
                return
            for name in self._low:
                address, period, number = name[:2], name[2], name[3]
                slot = table.grants.get(address)
                if slot is None or (period, number) not in (("day", periods.day), ("month", periods.month)):
                    continue
                entry, month = table.grant_at(slot), period == "month"
                first = opening(entry.month_limit if month else entry.day_limit, table.gateways)
                _held, left = table.held_and_left(slot, number, month=month)
                if first == 0 or left <= first or most <= 0:
                    continue
                most -= table.take_back(slot, number, min(left - first, most), month=month)
                self._low[name] = 0
                self._given_back.add(name)
                ask = self._ask_of(table, name)
                if ask is not None:
                    asks.append(ask)
        try:
            for start in range(0, len(asks), MOST_ASKED):
                self._control.ask_leases(asks[start : start + MOST_ASKED])
        except ControlUnavailable as fault:
            _log.info("what was lent is not given back: %s", fault)

    def _round(self) -> None:
        periods = periods_at(self._clock())
        listening = self._rounds % LISTEN_EVERY == 0
        self._rounds += 1
        with self._lock:
            table = self._keeper.table
            asks = [] if table is None else self._asks(table, periods, again=listening)
        if not asks and not listening:
            return
        try:
            answers = self._control.ask_leases(asks)
        except ControlUnavailable as fault:
            _log.debug("%s", fault)
            # A word that is empty does not change any more: what was asked is asked again.
            self._waiting.update({_name_of(ask): None for ask in asks if ask.short})
            return
        self._given_back.difference_update(map(_name_of, asks))
        with self._lock:
            if self._keeper.table is not None:
                for answer in answers:
                    self._take(self._keeper.table, answer)

    def _asks(self, table: GrantTable, periods: Periods, *, again: bool) -> list[LeaseAsk]:
        """Return what is asked for now: what has changed first, then, if ``again``, what waits for others to give back."""
        current: tuple[tuple[Period, int], ...] = (("day", periods.day), ("month", periods.month))
        if again:
            self._low = {name: low for name, low in self._low.items() if name[2:] in current}
        if table.get("generation") != self._generation:
            self._generation = table.get("generation")
            self._words.clear()
        for period, number in current:
            words = table.remaining_words(number, month=period == "month")
            before = self._words.get(period, b"")
            self._words[period] = words
            if len(before) != len(words):
                # Only what was taken from can be short.
                before = table.filled_words(number, month=period == "month")
            # A new grant may be spent before it is looked at, and its word is then what the empty slot's was.
            for slot in table.new_shares.union(differing(words, before)):
                address = table.address_at(slot)
                if address is not None:
                    self._due[(*address, period, number)] = None
        table.new_shares.clear()
        # What was lent may be spent by now, and its word be what it was when it was last looked at.
        self._due.update(dict.fromkeys(self._given_back | self._lent))
        self._lent.clear()
        asks: list[LeaseAsk] = []
        for names in (self._due, self._waiting) if again else (self._due,):
            while names and len(asks) < MOST_ASKED:
                name, _ = names.popitem(last=False)
                self._waiting.pop(name, None)
                ask = self._ask_of(table, name) if name[2:] in current else None
                if ask is not None:
                    asks.append(ask)
                else:
                    self._given_back.discard(name)
        return asks

    def _ask_of(self, table: GrantTable, name: Name) -> LeaseAsk | None:
        address, period, number = name[:2], name[2], name[3]
        slot = table.grants.get(address)
        if slot is None:
            return None
        entry = table.grant_at(slot)
        limit = entry.month_limit if period == "month" else entry.day_limit
        held, left = table.held_and_left(slot, number, month=period == "month")
        if limit == 0 or held == 0:
            return None
        short = held < limit and left <= self._low.get(name, opening(limit, table.gateways) // 2)
        if not short and name not in self._given_back:
            return None
        return LeaseAsk(self._gateway, entry.agreement, *address, period, number, limit, held - left, held, short=short)

    def _take(self, table: GrantTable, answer: LeaseAnswer) -> None:
        address = (answer.application, answer.dataset)
        slot = table.grants.get(address)
        if slot is None or table.grant_at(slot).agreement != answer.agreement:
            return
        month, number = answer.period == "month", answer.number
        name: Name = (*address, answer.period, number)
        held, left = table.held_and_left(slot, number, month=month)
        if held == 0:
            return
        if answer.recalled:
            table.take_back(slot, number, min(left - 1, MOST_MOVED), month=month)
            self._given_back.add(name)
            self._low[name] = 0
            return
        more = min(answer.held - held, MOST_MOVED)
        table.lend(slot, number, more, month=month)
        if more > 0:
            self._low[name] = (left + more) // 2
            self._waiting.pop(name, None)
            self._lent.add(name)
        else:
            self._waiting[name] = None
            table.mark_spent(slot, number, month=month, spent=answer.spent)


def _name_of(ask: LeaseAsk) -> Name:
    return (ask.application, ask.dataset, ask.period, ask.number)
