"""Reads of webhooks with the log of what was sent, and of announced changes of columns."""

from __future__ import annotations

from tdpf.controlplane.community import errors
from tdpf.controlplane.community.models import PlannedChange, Webhook
from tdpf.controlplane.community.types import DeliveryView, PlannedChangeView, WebhookState, WebhookView
from tdpf.controlplane.members.types import Standing
from tdpf.kit.clock import jst_date, now

LOG_SHOWN = 50


def webhooks_of(standing: Standing) -> list[WebhookView]:
    """Return a member's webhooks, the newest first."""
    found = Webhook.objects.filter(member=standing.member_id).exclude(state=WebhookState.REMOVED).order_by("-id")
    return [_view(row, ()) for row in found]


def get_webhook(uid: str, standing: Standing) -> WebhookView:
    """Return a member's own webhook with its log, the newest message first. Raises WebhookUnknown."""
    found = Webhook.objects.filter(uid=uid, member=standing.member_id).exclude(state=WebhookState.REMOVED)
    row = found.first()
    if row is None or standing.is_anonymous:
        raise errors.WebhookUnknown(webhook=uid)
    log = tuple(
        DeliveryView(
            uid=sent.uid,
            kind=sent.kind,
            state=sent.state,
            attempts=sent.attempts,
            status=sent.status,
            note=sent.note,
            made_at=sent.made_at,
            tried_at=sent.tried_at,
        )
        for sent in row.deliveries.order_by("-id")[:LOG_SHOWN]
    )
    return _view(row, log)


def planned_changes_of(dataset_uid: str) -> list[PlannedChangeView]:
    """Return the announced changes of columns that are still to come, the next one first."""
    found = PlannedChange.objects.filter(dataset__uid=dataset_uid, taken_back_at__isnull=True)
    return [
        PlannedChangeView(
            uid=row.uid,
            effective_on=row.effective_on,
            columns_added=tuple(row.columns_added),
            columns_removed=tuple(row.columns_removed),
            text=row.text,
            announced_at=row.announced_at,
        )
        for row in found.filter(effective_on__gte=jst_date(now())).order_by("effective_on", "id")
    ]


def _view(row: Webhook, log: tuple[DeliveryView, ...]) -> WebhookView:
    return WebhookView(
        uid=row.uid,
        url=row.url,
        state=WebhookState(row.state),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        last_good_at=row.last_good_at,
        deliveries=log,
    )
