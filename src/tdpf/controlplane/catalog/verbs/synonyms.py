"""Verbs of the table of administrative words: searches use a change within seconds, without a new index."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from tdpf.controlplane.catalog import errors, events
from tdpf.controlplane.catalog.models import SynonymGroup
from tdpf.controlplane.catalog.search.synonyms import tidy_group
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now


def put_synonyms(*, actor: Standing, words: Sequence[str], wide: str = "", note: str = "", uid: str = "") -> str:
    """Add a group of words, or replace the one of that uid; return its uid. For operators.

    With `wide`, a search for that word finds the others too, but not the other way round. Raises SynonymsInvalid,
    SynonymsUnknown, and what `members.may_operate` raises.
    """
    members.may_operate(actor)
    tidy_wide, tidy_words, fault = tidy_group(wide, words)
    if fault is not None:
        raise errors.SynonymsInvalid(what_ja=fault.ja, what_en=fault.en)
    with transaction.atomic():
        group = _locked(uid) if uid else SynonymGroup()
        group.wide, group.words, group.note = tidy_wide, list(tidy_words), note.strip()[:300]
        group.changed_by, group.changed_at = actor.member_uid, now()
        group.save()
        announce(_changed(actor, group, "put"))
        return group.uid


def remove_synonyms(*, actor: Standing, uid: str) -> None:
    """Take a group out of the table. For operators. Raises SynonymsUnknown and what `members.may_operate` raises."""
    members.may_operate(actor)
    with transaction.atomic():
        group = _locked(uid)
        announce(_changed(actor, group, "removed"))
        group.delete()


def _locked(uid: str) -> SynonymGroup:
    group = SynonymGroup.objects.select_for_update().filter(uid=uid).first()
    if group is None:
        raise errors.SynonymsUnknown(uid=uid)
    return group


def _changed(actor: Standing, group: SynonymGroup, change: str) -> events.SynonymsChanged:
    return events.SynonymsChanged(
        actor=actor.actor, subject=f"synonyms:{group.uid}", change=change, words=str(group), synonyms_uid=group.uid
    )
