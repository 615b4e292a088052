"""Writes about people: signing up, profile, operator set-up, and what allauth did to an account."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tdpf.controlplane.members import errors, events, queries, rules
from tdpf.controlplane.members.models import Member, Party
from tdpf.controlplane.members.types import PartyKind, Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.events import Event
from tdpf.kit.ids import new_uid

PROFILE_LIMITS = {"display_name": 100, "name_en": 200, "affiliation": 200, "introduction": 4000}


@transaction.atomic
def register_member(*, member: Member, display_name: str, language: str) -> Member:
    """Keep a new member with a party of their own; address and password are already set on `member`.

    Raises AddressInvalid, AddressInUse. Announces MemberRegistered.
    """
    member.email = rules.must_be_address(member.email)
    if Member.objects.filter(email=member.email).exists():
        raise errors.AddressInUse(email=member.email)
    instant = now()
    uid = new_uid()
    member.uid = uid
    member.display_name = display_name.strip()[:100] or member.email.partition("@")[0]
    member.language = "en" if language.lower().startswith("en") else "ja"
    member.joined_at = instant
    member.party = Party.objects.create(
        uid=new_uid(),
        kind=PartyKind.PERSON,
        name_ja=member.display_name,
        slug=f"p-{uid[-12:]}",
        created_at=instant,
    )
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as taken:  # somebody signed up with the same address at the same moment
        raise errors.AddressInUse(email=member.email) from taken
    announce(events.MemberRegistered(actor=uid, subject=f"member:{uid}"))
    return member


@transaction.atomic
def create_confirmed_member(*, email: str, password: str, display_name: str, language: str = "ja") -> Member:
    """Keep a member whose address counts as confirmed; for operator set-up and sample data only.

    Raises PasswordTooWeak, AddressInvalid, AddressInUse.
    """
    member = Member(email=email, display_name=display_name)
    _set_password(member, password)
    register_member(member=member, display_name=display_name, language=language)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    announce(events.AddressConfirmed(actor="system", subject=f"member:{member.uid}"))
    return member


@transaction.atomic
def create_operator(*, email: str, password: str, display_name: str = "運営者", language: str = "ja") -> Member:
    """Keep a member who operates the platform; to act they still need a second factor. Raises as the function above."""
    member = create_confirmed_member(email=email, password=password, display_name=display_name, language=language)
    member.is_operator = True
    member.save(update_fields=["is_operator"])
    announce(events.OperatorAppointed(actor="system", subject=f"member:{member.uid}", reason="operator set-up"))
    return member


@transaction.atomic
def set_totp_secret(*, member_uid: str, totp_secret: str = "") -> str:
    """Give an account an authenticator app without going through pages, and return its secret (base 32).

    For operator set-up and sample data only; a secret is made when none is given. Recovery codes are made too.
    """
    member = queries.get_member(member_uid)
    secret = totp_secret or generate_totp_secret()
    Authenticator.objects.filter(user=member, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(member, secret)
    RecoveryCodes.activate(member)
    announce(events.AuthenticatorAdded(actor="system", subject=f"member:{member.uid}", kind="totp"))
    return str(secret)


@transaction.atomic
def set_password(*, member_uid: str, password: str) -> None:
    """Give an account a new password without going through pages; for operator set-up. Raises PasswordTooWeak."""
    member = queries.get_member(member_uid)
    _set_password(member, password)
    member.save(update_fields=["password"])
    announce(events.PasswordChanged(actor="system", subject=f"member:{member.uid}", how="set"))


@transaction.atomic
def edit_profile(
    *,
    actor: Standing,
    display_name: str,
    name_en: str = "",
    language: str = "ja",
    affiliation: str = "",
    introduction: str = "",
    website: str = "",
) -> Member:
    """Change what the member says of themselves; all but the name may be empty.

    Raises SignInNeeded, MemberSuspended, ProfileInvalid with `errors`. Announces ProfileEdited.
    """
    rules.must_be_free_to_act(actor)
    _check_profile(
        website, display_name=display_name, name_en=name_en, affiliation=affiliation, introduction=introduction
    )
    member = Member.objects.select_for_update().get(pk=actor.member_id)
    member.display_name = display_name.strip()
    member.language = "en" if language.lower().startswith("en") else "ja"
    member.affiliation = affiliation.strip()
    member.introduction = introduction.strip()
    member.website = website.strip()
    member.save(update_fields=["display_name", "language", "affiliation", "introduction", "website"])
    Party.objects.filter(pk=member.party_id).update(name_ja=member.display_name, name_en=name_en.strip())
    announce(events.ProfileEdited(actor=actor.actor, subject=f"member:{member.uid}", party_id=member.party_id))
    return member


@transaction.atomic
def record_account_change(event: Event) -> None:
    """Announce what allauth already wrote to an account; called by the receivers only."""
    announce(event)


def _check_profile(website: str, **texts: str) -> None:
    found: list[dict[str, str]] = []
    if not texts["display_name"].strip():
        found.append(
            {"field": "display_name", "message_ja": "表示名を入力してください。", "message_en": "Give a display name."}
        )
    for field, text in texts.items():
        limit = PROFILE_LIMITS[field]
        if len(text.strip()) > limit:
            ja, en = f"{limit}文字以内にしてください。", f"{limit} characters at most."
            found.append({"field": field, "message_ja": ja, "message_en": en})
    for field, ja, en in rules.contact_faults(website.strip(), "", ""):
        found.append({"field": field, "message_ja": ja, "message_en": en})
    if found:
        raise errors.ProfileInvalid(count=len(found), errors=found)


def _set_password(member: Member, password: str) -> None:
    try:
        validate_password(password, member)
    except ValidationError as weak:
        raise errors.PasswordTooWeak(why=" ".join(weak.messages)) from weak
    member.set_password(password)
