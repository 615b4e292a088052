"""Data that stay with their provider, through the pages, Envoy and a browser: an API, a view, a file, and two gathered into one.

The provider's systems are real: an HTTP server and a PostgreSQL on this machine.
"""

from __future__ import annotations

import http.server
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import steps
from deciding import wait_until
from playwright.sync_api import BrowserContext, Page, expect
from provider_databases import PASSWORD, Door
from test_accessibility import faults

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

WARD = "見本区（架空）"
SECRET = "rain-gauge-key"
HALLS = "id,name,capacity\r\n11,公民館,50\r\n12,集会所,70\r\n"


class Site:
    """A provider's web server: an API that asks for a key and describes itself, and files."""

    def __init__(self) -> None:
        self.files = {"/halls.csv": HALLS, "/moved/halls.csv": HALLS + "13,新しい集会所,30\r\n"}
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                body, kind, status = site.files.get(path, ""), "text/csv", 200 if path in site.files else 404
                if path == "/openapi.json":
                    body, kind, status = json.dumps(site.openapi()), "application/json", 200
                elif path.startswith("/v1/stations"):
                    status = 200 if self.headers["x-gauge-key"] == SECRET else 401
                    body, kind = json.dumps({"stations": [{"id": 44132, "rain": 0.5}]}), "application/json"
                sent = body.encode() if status == 200 else b""
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: object, **__: object) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def openapi(self) -> dict[str, Any]:
        """Its own description."""
        got = {"responses": {"200": {"description": "ok"}}}
        scheme = {"gauge": {"type": "apiKey", "in": "header", "name": "x-gauge-key"}}
        return {
            "openapi": "3.0.3", "info": {"title": "雨量", "version": "1"}, "servers": [{"url": f"{self.url}/v1"}],
            "paths": {"/stations": {"get": {"summary": "観測所の一覧", **got}}}, "security": [{"gauge": []}],
            "components": {"securitySchemes": scheme},
        }  # fmt: skip

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The ward's web server."""
    made = Site()
    yield made
    made.close()


def begin(page: Page, url: str, link: str, title: str, slug: str) -> None:
    """Choose what to connect and describe it."""
    page.goto(f"{url}/provide")
    page.get_by_role("link", name=link, exact=True).click()
    page.wait_for_load_state()
    page.select_option("select[name=party]", label=WARD)
    page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true })")
    page.fill("[name=title_ja]", title)
    page.fill("[name=description_ja]", f"{title}のデータです。")
    page.check("[name=themes][value=safety]")
    page.select_option("[name=licence]", "CC-BY-4.0")
    page.check("[name=data_class][value=non_personal]")
    page.fill("[name=slug]", slug)
    steps.press(page, "下書きに保存して次へ")


def publish(page: Page, url: str, slug: str, preset: str, **terms: str) -> None:
    """Go on from a connection to its terms, and sign."""
    page.get_by_role("link", name="次へ：利用条件を決める").click()
    page.wait_for_load_state()
    steps.choose_terms(page, preset, **terms)
    steps.sign_and_publish(page, url, slug)


def call(platform: Platform, path: str, key: str) -> httpx.Response:
    """Call as a consumer's program does."""
    return httpx.get(f"{platform.url}{path}", headers={"x-api-key": key}, timeout=30)


def answers(platform: Platform, path: str, key: str) -> httpx.Response:
    """Call until the gateway knows what was just decided."""
    return wait_until(lambda: (got := call(platform, path, key)).status_code == 200 and got, 15)  # type: ignore[no-any-return]


def test_a_ward_connects_what_it_has_and_a_consumer_uses_all_of_it(
    local_platform: Platform, context: BrowserContext, browser_contexts: Callable[[], BrowserContext],
    site: Site, provider_postgres: Door,
) -> None:  # fmt: skip
    url, page = local_platform.url, context.new_page()
    local_platform.sign_in(page, "provider")

    begin(page, url, "APIをつなぐ", "区の雨量", "ward-rain")
    page.fill("[name=openapi_url]", f"{site.url}/openapi.json")
    steps.press(page, "取り込む")
    expect(page.get_by_label("使わせる操作")).to_have_value(re.compile("GET /stations"))
    page.fill("[name=secret]", "wrong")
    steps.press(page, "保存して試す")
    expect(page.get_by_text("APIが認証を認めませんでした")).to_be_visible()
    page.fill("[name=secret]", SECRET)
    time.sleep(2)
    steps.press(page, "保存して試す")
    expect(page.get_by_text("試した結果: 状態 200")).to_be_visible()
    publish(page, url, "ward-rain", "conditional", approval="automatic", quota_day="50")

    begin(page, url, "データベースのビューをつなぐ", "区の避難所", "ward-shelters")
    page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true })")
    page.fill("[name=host]", "localhost")
    page.fill("[name=port]", str(provider_postgres.port))
    page.fill("[name=database]", "city")
    page.fill("[name=relation]", "public.shelters")
    page.select_option("[name=tls]", "off")
    page.fill("[name=account]", "reader")
    page.fill("[name=secret]", PASSWORD)
    steps.press(page, "列を読み取る")
    expect(page.get_by_text("もう一度入力してください")).to_be_visible()
    found = page.input_value("[name=columns]").splitlines()
    assert "id, integer" in found
    page.fill("[name=columns]", "\n".join(line for line in found if line.split(",")[0] in ("id", "name", "capacity")))
    page.fill("[name=key_columns]", "id")
    page.fill("[name=secret]", PASSWORD)
    steps.press(page, "保存して試す")
    expect(page.get_by_text("試した結果: 読めました")).to_be_visible()
    publish(page, url, "ward-shelters", "open")

    begin(page, url, "アドレスにあるファイルを表としてつなぐ", "区の集会所", "ward-halls")
    page.fill("[name=url]", f"{site.url}/halls.csv")
    steps.press(page, "列を読み取る")
    assert "capacity, integer" in page.input_value("[name=columns]")
    page.fill("[name=key_columns]", "id")
    steps.press(page, "保存して試す")
    expect(page.get_by_text("試した結果: 読めました")).to_be_visible()
    publish(page, url, "ward-halls", "open")

    begin(page, url, "いくつかのデータを一つに集める（集約）", "区の集まれる場所", "ward-places")
    page.get_by_role("link", name="利用アプリを登録する").click()
    page.wait_for_load_state()
    assert page.locator("[name=owner] option:checked").inner_text() == WARD
    page.fill("main [name=name]", "集約")
    steps.press(page, "登録する")
    page.select_option("[name=application]", label="集約")
    page.fill("[name=parts]", "ward-shelters\nward-halls")
    steps.press(page, "列を読み取る")
    assert page.input_value("[name=columns]").splitlines()[:2] == ["id, integer", "name, string"]
    page.fill("[name=key_columns]", "id")
    steps.press(page, "保存する")
    publish(page, url, "ward-places", "conditional", approval="automatic")

    reader = browser_contexts().new_page()
    local_platform.sign_in(reader, "consumer")
    application = steps.register_application(reader, url, "集まれる場所の地図")
    key = steps.issue_key(reader, application, "本番")
    for slug in ("ward-rain", "ward-places"):
        steps.apply_for(reader, url, slug, "集まれる場所の地図")
    assert answers(local_platform, "/data/apis/ward-rain/stations", key).json()["stations"][0]["id"] == 44132
    assert call(local_platform, "/data/apis/ward-rain/others", key).status_code == 404
    shelters = answers(local_platform, "/data/collections/ward-shelters/items?f=json", key).json()
    assert [row["id"] for row in shelters["rows"]] == [1, 2, 3, 4]
    counted = call(local_platform, "/data/collections/ward-shelters/aggregate?measures=count,sum:capacity", key)
    assert counted.json()["rows"] == [{"count": 4, "sum:capacity": 500}]
    halls = answers(local_platform, "/data/collections/ward-halls/items?f=json", key).json()
    assert [row["name"] for row in halls["rows"]] == ["公民館", "集会所"]
    gathered = answers(local_platform, "/data/collections/ward-places/items?f=json", key)
    assert [row["id"] for row in gathered.json()["rows"]] == [1, 2, 3, 4, 11, 12]
    assert gathered.headers["tdpf-calls"] == "2"

    # A component dies: the others answer, and which one is missing is said.
    provider_postgres.shut()
    try:
        partial = wait_until(
            lambda: "tdpf-partial" in (got := call(local_platform, "/data/collections/ward-places/items?f=json", key)).headers and got
        )  # fmt: skip
    finally:
        provider_postgres.open()
    assert [row["id"] for row in partial.json()["rows"]] == [11, 12]
    assert [(one["collection"], one["status"]) for one in partial.json()["partial"]] == [("ward-shelters", 502)]

    # The file moves: nothing is given from the new place until the ward has signed for it, and the pages say so.
    page.goto(f"{url}/provide/ward-halls/tables/main")
    page.fill("[name=url]", f"{site.url}/moved/halls.csv")
    steps.press(page, "保存して試す")
    expect(page.get_by_text("いまは利用者に渡していません")).to_be_visible()
    wait_until(lambda: call(local_platform, "/data/collections/ward-halls/items", key).status_code == 404, 15)
    page.get_by_role("link", name="確かめて署名する").click()
    page.wait_for_load_state()
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    steps.press(page, "署名して渡しはじめる")
    moved = answers(local_platform, "/data/collections/ward-halls/items?f=json", key).json()
    assert [row["id"] for row in moved["rows"]] == [11, 12, 13]

    # Both sides see the calls.
    def calls(who: Page, address: str) -> int:
        who.goto(address)
        text = who.locator("#use").inner_text() if "/provide/" in address else who.locator("main").inner_text()
        return int(match[1]) if (match := re.search(r"(\d+)\s*回", text)) else 0

    wait_until(lambda: calls(page, f"{url}/provide/ward-rain") == 1, 30, every=0.5)
    wait_until(lambda: calls(page, f"{url}/provide/ward-places") >= 2, 30, every=0.5)

    wrong = [
        fault
        for path in (
            "/provide", "/provide/ward-rain/sources/main", "/provide/ward-shelters/tables/main", "/provide/ward-places/tables/main",
            "/provide/ward-halls", "/datasets/ward-places",
        )
        for fault in faults(page, url, path)
    ]  # fmt: skip
    assert not wrong, "\n".join(wrong)
