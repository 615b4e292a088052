"""Two at the same moment: what may happen once happens once, on every database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from exchange_scene import CONDITIONAL, Shelf, ask, offered, told

from tdpf.controlplane.exchange import errors, events, services
from tdpf.controlplane.exchange.models import Agreement, Request
from tdpf.controlplane.exchange.types import AgreementView, OfferView, QuotaUse, RequestView
from tdpf.controlplane.members.types import Standing
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.ids import new_uid

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], object]) -> list[str]:
    """Do all acts at once; return "done" or the problem's code for each."""
    start = Barrier(len(acts))

    def act(deed: Callable[[], object]) -> str:
        try:
            start.wait(timeout=10)
            deed()
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(act, acts))


def test_a_request_is_accepted_once(request_: RequestView, provider: Standing) -> None:
    """Two clicks, one agreement."""

    def accept() -> object:
        return services.answer_request(actor=provider, request_uid=request_.uid, answer="accept")

    assert together(accept, accept, accept) == ["done", "exchange/step-not-possible", "exchange/step-not-possible"]
    assert Agreement.objects.count() == 1


def test_acceptance_and_withdrawal_do_not_both_happen(
    request_: RequestView, provider: Standing, consumer: Standing
) -> None:
    """Either there is an agreement or the request was taken back."""
    outcome = together(
        lambda: services.answer_request(actor=provider, request_uid=request_.uid, answer="accept"),
        lambda: services.withdraw_request(actor=consumer, request_uid=request_.uid),
    )
    assert outcome == ["done", "exchange/step-not-possible"]
    assert (Request.objects.get().state == "accepted") == Agreement.objects.exists()


def test_an_application_asks_once(shelf: Shelf, consumer: Standing) -> None:
    """The same application asking twice at once gets one agreement."""
    offer: OfferView = offered(shelf, {**CONDITIONAL, "approval": "automatic"})
    uid = new_uid()
    outcome = together(*[lambda: ask(consumer, offer, application_uid=uid)] * 3)
    assert outcome == ["done", *[errors.AlreadyAgreed.code] * 2]
    assert Agreement.objects.count() == Request.objects.count() == 1


def test_nothing_is_sealed_on_an_offer_that_is_being_stopped(
    request_: RequestView, offer: OfferView, provider: Standing, operator: Standing
) -> None:
    """Whichever comes first, no agreement comes after the suspension."""
    outcome = together(
        lambda: services.answer_request(actor=provider, request_uid=request_.uid, answer="accept"),
        lambda: services.suspend_offer(actor=operator, offer_uid=offer.uid, reason="調査"),
    )
    assert outcome in (["done", "done"], ["done", "exchange/step-not-possible"])
    assert Agreement.objects.exists() == (outcome == ["done", "done"])


def test_two_workers_tell_of_a_quota_once(agreement: AgreementView) -> None:
    """The first telling of a period, and the next mark: one event each, however many report the same use."""
    instant = now()
    for used in (850, 1000):
        use = QuotaUse(agreement.number, used, used)
        assert together(*[lambda: services.tell_quota_use(uses=[use], now=instant)] * 3) == ["done"] * 3  # noqa: B023 - called within the loop
    assert [event.payload["mark"] for event in told(events.QuotaReached)] == [85, 100]
