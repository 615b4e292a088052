"""What allauth writes by itself, announced as news of this room. Signals are used here and nowhere else."""

from __future__ import annotations

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.dispatch import receiver

from tdpf.controlplane.members import events, queries
from tdpf.controlplane.members.models import Member
from tdpf.controlplane.members.services import record_account_change


@receiver(account.email_confirmed, dispatch_uid="members.address_confirmed")
def address_confirmed(email_address: EmailAddress, **_: object) -> None:
    """Tell that a member proved to receive mail at an address."""
    uid = email_address.user.uid
    record_account_change(events.AddressConfirmed(actor=uid, subject=f"member:{uid}"))


@receiver(account.email_changed, dispatch_uid="members.address_changed")
def address_changed(user: Member, **_: object) -> None:
    """Tell that a member's main address changed."""
    record_account_change(events.AddressChanged(actor=user.uid, subject=f"member:{user.uid}"))


@receiver(account.password_changed, dispatch_uid="members.password_changed")
def password_changed(user: Member, **_: object) -> None:
    """Tell that a signed-in member changed the password."""
    record_account_change(events.PasswordChanged(actor=user.uid, subject=f"member:{user.uid}", how="changed"))


@receiver(account.password_reset, dispatch_uid="members.password_reset")
def password_reset(user: Member, **_: object) -> None:
    """Tell that a password was reset by a link sent by mail."""
    record_account_change(events.PasswordChanged(actor=user.uid, subject=f"member:{user.uid}", how="reset"))


@receiver(account.password_set, dispatch_uid="members.password_set")
def password_set(user: Member, **_: object) -> None:
    """Tell that a member without a password set one."""
    record_account_change(events.PasswordChanged(actor=user.uid, subject=f"member:{user.uid}", how="set"))


@receiver(mfa.authenticator_added, dispatch_uid="members.authenticator_added")
def authenticator_added(user: Member, authenticator: Authenticator, **_: object) -> None:
    """Tell that a second factor was added."""
    record_account_change(
        events.AuthenticatorAdded(actor=user.uid, subject=f"member:{user.uid}", kind=authenticator.type)
    )


@receiver(mfa.authenticator_removed, dispatch_uid="members.authenticator_removed")
def authenticator_removed(user: Member, authenticator: Authenticator, **_: object) -> None:
    """Tell that a second factor was removed, and whether another remains."""
    record_account_change(
        events.AuthenticatorRemoved(
            actor=user.uid,
            subject=f"member:{user.uid}",
            kind=authenticator.type,
            still_mfa=queries.has_mfa(user),
        )
    )


@receiver(mfa.authenticator_reset, dispatch_uid="members.recovery_codes_renewed")
def recovery_codes_renewed(user: Member, **_: object) -> None:
    """Tell that recovery codes were made anew."""
    record_account_change(events.RecoveryCodesRenewed(actor=user.uid, subject=f"member:{user.uid}"))
