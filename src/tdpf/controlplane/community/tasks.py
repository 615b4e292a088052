"""What the worker does for this room: letters, one job per reader, so that one bad address stops no other.

The handlers of `tell_of_…` write one piece of news for an event of the catalog, exchange or this room; the others mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.community import letters, news, queries, services
from tdpf.controlplane.community.aimed import aimed_words
from tdpf.controlplane.community.mail_links import address_of, token_for
from tdpf.controlplane.community.mailing import send
from tdpf.controlplane.community.models import Confirmation, Errand, Follow, News, Vote, Webhook
from tdpf.controlplane.community.reads.authors import mail_of
from tdpf.controlplane.community.reads.carrying import subject_of
from tdpf.controlplane.community.reads.data_requests import request_row, voters_of
from tdpf.controlplane.community.reads.feedback import feedback_row
from tdpf.controlplane.community.rules import STATE_WORDS
from tdpf.controlplane.community.types import DataRequestState, ErrandState, Visibility
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Role
from tdpf.djangokit.jobs import enqueue, every, handler
from tdpf.kit.clock import jst_date, now
from tdpf.kit.ids import new_uid
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
    _tell(dataset, payload, "version", news.version(title=dataset.title, number=version.number, what=what), "#history")


@handler("community.tasks.tell_of_notice")
def tell_of_notice(payload: Payload) -> None:
    """Tell the followers that an offer will end."""
    dataset = catalog.dataset_page(payload["dataset_uid"])
    day = date.fromisoformat(payload["effective_on"])
    said = news.notice(title=dataset.title, effective_on=day, reason=payload.get("reason", ""))
    _tell(dataset, payload, "notice", said)


@handler("community.tasks.tell_of_withdrawal")
def tell_of_withdrawal(payload: Payload) -> None:
    """Tell the followers that a dataset is no longer offered."""
    dataset = catalog.dataset_page(payload["dataset_uid"])
    _tell(dataset, payload, "withdrawn", news.withdrawn(title=dataset.title, reason=payload.get("reason", "")))


@handler("community.tasks.tell_of_description")
def tell_of_description(payload: Payload) -> None:
    """Tell the followers that a description changed, once a day however often it is edited; a draft's is nobody's news."""
    try:
        dataset = catalog.dataset_page(payload["dataset_uid"])
    except DatasetUnknown:
        return
    if dataset.state == "published":
        once = f"metadata:{dataset.uid}:{jst_date(now()).isoformat()}"
        _tell(dataset, {"event_uid": once}, "metadata", news.described_anew(title=dataset.title))


@handler("community.tasks.tell_of_column_change")
def tell_of_column_change(payload: Payload) -> None:
    """Tell the followers of a change of columns that was announced, unless it was taken back meanwhile."""
    dataset = catalog.dataset_page(payload["dataset_uid"])
    for change in queries.planned_changes_of(dataset.uid):
        if change.uid == payload["change_uid"]:
            said = news.columns_to_change(
                title=dataset.title,
                effective_on=change.effective_on,
                added=change.columns_added,
                removed=change.columns_removed,
                text=change.text,
            )
            _tell(dataset, payload, "column_notice", said)


@handler("community.tasks.tell_of_harvested")
def tell_of_harvested(payload: Payload) -> None:
    """Tell of a batch of other sites' datasets that changed or went: those only that somebody follows."""
    retired = payload["event"].endswith("HarvestedRetired")
    # New ones come first in a batch; the periodic look at the catalog tells of them.
    uids = payload["dataset_uids"] if retired else payload["dataset_uids"][payload["added"] :]
    services.tell_of_changes(dataset_uids=uids, once=payload.get("event_uid", ""), now=now(), retired=retired)


@every(seconds=600, name="community.tasks.match_arrivals")
def match_arrivals() -> int:
    """Tell those who follow a publisher, a theme or a search what is new."""
    return services.match_arrivals(now=now())


@every(seconds=300, name="community.tasks.send_digests")
def send_digests() -> int:
    """Have the digests sent that are due this morning."""
    return services.queue_digests(now=now())


@handler("community.tasks.mail_follower")
def mail_follower(payload: Payload) -> None:
    """Send one piece of news to one follower, unless they have stopped following meanwhile."""
    row = News.objects.filter(uid=payload["news_uid"]).first()
    if row is None:
        return
    found = Follow.objects.filter(member=payload["member_id"], member__is_active=True, key=row.key)
    follow = found.select_related("member").first()
    if follow is not None:
        letter = news.one_mail(
            services.line_of(row, settings.PUBLIC_URL), settings_page=f"{settings.PUBLIC_URL}/home/follows"
        )
        send(letter, {follow.member.email: follow.member.language})


@handler("community.tasks.mail_digest")
def mail_digest(payload: Payload) -> None:
    """Send a member everything that happened since the last morning, in one mail."""
    instant = datetime.fromisoformat(payload["at"])
    rows = services.gather_digest(member_id=payload["member_id"], now=instant)
    follow = Follow.objects.filter(member=payload["member_id"], member__is_active=True).select_related("member").first()
    if not rows or follow is None:
        return
    lines = [services.line_of(row, settings.PUBLIC_URL) for row in rows]
    letter = news.digest(lines, day=jst_date(instant), settings_page=f"{settings.PUBLIC_URL}/home/follows")
    send(letter, {follow.member.email: follow.member.language})


@handler("community.tasks.call_webhook", lane="waiting")
def call_webhook(payload: Payload) -> None:
    """Send one message to a webhook."""
    services.call_webhook(delivery_uid=payload["delivery_uid"])


@handler("community.tasks.mail_webhook_disabled")
def mail_webhook_disabled(payload: Payload) -> None:
    """Tell a member that an address of theirs is no longer called."""
    row = Webhook.objects.select_related("member").filter(uid=payload["webhook_uid"], state="disabled").first()
    if row is not None:
        letter = letters.webhook_disabled(url=row.url, address=f"{settings.PUBLIC_URL}/home/webhooks")
        send(letter, {row.member.email: row.member.language})


@every(seconds=600, name="community.tasks.keep_house")
def keep_house() -> int:
    """Forget what nobody confirmed and what is old news; remind holders who have not answered."""
    instant = now()
    done = services.forget_unconfirmed(now=instant) + services.remind_holders(now=instant)
    return done + services.forget_news(now=instant) + services.forget_deliveries(now=instant)


@every(seconds=86_400, name="community.tasks.forget_visitors")
def forget_visitors() -> int:
    """Remove addresses of visitors and used links, as the settings say."""
    return services.forget_visitors(before=now() - timedelta(days=settings.KEEP_VISITORS_DAYS))


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
        text=last.text if last is not None else aimed_words(row.target, row.text),
        address=f"{settings.PUBLIC_URL}/feedback/{row.uid}",
    )
    told = members.members_of_party(dataset.provider_id, minimum=Role.EDITOR)
    _send_to_each(letter, {member.email: member.language for member in told})
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
    if row.visibility == Visibility.SHOWN:
        text = step.text if step and step.state != "sent" else ""
        services.tell(
            once=payload.get("event_uid", ""),
            key=f"request:{row.uid}",
            kind="step",
            said=news.request_step(title=row.title, state=STATE_WORDS[payload["state"]], text=text),
            path=f"/data-requests/{row.uid}",
            now=now(),
        )
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
        _send_to_each(letter, {member.email: member.language for member in members.operators()})


@handler("community.tasks.mail_reader")
def mail_reader(payload: Payload) -> None:
    """Send a letter to one of several readers."""
    subject, body = (Text(payload[part], payload[part]) for part in ("subject", "body"))
    send(news.Letter(subject, body), {payload["to"]: payload["language"]})


def _send_to_each(letter: news.Letter, readers: Mapping[str, str]) -> None:
    for address, language in readers.items():
        words = {"subject": letter.subject.in_(language), "body": letter.body.in_(language)}
        enqueue("community.tasks.mail_reader", {"to": address, "language": language, **words})


def _desk_soon() -> None:
    enqueue("community.tasks.mail_desk", {}, run_at=now() + DESK_PAUSE, key="community.desk")


def _tell(dataset: DatasetPage, payload: Payload, kind: str, said: news.Letter, anchor: str = "") -> None:
    services.tell(
        once=payload.get("event_uid") or new_uid(),
        key=f"dataset:{dataset.uid}",
        kind=kind,
        said=said,
        path=f"/datasets/{dataset.slug}{anchor}",
        now=now(),
    )
