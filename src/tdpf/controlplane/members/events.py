"""What this room announces. Mail addresses never stand in an event: the audit log keeps events for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tdpf.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class MemberRegistered(Event):
    """Somebody signed up; the mail address is not confirmed yet."""

    name: ClassVar[str] = "members.MemberRegistered"


@dataclass(frozen=True, kw_only=True)
class AddressConfirmed(Event):
    """A member proved to receive mail at an address."""

    name: ClassVar[str] = "members.AddressConfirmed"


@dataclass(frozen=True, kw_only=True)
class AddressChanged(Event):
    """A member's main mail address changed."""

    name: ClassVar[str] = "members.AddressChanged"


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """A member's password was changed or reset (`how`: changed, reset, set)."""

    name: ClassVar[str] = "members.PasswordChanged"
    how: str


@dataclass(frozen=True, kw_only=True)
class AuthenticatorAdded(Event):
    """A second factor was added (`kind`: totp, webauthn, recovery_codes)."""

    name: ClassVar[str] = "members.AuthenticatorAdded"
    kind: str


@dataclass(frozen=True, kw_only=True)
class AuthenticatorRemoved(Event):
    """A second factor was removed; `still_mfa` says whether another one remains."""

    name: ClassVar[str] = "members.AuthenticatorRemoved"
    kind: str
    still_mfa: bool


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesRenewed(Event):
    """A member made new recovery codes; the old ones are void."""

    name: ClassVar[str] = "members.RecoveryCodesRenewed"


@dataclass(frozen=True, kw_only=True)
class ProfileEdited(Event):
    """A member changed what they say of themselves; `party_id` is the person's party."""

    name: ClassVar[str] = "members.ProfileEdited"
    party_id: int


@dataclass(frozen=True, kw_only=True)
class OperatorAppointed(Event):
    """A member became an operator of the platform."""

    name: ClassVar[str] = "members.OperatorAppointed"


@dataclass(frozen=True, kw_only=True)
class OrganizationApplied(Event):
    """An organisation asks to be admitted, for the first time (`again` false) or after being asked back."""

    name: ClassVar[str] = "members.OrganizationApplied"
    party_id: int
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class OrganizationWithdrew(Event):
    """An application was withdrawn by the applicant."""

    name: ClassVar[str] = "members.OrganizationWithdrew"
    party_id: int


@dataclass(frozen=True, kw_only=True)
class OrganizationReviewed(Event):
    """An operator decided about an application (`decision`: approve, ask_back, reject)."""

    name: ClassVar[str] = "members.OrganizationReviewed"
    party_id: int
    decision: str


@dataclass(frozen=True, kw_only=True)
class OrganizationEdited(Event):
    """An approved organisation changed its contact details."""

    name: ClassVar[str] = "members.OrganizationEdited"
    party_id: int


@dataclass(frozen=True, kw_only=True)
class MemberInvited(Event):
    """An organisation offers somebody a role; the address stands in the invitation only."""

    name: ClassVar[str] = "members.MemberInvited"
    invitation_uid: str
    role: str


@dataclass(frozen=True, kw_only=True)
class InvitationClosed(Event):
    """An invitation was accepted, declined or withdrawn (`outcome`)."""

    name: ClassVar[str] = "members.InvitationClosed"
    invitation_uid: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class RoleGiven(Event):
    """A member has a role in an organisation, newly or instead of `before`."""

    name: ClassVar[str] = "members.RoleGiven"
    member_uid: str
    role: str
    before: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleEnded(Event):
    """A member no longer belongs to an organisation."""

    name: ClassVar[str] = "members.RoleEnded"
    member_uid: str
    before: str


@dataclass(frozen=True, kw_only=True)
class PartySuspended(Event):
    """An operator suspended a person or organisation; in force at the gateway at once."""

    name: ClassVar[str] = "members.PartySuspended"
    suspension_uid: str
    party_id: int
    stops_keys: bool
    stops_offers: tuple[str, ...]
    stops_sign_in: bool
    continues: str
    until_at: str | None


@dataclass(frozen=True, kw_only=True)
class SuspensionEnded(Event):
    """A suspension is over: lifted by an operator, or ended by itself (`actor` "system") on its date."""

    name: ClassVar[str] = "members.SuspensionEnded"
    suspension_uid: str
    party_id: int
    stopped_offers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PublisherContactSet(Event):
    """The operator noted where requests to a publisher without an account are sent."""

    name: ClassVar[str] = "members.PublisherContactSet"
    party_uid: str
