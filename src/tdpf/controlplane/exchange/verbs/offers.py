"""Writes about offers: drafting, terms, publication, suspension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetMetadata, DatasetPage
from tdpf.controlplane.exchange import errors, events, queries, rules, shaping
from tdpf.controlplane.exchange.models import Offer, OfferRevision
from tdpf.controlplane.exchange.terms import (
    terms_from_mapping,
    terms_from_stored,
    terms_json,
    terms_sha256,
    terms_to_dict,
)
from tdpf.controlplane.exchange.types import Access, OfferState, OfferView, Terms
from tdpf.controlplane.exchange.verbs.locking import locked_offer, offer_fields
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid
from tdpf.kit.text import Text

REASON = Text("理由", "reason")


@transaction.atomic
def draft_offer(*, actor: Standing, dataset_uid: str, fields: Mapping[str, object]) -> OfferView:
    """Begin an offer of a dataset with terms as a form gives them.

    Raises as `members.may_provide`, TermsInvalid with an error per field, PaidNotOffered, ColumnsUnknown. Announces
    OfferDrafted.
    """
    dataset = catalog.get_dataset(dataset_uid)
    members.may_provide(actor, dataset.provider_id)
    terms = terms_from_mapping(fields)
    page = catalog.dataset_page(dataset.uid, actor)
    _must_have_columns(terms, columns_of(page), strict=False)
    _must_keep_areas(terms, page)
    instant = now()
    offer = Offer(
        uid=new_uid(),
        dataset=dataset,
        provider_id=dataset.provider_id,
        created_by_id=actor.member_id,
        created_at=instant,
    )
    _take_terms(offer, terms)
    offer.save()
    _keep_revision(offer, terms, actor)
    announce(events.OfferDrafted(actor=actor.actor, **offer_fields(offer)))
    return shaping.offer_view(offer)


@transaction.atomic
def set_terms(*, actor: Standing, offer_uid: str, fields: Mapping[str, object]) -> OfferView:
    """Change an offer's terms; those of a published offer hold for new agreements only.

    Raises as `draft_offer`, StepNotPossible, TermsNarrowed. Announces TermsRevised unless nothing changed.
    """
    offer = locked_offer(offer_uid)
    members.may_provide(actor, offer.provider_id)
    if offer.state not in (OfferState.DRAFT.value, OfferState.PUBLISHED.value):
        raise rules.step_not_possible("offer", OfferState(offer.state), "revise")
    terms = terms_from_mapping(fields)
    published = offer.state == OfferState.PUBLISHED.value
    if published:
        rules.must_not_narrow(terms_from_stored(offer.terms), terms)
    page = catalog.dataset_page(offer.dataset.uid, actor)
    _must_have_columns(terms, columns_of(page), strict=published)
    _must_keep_areas(terms, page)
    if terms_sha256(terms) == offer.terms_sha256:
        return shaping.offer_view(offer)
    _take_terms(offer, terms)
    offer.revision += 1
    offer.save(update_fields=["terms", "terms_sha256", "access", "revision"])
    _keep_revision(offer, terms, actor)
    if published:
        push_facets(offer)
    announce(
        events.TermsRevised(
            actor=actor.actor,
            revision=offer.revision,
            terms_sha256=offer.terms_sha256,
            standing=published,
            **offer_fields(offer),
        )
    )
    return shaping.offer_view(offer)


@transaction.atomic
def publish_offer(*, actor: Standing, offer_uid: str, despite_licence: bool = False) -> OfferView:
    """Let an offer stand and its dataset be found; `despite_licence` confirms terms that an open licence contradicts.

    Raises LicenceContradicts, as `members.may_provide`, StepNotPossible, NothingToPublish, MetadataIncomplete, ConnectAnew, ScreeningMissing,
    ScreeningWaits, ScreeningRefused, WarrantyMissing, ColumnsUnknown, OpenOfferStands. Announces OfferPublished.
    """
    offer = locked_offer(offer_uid)
    members.may_provide(actor, offer.provider_id)
    after = rules.offer_after(OfferState(offer.state), "publish")
    terms = terms_from_stored(offer.terms)
    _must_be_publishable(offer, terms, actor)
    licence = catalog.dataset_page(offer.dataset.uid, actor).licence
    if queries.contradicts_licence(terms, licence) and not despite_licence:
        raise errors.LicenceContradicts(licence=licence)
    if terms.access is Access.OPEN:
        others = Offer.objects.filter(dataset_id=offer.dataset_id, access=Access.OPEN.value).exclude(pk=offer.pk)
        if others.exclude(state__in=[OfferState.DRAFT.value, OfferState.ENDED.value]).exists():
            raise errors.OpenOfferStands
    offer.state = after.value
    offer.published_at = now()
    offer.save(update_fields=["state", "published_at"])
    catalog_services.publish_dataset(actor=actor, dataset_uid=offer.dataset.uid)
    # The dataset is locked now: a version that came in since the first look is judged too.
    _must_be_publishable(offer, terms, actor)
    push_facets(offer)
    announce(
        events.OfferPublished(
            actor=actor.actor, terms_sha256=offer.terms_sha256, access=offer.access, **offer_fields(offer)
        )
    )
    return shaping.offer_view(offer)


@transaction.atomic
def describe_dataset(
    *, actor: Standing, dataset_uid: str, metadata: DatasetMetadata, despite_licence: bool = False
) -> None:
    """Replace what is said about a dataset; a new licence is judged by the terms of what is offered.

    `despite_licence` confirms terms that an open licence contradicts; a licence that stays is not asked about again.
    Raises LicenceContradicts, and as `catalog.edit_metadata`. Announces MetadataEdited unless nothing changed.
    """
    before = catalog.get_dataset(dataset_uid).licence
    after = catalog_services.edit_metadata(actor=actor, dataset_uid=dataset_uid, metadata=metadata).licence
    if after != before and not despite_licence and queries.contradicts_offers(dataset_uid, after):
        raise errors.LicenceContradicts(licence=after)


@transaction.atomic
def suspend_offer(*, actor: Standing, offer_uid: str, reason: str) -> OfferView:
    """Operator: stop an offer and all its use at once.

    Raises as `members.may_judge`, ReasonNeeded, StepNotPossible. Announces OfferSuspended.
    """
    members.may_operate(actor)
    offer = locked_offer(offer_uid)
    members.may_judge(actor, offer.provider_id)
    said = rules.must_write(reason, REASON)
    offer.state = rules.offer_after(OfferState(offer.state), "suspend").value
    offer.suspended_at = now()
    offer.suspension_reason = said
    offer.save(update_fields=["state", "suspended_at", "suspension_reason"])
    announce(events.OfferSuspended(actor=actor.actor, reason=said, **offer_fields(offer)))
    return shaping.offer_view(offer)


@transaction.atomic
def lift_offer_suspension(*, actor: Standing, offer_uid: str, reason: str) -> OfferView:
    """Operator: let a suspended offer stand again, under its notice where one runs.

    Raises as `members.may_judge`, ReasonNeeded, StepNotPossible. Announces OfferSuspensionLifted.
    """
    members.may_operate(actor)
    offer = locked_offer(offer_uid)
    members.may_judge(actor, offer.provider_id)
    said = rules.must_write(reason, REASON)
    under_notice = offer.withdraw_on is not None
    offer.state = rules.offer_after(OfferState(offer.state), "lift", under_notice=under_notice).value
    offer.suspended_at = None
    offer.suspension_reason = ""
    offer.save(update_fields=["state", "suspended_at", "suspension_reason"])
    announce(events.OfferSuspensionLifted(actor=actor.actor, reason=said, **offer_fields(offer)))
    return shaping.offer_view(offer)


def columns_of(page: DatasetPage) -> tuple[str, ...]:
    """Return the columns of a dataset's tables (connected ones too) and streams as they are today, each once, in order."""
    named = (
        distribution.latest.columns if distribution.latest is not None else distribution.columns
        for distribution in page.distributions
        if distribution.latest is not None or distribution.kind == "stream" or distribution.place_mark
    )  # fmt: skip
    return tuple(dict.fromkeys(name for columns in named for name in columns))


def push_facets(offer: Offer) -> None:
    """Tell the catalog how the offer's dataset can be had, from all of its offers that stand."""
    states = [state.value for state in rules.STANDING_OFFERS]
    rows = Offer.objects.filter(dataset_id=offer.dataset_id, state__in=states).order_by("id")
    standing = [terms_from_stored(stored) for stored in rows.values_list("terms", flat=True)]
    if not standing:
        return
    is_open = any(terms.access is Access.OPEN for terms in standing)
    catalog_services.set_terms_facets(
        dataset_uid=offer.dataset.uid,
        access="open" if is_open else "conditional",
        badges=tuple(dict.fromkeys(badge for terms in standing for badge in rules.badges(terms))),
    )


def _must_be_publishable(offer: Offer, terms: Terms, actor: Standing) -> None:
    page = catalog.dataset_page(offer.dataset.uid, actor)
    for problem in rules.publication_problems(queries.publishing(offer, page)):
        raise problem
    _must_have_columns(terms, columns_of(page), strict=True)
    _must_keep_areas(terms, page)


def _must_have_columns(terms: Terms, columns: Iterable[str], *, strict: bool) -> None:
    known = set(columns)
    unknown = [name for name in terms.columns if name not in known]
    if unknown and (known or strict):
        raise errors.ColumnsUnknown(columns="、".join(unknown[:20]))


def _must_keep_areas(terms: Terms, page: DatasetPage) -> None:
    if terms.areas and not (page.distributions and all(part.area_column for part in page.distributions)):
        raise errors.AreasNotKept


def _take_terms(offer: Offer, terms: Terms) -> None:
    offer.terms = terms_to_dict(terms)
    offer.terms_sha256 = terms_sha256(terms)
    offer.access = terms.access.value


def _keep_revision(offer: Offer, terms: Terms, actor: Standing) -> None:
    OfferRevision.objects.create(
        offer=offer,
        revision=offer.revision,
        terms=terms_json(terms).decode(),
        terms_sha256=offer.terms_sha256,
        changed_by_id=actor.member_id,
        changed_at=now(),
    )
