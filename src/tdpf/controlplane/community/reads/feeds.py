"""Feeds beyond one dataset's: a publisher, a theme, a search, data requests; and what a member follows as a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown, SearchNotReady
from tdpf.controlplane.catalog.types import DatasetCard, SearchHit, SortOrder
from tdpf.controlplane.community.models import Follow
from tdpf.controlplane.community.reads.data_requests import get_data_request, list_data_requests
from tdpf.controlplane.community.rules import STATE_WORDS
from tdpf.controlplane.community.types import Feed, FeedEntry, FollowKind, FollowView, Pace
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.kit.clock import now
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.text import Text

NEWEST = 50
_BEGINNING = datetime.fromtimestamp(0, UTC)


def publisher_feed(slug: str) -> Feed:
    """Return the newest datasets of a provider. Raises PartyNotFound."""
    party = members.get_party(slug)
    cards = catalog.list_datasets(provider_party_ids=[party.pk], limit=NEWEST).items
    title = Text(party.name_ja, party.name_en or party.name_ja)
    return _feed(f"urn:tdpf:publisher:{party.uid}", title, f"/publishers/{party.slug}", [_of_card(c) for c in cards])


def theme_feed(code: str) -> Feed:
    """Return the newest datasets of a theme. Raises DatasetUnknown for a theme that does not exist."""
    if code not in dict(catalog.choices("themes")):
        raise DatasetUnknown(dataset=code)
    hits = search_hits(f"themes={code}")
    title = catalog.label_of("themes", code)
    return _feed(f"urn:tdpf:theme:{code}", title, f"/search?themes={code}", [_of_hit(hit) for hit in hits])


def search_feed(query: str) -> Feed:
    """Return the newest datasets that a search finds; `query` is the search page's query string in one way of writing."""
    path = f"/search?{query}"
    uid = f"urn:tdpf:search:{sha256_hex(query.encode())[:32]}"
    return _feed(uid, search_title(query), path, [_of_hit(hit) for hit in search_hits(query)])


def requests_feed() -> Feed:
    """Return the data requests in which something happened last."""
    found = list_data_requests(members.anonymous_standing(), sort="changed", limit=NEWEST).items
    entries = [
        FeedEntry(
            uid=f"urn:tdpf:data-request:{view.uid}:{view.changed_at:%Y%m%d%H%M%S}",
            title=Text(f"{view.title}（{STATE_WORDS[view.state].ja}）", f"{view.title} ({STATE_WORDS[view.state].en})"),
            summary=Text(view.reason or view.text, view.reason or view.text),
            path=f"/data-requests/{view.uid}",
            at=view.changed_at,
        )
        for view in found
    ]
    title = Text("データのリクエスト", "Data requests")
    return _feed("urn:tdpf:data-requests", title, "/data-requests", entries)


def request_feed(uid: str) -> Feed:
    """Return the steps of one public data request. Raises DataRequestUnknown."""
    view = get_data_request(uid, members.anonymous_standing())
    entries = [
        FeedEntry(
            uid=f"urn:tdpf:data-request:{view.uid}:{number}",
            title=Text(f"{view.title}: {STATE_WORDS[step.state].ja}", f"{view.title}: {STATE_WORDS[step.state].en}"),
            summary=Text(step.text, step.text),
            path=f"/data-requests/{view.uid}#steps",
            at=step.at,
        )
        for number, step in enumerate(view.steps)
    ]
    return _feed(
        f"urn:tdpf:data-request:{view.uid}", Text(view.title, view.title), f"/data-requests/{view.uid}", entries
    )


def search_hits(query: str, *, limit: int = NEWEST, offset: int = 0, newest: bool = True) -> tuple[SearchHit, ...]:
    """Return what a search's query string finds, the newest first; nothing while there is no index."""
    asked = parse_qs(query, max_num_fields=200)
    filters = catalog.search_filters(asked, now=now())
    words = asked.get("q", [""])[0]
    try:
        sort: SortOrder = "newest" if newest else "relevance"
        return catalog.search(words, filters=filters, sort=sort, limit=limit, offset=offset, facets=False).hits
    except SearchNotReady:
        return ()


def search_among(query: str, uids: Iterable[str], *, limit: int) -> tuple[int, tuple[SearchHit, ...]]:
    """Return how many of these datasets a search finds by all of its words, and the first of them. Raises SearchNotReady."""
    asked = parse_qs(query, max_num_fields=200)
    filters = replace(catalog.search_filters(asked, now=now()), uids=frozenset(uids))
    found = catalog.search(asked.get("q", [""])[0], filters=filters, sort="newest", limit=limit, facets=False)
    return (0, ()) if found.relaxed else (found.total, found.hits)


def search_title(query: str) -> Text:
    """Return what a search is called: its words, then its filters."""
    asked = parse_qs(query, max_num_fields=200)
    words = asked.pop("q", [""])[0]
    codes = [value for name in sorted(asked) for value in asked[name]]
    said = "、".join(filter(None, [words, *codes]))[:200]
    return Text(f"検索: {said}", f"Search: {said}")


def follows_of(standing: Standing) -> list[FollowView]:
    """Return everything a member follows, the latest begun first."""
    found = Follow.objects.filter(member=standing.member_id).select_related("dataset", "party", "request")
    return [follow_view(row) for row in found.order_by("-id")]


def is_following_key(standing: Standing, key: str) -> bool:
    """Say whether a member follows what is kept under a key, as `request:<uid>`."""
    return standing.member_id != 0 and Follow.objects.filter(member=standing.member_id, key=key).exists()


def follow_view(row: Follow) -> FollowView:
    """Return a follow with where its page and its feed are."""
    kind = FollowKind(row.kind)
    title, path, feed = Text(row.key, row.key), "/", "/feeds/datasets.atom"
    if row.dataset is not None:
        slug = row.dataset.slug
        title = Text(row.dataset.title_ja, row.dataset.title_en or row.dataset.title_ja)
        path, feed = f"/datasets/{slug}", f"/feeds/datasets/{slug}.atom"
    elif row.party is not None:
        title = Text(row.party.name_ja, row.party.name_en or row.party.name_ja)
        path, feed = f"/publishers/{row.party.slug}", f"/feeds/publishers/{row.party.slug}.atom"
    elif row.request is not None:
        title = Text(row.request.title, row.request.title)
        path, feed = f"/data-requests/{row.request.uid}", f"/feeds/data-requests/{row.request.uid}.atom"
    elif kind is FollowKind.THEME:
        title = catalog.label_of("themes", row.theme)
        path, feed = f"/search?themes={row.theme}", f"/feeds/themes/{row.theme}.atom"
    elif kind is FollowKind.SEARCH:
        title = search_title(row.query)
        path, feed = f"/search?{row.query}", f"/feeds/search.atom?{row.query}"
    return FollowView(uid=row.uid, kind=kind, title=title, path=path, feed=feed, pace=Pace(row.pace), since=row.since)


def _feed(uid: str, title: Text, path: str, entries: Iterable[FeedEntry]) -> Feed:
    listed = sorted(entries, key=lambda entry: entry.at, reverse=True)
    return Feed(uid=uid, title=title, path=path, updated=listed[0].at if listed else _BEGINNING, entries=tuple(listed))


def _of_card(card: DatasetCard) -> FeedEntry:
    return FeedEntry(
        uid=f"urn:tdpf:dataset:{card.uid}",
        title=card.title,
        summary=card.description,
        path=f"/datasets/{card.slug}",
        at=card.modified_at,
    )


def _of_hit(hit: SearchHit) -> FeedEntry:
    return FeedEntry(
        uid=f"urn:tdpf:dataset:{hit.uid}",
        title=hit.title,
        summary=hit.description,
        path=f"/datasets/{hit.slug}",
        at=hit.modified_at,
    )
