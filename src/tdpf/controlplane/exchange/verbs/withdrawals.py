"""Writes about withdrawal: notice, its taking back, and the end on the day."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.exchange import events, queries, rules, shaping
from tdpf.controlplane.exchange.models import Agreement, Offer, WithdrawalNotice
from tdpf.controlplane.exchange.types import AgreementState, EndCause, OfferState, OfferView
from tdpf.controlplane.exchange.verbs.agreements import end
from tdpf.controlplane.exchange.verbs.locking import locked_offer, offer_fields
from tdpf.controlplane.exchange.verbs.offers import push_facets
from tdpf.controlplane.exchange.verbs.requests import decline_open_requests
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import jst_date, now
from tdpf.kit.ids import new_uid
from tdpf.kit.text import Text

REASON = Text("理由", "reason")
_DUE = [OfferState.WITHDRAWING.value, OfferState.SUSPENDED.value]
_OFFERED = [OfferState.PUBLISHED.value, OfferState.WITHDRAWING.value, OfferState.SUSPENDED.value]


@transaction.atomic
def give_withdrawal_notice(*, actor: Standing, offer_uid: str, effective_on: date, reason: str) -> OfferView:
    """Provider: give notice that an offer ends at the first moment (JST) of a day.

    The notice is the longest of the offer's terms and of its agreements. Raises as `members.may_sign`,
    StepNotPossible, ReasonNeeded, WithdrawalTooEarly with the earliest day. Announces WithdrawalNoticed.
    """
    offer = locked_offer(offer_uid)
    members.may_sign(actor, offer.provider_id)
    after = rules.offer_after(OfferState(offer.state), "notice")
    instant = now()
    rules.must_give_notice(effective_on, jst_date(instant), queries.notice_days_of(offer))
    said = rules.must_write(reason, REASON)
    WithdrawalNotice.objects.create(
        uid=new_uid(),
        offer=offer,
        given_by_id=actor.member_id,
        noticed_at=instant,
        effective_on=effective_on,
        reason=said,
    )
    offer.state = after.value
    offer.withdraw_on = effective_on
    offer.save(update_fields=["state", "withdraw_on"])
    announce(events.WithdrawalNoticed(actor=actor.actor, reason=said, effective_on=effective_on, **offer_fields(offer)))
    return shaping.offer_view(offer)


@transaction.atomic
def take_back_withdrawal_notice(*, actor: Standing, offer_uid: str, reason: str) -> OfferView:
    """Provider: take the notice back before its day; the offer stands as before.

    Raises as `members.may_sign`, StepNotPossible, ReasonNeeded. Announces WithdrawalTakenBack.
    """
    offer = locked_offer(offer_uid)
    members.may_sign(actor, offer.provider_id)
    offer.state = rules.offer_after(OfferState(offer.state), "take_back").value
    said = rules.must_write(reason, REASON)
    instant = now()
    notice = WithdrawalNotice.objects.get(offer=offer, taken_back_at__isnull=True)
    if notice.effective_on <= jst_date(instant):
        raise rules.step_not_possible("offer", OfferState.ENDED, "take_back")
    notice.taken_back_at = instant
    notice.save(update_fields=["taken_back_at"])
    offer.withdraw_on = None
    offer.save(update_fields=["state", "withdraw_on"])
    announce(
        events.WithdrawalTakenBack(
            actor=actor.actor, reason=said, effective_on=notice.effective_on, **offer_fields(offer)
        )
    )
    return shaping.offer_view(offer)


def end_due_withdrawals(*, now: datetime) -> int:
    """End the offers whose day (JST) has come, and their agreements, each offer in one transaction; return how many.

    Requests that still wait are declined; a dataset without any offer left is withdrawn from the catalog. Announces
    OfferEnded, and AgreementEnded for each agreement.
    """
    today = jst_date(now)
    due = Offer.objects.filter(state__in=_DUE, withdraw_on__lte=today).order_by("withdraw_on", "id")
    ended = 0
    for uid in list(due.values_list("uid", flat=True)):
        with transaction.atomic():
            offer = locked_offer(uid)
            if offer.state in _DUE and offer.withdraw_on is not None and offer.withdraw_on <= today:
                _end_offer(offer, now)
                ended += 1
    return ended


def _end_offer(offer: Offer, instant: datetime) -> None:
    notice = WithdrawalNotice.objects.get(offer=offer, taken_back_at__isnull=True)
    offer.state = rules.offer_after(OfferState(offer.state), "end").value
    offer.ended_at = instant
    offer.save(update_fields=["state", "ended_at"])
    live = Agreement.objects.select_for_update(of=("self",)).exclude(state=AgreementState.ENDED.value)
    for agreement in live.filter(offer=offer).select_related("offer", "dataset", "provider", "consumer"):
        end(agreement, EndCause.WITHDRAWAL, notice.reason, actor="system", instant=instant)
    decline_open_requests(offer, notice.reason, instant)
    if Offer.objects.filter(dataset_id=offer.dataset_id, state__in=_OFFERED).exists():
        push_facets(offer)
    else:
        catalog_services.withdraw_dataset(actor_uid="system", dataset_uid=offer.dataset.uid, reason=notice.reason)
    announce(events.OfferEnded(actor="system", reason=notice.reason, **offer_fields(offer)))
