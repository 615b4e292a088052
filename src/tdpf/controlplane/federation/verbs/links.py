"""Verbs on links: keep what looking at them showed, with its history, and tell the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.types import LinkFact
from tdpf.controlplane.federation.models import LinkLook
from tdpf.controlplane.federation.visiting.looking import Look, settled
from tdpf.djangokit.many_rows import update_objects
from tdpf.kit.clock import jst_date, now
from tdpf.kit.text import Text

_KEPT = 30
GOOD = frozenset({"ok", "moved"})


@dataclass(frozen=True, slots=True)
class Looked:
    """A link and what was seen there."""

    distribution_uid: str
    dataset_uid: str
    url: str
    look: Look


@transaction.atomic
def keep_looks(*, looked: Sequence[Looked]) -> int:
    """Keep what was seen; the same as last time lengthens the last entry of the history. Return how many links changed.

    A link at which nothing usable answered is suspect at once, and broken when that was so on two days. Where nothing could
    be seen, what is known stays, and the catalogue hears only that it was tried.
    """
    instant = now()
    last = _last_looks([item.distribution_uid for item in looked])
    facts: list[LinkFact] = []
    fresh: list[LinkLook] = []
    lengthened: list[LinkLook] = []
    for item in looked:
        before = last.get(item.distribution_uid)
        days = _failed_days(item, before, instant)
        state = settled(item.look, failed_days=days)
        row = LinkLook(
            distribution_uid=item.distribution_uid,
            dataset_uid=item.dataset_uid,
            url=item.url[:2000],
            state=state,
            status=item.look.status,
            note_ja=item.look.note.ja[:500],
            note_en=item.look.note.en[:500],
            final_url=item.look.final_url[:2000],
            etag=item.look.etag,
            last_modified=item.look.last_modified,
            size=item.look.size,
            failed_days=days,
            first_at=instant,
            last_at=instant,
        )
        if before is not None and _same(before, row):
            before.last_at, before.times, before.failed_days = instant, before.times + 1, days
            if _has_changed(before, row):
                before.rating_tried = False
            before.etag, before.last_modified = row.etag, row.last_modified
            before.size = before.size if row.size is None else row.size
            lengthened.append(before)
        else:
            fresh.append(row)
        facts.append(
            LinkFact(
                distribution_uid=item.distribution_uid,
                state=state,
                checked_at=instant,
                status=item.look.status,
                note=item.look.note,
                media_type=item.look.media_type,
                size=item.look.size,
            )
        )
    update_objects(lengthened, ["last_at", "times", "failed_days", "etag", "last_modified", "size", "rating_tried"])
    LinkLook.objects.bulk_create(fresh, batch_size=200)
    _forget({row.distribution_uid for row in fresh})
    return catalog.note_links(facts=facts) if facts else 0


def good_looks(uids: Sequence[str]) -> dict[tuple[str, str], Look]:
    """Return by link and address what the last looks showed that found something usable there."""
    found: dict[tuple[str, str], Look] = {}
    for begun in range(0, len(uids), 500):
        for row in _last_looks(uids[begun : begun + 500]).values():
            if row.state in GOOD:
                found[row.distribution_uid, row.url] = Look(
                    row.state, row.status, Text(row.note_ja, row.note_en), row.final_url, etag=row.etag,
                    last_modified=row.last_modified,
                )  # fmt: skip
    return found


def _failed_days(item: Looked, before: LinkLook | None, instant: datetime) -> int:
    """Return on how many days nothing usable answered since the last good look; one that saw nothing counts for neither."""
    if item.look.state in GOOD:
        return 0
    known = before.failed_days if before is not None and before.url == item.url else 0
    if item.look.state != "failed" or before is None:
        return known + (item.look.state == "failed")
    return known + (not known or jst_date(before.last_at) != jst_date(instant))


def _last_looks(uids: Sequence[str]) -> dict[str, LinkLook]:
    return {row.distribution_uid: row for row in LinkLook.objects.filter(distribution_uid__in=uids).order_by("pk")}


def _same(before: LinkLook, row: LinkLook) -> bool:
    return (before.url, before.state, before.status, before.note_ja) == (row.url, row.state, row.status, row.note_ja)


def _has_changed(before: LinkLook, row: LinkLook) -> bool:
    """Say whether the file behind a good link is another one, as far as its validators and size tell (RFC 9110, 8.8)."""
    if row.state not in GOOD:
        return False
    if before.etag and row.etag:
        return before.etag.removeprefix("W/") != row.etag.removeprefix("W/")
    if before.last_modified and row.last_modified and before.last_modified != row.last_modified:
        return True
    return before.size is not None and row.size is not None and before.size != row.size


def _forget(uids: set[str]) -> None:
    """Keep the latest entries of each link."""
    listed: dict[str, list[int]] = {}
    for uid, pk in (
        LinkLook.objects.filter(distribution_uid__in=uids).order_by("-pk").values_list("distribution_uid", "pk")
    ):
        listed.setdefault(uid, []).append(pk)
    old = [pk for keys in listed.values() for pk in keys[_KEPT:]]
    if old:
        LinkLook.objects.filter(pk__in=old).delete()
