"""Pages of voices and data requests: a visitor reports a wrong hour, the owner answers; wishes are carried and answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from portal_cast import Person, publish
from portal_reading import page_of

from tdpf.controlplane.community import services as community
from tdpf.controlplane.community.models import DataRequest, Feedback
from tdpf.djangokit import jobs

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def token_in(mails: list[EmailMessage], to: str, path: str) -> str:
    body = next(str(mail.body) for mail in reversed(mails) if mail.to == [to])
    found = re.search(rf"{path}/[0-9a-z]{{26}}\.[0-9a-f]{{64}}", body)
    assert found is not None, body
    return found.group(0)


def test_a_resident_without_an_account_reports_a_wrong_hour(
    someone: Callable[..., Person], mailoutbox: list[EmailMessage]
) -> None:
    provider, resident = someone("p@example.jp", "提供"), Client()
    publish(provider, "shelters")
    assert "まちがいを知らせる" in page_of(resident.get("/datasets/shelters")).links
    path = "/datasets/shelters/feedback?kind=correction"
    form = page_of(resident.get(path))
    assert form.headings == 1
    assert form.unlabelled() == []
    words = {"place": "北小学校", "column": "収容人数", "current": "120", "proposed": "150", "email": "r@example.jp"}
    bad = resident.post(path, {**words, "email": "nobody"})
    assert bad.status_code == 422
    assert page_of(bad).fields["proposed"]["value"] == "150", "nothing typed is lost"
    assert resident.post(path, {**words, "contact_page": "https://spam.example"}).status_code == 200
    assert not Feedback.objects.exists(), "only robots fill that field"
    assert page_of(resident.post(path, words)).heading == "メールを確かめてください"
    jobs.run_pending()
    confirm = token_in(mailoutbox, "r@example.jp", "/confirm")
    seen = resident.get(confirm)
    assert seen["Referrer-Policy"] == "same-origin"
    assert "no-store" in seen["Cache-Control"]
    assert Feedback.objects.get().state == "unconfirmed", "a mail scanner that opens the link changes nothing"
    assert resident.post(confirm).status_code == 303
    jobs.run_pending()
    thread = f"/feedback/{Feedback.objects.get().uid}"
    assert resident.get(thread).status_code == 404
    assert "150" not in page_of(resident.get("/datasets/shelters")).text
    assert "150" in provider.see("/feedback").text
    assert "150" in provider.see("/provide/shelters").text
    assert provider.refused(thread, act="declined", text="").alerts
    provider.send(thread, act="mended", text="直しました。")
    jobs.run_pending()
    assert mailoutbox[-1].to == ["r@example.jp"]
    shown = page_of(resident.get(thread))
    assert "直しました。" in shown.text
    assert "修正済み・修正予定" in shown.text
    assert "修正済み・修正予定" in page_of(resident.get("/datasets/shelters")).text
    assert "Mended" not in shown.text
    assert "mended" in page_of(resident.get(f"/en{thread}")).text


def test_a_member_asks_replies_closes_and_tells_of_a_use(someone: Callable[..., Person]) -> None:
    provider, reader = someone("p@example.jp", "提供"), someone("r@example.jp", "読者")
    publish(provider, "shelters")
    asked = reader.send("/datasets/shelters/feedback?kind=question", text="<script>alert(1)</script>ですか")
    page = Client().get(asked).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page
    provider.send(asked, act="answered", text="はい。")
    reader.send(asked, act="reply", text="ありがとう。")
    reader.send(asked, act="close")
    assert "終了" in reader.see(asked).text
    use = reader.send(
        "/datasets/shelters/feedback?kind=reuse",
        title="避難地図",
        reuse_kind="app",
        url="https://a.example.jp/",
        text="地図です",
    )
    assert Client().get(use).status_code == 404
    assert "避難地図" not in page_of(Client().get("/datasets/shelters")).text
    provider.send(use, act="release", text="")
    assert "避難地図" in page_of(Client().get("/datasets/shelters")).text
    refused = reader.refused(
        "/datasets/shelters/feedback?kind=reuse", title="地図", reuse_kind="app", url="javascript:1", text="x"
    )
    assert refused.fields["title"]["value"] == "地図"
    assert Client().get("/datasets/shelters/feedback?kind=reuse").status_code == 303
    assert Client().get("/datasets/shelters/feedback?kind=praise").status_code == 404


def test_ratings_show_their_average(someone: Callable[..., Person]) -> None:
    provider, reader = someone("p@example.jp", "提供"), someone("r@example.jp", "読者")
    operator = someone("op@example.jp", "運営", operator=True)
    publish(provider, "shelters")
    reader.send("/datasets/shelters/rate", points="4", word="助かる")
    assert "5点中 4.0 点（1人）" in Client().get("/datasets/shelters").content.decode().replace("<strong>", "").replace(
        "</strong>", ""
    )
    assert reader.refused("/datasets/shelters/rate", points="9", word="助かる").fields["word"]["value"] == "助かる"
    assert provider.client.post("/datasets/shelters/rate", {"points": "5"}).status_code == 422
    assert Client().post("/datasets/shelters/rate", {"points": "5"}).status_code == 302
    hide = f"/operator/listening/ratings/shelters/{reader.member.uid}"
    assert operator.refused(hide, reason="").alerts
    operator.send(hide, reason="悪口")
    assert "まだ評価はありません" in reader.see("/datasets/shelters").text


def test_a_wish_is_carried_to_a_holder_without_an_account(
    someone: Callable[..., Person], mailoutbox: list[EmailMessage]
) -> None:
    provider, reader = someone("p@example.jp", "提供"), someone("r@example.jp", "読者")
    operator = someone("op@example.jp", "運営", operator=True)
    publish(provider, "shelters")
    fields = {
        "title": "避難所の一覧",
        "kind": "missing",
        "text": "近くの避難所を知りたい",
        "use": "",
        "holder_name": "見本区",
    }
    first = reader.client.post("/data-requests/ask", fields)
    assert first.status_code == 200, "what is alike is shown once before a request is taken"
    shown = page_of(first)
    assert shown.links["避難所の一覧"] == "/datasets/shelters"
    assert shown.fields["text"]["value"] == "近くの避難所を知りたい"
    assert not DataRequest.objects.exists()
    address = reader.send("/data-requests/ask", **fields, seen="1")
    assert "避難所の一覧" in page_of(Client().get("/data-requests?q=避難所&state=new")).links
    assert "避難所の一覧" in page_of(Client().get("/data-requests/similar?title=避難所")).links
    assert page_of(Client().get("/data-requests?state=published")).links.get("避難所の一覧") is None
    uid = address.rsplit("/", 1)[1]
    assert "避難所の一覧" in operator.see("/operator/listening").links
    desk = f"/operator/listening/data-requests/{uid}"
    assert operator.refused(desk, act="carry", recipient_name="防災課", email="x", message="", language="ja").alerts
    operator.send(
        desk, act="carry", recipient_name="防災課", email="h@city.example.jp", message="お願いします", language="ja"
    )
    jobs.run_pending()
    answers = token_in(mailoutbox, "h@city.example.jp", "/answers")
    holder = Client()
    page = holder.get(answers)
    assert page["Referrer-Policy"] == "same-origin"
    assert "近くの避難所を知りたい" in page_of(page).text
    assert DataRequest.objects.get().state == "sent", "opening the page answers nothing"
    refused = holder.post(answers, {"answer": "published", "text": "ここです", "url": "", "name": "係長"})
    assert refused.status_code == 422
    assert page_of(refused).fields["text"]["value"] == "ここです"
    assert holder.post(answers, {"answer": "promised", "text": "来月です", "url": "", "name": ""}).status_code == 303
    assert "回答を受け取りました" in page_of(holder.get(answers)).text
    assert holder.post(answers, {"answer": "promised", "text": "", "url": "", "name": ""}).status_code == 422
    public = page_of(Client().get(address))
    assert "公開予定" in public.text
    assert "来月です" in public.text
    assert "来月です" in operator.see("/operator/listening").text
    assert holder.get(answers[:-1] + ("0" if answers[-1] != "0" else "1")).status_code == 404


def test_votes_merging_and_the_old_address(someone: Callable[..., Person], mailoutbox: list[EmailMessage]) -> None:
    reader, other = someone("r@example.jp", "読者"), someone("o@example.jp", "別の人")
    operator = someone("op@example.jp", "運営", operator=True)
    fields = {"kind": "missing", "text": "ほしい", "use": "", "holder_name": "", "seen": "1"}
    kept = reader.send("/data-requests/ask", title="公園の遊具", **fields)
    gone = other.send("/data-requests/ask", title="公園にある遊具", **fields)
    other.send(f"{kept}/vote", vote="on")
    stranger = Client()
    assert page_of(stranger.post(f"{kept}/vote", {"email": "v@example.jp"})).heading == "メールを確かめてください"
    assert stranger.post(f"{kept}/vote", {"email": "v"}).status_code == 422
    jobs.run_pending()
    assert stranger.post(token_in(mailoutbox, "v@example.jp", "/confirm")).status_code == 303
    assert "賛同 3" in page_of(Client().get(kept)).text
    desk = f"/operator/listening/data-requests/{gone.rsplit('/', 1)[1]}"
    assert "公園の遊具" in operator.see(desk).links
    operator.send(desk, act="merge", into=f"https://tdpf.example.jp{kept}")
    moved = stranger.get(gone)
    assert (moved.status_code, moved["Location"]) == (301, kept)
    assert "賛同 3" in page_of(Client().get(kept)).text
    reader.send(f"{kept}/withdraw", reason="見つかりました")
    assert "取下げ" in page_of(Client().get(kept)).text


def test_a_better_format_is_asked_for_from_the_dataset(someone: Callable[..., Person]) -> None:
    provider, reader = someone("p@example.jp", "提供"), someone("r@example.jp", "読者")
    publish(provider, "shelters")
    path = "/data-requests/ask?dataset=shelters"
    assert path in reader.see("/datasets/shelters").links.values()
    assert reader.see(path).unlabelled() == []
    address = reader.send(path, title="JSONで", kind="format", text="使いたい", use="", wanted_format="JSON", seen="1")
    assert "/datasets/shelters" in page_of(Client().get(address)).links.values()


@pytest.mark.parametrize("path", ["/operator/listening", "/feedback", "/data-requests", "/data-requests/ask"])
def test_every_page_reads_well(someone: Callable[..., Person], path: str) -> None:
    page = someone("op@example.jp", "運営", operator=True).see(path)
    assert page.headings == 1
    assert page.unlabelled() == []
    assert page.inline_scripts == page.inline_styles == 0


def test_a_visitors_request_says_that_somebody_looks_at_it_first(mailoutbox: list[EmailMessage]) -> None:
    visitor = Client()
    fields = {"kind": "missing", "text": "ほしい", "use": "", "holder_name": "", "seen": "1", "email": "w@example.jp"}
    assert visitor.post("/data-requests/ask", {"title": "公園のベンチ", **fields}).status_code == 200
    jobs.run_pending()
    confirmed = visitor.post(token_in(mailoutbox, "w@example.jp", "/confirm"))
    assert "運営者が確かめてから" in page_of(visitor.get(confirmed["Location"])).text


def test_feeds_of_publisher_theme_search_and_requests(someone: Callable[..., Person]) -> None:
    provider, reader = someone("p@example.jp", "提供"), someone("r@example.jp", "読者")
    publish(provider, "shelters")
    address = reader.send(
        "/data-requests/ask", title="遊具", kind="missing", text="ほしい", use="", holder_name="", seen="1"
    )
    slug = provider.member.party.slug
    for path, word in (
        (f"/feeds/publishers/{slug}.atom", "避難所の一覧"), ("/feeds/search.atom?q=避難所&sort=title&offset=3", "避難所の一覧"),
        ("/feeds/data-requests.atom", "遊具"), (f"/feeds{address}.atom", "遊具"), ("/feeds/themes/safety.atom", "feed"),
    ):  # fmt: skip
        answer = Client().get(path)
        assert answer.status_code == 200, path
        assert answer["Content-Type"].startswith("application/atom+xml")
        assert word in answer.content.decode()
    asked = "/feeds/data-requests.atom"
    DataRequest.objects.update(title="古い\uffffの\x0b行", text="\ufffe")
    assert ET.fromstring(Client().get(asked).content) is not None, "one row cannot spoil the feed for everybody"
    address = reader.send(
        "/data-requests/ask", title="公園\uffffの表", kind="missing", text="ほしい", use="", holder_name="", seen="1"
    )
    assert DataRequest.objects.get(uid=address.rsplit("/", 1)[1]).title == "公園の表"
    for path in ("/feeds/publishers/nobody.atom", "/feeds/themes/nothing.atom", "/feeds/data-requests/nothing.atom"):
        assert Client().get(path).status_code == 404


def test_strangers_and_members_stay_out(someone: Callable[..., Person]) -> None:
    member, reader = someone("m@example.jp", "会員"), someone("r@example.jp", "読者")
    address = reader.send(
        "/data-requests/ask", title="遊具", kind="missing", text="ほしい", use="", holder_name="", seen="1"
    )
    uid = address.rsplit("/", 1)[1]
    for path in ("/operator/listening", f"/operator/listening/data-requests/{uid}"):
        assert member.client.get(path).status_code == 403
        assert Client().get(path).status_code == 302
    assert member.client.post(f"{address}/withdraw", {}).status_code == 403
    assert member.client.get("/feedback/nothing").status_code == 404
    assert Client().get("/answers/nothing").status_code == 404
    assert Client().get("/confirm/nothing").status_code == 404


def test_a_member_chooses_what_to_be_told_of(someone: Callable[..., Person]) -> None:
    provider, reader = someone("p@example.jp", "提供"), someone("r@example.jp", "読者")
    publish(provider, "shelters")
    slug = provider.member.party.slug
    assert "新しいデータを毎朝知らせてもらう" in reader.see(f"/publishers/{slug}").buttons
    assert "この検索に合う新しいデータを知らせてもらう" in reader.see("/search?q=避難所").buttons
    assert reader.send("/follows", kind="publisher", name=slug) == "/home/follows"
    reader.send("/follows", kind="search", name="q=避難所")
    page = reader.see("/home/follows")
    assert page.unlabelled() == []
    assert "/search?q=%E9%81%BF%E9%9B%A3%E6%89%80" in page.links.values()
    uid = page.fields["uid"]["value"]
    reader.send("/home/follows", uid=uid, pace="weekly", act="pace")
    reader.send("/home/follows", act="follow", name="safety", pace="once")
    assert len(reader.see("/home/follows").links) > len(page.links)
    assert reader.refused("/home/follows", act="follow", name="nothing", pace="daily").alerts
    reader.send("/home/follows", uid=uid, act="stop")
    assert provider.client.post("/home/follows", {"uid": uid, "act": "stop"}).status_code == 422
    assert reader.client.post("/follows", {"kind": "planet", "name": "x"}).status_code == 422
    assert Client().post("/follows", {"kind": "publisher", "name": slug}).status_code == 302


def test_a_webhook_shows_its_secret_once(someone: Callable[..., Person], settings: Any) -> None:
    settings.ALLOW_PRIVATE_FETCH = True
    reader, other = someone("r@example.jp", "読者"), someone("o@example.jp", "別の人")
    assert reader.see("/home/webhooks").unlabelled() == []
    assert reader.refused("/home/webhooks", url="ftp://example.jp/").fields["url"]["value"] == "ftp://example.jp/"
    made = reader.client.post("/home/webhooks", {"url": "http://127.0.0.1:9/hook"})
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    assert "whsec_" in made.content.decode()
    address = reader.see("/home/webhooks").links["http://127.0.0.1:9/hook"]
    assert "whsec_" not in reader.client.get(address).content.decode()
    reader.send(address, act="test")
    jobs.run_pending()
    assert "届かない" in reader.see(address).text
    assert "whsec_" in reader.client.post(address, {"act": "secret"}).content.decode()
    assert other.client.get(address).status_code == 404
    assert other.client.post(address, {"act": "remove"}).status_code == 404
    assert reader.send(address, act="remove") == "/home/webhooks"
    assert reader.client.get(address).status_code == 404


def test_a_change_of_columns_stands_on_the_page_before_it_happens(someone: Callable[..., Person]) -> None:
    provider, reader = someone("p@example.jp", "提供"), someone("r@example.jp", "読者")
    publish(provider, "shelters")
    path = "/provide/shelters/plan-change"
    assert provider.see(path).unlabelled() == []
    refused = provider.refused(
        path, act="announce", effective_on="2020-01-01", columns_removed="収容人数", columns_added="", text=""
    )
    assert refused.fields["columns_removed"]["value"] == "収容人数"
    provider.send(
        path, act="announce", effective_on="2027-12-01", columns_removed="収容人数", columns_added="定員", text=""
    )
    shown = page_of(Client().get("/datasets/shelters")).text
    assert "に列が変わります" in shown
    assert "なくなる列: 収容人数" in shown
    provider.send(path, act="take_back", uid=provider.see(path).fields["uid"]["value"])
    assert "に列が変わります" not in page_of(Client().get("/datasets/shelters")).text
    assert reader.client.get(path).status_code in (403, 404)


def test_addresses_of_buttons_answer_calmly_when_opened(someone: Callable[..., Person]) -> None:
    member, operator = someone("m@example.jp", "会員"), someone("op@example.jp", "運営 太郎", operator=True)
    made = community.request_data(actor=member.standing, kind="missing", title="街灯", text="街灯の場所がほしいです。")
    opened = Client().get(f"/data-requests/{made}/vote")
    assert (opened.status_code, opened["Allow"]) == (405, "POST")
    assert page_of(opened).links["元のページに戻る"] == f"/data-requests/{made}"
    assert Client().get(f"/en/data-requests/{made}/vote").content.count(f"/en/data-requests/{made}".encode())
    community.move_request(actor=operator.standing, request_uid=made, step="review")
    told = member.see(f"/data-requests/{made}").text
    assert "運営者" in told
    assert "太郎" not in told
