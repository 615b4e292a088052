"""Rows written many at once are what Django would have written one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from tdpf.djangokit.many_rows import insert_objects, insert_rows, update_objects
from tdpf.djangokit.models import OutboxEvent

pytestmark = pytest.mark.django_db
_AT = datetime(2026, 11, 26, 23, 59, 59, 123456, tzinfo=UTC)
_SAID = {"title": "港区「一覧」", "list": [1, 2.5, None, True], "empty": {}}


def _event(number: int) -> OutboxEvent:
    return OutboxEvent(
        uid=f"{number:026d}", name="a.B", actor="system", subject="s", reason="", payload=_SAID, occurred_at=_AT
    )


def _as_kept() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, actor, subject, reason, payload, occurred_at FROM djangokit_outboxevent ORDER BY uid"
        )
        return list(cursor.fetchall())


def test_objects_are_kept_as_django_keeps_them() -> None:
    """The first was saved by Django, the second by one statement for many; queries on texts see no difference."""
    _event(1).save()
    insert_objects([_event(2), _event(3)])
    first, second, third = _as_kept()
    assert first == second == third
    assert [row.payload for row in OutboxEvent.objects.all()] == [_SAID] * 3


def test_rows_get_the_defaults_of_what_is_not_named() -> None:
    """Only what differs from row to row must be given."""
    names = ("uid", "name", "actor", "subject", "payload", "occurred_at")
    insert_rows(OutboxEvent, names, [(f"{n:026d}", "a.B", "x", "s", {"n": n}, _AT) for n in range(3)])
    insert_rows(OutboxEvent, names, [])
    assert [(row.payload["n"], row.reason, row.occurred_at) for row in OutboxEvent.objects.order_by("uid")] == [
        (0, "", _AT), (1, "", _AT), (2, "", _AT),
    ]  # fmt: skip


def test_updates_write_the_named_fields_only() -> None:
    """Each object has values of its own."""
    insert_objects([_event(1), _event(2)])
    rows = list(OutboxEvent.objects.order_by("uid"))
    for number, row in enumerate(rows):
        row.payload, row.actor, row.subject = {"変": number}, f"a{number}", "not written"
    update_objects(rows, ["payload", "actor"])
    update_objects([], ["payload"])
    kept = list(OutboxEvent.objects.order_by("uid").values_list("payload", "actor", "subject"))
    assert kept == [({"変": 0}, "a0", "s"), ({"変": 1}, "a1", "s")]
