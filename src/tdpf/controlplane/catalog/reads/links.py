"""Reads about the addresses of data that stay elsewhere: which are to be looked at, and how they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.kit.text import Text

_GOOD = (Distribution.LinkState.OK, Distribution.LinkState.MOVED)


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedFile:
    """An address at which a dataset's data are, what is declared about it, and what was last seen there."""

    distribution_uid: str
    dataset_uid: str
    slug: str
    title: Text
    part: str
    provider_party_id: int
    url: str
    format: str
    state: str
    checked_at: datetime | None
    status: int | None
    note: Text


def links_to_look_at(*, good_before: datetime, other_before: datetime, limit: int) -> list[LinkedFile]:
    """Return links of published datasets that were not looked at since: those never tried first, then the longest untried.

    One at which nothing could be seen waits its turn as all others do, so that many of them keep none from being looked at.
    """
    due = Q(link_asked_at__isnull=True) | Q(link_asked_at__lt=other_before)
    due &= Q(link_checked_at__isnull=True) | ~Q(link_state__in=_GOOD) | Q(link_checked_at__lt=good_before)
    rows = _links().filter(due).order_by(F("link_asked_at").asc(nulls_first=True), "pk")
    return [_linked(row) for row in rows[:limit]]


def links_in_state(states: Sequence[str], *, offset: int = 0, limit: int = 50) -> list[LinkedFile]:
    """Return links of published datasets that are in one of the states, a publisher's one after the other."""
    rows = _links().filter(link_state__in=list(states)).order_by("dataset__provider", "dataset__slug", "pk")
    return [_linked(row) for row in rows[offset : offset + limit]]


def links_of_dataset(dataset_uid: str) -> list[LinkedFile]:
    """Return the links of one dataset."""
    return [_linked(row) for row in _links().filter(dataset__uid=dataset_uid).order_by("pk")]


def count_links() -> dict[str, int]:
    """Return how many links of published datasets are in each state."""
    return dict(_links().values_list("link_state").annotate(count=Count("pk")))


def _links() -> QuerySet[Distribution]:
    return (
        Distribution.objects.filter(
            state=Distribution.State.ACTIVE,
            holding=Distribution.Holding.CONNECTED,
            dataset__state=Dataset.State.PUBLISHED,
            dataset__access=Dataset.Access.OPEN,
        )
        .exclude(url="")
        .exclude(kind=Distribution.Kind.API)
        .select_related("dataset")
    )


def _linked(row: Distribution) -> LinkedFile:
    return LinkedFile(
        distribution_uid=row.uid,
        dataset_uid=row.dataset.uid,
        slug=row.dataset.slug,
        title=Text(row.dataset.title_ja, row.dataset.title_en or row.dataset.title_ja),
        part=row.title_ja or row.name,
        provider_party_id=row.dataset.provider_id,
        url=row.url,
        format=row.format,
        state=row.link_state,
        checked_at=row.link_checked_at,
        status=row.link_status,
        note=Text(row.link_note.get("ja", ""), row.link_note.get("en", "")),
    )


def slugs_by_uid(uids: Iterable[str]) -> dict[str, str]:
    """Return the slugs of datasets by their uids; unknown uids are left out."""
    return dict(Dataset.objects.filter(uid__in=set(uids)).values_list("uid", "slug"))
