"""Writes about data requests: asking, voting, steps, merging, moderation."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.community import errors, events, rules
from tdpf.controlplane.community.models import DataRequest, DataRequestStep, Follow, Vote
from tdpf.controlplane.community.reads.data_requests import may_read, request_row, standing_request
from tdpf.controlplane.community.types import DataRequestState, RequestKind, Visibility, VisitorWords
from tdpf.controlplane.community.verbs.visiting import ask_to_confirm, met_visitor, take_knock, tidy_visitor
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now

MEMBER_REQUESTS_DAILY = 20


@transaction.atomic
def request_data(
    *,
    actor: Standing,
    kind: str,
    title: str,
    text: str,
    use: str = "",
    holder_name: str = "",
    wanted_format: str = "",
    dataset_uid: str = "",
    distribution_name: str = "",
    visitor: VisitorWords | None = None,
) -> str:
    """Ask for data; return the request's uid. A visitor's counts once the mailed link is opened, and is read first.

    Kind "format" names the dataset whose format is bad. Raises SignInNeeded, MemberSuspended, DatasetUnknown,
    WordsInvalid, TooMuchAtOnce. Announces DataRequested.
    """
    stranger = tidy_visitor(visitor) if actor.is_anonymous else None
    if stranger is None:
        members.must_be_free_to_act(actor)
    dataset = catalog.get_dataset(dataset_uid) if dataset_uid else None
    if dataset is not None and dataset.state not in ("published", "withdrawn"):
        raise DatasetUnknown(dataset=dataset_uid)
    words = {
        "title": rules.one_line(title),
        "text": rules.tidy(text),
        "use": rules.tidy(use),
        "holder_name": rules.one_line(holder_name),
        "wanted_format": rules.one_line(wanted_format) if kind == RequestKind.FORMAT else "",
    }
    rules.must_fit(rules.request_faults(kind, **words, has_dataset=dataset is not None, visitor=stranger))
    instant = now()
    if stranger is not None:
        take_knock(stranger, instant)
    elif _asked_today(actor, instant) >= MEMBER_REQUESTS_DAILY:
        raise errors.TooMuchAtOnce(retry_after_seconds=3600)
    met = met_visitor(stranger) if stranger is not None else None
    row = DataRequest.objects.create(
        kind=kind,
        dataset=dataset,
        distribution_name=rules.one_line(distribution_name)[:63] if dataset is not None else "",
        member_id=None if met is not None else actor.member_id,
        visitor=met,
        visitor_name=stranger.name if stranger is not None else "",
        state=DataRequestState.UNCONFIRMED if met is not None else DataRequestState.NEW,
        visibility=Visibility.HELD if met is not None else Visibility.SHOWN,
        made_at=instant,
        changed_at=instant,
        **words,
    )
    if met is not None:
        ask_to_confirm(met, instant, request=row)
        return row.uid
    DataRequestStep.objects.create(request=row, state=DataRequestState.NEW, at=instant)
    Vote.objects.create(request=row, member_id=actor.member_id, at=instant)
    announce(
        events.DataRequested(actor=actor.actor, subject=f"data-request:{row.uid}", request_uid=row.uid, kind=row.kind)
    )
    return row.uid


@transaction.atomic
def vote(*, actor: Standing, request_uid: str, visitor: VisitorWords | None = None) -> None:
    """Say that one wants the data too; twice changes nothing. A visitor's vote counts once the mailed link is opened.

    Raises DataRequestUnknown, SignInNeeded, MemberSuspended, WordsInvalid, TooMuchAtOnce, WrongStep.
    """
    stranger = tidy_visitor(visitor) if actor.is_anonymous else None
    if stranger is None:
        members.must_be_free_to_act(actor)
    row = standing_request(locked_request(request_uid, actor))
    if row.state in (DataRequestState.WITHDRAWN, DataRequestState.UNCONFIRMED):
        raise rules.wrong_step(row.state)
    instant = now()
    if stranger is None:
        Vote.objects.get_or_create(request=row, member_id=actor.member_id, defaults={"at": instant})
        return
    rules.must_fit(rules.visitor_faults(stranger))
    take_knock(stranger, instant)
    met = met_visitor(stranger)
    given, _ = Vote.objects.get_or_create(request=row, visitor=met, defaults={"confirmed": False, "at": instant})
    # Whoever has voted gets the mail again and learns so there; this page tells nobody.
    ask_to_confirm(met, instant, vote=given)


@transaction.atomic
def take_vote_back(*, actor: Standing, request_uid: str) -> None:
    """Take a member's own vote back, but not from one's own request. Raises DataRequestUnknown, SignInNeeded."""
    members.must_be_free_to_act(actor)
    row = standing_request(locked_request(request_uid, actor))
    if row.member_id != actor.member_id:
        Vote.objects.filter(request=row, member=actor.member_id).delete()


@transaction.atomic
def move_request(*, actor: Standing, request_uid: str, step: str, text: str = "", url: str = "") -> None:
    """Operator: review, or answer for a holder who told it otherwise: promised, published (with the address), not_possible.

    Raises OperatorNeeded, MfaNeeded, DataRequestUnknown, WordsInvalid, WrongStep. Announces DataRequestMoved.
    """
    members.may_operate(actor)
    row = locked_request(request_uid, actor)
    said, address = rules.tidy(text), rules.one_line(url)
    if step not in ("review", "promised", "published", "not_possible"):
        rules.request_after(DataRequestState(row.state), "")
    rules.must_fit(
        [
            *rules.text_faults("text", said, needed=step == "not_possible"),
            *rules.url_faults("url", address, needed=step == "published"),
        ]
    )
    take_step(row, step=step, text=said, url=address, name="", actor=actor.actor)


def take_step(row: DataRequest, *, step: str, text: str, name: str, actor: str, url: str = "") -> None:
    """Move a locked request, write its history and announce it; `name` is "" for the operator. Raises WrongStep."""
    instant = now()
    row.state = rules.request_after(DataRequestState(row.state), step).value
    row.changed_at = instant
    if step in ("promised", "published", "not_possible", "withdraw"):
        row.reason = text
    if url:
        row.published_url = url
    row.save(update_fields=["state", "changed_at", "reason", "published_url"])
    note_step(row, text=text, name=name, actor=actor, instant=instant)


def note_step(row: DataRequest, *, text: str, name: str, actor: str, instant: datetime) -> None:
    """Write into a request's history where it stands, and announce it."""
    DataRequestStep.objects.create(request=row, state=row.state, text=text, name=name[:200], at=instant)
    announce(
        events.DataRequestMoved(
            actor=actor, subject=f"data-request:{row.uid}", request_uid=row.uid, state=str(row.state)
        )
    )


@transaction.atomic
def withdraw_data_request(*, actor: Standing, request_uid: str, reason: str = "") -> None:
    """Take one's own request back. Raises DataRequestUnknown, NotYours, MemberSuspended, WrongStep, WordsInvalid."""
    members.must_be_free_to_act(actor)
    row = locked_request(request_uid, actor)
    if row.member_id != actor.member_id:
        raise errors.NotYours
    said = rules.tidy(reason)
    rules.must_fit(rules.text_faults("reason", said, most=1000, needed=False))
    take_step(row, step="withdraw", text=said, name=actor.display_name, actor=actor.actor)


@transaction.atomic
def merge_requests(*, actor: Standing, request_uid: str, into_uid: str) -> None:
    """Operator: put a request into another; votes and followers move along, and the old address leads to the new.

    Raises OperatorNeeded, MfaNeeded, DataRequestUnknown, MergeNotPossible, WrongStep. Announces DataRequestsMerged.
    """
    members.may_operate(actor)
    row = locked_request(request_uid, actor)
    other = locked_request(into_uid, actor)
    gone = other.state in (DataRequestState.MERGED, DataRequestState.WITHDRAWN, DataRequestState.UNCONFIRMED)
    if other.pk == row.pk or gone or other.visibility != Visibility.SHOWN:
        raise errors.MergeNotPossible
    instant = now()
    row.state = rules.request_after(DataRequestState(row.state), "merge").value
    row.merged_into = other
    row.changed_at = instant
    row.save(update_fields=["state", "merged_into", "changed_at"])
    _move_votes(row, other)
    _move_followers(row, other)
    DataRequestStep.objects.create(request=row, state=row.state, at=instant)
    announce(
        events.DataRequestsMerged(
            actor=actor.actor, subject=f"data-request:{row.uid}", request_uid=row.uid, into_uid=other.uid
        )
    )


@transaction.atomic
def moderate_request(*, actor: Standing, request_uid: str, visibility: str, reason: str = "") -> None:
    """Operator: release a request to everybody, or hide it with a reason.

    Raises OperatorNeeded, MfaNeeded, DataRequestUnknown, WordsInvalid. Announces DataRequestModerated.
    """
    members.may_operate(actor)
    row = locked_request(request_uid, actor)
    said, releasing = rules.tidy(reason), visibility == Visibility.SHOWN
    rules.must_fit(rules.text_faults("reason", said, most=1000, needed=not releasing))
    row.visibility = Visibility.SHOWN.value if releasing else Visibility.HIDDEN.value
    row.hidden_reason = "" if releasing else said
    row.changed_at = now()
    row.save(update_fields=["visibility", "hidden_reason", "changed_at"])
    announce(
        events.DataRequestModerated(
            actor=actor.actor,
            subject=f"data-request:{row.uid}",
            reason=said,
            request_uid=row.uid,
            visibility=row.visibility,
        )
    )


def locked_request(uid: str, actor: Standing) -> DataRequest:
    """Lock a request that the actor may read and return it. Raises DataRequestUnknown."""
    DataRequest.objects.select_for_update().filter(uid=uid).first()
    row = request_row(uid)
    if not may_read(row, actor):
        raise errors.DataRequestUnknown(request=uid)
    return row


def _move_votes(row: DataRequest, other: DataRequest) -> None:
    there = Vote.objects.filter(request=other)
    moving = Vote.objects.filter(request=row)
    # Who voted for both counts once; a vote that waits for its confirmation gives way to one that counts.
    moving.filter(member__in=there.exclude(member=None).values("member")).delete()
    there.filter(confirmed=False, visitor__in=moving.filter(confirmed=True).values("visitor")).delete()
    moving.filter(visitor__in=there.exclude(visitor=None).values("visitor")).delete()
    moving.update(request=other)


def _move_followers(row: DataRequest, other: DataRequest) -> None:
    moving = Follow.objects.filter(request=row)
    moving.filter(member__in=Follow.objects.filter(request=other).values("member")).delete()
    moving.update(request=other, key=rules.follow_key("request", other.uid))


def _asked_today(actor: Standing, instant: datetime) -> int:
    return DataRequest.objects.filter(member=actor.member_id, made_at__gt=instant - rules.DAY).count()
