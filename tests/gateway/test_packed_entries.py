"""Packed shards say what their entries say, tell what changed, and refuse what is no entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.dataplane.packed_entries import PackedEntries, changes
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.messages import GrantEntry, decode_shard, encode_shards

_grants = st.sets(
    st.builds(
        GrantEntry, st.sampled_from([1256, 1512, 1768]), st.sampled_from([8, 264]), st.integers(0, 3), day_limit=st.integers(0, 9)
    ),
    max_size=8,
)  # fmt: skip


def shard_of(grants: set[GrantEntry]) -> bytes:
    """Return the one shard in which all these grants lie, also when there are none."""
    shards = list(encode_shards("grants", grants).values())
    assert len(shards) <= 1
    return shards[0] if shards else b'{"format":1,"kind":"grants","entries":[]}'


@given(_grants, _grants)
def test_what_changed_is_what_only_one_of_them_has(old: set[GrantEntry], new: set[GrantEntry]) -> None:
    before = PackedEntries("grants", shard_of(old))
    after = PackedEntries("grants", shard_of(new), before)
    assert list(after) == decode_shard("grants", shard_of(new))
    assert len(after) == len(new)
    gone, fresh = changes(before, after)
    assert (set(gone), set(fresh)) == (old - new, new - old)
    assert changes((), after) == ([], list(after))


def test_what_is_no_entry_is_refused_beside_known_ones() -> None:
    good = shard_of({GrantEntry(1256, 8, day_limit=1)})
    before = PackedEntries("grants", good)
    for wrong in (
        good.replace(b'"day_limit":1', b'"day_limit":-1'), good.replace(b'"format":1', b'"format":2'), good[:-1],
        good.replace(b"}]", b"},{}]"), good.replace(b"}]", b'},"x"]'),
    ):  # fmt: skip
        with pytest.raises(MalformedMessage):
            PackedEntries("grants", wrong, before)
