"""Reads of who follows what, and a dataset's feed of news."""

from __future__ import annotations

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, VersionPage
from tdpf.controlplane.community.models import Follow
from tdpf.controlplane.community.news import difference
from tdpf.controlplane.community.types import Feed, FeedEntry, Followed
from tdpf.controlplane.members.types import Standing
from tdpf.kit.pages import Page
from tdpf.kit.text import Text

MAX_ENTRIES = 50


def is_following(standing: Standing, dataset_uid: str) -> bool:
    """Say whether a member follows a dataset."""
    return Follow.objects.filter(member=standing.member_id, dataset__uid=dataset_uid).exists()


def followed_by(standing: Standing, *, offset: int = 0, limit: int = 20) -> Page[Followed]:
    """Return the datasets that a member follows, the latest begun first."""
    found = Follow.objects.filter(member=standing.member_id, dataset__isnull=False).order_by("-id")
    rows = list(found.select_related("dataset__provider")[offset : offset + limit])
    cards = catalog.cards_of(row.dataset for row in rows if row.dataset is not None)
    items = [Followed(card=card, since=row.since) for card, row in zip(cards, rows, strict=True)]
    return Page(items=items, total=found.count(), offset=offset, limit=limit)


def follower_count(dataset_uid: str) -> int:
    """Return how many members follow a dataset."""
    return Follow.objects.filter(dataset__uid=dataset_uid).count()


def dataset_feed(slug: str) -> Feed:
    """Return the news of a dataset: its versions, its publication, its end. Raises DatasetUnknown, also for drafts."""
    page = catalog.dataset_page(slug)
    entries = [
        _version_entry(page, version, "" if distribution.name == "main" else distribution.title.ja)
        for distribution in page.distributions
        for version in catalog.versions_of(distribution.uid)
        if version.state != "purged"
    ]
    if page.published_at is not None:
        entries.append(
            FeedEntry(
                uid=f"urn:tdpf:dataset:{page.uid}:published",
                title=Text(f"公開: {page.title.ja}", f"Published: {page.title.en}"),
                summary=page.description,
                path=f"/datasets/{page.slug}",
                at=page.published_at,
            )
        )
    if page.withdrawn_at is not None:
        entries.append(
            FeedEntry(
                uid=f"urn:tdpf:dataset:{page.uid}:withdrawn:{page.withdrawn_at:%Y%m%d%H%M%S}",
                title=Text(f"提供終了: {page.title.ja}", f"Withdrawn: {page.title.en}"),
                summary=Text(page.withdrawn_reason, page.withdrawn_reason),
                path=f"/datasets/{page.slug}",
                at=page.withdrawn_at,
            )
        )
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return Feed(
        uid=f"urn:tdpf:dataset:{page.uid}",
        title=page.title,
        path=f"/datasets/{page.slug}",
        updated=entries[0].at if entries else page.created_at,
        entries=tuple(entries[:MAX_ENTRIES]),
    )


def _version_entry(page: DatasetPage, version: VersionPage, table: str) -> FeedEntry:
    of_table_ja, of_table_en = (f"（{table}）", f" ({table})") if table else ("", "")
    return FeedEntry(
        uid=f"urn:tdpf:version:{version.uid}",
        title=Text(
            f"{page.title.ja}{of_table_ja} 第{version.number}版",
            f"{page.title.en}{of_table_en}, version {version.number}",
        ),
        summary=difference(version.diff, version.rows),
        path=f"/datasets/{page.slug}#history",
        at=version.published_at,
    )
