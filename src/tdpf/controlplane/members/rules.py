"""Pure decisions about members: each returns nothing, or raises the Problem that stands in the way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from tdpf.controlplane.members import errors
from tdpf.controlplane.members.types import (
    Decision,
    OrganizationFacts,
    OrganizationKind,
    OrganizationState,
    PartyKind,
    PublisherFacts,
    Role,
    Standing,
    WhatStops,
)
from tdpf.kit.codes import is_corporate_number, is_municipality_code

RANK = {Role.VIEWER: 1, Role.EDITOR: 2, Role.ADMINISTRATOR: 3}
ROLE_JA = {Role.VIEWER: "閲覧者", Role.EDITOR: "編集者", Role.ADMINISTRATOR: "管理者"}
STATE_JA = {
    OrganizationState.SUBMITTED: "審査待ち",
    OrganizationState.ASKED_BACK: "確認のお願い中",
    OrganizationState.APPROVED: "承認済み",
    OrganizationState.REJECTED: "不承認",
    OrganizationState.WITHDRAWN: "取下げ済み",
}
NEXT_STATE = {
    Decision.APPROVE: OrganizationState.APPROVED,
    Decision.ASK_BACK: OrganizationState.ASKED_BACK,
    Decision.REJECT: OrganizationState.REJECTED,
}
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")
MAIL = re.compile(r"[^@\s]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)


def must_be_signed_in(standing: Standing) -> None:
    """Refuse nobody-in-particular. Raises SignInNeeded."""
    if standing.is_anonymous:
        raise errors.SignInNeeded


def must_be_free_to_act(standing: Standing) -> None:
    """Refuse who is not signed in or is suspended. Raises SignInNeeded, MemberSuspended."""
    must_be_signed_in(standing)
    if standing.is_suspended:
        raise errors.MemberSuspended


def must_have_mfa(standing: Standing) -> None:
    """Refuse who is not free to act or has no second factor. Raises MfaNeeded and the ones before."""
    must_be_free_to_act(standing)
    if not standing.has_mfa:
        raise errors.MfaNeeded


def may_view(standing: Standing, party_id: int) -> None:
    """Let anyone with a role look at a party's own pages, suspended or not. Raises SignInNeeded, RoleNeeded."""
    must_be_signed_in(standing)
    if party_id not in standing.roles and party_id not in standing.pending_roles:
        raise _role_needed(Role.VIEWER)


def may_edit(standing: Standing, party_id: int) -> None:
    """Let editors and administrators work in the name of a party.

    Raises SignInNeeded, MemberSuspended, OrganizationNotApproved, PartySuspended, RoleNeeded.
    """
    _must_hold(standing, party_id, Role.EDITOR)


def may_administer(standing: Standing, party_id: int) -> None:
    """Let administrators with a second factor manage an approved party. Raises MfaNeeded and those of `may_edit`."""
    _must_hold(standing, party_id, Role.ADMINISTRATOR)
    must_have_mfa(standing)


def may_provide(standing: Standing, party_id: int) -> None:
    """Let editors and administrators with a second factor provide data for a party. Raises as `may_administer`."""
    _must_hold(standing, party_id, Role.EDITOR)
    must_have_mfa(standing)


def may_sign(standing: Standing, party_id: int) -> None:
    """Let administrators with a second factor bind a party by a warranty or an agreement. Raises as `may_administer`."""
    may_administer(standing, party_id)


def may_operate(standing: Standing) -> None:
    """Let operators with a second factor act for the platform. Raises OperatorNeeded, MfaNeeded, MemberSuspended."""
    must_be_free_to_act(standing)
    if not standing.is_operator:
        raise errors.OperatorNeeded
    must_have_mfa(standing)


def may_judge(standing: Standing, party_id: int) -> None:
    """Let an operator decide about a party that is not their own. Raises OwnOrganization and those of `may_operate`."""
    may_operate(standing)
    if party_id in standing.roles or party_id in standing.pending_roles:
        raise errors.OwnOrganization


def may_apply_again(standing: Standing, party_id: int, state: OrganizationState) -> None:
    """Let an administrator of an organisation that was asked back submit again. Raises RoleNeeded, WrongState."""
    must_be_free_to_act(standing)
    held = standing.pending_roles.get(party_id) or standing.roles.get(party_id)
    if held != Role.ADMINISTRATOR:
        raise _role_needed(Role.ADMINISTRATOR)
    if state is not OrganizationState.ASKED_BACK:
        raise _wrong_state(state)


def may_withdraw_application(standing: Standing, party_id: int, state: OrganizationState) -> None:
    """Let an administrator take an undecided application back. Raises RoleNeeded, WrongState."""
    must_be_free_to_act(standing)
    held = standing.pending_roles.get(party_id) or standing.roles.get(party_id)
    if held != Role.ADMINISTRATOR:
        raise _role_needed(Role.ADMINISTRATOR)
    if state not in (OrganizationState.SUBMITTED, OrganizationState.ASKED_BACK):
        raise _wrong_state(state)


def state_after(state: OrganizationState, decision: Decision, reason: str) -> OrganizationState:
    """Return where a submitted application goes; all but approval needs a reason. Raises WrongState, ReasonNeeded."""
    if state is not OrganizationState.SUBMITTED:
        raise _wrong_state(state)
    if decision is not Decision.APPROVE:
        must_give_reason(reason)
    return NEXT_STATE[decision]


def must_give_reason(reason: str) -> None:
    """Refuse a judgement without words. Raises ReasonNeeded."""
    if not reason.strip():
        raise errors.ReasonNeeded


def must_keep_administrator(roles_after: Iterable[str]) -> None:
    """Refuse a change after which no administrator is left. Raises LastAdministrator."""
    if Role.ADMINISTRATOR not in roles_after:
        raise errors.LastAdministrator


def must_be_suspendable(kind: PartyKind, what: WhatStops, reason: str, until: datetime | None, now: datetime) -> None:
    """Check a suspension before it is made. Raises ReasonNeeded, SignInOnlyForPeople, EndsInThePast."""
    must_give_reason(reason)
    if what.sign_in and kind is not PartyKind.PERSON:
        raise errors.SignInOnlyForPeople
    if until is not None and until <= now:
        raise errors.EndsInThePast


def must_be_address(email: str) -> str:
    """Return the mail address in lower case. Raises AddressInvalid."""
    tidy = email.strip().lower()
    if len(tidy) > 254 or MAIL.fullmatch(tidy) is None:
        raise errors.AddressInvalid(email=email)
    return tidy


def is_mail_address(email: str) -> bool:
    """Say whether the text is a mail address."""
    return len(email.strip()) <= 254 and MAIL.fullmatch(email.strip()) is not None


def folded_name(name: str) -> str:
    """Return a name as one way of writing: NFKC, lower case, no spaces; at most 200 characters."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())[:200]


def publisher_key(facts: PublisherFacts) -> str:
    """Return what makes a publisher one across sites: its name, and its municipality where that is known (港区 is several)."""
    name = folded_name(facts.name_ja)
    return f"{name}#{facts.municipality_code}" if facts.municipality_code else name


def is_same_body(facts: PublisherFacts, *, name_ja: str, municipality_code: str) -> bool:
    """Say whether a publisher is an organisation: the same name, and no two different municipality codes."""
    if facts.municipality_code and municipality_code and facts.municipality_code != municipality_code:
        return False
    return folded_name(facts.name_ja) == folded_name(name_ja)


def must_be_complete(facts: OrganizationFacts) -> None:
    """Check what an organisation says of itself; a municipality has a 団体コード, all others a 法人番号.

    Raises ApplicationIncomplete with `errors`, one per field.
    """
    found: list[dict[str, str]] = []

    def say(field: str, ja: str, en: str) -> None:
        found.append({"field": field, "message_ja": ja, "message_en": en})

    if not facts.name_ja.strip():
        say("name_ja", "団体名を入力してください。", "Give the organisation's name.")
    if len(facts.name_ja) > 200:
        say("name_ja", "団体名は200文字以内にしてください。", "The name may have 200 characters at most.")
    if len(facts.name_en) > 200:
        say("name_en", "英語名は200文字以内にしてください。", "The English name may have 200 characters at most.")
    if facts.slug and SLUG.fullmatch(facts.slug) is None:
        say(
            "slug",
            "短い名前は、半角の英小文字・数字・ハイフンで3文字以上63文字以内にしてください。",
            "The short name has 3 to 63 lower-case letters, digits and inner hyphens.",
        )
    if facts.kind is OrganizationKind.MUNICIPALITY and not facts.municipality_code:
        say(
            "municipality_code",
            "全国地方公共団体コード（6桁）を入力してください。",
            "Give the six-digit local government code.",
        )
    if facts.kind is not OrganizationKind.MUNICIPALITY and not facts.corporate_number:
        say("corporate_number", "法人番号（13桁）を入力してください。", "Give the thirteen-digit corporate number.")
    if facts.kind is not OrganizationKind.MUNICIPALITY and facts.municipality_code:
        say(
            "municipality_code",
            "全国地方公共団体コードは地方公共団体だけが入力します。",
            "Only a municipality has a local government code.",
        )
    if facts.municipality_code and not is_municipality_code(facts.municipality_code):
        say(
            "municipality_code",
            "全国地方公共団体コードの桁数か検査数字が正しくありません。6桁の数字を確かめてください。",
            "The local government code has the wrong length or check digit; check its six digits.",
        )
    if facts.corporate_number and not is_corporate_number(facts.corporate_number):
        say(
            "corporate_number",
            "法人番号の桁数か検査用数字が正しくありません。13桁の数字を確かめてください（先頭のTは不要です）。",
            "The corporate number has the wrong length or check digit; check its thirteen digits (without the T).",
        )
    for field, ja, en in contact_faults(facts.website, facts.contact_email, facts.address):
        say(field, ja, en)
    if found:
        raise errors.ApplicationIncomplete(count=len(found), errors=found)


def contact_faults(website: str, contact_email: str, address: str) -> list[tuple[str, str, str]]:
    """Return what is wrong with contact details as (field, Japanese, English); empty entries are fine."""
    found: list[tuple[str, str, str]] = []
    if website and not is_web_address(website):
        found.append(
            ("website", "https:// から始まるURLを入力してください。", "Give an address that begins with https://.")
        )
    if contact_email and MAIL.fullmatch(contact_email) is None:
        found.append(
            (
                "contact_email",
                "メールアドレスを name@example.jp の形で入力してください。",
                "Write it like name@example.jp.",
            )
        )
    if len(address) > 300:
        found.append(("address", "所在地は300文字以内にしてください。", "The address may have 300 characters at most."))
    return found


def is_web_address(text: str) -> bool:
    """Say whether the text is an http(s) address with a host, short enough to keep."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return (
        len(text) <= 500 and parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    )


def _must_hold(standing: Standing, party_id: int, needed: Role) -> None:
    must_be_free_to_act(standing)
    if party_id in standing.pending_roles:
        raise errors.OrganizationNotApproved
    held = standing.roles.get(party_id)
    if held is None or RANK[Role(held)] < RANK[needed]:
        raise _role_needed(needed)
    if party_id in standing.suspended_party_ids:
        raise errors.PartySuspended


def _role_needed(needed: Role) -> errors.RoleNeeded:
    return errors.RoleNeeded(needed=needed.value, needed_ja=ROLE_JA[needed])


def _wrong_state(state: OrganizationState) -> errors.WrongState:
    return errors.WrongState(state=state.value, state_ja=STATE_JA[state])
