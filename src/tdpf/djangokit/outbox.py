"""Announcing: an event is stored in the transaction that made it true, and whoever subscribed is told later."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction

from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.clock import now
from tdpf.kit.events import Event
from tdpf.kit.ids import new_uid

E = TypeVar("E", bound=Event)

_subscribed: dict[str, list[str]] = defaultdict(list)
_hooks: dict[str, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event: type[Event], handler: str) -> None:
    """Have the worker call a job handler with `{"event": name, **fields}` after each event of this class."""
    if handler not in _subscribed[event.name]:
        _subscribed[event.name].append(handler)


def on_announce(event: type[E], hook: Callable[[E], None]) -> None:
    """Call a function inside the announcing transaction; for what must never lag behind the decision."""
    if hook not in _hooks[event.name]:
        _hooks[event.name].append(hook)


def announce(event: Event) -> None:
    """Store the event and the jobs of its subscribers; must be called inside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{event.name} was announced outside a transaction")
    fields = {key: _plain(value) for key, value in dataclasses.asdict(event).items()}
    stored = OutboxEvent.objects.create(
        uid=new_uid(),
        name=event.name,
        actor=event.actor,
        subject=event.subject,
        reason=event.reason,
        payload=fields,
        occurred_at=now(),
    )
    for hook in _hooks[event.name]:
        hook(event)
    for handler in _subscribed[event.name]:
        enqueue(handler, {"event": event.name, "event_uid": stored.uid, **fields})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value
