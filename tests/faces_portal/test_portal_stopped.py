"""An offer that the operator has stopped: what each page says to those it touches, and to everybody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from portal_cast import Person, publish
from portal_reading import page_of

from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange.types import AgreementView
from tdpf.controlplane.operations import queries as operations
from tdpf.faces.portal.templatetags.portal import jst

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
WHY = "個人情報の疑いがあるため"
STOPPED = "運営者が停止中"


def _agreed(provider: Person, consumer: Person, slug: str) -> AgreementView:
    publish(provider, slug, preset="conditional")
    application = consumer.send("/applications", owner=consumer.standing.person_party_id, name="見張り", description="")
    form = consumer.see(f"/datasets/{slug}/apply")
    request = consumer.send(
        f"/datasets/{slug}/apply", application=application.rsplit("/", 1)[1], purpose="public", agree="on",
        terms_sha256=form.fields["terms_sha256"]["value"], purpose_statement="検査のため",
        information_management="鍵のかかる場所",
    )  # fmt: skip
    provider.send(f"{request}/answer", answer="accept", text="")
    (held,) = exchange.agreements_for(consumer.standing)
    return held


def _stop(operator: Person, held: AgreementView, verdict: str = "suspend") -> None:
    operator.send(f"/operator/offers/{held.offer_uid}", reason=WHY, verdict=verdict)


def test_both_sides_read_the_stop_since_when_and_why_where_the_agreement_stands(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    consumer = someone("c@example.jp", "利用")
    held = _agreed(provider, consumer, "stopped-offer")
    places = [
        (consumer, path) for path in (f"/agreements/{held.uid}", "/home", f"/applications/{held.application_uid}")
    ]
    places.append((provider, f"/agreements/{held.uid}"))
    assert not any(STOPPED in who.see(path).text for who, path in places)
    _stop(operator, held)
    since = exchange.agreement_page(held.uid, consumer.standing).offer_suspended_at
    assert since is not None
    for who, path in places:
        text = who.see(path).text
        assert (STOPPED in text, jst(since) in text, WHY in text) == (True, True, True), path
    assert "いま使う" not in consumer.see(f"/agreements/{held.uid}").text
    _stop(operator, held, "lift")
    assert not any(STOPPED in who.see(path).text or WHY in who.see(path).text for who, path in places)
    _stop(operator, held)
    consumer.send(f"/agreements/{held.uid}/end", reason="待たないため")
    assert STOPPED not in consumer.see(f"/agreements/{held.uid}").text, "what has ended is told as ended"


def test_the_dataset_page_offers_no_way_in_and_tells_the_reason_to_the_parties_alone(
    someone: Callable[..., Person],
) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    consumer = someone("c@example.jp", "利用")
    held = _agreed(provider, consumer, "stopped-page")
    path, visitor = "/datasets/stopped-page", Client()
    assert f"{path}/apply" in page_of(visitor.get(path)).links.values()
    _stop(operator, held)
    for page in (page_of(visitor.get(path)), someone("x@example.jp", "よそ").see(path)):
        assert "運営者が提供を停止しています。再開されるまで使えません。" in page.text
        assert WHY not in page.text
    for who in (operator, provider, consumer):
        assert WHY in who.see(path).text
    for page in (page_of(visitor.get(path)), consumer.see(path)):
        assert f"{path}/apply" not in page.links.values()
        assert "まだ利用条件が決まっていません。" not in page.text
        assert "curl" not in page.text, "no call is shown that would be refused"
    assert "data-console" not in consumer.client.get(path).content.decode()


def test_the_desk_counts_a_stopped_offer_and_its_page_begins_with_it(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    publish(provider, "counted")
    (offer,) = exchange.offers_of_parties(provider.standing)

    def counted() -> tuple[int, object]:
        queue = next(queue for queue in operations.queues() if queue.name == "suspensions")
        return queue.waiting, queue.oldest_at

    assert counted() == (0, None)
    operator.send(f"/operator/offers/{offer.uid}", reason=WHY, verdict="suspend")
    assert counted() == (1, exchange.suspended_offers()[0].suspended_at)
    operator.send(f"/operator/suspend/{provider.member.party.uid}", reason="規約に反する公開があったため", keys="on")
    assert counted() == (2, exchange.suspended_offers()[0].suspended_at), "the oldest of both kinds"
    text = operator.see("/operator/suspensions").text
    assert text.index("停止している提供") < text.index(WHY) < text.index("会員と団体の利用停止")
    operator.send(f"/operator/offers/{offer.uid}", reason="直されたため", verdict="lift")
    assert counted()[0] == 1
