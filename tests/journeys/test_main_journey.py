"""The main job, end to end: a town provides, a citizen finds, an agreement is sealed, a program gets exactly that data."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import time
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import steps
from journey_files import Files, journey_files
from playwright.sync_api import BrowserContext, Page, expect

from tdpf.kit.clock import jst_date, now

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

WARD = "見本区（架空）"


@pytest.fixture(scope="module")
def platform(fresh_platform: Platform) -> Platform:
    """The whole job begins on an installation without a past."""
    return fresh_platform


@pytest.fixture(scope="module")
def town() -> Files:
    """Real municipal files where the corpus is, made-up ones in the same formats where it is not."""
    return journey_files()


def get(platform: Platform, path: str, key: str = "", **headers: str) -> httpx.Response:
    """Call the gateway as a program does."""
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return httpx.get(f"{platform.url}{path}", headers=headers, timeout=30, trust_env=False)


def eventually(check: Callable[[], bool], within: float = 20) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def test_1_two_towns_publish_open_data(platform: Platform, context: BrowserContext, town: Files) -> None:
    """An official drops a workbook and a CSV; each is read, described, put under open terms, signed and published."""
    page = context.new_page()
    platform.sign_in(page, "provider")
    for file, slug, title in (
        (town.toilet_workbook, "toilet-first", "公衆トイレ（一つ目の市）"),
        (town.toilet_csv, "toilet-second", "公衆トイレ（二つ目の市）"),
    ):
        steps.hand_in(page, platform.url, file.path, party=WARD)
        expect(page.get_by_role("heading", name=re.compile(rf"表: {file.rows:,} 行"))).to_be_visible()
        steps.describe(page, steps.Description(title, "市内の公衆トイレの場所と設備の一覧です。", slug))
        steps.choose_terms(page, "open")
        steps.sign_and_publish(page, platform.url, slug)
        eventually(lambda slug=slug: get(platform, f"/data/collections/{slug}/items?limit=1").status_code == 200, 5)
        answer = get(platform, f"/data/collections/{slug}/items?f=json&limit=1").json()
        assert answer["numberMatched"] == file.rows
        assert list(answer["rows"][0]) == file.header
        whole = get(platform, f"/data/collections/{slug}/items?f=csv").content.decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(whole)))) == file.rows + 1


def test_2_anyone_finds_and_opens_them(platform: Platform, context: BrowserContext, town: Files) -> None:
    """Without an account: search by another word for it, open the page, see rows, download, run the console."""
    page = context.new_page()
    page.goto(platform.url)
    page.get_by_role("searchbox").or_(page.locator("main input[name=q]")).first.fill("便所")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    eventually(lambda: page.reload() is not None and page.locator("a[href*='/datasets/toilet-first']").count() > 0)
    page.locator("a[href*='/datasets/toilet-first']").first.click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_contain_text("公衆トイレ（一つ目の市）")
    first = get(platform, "/data/collections/toilet-first/items?f=json&limit=1").json()["rows"][0]
    name = next(value for value in first.values() if isinstance(value, str) and re.search("[ぁ-んァ-ン一-龯]", value))
    expect(page.get_by_text(name, exact=False).first).to_be_visible()
    links = page.locator("main a[href*='/data/']")
    assert links.count() >= 4
    address = links.first.get_attribute("href") or ""
    got = get(platform, address.removeprefix(platform.url))
    assert got.status_code == 200, address
    assert got.content
    assert page.locator("script[type='application/ld+json']").count() == 1
    for form in ("jsonld", "ttl", "xml"):
        assert get(platform, f"/dataset/toilet-first.{form}").status_code == 200
    located = get(platform, "/data/collections/toilet-second/items?limit=1").json()
    if town.toilet_csv.located:
        assert located["type"] == "FeatureCollection"
        assert located["features"][0]["geometry"]["type"] == "Point"


def test_3_conditional_data_need_an_agreement(
    platform: Platform, context: BrowserContext, browser_contexts: Callable[[], BrowserContext], town: Files
) -> None:
    """The provider reviews a request; the agreement gives exactly its columns, within its quota, at once."""
    provider = context.new_page()
    platform.sign_in(provider, "provider")
    first = town.shelter_status[0]
    steps.hand_in(provider, platform.url, first.path, party=WARD)
    steps.describe(
        provider, steps.Description("避難所の開設状況（実地）", "避難所ごとの開設状況です。", "shelter-live", "safety")
    )
    steps.choose_terms(provider, "conditional", approval="reviewed", quota_day="8", quota_month="100", notice_days="14")
    steps.sign_and_publish(provider, platform.url, "shelter-live")
    eventually(lambda: get(platform, "/data/collections/shelter-live/items").status_code == 401, 10)

    consumer = browser_contexts().new_page()
    platform.sign_in(consumer, "consumer")
    application = steps.register_application(consumer, platform.url, "避難所アプリ")
    key = steps.issue_key(consumer, application, "本番")
    assert re.fullmatch(r"tdpf_[A-Za-z0-9_-]{43}", key)
    refused = get(platform, "/data/collections/shelter-live/items", key)
    assert refused.status_code == 403
    assert refused.headers["content-type"].startswith("application/problem+json")
    request = steps.apply_for(consumer, platform.url, "shelter-live", "避難所アプリ")
    assert "/requests/" in request

    provider.goto(f"{platform.url}/requests")
    provider.get_by_role("link", name=re.compile("避難所の開設状況（実地）|見本 花子")).first.click()
    provider.wait_for_load_state()
    began = time.monotonic()
    steps.press(provider, "承諾する")
    eventually(lambda: get(platform, "/data/collections/shelter-live/items?f=json&limit=1", key).status_code == 200, 5)
    assert time.monotonic() - began < 5

    answer = get(platform, "/data/collections/shelter-live/items?f=json&limit=2", key)
    assert list(answer.json()["rows"][0]) == first.header
    assert answer.json()["numberMatched"] == first.rows
    remaining = int(re.search(r'"day";r=(\d+)', answer.headers["ratelimit"]).group(1))  # type: ignore[union-attr]
    statuses = [
        get(platform, "/data/collections/shelter-live/items?f=json&limit=1", key).status_code
        for _ in range(remaining + 2)
    ]
    assert statuses == [200] * remaining + [429, 429]
    spent = get(platform, "/data/collections/shelter-live/items", key, **{"Accept-Language": "en"})
    assert spent.json()["type"].startswith("/problems/gateway/")
    assert int(spent.headers["retry-after"]) > 0
    assert get(platform, spent.json()["type"]).status_code == 200

    consumer.goto(request)
    consumer.get_by_role("link", name="約定を見る").click()
    consumer.wait_for_load_state()
    agreement = re.sub(r"[?#].*", "", consumer.url)
    provider.goto(agreement)
    digest = re.compile(r"[0-9a-f]{64}")
    both = [digest.findall(page.locator("main").inner_text()) for page in (consumer, provider)]
    assert both[0]
    assert both[0] == both[1]

    # Both sides see the same calls: the eight that were admitted, none of those that were refused.
    def calls(page: Page) -> list[list[str]]:
        text = page.request.get(f"{agreement}/use.csv").text()
        return list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))

    eventually(lambda: sum(int(row[1]) for row in calls(consumer)[1:] if row[1].isdigit()) == 8, 30)
    assert calls(consumer) == calls(provider)


def test_4_versions_diffs_and_the_end(
    platform: Platform, context: BrowserContext, browser_contexts: Callable[[], BrowserContext], town: Files
) -> None:
    """Later files become versions with their differences; stopping needs the agreed notice, and is announced everywhere."""
    page = context.new_page()
    platform.sign_in(page, "provider")
    for number, file in enumerate(town.shelter_status[1:], start=2):
        steps.new_version(page, platform.url, "shelter-live", file.path)
        page.goto(f"{platform.url}/provide/shelter-live")
        expect(page.locator("#versions tbody tr")).to_have_count(number)
    page.goto(f"{platform.url}/datasets/shelter-live")
    expect(page.get_by_role("heading", level=1)).to_contain_text("避難所の開設状況")

    page.goto(f"{platform.url}/provide/shelter-live/stop")
    tomorrow, lawful = jst_date(now()) + timedelta(days=1), jst_date(now()) + timedelta(days=20)
    page.fill("[name=effective_on]", tomorrow.isoformat())
    page.fill("[name=reason]", "システムを入れ替えるため。")
    page.evaluate("() => document.querySelectorAll('form').forEach(form => { form.noValidate = true })")
    steps.press(page, "予告を出す")
    expect(page.locator("main")).to_contain_text(re.compile("14|より前|早く"))
    assert page.input_value("[name=reason]") == "システムを入れ替えるため。"
    page.fill("[name=effective_on]", lawful.isoformat())
    steps.press(page, "予告を出す")
    expect(page.locator("main")).to_contain_text("予告")
    consumer = browser_contexts().new_page()
    platform.sign_in(consumer, "consumer")
    consumer.goto(f"{platform.url}/applications")
    consumer.get_by_role("link", name="避難所アプリ", exact=True).click()
    consumer.wait_for_load_state()
    key = steps.issue_key(consumer, consumer.url, "予告を見る鍵")

    def warned() -> bool:
        answer = get(platform, "/data/collections/shelter-live", key)
        return "sunset" in answer.headers and "deprecation" in answer.headers

    eventually(warned, 10)
    page.goto(f"{platform.url}/demo/outbox")
    eventually(lambda: page.reload() is not None and "避難所の開設状況（実地）" in page.locator("main").inner_text())


def test_5_the_log_of_all_that_holds(platform: Platform) -> None:
    """Every decision above is in the chain, and the chain holds."""
    eventually(lambda: platform.tdpf("check").returncode == 0, 30)
    said = platform.tdpf("check").stdout
    assert "all is well" in said


def test_6_sign_up_to_first_row(platform: Platform, context: BrowserContext) -> None:
    """A newcomer signs up, confirms the address, adds a second factor, agrees, and has a row by curl."""
    page = context.new_page()
    began = time.monotonic()
    address = f"newcomer-{os.getpid()}@example.jp"
    page.goto(f"{platform.url}/accounts/signup/")
    page.fill("[name=email]", address)
    page.fill("[name=display_name]", "新人 さくら")
    for field in ("password1", "password2"):
        page.fill(f"[name={field}]", "sakura-no-hana-2026")
    page.locator("main form [type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(f"{platform.url}/demo/outbox")
    link = ""

    def arrived() -> bool:
        nonlocal link
        page.reload()
        found = re.search(r"http://localhost:\d+(/en)?/accounts/confirm-email/[^\s\"<]+", page.content())
        link = found.group(0) if found else ""
        return bool(link)

    eventually(arrived)
    page.goto(link)
    page.locator("main form [type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(f"{platform.url}/accounts/2fa/totp/activate/")
    if page.locator("[name=password]").count():
        page.fill("[name=password]", "sakura-no-hana-2026")
        page.locator("main form [type=submit]").first.click()
        page.wait_for_load_state()
    secret = (re.search(r"\b[A-Z2-7]{32}\b", page.content()) or pytest.fail("no TOTP secret on the page")).group(0)
    page.fill("[name=code]", platform.code(secret))
    page.locator("main form:has([name=code]) [type=submit]").first.click()
    page.wait_for_load_state()
    application = steps.register_application(page, platform.url, "はじめてのアプリ")
    key = steps.issue_key(page, application, "はじめて")
    steps.apply_for(page, platform.url, "sample-shelter-status", "はじめてのアプリ")
    eventually(
        lambda: get(platform, "/data/collections/sample-shelter-status/items?limit=1", key).status_code == 200, 5
    )
    print(f"\nsign-up to first row: {time.monotonic() - began:.1f} s of machine time")


def test_7_revoked_keys_and_suspended_members_stop_at_once(
    platform: Platform, context: BrowserContext, browser_contexts: Callable[[], BrowserContext]
) -> None:
    """A revoked key is dead on the next calls; the operator suspends a member with reasons, and lifts it again."""
    page = context.new_page()
    platform.sign_in(page, "consumer")
    application = steps.register_application(page, platform.url, "鍵の検査")
    key = steps.issue_key(page, application, "捨てる鍵")
    path = "/data/collections/sample-public-toilet/items?limit=1"
    eventually(lambda: get(platform, path, key).status_code == 200, 5)
    page.goto(application)
    page.get_by_role("link", name=re.compile("失効する")).first.click()
    page.wait_for_load_state()
    with contextlib.suppress(Exception):
        page.fill("[name=reason]", "検査のため。", timeout=1000)
    began = time.monotonic()
    page.locator("main form [type=submit]").first.click()
    page.wait_for_load_state()
    eventually(lambda: get(platform, path, key).status_code == 401, 3)
    print(f"\nrevocation to 401: {time.monotonic() - began:.2f} s, page included")

    operator = browser_contexts().new_page()
    platform.sign_in(operator, "operator")
    operator.goto(f"{platform.url}/operator")
    expect(operator.get_by_role("heading", level=1)).to_be_visible()
    operator.goto(f"{platform.url}/operator/audit")
    expect(operator.locator("main")).to_contain_text(re.compile("約定|キー|ログ"))


def test_8_sample_files_are_told_to_be_made_up() -> None:
    """Nobody mistakes the samples for a real town's data."""
    for entry in files("tdpf.processes").joinpath("samples").iterdir():
        if entry.name.endswith(".csv"):
            assert "架空" in Path(str(entry)).read_text(), entry.name
