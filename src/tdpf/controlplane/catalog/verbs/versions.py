"""Verbs on versions: add, pin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from tdpf.controlplane.catalog import errors, events
from tdpf.controlplane.catalog.models import Distribution, Tombstone, Version
from tdpf.controlplane.catalog.types import AddedVersion, OriginalFile
from tdpf.controlplane.catalog.verbs.datasets import must_be_open, subject_of
from tdpf.controlplane.catalog.verbs.distributions import locked_distribution
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import jst_date, now
from tdpf.tables.types import TableManifest


def add_version(
    *,
    actor: Standing,
    distribution_uid: str,
    original: OriginalFile,
    published: TableManifest | None,
    dictionary: Sequence[Mapping[str, object]] = (),
    key_columns: Sequence[str] = (),
    read_report: Mapping[str, object] | None = None,
    diff: Mapping[str, object] | None = None,
) -> AddedVersion:
    """Make a built table (or, with `published` None, a file as it is) the latest version of a held distribution.

    The same as the latest makes no new version: `is_new` is false. Dictionary and keys default to the table's own.
    Raises DistributionUnknown, DatasetClosed, NotHeld, WasPurged, and what `members.may_provide` raises.
    """
    with transaction.atomic():
        distribution = locked_distribution(distribution_uid)
        dataset = distribution.dataset
        members.may_provide(actor, dataset.provider_id)
        must_be_open(dataset)
        if distribution.state != Distribution.State.ACTIVE:
            raise errors.DistributionUnknown(distribution=distribution_uid)
        if distribution.holding != Distribution.Holding.HELD:
            raise errors.NotHeld(distribution=distribution.name)
        identity = published.identity if published is not None else original.sha256
        _must_not_be_purged(distribution, identity, original.sha256)
        latest = Version.objects.filter(distribution=distribution, state=Version.State.LATEST).first()
        if latest is not None and latest.identity == identity:
            return _added(latest, is_new=False)
        instant = now()
        highest = Version.objects.filter(distribution=distribution).aggregate(highest=Max("number"))["highest"]
        if latest is not None:
            latest.state = Version.State.OLDER
            latest.superseded_at = instant
            latest.save(update_fields=["state", "superseded_at"])
        version = Version.objects.create(
            distribution=distribution,
            number=(highest or 0) + 1,
            identity=identity,
            state=Version.State.LATEST,
            original_sha256=original.sha256,
            original_name=original.name[:300],
            original_bytes=original.size,
            original_media_type=original.media_type[:150],
            read_report=dict(read_report or {}),
            diff=dict(diff or {}),
            published_at=instant,
            published_by_id=actor.member_id,
            **_table_columns(published, dictionary, key_columns),
        )
        distribution.modified_at = dataset.modified_at = dataset.recorded_at = instant
        # What was judged with the catalogue's knowledge was the version before.
        distribution.rating = None
        distribution.save(update_fields=["modified_at", "rating"])
        dataset.save(update_fields=["modified_at", "recorded_at"])
        announce(
            events.VersionPublished(
                actor=actor.actor,
                subject=subject_of(dataset),
                dataset_uid=dataset.uid,
                distribution_uid=distribution.uid,
                version_uid=version.uid,
                number=version.number,
                identity=identity,
                added=_count(version.diff, "added"),
                removed=_count(version.diff, "removed"),
                changed=_count(version.diff, "changed"),
            )
        )
    return _added(version, is_new=True)


def pin_version(*, actor: Standing, version_uid: str, pinned: bool, reason: str = "") -> None:
    """Keep a version beyond its retention, or let it go again.

    Raises VersionUnknown, WrongVersionState (its files are gone), and what `members.may_provide` raises.
    """
    with transaction.atomic():
        version = locked_version(version_uid)
        dataset = version.distribution.dataset
        members.may_provide(actor, dataset.provider_id)
        if version.pinned == pinned:
            return
        if version.state not in (Version.State.LATEST, Version.State.OLDER):
            raise errors.WrongVersionState(number=version.number, state=version.state)
        version.pinned = pinned
        version.save(update_fields=["pinned"])
        announce(
            events.VersionPinned(
                actor=actor.actor,
                subject=subject_of(dataset),
                reason=reason,
                dataset_uid=dataset.uid,
                version_uid=version.uid,
                pinned=pinned,
            )
        )


def locked_version(uid: str) -> Version:
    """Return the row with its distribution and dataset, locked. Raises VersionUnknown."""
    version = Version.objects.select_for_update().select_related("distribution__dataset").filter(uid=uid).first()
    if version is None:
        raise errors.VersionUnknown(version=uid)
    return version


def _table_columns(
    published: TableManifest | None, dictionary: Sequence[Mapping[str, object]], key_columns: Sequence[str]
) -> dict[str, Any]:
    if published is None:
        return {"dictionary": [dict(entry) for entry in dictionary], "key_columns": list(key_columns)}
    return {
        "dictionary": [dict(entry) for entry in dictionary] or [field.as_dict() for field in published.fields],
        "key_columns": list(key_columns or published.key_columns),
        "rows": published.rows,
        "located": published.located is not None,
        "files": {
            name: {"path": facts.path, "bytes": facts.bytes, "sha256": facts.sha256}
            for name, facts in published.files.items()
        },
    }


def _must_not_be_purged(distribution: Distribution, identity: str, original_sha256: str) -> None:
    same = Q(identity=identity) | Q(original_sha256=original_sha256)
    grave = Tombstone.objects.filter(same, version__distribution__dataset=distribution.dataset_id).first()
    if grave is not None:
        raise errors.WasPurged(purged_on=jst_date(grave.purged_at).isoformat(), reason=grave.reason)


def _count(diff: Mapping[str, Any], name: str) -> int:
    value = diff.get(name, 0)
    return len(value) if isinstance(value, list | tuple) else int(value or 0)


def _added(version: Version, *, is_new: bool) -> AddedVersion:
    return AddedVersion(
        version_uid=version.uid,
        distribution_uid=version.distribution.uid,
        number=version.number,
        identity=version.identity,
        is_new=is_new,
    )
