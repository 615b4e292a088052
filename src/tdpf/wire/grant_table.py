"""The grant table: the memory-mapped file by which Envoy decides and counts. Layout: ``grant_layout``.

One writer (the gateway's agent) changes it in place while any number of readers use it.
"""

import ctypes
import mmap
import os
import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tdpf.wire import grant_layout as layout
from tdpf.wire.grant_counters import CounterWords, WordsCopy, word_of
from tdpf.wire.grant_layout import Section, open_sections
from tdpf.wire.grant_slots import (
    Periods,
    Use,
    collection_from_slot,
    collection_static,
    counters_for,
    grant_from_slot,
    grant_static,
    key_from_slot,
    key_static,
)
from tdpf.wire.messages import Collection, GrantEntry, KeyEntry

REUSE_AFTER_SECONDS = 5.0
"""A cleared slot is left alone this long, so that no reader can still be looking at it."""


FULLEST = 0.85
"""Share of slots ever used beyond which a section counts as full: longer searches would slow every request."""


class CorruptTable(Exception):
    """The file is not a whole grant table; it must be built again from a snapshot."""


class TableFull(Exception):
    """There is no room for another entry; a larger table must be built."""


Address = tuple[int, int]
"""Application and dataset."""
_ADDRESS = struct.Struct("<QQ")


class LiveGrants(Mapping[Address, int]):
    """The live slot of each address, looked up in the table itself: a dict of a million addresses would fill the memory."""

    def __init__(self, table: "GrantTable") -> None:
        self._table = table

    def __getitem__(self, address: Address) -> int:
        slots = self._table.slots_of(address)
        if not slots:
            raise KeyError(address)
        return slots[0]

    def __iter__(self) -> Iterator[Address]:
        for slot in self._table.live_grant_slots():
            address = self._table.address_at(slot)
            if address is not None:
                yield address

    def __len__(self) -> int:
        return sum(1 for _ in self._table.live_grant_slots())


class GrantTable(CounterWords):
    """A mapped grant table. ``keys``, ``slugs`` and ``grants`` find the live slot of each entry.

    ``touched`` are the grant slots that this writer has filled or counted in; whoever reads the counters empties it. So with
    ``new_shares``, those that were filled with a part of a quota, and whoever asks for more of it.
    """

    def __init__(self, path: Path) -> None:
        """Map an existing file; raises CorruptTable when its header cannot be one, FileNotFoundError when absent."""
        self.path = path
        self._opened = time.monotonic()
        with path.open("r+b") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size < layout.HEADER_BYTES:
                raise CorruptTable("the file is shorter than a header")
            self._map = mmap.mmap(stream.fileno(), size)
        self._check_header(size)
        self.collection_section, self.key_section, self.grant_section = open_sections(self.header())
        self._seed: int = self.get("hash_seed")
        self.keys: dict[str, int] = {}
        self.slugs: dict[str, int] = {}
        self.grants = LiveGrants(self)
        self.touched: set[int] = set()
        self.new_shares: set[int] = set()
        self._cleared: dict[tuple[str, int], float] = {}
        self._used = {
            section.name: sum(1 for _ in self._slots_with(section, layout.USED))
            for section in (self.collection_section, self.key_section, self.grant_section)
        }
        self._index()

    def close(self) -> None:
        """Unmap the file; readers keep their own mappings."""
        self._map.close()

    # Header

    def get(self, name: str) -> Any:
        """Return one header field."""
        offset, code = layout.HEADER[name]
        return struct.unpack_from("<" + code, self._map, offset)[0]

    def header(self) -> dict[str, Any]:
        """Return all header fields."""
        return {name: self.get(name) for name in layout.HEADER}

    def set(self, **fields: int) -> None:
        """Store header fields in place, each in one aligned store."""
        for name, value in fields.items():
            offset, code = layout.HEADER[name]
            self._store(offset, value, code)

    def _store(self, offset: int, value: int, code: str) -> None:
        kinds: dict[str, Any] = {"I": ctypes.c_uint32, "Q": ctypes.c_uint64, "q": ctypes.c_int64, "H": ctypes.c_uint16}
        kinds[code].from_buffer(self._map, offset).value = value

    def _load32(self, offset: int) -> int:
        return int(ctypes.c_uint32.from_buffer(self._map, offset).value)

    def _check_header(self, size: int) -> None:
        header = self.header()
        if header["magic"] != layout.MAGIC or header["format"] != layout.FORMAT_VERSION:
            raise CorruptTable("not a grant table of this format")
        if header["header_check"] != layout.check_of(self._map[: layout.HEADER_STATIC_BYTES]):
            raise CorruptTable("the header's check is wrong")
        if header["file_bytes"] != size:
            raise CorruptTable("the file does not have its size")

    def _index(self) -> None:
        for slot in self._slots_with(self.collection_section, layout.LIVE):
            self.slugs[self.collection_slug(slot)] = slot
        for slot in self._slots_with(self.key_section, layout.LIVE):
            at = self.key_section.at(slot)
            self.keys[self._map[at : at + 32].hex()] = slot

    def _slots_with(self, section: Section, flag: int) -> Iterator[int]:
        for slot, flags in enumerate(memoryview(self._column(section, section.flags_offset)).cast("I")):
            if flags & flag:
                yield slot

    def verify(self) -> None:
        """Check every live slot against its check and the header's sum; raises CorruptTable."""
        total = 0
        for section in (self.collection_section, self.key_section, self.grant_section):
            size = section.static.size
            for slot in self._slots_with(section, layout.LIVE):
                at = section.at(slot)
                check = self._load32(at + section.flags_offset - 4)
                if check != layout.check_of(self._map[at : at + size]):
                    raise CorruptTable(f"{section.name} slot {slot} does not agree with its check")
                total += check + 1
        if total & 0xFFFFFFFFFFFFFFFF != self.get("static_sum"):
            raise CorruptTable("live slots are missing or too many")

    # Slots

    def _free_slot(self, section: Section, hashed: int) -> int:
        now = time.monotonic()
        first = hashed % section.slots
        for probe in range(min(layout.MAX_PROBES, section.slots)):
            slot = (first + probe) % section.slots
            flags = self._load32(section.at(slot) + section.flags_offset)
            if flags & layout.LIVE:
                continue
            if flags == 0:
                if self._used[section.name] >= section.slots * FULLEST:
                    raise TableFull(section.name)
                return slot
            if now - self._cleared.get((section.name, slot), self._opened) >= REUSE_AFTER_SECONDS:
                return slot
        raise TableFull(section.name)

    def _publish(self, section: Section, slot: int, static: bytes, rest: bytes, flags: int = 0) -> None:
        at = section.at(slot)
        check = layout.check_of(static)
        self._map[at : at + len(static)] = static
        self._store(at + section.flags_offset - 4, check, "I")
        after = at + section.flags_offset + 4
        self._map[after : after + len(rest)] = rest
        self._add_to_sum(check + 1)
        self._cleared.pop((section.name, slot), None)
        if self._load32(at + section.flags_offset) == 0:
            self._used[section.name] += 1
        self._store(at + section.flags_offset, layout.USED | layout.LIVE | flags, "I")

    def _clear(self, section: Section, slot: int) -> None:
        at = section.at(slot)
        self._store(at + section.flags_offset, layout.USED, "I")
        self._add_to_sum(-(self._load32(at + section.flags_offset - 4) + 1))
        self._cleared[(section.name, slot)] = time.monotonic()

    def _add_to_sum(self, amount: int) -> None:
        self.set(static_sum=(self.get("static_sum") + amount) & 0xFFFFFFFFFFFFFFFF)

    # Keys

    def key_at(self, slot: int) -> KeyEntry:
        """Return the key in a live slot."""
        return key_from_slot(self._map, self.key_section.at(slot))

    def put_key(self, entry: KeyEntry) -> None:
        """Add a key, or replace the one with the same hash; raises TableFull."""
        static = key_static(entry)
        slot = self._free_slot(self.key_section, layout.key_hash(static[:32]))
        self._publish(self.key_section, slot, static, b"")
        old = self.keys.get(entry.sha256)
        self.keys[entry.sha256] = slot
        if old is not None:
            self._clear(self.key_section, old)

    def drop_key(self, sha256: str) -> None:
        """Revoke a key: acts at the next request."""
        slot = self.keys.pop(sha256, None)
        if slot is not None:
            self._clear(self.key_section, slot)

    # Collections

    def collection_slug(self, slot: int) -> str:
        """Return the slug in a live slot."""
        at = self.collection_section.at(slot)
        return self._map[at : at + 64].rstrip(b"\0").decode()

    def collection_at(self, slot: int) -> tuple[Collection, bool]:
        """Return what a live slot says of its dataset (without aliases), and whether its slug is an alias."""
        return collection_from_slot(self._map, self.collection_section.at(slot))

    def canonical_of(self, slot: int) -> int:
        """Return the slot of the present slug that an alias's slot names."""
        return self._load32(self.collection_section.at(slot) + 76)

    def put_collection(self, entry: Collection) -> None:
        """Add a dataset's slugs, or replace them; raises TableFull."""
        canonical = self._put_slug(entry, entry.slug, 0, 0)
        for alias in entry.aliases:
            self._put_slug(entry, alias, canonical, layout.ALIAS)

    def _put_slug(self, entry: Collection, slug: str, canonical: int, flags: int) -> int:
        hashed = layout.slug_hash(self._seed, slug.encode())
        slot = self._free_slot(self.collection_section, hashed)
        self._publish(self.collection_section, slot, collection_static(entry, slug, canonical), b"", flags)
        old = self.slugs.get(slug)
        self.slugs[slug] = slot
        if old is not None:
            self._clear(self.collection_section, old)
        return slot

    def drop_slug(self, slug: str) -> None:
        """Remove one slug."""
        slot = self.slugs.pop(slug, None)
        if slot is not None:
            self._clear(self.collection_section, slot)

    # Grants and their counters

    def grant_at(self, slot: int) -> GrantEntry:
        """Return the grant in a live slot."""
        return grant_from_slot(self._map, self.grant_section.at(slot))

    def grant_is_sound(self, slot: int) -> bool:
        """Return whether a grant slot agrees with its check."""
        at = self.grant_section.at(slot)
        static = self._map[at : at + layout.GRANT_STATIC.size]
        return self._load32(at + layout.GRANT_FLAGS_OFFSET - 4) == layout.check_of(static)

    def use_at(self, slot: int, words: WordsCopy | None = None) -> Use:
        """Return what a grant slot's counters say, or said when the words were copied: used calls by day and by month."""
        at = self.grant_section.at(slot) + layout.GRANT_COUNTERS_OFFSET
        counters = layout.GRANT_COUNTERS.unpack_from(self._map, at)
        left = counters[0:4] if words is None else [word_of(column, slot) for column in words]
        day_words, month_words, day_of, month_of = left[0:2], left[2:4], counters[4:6], counters[6:8]
        day_fill, month_fill = counters[8:10], counters[10:12]
        return Use(
            {day_of[n]: day_fill[n] - (day_words[n] & 0xFFFFFFFF) for n in (0, 1) if day_of[n]},
            {month_of[n]: month_fill[n] - (month_words[n] & 0xFFFFFFFF) for n in (0, 1) if month_of[n]},
        )

    def address_at(self, slot: int) -> Address | None:
        """Return the application and dataset of a live grant slot, None when it is not live."""
        at = self.grant_section.at(slot)
        if not self._load32(at + layout.GRANT_FLAGS_OFFSET) & layout.LIVE:
            return None
        return _ADDRESS.unpack_from(self._map, at)

    def slots_of(self, address: Address) -> list[int]:
        """Return the live slots of an address: one, none, or for a moment (or after a crash in it) two."""
        section, wanted = self.grant_section, _ADDRESS.pack(*address)
        slot = layout.grant_hash(self._seed, *address) % section.slots
        found = []
        for _ in range(min(layout.MAX_PROBES, section.slots)):
            at = section.at(slot)
            flags = self._load32(at + layout.GRANT_FLAGS_OFFSET)
            if flags == 0:
                break
            if flags & layout.LIVE and self._map[at : at + 16] == wanted:
                found.append(slot)
            slot = slot + 1 if slot + 1 < section.slots else 0
        return found

    def live_grant_slots(self) -> Iterator[int]:
        """Return the live grant slots in their order."""
        return self._slots_with(self.grant_section, layout.LIVE)

    def put_grant(self, entry: GrantEntry, periods: Periods, use: Use | None = None) -> Use:
        """Add a grant, or replace the one at the same address, and return what the replaced one had used.

        The new grant begins with ``use`` when given, else with the replaced grant's use if the agreement is the same.
        Calls admitted while the slots change hands are carried over too. Raises TableFull.
        """
        address = (entry.application, entry.dataset)
        olds = self.slots_of(address)
        old = olds[0] if olds else None
        carried = use or Use()
        before = Use()
        same = False
        if old is not None:
            before = self.use_at(old)
            same = self.grant_at(old).agreement == entry.agreement
            if use is None and same:
                carried = before
        slot = self._free_slot(self.grant_section, layout.grant_hash(self._seed, *address))
        self._publish(
            self.grant_section, slot, grant_static(entry), counters_for(entry, periods, carried, self.gateways)
        )
        self.touched.add(slot)
        if self.gateways > 1:
            self.new_shares.add(slot)
        if old is None:
            return Use()
        for one in olds:
            self._clear(self.grant_section, one)
        final = self.use_at(old)
        if same:
            self._take_more(slot, before, final)
        return final

    def drop_grant(self, application: int, dataset: int) -> Use:
        """Remove a grant: acts at the next request. Returns what it had used."""
        slots = self.slots_of((application, dataset))
        for slot in slots:
            self._clear(self.grant_section, slot)
        return self.use_at(slots[0]) if slots else Use()

    def _take_more(self, slot: int, before: Use, final: Use) -> None:
        for day, used in final.days.items():
            self.take(slot, day, used - before.days.get(day, 0))
        for month, used in final.months.items():
            self.take(slot, month, used - before.months.get(month, 0), month=True)

    def flush(self) -> None:
        """Write changed pages to disk, against power loss; a killed process loses nothing anyway. Changes need not wait for it."""
        with self.path.open("rb") as stream:
            os.fsync(stream.fileno())
