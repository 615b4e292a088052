"""Telling: one row of news for each thing that happened, then to those who follow it: at once, in digests, to webhooks.

New entries are matched in batches against the keys that somebody follows: a hundred thousand of them make one row of
news for each key, not a job for each dataset.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import Arrival
from tdpf.controlplane.community import news as says
from tdpf.controlplane.community import rules
from tdpf.controlplane.community.models import Follow, News, Watermark, Webhook
from tdpf.controlplane.community.reads.feeds import follow_view, search_among
from tdpf.controlplane.community.types import FollowKind, Pace, WebhookState
from tdpf.controlplane.community.verbs.webhooks import message_of, queue_delivery
from tdpf.djangokit.jobs import enqueue
from tdpf.kit.text import Text

NAMED = 10
SETTLED = timedelta(seconds=60)
MOST_AT_ONCE = 200_000
ASKED_AT_ONCE = 5_000
MOST_GATHERED = 200
NEWS_KEPT = timedelta(days=100)


@dataclass
class _Found:
    """What is new under one key: how many, and the first of them."""

    count: int = 0
    first: list[Arrival] = field(default_factory=list)

    def add(self, arrival: Arrival) -> None:
        self.count += 1
        if len(self.first) < NAMED:
            self.first.append(arrival)


@transaction.atomic
def tell(
    *,
    once: str,
    key: str,
    kind: str,
    said: says.Letter,
    path: str,
    now: datetime,
    entries: Sequence[Arrival] = (),
    count: int = 1,
) -> None:
    """Write one piece of news and have its followers told; the same `once` twice changes nothing."""
    row, made = News.objects.get_or_create(
        once=once[:120],
        defaults={
            "key": key,
            "kind": kind,
            "title": {"ja": said.subject.ja, "en": said.subject.en},
            "summary": {"ja": said.body.ja, "en": said.body.en},
            "path": path[:300],
            "entries": [
                {"title": {"ja": new.title.ja, "en": new.title.en}, "path": f"/datasets/{new.slug}"} for new in entries
            ],
            "count": count,
            "at": now,
            "told_at": now,
        },
    )
    if made:
        _spread(row)


def _spread(row: News) -> None:
    followers = Follow.objects.filter(key=row.key, member__is_active=True)
    at_once = followers.filter(pace=Pace.ONCE).values_list("member_id", flat=True)
    for member_id in at_once.iterator():
        payload = {"member_id": member_id, "news_uid": row.uid}
        enqueue("community.tasks.mail_follower", payload, key=f"follower:{row.uid}:{member_id}")
    hooks = Webhook.objects.filter(member__in=followers.values("member"), state=WebhookState.ACTIVE)
    if hooks.exists():
        body = message_of(row)
        for hook in hooks.iterator():
            queue_delivery(hook, kind=row.kind, body=body)


def tell_of_changes(*, dataset_uids: Iterable[str], once: str, now: datetime, retired: bool = False) -> int:
    """Tell of datasets of other sites that changed or went, those only that somebody follows; return how many."""
    told = 0
    listed = list(dict.fromkeys(dataset_uids))
    for start in range(0, len(listed), 500):
        piece = listed[start : start + 500]
        followed = Follow.objects.filter(dataset__uid__in=piece).select_related("dataset").order_by("dataset_id")
        for dataset in {row.dataset.uid: row.dataset for row in followed if row.dataset is not None}.values():
            title = Text(dataset.title_ja, dataset.title_en or dataset.title_ja)
            said = says.retired(title=title) if retired else says.described_anew(title=title)
            tell(
                once=f"{once}:{dataset.uid}",
                key=rules.follow_key("dataset", dataset.uid),
                kind="retired" if retired else "metadata",
                said=said,
                path=f"/datasets/{dataset.slug}",
                now=now,
            )
            told += 1
    return told


def match_arrivals(*, now: datetime) -> int:
    """Look at what is new in the catalog since the last time and tell those who follow a publisher, theme or search.

    Works through the new entries in pieces, counting for each followed key; returns how many entries were new. While
    somebody follows a search, what the index does not know yet waits for the next time.
    """
    number, since = _watermarks(now)
    until = now - SETTLED
    keys = _followed_keys()
    if any(follow.kind == FollowKind.SEARCH for follow in keys.values()):
        indexed = catalog.indexed_until(now)
        if indexed is None:
            return 0
        until = min(until, indexed)
    found: dict[str, _Found] = {}
    uids: dict[str, Arrival] = {}
    seen, last = 0, number
    arrivals = list(catalog.registered_between(since, until))
    while arrivals or seen == 0:
        for new in arrivals:
            names = [rules.follow_key("publisher", new.provider_uid)]
            names += [rules.follow_key("theme", theme) for theme in new.themes]
            for key in names:
                if key in keys:
                    found.setdefault(key, _Found()).add(new)
            uids[new.uid] = new
        seen += max(1, len(arrivals))
        if seen >= MOST_AT_ONCE:
            break
        arrivals = list(catalog.harvested_after(last, before=until))
        last = max([last, *(new.number for new in arrivals)])
    if uids:
        _match_searches(keys, uids, found)
    with transaction.atomic():
        for key, new_ones in found.items():
            _tell_arrivals(keys[key], new_ones, now)
        Watermark.objects.update_or_create(name="arrivals", defaults={"number": last, "at": max(since, until)})
    return len(uids)


def _match_searches(keys: dict[str, Follow], uids: dict[str, Arrival], found: dict[str, _Found]) -> None:
    listed = list(uids)
    for key, follow in keys.items():
        if follow.kind != FollowKind.SEARCH:
            continue
        for begun in range(0, len(listed), ASKED_AT_ONCE):
            total, hits = search_among(follow.query, listed[begun : begun + ASKED_AT_ONCE], limit=NAMED)
            if total:
                new = found.setdefault(key, _Found())
                new.count += total
                new.first += [uids[hit.uid] for hit in hits][: NAMED - len(new.first)]


def _tell_arrivals(follow: Follow, new_ones: _Found, now: datetime) -> None:
    view = follow_view(follow)
    tell(
        once=f"arrivals:{follow.key}:{now.timestamp():.0f}",
        key=follow.key,
        kind="arrivals",
        said=says.arrived(under=view.title, count=new_ones.count),
        path=f"{view.path}{'&' if '?' in view.path else '?'}sort=newest" if view.kind != "publisher" else view.path,
        now=now,
        entries=new_ones.first,
        count=new_ones.count,
    )


def _watermarks(now: datetime) -> tuple[int, datetime]:
    row, _ = Watermark.objects.get_or_create(
        name="arrivals", defaults={"number": catalog.newest_number(), "at": now - SETTLED}
    )
    return row.number, row.at


def _followed_keys() -> dict[str, Follow]:
    """Return one follow for each key under which new entries count."""
    kinds = [FollowKind.PUBLISHER, FollowKind.THEME, FollowKind.SEARCH]
    rows = Follow.objects.filter(kind__in=kinds, member__is_active=True).select_related("party")
    keys: dict[str, Follow] = {}
    for row in rows.order_by("id").iterator():
        keys.setdefault(row.key, row)
    return keys


@transaction.atomic
def queue_digests(*, now: datetime) -> int:
    """Ask for one mail for each member who has news since the last morning it was due; return how many."""
    members: set[int] = set()
    for pace in (Pace.DAILY, Pace.WEEKLY):
        boundary = rules.digest_boundary(pace, now)
        due = Follow.objects.filter(pace=pace, told_until__lt=boundary)
        oldest = due.order_by("told_until").values_list("told_until", flat=True).first()
        if oldest is None:
            continue
        keys = News.objects.filter(at__gt=oldest, at__lte=boundary).values("key").distinct()
        members.update(due.filter(key__in=keys, member__is_active=True).values_list("member_id", flat=True))
        due.exclude(key__in=keys).update(told_until=boundary)
    for member_id in sorted(members):
        payload = {"member_id": member_id, "at": now.isoformat()}
        enqueue("community.tasks.mail_digest", payload, key=f"digest:{member_id}")
    return len(members)


def gather_digest(*, member_id: int, now: datetime) -> list[News]:
    """Return what a member has not been told yet of what comes in digests, and note it as told.

    Of what somebody follows two hundred pieces come in one letter; the others come in the next.
    """
    gathered: dict[str, News] = {}
    for pace in (Pace.DAILY, Pace.WEEKLY):
        boundary = rules.digest_boundary(pace, now)
        for follow in Follow.objects.filter(member=member_id, pace=pace, told_until__lt=boundary):
            fresh = News.objects.filter(key=follow.key, at__gt=follow.told_until, at__lte=boundary)
            pieces = list(fresh.order_by("at")[:MOST_GATHERED])
            gathered.update({row.uid: row for row in pieces})
            follow.told_until = boundary if len(pieces) < MOST_GATHERED else pieces[-1].at
            follow.save(update_fields=["told_until"])
    return sorted(gathered.values(), key=lambda row: row.at)


@transaction.atomic
def forget_news(*, now: datetime) -> int:
    """Remove news older than a hundred days; return how many."""
    removed, _ = News.objects.filter(at__lt=now - NEWS_KEPT).delete()
    return removed


def line_of(row: News, base: str) -> says.Line:
    """Return a piece of news as a line of a mail; `base` is the platform's address."""

    def text(value: Any) -> Text:
        return Text(str(value["ja"]), str(value["en"]))

    return says.Line(
        title=text(row.title),
        summary=text(row.summary),
        address=f"{base}{row.path}",
        entries=tuple((text(entry["title"]), f"{base}{entry['path']}") for entry in row.entries),
        more=row.count - len(row.entries) if row.entries else 0,
    )
