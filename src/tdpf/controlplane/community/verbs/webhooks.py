"""Writes about webhooks: registering, testing, sending with growing pauses, stopping what fails again and again."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from django.conf import settings
from django.db import transaction

from tdpf.controlplane.community import errors, events, rules
from tdpf.controlplane.community.models import News, Webhook, WebhookDelivery
from tdpf.controlplane.community.types import WebhookState
from tdpf.controlplane.community.webhook_signing import secret_of, signed_headers
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import AddressRefused, vetted_address
from tdpf.kit.posting import post

MOST_WEBHOOKS = 10
KEPT = timedelta(days=30)
CALL_SECONDS = 5.0
TESTS_HOURLY = 20


def register_webhook(*, actor: Standing, url: str) -> tuple[str, str]:
    """Register an address to be called for what the member follows; return its uid and its secret, shown this once.

    Raises SignInNeeded, MemberSuspended, WebhookRefused, FetchFailed. Announces WebhookRegistered.
    """
    members.must_be_free_to_act(actor)
    address = rules.one_line(url)
    _must_be_callable(address)
    with transaction.atomic():
        kept = Webhook.objects.filter(member=actor.member_id).exclude(state=WebhookState.REMOVED)
        if kept.count() >= MOST_WEBHOOKS:
            raise errors.WebhookRefused(
                why_ja=f"登録できるのは{MOST_WEBHOOKS}件までです。",
                why_en=f"At most {MOST_WEBHOOKS} can be registered.",
            )
        row = Webhook.objects.create(member_id=actor.member_id, url=address, state=WebhookState.ACTIVE)
        announce(events.WebhookRegistered(actor=actor.actor, subject=f"webhook:{row.uid}", webhook_uid=row.uid))
    return row.uid, secret_of(row.uid, row.round)


@transaction.atomic
def renew_webhook_secret(*, actor: Standing, webhook_uid: str) -> str:
    """Give a webhook a new secret and return it, shown this once. Raises WebhookUnknown, SignInNeeded."""
    row = _own(actor, webhook_uid)
    row.round += 1
    row.save(update_fields=["round"])
    _changed(row, actor.actor, "secret")
    return secret_of(row.uid, row.round)


@transaction.atomic
def remove_webhook(*, actor: Standing, webhook_uid: str) -> None:
    """Call an address no more. Raises WebhookUnknown, SignInNeeded."""
    row = _own(actor, webhook_uid)
    row.state = WebhookState.REMOVED
    row.save(update_fields=["state"])
    _changed(row, actor.actor, "removed")


@transaction.atomic
def start_webhook_again(*, actor: Standing, webhook_uid: str) -> None:
    """Call an address again that was stopped after failures. Raises WebhookUnknown, SignInNeeded."""
    row = _own(actor, webhook_uid)
    row.state, row.given_up, row.disabled_at, row.quiet_until = WebhookState.ACTIVE, 0, None, None
    row.save(update_fields=["state", "given_up", "disabled_at", "quiet_until"])
    _changed(row, actor.actor, "started")


@transaction.atomic
def try_webhook(*, actor: Standing, webhook_uid: str) -> str:
    """Send a test message; return the delivery's uid. Raises WebhookUnknown, SignInNeeded, TooMuchAtOnce.

    Tests are counted for all webhooks of a member together, removed ones too.
    """
    row = _own(actor, webhook_uid)
    tests = WebhookDelivery.objects.filter(webhook__member=actor.member_id, kind="test")
    if tests.filter(made_at__gt=now() - rules.HOUR).count() >= TESTS_HOURLY:
        raise errors.TooMuchAtOnce(retry_after_seconds=3600)
    body = {"type": "test", "timestamp": now().isoformat(), "data": {"message": "TDPF"}}
    return queue_delivery(row, kind="test", body=orjson.dumps(body).decode())


def queue_delivery(row: Webhook, *, kind: str, body: str) -> str:
    """Store a message and the job that sends it; called inside a transaction."""
    made = WebhookDelivery.objects.create(webhook=row, kind=kind, body=body, state="waiting")
    enqueue("community.tasks.call_webhook", {"delivery_uid": made.uid})
    return made.uid


def message_of(news: News) -> str:
    """Return what a webhook is told of one piece of news, as JSON."""
    base = settings.PUBLIC_URL
    entries = [{"title": entry["title"], "url": f"{base}{entry['path']}"} for entry in news.entries]
    data = {
        "key": news.key,
        "title": news.title,
        "summary": news.summary,
        "url": f"{base}{news.path}",
        "count": news.count,
        "entries": entries,
    }
    body = {"type": f"{news.key.partition(':')[0]}.{news.kind}", "timestamp": news.at.isoformat(), "data": data}
    return orjson.dumps(body).decode()


def call_webhook(*, delivery_uid: str) -> None:
    """Send one message once, outside any transaction, and note what came back; a failure is tried again later.

    After a failure the other messages to the same address wait as long: a silent address must not take up every loop of calls.
    """
    row = WebhookDelivery.objects.select_related("webhook").filter(uid=delivery_uid, state="waiting").first()
    if row is None:
        return
    webhook, instant = row.webhook, now()
    if webhook.state != WebhookState.ACTIVE and row.kind != "test":
        WebhookDelivery.objects.filter(pk=row.pk).update(state="dropped", note="stopped")
        return
    if row.kind != "test" and webhook.quiet_until is not None and webhook.quiet_until > instant:
        enqueue("community.tasks.call_webhook", {"delivery_uid": row.uid}, run_at=webhook.quiet_until)
        return
    body = row.body.encode()
    headers = {
        "content-type": "application/json",
        "user-agent": "TDPF-Webhook/1",
        **signed_headers(
            secret=secret_of(webhook.uid, webhook.round), message_uid=f"msg_{row.uid}", at=instant, body=body
        ),
    }
    status, note = None, ""
    try:
        _must_be_callable(webhook.url, resolve=False)
        status = post(
            webhook.url,
            body=body,
            headers=headers,
            timeout=CALL_SECONDS,
            allow_private=settings.ALLOW_PRIVATE_FETCH,
        )
    except Problem as problem:
        note = problem.detail_in("en")[:300]
    _note_call(row.pk, status=status, note=note, instant=instant)


@transaction.atomic
def _note_call(number: int, *, status: int | None, note: str, instant: datetime) -> None:
    row = WebhookDelivery.objects.select_for_update().get(pk=number)
    webhook = Webhook.objects.select_for_update().get(pk=row.webhook_id)
    row.attempts += 1
    row.status, row.note, row.tried_at = status, note, instant
    pause = rules.webhook_pause(row.attempts)
    if status is not None and 200 <= status < 300:
        row.state = "delivered"
        webhook.given_up, webhook.last_good_at, webhook.quiet_until = 0, instant, None
        webhook.save(update_fields=["given_up", "last_good_at", "quiet_until"])
    elif row.kind == "test" or pause is None or status == 410:
        row.state = "failed"
        if row.kind != "test":
            _give_up(webhook, instant, at_once=status == 410)
    else:
        webhook.quiet_until = instant + pause
        webhook.save(update_fields=["quiet_until"])
        enqueue("community.tasks.call_webhook", {"delivery_uid": row.uid}, run_at=instant + pause)
    row.save(update_fields=["attempts", "status", "note", "tried_at", "state"])


def _give_up(webhook: Webhook, instant: datetime, *, at_once: bool) -> None:
    webhook.given_up += 1
    webhook.save(update_fields=["given_up"])
    if webhook.state == WebhookState.ACTIVE and (at_once or webhook.given_up >= rules.WEBHOOK_FAILURES):
        webhook.state, webhook.disabled_at = WebhookState.DISABLED, instant
        webhook.save(update_fields=["state", "disabled_at"])
        _changed(webhook, "system", "disabled")
        enqueue("community.tasks.mail_webhook_disabled", {"webhook_uid": webhook.uid})


@transaction.atomic
def forget_deliveries(*, now: datetime) -> int:
    """Remove messages older than a month from the log; return how many."""
    removed, _ = WebhookDelivery.objects.filter(made_at__lt=now - KEPT).delete()
    return removed


def _must_be_callable(url: str, *, resolve: bool = True) -> None:
    why = rules.webhook_why(url, allow_plain=settings.ALLOW_PRIVATE_FETCH)
    if why is not None:
        raise errors.WebhookRefused(why_ja=why.ja, why_en=why.en)
    if resolve:
        try:
            vetted_address(url, allow_private=settings.ALLOW_PRIVATE_FETCH)
        except AddressRefused as refused:
            data = refused.data
            raise errors.WebhookRefused(why_ja=f"{data['why_ja']}。", why_en=f"{data['why_en']}.") from None


def _own(actor: Standing, uid: str) -> Webhook:
    members.must_be_free_to_act(actor)
    found = Webhook.objects.select_for_update().filter(uid=uid, member=actor.member_id)
    row = found.exclude(state=WebhookState.REMOVED).first()
    if row is None:
        raise errors.WebhookUnknown(webhook=uid)
    return row


def _changed(row: Webhook, actor: str, change: str) -> None:
    announce(events.WebhookChanged(actor=actor, subject=f"webhook:{row.uid}", webhook_uid=row.uid, change=change))
