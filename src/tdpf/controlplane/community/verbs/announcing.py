"""Announcing a change of columns before it happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.community import errors, events, rules
from tdpf.controlplane.community.models import PlannedChange
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import jst_date, now


@transaction.atomic
def announce_change(
    *,
    actor: Standing,
    dataset_uid: str,
    effective_on: date,
    columns_added: Sequence[str] = (),
    columns_removed: Sequence[str] = (),
    text: str = "",
) -> str:
    """Tell everybody who follows a dataset that its columns change on a day to come; return the notice's uid.

    Raises DatasetUnknown, as `members.may_provide`, PlannedChangeInvalid. Announces ColumnChangeAnnounced.
    """
    dataset = catalog.get_dataset(dataset_uid)
    members.may_provide(actor, dataset.provider_id)
    said = rules.tidy(text)
    added, removed = (
        [name for name in map(rules.one_line, names) if name] for names in (columns_added, columns_removed)
    )
    instant = now()
    why = rules.planned_change_why(effective_on, jst_date(instant), [*added, *removed], said)
    if why is not None:
        raise errors.PlannedChangeInvalid(why_ja=why.ja, why_en=why.en)
    row = PlannedChange.objects.create(
        dataset=dataset,
        effective_on=effective_on,
        columns_added=added,
        columns_removed=removed,
        text=said,
        announced_by_id=actor.member_id,
        announced_at=instant,
    )
    announce(
        events.ColumnChangeAnnounced(
            actor=actor.actor,
            subject=f"dataset:{dataset.uid}",
            dataset_uid=dataset.uid,
            change_uid=row.uid,
            effective_on=effective_on,
        )
    )
    return row.uid


@transaction.atomic
def take_back_change(*, actor: Standing, change_uid: str) -> None:
    """Take an announcement back. Raises PlannedChangeInvalid, and as `members.may_provide`."""
    row = PlannedChange.objects.select_for_update(of=("self",)).select_related("dataset").filter(uid=change_uid).first()
    if row is None or row.taken_back_at is not None:
        raise errors.PlannedChangeInvalid(why_ja="その予告はありません。", why_en="There is no such announcement.")
    members.may_provide(actor, row.dataset.provider_id)
    row.taken_back_at = now()
    row.save(update_fields=["taken_back_at"])
    announce(
        events.ColumnChangeTakenBack(
            actor=actor.actor, subject=f"dataset:{row.dataset.uid}", dataset_uid=row.dataset.uid, change_uid=row.uid
        )
    )
