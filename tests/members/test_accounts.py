"""Accounts through their pages: signing up, confirming, signing in, second factors, and what the log hears of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from cast_of_members import Announced, again
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tdpf.controlplane.members import errors, events, queries, services
from tdpf.controlplane.members.models import Member, Party
from tdpf.controlplane.members.types import Standing, WhatStops
from tdpf.djangokit.models import OutboxEvent

pytestmark = pytest.mark.django_db

PASSWORD = "kasumigaseki 3-2-1"


def code(secret: str, step: int = 0) -> str:
    """Return what an authenticator app shows (RFC 6238), written anew so that it checks the platform's own."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30 + step), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def sign_up(client: Client, email: str = "Yuki@Example.jp", **changes: str) -> int:
    """Send the sign-up form and return the status."""
    form = {
        "email": email,
        "display_name": "ゆき",
        "password1": PASSWORD,
        "password2": PASSWORD,
        **changes,
    }
    return client.post(reverse("account_signup"), form).status_code


def sign_in(client: Client, email: str, password: str = PASSWORD) -> str:
    """Send the sign-in form and return where it leads, or nothing."""
    response = client.post(reverse("account_login"), {"login": email, "password": password})
    return response.headers.get("Location", "")


def is_signed_in(client: Client) -> bool:
    """Say whether the client's session belongs to somebody."""
    return "_auth_user_id" in client.session


def confirm(client: Client, index: int = -1) -> None:
    """Open the link of a confirmation letter and press its button."""
    found = re.search(r"https?://[^/\s]+(/\S*confirm-email/\S+)", str(mail.outbox[index].body))
    assert found, mail.outbox[index].body
    assert client.get(found[1]).status_code == 200
    client.post(found[1])


def test_from_signing_up_to_a_second_factor(client: Client, announced: Announced) -> None:
    """Sign up, confirm by mail, sign in, activate an authenticator app, sign in again with its code."""
    assert sign_up(client) == 302
    member = Member.objects.get(email="yuki@example.jp")
    assert (member.display_name, member.language, member.party.kind) == ("ゆき", "ja", "person")
    assert announced(events.MemberRegistered)[0].actor == member.uid
    assert not is_signed_in(client)

    stranger = Client()
    assert sign_in(stranger, "yuki@example.jp")
    assert not is_signed_in(stranger), "an unconfirmed address does not sign in"

    confirm(client, 0)
    assert announced(events.AddressConfirmed)[0].subject == f"member:{member.uid}"
    assert is_signed_in(client), "who confirms in the browser that signed up is signed in"
    assert not queries.standing_of(member).has_mfa
    with pytest.raises(errors.MfaNeeded):
        queries.may_provide(queries.standing_of(member), member.party_id)

    activate = reverse("mfa_activate_totp")
    asked = client.get(activate)
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate")), "the password is asked for again"
    client.post(asked.headers["Location"], {"password": PASSWORD})
    assert client.get(activate).status_code == 200
    secret = client.session["mfa.totp.secret"]
    assert client.post(activate, {"code": "000000"}).status_code == 200
    assert not queries.standing_of(member).has_mfa
    assert client.post(activate, {"code": code(secret)}).status_code == 302
    standing = queries.standing_of(member)
    queries.may_provide(standing, member.party_id)

    other = Client()
    assert "2fa" in sign_in(other, "YUKI@example.jp")
    assert not is_signed_in(other), "the password alone is not enough any more"
    assert other.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_signed_in(other)
    cache.clear()
    other.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert is_signed_in(other)


@pytest.mark.django_db(transaction=True)
def test_what_allauth_does_is_told(client: Client) -> None:
    """Adding and removing a second factor, new recovery codes and a new password reach the log, without secrets."""
    sign_up(client)
    confirm(client, 0)
    member = Member.objects.get(email="yuki@example.jp")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))
    fresh = "toranomon 9-8-7"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})
    told = list(OutboxEvent.objects.order_by("id"))
    kinds = [(event.name, event.payload.get("kind")) for event in told]
    assert ("members.AuthenticatorAdded", "totp") in kinds
    assert ("members.AuthenticatorAdded", "recovery_codes") in kinds
    assert ("members.RecoveryCodesRenewed", None) in kinds
    assert ("members.AuthenticatorRemoved", "totp") in kinds
    assert ("members.PasswordChanged", None) in kinds
    assert {event.subject for event in told} == {f"member:{member.uid}"}
    everything = " ".join(str(event.payload) for event in told)
    assert secret not in everything
    assert "example.jp" not in everything
    assert not queries.has_mfa(member)
    removed = [event for event in told if event.name == "members.AuthenticatorRemoved"]
    assert all(event.payload["still_mfa"] is False for event in removed)


def test_a_secret_is_stored_sealed(hana: Standing) -> None:
    """The database does not hold what the authenticator app holds; the sealed text opens again."""
    secret = services.set_totp_secret(member_uid=hana.member_uid)
    stored = Authenticator.objects.get(user_id=hana.member_id, type="totp")
    assert secret not in str(stored.data)
    assert stored.wrap().validate_code(code(secret))


def test_recovery_codes_sign_in_once(client: Client, hana: Standing) -> None:
    """A recovery code takes the place of the app, one time."""
    codes = Authenticator.objects.get(user_id=hana.member_id, type="recovery_codes").wrap().get_unused_codes()
    for expected in (True, False):
        fresh = Client()
        sign_in(fresh, "hana@example.jp", "a long pass phrase 7")
        fresh.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert is_signed_in(fresh) is expected
        cache.clear()


def test_recovery_codes_alone_are_no_second_factor(hana: Standing) -> None:
    """Codes on paper are the way back, not a factor that lets somebody sign."""
    Authenticator.objects.filter(user_id=hana.member_id, type="totp").delete()
    assert not again(hana).has_mfa


def test_a_secret_that_is_scanned_stays_the_same_when_the_page_is_loaded_again(client: Client, hana: Standing) -> None:
    """A new one each time would refuse whoever has scanned the one before."""
    Authenticator.objects.filter(user_id=hana.member_id).delete()
    sign_in(client, "hana@example.jp", "a long pass phrase 7")
    first, second = (client.get(reverse("mfa_activate_totp")).context["form"].secret for _ in range(2))
    assert first == second


def test_a_suspended_account_does_not_sign_in(client: Client, hana: Standing, operator: Standing) -> None:
    """Whoever has the right password, and nobody else, is told why and until when."""
    party = queries.parties_by_id([hana.person_party_id])[hana.person_party_id]
    services.suspend(actor=operator, party_uid=party.uid, what=WhatStops(sign_in=True), reason="規約に反したため")
    for password, told in (("a long pass phrase 7", True), ("wrong", False)):
        answer = client.post(reverse("account_login"), {"login": "hana@example.jp", "password": password})
        assert ("規約に反したため" in answer.content.decode()) is told
    assert not is_signed_in(client)


def test_signing_in_is_rate_limited(client: Client, hana: Standing) -> None:
    """After five wrong passwords the right one is refused as well, for a while."""
    for _ in range(5):
        sign_in(client, "hana@example.jp", "wrong")
    assert not sign_in(client, "hana@example.jp", "a long pass phrase 7")
    assert not is_signed_in(client)
    cache.clear()
    assert "2fa" in sign_in(client, "hana@example.jp", "a long pass phrase 7")


def test_signing_up_twice_gives_nothing_away(client: Client, hana: Standing) -> None:
    """A known address gets the same answer as a new one, and a letter that says it is known."""
    fresh = sign_up(client, "fresh@example.jp")
    known = sign_up(Client(), "hana@example.jp")
    assert fresh == known == 302
    assert Member.objects.count() == 2
    assert Party.objects.count() == 2
    assert mail.outbox[-1].to == ["hana@example.jp"]


@pytest.mark.parametrize(
    "changes",
    [
        {"password1": "short", "password2": "short"},
        {"password1": "password1234", "password2": "password1234"},
        {"password2": "something else 77"},
        {"display_name": ""},
        {"email": "nobody"},
    ],
)
def test_a_sign_up_that_is_wrong_keeps_nothing(client: Client, changes: dict[str, str]) -> None:
    """The form comes back; no member and no party were made."""
    assert sign_up(client, **changes) == 200
    assert not Member.objects.exists()
    assert not Party.objects.exists()


def test_letters_speak_the_members_language(client: Client) -> None:
    """Who signs up on the English pages is written to in English."""
    path = "/en" + reverse("account_signup")
    client.post(
        path,
        {"email": "en@example.jp", "display_name": "Yuki", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert Member.objects.get(email="en@example.jp").language == "en"
    assert not re.search(r"[ぁ-ん]", str(mail.outbox[-1].body))


def test_the_mail_address_can_be_changed_with_a_second_factor(client: Client, hana: Standing) -> None:
    """A new address replaces the old one when it is confirmed, not before."""
    secret = services.set_totp_secret(member_uid=hana.member_uid)
    sign_in(client, "hana@example.jp", "a long pass phrase 7")
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert is_signed_in(client)
    client.post(reverse("account_email"), {"action_add": "", "email": "neu@example.jp"})
    assert Member.objects.get(uid=hana.member_uid).email == "hana@example.jp"
    confirm(client, [letter.to for letter in mail.outbox].index(["neu@example.jp"]))
    assert Member.objects.get(uid=hana.member_uid).email == "neu@example.jp"
    assert OutboxEvent.objects.filter(name="members.AddressChanged").count() == 1


def test_a_forgotten_password_is_reset_by_mail_and_the_second_factor_stays(client: Client, hana: Standing) -> None:
    """The link gives a new password, not a session without the second factor."""
    client.post(reverse("account_reset_password"), {"email": "hana@example.jp"})
    found = re.search(r"https?://[^/\s]+(/\S*password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found
    form = client.get(found[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert not is_signed_in(client)
    assert "2fa" in sign_in(client, "hana@example.jp", PASSWORD)
    assert OutboxEvent.objects.filter(name="members.PasswordChanged", payload__how="reset").count() == 1


def test_passkeys_are_offered(client: Client, hana: Standing) -> None:
    """Signing in by passkey asks for user verification under the public host name."""
    asked = client.get(
        reverse("mfa_login_webauthn"), headers={"accept": "application/json", "x-requested-with": "XMLHttpRequest"}
    )
    assert asked.status_code == 200
    options = asked.json()["request_options"]["publicKey"]
    assert (options["userVerification"], options["rpId"]) == ("required", "testserver")


def test_an_operator_is_set_up_without_pages(client: Client) -> None:
    """Operator set-up gives an account that still needs a second factor to act."""
    made = services.create_operator(email="Ops@example.jp", password=PASSWORD, display_name="運営")
    with pytest.raises(errors.MfaNeeded):
        queries.may_operate(queries.standing_of(made))
    secret = services.set_totp_secret(member_uid=made.uid)
    queries.may_operate(queries.standing_of(made))
    sign_in(client, "ops@example.jp")
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert is_signed_in(client)
    with pytest.raises(errors.AddressInUse):
        services.create_operator(email="ops@example.jp", password=PASSWORD)
    with pytest.raises(errors.PasswordTooWeak):
        services.create_operator(email="ops2@example.jp", password="1234")
    given = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert services.set_totp_secret(member_uid=made.uid, totp_secret=given) == given


def test_a_profile_is_edited(hana: Standing, announced: Announced) -> None:
    """The party carries the new name; what is wrong is named by field."""
    services.edit_profile(
        actor=hana,
        display_name="花",
        name_en="Hana",
        affiliation="区役所",
        introduction="…",
        website="https://example.jp",
    )
    party = queries.parties_by_id([hana.person_party_id])[hana.person_party_id]
    assert (party.name_in("ja"), party.name_in("en")) == ("花", "Hana")
    assert announced(events.ProfileEdited)[0].payload["party_id"] == party.pk
    with pytest.raises(errors.ProfileInvalid) as told:
        services.edit_profile(actor=hana, display_name=" ", affiliation="x" * 201, website="javascript:alert(1)")
    found = told.value.data["errors"]
    assert isinstance(found, list)
    assert {fault["field"] for fault in found} == {"display_name", "affiliation", "website"}
    with pytest.raises(errors.SignInNeeded):
        services.edit_profile(actor=queries.anonymous_standing(), display_name="x")


def test_standings_of_nobody_and_by_uid(hana: Standing) -> None:
    """Programs act for somebody by uid; nobody has no standing at all."""
    assert queries.anonymous_standing().is_anonymous
    assert queries.anonymous_standing().actor == "anonymous"
    assert again(hana).actor == hana.member_uid
    with pytest.raises(errors.MemberNotFound):
        queries.standing_of_uid("nobody")
    with pytest.raises(errors.PartyNotFound):
        queries.get_party("nobody")
    assert queries.search_members("HANA@").items[0].uid == hana.member_uid
