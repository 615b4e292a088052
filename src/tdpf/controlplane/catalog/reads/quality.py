"""Reads of quality for a publisher's and a site's page: sums over all their datasets, gaps over the latest ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, Max, Q, QuerySet

from tdpf.controlplane.catalog.models import Dataset, Distribution, Place
from tdpf.controlplane.catalog.quality.aggregates import QualitySummary, summed
from tdpf.controlplane.catalog.quality.scoring import Points, band_of, page_points
from tdpf.controlplane.catalog.reads.datasets import cards_of, pages_of
from tdpf.controlplane.catalog.types import DatasetCard
from tdpf.kit.pages import Page
from tdpf.kit.text import Text

LOOKED_AT = 200
_LINKS = ("ok", "moved", "suspect", "broken", "unknown")


@dataclass(frozen=True, slots=True)
class CollectionQuality:
    """The quality of a publisher's or a site's datasets.

    `points` (0-405) and `stars` are means over all `datasets`; `summary` breaks down the `looked_at` latest ones.
    `links` counts the addresses of files by what looking at them showed.
    """

    datasets: int
    points: float
    stars: float
    band: Text
    summary: QualitySummary
    looked_at: int
    links: dict[str, int]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site whose datasets are listed here: how many, how many are gone, when it was last seen, the mean of its points."""

    slug: str
    name: Text
    datasets: int
    gone: int
    last_seen_at: datetime
    points: float
    broken: int


def publisher_quality(party_id: int) -> CollectionQuality | None:
    """Return the quality of a publisher's published datasets, or None when there are none."""
    return _quality(Dataset.objects.filter(provider=party_id, state=Dataset.State.PUBLISHED))


def site_quality(site: str) -> CollectionQuality | None:
    """Return the quality of what a site lists at present, or None when it lists nothing."""
    return _quality(_of_site(site))


def list_sites(only: str = "") -> list[SiteFacts]:
    """Return every site that lists or listed something, the largest first; or `only` the one with this slug."""
    places = Place.objects.filter(site=only) if only else Place.objects.all()
    present = Q(gone_at__isnull=True, dataset__state=Dataset.State.PUBLISHED)
    rows = (
        places.values("site")
        .annotate(
            name_ja=Max("site_name_ja"),
            name_en=Max("site_name_en"),
            listed=Count("dataset", filter=present),
            every=Count("dataset"),
            seen=Max("last_seen_at"),
            points=Avg("dataset__mqa_points", filter=present),
        )
        .order_by("-listed", "site")
    )
    broken = _broken_by_site(places)
    return [
        SiteFacts(
            slug=row["site"],
            name=Text(row["name_ja"], row["name_en"] or row["name_ja"]),
            datasets=row["listed"],
            gone=row["every"] - row["listed"],
            last_seen_at=row["seen"],
            points=row["points"] or 0.0,
            broken=broken.get(row["site"], 0),
        )
        for row in rows
    ]


def site_facts(site: str) -> SiteFacts | None:
    """Return one site, or None when it never listed anything."""
    return next(iter(list_sites(site)), None) if site else None


def datasets_of_site(site: str, *, offset: int = 0, limit: int = 20, only_broken: bool = False) -> Page[DatasetCard]:
    """Return what a site lists at present, last modified first; `only_broken` those with a link that does not answer."""
    found = _of_site(site)
    if only_broken:
        broken = Distribution.objects.filter(state=Distribution.State.ACTIVE, link_state=Distribution.LinkState.BROKEN)
        found = found.filter(pk__in=broken.values("dataset"))
    offset, limit = max(0, offset), max(1, min(limit, 100))
    rows = found.select_related("provider").order_by("-modified_at", "-id")[offset : offset + limit]
    return Page(items=cards_of(rows), total=found.count(), offset=offset, limit=limit)


def _of_site(site: str) -> QuerySet[Dataset]:
    listed = Place.objects.filter(site=site, gone_at__isnull=True)
    return Dataset.objects.filter(pk__in=listed.values("dataset"), state=Dataset.State.PUBLISHED)


def _quality(found: QuerySet[Dataset]) -> CollectionQuality | None:
    sums = found.aggregate(datasets=Count("pk"), points=Avg("mqa_points"), stars=Avg("stars"))
    if not sums["datasets"]:
        return None
    latest = list(found.select_related("provider").order_by("-modified_at", "-id")[:LOOKED_AT])
    links = dict(
        Distribution.objects.filter(
            dataset__in=found.values("pk"),
            state=Distribution.State.ACTIVE,
            holding=Distribution.Holding.CONNECTED,
        )
        .exclude(url="")
        .values_list("link_state")
        .annotate(Count("pk"))
    )
    return CollectionQuality(
        datasets=sums["datasets"],
        points=sums["points"],
        stars=sums["stars"],
        band=band_of(round(sums["points"]))[1],
        summary=summed(_measures(latest)),
        looked_at=len(latest),
        links={state: links.get(state, 0) for state in _LINKS},
    )


def _measures(rows: Iterable[Dataset]) -> Iterable[Points]:
    return (page_points(page) for page in pages_of(rows))


def _broken_by_site(places: QuerySet[Place]) -> dict[str, int]:
    rows = (
        places.filter(
            gone_at__isnull=True,
            dataset__distributions__state=Distribution.State.ACTIVE,
            dataset__distributions__link_state=Distribution.LinkState.BROKEN,
        )
        .values_list("site")
        .annotate(Count("dataset__distributions", distinct=True))
    )
    return dict(rows)
