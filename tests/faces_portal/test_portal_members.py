"""A member's pages: account, my page, organisations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from portal_cast import Person, approved_organization
from portal_reading import page_of

from tdpf.controlplane.members import queries as members
from tdpf.djangokit import jobs

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

ACCOUNT_PAGES = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/confirm-email/"]
MY_PAGES = ["/home", "/home/profile", "/organizations/apply", "/applications", "/requests", "/accounts/2fa/", "/accounts/email/",
            "/accounts/password/change/", "/accounts/sessions/", "/accounts/logout/", "/accounts/2fa/webauthn/",
            "/accounts/reauthenticate/"]  # fmt: skip


@pytest.mark.parametrize("path", ACCOUNT_PAGES)
def test_account_pages_wear_the_portals_frame(client: Client, path: str) -> None:
    page = page_of(client.get(path))
    assert page.links["本文へ移動"] == "#main"
    assert page.headings == 1
    assert page.unlabelled() == []
    assert page.inline_scripts == 0
    assert page.inline_styles == 0


@pytest.mark.parametrize("path", MY_PAGES)
def test_my_pages_are_for_members_only_and_well_made(someone: Callable[..., Person], path: str) -> None:
    member = someone("m@example.jp", "会員")
    page = member.see(path)
    assert page.headings == 1
    assert page.unlabelled() == []
    assert page.inline_scripts == 0
    assert page.inline_styles == 0
    if path != "/accounts/logout/":
        assert Client().get(path).status_code == 302


def test_sign_up_sends_a_mail_and_the_link_confirms(client: Client, someone: Callable[..., Person]) -> None:
    words = "a long enough password 7"
    answer = client.post(
        "/accounts/signup/", {"email": "new@example.jp", "display_name": "新人", "password1": words, "password2": words}
    )
    assert answer.status_code == 302
    assert page_of(client.get(answer.headers["Location"])).heading == "メールを確かめてください"
    link = next(word for word in mail.outbox[0].body.split() if "/accounts/confirm-email/" in word)
    path = "/accounts" + link.split("/accounts", 1)[1]
    # Whoever is signed in stays so by opening somebody's link.
    other = someone("m@example.jp", "会員")
    assert "確認" in other.see(path).heading
    other.see("/home")
    assert "確認" in page_of(client.get(path)).heading
    client.post(path)
    assert members.find_member_by_email("new@example.jp") is not None


def test_my_page_asks_for_the_second_factor(someone: Callable[..., Person]) -> None:
    page = someone("m@example.jp", "会員", mfa=False).see("/home")
    assert page.links["多要素認証を設定する"] == "/accounts/2fa/"


def test_whoever_has_no_organisation_is_told_before_offering(someone: Callable[..., Person]) -> None:
    member = someone("m@example.jp", "会員")
    assert member.see("/provide").links["団体として登録する"] == "/organizations/apply"
    member.send("/organizations/apply", kind="municipality", name_ja="見本区", municipality_code="131016")
    assert "団体は審査中です" in member.see("/provide").text


def test_profile_is_kept(someone: Callable[..., Person]) -> None:
    member = someone("m@example.jp", "会員")
    member.send("/home/profile", display_name="新しい名前", language="en", website="")
    assert member.see("/home/profile").fields["display_name"]["value"] == "新しい名前"


def test_organisation_from_application_to_members(someone: Callable[..., Person]) -> None:
    operator, founder, friend = (
        someone("op@example.jp", "運営", operator=True), someone("f@example.jp", "創設"), someone("n@example.jp", "仲間"),
    )  # fmt: skip
    wrong = founder.refused("/organizations/apply", kind="municipality", name_ja="見本区", municipality_code="131017")
    assert wrong.fields["name_ja"]["value"] == "見本区"
    assert wrong.alerts
    page = founder.send("/organizations/apply", kind="municipality", name_ja="見本区", municipality_code="131016")
    assert "審査中" in founder.see(page).text
    uid = page.rsplit("/", 1)[1]
    assert "見本区" in operator.see("/operator/organizations").links

    back = operator.refused(f"/operator/organizations/{uid}", decision="ask_back", reason="")
    assert back.alerts
    operator.send(f"/operator/organizations/{uid}", decision="ask_back", reason="担当の課を教えてください。")
    asked = founder.see(page)
    assert "担当の課を教えてください。" in asked.text
    founder.send(
        f"{page}/resubmit", kind="municipality", name_ja="見本区", municipality_code="131016", note="総務課です。"
    )
    operator.send(f"/operator/organizations/{uid}", decision="approve", reason="")
    assert "承認済み" in founder.see(page).text

    founder.send(f"{page}/invite", email="n@example.jp", role="editor")
    jobs.run_pending()
    invited = friend.see("/home")
    assert "「見本区」に招かれています" in invited.text
    invitation = members.invitations_for(friend.member)[0]
    friend.send(f"/invitations/{invitation.uid}/answer", answer="accept")
    assert "仲間" in founder.see(page).text
    assert friend.see(page).text.count("編集者") >= 1
    assert someone("x@example.jp", "よそ").client.get(page).status_code in (403, 404)


def test_roles_are_changed_and_ended_by_the_administrator(someone: Callable[..., Person]) -> None:
    operator, founder, friend = (
        someone("op@example.jp", "運営", operator=True), someone("f@example.jp", "創設"), someone("n@example.jp", "仲間"),
    )  # fmt: skip
    city = approved_organization(founder, operator)
    founder.send(f"/organizations/{city.uid}/invite", email="n@example.jp", role="viewer")
    invitation = members.invitations_for(friend.member)[0]
    friend.send(f"/invitations/{invitation.uid}/answer", answer="accept")
    held = next(entry for entry in members.memberships_of(city) if entry.member.pk == friend.member.pk)
    founder.send(f"/memberships/{held.uid}/role", organization=city.uid, role="editor")
    assert friend.standing.roles[city.party_id] == "editor"
    founder.send(f"/memberships/{held.uid}/role", organization=city.uid, role="emperor")
    assert friend.standing.roles[city.party_id] == "editor"
    founder.send(f"/memberships/{held.uid}/role", organization=city.uid, role="none")
    assert city.party_id not in friend.standing.roles
