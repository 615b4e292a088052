"""Using: applications and keys, applying, answering, the agreement; use as chart, table and CSV."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from portal_cast import Person, publish
from portal_reading import page_of

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.types import ApplicationFacts
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.types import AgreementView
from tdpf.controlplane.metering import services as metering
from tdpf.controlplane.metering.evidence import write_evidence
from tdpf.controlplane.metering.types import DayUse, HourUse
from tdpf.faces.portal.charts import Slot, charts_of
from tdpf.faces.portal.templatetags.portal import jst_day
from tdpf.kit import clock

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
BEFORE = datetime(2026, 11, 21, 3, tzinfo=clock.JST)


def _application(consumer: Person) -> str:
    path = consumer.send(
        "/applications", owner=consumer.standing.person_party_id, name="防災マップ", description="避難所の地図"
    )
    return path.rsplit("/", 1)[1]


def test_a_key_is_shown_once_rotated_and_revoked(someone: Callable[..., Person]) -> None:
    consumer = someone("c@example.jp", "利用")
    uid = _application(consumer)
    answer = consumer.client.post(
        f"/applications/{uid}/keys", {"key-name": "本番", "key-life": "365", "key-scopes": ["data:read"]}
    )
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    plain = re.search(r'id="new-key"[^>]*>(tdpf_[\w-]{40,})<', answer.content.decode())
    assert plain
    page = consumer.see(f"/applications/{uid}")
    assert plain.group(1) not in page.text
    assert "本番" in page.text
    first = access.keys_of_application(uid, consumer.standing)[0]
    rotated = consumer.client.post(f"/keys/{first.uid}/rotate", {"overlap": "0"})
    assert rotated.status_code == 200
    second = next(key for key in access.keys_of_application(uid, consumer.standing) if key.uid != first.uid)
    assert "2秒以内" in consumer.see(f"/keys/{second.uid}/revoke").text
    consumer.send(f"/keys/{second.uid}/revoke")
    assert access.get_key(second.uid, consumer.standing)[0].state == "revoked"
    assert someone("x@example.jp", "よそ").client.get(f"/applications/{uid}").status_code == 404


def test_a_writing_key_without_a_second_factor_is_refused_and_the_form_stays(someone: Callable[..., Person]) -> None:
    consumer = someone("c@example.jp", "利用", mfa=False)
    uid = _application(consumer)
    back = consumer.refused(
        f"/applications/{uid}/keys", **{"key-name": "本番", "key-life": "", "key-scopes": ["datasets:write"]}
    )
    assert back.fields["key-name"]["value"] == "本番"
    assert back.alerts


def test_from_request_to_the_same_agreement_page_for_both(someone: Callable[..., Person]) -> None:
    provider, consumer = someone("p@example.jp", "提供"), someone("c@example.jp", "利用")
    publish(provider, "conditional", preset="conditional")
    public = page_of(Client().get("/datasets/conditional"))
    assert public.links["申し込んで使う"] == "/datasets/conditional/apply"
    assert "北小学校" not in public.text
    first = consumer.see("/datasets/conditional/apply")
    back = first.links["利用アプリを登録する"]
    assert back == "/applications?next=%2Fdatasets%2Fconditional%2Fapply"
    assert (
        consumer.send(back, owner=consumer.standing.person_party_id, name="防災マップ") == "/datasets/conditional/apply"
    )
    application = access.list_applications(consumer.standing)[0]
    form = consumer.see("/datasets/conditional/apply")
    asked = {
        "application": application.uid, "purpose": "disaster", "terms_sha256": form.fields["terms_sha256"]["value"],
        "purpose_statement": "避難所の混み具合を地図に出す。", "information_management": "2名だけが扱う。",
    }  # fmt: skip
    kept = consumer.refused("/datasets/conditional/apply", **asked)
    assert kept.fields["purpose_statement"]["value"] == "避難所の混み具合を地図に出す。"
    request = consumer.send("/datasets/conditional/apply", **asked, agree="on")
    assert "提供者の返事を待っています" in consumer.see(request).text
    assert "利用 から「避難所の一覧」の申込みがあります" in provider.see("/home").links

    assert provider.refused(f"{request}/answer", answer="decline", text="").alerts
    provider.send(f"{request}/answer", answer="ask", text="どこに置きますか。")
    assert "どこに置きますか。" in consumer.see(request).text
    consumer.send(f"{request}/reply", text="庁内です。")
    provider.send(f"{request}/answer", answer="accept", text="")
    held = exchange.agreements_for(consumer.standing)[0]
    mine, theirs = consumer.see(f"/agreements/{held.uid}"), provider.see(f"/agreements/{held.uid}")
    for page in (mine, theirs):
        assert held.sha256 in page.text
        assert "避難所の混み具合を地図に出す。" in page.text
        assert "今日: 0 / 10,000 回を使いました（0%）。残り 10,000 回" in page.text
    sealed = consumer.client.get(f"/agreements/{held.uid}/sealed.json")
    assert sealed.content.decode() == held.sealed
    assert consumer.client.get(f"/agreements/{held.uid}/use.csv").content.decode("utf-8-sig").startswith("日,")
    files = [side.client.get(f"/agreements/{held.uid}/evidence.jsonl").content for side in (consumer, provider)]
    assert files[0] == files[1]
    evidence = mine.links["時間ごとの証跡を受け取る・照らし合わせる"]
    other = write_evidence(agreement=held.number, terms_sha256=held.sha256, hours=[HourUse(BEFORE, 5)], now=clock.now())
    told = {"比べる時間がありません": files[0], "合わない時間": other}
    for word, file in told.items():
        answer = provider.client.post(evidence, {"file": SimpleUploadedFile("e.jsonl", file)})
        assert (answer.status_code, word in page_of(answer).text) == (200, True)
    changed = SimpleUploadedFile("e.jsonl", other.replace(b'"calls":5', b'"calls":4'))
    assert "2 行目" in provider.refused(evidence, file=changed).text
    stranger = someone("x@example.jp", "よそ").client
    assert mine.links["ODRL"] == theirs.links["ODRL"] == f"/agreements/{held.uid}/odrl.jsonld"
    policies = [
        side.client.get(mine.links["ODRL"])
        for side in (consumer, provider, someone("op@example.jp", "運営", operator=True))
    ]
    assert {answer.headers["Content-Type"] for answer in policies} == {"application/ld+json"}
    policy = policies[0].json()
    assert all(answer.json() == policy for answer in policies)
    assert (policy["@type"], policy["uid"].endswith(f"/agreements/{held.uid}")) == ("Agreement", True)
    assert policy["target"]["refinement"][0]["rightOperand"] == list(held.columns)
    for path in ("", "/evidence", "/evidence.jsonl", "/odrl.jsonld"):
        assert stranger.get(f"/agreements/{held.uid}{path}").status_code == 404
    _see_use(provider, consumer, application, held)
    _see_a_quota_end(provider, consumer, application, held)
    assert "元に戻せません" in consumer.see(f"/agreements/{held.uid}/end").lead
    consumer.send(f"/agreements/{held.uid}/end", reason="開発を終えたため")
    assert "終了" in provider.see(f"/agreements/{held.uid}").heading


def _see_use(provider: Person, consumer: Person, application: ApplicationFacts, held: AgreementView) -> None:
    """Three requests come in; both sides see them by day and hour, and the consumer the last ones with what is left."""
    number, dataset = application.number, catalog.dataset_page("conditional", provider.standing).number
    begun = f"{clock.now().astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}\tid\t{number},{held.number},{dataset},key,items"
    seen = ((200, "1", 20), (404, "1", 1500), (429, "-", 0))
    lines = [f"{begun}\t{counted}\tGET\t{status}\t-\t2048\t0\t{ms}\t/data/x\n" for status, counted, ms in seen]
    metering.ingest_segment(gateway="g", segment=held.uid, offset=0, data="".join(lines).encode())
    today = clock.jst_date(clock.now())
    for path in ("", f"?day={today}", "?day=nonsense"):
        answer = provider.client.get(f"/provide/conditional{path}")
        text = page_of(answer).text
        assert "呼び出し 2 回" in text
        assert "エラー 1 回" in text
        assert "760" in text, "milliseconds of a call on average"
        assert answer.content.decode().count("の棒グラフ。") == 5
        assert ("時台" in text) is bool(path)
    mine = consumer.see(f"/applications/{application.uid}").text
    assert mine.index("429 上限に達した") < mine.index("404 見つからない") < mine.index("200 届いた")
    console = consumer.see("/datasets/conditional")
    assert console.links[f"約定 第{held.number}号で使う"] == f"/agreements/{held.uid}"
    assert "申し込んで使う" not in console.links, "who holds an agreement is not asked to apply again"
    condition = console.fields["filter"]
    assert "disabled" in condition, "without a script the form sends no empty condition, which the API refuses"
    assert "今日: 2 / 10,000 回" in console.text
    assert "上限に達した" not in console.text, "the log is read when somebody looks, not for each page"
    calls = console.links["最後の呼び出し"]
    assert "上限に達した" in consumer.see(calls).text
    part = consumer.client.get(calls, headers={"HX-Request": "true"}).content.decode()
    assert "上限に達した" in part
    assert "<html" not in part
    assert "上限に達した" not in provider.see(calls).text
    assert Client().get(calls).status_code == 302


def _see_a_quota_end(provider: Person, consumer: Person, application: ApplicationFacts, held: AgreementView) -> None:
    """At 85 % and at 100 % of 10,000 calls the page says so and when counting begins anew; not before."""
    line = (
        f"{clock.now().astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}\tid\t{application.number},{held.number},1,key,items"
        "\t1\tGET\t200\t-\t1\t0\t1\t/data/x\n"
    ).encode()
    page, sent = f"/agreements/{held.uid}", 2
    anew = jst_day(clock.jst_date(clock.now()) + timedelta(days=1))
    for used, words in (
        (8_499, "今日: 8,499 / 10,000 回を使いました（84%）。残り 1,501 回"),
        (8_500, "今日の回数の85%以上を使いました"),
        (9_999, "今日: 9,999 / 10,000 回を使いました（99%）。残り 1 回"),
        (10_000, "今日の回数を使い切りました"),
    ):
        metering.ingest_segment(gateway="g", segment=f"{held.uid}-{used}", offset=0, data=line * (used - sent))
        sent = used
        for side in (provider, consumer):
            seen = side.see(page)
            assert words in seen.text
            assert (f"{anew} 0時（日本時間）に数え直" in seen.text) is (used >= 8_500)
            assert ("データのページ" in seen.links) is (side is consumer and used >= 8_500)
    english = page_of(consumer.client.get(f"/en{page}")).text
    assert "All of today’s calls are used" in english
    assert "Calls are refused until counting begins anew" in english


def test_terms_that_change_are_shown_before_anybody_agrees_again(someone: Callable[..., Person]) -> None:
    """Changed while a form is filled in, or since an agreement was sealed: what differs is said, and only that."""
    provider, consumer = someone("p@example.jp", "提供"), someone("c@example.jp", "利用")
    publish(provider, "changing", preset="conditional")
    consumer.send("/applications", owner=consumer.standing.person_party_id, name="地図")
    application = access.list_applications(consumer.standing)[0].uid
    page = consumer.see("/datasets/changing/apply")
    said = {
        "application": application, "purpose": "disaster", "terms_sha256": page.fields["terms_sha256"]["value"],
        "purpose_statement": "地図に出す。", "information_management": "2名だけが扱う。", "agree": "on",
    }  # fmt: skip
    assert "利用条件が変わったところ" not in page.text
    offer = exchange.offers_of_parties(provider.standing)[0]
    wider = {
        **orjson.loads(exchange.terms_json(offer.terms)),
        "notice_days": str(offer.terms.notice_days + 33),
        "approval": "automatic",
    }
    exchange_services.set_terms(actor=provider.standing, offer_uid=offer.uid, fields=wider)
    back = consumer.refused("/datasets/changing/apply", **said)
    assert "利用条件が変わったところ" in back.text
    assert f"{offer.terms.notice_days + 33}日以上前" in back.text
    assert f"{offer.terms.notice_days}日以上前" in back.text
    assert back.fields["purpose_statement"]["value"] == "地図に出す。"
    assert "checked" not in back.fields["agree"], "new terms are agreed to anew"
    now_read = back.fields["terms_sha256"]["value"]
    assert now_read != said["terms_sha256"], "what is sent again is said of the terms that were shown"
    made = consumer.send("/datasets/changing/apply", **{**said, "terms_sha256": now_read})

    assert "その後に提供者が変えた条件" not in consumer.see(made).text
    exchange_services.set_terms(
        actor=provider.standing, offer_uid=offer.uid,
        fields={**wider, "notice_days": str(offer.terms.notice_days + 66)},
    )  # fmt: skip
    for side in (provider, consumer):
        held = side.see(made).text
        assert "その後に提供者が変えた条件" in held
        assert f"{offer.terms.notice_days + 66}日以上前" in held
    again = consumer.see("/datasets/changing/apply")
    assert f"{offer.terms.notice_days + 33}日以上前" in again.text, "what was agreed to last"
    (agreed,) = exchange.agreements_for(consumer.standing)
    assert again.links[f"約定 第{agreed.number}号"] == made, "said before the form is filled in"
    latest = again.fields["terms_sha256"]["value"]
    twice = consumer.refused("/datasets/changing/apply", **{**said, "terms_sha256": latest})
    assert f"この提供の約定（第{agreed.number}号）がすでにあります" in twice.text
    assert agreed.uid not in twice.text
    stranger = someone("x@example.jp", "よそ")
    assert "すでに約定があります" not in stranger.see("/datasets/changing/apply").text
    consumer.send(f"{made}/end", reason="新しい条件に改めるため")
    assert "すでに約定があります" not in consumer.see("/datasets/changing/apply").text
    assert "利用条件が変わったところ" not in stranger.see("/datasets/changing/apply").text


def test_following_is_one_button_and_a_feed(someone: Callable[..., Person]) -> None:
    provider, reader = someone("p@example.jp", "提供"), someone("r@example.jp", "読者")
    publish(provider, "followed")
    reader.send("/datasets/followed/follow", follow="on")
    assert "更新をメールで受け取っています。" in reader.see("/datasets/followed").text
    feed = Client().get("/feeds/datasets/followed.atom")
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert "避難所の一覧" in feed.content.decode()


def test_terms_for_machines(someone: Callable[..., Person]) -> None:
    publish(someone("p@example.jp", "提供"), "termed")
    odrl = Client().get("/datasets/termed/terms.odrl.jsonld").json()
    assert odrl["@type"] == "Offer"
    assert Client().get("/datasets/termed/terms.cadde.json").status_code == 200


def test_chart_geometry_stays_inside_and_keeps_the_numbers() -> None:
    slots = [
        Slot(str(day), f"{day}日", DayUse(datetime(2026, 11, day, tzinfo=UTC).date(), calls, calls * 1500, 1, 0))
        for day, calls in ((1, 0), (2, 37), (3, 5))
    ]
    calls, size, *_rest = charts_of(slots)
    assert [bar.value for bar in calls.bars] == [0, 37, 5]
    assert (calls.lines[-1].value, size.lines[-1].value) == (40, 100_000)
    for bar in calls.bars:
        assert 0 <= bar.x <= calls.width
        assert bar.y + bar.height == pytest.approx(calls.bottom, abs=0.2)
    assert max(bar.height for bar in calls.bars) == calls.bars[1].height
