"""The catalog's reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tdpf.controlplane.catalog.models import Dataset, Distribution, Version
from tdpf.controlplane.catalog.types import (
    ConnectedFacts,
    DatasetCard,
    DatasetPage,
    PublishedFileFacts,
    PublishedTableFacts,
    QualityFacts,
    SearchFilters,
    SearchPage,
    SortOrder,
    VersionPage,
)
from tdpf.controlplane.members.types import Standing
from tdpf.kit.pages import Page


def get_dataset(slug_or_uid: str) -> Dataset:
    """Return the row by its current slug, any older slug, or its uid; raises DatasetUnknown."""
    raise NotImplementedError


def get_distribution(uid: str) -> Distribution:
    """Return a distribution with its dataset; raises DistributionUnknown."""
    raise NotImplementedError


def get_version(uid: str) -> Version:
    """Return a version with its distribution and dataset; raises VersionUnknown."""
    raise NotImplementedError


def current_slug(slug: str) -> str:
    """Return the slug a dataset has now, given one it has or had; raises DatasetUnknown."""
    raise NotImplementedError


def dataset_page(slug_or_uid: str, standing: Standing) -> DatasetPage:
    """Return all that a dataset's page shows; drafts only to their provider and the operator (else DatasetUnknown)."""
    raise NotImplementedError


def list_datasets(
    *,
    standing: Standing | None = None,
    provider_party_ids: Sequence[int] | None = None,
    states: Sequence[str] = ("published",),
    offset: int = 0,
    limit: int = 20,
) -> Page[DatasetCard]:
    """Return datasets, last modified first; drafts only of parties the standing has a role in."""
    raise NotImplementedError


def latest_version(distribution_uid: str) -> Version | None:
    """Return the latest version of a distribution, or None before the first or after a purge."""
    raise NotImplementedError


def versions_of(distribution_uid: str) -> tuple[VersionPage, ...]:
    """Return the history of a distribution, newest first."""
    raise NotImplementedError


def quality_of(page: DatasetPage) -> QualityFacts:
    """Return what is complete and what is missing in a dataset's description, with reason and cure."""
    raise NotImplementedError


def published_tables() -> list[PublishedTableFacts]:
    """Return every table of a published dataset that has a latest version; for the gate snapshot."""
    raise NotImplementedError


def published_files() -> list[PublishedFileFacts]:
    """Return every held file of a published dataset; for the gate snapshot."""
    raise NotImplementedError


def connected_distributions() -> list[ConnectedFacts]:
    """Return every connected distribution of a published dataset."""
    raise NotImplementedError


def table_folder(identity: str) -> Path:
    """Return the folder in which a built table of that identity lies."""
    raise NotImplementedError


def original_path(sha256: str) -> Path:
    """Return where an original with that hash lies (`originals/<sha[:2]>/<sha>`)."""
    raise NotImplementedError


def search(
    query: str,
    *,
    filters: SearchFilters | None = None,
    sort: SortOrder = "relevance",
    offset: int = 0,
    limit: int = 20,
) -> SearchPage:
    """Search the published datasets."""
    raise NotImplementedError
