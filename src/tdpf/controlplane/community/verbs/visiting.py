"""Visitors without an account: how fast they may write, the link they confirm by, and what becomes of the rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from tdpf.controlplane.community import errors, events, rules
from tdpf.controlplane.community.mail_links import token_for, token_hash, trace_of
from tdpf.controlplane.community.models import (
    Confirmation,
    DataRequest,
    DataRequestStep,
    Feedback,
    Knock,
    Visitor,
    Vote,
)
from tdpf.controlplane.community.reads.carrying import confirmation_of_token, confirmed_request
from tdpf.controlplane.community.types import DataRequestState, FeedbackState, VisitorWords
from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import jst_date, now
from tdpf.kit.ids import new_uid

LINK_DAYS = timedelta(days=3)
EVERYBODY_HOURLY = 300
_ANYBODY = "*"


def tidy_visitor(visitor: VisitorWords | None) -> VisitorWords | None:
    """Return a visitor's words tidied; the mail address in lower case."""
    if visitor is None:
        return None
    return VisitorWords(
        email=rules.one_line(visitor.email).lower(),
        name=rules.one_line(visitor.name),
        language="en" if visitor.language.lower().startswith("en") else "ja",
        trace=visitor.trace,
    )


def take_knock(visitor: VisitorWords, instant: datetime) -> None:
    """Count a stranger's act by where it comes from and by its mail address. Raises TooMuchAtOnce."""
    traces = [visitor.trace, trace_of(visitor.email, jst_date(instant).isoformat())]
    for trace in filter(None, traces):
        found = Knock.objects.filter(trace=trace, at__gt=instant - rules.DAY)
        rules.must_be_slow_enough(found.values_list("at", flat=True), instant)
    if Knock.objects.filter(trace=_ANYBODY, at__gt=instant - rules.HOUR).count() >= EVERYBODY_HOURLY:
        raise errors.TooMuchAtOnce(retry_after_seconds=3600)
    Knock.objects.bulk_create(Knock(trace=trace, at=instant) for trace in [*filter(None, traces), _ANYBODY])


def met_visitor(visitor: VisitorWords) -> Visitor:
    """Return the row of a visitor's mail address; the name stays with what was sent, not with the address."""
    row, _ = Visitor.objects.get_or_create(email=visitor.email, defaults={"language": visitor.language})
    return row


def ask_to_confirm(
    visitor: Visitor,
    instant: datetime,
    *,
    feedback: Feedback | None = None,
    request: DataRequest | None = None,
    vote: Vote | None = None,
) -> None:
    """Store a confirmation and have its link mailed; the link itself is stored nowhere."""
    uid = new_uid()
    Confirmation.objects.create(
        uid=uid,
        sha256=token_hash(token_for("confirm", uid)),
        visitor=visitor,
        feedback=feedback,
        request=request,
        vote=vote,
        made_at=instant,
        expires_at=instant + LINK_DAYS,
    )
    enqueue("community.tasks.mail_confirmation", {"confirmation_uid": uid})


@transaction.atomic
def confirm(*, token: str) -> str:
    """Make what a visitor sent count; doing it again changes nothing. Returns the path to go on to.

    Raises LinkNotValid. Announces FeedbackSubmitted or DataRequested.
    """
    found = confirmation_of_token(token)
    row = Confirmation.objects.select_for_update().get(pk=found.pk)
    instant = now()
    if row.used_at is None:
        row.used_at = instant
        row.save(update_fields=["used_at"])
        Visitor.objects.filter(pk=row.visitor_id, confirmed_at__isnull=True).update(confirmed_at=instant)
        if found.feedback is not None:
            _begin_feedback(found.feedback)
        elif found.request is not None:
            _begin_request(found.request, instant)
        elif found.vote is not None:
            Vote.objects.filter(pk=found.vote.pk).update(confirmed=True)
    if found.feedback is not None:
        return f"/datasets/{found.feedback.dataset.slug}#voices"
    return f"/data-requests/{confirmed_request(found).uid}" if found.vote is not None else "/data-requests"


def _begin_feedback(feedback: Feedback) -> None:
    feedback.state = FeedbackState.OPEN
    feedback.save(update_fields=["state"])
    announce(
        events.FeedbackSubmitted(
            actor="anonymous",
            subject=f"feedback:{feedback.uid}",
            feedback_uid=feedback.uid,
            dataset_uid=feedback.dataset.uid,
            kind=feedback.kind,
        )
    )


def _begin_request(request: DataRequest, instant: datetime) -> None:
    request.state = DataRequestState.NEW
    request.changed_at = instant
    request.save(update_fields=["state", "changed_at"])
    DataRequestStep.objects.create(request=request, state=DataRequestState.NEW, at=instant)
    Vote.objects.get_or_create(request=request, visitor=request.visitor, defaults={"at": instant})
    announce(
        events.DataRequested(
            actor="anonymous", subject=f"data-request:{request.uid}", request_uid=request.uid, kind=request.kind
        )
    )


@transaction.atomic
def forget_unconfirmed(*, now: datetime) -> int:
    """Remove what was never confirmed, and traces older than a day; return how many things."""
    Knock.objects.filter(at__lt=now - rules.DAY).delete()
    over = Confirmation.objects.filter(used_at__isnull=True, expires_at__lt=now)
    feedback = Feedback.objects.filter(pk__in=over.exclude(feedback=None).values("feedback"), state="unconfirmed")
    requests = DataRequest.objects.filter(pk__in=over.exclude(request=None).values("request"), state="unconfirmed")
    votes = Vote.objects.filter(pk__in=over.exclude(vote=None).values("vote"), confirmed=False)
    numbers = [list(found.values_list("pk", flat=True)) for found in (feedback, requests, votes)]
    over.delete()
    Feedback.objects.filter(pk__in=numbers[0]).delete()
    DataRequest.objects.filter(pk__in=numbers[1]).delete()
    Vote.objects.filter(pk__in=numbers[2]).delete()
    strangers = Visitor.objects.filter(confirmed_at__isnull=True, created_at__lt=now - LINK_DAYS)
    strangers = strangers.filter(confirmation=None, feedback=None, datarequest=None, vote=None)
    strangers.delete()
    return sum(len(listed) for listed in numbers)


@transaction.atomic
def forget_visitors(*, before: datetime) -> int:
    """Remove links that were used before a moment, and addresses with which nothing was sent that is still here; return how many."""
    Confirmation.objects.filter(used_at__lt=before).delete()
    idle = Visitor.objects.filter(created_at__lt=before, confirmation=None, feedback=None, datarequest=None, vote=None)
    numbers = list(idle.values_list("pk", flat=True)[:1_000])
    for begun in range(0, len(numbers), 500):
        Visitor.objects.filter(pk__in=numbers[begun : begun + 500]).delete()
    return len(numbers)
