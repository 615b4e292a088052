"""Reads of what people say of datasets: threads, reuses, ratings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from django.db.models import Avg, Count, Q, QuerySet

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.community import errors
from tdpf.controlplane.community.models import Errand, Feedback, FeedbackReply, Rating
from tdpf.controlplane.community.reads.authors import name_of
from tdpf.controlplane.community.rules import may_own
from tdpf.controlplane.community.types import (
    FeedbackKind,
    FeedbackState,
    FeedbackView,
    RatingView,
    ReplyView,
    Target,
    Visibility,
    Voices,
)
from tdpf.controlplane.members.types import Standing
from tdpf.kit.pages import Page

THREADS_SHOWN = 10
RATINGS_SHOWN = 5
WITHOUT_ACCOUNT = "publisher"


def feedback_row(uid: str) -> Feedback:
    """Return the row with its dataset and author. Raises FeedbackUnknown."""
    found = _rows().filter(uid=uid).first()
    if found is None:
        raise errors.FeedbackUnknown(feedback=uid)
    return found


def get_feedback(uid: str, standing: Standing) -> FeedbackView:
    """Return a thread to whoever may read it: everybody once shown, else author, owner and operator.

    Raises FeedbackUnknown.
    """
    row = feedback_row(uid)
    if not may_read(row, standing):
        raise errors.FeedbackUnknown(feedback=uid)
    return feedback_views([row], standing)[0]


def may_read(row: Feedback, standing: Standing) -> bool:
    """Say whether a thread is for the one who looks; what nobody confirmed yet is for nobody."""
    if row.state == FeedbackState.UNCONFIRMED:
        return False
    if row.visibility == Visibility.SHOWN:
        return True
    if standing.is_operator or (row.member_id is not None and row.member_id == standing.member_id):
        return True
    return row.visibility == Visibility.HELD and row.dataset.provider_id in standing.roles


def voices_of(dataset_uid: str, standing: Standing) -> Voices:
    """Return what a dataset's page shows: the newest public threads, reuses, ratings with their average."""
    shown = (
        _rows().filter(dataset__uid=dataset_uid, visibility=Visibility.SHOWN).exclude(state=FeedbackState.UNCONFIRMED)
    )
    threads = shown.exclude(kind=FeedbackKind.REUSE)
    rated = Rating.objects.filter(dataset__uid=dataset_uid, hidden_reason="")
    summed = rated.aggregate(average=Avg("points"), count=Count("id"))
    own = Rating.objects.filter(dataset__uid=dataset_uid, member=standing.member_id).select_related("member").first()
    with_words = rated.exclude(word="").select_related("member").order_by("-at")[:RATINGS_SHOWN]
    return Voices(
        threads=tuple(feedback_views(threads.order_by("-id")[:THREADS_SHOWN], standing)),
        total_threads=threads.count(),
        reuses=tuple(feedback_views(shown.filter(kind=FeedbackKind.REUSE).order_by("-id")[:THREADS_SHOWN], standing)),
        ratings=tuple(_rating(row) for row in with_words),
        average=None if summed["average"] is None else round(float(summed["average"]), 1),
        rated=int(summed["count"]),
        own_rating=_rating(own) if own is not None else None,
    )


def threads_of(dataset_uid: str, standing: Standing, *, offset: int = 0, limit: int = 20) -> Page[FeedbackView]:
    """Return all public threads and reuses of a dataset, the newest first."""
    found = _rows().filter(dataset__uid=dataset_uid, visibility=Visibility.SHOWN)
    found = found.exclude(state=FeedbackState.UNCONFIRMED).order_by("-id")
    return _page(found, standing, offset, limit)


def feedback_by(standing: Standing, *, offset: int = 0, limit: int = 20) -> Page[FeedbackView]:
    """Return what a member wrote, the newest first."""
    return _page(_rows().filter(member=standing.member_id).order_by("-id"), standing, offset, limit)


def feedback_to(
    standing: Standing, *, dataset_uid: str = "", waiting_only: bool = False, offset: int = 0, limit: int = 20
) -> Page[FeedbackView]:
    """Return what was said of the datasets that the member provides, what waits longest first, then the newest."""
    own = [party for party in standing.roles if may_own(standing.roles, party)]
    found = _rows().filter(dataset__provider__in=own).exclude(state=FeedbackState.UNCONFIRMED)
    found = found.exclude(visibility=Visibility.HIDDEN)
    if dataset_uid:
        found = found.filter(dataset__uid=dataset_uid)
    if waiting_only:
        found = found.filter(_WAITING)
    return _page(found.order_by("state", "-id") if not waiting_only else found.order_by("id"), standing, offset, limit)


def feedback_to_review(standing: Standing, *, offset: int = 0, limit: int = 20) -> Page[FeedbackView]:
    """Return what waits for the operator, the longest first: held words, and open ones whose owner has no account."""
    return _page(to_review(), standing, offset, limit)


def to_review() -> QuerySet[Feedback]:
    """Return the rows that wait for the operator: held ones, and those to be carried to an owner without an account."""
    carried = Errand.objects.filter(feedback__isnull=False).values("feedback")
    homeless = Q(dataset__provider__kind=WITHOUT_ACCOUNT, state=FeedbackState.OPEN) & ~Q(pk__in=carried)
    found = _rows().exclude(state=FeedbackState.UNCONFIRMED).exclude(visibility=Visibility.HIDDEN)
    held = Q(visibility=Visibility.HELD) & ~Q(pk__in=carried)
    return found.filter(held | (homeless & ~Q(kind=FeedbackKind.REUSE)), closed_at__isnull=True).order_by("id")


def feedback_views(rows: Iterable[Feedback], standing: Standing) -> list[FeedbackView]:
    """Return rows as they are shown, in their order; a handful of queries whatever their number."""
    listed = list(rows)
    cards = catalog.cards_of(row.dataset for row in listed)
    replies: dict[int, list[FeedbackReply]] = {}
    for reply in FeedbackReply.objects.filter(feedback__in=[row.pk for row in listed]).order_by("id"):
        replies.setdefault(reply.feedback_id, []).append(reply)
    known = {entry.name for entry in fields(Target)}
    views = []
    for row, card in zip(listed, cards, strict=True):
        mine = row.member_id is not None and row.member_id == standing.member_id
        own = may_own(standing.roles, row.dataset.provider_id)
        is_open = row.closed_at is None and row.state != FeedbackState.UNCONFIRMED
        hidden = row.visibility == Visibility.HIDDEN
        views.append(
            FeedbackView(
                uid=row.uid,
                kind=FeedbackKind(row.kind),
                dataset=card,
                author=name_of(row),
                by_visitor=row.member_id is None,
                title=row.title,
                text=row.text,
                target=Target(**{name: str(value) for name, value in row.target.items() if name in known}),
                url=row.url,
                reuse_kind=row.reuse_kind,
                state=FeedbackState(row.state),
                visibility=Visibility(row.visibility),
                hidden_reason=row.hidden_reason,
                said_at=row.said_at,
                changed_at=row.changed_at,
                closed_at=row.closed_at,
                replies=tuple(
                    ReplyView(side=said.side, name=said.name, text=said.text, state=said.state, at=said.at)
                    for said in replies.get(row.pk, [])
                ),
                may_answer=is_open and not hidden and (own or standing.is_operator),
                may_reply=is_open and not hidden and mine and not standing.is_suspended,
                may_close=is_open and (mine or own or standing.is_operator),
                may_moderate=standing.is_operator
                or (own and row.visibility == Visibility.HELD and row.kind == FeedbackKind.REUSE),
            )
        )
    return views


_WAITING = Q(state=FeedbackState.OPEN, closed_at__isnull=True) & (
    ~Q(kind=FeedbackKind.REUSE) | Q(visibility=Visibility.HELD)
)


def _rows() -> QuerySet[Feedback]:
    return Feedback.objects.select_related("dataset__provider", "member", "visitor")


def _page(found: QuerySet[Feedback], standing: Standing, offset: int, limit: int) -> Page[FeedbackView]:
    offset, limit = max(0, offset), max(1, min(limit, 100))
    rows = found[offset : offset + limit]
    return Page(items=feedback_views(rows, standing), total=found.count(), offset=offset, limit=limit)


def _rating(row: Rating) -> RatingView:
    return RatingView(
        name=row.member.display_name, member_uid=row.member.uid, points=row.points, word=row.word, at=row.at
    )
