"""The counters of a grant table: taking from them, filling them ahead, and what one of several gateways holds."""

import ctypes
import mmap
import struct
from abc import ABC, abstractmethod

from tdpf.wire import grant_layout as layout
from tdpf.wire.grant_layout import Section
from tdpf.wire.grant_slots import Periods
from tdpf.wire.leases import opening
from tdpf.wire.messages import GrantEntry

WordsCopy = tuple[bytes, ...]
_WORD = struct.Struct("<I")
_LIBC = ctypes.CDLL(None, use_errno=True)


def word_of(column: bytes, slot: int) -> int:
    """Return one word of a column of slots."""
    return int(_WORD.unpack_from(column, 4 * slot)[0])


class CounterWords(ABC):
    """The part of a grant table that counts. ``gateways`` is how many share the quotas; 1 fills a word with all of one."""

    _map: mmap.mmap
    grant_section: Section
    touched: set[int]
    gateways: int = 1

    @abstractmethod
    def grant_at(self, slot: int) -> GrantEntry:
        """Return the grant in a live slot."""

    @abstractmethod
    def _store(self, offset: int, value: int, code: str) -> None: ...

    @abstractmethod
    def _load32(self, offset: int) -> int: ...

    def _word(self, slot: int, number: int, *, month: bool) -> tuple[ctypes.c_uint64, int] | None:
        """Return the word of a day (or month) and where its fill stands; None when it is filled for another."""
        at = self.grant_section.at(slot)
        words, of, fill = (
            (layout.MONTH_WORDS_OFFSET, layout.MONTH_OF_OFFSET, layout.MONTH_FILL_OFFSET)
            if month
            else (layout.DAY_WORDS_OFFSET, layout.DAY_OF_OFFSET, layout.DAY_FILL_OFFSET)
        )
        parity = number & 1
        if struct.unpack_from("<H", self._map, at + of + 2 * parity)[0] != number:
            return None
        return ctypes.c_uint64.from_buffer(self._map, at + words + 8 * parity), at + fill + 4 * parity

    def held_and_left(self, slot: int, number: int, *, month: bool = False) -> tuple[int, int]:
        """Return what a word was filled with and what is left of it; (0, 0) when it is filled for another day or month."""
        found = self._word(slot, number, month=month)
        return (0, 0) if found is None else (self._load32(found[1]), found[0].value & 0xFFFFFFFF)

    def holds_all(self, slot: int, periods: Periods) -> bool:
        """Return whether a word of now or of what comes next still holds a whole quota, where others have a part of it."""
        entry = self.grant_at(slot)
        for number, limit, month in (
            (periods.day, entry.day_limit, False),
            (periods.day + 1, entry.day_limit, False),
            (periods.month, entry.month_limit, True),
            (periods.month + 1, entry.month_limit, True),
        ):
            held, left = self.held_and_left(slot, number, month=month)
            if 0 < limit <= held and left > 0 and held > opening(limit, self.gateways):
                return True
        return False

    def lend(self, slot: int, number: int, calls: int, *, month: bool = False) -> None:
        """Add calls to a word while readers take from it; nothing when it is filled for another day or month."""
        found = self._word(slot, number, month=month)
        if found is not None and calls > 0:
            word, fill = found
            # What is lent may make up for what was taken: the word alone would not tell.
            self.touched.add(slot)
            # The fill first: a writer killed in between has then lent too little, and no call goes uncounted.
            self._store(fill, self._load32(fill) + calls, "I")
            for _ in range(calls):
                _LIBC.sem_post(ctypes.byref(word))
            self._set_spent(slot, number, month=month, spent=False)

    def take_back(self, slot: int, number: int, calls: int, *, month: bool = False) -> int:
        """Take calls out of a word again, unused; return how many were still there."""
        found = self._word(slot, number, month=month)
        if found is None:
            return 0
        word, fill = found
        taken = 0
        while taken < calls and _LIBC.sem_trywait(ctypes.byref(word)) == 0:
            taken += 1
        self._store(fill, self._load32(fill) - taken, "I")
        return taken

    def mark_spent(self, slot: int, number: int, *, month: bool = False, spent: bool) -> None:
        """Say whether more can come into a word of a live grant."""
        if self._word(slot, number, month=month) is not None:
            self._set_spent(slot, number, month=month, spent=spent)

    def _set_spent(self, slot: int, number: int, *, month: bool, spent: bool) -> None:
        offset = self.grant_section.at(slot) + layout.GRANT_FLAGS_OFFSET
        bit = (layout.MONTH_SPENT if month else layout.DAY_SPENT) << (number & 1)
        flags = self._load32(offset)
        self._store(offset, flags | bit if spent else flags & ~bit, "I")

    def take(self, slot: int, day: int, calls: int, *, month: bool = False) -> None:
        """Count calls against a slot's day (or month) word as readers do; what the word cannot give raises its fill."""
        self.touched.add(slot)
        found = self._word(slot, day, month=month)
        if found is None:
            return
        word, fill = found
        missing = sum(1 for _ in range(calls) if _LIBC.sem_trywait(ctypes.byref(word)) != 0)
        if missing:
            self._store(fill, self._load32(fill) + missing, "I")

    def prepare(self, slot: int, day: int, month: int) -> None:
        """Fill the words of one grant for a day and a month to come, unless they are filled for them already."""
        at = self.grant_section.at(slot)
        entry = self.grant_at(slot)
        for number, limit, words, of, fill in (
            (day, entry.day_limit, layout.DAY_WORDS_OFFSET, layout.DAY_OF_OFFSET, layout.DAY_FILL_OFFSET),
            (month, entry.month_limit, layout.MONTH_WORDS_OFFSET, layout.MONTH_OF_OFFSET, layout.MONTH_FILL_OFFSET),
        ):
            parity = number & 1
            if struct.unpack_from("<H", self._map, at + of + 2 * parity)[0] == number:
                continue
            full = opening(limit, self.gateways) or layout.UNLIMITED
            self._store(at + fill + 4 * parity, full, "I")
            self._store(at + words + 8 * parity, full, "Q")
            self._set_spent(slot, number, month=of == layout.MONTH_OF_OFFSET, spent=False)
            self._store(at + of + 2 * parity, number, "H")

    def counter_words(self) -> WordsCopy:
        """Return a copy of the low halves of all counters: the words of both days, then of both months."""
        offsets = (layout.DAY_WORDS_OFFSET, layout.MONTH_WORDS_OFFSET)
        return tuple(self._column(self.grant_section, offset + 8 * parity) for offset in offsets for parity in (0, 1))

    def remaining_words(self, day: int, slots: range | None = None, *, month: bool = False) -> bytes:
        """Return the low half of the day (or month) word of every grant slot, live or not, or of some: a quick look for what has changed."""
        first = layout.MONTH_WORDS_OFFSET if month else layout.DAY_WORDS_OFFSET
        return self._column(self.grant_section, first + 8 * (day & 1), slots)

    def filled_words(self, day: int, *, month: bool = False) -> bytes:
        """Return what these words were filled with: what differs has been taken from."""
        first = layout.MONTH_FILL_OFFSET if month else layout.DAY_FILL_OFFSET
        return self._column(self.grant_section, first + 4 * (day & 1))

    def _column(self, section: Section, offset: int, slots: range | None = None) -> bytes:
        """Return the 32-bit words that stand at an offset of every slot of a section, or of some."""
        chosen = slots if slots is not None else range(section.slots)
        with memoryview(self._map) as whole:
            piece = whole[section.at(chosen.start) : section.at(chosen.stop)]
            with piece, piece.cast("I") as words:
                return words[offset // 4 :: section.slot_bytes // 4].tobytes()
