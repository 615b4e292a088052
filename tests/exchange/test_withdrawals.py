"""Withdrawal: only with the promised notice, told to those concerned, and ended by itself on the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from exchange_scene import CONDITIONAL, OPEN, Shelf, ask, offered, told

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.exchange import errors, events, queries, services
from tdpf.controlplane.exchange.types import (
    AgreementState,
    AgreementView,
    EndCause,
    OfferState,
    OfferView,
    RequestState,
)
from tdpf.controlplane.members.errors import RoleNeeded
from tdpf.controlplane.members.types import Standing
from tdpf.kit.clock import jst_date, jst_midnight, now

pytestmark = pytest.mark.django_db


def notice(actor: Standing, offer: OfferView, day: date, reason: str = "施設の閉鎖") -> OfferView:
    """Give notice for a day."""
    return services.give_withdrawal_notice(actor=actor, offer_uid=offer.uid, effective_on=day, reason=reason)


def in_days(days: int) -> date:
    """Return the day so many days from today in Japan."""
    return jst_date(now()) + timedelta(days=days)


def test_a_notice_too_short_is_refused_with_the_day(offer: OfferView, provider: Standing) -> None:
    """The problem names the earliest day, and that day is accepted."""
    with pytest.raises(errors.WithdrawalTooEarly) as caught:
        notice(provider, offer, in_days(59))
    earliest = caught.value.data["earliest"]
    assert earliest == in_days(60).isoformat()
    assert earliest == queries.earliest_withdrawal(offer.uid, now()).isoformat()
    assert queries.get_offer(offer.uid).state is OfferState.PUBLISHED
    assert told(events.WithdrawalNoticed) == []
    noticed = notice(provider, offer, in_days(60))
    assert noticed.state is OfferState.WITHDRAWING
    assert noticed.notice is not None
    assert (noticed.notice.effective_on, noticed.notice.reason) == (in_days(60), "施設の閉鎖")


def test_agreements_keep_the_notice_they_were_promised(
    offer: OfferView, agreement: AgreementView, provider: Standing
) -> None:
    """Shortening the notice in the offer's terms shortens it for nobody who has agreed already."""
    services.set_terms(actor=provider, offer_uid=offer.uid, fields={**CONDITIONAL, "notice_days": 5})
    assert queries.earliest_withdrawal(offer.uid, now()) == in_days(60)
    with pytest.raises(errors.WithdrawalTooEarly):
        notice(provider, offer, in_days(5))
    assert [one.uid for one in queries.affected_by_withdrawal(offer.uid, provider)] == [agreement.uid]


def test_only_the_provider_gives_notice(
    offer: OfferView, provider: Standing, consumer: Standing, stranger: Standing, operator: Standing
) -> None:
    """Nobody else, not even the operator, and not without words."""
    for actor in (consumer, stranger, operator):
        with pytest.raises(RoleNeeded):
            notice(actor, offer, in_days(90))
        with pytest.raises(RoleNeeded):
            services.take_back_withdrawal_notice(actor=actor, offer_uid=offer.uid, reason="x")
    with pytest.raises(errors.ReasonNeeded):
        notice(provider, offer, in_days(90), reason=" ")
    assert queries.affected_by_withdrawal(offer.uid, stranger) == []


def test_until_the_day_all_goes_on_and_everyone_can_see_it(
    offer: OfferView, agreement: AgreementView, provider: Standing, consumer: Standing
) -> None:
    """Use continues; page, inbox and gate know the end and when it was announced."""
    day = in_days(61)
    notice(provider, offer, day)
    page = queries.agreement_page(agreement.uid, consumer)
    assert page.state is AgreementState.ACTIVE
    assert page.notice is not None
    assert page.notice.effective_on == day
    assert [one.uid for one in queries.inbox(consumer).notices] == [agreement.uid]
    (fact,) = queries.live_offers(now())
    assert fact.ends_at == jst_midnight(day)
    assert fact.noticed_at == page.notice.noticed_at
    (grant,) = queries.live_grants_facts(now())
    assert grant.ends_at == jst_midnight(day)
    assert [event.payload["effective_on"] for event in told(events.WithdrawalNoticed)] == [day.isoformat()]
    with pytest.raises(errors.StepNotPossible):
        notice(provider, offer, in_days(100))


def test_on_the_day_it_ends_by_itself(
    offer: OfferView, agreement: AgreementView, provider: Standing, consumer: Standing
) -> None:
    """One second before midnight in Japan nothing ends; at midnight offer, agreement and dataset end, once."""
    day = in_days(60)
    waiting = ask(consumer, offer)
    notice(provider, offer, day)
    midnight = jst_midnight(day)
    assert services.end_due_withdrawals(now=midnight - timedelta(seconds=1)) == 0
    assert queries.live_offers(midnight - timedelta(seconds=1))
    assert queries.live_offers(midnight) == []
    assert queries.live_grants_facts(midnight) == []
    assert services.end_due_withdrawals(now=midnight) == 1
    assert services.end_due_withdrawals(now=midnight) == 0
    ended = queries.get_offer(offer.uid)
    assert (ended.state, ended.ended_at) == (OfferState.ENDED, midnight)
    gone = queries.agreement_page(agreement.uid, consumer)
    assert (gone.state, gone.end_cause, gone.ended_reason) == (
        AgreementState.ENDED, EndCause.WITHDRAWAL, "施設の閉鎖",
    )  # fmt: skip
    declined = queries.get_request(waiting.uid, consumer)
    assert (declined.state, declined.reason) == (RequestState.DECLINED, "施設の閉鎖")
    dataset = Dataset.objects.get()
    assert (dataset.state, dataset.withdrawn_reason) == ("withdrawn", "施設の閉鎖")
    assert len(told(events.OfferEnded)) == len(told(events.AgreementEnded)) == 1
    with pytest.raises(errors.StepNotPossible):
        services.take_back_withdrawal_notice(actor=provider, offer_uid=offer.uid, reason="やはり")


def test_another_offer_keeps_the_dataset(shelf: Shelf, provider: Standing) -> None:
    """When the open offer ends, the conditional one stays, and search is told."""
    opened = offered(shelf, OPEN)
    offered(shelf, CONDITIONAL)
    notice(provider, opened, in_days(30))
    assert services.end_due_withdrawals(now=jst_midnight(in_days(30))) == 1
    dataset = Dataset.objects.get()
    assert (dataset.state, dataset.access) == ("published", "conditional")


def test_taking_the_notice_back(offer: OfferView, agreement: AgreementView, provider: Standing) -> None:
    """Before the day the provider may think better of it; a later notice counts anew."""
    notice(provider, offer, in_days(60))
    with pytest.raises(errors.ReasonNeeded):
        services.take_back_withdrawal_notice(actor=provider, offer_uid=offer.uid, reason="")
    back = services.take_back_withdrawal_notice(actor=provider, offer_uid=offer.uid, reason="閉鎖は中止")
    assert (back.state, back.notice) == (OfferState.PUBLISHED, None)
    assert queries.live_grants_facts(now())[0].ends_at is None
    assert services.end_due_withdrawals(now=jst_midnight(in_days(61))) == 0
    assert notice(provider, offer, in_days(70)).notice is not None
    assert [event.reason for event in told(events.WithdrawalTakenBack)] == ["閉鎖は中止"]


def test_a_suspended_offer_under_notice_ends_on_its_day(
    offer: OfferView, provider: Standing, operator: Standing
) -> None:
    """Suspension does not stop the clock; lifting leads back to the notice."""
    notice(provider, offer, in_days(60))
    services.suspend_offer(actor=operator, offer_uid=offer.uid, reason="調査")
    lifted = services.lift_offer_suspension(actor=operator, offer_uid=offer.uid, reason="終了")
    assert lifted.state is OfferState.WITHDRAWING
    services.suspend_offer(actor=operator, offer_uid=offer.uid, reason="再調査")
    assert services.end_due_withdrawals(now=jst_midnight(in_days(60))) == 1
    assert queries.get_offer(offer.uid).state is OfferState.ENDED


def test_an_ended_dataset_may_be_offered_again(
    shelf: Shelf, offer: OfferView, provider: Standing, consumer: Standing
) -> None:
    """A new offer brings it back; the old one and its agreements stay ended."""
    notice(provider, offer, in_days(60))
    services.end_due_withdrawals(now=jst_midnight(in_days(60)))
    fresh = offered(shelf, OPEN)
    assert Dataset.objects.get().state == "published"
    assert [one.uid for one in queries.offers_of_dataset(shelf.dataset.uid)] == [fresh.uid]
    assert [one.uid for one in queries.offers_of_dataset(shelf.dataset.uid, provider)] == [offer.uid, fresh.uid]


def test_no_agreement_is_made_while_the_clock_runs_out(shelf: Shelf, provider: Standing, consumer: Standing) -> None:
    """Automatic terms do not seal under notice either."""
    automatic = offered(shelf, {**CONDITIONAL, "approval": "automatic"})
    sealed_at_once = ask(consumer, automatic)
    assert sealed_at_once.agreement_uid
    notice(provider, automatic, in_days(60))
    with pytest.raises(errors.StepNotPossible):
        ask(consumer, automatic)
