"""Readings of the grant table's counters: what has changed since the control plane last confirmed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tdpf.wire.grant_table import GrantTable
from tdpf.wire.messages import CounterReading

_STRETCH = 256


@dataclass
class CounterWatch:
    """Compares the table's words with what was last confirmed; ``confirm`` after the control plane has taken a batch."""

    gateway: str
    _confirmed: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    _words: dict[int, bytes] = field(default_factory=dict)
    _seen: dict[int, bytes] = field(default_factory=dict)
    _generation: int = 0
    _looked: set[int] = field(default_factory=set)

    def changed(self, table: GrantTable, day: int, words: bytes | None = None) -> list[CounterReading]:
        """Return the readings of a day that differ from the confirmed ones; ``words`` are the table's of a moment ago."""
        generation = table.get("generation")
        if generation != self._generation:
            self._generation = generation
            self._words.clear()
            self._seen.clear()
            self._looked.clear()
        # A new grant may be spent between two looks, and its word is then what the empty slot's was.
        self._looked |= table.touched
        table.touched.clear()
        if words is None:
            words = table.remaining_words(day)
        self._seen[day] = words
        known = self._words.get(day)
        readings = []
        for slot in self._looked.union(differing(words, table.filled_words(day) if known is None else known)):
            address = table.address_at(slot)
            if address is None:
                continue
            used = table.use_at(slot).days.get(day, 0)
            agreement = table.grant_at(slot).agreement
            if used > 0 and self._confirmed.get((agreement, *address, day)) != used:
                readings.append(CounterReading(self.gateway, agreement, *address, day, used))
        return readings

    def confirm(self, readings: list[CounterReading], today: int) -> None:
        """Remember what the control plane has taken."""
        self._looked.clear()
        for reading in readings:
            name = (reading.agreement, reading.application, reading.dataset, reading.day)
            self._confirmed[name] = reading.used
        self._words = {day: words for day, words in self._seen.items() if day >= today - 1}
        self._seen = {}
        if any(name[3] < today - 1 for name in self._confirmed):
            self._confirmed = {name: used for name, used in self._confirmed.items() if name[3] >= today - 1}


def differing(words: bytes, others: bytes) -> Iterator[int]:
    """Return the places at which two arrays of 32-bit words differ; equal stretches are passed over at once."""
    for start in range(0, len(words), _STRETCH):
        mine, other = words[start : start + _STRETCH], others[start : start + _STRETCH]
        if mine != other:
            pairs = zip(memoryview(mine).cast("I"), memoryview(other).cast("I"), strict=True)
            yield from (start // 4 + place for place, (one, two) in enumerate(pairs) if one != two)
