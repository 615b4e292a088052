"""The operator's pages: queues, judgements with consequences first, the audit log, settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from portal_cast import Person, hand_in, metadata, publish
from portal_reading import page_of

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services as access_services
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.operations import services as operations
from tdpf.controlplane.preparation import queries as preparation
from tdpf.djangokit import jobs
from tdpf.kit import clock
from tdpf.wire.messages import NodeHealth, UpstreamHealth

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

PAGES = ["/operator", "/operator/organizations", "/operator/organizations?q=%E8%A6%8B", "/operator/breaches", "/operator/suspensions",
         "/operator/screenings", "/operator/audit", "/operator/settings", "/operator/gateways"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_operators_only(someone: Callable[..., Person], path: str) -> None:
    page = someone("op@example.jp", "運営", operator=True).see(path)
    assert page.headings == 1
    assert page.unlabelled() == []
    assert someone("m@example.jp", "会員").client.get(path).status_code == 403
    assert Client().get(path).status_code == 302


def test_suspension_shows_what_it_touches_first_and_can_be_lifted(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    publish(provider, "touched")
    path = f"/operator/suspend/{provider.member.party.uid}"
    before = operator.see(path)
    assert "避難所の一覧（約定 0 件）" in before.text
    assert operator.refused(path, keys="on", reason="").links["理由（相手に届き、記録に残ります）"] == "#id_reason"
    operator.send(path, keys="on", reason="規約に反する公開があったため", continues="公開済みのデータは使えます。")
    assert provider.standing.is_suspended
    order = members.list_live_suspensions()[0]
    assert "規約に反する公開があったため" in operator.see(f"/operator/suspensions/{order.uid}").text
    assert "利用停止中" in provider.see("/home").text
    operator.send(f"/operator/suspensions/{order.uid}", reason="直されたため")
    assert not provider.standing.is_suspended
    assert "直されたため" in operator.see(f"/operator/suspensions/{order.uid}").text
    assert "解除・終了" in operator.see("/operator/suspensions").text
    assert "提供" in operator.see(f"/operator/members/{provider.member.uid}").heading


def test_one_offer_is_stopped_with_a_reason_and_stands_again(someone: Callable[..., Person]) -> None:
    """From the dataset's page; whoever comes is told of it, nothing is handed out, and the audit log has both acts."""
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    publish(provider, "judged")
    assert "ダウンロード" in page_of(Client().get("/datasets/judged")).links
    assert b"/data/files/" in Client().get("/datasets/judged/versions/1").content
    path = operator.see("/datasets/judged").links["運営者として提供を止める"]
    assert not any(
        path in page.links.values()
        for page in (provider.see("/datasets/judged"), page_of(Client().get("/datasets/judged")))
    )
    assert provider.client.post(path, {"reason": "自分で", "verdict": "suspend"}).status_code == 403
    before = operator.see(path)
    assert (before.headings, before.unlabelled()) == (1, [])
    assert "公開のページには、停止していることだけを示します" in before.lead
    assert operator.refused(path, reason=" ", verdict="suspend").alerts
    assert operator.send(path, reason="個人情報の疑いがあるため", verdict="suspend") == path
    public = page_of(Client().get("/datasets/judged"))
    assert "から提供が停止されています" in public.text
    assert "個人情報の疑いがあるため" not in public.text, "what is only suspected is told to the parties alone"
    assert "個人情報の疑いがあるため" in provider.see("/datasets/judged").text
    assert "北小学校" not in public.text
    assert "ダウンロード" not in public.links
    assert b"/data/files/" not in Client().get("/datasets/judged/versions/1").content
    assert "運営者が提供を停止しています" in provider.see("/provide/judged").text
    assert operator.refused(path, reason="もう一度", verdict="suspend").alerts, "another operator was quicker"
    assert operator.see("/operator/suspensions").links["避難所の一覧 停止中"] == path
    operations.seal_audit()
    stopped = operator.see(path).text
    assert stopped.count("個人情報の疑いがあるため") >= 2, "as the reason in force and as the act in the log"
    assert operator.see("/datasets/judged").links["止めた提供を再開する"] == path
    operator.send(path, reason="疑いは晴れたため", verdict="lift")
    assert "ダウンロード" in page_of(Client().get("/datasets/judged")).links
    operations.seal_audit()
    assert "疑いは晴れたため" in operator.see(path).text


def test_doubtful_files_wait_for_a_judgement_with_a_reason(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    rows = "".join(f"{n},施設{n},{'担当 080-1234-5650' if n == 250 else '窓口'}\n" for n in range(1, 301))
    found = hand_in(provider, f"番号,名称,連絡先メモ\n{rows}", name="contacts.csv")
    uid = found.rsplit("/", 1)[1]
    screening = preparation.screening_of(uid, provider.standing)
    assert screening is not None
    assert screening.outcome == "doubtful"
    assert operator.see("/operator/screenings").links["contacts.csv"] == f"/operator/screenings/{screening.uid}"
    path = f"/operator/screenings/{screening.uid}"
    # What is to be judged is shown, wherever in the file it stands; the provider is told the row.
    judged = operator.see(path).text
    assert "080-1234-5650" in judged
    assert "施設250" in judged
    assert "250" in provider.see(found).text
    assert operator.refused(path, decision="accept", reason="").alerts
    operator.send(path, decision="accept", reason="施設の公用の番号のため")
    assert "公開できると判断しました" in provider.see(found).text


def test_a_refused_draft_is_on_its_providers_page(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    rows = "".join(f"{n},施設{n},{'担当 080-1234-5650' if n == 250 else '窓口'}\n" for n in range(1, 301))
    found = hand_in(provider, f"番号,名称,連絡先メモ\n{rows}", name="contacts.csv")
    provider.send(f"{found}/describe", **metadata(provider.see(f"{found}/describe"), "contacts"))
    provider.send("/provide/contacts/terms", access="open", attribution="required", notice_days="30", rate_plan="r10")
    way = "見つかったところを見る・その列を除いた版を作る"
    assert provider.see("/provide/contacts/publish").links[way] == f"{found}?dataset=contacts"
    screening = preparation.screening_of(found.rsplit("/", 1)[1], provider.standing)
    assert screening is not None
    told = "下書き「避難所の一覧」は、個人情報の確認で公開できないと判断されました"
    assert told not in provider.see("/home").links
    operator.send(f"/operator/screenings/{screening.uid}", decision="refuse", reason="個人の携帯電話のため")
    home = provider.see("/home")
    assert home.links[told] == f"{found}?dataset=contacts"
    assert "個人の携帯電話のため" in home.text
    made = provider.send(f"{found}/leave-out?dataset=contacts")
    jobs.run_pending()
    version = provider.see(made).links["この内容で次へ"]
    assert version.startswith("/provide/contacts/new-version/")


def test_the_audit_log_is_searched_and_its_chain_verified(someone: Callable[..., Person]) -> None:
    operator = someone("op@example.jp", "運営", operator=True)
    someone("m@example.jp", "会員")
    operations.seal_audit()
    assert "会員" in operator.see("/operator/audit").text
    assert "鎖に乱れはありません" in operator.see("/operator/audit?verify=1").text
    none = operator.see("/operator/audit?text=%E3%81%AA%E3%81%84&from_at=2026-01-01&until_at=2026-01-02")
    assert "0件" in none.text


def test_the_setting_for_open_data_is_kept(someone: Callable[..., Person]) -> None:
    operator = someone("op@example.jp", "運営", operator=True)
    operator.send("/operator/settings", open_data_needs_account="on")
    assert access.open_data_needs_account()
    operator.send("/operator/settings")
    assert not access.open_data_needs_account()


def test_gateways_and_providers_servers_are_told(someone: Callable[..., Person]) -> None:
    now = int(clock.now().timestamp())
    servers = (
        UpstreamHealth("trains.api", "api", 2, 1, 0, 40, 9, 3),
        UpstreamHealth("https://example.jp:443", "file", 1, 0, 0, 5, 0, 0),
    )
    access_services.report_node(
        health=NodeHealth("gateway-1", "gateway", "ok", access.current_stamp(), now, now, now - 7200, now + 86400, upstreams=servers)
    )  # fmt: skip
    text = someone("o@example.jp", "運営", operator=True).see("/operator/gateways").text
    assert "ゲートウェイ gateway-1" in text
    assert "2時間前" in text
    assert text.index("2台のうち1台を休ませています") < text.index("https://example.jp:443")
    silent = NodeHealth("gateway-1", "gateway", "closed", 0, now, now)
    access_services.report_node(health=silent)
    assert "停止" in someone("o2@example.jp", "運営二", operator=True).see("/operator/gateways").text


def test_everybody_may_see_the_status(client: Client) -> None:
    page = page_of(client.get("/status"))
    assert page.heading == "稼働状況"


def test_a_stopped_agreement_can_go_on_again(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    consumer = someone("c@example.jp", "利用")
    publish(provider, "stopped-once", preset="conditional")
    application = consumer.send(
        "/applications", owner=str(consumer.standing.person_party_id), name="見張り", description=""
    )
    asked = {
        "purpose": "public",
        "purpose_statement": "検査のため",
        "information_management": "鍵のかかる場所",
        "agree": "on",
    }
    form = consumer.see("/datasets/stopped-once/apply")
    request = consumer.send(
        "/datasets/stopped-once/apply", application=application.rsplit("/", 1)[1],
        terms_sha256=form.fields["terms_sha256"]["value"], **asked,
    )  # fmt: skip
    provider.send(f"{request}/answer", answer="accept", text="")
    (held,) = exchange.agreements_for(consumer.standing)
    provider.send(f"/agreements/{held.uid}/breach", reason="条件に反する再配布があった")
    operator.send(f"/operator/breaches/{held.uid}", verdict="suspend", reason="確かめるまで止めます")
    page = operator.see("/operator/breaches")
    assert "確かめるまで止めます" in page.text
    assert "利用を再開する" in page.text
    operator.send(f"/operator/breaches/{held.uid}", verdict="lift", reason="誤解でした")
    assert exchange.agreement_page(held.uid, consumer.standing).state == "active"
