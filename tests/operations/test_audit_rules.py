"""The chain as a law: what was sealed in order holds, and no change goes unseen."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.operations import rules
from tdpf.controlplane.operations.types import FaultKind, SealedEntry

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["members.RoleGiven", "exchange.AgreementSealed"]),
            "actor": st.text(max_size=8),
            "subject": st.text(max_size=8),
            "reason": st.text(max_size=20),
            "payload": st.dictionaries(st.text(max_size=5), JSON, max_size=3),
            "occurred_at": st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1)),
        }
    ),
    min_size=1,
    max_size=6,
)


def chain(events: list[dict[str, Any]]) -> list[SealedEntry]:
    """Seal events one after the other behind a genesis entry."""
    genesis = {
        "name": rules.GENESIS,
        "actor": "system",
        "subject": "operations:audit",
        "reason": "",
        "payload": {},
        "occurred_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    entries: list[SealedEntry] = []
    previous = rules.BEFORE_THE_FIRST
    for sequence, event in enumerate([genesis, *events]):
        entries.append(rules.sealed(sequence=sequence, event_uid=f"e{sequence}", previous_hash=previous, **event))
        previous = entries[-1].hash
    return entries


@given(EVENTS)
def test_an_untouched_chain_holds(events: list[dict[str, Any]]) -> None:
    """Whatever was typed, surrogates included, is sealed and found whole."""
    assert list(rules.chain_faults(chain(events))) == []


@given(EVENTS, st.data())
def test_a_changed_column_is_found(events: list[dict[str, Any]], data: st.DataObject) -> None:
    """Changing who, what, why or when of any entry shows at that entry."""
    entries = chain(events)
    place = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(st.sampled_from(["event_uid", "name", "actor", "subject", "reason", "previous_hash"]))
    entries[place] = dataclasses.replace(entries[place], **{field: getattr(entries[place], field) + "x"})
    assert place in {fault.sequence for fault in rules.chain_faults(entries)}


@given(EVENTS, st.data())
def test_rewriting_an_entry_with_its_hash_breaks_the_next(events: list[dict[str, Any]], data: st.DataObject) -> None:
    """Who recomputes one hash must recompute all that follow; the last one is watched by the head."""
    entries = chain(events)
    place = data.draw(st.integers(0, len(entries) - 2))
    old = entries[place]
    entries[place] = rules.sealed(
        sequence=old.sequence,
        event_uid=old.event_uid,
        name=old.name,
        actor=old.actor,
        subject=old.subject,
        reason=old.reason + "!",
        payload={},
        occurred_at=old.occurred_at,
        previous_hash=old.previous_hash,
    )
    assert [fault.sequence for fault in rules.chain_faults(entries)] == [place + 1]


@given(EVENTS, st.data())
def test_a_missing_entry_is_found(events: list[dict[str, Any]], data: st.DataObject) -> None:
    """A gap names the number that is not there."""
    entries = chain([*events, *events])
    place = data.draw(st.integers(0, len(entries) - 2))
    del entries[place]
    faults = list(rules.chain_faults(entries))
    assert faults[0].kind is FaultKind.MISSING
    assert faults[0].sequence == place


@given(EVENTS, st.data())
def test_exchanged_entries_are_found(events: list[dict[str, Any]], data: st.DataObject) -> None:
    """Two entries that changed places show both, even when their numbers were exchanged too."""
    entries = chain([*events, *events])
    first = data.draw(st.integers(0, len(entries) - 2))
    one, other = entries[first], entries[first + 1]
    entries[first] = dataclasses.replace(other, sequence=one.sequence)
    entries[first + 1] = dataclasses.replace(one, sequence=other.sequence)
    faults = list(rules.chain_faults(entries))
    assert {fault.sequence for fault in faults if fault.kind is FaultKind.REORDERED} >= {first, first + 1}


@given(st.text())
def test_nonsense_in_place_of_content_is_a_fault_and_no_crash(nonsense: str) -> None:
    """Content that is not JSON, with a fitting hash, is still altered."""
    entry = dataclasses.replace(chain([])[0], content=nonsense, hash=rules.entry_hash(nonsense))
    assert next(iter(rules.chain_faults([entry]))).kind is FaultKind.ALTERED


def test_a_chain_begins_with_its_genesis() -> None:
    """A log whose beginning was cut off and renumbered does not pass."""
    event = rules.sealed(
        sequence=0,
        event_uid="e",
        name="members.RoleGiven",
        actor="a",
        subject="s",
        reason="",
        payload={},
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        previous_hash=rules.BEFORE_THE_FIRST,
    )
    assert [fault.kind for fault in rules.chain_faults([event])] == [FaultKind.ALTERED]
