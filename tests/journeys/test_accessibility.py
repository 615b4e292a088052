"""Every page of the main job is free of what axe finds (WCAG 2.2 AA), at a desk and on a phone, and works by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # Best practices that a page was found without.
    "rules": {"landmark-unique": {"enabled": True}, "aria-allowed-role": {"enabled": True}},
}
WIDTHS = (1280, 390)
FOR_ALL = (
    "/", "/en/", "/search?q=トイレ", "/search?q=ないことば", "/datasets/sample-public-toilet", "/datasets/sample-shelter-status",
    "/en/datasets/sample-aed", "/publishers/mihon-ward", "/developers", "/help", "/problems", "/problems/gateway/no-key",
    "/policies", "/accessibility", "/status", "/demo/outbox", "/accounts/login/", "/accounts/signup/",
    "/accounts/password/reset/", "/datasets/nothing-here", "/datasets/komorebi-waste", "/datasets/sample-public-toilet/versions/1", "/datasets/komorebi-toilets/history",
    "/sites", "/sites/komorebi", "/data-requests", "/data-requests/ask", "/tools/prepare",
)  # fmt: skip
FOR_PROVIDERS = (
    "/home", "/home/profile", "/provide", "/provide/link", "/provide/sample-public-toilet",
    "/provide/sample-shelter-status?day=2026-01-01",
    "/provide/sample-public-toilet/metadata", "/provide/sample-public-toilet/terms", "/provide/sample-public-toilet/stop",
    "/provide?dataset=sample-shelter-status", "/requests", "/organizations/apply", "/accounts/2fa/", "/accounts/email/",
    "/accounts/sessions/", "/tools/prepare",
)  # fmt: skip
FOR_CONSUMERS = ("/home", "/applications", "/datasets/sample-shelter-status/apply")
FOR_OPERATORS = (
    "/operator", "/operator/organizations", "/operator/screenings", "/operator/suspensions", "/operator/audit",
    "/operator/settings", "/operator/breaches", "/operator/sites", "/operator/sites/komorebi", "/operator/listening",
    "/operator/synonyms", "/operator/synonyms?q=ごみ", "/operator/synonyms/new", "/operator/publishers", "/operator/links",
    "/operator/gateways",
)  # fmt: skip


def faults(page: Page, url: str, path: str) -> list[str]:
    """Return what is wrong with one page at both widths: axe's findings, and sideways scrolling on a phone."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{url}{path}")
        result = Axe().run(page, options=RULES)
        for violation in result.response["violations"]:
            where = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
            found.append(f"{path} at {width}: {violation['id']} ({violation['impact']}) {where}")
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 1:
            found.append(f"{path} at {width}: the page is {wide} px wider than the window")
    return found


def test_pages_for_everyone(platform: Platform, context: BrowserContext) -> None:
    """Pages that need no account."""
    page = context.new_page()
    found = [fault for path in FOR_ALL for fault in faults(page, platform.url, path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("who", "paths"), [("provider", FOR_PROVIDERS), ("consumer", FOR_CONSUMERS), ("operator", FOR_OPERATORS)]
)
def test_pages_of_members(platform: Platform, context: BrowserContext, who: str, paths: tuple[str, ...]) -> None:
    """Pages of those who provide, use and operate; also the application and agreement that the samples made."""
    page = context.new_page()
    platform.sign_in(page, who)
    more: list[str] = []
    if who == "consumer":
        for listing, part in (("/applications", "/applications/"), ("/home", "/agreements/")):
            page.goto(platform.url + listing)
            address = page.locator(f"main a[href*='{part}']").first.get_attribute("href") or ""
            more.append(address)
    found = [fault for path in (*paths, *more) for fault in faults(page, platform.url, path)]
    assert not found, "\n".join(found)


def test_search_and_sign_in_by_keyboard_alone(platform: Platform, context: BrowserContext) -> None:
    """Tab, typing and Enter lead from the first page to a dataset; the first stop skips to the content."""
    page = context.new_page()
    page.goto(platform.url)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('href')") == "#main"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.name") == "q":
            break
    page.keyboard.type("トイレ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    for _ in range(80):
        page.keyboard.press("Tab")
        if "/datasets/" in (page.evaluate("() => document.activeElement.getAttribute('href')") or ""):
            break
    visible = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert visible != "none", "the focus cannot be seen"
    page.keyboard.press("Enter")
    page.wait_for_url("**/datasets/*")


def test_without_javascript(platform: Platform, browser_contexts: Callable[..., BrowserContext]) -> None:
    """Searching, reading rows, signing in and the beginning of providing are plain HTML."""
    page = browser_contexts(java_script_enabled=False).new_page()
    page.goto(f"{platform.url}/search?q=トイレ")
    page.locator("a[href*='/datasets/sample-public-toilet']").first.click()
    assert page.locator("main table tbody tr").count() > 5
    platform.sign_in(page, "consumer")
    page.goto(f"{platform.url}/datasets/sample-shelter-status/apply")
    assert page.locator("main form [type=submit]").count() >= 1
