"""Reads about members, and the permission rules for the rooms above."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from tdpf.controlplane.members import errors
from tdpf.controlplane.members.models import (
    Invitation,
    Member,
    Membership,
    Organization,
    Party,
    Publisher,
    ReviewStep,
    Suspension,
)
from tdpf.controlplane.members.rules import RANK, is_same_body, publisher_key
from tdpf.controlplane.members.rules import may_administer as may_administer
from tdpf.controlplane.members.rules import may_edit as may_edit
from tdpf.controlplane.members.rules import may_judge as may_judge
from tdpf.controlplane.members.rules import may_operate as may_operate
from tdpf.controlplane.members.rules import may_provide as may_provide
from tdpf.controlplane.members.rules import may_sign as may_sign
from tdpf.controlplane.members.rules import may_view as may_view
from tdpf.controlplane.members.rules import must_be_free_to_act as must_be_free_to_act
from tdpf.controlplane.members.rules import must_have_mfa as must_have_mfa
from tdpf.controlplane.members.types import OrganizationState, PublisherFacts, Role, Standing
from tdpf.kit.clock import now as present
from tdpf.kit.pages import Page
from tdpf.kit.text import Text

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def anonymous_standing() -> Standing:
    """Return the standing of somebody who is not signed in."""
    return Standing(member_id=0, member_uid="", display_name="")


def standing_of(member: Member, now: datetime | None = None) -> Standing:
    """Return what is true about a member at this moment: second factor, roles, suspensions."""
    instant = now or present()
    roles: dict[int, str] = {member.party_id: Role.ADMINISTRATOR.value}
    pending: dict[int, str] = {}
    held = Membership.objects.filter(member=member).select_related("organization")
    for membership in held:
        approved = membership.organization.state == OrganizationState.APPROVED
        (roles if approved else pending)[membership.organization.party_id] = membership.role
    stopped = frozenset(
        live_suspensions(instant).filter(party__in=[*roles, *pending]).values_list("party_id", flat=True)
    )
    return Standing(
        member_id=member.pk,
        member_uid=member.uid,
        display_name=member.display_name,
        language=member.language,
        has_mfa=has_mfa(member),
        is_operator=member.is_operator,
        is_suspended=not member.is_active or member.party_id in stopped,
        person_party_id=member.party_id,
        roles=MappingProxyType(roles),
        pending_roles=MappingProxyType(pending),
        suspended_party_ids=stopped,
    )


def standing_of_uid(member_uid: str, now: datetime | None = None) -> Standing:
    """Return the standing of the member with this uid, for programs that act for somebody. Raises MemberNotFound."""
    return standing_of(get_member(member_uid), now)


def has_mfa(member: Member) -> bool:
    """Say whether the account has an authenticator app or a passkey; recovery codes alone do not count."""
    return bool(Authenticator.objects.filter(user_id=member.pk, type__in=SECOND_FACTORS).exists())


def get_member(uid: str) -> Member:
    """Return the member. Raises MemberNotFound."""
    found = Member.objects.select_related("party").filter(uid=uid).first()
    if found is None:
        raise errors.MemberNotFound(member=uid)
    return found


def find_member_by_email(email: str) -> Member | None:
    """Return the member who has confirmed this mail address, or None."""
    address = EmailAddress.objects.filter(email=email.strip().lower(), verified=True).first()
    return None if address is None else Member.objects.get(pk=address.user_id)


def search_members(text: str = "", *, offset: int = 0, limit: int = 50) -> Page[Member]:
    """Return members whose name or mail address contains the text, newest first; for the operator's pages."""
    found = Member.objects.select_related("party").order_by("-id")
    if text.strip():
        found = found.filter(Q(display_name__icontains=text.strip()) | Q(email__icontains=text.strip()))
    return Page(items=list(found[offset : offset + limit]), total=found.count(), offset=offset, limit=limit)


def get_party(name: str) -> Party:
    """Return the party with this uid or slug. Raises PartyNotFound."""
    found = Party.objects.filter(Q(uid=name) | Q(slug=name)).first()
    if found is None:
        raise errors.PartyNotFound(party=name)
    return found


def names_of_members(uids: Iterable[str]) -> dict[str, str]:
    """Return the display names of members by their uids; unknown uids are left out."""
    return dict(Member.objects.filter(uid__in=list(uids)).values_list("uid", "display_name"))


def parties_by_id(party_ids: Iterable[int]) -> dict[int, Party]:
    """Return the parties by their ids; unknown ids are left out."""
    return Party.objects.in_bulk(list(party_ids))


def names_of_parties(uids: Iterable[str]) -> dict[str, Text]:
    """Return the names of parties by their uids, Japanese where there is no English one; unknown uids are left out."""
    rows = Party.objects.filter(uid__in=list(uids)).values_list("uid", "name_ja", "name_en")
    return {uid: Text(ja, en or ja) for uid, ja, en in rows}


def list_parties_for(standing: Standing, *, minimum: Role = Role.VIEWER) -> list[Party]:
    """Return the parties the member may speak for with at least this role: the own person first."""
    ids = [party_id for party_id, role in standing.roles.items() if RANK[Role(role)] >= RANK[minimum]]
    found = Party.objects.filter(pk__in=ids)
    return sorted(found, key=lambda party: (party.pk != standing.person_party_id, party.name_ja))


def get_organization(uid: str) -> Organization:
    """Return the organisation with its party. Raises OrganizationNotFound."""
    found = Organization.objects.select_related("party", "applied_by", "reviewed_by").filter(uid=uid).first()
    if found is None:
        raise errors.OrganizationNotFound(organization=uid)
    return found


def organization_of_party(party_id: int) -> Organization | None:
    """Return the organisation behind a party, or None for a person."""
    return Organization.objects.select_related("party").filter(party_id=party_id).first()


def person_of_party(party_id: int) -> Member | None:
    """Return the member behind a person's party, or None for an organisation."""
    return Member.objects.select_related("party").filter(party_id=party_id).first()


def find_approved_organization(*, corporate_number: str = "", municipality_code: str = "") -> Organization | None:
    """Return the approved organisation that has either code number, or None."""
    same = Q()
    if corporate_number:
        same |= Q(corporate_number=corporate_number)
    if municipality_code:
        same |= Q(municipality_code=municipality_code)
    if not same:
        return None
    return Organization.objects.select_related("party").filter(same, state=OrganizationState.APPROVED).first()


def publisher_of_party(party_id: int) -> Publisher | None:
    """Return what is known of a body without an account whose open data are listed here, or None for members."""
    return Publisher.objects.select_related("party").filter(party_id=party_id).first()


def publisher_named(name: str) -> Publisher | None:
    """Return the body without an account that alone bears this Japanese name; None for none, or several (港区)."""
    found = list(Publisher.objects.select_related("party").filter(party__name_ja=name.strip())[:2])
    return found[0] if len(found) == 1 else None


def search_publishers(
    text: str = "", *, unconfirmed: bool = False, offset: int = 0, limit: int = 50
) -> Page[Publisher]:
    """Return bodies without an account whose name or code contains the text, by name; for the operator's pages.

    With `unconfirmed`, only those whose address no operator gave.
    """
    found = Publisher.objects.select_related("party").order_by("party__name_ja", "pk")
    if unconfirmed:
        found = found.filter(contact_confirmed=False)
    if tidy := text.strip():
        found = found.filter(
            Q(party__name_ja__icontains=tidy)
            | Q(party__name_en__icontains=tidy)
            | Q(municipality_code__startswith=tidy)
        )
    return Page(items=list(found[offset : offset + limit]), total=found.count(), offset=offset, limit=limit)


def organizations_of_publishers(party_ids: Iterable[int]) -> dict[int, int]:
    """Return the parties of approved organisations that are these publishers, under an account of their own, by the publisher's."""
    rows = Publisher.objects.select_related("party").filter(party__in=set(party_ids))
    approved = list(Organization.objects.filter(state=OrganizationState.APPROVED).select_related("party"))
    return {row.party_id: body.party_id for row in rows for body in approved if _is_same_body(row, body)}


def publishers_of_organization(party_id: int) -> list[int]:
    """Return the parties under which an approved organisation was listed as a publisher before it was a member."""
    body = Organization.objects.select_related("party").filter(party=party_id, state=OrganizationState.APPROVED).first()
    if body is None:
        return []
    key = publisher_key(PublisherFacts(name_ja=body.party.name_ja))
    rows = Publisher.objects.select_related("party").filter(Q(key=key) | Q(key__startswith=f"{key}#"))
    return [row.party_id for row in rows if _is_same_body(row, body)]


def _is_same_body(row: Publisher, body: Organization) -> bool:
    facts = PublisherFacts(name_ja=row.party.name_ja, municipality_code=row.municipality_code)
    return is_same_body(facts, name_ja=body.party.name_ja, municipality_code=body.municipality_code)


def key_of_publisher(facts: PublisherFacts) -> str:
    """Return the key under which `ensure_publishers` answers for these facts."""
    return publisher_key(facts)


def list_organizations_to_review() -> list[Organization]:
    """Return submitted organisations, the longest waiting first; for the operator's desk."""
    waiting = Organization.objects.filter(state=OrganizationState.SUBMITTED).select_related("party", "applied_by")
    return list(waiting.order_by("applied_at", "id"))


def search_organizations(
    text: str = "", *, state: OrganizationState | None = None, offset: int = 0, limit: int = 50
) -> Page[Organization]:
    """Return organisations whose name or code contains the text, newest first; for the operator's pages."""
    found = Organization.objects.select_related("party").order_by("-id")
    if state is not None:
        found = found.filter(state=state)
    if tidy := text.strip():
        found = found.filter(
            Q(party__name_ja__icontains=tidy)
            | Q(party__name_en__icontains=tidy)
            | Q(corporate_number=tidy)
            | Q(municipality_code=tidy)
        )
    return Page(items=list(found[offset : offset + limit]), total=found.count(), offset=offset, limit=limit)


def organizations_of(standing: Standing) -> list[Organization]:
    """Return every organisation in which the member has a role, whatever its state."""
    ids = [*standing.roles, *standing.pending_roles]
    return list(Organization.objects.filter(party_id__in=ids).select_related("party").order_by("party__name_ja"))


def review_steps(organization: Organization) -> list[ReviewStep]:
    """Return what was said in the review so far, oldest first."""
    return list(ReviewStep.objects.filter(organization=organization).select_related("member").order_by("id"))


def memberships_of(organization: Organization) -> list[Membership]:
    """Return the roles in an organisation with their members."""
    return list(Membership.objects.filter(organization=organization).select_related("member").order_by("id"))


def members_of_party(party_id: int, *, minimum: Role = Role.VIEWER) -> list[Member]:
    """Return who is to be told of a party's affairs: the person, or the members with at least this role."""
    person = person_of_party(party_id)
    if person is not None:
        return [person]
    fitting = [role.value for role in Role if RANK[role] >= RANK[minimum]]
    held = Membership.objects.filter(organization__party_id=party_id, role__in=fitting, member__is_active=True)
    return [membership.member for membership in held.select_related("member").order_by("id")]


def operators() -> list[Member]:
    """Return the active operators, to whom the platform writes."""
    return list(Member.objects.filter(is_operator=True, is_active=True).order_by("id"))


def open_invitations_of(organization: Organization, now: datetime | None = None) -> list[Invitation]:
    """Return the organisation's invitations that still wait for an answer."""
    waiting = Invitation.objects.filter(organization=organization, state="open", expires_at__gt=now or present())
    return list(waiting.select_related("invited_by").order_by("id"))


def invitations_for(member: Member, now: datetime | None = None) -> list[Invitation]:
    """Return open invitations to any mail address that the member has confirmed."""
    addresses = EmailAddress.objects.filter(user_id=member.pk, verified=True).values_list("email", flat=True)
    waiting = Invitation.objects.filter(email__in=list(addresses), state="open", expires_at__gt=now or present())
    return list(waiting.select_related("organization__party", "invited_by").order_by("id"))


def live_suspensions(now: datetime) -> QuerySet[Suspension]:
    """Return the suspensions in force at an instant."""
    return Suspension.objects.filter(Q(until_at__isnull=True) | Q(until_at__gt=now), lifted_at__isnull=True)


def list_live_suspensions(now: datetime | None = None) -> list[Suspension]:
    """Return the suspensions in force, newest first; for the operator's pages."""
    return list(live_suspensions(now or present()).select_related("party", "decided_by").order_by("-id"))


def list_suspensions(limit: int) -> list[Suspension]:
    """Return the suspensions, past ones included, newest first; for the operator's pages."""
    return list(Suspension.objects.select_related("party", "decided_by").order_by("-id")[:limit])


def suspensions_of(party_id: int) -> list[Suspension]:
    """Return every suspension of a party, past ones included, newest first."""
    found = Suspension.objects.filter(party_id=party_id).select_related("party", "decided_by", "lifted_by")
    return list(found.order_by("-id"))


def get_suspension(uid: str) -> Suspension:
    """Return the suspension, past or in force. Raises SuspensionNotFound."""
    found = Suspension.objects.select_related("party", "decided_by", "lifted_by").filter(uid=uid).first()
    if found is None:
        raise errors.SuspensionNotFound
    return found


def suspended_party_ids(now: datetime | None = None) -> frozenset[int]:
    """Return the parties in whose name nobody may act at present."""
    return frozenset(live_suspensions(now or present()).values_list("party_id", flat=True))


def parties_with_stopped_keys(now: datetime | None = None) -> frozenset[int]:
    """Return the parties whose keys the gateway must refuse at present."""
    found = live_suspensions(now or present()).filter(stops_keys=True)
    return frozenset(found.values_list("party_id", flat=True))


def stopped_offer_uids(now: datetime | None = None) -> frozenset[str]:
    """Return the uids of offers that suspensions stop at present."""
    named = live_suspensions(now or present()).values_list("stops_offers", flat=True)
    return frozenset(uid for uids in named for uid in uids)
