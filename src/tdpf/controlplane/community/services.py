"""The community's verbs: follow a dataset, and stop following it."""

from __future__ import annotations

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.community import events
from tdpf.controlplane.community.models import Follow
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce


def follow(*, actor: Standing, dataset_uid: str) -> None:
    """Have a member told of a dataset's changes; doing it again changes nothing.

    Raises DatasetUnknown (also for drafts that the member may not see), and what `members.must_be_free_to_act` raises.
    """
    members.must_be_free_to_act(actor)
    dataset = catalog.get_dataset(dataset_uid)
    if not catalog.may_see(dataset, actor):
        raise DatasetUnknown(dataset=dataset_uid)
    with transaction.atomic():
        _, begun = Follow.objects.get_or_create(member_id=actor.member_id, dataset=dataset)
        if begun:
            announce(
                events.DatasetFollowed(actor=actor.actor, subject=f"dataset:{dataset.uid}", dataset_uid=dataset.uid)
            )


def unfollow(*, actor: Standing, dataset_uid: str) -> None:
    """Stop telling a member of a dataset's changes; doing it again changes nothing. Raises SignInNeeded."""
    if actor.is_anonymous:
        members.must_be_free_to_act(actor)
    with transaction.atomic():
        ended, _ = Follow.objects.filter(member=actor.member_id, dataset__uid=dataset_uid).delete()
        if ended:
            announce(
                events.DatasetUnfollowed(actor=actor.actor, subject=f"dataset:{dataset_uid}", dataset_uid=dataset_uid)
            )
