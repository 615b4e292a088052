"""Verbs on datasets: begin, describe, rename, publish, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.db.models import Q

from tdpf.controlplane.catalog import errors, events, rules
from tdpf.controlplane.catalog.models import Dataset, Distribution, SlugAlias, Version
from tdpf.controlplane.catalog.romanising import romanised
from tdpf.controlplane.catalog.search.analyzer import readings
from tdpf.controlplane.catalog.types import Access, DatasetMetadata
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now

_LISTS = ("themes", "keywords", "area_codes", "languages")


def create_dataset(*, actor: Standing, provider_party_id: int, metadata: DatasetMetadata, slug: str = "") -> Dataset:
    """Begin a draft; without a given slug one is made from the English title, else from how the Japanese is read.

    Raises MetadataRefused, SlugRefused, SlugTaken, and what `members.may_provide` raises.
    """
    members.may_provide(actor, provider_party_id)
    described = rules.must_be_described(metadata)
    wanted = rules.must_be_slug(slug) if slug else ""
    with transaction.atomic():
        dataset = Dataset(provider_id=provider_party_id, created_by_id=actor.member_id, **_columns(described))
        dataset.slug = _free_slug(wanted) if wanted else _proposed_slug(described, dataset.uid)
        _save_with_slug(dataset)
        announce(
            events.DatasetCreated(
                actor=actor.actor,
                subject=subject_of(dataset),
                dataset_uid=dataset.uid,
                slug=dataset.slug,
                provider_party_id=provider_party_id,
            )
        )
    return dataset


def edit_metadata(*, actor: Standing, dataset_uid: str, metadata: DatasetMetadata) -> Dataset:
    """Replace what is said about a dataset; nothing is announced when nothing changed.

    Raises DatasetUnknown, DatasetClosed, MetadataRefused, and what `members.may_edit` raises.
    """
    with transaction.atomic():
        dataset = locked_dataset(dataset_uid)
        members.may_edit(actor, dataset.provider_id)
        must_be_open(dataset)
        columns = _columns(rules.must_be_described(metadata))
        changed = tuple(name for name, value in columns.items() if getattr(dataset, name) != value)
        if changed:
            for name in changed:
                setattr(dataset, name, columns[name])
            dataset.modified_at = dataset.recorded_at = now()
            dataset.save()
            announce(
                events.MetadataEdited(
                    actor=actor.actor, subject=subject_of(dataset), dataset_uid=dataset.uid, fields=changed
                )
            )
    return dataset


def rename_dataset(*, actor: Standing, dataset_uid: str, slug: str) -> Dataset:
    """Give a dataset a new address; the old one redirects for ever. A slug it had before may be taken back.

    Raises DatasetUnknown, DatasetClosed, SlugRefused, SlugTaken, and what `members.may_provide` raises.
    """
    wanted = rules.must_be_slug(slug)
    with transaction.atomic():
        dataset = locked_dataset(dataset_uid)
        members.may_provide(actor, dataset.provider_id)
        must_be_open(dataset)
        old = dataset.slug
        if wanted == old:
            return dataset
        if not SlugAlias.objects.filter(slug=wanted, dataset=dataset).exists():
            _free_slug(wanted)
        dataset.slug = wanted
        dataset.modified_at = dataset.recorded_at = now()
        _save_with_slug(dataset)
        announce(
            events.SlugChanged(
                actor=actor.actor,
                subject=subject_of(dataset),
                dataset_uid=dataset.uid,
                old_slug=old,
                new_slug=wanted,
            )
        )
    return dataset


def publish_dataset(*, actor: Standing, dataset_uid: str) -> Dataset:
    """Make a dataset public; called by exchange when its offer is published. Doing it again changes nothing.

    Raises DatasetUnknown, DatasetClosed (purged), NothingToPublish, and what `members.may_provide` raises.
    """
    with transaction.atomic():
        dataset = locked_dataset(dataset_uid)
        members.may_provide(actor, dataset.provider_id)
        if dataset.origin == Dataset.Origin.HARVESTED:
            raise errors.HarvestedIsNotEdited(dataset=dataset.slug)
        if dataset.state == Dataset.State.PURGED:
            raise errors.DatasetClosed(dataset=dataset.slug)
        if dataset.state == Dataset.State.PUBLISHED:
            return dataset
        if not _has_something(dataset):
            raise errors.NothingToPublish(dataset=dataset.slug)
        instant = now()
        dataset.state = Dataset.State.PUBLISHED
        dataset.published_at = dataset.published_at or instant
        dataset.modified_at = dataset.recorded_at = instant
        dataset.withdrawn_at, dataset.withdrawn_reason = None, ""
        dataset.save()
        announce(
            events.DatasetPublished(
                actor=actor.actor, subject=subject_of(dataset), dataset_uid=dataset.uid, slug=dataset.slug
            )
        )
    return dataset


def withdraw_dataset(*, actor_uid: str, dataset_uid: str, reason: str) -> Dataset:
    """End the offer of a dataset; called by exchange, which has checked who may ("system" for due withdrawals).

    Doing it again changes nothing. Raises DatasetUnknown, ReasonMissing.
    """
    words = rules.must_give_reason(reason)
    with transaction.atomic():
        dataset = locked_dataset(dataset_uid)
        if dataset.state != Dataset.State.PUBLISHED:
            return dataset
        dataset.state = Dataset.State.WITHDRAWN
        dataset.withdrawn_at = dataset.modified_at = dataset.recorded_at = now()
        dataset.withdrawn_reason = words
        dataset.save()
        announce(
            events.DatasetWithdrawn(
                actor=actor_uid,
                subject=subject_of(dataset),
                reason=words,
                dataset_uid=dataset.uid,
                slug=dataset.slug,
            )
        )
    return dataset


def set_terms_facets(*, dataset_uid: str, access: Access, badges: Sequence[str] = ()) -> None:
    """Take over from exchange how the dataset may be got, so that it can be found by it. Raises DatasetUnknown."""
    with transaction.atomic():
        dataset = locked_dataset(dataset_uid)
        if (dataset.access, dataset.terms_badges) == (access, list(badges)):
            return
        dataset.access = Dataset.Access(access)
        dataset.terms_badges = list(badges)
        dataset.recorded_at = now()
        dataset.save(update_fields=["access", "terms_badges", "recorded_at"])
        announce(
            events.TermsFacetsSet(
                actor="system", subject=subject_of(dataset), dataset_uid=dataset.uid, access=dataset.access
            )
        )


def subject_of(dataset: Dataset) -> str:
    """Return what events call a dataset."""
    return f"dataset:{dataset.uid}"


def locked_dataset(uid: str) -> Dataset:
    """Return the row, locked until the transaction ends. Raises DatasetUnknown."""
    dataset = Dataset.objects.select_for_update().filter(uid=uid).first()
    if dataset is None:
        raise errors.DatasetUnknown(dataset=uid)
    return dataset


def must_be_open(dataset: Dataset) -> None:
    """Refuse changes to a dataset that is withdrawn or purged, or another site's. Raises DatasetClosed, HarvestedIsNotEdited."""
    if dataset.origin == Dataset.Origin.HARVESTED:
        raise errors.HarvestedIsNotEdited(dataset=dataset.slug)
    if dataset.state not in (Dataset.State.DRAFT, Dataset.State.PUBLISHED):
        raise errors.DatasetClosed(dataset=dataset.slug)


def _columns(metadata: DatasetMetadata) -> dict[str, object]:
    return {name: list(value) if name in _LISTS else value for name, value in asdict(metadata).items()}


def _has_something(dataset: Dataset) -> bool:
    active = Distribution.objects.filter(dataset=dataset, state=Distribution.State.ACTIVE)
    # A stream has nothing yet: what flows through it begins when it is offered.
    if active.filter(Q(holding=Distribution.Holding.CONNECTED) | Q(kind=Distribution.Kind.STREAM)).exists():
        return True
    return Version.objects.filter(distribution__in=active, state=Version.State.LATEST).exists()


def _free_slug(slug: str) -> str:
    if SlugAlias.objects.filter(slug=slug).exists():
        raise errors.SlugTaken(slug=slug)
    return slug


def _proposed_slug(metadata: DatasetMetadata, uid: str) -> str:
    wanted = rules.slug_from(metadata.title_en) or rules.slug_from(
        " ".join(romanised(reading) for reading in readings(metadata.title_ja))
    )
    wanted = wanted or f"dataset-{uid[-8:]}"
    given = set(SlugAlias.objects.filter(slug__startswith=wanted[:40]).values_list("slug", flat=True))
    return next(slug for slug in rules.numbered_slugs(wanted) if slug not in given)


def _save_with_slug(dataset: Dataset) -> None:
    """The unique columns have the last word when two drafts ask for one slug at the same moment."""
    try:
        with transaction.atomic():
            dataset.save()
            SlugAlias.objects.get_or_create(slug=dataset.slug, dataset=dataset)
    except IntegrityError:
        raise errors.SlugTaken(slug=dataset.slug) from None
