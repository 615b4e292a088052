"""Writes about the screen for personal data: the operator's decision."""

from __future__ import annotations

from django.db import transaction

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, events, queries, rules
from tdpf.controlplane.preparation.models import Screening
from tdpf.controlplane.preparation.types import ScreeningDecision
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now


@transaction.atomic
def decide_screening(
    *, actor: Standing, screening_uid: str, decision: ScreeningDecision | str, reason: str
) -> Screening:
    """Let an operator accept or refuse what the screen found, with the reason that everybody concerned will read.

    Raises ScreeningUnknown, ScreeningNotOpen, ReasonNeeded, and what `members.may_judge` raises.
    Announces ScreeningDecided.
    """
    screening = queries.get_screening(screening_uid, actor)
    members.may_judge(actor, screening.upload.party_id)
    # The row is taken for this transaction: two operators cannot both decide.
    held = Screening.objects.select_for_update().get(pk=screening.pk)
    rules.must_be_open(held.outcome, held.decision)
    word = ScreeningDecision(decision)
    if word is ScreeningDecision.WAITING:
        raise errors.ScreeningNotOpen(state=word.value)
    held.decision = word.value
    held.reason = rules.must_give_reason(reason)
    held.decided_by_id = actor.member_id
    held.decided_at = now()
    held.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    announce(
        events.ScreeningDecided(
            actor=actor.actor,
            subject=f"upload:{screening.upload.uid}",
            reason=held.reason,
            upload_uid=screening.upload.uid,
            party_id=screening.upload.party_id,
            screening_uid=held.uid,
            decision=held.decision,
        )
    )
    return held
