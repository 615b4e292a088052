"""Every write of this room: keyword-only verbs, one transaction each; the actor is a Standing."""

from __future__ import annotations

from tdpf.controlplane.members.verbs.acting import one_after_another
from tdpf.controlplane.members.verbs.organizations import (
    apply_organization,
    edit_organization,
    resubmit_organization,
    review_organization,
    withdraw_application,
)
from tdpf.controlplane.members.verbs.people import (
    create_confirmed_member,
    create_operator,
    edit_profile,
    record_account_change,
    register_member,
    set_password,
    set_totp_secret,
)
from tdpf.controlplane.members.verbs.publishers import ensure_publishers, set_publisher_contact
from tdpf.controlplane.members.verbs.roles import (
    accept_invitation,
    change_role,
    decline_invitation,
    end_membership,
    invite_member,
    withdraw_invitation,
)
from tdpf.controlplane.members.verbs.suspensions import end_due_suspensions, lift_suspension, suspend

__all__ = [
    "accept_invitation",
    "apply_organization",
    "change_role",
    "create_confirmed_member",
    "create_operator",
    "decline_invitation",
    "edit_organization",
    "edit_profile",
    "end_due_suspensions",
    "end_membership",
    "ensure_publishers",
    "invite_member",
    "lift_suspension",
    "one_after_another",
    "record_account_change",
    "register_member",
    "resubmit_organization",
    "review_organization",
    "set_password",
    "set_publisher_contact",
    "set_totp_secret",
    "suspend",
    "withdraw_application",
    "withdraw_invitation",
]
