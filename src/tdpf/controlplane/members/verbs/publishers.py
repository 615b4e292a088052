"""Writes about publishers: bodies whose open data are listed here without an account of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction

from tdpf.controlplane.members import errors, events, rules
from tdpf.controlplane.members.models import Organization, Party, Publisher
from tdpf.controlplane.members.types import OrganizationState, PartyKind, PublisherFacts, Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.ids import new_uid


@transaction.atomic
def ensure_publishers(*, facts: Sequence[PublisherFacts]) -> dict[str, int]:
    """Return the party of each named publisher by its key (`rules.publisher_key`), beginning those not known yet.

    An approved organisation of the same code, or of the same name where codes do not contradict, is the publisher itself.
    What is known stays, gaps are filled.
    """
    wanted = {rules.publisher_key(item): item for item in facts if item.name_ja.strip()}
    known = {row.key: row for row in Publisher.objects.filter(key__in=list(wanted))}
    found = {name: row.party_id for name, row in known.items()}
    for name, row in known.items():
        given = _contact(wanted[name])
        missing = [field for field, value in given.items() if value and not getattr(row, field)]
        for field in missing:
            setattr(row, field, given[field])
        if missing:
            row.save(update_fields=missing)
    admitted = _approved(wanted) if len(found) < len(wanted) else {}
    for name, item in wanted.items():
        if name not in found:
            found[name] = admitted.get(name) or _begin(name, item)
    return found


@transaction.atomic
def set_publisher_contact(*, actor: Standing, party_uid: str, website: str, contact_email: str) -> None:
    """Keep where requests to a publisher are sent. Raises OperatorNeeded (`may_operate`), PartyNotFound, AddressInvalid."""
    rules.may_operate(actor)
    address = rules.must_be_address(contact_email) if contact_email.strip() else ""
    row = Publisher.objects.select_for_update().filter(party__uid=party_uid).first()
    if row is None:
        raise errors.PartyNotFound(party=party_uid)
    row.contact_email, row.contact_confirmed = address, bool(address)
    row.website = website.strip() if rules.is_web_address(website.strip()) else ""
    row.save(update_fields=["contact_email", "contact_confirmed", "website"])
    announce(events.PublisherContactSet(actor=actor.actor, subject=f"party:{party_uid}", party_uid=party_uid))


def _approved(wanted: dict[str, PublisherFacts]) -> dict[str, int]:
    admitted = list(Organization.objects.filter(state=OrganizationState.APPROVED).select_related("party"))
    return {
        key: organization.party_id
        for key, item in wanted.items()
        for organization in admitted
        if rules.is_same_body(
            item, name_ja=organization.party.name_ja, municipality_code=organization.municipality_code
        )
    }


def _begin(name: str, item: PublisherFacts) -> int:
    party = Party.objects.create(
        uid=new_uid(),
        kind=PartyKind.PUBLISHER,
        name_ja=item.name_ja.strip()[:200],
        name_en=item.name_en.strip()[:200],
        slug=_free_slug(name, item),
        created_at=now(),
    )
    Publisher.objects.create(
        party=party,
        key=name,
        **_contact(item),
    )
    return int(party.pk)


def _contact(item: PublisherFacts) -> dict[str, str]:
    """What may be kept of a stranger's word on how a body is reached; "" for what is not an address."""
    website, email = item.website.strip(), item.contact_email.strip()
    return {
        "website": website if rules.is_web_address(website) else "",
        "contact_email": email if rules.is_mail_address(email) else "",
        "municipality_code": item.municipality_code,
    }


def _free_slug(name: str, item: PublisherFacts) -> str:
    made = re.sub(r"[^a-z0-9]+", "-", (item.slug_hint or item.name_en).lower()).strip("-")[:50].strip("-")
    digest = sha256_hex(name.encode())[:8]
    if len(made) < 3:
        return f"org-{digest}"
    return made if not Party.objects.filter(slug=made).exists() else f"{made}-{digest}"
