"""Rings of streams: numbers only grow, the window holds, a push is taken once, and what is not offered is forgotten."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tdpf.dataplane.delivery.live import KEPT_WITHOUT_OFFER_SECONDS, Following, Live, still_allowed
from tdpf.dataplane.delivery.openings import Openings
from tdpf.dataplane.delivery.rings import DifferentPush, Ring
from tdpf.dataplane.snapshots import Snapshot
from tdpf.wire.messages import GrantEntry, KeyEntry, ShardKind, ShardReference, SnapshotManifest, shard_name
from tdpf.wire.stream_problems import TooManyStreams


def test_the_window_holds_and_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "a.sqlite")
    for start in range(0, 40, 4):
        ring.push([{"k": n % 3, "n": n} for n in range(start, start + 4)], key_columns=("k",), window=10)
    assert [event.row["n"] for event in ring.after(0)] == list(range(30, 40))
    assert sorted(event.row["n"] for event in ring.last_values()) == [37, 38, 39]
    ring.close()
    again = Ring(tmp_path / "a.sqlite")
    assert (again.newest(), again.oldest()) == (40, 31)
    assert again.push([{"n": 1}], key_columns=(), window=10).first == 41


def test_a_push_is_taken_once(tmp_path: Path) -> None:
    ring, other = Ring(tmp_path / "a.sqlite"), Ring(tmp_path / "a.sqlite")
    before = other.mark()
    first = ring.push([{"n": 1}], key_columns=(), window=10, idempotency_key="x")
    assert other.mark() != before
    again = other.push([{"n": 1}], key_columns=(), window=10, idempotency_key="x")
    assert (first.first, again.first, again.again) == (1, 1, True)
    with pytest.raises(DifferentPush):
        other.push([{"n": 2}], key_columns=(), window=10, idempotency_key="x")
    assert len(ring.after(0)) == 1


def test_only_so_many_are_open_and_a_closed_one_makes_room(tmp_path: Path) -> None:
    openings = Openings(tmp_path / "open")
    with openings.one(1001, 1, 2), openings.one(1002, 1, 2):
        with openings.one(1001, 1, 2), pytest.raises(TooManyStreams), openings.one(1001, 1, 2):
            pass
        with openings.one(1001, 1, 2), openings.one(1001, 2, 2):
            pass


def snapshot(*entries: GrantEntry | KeyEntry, not_after: int = 2000) -> Snapshot:
    shards: dict[tuple[ShardKind, str], tuple[GrantEntry | KeyEntry, ...]] = {}
    for entry in entries:
        kind: ShardKind = "grants" if isinstance(entry, GrantEntry) else "keys"
        place = (kind, shard_name(kind, entry))
        shards[place] = (*shards.get(place, ()), entry)
    references = tuple(ShardReference(kind, name, "0" * 64, 1) for kind, name in shards)
    return Snapshot(SnapshotManifest(1, 0, not_after, references), shards)


def test_who_may_go_on_is_said_by_grant_key_and_time() -> None:
    key = "ab" * 32
    following = Following("s", 7, 1001, 101, 3, key)
    grant = GrantEntry(1001, 7, 101, 3, not_after=1500)
    assert still_allowed(following, snapshot(grant, KeyEntry(key, 1001)), 1000)
    for entries, now in (
        ((KeyEntry(key, 1001),), 1000),
        ((grant,), 1000),
        ((grant, KeyEntry(key, 1001)), 1500),
        ((grant, KeyEntry(key, 1001, expires_at=900)), 1000),
        ((GrantEntry(1001, 7, 102, 3), KeyEntry(key, 1001)), 1000),
        ((GrantEntry(1001, 7, 101, 4), KeyEntry(key, 1001)), 1000),
        ((grant, KeyEntry(key, 1001)), 2000),
    ):
        assert not still_allowed(following, snapshot(*entries), now)
    everybody = Following("s", 7, 1, 0, 0, "")
    assert still_allowed(everybody, snapshot(GrantEntry(1, 7)), 1000)
    # A shard that was not fetched yet says nothing.
    unknown = Snapshot(snapshot(grant, KeyEntry(key, 1001)).manifest, {})
    assert still_allowed(following, unknown, 1000)


def test_a_stream_that_is_not_offered_any_more_is_forgotten(tmp_path: Path) -> None:
    old = time.time() - KEPT_WITHOUT_OFFER_SECONDS - 10
    for name in ("gone", "offered", "fresh"):
        Ring(tmp_path / f"{name}.sqlite").close()
        for part in tmp_path.glob(f"{name}.sqlite*"):
            os.utime(part, (old, old) if name != "fresh" else None)
    Live(tmp_path).take(snapshot(not_after=2**40), ["offered"])
    assert sorted(path.stem for path in tmp_path.glob("*.sqlite")) == ["fresh", "offered"]
