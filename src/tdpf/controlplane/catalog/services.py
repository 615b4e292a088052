"""The catalog's verbs. Each is one transaction: lock, ask the rules, save, announce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.types import (
    Access,
    AddedVersion,
    DatasetMetadata,
    DistributionDetails,
    OriginalFile,
    PurgedVersion,
    RetentionOutcome,
)
from tdpf.controlplane.members.types import Standing
from tdpf.tables.types import TableManifest


def create_dataset(
    *, actor: Standing, provider_party_id: int, metadata: DatasetMetadata, slug: str = ""
) -> Dataset:
    """Begin a draft; without a given slug one is made from the English title."""
    raise NotImplementedError


def edit_metadata(*, actor: Standing, dataset_uid: str, metadata: DatasetMetadata) -> Dataset:
    """Replace what is said about a dataset."""
    raise NotImplementedError


def rename_dataset(*, actor: Standing, dataset_uid: str, slug: str) -> Dataset:
    """Give a dataset a new address; the old one redirects for ever."""
    raise NotImplementedError


def add_distribution(*, actor: Standing, dataset_uid: str, details: DistributionDetails) -> Distribution:
    """Add a way to get the data: held table or file, or a link that stays with the provider."""
    raise NotImplementedError


def edit_distribution(*, actor: Standing, distribution_uid: str, details: DistributionDetails) -> Distribution:
    """Change what is said about a distribution; its kind and name stay."""
    raise NotImplementedError


def remove_distribution(*, actor: Standing, distribution_uid: str, reason: str) -> None:
    """Take a distribution out of the dataset; its versions follow the retention rule at once."""
    raise NotImplementedError


def publish_dataset(*, actor: Standing, dataset_uid: str) -> Dataset:
    """Make a dataset public; called by exchange when its offer is published. Idempotent."""
    raise NotImplementedError


def withdraw_dataset(*, actor_uid: str, dataset_uid: str, reason: str) -> Dataset:
    """End the offer of a dataset; called by exchange, which has checked who may ("system" for due withdrawals)."""
    raise NotImplementedError


def set_terms_facets(*, dataset_uid: str, access: Access, badges: Sequence[str] = ()) -> None:
    """Take over from exchange how the dataset may be got, so that it can be found by it."""
    raise NotImplementedError


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
    """Make a built table (or, with `published` None, a file as it is) the latest version; the same again is no new one."""
    raise NotImplementedError


def pin_version(*, actor: Standing, version_uid: str, pinned: bool, reason: str = "") -> None:
    """Keep a version beyond its retention, or let it go again."""
    raise NotImplementedError


def purge_version(*, actor: Standing, version_uid: str, reason: str) -> PurgedVersion:
    """Erase a version's files for good and leave a tombstone."""
    raise NotImplementedError


def apply_retention(*, now: datetime) -> RetentionOutcome:
    """Remove the files of older versions and originals whose time is over."""
    raise NotImplementedError


def reindex() -> int:
    """Build the search index anew from all published datasets; return how many."""
    raise NotImplementedError
