"""Feeds beyond one dataset's: a publisher, a theme, a search, data requests; and what a member follows as a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown, SearchNotReady
from tdpf.controlplane.catalog.types import DatasetPage, FieldIs, SearchHit, SortOrder
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
LATEST = 5_000
"""How many of the datasets that changed last a feed of a search looks through."""
_BEGINNING = datetime.fromtimestamp(0, UTC)


def publisher_feed(slug: str) -> Feed:
    """Return the datasets of a provider that changed here last. Raises PartyNotFound."""
    party = members.get_party(slug)
    pages = catalog.select_datasets(condition=FieldIs("provider", party.slug), order=("-recorded",), limit=NEWEST).items
    title = Text(party.name_ja, party.name_en or party.name_ja)
    entries = [_entry(page, page.recorded_at or page.modified_at) for page in pages]
    return _feed(f"urn:tdpf:publisher:{party.uid}", title, f"/publishers/{party.slug}", entries)


def theme_feed(code: str) -> Feed:
    """Return the datasets of a theme that changed here last. Raises DatasetUnknown for a theme that does not exist."""
    if code not in dict(catalog.choices("themes")):
        raise DatasetUnknown(dataset=code)
    query = f"themes={code}"
    return _feed(f"urn:tdpf:theme:{code}", catalog.label_of("themes", code), f"/search?{query}", _changed_last(query))


def search_feed(query: str) -> Feed:
    """Return what changed here last among what a search finds.

    `query` is the search page's query string in one way of writing.
    """
    uid = f"urn:tdpf:search:{sha256_hex(query.encode())[:32]}"
    return _feed(uid, search_title(query), f"/search?{query}", _changed_last(query))


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


def _changed_last(query: str) -> list[FeedEntry]:
    """What a search finds among the datasets that changed here last, then what is newest by its source's date.

    A source may date its change in any year, past or to come; what changed here is what a reader has not seen yet.
    """
    latest = catalog.recorded_last(limit=LATEST)
    found: dict[str, SearchHit] = {}
    begun, size = 0, 2 * NEWEST
    try:
        while len(found) < NEWEST and begun < len(latest):
            piece = [uid for uid, _ in latest[begun : begun + size]]
            found |= {hit.uid: hit for hit in search_among(query, piece, limit=2 * NEWEST)[1]}
            begun, size = begun + size, begun + size
        if len(found) < NEWEST:
            found = {hit.uid: hit for hit in search_hits(query)} | found
    except SearchNotReady:
        return []
    moments = catalog.recorded_at(found)
    entries = [_entry(hit, moments[uid]) for uid, hit in found.items() if uid in moments]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:NEWEST]


def _entry(told: DatasetPage | SearchHit, at: datetime) -> FeedEntry:
    return FeedEntry(
        uid=f"urn:tdpf:dataset:{told.uid}",
        title=told.title,
        summary=told.description,
        path=f"/datasets/{told.slug}",
        at=at,
    )
