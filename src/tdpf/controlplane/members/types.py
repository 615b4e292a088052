"""Words and facts about members that other rooms may hold in their hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class PartyKind(StrEnum):
    """A party is one side of an offer or an agreement: a person or an organisation; a publisher is listed, no more."""

    PERSON = "person"
    ORGANIZATION = "organization"
    PUBLISHER = "publisher"


class OrganizationKind(StrEnum):
    """What sort of organisation applies."""

    MUNICIPALITY = "municipality"
    NATIONAL_BODY = "national_body"
    COMPANY = "company"
    UNIVERSITY = "university"
    NPO = "npo"


class OrganizationState(StrEnum):
    """Where an organisation's application stands; `rejected` and `withdrawn` are final."""

    SUBMITTED = "submitted"
    ASKED_BACK = "asked_back"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What an operator may decide about a submitted organisation."""

    APPROVE = "approve"
    ASK_BACK = "ask_back"
    REJECT = "reject"


class Role(StrEnum):
    """What a member may do in the name of a party; each includes the ones after it."""

    ADMINISTRATOR = "administrator"
    EDITOR = "editor"
    VIEWER = "viewer"


class InvitationState(StrEnum):
    """Where an invitation to an organisation stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatStops:
    """What a suspension stops beside acting, which it always stops: all keys, named offers (uids), signing in."""

    keys: bool = False
    offers: tuple[str, ...] = ()
    sign_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationFacts:
    """What an organisation says of itself when it applies; codes are digits only."""

    kind: OrganizationKind
    name_ja: str
    name_en: str = ""
    slug: str = ""
    corporate_number: str = ""
    municipality_code: str = ""
    address: str = ""
    website: str = ""
    contact_email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherFacts:
    """What is known of a body whose open data are listed here; `contact_email` is where requests may be sent.

    `slug_hint` is the name in Latin letters, where one can be made.
    """

    name_ja: str
    name_en: str = ""
    municipality_code: str = ""
    website: str = ""
    contact_email: str = ""
    slug_hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is true about the one who acts, at one moment; every permission is decided from it.

    `roles` maps the id of each party that the member may speak for to a role: the own person's party
    ("administrator") and approved organisations. `pending_roles` holds organisations not approved (yet).
    Nobody signed in: `member_id` 0, no roles.
    """

    member_id: int
    member_uid: str
    display_name: str
    language: str = "ja"
    has_mfa: bool = False
    is_operator: bool = False
    is_suspended: bool = False
    person_party_id: int = 0
    roles: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    pending_roles: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    suspended_party_ids: frozenset[int] = frozenset()

    @property
    def is_anonymous(self) -> bool:
        """Say whether nobody is signed in."""
        return self.member_id == 0

    @property
    def approved_party_ids(self) -> frozenset[int]:
        """Return the parties the member may speak for: the own person and approved organisations."""
        return frozenset(self.roles)

    @property
    def actor(self) -> str:
        """Return what events and the audit log call the one who acts."""
        return self.member_uid or "anonymous"
