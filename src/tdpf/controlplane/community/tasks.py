"""What the worker does for this room: letters to followers, one job per reader, so that one bad address stops no other.

Handlers: `community.tasks.tell_of_version` for catalog.VersionPublished, `community.tasks.tell_of_notice` for
exchange.WithdrawalNoticed (`dataset_uid`, `effective_on`, `reason`), `community.tasks.tell_of_withdrawal` for
catalog.DatasetWithdrawn.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import send_mail

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.community import news, queries
from tdpf.controlplane.community.models import Follow
from tdpf.djangokit.jobs import enqueue, handler
from tdpf.kit.text import Text

Payload = dict[str, Any]


@handler("community.tasks.tell_of_version")
def tell_of_version(payload: Payload) -> None:
    """Tell the followers of a published dataset that it has a new version; a draft's versions are nobody's news."""
    try:
        dataset = catalog.dataset_page(payload["dataset_uid"])
    except DatasetUnknown:
        return
    if dataset.state != "published":
        return
    version = catalog.get_version(payload["version_uid"])
    if version.state == "purged":
        return
    what = news.difference(version.diff, version.rows)
    letter = news.version_letter(title=dataset.title, number=version.number, what=what, address=_address(dataset))
    _to_followers(dataset, letter, payload)


@handler("community.tasks.tell_of_notice")
def tell_of_notice(payload: Payload) -> None:
    """Tell the followers that an offer will end."""
    dataset = catalog.dataset_page(payload["dataset_uid"])
    letter = news.notice_letter(
        title=dataset.title,
        effective_on=date.fromisoformat(payload["effective_on"]),
        reason=payload.get("reason", ""),
        address=_address(dataset),
    )
    _to_followers(dataset, letter, payload)


@handler("community.tasks.tell_of_withdrawal")
def tell_of_withdrawal(payload: Payload) -> None:
    """Tell the followers that a dataset is no longer offered."""
    dataset = catalog.dataset_page(payload["dataset_uid"])
    letter = news.withdrawn_letter(title=dataset.title, reason=payload.get("reason", ""), address=_address(dataset))
    _to_followers(dataset, letter, payload)


@handler("community.tasks.mail_follower")
def mail_follower(payload: Payload) -> None:
    """Send one letter to one follower, unless they have stopped following meanwhile."""
    found = Follow.objects.filter(
        member=payload["member_id"], member__is_active=True, dataset__uid=payload["dataset_uid"]
    )
    follow = found.select_related("member").first()
    if follow is None:
        return
    language = follow.member.language
    send_mail(
        f"[TDPF] {Text(*payload['subject']).in_(language)}",
        Text(*payload["body"]).in_(language),
        settings.DEFAULT_FROM_EMAIL,
        [follow.member.email],
    )


def _to_followers(dataset: DatasetPage, letter: news.Letter, payload: Payload) -> None:
    for member_id in queries.follower_ids(dataset.uid):
        enqueue(
            "community.tasks.mail_follower",
            {
                "member_id": member_id,
                "dataset_uid": dataset.uid,
                "subject": [letter.subject.ja, letter.subject.en],
                "body": [letter.body.ja, letter.body.en],
            },
            key=f"follower:{payload.get('event_uid', '')}:{member_id}" if payload.get("event_uid") else None,
        )


def _address(dataset: DatasetPage) -> str:
    return f"{settings.PUBLIC_URL}/datasets/{dataset.slug}"
