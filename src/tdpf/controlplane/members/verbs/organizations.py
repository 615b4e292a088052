"""Writes about organisations: applying, being asked back, review, contact details."""

from __future__ import annotations

import re
from dataclasses import replace

from django.db import IntegrityError, transaction

from tdpf.controlplane.members import errors, events, queries, rules
from tdpf.controlplane.members.models import Member, Membership, Organization, Party, ReviewStep
from tdpf.controlplane.members.types import (
    Decision,
    OrganizationFacts,
    OrganizationState,
    PartyKind,
    Role,
    Standing,
)
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid

MAX_UNDECIDED = 5
STEP_OF = {
    OrganizationState.APPROVED: "approved",
    OrganizationState.ASKED_BACK: "asked_back",
    OrganizationState.REJECTED: "rejected",
}


@transaction.atomic
def apply_organization(*, actor: Standing, facts: OrganizationFacts, note: str = "") -> Organization:
    """Ask for an organisation to be admitted; the applicant becomes its first administrator.

    Without a `slug` one is made from the English name or the code number. The same application again, while the first
    waits, is no second one. Raises SignInNeeded, MemberSuspended,
    ApplicationIncomplete, OrganizationExists, SlugTaken, TooManyApplications. Announces OrganizationApplied.
    """
    rules.must_be_free_to_act(actor)
    tidy = _tidied(facts)
    rules.must_be_complete(tidy)
    undecided = Organization.objects.filter(
        applied_by_id=actor.member_id, state__in=[OrganizationState.SUBMITTED, OrganizationState.ASKED_BACK]
    )
    _must_be_new(tidy)
    # A form sent twice must not come to the operator twice.
    Member.objects.select_for_update().get(pk=actor.member_id)
    for known in undecided.select_related("party"):
        if _says_the_same(known, tidy):
            return known
    if undecided.count() >= MAX_UNDECIDED:
        raise errors.TooManyApplications(limit=MAX_UNDECIDED)
    instant = now()
    party = Party.objects.create(
        uid=new_uid(),
        kind=PartyKind.ORGANIZATION,
        name_ja=tidy.name_ja,
        name_en=tidy.name_en,
        slug=_free_slug(tidy),
        created_at=instant,
    )
    organization = Organization.objects.create(
        uid=new_uid(),
        party=party,
        kind=tidy.kind,
        corporate_number=tidy.corporate_number,
        municipality_code=tidy.municipality_code,
        address=tidy.address,
        website=tidy.website,
        contact_email=tidy.contact_email,
        state=OrganizationState.SUBMITTED,
        applied_by_id=actor.member_id,
        applied_at=instant,
    )
    Membership.objects.create(
        uid=new_uid(),
        organization=organization,
        member_id=actor.member_id,
        role=Role.ADMINISTRATOR,
        given_by_id=actor.member_id,
        given_at=instant,
    )
    _remember(organization, "submitted", note, actor)
    announce(
        events.OrganizationApplied(
            actor=actor.actor, subject=f"organization:{organization.uid}", reason=note.strip(), party_id=party.pk
        )
    )
    return organization


@transaction.atomic
def resubmit_organization(
    *, actor: Standing, organization_uid: str, facts: OrganizationFacts, note: str = ""
) -> Organization:
    """Submit a corrected application after being asked back.

    Raises RoleNeeded, WrongState, ApplicationIncomplete, OrganizationExists, SlugTaken. Announces OrganizationApplied.
    """
    organization = _locked(organization_uid)
    rules.may_apply_again(actor, organization.party_id, OrganizationState(organization.state))
    tidy = _tidied(facts)
    rules.must_be_complete(tidy)
    _must_be_new(tidy)
    party = organization.party
    if tidy.slug and tidy.slug != party.slug:
        party.slug = _free_slug(tidy)
    party.name_ja, party.name_en = tidy.name_ja, tidy.name_en
    party.save(update_fields=["slug", "name_ja", "name_en"])
    organization.kind = tidy.kind
    organization.corporate_number = tidy.corporate_number
    organization.municipality_code = tidy.municipality_code
    organization.address = tidy.address
    organization.website = tidy.website
    organization.contact_email = tidy.contact_email
    organization.state = OrganizationState.SUBMITTED
    organization.state_reason = ""
    organization.applied_at = now()
    organization.save()
    _remember(organization, "resubmitted", note, actor)
    announce(
        events.OrganizationApplied(
            actor=actor.actor,
            subject=f"organization:{organization.uid}",
            reason=note.strip(),
            party_id=party.pk,
            again=True,
        )
    )
    return organization


@transaction.atomic
def withdraw_application(*, actor: Standing, organization_uid: str, reason: str = "") -> Organization:
    """Take back an application that is not decided yet. Raises RoleNeeded, WrongState. Announces OrganizationWithdrew."""
    organization = _locked(organization_uid)
    rules.may_withdraw_application(actor, organization.party_id, OrganizationState(organization.state))
    organization.state = OrganizationState.WITHDRAWN
    organization.state_reason = reason.strip()
    organization.save(update_fields=["state", "state_reason"])
    _remember(organization, "withdrawn", reason, actor)
    announce(
        events.OrganizationWithdrew(
            actor=actor.actor,
            subject=f"organization:{organization.uid}",
            reason=reason.strip(),
            party_id=organization.party_id,
        )
    )
    return organization


@transaction.atomic
def review_organization(
    *, actor: Standing, organization_uid: str, decision: Decision | str, reason: str = ""
) -> Organization:
    """Approve a submitted organisation, ask it back, or reject it; all but approval needs a reason.

    Raises OperatorNeeded, MfaNeeded, OwnOrganization, WrongState, ReasonNeeded, OrganizationExists.
    Announces OrganizationReviewed.
    """
    rules.may_operate(actor)
    organization = _locked(organization_uid)
    rules.may_judge(actor, organization.party_id)
    decided = Decision(decision)
    after = rules.state_after(OrganizationState(organization.state), decided, reason)
    organization.state = after
    organization.state_reason = reason.strip()
    organization.reviewed_by_id = actor.member_id
    organization.reviewed_at = now()
    try:
        with transaction.atomic():
            organization.save(update_fields=["state", "state_reason", "reviewed_by", "reviewed_at"])
    except IntegrityError as taken:
        raise errors.OrganizationExists(name=organization.party.name_ja) from taken
    _remember(organization, STEP_OF[after], reason, actor)
    announce(
        events.OrganizationReviewed(
            actor=actor.actor,
            subject=f"organization:{organization.uid}",
            reason=reason.strip(),
            party_id=organization.party_id,
            decision=decided.value,
        )
    )
    return organization


@transaction.atomic
def edit_organization(
    *, actor: Standing, organization_uid: str, address: str = "", website: str = "", contact_email: str = ""
) -> Organization:
    """Change an approved organisation's contact details; its name and codes stay as reviewed.

    Raises as `may_administer`, and ApplicationIncomplete with `errors`. Announces OrganizationEdited.
    """
    organization = _locked(organization_uid)
    rules.may_administer(actor, organization.party_id)
    address, website, contact_email = address.strip(), website.strip(), contact_email.strip()
    found = [
        {"field": field, "message_ja": ja, "message_en": en}
        for field, ja, en in rules.contact_faults(website, contact_email, address)
    ]
    if found:
        raise errors.ApplicationIncomplete(count=len(found), errors=found)
    organization.address, organization.website, organization.contact_email = address, website, contact_email
    organization.save(update_fields=["address", "website", "contact_email"])
    announce(
        events.OrganizationEdited(
            actor=actor.actor, subject=f"organization:{organization.uid}", party_id=organization.party_id
        )
    )
    return organization


def _locked(uid: str) -> Organization:
    found = Organization.objects.select_for_update(of=("self",)).select_related("party").filter(uid=uid).first()
    if found is None:
        raise errors.OrganizationNotFound(organization=uid)
    return found


def _remember(organization: Organization, step: str, text: str, actor: Standing) -> None:
    ReviewStep.objects.create(
        organization=organization, step=step, text=text.strip(), member_id=actor.member_id, at=now()
    )


def _tidied(facts: OrganizationFacts) -> OrganizationFacts:
    # Numbers are often pasted with spaces, hyphens or the T of an invoice number.
    return replace(
        facts,
        name_ja=facts.name_ja.strip(),
        name_en=facts.name_en.strip(),
        slug=facts.slug.strip(),
        corporate_number=re.sub(r"^[TＴ]|[\s\-－‐]", "", facts.corporate_number.strip()),
        municipality_code=re.sub(r"[\s\-－‐]", "", facts.municipality_code),
        address=facts.address.strip(),
        website=facts.website.strip(),
        contact_email=facts.contact_email.strip(),
    )


def _says_the_same(known: Organization, facts: OrganizationFacts) -> bool:
    """Say whether an application is about the same body under the same name."""
    mine = known.kind, known.party.name_ja, known.corporate_number, known.municipality_code
    return mine == (facts.kind, facts.name_ja, facts.corporate_number, facts.municipality_code)


def _must_be_new(facts: OrganizationFacts) -> None:
    known = queries.find_approved_organization(
        corporate_number=facts.corporate_number, municipality_code=facts.municipality_code
    )
    if known is not None:
        raise errors.OrganizationExists(name=known.party.name_ja)


def _free_slug(facts: OrganizationFacts) -> str:
    if facts.slug:
        if Party.objects.filter(slug=facts.slug).exists():
            raise errors.SlugTaken(slug=facts.slug)
        return facts.slug
    made = re.sub(r"[^a-z0-9]+", "-", facts.name_en.lower()).strip("-")[:50].strip("-")
    if len(made) < 3:
        made = f"o-{facts.corporate_number or facts.municipality_code}"
    return made if not Party.objects.filter(slug=made).exists() else f"{made}-{new_uid()[-6:]}"
