"""What the worker does for this room: letters, one job per reader, so that one bad address stops no other.

Handlers: `community.tasks.tell_of_version` for catalog.VersionPublished, `community.tasks.tell_of_notice` for
exchange.WithdrawalNoticed (`dataset_uid`, `effective_on`, `reason`), `community.tasks.tell_of_withdrawal` for
catalog.DatasetWithdrawn.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.community import letters, news, queries, services
from tdpf.controlplane.community.mail_links import address_of, token_for
from tdpf.controlplane.community.mailing import send
from tdpf.controlplane.community.models import Confirmation, Errand, Follow, Vote
from tdpf.controlplane.community.reads.authors import mail_of
from tdpf.controlplane.community.reads.carrying import subject_of
from tdpf.controlplane.community.reads.data_requests import request_row, voters_of
from tdpf.controlplane.community.reads.feedback import feedback_row
from tdpf.controlplane.community.types import DataRequestState, ErrandState, Visibility
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Role
from tdpf.djangokit.jobs import enqueue, every, handler
from tdpf.kit.clock import now
from tdpf.kit.text import Text

Payload = dict[str, Any]
DESK_PAUSE = timedelta(minutes=15)


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


@every(seconds=600, name="community.tasks.keep_house")
def keep_house() -> int:
    """Forget what nobody confirmed, and remind holders who have not answered."""
    instant = now()
    return services.forget_unconfirmed(now=instant) + services.remind_holders(now=instant)


@handler("community.tasks.mail_confirmation")
def mail_confirmation(payload: Payload) -> None:
    """Send a visitor the link by which what they sent is confirmed."""
    found = Confirmation.objects.select_related("visitor").filter(uid=payload["confirmation_uid"])
    row = found.filter(used_at__isnull=True).first()
    if row is None:
        return
    language = row.visitor.language
    page = address_of(f"/confirm/{token_for('confirm', row.uid)}", language)
    send(letters.confirmation(address=page, expires_at=row.expires_at), {row.visitor.email: language})


@handler("community.tasks.mail_feedback")
def mail_feedback(payload: Payload) -> None:
    """Tell the owner of a FeedbackSubmitted or FeedbackReplied; the operators of what waits for them."""
    row = feedback_row(payload["feedback_uid"])
    dataset = row.dataset
    last = row.replies.last() if payload["event"].endswith("FeedbackReplied") else None
    letter = letters.to_owner(
        kind=row.kind,
        dataset=Text(dataset.title_ja, dataset.title_en or dataset.title_ja),
        text=last.text if last is not None else row.text or str(row.target.get("proposed", "")),
        address=f"{settings.PUBLIC_URL}/feedback/{row.uid}",
    )
    told = members.members_of_party(dataset.provider_id, minimum=Role.EDITOR)
    send(letter, {member.email: member.language for member in told})
    if row.visibility == Visibility.HELD or not told:
        _desk_soon()


@handler("community.tasks.mail_feedback_answered")
def mail_feedback_answered(payload: Payload) -> None:
    """Tell whoever wrote of a FeedbackAnswered."""
    row = feedback_row(payload["feedback_uid"])
    dataset, last = row.dataset, row.replies.exclude(side="author").last()
    public = row.visibility == Visibility.SHOWN
    letter = letters.to_author(
        kind=row.kind,
        dataset=Text(dataset.title_ja, dataset.title_en or dataset.title_ja),
        state=payload["state"],
        answer=last.text if last is not None else "",
        address=f"{settings.PUBLIC_URL}/feedback/{row.uid}"
        if public
        else f"{settings.PUBLIC_URL}/datasets/{dataset.slug}",
    )
    send(letter, mail_of(row))


@handler("community.tasks.mail_request_moved")
def mail_request_moved(payload: Payload) -> None:
    """Have everybody who asked or voted told of a DataRequestMoved, one job each; the first look is nobody's news."""
    if payload["state"] in (DataRequestState.NEW, DataRequestState.REVIEW, DataRequestState.UNCONFIRMED):
        return
    row = request_row(payload["request_uid"])
    step = row.steps.last()
    for given in voters_of(row):
        enqueue(
            "community.tasks.mail_voter",
            {"vote": given.pk, "state": payload["state"], "text": step.text if step and step.state != "sent" else ""},
            key=f"voter:{payload.get('event_uid', '')}:{given.pk}" if payload.get("event_uid") else None,
        )


@handler("community.tasks.mail_voter")
def mail_voter(payload: Payload) -> None:
    """Send one letter about a data request to one who wants it."""
    given = Vote.objects.select_related("request", "member", "visitor").filter(pk=payload["vote"]).first()
    if given is None or given.request.visibility == Visibility.HIDDEN:
        return
    request = given.request
    letter = letters.request_moved(
        title=request.title,
        state=payload["state"],
        text=payload["text"],
        url=request.published_url if payload["state"] == DataRequestState.PUBLISHED else "",
        address=f"{settings.PUBLIC_URL}/data-requests/{request.uid}",
    )
    send(letter, mail_of(given))


@handler("community.tasks.mail_errand")
def mail_errand(payload: Payload) -> None:
    """Send or repeat the letter to a holder, unless it was answered or revoked meanwhile."""
    found = Errand.objects.select_related("request", "feedback__dataset").filter(uid=payload["errand_uid"])
    row = found.filter(state=ErrandState.SENT).first()
    if row is None:
        return
    subject, text, _ = subject_of(row)
    letter = letters.errand(
        subject=subject,
        text=text,
        of_request=row.request is not None,
        message=row.message,
        name=row.recipient_name,
        address=address_of(f"/answers/{token_for('answer', row.uid, row.round)}", row.language),
        until=row.expires_at,
        reminder=payload["reminder"],
    )
    send(letter, {row.email: row.language})


@handler("community.tasks.tell_desk")
def tell_desk(payload: Payload) -> None:
    """Have the operators told within a quarter of an hour that something waits, however much it is."""
    del payload
    _desk_soon()


@handler("community.tasks.mail_desk")
def mail_desk(payload: Payload) -> None:
    """Tell the operators what waits on the listening desk."""
    del payload
    waiting = queries.waiting_counts()
    if any(waiting.values()):
        letter = letters.desk_waits(**waiting, address=f"{settings.PUBLIC_URL}/operator/listening")
        send(letter, {member.email: member.language for member in members.operators()})


def _desk_soon() -> None:
    enqueue("community.tasks.mail_desk", {}, run_at=now() + DESK_PAUSE, key="community.desk")
