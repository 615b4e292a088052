"""Reads about likely duplicates, for the operator's queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.federation.models import Pair, Record
from tdpf.controlplane.federation.packing import stated_of
from tdpf.kit.pages import Page
from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class PairSide:
    """One of two records as they are compared; `slug` is the entry that shows it."""

    site: Text
    title: str
    publisher: Text
    description: str
    period: str
    addresses: tuple[str, ...]
    url: str
    slug: str


@dataclass(frozen=True, slots=True)
class PairView:
    """Two records that may be about the same data."""

    number: int
    why: Text
    found_at: datetime
    sides: tuple[PairSide, PairSide]


@dataclass(frozen=True, slots=True)
class DecidedPair:
    """A decision that was made."""

    titles: str
    merged: bool
    by: str
    at: datetime | None
    reason: str


def waiting_pairs(*, offset: int = 0, limit: int = 10) -> Page[PairView]:
    """Return pairs that wait for the operator, oldest first; a fixed number of queries."""
    found = Pair.objects.filter(state=Pair.State.WAITING).order_by("pk")
    rows = _with_records(found[offset : offset + limit])
    slugs = catalog.slugs_by_uid(uid for row in rows for uid in (row.first.dataset_uid, row.second.dataset_uid))
    views = [
        PairView(
            number=row.pk,
            why=Text(row.why_ja, row.why_en),
            found_at=row.found_at,
            sides=(_side(row.first, slugs), _side(row.second, slugs)),
        )
        for row in rows
    ]
    return Page(items=views, total=found.count(), offset=offset, limit=limit)


def decided_pairs(*, limit: int = 20) -> list[DecidedPair]:
    """Return the latest decisions."""
    rows = _with_records(Pair.objects.exclude(state=Pair.State.WAITING).order_by("-decided_at", "-pk")[:limit])
    return [
        DecidedPair(
            titles=f"{stated_of(row.first.kept).title} / {stated_of(row.second.kept).title}",
            merged=row.state == Pair.State.MERGED,
            by=row.decided_by.display_name if row.decided_by else "",
            at=row.decided_at,
            reason=row.reason,
        )
        for row in rows
    ]


def _with_records(found: QuerySet[Pair]) -> list[Pair]:
    return list(
        found.select_related("first__site", "first__publisher", "second__site", "second__publisher", "decided_by")
    )


def _side(record: Record, slugs: dict[str, str]) -> PairSide:
    stated = stated_of(record.kept)
    period = "–".join(filter(None, (stated.period_start, stated.period_end))) or stated.period_text
    return PairSide(
        site=Text(record.site.name_ja, record.site.name_en or record.site.name_ja),
        title=stated.title,
        publisher=Text(record.publisher.name_ja, record.publisher.name_en or record.publisher.name_ja),
        description=stated.description,
        period=period,
        addresses=tuple(item.url for item in stated.distributions[:5] if item.url),
        url=record.url,
        slug=slugs.get(record.dataset_uid, ""),
    )
