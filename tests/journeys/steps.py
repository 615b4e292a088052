"""What people do on the pages, as steps that journeys put together; found by the words people read."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tdpf.kit.home import Home


@dataclass(frozen=True)
class Description:
    """What a provider writes about a dataset."""

    title: str
    text: str
    slug: str
    theme: str = "welfare"


def press(page: Page, name: str) -> None:
    """Press the button with these words and wait for the next page."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state()


def hand_in(page: Page, url: str, file: Path, *, dataset: str = "", party: str = "") -> None:
    """Choose a file on the page "データをだす" and wait until it was read."""
    page.goto(f"{url}/provide" + (f"?dataset={dataset}" if dataset else ""))
    if party:
        page.select_option("select[name=party]", label=party)
    page.set_input_files("input[type=file]", str(file))
    press(page, "読み取る")
    page.get_by_role("link", name="この内容で次へ").or_(page.get_by_role("radio").first).first.wait_for(timeout=60_000)


def describe(page: Page, description: Description) -> None:
    """Fill in what the platform could not know and save the draft."""
    page.get_by_role("link", name="この内容で次へ").click()
    page.wait_for_load_state()
    page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true })")
    page.fill("[name=title_ja]", description.title)
    page.fill("[name=description_ja]", description.text)
    page.check(f"[name=themes][value={description.theme}]")
    page.select_option("[name=licence]", "CC-BY-4.0")
    page.check("[name=data_class][value=non_personal]")
    page.fill("[name=slug]", description.slug)
    press(page, "下書きに保存して次へ")
    page.wait_for_url("**/terms*")


def choose_terms(page: Page, preset: str, **fields: str) -> None:
    """Take a preset and change single fields of it."""
    page.goto(re.sub(r"\?.*", "", page.url) + f"?preset={preset}")
    page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true })")
    for name, value in fields.items():
        field = page.locator(f"[name={name}]").first
        if field.get_attribute("type") in ("radio", "checkbox"):
            page.check(f"[name={name}][value='{value}']")
        elif field.evaluate("node => node.tagName") == "SELECT":
            page.select_option(f"[name={name}]", value)
        else:
            page.fill(f"[name={name}]", value)
    press(page, "この条件にする")


def sign_and_publish(page: Page, url: str, slug: str) -> None:
    """Sign the warranty and publish."""
    page.goto(f"{url}/provide/{slug}/publish")
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    press(page, "署名して公開する")
    page.wait_for_url("**/done")


def new_version(page: Page, url: str, slug: str, file: Path) -> None:
    """Hand in a newer file of a published dataset, sign, and let it in."""
    hand_in(page, url, file, dataset=slug)
    page.get_by_role("link", name="この内容で次へ").click()
    page.wait_for_load_state()
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    press(page, "署名してこの版を出す")
    page.wait_for_url(f"**/provide/{slug}*")


def register_application(page: Page, url: str, name: str) -> str:
    """Register a program and return the address of its page."""
    page.goto(f"{url}/applications")
    page.locator("main [name=name]").last.fill(name)
    page.locator("main [name=description]").last.fill("検査のための利用アプリです。")
    press(page, "登録する")
    if "/applications/" not in page.url:
        page.get_by_role("link", name=name).first.click()
        page.wait_for_load_state()
    return page.url


def issue_key(page: Page, application: str, name: str) -> str:
    """Issue a key on an application's page and return it; it is shown only now."""
    page.goto(application)
    form = page.locator("form[action$='/keys']")
    page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true })")
    form.locator("[name=key-name]").fill(name)
    form.get_by_role("button", name="発行する").click()
    page.wait_for_load_state()
    return page.locator("#new-key").inner_text().strip()


def apply_for(page: Page, url: str, slug: str, application: str) -> str:
    """Apply for a conditional dataset with a purpose and return the address the request leads to."""
    page.goto(f"{url}/datasets/{slug}/apply")
    page.get_by_role("radio", name=application).check()
    page.locator("select[name=purpose]").select_option(index=1)
    page.fill("[name=purpose_statement]", "近くの空いている避難所を住民に案内するアプリに使います。")
    page.fill("[name=information_management]", "担当者だけが見られる場所に置き、使い終わったら消します。")
    page.check("[name=agree]")
    press(page, "申し込む")
    return page.url


def letters(home: Home, to: str) -> list[str]:
    """Return the texts of the mails to an address, oldest first."""
    found = []
    for file in sorted(home.root.rglob("*.log"), key=lambda path: path.stat().st_mtime):
        if "mail" not in str(file):
            continue
        for part in file.read_bytes().split(b"-" * 79):
            message = email.message_from_bytes(part.strip() + b"\n", policy=email.policy.default)
            if to in str(message["To"] or ""):
                body = message.get_body(("plain",))
                found.append(str(body.get_content()) if body is not None else "")
    return found
