"""Carrying requests and feedback to those who hold the data (データ提供・連携依頼), and taking their answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from tdpf.controlplane.community import errors, events, rules
from tdpf.controlplane.community.mail_links import token_for, token_hash
from tdpf.controlplane.community.models import DataRequest, Errand, Feedback
from tdpf.controlplane.community.reads.carrying import errand_of_token
from tdpf.controlplane.community.reads.data_requests import request_row, standing_request
from tdpf.controlplane.community.reads.feedback import feedback_row
from tdpf.controlplane.community.types import DataRequestState, ErrandState, FeedbackState, Visibility, VisitorWords
from tdpf.controlplane.community.verbs.data_requests import locked_request, note_step, take_step
from tdpf.controlplane.community.verbs.feedback import locked_feedback, take_answer
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid

ANSWER_DAYS = timedelta(days=60)


@transaction.atomic
def send_errand(
    *,
    actor: Standing,
    recipient_name: str,
    email: str,
    message: str = "",
    language: str = "ja",
    request_uid: str = "",
    feedback_uid: str = "",
) -> str:
    """Operator: mail a request or a thread to its holder with a page to answer on; return the errand's uid.

    Raises OperatorNeeded, MfaNeeded, DataRequestUnknown, FeedbackUnknown, WordsInvalid, WrongStep. Announces ErrandSent,
    and DataRequestMoved for a request.
    """
    members.may_operate(actor)
    name, address, said = rules.one_line(recipient_name), rules.one_line(email), rules.tidy(message)
    rules.must_fit(
        [
            *rules.text_faults("recipient_name", name, most=200),
            *rules.visitor_faults(VisitorWords(email=address)),
            *rules.text_faults("message", said, needed=False),
        ]
    )
    request = locked_request(request_uid, actor) if request_uid else None
    feedback = None if request is not None else locked_feedback(feedback_uid, actor)
    if feedback is not None and (feedback.closed_at is not None or feedback.visibility == Visibility.HIDDEN):
        raise rules.wrong_step("closed")
    instant, uid = now(), new_uid()
    errand = Errand.objects.create(
        uid=uid,
        request=request,
        feedback=feedback,
        recipient_name=name,
        email=address,
        language="en" if language.startswith("en") else "ja",
        message=said,
        sha256=token_hash(token_for("answer", uid)),
        state=ErrandState.SENT,
        sent_by_id=actor.member_id,
        sent_at=instant,
        expires_at=instant + ANSWER_DAYS,
        remind_at=rules.next_reminder(instant, 0),
    )
    if request is not None:
        take_step(request, step="send", text=name, name="", actor=actor.actor)
    enqueue("community.tasks.mail_errand", {"errand_uid": uid, "reminder": 0})
    announce(events.ErrandSent(actor=actor.actor, **_fields(errand)))
    return uid


@transaction.atomic
def answer_errand(*, token: str, answer: str, text: str = "", url: str = "", name: str = "") -> None:
    """Take the answer of whoever holds the link; once. It goes into the history, and everybody concerned is told.

    Raises LinkNotValid, AlreadyAnswered, WordsInvalid. Announces ErrandAnswered, and DataRequestMoved or FeedbackAnswered.
    """
    found = errand_of_token(token)
    errand = Errand.objects.select_for_update().get(pk=found.pk)
    if errand.state == ErrandState.REVOKED:
        raise errors.LinkNotValid
    if errand.state == ErrandState.ANSWERED:
        raise errors.AlreadyAnswered
    what = "request" if errand.request_id is not None else "feedback"
    said, address, who = rules.tidy(text), rules.one_line(url), rules.one_line(name)
    rules.must_fit(
        [*rules.answer_faults(what, answer, said, address), *rules.text_faults("name", who, most=200, needed=False)]
    )
    instant = now()
    errand.state = ErrandState.ANSWERED.value
    errand.answer, errand.answer_text, errand.answer_url = answer, said, address
    errand.answered_by = who or errand.recipient_name
    errand.answered_at, errand.remind_at = instant, None
    errand.save()
    announce(events.ErrandAnswered(actor="anonymous", answer=answer, **_fields(found)))
    if found.request is not None:
        _answer_request(found.request, errand, instant)
    elif found.feedback is not None:
        _answer_feedback(found.feedback, errand)


def _answer_request(first: DataRequest, errand: Errand, instant: datetime) -> None:
    DataRequest.objects.select_for_update().filter(pk=standing_request(first).pk).first()
    row = request_row(standing_request(first).uid)
    name, state = errand.answered_by, DataRequestState(row.state)
    if errand.answer == "not_holder":
        if state is DataRequestState.SENT:
            row.state = DataRequestState.REVIEW.value
            row.changed_at = instant
            row.save(update_fields=["state", "changed_at"])
        note_step(row, text=errand.answer_text, name=name, actor="anonymous", instant=instant)
    elif errand.answer in rules.steps_from(state):
        step, url = errand.answer, errand.answer_url
        take_step(row, step=step, text=errand.answer_text, url=url, name=name, actor="anonymous")
    else:
        # Another holder answered before, or it was withdrawn: the words are kept, the state stays.
        note_step(row, text=errand.answer_text, name=name, actor="anonymous", instant=instant)


def _answer_feedback(first: Feedback, errand: Errand) -> None:
    Feedback.objects.select_for_update().filter(pk=first.pk).first()
    row = feedback_row(first.uid)
    takes = row.closed_at is None and row.visibility != Visibility.HIDDEN and row.state != FeedbackState.UNCONFIRMED
    if errand.answer != "not_holder" and takes:
        take_answer(
            row,
            answer=errand.answer,
            text=errand.answer_text,
            side="holder",
            name=errand.answered_by,
            actor="anonymous",
            member_id=None,
        )


@transaction.atomic
def revoke_errand(*, actor: Standing, errand_uid: str, reason: str = "") -> None:
    """Operator: make a link worthless at once. Raises OperatorNeeded, MfaNeeded, LinkNotValid, AlreadyAnswered."""
    members.may_operate(actor)
    errand = _locked(errand_uid)
    said = rules.tidy(reason)
    rules.must_fit(rules.text_faults("reason", said, most=1000, needed=False))
    errand.state, errand.remind_at = ErrandState.REVOKED.value, None
    errand.save(update_fields=["state", "remind_at"])
    announce(events.ErrandRevoked(actor=actor.actor, reason=said, **_fields(errand)))


@transaction.atomic
def resend_errand(*, actor: Standing, errand_uid: str) -> None:
    """Operator: send the mail again with a new link; the older one is worthless from now on.

    Raises OperatorNeeded, MfaNeeded, LinkNotValid, AlreadyAnswered.
    """
    members.may_operate(actor)
    errand = _locked(errand_uid)
    errand.round += 1
    errand.sha256 = token_hash(token_for("answer", errand.uid, errand.round))
    errand.expires_at = now() + ANSWER_DAYS
    errand.save(update_fields=["round", "sha256", "expires_at"])
    enqueue("community.tasks.mail_errand", {"errand_uid": errand.uid, "reminder": errand.reminders})
    announce(events.ErrandSent(actor=actor.actor, **_fields(errand)))


@transaction.atomic
def see_answer(*, actor: Standing, errand_uid: str) -> None:
    """Operator: take an answer off the desk. Raises OperatorNeeded, MfaNeeded, LinkNotValid."""
    members.may_operate(actor)
    if not Errand.objects.filter(uid=errand_uid, state=ErrandState.ANSWERED).update(seen_at=now()):
        raise errors.LinkNotValid


@transaction.atomic
def remind_holders(*, now: datetime) -> int:
    """Have those reminded who have not answered for a fortnight, twice at most; return how many."""
    due = Errand.objects.select_for_update().filter(state=ErrandState.SENT, remind_at__lte=now, expires_at__gt=now)
    count = 0
    for errand in due.order_by("id")[:200]:
        errand.reminders += 1
        errand.remind_at = rules.next_reminder(errand.sent_at, errand.reminders)
        errand.save(update_fields=["reminders", "remind_at"])
        enqueue("community.tasks.mail_errand", {"errand_uid": errand.uid, "reminder": errand.reminders})
        count += 1
    return count


def _locked(uid: str) -> Errand:
    Errand.objects.select_for_update().filter(uid=uid).first()
    errand = Errand.objects.select_related("request", "feedback").filter(uid=uid).first()
    if errand is None or errand.state == ErrandState.REVOKED:
        raise errors.LinkNotValid
    if errand.state == ErrandState.ANSWERED:
        raise errors.AlreadyAnswered
    return errand


def _fields(errand: Errand) -> dict[str, str]:
    of = errand.request if errand.request is not None else errand.feedback
    return {"subject": f"errand:{errand.uid}", "errand_uid": errand.uid, "of_uid": of.uid if of is not None else ""}
