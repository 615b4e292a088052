"""The grant table's format: golden vectors, exact finding, counters, checks."""

from __future__ import annotations

import hashlib
import mmap
import struct
from datetime import date
from pathlib import Path

import orjson
import pytest
from golden_files import check_golden
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.wire import grant_layout as layout
from tdpf.wire.grant_building import create_table, fill_table, mark_replaced, slots_for
from tdpf.wire.grant_slots import Periods, Use
from tdpf.wire.grant_table import CorruptTable, GrantTable, TableFull
from tdpf.wire.messages import ANONYMOUS, ANY_KEY, Collection, GrantEntry, KeyEntry

GOLDEN = Path(__file__).parent / "golden"
PERIODS = Periods(day=20778, month=24322)


def table_at(folder: Path, *, keys: int = 10, slugs: int = 10, grants: int = 10) -> GrantTable:
    return create_table(folder / "grants.table", keys=keys, slugs=slugs, grants=grants, generation=7, hash_seed=12345)


def key(name: str, application: int = 1001) -> KeyEntry:
    return KeyEntry(hashlib.sha256(name.encode()).hexdigest(), application)


def test_the_layout_is_the_documented_one() -> None:
    sizes = {
        "collection": layout.COLLECTION_SLOT_BYTES,
        "key": layout.KEY_SLOT_BYTES,
        "grant": layout.GRANT_SLOT_BYTES,
    }
    assert layout.COLLECTION.size == sizes["collection"]
    assert layout.KEY.size == sizes["key"]
    assert layout.GRANT.size + layout.GRANT_COUNTERS.size == sizes["grant"]
    assert layout.GRANT_SLOT_BYTES * 7 / 5 <= 160
    assert slots_for(1_000_000) * layout.GRANT_SLOT_BYTES <= 160 * 1_000_000


def test_golden_vectors(tmp_path: Path) -> None:
    """Vectors for another reader of the same file: hashes, and a whole small table, byte for byte."""
    table = table_at(tmp_path)
    fill_table(
        table,
        keys=[key("first"), KeyEntry(key("second").sha256, 1002, 1800000000)],
        collections=[
            Collection(7, "shelter-status", ("shelters",), "conditional", date(2027, 3, 31), 1767225600),
            Collection(8, "toilets"),
        ],
        grants=[
            GrantEntry(ANONYMOUS, 8),
            GrantEntry(ANY_KEY, 8, rate_plan="r100"),
            GrantEntry(1001, 7, 55, 3, 1700000000, 1900000000, 100, 2000, "r50"),
            GrantEntry(2**40 + 1, 2**33 + 7, 2**46, 4, 0, 0, 0, 0, "r1"),
        ],
        periods=PERIODS,
        carried=lambda grant: Use({20778: 5}, {24322: 9}) if grant.agreement == 55 else Use(),
    )
    table.set(flags=layout.FLAG_READY, not_after=1800000000, stamp=3)
    vectors = {
        "format": layout.FORMAT_VERSION,
        "hash_seed": 12345,
        "grant_hash": {
            f"{application}:{dataset}": layout.grant_hash(12345, application, dataset)
            for application, dataset in ((1, 1), (2, 8), (1001, 7), (2**40 + 1, 2**33 + 7), (2**32, 1))
        },
        "slug_hash": {slug: layout.slug_hash(12345, slug.encode()) for slug in ("abc", "shelter-status", "x" * 63)},
        "key_hash": {text: layout.key_hash(hashlib.sha256(text.encode()).digest()) for text in ("", "first")},
        "slots": {
            "keys": {name[:8]: slot for name, slot in sorted(table.keys.items())},
            "slugs": dict(sorted(table.slugs.items())),
            "grants": {f"{a}:{d}": slot for (a, d), slot in sorted(table.grants.items())},
        },
        "header": {
            name: (value.decode("latin-1") if isinstance(value, bytes) else value)
            for name, value in table.header().items()
        },
        "file_sha256": hashlib.sha256((tmp_path / "grants.table").read_bytes()).hexdigest(),
    }
    golden = GOLDEN / "grant_table.json"
    plain = orjson.dumps(vectors, option=orjson.OPT_INDENT_2) + b"\n"
    check_golden(golden, plain)


def test_what_is_put_is_found_again_after_opening(tmp_path: Path) -> None:
    table = table_at(tmp_path)
    grant = GrantEntry(1001, 7, 55, 3, 5, 6, 100, 0, "r50")
    fill_table(table, keys=[key("a")], collections=[Collection(7, "abc")], grants=[grant], periods=PERIODS)
    table.verify()
    table.close()
    again = GrantTable(tmp_path / "grants.table")
    again.verify()
    assert again.key_at(again.keys[key("a").sha256]) == key("a")
    assert again.grant_at(again.grants[(1001, 7)]) == grant
    assert again.collection_at(again.slugs["abc"])[0] == Collection(7, "abc")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(1000, 1030), st.integers(1, 5), st.integers(0, 3), st.booleans()), max_size=60))
def test_any_order_of_changes_ends_in_the_same_state(tmp_path: Path, steps: list[tuple[int, int, int, bool]]) -> None:
    (tmp_path / "grants.table").unlink(missing_ok=True)
    table = table_at(tmp_path)
    expected: dict[tuple[int, int], GrantEntry] = {}
    for application, dataset, limit, drop in steps:
        if drop:
            table.drop_grant(application, dataset)
            expected.pop((application, dataset), None)
        else:
            entry = GrantEntry(application, dataset, 9, day_limit=limit)
            table.put_grant(entry, PERIODS)
            expected[(application, dataset)] = entry
    table.verify()
    table.close()
    again = GrantTable(tmp_path / "grants.table")
    again.verify()
    assert {address: again.grant_at(slot) for address, slot in again.grants.items()} == expected
    again.close()


def test_counters_carry_over_a_change_of_limit(tmp_path: Path) -> None:
    table = table_at(tmp_path)
    table.put_grant(GrantEntry(1001, 7, 55, day_limit=10, month_limit=20), PERIODS)
    slot = table.grants[(1001, 7)]
    table.take(slot, PERIODS.day, 4)
    table.take(slot, PERIODS.month, 4, month=True)
    table.put_grant(GrantEntry(1001, 7, 55, day_limit=3, month_limit=0), PERIODS)
    slot = table.grants[(1001, 7)]
    assert table.use_at(slot).days[PERIODS.day] == 4
    assert table.use_at(slot).months[PERIODS.month] == 4
    table.take(slot, PERIODS.day, 2)
    assert table.use_at(slot).days[PERIODS.day] == 6
    final = table.put_grant(GrantEntry(1001, 7, 56, day_limit=3), PERIODS)
    assert final.days[PERIODS.day] == 6
    assert table.use_at(table.grants[(1001, 7)]).days[PERIODS.day] == 0
    assert table.drop_grant(1001, 7).days[PERIODS.day] == 0
    assert table.drop_grant(1001, 7) == Use()


def test_words_are_prepared_for_periods_to_come(tmp_path: Path) -> None:
    table = table_at(tmp_path)
    table.put_grant(GrantEntry(1001, 7, 55, day_limit=10), PERIODS)
    slot = table.grants[(1001, 7)]
    table.take(slot, PERIODS.day, 4)
    table.prepare(slot, PERIODS.day + 1, PERIODS.month)
    assert table.use_at(slot).days == {PERIODS.day: 4, PERIODS.day + 1: 0}
    table.prepare(slot, PERIODS.day + 2, PERIODS.month + 2)
    assert table.use_at(slot).days == {PERIODS.day + 1: 0, PERIODS.day + 2: 0}
    assert memoryview(table.remaining_words(PERIODS.day + 2)).cast("I")[slot] == 10


def test_a_full_table_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    table = table_at(tmp_path)
    with pytest.raises(TableFull):
        for number in range(2000):
            table.put_grant(GrantEntry(1000 + number, 7), PERIODS)
    table.verify()
    assert len(table.grants) == int(1024 * 0.85) + 1
    for number in (0, 400, 800):
        assert table.grant_at(table.grants[(1000 + number, 7)]).application == 1000 + number


def test_cleared_slots_are_left_alone_for_a_while(tmp_path: Path) -> None:
    table = table_at(tmp_path)
    table.put_key(key("a"))
    slot = table.keys[key("a").sha256]
    table.drop_key(key("a").sha256)
    table.put_key(key("a"))
    assert table.keys[key("a").sha256] != slot


def test_every_flipped_bit_of_a_live_slot_is_seen(tmp_path: Path) -> None:
    table = table_at(tmp_path)
    fill_table(
        table, keys=[key("a")], collections=[Collection(7, "abc")], grants=[GrantEntry(1001, 7)], periods=PERIODS
    )
    places = [
        (section.at(slot), section.static.size)
        for section, slot in (
            (table.key_section, table.keys[key("a").sha256]),
            (table.collection_section, table.slugs["abc"]),
            (table.grant_section, table.grants[(1001, 7)]),
        )
    ]
    with (tmp_path / "grants.table").open("r+b") as stream:
        other = mmap.mmap(stream.fileno(), 0)
        for at, size in places:
            for offset in range(at, at + size):
                other[offset] ^= 1
                with pytest.raises(CorruptTable):
                    table.verify()
                other[offset] ^= 1
        table.verify()
        flags = places[2][0] + layout.GRANT_FLAGS_OFFSET
        other[flags] = 0
        with pytest.raises(CorruptTable):
            table.verify()


@pytest.mark.parametrize("size", [0, 100, layout.HEADER_BYTES, -1])
def test_a_cut_file_is_refused(tmp_path: Path, size: int) -> None:
    table_at(tmp_path).close()
    data = (tmp_path / "grants.table").read_bytes()
    (tmp_path / "cut").write_bytes(data[:size])
    with pytest.raises(CorruptTable):
        GrantTable(tmp_path / "cut")


def test_a_changed_header_is_refused(tmp_path: Path) -> None:
    table_at(tmp_path).close()
    data = bytearray((tmp_path / "grants.table").read_bytes())
    for offset in range(layout.HEADER_STATIC_BYTES):
        data[offset] ^= 1
        (tmp_path / "changed").write_bytes(data)
        with pytest.raises(CorruptTable):
            GrantTable(tmp_path / "changed")
        data[offset] ^= 1


def test_readers_are_told_of_a_successor(tmp_path: Path) -> None:
    table = table_at(tmp_path)
    mark_replaced(tmp_path / "grants.table")
    assert table.get("successor") == 1
    mark_replaced(tmp_path / "absent")
    (tmp_path / "short").write_bytes(b"x")
    mark_replaced(tmp_path / "short")
    assert (tmp_path / "short").read_bytes() == b"x"


def test_semaphore_words_are_aligned(tmp_path: Path) -> None:
    table = table_at(tmp_path, keys=3, slugs=5, grants=7)
    for slot in range(20):
        assert (table.grant_section.at(slot) + layout.DAY_WORDS_OFFSET) % 8 == 0
    assert struct.calcsize("<4Q4H4I") == layout.GRANT_COUNTERS.size
