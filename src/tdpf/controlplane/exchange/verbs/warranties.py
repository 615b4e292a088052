"""Writes about warranties: signing, and keeping out what is not signed for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.events import VersionPublished
from tdpf.controlplane.exchange import errors, events, queries, rules, shaping
from tdpf.controlplane.exchange.models import Offer, Warranty, WarrantyText
from tdpf.controlplane.exchange.types import OfferState, WarrantyView
from tdpf.controlplane.exchange.verbs.locking import locked_offer, offer_fields
from tdpf.controlplane.exchange.warranty_texts import IN_FORCE
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid


@transaction.atomic
def sign_warranty(*, actor: Standing, offer_uid: str, text_version: str, text_sha256: str) -> tuple[WarrantyView, ...]:
    """Sign the warranty, as it was shown, for every latest version and link of the dataset that has none yet.

    Raises as `members.may_sign`, StepNotPossible, NothingToPublish, WarrantyTextStale. Announces WarrantySigned for
    each.
    """
    offer = locked_offer(offer_uid)
    members.may_sign(actor, offer.provider_id)
    if offer.state == OfferState.ENDED.value:
        raise rules.step_not_possible("offer", OfferState.ENDED, "sign")
    facts = queries.publishing(offer, catalog.dataset_page(offer.dataset.uid, actor))
    if not facts.identities:
        raise errors.NothingToPublish
    unsigned = sorted(set(facts.identities) - facts.warranted)
    signed = [_sign(actor, offer, identity, text_version, text_sha256, now()) for identity in unsigned]
    return tuple(shaping.warranty_views(Warranty.objects.filter(pk__in=[row.pk for row in signed]).order_by("id")))


@transaction.atomic
def sign_warranty_for_version(
    *, actor: Standing, dataset_uid: str, identity: str, text_version: str, text_sha256: str
) -> WarrantyView | None:
    """Sign the warranty for a version that is about to flow into an offered dataset; None if it is signed already.

    Raises as `members.may_sign`, OfferUnknown when the dataset is not offered, WarrantyTextStale. Announces
    WarrantySigned.
    """
    known = standing_offers(dataset_uid).order_by("id").values_list("uid", flat=True).first()
    if known is None:
        raise errors.OfferUnknown(offer=dataset_uid)
    offer = locked_offer(known)
    members.may_sign(actor, offer.provider_id)
    if Warranty.objects.filter(dataset_id=offer.dataset_id, version_identity=identity).exists():
        return None
    row = _sign(actor, offer, identity, text_version, text_sha256, now())
    return shaping.warranty_views(Warranty.objects.filter(pk=row.pk))[0]


def refuse_unwarranted_version(event: VersionPublished) -> None:
    """Undo a version that flows into an offered dataset without a signed warranty, by raising WarrantyMissing.

    Called inside the transaction that announces the version, so nothing unsigned is ever the latest.
    """
    offered = standing_offers(event.dataset_uid).exists()
    signed = Warranty.objects.filter(dataset__uid=event.dataset_uid, version_identity=event.identity).exists()
    if offered and not signed:
        raise errors.WarrantyMissing(count=1)


def standing_offers(dataset_uid: str) -> QuerySet[Offer]:
    """Return the offers by which a dataset is offered: published, under notice, or suspended."""
    return Offer.objects.filter(
        dataset__uid=dataset_uid,
        state__in=[OfferState.PUBLISHED.value, OfferState.WITHDRAWING.value, OfferState.SUSPENDED.value],
    )


def _sign(
    actor: Standing, offer: Offer, identity: str, text_version: str, text_sha256: str, instant: datetime
) -> Warranty:
    if (text_version, text_sha256) != (IN_FORCE.version, IN_FORCE.sha256):
        raise errors.WarrantyTextStale(given=text_version, current=IN_FORCE.version)
    text, _ = WarrantyText.objects.get_or_create(
        version=IN_FORCE.version,
        defaults={
            "text_ja": IN_FORCE.ja,
            "text_en": IN_FORCE.en,
            "sha256": IN_FORCE.sha256,
            "recorded_at": instant,
        },
    )
    if text.sha256 != IN_FORCE.sha256:
        raise RuntimeError(f"the warranty text {IN_FORCE.version} was changed after it had been signed")
    warranty = Warranty.objects.create(
        uid=new_uid(),
        offer=offer,
        dataset_id=offer.dataset_id,
        version_identity=identity,
        text=text,
        text_sha256=IN_FORCE.sha256,
        signer_id=actor.member_id,
        party_id=offer.provider_id,
        signed_at=instant,
    )
    announce(
        events.WarrantySigned(
            actor=actor.actor,
            warranty_uid=warranty.uid,
            version_identity=identity,
            text_version=IN_FORCE.version,
            text_sha256=IN_FORCE.sha256,
            **offer_fields(offer),
        )
    )
    return warranty
