"""Verbs on distributions: add, describe anew, remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from django.db import IntegrityError, transaction

from tdpf.controlplane.catalog import errors, events, rules
from tdpf.controlplane.catalog.models import Dataset, Distribution, Version
from tdpf.controlplane.catalog.types import DistributionDetails, GatheredFrom
from tdpf.controlplane.catalog.verbs.datasets import locked_dataset, must_be_open, subject_of
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS, format_of
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.tables.types import field_from_dict, find_located


def add_distribution(*, actor: Standing, dataset_uid: str, details: DistributionDetails) -> Distribution:
    """Add a way to get the data: held table or file, or a link that stays with the provider.

    Raises DatasetUnknown, DatasetClosed, DistributionRefused, DistributionNameTaken, and what `members.may_provide`
    raises.
    """
    tidied = rules.must_be_distribution(details)
    with transaction.atomic():
        dataset = locked_dataset(dataset_uid)
        members.may_provide(actor, dataset.provider_id)
        must_be_open(dataset)
        distribution = Distribution(dataset=dataset, name=tidied.name, kind=tidied.kind)
        _describe(distribution, tidied)
        try:
            with transaction.atomic():
                distribution.save()
        except IntegrityError:
            raise errors.DistributionNameTaken(distribution=tidied.name) from None
        _announce_change(actor, distribution, "added")
    return distribution


def edit_distribution(*, actor: Standing, distribution_uid: str, details: DistributionDetails) -> Distribution:
    """Change what is said about a distribution; its name, its kind and whether it is held stay as they are.

    Raises DistributionUnknown, DatasetClosed, DistributionRefused, and what `members.may_edit` raises.
    """
    with transaction.atomic():
        distribution = locked_distribution(distribution_uid)
        members.may_edit(actor, distribution.dataset.provider_id)
        must_be_open(distribution.dataset)
        fixed = replace(
            details,
            name=distribution.name,
            kind=distribution.kind,  # type: ignore[arg-type]  # the column's choices are the literal's values
            holding=distribution.holding,  # type: ignore[arg-type]  # likewise
            place_mark=details.place_mark or distribution.place_mark,
        )
        _describe(distribution, rules.must_be_distribution(fixed))
        distribution.modified_at = now()
        distribution.save()
        _announce_change(actor, distribution, "edited")
    return distribution


def set_source_columns(
    *,
    actor: Standing,
    distribution_uid: str,
    columns: Sequence[str],
    area_column: str = "",
    parts: Sequence[GatheredFrom] = (),
    dictionary: Sequence[Mapping[str, object]] = (),
) -> Distribution:
    """Say what columns a stream or a connected table has, which of them says where a row belongs, and what it is gathered of.

    `dictionary` says of a connected table's columns what a version's says of its own; by it the table is located or not.
    Raises DistributionUnknown, DatasetClosed, and what `members.may_provide` raises.
    """
    with transaction.atomic():
        distribution = locked_distribution(distribution_uid)
        members.may_provide(actor, distribution.dataset.provider_id)
        told = list(columns), area_column, [asdict(part) for part in parts], [dict(entry) for entry in dictionary]
        known = distribution.columns, distribution.area_column, distribution.parts, distribution.dictionary
        if told == known:
            # What was withdrawn may be connected anew as it was, to be offered again.
            return distribution
        must_be_open(distribution.dataset)
        distribution.columns, distribution.area_column, distribution.parts, distribution.dictionary = told
        distribution.located = find_located([field_from_dict(entry) for entry in dictionary]) is not None
        distribution.modified_at = now()
        distribution.save()
        _announce_change(actor, distribution, "edited")
    return distribution


def set_connected(*, distribution_uid: str, connected: bool) -> None:
    """Take over from access whether a source can be asked, or what it was asked with is forgotten and has to be given anew."""
    Distribution.objects.filter(uid=distribution_uid).update(connect_anew=not connected)


def remove_distribution(*, actor: Standing, distribution_uid: str, reason: str) -> None:
    """Take a distribution out of the dataset; its latest version then ends by the retention rule like an older one.

    Raises DistributionUnknown, ReasonMissing, and what `members.may_provide` raises. Doing it again changes nothing.
    """
    words = rules.must_give_reason(reason)
    with transaction.atomic():
        distribution = locked_distribution(distribution_uid)
        members.may_provide(actor, distribution.dataset.provider_id)
        if distribution.state == Distribution.State.REMOVED:
            return
        instant = now()
        distribution.state = Distribution.State.REMOVED
        distribution.modified_at = instant
        distribution.save()
        Version.objects.filter(distribution=distribution, state=Version.State.LATEST).update(
            state=Version.State.OLDER, superseded_at=instant
        )
        _announce_change(actor, distribution, "removed", words)


def locked_distribution(uid: str) -> Distribution:
    """Return the row with its dataset, locked until the transaction ends. Raises DistributionUnknown."""
    distribution = Distribution.objects.select_for_update().select_related("dataset").filter(uid=uid).first()
    if distribution is None:
        raise errors.DistributionUnknown(distribution=uid)
    return distribution


def _describe(distribution: Distribution, details: DistributionDetails) -> None:
    distribution.holding = Distribution.Holding(details.holding)
    distribution.holding_reason = details.holding_reason
    distribution.storage_place = details.storage_place
    distribution.retention_days = details.retention_days
    distribution.title_ja = details.title_ja
    distribution.title_en = details.title_en
    distribution.description_ja = details.description_ja
    distribution.url = details.url
    distribution.place_mark = details.place_mark
    code = details.format
    if not code and details.url:
        code = format_of(details.url, details.media_type)
    distribution.format = code
    distribution.media_type = details.media_type or (FORMATS[code].media_type if code and code != "OTHER" else "")


def _announce_change(actor: Standing, distribution: Distribution, change: str, reason: str = "") -> None:
    Dataset.objects.filter(pk=distribution.dataset_id).update(recorded_at=now())
    announce(
        events.DistributionChanged(
            actor=actor.actor,
            subject=subject_of(distribution.dataset),
            reason=reason,
            dataset_uid=distribution.dataset.uid,
            distribution_uid=distribution.uid,
            change=change,
        )
    )
