"""Writes about agreements in force: ending, breach, suspension."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tdpf.controlplane.exchange import errors, events, rules, shaping
from tdpf.controlplane.exchange.models import Agreement
from tdpf.controlplane.exchange.types import AgreementState, AgreementView, EndCause
from tdpf.controlplane.exchange.verbs.locking import agreement_fields, locked_agreement
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import jst_date, now
from tdpf.kit.text import Text

REASON = Text("理由", "reason")
BREACH = Text("違反の内容", "account of the breach")


@transaction.atomic
def end_agreement(*, actor: Standing, agreement_uid: str, reason: str = "") -> AgreementView:
    """End an agreement: its consumer at any time, the operator with a reason, for a breach.

    A provider ends offers by notice and reports breaches instead: ProviderMayNotEnd. Raises AgreementUnknown, as
    `members.may_sign` and `members.may_judge`, StepNotPossible, ReasonNeeded. Announces AgreementEnded.
    """
    agreement = locked_agreement(agreement_uid, actor)
    if agreement.consumer_id in actor.roles:
        members.may_sign(actor, agreement.consumer_id)
        cause, said = EndCause.CONSUMER, rules.may_write(reason, REASON)
    elif agreement.provider_id in actor.roles:
        raise errors.ProviderMayNotEnd
    else:
        members.may_judge(actor, agreement.provider_id)
        cause, said = EndCause.BREACH, rules.must_write(reason, REASON)
    end(agreement, cause, said, actor=actor.actor, instant=now())
    return shaping.agreement_view(agreement)


@transaction.atomic
def report_breach(*, actor: Standing, agreement_uid: str, text: str) -> AgreementView:
    """Provider: tell the operator that the consumer does not keep to the agreement; a later report is added below.

    Raises AgreementUnknown, as `members.may_edit`, StepNotPossible, ReasonNeeded. Announces BreachReported.
    """
    agreement = locked_agreement(agreement_uid, actor)
    members.may_edit(actor, agreement.provider_id)
    if agreement.state == AgreementState.ENDED.value:
        raise rules.step_not_possible("agreement", AgreementState.ENDED, "report")
    said = rules.must_write(text, BREACH)
    agreement.breach_reported_at = now()
    agreement.breach_text = f"{agreement.breach_text}\n\n{said}".strip()
    agreement.save(update_fields=["breach_reported_at", "breach_text"])
    announce(events.BreachReported(actor=actor.actor, reason=said, **agreement_fields(agreement)))
    return shaping.agreement_view(agreement)


@transaction.atomic
def suspend_agreement(*, actor: Standing, agreement_uid: str, reason: str) -> AgreementView:
    """Operator: stop the use under one agreement at once.

    Raises as `members.may_judge`, AgreementUnknown, StepNotPossible, ReasonNeeded. Announces AgreementSuspended.
    """
    agreement = _judged(actor, agreement_uid)
    agreement.state = rules.agreement_after(AgreementState(agreement.state), "suspend").value
    agreement.suspension_reason = rules.must_write(reason, REASON)
    agreement.suspended_at = now()
    agreement.save(update_fields=["state", "suspension_reason", "suspended_at"])
    announce(
        events.AgreementSuspended(actor=actor.actor, reason=agreement.suspension_reason, **agreement_fields(agreement))
    )
    return shaping.agreement_view(agreement)


@transaction.atomic
def lift_agreement_suspension(*, actor: Standing, agreement_uid: str, reason: str) -> AgreementView:
    """Operator: let the use under one agreement go on; a reported breach counts as judged.

    Raises as `members.may_judge`, AgreementUnknown, StepNotPossible, ReasonNeeded. Announces
    AgreementSuspensionLifted.
    """
    agreement = _judged(actor, agreement_uid)
    agreement.state = rules.agreement_after(AgreementState(agreement.state), "lift").value
    said = rules.must_write(reason, REASON)
    agreement.suspended_at = None
    agreement.suspension_reason = ""
    agreement.breach_reported_at = None
    agreement.save(update_fields=["state", "suspended_at", "suspension_reason", "breach_reported_at"])
    announce(events.AgreementSuspensionLifted(actor=actor.actor, reason=said, **agreement_fields(agreement)))
    return shaping.agreement_view(agreement)


@transaction.atomic
def dismiss_breach(*, actor: Standing, agreement_uid: str, reason: str) -> AgreementView:
    """Operator: judge that a reported breach is none; the report stays in the record.

    Raises as `members.may_judge`, AgreementUnknown, ReasonNeeded. Announces BreachDismissed.
    """
    agreement = _judged(actor, agreement_uid)
    said = rules.must_write(reason, REASON)
    agreement.breach_reported_at = None
    agreement.save(update_fields=["breach_reported_at"])
    announce(events.BreachDismissed(actor=actor.actor, reason=said, **agreement_fields(agreement)))
    return shaping.agreement_view(agreement)


def end_due_agreements(*, now: datetime) -> int:
    """End the agreements whose last day (JST) is over, each in its own transaction; return how many.

    Announces AgreementEnded for each.
    """
    over = Agreement.objects.exclude(state=AgreementState.ENDED.value).filter(ends_on__lt=jst_date(now))
    ended = 0
    for number in list(over.order_by("number").values_list("number", flat=True)):
        with transaction.atomic():
            rows = Agreement.objects.select_for_update(of=("self",)).select_related(
                "offer", "dataset", "provider", "consumer"
            )
            agreement = rows.exclude(state=AgreementState.ENDED.value).filter(number=number).first()
            if agreement is not None:
                end(agreement, EndCause.PERIOD, "", actor="system", instant=now)
                ended += 1
    return ended


def end(agreement: Agreement, cause: EndCause, reason: str, *, actor: str, instant: datetime) -> None:
    """Set a locked agreement to ended, and announce it; raises StepNotPossible when it is already."""
    agreement.state = rules.agreement_after(AgreementState(agreement.state), "end").value
    agreement.ended_at = instant
    agreement.end_cause = cause.value
    agreement.ended_reason = reason
    agreement.save(update_fields=["state", "ended_at", "end_cause", "ended_reason"])
    announce(events.AgreementEnded(actor=actor, reason=reason, cause=cause.value, **agreement_fields(agreement)))


def _judged(actor: Standing, agreement_uid: str) -> Agreement:
    """Return the locked agreement to an operator who belongs to neither side."""
    members.may_operate(actor)
    agreement = locked_agreement(agreement_uid, actor)
    members.may_judge(actor, agreement.provider_id)
    members.may_judge(actor, agreement.consumer_id)
    return agreement
