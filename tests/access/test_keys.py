"""Applications, keys and tokens, from being issued to being refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from made_members import MakeMember

from tdpf.controlplane.access import queries, rules, services
from tdpf.controlplane.access.errors import (
    ApplicationInvalid,
    ApplicationNotActive,
    CredentialRefused,
    InvalidClient,
    KeyInvalid,
    KeyNotLive,
    OAuthRefused,
    UnknownApplication,
    UnknownKey,
)
from tdpf.controlplane.access.models import ApiKey
from tdpf.controlplane.access.types import ApplicationFacts, IssuedKey
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.errors import MemberSuspended, MfaNeeded, OperatorNeeded, RoleNeeded
from tdpf.controlplane.members.types import Standing, WhatStops
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit import clock
from tdpf.kit.home import home

pytestmark = pytest.mark.django_db


def test_a_key_is_shown_once_and_kept_as_a_hash(application: ApplicationFacts, key: IssuedKey) -> None:
    """Nothing in the database or the outbox gives the key back."""
    assert rules.has_key_shape(key.plaintext)
    row = ApiKey.objects.get(uid=key.key.uid)
    assert row.sha256 == rules.key_hash(key.plaintext)
    assert key.plaintext not in str(row.__dict__)
    assert not OutboxEvent.objects.filter(payload__icontains=key.plaintext[14:]).exists()
    assert key.key.prefix == key.plaintext[5:13]
    caller = queries.authenticate(key.plaintext)
    assert (caller.application.number, caller.scopes) == (1000 + application.id, ("data:read",))


@pytest.mark.parametrize("wrong", ["", "x", "tdpf_" + "A" * 43, "tdpf_" + "A" * 43 + "A"])
def test_a_forged_key_is_refused(key: IssuedKey, wrong: str) -> None:
    """With the same words for every reason."""
    with pytest.raises(CredentialRefused):
        queries.authenticate(wrong)


def test_revoked_at_once_and_one_by_one(hana: Standing, application: ApplicationFacts, key: IssuedKey) -> None:
    """The other key goes on; a second revocation says that the key is over."""
    other = services.issue_key(actor=hana, application_uid=application.uid, name="予備")
    before = queries.current_stamp()
    assert services.revoke_key(actor=hana, key_uid=key.key.uid, reason="漏えい").state == "revoked"
    assert queries.current_stamp() == before + 1
    with pytest.raises(CredentialRefused):
        queries.authenticate(key.plaintext)
    assert queries.authenticate(other.plaintext).key_uid == other.key.uid
    with pytest.raises(KeyNotLive):
        services.revoke_key(actor=hana, key_uid=key.key.uid)


def test_an_expired_key_is_refused(hana: Standing, application: ApplicationFacts) -> None:
    """From the very instant of its end."""
    end = clock.now() + timedelta(hours=1)
    issued = services.issue_key(actor=hana, application_uid=application.uid, name="短期", expires_at=end)
    queries.authenticate(issued.plaintext)
    ApiKey.objects.filter(uid=issued.key.uid).update(expires_at=clock.now())
    with pytest.raises(CredentialRefused):
        queries.authenticate(issued.plaintext)


def test_rotation_without_downtime(hana: Standing, application: ApplicationFacts, key: IssuedKey) -> None:
    """Both keys work until the old one ends; the successor has its name and scopes."""
    fresh = services.rotate_key(actor=hana, key_uid=key.key.uid, overlap=timedelta(hours=24))
    queries.authenticate(key.plaintext)
    queries.authenticate(fresh.plaintext)
    old, _ = queries.get_key(key.key.uid, hana)
    assert old.expires_at is not None
    assert timedelta(hours=23) < old.expires_at - clock.now() <= timedelta(hours=24)
    assert (fresh.key.name, fresh.key.scopes, fresh.key.expires_at) == (old.name, old.scopes, None)
    services.rotate_key(actor=hana, key_uid=fresh.key.uid, overlap=timedelta(0))
    with pytest.raises(CredentialRefused):
        queries.authenticate(fresh.plaintext)


def test_live_keys_have_names_of_their_own(hana: Standing, application: ApplicationFacts, key: IssuedKey) -> None:
    """What is sent twice makes one key; a name is free again when its key has ended, and rotation keeps it."""
    with pytest.raises(KeyInvalid) as refusal:
        services.issue_key(actor=hana, application_uid=application.uid, name=f" {key.key.name} ")
    assert refusal.value.data["errors"][0]["field"] == "name"
    fresh = services.rotate_key(actor=hana, key_uid=key.key.uid)
    services.rotate_key(actor=hana, key_uid=fresh.key.uid)
    for facts in queries.keys_of_application(application.uid, hana):
        services.revoke_key(actor=hana, key_uid=facts.uid)
    assert services.issue_key(actor=hana, application_uid=application.uid, name=key.key.name).key.state == "live"


@pytest.mark.django_db(transaction=True)
def test_asked_at_the_same_moment_there_is_one_key(hana: Standing, application: ApplicationFacts) -> None:
    """Three clicks, one key."""
    start = Barrier(3)

    def ask(_: int) -> str:
        try:
            start.wait(timeout=10)
            services.issue_key(actor=hana, application_uid=application.uid, name="本番")
        except KeyInvalid as problem:
            return problem.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(ask, range(3))) == ["access/key-invalid", "access/key-invalid", "done"]
    assert ApiKey.objects.filter(application__uid=application.uid).count() == 1


def test_a_token_lives_fifteen_minutes_and_no_longer_than_its_key(
    hana: Standing, application: ApplicationFacts, key: IssuedKey
) -> None:
    """Tokens are keys with a short life; when their key goes, they go."""
    token = services.mint_token(client_id=application.uid, client_secret=key.plaintext)
    assert (token.expires_in, token.scopes) == (900, ("data:read",))
    assert queries.authenticate(token.access_token).kind == "token"
    assert [fact.uid for fact in queries.keys_of_application(application.uid, hana)] == [key.key.uid]
    services.revoke_key(actor=hana, key_uid=key.key.uid)
    with pytest.raises(CredentialRefused):
        queries.authenticate(token.access_token)
    end = clock.now() + timedelta(minutes=5)
    short = services.issue_key(actor=hana, application_uid=application.uid, name="短期", expires_at=end)
    assert services.mint_token(client_id=application.uid, client_secret=short.plaintext).expires_in <= 300


def test_a_token_cannot_mint_a_token(application: ApplicationFacts, key: IssuedKey) -> None:
    """Or its life would have no end."""
    token = services.mint_token(client_id=application.uid, client_secret=key.plaintext)
    with pytest.raises(InvalidClient):
        services.mint_token(client_id=application.uid, client_secret=token.access_token)


def test_another_applications_key_mints_nothing(hana: Standing, application: ApplicationFacts, key: IssuedKey) -> None:
    """Client and secret belong together; a scope the key lacks is refused as such."""
    other = services.register_application(actor=hana, owner_party_id=hana.person_party_id, name="別のアプリ")
    with pytest.raises(InvalidClient):
        services.mint_token(client_id=other.uid, client_secret=key.plaintext)
    with pytest.raises(OAuthRefused) as refusal:
        services.mint_token(client_id=application.uid, client_secret=key.plaintext, scope="datasets:write")
    assert refusal.value.data["error"] == "invalid_scope"


def test_expired_tokens_are_forgotten(application: ApplicationFacts, key: IssuedKey) -> None:
    """Keys stay, for the record."""
    services.mint_token(client_id=application.uid, client_secret=key.plaintext)
    ApiKey.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert services.purge_expired_tokens() == 1
    assert ApiKey.objects.filter(kind="key").exists()
    assert not ApiKey.objects.filter(kind="token").exists()


def test_keys_that_write_need_a_second_factor(make_member: MakeMember) -> None:
    """When they are issued, and whenever they are used."""
    plain = make_member("plain", mfa=False)
    mine = services.register_application(actor=plain, owner_party_id=plain.person_party_id, name="アプリ")
    services.issue_key(actor=plain, application_uid=mine.uid, name="読み取り")
    with pytest.raises(MfaNeeded):
        services.issue_key(actor=plain, application_uid=mine.uid, name="書き込み", scopes=["datasets:write"])
    member_services.set_totp_secret(member_uid=plain.member_uid)
    safe = members.standing_of_uid(plain.member_uid)
    issued = services.issue_key(actor=safe, application_uid=mine.uid, name="書き込み", scopes=["datasets:write"])
    caller = queries.authenticate(issued.plaintext)
    behind = queries.standing_behind(caller)
    assert (behind.member_uid, dict(behind.roles)) == (plain.member_uid, {plain.person_party_id: "administrator"})
    assert not any(shard.sha256 == rules.key_hash(issued.plaintext) for shard in queries.live_keys(clock.now()))


def test_nobody_manages_what_belongs_to_others(
    make_member: MakeMember, hana: Standing, application: ApplicationFacts, key: IssuedKey
) -> None:
    """Strangers do not even learn that it is there; the operator sees and may not touch."""
    stranger, operator = make_member("stranger"), make_member("operator", operator=True)
    for verb in (
        lambda actor: services.edit_application(actor=actor, application_uid=application.uid, name="x", description=""),
        lambda actor: services.issue_key(actor=actor, application_uid=application.uid, name="x"),
        lambda actor: services.close_application(actor=actor, application_uid=application.uid),
    ):
        with pytest.raises(UnknownApplication):
            verb(stranger)
        with pytest.raises(RoleNeeded):
            verb(operator)
    for verb in (
        lambda actor: services.revoke_key(actor=actor, key_uid=key.key.uid),
        lambda actor: services.rotate_key(actor=actor, key_uid=key.key.uid),
    ):
        with pytest.raises(UnknownKey):
            verb(stranger)
        with pytest.raises(RoleNeeded):
            verb(operator)
    with pytest.raises(UnknownApplication):
        queries.keys_of_application(application.uid, stranger)
    with pytest.raises(RoleNeeded):
        services.register_application(actor=stranger, owner_party_id=hana.person_party_id, name="x")
    assert queries.list_applications(stranger) == []
    assert [fact.uid for fact in queries.list_applications(hana)] == [application.uid]


def test_a_closed_application_has_no_keys(hana: Standing, application: ApplicationFacts, key: IssuedKey) -> None:
    """Its name is free again; new keys are refused."""
    services.close_application(actor=hana, application_uid=application.uid, reason="終了")
    with pytest.raises(CredentialRefused):
        queries.authenticate(key.plaintext)
    with pytest.raises(ApplicationNotActive):
        services.issue_key(actor=hana, application_uid=application.uid, name="x")
    services.register_application(actor=hana, owner_party_id=hana.person_party_id, name=application.name)
    with pytest.raises(ApplicationInvalid):
        services.register_application(actor=hana, owner_party_id=hana.person_party_id, name=application.name)


def test_suspension_stops_keys_until_it_is_lifted(
    make_member: MakeMember, hana: Standing, application: ApplicationFacts, key: IssuedKey
) -> None:
    """At the platform's own API, for tokens, and in what the gate is told."""
    operator = make_member("operator", operator=True)
    party = members.parties_by_id([hana.person_party_id])[hana.person_party_id]
    suspension = member_services.suspend(
        actor=operator, party_uid=party.uid, what=WhatStops(keys=True), reason="規約違反"
    )
    with pytest.raises(CredentialRefused):
        queries.authenticate(key.plaintext)
    with pytest.raises(InvalidClient):
        services.mint_token(client_id=application.uid, client_secret=key.plaintext)
    assert not queries.live_keys(clock.now()).exists()
    with pytest.raises(MemberSuspended):
        services.issue_key(actor=members.standing_of_uid(hana.member_uid), application_uid=application.uid, name="x")
    member_services.lift_suspension(actor=operator, suspension_uid=suspension.uid, reason="解決")
    queries.authenticate(key.plaintext)


def test_the_portal_has_one_application_and_one_key() -> None:
    """Set-up may run again; a lost file gives a new key and ends the old one."""
    first = services.ensure_portal_application()
    assert services.ensure_portal_application() == first == queries.portal_key()
    path = home().secrets / "portal.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert queries.authenticate(first).application.is_portal
    path.unlink()
    second = services.ensure_portal_application()
    assert second != first
    with pytest.raises(CredentialRefused):
        queries.authenticate(first)


def test_only_the_operator_changes_settings(make_member: MakeMember, hana: Standing) -> None:
    """Open data are open to all unless the operator says otherwise."""
    assert not queries.open_data_needs_account()
    with pytest.raises(OperatorNeeded):
        services.change_setting(actor=hana, name="open_data_needs_account", value=True)
    before = queries.current_stamp()
    services.change_setting(actor=make_member("op", operator=True), name="open_data_needs_account", value=True)
    assert queries.open_data_needs_account()
    assert queries.current_stamp() > before


def test_the_stamp_moves_only_with_a_decision() -> None:
    """Rolled back with it; never outside a transaction."""
    before = queries.current_stamp()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.bump_stamp()
        raise ZeroDivisionError
    assert queries.current_stamp() == before
    with transaction.atomic():
        services.bump_stamp("keys:3f")
        services.bump_stamp("grants")
    assert queries.parts_changed_since(before) == {"keys:3f", "grants"}
    assert queries.parts_changed_since(before + 1) == {"grants"}
    assert queries.wait_for_stamp(before, 0.0) == before + 2
    assert queries.wait_for_stamp(before + 2, 0.1) == before + 2


def test_every_change_is_announced(hana: Standing, application: ApplicationFacts, key: IssuedKey) -> None:
    """By name, with the actor and the subject."""
    services.rotate_key(actor=hana, key_uid=key.key.uid)
    services.close_application(actor=hana, application_uid=application.uid, reason="終了")
    names = list(OutboxEvent.objects.filter(name__startswith="access.").order_by("id").values_list("name", "actor"))
    assert names == [
        ("access.ApplicationRegistered", hana.member_uid),
        ("access.KeyIssued", hana.member_uid),
        ("access.KeyRotated", hana.member_uid),
        ("access.ApplicationClosed", hana.member_uid),
    ]


def test_long_lived_keys_keep_the_length_of_their_life(hana: Standing, application: ApplicationFacts) -> None:
    """A year's key is followed by a year's key."""
    end = datetime.now(UTC) + timedelta(days=365)
    issued = services.issue_key(actor=hana, application_uid=application.uid, name="年", expires_at=end)
    fresh = services.rotate_key(actor=hana, key_uid=issued.key.uid)
    assert fresh.key.expires_at is not None
    assert abs(fresh.key.expires_at - end) < timedelta(minutes=1)
