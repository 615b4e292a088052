"""Verbs that remove bytes: retention and purging. Files go after the commit; a sweep finishes what a crash left."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from tdpf.controlplane.catalog import errors, events, rules, storage
from tdpf.controlplane.catalog.models import Dataset, Distribution, Tombstone, Version
from tdpf.controlplane.catalog.retention import KeptVersion, plan_retention
from tdpf.controlplane.catalog.types import PurgedVersion, RetentionOutcome
from tdpf.controlplane.catalog.verbs.datasets import locked_dataset, subject_of
from tdpf.controlplane.catalog.verbs.versions import locked_version
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now as present

_LIVING = (Version.State.LATEST, Version.State.OLDER)
_SWEEP = timedelta(days=30)


def purge_version(*, actor: Standing, version_uid: str, reason: str) -> PurgedVersion:
    """Erase a version's files for good, with all that was noted of its content, and leave a tombstone.

    For the provider's administrator or an operator. Raises VersionUnknown, ReasonMissing, WrongVersionState (purged
    already), and what `members.may_administer` or `members.may_operate` raises.
    """
    words = rules.must_give_reason(reason)
    with transaction.atomic():
        version = locked_version(version_uid)
        _may_purge(actor, version.distribution.dataset)
        return _purge(actor, version, words)


def purge_dataset(*, actor: Standing, dataset_uid: str, reason: str) -> tuple[PurgedVersion, ...]:
    """Erase every version of a dataset; its address stays and says so. Raises as `purge_version`, DatasetUnknown."""
    words = rules.must_give_reason(reason)
    with transaction.atomic():
        dataset = locked_dataset(dataset_uid)
        _may_purge(actor, dataset)
        standing = Version.objects.filter(distribution__dataset=dataset).exclude(state=Version.State.PURGED)
        purged = tuple(_purge(actor, locked_version(version.uid), words) for version in standing.order_by("id"))
        instant = present()
        dataset.state = Dataset.State.PURGED
        dataset.withdrawn_at = dataset.modified_at = dataset.recorded_at = instant
        dataset.withdrawn_reason = words
        dataset.save()
        announce(
            events.DatasetPurged(
                actor=actor.actor,
                subject=subject_of(dataset),
                reason=words,
                dataset_uid=dataset.uid,
                slug=dataset.slug,
            )
        )
    return purged


def apply_retention(*, now: datetime) -> RetentionOutcome:
    """Remove the files of older versions and originals whose time is over, and what quotes them; the latest and pinned never go.

    Returns what was retired now; files of versions retired before that are still there are removed too.
    """
    kept = Version.objects.filter(
        Q(state=Version.State.OLDER) | Q(state=Version.State.RETIRED, original_removed_at__isnull=True),
        pinned=False,
        superseded_at__lte=now,
    ).select_related("distribution__dataset")
    plan = plan_retention((_facts(version) for version in kept.iterator()), now)
    for uid in plan.retire:
        _retire(uid, now)
    dropped = tuple(uid for uid in plan.drop_originals if _drop_original(uid, now, plan.drop_originals))
    freed = _sweep(now)
    return RetentionOutcome(retired_versions=plan.retire, removed_originals=dropped, freed_bytes=freed)


def _may_purge(actor: Standing, dataset: Dataset) -> None:
    if actor.is_operator and dataset.provider_id not in actor.roles:
        members.may_operate(actor)
    else:
        members.may_administer(actor, dataset.provider_id)


def _purge(actor: Standing, version: Version, reason: str) -> PurgedVersion:
    if version.state == Version.State.PURGED:
        raise errors.WrongVersionState(number=version.number, state=version.state)
    dataset = version.distribution.dataset
    had_files = version.state in _LIVING
    original_kept = version.original_removed_at is None
    instant = present()
    Tombstone.objects.create(
        version=version,
        identity=version.identity,
        original_sha256=version.original_sha256,
        purged_at=instant,
        purged_by_id=actor.member_id,
        reason=reason,
    )
    version.state = Version.State.PURGED
    version.pinned = False
    version.original_removed_at = version.original_removed_at or instant
    version.superseded_at = version.superseded_at or instant
    version.retired_at = instant
    # The report, the dictionary's examples and the differences quote the data.
    version.read_report, version.diff, version.original_name = {}, {}, ""
    version.dictionary = [{"name": entry["name"], "type": entry.get("type", "string")} for entry in version.dictionary]
    version.save()
    for following in _following(version):
        following.diff = {name: value for name, value in following.diff.items() if isinstance(value, int)}
        following.save(update_fields=["diff"])
    dataset.modified_at = dataset.recorded_at = instant
    dataset.save(update_fields=["modified_at", "recorded_at"])
    announce(
        events.VersionPurged(
            actor=actor.actor,
            subject=subject_of(dataset),
            reason=reason,
            dataset_uid=dataset.uid,
            version_uid=version.uid,
            number=version.number,
            identity=version.identity,
        )
    )
    removed: list[str] = []
    if had_files and not _table_needed(version.identity):
        removed.append("table")
        transaction.on_commit(partial(_erase_table_if_unneeded, version.identity))
    if original_kept and not _original_needed(version.original_sha256):
        removed.append("original")
        transaction.on_commit(partial(_erase_original_if_unneeded, version.original_sha256))
    same = Version.objects.filter(
        Q(identity=version.identity, state__in=_LIVING)
        | Q(original_sha256=version.original_sha256, original_removed_at__isnull=True)
    )
    return PurgedVersion(
        version_uid=version.uid,
        number=version.number,
        removed=tuple(removed),
        same_bytes_elsewhere=tuple(same.values_list("uid", flat=True)),
    )


def _facts(version: Version) -> KeptVersion:
    distribution, dataset = version.distribution, version.distribution.dataset
    own = distribution.retention_days
    return KeptVersion(
        uid=version.uid,
        state=version.state,
        pinned=version.pinned,
        superseded_at=version.superseded_at,
        original_sha256=version.original_sha256,
        original_kept=version.original_removed_at is None,
        retention_days=dataset.retention_days if own is None else own,
        originals_days=dataset.originals_days,
    )


def _retire(uid: str, instant: datetime) -> None:
    with transaction.atomic():
        version = locked_version(uid)
        if version.state != Version.State.OLDER or version.pinned:
            return
        dataset = version.distribution.dataset
        version.state = Version.State.RETIRED
        version.retired_at = instant
        if version.distribution.kind == Distribution.Kind.FILE:
            version.original_removed_at = version.original_removed_at or instant
        version.save(update_fields=["state", "retired_at", "original_removed_at"])
        # Both differences quote rows that are not kept any more.
        for quoting in (version, *_following(version)):
            quoting.diff = {name: value for name, value in quoting.diff.items() if name != "samples"}
            quoting.save(update_fields=["diff"])
        announce(
            events.VersionRetired(
                actor="system",
                subject=subject_of(dataset),
                reason="retention",
                dataset_uid=dataset.uid,
                version_uid=version.uid,
                number=version.number,
                identity=version.identity,
            )
        )


def _following(version: Version) -> QuerySet[Version]:
    return Version.objects.filter(distribution=version.distribution, number=version.number + 1)


def _drop_original(uid: str, instant: datetime, also_due: tuple[str, ...]) -> bool:
    with transaction.atomic():
        version = locked_version(uid)
        if version.original_removed_at is not None or version.pinned:
            return False
        shared = Version.objects.filter(original_sha256=version.original_sha256, original_removed_at__isnull=True)
        if shared.exclude(uid__in=also_due).exists():
            return False
        dataset = version.distribution.dataset
        version.original_removed_at = instant
        version.save(update_fields=["original_removed_at"])
        announce(
            events.OriginalRemoved(
                actor="system",
                subject=subject_of(dataset),
                reason="retention",
                dataset_uid=dataset.uid,
                version_uid=version.uid,
                original_sha256=version.original_sha256,
            )
        )
    return True


def _sweep(instant: datetime) -> int:
    """Erase what recently retired and purged versions left on disk and nothing else needs; return the bytes freed."""
    recent = Version.objects.filter(Q(retired_at__gte=instant - _SWEEP) | Q(original_removed_at__gte=instant - _SWEEP))
    freed = 0
    for version in recent.iterator():
        if version.state not in _LIVING:
            freed += _erase_table_if_unneeded(version.identity)
        if version.original_removed_at is not None:
            freed += _erase_original_if_unneeded(version.original_sha256)
    return freed


def _table_needed(identity: str) -> bool:
    return Version.objects.filter(identity=identity, state__in=_LIVING).exists()


def _original_needed(sha256: str) -> bool:
    return Version.objects.filter(original_sha256=sha256, original_removed_at__isnull=True).exists()


def _erase_table_if_unneeded(identity: str) -> int:
    return 0 if _table_needed(identity) else storage.erase_table(identity)


def _erase_original_if_unneeded(sha256: str) -> int:
    return 0 if _original_needed(sha256) else storage.erase_original(sha256)
