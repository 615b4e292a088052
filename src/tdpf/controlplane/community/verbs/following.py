"""Writes about following: datasets, publishers, themes, searches, data requests, and how often one is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.community import errors, events, rules
from tdpf.controlplane.community.models import Follow
from tdpf.controlplane.community.reads.data_requests import may_read, request_row, standing_request
from tdpf.controlplane.community.types import FollowKind, Pace
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.hashing import sha256_hex

MOST_FOLLOWS = 500


def follow(*, actor: Standing, dataset_uid: str, pace: str = Pace.ONCE) -> None:
    """Have a member told of a dataset's changes; doing it again changes nothing but the pace.

    Raises DatasetUnknown (also for drafts that the member may not see), and what `members.must_be_free_to_act` raises.
    """
    members.must_be_free_to_act(actor)
    dataset = catalog.get_dataset(dataset_uid)
    if not catalog.may_see(dataset, actor):
        raise DatasetUnknown(dataset=dataset_uid)
    with transaction.atomic():
        begun = _begin(actor, FollowKind.DATASET, dataset.uid, pace, {"dataset": dataset})
        if begun:
            announce(
                events.DatasetFollowed(actor=actor.actor, subject=f"dataset:{dataset.uid}", dataset_uid=dataset.uid)
            )


def unfollow(*, actor: Standing, dataset_uid: str) -> None:
    """Stop telling a member of a dataset's changes; doing it again changes nothing. Raises SignInNeeded."""
    if actor.is_anonymous:
        members.must_be_free_to_act(actor)
    with transaction.atomic():
        ended, _ = Follow.objects.filter(member=actor.member_id, dataset__uid=dataset_uid).delete()
        if ended:
            announce(
                events.DatasetUnfollowed(actor=actor.actor, subject=f"dataset:{dataset_uid}", dataset_uid=dataset_uid)
            )


@transaction.atomic
def follow_more(*, actor: Standing, kind: str, name: str, pace: str = Pace.DAILY) -> None:
    """Follow a publisher (slug or uid), a theme (code), a search (query string) or a data request (uid).

    Raises SignInNeeded, MemberSuspended, FollowNotPossible, PartyNotFound, DataRequestUnknown. Announces Followed.
    """
    members.must_be_free_to_act(actor)
    if kind not in (FollowKind.PUBLISHER, FollowKind.THEME, FollowKind.SEARCH, FollowKind.REQUEST):
        raise errors.FollowNotPossible(why_ja="お知らせできる種類ではありません。", why_en="There is no such kind.")
    chosen = FollowKind(kind)
    what, fields = _found(actor, chosen, name)
    if _begin(actor, chosen, what, pace, fields):
        key = rules.follow_key(chosen, what)
        announce(events.Followed(actor=actor.actor, subject=f"follow:{key}"[:120], key=key))


@transaction.atomic
def change_pace(*, actor: Standing, follow_uid: str, pace: str) -> None:
    """Change how often one is told. Raises SignInNeeded, FollowNotPossible."""
    members.must_be_free_to_act(actor)
    row = _own(actor, follow_uid)
    _set_pace(row, _pace(pace))


@transaction.atomic
def stop_following(*, actor: Standing, follow_uid: str) -> None:
    """Stop following anything. Raises SignInNeeded, FollowNotPossible. Announces Unfollowed or DatasetUnfollowed."""
    if actor.is_anonymous:
        members.must_be_free_to_act(actor)
    row = _own(actor, follow_uid)
    key, dataset = row.key, row.dataset
    row.delete()
    if dataset is not None:
        announce(events.DatasetUnfollowed(actor=actor.actor, subject=f"dataset:{dataset.uid}", dataset_uid=dataset.uid))
    else:
        announce(events.Unfollowed(actor=actor.actor, subject=f"follow:{key}"[:120], key=key))


def _found(actor: Standing, kind: FollowKind, name: str) -> tuple[str, dict[str, Any]]:
    if kind is FollowKind.PUBLISHER:
        party = members.get_party(name)
        return party.uid, {"party": party}
    if kind is FollowKind.THEME:
        if name not in dict(catalog.choices("themes")):
            raise errors.FollowNotPossible(why_ja="その分野はありません。", why_en="There is no such theme.")
        return name, {"theme": name}
    if kind is FollowKind.REQUEST:
        row = request_row(name)
        if not may_read(row, actor):
            raise errors.DataRequestUnknown(request=name)
        row = standing_request(row)
        return row.uid, {"request": row}
    query = rules.canonical_search(name)
    if not query or len(query) > 1000:
        raise errors.FollowNotPossible(
            why_ja="検索のことばか条件を選んでください。", why_en="Choose words or filters to search for."
        )
    return sha256_hex(query.encode())[:32], {"query": query}


def _begin(actor: Standing, kind: FollowKind, name: str, pace: str, fields: Mapping[str, Any]) -> bool:
    chosen, instant = _pace(pace), now()
    if Follow.objects.filter(member=actor.member_id).count() >= MOST_FOLLOWS:
        raise errors.FollowNotPossible(
            why_ja=f"登録できるお知らせは{MOST_FOLLOWS}件までです。", why_en=f"At most {MOST_FOLLOWS} can be followed."
        )
    row, begun = Follow.objects.get_or_create(
        member_id=actor.member_id,
        key=rules.follow_key(kind, name),
        defaults={"kind": kind, "pace": chosen, "since": instant, "told_until": instant, **fields},
    )
    if not begun and row.pace != chosen:
        _set_pace(row, chosen)
    return begun


def _set_pace(row: Follow, pace: Pace) -> None:
    if row.pace == Pace.ONCE and pace != Pace.ONCE:
        # All of it was told at once; the first digest begins here.
        row.told_until = now()
    row.pace = pace
    row.save(update_fields=["pace", "told_until"])


def _own(actor: Standing, uid: str) -> Follow:
    row = Follow.objects.select_related("dataset").filter(uid=uid, member=actor.member_id).first()
    if row is None:
        raise errors.FollowNotPossible(why_ja="その登録はありません。", why_en="You do not follow that.")
    return row


def _pace(pace: str) -> Pace:
    if pace not in set(Pace):
        raise errors.FollowNotPossible(why_ja="お知らせの間隔を選んでください。", why_en="Choose how often to be told.")
    return Pace(pace)
