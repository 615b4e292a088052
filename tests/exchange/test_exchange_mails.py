"""Mails: each event tells those concerned, in their language, one thing in the subject."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from exchange_scene import CONDITIONAL, Shelf, ask, offered, sealed
from made_members import MakeMember
from pytest_django import Settings

from tdpf.controlplane.exchange import events, queries, services, tasks
from tdpf.controlplane.exchange.types import AgreementView, EndCause, OfferView, QuotaUse, RequestView
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit import jobs, outbox
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.clock import JST, jst_date, jst_midnight, now
from tdpf.kit.events import Event

pytestmark = pytest.mark.django_db

SUBSCRIPTIONS: dict[type[Event], str] = {
    events.RequestSubmitted: "exchange.tasks.mail_request_submitted",
    events.RequestReplied: "exchange.tasks.mail_request_replied",
    events.RequestWithdrawn: "exchange.tasks.mail_request_withdrawn",
    events.RequestAnswered: "exchange.tasks.mail_request_answered",
    events.AgreementSealed: "exchange.tasks.mail_agreement_sealed",
    events.AgreementEnded: "exchange.tasks.mail_agreement_ended",
    events.AgreementSuspended: "exchange.tasks.mail_agreement_suspended",
    events.AgreementSuspensionLifted: "exchange.tasks.mail_agreement_suspension_lifted",
    events.BreachReported: "exchange.tasks.mail_breach_reported",
    events.QuotaReached: "exchange.tasks.mail_quota_reached",
    events.WithdrawalNoticed: "exchange.tasks.mail_withdrawal_noticed",
    events.WithdrawalTakenBack: "exchange.tasks.mail_withdrawal_taken_back",
    events.OfferSuspended: "exchange.tasks.mail_offer_suspended",
    events.OfferSuspensionLifted: "exchange.tasks.mail_offer_suspension_lifted",
}


WIRED = {name: tuple(handlers) for name, handlers in outbox._subscribed.items()}


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Every mail handler is subscribed, as processes/wiring does, and the handlers of other rooms are not."""
    told = {event.name: [handler] for event, handler in SUBSCRIPTIONS.items()}
    monkeypatch.setattr(outbox, "_subscribed", defaultdict(list, told))
    settings.PUBLIC_URL = "https://data.example.jp"


@pytest.fixture
def consumer(make_member: MakeMember) -> Standing:
    """A consumer who reads English."""
    return make_member("reader", language="en")


def post() -> dict[str, Any]:
    """Let the worker run and return the new mails by address."""
    mail.outbox.clear()
    jobs.run_pending()
    assert not [job for job in jobs.Job.objects.all() if job.last_error], "a mail job failed"
    return {message.to[0]: message for message in mail.outbox}


def test_every_handler_is_known() -> None:
    """The names that wiring subscribes are the registered ones, and no mail handler is forgotten."""
    assert all(handler in WIRED[event.name] for event, handler in SUBSCRIPTIONS.items())
    ours = {name for name in jobs.registered_handlers() if name.startswith("exchange.tasks.")}
    assert set(SUBSCRIPTIONS.values()) == ours
    assert "exchange.tasks.end_what_is_due" in jobs.registered_periodic()


def test_every_template_exists_in_both_languages_and_says_all_it_is_given() -> None:
    """No mail lacks its other language; no place is left unfilled by a name the task does not give."""
    folder = Path(tasks.__file__).parent / "templates/exchange/mail"
    names = {path.name.removesuffix(".txt") for path in folder.iterdir()}
    assert {name.removesuffix(".ja") for name in names if name.endswith(".ja")} == {
        name.removesuffix(".en") for name in names if name.endswith(".en")
    }
    assert {f"agreement_ended_{cause.value}.ja" for cause in EndCause} <= names
    assert {f"request_{answer}.en" for answer in ("accept", "ask", "decline")} <= names
    for path in folder.iterdir():
        text = path.read_text()
        assert text.startswith("{% autoescape off %}")
        assert "{{ page }}" in text
        assert bool(re.search(r"[ぁ-ん]", text)) == path.name.endswith(".ja.txt")


def test_a_request_and_its_talk(offer: OfferView, provider: Standing, consumer: Standing) -> None:
    """The provider is told in Japanese, the consumer in English, each of the other's turns."""
    post()
    request = ask(consumer, offer, purpose_statement="研究 <b>& 調査</b>")
    told = post()
    assert set(told) == {"teikyo@example.jp"}
    assert told["teikyo@example.jp"].subject == "[TDPF] 申込み: 「公衆トイレ一覧」をreaderが使いたいと申し込みました"
    assert "調査・研究" in told["teikyo@example.jp"].body
    assert "研究 <b>& 調査</b>" in told["teikyo@example.jp"].body
    assert f"https://data.example.jp/requests/{request.uid}" in told["teikyo@example.jp"].body
    services.answer_request(actor=provider, request_uid=request.uid, answer="ask", text="何人ですか。")
    told = post()
    assert set(told) == {"reader@example.jp"}
    assert told["reader@example.jp"].subject == "[TDPF] A question: your request for “Public toilets”"
    assert "何人ですか。" in told["reader@example.jp"].body
    assert f"https://data.example.jp/en/requests/{request.uid}" in told["reader@example.jp"].body
    services.reply_to_question(actor=consumer, request_uid=request.uid, text="Three.")
    assert "Three." in post()["teikyo@example.jp"].body
    services.answer_request(actor=provider, request_uid=request.uid, answer="decline", text="目的が違います。")
    assert post()["reader@example.jp"].subject.startswith("[TDPF] Declined")


def test_an_agreement_tells_both_sides(offer: OfferView, provider: Standing, consumer: Standing) -> None:
    """Sealed, suspended, continued, ended: with number, seal and reason."""
    agreement = sealed(provider, ask(consumer, offer))
    told = post()
    assert set(told) == {"teikyo@example.jp", "reader@example.jp"}
    mails = [message for message in mail.outbox if message.to == ["reader@example.jp"]]
    assert [message.subject.split(":")[0] for message in mails] == ["[TDPF] Accepted", "[TDPF] Sealed"]
    assert agreement.sha256 in mails[1].body
    assert "without a time limit" in mails[1].body
    assert "\n\n\n" not in mails[1].body
    services.end_agreement(actor=consumer, agreement_uid=agreement.uid, reason="Done.")
    told = post()
    assert set(told) == {"teikyo@example.jp", "reader@example.jp"}
    assert "Done." in told["teikyo@example.jp"].body


def test_the_operator_s_acts(
    agreement: AgreementView, offer: OfferView, provider: Standing, consumer: Standing, operator: Standing
) -> None:
    """A breach goes to operators; suspensions go to those they stop."""
    post()
    services.report_breach(actor=provider, agreement_uid=agreement.uid, text="再配布。")
    told = post()
    assert set(told) == {"un-ei@example.jp"}
    assert "再配布。" in told["un-ei@example.jp"].body
    services.suspend_agreement(actor=operator, agreement_uid=agreement.uid, reason="確認")
    assert set(post()) == {"teikyo@example.jp", "reader@example.jp"}
    services.lift_agreement_suspension(actor=operator, agreement_uid=agreement.uid, reason="済")
    assert set(post()) == {"teikyo@example.jp", "reader@example.jp"}
    services.suspend_offer(actor=operator, offer_uid=offer.uid, reason="調査")
    told = post()
    assert set(told) == {"teikyo@example.jp", "reader@example.jp"}
    assert told["reader@example.jp"].subject == "[TDPF] Stopped by the operator: “Public toilets”"
    services.lift_offer_suspension(actor=operator, offer_uid=offer.uid, reason="問題なし")
    assert "問題なし" in post()["teikyo@example.jp"].body


def test_a_withdrawal_is_told_to_its_consumers(
    agreement: AgreementView, offer: OfferView, provider: Standing, consumer: Standing
) -> None:
    """Notice with the day, its taking back, and the end itself."""
    post()
    day = jst_date(now()) + timedelta(days=60)
    services.give_withdrawal_notice(actor=provider, offer_uid=offer.uid, effective_on=day, reason="閉鎖")
    told = post()
    assert set(told) == {"reader@example.jp"}
    assert f"{day.day} {day:%B} {day.year}" in told["reader@example.jp"].subject
    services.take_back_withdrawal_notice(actor=provider, offer_uid=offer.uid, reason="中止")
    assert post()["reader@example.jp"].subject == "[TDPF] Notice taken back: “Public toilets” stays"
    services.give_withdrawal_notice(actor=provider, offer_uid=offer.uid, effective_on=day, reason="閉鎖")
    services.end_due_withdrawals(now=jst_midnight(day))
    post()
    subjects = {(message.to[0], message.subject.split(":")[0]) for message in mail.outbox}
    assert ("reader@example.jp", "[TDPF] The offer has ended") in subjects
    assert ("teikyo@example.jp", "[TDPF] 提供が終わりました") in subjects


def test_a_quota_is_told_to_its_consumer_alone(agreement: AgreementView) -> None:
    """Near its end and at its end: of what, how much, until when, where to see it and what to do; in their language."""
    post()
    instant = datetime(2026, 11, 30, 23, tzinfo=JST)
    services.tell_quota_use(uses=[QuotaUse(agreement.number, 912, 20_000)], now=instant)
    assert set(post()) == {"reader@example.jp"}
    near, spent = mail.outbox
    assert near.subject == f"[TDPF] 85% of the day’s calls used: “Public toilets” (agreement no. {agreement.number})"
    assert "Used: 912 of 1,000 calls\nBegins anew: 1 December 2026, 00:00 Japan time\n" in near.body
    assert "calls are refused (429) until then" in near.body
    assert spent.subject.startswith("[TDPF] All of the month’s calls used: “Public toilets”")
    assert "Used: 20,000 of 20,000 calls\nBegins anew: 1 December 2026, 00:00 Japan time\n" in spent.body
    for message in mail.outbox:
        assert f"https://data.example.jp/en/agreements/{agreement.uid}" in message.body
        assert "https://data.example.jp/en/datasets/public-toilets" in message.body
        assert "ask the provider (teikyo)" in message.body


def test_a_quota_is_told_in_japanese(agreement: AgreementView, consumer: Standing) -> None:
    """The same letter to a consumer who reads Japanese."""
    from tdpf.controlplane.members.models import Member

    Member.objects.filter(uid=consumer.member_uid).update(language="ja")
    post()
    for used in (850, 1000):
        services.tell_quota_use(
            uses=[QuotaUse(agreement.number, used, used)], now=datetime(2026, 11, 28, 9, tzinfo=JST)
        )
    post()
    near, spent = mail.outbox
    assert near.subject == f"[TDPF] 1日の回数の85%を使いました: 「公衆トイレ一覧」（第{agreement.number}号）"
    assert "使った回数: 1,000 回のうち 850 回\n数え直し: 2026年11月29日 0時（日本時間）\n" in near.body
    assert spent.subject.startswith("[TDPF] 1日の回数を使い切りました: 「公衆トイレ一覧」")
    assert "数え直しまで、呼び出しは断られます（429）。" in spent.body
    assert f"https://data.example.jp/agreements/{agreement.uid}\n" in spent.body
    assert "https://data.example.jp/datasets/public-toilets\n" in spent.body


def test_what_is_settled_meanwhile_is_not_told(shelf: Shelf, consumer: Standing, operator: Standing) -> None:
    """An automatic acceptance tells of the agreement only; a suspension lifted before the mail goes is not told."""
    offer = offered(shelf, {**CONDITIONAL, "approval": "automatic"})
    post()
    ask(consumer, offer)
    post()
    assert [message.subject.split(":")[0] for message in mail.outbox if message.to == ["reader@example.jp"]] == [
        "[TDPF] Sealed"
    ]
    assert len(mail.outbox) == 2
    services.suspend_offer(actor=operator, offer_uid=offer.uid, reason="誤り")
    services.lift_offer_suspension(actor=operator, offer_uid=offer.uid, reason="誤りでした")
    post()
    assert not [message for message in mail.outbox if "Stopped" in message.subject]


def test_a_name_cannot_smuggle_a_header(offer: OfferView, consumer: Standing, provider: Standing) -> None:
    """A line break in a name ends up as a space in the subject."""
    from tdpf.controlplane.members.models import Party

    Party.objects.filter(pk=consumer.person_party_id).update(name_ja="悪\nBcc: x@example.jp")
    ask(consumer, offer)
    told = post()["teikyo@example.jp"]
    assert "\n" not in told.subject
    assert not told.bcc


def test_due_things_end_in_the_periodic_task(request_: RequestView, provider: Standing) -> None:
    """The worker's task ends what is due and only that."""
    sealed(provider, request_)
    before = OutboxEvent.objects.count()
    assert tasks.end_what_is_due() == 0
    assert OutboxEvent.objects.count() == before
    assert queries.live_grants_facts(now())
