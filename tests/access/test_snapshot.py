"""The snapshot: signed, content-addressed, and compiled only where something changed."""

from __future__ import annotations

import time

import orjson
import pytest
from made_members import MakeMember

from tdpf.controlplane.access import compiling, queries, rules, services, snapshot
from tdpf.controlplane.access.errors import UnknownShard
from tdpf.controlplane.access.models import ApiKey, Stamp
from tdpf.controlplane.access.types import ApplicationFacts, IssuedKey
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing, WhatStops
from tdpf.kit import clock
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import home
from tdpf.wire.codec import to_json
from tdpf.wire.messages import KeyEntry, SnapshotManifest, decode_shard
from tdpf.wire.signing import verify_manifest

pytestmark = pytest.mark.django_db


def verified() -> SnapshotManifest:
    """Return the current manifest as a gateway reads it."""
    data = services.current_manifest()
    return verify_manifest(data, bytes.fromhex((home().secrets / "snapshot.pub").read_text()))


def keys_in(manifest: SnapshotManifest) -> dict[str, KeyEntry]:
    """Return the key entries of a manifest by hash, checking each shard against its reference."""
    found = {}
    for reference in manifest.shards:
        data = services.snapshot_shard(reference.sha256)
        assert (sha256_hex(data), len(data)) == (reference.sha256, reference.bytes)
        if reference.kind == "keys":
            found.update({entry.sha256: entry for entry in decode_shard("keys", data)})
    return found


def test_a_key_is_in_the_very_next_snapshot_and_gone_after_revocation(
    hana: Standing, application: ApplicationFacts, key: IssuedKey
) -> None:
    """With the application's number and its expiry; tokens alike."""
    token = services.mint_token(client_id=application.uid, client_secret=key.plaintext)
    first = verified()
    entries = keys_in(first)
    assert entries[rules.key_hash(key.plaintext)] == KeyEntry(rules.key_hash(key.plaintext), application.number, 0)
    ends = entries[rules.key_hash(token.access_token)].expires_at
    assert 0 < ends - time.time() <= 900
    services.revoke_key(actor=hana, key_uid=key.key.uid)
    second = verified()
    assert second.stamp == first.stamp + 1
    assert keys_in(second) == {}


def test_a_token_without_the_scope_to_read_never_reaches_the_gate(
    hana: Standing, application: ApplicationFacts
) -> None:
    """Neither from a key that only hands in files, nor by asking for less than the key has."""
    writer = services.issue_key(actor=hana, application_uid=application.uid, name="送信", scopes=["uploads:write"])
    both = services.issue_key(
        actor=hana, application_uid=application.uid, name="両方", scopes=["data:read", "uploads:write"]
    )
    services.mint_token(client_id=application.uid, client_secret=writer.plaintext)
    services.mint_token(client_id=application.uid, client_secret=both.plaintext, scope="uploads:write")
    reading = services.mint_token(client_id=application.uid, client_secret=both.plaintext, scope="data:read")
    assert keys_in(verified()).keys() == {rules.key_hash(both.plaintext), rules.key_hash(reading.access_token)}


def test_only_the_shards_that_changed_are_new(hana: Standing, application: ApplicationFacts, key: IssuedKey) -> None:
    """The others keep their hash; nothing is compiled when the stamp stands still."""
    services.issue_key(actor=hana, application_uid=application.uid, name="二本目")
    before = verified()
    assert services.current_manifest() == services.current_manifest()
    touched: list[object] = []
    original = compiling._keys

    def watched(shards: object, instant: object) -> object:
        touched.append(shards)
        return original(shards, instant)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "_keys", watched)
        third = services.issue_key(actor=hana, application_uid=application.uid, name="三本目")
        after = verified()
    shard = rules.key_hash(third.plaintext)[:2]
    assert touched == [{shard}]
    assert len(keys_in(after)) == 3
    kept = {(ref.name, ref.sha256) for ref in before.shards if ref.name != shard}
    assert kept <= {(ref.name, ref.sha256) for ref in after.shards}


def test_a_full_compile_gives_the_same_shards(hana: Standing, application: ApplicationFacts, key: IssuedKey) -> None:
    """What was made step by step equals what is made at once."""
    services.current_manifest()
    for number in range(5):
        services.issue_key(actor=hana, application_uid=application.uid, name=f"鍵{number}")
        services.current_manifest()
    services.revoke_key(actor=hana, key_uid=key.key.uid)
    stepwise = verified()
    (home().snapshots / "last.json").unlink()
    assert verified().shards == stepwise.shards


def test_suspension_of_the_owner_empties_the_keys(make_member: MakeMember, hana: Standing, key: IssuedKey) -> None:
    """As soon as the stamp moved with the decision."""
    assert len(keys_in(verified())) == 1
    operator = make_member("operator", operator=True)
    party = members.parties_by_id([hana.person_party_id])[hana.person_party_id]
    suspension = member_services.suspend(
        actor=operator, party_uid=party.uid, what=WhatStops(keys=True), reason="規約違反"
    )
    assert keys_in(verified()) == {}
    member_services.lift_suspension(actor=operator, suspension_uid=suspension.uid, reason="解決")
    assert len(keys_in(verified())) == 1


def test_a_manifest_is_renewed_before_it_ends(
    key: IssuedKey, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    """Even when nothing changed; a changed byte breaks the signature."""
    first = verified()
    assert first.not_after - first.created_at == 24 * 3600
    later = clock.now() + snapshot.RENEW_BEFORE_END
    monkeypatch.setattr(clock, "now", lambda: later)
    second = verified()
    assert (second.stamp, second.shards) == (first.stamp, first.shards)
    assert second.not_after > first.not_after
    plain = orjson.loads(services.current_manifest())
    plain["settings"]["open_data_needs_key"] = True
    with pytest.raises(ValueError, match="signed"):
        verify_manifest(orjson.dumps(plain), bytes.fromhex((home().secrets / "snapshot.pub").read_text()))


def test_another_database_is_compiled_anew(key: IssuedKey) -> None:
    """Its stamp may be the same; its origin is not."""
    before = verified()
    ApiKey.objects.all().delete()
    assert services.current_manifest() == to_json(before)
    Stamp.objects.filter(part=queries.ORIGIN).update(value=1)
    after = verified()
    assert (after.stamp, keys_in(after)) == (before.stamp, {})


def test_a_lost_shard_is_made_again(key: IssuedKey) -> None:
    """A snapshot folder that was emptied heals by itself."""
    before = verified()
    for path in (home().snapshots / "shards").iterdir():
        path.unlink()
    assert verified().shards == before.shards
    assert len(keys_in(before)) == 1


def test_shards_are_read_by_hash_only() -> None:
    """No other name leads to a file."""
    for name in ("", "../last.json", "0" * 64, "z" * 64, "/etc/passwd"):
        with pytest.raises(UnknownShard):
            services.snapshot_shard(name)


def test_secrets_are_closed(key: IssuedKey) -> None:
    """Mode 0600; the same key signs again."""
    services.current_manifest()
    private = home().secrets / "snapshot.key"
    assert private.stat().st_mode & 0o777 == 0o600
    assert snapshot.signing_key() == snapshot.signing_key()
    public = home().secrets / "snapshot.pub"
    before = public.read_text()
    public.unlink()
    snapshot.signing_key()
    assert public.read_text() == before


def test_a_new_day_moves_the_stamp_once() -> None:
    """So that what begins or ends at midnight in Japan is compiled."""
    before = queries.current_stamp()
    assert services.begin_day(day=20778)
    assert not services.begin_day(day=20778)
    assert not services.begin_day(day=20777)
    assert services.begin_day(day=20779)
    assert queries.current_stamp() == before + 2
