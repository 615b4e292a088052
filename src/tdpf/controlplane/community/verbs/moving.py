"""Moving what was said of an entry, and who follows it, to the entry it was merged into."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.events import HarvestedMerged
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.community import news as says
from tdpf.controlplane.community import rules
from tdpf.controlplane.community.models import DataRequest, Feedback, Follow, Rating
from tdpf.controlplane.community.verbs.telling import tell
from tdpf.kit.clock import now


def move_to_merged(event: HarvestedMerged) -> None:
    """Let voices, ratings, wishes and followers of merged entries go along; called in the transaction that merges them."""
    into = catalog.dataset_page(event.into_uid)
    for uid in event.dataset_uids:
        move_voices(dataset_uid=uid, into=into, at=now())


@transaction.atomic
def move_voices(*, dataset_uid: str, into: DatasetPage, at: datetime) -> int:
    """Move everything that people left at one entry to another, and tell its followers where it went; return how many followed.

    Whoever follows or rated both keeps what they have at the one that stays.
    """
    Feedback.objects.filter(dataset__uid=dataset_uid).update(dataset_id=into.number)
    DataRequest.objects.filter(dataset__uid=dataset_uid).update(dataset_id=into.number)
    ratings = Rating.objects.filter(dataset__uid=dataset_uid)
    ratings.filter(member__in=Rating.objects.filter(dataset=into.number).values("member")).delete()
    ratings.update(dataset_id=into.number)
    key = rules.follow_key("dataset", into.uid)
    moving = Follow.objects.filter(key=rules.follow_key("dataset", dataset_uid))
    count = moving.count()
    moving.filter(member__in=Follow.objects.filter(key=key).values("member")).delete()
    moving.update(dataset_id=into.number, key=key)
    if count:
        tell(
            once=f"merged:{dataset_uid}",
            key=key,
            kind="merged",
            said=says.merged(into=into.title),
            path=f"/datasets/{into.slug}",
            now=at,
        )
    return count
