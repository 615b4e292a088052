"""Reads of what was carried to holders, of links in mails, and of the operator's desk."""

from __future__ import annotations

from django.db.models import QuerySet

from tdpf.controlplane.community import errors
from tdpf.controlplane.community.aimed import aimed_words
from tdpf.controlplane.community.mail_links import token_hash, uid_of
from tdpf.controlplane.community.models import Confirmation, DataRequest, Errand
from tdpf.controlplane.community.reads.data_requests import request_row, request_views, standing_request, to_carry
from tdpf.controlplane.community.reads.feedback import feedback_row, feedback_views, to_review
from tdpf.controlplane.community.rules import ANSWERS
from tdpf.controlplane.community.types import (
    AnswerPage,
    ConfirmationPage,
    ErrandState,
    ErrandView,
    ListeningDesk,
)
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.kit.clock import now

DESK_SHOWN = 20


def errand_of_token(token: str) -> Errand:
    """Return the errand whose answer page a token opens. Raises LinkNotValid for one unknown, revoked or over."""
    errand = _rows().filter(sha256=token_hash(token)).first()
    if errand is None or uid_of("answer", token, errand.round) != errand.uid:
        raise errors.LinkNotValid
    if errand.state == ErrandState.REVOKED or (errand.state == ErrandState.SENT and errand.expires_at <= now()):
        raise errors.LinkNotValid
    return errand


def answer_page(token: str) -> AnswerPage:
    """Return what the holder of a link sees; reading changes nothing. Raises LinkNotValid."""
    errand = errand_of_token(token)
    nobody = members.anonymous_standing()
    what = "request" if errand.request is not None else "feedback"
    request = None
    if errand.request is not None:
        request = request_views([request_row(standing_request(errand.request).uid)], nobody)[0]
    feedback = None if errand.feedback is None else feedback_views([feedback_row(errand.feedback.uid)], nobody)[0]
    choices = tuple((code, words) for code, (_, words) in ANSWERS[what].items())
    return AnswerPage(errand=errand_view(errand), request=request, feedback=feedback, choices=choices)


def confirmation_of_token(token: str) -> Confirmation:
    """Return the confirmation that a token opens. Raises LinkNotValid."""
    found = Confirmation.objects.select_related("visitor", "feedback__dataset", "request", "vote__request")
    row = found.filter(sha256=token_hash(token)).first()
    if row is None or uid_of("confirm", token) != row.uid or (row.used_at is None and row.expires_at <= now()):
        raise errors.LinkNotValid
    return row


def confirmed_request(row: Confirmation) -> DataRequest:
    """Return the data request that a confirmation is about, itself or by a vote. Raises LinkNotValid."""
    if row.request is not None:
        return row.request
    if row.vote is None:
        raise errors.LinkNotValid
    return row.vote.request


def subject_of(row: Errand) -> tuple[str, str, str]:
    """Return the title, the words and the page of what was carried."""
    if row.request is not None:
        return row.request.title, row.request.text, f"/data-requests/{row.request.uid}"
    if row.feedback is None:
        raise errors.LinkNotValid
    said = row.feedback
    words = aimed_words(said.target, said.text)
    return said.title or said.dataset.title_ja, words, f"/feedback/{said.uid}"


def confirmation_page(token: str) -> ConfirmationPage:
    """Return what a visitor is about to confirm, or has confirmed; reading changes nothing. Raises LinkNotValid."""
    row = confirmation_of_token(token)
    used = row.used_at is not None
    if row.feedback is not None:
        feedback = row.feedback
        title = feedback.title or feedback.dataset.title_ja
        return ConfirmationPage(
            what="feedback",
            title=title,
            text=aimed_words(feedback.target, feedback.text),
            is_used=used,
            path=f"/datasets/{feedback.dataset.slug}",
        )
    request = confirmed_request(row)
    what = "request" if row.request is not None else "vote"
    text = request.text if what == "request" else ""
    return ConfirmationPage(
        what=what, title=request.title, text=text, is_used=used, path=f"/data-requests/{request.uid}"
    )


def errands_of(standing: Standing, *, feedback_uid: str = "", request_uid: str = "") -> list[ErrandView]:
    """Return what was carried for a thread or a request, the newest first; for the operator. Raises OperatorNeeded."""
    members.may_operate(standing)
    found = _rows()
    found = found.filter(feedback__uid=feedback_uid) if feedback_uid else found.filter(request__uid=request_uid)
    return [errand_view(row) for row in found.order_by("-id")]


def listening_desk(standing: Standing) -> ListeningDesk:
    """Return what waits for the operator. Raises OperatorNeeded, MfaNeeded."""
    members.may_operate(standing)
    feedback, requests = to_review(), to_carry()
    answers = _rows().filter(state=ErrandState.ANSWERED, seen_at__isnull=True).order_by("answered_at")
    oldest = {}
    first_feedback, first_request, first_answer = feedback.first(), requests.first(), answers.first()
    if first_feedback is not None:
        oldest["feedback"] = first_feedback.said_at
    if first_request is not None:
        oldest["requests"] = first_request.made_at
    if first_answer is not None and first_answer.answered_at is not None:
        oldest["answers"] = first_answer.answered_at
    return ListeningDesk(
        feedback=tuple(feedback_views(feedback[:DESK_SHOWN], standing)),
        feedback_total=feedback.count(),
        requests=tuple(request_views(requests[:DESK_SHOWN], standing)),
        requests_total=requests.count(),
        answers=tuple(errand_view(row) for row in answers[:DESK_SHOWN]),
        oldest=oldest,
    )


def waiting_counts() -> dict[str, int]:
    """Return how many things of each kind wait for the operator."""
    answers = Errand.objects.filter(state=ErrandState.ANSWERED, seen_at__isnull=True)
    return {"feedback": to_review().count(), "requests": to_carry().count(), "answers": answers.count()}


def errand_view(row: Errand) -> ErrandView:
    """Return an errand as it is shown."""
    subject, _, path = subject_of(row)
    return ErrandView(
        uid=row.uid,
        subject=subject,
        subject_path=path,
        is_request=row.request is not None,
        recipient_name=row.recipient_name,
        email=row.email,
        message=row.message,
        state=ErrandState(row.state),
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        reminders=row.reminders,
        answer=row.answer,
        answer_text=row.answer_text,
        answer_url=row.answer_url,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        seen_at=row.seen_at,
    )


def _rows() -> QuerySet[Errand]:
    return Errand.objects.select_related("feedback__dataset", "request")
