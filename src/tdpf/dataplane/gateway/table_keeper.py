"""Keeps the grant table equal to the snapshot: builds it, changes it in place, replaces it when it is full or corrupt."""

import logging
import secrets
from array import array
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tdpf.dataplane.gateway.counters import differing
from tdpf.dataplane.gateway.use_ledger import UseLedger
from tdpf.dataplane.packed_entries import changes
from tdpf.dataplane.snapshots import Snapshot
from tdpf.kit.clock import jst_day_number, jst_month_number
from tdpf.wire import grant_layout as layout
from tdpf.wire.grant_building import create_table, fill_table, mark_replaced, without_aliases
from tdpf.wire.grant_counters import WordsCopy
from tdpf.wire.grant_slots import Periods, Use, grant_static
from tdpf.wire.grant_table import CorruptTable, GrantTable, TableFull
from tdpf.wire.messages import ANY_KEY, FIRST_APPLICATION, Collection, GrantEntry, KeyEntry

_log = logging.getLogger(__name__)

Address = tuple[int, int]
_IN_TABLE = ("keys", "grants", "collections")
PREPARED_AT_ONCE = 1_000
IN_HASTE = 20_000
SHARED_AT_ONCE = 2_000


def periods_at(moment: float) -> Periods:
    """Return the JST day and month of a Unix time."""
    instant = datetime.fromtimestamp(moment, UTC)
    return Periods(jst_day_number(instant), jst_month_number(instant))


class TableKeeper:
    """The one writer of a gateway's grant table. Not safe for several threads at once."""

    def __init__(self, path: Path, ledger: UseLedger, clock: Callable[[], float], name: str = "") -> None:
        self._path = path
        self._name = name
        self._ledger = ledger
        self._clock = clock
        self._applied: Snapshot | None = None
        self.table: GrantTable | None = None
        self.rebuilt = 0
        self._preparing: tuple[int, array[int]] | None = None
        self._sharing: array[int] = array("L")
        self.gateways = 1

    def open(self, snapshot: Snapshot) -> None:
        """Open the table left by an earlier run, or build it; either way it then says what the snapshot says."""
        self.gateways = self._sharers(snapshot)
        try:
            table = GrantTable(self._path)
            table.gateways = self.gateways
            self.table = table
            table.verify()
            if not table.get("flags") & layout.FLAG_READY or table.get("successor"):
                raise CorruptTable("the table was not finished")
        except FileNotFoundError:
            self._replace(snapshot)
        except CorruptTable as fault:
            _log.warning("grant table corrupt, building it again from the last good snapshot: %s", fault)
            self._replace(snapshot, is_corrupt=True)
        else:
            try:
                if self._is_given_up(table):
                    raise TableFull
                self._apply_whole(table, snapshot)
            except TableFull:
                self._replace(snapshot)
        if self.gateways > 1:
            assert self.table is not None
            self._sharing = array("L", self.table.live_grant_slots())
        self._finish(snapshot)

    def apply(self, snapshot: Snapshot) -> None:
        """Bring the table to a newer snapshot; only changed shards are looked at."""
        if self.table is None or self._applied is None:
            self.open(snapshot)
            return
        before, self.gateways = self.gateways, self._sharers(snapshot)
        self.table.gateways = self.gateways
        if before == 1 < self.gateways:
            self._sharing = array("L", self.table.live_grant_slots())
        try:
            if self._is_given_up(self.table):
                raise TableFull
            self._apply_changes(self.table, self._applied, snapshot)
        except TableFull:
            _log.info("grant table full or given up, building it anew")
            self._replace(snapshot)
        self._finish(snapshot)

    def _sharers(self, snapshot: Snapshot) -> int:
        # A gateway whose name is not known yet is one more.
        return len({*snapshot.manifest.settings.gateways, self._name})

    def _is_given_up(self, table: GrantTable) -> bool:
        # The ledger lends to others what a gateway holds that was silent for longer than its snapshot lasted.
        return self.gateways > 1 and self._clock() >= table.get("not_after")

    def share(self) -> None:
        """Give up what the only gateway held of every quota, once there are others; call it again until it is done.

        Each grant given up takes a new slot, and the old one rests: of many grants a new table is made at once.
        """
        table, snapshot = self.table, self._applied
        if table is None or snapshot is None:
            return
        periods = periods_at(self._clock())
        try:
            for _ in range(min(SHARED_AT_ONCE, len(self._sharing))):
                slot = self._sharing.pop()
                address = table.address_at(slot)
                if address is not None and table.holds_all(slot, periods):
                    entry = table.grant_at(slot)
                    replaced = table.put_grant(entry, periods)
                    self._ledger.keep(entry.agreement, *address, self._past(replaced, periods))
        except TableFull:
            _log.info("many quotas to share, building the grant table again")
            self._replace(snapshot)
            self._finish(snapshot)

    def goes_on(self, application: int, agreement: int, dataset: int, key: str) -> bool:
        """Say whether what was admitted may stay open: its key (SHA-256 in hexadecimal, empty for none) and its grant."""
        table, now = self.table, self._clock()
        if table is None or now >= table.get("not_after"):
            return False
        if key:
            slot = table.keys.get(key)
            entry = table.key_at(slot) if slot is not None else None
            if entry is None or entry.application != application or (entry.expires_at and now >= entry.expires_at):
                return False
        for principal in (application, *((ANY_KEY,) if application >= FIRST_APPLICATION else ())):
            slot = table.grants.get((principal, dataset))
            if slot is not None:
                grant = table.grant_at(slot)
                in_force = now >= grant.not_before and (not grant.not_after or now < grant.not_after)
                if in_force and grant.agreement == agreement:
                    return True
        return False

    def prepare_next_day(self) -> None:
        """Fill the words of tomorrow and of the next month, once yesterday's final use is in the ledger.

        At most ``PREPARED_AT_ONCE`` grants a call, so that a revocation never waits; call it again until it is done. More
        at once when today itself is not there yet: callers wait for that.
        """
        table = self.table
        if table is None:
            return
        moment = self._clock()
        periods = periods_at(moment)
        due_day, due_month = periods.day + 1, periods.month + 1
        prepared = table.get("prepared_day")
        if prepared >= due_day and table.get("prepared_month") >= due_month:
            return
        # A request that began just before midnight may still take from yesterday's word.
        if prepared >= periods.day and periods_at(moment - 30).day != periods.day:
            return
        if self._preparing is None or self._preparing[0] != due_day:
            self._preparing = (due_day, array("L", table.live_grant_slots()))
        waiting = self._preparing[1]
        for _ in range(min(PREPARED_AT_ONCE if prepared >= periods.day else IN_HASTE, len(waiting))):
            slot = waiting.pop()
            address = table.address_at(slot)
            if address is None:
                continue
            agreement = table.grant_at(slot).agreement
            self._ledger.keep(agreement, *address, self._past(table.use_at(slot), periods))
            if prepared < periods.day:
                table.prepare(slot, periods.day, periods.month)
            table.prepare(slot, due_day, due_month)
        if not waiting:
            self._preparing = None
            self._ledger.forget_before(periods.day, periods.month)
            self._ledger.save()
            table.set(prepared_day=due_day, prepared_month=due_month)

    def _past(self, use: Use, periods: Periods) -> Use:
        return Use({day: used for day, used in use.days.items() if day < periods.day and used}, {})

    def _finish(self, snapshot: Snapshot) -> None:
        table = self.table
        assert table is not None
        flags = layout.FLAG_READY
        if snapshot.manifest.settings.open_data_needs_key:
            flags |= layout.FLAG_OPEN_DATA_NEEDS_KEY
        live = max(1, snapshot.manifest.settings.live_gateways)
        table.set(stamp=snapshot.stamp, not_after=snapshot.manifest.not_after, flags=flags, gateways=live)
        self._applied = snapshot
        self._ledger.save()
        self.prepare_next_day()

    def _apply_whole(self, table: GrantTable, snapshot: Snapshot) -> None:
        keys = {entry.sha256: entry for entry in snapshot.keys}
        gone, other = self._compare_grants(table, snapshot)
        slugs = {slug for entry in snapshot.collections for slug in (entry.slug, *entry.aliases)}
        for sha256 in [sha256 for sha256 in table.keys if sha256 not in keys]:
            table.drop_key(sha256)
        for address in gone:
            self._drop_grant(table, address)
        for slug in [slug for slug in table.slugs if slug not in slugs]:
            table.drop_slug(slug)
        for collection in snapshot.collections:
            if not self._has_collection(table, collection):
                table.put_collection(collection)
        for sha256, key in keys.items():
            if sha256 not in table.keys or table.key_at(table.keys[sha256]) != key:
                table.put_key(key)
        for grant in other:
            self._put_grant(table, (grant.application, grant.dataset), grant)

    def _compare_grants(self, table: GrantTable, snapshot: Snapshot) -> tuple[list[Address], list[GrantEntry]]:
        """Return the addresses in the table that the snapshot does not name, and the grants that the table says otherwise."""
        named = bytearray(table.grant_section.slots)
        other = []
        for grant in snapshot.grants:
            slots = table.slots_of((grant.application, grant.dataset))
            for slot in slots:
                named[slot] = 1
            if len(slots) != 1 or grant_static(table.grant_at(slots[0])) != grant_static(grant):
                other.append(grant)
        found = (table.address_at(slot) for slot in table.live_grant_slots() if not named[slot])
        return [address for address in found if address is not None], other

    def _apply_changes(self, table: GrantTable, old: Snapshot, new: Snapshot) -> None:
        changed = [
            (name[0], old.shards.get(name, ()), new.shards.get(name, ()))
            for name in {**old.shards, **new.shards}
            if name[0] in _IN_TABLE and old.shards.get(name) is not new.shards.get(name)
        ]
        put: list[Any] = []
        gone_slugs: set[str] = set()
        for kind, before, after in changed:
            gone, fresh = changes(before, after)
            put += fresh
            if kind == "keys":
                for sha256 in {entry.sha256 for entry in gone} - {entry.sha256 for entry in fresh}:
                    table.drop_key(sha256)
            elif kind == "grants":
                addresses = [{(entry.application, entry.dataset) for entry in entries} for entries in (gone, fresh)]
                for address in addresses[0] - addresses[1]:
                    self._drop_grant(table, address)
            else:
                names = [{slug for e in entries for slug in (e.slug, *e.aliases)} for entries in (gone, fresh)]
                gone_slugs |= names[0] - names[1]
        for entry in put:
            if isinstance(entry, KeyEntry):
                table.put_key(entry)
            elif isinstance(entry, GrantEntry):
                self._put_grant(table, (entry.application, entry.dataset), entry)
            elif isinstance(entry, Collection):
                gone_slugs -= {entry.slug, *entry.aliases}
                table.put_collection(entry)
        for slug in gone_slugs:
            table.drop_slug(slug)

    def _has_collection(self, table: GrantTable, entry: Collection) -> bool:
        for slug in (entry.slug, *entry.aliases):
            slot = table.slugs.get(slug)
            if slot is None:
                return False
            found, alias = table.collection_at(slot)
            expected = without_aliases(entry)
            if (found.dataset, found.access, found.sunset, found.deprecated_at, alias) != (
                *(expected.dataset, expected.access, expected.sunset, expected.deprecated_at),
                slug != entry.slug,
            ):
                return False
            if alias and table.canonical_of(slot) != table.slugs.get(entry.slug):
                return False
        return True

    def _drop_grant(self, table: GrantTable, address: Address) -> None:
        agreement = table.grant_at(table.grants[address]).agreement if address in table.grants else 0
        self._ledger.keep(agreement, *address, table.drop_grant(*address))

    def _put_grant(self, table: GrantTable, address: Address, grant: GrantEntry) -> None:
        slot = table.grants.get(address)
        present = table.grant_at(slot) if slot is not None else None
        if present is not None and grant_static(present) == grant_static(grant):
            return
        periods = periods_at(self._clock())
        if present is not None and present.agreement == grant.agreement:
            replaced = table.put_grant(grant, periods)
            self._ledger.keep(grant.agreement, *address, self._past(replaced, periods))
            return
        use = self._ledger.take(grant.agreement, *address)
        replaced = table.put_grant(grant, periods, use)
        if present is not None:
            self._ledger.keep(present.agreement, *address, replaced)

    def _replace(self, snapshot: Snapshot, *, is_corrupt: bool = False) -> None:
        """Build a table beside the one in use, tell its readers to look again, and put the new one in its place."""
        old = self.table
        keys, collections = list(snapshot.keys), list(snapshot.collections)
        periods = periods_at(self._clock())
        words = old.counter_words() if old is not None else ()
        named = bytearray(old.grant_section.slots) if old is not None else bytearray()
        places: Mapping[Address, int] = old.grants if old is not None else {}
        if old is not None and is_corrupt:
            # A search ends at a slot that was damaged; what lies behind it is only found by looking at all of them.
            live = ((old.address_at(slot), slot) for slot in old.live_grant_slots())
            places = {address: slot for address, slot in live if address is not None}

        def carried(grant: GrantEntry) -> Use:
            slot = places.get((grant.application, grant.dataset))
            if old is None or slot is None or not _is_of(old, slot, grant.agreement):
                return self._ledger.take(grant.agreement, grant.application, grant.dataset)
            named[slot] = 1
            use = old.use_at(slot, words)
            self._ledger.keep(grant.agreement, grant.application, grant.dataset, self._past(use, periods))
            return use

        beside = self._path.with_name(self._path.name + ".new")
        table = create_table(
            beside,
            keys=len(keys),
            slugs=sum(1 + len(entry.aliases) for entry in collections),
            grants=snapshot.how_many("grants"),
            generation=secrets.randbits(63),
            hash_seed=secrets.randbits(32),
        )
        table.gateways = self.gateways
        grants = snapshot.grants
        fill_table(table, keys=keys, collections=collections, grants=grants, periods=periods, carried=carried)
        if old is not None:
            for slot in old.live_grant_slots():
                address = old.address_at(slot)
                if address is not None and not named[slot] and old.grant_is_sound(slot):
                    self._ledger.keep(old.grant_at(slot).agreement, *address, old.use_at(slot, words))
        self._ledger.save()
        offset = old.get("clock_offset") if old is not None else 0
        table.set(
            flags=layout.FLAG_READY,
            stamp=snapshot.stamp,
            not_after=snapshot.manifest.not_after,
            clock_offset=offset,
        )
        table.flush()
        # Told before the rename: a crash in between leaves readers looking again at the old file, which they keep.
        mark_replaced(self._path)
        beside.replace(self._path)
        table.path = self._path
        self.table = table
        self._preparing, self._sharing = None, array("L")
        self.rebuilt += 1
        if old is not None:
            _carry_late_calls(old, table, words)
            old.close()


def _is_of(table: GrantTable, slot: int, agreement: int) -> bool:
    """Return whether a grant slot agrees with its check and belongs to the agreement."""
    return table.grant_is_sound(slot) and table.grant_at(slot).agreement == agreement


def _carry_late_calls(old: GrantTable, new: GrantTable, words: WordsCopy) -> None:
    """Count in the new table what readers took from the old one after its counters were copied."""
    late = {slot for before, now in zip(words, old.counter_words(), strict=True) for slot in differing(now, before)}
    for slot in late:
        address = old.address_at(slot)
        place = new.grants.get(address) if address is not None else None
        if place is None or not _is_of(old, slot, new.grant_at(place).agreement):
            continue
        before, final = old.use_at(slot, words), old.use_at(slot)
        for day, used in final.days.items():
            new.take(place, day, used - before.days.get(day, 0))
        for month, used in final.months.items():
            new.take(place, month, used - before.months.get(month, 0), month=True)
